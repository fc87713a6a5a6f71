package activities_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"latchkey/approval"
	"latchkey/casework"
	"latchkey/clients/freshservice"
	"latchkey/contract"
	"latchkey/examples/acme"
)

func emails(people []approval.Approver) []string {
	var list []string
	for _, p := range people {
		list = append(list, p.Email)
	}
	return list
}

func TestRouteApprovalPutsPeopleIntoTheChain(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	r := w.routeOne(t, "Salesforce access", acme.Ben)

	chain := r.unit.Chain
	require.Equal(t, approval.ModeLevels, chain.Mode)
	require.Contains(t, chain.Reason, "standard")
	require.Len(t, chain.Levels, 2)
	manager := chain.Levels[0].Groups[0].Approvers
	require.Equal(t, []string{acme.Mara}, emails(manager))
	require.Equal(t, "manager of Ben Whitaker", manager[0].Why)
	require.Equal(t, w.person(t, acme.Mara).ID, manager[0].DeskID)
	require.Equal(t, []string{acme.Rosa}, emails(chain.Levels[0].EscalateTo))
	require.Equal(t, []string{acme.Omar}, emails(chain.Levels[1].Groups[0].Approvers))
	security := chain.Levels[1].Groups[1]
	require.Len(t, security.Approvers, 3)
	require.Equal(t, 2, security.Need)

	struck := map[string]string{}
	for _, b := range r.unit.Bans {
		struck[b.Email] = b.Why
		require.NotZero(t, b.DeskID, b.Email)
	}
	require.Contains(t, struck, acme.Ben)
	require.Contains(t, struck, acme.Eleanor)
}

func TestRouteApprovalPassesOverTheRequester(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	ticket, err := w.client.PlaceRequest(t.Context(), w.itemID(t, "Salesforce access"), freshservice.PlaceRequest{
		Email: acme.Mara, RequestedFor: acme.Ben, CustomFields: answersFor("Salesforce access"),
	})
	require.NoError(t, err)
	r, err := w.tryRoute(t, ticket.ID)
	require.NoError(t, err)
	// Mara is Ben's manager, but she asked: the head of the department stands in.
	require.Equal(t, []string{acme.Rosa}, emails(r.unit.Chain.Levels[0].Groups[0].Approvers))
}

func TestRouteApprovalFallsBackFromInactiveAndMissingPeople(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	require.NoError(t, w.client.DeactivateRequester(t.Context(), w.person(t, acme.Mara).ID))
	r := w.routeOne(t, "Salesforce access", acme.Ben)
	require.Equal(t, []string{acme.Rosa}, emails(r.unit.Chain.Levels[0].Groups[0].Approvers))

	require.NoError(t, w.client.DeactivateRequester(t.Context(), w.person(t, acme.Rosa).ID))
	r = w.routeOne(t, "Salesforce access", acme.Clara)
	require.Greater(t, len(r.unit.Chain.Levels[0].Groups[0].Approvers), 1)
	require.Contains(t, emails(r.unit.Chain.Levels[0].Groups[0].Approvers), acme.Omar)
}

func TestRouteApprovalSaysAtWhichLevelNobodyCanBeAsked(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	ticket := w.request(t, "AWS access", acme.Ben, answersFor("AWS access"))
	_, err := w.tryRoute(t, ticket.ID)
	require.Equal(t, casework.Invalid, failureKind(t, err))
	require.ErrorContains(t, err, `level "Owner", group "owner" (route "lonely")`)
	require.ErrorContains(t, err, "approvals.yaml")
}

func TestRouteApprovalLetsPolicyAskForNoApproval(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	r := w.routeOne(t, "Datadog access", acme.Ben)
	require.Equal(t, approval.ModeNone, r.unit.Chain.Mode)
	require.Contains(t, r.unit.Chain.Reason, "everybody may look at dashboards")
	require.Empty(t, r.unit.Chain.Levels)
}

func TestCheckReassignAllowsOnlyWhomPolicyNames(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	r := w.routeOne(t, "Salesforce access", acme.Ben)
	require.NoError(t, w.client.DeactivateRequester(t.Context(), w.person(t, acme.Felix).ID))
	tests := map[string]struct {
		to    string
		unit  func(u contract.Unit) contract.Unit
		allow bool
		why   string
	}{
		"the escalation":                {to: acme.Rosa, allow: true, why: "head of the department Sales"},
		"whom an operator may add":      {to: acme.Omar, allow: true, why: "Application Owners"},
		"any case of the address":       {to: " OMAR.Haddad@acme.example", allow: true},
		"the sender himself, unnamed":   {to: acme.Clara, why: "policy does not name this person"},
		"the requester":                 {to: acme.Ben, why: "asked for this"},
		"whom policy bans":              {to: acme.Eleanor, why: "lets them approve nothing"},
		"nobody":                        {to: "nobody@acme.example", why: "nobody in Freshservice"},
		"somebody who is deactivated":   {to: acme.Felix, why: "deactivated"},
		"who decided a level before":    {to: acme.Rosa, why: "decided an earlier level", unit: decidedByRosa(w.person(t, acme.Rosa).ID)},
		"a level policy does not have":  {to: acme.Rosa, why: "has no level", unit: renamedLevel},
		"a unit whose levels are over":  {to: acme.Rosa, why: "no level of Latchkey's is open", unit: levelsOver},
		"somebody of a later level":     {to: acme.Grace, allow: true, why: "Application Owners"},
		"somebody of security no owner": {to: "enzo.guidi@acme.example", why: "policy does not name this person"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			unit := r.unit
			if test.unit != nil {
				unit = test.unit(unit)
			}
			out, _, err := do[contract.CheckReassignResult](t, w, w.desk.CheckReassign, contract.CheckReassignInput{
				Request: r.request, Unit: unit, To: test.to,
			})
			require.NoError(t, err)
			require.Equal(t, test.allow, out.Allowed, out.Why)
			require.Contains(t, out.Why, test.why)
			require.Equal(t, test.allow, out.Approver.DeskID != 0)
		})
	}
}

func decidedByRosa(id int64) func(contract.Unit) contract.Unit {
	return func(u contract.Unit) contract.Unit {
		u.Decided = []approval.Approver{{DeskID: id}}
		return u
	}
}

func renamedLevel(u contract.Unit) contract.Unit {
	u.Chain.Levels = []approval.Level{{Name: "A level of former days"}}
	return u
}

func levelsOver(u contract.Unit) contract.Unit {
	u.Level = len(u.Chain.Levels)
	return u
}
