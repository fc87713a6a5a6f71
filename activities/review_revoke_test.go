package activities_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/activities"
	"latchkey/casework"
	"latchkey/contract"
	"latchkey/identity"
)

// revocationPlan reads what a person of Acme's holds, revokes all of it, and plans that.
func (w *reviewWorld) revokeAll(login string) (contract.PlanRevocationsResult, identity.Access) {
	w.t.Helper()
	id := w.user(login).ID
	access, _, err := activities.AccessOf(w.t.Context(), w.client, id)
	require.NoError(w.t, err)
	in := contract.PlanRevocationsInput{Campaign: "2026-Q4", Person: identity.Person{OktaUserID: id}}
	for _, g := range append(append([]identity.Grant{}, access.Groups...), access.Apps...) {
		in.Revoked = append(in.Revoked, casework.Revoked{Item: g.Entitlement.ID, Object: g.Entitlement, By: "Boss"})
	}
	res, err := run[contract.PlanRevocationsResult](w.world, contract.ActPlanRevocations, in)
	require.NoError(w.t, err)
	return res, access
}

func TestWhatAReviewRevokedIsTakenOnceReadBackAndNeverFromARule(t *testing.T) {
	t.Parallel()
	w := newReviewWorld(t, nil)
	res, access := w.revokeAll("mara.delacroix@acme.example")
	plan := res.Plan
	require.NotEmpty(t, plan.Changes)
	byRule := 0
	for _, g := range access.Groups {
		if g.Origin == identity.OriginGroupRule {
			byRule++
			for _, c := range plan.Changes {
				assert.NotEqual(t, g.Entitlement.Key(), c.Object.Key(), "a rule's member is never removed by name")
			}
		}
	}
	require.Positive(t, byRule)
	w.carryTwice(plan)
	check := w.proof(plan)
	assert.Empty(t, unproved(check))
	for _, left := range check.Residuals {
		assert.True(t, left.Expected, "%s: %s", left.Object.Label(), left.Why)
	}
	for _, left := range plan.Residuals {
		assert.NotEmpty(t, left.Owner, left.Object.Label())
	}
	again, _ := w.revokeAll("mara.delacroix@acme.example")
	assert.Empty(t, again.Plan.Changes, "planned again, nothing is left to do by name")
}

func TestRevocationsOfAnErasedAccountAreDone(t *testing.T) {
	t.Parallel()
	w := newReviewWorld(t, nil)
	res, err := run[contract.PlanRevocationsResult](w.world, contract.ActPlanRevocations, contract.PlanRevocationsInput{
		Campaign: "2026-Q4", Person: identity.Person{OktaUserID: "00unobody"}, Revoked: []casework.Revoked{{Item: "i"}},
	})
	require.NoError(t, err)
	assert.True(t, res.Gone)
}

func TestProtectedAndKeptAccessIsNotRevoked(t *testing.T) {
	t.Parallel()
	w := newReviewWorld(t, map[string]string{
		"guards.yaml": "keep:\n  - {group: 'Salesforce Power Users', why: a lawsuit, who: Legal}\nmass_change: {people: 20, percent: 15, window: 1h}\n",
	})
	res, _ := w.revokeAll("mara.delacroix@acme.example")
	for _, c := range res.Plan.Changes {
		assert.NotEqual(t, "Salesforce Power Users", c.Object.Name)
	}
	require.NotEmpty(t, res.Plan.Kept)
	assert.Equal(t, "Legal", res.Plan.Kept[0].Who)
}
