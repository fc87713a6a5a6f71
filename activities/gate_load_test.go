package activities_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"latchkey/activities"
	"latchkey/casework"
	"latchkey/clients/okta"
)

// tenant counts calls as Okta does: windows of a minute from their first call, times in whole seconds cut off, a clock
// of its own. It runs in a bubble of synctest, where a minute takes no time.
type tenant struct {
	limit   int
	slowest time.Duration // how long an answer may take
	ahead   time.Duration // how far its clock is ahead of ours

	mu      sync.Mutex
	used    int
	reset   time.Time // on its clock
	windows []int     // calls counted in each
	refused int
}

// call is one exchange: half of the time to get there, half to come back.
func (o *tenant) call(bucket okta.Bucket) okta.RateFacts {
	took := time.Duration(rand.Int64N(int64(o.slowest)))
	time.Sleep(took / 2)
	defer time.Sleep(took - took/2)
	o.mu.Lock()
	defer o.mu.Unlock()
	now := time.Now().Add(o.ahead)
	if !now.Before(o.reset) {
		o.reset, o.used = now.Add(time.Minute), 0
		o.windows = append(o.windows, 0)
	}
	f := okta.RateFacts{
		Bucket: bucket, Limit: o.limit, Reset: o.reset.Truncate(time.Second), ServerNow: now.Truncate(time.Second), Status: http.StatusOK,
	}
	if o.used == o.limit {
		o.refused++
		f.Status = http.StatusTooManyRequests
		return f
	}
	o.used++
	o.windows[len(o.windows)-1]++
	f.Remaining = o.limit - o.used
	return f
}

// load is a crowd of cases that make calls one after the other, as activities of some workers.
type load struct {
	cases, callsEach int
	workers, slots   int
	gate             activities.GateOptions
}

// run works it off and returns how often a call was sent away by a gate, and how long it took.
func (l load) run(ctx context.Context, o *tenant) (sentAway int, took time.Duration) {
	began := time.Now()
	type process struct {
		gate  *activities.OktaGate
		slots chan struct{}
	}
	processes := make([]process, l.workers)
	for i := range processes {
		l.gate.Workers, l.gate.Elsewhere = l.workers, (l.workers-1)*l.slots
		processes[i] = process{gate: activities.NewOktaGate(l.gate), slots: make(chan struct{}, l.slots)}
	}
	var wait sync.WaitGroup
	var mu sync.Mutex
	for i := range l.cases {
		wait.Go(func() {
			for n := 0; n < l.callsEach; {
				p := processes[(i+n+rand.IntN(l.workers))%l.workers]
				p.slots <- struct{}{}
				err := p.gate.Admit(ctx, okta.BucketUsers)
				if err == nil {
					facts := o.call(okta.BucketUsers)
					facts.Observed = time.Now()
					p.gate.OnRate(facts)
					n++
				}
				<-p.slots
				if over, is := errors.AsType[*okta.OverBudget](err); is {
					mu.Lock()
					sentAway++
					mu.Unlock()
					time.Sleep(time.Until(over.RetryAt)) // Temporal's retry: no slot is held
				}
			}
		})
	}
	wait.Wait()
	return sentAway, time.Since(began)
}

// none leaves nothing for the lanes above.
func none() activities.Reserves { return activities.Reserves{casework.PriorityPeople: 0} }

func TestABulkUsesEveryCallOfEveryWindow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := &tenant{limit: 300, slowest: 200 * time.Millisecond, ahead: 37*time.Minute + 700*time.Millisecond}
		sentAway, took := load{cases: 500, callsEach: 3, workers: 1, slots: 10, gate: activities.GateOptions{Reserves: none()}}.run(t.Context(), o)
		assert.Zero(t, o.refused, "429")
		assert.Equal(t, []int{300, 300, 300, 300, 300}, o.windows)
		bound := 4*time.Minute + 10*time.Second // of four full windows and the slowest part of a fifth
		assert.Less(t, took, bound*105/100)
		assert.Less(t, sentAway, 500*5, "nobody is sent away more than once a window")
		t.Logf("%s, sent away %d times", took, sentAway)
	})
}

func TestThreeWorkersShareABudgetWithoutA429(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := &tenant{limit: 300, slowest: 200 * time.Millisecond, ahead: -time.Hour + 300*time.Millisecond}
		sentAway, took := load{cases: 500, callsEach: 3, workers: 3, slots: 5, gate: activities.GateOptions{Reserves: none()}}.run(t.Context(), o)
		assert.Zero(t, o.refused, "429")
		for _, used := range o.windows[:len(o.windows)-1] {
			assert.GreaterOrEqual(t, used, 290, "only what the others may have under way is left")
		}
		t.Logf("%s, windows %v, sent away %d times", took, o.windows, sentAway)
	})
}

func TestTheReserveStays(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := &tenant{limit: 300, slowest: 200 * time.Millisecond}
		load{cases: 400, callsEach: 3, workers: 1, slots: 10, gate: activities.GateOptions{
			Reserves: activities.Reserves{casework.PriorityPeople: 0.25},
		}}.run(t.Context(), o)
		assert.Zero(t, o.refused, "429")
		for _, used := range o.windows[:len(o.windows)-1] {
			assert.Equal(t, 225, used)
		}
	})
}

// Far more wait than a window can carry: they are spread over the windows to come, and come back when there is room.
func TestACrowdDoesNotComeBackAtEveryReset(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := &tenant{limit: 50, slowest: 100 * time.Millisecond}
		sentAway, _ := load{cases: 1000, callsEach: 1, workers: 1, slots: 50, gate: activities.GateOptions{Reserves: none()}}.run(t.Context(), o)
		assert.Zero(t, o.refused, "429")
		for _, used := range o.windows[:len(o.windows)-1] {
			assert.GreaterOrEqual(t, used, 48, "the budget is used")
		}
		assert.Less(t, sentAway, 5*1000, "of twenty windows, each waits for a few")
		t.Logf("%d windows, sent away %d times", len(o.windows), sentAway)
	})
}
