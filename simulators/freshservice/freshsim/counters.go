package freshsim

import (
	"maps"
	"slices"
)

// counters tell tests how often each endpoint was called, whatever came of it.
type counters struct {
	byRoute map[string]int
}

func newCounters() *counters { return &counters{byRoute: map[string]int{}} }

// call counts one request under its method and route pattern, or its path where no route knows it.
func (c *counters) call(method string, rt *route, path string) {
	name := method + " " + path
	if rt != nil {
		name = method + " " + rt.pattern
	}
	c.byRoute[name]++
}

// RouteCount is how often an endpoint was called since the start, a reset, or DELETE /admin/requests.
type RouteCount struct {
	Route string `json:"route"`
	Count int    `json:"count"`
}

// Requests lists the calls by method and route pattern, such as "POST /tickets/{id}/notes".
func (s *Server) Requests() []RouteCount {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := []RouteCount{}
	for _, name := range slices.Sorted(maps.Keys(s.counts.byRoute)) {
		out = append(out, RouteCount{name, s.counts.byRoute[name]})
	}
	return out
}
