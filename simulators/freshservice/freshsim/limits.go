package freshsim

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Sub-limit buckets (reference §3); everything else shares only the overall limit.
const (
	bucketTicketList    = "tickets.list"
	bucketAgentList     = "agents.list"
	bucketRequesterList = "requesters.list"
	bucketTicketView    = "tickets.view"
	bucketTicketCreate  = "tickets.create"
	bucketTicketUpdate  = "tickets.update"
)

// planLimit is calls a minute: overall, per list endpoint, per single-ticket endpoint.
type planLimit struct{ overall, list, ticket int }

// planLimits are the vendor's published figures (reference §3).
func planLimits() map[string]planLimit {
	return map[string]planLimit{
		LimitsStarter: {100, 40, 50}, LimitsGrowth: {200, 70, 80}, LimitsPro: {400, 120, 140}, LimitsEnterprise: {500, 140, 160},
	}
}

// limiter counts credits in fixed one-minute windows, account-wide. Failed and invalid calls count too.
type limiter struct {
	plan   planLimit
	off    bool
	window time.Time
	used   map[string]int // by bucket, "" is overall
}

func newLimiter(plan string) *limiter {
	return &limiter{plan: planLimits()[plan], off: plan == LimitsOff, used: map[string]int{}}
}

// spend charges a call and gives its rate-limit headers; Retry-After is among them when the budget is gone.
func (l *limiter) spend(now time.Time, rt *route, cost int) http.Header {
	h := http.Header{}
	if l.off {
		return h
	}
	if window := now.Truncate(time.Minute); !window.Equal(l.window) {
		l.window, l.used = window, map[string]int{}
	}
	total, used := l.plan.overall, l.used[""]
	over := used+cost > total
	if rt != nil && rt.bucket != "" {
		// A sub-limited endpoint reports its own limit, not the overall one (reference §3).
		total, used = l.sub(rt.bucket), l.used[rt.bucket]
		over = over || used+cost > total
		if !over {
			l.used[rt.bucket] += cost
		}
	}
	if !over {
		l.used[""] += cost
		used += cost
	} else {
		used = total
		seconds := int(l.window.Add(time.Minute).Sub(now).Seconds()) + 1
		h.Set("Retry-After", strconv.Itoa(seconds))
	}
	h.Set("X-Fw-Ratelimiting-Managed", "true")
	h.Set("X-Ratelimit-Total", strconv.Itoa(total))
	h.Set("X-Ratelimit-Remaining", strconv.Itoa(max(total-used, 0)))
	h.Set("X-Ratelimit-Used-Currentrequest", strconv.Itoa(cost))
	return h
}

func (l *limiter) sub(bucket string) int {
	switch bucket {
	case bucketTicketList, bucketAgentList, bucketRequesterList:
		return l.plan.list
	}
	return l.plan.ticket
}

// creditCost is 1, and for each embedded resource 1 more on a view or 2 more on a list (reference §3).
func creditCost(rt *route, query url.Values) int {
	cost := 1
	if rt == nil || rt.include == includeNone {
		return cost
	}
	for name := range strings.SplitSeq(query.Get("include"), ",") {
		if strings.TrimSpace(name) == "" {
			continue
		}
		cost++
		if rt.include == includeList {
			cost++
		}
	}
	return cost
}
