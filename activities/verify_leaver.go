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
	"latchkey/policy"
)

// leaverProof compares what a leaver's plan expects with what Okta shows now.
type leaverProof struct {
	okta   *Okta
	in     contract.VerifyInput
	held   holdings
	policy *policy.Policy
	rules  policy.OffboardingPolicy
	result contract.VerifyResult
}

func (v *leaverProof) prove(ctx context.Context) error {
	v.result.Status = v.held.access.Person.Status
	v.account()
	if err := v.sessions(ctx); err != nil {
		return err
	}
	v.factors()
	v.profile()
	for _, g := range slices.Concat(v.held.access.Roles, v.held.access.Groups, v.held.access.Apps) {
		v.standing(g)
	}
	v.taken()
	v.effects()
	v.exclusions()
	return nil
}

func (v *leaverProof) proof(proved bool, what, format string, args ...any) {
	v.result.Proofs = append(v.result.Proofs, contract.Proof{What: what, Proved: proved, Saw: fmt.Sprintf(format, args...)})
}

func (v *leaverProof) left(g identity.Grant, expected bool, owner, format string, args ...any) {
	if owner == "" {
		owner = v.okta.ownerOf(g)
	}
	v.result.Residuals = append(v.result.Residuals, casework.Residual{
		Object: g.Entitlement, Why: fmt.Sprintf(format, args...), Owner: owner, Expected: expected,
	})
}

// account proves the end: deactivated where the plan deactivates, shut in any case.
func (v *leaverProof) account() {
	status := v.held.access.Person.Status
	object := identity.Entitlement{Kind: identity.KindAccount, ID: v.in.Plan.Person.OktaUserID, Name: v.in.Plan.Person.DisplayName()}
	v.proof(!status.CanSignIn(), "nobody can sign in with the account", "status %s", status)
	if status.CanSignIn() {
		v.left(identity.Grant{Entitlement: object}, false, "", "the account is %s, so the person can sign in%s", status, v.detail(object))
		return
	}
	deactivates := slices.ContainsFunc(v.in.Plan.Changes, func(c casework.Change) bool { return c.Verb == casework.VerbDeactivate })
	switch {
	case deactivates || v.in.Plan.Person.Status == identity.StatusDeprovisioned:
		v.proof(status == identity.StatusDeprovisioned, "the account is deactivated", "status %s", status)
		if status != identity.StatusDeprovisioned {
			v.left(identity.Grant{Entitlement: object}, false, "", "the account is %s and not deactivated%s", status, v.detail(object))
		}
	case status == identity.StatusSuspended:
		if k, ok := v.keptBy(object); ok {
			v.left(identity.Grant{Entitlement: object}, true, k.Who, "suspended and not deactivated: %s", k.Why)
		}
	}
}

// sessions proves that sessions and tokens were ended. Okta does not list them; the proof is the event in the System
// Log after the door was shut, when no new session could begin.
func (v *leaverProof) sessions(ctx context.Context) error {
	planned, ok := v.change(casework.VerbEndSessions)
	if !ok {
		return nil
	}
	what := "sessions and OAuth tokens were ended"
	var event okta.LogEvent
	found := false
	if since := v.doorAt(); !since.IsZero() {
		var err error
		if event, found, err = v.okta.logged(ctx, eventSessionClear, v.in.Plan.Person.OktaUserID, since.Add(-logSkew)); err != nil {
			return err
		}
	}
	grant := identity.Grant{Entitlement: planned.Object, Origin: identity.OriginDirect, Status: "not in the System Log yet"}
	switch {
	case found:
		v.proof(true, what, "System Log event %s of %s", event.UUID, event.Published.UTC().Format(time.RFC3339))
	case v.worked(planned.ID): // the log trails behind: look again
		v.proof(false, what, "the System Log shows no %s since the door was shut", eventSessionClear)
		v.result.Unsettled = append(v.result.Unsettled, grant)
	default:
		v.proof(false, what, "the System Log shows no %s since the door was shut", eventSessionClear)
		v.left(grant, false, "", "sessions and tokens may live on%s", v.detail(planned.Object))
	}
	return nil
}

// doorAt is when the first change of the case was done.
func (v *leaverProof) doorAt() time.Time {
	var first time.Time
	for _, d := range v.in.Done {
		if first.IsZero() || d.At.Before(first) {
			first = d.At
		}
	}
	return first
}

func (v *leaverProof) factors() {
	planned, ok := v.change(casework.VerbResetFactors)
	if !ok {
		return
	}
	names := make([]string, 0, len(v.held.access.Factors))
	for _, f := range v.held.access.Factors {
		names = append(names, f.Entitlement.Name)
	}
	if len(names) == 0 {
		v.proof(true, "no authenticator is enrolled", "none that Latchkey can see")
		return
	}
	v.proof(false, "no authenticator is enrolled", "%s", strings.Join(names, ", "))
	v.left(identity.Grant{Entitlement: planned.Object}, false, "", "still enrolled: %s%s", strings.Join(names, ", "), v.detail(planned.Object))
}

func (v *leaverProof) profile() {
	planned, ok := v.change(casework.VerbClearAttributes)
	if !ok {
		return
	}
	var set []string
	for name := range strings.SplitSeq(planned.Object.Name, ",") {
		if value := v.held.access.Person.Attributes[name]; value != nil && value != "" {
			set = append(set, name)
		}
	}
	what := "the attributes that group rules look at are empty"
	if len(set) == 0 {
		v.proof(true, what, "%s are empty", planned.Object.Name)
		return
	}
	v.proof(false, what, "still set: %s", strings.Join(set, ", "))
	v.left(identity.Grant{Entitlement: planned.Object}, false, "", "still set: %s%s", strings.Join(set, ", "), v.detail(planned.Object))
}

// taken proves each removal of the plan that is no longer there.
func (v *leaverProof) taken() {
	for _, c := range v.in.Plan.Changes {
		switch c.Verb {
		case casework.VerbRemoveMember, casework.VerbUnassignApp, casework.VerbRevokeRole:
			v.goneOrNot(c.Object, "")
		case casework.VerbSuspend, casework.VerbUnsuspend, casework.VerbDeactivate, casework.VerbEndSessions,
			casework.VerbResetFactors, casework.VerbClearAttributes, casework.VerbAddMember, casework.VerbAssignApp,
			casework.VerbCreateAccount, casework.VerbActivate, casework.VerbMailActivation, casework.VerbUpdateProfile, casework.VerbResetPassword, casework.VerbUnlock, casework.VerbReactivate, casework.VerbResetFactor:
		}
	}
}

// effects proves what the plan said would go by itself.
func (v *leaverProof) effects() {
	for _, e := range v.in.Plan.Effects {
		v.goneOrNot(e.Object, " ("+e.Because+")")
	}
}

func (v *leaverProof) goneOrNot(object identity.Entitlement, because string) {
	what := object.Label() + " is gone" + because
	if g, held := v.held.access.Holds(object); held {
		v.proof(false, what, "held %s", casework.How(g))
		return
	}
	v.proof(true, what, "not held")
}

// exclusions lists the rules that pass the person over for a group of this plan: a rehire has to look for them.
func (v *leaverProof) exclusions() {
	ours := map[string]string{}
	for _, c := range v.in.Plan.Changes {
		if c.Object.Kind == identity.KindGroup {
			ours[c.Object.ID] = c.Object.Name
		}
	}
	for _, e := range v.in.Plan.Effects {
		if e.Object.Kind == identity.KindGroup {
			ours[e.Object.ID] = e.Object.Name
		}
	}
	for _, r := range v.held.rules {
		if !excludes(r, v.in.Plan.Person.OktaUserID) {
			continue
		}
		for _, id := range r.GroupIDs {
			if name, ok := ours[id]; ok {
				v.result.Exclusions = append(v.result.Exclusions, contract.RuleExclusion{
					Rule: identity.Ref{ID: r.ID, Name: r.Name}, Group: identity.Ref{ID: id, Name: name},
				})
			}
		}
	}
}

func excludes(r okta.GroupRule, userID string) bool {
	return slices.Contains(r.ExcludedUserIDs, userID)
}
