package okta

import "time"

// widenEvery is how long it takes until one more call at once is dared after Okta refused a crowd.
const widenEvery = time.Second

// crowd holds down the number of calls at once after Okta said that there were too many: at first to half of those that
// were under way, then one more each second (okta-api.md §6.2: wait about a second and lower the parallelism). It
// concerns the whole org, so all buckets share it.
type crowd struct {
	at    time.Time // of the latest refusal; zero: never
	until time.Time // no call at all before this
	width int       // calls at once right after it
}

// hit takes in a refusal, with so many calls under way, the refused one included.
func (c *crowd) hit(underWay int, f RateFacts) {
	if until := f.ResetAt(); until.After(c.until) {
		c.until = until
	}
	if c.at.IsZero() || f.Observed.Sub(c.at) > concurrencyPause { // the refusals of one burst halve once
		c.width = max(underWay/2, 1)
	}
	c.at = f.Observed
}

// admit says whether one more call may join so many.
func (c *crowd) admit(underWay int, now time.Time) Verdict {
	switch {
	case c.at.IsZero():
		return Verdict{Answer: Go}
	case now.Before(c.until):
		return Verdict{Answer: Later, RetryAt: c.until}
	case underWay >= c.width+int(now.Sub(c.until)/widenEvery):
		return Verdict{Answer: Settle, RetryAt: now.Add(widenEvery)}
	}
	return Verdict{Answer: Go}
}
