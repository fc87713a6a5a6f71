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

func TestAccessIsGrantedOnlyAfterEveryLevel(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.asAccess("g1")
	w.needs(boss, owner)
	w.at(time.Hour, func() { w.answers(boss, approval.DecisionApproved) })
	w.at(2*time.Hour, func() { assert.Empty(t, w.applied); w.answers(owner, approval.DecisionApproved) })
	res := w.run()
	assert.Equal(t, casework.EndDone, res.End)
	assert.Equal(t, []string{"add_member g1"}, w.applied)
	assert.Equal(t, []string{"approvals_opened", "result", "result_requester"}, w.templates())
	assert.Equal(t, []contract.TicketWish{contract.WishWaiting, contract.WishResolved}, w.wishes)
}

func TestANudgeThatClaimsAnApprovalGrantsNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.asAccess("g1")
	w.needs(boss)
	w.at(time.Hour, func() { w.nudge(); w.nudge(); w.nudge() })
	w.at(2*time.Hour, func() { w.request.Ticket.Closed = true; w.nudge() })
	res := w.run()
	assert.Equal(t, casework.EndCancelled, res.End)
	assert.Empty(t, w.applied)
}

func TestManyNudgesAreOneRead(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.asAccess("g1")
	w.needs(boss)
	w.at(time.Hour, func() {
		for range 50 {
			w.env.SignalWorkflowSkippingWorkflowTask(contract.SignalNudge, nil)
		}
		w.nudge()
	})
	before := 0
	w.at(time.Hour+time.Minute, func() { before = w.reads; w.answers(boss, approval.DecisionApproved) })
	w.run()
	assert.Equal(t, 1, before)
}

func TestNobodyApprovesForThemselves(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.asAccess("g1")
	w.needs(boss)
	w.chain.Levels[0].Groups[0].Approvers = append(w.chain.Levels[0].Groups[0].Approvers, owner)
	w.bans = []approval.Ban{{DeskID: boss.DeskID, Why: "asked for this access"}}
	w.at(time.Hour, func() { w.answers(boss, approval.DecisionApproved) })
	w.at(2*time.Hour, func() { assert.Empty(t, w.applied); w.answers(owner, approval.DecisionApproved) })
	w.run()
	assert.Equal(t, []string{"add_member g1"}, w.applied)
	log := w.evidence[0].Case.Units[0].Log
	require.Len(t, log, 2)
	assert.Equal(t, approval.ReasonBanned, log[1].Ignored)
}

func TestRejectingOneItemDeniesOnlyThatOne(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.asAccess("g1", "g2")
	w.needs(boss)
	denied := false
	w.verify = func(in contract.VerifyInput) contract.VerifyResult {
		denied = denied || in.Nothing
		return contract.VerifyResult{}
	}
	w.at(time.Hour, func() {
		w.votes = append(w.votes, approval.Vote{ApprovalID: 1, Group: "approvers", By: boss, For: boss, Decision: approval.DecisionRejected, At: w.env.Now(), Remark: "item1"})
		w.nudge()
	})
	w.at(2*time.Hour, func() {
		w.votes = append(w.votes, approval.Vote{ApprovalID: 2, Group: "approvers", By: boss, For: boss, Decision: approval.DecisionApproved, At: w.env.Now(), Remark: "item2"})
		w.nudge()
	})
	res := w.run()
	assert.Equal(t, casework.EndDone, res.End)
	assert.Equal(t, []string{"add_member g2"}, w.applied)
	assert.Equal(t, casework.EndRejected, res.Items[0].End)
	assert.Equal(t, casework.EndDone, res.Items[1].End)
	assert.True(t, denied, "that nothing was granted is read from Okta")
}

func TestRemindersEscalationAndExpiry(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.asAccess("g1")
	w.needs(boss)
	level := &w.chain.Levels[0]
	level.RemindAfter, level.RemindMax = 24*time.Hour, 2
	level.EscalateAfter, level.EscalateTo = 72*time.Hour, []approval.Approver{owner}
	level.ExpireAfter = 120 * time.Hour
	w.at(71*time.Hour, func() { assert.Equal(t, 2, w.reminded); assert.Len(t, w.opened, 1) })
	w.at(73*time.Hour, func() { assert.Len(t, w.opened, 2); assert.Contains(t, w.asked["item1"], owner.DeskID) })
	res := w.run()
	assert.Equal(t, casework.EndExpired, res.End)
	assert.Empty(t, w.applied)
	assert.Equal(t, 2, w.reminded)
}

func TestAnAnswerThatCameWithTheDeadlineCounts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.asAccess("g1")
	w.needs(boss)
	w.chain.Levels[0].ExpireAfter = 2 * time.Hour
	w.at(time.Hour, func() { // the webhook was lost: no nudge
		w.votes = append(w.votes, approval.Vote{ApprovalID: 1, Group: "approvers", By: boss, For: boss, Decision: approval.DecisionApproved, At: w.env.Now()})
	})
	res := w.run()
	assert.Equal(t, casework.EndDone, res.End)
}

func TestALeaverWins(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.asAccess("g1")
	w.needs(boss)
	w.at(time.Hour, func() {
		w.env.SignalWorkflow(contract.SignalLeaverBegan, contract.LeaverSignal{OktaUserID: ada.OktaUserID, Ticket: 8, Began: true})
	})
	w.at(2*time.Hour, func() { w.answers(boss, approval.DecisionApproved) })
	res := w.run()
	assert.Equal(t, casework.EndLeaver, res.End)
	assert.Contains(t, res.Items[0].Why, "FS-8")
	assert.Empty(t, w.applied)
}

func TestAPlanThatGrantsSomethingElseAsksAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.asAccess("g1")
	w.needs(boss)
	w.at(time.Hour, func() {
		w.plan.Units[0] = accessUnit("item1", "g2")
		w.answers(boss, approval.DecisionApproved)
	})
	w.at(2*time.Hour, func() { assert.Empty(t, w.applied); w.answers(boss, approval.DecisionApproved) })
	w.run()
	assert.Equal(t, []string{"item1/0/0", "item1/0/1"}, w.opened)
	assert.Equal(t, []string{"add_member g2"}, w.applied)
}

func TestReassignAcceptsOnlyWhomPolicyAllows(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.asAccess("g1")
	w.needs(boss)
	var toSelf, toOwner *reply
	w.at(time.Hour, func() {
		toSelf = w.command(contract.UpdateReassign, contract.ReassignCommand{Operator: operator().Operator, To: "op@acme.example"})
	})
	w.at(2*time.Hour, func() {
		toOwner = w.command(contract.UpdateReassign, contract.ReassignCommand{Operator: operator().Operator, To: owner.Email})
	})
	w.at(3*time.Hour, func() { w.answers(owner, approval.DecisionApproved) })
	res := w.run()
	require.ErrorContains(t, toSelf.err, "policy does not allow")
	require.NoError(t, toOwner.err)
	assert.Equal(t, casework.EndDone, res.End)
}

func TestTheDesksOwnChainDecidesButOurBansHold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.asAccess("g1")
	w.chain = approval.Chain{Mode: approval.ModeDesk}
	w.bans = []approval.Ban{{DeskID: boss.DeskID, Why: "asked for this access"}}
	w.at(time.Hour, func() {
		w.desk = contract.DeskDecision{Status: "approved", Votes: []approval.Vote{{ApprovalID: 1, Group: "g", By: boss, For: boss, Decision: approval.DecisionApproved}}}
		w.nudge()
	})
	w.at(2*time.Hour, func() {
		assert.Equal(t, casework.StateNeedsAttention, w.status().State)
		w.desk.Votes = append(w.desk.Votes, approval.Vote{ApprovalID: 2, Group: "g", By: owner, For: owner, Decision: approval.DecisionApproved})
		w.command(contract.UpdateRetry, operator())
	})
	res := w.run()
	assert.Equal(t, casework.EndDone, res.End)
	assert.Empty(t, w.opened, "Latchkey opens no approval under the desk's own chain")
	for _, line := range w.evidence[0].Case.Units[0].Log {
		assert.Empty(t, line.Digest, "these approvals name no plan")
	}
}

func TestAStageStartsIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.asAccess("g1")
	w.chain = approval.Chain{Mode: approval.ModeStage}
	w.at(time.Hour, func() { w.desk.Status = "stage"; w.nudge() })
	res := w.run()
	assert.Equal(t, casework.EndDone, res.End)
	assert.Equal(t, noon.Add(time.Hour), w.times[0])
}

func TestOneItemOutsideTheCatalogueEndsClearlyAndTheOtherGoesOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.asAccess("g1", "g2")
	w.plan.Units[0] = contract.Unit{Key: "item1", Title: "nonsense", End: casework.EndUnknownItem, Why: "not in the catalogue"}
	res := w.run()
	assert.Equal(t, casework.EndUnknownItem, res.Items[0].End)
	assert.Equal(t, []string{"add_member g2"}, w.applied)
}

func TestAReopenedTicketStartsAFreshRun(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.asAccess("g1")
	w.at(30*time.Minute, func() { w.request.Ticket.Closed = false; w.nudge() })
	w.start()
	var next *workflow.ContinueAsNewError
	require.ErrorAs(t, w.env.GetWorkflowError(), &next)
	assert.Equal(t, contract.WorkflowIntake, next.WorkflowType.Name)
}

func TestAnOlderStateOfTheTicketIsNoReopening(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.asAccess("g1")
	w.written = noon.Add(5 * time.Minute)
	w.at(30*time.Minute, func() { w.request.Ticket.Closed = false; w.nudge() }) // shown as of noon
	res := w.run()
	assert.Equal(t, casework.EndDone, res.End)
}

func TestAReopeningThatShowsLateStartsAFreshRun(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.asAccess("g1")
	w.written = noon.Add(5 * time.Minute)
	w.at(30*time.Minute, func() { w.request.Ticket.Closed = false; w.nudge() })
	w.at(30*time.Minute+15*time.Second, func() { w.request.Ticket.UpdatedAt = noon.Add(30 * time.Minute) })
	w.start()
	var next *workflow.ContinueAsNewError
	require.ErrorAs(t, w.env.GetWorkflowError(), &next)
}

func TestLateNudgesAreAbsorbed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.asAccess("g1")
	w.at(30*time.Minute, w.nudge)
	res := w.run()
	assert.Equal(t, casework.EndDone, res.End)
	assert.Equal(t, []string{"add_member g1"}, w.applied)
}

func TestALongHistoryIsCarriedOverWithNothingLost(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.asAccess("g1")
	w.needs(boss, owner)
	w.at(time.Hour, func() { w.answers(boss, approval.DecisionApproved) })
	w.at(2*time.Hour, func() { w.env.SetContinueAsNewSuggested(true); w.nudge() })
	w.start()
	var next *workflow.ContinueAsNewError
	require.ErrorAs(t, w.env.GetWorkflowError(), &next)
	assert.Equal(t, string(casework.AccessRequest), next.WorkflowType.Name)
	var carried contract.CaseInput
	require.NoError(t, converter.GetDefaultDataConverter().FromPayloads(next.Input, &carried))
	assert.Equal(t, 1, carried.Case.Units[0].Level)

	again := newWorld(t)
	again.asAccess("g1")
	again.needs(boss, owner)
	again.level["item1"], again.asked["item1"] = 1, []int64{owner.DeskID}
	again.at(time.Hour, func() { again.answers(owner, approval.DecisionApproved) })
	again.execute(carried)
	require.NoError(t, again.env.GetWorkflowError())
	res := again.result()
	assert.Equal(t, casework.EndDone, res.End)
	assert.Empty(t, again.opened, "the level was open already")
	assert.Len(t, again.evidence[0].Case.Units[0].Log, 2, "the first level's decision came along")
}

func TestAnAnswerGivenToATerminatedCaseDoesNotCount(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.asAccess("g1")
	w.needs(boss)
	w.chain.Levels[0].ExpireAfter = 2 * time.Hour
	w.level["item1"] = 0 // its group stands on the ticket, under the very name
	w.votes = []approval.Vote{{ApprovalID: 1, Group: "approvers", By: boss, For: boss, Decision: approval.DecisionApproved, At: noon.Add(-time.Hour)}}
	res := w.run()
	assert.Equal(t, casework.EndExpired, res.End)
	assert.Empty(t, w.applied)
}

func TestAGrantThatOktaLetsNobodyMakeIsLeftToItsOwner(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.asAccess("g1")
	w.apply = func(contract.ApplyInput) (contract.ApplyResult, error) {
		return contract.ApplyResult{Outcome: contract.OutcomeLeft, Detail: "its members are mastered elsewhere", At: w.env.Now()}, nil
	}
	res := w.run()
	assert.Equal(t, casework.EndResiduals, res.End)
	require.Len(t, res.Left, 1)
	assert.Contains(t, res.Left[0].Why, "mastered elsewhere")
	assert.Equal(t, contract.WishWaiting, w.wishes[len(w.wishes)-1], "somebody has to look")
}
