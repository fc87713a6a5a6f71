package okta

import (
	"net/http"
	"strconv"
	"time"
)

const (
	// window is the length of a bucket's countdown, from its first request (okta-api.md §6.1). A reset further off than
	// this is not believed.
	window = 60 * time.Second
	// concurrencyPause is how long to wait after too many calls at once. The reset that Okta sends with it is only an
	// estimate and can be minutes off (okta-api.md §6.2).
	concurrencyPause = time.Second
	// cutOff is how much later than Reset says a window may end: the header holds whole seconds.
	cutOff = time.Second
)

// RateFacts is what one answer says about its bucket.
type RateFacts struct {
	Bucket    Bucket
	Limit     int       // requests a window that our credential may make
	Remaining int       // of them, after this one
	Reset     time.Time // when the window ends, on Okta's clock, whole seconds
	ServerNow time.Time // Okta's clock when it answered, whole seconds; ours when it sent no Date
	Status    int       // HTTP status of the answer
	// Concurrency: a 429 for too many calls at once. Limit and Remaining are 0 and Reset means nothing.
	Concurrency bool
	Observed    time.Time // our clock when the answer came
}

// ResetAt is the latest moment at which the window can end, on our clock, whatever the distance between the two clocks:
// what is left of it by Okta's own Date, and a second more, for both of Okta's times are whole seconds cut off. It is at
// most a window after Observed.
func (f RateFacts) ResetAt() time.Time {
	if f.Concurrency {
		return f.Observed.Add(concurrencyPause)
	}
	return f.Observed.Add(min(max(f.Reset.Sub(f.ServerNow), 0)+cutOff, window))
}

// rateFacts reads an answer's headers. ok is false when it carries none, as a 401 for a bad token does (okta-api.md §1.1).
func rateFacts(bucket Bucket, status int, h http.Header, now time.Time) (facts RateFacts, ok bool) {
	limit, err := strconv.Atoi(h.Get("X-Rate-Limit-Limit"))
	if err != nil || limit < 0 {
		return RateFacts{}, false
	}
	remaining, err := strconv.Atoi(h.Get("X-Rate-Limit-Remaining"))
	if err != nil || remaining < 0 {
		return RateFacts{}, false
	}
	reset, err := strconv.ParseInt(h.Get("X-Rate-Limit-Reset"), 10, 64)
	if err != nil || reset <= 0 {
		return RateFacts{}, false
	}
	serverNow, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		serverNow = now
	}
	return RateFacts{
		Bucket: bucket, Limit: limit, Remaining: remaining, Reset: time.Unix(reset, 0).UTC(), ServerNow: serverNow.UTC(),
		Status: status, Concurrency: status == http.StatusTooManyRequests && limit == 0, Observed: now,
	}, true
}
