package workflows_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"latchkey/casework"
	"latchkey/contract"
	"latchkey/workflows"
)

// street is a person's workflow with its cases outside: it records who was given the turn and who heard of a leaver.
type street struct {
	env     *testsuite.TestWorkflowEnvironment
	granted []string
	heard   []string
	dead    map[int64]bool
	gone    string // a workflow that takes turns and no longer runs
}

func newStreet(t *testing.T) *street {
	t.Helper()
	var suite testsuite.WorkflowTestSuite
	s := &street{env: suite.NewTestWorkflowEnvironment(), dead: map[int64]bool{}}
	s.env.OnSignalExternalWorkflow(mock.Anything, mock.Anything, "", contract.SignalTurnGranted, mock.Anything).Return(
		func(_, workflowID, _, _ string, arg any) error {
			g, ok := arg.(contract.TurnGranted)
			require.True(t, ok)
			s.granted = append(s.granted, fmt.Sprintf("%s leaver=%d", workflowID, g.Leaver))
			return nil
		},
	)
	s.env.OnSignalExternalWorkflow(mock.Anything, mock.Anything, "", contract.SignalLeaverBegan, mock.Anything).Return(
		func(_, workflowID, _, _ string, _ any) error { s.heard = append(s.heard, workflowID); return nil },
	)
	s.env.RegisterActivityWithOptions(func(_ context.Context, in contract.CaseOpenInput) (contract.CaseOpenResult, error) {
		return contract.CaseOpenResult{Open: !s.dead[in.Ticket] && (in.Workflow == "" || in.Workflow != s.gone)}, nil
	}, activity.RegisterOptions{Name: contract.ActCaseOpen})
	return s
}

func (s *street) asks(after time.Duration, ticket int64, useCase casework.UseCase) {
	s.env.RegisterDelayedCallback(func() {
		s.env.SignalWorkflow(contract.SignalTurnRequest, contract.TurnRequest{Ticket: ticket, UseCase: useCase})
	}, after)
}

func (s *street) gives(after time.Duration, ticket int64) {
	s.env.RegisterDelayedCallback(func() {
		s.env.SignalWorkflow(contract.SignalTurnRelease, contract.TurnRelease{Ticket: ticket})
	}, after)
}

func (s *street) leaver(after time.Duration, ticket int64, began bool) {
	s.env.RegisterDelayedCallback(func() {
		s.env.SignalWorkflow(contract.SignalLeaver, contract.LeaverSignal{OktaUserID: "u", Ticket: ticket, Began: began})
	}, after)
}

func (s *street) run(t *testing.T) {
	t.Helper()
	s.env.ExecuteWorkflow(workflows.Person, contract.PersonInput{OktaUserID: "u"})
	require.True(t, s.env.IsWorkflowCompleted())
	require.NoError(t, s.env.GetWorkflowError())
}

func TestCasesAboutOnePersonTakeTurnsALeaverFirst(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	s.asks(0, 1, casework.AccessRequest)
	s.asks(time.Second, 2, casework.AccessRequest)
	s.asks(2*time.Second, 3, casework.Offboarding)
	s.gives(time.Minute, 1)
	s.gives(2*time.Minute, 3)
	s.gives(3*time.Minute, 2)
	s.run(t)
	assert.Equal(t, []string{"ticket/FS-1 leaver=0", "ticket/FS-3 leaver=0", "ticket/FS-2 leaver=0"}, s.granted)
}

func TestAHolderHearsThatALeaverBeganAndTheNextOneIsToldWithItsTurn(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	s.asks(0, 1, casework.AccessRequest)
	s.leaver(time.Second, 9, true)
	s.gives(2*time.Second, 1)
	s.asks(3*time.Second, 2, casework.AccessRequest)
	s.gives(4*time.Second, 2)
	s.leaver(5*time.Second, 9, false)
	s.run(t)
	assert.Equal(t, []string{"ticket/FS-1"}, s.heard)
	assert.Equal(t, []string{"ticket/FS-1 leaver=0", "ticket/FS-2 leaver=9"}, s.granted)
}

func TestAskingTwiceIsAskingOnceAndALostGrantIsGivenAgain(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	s.asks(0, 1, casework.AccessRequest)
	s.asks(time.Second, 1, casework.AccessRequest)
	s.asks(2*time.Second, 2, casework.AccessRequest)
	s.asks(3*time.Second, 2, casework.AccessRequest)
	s.gives(time.Minute, 1)
	s.gives(2*time.Minute, 2)
	s.run(t)
	assert.Equal(t, []string{"ticket/FS-1 leaver=0", "ticket/FS-1 leaver=0", "ticket/FS-2 leaver=0"}, s.granted)
}

func TestADeadHolderLosesItsTurn(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	s.asks(0, 1, casework.AccessRequest)
	s.asks(time.Second, 2, casework.AccessRequest)
	s.dead[1] = true
	s.gives(time.Hour, 2)
	s.run(t)
	assert.Equal(t, []string{"ticket/FS-1 leaver=0", "ticket/FS-2 leaver=0"}, s.granted)
}

func TestACaseThatIsNotThereDoesNotBlockTheLine(t *testing.T) {
	t.Parallel()
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestWorkflowEnvironment()
	var granted []string
	env.OnSignalExternalWorkflow(mock.Anything, mock.Anything, "", contract.SignalTurnGranted, mock.Anything).Return(
		func(_, workflowID, _, _ string, _ any) error {
			if workflowID == contract.TicketWorkflowID(1) {
				return serviceerror.NewNotFound("no such workflow")
			}
			granted = append(granted, workflowID)
			return nil
		},
	)
	s := &street{env: env}
	s.asks(0, 1, casework.AccessRequest)
	s.asks(0, 2, casework.AccessRequest)
	s.gives(time.Minute, 2)
	s.run(t)
	assert.Equal(t, []string{"ticket/FS-2"}, granted)
}

func TestALeaverThatStandsForMonthsIsCarriedOverAndStillStands(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	s.asks(0, 9, casework.Offboarding)
	s.leaver(time.Second, 9, true)
	s.gives(2*time.Second, 9)
	s.env.RegisterDelayedCallback(func() { s.env.SetContinueAsNewSuggested(true) }, 24*time.Hour)
	s.env.ExecuteWorkflow(workflows.Person, contract.PersonInput{OktaUserID: "u"})
	var next *workflow.ContinueAsNewError
	require.ErrorAs(t, s.env.GetWorkflowError(), &next)
	var in contract.PersonInput
	require.NoError(t, converter.GetDefaultDataConverter().FromPayloads(next.Input, &in))
	assert.Equal(t, int64(9), in.Turns.Leaver)
}

func TestACaseThatCannotBeLookedUpKeepsItsTurn(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	s.env.OnActivity(contract.ActCaseOpen, mock.Anything, mock.Anything).Return(
		contract.CaseOpenResult{}, kinded(casework.Denied, "the namespace does not let us look"))
	s.asks(0, 1, casework.AccessRequest)
	s.asks(time.Second, 2, casework.AccessRequest)
	s.gives(3*time.Hour, 1)
	s.gives(4*time.Hour, 2)
	s.run(t)
	assert.Equal(t, []string{"ticket/FS-1 leaver=0", "ticket/FS-2 leaver=0"}, s.granted)
}

func TestAGrantThatEndsTakesItsTurnUnderItsOwnName(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	grant := "grant/u/group:g1"
	s.asks(0, 1, casework.AccessRequest)
	s.env.RegisterDelayedCallback(func() { // the grant was claimed by the very ticket that holds the turn
		s.env.SignalWorkflow(contract.SignalTurnRequest, contract.TurnRequest{Ticket: 1, Workflow: grant, UseCase: casework.AccessRequest})
	}, time.Second)
	s.gives(time.Minute, 1)
	s.leaver(2*time.Minute, 8, true)
	s.leaver(3*time.Minute, 8, false)
	s.env.RegisterDelayedCallback(func() {
		s.env.SignalWorkflow(contract.SignalTurnRelease, contract.TurnRelease{Ticket: 1, Workflow: grant})
	}, 4*time.Minute)
	s.asks(5*time.Minute, 2, casework.AccessRequest)
	s.gives(6*time.Minute, 2)
	s.run(t)
	assert.Equal(t, []string{"ticket/FS-1 leaver=0", grant + " leaver=0", "ticket/FS-2 leaver=0"}, s.granted)
	assert.Empty(t, s.heard, "a grant that ends gives nothing that a leaver would stop")
}

func TestAGrantThatIsGoneLosesItsTurn(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	s.gone = "grant/u/group:g1"
	s.env.RegisterDelayedCallback(func() {
		s.env.SignalWorkflow(contract.SignalTurnRequest, contract.TurnRequest{Ticket: 1, Workflow: s.gone, UseCase: casework.AccessRequest})
	}, 0)
	s.asks(time.Second, 2, casework.AccessRequest)
	s.gives(time.Hour, 2)
	s.run(t)
	assert.Equal(t, []string{s.gone + " leaver=0", "ticket/FS-2 leaver=0"}, s.granted)
}
