package freshsim

import (
	"iter"
	"time"
)

// searchIndex is what filter and query endpoints read: copies of records that become visible one lag after the write
// (reference §4.7, §8.1). Records are copied by value at the write, so their maps and slices must be replaced, never
// edited in place.
type searchIndex[T any] struct {
	docs    *table[T]
	pending []indexWrite[T]
}

type indexWrite[T any] struct {
	at  time.Time
	id  int64
	doc *T // nil removes
}

func newSearchIndex[T any]() *searchIndex[T] { return &searchIndex[T]{docs: newTable[T]()} }

// write records the state of a record as of now; doc nil means that it is gone.
func (x *searchIndex[T]) write(id int64, doc *T, now time.Time) {
	w := indexWrite[T]{at: now, id: id}
	if doc != nil {
		c := *doc
		w.doc = &c
	}
	x.pending = append(x.pending, w)
}

// newest walks what is visible at now under the lag, newest record first.
func (x *searchIndex[T]) newest(now time.Time, lag time.Duration) iter.Seq[*T] {
	x.catchUp(now, lag)
	return x.docs.newest()
}

// catchUp makes visible what has waited long enough, so that the queue of writes stays short even if nobody asks.
func (x *searchIndex[T]) catchUp(now time.Time, lag time.Duration) {
	n := 0
	for _, w := range x.pending {
		if w.at.Add(lag).After(now) {
			break
		}
		if w.doc == nil {
			x.docs.remove(w.id)
		} else {
			x.docs.put(w.id, w.doc)
		}
		n++
	}
	x.pending = x.pending[n:]
}
