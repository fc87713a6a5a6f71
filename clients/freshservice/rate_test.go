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
	type list = []freshservice.RateFacts
	tenth := freshservice.Need{Reserve: 0.1}
	for name, tt := range map[string]struct {
		facts   list
		bucket  string
		need    freshservice.Need
		flights int
		at      time.Duration
		want    time.Duration // until when it is refused; 0 admits
		settles bool
	}{
		"nothing known":                        {bucket: "tickets.view", need: freshservice.Need{Reserve: 1, Elsewhere: 100}},
		"room left":                            {facts: list{seen("tickets.view", 140, 15, 0)}, bucket: "tickets.view", need: tenth, at: time.Second},
		"the reserve reached":                  {facts: list{seen("tickets.view", 140, 14, 0)}, bucket: "tickets.view", need: tenth, at: time.Second, want: time.Minute},
		"calls of others count":                {facts: list{seen("tickets.view", 140, 24, 0)}, bucket: "tickets.view", need: freshservice.Need{Reserve: 0.1, Elsewhere: 10}, at: time.Second, want: time.Minute},
		"others take half at most":             {facts: list{seen("tickets.view", 140, 85, 0)}, bucket: "tickets.view", need: freshservice.Need{Reserve: 0.1, Elsewhere: 1000}, at: time.Second},
		"calls under way may not be counted":   {facts: list{seen("tickets.view", 140, 17, 0)}, bucket: "tickets.view", need: tenth, flights: 3, at: time.Second, want: time.Minute, settles: true},
		"an emergency uses the last":           {facts: list{seen("tickets.view", 140, 1, 0)}, bucket: "tickets.view", need: freshservice.Need{Reserve: 1, Urgent: true}, at: time.Second},
		"nothing is left even for that":        {facts: list{seen("tickets.view", 140, 0, 0)}, bucket: "tickets.view", need: freshservice.Need{Urgent: true}, at: time.Second, want: time.Minute},
		"another bucket used up":               {facts: list{seen("tickets.view", 140, 0, 0)}, bucket: "agents.list", at: time.Second},
		"the account used up":                  {facts: list{seen("overall", 500, 0, 0)}, bucket: "agents.list", at: time.Second, want: time.Minute},
		"a minute later":                       {facts: list{seen("tickets.view", 140, 0, 0)}, bucket: "tickets.view", need: tenth, at: time.Minute},
		"the minute began with its first call": {facts: list{seen("overall", 500, 400, 0), seen("overall", 500, 0, 50*time.Second)}, bucket: "overall", at: 51 * time.Second, want: time.Minute},
		"a new minute was seen":                {facts: list{seen("overall", 500, 0, 0), seen("overall", 500, 499, 30*time.Second)}, bucket: "overall", need: tenth, at: 31 * time.Second},
		"answers overtook each other":          {facts: list{seen("overall", 500, 50, 0), seen("overall", 500, 52, 0)}, bucket: "overall", need: tenth, at: time.Second, want: time.Minute},
		"a 429 is remembered":                  {facts: list{blocked}, bucket: "tickets.view", at: 39 * time.Second, want: 40 * time.Second},
		"a 429 passes":                         {facts: list{blocked}, bucket: "tickets.view", at: 40 * time.Second},
		"a 429 of another bucket":              {facts: list{blocked}, bucket: "tickets.list"},
		"calls elsewhere draw from the account": {
			facts:  list{seen("overall", 500, 2, 0), seen("tickets.view", 140, 100, 0), seen("tickets.view", 140, 99, 0)},
			bucket: "overall", at: time.Second, want: time.Minute,
		},
		"not even a reserve of all shuts a bucket": {facts: list{seen("tickets.list", 40, 40, 0)}, bucket: "tickets.list", need: freshservice.Need{Reserve: 1, Elsewhere: 50}, at: time.Second},
		"an answer with includes costs more": {
			facts:  list{{Bucket: "tickets.view", Total: 140, Remaining: 3, Used: 4, Observed: noon}},
			bucket: "tickets.view", at: time.Second, want: time.Minute,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var b freshservice.Budget
			for _, f := range tt.facts {
				b.Observe(f)
			}
			for range tt.flights {
				b.Admit(tt.bucket, freshservice.Need{Now: noon.Add(tt.at)})
			}
			tt.need.Now = noon.Add(tt.at)
			got := b.Admit(tt.bucket, tt.need)
			switch {
			case tt.want == 0:
				assert.Equal(t, freshservice.Verdict{Answer: freshservice.Go}, got)
			case tt.settles:
				assert.Equal(t, freshservice.Verdict{Answer: freshservice.Settle, RetryAt: noon.Add(tt.want)}, got)
			default:
				assert.Equal(t, freshservice.Verdict{Answer: freshservice.Later, RetryAt: noon.Add(tt.want)}, got)
			}
		})
	}
}

func TestOneCallGoesIntoAnUnknownMinute(t *testing.T) {
	t.Parallel()
	var b freshservice.Budget
	later := noon.Add(2 * time.Minute)
	ask := func(after time.Duration, urgent bool) freshservice.Answer {
		return b.Admit("tickets.list", freshservice.Need{Reserve: 0.1, Urgent: urgent, Now: later.Add(after)}).Answer
	}
	b.Observe(freshservice.RateFacts{Bucket: "tickets.list", Total: 40, Remaining: 0, Observed: noon})
	assert.Equal(t, freshservice.Go, ask(0, false))
	assert.Equal(t, freshservice.Settle, ask(300*time.Millisecond, false))
	assert.Equal(t, freshservice.Go, ask(300*time.Millisecond, true), "an emergency waits for no probe")
	assert.Equal(t, freshservice.Go, ask(1300*time.Millisecond, false), "an unanswered one holds up nobody for long")
	for range 3 {
		b.Lost("tickets.list", true)
	}
	assert.Equal(t, freshservice.Go, ask(1400*time.Millisecond, false), "what ended without facts holds up nobody")
	b.Observe(freshservice.RateFacts{Bucket: "tickets.list", Total: 40, Remaining: 39, Used: 1, Observed: later.Add(2 * time.Second)})
	for range 35 {
		assert.Equal(t, freshservice.Go, ask(2*time.Second, false))
	}
	assert.Equal(t, freshservice.Settle, ask(2*time.Second, false))
}

func TestALostCallIsTakenAsCounted(t *testing.T) {
	t.Parallel()
	for sent, left := range map[bool]int{true: 1, false: 2} {
		var b freshservice.Budget
		b.Observe(freshservice.RateFacts{Bucket: "overall", Total: 500, Remaining: 2, Used: 1, Observed: noon})
		assert.Equal(t, freshservice.Go, b.Admit("overall", freshservice.Need{Now: noon}).Answer)
		whole, got, end, ok := b.Room("overall", freshservice.Need{Now: noon})
		assert.Equal(t, []any{500, 1, noon.Add(time.Minute), true}, []any{whole, got, end, ok})
		b.Lost("overall", sent)
		_, got, _, _ = b.Room("overall", freshservice.Need{Now: noon})
		assert.Equal(t, left, got)
		whole, got, _, _ = b.Room("overall", freshservice.Need{Reserve: 0.1, Now: noon.Add(time.Minute)})
		assert.Equal(t, []int{450, 450}, []int{whole, got}, "a new minute")
	}
	var b freshservice.Budget
	_, _, _, ok := b.Room("overall", freshservice.Need{Now: noon})
	assert.False(t, ok)
}

func TestAnExchangeWithoutAnAnswerIsToldOnce(t *testing.T) {
	t.Parallel()
	var lost []bool
	c, err := freshservice.New(freshservice.Config{
		BaseURL: "http://127.0.0.1:1", APIKey: "k", AllowPlainHTTP: true,
		OnRate: func(freshservice.RateFacts) { t.Error("there was no answer") },
		OnLost: func(bucket string, sent bool) { assert.Equal(t, "tickets.view", bucket); lost = append(lost, sent) },
	})
	require.NoError(t, err)
	_, err = c.GetTicket(t.Context(), 1)
	require.Error(t, err)
	assert.Equal(t, []bool{false}, lost)
}

func TestTheBudgetHoldsUnderConcurrency(t *testing.T) {
	t.Parallel()
	var b freshservice.Budget
	var wg sync.WaitGroup
	for i := range 50 {
		wg.Go(func() {
			b.Observe(freshservice.RateFacts{Bucket: "overall", Total: 500, Remaining: 499 - i, Used: 1, Observed: noon})
			b.Admit("overall", freshservice.Need{Reserve: 1, Now: noon.Add(time.Second)})
			b.Lost("overall", false)
		})
	}
	wg.Wait()
	_, left, _, ok := b.Room("overall", freshservice.Need{Now: noon.Add(time.Second)})
	assert.True(t, ok)
	assert.Equal(t, 450, left, "the lowest count seen")
}
