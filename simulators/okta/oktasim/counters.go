package oktasim

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
)

// Count is how often an endpoint was called.
type Count struct {
	Method   string      `json:"method"`
	Path     string      `json:"path"` // the vendor's pattern below /api/v1
	Calls    int         `json:"calls"`
	Statuses map[int]int `json:"statuses"` // 0 counts connections cut before the work was done
}

type counters struct{ byKey map[string]*Count }

func (cs *counters) count(method, path string, status int) {
	if cs.byKey == nil {
		cs.byKey = map[string]*Count{}
	}
	key := method + " " + path
	c := cs.byKey[key]
	if c == nil {
		c = &Count{Method: method, Path: path, Statuses: map[int]int{}}
		cs.byKey[key] = c
	}
	c.Calls++
	c.Statuses[status]++
}

// Counters returns the calls so far per endpoint, ordered by path and method.
func (s *Server) Counters() []Count {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]Count, 0, len(s.counters.byKey))
	for _, c := range s.counters.byKey {
		cp := *c
		cp.Statuses = make(map[int]int, len(c.Statuses))
		maps.Copy(cp.Statuses, c.Statuses)
		list = append(list, cp)
	}
	slices.SortFunc(list, func(a, b Count) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Method, b.Method))
	})
	return list
}

// Writes is how many calls other than GET reached the vendor's API so far, refused ones and those without an answer
// included: what must be zero after a run that only observes.
func (s *Server) Writes() int {
	n := 0
	for _, c := range s.Counters() {
		if c.Method != http.MethodGet && c.Path != tokenPath {
			n += c.Calls
		}
	}
	return n
}

// ResetCounters forgets the calls so far.
func (s *Server) ResetCounters() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counters = counters{}
}
