package activities_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/casework"
	"latchkey/contract"
	"latchkey/examples/acme"
	"latchkey/simulators/okta/oktasim"
)

// grantPlan plans one item for Clara.
func (w *world) grantPlan(catalogue string) casework.Plan {
	w.t.Helper()
	result := w.plan(casework.Request{
		Ticket: casework.Ticket{Number: 12}, UseCase: casework.AccessRequest,
		Items: []casework.Item{{Key: "1", Name: catalogue, Catalogue: catalogue, Beneficiary: acme.Clara}},
	})
	require.Empty(w.t, result.Units[0].End, result.Units[0].Why)
	return result.Units[0].Plan
}

func TestAGrantLeavesOneEventAndIsReadBack(t *testing.T) {
	t.Parallel()
	troubles := map[string]*oktasim.Fault{
		"without trouble":          nil,
		"when the answer is lost":  {Kind: oktasim.FaultAnswerLost, Method: "write", First: 1, PerWrite: true},
		"when Okta is unavailable": {Kind: oktasim.FaultStatus, Status: http.StatusServiceUnavailable, Method: "write", First: 2, PerWrite: true},
		"when reads are stale":     {Kind: oktasim.FaultStale, Method: http.MethodGet, Path: "users/*/groups", Delay: oktasim.Duration(time.Second)},
	}
	for _, what := range []struct{ catalogue, event string }{
		{"aurora", "group.user_membership.add"}, {"miro", "application.user_membership.add"},
	} {
		for name, fault := range troubles {
			t.Run(what.catalogue+" "+name, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, nil)
				plan := w.grantPlan(what.catalogue)
				if fault != nil {
					w.fault(*fault)
				}
				list := w.carry(plan)
				w.sim.ClearFaults()
				assert.Contains(t, []contract.Outcome{contract.OutcomeDone, contract.OutcomeAlready}, list[0].Outcome)
				check := w.verify(plan, list)
				assert.Empty(t, unproved(check))
				assert.Empty(t, check.Residuals)
				require.Len(t, check.Proofs, 1)
				own := 0
				for _, e := range w.sim.Log() {
					if e.EventType == what.event && e.TokenID != "" && slices.Contains(e.TargetIDs, plan.Changes[0].Object.ID) && slices.Contains(e.TargetIDs, plan.Person.OktaUserID) {
						own++
					}
				}
				assert.Equal(t, 1, own)

				again, err := run[contract.ApplyResult](w, contract.ActApplyChange, input(plan, plan.Changes[0]))
				require.NoError(t, err)
				assert.Equal(t, contract.OutcomeAlready, again.Outcome)
			})
		}
	}
}

func TestALeaverWinsOverAGrant(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		prepare func(*world, casework.Plan)
		says    string
	}{
		"that began on another ticket": {func(w *world, p casework.Plan) {
			w.cluster.turns[p.Person.OktaUserID] = contract.Turns{Leaver: 77}
		}, "FS-77"},
		"whose account is suspended": {func(w *world, p casework.Plan) {
			require.NoError(w.t, w.client.Suspend(w.t.Context(), p.Person.OktaUserID))
		}, "SUSPENDED"},
		"whose account is deactivated": {func(w *world, p casework.Plan) {
			require.NoError(w.t, w.client.Deactivate(w.t.Context(), p.Person.OktaUserID, false))
		}, "DEPROVISIONED"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, nil)
			plan := w.grantPlan("aurora")
			tt.prepare(w, plan)
			result, err := run[contract.ApplyResult](w, contract.ActApplyChange, input(plan, plan.Changes[0]))
			require.NoError(t, err)
			assert.Equal(t, contract.OutcomeRefused, result.Outcome)
			assert.Equal(t, contract.GuardLeaver, result.Guard)
			assert.Contains(t, result.Detail, tt.says)

			check, err := run[contract.VerifyResult](w, contract.ActVerify, contract.VerifyInput{Ticket: 12, UseCase: plan.UseCase, Plan: plan, Nothing: true})
			require.NoError(t, err)
			require.Len(t, check.Proofs, 1)
			assert.True(t, check.Proofs[0].Proved)
			assert.Equal(t, "not held", check.Proofs[0].Saw)
		})
	}
}

func TestAProtectedGroupOrAccountGetsNothingEvenIfPlannedBefore(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	plan := w.grantPlan("aurora")
	w.rules(map[string]string{"guards.yaml": baseGuards + "protected: {groups: [{name: Project Aurora, why: sealed, who: Legal}]}\n"})
	result, err := run[contract.ApplyResult](w, contract.ActApplyChange, input(plan, plan.Changes[0]))
	require.NoError(t, err)
	assert.Equal(t, contract.GuardProtected, result.Guard)
	assert.Contains(t, result.Detail, "sealed (decided by Legal)")
	w.rules(map[string]string{"guards.yaml": baseGuards + "protected: {accounts: [{login: " + acme.Clara + ", why: counsel, who: Legal}]}\n"})
	result, err = run[contract.ApplyResult](w, contract.ActApplyChange, input(plan, plan.Changes[0]))
	require.NoError(t, err)
	assert.Equal(t, contract.OutcomeRefused, result.Outcome)
	assert.Contains(t, result.Detail, "counsel")
}

func TestADenialIsProvedEvenWhenSomebodyElseGaveIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	plan := w.grantPlan("aurora")
	require.NoError(t, w.client.AddMember(t.Context(), plan.Changes[0].Object.ID, plan.Person.OktaUserID))
	in := contract.VerifyInput{Ticket: 12, UseCase: plan.UseCase, Plan: plan, Nothing: true}
	check, err := run[contract.VerifyResult](w, contract.ActVerify, in)
	require.NoError(t, err)
	assert.True(t, check.Proofs[0].Proved)
	assert.Contains(t, check.Proofs[0].Saw, "this case granted nothing")
	assert.Contains(t, check.Proofs[0].Saw, ", since 20")

	in.Done = []contract.Done{{Change: plan.Changes[0], Outcome: contract.OutcomeDone}}
	check, err = run[contract.VerifyResult](w, contract.ActVerify, in)
	require.NoError(t, err)
	assert.False(t, check.Proofs[0].Proved)
	assert.Len(t, check.Residuals, 1)
}

func TestAnObjectThatWentMeanwhileIsGone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	plan := w.grantPlan("aurora")
	in := input(plan, plan.Changes[0])
	in.Change.Object.ID = "00gthisisnogroup0000"
	result, err := run[contract.ApplyResult](w, contract.ActApplyChange, in)
	require.NoError(t, err)
	assert.Equal(t, contract.OutcomeGone, result.Outcome)
	in = input(plan, plan.Changes[0])
	in.Person.OktaUserID = "00uthisisnobody00000"
	result, err = run[contract.ApplyResult](w, contract.ActApplyChange, in)
	require.NoError(t, err)
	assert.Equal(t, contract.OutcomeGone, result.Outcome)
}

func TestAnAppThatAGroupStillGrantsIsLeftToTheEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	plan := w.plan(leaverRequest(acme.Lena)).Units[0].Plan // Salesforce is hers directly and by group
	for _, c := range plan.Changes {
		if c.Object.Name != "Salesforce" {
			continue
		}
		result, err := run[contract.ApplyResult](w, contract.ActApplyChange, input(plan, c))
		require.NoError(t, err)
		assert.Equal(t, contract.OutcomeLeft, result.Outcome)
		assert.Contains(t, result.Detail, "group")
		return
	}
	assert.Fail(t, "the plan has no direct Salesforce", plan.Changes)
}
