package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/approval"
	"latchkey/casework"
	"latchkey/contract"
	"latchkey/identity"
)

// shut lets the planner see that the account cannot sign in: there is no door to shut any more.
func (w *world) shut() {
	plan := w.plan.Units[0].Plan
	plan.Person.Status = identity.StatusSuspended
	plan.Changes = plan.Changes[1:]
	w.plan.Units[0].Plan = casework.Seal(plan)
}

// emergency is a world whose leaver is an emergency that one approver has to confirm.
func emergency(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	w.request.Emergency = true
	w.needs(boss)
	return w
}

func TestAnAccountOpenedAgainAfterTheEmergencyIsShutBeforeAnythingElseIsTaken(t *testing.T) {
	t.Parallel()
	w := emergency(t)
	w.at(24*time.Hour, func() { w.answers(boss, approval.DecisionApproved) }) // the plan still says: active
	res := w.run()
	assert.Equal(t, casework.EndDone, res.End)
	assert.Equal(t, append([]string{"suspend Ada", "end_sessions Ada"}, wholeLeaver...), w.applied)
}

func TestAnEmergencyThatIsHeldIsTriedAgainWhileTheApprovalIsWaitedFor(t *testing.T) {
	t.Parallel()
	w := emergency(t)
	frozen := true
	w.apply = func(contract.ApplyInput) (contract.ApplyResult, error) {
		if frozen {
			return contract.ApplyResult{Outcome: contract.OutcomeHeld, Guard: contract.GuardFreeze, Detail: "frozen"}, nil
		}
		return contract.ApplyResult{Outcome: contract.OutcomeDone, At: w.env.Now()}, nil
	}
	w.at(time.Minute, func() { assert.NotEmpty(t, w.opened, "the approval is asked for meanwhile") })
	w.at(30*time.Minute, func() { frozen = false })
	w.at(2*time.Hour, func() {
		assert.Equal(t, []string{"suspend Ada", "end_sessions Ada"}, w.applied)
		w.shut()
		w.answers(boss, approval.DecisionApproved)
	})
	w.run()
	assert.Equal(t, wholeLeaver, w.applied)
	assert.Less(t, w.times[0], noon.Add(40*time.Minute))
}

func TestAnEmergencyThatEndsUndecidedNamesTheAccountThatStaysSuspended(t *testing.T) {
	t.Parallel()
	for name, ends := range map[string]func(*world){
		"aborted": func(w *world) { w.command(contract.UpdateAbort, operator()) },
		"closed":  func(w *world) { w.request.Ticket.Closed = true; w.nudge() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := emergency(t)
			w.at(time.Hour, func() { ends(w) })
			res := w.run()
			require.Len(t, res.Left, 1)
			assert.Equal(t, ada.OktaUserID, res.Left[0].Object.ID)
			assert.Contains(t, res.Left[0].Why, "neither approved nor taken back")
		})
	}
}

func TestAnEmergencyThatCouldNotBeTakenBackSaysSo(t *testing.T) {
	t.Parallel()
	w := emergency(t)
	w.apply = func(in contract.ApplyInput) (contract.ApplyResult, error) {
		if in.Undo {
			return contract.ApplyResult{Outcome: contract.OutcomeRefused, Guard: contract.GuardLeaver, Detail: "another leaver stands"}, nil
		}
		return contract.ApplyResult{Outcome: contract.OutcomeDone, At: w.env.Now()}, nil
	}
	w.at(time.Hour, func() { w.answers(boss, approval.DecisionRejected) })
	res := w.run()
	assert.Equal(t, casework.EndRejected, res.End)
	assert.NotContains(t, res.Summary, "taken back")
	require.Len(t, res.Left, 1)
	assert.Contains(t, res.Left[0].Why, "another leaver stands")
	assert.Contains(t, w.wishes, contract.WishWaiting)
}

func TestAnApprovedEmergencyIsAnOrdinaryLeaverForTheCap(t *testing.T) {
	t.Parallel()
	w := emergency(t)
	w.chain = approval.Chain{Mode: approval.ModeStage}
	var asked []bool
	w.apply = func(in contract.ApplyInput) (contract.ApplyResult, error) {
		asked = append(asked, in.Emergency)
		if in.Emergency {
			return contract.ApplyResult{Outcome: contract.OutcomeRefused, Guard: contract.GuardEmergency, Detail: "the cap"}, nil
		}
		return contract.ApplyResult{Outcome: contract.OutcomeDone, At: w.env.Now()}, nil
	}
	w.at(time.Minute, func() { w.desk.Status = "stage"; w.nudge() })
	res := w.run()
	assert.Equal(t, casework.EndDone, res.End)
	assert.Equal(t, []bool{true, false, false, false, false}, asked)
}
