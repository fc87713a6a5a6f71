package okta_test

import (
	"net/http"
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

// Whatever is slow, lost or overtaken, and whoever else of the cluster calls: no call is let go that Okta would refuse,
// the reserve stays, and whoever is urgent goes while a call is left.
func TestNoCallGoesThatTheBudgetDoesNotHold(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 12, 4, 12, 0, 0, 0, time.UTC)
	rapid.Check(t, func(t *rapid.T) {
		processes := rapid.IntRange(1, 3).Draw(t, "processes")
		slots := rapid.IntRange(1, 4).Draw(t, "slots")
		v := &vendor{
			limit: rapid.IntRange(2*processes*slots, 60).Draw(t, "limit"),
			ahead: time.Duration(rapid.Int64Range(int64(-time.Hour), int64(time.Hour)).Draw(t, "ahead")),
		}
		reserve := rapid.SampledFrom([]float64{0, 0.1, 0.25, 0.4}).Draw(t, "reserve")
		need := func(now time.Time) okta.Need {
			return okta.Need{Reserve: reserve, Elsewhere: (processes - 1) * slots, Now: now}
		}
		kept := int(reserve * float64(v.limit))
		budgets := make([]okta.Budget, processes)
		now := start.Add(time.Duration(rapid.Int64Range(0, int64(time.Second)).Draw(t, "fraction")))
		var open []*exchange
		under := func(process int) (n int) {
			for _, x := range open {
				if x.process == process {
					n++
				}
			}
			return n
		}
		pick := func(counted bool) (int, *exchange) {
			var fits []int
			for i, x := range open {
				if x.counted == counted {
					fits = append(fits, i)
				}
			}
			if len(fits) == 0 {
				return 0, nil
			}
			i := rapid.SampledFrom(fits).Draw(t, "exchange")
			return i, open[i]
		}
		t.Repeat(map[string]func(*rapid.T){
			"a call asks": func(t *rapid.T) {
				p := rapid.IntRange(0, processes-1).Draw(t, "process")
				if under(p) == slots {
					return
				}
				got := budgets[p].Admit(okta.BucketApps, need(now))
				if got.Answer == okta.Go {
					open = append(open, &exchange{process: p})
					return
				}
				assert.True(t, got.RetryAt.After(now), "it comes back later")
				assert.True(t, got.RetryAt.Before(now.Add(time.Minute+2*time.Second)), "and within a window")
			},
			"a call is counted": func(t *rapid.T) {
				if _, x := pick(false); x != nil {
					var ok bool
					x.facts, ok = v.count(now)
					x.counted = true
					if !ok {
						t.Fatalf("429: %d of %d used", v.used, v.limit)
					}
					if v.used > v.limit-kept {
						t.Fatalf("the reserve of %d is touched: %d of %d used", kept, v.used, v.limit)
					}
				}
			},
			"an answer comes": func(*rapid.T) {
				if i, x := pick(true); x != nil {
					open = append(open[:i], open[i+1:]...)
					x.facts.Observed = now
					budgets[x.process].Observe(x.facts)
				}
			},
			"an answer is lost": func(*rapid.T) {
				i, x := pick(true)
				if x == nil {
					return
				}
				// Where the first answer of a window is lost, nothing tells what there is, and what others used shows only in
				// answers: then a call may meet a 429.
				if _, _, end, ok := budgets[x.process].Room(okta.BucketApps, need(now)); ok && now.Before(end) && processes == 1 {
					open = append(open[:i], open[i+1:]...)
					budgets[x.process].Lost(okta.BucketApps, true)
				}
			},
			"a call is never sent": func(*rapid.T) {
				if i, x := pick(false); x != nil {
					open = append(open[:i], open[i+1:]...)
					budgets[x.process].Lost(okta.BucketApps, false)
				}
			},
			"time passes": func(t *rapid.T) {
				if len(open) > 0 { // a call takes less than a window, and the clients give up within it
					now = now.Add(time.Duration(rapid.Int64Range(1, int64(100*time.Millisecond)).Draw(t, "step")))
					return
				}
				now = now.Add(time.Duration(rapid.Int64Range(1, int64(40*time.Second)).Draw(t, "step")))
			},
			"an emergency asks": func(t *rapid.T) {
				if len(open) > 0 {
					return
				}
				left := v.limit - v.used
				if !now.Before(v.reset) {
					left = v.limit
				}
				b := &budgets[rapid.IntRange(0, processes-1).Draw(t, "process")]
				got := b.Admit(okta.BucketApps, okta.Need{Reserve: reserve, Elsewhere: processes * slots, Urgent: true, Now: now})
				if left > 0 && !lostAny(b, v, now) {
					assert.Equal(t, okta.Go, got.Answer, "%d are left", left)
				}
				if got.Answer == okta.Go {
					b.Lost(okta.BucketApps, false)
				}
			},
		})
	})
}

// lostAny says whether the budget takes fewer calls as left than there are: for answers that were lost, or for a window
// whose end it cannot be sure of yet.
func lostAny(b *okta.Budget, v *vendor, now time.Time) bool {
	_, left, end, ok := b.Room(okta.BucketApps, okta.Need{Urgent: true, Now: now})
	return ok && now.Before(end) && (left < v.limit-v.used || !now.Before(v.reset))
}
