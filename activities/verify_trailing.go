package activities

import (
	"context"
	"slices"
	"strings"
	"time"

	"latchkey/casework"
	"latchkey/contract"
	"latchkey/identity"
)

const (
	trailTries = 5               // looks at what a read may not show yet (okta-api.md §10.6)
	trailPause = 2 * time.Second // between two of them
)

// untilItTrailsNot repeats a look while what it saw contradicts a write that Okta has answered: reads may trail behind
// writes, so nothing is called missing or left before it has been looked at a few times. look says whether what it saw
// trails.
func untilItTrailsNot(ctx context.Context, look func() (trails bool, err error)) error {
	for try := 1; ; try++ {
		trails, err := look()
		if err != nil || !trails || try == trailTries {
			return err
		}
		if err := beat(ctx, try); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(trailPause):
		}
	}
}

// trails says whether something that this case took away, and that Okta said is done, still shows.
func (v *leaverProof) trails() bool {
	return slices.ContainsFunc(v.in.Done, func(d contract.Done) bool { return v.worked(d.Change.ID) && v.shows(d.Change) })
}

// shows says whether Okta shows the state from before a change.
func (v *leaverProof) shows(c casework.Change) bool {
	access := v.held.access
	switch c.Verb {
	case casework.VerbSuspend:
		return access.Person.Status.CanSignIn()
	case casework.VerbDeactivate:
		return access.Person.Status != identity.StatusDeprovisioned
	case casework.VerbResetFactors:
		return len(access.Factors) > 0
	case casework.VerbClearAttributes:
		for name := range strings.SplitSeq(c.Object.Name, ",") {
			if value := access.Person.Attributes[name]; value != nil && value != "" {
				return true
			}
		}
		return false
	case casework.VerbRemoveMember, casework.VerbUnassignApp, casework.VerbRevokeRole:
		_, held := access.Holds(c.Object)
		return held
	case casework.VerbUnsuspend, casework.VerbEndSessions, casework.VerbAddMember, casework.VerbAssignApp, casework.VerbCreateAccount,
		casework.VerbActivate, casework.VerbMailActivation, casework.VerbUpdateProfile, casework.VerbResetPassword, casework.VerbUnlock, casework.VerbReactivate, casework.VerbResetFactor:
	}
	return false
}
