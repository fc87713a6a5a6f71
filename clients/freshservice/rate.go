package freshservice

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Buckets: families of endpoints with a limit of their own (reference §3). Everything is also bounded by the account's
// overall limit, but on a sub-limited endpoint the headers show the sub-limit alone.
const (
	BucketOverall        = "overall"
	BucketListTickets    = "tickets.list"
	BucketFilterTickets  = "tickets.filter" // its limit is undocumented; kept apart so its figures mix with no other
	BucketViewTicket     = "tickets.view"
	BucketCreateTicket   = "tickets.create"
	BucketUpdateTicket   = "tickets.update"
	BucketListAgents     = "agents.list"
	BucketListRequesters = "requesters.list"
)

// Buckets lists every bucket a call can draw from.
func Buckets() []string {
	return []string{
		BucketOverall, BucketListTickets, BucketFilterTickets, BucketViewTicket, BucketCreateTicket, BucketUpdateTicket,
		BucketListAgents, BucketListRequesters,
	}
}

// RateFacts is what one answer says about the account's budget, which all keys, tools and marketplace apps share.
type RateFacts struct {
	Bucket     string
	Total      int           // allowed a minute in this bucket; 0 where the answer did not say
	Remaining  int           // left in the present minute, meaningful only where Total is set
	Used       int           // cost of this call: more than 1 with includes (reference §3)
	Limited    bool          // the answer was a 429
	RetryAfter time.Duration // from a 429, never 0 there
	Observed   time.Time
}

func bucketOf(method, path string) string {
	switch method + " " + path {
	case "GET /tickets":
		return BucketListTickets
	case "GET /tickets/filter":
		return BucketFilterTickets
	case "GET /tickets/{id}":
		return BucketViewTicket
	case "POST /tickets":
		return BucketCreateTicket
	case "PUT /tickets/{id}":
		return BucketUpdateTicket
	case "GET /agents":
		return BucketListAgents
	case "GET /requesters":
		return BucketListRequesters
	}
	return BucketOverall
}

func (c *Client) observe(bucket string, a *answer) {
	if c.onRate == nil {
		return
	}
	c.onRate(rateFacts(bucket, a, c.now()))
}

func rateFacts(bucket string, a *answer, now time.Time) RateFacts {
	f := RateFacts{Bucket: bucket, Observed: now}
	total, hasTotal := headerInt(a.header, "X-Ratelimit-Total")
	remaining, hasRemaining := headerInt(a.header, "X-Ratelimit-Remaining")
	if hasTotal && hasRemaining && total > 0 {
		f.Total, f.Remaining = total, max(remaining, 0)
	}
	f.Used, _ = headerInt(a.header, "X-Ratelimit-Used-Currentrequest")
	if a.status == http.StatusTooManyRequests {
		f.Limited = true
		f.RetryAfter = retryAfter(a.header, RateLimited)
	}
	return f
}

// headerInt reads a whole number that is neither negative nor absurd.
func headerInt(h http.Header, name string) (int, bool) {
	n, err := strconv.ParseInt(strings.TrimSpace(h.Get(name)), 10, 32)
	if err != nil || n < 0 {
		return 0, false
	}
	return int(n), true
}
