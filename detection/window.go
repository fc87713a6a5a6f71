package detection

import "slices"

// hit is an event in a window.
type hit struct {
	at     int64
	value  uint64 // what is told apart; for a count, the event itself or the field Once
	weight int
	ev     *proof
}

// window holds the hits of one key in the order of event time; equal times keep the order of arrival.
type window struct{ hits []hit }

// insert puts a hit where it belongs and says where.
func (w *window) insert(h hit) int {
	at := len(w.hits)
	for at > 0 && w.hits[at-1].at > h.at {
		at--
	}
	w.hits = slices.Insert(w.hits, at, h)
	return at
}

// trim forgets hits from before a moment, and over the bound first the oldest whose value came again later. It says how
// many it forgot that were still wanted. The hit at keep stays; its new place is returned.
func (w *window) trim(before int64, most, keep int) (forgotten, kept int) {
	old := 0
	for old < keep && w.hits[old].at < before {
		old++
	}
	w.hits = slices.Delete(w.hits, 0, old)
	keep -= old
	for len(w.hits) > most {
		at := w.oldestRepeat(keep)
		w.hits = slices.Delete(w.hits, at, at+1)
		if at < keep {
			keep--
		}
		forgotten++
	}
	return forgotten, keep
}

func (w *window) oldestRepeat(keep int) int {
	last := make(map[uint64]int, len(w.hits))
	for i, h := range w.hits {
		last[h.value] = i
	}
	for i, h := range w.hits {
		if i != keep && last[h.value] != i {
			return i
		}
	}
	if keep == 0 {
		return 1
	}
	return 0
}

// best is the most that any window of the given width reaches which holds the hit at i: the weights of the different
// values in it, each counted once at its greatest. It also says which hits that window has.
func (w *window) best(i int, width int64) (measure, from, to int) {
	at := w.hits[i].at
	first := i
	for first > 0 && w.hits[first-1].at >= at-width {
		first--
	}
	from, to = i, i+1
	end := i
	for start := first; start <= i; start++ {
		for end = max(end, start); end+1 < len(w.hits) && w.hits[end+1].at <= w.hits[start].at+width; {
			end++
		}
		if got := weigh(w.hits[start : end+1]); got > measure {
			measure, from, to = got, start, end+1
		}
		if end == len(w.hits)-1 && i == end {
			break // nothing is later than this hit, so every later start holds less
		}
	}
	return measure, from, to
}

func weigh(hits []hit) int {
	if len(hits) == 1 {
		return hits[0].weight
	}
	if len(hits) <= 16 { // most windows are small
		return weighFew(hits)
	}
	greatest := make(map[uint64]int, len(hits))
	total := 0
	for _, h := range hits {
		if more := h.weight - greatest[h.value]; more > 0 {
			total += more
			greatest[h.value] = h.weight
		}
	}
	return total
}

func weighFew(hits []hit) int {
	total := 0
	for i, h := range hits {
		before := 0
		for _, o := range hits[:i] {
			if o.value == h.value {
				before = max(before, o.weight)
			}
		}
		total += max(0, h.weight-before)
	}
	return total
}
