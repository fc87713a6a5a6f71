package stories_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/casework"
	"latchkey/contract"
	"latchkey/examples/acme"
	"latchkey/internal/playground"
	"latchkey/internal/testkit"
	"latchkey/simulators/okta/oktasim"
)

func TestFreezeInTheMiddleOfALeaverStopsEveryWorker(t *testing.T) {
	p := server.Playground(t, nil)
	ctx := testkit.Soon(t)
	testkit.Program(t, "worker", p.ProcessEnv(), "--listen", "off") // the second worker
	// Ending the sessions is answered late: that is the middle.
	_, err := p.Okta.SetFault(oktasim.Fault{
		Kind: oktasim.FaultAnswerLate, Method: http.MethodDelete, Path: "/users/*/sessions", First: 1, Delay: oktasim.Duration(5 * time.Second),
	})
	require.NoError(t, err)
	mark := p.Mark()
	ticket, err := p.Leaver(ctx, acme.Farah, acme.Ada, yesterday(), nil)
	require.NoError(t, err)
	require.NoError(t, p.Approve(ctx, ticket, managerOf(t, p, acme.Ada), "ok"))
	require.Eventually(t, func() bool { return slices.Contains(changes(t, p, acme.Ada, mark), "user.session.clear") }, soon, 20*time.Millisecond)
	require.NoError(t, p.Freeze(ctx, "an incident"))
	_, err = p.WaitState(ctx, ticket, casework.StateFrozen)
	require.NoError(t, err)
	before := p.Okta.Writes()
	assert.Equal(t, []string{"user.lifecycle.suspend", "user.session.clear"}, changes(t, p, acme.Ada, mark))
	for range 3 { // each nudge makes the case ask again
		_, err = p.Command(ctx, ticket, contract.UpdateRetry, contract.OperatorCommand{Operator: contract.Operator{By: "story", Reason: "try"}})
		require.NoError(t, err)
		settled(t, p, ticket) // it has asked
		_, err = p.WaitState(ctx, ticket, casework.StateFrozen)
		require.NoError(t, err)
	}
	assert.Equal(t, before, p.Okta.Writes(), "no write from any worker while frozen")
	require.NoError(t, p.Thaw(ctx, "over"))
	ends(t, p, ticket, casework.EndDone)
	changes(t, p, acme.Ada, mark) // nothing twice
}

func TestAProtectedLeaverWaitsForTwoPeopleThatPolicyNames(t *testing.T) {
	p := server.Playground(t, func(o *playground.Options) {
		o.Edits = map[string][]playground.Edit{"guards.yaml": {{
			Old: "    - {login: viktor.petrescu@acme.example, why: the only human super administrator, who: Grace Achterberg}",
			New: "    - {login: omar.haddad@acme.example, why: holds the keys, who: Grace Achterberg}",
		}}}
	})
	ctx := testkit.Soon(t)
	mark := p.Mark()
	ticket, err := p.Leaver(ctx, acme.Farah, acme.Omar, yesterday(), nil)
	require.NoError(t, err)
	require.NoError(t, p.Approve(ctx, ticket, acme.Grace, "yes"))
	assert.Empty(t, changes(t, p, acme.Omar, mark), "one of two")
	require.NoError(t, p.Approve(ctx, ticket, acme.Eleanor, "yes"))
	require.NoError(t, p.Approve(ctx, ticket, managerOf(t, p, acme.Omar), "yes"))
	ends(t, p, ticket, casework.EndDone, casework.EndResiduals)
	user, ok := p.Okta.User(acme.Omar)
	require.True(t, ok)
	assert.Equal(t, "DEPROVISIONED", user.Status)
}

func TestTheMassChangeGuardPausesAndAsksOnePersonOnce(t *testing.T) {
	p := server.Playground(t, func(o *playground.Options) {
		o.Edits = map[string][]playground.Edit{"guards.yaml": {{Old: "mass_change: {people: 20, percent: 15,", New: "mass_change: {people: 2, percent: 15,"}}}
	})
	ctx := testkit.Soon(t)
	leavers := []string{acme.Ada, acme.Ben, acme.Jonas, acme.Hannah}
	var tickets []int64
	for _, who := range leavers {
		ticket, err := p.Leaver(ctx, acme.Farah, who, yesterday(), nil)
		require.NoError(t, err)
		require.NoError(t, p.Approve(ctx, ticket, managerOf(t, p, who), "ok"))
		tickets = append(tickets, ticket)
	}
	for i, ticket := range tickets {
		if i < 2 {
			ends(t, p, ticket, casework.EndDone, casework.EndResiduals)
			continue
		}
		s, err := p.WaitState(ctx, ticket, casework.StateHeld)
		require.NoError(t, err)
		assert.Contains(t, s.Problem, "mass change")
		user, _ := p.Okta.User(leavers[i])
		assert.Equal(t, "ACTIVE", user.Status)
	}
	asked := 0
	for n := tickets[3] + 1; n < tickets[3]+6; n++ {
		if got, err := p.Ticket(ctx, n); err == nil && strings.Contains(strings.ToLower(got.Subject), "mass") {
			asked++
		}
	}
	assert.Equal(t, 1, asked, "one person is asked once")
	require.NoError(t, p.Release(ctx, time.Now().Add(time.Hour), "a team was sold"))
	for _, ticket := range tickets[2:] {
		ends(t, p, ticket, casework.EndDone, casework.EndResiduals)
	}
}

func TestTwoCasesAboutOnePersonTakeTurns(t *testing.T) {
	p := server.Playground(t, nil)
	ctx := testkit.Soon(t)
	mark := p.Mark()
	first, second := ask(t, p, "Miro access", acme.Hannah), ask(t, p, "PagerDuty access", acme.Hannah)
	manager := managerOf(t, p, acme.Hannah)
	require.NoError(t, p.Approve(ctx, first, manager, "ok"))
	require.NoError(t, p.Approve(ctx, second, manager, "ok"))
	ends(t, p, first, casework.EndDone)
	ends(t, p, second, casework.EndDone)
	assert.Len(t, changes(t, p, acme.Hannah, mark), 2)
}

func TestAReopenedTicketStartsAFreshRunThatKnowsTheLastOne(t *testing.T) {
	p := server.Playground(t, nil)
	ctx := testkit.Soon(t)
	ticket := ask(t, p, "Miro access", acme.Hannah)
	require.NoError(t, p.Approve(ctx, ticket, managerOf(t, p, acme.Hannah), "ok"))
	ends(t, p, ticket, casework.EndDone)
	require.NoError(t, p.SetStatus(ctx, ticket, 2))
	require.Eventually(t, func() bool {
		s, ok, err := p.Status(ctx, ticket)
		return err == nil && ok && s.Case.Run == 1 && s.Case.Reported != nil
	}, soon, tick)
	s, _, err := p.Status(ctx, ticket)
	require.NoError(t, err)
	assert.Equal(t, casework.EndAlready, s.Case.Reported.End)
	require.NotNil(t, s.Case.Earlier)
	assert.Equal(t, casework.EndDone, s.Case.Earlier.End)
}

func TestBreakGlassAndServiceAccountsAreNeverTouched(t *testing.T) {
	p := server.Playground(t, nil)
	ctx := testkit.Soon(t)
	writes := p.Okta.Writes()
	for _, who := range []string{acme.ServiceBackup, acme.BreakGlass1} {
		ticket, err := p.Leaver(ctx, acme.Farah, who, yesterday(), nil)
		require.NoError(t, err)
		_, err = p.WaitState(ctx, ticket, casework.StateAwaitingApproval, casework.StateNeedsAttention)
		require.NoError(t, err)
	}
	assert.Equal(t, writes, p.Okta.Writes())
}
