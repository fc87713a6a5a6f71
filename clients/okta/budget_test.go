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

func TestBudgetKeepsTheReserve(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		remaining int
		reserve   float64
		inFlight  int
		at        time.Duration
		ok        bool
		retry     time.Duration
	}{
		"plenty left":                        {remaining: 90, reserve: 0.2, ok: true},
		"the last above the reserve":         {remaining: 21, reserve: 0.2, ok: true},
		"the reserve would be touched":       {remaining: 20, reserve: 0.2, retry: 40 * time.Second},
		"calls in flight count":              {remaining: 30, reserve: 0.2, inFlight: 10, retry: 40 * time.Second},
		"an emergency uses the reserve":      {remaining: 1, reserve: 0, ok: true},
		"nothing is left even for that":      {remaining: 0, reserve: 0, retry: 40 * time.Second},
		"the window is over":                 {remaining: 0, reserve: 0.2, at: 40 * time.Second, ok: true},
		"a moment before the window is over": {remaining: 0, reserve: 0.2, at: 39 * time.Second, retry: 40 * time.Second},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var b okta.Budget
			b.Observe(facts(tt.remaining, 40*time.Second))
			ok, retry := b.Admit(okta.BucketApps, tt.reserve, tt.inFlight, noon.Add(tt.at))
			assert.Equal(t, tt.ok, ok)
			if !tt.ok {
				assert.Equal(t, noon.Add(tt.retry), retry, "on our clock, not the server's")
			}
			ok, _ = b.Admit(okta.BucketUsers, 1, 1000, noon)
			assert.True(t, ok, "an unknown bucket is admitted")
		})
	}
}

func TestBudgetBelievesTheLowestOfAWindow(t *testing.T) {
	t.Parallel()
	var b okta.Budget
	b.Observe(facts(5, 40*time.Second))
	b.Observe(facts(9, 40*time.Second)) // an older answer that arrived later
	got, ok := b.Facts(okta.BucketApps)
	assert.True(t, ok)
	assert.Equal(t, 5, got.Remaining)
	b.Observe(facts(80, 10*time.Second)) // of the window before
	got, _ = b.Facts(okta.BucketApps)
	assert.Equal(t, 5, got.Remaining)
	b.Observe(facts(99, 59*time.Second)) // the next window
	got, _ = b.Facts(okta.BucketApps)
	assert.Equal(t, 99, got.Remaining)
}

func TestBudgetPausesEverythingAfterTooManyAtOnce(t *testing.T) {
	t.Parallel()
	var b okta.Budget
	b.Observe(facts(90, 40*time.Second))
	crowd := facts(0, 10*time.Minute)
	crowd.Limit, crowd.Concurrency, crowd.Status = 0, true, http.StatusTooManyRequests
	b.Observe(crowd)
	for _, bucket := range []okta.Bucket{okta.BucketApps, okta.BucketUsers} {
		ok, retry := b.Admit(bucket, 0.2, 0, noon)
		assert.False(t, ok)
		assert.Equal(t, noon.Add(time.Second), retry, "its reset is not believed")
		ok, _ = b.Admit(bucket, 0.2, 0, noon.Add(time.Second))
		assert.True(t, ok, "the countdown of the bucket is as before")
	}
}

func TestBudgetStarvesNobody(t *testing.T) {
	t.Parallel()
	var b okta.Budget
	b.Observe(facts(0, 40*time.Second))
	later := noon.Add(time.Minute)
	ok, _ := b.Admit(okta.BucketApps, 0.5, 1000, later)
	assert.True(t, ok, "one call finds out about the new window")
	ok, retry := b.Admit(okta.BucketApps, 0.5, 1000, later)
	assert.False(t, ok, "but only one a second")
	assert.Equal(t, later.Add(time.Second), retry)
	ok, _ = b.Admit(okta.BucketApps, 0.5, 1000, later.Add(time.Second))
	assert.True(t, ok)
}

func TestBudgetIsSafeForConcurrentUse(t *testing.T) {
	t.Parallel()
	var b okta.Budget
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for n := range 100 {
				b.Observe(facts(n, time.Duration(i)*time.Second))
				b.Admit(okta.BucketApps, 0.1, i, noon)
			}
		})
	}
	wg.Wait()
	got, ok := b.Facts(okta.BucketApps)
	assert.True(t, ok)
	assert.Equal(t, 0, got.Remaining)
	assert.Equal(t, noon.Add(time.Hour+7*time.Second), got.Reset)
}

func TestOverBudgetSaysUntilWhen(t *testing.T) {
	t.Parallel()
	assert.Contains(t, (&okta.OverBudget{Bucket: okta.BucketApps, RetryAt: noon}).Error(), "2025-06-01T12:00:00Z")
	assert.NotContains(t, (&okta.OverBudget{Bucket: okta.BucketApps}).Error(), strconv.Itoa(1))
}
