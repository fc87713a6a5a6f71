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

// timed makes the first item of the world's access request time-bound, and lets it begin at a time; zero is at once.
func (w *world) timed(limit time.Duration, from time.Time) {
	plan := w.plan.Units[0].Plan
	plan.Changes[0].Limit, plan.Changes[0].Claim, plan.EffectiveAt = limit, true, from
	w.plan.Units[0].Plan = casework.Seal(plan)
}

func TestTheClockOfATimeBoundItemStartsWhenItWasReadBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.asAccess("g1", "g2")
	w.timed(30*day, time.Time{})
	readBack := noon.Add(3 * time.Hour)
	w.needs(boss)
	w.at(2*time.Hour, func() { w.answers(boss, approval.DecisionApproved) })
	w.verify = func(contract.VerifyInput) contract.VerifyResult { return contract.VerifyResult{At: readBack} }
	res := w.run()
	assert.Equal(t, casework.EndDone, res.End)
	require.Len(t, w.claimed, 1, "only the time-bound one is claimed")
	claim := w.claimed[0].Signal.Claim
	assert.Equal(t, contract.Claim{Ticket: 7, Item: "item1", From: readBack, Until: readBack.Add(30 * day)}, claim)
	assert.Equal(t, "g1", w.claimed[0].Object.ID)
	assert.Equal(t, ada.OktaUserID, w.claimed[0].Person.OktaUserID)
	assert.Equal(t, shortTimes(), w.claimed[0].Signal.Times)
}

func TestWhatIsMadePermanentIsToldToTheGrantThatStood(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.asAccess("g1")
	w.timed(0, time.Time{})
	w.apply = func(contract.ApplyInput) (contract.ApplyResult, error) {
		return contract.ApplyResult{Outcome: contract.OutcomeAlready}, nil
	}
	res := w.run()
	assert.Equal(t, casework.EndDone, res.End)
	require.Len(t, w.claimed, 1)
	assert.True(t, w.claimed[0].Signal.Claim.Permanent())
}

func TestARefusedItemClaimsNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.asAccess("g1")
	w.timed(day, time.Time{})
	w.apply = func(contract.ApplyInput) (contract.ApplyResult, error) {
		return contract.ApplyResult{Outcome: contract.OutcomeRefused, Detail: "a leaver began"}, nil
	}
	w.run()
	assert.Empty(t, w.claimed)
}

func TestAnItemThatBeginsLaterWaitsForItsDateAndHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.asAccess("g1", "g2")
	w.timed(30*day, noon.Add(5*day))
	w.at(day, func() {
		assert.Equal(t, []string{"add_member g2"}, w.applied)
		status := w.grantStatus()
		assert.Equal(t, casework.StateWaitingDate, status.State)
		assert.Equal(t, noon.Add(5*day), status.DueAt.UTC())
	})
	res := w.run()
	assert.Equal(t, casework.EndDone, res.End)
	assert.Equal(t, []string{"add_member g2", "add_member g1"}, w.applied)
	assert.Equal(t, noon.Add(5*day), w.times[1])
	require.Len(t, w.claimed, 1)
	assert.Equal(t, noon.Add(35*day), w.claimed[0].Signal.Claim.Until)
}

func TestAnItemBeginsWhileAnotherStillWaitsForItsApproval(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.asAccess("g1", "g2")
	w.timed(30*day, noon.Add(2*day))
	w.needs(boss)
	vote := func(after time.Duration, unit string) {
		w.at(after, func() {
			w.votes = append(w.votes, approval.Vote{
				ApprovalID: int64(len(w.votes) + 1), Group: "approvers", By: boss, For: boss, Decision: approval.DecisionApproved, At: w.env.Now(), Remark: unit,
			})
			w.nudge()
		})
	}
	vote(time.Hour, "item1")
	vote(6*day, "item2")
	res := w.run()
	assert.Equal(t, casework.EndDone, res.End)
	require.Len(t, w.times, 2)
	assert.Equal(t, noon.Add(2*day), w.times[0])
	assert.Equal(t, noon.Add(6*day), w.times[1])
}

func TestACloseWhileWaitingForTheBeginningGrantsNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.asAccess("g1")
	w.timed(30*day, noon.Add(5*day))
	w.at(day, func() { w.request.Ticket.Closed = true; w.nudge() })
	res := w.run()
	assert.Equal(t, casework.EndCancelled, res.End)
	assert.Empty(t, w.applied)
}

func TestALongWaitForTheBeginningIsCarriedOver(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.asAccess("g1")
	w.timed(30*day, noon.Add(200*day))
	w.at(day, func() { w.env.SetContinueAsNewSuggested(true); w.nudge() })
	w.start()
	var next *workflow.ContinueAsNewError
	require.ErrorAs(t, w.env.GetWorkflowError(), &next)
	var in contract.CaseInput
	require.NoError(t, converter.GetDefaultDataConverter().FromPayloads(next.Input, &in))

	again := newWorld(t)
	again.asAccess("g1")
	again.timed(30*day, noon.Add(200*day))
	again.env.SetStartTime(noon.Add(day))
	again.execute(in)
	require.NoError(t, again.env.GetWorkflowError())
	assert.Equal(t, []time.Time{noon.Add(200 * day)}, again.times)
}
