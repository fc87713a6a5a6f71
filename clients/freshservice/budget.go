package freshservice

import (
	"fmt"
	"sync"
	"time"
)

const (
	// window is the span of the vendor's limits (reference §3). There is no reset header.
	window = time.Minute
	// lateAnswers, or a tenth of the limit, is how far Remaining may rise between two answers of the same minute because
	// they overtook each other; a larger rise is a new minute.
	lateAnswers = 10
	// probePause is the time between two calls that are let through only to learn of a new minute.
	probePause = time.Second
)

// Budget remembers the rate facts of each bucket and says whether a call may go. The vendor's counter is account-wide,
// so every process that feeds its own Budget sees what all the others used. It makes no calls and never waits.
// The zero value is ready; it is safe for concurrent use.
type Budget struct {
	mu      sync.Mutex
	buckets map[string]bucketState
}

type bucketState struct {
	total, remaining int
	began            time.Time // of the minute at the latest: when its first answer was seen
	blocked          time.Time // until when a 429 told us to stay away
	probed           time.Time // when a call was last let through only to learn of a new minute
}

// Observe takes in what an answer said. A call in a sub-limited bucket also draws from the overall one, which its
// answer does not show, so the cost is taken off there.
func (b *Budget) Observe(f RateFacts) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.buckets == nil {
		b.buckets = map[string]bucketState{}
	}
	s := b.buckets[f.Bucket]
	if f.Limited {
		if until := f.Observed.Add(max(f.RetryAfter, time.Second)); until.After(s.blocked) {
			s.blocked = until
		}
	}
	if f.Total > 0 {
		s = s.counted(f)
	}
	if f.Limited || f.Total > 0 {
		b.buckets[f.Bucket] = s
	}
	if f.Bucket == BucketOverall {
		return
	}
	if o, known := b.buckets[BucketOverall]; known && o.fresh(f.Observed) {
		o.remaining = max(o.remaining-max(f.Used, 1), 0)
		b.buckets[BucketOverall] = o
	}
}

func (s bucketState) counted(f RateFacts) bucketState {
	rose := f.Remaining - s.remaining
	switch {
	case !s.fresh(f.Observed), f.Total != s.total, rose > max(lateAnswers, f.Total/10):
		s.total, s.remaining, s.began = f.Total, f.Remaining, f.Observed
	case rose < 0:
		s.remaining = f.Remaining
	}
	return s
}

// fresh reports whether the count still speaks about the minute that now is in.
func (s bucketState) fresh(now time.Time) bool {
	return s.total > 0 && now.Sub(s.began) < window
}

// Admit says whether a call in bucket may go at now, leaving reserve calls for lanes above and inFlight calls for what
// is under way anywhere and not yet counted. When it may not, retryAt is when to ask again. A bucket never seen admits:
// its first answer tells. Once a minute is over and nothing of the next was seen, one call a second is let through
// whatever reserve and inFlight say, so that numbers too high for a small account starve nobody. The overall bucket is
// asked as well.
func (b *Budget) Admit(bucket string, reserve, inFlight int, now time.Time) (ok bool, retryAt time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	names := []string{bucket}
	if bucket != BucketOverall {
		names = append(names, BucketOverall)
	}
	probing := false
	for _, name := range names {
		s := b.buckets[name]
		until, probe := s.refuses(reserve+inFlight, now)
		probing = probing || probe
		if until.After(retryAt) {
			retryAt = until
		}
	}
	if !retryAt.IsZero() {
		return false, retryAt
	}
	if probing {
		for _, name := range names {
			if s, known := b.buckets[name]; known {
				s.probed = now
				b.buckets[name] = s
			}
		}
	}
	return true, time.Time{}
}

// refuses says until when the bucket has no room beside need other calls; the zero time is now. probe marks a call that
// is let through only to learn of a new minute.
func (s bucketState) refuses(need int, now time.Time) (until time.Time, probe bool) {
	switch {
	case now.Before(s.blocked):
		return s.blocked, false
	case s.total == 0:
		return time.Time{}, false
	case s.fresh(now):
		if s.remaining > need {
			return time.Time{}, false
		}
		return s.began.Add(window), false
	case s.total > need:
		return time.Time{}, false
	}
	if next := s.probed.Add(probePause); now.Before(next) {
		return next, false
	}
	return time.Time{}, true
}

// BudgetError is what a Config.Admit function returns to say how long the bucket is out of budget.
type BudgetError struct {
	Bucket     string
	RetryAfter time.Duration
}

// Error names the bucket and the wait.
func (e *BudgetError) Error() string {
	return fmt.Sprintf("freshservice: bucket %s is out of budget, retry after %s", e.Bucket, e.RetryAfter)
}
