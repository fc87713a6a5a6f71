package okta

import (
	"fmt"
	"sync"
	"time"
)

// Budget remembers the latest facts of each bucket and says whether a call would leave the reserve untouched. It
// never waits and makes no call. The zero value is ready and knows nothing; it is safe for concurrent use.
type Budget struct {
	mu      sync.Mutex
	buckets map[Bucket]RateFacts
	crowded time.Time // no call at all before this: too many were in flight
	probed  map[Bucket]time.Time
}

// Observe takes in one answer's facts. Answers may come out of order: within a window the lowest Remaining counts, and
// facts of an earlier window are ignored.
func (b *Budget) Observe(f RateFacts) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if f.Concurrency { // says nothing about the bucket (okta-api.md §6.2), but concerns the whole org
		if until := f.ResetAt(); until.After(b.crowded) {
			b.crowded = until
		}
		return
	}
	if b.buckets == nil {
		b.buckets = map[Bucket]RateFacts{}
	}
	known, ok := b.buckets[f.Bucket]
	switch {
	case ok && f.Reset.Before(known.Reset):
		return
	case ok && f.Reset.Equal(known.Reset):
		f.Remaining = min(f.Remaining, known.Remaining)
	}
	b.buckets[f.Bucket] = f
}

// Admit says whether one more call in the bucket leaves at least reserve of its limit: 0 uses all, 0.2 leaves a fifth.
// inFlight is the number of calls, anywhere, that may have been sent without their answer being observed here. When it
// says no, retryAt is when to ask again, on our clock and without jitter. A bucket never observed is admitted. Once a
// window is over, one call a second is let through whatever inFlight says, so that a number too high starves nobody.
func (b *Budget) Admit(bucket Bucket, reserve float64, inFlight int, now time.Time) (ok bool, retryAt time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if now.Before(b.crowded) {
		return false, b.crowded
	}
	f, known := b.buckets[bucket]
	if !known {
		return true, time.Time{}
	}
	reset := f.ResetAt()
	if now.Before(reset) {
		if leaves(f.Remaining, f.Limit, reserve, inFlight) {
			return true, time.Time{}
		}
		return false, reset
	}
	// The window is over and nothing of the next one was seen.
	if leaves(f.Limit, f.Limit, reserve, inFlight) {
		return true, time.Time{}
	}
	if next := b.probed[bucket].Add(probePause); now.Before(next) {
		return false, next
	}
	if b.probed == nil {
		b.probed = map[Bucket]time.Time{}
	}
	b.probed[bucket] = now
	return true, time.Time{}
}

// probePause is the time between two calls that are let through only to learn of a new window.
const probePause = time.Second

// leaves says whether one more call leaves the reserve, if all in flight count against remaining.
func leaves(remaining, limit int, reserve float64, inFlight int) bool {
	return float64(remaining-inFlight-1) >= reserve*float64(limit)
}

// Facts is the latest known of a bucket.
func (b *Budget) Facts(bucket Bucket) (RateFacts, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	f, ok := b.buckets[bucket]
	return f, ok
}

// OverBudget is the error for Config.Admit to return when a call must wait. The client passes it on as an Error of kind
// RateLimited with the same moment.
type OverBudget struct { //nolint:errname // what it says is a fact about a bucket
	Bucket  Bucket
	RetryAt time.Time // on our clock; zero when unknown
}

// Error implements error.
func (o *OverBudget) Error() string {
	if o.RetryAt.IsZero() {
		return fmt.Sprintf("the rate budget of %s is used up", o.Bucket)
	}
	return fmt.Sprintf("the rate budget of %s is used up until %s", o.Bucket, o.RetryAt.UTC().Format(time.RFC3339))
}
