package activities

import (
	"context"
	"slices"
	"strings"
	"time"

	"latchkey/casework"
	"latchkey/clients/okta"
	"latchkey/contract"
)

// resetApproved makes sure that a credential reset has the approvals that no route of policy can take away, from what
// Okta and policy say now: an account that became privileged since the plan is planned again.
func (g *guards) resetApproved(ctx context.Context, _ contract.Controls) (*contract.ApplyResult, error) {
	if g.in.UseCase != casework.CredentialReset {
		return nil, nil // no stop
	}
	terms := g.in.Reset
	if terms == nil || terms.Asker == "" {
		return g.refuse(contract.GuardApproval, "the plan does not say who asked"), nil
	}
	if terms.Manager != "" && len(g.in.Deciders) == 0 {
		return g.refuse(contract.GuardApproval, "the person's manager has to approve (%s), and nobody has", terms.Manager), nil
	}
	if stop, err := g.askerStill(ctx, *terms); stop != nil || err != nil {
		return stop, err
	}
	why, err := g.okta.privileged(ctx, g.policy, g.person.OktaUserID)
	if err != nil || why == "" {
		return nil, err
	}
	if terms.Privileged == "" {
		return &contract.ApplyResult{Outcome: contract.OutcomeStale, Guard: contract.GuardApproval, At: g.now, Detail: "the account became privileged since the plan: " + why}, nil
	}
	named, need := g.policy.PrivilegedApprovers()
	var approved []string
	for _, d := range g.in.Deciders {
		d = strings.ToLower(d)
		if !slices.Contains(approved, d) && slices.ContainsFunc(named, func(n string) bool { return strings.EqualFold(n, d) }) {
			approved = append(approved, d)
		}
	}
	if need = max(need, 2); len(approved) < need {
		return g.refuse(contract.GuardApproval, "the account is privileged (%s), and %d of %d approvals by the people that policy names are in", why, len(approved), need), nil
	}
	return nil, nil // no stop
}

// askerStill refuses what somebody asked for another person who may no longer sign in themselves.
func (g *guards) askerStill(ctx context.Context, terms casework.ResetTerms) (*contract.ApplyResult, error) {
	if !terms.ForSomebodyElse(g.person.OktaUserID) {
		return nil, nil // no stop
	}
	asker, err := g.okta.Client.GetUser(ctx, terms.Asker)
	switch {
	case goneFromOkta(err):
		return g.refuse(contract.GuardApproval, "the account of whoever asked no longer exists"), nil
	case err != nil:
		return nil, err
	case asker.Status != okta.Active:
		return g.refuse(contract.GuardApproval, "the account of whoever asked is %s meanwhile", asker.Status), nil
	}
	return nil, nil // no stop
}

// resetFirewall asks the books of the account's owner and of whoever asked, and writes the reset into both. It comes
// last: what another guard stops is not counted. What was let through for this ticket before is let through again.
func (g *guards) resetFirewall(ctx context.Context, _ contract.Controls) (*contract.ApplyResult, error) {
	if g.in.UseCase != casework.CredentialReset {
		return nil, nil // no stop
	}
	rules, terms := g.policy.Credentials(), g.in.Reset
	mark := casework.ResetMark{Ticket: g.in.Ticket, Run: g.in.Run, Kinds: terms.Kinds, At: g.now}
	unasked := func() *contract.ApplyResult {
		return g.hold(contract.GuardReset, time.Time{}, "the counters of earlier resets could not be asked, so nothing is changed; they are asked again")
	}
	// The requester's books are looked at before the owner's are written.
	asker := mark
	asker.Role = casework.ResetRequester
	turns, err := g.okta.Cluster.Turns(ctx, terms.Asker)
	if err != nil {
		return unasked(), nil //nolint:nilerr // a guard that cannot be asked holds
	}
	if v := casework.JudgeReset(turns.Resets, asker, rules.Requester); !v.Admitted {
		return g.refuseUntil(v), nil
	}
	for _, ask := range []struct {
		userID string
		role   casework.ResetRole
		limits casework.ResetLimits
	}{
		{g.person.OktaUserID, casework.ResetTarget, rules.Target},
		{terms.Asker, casework.ResetRequester, rules.Requester},
	} {
		mark.Role = ask.role
		v, err := g.okta.Cluster.AdmitReset(ctx, ask.userID, contract.ResetRequest{Mark: mark, Limits: ask.limits})
		if err != nil {
			return unasked(), nil //nolint:nilerr // a guard that cannot be asked holds
		}
		if !v.Admitted {
			return g.refuseUntil(v), nil
		}
	}
	return nil, nil // no stop
}

func (g *guards) refuseUntil(v casework.ResetVerdict) *contract.ApplyResult {
	stop := g.refuse(contract.GuardReset, "%s", casework.RefusedWords(v))
	stop.Until = v.RetryAt
	return stop
}
