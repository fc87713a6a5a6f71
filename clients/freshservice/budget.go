package freshservice

import (
	"fmt"
	"math"
	"sync"
	"time"
)

const (
	// window is the span of the vendor's limits (reference §3). There is no reset header.
	window = time.Minute
	// lateAnswers, or a tenth of the limit, is how far Remaining may rise between two answers of the same minute because
	// they overtook each other; a larger rise is a new minute.
	lateAnswers = 10
	// probePause is how long the first call of an unknown minute may go unanswered before another one is let through.
	probePause = time.Second
	// flightMost is how long a call that ended without a word counts as under way. The client gives up well within it.
	flightMost = time.Minute
)

// Budget is the ledger of the account's calls: what the vendor said of each bucket, and what was sent since. It says
// whether one more call may go. The vendor's counter is account-wide, so every process that feeds its own Budget sees
// what all the others used. It makes no calls and never waits. The zero value is ready; it is safe for concurrent use.
//
// Every call that Admit lets go has to end in exactly one Observe or Lost.
type Budget struct {
	mu      sync.Mutex
	buckets map[string]*account
}

// account is what is known of one bucket.
type account struct {
	total, remaining int
	lost             int       // what calls of that minute without an answer may have cost
	cost             int       // of the latest call: more than 1 with includes
	began            time.Time // of the minute at the latest: when its first answer was seen
	blocked          time.Time // until when a 429 told us to stay away
	probed           time.Time // when a call was last let go into a minute of which nothing was seen
	flights          []flight  // the calls under way, oldest first
}

// flight is a call under way: when it left and what it may cost.
type flight struct {
	at   time.Time
	cost int
}

// Need says who asks and how careful to be.
type Need struct {
	// Reserve is the share of a limit, 0 to 1, to leave for the lanes above.
	Reserve float64
	// Elsewhere is how many calls other processes can have under way without us seeing it. It counts for at most half of a
	// limit, so that a small bucket is not shut altogether.
	Elsewhere int
	// Urgent goes whenever one call may be left: it leaves nothing for others and waits for no probe.
	Urgent bool
	Now    time.Time
}

// keep is how many calls have to be left in a minute; one call a minute may always be used.
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
	RetryAt time.Time // without jitter; zero for Go
}

// Admit says whether a call in bucket may go. The overall bucket, from which every call draws too, is asked as well. A
// call may go when enough is left even if all calls under way, here and elsewhere, still have to be counted. Into a
// minute of which nothing was seen goes one call at first: its answer tells what there is.
func (b *Budget) Admit(bucket string, need Need) Verdict {
	b.mu.Lock()
	defer b.mu.Unlock()
	drawn := b.drawn(bucket)
	worst := Verdict{Answer: Go}
	for _, a := range drawn {
		a.forget(need.Now)
		v := a.admit(need, drawn[0])
		if v.Answer > worst.Answer || v.Answer == worst.Answer && v.RetryAt.After(worst.RetryAt) {
			worst = v
		}
	}
	if worst.Answer != Go {
		return worst
	}
	cost := max(drawn[0].cost, 1)
	for _, a := range drawn {
		if a.over(need.Now) {
			a.probed = need.Now
		}
		a.flights = append(a.flights, flight{need.Now, cost})
	}
	return worst
}

// admit judges one bucket that a call draws from; asked is the call's own.
func (a *account) admit(need Need, asked *account) Verdict {
	if need.Now.Before(a.blocked) {
		return Verdict{Answer: Later, RetryAt: a.blocked}
	}
	if a.over(need.Now) {
		// The account's own countdown shows only in answers outside the sub-limits: a call inside one learns nothing of it.
		next := a.probed.Add(probePause)
		if a == asked && !need.Urgent && len(a.flights) > 0 && !a.probed.Before(a.end()) && need.Now.Before(next) {
			return Verdict{Answer: Settle, RetryAt: next}
		}
		return Verdict{Answer: Go}
	}
	under := 0
	for _, f := range a.flights {
		under += f.cost
	}
	spare := a.remaining - a.lost - need.keep(a.total) - max(asked.cost, 1)
	switch {
	case spare >= under:
		return Verdict{Answer: Go}
	case spare >= 0:
		return Verdict{Answer: Settle, RetryAt: a.end()}
	}
	return Verdict{Answer: Later, RetryAt: a.end()}
}

// Observe takes in what an answer said and ends its call. A call in a sub-limited bucket also draws from the overall
// one, which its answer does not show, so the cost is taken off there.
func (b *Budget) Observe(f RateFacts) {
	b.mu.Lock()
	defer b.mu.Unlock()
	drawn := b.drawn(f.Bucket)
	for _, a := range drawn {
		a.landed()
	}
	own := drawn[0]
	if f.Used > 0 {
		own.cost = f.Used
	}
	if f.Limited {
		if until := f.Observed.Add(max(f.RetryAfter, time.Second)); until.After(own.blocked) {
			own.blocked = until
		}
	}
	if f.Total > 0 {
		own.counted(f)
	}
	if len(drawn) > 1 && !drawn[1].over(f.Observed) && !f.Limited {
		drawn[1].remaining = max(drawn[1].remaining-max(f.Used, 1), 0)
	}
}

func (a *account) counted(f RateFacts) {
	rose := f.Remaining - a.remaining
	switch {
	case a.over(f.Observed), f.Total != a.total, rose > max(lateAnswers, f.Total/10):
		a.total, a.remaining, a.began, a.lost = f.Total, f.Remaining, f.Observed, 0
	case rose < 0:
		a.remaining = f.Remaining
	}
}

// Lost ends a call that got no answer. One that may have reached the vendor is taken as counted there, but not yet in what
// the answers said.
func (b *Budget) Lost(bucket string, sent bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	drawn := b.drawn(bucket)
	cost := max(drawn[0].cost, 1)
	for _, a := range drawn {
		a.landed()
		if sent {
			a.lost += cost
		}
	}
}

// Room is what a lane can have of a bucket: the calls of a whole minute, what is left of them now, and when the minute
// is over (not after now when nothing of the next one was seen). ok is false while nothing was seen.
func (b *Budget) Room(bucket string, need Need) (whole, left int, end time.Time, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	a, known := b.buckets[bucket]
	if !known || a.total == 0 {
		return 0, 0, time.Time{}, false
	}
	keep := need.keep(a.total)
	whole = a.total - keep
	if a.over(need.Now) {
		return whole, whole, a.end(), true
	}
	a.forget(need.Now)
	return whole, max(a.remaining-a.lost-len(a.flights)-keep, 0), a.end(), true
}

// drawn lists what a call in a bucket draws from, its own bucket first.
func (b *Budget) drawn(bucket string) []*account {
	if bucket == BucketOverall {
		return []*account{b.account(bucket)}
	}
	return []*account{b.account(bucket), b.account(BucketOverall)}
}

func (b *Budget) account(bucket string) *account {
	if b.buckets == nil {
		b.buckets = map[string]*account{}
	}
	a := b.buckets[bucket]
	if a == nil {
		a = &account{}
		b.buckets[bucket] = a
	}
	return a
}

// end is when the minute that was seen is over for certain.
func (a *account) end() time.Time { return a.began.Add(window) }

// over says whether nothing is known of the minute that is on at now.
func (a *account) over(now time.Time) bool { return a.total == 0 || !now.Before(a.end()) }

// landed ends the oldest call; which one it was does not matter to the count.
func (a *account) landed() {
	if len(a.flights) > 0 {
		a.flights = a.flights[1:]
	}
}

// forget drops calls that must have ended long ago.
func (a *account) forget(now time.Time) {
	for len(a.flights) > 0 && now.Sub(a.flights[0].at) > flightMost {
		a.flights = a.flights[1:]
	}
	if len(a.flights) == 0 {
		a.flights = nil // also lets go of the array behind a long-used slice
	}
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
