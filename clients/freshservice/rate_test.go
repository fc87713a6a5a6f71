package freshservice_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/clients/freshservice"
)

var noon = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

func TestEveryAnswerYieldsRateFacts(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var facts []freshservice.RateFacts
	var asked []string
	limits := []string{"x-ratelimit-total", "140", "x-ratelimit-remaining", "137", "x-ratelimit-used-currentrequest", "3"}
	d := newDesk(t).
		on("GET /tickets/7", answer(200, `{"ticket":{"id":7}}`, limits...)).
		on("PUT /tickets/7", answer(400, ``, limits...)).
		on("POST /tickets", answer(429, ``, "Retry-After", "21")).
		on("GET /roles", answer(200, `{"roles":[]}`))
	c := d.client(func(cfg *freshservice.Config) {
		cfg.Now = func() time.Time { return noon }
		cfg.OnRate = func(f freshservice.RateFacts) { mu.Lock(); facts = append(facts, f); mu.Unlock() }
		cfg.Admit = func(_ context.Context, bucket string) error { asked = append(asked, bucket); return nil }
	})
	_, err := c.GetTicket(t.Context(), 7, "stats")
	require.NoError(t, err)
	_, err = c.UpdateTicket(t.Context(), 7, freshservice.TicketUpdate{Status: new(9)})
	require.Error(t, err)
	_, err = c.CreateTicket(t.Context(), freshservice.NewTicket{})
	require.ErrorIs(t, err, freshservice.RateLimited)
	_, err = c.ListRoles(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []freshservice.RateFacts{
		{Bucket: freshservice.BucketViewTicket, Total: 140, Remaining: 137, Used: 3, Observed: noon},
		{Bucket: freshservice.BucketUpdateTicket, Total: 140, Remaining: 137, Used: 3, Observed: noon},
		{Bucket: freshservice.BucketCreateTicket, Limited: true, RetryAfter: 21 * time.Second, Observed: noon},
		{Bucket: freshservice.BucketOverall, Observed: noon},
	}, facts)
	assert.Equal(t, []string{"tickets.view", "tickets.update", "tickets.create", "overall"}, asked)
}

func TestEachFamilyOfEndpointsHasItsBucket(t *testing.T) {
	t.Parallel()
	var bucket string
	d := newDesk(t).
		on("GET /tickets", answer(200, `{"tickets":[]}`)).on("GET /tickets/filter", answer(200, `{"tickets":[],"total":0}`)).
		on("GET /agents", answer(200, `{"agents":[]}`)).on("GET /requesters", answer(200, `{"requesters":[]}`)).
		on("GET /agents/4", answer(200, `{"agent":{"id":4}}`)).on("POST /tickets/7/notes", answer(201, `{"conversation":{"id":1}}`))
	c := d.client(func(cfg *freshservice.Config) {
		cfg.OnRate = func(f freshservice.RateFacts) { bucket = f.Bucket }
	})
	for want, call := range map[string]func() error{
		freshservice.BucketListTickets:    func() error { _, err := c.ListTickets(t.Context(), freshservice.TicketList{}); return err },
		freshservice.BucketFilterTickets:  func() error { _, err := c.FilterTickets(t.Context(), "status:2", 1); return err },
		freshservice.BucketListAgents:     func() error { _, err := c.ListAgents(t.Context(), freshservice.AgentList{}); return err },
		freshservice.BucketListRequesters: func() error { _, err := c.ListRequesters(t.Context(), freshservice.RequesterList{}); return err },
		freshservice.BucketOverall:        func() error { _, err := c.AddNote(t.Context(), 7, freshservice.Note{BodyHTML: "x"}); return err },
	} {
		require.NoError(t, call())
		assert.Equal(t, want, bucket)
		assert.Contains(t, freshservice.Buckets(), want)
	}
}

func TestAdmissionStopsTheCallBeforeItIsMade(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	plain := errors.New("not now")
	for name, tt := range map[string]struct {
		refuse error
		want   time.Duration
	}{
		"a budget error says how long": {&freshservice.BudgetError{Bucket: "tickets.view", RetryAfter: 7 * time.Second}, 7 * time.Second},
		"another error":                {plain, time.Minute},
	} {
		c := d.client(func(cfg *freshservice.Config) {
			cfg.Admit = func(context.Context, string) error { return tt.refuse }
		})
		_, err := c.GetTicket(t.Context(), 7)
		require.ErrorIs(t, err, freshservice.RateLimited, name)
		require.ErrorIs(t, err, tt.refuse, name)
		assert.Equal(t, tt.want, fault(t, err).RetryAfter)
	}
	assert.Empty(t, d.requests())
}

func TestEveryPageOfAWalkIsAdmitted(t *testing.T) {
	t.Parallel()
	d := newDesk(t).on("GET /roles", answer(200, `{"roles":[{"id":1}]}`, "link", `<https://a.test?page=2>; rel="next"`))
	calls := 0
	c := d.client(func(cfg *freshservice.Config) {
		cfg.Admit = func(context.Context, string) error {
			if calls++; calls > 3 {
				return &freshservice.BudgetError{Bucket: "overall", RetryAfter: time.Second}
			}
			return nil
		}
	})
	_, err := c.ListRoles(t.Context())
	require.ErrorIs(t, err, freshservice.RateLimited)
	assert.Len(t, d.requests(), 3)
}

func TestTheBudgetKeepsTheReserve(t *testing.T) {
	t.Parallel()
	seen := func(bucket string, total, remaining int, after time.Duration) freshservice.RateFacts {
		return freshservice.RateFacts{Bucket: bucket, Total: total, Remaining: remaining, Used: 1, Observed: noon.Add(after)}
	}
	blocked := freshservice.RateFacts{Bucket: "tickets.view", Limited: true, RetryAfter: 40 * time.Second, Observed: noon}
	for name, tt := range map[string]struct {
		facts             []freshservice.RateFacts
		bucket            string
		reserve, inFlight int
		at                time.Duration
		want              time.Duration // until when it is refused; 0 admits
	}{
		"nothing known":                        {nil, "tickets.view", 100, 100, 0, 0},
		"room left":                            {[]freshservice.RateFacts{seen("tickets.view", 140, 31, 0)}, "tickets.view", 20, 10, time.Second, 0},
		"the reserve reached":                  {[]freshservice.RateFacts{seen("tickets.view", 140, 30, 0)}, "tickets.view", 20, 10, time.Second, time.Minute},
		"another bucket used up":               {[]freshservice.RateFacts{seen("tickets.view", 140, 0, 0)}, "agents.list", 0, 0, time.Second, 0},
		"the account used up":                  {[]freshservice.RateFacts{seen("overall", 500, 0, 0)}, "agents.list", 0, 0, time.Second, time.Minute},
		"a minute later":                       {[]freshservice.RateFacts{seen("tickets.view", 140, 0, 0)}, "tickets.view", 20, 0, time.Minute, 0},
		"the minute began with its first call": {[]freshservice.RateFacts{seen("overall", 500, 400, 0), seen("overall", 500, 0, 50*time.Second)}, "overall", 0, 0, 51 * time.Second, time.Minute},
		"a new minute was seen":                {[]freshservice.RateFacts{seen("overall", 500, 0, 0), seen("overall", 500, 499, 30*time.Second)}, "overall", 100, 0, 31 * time.Second, 0},
		"answers overtook each other":          {[]freshservice.RateFacts{seen("overall", 500, 10, 0), seen("overall", 500, 12, 0)}, "overall", 10, 0, time.Second, time.Minute},
		"a 429 is remembered":                  {[]freshservice.RateFacts{blocked}, "tickets.view", 0, 0, 39 * time.Second, 40 * time.Second},
		"a 429 passes":                         {[]freshservice.RateFacts{blocked}, "tickets.view", 0, 0, 40 * time.Second, 0},
		"a 429 of another bucket":              {[]freshservice.RateFacts{blocked}, "tickets.list", 0, 0, 0, 0},
		"calls elsewhere draw from the account": {
			[]freshservice.RateFacts{seen("overall", 500, 2, 0), seen("tickets.view", 140, 100, 0), seen("tickets.view", 140, 99, 0)},
			"overall", 0, 0, time.Second, time.Minute,
		},
		"a reserve above the limit, first call": {[]freshservice.RateFacts{seen("tickets.list", 40, 0, 0)}, "tickets.list", 50, 50, time.Minute, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var b freshservice.Budget
			for _, f := range tt.facts {
				b.Observe(f)
			}
			ok, retryAt := b.Admit(tt.bucket, tt.reserve, tt.inFlight, noon.Add(tt.at))
			assert.Equal(t, tt.want == 0, ok)
			if tt.want != 0 {
				assert.Equal(t, noon.Add(tt.want), retryAt)
			} else {
				assert.Zero(t, retryAt)
			}
		})
	}
}

func TestAReserveAboveTheLimitLetsOneCallASecondThrough(t *testing.T) {
	t.Parallel()
	var b freshservice.Budget
	b.Observe(freshservice.RateFacts{Bucket: "tickets.list", Total: 40, Remaining: 0, Observed: noon})
	later := noon.Add(2 * time.Minute)
	ok, _ := b.Admit("tickets.list", 50, 0, later)
	assert.True(t, ok)
	ok, retryAt := b.Admit("tickets.list", 50, 0, later.Add(300*time.Millisecond))
	assert.False(t, ok)
	assert.Equal(t, later.Add(time.Second), retryAt)
	ok, _ = b.Admit("tickets.list", 50, 0, later.Add(time.Second))
	assert.True(t, ok)
}

func TestTheBudgetHoldsUnderConcurrency(t *testing.T) {
	t.Parallel()
	var b freshservice.Budget
	var wg sync.WaitGroup
	for i := range 50 {
		wg.Go(func() {
			b.Observe(freshservice.RateFacts{Bucket: "overall", Total: 500, Remaining: 499 - i, Used: 1, Observed: noon})
			b.Admit("overall", 1, 1, noon)
		})
	}
	wg.Wait()
	ok, _ := b.Admit("overall", 450, 0, noon)
	assert.False(t, ok, "the lowest count seen is 450")
	ok, _ = b.Admit("overall", 449, 0, noon)
	assert.True(t, ok)
}
