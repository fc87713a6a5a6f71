package activities_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/activities"
	"latchkey/casework"
	"latchkey/clients/freshservice"
	"latchkey/clients/okta"
	"latchkey/contract"
)

func TestTheOktaGateCountsWhatIsInFlightAndLeavesTheReserve(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 12, 4, 12, 0, 0, 0, time.UTC)
	gate := activities.NewOktaGate(activities.GateOptions{Elsewhere: 3, Now: func() time.Time { return now }})
	facts := okta.RateFacts{
		Bucket: okta.BucketApps, Limit: 100, Remaining: 17, Reset: now.Add(40 * time.Second), ServerNow: now, Status: http.StatusOK, Observed: now,
	}
	require.NoError(t, gate.Admit(t.Context(), okta.BucketApps), "nothing is known yet")
	gate.OnRate(facts)
	for range 4 { // 17 left, 3 elsewhere, a tenth kept for the lanes above
		require.NoError(t, gate.Admit(t.Context(), okta.BucketApps))
	}
	var over *okta.OverBudget
	require.ErrorAs(t, gate.Admit(t.Context(), okta.BucketApps), &over)
	assert.Equal(t, now.Add(40*time.Second), over.RetryAt)
	require.NoError(t, gate.Admit(t.Context(), okta.BucketUsers), "another bucket")

	now = now.Add(70 * time.Second) // the window is over, and the lost answers no longer count
	require.NoError(t, gate.Admit(t.Context(), okta.BucketApps))
	seen, ok := gate.Facts(okta.BucketApps)
	assert.True(t, ok)
	assert.Equal(t, 17, seen.Remaining)
}

func TestAnEmergencysLaneUsesEverything(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 12, 4, 12, 0, 0, 0, time.UTC)
	facts := okta.RateFacts{Bucket: okta.BucketApps, Limit: 100, Remaining: 1, Reset: now.Add(time.Minute), ServerNow: now, Observed: now}
	for reserve, admitted := range map[float64]bool{0: true, 0.1: false} {
		gate := activities.NewOktaGate(activities.GateOptions{
			Reserves: activities.Reserves{casework.PriorityPeople: reserve}, Now: func() time.Time { return now },
		})
		gate.OnRate(facts)
		assert.Equal(t, admitted, gate.Admit(t.Context(), okta.BucketApps) == nil, reserve)
	}
	assert.Zero(t, activities.DefaultReserves()[casework.PriorityEmergency])
	assert.Greater(t, activities.DefaultReserves()[casework.PriorityReviews], activities.DefaultReserves()[casework.PriorityPeople])
}

func TestTheDeskGateSaysHowLongToWait(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 12, 4, 12, 0, 0, 0, time.UTC)
	gate := activities.NewDeskGate(activities.GateOptions{Now: func() time.Time { return now }})
	require.NoError(t, gate.Admit(t.Context(), freshservice.BucketOverall))
	gate.OnRate(freshservice.RateFacts{Bucket: freshservice.BucketOverall, Total: 100, Remaining: 10, Used: 1, Observed: now})
	var over *freshservice.BudgetError
	require.ErrorAs(t, gate.Admit(t.Context(), freshservice.BucketOverall), &over)
	assert.Equal(t, time.Minute, over.RetryAfter)
	now = now.Add(61 * time.Second)
	require.NoError(t, gate.Admit(t.Context(), freshservice.BucketOverall))
	gate.OnRate(freshservice.RateFacts{Bucket: freshservice.BucketOverall, Limited: true, RetryAfter: 5 * time.Second, Observed: now})
	require.ErrorAs(t, gate.Admit(t.Context(), freshservice.BucketOverall), &over)
	assert.Equal(t, 5*time.Second, over.RetryAfter)
}

func TestLatchkeyNeverShutsItsOwnAccount(t *testing.T) {
	t.Parallel()
	w := newWorld(t, map[string]string{"guards.yaml": "last_admins: 1\nmass_change: {people: 1000, percent: 100, window: 1h}\n"})
	me, err := w.client.Me(t.Context())
	require.NoError(t, err)
	plan := w.plan(leaverRequest(me.Login())).Units[0].Plan
	result, err := run[contract.ApplyResult](w, contract.ActApplyChange, input(plan, plan.Changes[0]))
	require.NoError(t, err)
	assert.Equal(t, contract.OutcomeRefused, result.Outcome)
	assert.Contains(t, result.Detail, "own credential")
}
