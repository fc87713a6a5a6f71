package okta_test

import (
	"net/http"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"latchkey/clients/okta"
)

func TestBucketOf(t *testing.T) {
	t.Parallel()
	tests := []struct {
		method, path string
		want         okta.Bucket
	}{
		{"GET", "/api/v1/users", okta.BucketUsers},
		{"POST", "/api/v1/users", okta.BucketUsers},
		{"GET", "/api/v1/users/00u1", okta.BucketUserRead},
		{"GET", "/api/v1/users/me", okta.BucketUserRead},
		{"POST", "/api/v1/users/00u1", okta.BucketUserWrite},
		{"PUT", "/api/v1/users/00u1", okta.BucketUserWrite},
		{"DELETE", "/api/v1/users/00u1", okta.BucketUserWrite},
		{"POST", "/api/v1/users/00u1/lifecycle/suspend", okta.BucketUsers},
		{"GET", "/api/v1/users/00u1/groups", okta.BucketUsers},
		{"DELETE", "/api/v1/users/00u1/sessions", okta.BucketUsers},
		{"GET", "/api/v1/groups", okta.BucketGroups},
		{"GET", "/api/v1/groups/00g1", okta.BucketGroup},
		{"GET", "/api/v1/groups/rules", okta.BucketGroups},
		{"GET", "/api/v1/groups/rules/0pr1", okta.BucketGroups},
		{"PUT", "/api/v1/groups/00g1/users/00u1", okta.BucketGroups},
		{"GET", "/api/v1/apps", okta.BucketApps},
		{"GET", "/api/v1/apps/0oa1", okta.BucketApp},
		{"DELETE", "/api/v1/apps/0oa1/users/00u1", okta.BucketApps},
		{"GET", "/api/v1/logs", okta.BucketLogs},
		{"POST", "/api/v1/eventHooks/who1/lifecycle/verify", okta.BucketHooks},
		{"GET", "/api/v1/policies", okta.BucketPolicies},
		{"GET", "/api/v1/meta/schemas/user/default", okta.BucketMeta},
		{"GET", "/api/v1/iam/assignees/users", okta.BucketOther},
		{"POST", "/oauth2/v1/token", okta.BucketToken},
		{"GET", "/elsewhere", okta.BucketOther},
		{"GET", "/api/v1/users/{id}", okta.BucketUserRead},
	}
	for _, tt := range tests {
		assert.Equal(t, tt.want, okta.BucketOf(tt.method, tt.path), "%s %s", tt.method, tt.path)
	}
}

var noon = time.Date(2025, 6, 1, 12, 0, 0, 0, time.UTC)

// facts are of a server whose clock is an hour ahead of ours.
func facts(remaining int, reset time.Duration) okta.RateFacts {
	server := noon.Add(time.Hour)
	return okta.RateFacts{
		Bucket: okta.BucketApps, Limit: 100, Remaining: remaining, Reset: server.Add(reset), ServerNow: server,
		Status: http.StatusOK, Observed: noon,
	}
}

// The bound of a window's end is a second after what Okta says: its times are whole seconds.
func TestBudgetKeepsTheReserve(t *testing.T) {
	t.Parallel()
	const ends = 41 * time.Second
	tests := map[string]struct {
		remaining int
		need      okta.Need
		flights   int
		at        time.Duration
		want      okta.Answer
		retry     time.Duration
	}{
		"plenty left":                        {remaining: 90, need: okta.Need{Reserve: 0.2}},
		"the last above the reserve":         {remaining: 21, need: okta.Need{Reserve: 0.2}},
		"the reserve would be touched":       {remaining: 20, need: okta.Need{Reserve: 0.2}, want: okta.Later, retry: ends},
		"calls under way may not be counted": {remaining: 25, need: okta.Need{Reserve: 0.2}, flights: 5, want: okta.Settle, retry: ends},
		"enough beside those under way":      {remaining: 26, need: okta.Need{Reserve: 0.2}, flights: 5},
		"calls of others count":              {remaining: 30, need: okta.Need{Reserve: 0.2, Elsewhere: 10}, want: okta.Later, retry: ends},
		"others take half at most":           {remaining: 71, need: okta.Need{Reserve: 0.2, Elsewhere: 1000}},
		"not even all of it shuts a bucket":  {remaining: 100, need: okta.Need{Reserve: 1, Elsewhere: 1000}},
		"an emergency uses the last":         {remaining: 1, need: okta.Need{Reserve: 0.2, Elsewhere: 50, Urgent: true}},
		"but not what is under way":          {remaining: 1, need: okta.Need{Urgent: true}, flights: 1, want: okta.Settle, retry: ends},
		"nothing is left even for that":      {remaining: 0, need: okta.Need{Urgent: true}, want: okta.Later, retry: ends},
		"the window is over":                 {remaining: 0, need: okta.Need{Reserve: 0.2}, at: ends},
		"a moment before the window is over": {remaining: 0, need: okta.Need{Reserve: 0.2}, at: ends - 1, want: okta.Later, retry: ends},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var b okta.Budget
			for range tt.flights {
				b.Admit(okta.BucketApps, okta.Need{Urgent: true, Now: noon})
			}
			b.Admit(okta.BucketApps, okta.Need{Urgent: true, Now: noon})
			b.Observe(facts(tt.remaining, 40*time.Second))
			tt.need.Now = noon.Add(tt.at)
			got := b.Admit(okta.BucketApps, tt.need)
			assert.Equal(t, tt.want, got.Answer)
			if tt.want != okta.Go {
				assert.Equal(t, noon.Add(tt.retry), got.RetryAt, "on our clock, not the server's")
			}
			got = b.Admit(okta.BucketUsers, okta.Need{Reserve: 1, Elsewhere: 1000, Now: noon})
			assert.Equal(t, okta.Go, got.Answer, "an unknown bucket is admitted")
		})
	}
}

func TestBudgetBelievesTheLowestOfAWindow(t *testing.T) {
	t.Parallel()
	var b okta.Budget
	_, known := b.Facts(okta.BucketApps)
	assert.False(t, known)
	b.Observe(facts(5, 40*time.Second))
	b.Observe(facts(9, 40*time.Second)) // an older answer that arrived later
	got, known := b.Facts(okta.BucketApps)
	assert.True(t, known)
	assert.Equal(t, 5, got.Remaining)
	b.Observe(facts(80, -20*time.Second)) // of the window before
	got, _ = b.Facts(okta.BucketApps)
	assert.Equal(t, 5, got.Remaining)
	b.Observe(facts(99, 100*time.Second)) // the next window
	got, _ = b.Facts(okta.BucketApps)
	assert.Equal(t, 99, got.Remaining)
}

// Each answer bounds the end of its window: the Date that has just turned gives the best.
func TestBudgetLearnsWhenAWindowEnds(t *testing.T) {
	t.Parallel()
	var b okta.Budget
	observe := func(remaining int, date, observed time.Duration) {
		f := facts(remaining, 50*time.Second)
		f.ServerNow, f.Observed = f.ServerNow.Add(date), noon.Add(observed)
		b.Observe(f)
	}
	end := func() time.Duration {
		_, _, at, ok := b.Room(okta.BucketApps, okta.Need{Now: noon})
		assert.True(t, ok)
		return at.Sub(noon)
	}
	observe(90, 0, 900*time.Millisecond) // its Date turned long ago, or the answer was slow
	assert.Equal(t, 51900*time.Millisecond, end())
	observe(89, time.Second, 1100*time.Millisecond)
	assert.Equal(t, 51100*time.Millisecond, end())
	observe(88, 2*time.Second, 2800*time.Millisecond)
	assert.Equal(t, 51100*time.Millisecond, end(), "a worse bound changes nothing")
}

func TestBudgetSendsOneCallIntoAnUnknownWindow(t *testing.T) {
	t.Parallel()
	var b okta.Budget
	need := func(at time.Duration) okta.Need { return okta.Need{Reserve: 0.1, Now: noon.Add(at)} }
	assert.Equal(t, okta.Go, b.Admit(okta.BucketApps, need(0)).Answer)
	wait := b.Admit(okta.BucketApps, need(0))
	assert.Equal(t, okta.Verdict{Answer: okta.Settle, RetryAt: noon.Add(time.Second)}, wait)
	assert.Equal(t, okta.Go, b.Admit(okta.BucketApps, okta.Need{Urgent: true, Now: noon}).Answer, "an emergency waits for no probe")
	assert.Equal(t, okta.Go, b.Admit(okta.BucketApps, need(time.Second)).Answer, "an unanswered one holds up nobody for long")
	b.Lost(okta.BucketApps, false)
	b.Lost(okta.BucketApps, false)
	b.Lost(okta.BucketApps, false)
	assert.Equal(t, okta.Go, b.Admit(okta.BucketApps, need(time.Second+1)).Answer, "what ended without facts holds up nobody")
	b.Observe(facts(99, 40*time.Second))
	for range 89 {
		assert.Equal(t, okta.Go, b.Admit(okta.BucketApps, need(2*time.Second)).Answer)
	}
	assert.Equal(t, okta.Settle, b.Admit(okta.BucketApps, need(2*time.Second)).Answer)
	over := 41 * time.Second // the calls under way are of the window before, so the next one finds out
	assert.Equal(t, okta.Go, b.Admit(okta.BucketApps, need(over)).Answer)
	assert.Equal(t, okta.Settle, b.Admit(okta.BucketApps, need(over)).Answer)
}

func TestBudgetTakesALostCallAsCounted(t *testing.T) {
	t.Parallel()
	for sent, left := range map[bool]int{true: 0, false: 1} {
		var b okta.Budget
		b.Observe(facts(2, 40*time.Second))
		assert.Equal(t, okta.Go, b.Admit(okta.BucketApps, okta.Need{Now: noon}).Answer)
		b.Lost(okta.BucketApps, sent)
		assert.Equal(t, okta.Go, b.Admit(okta.BucketApps, okta.Need{Now: noon}).Answer)
		_, got, _, _ := b.Room(okta.BucketApps, okta.Need{Now: noon})
		assert.Equal(t, left, got)
	}
	var b okta.Budget
	b.Observe(facts(1, 40*time.Second))
	b.Admit(okta.BucketApps, okta.Need{Now: noon}) // and nobody ever tells how it ended
	assert.Equal(t, okta.Settle, b.Admit(okta.BucketApps, okta.Need{Now: noon}).Answer)
	b.Observe(facts(1, 110*time.Second))
	b.Admit(okta.BucketApps, okta.Need{Now: noon})
	assert.Equal(t, okta.Settle, b.Admit(okta.BucketApps, okta.Need{Now: noon.Add(59 * time.Second)}).Answer)
}

func TestBudgetPausesEverythingAfterTooManyAtOnce(t *testing.T) {
	t.Parallel()
	var b okta.Budget
	b.Observe(facts(90, 40*time.Second))
	for range 20 {
		assert.Equal(t, okta.Go, b.Admit(okta.BucketApps, okta.Need{Now: noon}).Answer)
	}
	crowd := facts(0, 10*time.Minute)
	crowd.Limit, crowd.Concurrency, crowd.Status = 0, true, http.StatusTooManyRequests
	for range 4 { // four of the twenty were refused
		b.Observe(crowd)
	}
	for _, bucket := range []okta.Bucket{okta.BucketApps, okta.BucketUsers} {
		got := b.Admit(bucket, okta.Need{Now: noon})
		assert.Equal(t, okta.Verdict{Answer: okta.Later, RetryAt: noon.Add(time.Second)}, got, "its reset is not believed")
		assert.Equal(t, okta.Settle, b.Admit(bucket, okta.Need{Now: noon.Add(time.Second)}).Answer, "sixteen are under way, ten are allowed")
		assert.Equal(t, okta.Settle, b.Admit(bucket, okta.Need{Now: noon.Add(7 * time.Second)}).Answer)
	}
	assert.Equal(t, okta.Go, b.Admit(okta.BucketApps, okta.Need{Urgent: true, Now: noon}).Answer, "an emergency goes")
	assert.Equal(t, okta.Go, b.Admit(okta.BucketApps, okta.Need{Now: noon.Add(9 * time.Second)}).Answer, "one more each second; the countdown of the bucket is as before")
	got, _ := b.Facts(okta.BucketApps)
	assert.Equal(t, 90, got.Remaining)
}

func TestBudgetIsSafeForConcurrentUse(t *testing.T) {
	t.Parallel()
	var b okta.Budget
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for n := range 100 {
				b.Observe(facts(n, time.Duration(i)*time.Second))
				b.Admit(okta.BucketApps, okta.Need{Reserve: 0.1, Elsewhere: i, Now: noon})
				b.Lost(okta.BucketApps, n%2 == 0)
				b.Room(okta.BucketApps, okta.Need{Now: noon})
			}
		})
	}
	wg.Wait()
	got, ok := b.Facts(okta.BucketApps)
	assert.True(t, ok)
	assert.Equal(t, noon.Add(time.Hour+7*time.Second), got.Reset)
}

func TestOverBudgetSaysUntilWhen(t *testing.T) {
	t.Parallel()
	assert.Contains(t, (&okta.OverBudget{Bucket: okta.BucketApps, RetryAt: noon}).Error(), "2025-06-01T12:00:00Z")
	assert.NotContains(t, (&okta.OverBudget{Bucket: okta.BucketApps}).Error(), strconv.Itoa(1))
}
