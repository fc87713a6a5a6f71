package activities

import (
	"context"
	"fmt"
	"strings"
	"time"

	"latchkey/casework"
	"latchkey/clients/okta"
	"latchkey/contract"
	"latchkey/identity"
)

// verifyReset proves each change of a credential reset from Okta: by the state where Okta shows it, by the event of the
// System Log where it does not. Both may trail behind a write, so it looks a few times.
func (o *Okta) verifyReset(ctx context.Context, in contract.VerifyInput) (result contract.VerifyResult, held holdings, err error) {
	err = untilItTrailsNot(ctx, func() (bool, error) {
		v := resetProof{okta: o, in: in}
		if err := v.read(ctx); err != nil {
			return false, err
		}
		if err := v.prove(ctx); err != nil {
			return false, err
		}
		result, held = v.result, holdings{access: v.access}
		return len(v.result.Residuals) > 0 && v.found, nil
	})
	return result, held, err
}

type resetProof struct {
	okta    *Okta
	in      contract.VerifyInput
	found   bool
	access  identity.Access
	factors []okta.Factor
	result  contract.VerifyResult
}

// read reads the account, and its authenticators where the plan is about them.
func (v *resetProof) read(ctx context.Context) error {
	id := v.in.Plan.Person.OktaUserID
	v.access = identity.Access{ReadAt: v.okta.now()}
	user, err := v.okta.Client.GetUser(ctx, id)
	if goneFromOkta(err) {
		return nil
	}
	if err != nil {
		return err
	}
	v.found, v.access.Person = true, personOf(user)
	v.result.Status = v.access.Person.Status
	for _, c := range v.in.Plan.Changes {
		if c.Object.Kind != identity.KindFactor {
			continue
		}
		if v.factors, err = v.okta.Client.ListFactors(ctx, id); err != nil {
			return err
		}
		for _, f := range v.factors {
			v.access.Factors = append(v.access.Factors, identity.Grant{Entitlement: factorEntitlement(f), Origin: identity.OriginDirect, Status: f.Status})
		}
		sortGrants(v.access.Factors)
		break
	}
	return nil
}

func (v *resetProof) prove(ctx context.Context) error {
	for _, c := range v.in.Plan.Changes {
		done, did := v.outcome(c.ID)
		if !did || stopped(done.Outcome) {
			v.differs(c, resetWhat(c), "not done"+colon(done.Detail))
			continue
		}
		if !v.found {
			v.differs(c, resetWhat(c), "the account no longer exists")
			continue
		}
		if err := v.change(ctx, c, done); err != nil {
			return err
		}
	}
	return nil
}

func (v *resetProof) outcome(id string) (contract.Done, bool) {
	for _, d := range v.in.Done {
		if d.Change.ID == id {
			return d, true
		}
	}
	return contract.Done{}, false
}

// change proves one change that was carried out.
func (v *resetProof) change(ctx context.Context, c casework.Change, done contract.Done) error {
	what, status := resetWhat(c), v.access.Person.Status
	switch c.Verb {
	case casework.VerbResetPassword:
		return v.event(ctx, c, eventPasswordReset, what, fmt.Sprintf("the account is %s", status))
	case casework.VerbReactivate:
		if status == identity.StatusActive {
			v.proved(what, "the account is ACTIVE: the person has finished it")
			return nil
		}
		return v.event(ctx, c, eventReactivate, what, fmt.Sprintf("the account is %s", status))
	case casework.VerbUnlock:
		if status == identity.StatusLockedOut {
			v.differs(c, what, "the account is LOCKED_OUT; it may have been locked again meanwhile")
		} else {
			v.proved(what, fmt.Sprintf("the account is %s", status))
		}
	case casework.VerbEndSessions:
		return v.event(ctx, c, eventSessionClear, what, "")
	case casework.VerbResetFactor, casework.VerbResetFactors:
		if old := v.standing(c, done.At); len(old) > 0 {
			v.differs(c, what, "still enrolled: "+strings.Join(old, ", "))
			return nil
		}
		v.proved(what, "not enrolled any more"+v.enrolledSince(done.At))
	case casework.VerbSuspend, casework.VerbUnsuspend, casework.VerbDeactivate, casework.VerbRevokeRole, casework.VerbClearAttributes,
		casework.VerbRemoveMember, casework.VerbAddMember, casework.VerbUnassignApp, casework.VerbAssignApp, casework.VerbCreateAccount,
		casework.VerbActivate, casework.VerbUpdateProfile: // no reset plans these
		v.differs(c, what, "there is no proof for "+string(c.Verb))
	}
	return nil
}

// standing lists authenticators that the change should have removed. What was enrolled after it is the person's new one.
func (v *resetProof) standing(c casework.Change, at time.Time) []string {
	var old []string
	for _, f := range v.factors {
		switch {
		case c.Verb == casework.VerbResetFactor && f.ID != c.Object.ID:
		case c.Verb == casework.VerbResetFactors && f.Created.After(at.Add(-logSkew)) && !f.Created.Before(v.in.Since.Truncate(time.Second)):
		default:
			old = append(old, factorEntitlement(f).Name)
		}
	}
	return old
}

func (v *resetProof) enrolledSince(at time.Time) string {
	for _, f := range v.factors {
		if f.Status == "ACTIVE" && !f.Created.Before(at.Truncate(time.Second)) {
			return "; enrolled anew: " + factorEntitlement(f).Name
		}
	}
	return ""
}

// event proves a change by the System Log.
func (v *resetProof) event(ctx context.Context, c casework.Change, eventType, what, state string) error {
	since := v.in.Since
	if since.IsZero() {
		since = v.okta.now().Add(-time.Hour)
	}
	event, found, err := v.okta.loggedByUs(ctx, eventType, v.in.Plan.Person.OktaUserID, since.Add(-logSkew))
	if err != nil {
		return err
	}
	if !found {
		v.differs(c, what, "the System Log shows no "+eventType)
		return nil
	}
	saw := "System Log event " + event.UUID + " of " + event.Published.UTC().Format(time.RFC3339)
	if state != "" {
		saw += "; " + state
	}
	v.proved(what, saw)
	return nil
}

// resetWhat is what a change should have brought about.
func resetWhat(c casework.Change) string {
	switch c.Verb {
	case casework.VerbResetPassword:
		return "the old password is void, and Okta mailed a link for a new one"
	case casework.VerbReactivate:
		return "Okta mailed the activation link again"
	case casework.VerbUnlock:
		return "the account is not locked"
	case casework.VerbEndSessions:
		return "sessions and tokens were ended"
	case casework.VerbResetFactor:
		return "the authenticator " + c.Object.Name + " is gone"
	case casework.VerbResetFactors:
		return "the authenticators from before are gone"
	case casework.VerbSuspend, casework.VerbUnsuspend, casework.VerbDeactivate, casework.VerbRevokeRole, casework.VerbClearAttributes,
		casework.VerbRemoveMember, casework.VerbAddMember, casework.VerbUnassignApp, casework.VerbAssignApp, casework.VerbCreateAccount,
		casework.VerbActivate, casework.VerbUpdateProfile: // no reset plans these
	}
	return string(c.Verb) + " " + c.Object.Label()
}

func (v *resetProof) proved(what, saw string) {
	v.result.Proofs = append(v.result.Proofs, contract.Proof{What: what, Proved: true, Saw: saw})
}

func (v *resetProof) differs(c casework.Change, what, saw string) {
	v.result.Proofs = append(v.result.Proofs, contract.Proof{What: what, Saw: saw})
	v.result.Residuals = append(v.result.Residuals, casework.Residual{
		Object: c.Object, Why: "expected that " + what + ", and reading back shows: " + saw,
		Owner: v.okta.ownerOf(identity.Grant{Entitlement: c.Object, Origin: identity.OriginDirect}),
	})
}
