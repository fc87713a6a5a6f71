package stories_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/casework"
	"latchkey/examples/acme"
	"latchkey/internal/playground"
	"latchkey/internal/testkit"
)

const noa = "noa.lindqvist@acme.example"

// inDays is a day on the form.
func inDays(n int) string { return time.Now().AddDate(0, 0, n).Format(time.DateOnly) }

// status is the state of Noa's account in Okta; empty is none.
func status(p *playground.Playground) string {
	user, _ := p.Okta.User(noa)
	return user.Status
}

// events counts what the System Log says of Noa's account, by type.
func events(p *playground.Playground, kind string) int {
	user, _ := p.Okta.User(noa)
	n := 0
	for _, e := range p.Okta.Log() {
		for _, id := range e.TargetIDs {
			if id == user.ID && e.EventType == kind {
				n++
			}
		}
	}
	return n
}

// contractor files Noa as a contractor, whose ticket stays open for a task after the account was opened, and waits until
// it was.
func contractor(t *testing.T, p *playground.Playground) int64 {
	t.Helper()
	ctx := testkit.Soon(t)
	ticket, err := p.Ask(ctx, "Employee onboarding", acme.Farah, "", newcomer("Noa", "Lindqvist", map[string]any{
		"employment_type": "Contractor", "end_date": inDays(200),
	}))
	require.NoError(t, err)
	approveAll(t, p, ticket)
	require.Eventually(t, func() bool { return status(p) == "PROVISIONED" }, soon, tick)
	_, err = p.WaitState(ctx, ticket, casework.StateSettling)
	require.NoError(t, err)
	return ticket
}

func TestAFirstDayThatMovesIsFollowedOnceTheNewDayIsApproved(t *testing.T) {
	p := server.Playground(t, nil)
	ctx := testkit.Soon(t)
	ticket, err := p.Ask(ctx, "Employee onboarding", acme.Farah, "", newcomer("Noa", "Lindqvist", map[string]any{"start_date": inDays(7)}))
	require.NoError(t, err)
	approveAll(t, p, ticket)
	before, err := p.WaitState(ctx, ticket, casework.StateWaitingDate)
	require.NoError(t, err)

	require.NoError(t, p.Answer(ctx, ticket, map[string]any{"start_date": inDays(21)}))
	approveAll(t, p, ticket)
	after, err := p.WaitState(ctx, ticket, casework.StateWaitingDate)
	require.NoError(t, err)
	was, is := before.Case.Units[0].Plan.EffectiveAt, after.Case.Units[0].Plan.EffectiveAt
	assert.WithinDuration(t, was.AddDate(0, 0, 14), is, 2*time.Hour)
	assert.Equal(t, "STAGED", status(p))

	require.NoError(t, p.Answer(ctx, ticket, map[string]any{"start_date": inDays(-1)}))
	approveAll(t, p, ticket)
	ends(t, p, ticket, casework.EndDone)
	assert.Equal(t, "PROVISIONED", status(p))
	assert.Equal(t, 1, events(p, "user.lifecycle.create"), "one account, whenever it is opened")
	assert.Equal(t, 1, events(p, "user.lifecycle.activate"))
}

func TestAFirstDayThatMovesAfterTheAccountWasOpenedShutsNothingAndIsSaid(t *testing.T) {
	p := server.Playground(t, nil)
	ctx := testkit.Soon(t)
	ticket := contractor(t, p)
	require.NoError(t, p.Answer(ctx, ticket, map[string]any{"start_date": inDays(30)}))
	require.Eventually(t, func() bool {
		s, ok, err := p.Status(ctx, ticket)
		return err == nil && ok && s.Case.AsksElse
	}, soon, tick)
	require.NoError(t, p.FinishTasks(ctx, ticket))
	res := ends(t, p, ticket, casework.EndDone)
	assert.Contains(t, res.Summary, "the ticket was changed after the account had been opened")
	assert.Equal(t, "PROVISIONED", status(p))
	assert.Equal(t, 1, events(p, "user.lifecycle.activate"))
	assert.Zero(t, events(p, "user.lifecycle.deactivate"))
	resolved(t, p, ticket)
}

func TestAJoinerCancelledAfterTheAccountWasOpenedKeepsItAndTheTicketSaysSo(t *testing.T) {
	p := server.Playground(t, nil)
	ctx := testkit.Soon(t)
	ticket := contractor(t, p)
	mark := p.Mark()
	require.NoError(t, p.Withdraw(ctx, ticket))
	res := ends(t, p, ticket, casework.EndCancelled)
	assert.Contains(t, res.Summary, "stays")
	assert.Equal(t, "PROVISIONED", status(p))
	assert.Empty(t, changes(t, p, noa, mark), "an offboarding would take it away")
	assert.Equal(t, 1, notesWith(t, p, ticket, ".result."))
}

func TestTheSecondTicketOfAJoinerKeepsTheAccountThatTheFirstMade(t *testing.T) {
	p := server.Playground(t, nil)
	ctx := testkit.Soon(t)
	form := newcomer("Noa", "Lindqvist", map[string]any{"employee_number": "E-9001", "start_date": inDays(7)})
	var tickets []int64
	for range 2 {
		ticket, err := p.Ask(ctx, "Employee onboarding", acme.Farah, "", form)
		require.NoError(t, err)
		approveAll(t, p, ticket)
		_, err = p.WaitState(ctx, ticket, casework.StateWaitingDate)
		require.NoError(t, err)
		tickets = append(tickets, ticket)
	}
	first, second := tickets[0], tickets[1]
	require.NoError(t, p.Delete(ctx, first))
	res := ends(t, p, first, casework.EndCancelled)
	assert.Contains(t, res.Summary, "left to FS-", "%s", res.Summary)
	assert.Equal(t, "STAGED", status(p), "the second waits for it")

	require.NoError(t, p.Delete(ctx, second))
	res = ends(t, p, second, casework.EndCancelled)
	assert.Contains(t, res.Summary, "deactivated")
	assert.Equal(t, "DEPROVISIONED", status(p), "nobody waits for it any more")
	assert.Equal(t, 1, events(p, "user.lifecycle.create"))
}
