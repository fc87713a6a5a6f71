package activities_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/worker"

	"latchkey/activities"
	"latchkey/casework"
	"latchkey/contract"
	"latchkey/identity"
	"latchkey/internal/devserver"
	"latchkey/workflows"
)

// TestClusterOnARealTemporal holds the Cluster against the product's own workflows on a real server: what it says of
// things that do not run, and that asking starts what has to be asked.
func TestClusterOnARealTemporal(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	server, err := devserver.Start(ctx, devserver.Options{Finder: devserver.Finder{Dir: ".."}})
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, server.Close()) })
	w := worker.New(server.Client, contract.QueueLatchkey, worker.Options{})
	workflows.Register(w)
	require.NoError(t, w.Start())
	t.Cleanup(w.Stop)
	c := activities.NewCluster(server.Client)

	controls, err := c.Controls(ctx)
	require.NoError(t, err)
	assert.Equal(t, contract.Controls{}, controls, "what was never started has stopped nothing")
	turns, err := c.Turns(ctx, "00u1")
	require.NoError(t, err)
	assert.Equal(t, contract.Turns{}, turns)
	open, err := c.CaseOpen(ctx, contract.Turn{Ticket: 12})
	require.NoError(t, err)
	assert.False(t, open)
	was, err := c.Nudge(ctx, 12, false)
	require.NoError(t, err)
	assert.False(t, was)

	ask := contract.AdmitRequest{OktaUserID: "00u1", Ticket: 12, Limit: 1, Window: time.Hour}
	verdict, err := c.Admit(ctx, ask)
	require.NoError(t, err)
	assert.True(t, verdict.Admitted)
	verdict, err = c.Admit(ctx, ask)
	require.NoError(t, err)
	assert.True(t, verdict.Admitted, "the same person and ticket counts once")
	ask.OktaUserID, ask.Ticket = "00u2", 13
	verdict, err = c.Admit(ctx, ask)
	require.NoError(t, err)
	assert.False(t, verdict.Admitted)
	assert.True(t, verdict.First)
	since, err := c.ReportModes(ctx, contract.ModesReport{Modes: map[casework.UseCase]casework.Mode{casework.Offboarding: casework.ModeAct}})
	require.NoError(t, err)
	assert.False(t, since.Since[casework.Offboarding].IsZero())
	require.NoError(t, c.Alarm(ctx, contract.AlarmSignal{Vendor: "Okta", Text: "refused"}))
	controls, err = c.Controls(ctx)
	require.NoError(t, err)
	assert.Len(t, controls.Shrinks, 1)
	assert.NotNil(t, controls.Tripped)

	was, err = c.Nudge(ctx, 12, true)
	require.NoError(t, err)
	assert.False(t, was)
	was, err = c.Nudge(ctx, 12, true)
	require.NoError(t, err)
	assert.True(t, was)
	open, err = c.CaseOpen(ctx, contract.Turn{Ticket: 12})
	require.NoError(t, err)
	assert.True(t, open)
	assert.Eventually(t, func() bool { // the visibility store trails behind
		cases, err := c.OpenCases(ctx)
		return err == nil && len(cases) == 1 && cases[0].Ticket == 12 && cases[0].State != "" && cases[0].UseCase == ""
	}, 30*time.Second, 200*time.Millisecond)

	require.NoError(t, c.RequestTurn(ctx, "00u1", contract.TurnRequest{Ticket: 12, UseCase: casework.Offboarding}))
	assert.Eventually(t, func() bool {
		turns, err := c.Turns(ctx, "00u1")
		return err == nil && (turns.Holder != nil && turns.Holder.Ticket == 12 || len(turns.Waiting) == 1)
	}, 30*time.Second, 100*time.Millisecond)
	require.NoError(t, server.Client.SignalWorkflow(ctx, contract.PersonWorkflowID("00u1"), "", contract.SignalLeaver, contract.LeaverSignal{Ticket: 12, Began: true}))
	assert.Eventually(t, func() bool {
		turns, err := c.Turns(ctx, "00u1")
		return err == nil && turns.Leaver == 12
	}, 30*time.Second, 100*time.Millisecond)

	object := identity.Entitlement{Kind: identity.KindGroup, ID: "00g1", Name: "Aurora"}
	other := identity.Entitlement{Kind: identity.KindApp, ID: "0oa1", Name: "Miro"}
	_, stands, err := c.Grant(ctx, "00u1", object)
	require.NoError(t, err)
	assert.False(t, stands)
	claim := contract.ClaimGrantInput{Person: identity.Person{OktaUserID: "00u1"}, Object: object, Signal: contract.ClaimSignal{
		Claim: contract.Claim{Ticket: 12, Item: "1", From: time.Now().UTC()},
	}}
	require.NoError(t, c.Claim(ctx, claim), "a claim for good of what no grant owns tells nobody")
	_, stands, err = c.Grant(ctx, "00u1", object)
	require.NoError(t, err)
	assert.False(t, stands)
	until := time.Now().Add(24 * time.Hour).UTC()
	claim.Signal.Claim.Until = until
	require.NoError(t, c.Claim(ctx, claim))
	claim.Object = other
	require.NoError(t, c.Claim(ctx, claim))
	for _, o := range []identity.Entitlement{object, other} {
		assert.Eventually(t, func() bool {
			state, stands, err := c.Grant(ctx, "00u1", o)
			return err == nil && stands && state.Standing().Equal(until)
		}, 30*time.Second, 100*time.Millisecond)
	}
	ended := contract.GrantEndedSignal{Ticket: 13, At: time.Now().Add(time.Minute).UTC()}
	require.NoError(t, c.GrantEnded(ctx, "00u1", &object, ended))
	assert.Eventually(t, func() bool {
		_, stands, err := c.Grant(ctx, "00u1", object)
		return err == nil && !stands
	}, 30*time.Second, 100*time.Millisecond)
	assert.Eventually(t, func() bool { // the visibility store trails behind
		err := c.GrantEnded(ctx, "00u1", nil, ended)
		_, stands, grantErr := c.Grant(ctx, "00u1", other)
		return err == nil && grantErr == nil && !stands
	}, 30*time.Second, 200*time.Millisecond)
	require.NoError(t, c.GrantEnded(ctx, "00u9", &object, ended), "a grant that does not run has nothing to be told")

	require.NoError(t, server.Client.TerminateWorkflow(ctx, contract.TicketWorkflowID(12), "", "the test is over"))
	open, err = c.CaseOpen(ctx, contract.Turn{Ticket: 12})
	require.NoError(t, err)
	assert.False(t, open)
}
