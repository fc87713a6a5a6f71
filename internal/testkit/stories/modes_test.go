package stories_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/activities/nudge"
	"latchkey/casework"
	"latchkey/contract"
	"latchkey/examples/acme"
	"latchkey/internal/playground"
	"latchkey/internal/testkit"
)

// observing is Acme's policy with every use case in observe, as a new installation starts.
func observing(o *playground.Options) {
	o.Edits = map[string][]playground.Edit{"intake.yaml": {
		{Old: "offboarding: {mode: act}", New: "offboarding: {mode: observe}"},
		{Old: "access_request: {mode: act}", New: "access_request: {mode: observe}"},
		{Old: "onboarding: {mode: act}", New: "onboarding: {mode: observe}"},
		{Old: "role_change: {mode: act}", New: "role_change: {mode: observe}"},
	}}
}

func TestObserveWritesNothingToOktaAndOneNoteOnEachTicket(t *testing.T) {
	p := server.Playground(t, observing)
	ctx := testkit.Soon(t)
	writes := p.Okta.Writes()
	tickets := []int64{
		ask(t, p, "Tableau access", acme.Ben),
		ask(t, p, "Tableau access", acme.Jonas),
		ask(t, p, "Zendesk access", acme.Priya),
	}
	for _, who := range []string{acme.Ada, acme.Lena, acme.Reception} {
		ticket, err := p.Leaver(ctx, acme.Farah, who, yesterday(), nil)
		require.NoError(t, err)
		tickets = append(tickets, ticket)
	}
	emergency, err := p.Leaver(ctx, acme.Grace, acme.Emil, yesterday(), map[string]any{"emergency": true})
	require.NoError(t, err)
	joiner, err := p.Ask(ctx, "Employee onboarding", acme.Farah, "", newcomer("Noa", "Lindqvist", nil))
	require.NoError(t, err)
	mover, err := p.Ask(ctx, "Role change", acme.Farah, "", map[string]any{
		"employee_email": acme.Felix, "new_department": "Marketing", "effective_date": yesterday().Format(time.DateOnly),
	})
	require.NoError(t, err)
	tickets = append(tickets, emergency, joiner, mover)
	for _, ticket := range tickets {
		_, err := p.WaitEnd(ctx, ticket)
		require.NoError(t, err)
		require.NoError(t, nudge.Ticket(ctx, p.Temporal, ticket, nil))
	}
	for _, ticket := range tickets {
		settled(t, p, ticket)
		notes, err := p.Notes(ctx, ticket)
		require.NoError(t, err)
		require.Len(t, notes, 1, "FS-%d", ticket)
		assert.True(t, notes[0].Private)
		groups, err := p.Approvals(ctx, ticket)
		require.NoError(t, err)
		assert.Empty(t, groups)
		got, err := p.Ticket(ctx, ticket)
		require.NoError(t, err)
		assert.Equal(t, 2, got.Status, "the ticket is left as it was")
	}
	assert.Equal(t, writes, p.Okta.Writes(), "no write to Okta at all")
}

func TestSwitchingOnNeverRunsABacklog(t *testing.T) {
	p := server.Playground(t, observing)
	ctx := testkit.Soon(t)
	var old []int64
	askers := people(t, p, 30)
	for _, who := range askers {
		old = append(old, ask(t, p, "VPN access", who))
	}
	for _, ticket := range old {
		_, err := p.WaitEnd(ctx, ticket)
		require.NoError(t, err)
	}
	writes := p.Okta.Writes()
	require.NoError(t, p.EditPolicy("intake.yaml",
		playground.Edit{Old: "offboarding: {mode: observe}", New: "offboarding: {mode: act}"},
		playground.Edit{Old: "access_request: {mode: observe}", New: "access_request: {mode: act}"}))
	require.Eventually(t, func() bool {
		c, err := p.Controls(ctx)
		return err == nil && c.Modes[casework.AccessRequest] == casework.ModeAct
	}, soon, tick)

	for _, ticket := range old {
		require.NoError(t, nudge.Ticket(ctx, p.Temporal, ticket, nil))
	}
	_, err := p.Sweep(ctx)
	require.NoError(t, err)
	for _, ticket := range old {
		settled(t, p, ticket)
	}
	named := old[3]
	require.NoError(t, nudge.Ticket(ctx, p.Temporal, named, &contract.Operator{By: "operator", Reason: "this one"}))
	_, err = p.WaitState(ctx, named, casework.StateAwaitingApproval)
	require.NoError(t, err)
	for _, ticket := range old {
		if ticket == named {
			continue
		}
		groups, err := p.Approvals(ctx, ticket)
		require.NoError(t, err)
		assert.Empty(t, groups, "FS-%d is older than the switch", ticket)
	}
	assert.Equal(t, writes, p.Okta.Writes())
	require.NoError(t, p.Approve(ctx, named, managerOf(t, p, askers[3]), "ok"))
	ends(t, p, named, casework.EndDone)
	assert.Equal(t, writes+1, p.Okta.Writes(), "exactly the one that was named")
}

// people lists employees who are not agents and have no VPN yet, by login.
func people(t *testing.T, p *playground.Playground, n int) []string {
	t.Helper()
	var list []string
	for _, person := range p.Company.People {
		user, ok := p.Okta.User(person.Login)
		if !ok || user.Status != "ACTIVE" || person.Agent || !person.Human() || person.ManagerEmail == "" || person.Email != person.Login {
			continue
		}
		has := false
		for _, g := range user.Groups {
			has = has || g.Name == "VPN Users"
		}
		if !has {
			list = append(list, person.Login)
		}
		if len(list) == n {
			return list
		}
	}
	t.Fatalf("only %d such people at Acme", len(list))
	return nil
}
