package activities

import (
	"context"
	"sync"
	"time"

	"go.temporal.io/sdk/activity"

	"latchkey/casework"
	"latchkey/clients/freshservice"
	"latchkey/clients/okta"
)

// flightMost is how long a call may go without an answer before it no longer counts as in flight. Both clients give up
// on an exchange within it.
const flightMost = time.Minute

// Reserves is the share of a bucket's limit, 0 to 1, that a lane leaves for the lanes above it, by Temporal priority
// key. A key that is not listed leaves the reserve of casework.PriorityPeople.
type Reserves map[int]float64

// DefaultReserves lets an emergency use everything; bulk work and reviews leave the most.
func DefaultReserves() Reserves {
	return Reserves{
		casework.PriorityEmergency: 0,
		casework.PriorityPeople:    0.1,
		casework.PriorityBulk:      0.3,
		casework.PriorityReviews:   0.5,
	}
}

func (r Reserves) of(ctx context.Context) float64 {
	key := casework.PriorityPeople
	if activity.IsActivity(ctx) {
		if k := activity.GetInfo(ctx).Priority.PriorityKey; k != 0 {
			key = k
		}
	}
	if share, ok := r[key]; ok {
		return share
	}
	return r[casework.PriorityPeople]
}

// GateOptions says how careful a gate is.
type GateOptions struct {
	Reserves Reserves // nil: DefaultReserves
	// Elsewhere is how many calls other worker processes can have in flight, not yet counted by the vendor.
	Elsewhere int
	Now       func() time.Time // nil: the real clock
}

func (o GateOptions) filled() GateOptions {
	if o.Reserves == nil {
		o.Reserves = DefaultReserves()
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return o
}

// OktaGate stops a call to Okta before it is made when the budget of its bucket is used up: its methods are the Admit
// and OnRate of okta.Config. The refused activity ends as RateLimited and comes back at the reset; nobody sleeps in a
// worker's slot. There is one gate a process; the vendor's own headers join the processes.
type OktaGate struct {
	options GateOptions
	budget  okta.Budget
	flights flights
}

// NewOktaGate makes the gate of this process.
func NewOktaGate(options GateOptions) *OktaGate { return &OktaGate{options: options.filled()} }

// Admit refuses with *okta.OverBudget.
func (g *OktaGate) Admit(ctx context.Context, bucket okta.Bucket) error {
	now := g.options.Now()
	inFlight := g.flights.count(string(bucket), now) + g.options.Elsewhere
	ok, retryAt := g.budget.Admit(bucket, g.options.Reserves.of(ctx), inFlight, now)
	if !ok {
		return &okta.OverBudget{Bucket: bucket, RetryAt: retryAt}
	}
	g.flights.start(string(bucket), now)
	return nil
}

// OnRate takes in what an answer said about its bucket.
func (g *OktaGate) OnRate(facts okta.RateFacts) {
	g.flights.end(string(facts.Bucket))
	g.budget.Observe(facts)
}

// Facts is the latest known of a bucket, for metrics and for `starter doctor`.
func (g *OktaGate) Facts(bucket okta.Bucket) (okta.RateFacts, bool) { return g.budget.Facts(bucket) }

// DeskGate is OktaGate for Freshservice.
type DeskGate struct {
	options GateOptions
	budget  freshservice.Budget
	flights flights

	mu     sync.Mutex
	totals map[string]int // the limit last seen in each bucket
}

// NewDeskGate makes the gate of this process.
func NewDeskGate(options GateOptions) *DeskGate {
	return &DeskGate{options: options.filled(), totals: map[string]int{}}
}

// Admit refuses with *freshservice.BudgetError.
func (g *DeskGate) Admit(ctx context.Context, bucket string) error {
	now := g.options.Now()
	g.mu.Lock()
	reserve := int(g.options.Reserves.of(ctx) * float64(g.totals[bucket]))
	g.mu.Unlock()
	inFlight := g.flights.count(bucket, now) + g.options.Elsewhere
	ok, retryAt := g.budget.Admit(bucket, reserve, inFlight, now)
	if !ok {
		return &freshservice.BudgetError{Bucket: bucket, RetryAfter: max(retryAt.Sub(now), time.Second)}
	}
	g.flights.start(bucket, now)
	return nil
}

// OnRate takes in what an answer said about its bucket.
func (g *DeskGate) OnRate(facts freshservice.RateFacts) {
	g.flights.end(facts.Bucket)
	if facts.Total > 0 {
		g.mu.Lock()
		g.totals[facts.Bucket] = facts.Total
		g.mu.Unlock()
	}
	g.budget.Observe(facts)
}

// flights counts calls that were let through and whose answer has not been seen. A call that never got an answer stops
// counting after flightMost. The zero value is ready.
type flights struct {
	mu   sync.Mutex
	open map[string][]time.Time // by bucket, oldest first
}

func (f *flights) start(bucket string, now time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.open == nil {
		f.open = map[string][]time.Time{}
	}
	f.open[bucket] = append(f.open[bucket], now)
}

func (f *flights) end(bucket string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if open := f.open[bucket]; len(open) > 0 {
		f.open[bucket] = open[1:]
	}
}

func (f *flights) count(bucket string, now time.Time) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	open := f.open[bucket]
	for len(open) > 0 && now.Sub(open[0]) > flightMost {
		open = open[1:]
	}
	if len(open) == 0 {
		delete(f.open, bucket) // also lets go of the array behind a long-used slice
	} else {
		f.open[bucket] = open
	}
	return len(open)
}

// beat tells Temporal that a multi-call activity is alive, and stops it when it was cancelled. Outside an activity it
// only looks at the context.
func beat(ctx context.Context, done ...any) error {
	if activity.IsActivity(ctx) {
		activity.RecordHeartbeat(ctx, done...)
	}
	return ctx.Err()
}
