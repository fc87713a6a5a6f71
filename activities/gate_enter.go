package activities

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"latchkey/casework"
	"latchkey/clients/freshservice"
	"latchkey/clients/okta"
)

const (
	// window is the span of both vendors' limits (okta-api.md §6.1, freshservice-api.md §3).
	window = time.Minute
	// settleMost bounds the only wait inside a slot: for the answers of calls under way, where the last calls of a window
	// or the first one of the next depend on them. It is below what an emergency can spare.
	settleMost = 500 * time.Millisecond
	// settlePause is when a call comes back whose answer to wait for did not come in time, plus up to as much again.
	settlePause = time.Second
)

// need is who asks a ledger, and how careful to be.
type need struct {
	reserve   float64
	elsewhere int
	urgent    bool
	now       time.Time
}

// verdict is what a ledger says: go, settle (it depends on calls under way), or neither: not before retryAt.
type verdict struct {
	ok, settle bool
	retryAt    time.Time
}

// ledger is a vendor's budget.
type ledger interface {
	// admit lets a call go, which then counts as under way, or says why not.
	admit(bucket string, n need) verdict
	// room is what the lane can have: of a whole window, of the present one, and when that is over; ok is false while
	// nothing was seen.
	room(bucket string, n need) (whole, left int, end time.Time, ok bool)
}

// gate is what both vendors' gates share.
type gate struct {
	options GateOptions
	ledger  ledger

	mu      sync.Mutex
	stirred chan struct{} // closed when a call has ended
	turns   map[string]*turns
}

// enter asks for one call. A zero retryAt lets it go; else it has to come back then, which is spread already. The error
// is that of a context that ended.
func (g *gate) enter(ctx context.Context, bucket string) (retryAt time.Time, err error) {
	who := placeOf(ctx)
	var patience <-chan time.Time
	for {
		stirred := g.watch() // before asking, so that no end of a call is missed
		now := g.options.Now()
		n := g.need(who.lane, now)
		v := g.ledger.admit(bucket, n)
		switch {
		case v.ok:
			return time.Time{}, nil
		case !v.settle:
			return g.turn(bucket, who, n, v.retryAt), nil
		case patience == nil:
			timer := time.NewTimer(settleMost)
			defer timer.Stop()
			patience = timer.C
		}
		select {
		case <-stirred:
		case <-patience:
			return now.Add(settlePause + upTo(settlePause)), nil
		case <-ctx.Done():
			return time.Time{}, ctx.Err()
		}
	}
}

func (g *gate) need(lane int, now time.Time) need {
	return need{
		reserve: g.options.Reserves.of(lane), elsewhere: g.options.Elsewhere, urgent: lane == casework.PriorityEmergency, now: now,
	}
}

// turn is when a refused call comes back. Where it waits for a window, it gets a place in that one or in a later one.
func (g *gate) turn(bucket string, who place, n need, retryAt time.Time) time.Time {
	whole, _, end, ok := g.ledger.room(bucket, n)
	if !ok || !end.Equal(retryAt) {
		return retryAt.Add(upTo(settlePause)) // a pause of another kind
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.turns == nil {
		g.turns = map[string]*turns{}
	}
	t := g.turns[bucket]
	if t == nil {
		t = &turns{}
		g.turns[bucket] = t
	}
	return t.book(end, who, max(whole/g.options.Workers, 1))
}

// watch is closed at the next end of a call.
func (g *gate) watch() <-chan struct{} {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.stirred == nil {
		g.stirred = make(chan struct{})
	}
	return g.stirred
}

// stir wakes those who wait for the end of a call.
func (g *gate) stir() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.stirred != nil {
		close(g.stirred)
		g.stirred = nil
	}
}

// upTo is a random distance below most.
func upTo(most time.Duration) time.Duration {
	return rand.N(most) //nolint:gosec // jitter is no secret
}

type oktaLedger struct{ *okta.Budget }

func (l oktaLedger) admit(bucket string, n need) verdict {
	v := l.Admit(okta.Bucket(bucket), oktaNeed(n))
	return verdict{ok: v.Answer == okta.Go, settle: v.Answer == okta.Settle, retryAt: v.RetryAt}
}

func (l oktaLedger) room(bucket string, n need) (whole, left int, end time.Time, ok bool) {
	return l.Room(okta.Bucket(bucket), oktaNeed(n))
}

func oktaNeed(n need) okta.Need {
	return okta.Need{Reserve: n.reserve, Elsewhere: n.elsewhere, Urgent: n.urgent, Now: n.now}
}

type deskLedger struct{ *freshservice.Budget }

func (l deskLedger) admit(bucket string, n need) verdict {
	v := l.Admit(bucket, deskNeed(n))
	return verdict{ok: v.Answer == freshservice.Go, settle: v.Answer == freshservice.Settle, retryAt: v.RetryAt}
}

func (l deskLedger) room(bucket string, n need) (whole, left int, end time.Time, ok bool) {
	return l.Room(bucket, deskNeed(n))
}

func deskNeed(n need) freshservice.Need {
	return freshservice.Need{Reserve: n.reserve, Elsewhere: n.elsewhere, Urgent: n.urgent, Now: n.now}
}
