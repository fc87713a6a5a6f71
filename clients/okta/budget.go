package okta

import (
	"fmt"
	"math"
	"sync"
	"time"
)

const (
	// probePause is how long the first call of an unknown window may go unanswered before another one is let through.
	probePause = time.Second
	// flightMost is how long a call that ended without a word counts as under way. The client gives up well within it.
	flightMost = time.Minute
)

// Budget is the ledger of our credential's calls: what Okta said of each bucket, and what was sent since. It says
// whether one more call may go. It never waits and makes no call. The zero value is ready and knows nothing; it is safe
// for concurrent use.
//
// Every call that Admit lets go has to end in exactly one Observe or Lost.
type Budget struct {
	mu      sync.Mutex
	buckets map[Bucket]*account
	crowd   crowd
}

// account is what is known of one bucket.
type account struct {
	facts   RateFacts   // of the window last seen; Remaining is the lowest of its answers
	lost    int         // calls of that window without an answer, which may be counted or not
	end     time.Time   // when that window is over for certain, on our clock; zero while nothing was seen
	probed  time.Time   // when a call was last let go into a window of which nothing was seen
	flights []time.Time // when the calls under way left, oldest first
}

// Need says who asks and how careful to be.
type Need struct {
	// Reserve is the share of the limit, 0 to 1, to leave for the lanes above.
	Reserve float64
	// Elsewhere is how many calls other processes can have under way without us seeing it. It counts for at most half of a
	// limit, so that a small bucket is not shut altogether.
	Elsewhere int
	// Urgent goes whenever one call may be left: it leaves nothing for others and waits for no probe.
	Urgent bool
	Now    time.Time
}

// keep is how many calls have to be left in a window; one call a window may always be used.
func (n Need) keep(limit int) int {
	if n.Urgent {
		return 0
	}
	reserve := int(math.Ceil(n.Reserve*float64(limit) - 1e-9))
	return max(min(reserve+min(n.Elsewhere, limit/2), limit-1), 0)
}

// Answer is what Admit says.
type Answer int

// The answers.
const (
	Go     Answer = iota // the call counts as under way from now on
	Settle               // it depends on calls under way: ask again when one of them has ended, or at RetryAt
	Later                // not before RetryAt
)

// Verdict is an Answer and its moment.
type Verdict struct {
	Answer  Answer
	RetryAt time.Time // on our clock, without jitter; zero for Go
}

// Admit says whether one more call in the bucket may go. A call may go when enough is left even if all calls under way,
// here and elsewhere, still have to be counted. Into a window of which nothing was seen goes one call at first: its
// answer tells what there is.
func (b *Budget) Admit(bucket Bucket, need Need) Verdict {
	b.mu.Lock()
	defer b.mu.Unlock()
	a := b.account(bucket)
	a.forget(need.Now)
	verdict := Verdict{Answer: Go}
	if !need.Urgent {
		verdict = b.crowd.admit(b.underWay(), need.Now)
	}
	if verdict.Answer == Go {
		verdict = a.admit(need)
	}
	if verdict.Answer == Go {
		a.flights = append(a.flights, need.Now)
	}
	return verdict
}

func (a *account) admit(need Need) Verdict {
	if a.over(need.Now) {
		if next := a.probed.Add(probePause); !need.Urgent && len(a.flights) > 0 && !a.probed.Before(a.end) && need.Now.Before(next) {
			return Verdict{Answer: Settle, RetryAt: next}
		}
		a.probed = need.Now
		return Verdict{Answer: Go}
	}
	spare := a.facts.Remaining - a.lost - need.keep(a.facts.Limit)
	switch {
	case spare > len(a.flights):
		return Verdict{Answer: Go}
	case spare > 0:
		return Verdict{Answer: Settle, RetryAt: a.end}
	}
	return Verdict{Answer: Later, RetryAt: a.end}
}

// over says whether nothing is known of the window that is on at now.
func (a *account) over(now time.Time) bool { return !now.Before(a.end) }

// Observe takes in one answer's facts and ends its call. Answers may come out of order: within a window the lowest
// Remaining counts, and facts of an earlier window are ignored.
func (b *Budget) Observe(f RateFacts) {
	b.mu.Lock()
	defer b.mu.Unlock()
	a := b.account(f.Bucket)
	if f.Concurrency { // says nothing about the bucket (okta-api.md §6.2), but concerns the whole org
		b.crowd.hit(b.underWay(), f)
		a.landed()
		return
	}
	a.landed()
	switch apart := f.Reset.Sub(a.facts.Reset); {
	case a.end.IsZero(), apart >= window/2: // a window lasts that long at least: this is another one
		a.facts, a.end, a.lost = f, f.ResetAt(), 0
	case apart <= -window/2: // of a window before
	default:
		f.Remaining = min(f.Remaining, a.facts.Remaining)
		switch {
		case apart == 0 && f.ResetAt().Before(a.end):
			a.end = f.ResetAt() // each answer bounds the end of its window; all the bounds hold
		case apart > 0 && f.ResetAt().After(a.end):
			a.end = f.ResetAt()
		case apart < 0:
			f.Reset = a.facts.Reset
		}
		a.facts = f
	}
}

// Lost ends a call of which no facts came back. One that may have reached Okta is taken as counted there, but not yet in
// what the answers said.
func (b *Budget) Lost(bucket Bucket, sent bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	a := b.account(bucket)
	a.landed()
	if sent {
		a.lost++
	}
}

// Facts is the latest known of a bucket; Remaining is the lowest of its window's answers.
func (b *Budget) Facts(bucket Bucket) (RateFacts, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	a, ok := b.buckets[bucket]
	if !ok || a.end.IsZero() {
		return RateFacts{}, false
	}
	return a.facts, true
}

// Room is what a lane can have of a bucket: the calls of a whole window, what is left of them now, and when the window
// is over (on our clock; not after now when the next one has not begun). ok is false while nothing was seen.
func (b *Budget) Room(bucket Bucket, need Need) (whole, left int, end time.Time, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	a, known := b.buckets[bucket]
	if !known || a.end.IsZero() {
		return 0, 0, time.Time{}, false
	}
	keep := need.keep(a.facts.Limit)
	whole = a.facts.Limit - keep
	if a.over(need.Now) {
		return whole, whole, a.end, true
	}
	a.forget(need.Now)
	return whole, max(a.facts.Remaining-a.lost-len(a.flights)-keep, 0), a.end, true
}

func (b *Budget) account(bucket Bucket) *account {
	if b.buckets == nil {
		b.buckets = map[Bucket]*account{}
	}
	a := b.buckets[bucket]
	if a == nil {
		a = &account{}
		b.buckets[bucket] = a
	}
	return a
}

// underWay counts the calls of all buckets.
func (b *Budget) underWay() int {
	n := 0
	for _, a := range b.buckets {
		n += len(a.flights)
	}
	return n
}

// landed ends the oldest call; which one it was does not matter to the count.
func (a *account) landed() {
	if len(a.flights) > 0 {
		a.flights = a.flights[1:]
	}
}

// forget drops calls that must have ended long ago.
func (a *account) forget(now time.Time) {
	for len(a.flights) > 0 && now.Sub(a.flights[0]) > flightMost {
		a.flights = a.flights[1:]
	}
	if len(a.flights) == 0 {
		a.flights = nil // also lets go of the array behind a long-used slice
	}
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
