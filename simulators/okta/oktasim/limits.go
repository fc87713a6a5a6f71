package oktasim

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// plan is one column of Okta's last public rate-limit table (§6.1): requests a minute per bucket, and requests in flight.
type plan struct {
	perMinute   map[bucketName]int
	concurrency int
}

// bucketName is a set of endpoints that share one countdown.
type bucketName string

const (
	bucketApps      bucketName = "/api/v1/apps*"
	bucketApp       bucketName = "/api/v1/apps/{id}"
	bucketGroups    bucketName = "/api/v1/groups*"
	bucketGroup     bucketName = "/api/v1/groups/{id}"
	bucketUsers     bucketName = "/api/v1/users*"
	bucketUserWrite bucketName = "/api/v1/users/{id}:write"
	bucketUserRead  bucketName = "/api/v1/users/{id}:read"
	bucketLogs      bucketName = "/api/v1/logs"
	bucketHooks     bucketName = "/api/v1/eventHooks*"
	bucketMeta      bucketName = "/api/v1/meta*"
	bucketOther     bucketName = "/api/v1"
)

var plans = map[string]plan{
	LimitsIntegrator: {concurrency: 35, perMinute: map[bucketName]int{
		bucketApps: 20, bucketApp: 100, bucketGroups: 100, bucketGroup: 100, bucketUsers: 100, bucketUserWrite: 100,
		bucketUserRead: 100, bucketLogs: 20, bucketHooks: 1000, bucketMeta: 1000, bucketOther: 100,
	}},
	LimitsEnterprise: {concurrency: 75, perMinute: map[bucketName]int{
		bucketApps: 100, bucketApp: 600, bucketGroups: 600, bucketGroup: 600, bucketUsers: 600, bucketUserWrite: 600,
		bucketUserRead: 1000, bucketLogs: 50, bucketHooks: 1000, bucketMeta: 1000, bucketOther: 600,
	}},
	LimitsWorkforce: {concurrency: 75, perMinute: map[bucketName]int{
		bucketApps: 100, bucketApp: 500, bucketGroups: 500, bucketGroup: 1000, bucketUsers: 600, bucketUserWrite: 600,
		bucketUserRead: 2000, bucketLogs: 120, bucketHooks: 1000, bucketMeta: 1000, bucketOther: 1200,
	}},
	// Off sends the workforce numbers in its headers and refuses nothing.
	LimitsOff: {},
}

const (
	window         = 60 * time.Second // counted from the first request of a bucket, not from the full minute (§6.1)
	warningPercent = 60               // default for One App and Enterprise orgs (§6.2)
)

// bucketOf says which countdown a request belongs to: exact paths first, else the family (§6.1).
func bucketOf(method, pattern string) bucketName {
	family, rest, _ := strings.Cut(strings.TrimPrefix(pattern, "/"), "/")
	exact := rest != "" && !strings.Contains(rest, "/") && strings.HasPrefix(rest, "{")
	switch family {
	case "users":
		switch {
		case exact && method == http.MethodGet:
			return bucketUserRead
		case exact:
			return bucketUserWrite
		}
		return bucketUsers
	case "groups":
		if exact {
			return bucketGroup
		}
		return bucketGroups
	case "apps":
		if exact && method != http.MethodPost {
			return bucketApp
		}
		return bucketApps
	case "logs":
		return bucketLogs
	case "eventHooks":
		return bucketHooks
	case "meta":
		return bucketMeta
	}
	return bucketOther
}

// limiter counts requests per bucket, for the org and for each credential.
type limiter struct {
	org map[bucketName]*countdown
	own map[ownKey]int // uses of one credential within the org's current window
}

type ownKey struct {
	bucket    bucketName
	principal string
}

type countdown struct {
	used   int
	reset  time.Time
	warned bool
	over   bool
}

// quota is what the three rate-limit headers say.
type quota struct {
	limit, remaining int
	reset            time.Time
}

func (q quota) headers(h http.Header) {
	h.Set("X-Rate-Limit-Limit", strconv.Itoa(q.limit))
	h.Set("X-Rate-Limit-Remaining", strconv.Itoa(q.remaining))
	h.Set("X-Rate-Limit-Reset", strconv.FormatInt(q.reset.Unix(), 10))
}

func (l *limiter) at(b bucketName, now time.Time) *countdown {
	if l.org == nil {
		l.org, l.own = map[bucketName]*countdown{}, map[ownKey]int{}
	}
	cd := l.org[b]
	if cd == nil || !now.Before(cd.reset) {
		cd = &countdown{reset: now.Add(window)}
		l.org[b] = cd
		for k := range l.own {
			if k.bucket == b {
				delete(l.own, k)
			}
		}
	}
	return cd
}

// admit checks concurrency, rate limit and faults that stand in for them, and writes the headers of the bucket.
func (s *Server) admit(c *call, h http.Header, crowd int, f fault) error {
	bucket := bucketOf(c.route.method, c.route.pattern)
	p := plans[s.opts.Limits]
	most := s.opts.Concurrency
	if most == 0 {
		most = p.concurrency
	}
	if f.concurrency || most > 0 && crowd > most {
		// Limit and Remaining are 0 and Reset is only an estimate (§6.2).
		quota{reset: c.now.Add(window)}.headers(h)
		s.emit(systemAct(c.now), "core.concurrency.org.limit.violation")
		return tooManyRequests()
	}
	if s.opts.Limits == LimitsOff {
		n := plans[LimitsWorkforce].perMinute[bucket]
		q := quota{limit: n, remaining: n - 1, reset: c.now.Add(window)}
		if f.rateLimit {
			q.remaining = 0
			q.headers(h)
			return tooManyRequests()
		}
		q.headers(h)
		return f.failure()
	}
	cd := s.buckets.at(bucket, c.now)
	own := ownKey{bucket, c.who.id}
	org := p.perMinute[bucket]
	share := max(org*s.shareOf(c.who)/100, 1)
	left := min(share-s.buckets.own[own], org-cd.used)
	q := quota{limit: share, remaining: max(left-1, 0), reset: cd.reset}
	if f.rateLimit || left <= 0 {
		q.remaining = 0
		q.headers(h)
		if !cd.over {
			cd.over = true
			s.emit(systemAct(c.now), "system.org.rate_limit.violation", bucketTarget(bucket))
		}
		return tooManyRequests()
	}
	cd.used++
	s.buckets.own[own]++
	q.headers(h)
	if !cd.warned && cd.used*100 >= org*warningPercent {
		cd.warned = true
		s.emit(systemAct(c.now), "system.org.rate_limit.warning", bucketTarget(bucket))
	}
	return f.failure()
}

func bucketTarget(b bucketName) logTarget {
	return logTarget{Type: "Bucket Uri", ID: string(b), DisplayName: string(b)}
}

func tooManyRequests() *apiError {
	return fail(http.StatusTooManyRequests, "E0000047", "API call exceeded rate limit due to too many requests.")
}

// shareOf is the credential's part of each bucket in percent: its own setting, or the org's default.
func (s *Server) shareOf(who *principal) int {
	for _, l := range s.st.limits {
		if l.principalID == who.id {
			return l.percent
		}
	}
	return s.opts.TokenShare
}

// Consume takes n requests out of a bucket as another tool of the same org would, so that a client sees less than it
// counted. The name is one of those GET /admin/limits shows. It has no effect while limits are off.
func (s *Server) Consume(bucket string, n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.buckets.at(bucketName(bucket), s.now()).used += max(n, 0)
}
