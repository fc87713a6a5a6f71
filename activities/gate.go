package activities

import (
	"context"
	"time"

	"go.temporal.io/sdk/activity"

	"latchkey/clients/freshservice"
	"latchkey/clients/okta"
)

// GateOptions says how careful a gate is.
type GateOptions struct {
	Reserves Reserves // nil: DefaultReserves
	// Elsewhere is how many calls other worker processes can have in flight, not yet counted by the vendor.
	Elsewhere int
	// Workers is how many processes share the budget, this one included, so that each books its part of a window for those
	// who wait. Default 1.
	Workers int
	// PerSecond is the bound of the task queue, activities started a second in the whole cluster: a forecast is no faster.
	// 0 is no bound.
	PerSecond float64
	Now       func() time.Time // nil: the real clock
}

func (o GateOptions) filled() GateOptions {
	if o.Reserves == nil {
		o.Reserves = DefaultReserves()
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	o.Workers = max(o.Workers, 1)
	return o
}

// OktaGate stops a call to Okta before it is made when the budget of its bucket is used up: its methods are the Admit,
// OnRate and OnLost of okta.Config. The refused activity ends as RateLimited and comes back in its turn after the reset;
// nobody sleeps in a worker's slot, beyond settleMost for the answers of calls that are under way. There is one gate a
// process; the vendor's own headers join the processes.
type OktaGate struct {
	gate
	budget okta.Budget
}

// NewOktaGate makes the gate of this process.
func NewOktaGate(options GateOptions) *OktaGate {
	g := &OktaGate{}
	g.gate = gate{options: options.filled(), ledger: oktaLedger{&g.budget}}
	return g
}

// Admit refuses with *okta.OverBudget.
func (g *OktaGate) Admit(ctx context.Context, bucket okta.Bucket) error {
	retryAt, err := g.enter(ctx, string(bucket))
	if err != nil {
		return err
	}
	if !retryAt.IsZero() {
		return &okta.OverBudget{Bucket: bucket, RetryAt: retryAt}
	}
	return nil
}

// OnRate takes in what an answer said about its bucket.
func (g *OktaGate) OnRate(facts okta.RateFacts) {
	g.budget.Observe(facts)
	g.stir()
}

// OnLost takes in that a call ended without facts.
func (g *OktaGate) OnLost(bucket okta.Bucket, sent bool) {
	g.budget.Lost(bucket, sent)
	g.stir()
}

// Facts is the latest known of a bucket, for metrics and for `starter doctor`.
func (g *OktaGate) Facts(bucket okta.Bucket) (okta.RateFacts, bool) { return g.budget.Facts(bucket) }

// DeskGate is OktaGate for Freshservice.
type DeskGate struct {
	gate
	budget freshservice.Budget
}

// NewDeskGate makes the gate of this process.
func NewDeskGate(options GateOptions) *DeskGate {
	g := &DeskGate{}
	g.gate = gate{options: options.filled(), ledger: deskLedger{&g.budget}}
	return g
}

// Admit refuses with *freshservice.BudgetError.
func (g *DeskGate) Admit(ctx context.Context, bucket string) error {
	retryAt, err := g.enter(ctx, bucket)
	if err != nil {
		return err
	}
	if !retryAt.IsZero() {
		return &freshservice.BudgetError{Bucket: bucket, RetryAfter: max(retryAt.Sub(g.options.Now()), time.Second)}
	}
	return nil
}

// OnRate takes in what an answer said about its bucket.
func (g *DeskGate) OnRate(facts freshservice.RateFacts) {
	g.budget.Observe(facts)
	g.stir()
}

// OnLost takes in that a call got no answer.
func (g *DeskGate) OnLost(bucket string, sent bool) {
	g.budget.Lost(bucket, sent)
	g.stir()
}

// beat tells Temporal that a multi-call activity is alive, and stops it when it was cancelled. Outside an activity it
// only looks at the context.
func beat(ctx context.Context, done ...any) error {
	if activity.IsActivity(ctx) {
		activity.RecordHeartbeat(ctx, done...)
	}
	return ctx.Err()
}
