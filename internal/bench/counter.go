package main

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
)

// counter counts the calls that one vendor's client sends, whatever comes of them. It stands in the worker's own
// client, so what people do on the desk meanwhile does not count.
type counter struct {
	mu    sync.Mutex
	calls []call
	next  http.RoundTripper
}

// call is one exchange as it was sent.
type call struct {
	method string
	path   string // without query
	whole  string // with query
}

// RoundTrip implements http.RoundTripper.
func (c *counter) RoundTrip(r *http.Request) (*http.Response, error) {
	c.mu.Lock()
	c.calls = append(c.calls, call{method: r.Method, path: r.URL.EscapedPath(), whole: r.URL.RequestURI()})
	c.mu.Unlock()
	return c.next.RoundTrip(r)
}

// newCounter sends through a transport of its own.
func newCounter() *counter {
	t, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		return &counter{next: http.DefaultTransport}
	}
	own := t.Clone()
	own.MaxIdleConnsPerHost = 64
	return &counter{next: own}
}

// take returns the calls since the last take.
func (c *counter) take() calls {
	c.mu.Lock()
	defer c.mu.Unlock()
	list := c.calls
	c.calls = nil
	return list
}

// calls are what one case sent to one vendor.
type calls []call

// reads and writes split the calls.
func (cs calls) split() (reads, writes int) {
	for _, c := range cs {
		if c.method == http.MethodGet {
			reads++
		} else {
			writes++
		}
	}
	return reads, writes
}

// by counts the calls under a name each, most frequent first.
func (cs calls) by(name func(call) string) string {
	count := map[string]int{}
	for _, c := range cs {
		count[name(c)]++
	}
	keys := slices.SortedFunc(maps.Keys(count), func(a, b string) int {
		return cmp.Or(cmp.Compare(count[b], count[a]), cmp.Compare(a, b))
	})
	var parts []string
	for _, k := range keys {
		parts = append(parts, fmt.Sprintf("%s %d", k, count[k]))
	}
	return strings.Join(parts, ", ")
}

// again lists the reads that were sent more than once, word for word.
func (cs calls) again() []string {
	count := map[string]int{}
	for _, c := range cs {
		if c.method == http.MethodGet {
			count[c.whole]++
		}
	}
	var list []string
	for _, k := range slices.SortedFunc(maps.Keys(count), func(a, b string) int { return cmp.Or(cmp.Compare(count[b], count[a]), cmp.Compare(a, b)) }) {
		if count[k] > 1 {
			list = append(list, fmt.Sprintf("%d times %s", count[k], k))
		}
	}
	return list
}

// endpoint is a call without what differs from case to case: IDs and addresses.
func endpoint(c call) string {
	parts := strings.Split(c.path, "/")
	for i, part := range parts {
		digits := strings.Trim(part, "0123456789") == "" && part != ""
		oktaID := len(part) == 20 && strings.ContainsAny(part[:1], "0")
		if digits || oktaID || strings.Contains(part, "@") || strings.Contains(part, "%40") {
			parts[i] = "{id}"
		}
	}
	return c.method + " " + strings.Join(parts, "/")
}
