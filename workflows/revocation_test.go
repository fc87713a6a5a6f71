package workflows_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"

	"latchkey/casework"
	"latchkey/contract"
	"latchkey/identity"
	"latchkey/workflows"
)

// revokes runs the revocations of two groups of Ada's, with the plan that Okta's state gives.
func (w *world) revokes(plan contract.PlanRevocationsResult) []contract.RevocationItem {
	w.t.Helper()
	w.env.RegisterActivityWithOptions(func(_ context.Context, in contract.PlanRevocationsInput) (contract.PlanRevocationsResult, error) {
		assert.Equal(w.t, "2026-Q4", in.Campaign)
		w.plans++
		return plan, nil
	}, activity.RegisterOptions{Name: contract.ActPlanRevocations})
	w.env.OnSignalExternalWorkflow(mock.Anything, contract.PersonWorkflowID(ada.OktaUserID), "", mock.Anything, mock.Anything).Return(nil).Maybe()
	w.env.ExecuteWorkflow(workflows.Revocation, contract.RevocationInput{
		Campaign: "2026-Q4", Ticket: 70, Person: ada, Times: shortTimes(), Owner: "Identity Team",
		Revoked: []casework.Revoked{{Item: "i1", Object: group("g1"), By: "Boss"}, {Item: "i2", Object: group("g2"), By: "Boss"}},
	})
	require.True(w.t, w.env.IsWorkflowCompleted())
	require.NoError(w.t, w.env.GetWorkflowError())
	var res contract.RevocationResult
	require.NoError(w.t, w.env.GetWorkflowResult(&res))
	require.Len(w.t, res.Items, 2)
	return res.Items
}

// revocationPlan takes g1 by name and leaves g2 to its rule.
func revocationPlan() contract.PlanRevocationsResult {
	return contract.PlanRevocationsResult{Plan: casework.Seal(casework.Plan{
		UseCase: casework.AccessReview, Person: ada, Changes: []casework.Change{casework.RevokeOf(group("g1"), "revoked")},
		Residuals: []casework.Residual{{Object: group("g2"), Why: "the group rule gives it", Owner: "owner of rules", Expected: true}},
	})}
}

func TestRevocationsAreAppliedInThePersonsTurnAndReadBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	items := w.revokes(revocationPlan())
	assert.Equal(t, []string{"remove_member g1"}, w.applied)
	assert.Equal(t, contract.RevocationGone, items[0].End)
	assert.Equal(t, contract.RevocationLeft, items[1].End)
	assert.True(t, items[1].Source)
	assert.Equal(t, "owner of rules", items[1].Owner)
	require.Len(t, w.turns, 1)
	assert.Equal(t, "review/2026-Q4/revoke/00uADA", w.turns[0].Workflow)
}

func TestARevocationThatStillStandsIsLeftWithItsOwner(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.verify = func(contract.VerifyInput) contract.VerifyResult {
		return contract.VerifyResult{Residuals: []casework.Residual{{Object: group("g1"), Why: "still held directly", Owner: ""}}}
	}
	items := w.revokes(revocationPlan())
	assert.Equal(t, contract.RevocationLeft, items[0].End)
	assert.Equal(t, "still held directly", items[0].Why)
	assert.Equal(t, "Identity Team", items[0].Owner)
	assert.False(t, items[0].Source)
}

func TestAGuardThatRefusesARevocationIsNamed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.apply = func(contract.ApplyInput) (contract.ApplyResult, error) {
		return contract.ApplyResult{Outcome: contract.OutcomeRefused, Detail: "policy protects the account"}, nil
	}
	items := w.revokes(revocationPlan())
	assert.Equal(t, contract.RevocationKept, items[0].End)
	assert.Equal(t, "policy protects the account", items[0].Why)
}

func TestAFreezeHoldsRevocationsUntilItIsThawed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tries := 0
	w.apply = func(contract.ApplyInput) (contract.ApplyResult, error) {
		if tries++; tries < 3 {
			return contract.ApplyResult{Outcome: contract.OutcomeHeld, Guard: contract.GuardFreeze, Detail: "frozen"}, nil
		}
		return contract.ApplyResult{Outcome: contract.OutcomeDone, At: w.env.Now()}, nil
	}
	assert.Equal(t, contract.RevocationGone, w.revokes(revocationPlan())[0].End)
	assert.Len(t, w.turns, 3, "the turn is given back while it is frozen")
}

func TestAnAbortedRevocationSaysWhatStands(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.apply = func(contract.ApplyInput) (contract.ApplyResult, error) {
		return contract.ApplyResult{}, kinded(casework.Denied, "Okta said no")
	}
	w.at(time.Hour, func() { w.command(contract.UpdateAbort, operator()) })
	items := w.revokes(revocationPlan())
	assert.Equal(t, contract.RevocationLeft, items[0].End)
	assert.Contains(t, items[0].Why, "ended the case")
	assert.Equal(t, []string{"parked"}, w.templates())
}

func TestRevocationsOfAnAccountThatIsGoneAreDone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	items := w.revokes(contract.PlanRevocationsResult{Gone: true, Plan: casework.Plan{Person: identity.Person{OktaUserID: ada.OktaUserID}}})
	assert.Equal(t, contract.RevocationGone, items[0].End)
	assert.Equal(t, contract.RevocationGone, items[1].End)
	assert.Empty(t, w.applied)
}
