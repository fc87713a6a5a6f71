package stories_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/casework"
	"latchkey/examples/acme"
	"latchkey/internal/testkit"
	"latchkey/simulators/okta/oktasim"
)

func TestWhoHoldsTheTurnIsNotInterrupted(t *testing.T) {
	p := server.Playground(t, nil)
	ctx := testkit.Soon(t)
	// Okta does the first of two grants at once and answers late: meanwhile the second has to wait for its turn.
	oktaFault(t, p, oktasim.Fault{
		Kind: oktasim.FaultAnswerLate, Method: http.MethodPut, Path: "/groups/*/users/*", First: 1, Delay: oktasim.Duration(15 * time.Second),
	})
	mark := p.Mark()
	first, second := ask(t, p, "VPN access", acme.Hannah), ask(t, p, "PagerDuty access", acme.Hannah)
	manager := managerOf(t, p, acme.Hannah)
	_, err := p.WaitState(ctx, second, casework.StateAwaitingApproval)
	require.NoError(t, err)
	require.NoError(t, p.Approve(ctx, first, manager, "ok"))
	require.Eventually(t, func() bool { return len(changes(t, p, acme.Hannah, mark)) == 1 }, soon, 20*time.Millisecond)
	require.NoError(t, p.Approve(ctx, second, manager, "ok"))
	_, err = p.WaitState(ctx, second, casework.StateWaitingTurn)
	require.NoError(t, err)
	assert.Len(t, changes(t, p, acme.Hannah, mark), 1, "the second waits")
	ends(t, p, first, casework.EndDone)
	ends(t, p, second, casework.EndDone)
	assert.Len(t, changes(t, p, acme.Hannah, mark), 2)
}

func TestTwoLeaversOfOnePersonAreOneLeaver(t *testing.T) {
	p := server.Playground(t, nil)
	ctx := testkit.Soon(t)
	mark := p.Mark()
	var tickets []int64
	for range 2 {
		ticket, err := p.Leaver(ctx, acme.Farah, acme.Ada, yesterday(), nil)
		require.NoError(t, err)
		_, err = p.WaitState(ctx, ticket, casework.StateAwaitingApproval)
		require.NoError(t, err)
		tickets = append(tickets, ticket)
	}
	for _, ticket := range tickets {
		require.NoError(t, p.Approve(ctx, ticket, managerOf(t, p, acme.Ada), "ok"))
	}
	all := []casework.End{ends(t, p, tickets[0], casework.EndDone, casework.EndAlready).End, ends(t, p, tickets[1], casework.EndDone, casework.EndAlready).End}
	assert.ElementsMatch(t, []casework.End{casework.EndDone, casework.EndAlready}, all)
	done := changes(t, p, acme.Ada, mark) // fails on anything done twice
	assert.Equal(t, 1, count(done, "user.lifecycle.suspend"))
	assert.Equal(t, 1, count(done, "user.lifecycle.deactivate"))
	for _, ticket := range tickets {
		oneOfEverything(t, p, ticket, 1)
	}
}

func TestNothingIsGrantedAfterALeaverBegan(t *testing.T) {
	p := server.Playground(t, nil)
	ctx := testkit.Soon(t)
	oktaFault(t, p, oktasim.Fault{
		Kind: oktasim.FaultAnswerLate, Method: http.MethodDelete, Path: "/users/*/sessions", First: 1, Delay: oktasim.Duration(5 * time.Second),
	})
	mark := p.Mark()
	access := ask(t, p, "PagerDuty access", acme.Ada)
	leaver, err := p.Leaver(ctx, acme.Farah, acme.Ada, yesterday(), nil)
	require.NoError(t, err)
	for _, ticket := range []int64{access, leaver} {
		_, err = p.WaitState(ctx, ticket, casework.StateAwaitingApproval)
		require.NoError(t, err)
	}
	manager := managerOf(t, p, acme.Ada)
	require.NoError(t, p.Approve(ctx, leaver, manager, "ok"))
	require.Eventually(t, func() bool { return slices.Contains(changes(t, p, acme.Ada, mark), "user.session.clear") }, soon, 20*time.Millisecond)
	require.NoError(t, p.Approve(ctx, access, manager, "ok")) // in the middle of the leaver
	res := ends(t, p, access, casework.EndLeaver, casework.EndInactive)
	assert.NotEmpty(t, res.Summary)
	ends(t, p, leaver, casework.EndDone)
	for _, line := range changes(t, p, acme.Ada, mark) {
		assert.NotContains(t, line, "membership.add")
	}
	resolved(t, p, access) // and says so
}

func count(list []string, one string) int {
	n := 0
	for _, l := range list {
		if l == one {
			n++
		}
	}
	return n
}
