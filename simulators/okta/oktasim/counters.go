package oktasim

import (
	"cmp"
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
		for k, v := range c.Statuses {
			cp.Statuses[k] = v
		}
		list = append(list, cp)
	}
	slices.SortFunc(list, func(a, b Count) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Method, b.Method))
	})
	return list
}

// ResetCounters forgets the calls so far.
func (s *Server) ResetCounters() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counters = counters{}
}
