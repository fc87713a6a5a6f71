package activities_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/activities"
	"latchkey/casework"
	"latchkey/clients/freshservice"
	"latchkey/clients/okta"
	"latchkey/contract"
)

func TestTheOktaGateLeavesTheReserve(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 12, 4, 12, 0, 0, 0, time.UTC)
	gate := activities.NewOktaGate(activities.GateOptions{Elsewhere: 3, Now: func() time.Time { return now }})
	facts := okta.RateFacts{
		Bucket: okta.BucketApps, Limit: 100, Remaining: 17, Reset: now.Add(40 * time.Second), ServerNow: now, Status: http.StatusOK, Observed: now,
	}
	require.NoError(t, gate.Admit(t.Context(), okta.BucketApps), "nothing is known yet")
	gate.OnRate(facts)
	for left := 16; left >= 13; left-- { // 17 left, 3 elsewhere, a tenth kept for the lanes above
		require.NoError(t, gate.Admit(t.Context(), okta.BucketApps))
		facts.Remaining = left
		gate.OnRate(facts)
	}
	var over *okta.OverBudget
	require.ErrorAs(t, gate.Admit(t.Context(), okta.BucketApps), &over)
	assert.WithinRange(t, over.RetryAt, now.Add(41*time.Second), now.Add(42*time.Second))
	require.NoError(t, gate.Admit(t.Context(), okta.BucketUsers), "another bucket")

	now = now.Add(70 * time.Second) // the window is over
	require.NoError(t, gate.Admit(t.Context(), okta.BucketApps))
	seen, ok := gate.Facts(okta.BucketApps)
	assert.True(t, ok)
	assert.Equal(t, 13, seen.Remaining)
}

func TestTheLanesLeaveMoreTheLessUrgentTheyAre(t *testing.T) {
	t.Parallel()
	assert.Equal(t, activities.Reserves{
		casework.PriorityEmergency: 0, casework.PriorityPeople: 0.1, casework.PriorityBulk: 0.25, casework.PriorityReviews: 0.4,
	}, activities.DefaultReserves())
}

// The last call of a window is under way: the one behind it waits for the answer, and no longer than a moment.
func TestTheGateWaitsForAnswersUnderWay(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		end  func(*activities.OktaGate, okta.RateFacts)
		goes bool
	}{
		"the answer leaves room":    {end: func(g *activities.OktaGate, f okta.RateFacts) { g.OnRate(f) }, goes: true},
		"the answer leaves none":    {end: func(g *activities.OktaGate, f okta.RateFacts) { f.Remaining--; g.OnRate(f) }},
		"it was never sent":         {end: func(g *activities.OktaGate, f okta.RateFacts) { g.OnLost(f.Bucket, false) }, goes: true},
		"it was sent and then lost": {end: func(g *activities.OktaGate, f okta.RateFacts) { g.OnLost(f.Bucket, true) }},
		"no answer comes":           {end: func(*activities.OktaGate, okta.RateFacts) {}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				gate := activities.NewOktaGate(activities.GateOptions{})
				began := time.Now()
				facts := okta.RateFacts{Bucket: okta.BucketApps, Limit: 10, Remaining: 2, Reset: began.Add(40 * time.Second), ServerNow: began, Observed: began}
				gate.OnRate(facts) // two left, one kept
				require.NoError(t, gate.Admit(t.Context(), okta.BucketApps))
				answered := make(chan error)
				go func() { answered <- gate.Admit(t.Context(), okta.BucketApps) }()
				synctest.Wait()
				tt.end(gate, facts)
				err := <-answered
				assert.Equal(t, tt.goes, err == nil)
				assert.LessOrEqual(t, time.Since(began), 500*time.Millisecond)
				if over, is := errors.AsType[*okta.OverBudget](err); !tt.goes && assert.True(t, is) {
					assert.True(t, over.RetryAt.After(time.Now()))
				}
			})
		})
	}
}

func TestACancelledCallLeavesTheGate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		gate := activities.NewOktaGate(activities.GateOptions{})
		require.NoError(t, gate.Admit(t.Context(), okta.BucketApps))
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		require.ErrorIs(t, gate.Admit(ctx, okta.BucketApps), context.Canceled)
	})
}

func TestTheDeskGateSaysHowLongToWait(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 12, 4, 12, 0, 0, 0, time.UTC)
	gate := activities.NewDeskGate(activities.GateOptions{Now: func() time.Time { return now }})
	require.NoError(t, gate.Admit(t.Context(), freshservice.BucketOverall))
	gate.OnRate(freshservice.RateFacts{Bucket: freshservice.BucketOverall, Total: 100, Remaining: 10, Used: 1, Observed: now})
	var over *freshservice.BudgetError
	require.ErrorAs(t, gate.Admit(t.Context(), freshservice.BucketOverall), &over)
	assert.InDelta(t, 60.0, over.RetryAfter.Seconds(), 1)
	now = now.Add(61 * time.Second)
	require.NoError(t, gate.Admit(t.Context(), freshservice.BucketOverall))
	gate.OnLost(freshservice.BucketOverall, true)
	require.NoError(t, gate.Admit(t.Context(), freshservice.BucketOverall))
	gate.OnRate(freshservice.RateFacts{Bucket: freshservice.BucketOverall, Limited: true, RetryAfter: 5 * time.Second, Observed: now})
	require.ErrorAs(t, gate.Admit(t.Context(), freshservice.BucketOverall), &over)
	assert.InDelta(t, 5.0, over.RetryAfter.Seconds(), 1)
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
