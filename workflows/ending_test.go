package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/approval"
	"latchkey/casework"
	"latchkey/contract"
)

func TestATicketThatAPersonClosesWhileItsReportIsParkedEndsTheCaseWithItsResult(t *testing.T) {
	t.Parallel()
	for name, ends := range map[string]func(*world){
		"closed":  func(w *world) { w.request.Ticket.Closed = true; w.nudge() },
		"aborted": func(w *world) { w.command(contract.UpdateAbort, operator()) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.fail[contract.ActTell] = []error{kinded(casework.Invalid, "the desk wants a category")}
			w.at(time.Hour, func() { ends(w) })
			res := w.run()
			assert.Equal(t, casework.EndDone, res.End)
			assert.Equal(t, wholeLeaver, w.applied)
		})
	}
}

func TestObserveNeverResolvesATicketNorAnswersItsRequester(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.request.Mode = casework.ModeObserve
	w.plan = contract.PlanResult{Person: ada, End: casework.EndAlready, Why: "deactivated already"}
	res := w.run()
	assert.Equal(t, casework.EndObserved, res.End)
	assert.Equal(t, []string{"observed"}, w.templates())
	assert.Contains(t, res.Summary, "deactivated already")
	assert.Empty(t, w.wishes)
}

func TestAnItemThatAnOperatorSkippedKeepsTheTicketOpen(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.asAccess("g1", "g2")
	w.fail[contract.ActApplyChange] = []error{kinded(casework.Denied, "okta said no")}
	w.at(time.Hour, func() { w.command(contract.UpdateSkip, operator()) })
	res := w.run()
	require.Len(t, res.Left, 1)
	assert.Equal(t, "g1", res.Left[0].Object.ID)
	assert.NotContains(t, w.wishes, contract.WishResolved)
}

func TestWhatTheTicketAsksForWhileTheCaseWorksStartsAFreshRun(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	held := true
	w.apply = func(contract.ApplyInput) (contract.ApplyResult, error) {
		if held {
			return contract.ApplyResult{Outcome: contract.OutcomeHeld, Guard: contract.GuardFreeze, Detail: "frozen"}, nil
		}
		return contract.ApplyResult{Outcome: contract.OutcomeDone, At: w.env.Now()}, nil
	}
	w.at(time.Hour, func() { w.request.Subject = "bob@acme.example"; held = false; w.nudge() })
	reopened := 0
	w.at(90*time.Minute, func() {
		w.request.Ticket.Closed, w.request.Ticket.UpdatedAt = false, w.env.Now()
		reopened++
		w.nudge()
	})
	w.start()
	w.carried()
	assert.Equal(t, wholeLeaver, w.applied)
	assert.Equal(t, 1, reopened)
}

func TestTheDesksChainIsReadAgainAfterARetry(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.asAccess("g1")
	w.chain = approval.Chain{Mode: approval.ModeDesk}
	w.bans = []approval.Ban{{DeskID: boss.DeskID, Why: "the requester"}}
	w.desk = contract.DeskDecision{Status: "approved", Votes: []approval.Vote{{ApprovalID: 1, Group: "a", By: boss, For: boss, Decision: approval.DecisionApproved, At: noon}}}
	w.at(time.Hour, func() {
		w.desk.Votes = append(w.desk.Votes, approval.Vote{ApprovalID: 2, Group: "a", By: owner, For: owner, Decision: approval.DecisionApproved, At: w.env.Now()})
		w.command(contract.UpdateRetry, operator())
	})
	w.at(2*time.Hour, func() { assert.Equal(t, []string{"add_member g1"}, w.applied) })
	res := w.run()
	assert.Equal(t, casework.EndDone, res.End)
}

func TestACredentialRefusedForWeeksIsTriedSlowly(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for range 2000 {
		w.fail[contract.ActPlan] = append(w.fail[contract.ActPlan], kinded(casework.Unauthorized, "401"))
	}
	w.at(14*24*time.Hour, func() {
		assert.Less(t, w.plans, 700, "each try is a dozen events of a history that the server ends at 51,200")
		w.fail[contract.ActPlan] = nil
	})
	assert.Equal(t, casework.EndDone, w.run().End)
}

func TestAParkedCaseInObserveLeavesTheTicketsStateAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.request.Mode = casework.ModeObserve
	w.fail[contract.ActPlan] = []error{kinded(casework.Invalid, "policy is broken")}
	w.at(time.Hour, func() { w.command(contract.UpdateRetry, operator()) })
	assert.Equal(t, casework.EndObserved, w.run().End)
	assert.Empty(t, w.wishes)
}
