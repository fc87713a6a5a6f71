package activities

import (
	"context"
	"fmt"

	"latchkey/casework"
	"latchkey/contract"
	"latchkey/identity"
	"latchkey/policy"
)

// stillGiven says what else gives a person what a time-bound grant is about to take: birthright by policy, or a group
// rule. A plan looks at that before it removes by name, and this one was made long before its end: the person may have
// moved meanwhile. What a break-glass gave stays with whoever holds it by an approval of its own. nil when nothing else
// gives it.
func (a *applier) stillGiven(ctx context.Context) (*contract.ApplyResult, error) {
	change := a.in.Change
	ends := a.in.Unit == contract.UnitGrant || a.in.BreakGlass
	if !ends || change.Verb != casework.VerbRemoveMember && change.Verb != casework.VerbUnassignApp {
		return nil, nil //nolint:nilnil // it is no end of a grant
	}
	if a.in.BreakGlass {
		if other, err := a.otherClaim(ctx); err != nil || other != nil {
			return other, err
		}
	}
	rights, err := a.guards.policy.Birthright(policy.PersonFacts{Person: a.guards.person, Active: true})
	if err != nil { // what is missing from the list may not be taken away
		return nil, problemf(casework.Invalid, "birthright.yaml cannot be evaluated for this person, so nothing is taken away: %v", err)
	}
	for _, right := range rights {
		if sameThing(right.Entitlement, change.Object) {
			return stays("birthright gives it by now: %s (rule %q)", right.Reason, right.Rule), nil
		}
	}
	if change.Verb != casework.VerbRemoveMember {
		return nil, nil //nolint:nilnil // an assignment by name is no rule's
	}
	held, err := a.okta.readWanted(ctx, a.guards.person, []identity.Entitlement{change.Object})
	if err != nil {
		return nil, err
	}
	if grant, ok := held.access.Holds(change.Object); ok && grant.Origin == identity.OriginGroupRule {
		// Whoever a rule's member is removed by name is struck off the rule for good (okta-api.md §4.1).
		return stays("it is held %s by now", casework.How(grant)), nil
	}
	return nil, nil //nolint:nilnil // nothing else gives it
}

// otherClaim says which other ticket holds what a break-glass gave, by an approval of its own.
func (a *applier) otherClaim(ctx context.Context) (*contract.ApplyResult, error) {
	state, stands, err := a.okta.Cluster.Grant(ctx, a.guards.person.OktaUserID, a.in.Change.Object)
	if err != nil || !stands {
		return nil, err
	}
	for _, c := range state.Claims {
		if c.Ticket != a.in.Ticket && (c.Permanent() || c.Until.After(a.guards.now)) {
			return stays("%s holds it by an approval of its own", contract.TicketLabel(c.Ticket)), nil
		}
	}
	return nil, nil //nolint:nilnil // nobody else claims it
}

// sameThing says whether an entry of policy, which may have a name only, means an entitlement of Okta's.
func sameThing(entry, object identity.Entitlement) bool {
	if entry.Kind != object.Kind {
		return false
	}
	if entry.ID != "" {
		return entry.ID == object.ID
	}
	return entry.Name == object.Name
}

func stays(format string, args ...any) *contract.ApplyResult {
	return &contract.ApplyResult{Outcome: contract.OutcomeStale, Detail: fmt.Sprintf(format, args...)}
}
