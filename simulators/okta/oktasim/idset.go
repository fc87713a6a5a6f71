package oktasim

import "slices"

// idSet is a set of ids in ascending order, so that a page is a slice and a lookup is a binary search. The nil set is empty.
type idSet struct{ ids []string }

func (s *idSet) has(id string) bool {
	if s == nil {
		return false
	}
	_, ok := slices.BinarySearch(s.ids, id)
	return ok
}

func (s *idSet) len() int {
	if s == nil {
		return 0
	}
	return len(s.ids)
}

// all returns the ids in order. The caller must not change the slice, nor the set while ranging over it.
func (s *idSet) all() []string {
	if s == nil {
		return nil
	}
	return s.ids
}

// after returns the ids greater than cursor; an empty cursor means all.
func (s *idSet) after(cursor string) []string {
	if s == nil || cursor == "" {
		return s.all()
	}
	i, ok := slices.BinarySearch(s.ids, cursor)
	if ok {
		i++
	}
	return s.ids[i:]
}

func (s *idSet) add(id string) bool {
	i, ok := slices.BinarySearch(s.ids, id)
	if ok {
		return false
	}
	s.ids = slices.Insert(s.ids, i, id)
	return true
}

func (s *idSet) remove(id string) bool {
	if s == nil {
		return false
	}
	i, ok := slices.BinarySearch(s.ids, id)
	if ok {
		s.ids = slices.Delete(s.ids, i, i+1)
	}
	return ok
}

func (s *idSet) clone() *idSet {
	if s == nil {
		return nil
	}
	return &idSet{ids: slices.Clone(s.ids)}
}

// setMap holds one idSet per key, made on first use and dropped when empty.
type setMap map[string]*idSet

func (m setMap) add(key, id string) bool {
	s := m[key]
	if s == nil {
		s = &idSet{}
		m[key] = s
	}
	return s.add(id)
}

func (m setMap) remove(key, id string) bool {
	s := m[key]
	if !s.remove(id) {
		return false
	}
	if s.len() == 0 {
		delete(m, key)
	}
	return true
}

// copyOf returns the ids under key in a slice of its own, safe to keep while the set changes.
func (m setMap) copyOf(key string) []string { return slices.Clone(m[key].all()) }

func (m setMap) clone() setMap {
	c := make(setMap, len(m))
	for k, s := range m {
		c[k] = s.clone()
	}
	return c
}
