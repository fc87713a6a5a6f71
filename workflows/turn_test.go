package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/mock"

	"latchkey/casework"
	"latchkey/contract"
)

// released counts how often the case gave its turn back, or left the line.
func (w *world) released() *int {
	n := 0
	w.env.OnSignalExternalWorkflow(mock.Anything, contract.PersonWorkflowID(ada.OktaUserID), "", contract.SignalTurnRelease, mock.Anything).Return(
		func(string, string, string, string, any) error { n++; return nil }).Maybe()
	return &n
}

func TestATurnThatComesTooLateIsGivenBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.plan.Units[0].Plan.DeactivateAfter = 48 * time.Hour
	released := w.released()
	before := 0
	w.at(time.Hour, func() {
		before = *released
		w.env.SignalWorkflow(contract.SignalTurnGranted, contract.TurnGranted{OktaUserID: ada.OktaUserID})
	})
	w.at(2*time.Hour, func() { assert.Equal(t, before+1, *released) })
	assert.Equal(t, casework.EndDone, w.run().End)
}

func TestACaseThatEndsInTheLineLeavesIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.holdTurn = true
	released := w.released()
	w.at(time.Hour, func() { w.command(contract.UpdateAbort, operator()) })
	assert.Equal(t, casework.EndAborted, w.run().End)
	assert.Equal(t, 1, *released)
}

func TestAskingForTheTurnCanBeRetried(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.fail[contract.ActRequestTurn] = []error{kinded(casework.Invalid, "no such namespace")}
	w.at(time.Hour, func() { w.command(contract.UpdateRetry, operator()) })
	assert.Equal(t, casework.EndDone, w.run().End)
	assert.Equal(t, wholeLeaver, w.applied)
}
