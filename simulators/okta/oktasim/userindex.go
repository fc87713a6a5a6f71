package oktasim

import (
	"maps"
	"strings"
	"time"
)

// indexedAttributes answer equality searches without a scan.
var indexedAttributes = []string{"profile.login", "profile.email", "profile.employeeNumber"}

// userIndex is what lists and searches of users see; it trails behind writes by Options.SearchLag.
type userIndex struct {
	views map[string]*user
	ids   *idSet
	equal setMap // attribute, NUL and lower-case value, to user ids
}

func newUserIndex() userIndex {
	return userIndex{views: map[string]*user{}, ids: &idSet{}, equal: setMap{}}
}

func (ix *userIndex) clone() userIndex {
	return userIndex{views: maps.Clone(ix.views), ids: ix.ids.clone(), equal: ix.equal.clone()}
}

func (ix *userIndex) put(id string, u *user) {
	if old := ix.views[id]; old != nil {
		for _, attr := range indexedAttributes {
			for _, v := range old.fields(attr) {
				ix.equal.remove(equalKey(attr, v), id)
			}
		}
	}
	if u == nil {
		delete(ix.views, id)
		ix.ids.remove(id)
		return
	}
	ix.views[id] = u
	ix.ids.add(id)
	for _, attr := range indexedAttributes {
		for _, v := range u.fields(attr) {
			ix.equal.add(equalKey(attr, v), id)
		}
	}
}

func equalKey(attr string, value any) string {
	text, isText := value.(string)
	if !isText {
		return attr + "\x00"
	}
	return attr + "\x00" + strings.ToLower(text)
}

// candidates returns a set that holds every user the filter can match: everyone, unless it demands an indexed value.
func (ix *userIndex) candidates(n *filterNode) *idSet {
	switch {
	case n == nil:
	case n.op == "and":
		best := ix.ids
		for _, k := range n.kids {
			if s := ix.candidates(k); s.len() < best.len() {
				best = s
			}
		}
		return best
	case n.op == "cmp" && n.cmp == "eq" && n.attr == "id":
		one := &idSet{}
		if id, isText := n.value.(string); isText {
			one.add(id)
		}
		return one
	case n.op == "cmp" && n.cmp == "eq":
		for _, attr := range indexedAttributes {
			if n.attr == attr {
				return ix.equal[equalKey(attr, n.value)]
			}
		}
	}
	return ix.ids
}

// reindex makes lists and searches see the user's present state after the search lag (plus any fault's).
func (s *Server) reindex(id string) {
	if s.opts.SearchLag <= 0 {
		s.st.index.put(id, s.st.users[id])
		return
	}
	s.later(s.opts.SearchLag, "", func(s *Server) { s.st.index.put(id, s.st.users[id]) })
}

// SetSearchLag changes how long lists and searches of users trail behind writes made from now on.
func (s *Server) SetSearchLag(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.opts.SearchLag = max(d, 0)
}

// SetDelays changes how long group rules and app fan-out take, for changes made from now on.
func (s *Server) SetDelays(rules, fanOut time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.opts.RuleDelay, s.opts.FanOutDelay = max(rules, 0), max(fanOut, 0)
}
