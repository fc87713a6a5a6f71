package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/workflow"

	"latchkey/approval"
	"latchkey/casework"
	"latchkey/contract"
)

// carried is what the next run was handed.
func (w *world) carried() contract.CaseInput {
	w.t.Helper()
	var next *workflow.ContinueAsNewError
	require.ErrorAs(w.t, w.env.GetWorkflowError(), &next)
	var in contract.CaseInput
	require.NoError(w.t, converter.GetDefaultDataConverter().FromPayloads(next.Input, &in))
	return in
}

func TestACaseThatAGuardHoldsForLongIsCarriedOverAndGoesOnWhereItStood(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	frozen := false
	w.apply = func(in contract.ApplyInput) (contract.ApplyResult, error) {
		if in.Change.Phase == casework.PhaseMemberships {
			frozen = true
			return contract.ApplyResult{Outcome: contract.OutcomeHeld, Guard: contract.GuardFreeze, Detail: "frozen"}, nil
		}
		return contract.ApplyResult{Outcome: contract.OutcomeDone, At: w.env.Now()}, nil
	}
	w.at(time.Hour, func() { assert.True(t, frozen); w.env.SetContinueAsNewSuggested(true) })
	w.start()
	in := w.carried()
	assert.True(t, in.Case.Begun)
	require.Len(t, in.Case.Done, 2)

	again := newWorld(t)
	again.execute(in)
	require.NoError(t, again.env.GetWorkflowError())
	assert.Equal(t, casework.EndDone, again.result().End)
	assert.Equal(t, []string{"remove_member g1", "deactivate Ada"}, again.applied)
}

func TestAnApprovedLeaverThatIsHeldAtTheDoorIsNotTakenForAnUnapprovedOneLater(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.needs(boss)
	w.at(time.Minute, func() { w.answers(boss, approval.DecisionApproved) })
	w.apply = func(contract.ApplyInput) (contract.ApplyResult, error) {
		return contract.ApplyResult{Outcome: contract.OutcomeHeld, Guard: contract.GuardMassChange, Detail: "too many"}, nil
	}
	w.at(time.Hour, func() { w.env.SetContinueAsNewSuggested(true) })
	w.start()
	in := w.carried()

	again := newWorld(t)
	again.needs(boss)
	again.execute(in)
	require.NoError(t, again.env.GetWorkflowError())
	assert.Equal(t, casework.EndDone, again.result().End)
	assert.Empty(t, again.opened, "it was approved")
	assert.Equal(t, wholeLeaver, again.applied)
}

func TestAnEmergencyCarriedOverStillWaitsForItsApproval(t *testing.T) {
	t.Parallel()
	w := emergency(t)
	w.at(time.Hour, func() { w.env.SetContinueAsNewSuggested(true); w.nudge() })
	w.start()
	in := w.carried()
	assert.False(t, in.Case.Begun)

	again := newWorld(t)
	again.request.Emergency = true
	again.needs(boss)
	again.asked["plan"] = []int64{boss.DeskID}
	again.at(time.Hour, func() { again.answers(boss, approval.DecisionRejected) })
	again.execute(in)
	require.NoError(t, again.env.GetWorkflowError())
	assert.Equal(t, casework.EndRejected, again.result().End)
	assert.Equal(t, []string{"unsuspend Ada"}, again.applied)
}

func TestACaseThatWaitsForItsTurnForLongIsCarriedOver(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.holdTurn = true
	w.at(time.Hour, func() { w.env.SetContinueAsNewSuggested(true) })
	w.start()
	again := newWorld(t)
	again.execute(w.carried())
	require.NoError(t, again.env.GetWorkflowError())
	assert.Equal(t, casework.EndDone, again.result().End)
}
