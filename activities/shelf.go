package activities

import (
	"sync"
	"time"
)

const (
	shelfKeeps = time.Minute // how long a value is believed
	shelfMost  = 1000        // values of one shelf; beyond it, it begins anew
)

// shelf remembers values for shelfKeeps. Values are shared: whoever gets one does not change it.
type shelf[K comparable, V any] struct {
	mu    sync.Mutex
	slots map[K]slot[V]
}

type slot[V any] struct {
	value V
	until time.Time
}

// get gives the remembered value, or reads it and remembers it if it is worth it. Two callers may read the same at once.
func (s *shelf[K, V]) get(now time.Time, key K, worth func(V) bool, read func() (V, error)) (V, error) {
	if value, ok := s.look(now, key); ok {
		return value, nil
	}
	value, err := read()
	if err == nil && worth(value) {
		s.put(now, key, value)
	}
	return value, err
}

func (s *shelf[K, V]) look(now time.Time, key K) (V, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found, ok := s.slots[key]
	return found.value, ok && now.Before(found.until)
}

func (s *shelf[K, V]) put(now time.Time, key K, value V) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.slots == nil || len(s.slots) >= shelfMost {
		s.slots = map[K]slot[V]{}
	}
	s.slots[key] = slot[V]{value: value, until: now.Add(shelfKeeps)}
}

func (s *shelf[K, V]) clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.slots = nil
}
