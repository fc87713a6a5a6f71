package activities

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"latchkey/casework"
	"latchkey/clients/okta"
	"latchkey/contract"
	"latchkey/identity"
)

// suspend shuts the door. A person must never be able to sign in while the rest is removed, so an account that Okta no
// longer suspends (the status moved since the plan) is deactivated at once, unless a legal hold or a missing approval
// forbids what cannot be taken back.
func (a *applier) suspend(ctx context.Context) (contract.ApplyResult, error) {
	for range 2 {
		status := identity.UserStatus(a.user.Status)
		switch {
		case !status.CanSignIn():
			return already("the account is %s", status), nil
		case !status.Suspendable():
			return a.deactivateInstead(ctx, status)
		}
		err := a.okta.Client.Suspend(ctx, a.user.ID)
		if err == nil {
			return done(), nil
		}
		if !okta.NotActive(err) {
			return contract.ApplyResult{}, err
		}
		if earlier, found, err := a.earlier(ctx, eventSuspend); err != nil || found {
			return earlier, err
		}
		// The status moved between the read and the write: look again.
		if a.user, err = a.okta.Client.GetUser(ctx, a.user.ID); err != nil {
			return contract.ApplyResult{}, err
		}
	}
	return contract.ApplyResult{}, problemf(casework.Unavailable,
		"Okta shows the account as %s and refuses to suspend it as if it were not; one of both trails behind", a.user.Status)
}

func (a *applier) deactivateInstead(ctx context.Context, status identity.UserStatus) (contract.ApplyResult, error) {
	g := a.guards
	if a.in.Emergency && len(a.in.Deciders) == 0 {
		return *g.hold(contract.GuardEmergency, time.Time{}, "the account is %s, which Okta does not suspend, and deactivating waits for the approval", status), nil
	}
	if k, ok := g.policy.LegalHold(g.person, g.now); ok {
		return *g.hold(contract.GuardHold, k.Until, "the account is %s, which Okta does not suspend, and a legal hold forbids deactivating: %s%s%s",
			status, k.Why, decidedBy(k.Who), untilWords(k.Until)), nil
	}
	result, err := a.deactivate(ctx)
	if err == nil && result.Outcome == contract.OutcomeDone {
		result.Detail = fmt.Sprintf("the account was %s, which Okta does not suspend, so it was deactivated at once", status)
	}
	return result, err
}

func (a *applier) unsuspend(ctx context.Context) (contract.ApplyResult, error) {
	switch {
	case a.user.Status == okta.Deprovisioned:
		return leftOver("the account was deactivated meanwhile; reactivating it is a decision of its own"), nil
	case a.user.Status != okta.Suspended:
		return already("the account is %s", a.user.Status), nil
	}
	err := a.okta.Client.Unsuspend(ctx, a.user.ID)
	if okta.NotActive(err) {
		if earlier, found, err := a.earlier(ctx, eventUnsuspend); err != nil || found {
			return earlier, err
		}
	}
	return wrote(err)
}

func (a *applier) deactivate(ctx context.Context) (contract.ApplyResult, error) {
	if a.user.Status == okta.Deprovisioned {
		return already("the account is %s", a.user.Status), nil
	}
	if a.user.Transitioning == okta.Deprovisioned {
		return already("Okta is deactivating the account"), nil
	}
	if a.in.UseCase == casework.Onboarding && a.in.Undo && a.user.Status != okta.Staged { // only what nobody can use is taken back
		return leftOver(fmt.Sprintf("the account is %s meanwhile, so somebody else opened it; file an offboarding if it has to go", a.user.Status)), nil
	}
	err := a.okta.Client.Deactivate(ctx, a.user.ID, false)
	if err == nil || kindOf(err).Retried() {
		return wrote(err)
	}
	// What Okta answers for an account that is deactivated already is not documented (okta-api.md §3.4): ask it.
	if fresh, readErr := a.okta.Client.GetUser(ctx, a.user.ID); readErr == nil && fresh.Status == okta.Deprovisioned {
		return already("the account is %s", fresh.Status), nil
	}
	if earlier, found, logErr := a.earlier(ctx, eventDeactivate); logErr != nil || found {
		return earlier, logErr
	}
	return contract.ApplyResult{}, err
}

func (a *applier) revokeRole(ctx context.Context) (contract.ApplyResult, error) {
	roles, err := a.okta.Client.ListAdminRoles(ctx, a.user.ID)
	if err != nil {
		return contract.ApplyResult{}, err
	}
	if !slices.ContainsFunc(roles, func(r okta.Role) bool { return r.ID == a.object() }) {
		return already("the role is not assigned"), nil
	}
	if err := a.okta.Client.RevokeAdminRole(ctx, a.user.ID, a.object()); err != nil && !goneFromOkta(err) {
		return contract.ApplyResult{}, err
	}
	return done(), nil
}

// clearAttributes empties what still holds something. Okta may take such a write on a deactivated account and ignore it
// (okta-api.md §3.5), so the answer is looked at.
func (a *applier) clearAttributes(ctx context.Context) (contract.ApplyResult, error) {
	emptied := map[string]any{}
	for name := range strings.SplitSeq(a.in.Change.Object.Name, ",") {
		if name = strings.TrimSpace(name); name != "" && a.user.Attr(name) != "" {
			emptied[name] = nil
		}
	}
	if len(emptied) == 0 {
		return already("they are empty"), nil
	}
	after, err := a.okta.Client.UpdateProfile(ctx, a.user.ID, emptied)
	switch {
	case okta.MasteredElsewhere(err):
		return leftOver("another system masters the profile; it has to be cleared there"), nil
	case err != nil && a.user.Status == okta.Deprovisioned && !kindOf(err).Retried():
		return leftOver("Okta does not edit the profile of a deactivated account"), nil
	case err != nil:
		return contract.ApplyResult{}, err
	}
	var standing []string
	for name := range emptied {
		if after.Attr(name) != "" {
			standing = append(standing, name)
		}
	}
	if len(standing) > 0 {
		slices.Sort(standing)
		return leftOver("Okta took the change and kept " + strings.Join(standing, ", ")), nil
	}
	return done(), nil
}
