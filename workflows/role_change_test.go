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
	"latchkey/workflows"
)

// asMover turns the world's ticket into Ada's role change: an attribute, a group more, a group less.
func (w *world) asMover(overlap time.Duration) {
	w.request.UseCase, w.request.Rule = casework.RoleChange, "mover"
	plan := casework.Seal(casework.Plan{
		UseCase: casework.RoleChange, Person: ada, Overlap: overlap,
		Changes: []casework.Change{
			{
				ID: "profile", Phase: casework.PhaseProfile, Verb: casework.VerbUpdateProfile, Values: map[string]any{"department": "Sales"},
				Object: identity.Entitlement{Kind: identity.KindProfile, ID: "department", Name: "department"},
			},
			{ID: "join new", Phase: casework.PhaseGrant, Verb: casework.VerbAddMember, Object: group("new")},
			{ID: "leave old", Phase: casework.PhaseRevoke, Verb: casework.VerbRemoveMember, Object: group("old")},
		},
		Effects: []casework.Effect{{Object: group("by rule"), Gives: true}},
	})
	w.plan = contract.PlanResult{Person: ada, Units: []contract.Unit{{Key: "plan", Title: "mover Ada", Plan: plan}}}
	w.env.OnSignalExternalWorkflow(anything, anything, "", anything, anything).Return(nil).Maybe()
}

func (w *world) move() contract.CaseResult {
	w.t.Helper()
	w.env.ExecuteWorkflow(workflows.RoleChange, contract.CaseInput{Ticket: 7, Case: &contract.Case{
		Request: w.request, State: casework.StatePlanning, StartedAt: noon, Times: shortTimes(),
	}})
	require.True(w.t, w.env.IsWorkflowCompleted())
	require.NoError(w.t, w.env.GetWorkflowError())
	return w.result()
}

var movesAll = []string{"update_profile department", "add_member new", "remove_member old"}

func TestAMoverGetsTheNewAccessBeforeTheOldGoes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.asMover(0)
	res := w.move()
	assert.Equal(t, casework.EndDone, res.End)
	assert.Equal(t, movesAll, w.applied)
	require.NotEmpty(t, w.settled)
	assert.Equal(t, "by rule", w.settled[0].Come[0].ID, "what a rule gives is waited for before anything goes")
}

func TestOldAndNewAccessOverlapAsLongAsPolicySays(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.asMover(48 * time.Hour)
	res := w.move()
	assert.Equal(t, casework.EndDone, res.End)
	assert.Equal(t, movesAll, w.applied)
	assert.Equal(t, noon.Add(48*time.Hour), w.times[2])
}

func TestAnOperatorEndsTheOverlapEarly(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.asMover(48 * time.Hour)
	w.at(time.Hour, func() { w.command(contract.UpdateExpedite, operator()) })
	w.move()
	assert.Equal(t, noon.Add(time.Hour), w.times[2])
}

func TestNobodyMovesWithoutTheApproval(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.asMover(0)
	w.needs(boss)
	w.at(time.Hour, func() { w.answers(boss, approval.DecisionRejected) })
	assert.Equal(t, casework.EndRejected, w.move().End)
	assert.Empty(t, w.applied)
}

func TestALeaverWinsOverAMover(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.asMover(0)
	w.needs(boss)
	w.at(time.Hour, func() {
		w.env.SignalWorkflow(contract.SignalLeaverBegan, contract.LeaverSignal{OktaUserID: ada.OktaUserID, Ticket: 8, Began: true})
	})
	w.at(2*time.Hour, func() { w.answers(boss, approval.DecisionApproved) })
	res := w.move()
	assert.Equal(t, casework.EndLeaver, res.End)
	assert.Empty(t, w.applied)
}

func TestWhatAMoverKeepsUnexpectedlyIsLeftToAPerson(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.asMover(0)
	w.verify = func(contract.VerifyInput) contract.VerifyResult {
		return contract.VerifyResult{At: w.env.Now(), Residuals: []casework.Residual{{Object: group("old"), Why: "still held"}}}
	}
	res := w.move()
	assert.Equal(t, casework.EndResiduals, res.End)
	assert.Equal(t, contract.WishWaiting, w.wishes[len(w.wishes)-1])
}

func TestNothingOldGoesBeforeGroupRulesGaveTheNew(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.asMover(0)
	w.lacking = []identity.Entitlement{group("by rule")}
	w.at(30*time.Minute, func() {
		assert.Equal(t, movesAll[:2], w.applied, "the old access stands")
		assert.Contains(t, w.templates(), "parked")
		w.lacking = nil
		w.command(contract.UpdateRetry, operator())
	})
	res := w.move()
	assert.Equal(t, casework.EndDone, res.End)
	assert.Equal(t, movesAll, w.applied)
}

func TestAMembershipThatARuleHoldsIsGivenByNameOnlyOnceTheRuleLetGo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.asMover(0)
	w.plan.Units[0].Plan.Changes[1].Origin = identity.OriginGroupRule
	w.move()
	require.NotEmpty(t, w.settled)
	assert.Equal(t, "new", w.settled[0].Gone[0].ID)
}
