package freshsim

import (
	"iter"
	"slices"
)

// obj is a JSON object on the wire. Each view builds its own, because the vendor's field sets differ per view.
type obj = map[string]any

// table holds records by id and walks them by ascending id, which is the order of their making.
type table[T any] struct {
	rows  map[int64]*T
	order []int64
}

func newTable[T any]() *table[T] { return &table[T]{rows: map[int64]*T{}} }

func (t *table[T]) get(id int64) *T { return t.rows[id] }

func (t *table[T]) len() int { return len(t.order) }

func (t *table[T]) put(id int64, row *T) {
	if _, ok := t.rows[id]; !ok {
		i, _ := slices.BinarySearch(t.order, id)
		t.order = slices.Insert(t.order, i, id)
	}
	t.rows[id] = row
}

func (t *table[T]) remove(id int64) {
	if i, ok := slices.BinarySearch(t.order, id); ok {
		t.order = slices.Delete(t.order, i, i+1)
		delete(t.rows, id)
	}
}

// all walks oldest first.
func (t *table[T]) all() iter.Seq[*T] {
	return func(yield func(*T) bool) {
		for _, id := range t.order {
			if !yield(t.rows[id]) {
				return
			}
		}
	}
}

// newest walks newest first.
func (t *table[T]) newest() iter.Seq[*T] {
	return func(yield func(*T) bool) {
		for _, id := range slices.Backward(t.order) {
			if !yield(t.rows[id]) {
				return
			}
		}
	}
}

// orNull gives null for a zero value: the vendor sends blanks as null, not as an absent key (reference §1).
func orNull[T comparable](v T) any {
	var zero T
	if v == zero {
		return nil
	}
	return v
}

// list gives [] rather than null.
func list[T any](v []T) []T {
	if v == nil {
		return []T{}
	}
	return v
}

// fields gives {} rather than null.
func fields(m map[string]any) map[string]any {
	if m == nil {
		return map[string]any{}
	}
	return m
}
