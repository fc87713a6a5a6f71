package okta_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"latchkey/clients/okta"
)

// vendor is Okta's side of one bucket: a window of a minute from its first call, on a clock of its own.
type vendor struct {
	limit, used int
	reset       time.Time // on our clock
	ahead       time.Duration
}

func (v *vendor) count(now time.Time) (okta.RateFacts, bool) {
	if !now.Before(v.reset) {
		v.reset, v.used = now.Add(time.Minute), 0
	}
	f := okta.RateFacts{
		Bucket: okta.BucketApps, Limit: v.limit, Status: http.StatusOK,
		Reset: v.reset.Add(v.ahead).Truncate(time.Second), ServerNow: now.Add(v.ahead).Truncate(time.Second),
	}
	if v.used == v.limit {
		f.Status = http.StatusTooManyRequests
		return f, false
	}
	v.used++
	f.Remaining = v.limit - v.used
	return f, true
}

// exchange is a call that a process let go: on its way there until counted, then on its way back.
type exchange struct {
	process int
	counted bool
	facts   okta.RateFacts
}

// cluster is some processes that share one credential, each with a budget of its own.
type cluster struct {
	t       *rapid.T
	vendor  vendor
	budgets []okta.Budget
	slots   int
	reserve float64
	now     time.Time
	open    []*exchange
}

func (c *cluster) need() okta.Need {
	return okta.Need{Reserve: c.reserve, Elsewhere: (len(c.budgets) - 1) * c.slots, Now: c.now}
}

// knows says whether a process has seen something of the window that is on.
func (c *cluster) knows(process int) bool {
	_, _, end, ok := c.budgets[process].Room(okta.BucketApps, c.need())
	return ok && c.now.Before(end)
}

// pick is an exchange that was counted, or one that was not; nil where there is none.
func (c *cluster) pick(counted bool) *exchange {
	var fits []*exchange
	for _, x := range c.open {
		if x.counted == counted {
			fits = append(fits, x)
		}
	}
	if len(fits) == 0 {
		return nil
	}
	return fits[rapid.IntRange(0, len(fits)-1).Draw(c.t, "exchange")]
}

func (c *cluster) close(x *exchange) {
	c.open = slices.DeleteFunc(c.open, func(other *exchange) bool { return other == x })
}

func (c *cluster) ask() {
	p := rapid.IntRange(0, len(c.budgets)-1).Draw(c.t, "process")
	under := 0
	for _, x := range c.open {
		if x.process == p {
			under++
		}
	}
	if under == c.slots {
		return
	}
	got := c.budgets[p].Admit(okta.BucketApps, c.need())
	if got.Answer == okta.Go {
		c.open = append(c.open, &exchange{process: p})
		return
	}
	assert.True(c.t, got.RetryAt.After(c.now), "it comes back later")
	assert.True(c.t, got.RetryAt.Before(c.now.Add(time.Minute+2*time.Second)), "and within a window")
}

func (c *cluster) count() {
	x := c.pick(false)
	if x == nil {
		return
	}
	var ok bool
	x.facts, ok = c.vendor.count(c.now)
	x.counted = true
	v, kept := &c.vendor, int(c.reserve*float64(c.vendor.limit))
	if !ok {
		c.t.Fatalf("429: %d of %d used", v.used, v.limit)
	}
	if v.used > v.limit-kept {
		c.t.Fatalf("the reserve of %d is touched: %d of %d used", kept, v.used, v.limit)
	}
}

func (c *cluster) answer() {
	if x := c.pick(true); x != nil {
		c.close(x)
		x.facts.Observed = c.now
		c.budgets[x.process].Observe(x.facts)
	}
}

// lose loses an answer. Where it is the first of a window nothing tells what there is, and what others used shows only in
// answers: in both cases a call may meet a 429, so they are left out.
func (c *cluster) lose() {
	if x := c.pick(true); x != nil && len(c.budgets) == 1 && c.knows(x.process) {
		c.close(x)
		c.budgets[x.process].Lost(okta.BucketApps, true)
	}
}

func (c *cluster) giveUp() {
	if x := c.pick(false); x != nil {
		c.close(x)
		c.budgets[x.process].Lost(okta.BucketApps, false)
	}
}

// wait lets time pass: little while calls are under way, for the clients give up well within a window.
func (c *cluster) wait() {
	most := 40 * time.Second
	if len(c.open) > 0 {
		most = 100 * time.Millisecond
	}
	c.now = c.now.Add(time.Duration(rapid.Int64Range(1, int64(most)).Draw(c.t, "step")))
}

// alarm asks for an emergency while nothing is under way.
func (c *cluster) alarm() {
	if len(c.open) > 0 {
		return
	}
	p := rapid.IntRange(0, len(c.budgets)-1).Draw(c.t, "process")
	need := okta.Need{Reserve: c.reserve, Elsewhere: len(c.budgets) * c.slots, Urgent: true, Now: c.now}
	_, left, _, known := c.budgets[p].Room(okta.BucketApps, okta.Need{Now: c.now})
	got := c.budgets[p].Admit(okta.BucketApps, need)
	if !known || left > 0 {
		assert.Equal(c.t, okta.Go, got.Answer, "%d are left", left)
	}
	if got.Answer == okta.Go {
		c.budgets[p].Lost(okta.BucketApps, false)
	}
}

// Whatever is slow, lost or overtaken, and whoever else of the cluster calls: no call is let go that Okta would refuse,
// the reserve stays, and an emergency goes while a call is left.
func TestNoCallGoesThatTheBudgetDoesNotHold(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 12, 4, 12, 0, 0, 0, time.UTC)
	rapid.Check(t, func(t *rapid.T) {
		c := &cluster{
			t: t, budgets: make([]okta.Budget, rapid.IntRange(1, 3).Draw(t, "processes")), slots: rapid.IntRange(1, 4).Draw(t, "slots"),
			reserve: rapid.SampledFrom([]float64{0, 0, 0.1, 0.25, 0.4}).Draw(t, "reserve"),
			now:     start.Add(time.Duration(rapid.Int64Range(0, int64(time.Second)).Draw(t, "fraction"))),
		}
		c.vendor.limit = rapid.IntRange(2*len(c.budgets)*c.slots, 30).Draw(t, "limit")
		c.vendor.ahead = time.Duration(rapid.Int64Range(int64(-time.Hour), int64(time.Hour)).Draw(t, "ahead"))
		moves := []func(){c.ask, c.ask, c.ask, c.ask, c.count, c.count, c.count, c.answer, c.answer, c.answer, c.lose, c.giveUp, c.wait, c.wait, c.alarm}
		for _, m := range rapid.SliceOfN(rapid.IntRange(0, len(moves)-1), 200, 600).Draw(t, "moves") {
			moves[m]()
		}
	})
}
