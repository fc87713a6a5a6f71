package activities_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"latchkey/activities"
	"latchkey/casework"
	"latchkey/clients/freshservice"
	"latchkey/clients/okta"
	"latchkey/contract"
	"latchkey/examples/acme"
	"latchkey/simulators/okta/oktasim"
)

func TestAForecastCountsWindows(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 12, 4, 12, 0, 0, 0, time.UTC)
	for name, tt := range map[string]struct {
		outlook activities.Outlook
		calls   int
		want    time.Duration
	}{
		"nothing to do":                 {activities.Outlook{Whole: 300, Left: 300, ResetAt: now.Add(time.Minute)}, 0, 0},
		"what is left is enough":        {activities.Outlook{Whole: 300, Left: 90, ResetAt: now.Add(40 * time.Second)}, 90, 3 * time.Second},
		"one more than is left":         {activities.Outlook{Whole: 300, Left: 89, ResetAt: now.Add(40 * time.Second), PerSecond: 1000}, 90, 40*time.Second + time.Millisecond},
		"five full windows":             {activities.Outlook{Whole: 300, Left: 300, ResetAt: now.Add(time.Minute)}, 1500, 4*time.Minute + 3*time.Second + 10*time.Second},
		"a window that has not begun":   {activities.Outlook{Whole: 300, Left: 0, ResetAt: now.Add(-time.Hour)}, 300, 10 * time.Second},
		"the queue is slower":           {activities.Outlook{Whole: 300, Left: 300, ResetAt: now.Add(time.Minute), PerSecond: 1}, 600, 10 * time.Minute},
		"nothing is left of this one":   {activities.Outlook{Whole: 30, Left: 0, ResetAt: now.Add(20 * time.Second)}, 30, 21 * time.Second},
		"and the next one is full, too": {activities.Outlook{Whole: 30, Left: 0, ResetAt: now.Add(20 * time.Second)}, 60, 82 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			at, ok := tt.outlook.Finish(now, tt.calls)
			assert.True(t, ok)
			assert.Equal(t, tt.want, at.Sub(now))
		})
	}
	_, ok := activities.Outlook{Left: 3}.Finish(now, 1)
	assert.False(t, ok, "a lane without a share has no end")
}

func TestAForecastOnlyGrows(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 12, 4, 12, 0, 0, 0, time.UTC)
	rapid.Check(t, func(t *rapid.T) {
		o := activities.Outlook{
			Whole: rapid.IntRange(1, 2000).Draw(t, "whole"), ResetAt: now.Add(time.Duration(rapid.Int64Range(-100, 60).Draw(t, "reset")) * time.Second),
			PerSecond: rapid.SampledFrom([]float64{0, 0.5, 5, 10, 200}).Draw(t, "speed"),
		}
		o.Left = rapid.IntRange(0, o.Whole).Draw(t, "left")
		calls := rapid.IntRange(0, 20_000).Draw(t, "calls")
		less, _ := o.Finish(now, calls)
		more, _ := o.Finish(now, calls+rapid.IntRange(0, 500).Draw(t, "more"))
		assert.False(t, more.Before(less), "more calls take no less")
		assert.False(t, less.Before(now))
		reset, left := o.ResetAt, o.Left
		if !now.Before(reset) { // that window is over
			reset, left = now.Add(time.Minute), o.Whole
		}
		for at, n := reset, left; n < calls; at, n = at.Add(time.Minute), n+o.Whole {
			assert.False(t, less.Before(at), "no window gives more than it has")
		}
	})
}

func TestTheActivityForecastsByLane(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil, func(o *oktasim.Options) { o.Limits, o.TokenShare = oktasim.LimitsWorkforce, 50 })
	w.okta.Gate = w.gate
	ask := func(lane int) contract.BudgetForecast {
		f, err := run[contract.BudgetForecast](w, contract.ActBudgetForecast, contract.BudgetForecastInput{
			Lane: lane, Calls: []contract.BucketCalls{{Bucket: string(okta.BucketUsers), Calls: 3000}, {Bucket: string(okta.BucketApps), Calls: 10}},
		})
		require.NoError(t, err)
		return f
	}
	unknown := ask(casework.PriorityBulk)
	require.Len(t, unknown.Buckets, 2)
	assert.False(t, unknown.Buckets[0].Known())
	assert.Zero(t, unknown.FinishAt)

	for range 4 {
		_, err := w.client.ListFactors(t.Context(), w.user(acme.Ada).ID)
		require.NoError(t, err)
	}
	half := ask(casework.PriorityBulk)
	assert.Zero(t, half.FinishAt, "of the apps nothing was seen yet")
	_, err := w.client.ListApps(t.Context(), okta.PageRequest{})
	require.NoError(t, err)

	people, bulk, emergency := ask(0), ask(casework.PriorityBulk), ask(casework.PriorityEmergency)
	assert.Equal(t, []int{300, 225, 221}, []int{bulk.Buckets[0].Limit, bulk.Buckets[0].PerMinute, bulk.Buckets[0].Left})
	assert.Equal(t, []int{300, 270, 266}, []int{people.Buckets[0].Limit, people.Buckets[0].PerMinute, people.Buckets[0].Left})
	assert.Equal(t, []int{300, 300, 296}, []int{emergency.Buckets[0].Limit, emergency.Buckets[0].PerMinute, emergency.Buckets[0].Left})
	assert.Equal(t, string(okta.BucketUsers), bulk.Slowest)
	assert.Equal(t, bulk.Buckets[0].FinishAt, bulk.FinishAt)
	assert.True(t, bulk.FinishAt.After(people.FinishAt))
	assert.True(t, people.FinishAt.After(people.Buckets[1].FinishAt))
}

func TestTheDeskForecasts(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 12, 4, 12, 0, 0, 0, time.UTC)
	gate := activities.NewDeskGate(activities.GateOptions{Now: func() time.Time { return now }, PerSecond: 5})
	gate.OnRate(freshservice.RateFacts{Bucket: freshservice.BucketOverall, Total: 500, Remaining: 400, Used: 1, Observed: now})
	desk := &activities.Desk{Gate: gate, Now: func() time.Time { return now }}
	in := contract.BudgetForecastInput{Lane: casework.PriorityReviews, Calls: []contract.BucketCalls{{Bucket: freshservice.BucketOverall, Calls: 250}}}
	f, err := desk.DeskBudgetForecast(t.Context(), in)
	require.NoError(t, err)
	assert.Equal(t, contract.BudgetForecast{
		At: now, FinishAt: now.Add(70 * time.Second), Slowest: freshservice.BucketOverall,
		Buckets: []contract.BucketForecast{{
			Bucket: freshservice.BucketOverall, Calls: 250, Limit: 500, Left: 200, PerMinute: 300, ResetAt: now.Add(time.Minute), FinishAt: now.Add(70 * time.Second),
		}},
	}, f)
	f, err = (&activities.Desk{Now: desk.Now}).DeskBudgetForecast(t.Context(), in)
	require.NoError(t, err)
	assert.False(t, f.Buckets[0].Known())
}
