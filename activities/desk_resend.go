package activities

import (
	"context"
	"errors"
	"sync"
	"time"

	"go.temporal.io/sdk/activity"

	"latchkey/casework"
	"latchkey/clients/freshservice"
)

// readsSettle is how long after a write a read that does not show it is not believed. Freshservice has no idempotency
// key, and its lists may be served from a copy that is behind (reference/freshservice-api.md §11.1), so writing again at
// once could make a second note or ask an approver twice.
const readsSettle = 30 * time.Second

// lostWrite is what an attempt leaves to the next one, as heartbeat details, about a write whose answer was lost.
type lostWrite struct {
	What string    `json:"what"`
	At   time.Time `json:"at"`
}

// recentWrites remembers what this process wrote within readsSettle. The zero value is ready; it is safe for concurrent
// use.
type recentWrites struct {
	mu sync.Mutex
	at map[string]time.Time
}

func (r *recentWrites) add(what string, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.at == nil {
		r.at = map[string]time.Time{}
	}
	for old, at := range r.at {
		if now.Sub(at) >= readsSettle {
			delete(r.at, old)
		}
	}
	r.at[what] = now
}

func (r *recentWrites) has(what string, now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	at, ok := r.at[what]
	return ok && now.Sub(at) < readsSettle
}

// wrote judges the outcome of a write that is not idempotent; what names it within the account. When the write may have
// taken effect although it failed, the next attempt is told, and the error is Ambiguous whatever the vendor answered.
func (d *Desk) wrote(ctx context.Context, what string, err error) error {
	if err == nil {
		d.known.recent.add(what, d.now())
		return nil
	}
	vendor, ok := errors.AsType[*freshservice.Error](err)
	if !ok || !vendor.MayHaveApplied() {
		return err
	}
	activity.RecordHeartbeat(ctx, lostWrite{What: what, At: d.now()})
	return problemf(casework.Ambiguous, "the answer to the write of %s was lost (%s)", what, vendor.Kind)
}

// mayWrite is asked when reads do not show a write: done means that this process made it moments ago and the reads are
// behind. Shortly after an earlier attempt lost the answer to the same write it is Ambiguous: nothing is sent until the
// desk has had time to show it.
func (d *Desk) mayWrite(ctx context.Context, what string) (done bool, err error) {
	if d.known.recent.has(what, d.now()) {
		return true, nil
	}
	if !activity.HasHeartbeatDetails(ctx) {
		return false, nil
	}
	var lost lostWrite
	if read := activity.GetHeartbeatDetails(ctx, &lost); read != nil {
		lost = lostWrite{} // details of another shape are about another write
	}
	if lost.What != what {
		return false, nil
	}
	waited := d.now().Sub(lost.At)
	if waited >= readsSettle {
		return false, nil
	}
	activity.RecordHeartbeat(ctx, lost) // the next attempt has to know as well
	return false, problemf(casework.Ambiguous, "%s was sent %s ago and cannot be seen yet; it is sent again when the desk has had %s to show it",
		what, waited.Round(time.Second), readsSettle)
}
