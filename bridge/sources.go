package bridge

import (
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// sourcesMost bounds how many addresses a limiter remembers. Beyond it the one that was quiet longest is forgotten.
const sourcesMost = 4096

// How often one source address may call the review pages: an office shares one, and every answer is a call.
const (
	pagesPerSecond = 30
	pagesBurst     = 300
)

// sources says who calls, and how often each may.
type sources struct {
	proxies  int
	accepted *limiter
	refused  *limiter
	pages    *limiter
}

func newSources(o Options) sources {
	return sources{
		proxies: o.TrustedProxies,
		accepted: &limiter{
			rate: rate.Limit(or(o.PerSecond, 50)), burst: or(o.Burst, 200), now: o.Now, known: map[string]*source{},
		},
		refused: &limiter{
			rate: rate.Limit(or(o.RefusedPerMinute, 30) / 60), burst: or(o.RefusedBurst, 20), now: o.Now, known: map[string]*source{},
		},
		pages: &limiter{rate: pagesPerSecond, burst: pagesBurst, now: o.Now, known: map[string]*source{}},
	}
}

func or[T int | float64](value, otherwise T) T {
	if value == 0 {
		return otherwise
	}
	return value
}

// of is the caller's address without its port. Behind n proxies of our own it is the n-th address of X-Forwarded-For
// from the right: what stands left of it anybody can write.
func (s sources) of(r *http.Request) string {
	if s.proxies > 0 {
		hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
		if i := len(hops) - s.proxies; i >= 0 {
			if ip := net.ParseIP(strings.TrimSpace(hops[i])); ip != nil {
				return ip.String()
			}
		}
	}
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// limiter is a token bucket for each source.
type limiter struct {
	rate  rate.Limit
	burst int
	now   func() time.Time

	mu    sync.Mutex
	known map[string]*source
}

type source struct {
	bucket *rate.Limiter
	seen   time.Time
}

// allow takes one token of the source's bucket, and says whether there was one.
func (l *limiter) allow(name string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	s, ok := l.known[name]
	if !ok {
		if len(l.known) >= sourcesMost {
			l.forget()
		}
		s = &source{bucket: rate.NewLimiter(l.rate, l.burst)}
		l.known[name] = s
	}
	s.seen = now
	return s.bucket.AllowN(now, 1)
}

// forget drops the source that was quiet longest.
func (l *limiter) forget() {
	var oldest string
	var at time.Time
	for name, s := range l.known {
		if oldest == "" || s.seen.Before(at) {
			oldest, at = name, s.seen
		}
	}
	delete(l.known, oldest)
}
