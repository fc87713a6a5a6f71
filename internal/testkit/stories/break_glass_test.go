package stories_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/casework"
	"latchkey/clients/freshservice"
	"latchkey/contract"
	"latchkey/examples/acme"
	"latchkey/internal/playground"
	"latchkey/internal/testkit"
)

const (
	incident   = "Production incident access"
	production = "AWS Production Administrators"
	carmen     = "carmen.ruiz-ortega@acme.example" // site reliability engineer
)

// lastingGlass gives the incident access for a time; the demo's own is a few seconds.
func lastingGlass(o *playground.Options) {
	o.Edits = map[string][]playground.Edit{"catalogue.yaml": {{Old: "for: 30s", New: "for: 2h"}}}
}

func TestBreakGlassIsGrantedAtOnceReviewedAndEndsByItself(t *testing.T) {
	p := server.Playground(t, nil)
	ctx := testkit.Soon(t)
	mark := p.Mark()
	ticket := ask(t, p, incident, carmen)
	require.NoError(t, p.WaitNote(ctx, ticket, ".break_glass."))
	assert.Equal(t, "group.user_membership.add "+production, changes(t, p, carmen, mark)[0], "before anybody was asked")
	require.Eventually(t, func() bool {
		shown, err := p.Ticket(ctx, ticket)
		return err == nil && shown.Priority == freshservice.PriorityUrgent
	}, soon, tick)
	require.NoError(t, p.WaitNote(ctx, ticket, ".ended."))
	assert.Equal(t, []string{"group.user_membership.add " + production, "group.user_membership.remove " + production}, changes(t, p, carmen, mark))
	require.NoError(t, p.Approve(ctx, ticket, acme.Grace, "it burned"))
	res := ends(t, p, ticket, casework.EndDone)
	assert.Contains(t, res.Summary, "granted by policy as break-glass, no approver; review confirmed")
	assert.Equal(t, 1, notesWith(t, p, ticket, ".break_glass."))
}

func TestARejectedBreakGlassIsTakenAwayAndNotGrantedAgainAtOnce(t *testing.T) {
	p := server.Playground(t, lastingGlass)
	ctx := testkit.Soon(t)
	mark := p.Mark()
	ticket := ask(t, p, incident, carmen)
	require.NoError(t, p.Reject(ctx, ticket, acme.Grace, "no incident"))
	res := ends(t, p, ticket, casework.EndRejected)
	assert.Contains(t, res.Summary, "review rejected")
	both := []string{"group.user_membership.add " + production, "group.user_membership.remove " + production}
	assert.Equal(t, both, changes(t, p, carmen, mark))
	assert.Equal(t, 1, notesWith(t, p, ticket, ".break_glass_ended."))
	require.NoError(t, p.WaitNote(ctx, ticket, ".ended."), "its time-bound grant heard of it")

	again := ask(t, p, incident, carmen)
	status, err := p.WaitState(ctx, again, casework.StateAwaitingApproval)
	require.NoError(t, err)
	assert.Contains(t, status.Case.Request.Items[0].BreakGlassRefused, contract.TicketLabel(ticket)+" rejected the same")
	assert.Equal(t, "Manager", status.Case.Units[0].Chain.Levels[0].Name, "it goes by the ordinary approval")
	assert.Equal(t, both, changes(t, p, carmen, mark))
}

func TestWhoMayNotBreakGlassIsAskedForInTheOrdinaryWay(t *testing.T) {
	p := server.Playground(t, lastingGlass)
	ctx := testkit.Soon(t)
	mark := p.Mark()
	ticket := ask(t, p, incident, acme.Ben)
	_, err := p.WaitState(ctx, ticket, casework.StateAwaitingApproval)
	require.NoError(t, err)
	require.NoError(t, p.WaitNote(ctx, ticket, ".approvals."))
	assert.Empty(t, changes(t, p, acme.Ben, mark))
	notes, err := p.Notes(ctx, ticket)
	require.NoError(t, err)
	assert.Contains(t, notes[0].BodyText, "Break-glass was not possible: Policy does not let the requester break glass")
}

func TestATicketThatIsDeletedDuringTheReviewTakesTheAccessAway(t *testing.T) {
	p := server.Playground(t, lastingGlass)
	ctx := testkit.Soon(t)
	mark := p.Mark()
	ticket := ask(t, p, incident, carmen)
	require.NoError(t, p.WaitNote(ctx, ticket, ".break_glass."))
	_, err := p.WaitState(ctx, ticket, casework.StateAwaitingApproval)
	require.NoError(t, err)
	require.NoError(t, p.Delete(ctx, ticket))
	res := ends(t, p, ticket, casework.EndCancelled)
	assert.Equal(t, []string{"group.user_membership.add " + production, "group.user_membership.remove " + production}, changes(t, p, carmen, mark))
	require.Len(t, res.Left, 1)
	assert.Contains(t, res.Left[0].Why, "its review was never answered")
}
