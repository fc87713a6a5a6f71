package detection

import "slices"

// stepHit is an event that fits one or more steps of a sequence.
type stepHit struct {
	at    int64
	steps uint32 // a bit for each step
	ev    *proof
}

// sequence holds the hits of one key in the order of event time. Of equal times the earlier step comes first, so that
// events of one moment complete a sequence in either order of arrival.
type sequence struct{ hits []stepHit }

func (s *sequence) insert(h stepHit) int {
	at := len(s.hits)
	for at > 0 && (s.hits[at-1].at > h.at || (s.hits[at-1].at == h.at && s.hits[at-1].steps > h.steps)) {
		at--
	}
	s.hits = slices.Insert(s.hits, at, h)
	return at
}

// trim forgets hits from before a moment and the oldest over the bound; the hit at keep stays.
func (s *sequence) trim(before int64, most, keep int) (forgotten, kept int) {
	old := 0
	for old < keep && s.hits[old].at < before {
		old++
	}
	if over := len(s.hits) - old - most; over > 0 {
		forgotten = min(over, keep-old)
		old += forgotten
	}
	s.hits = slices.Delete(s.hits, 0, old)
	return forgotten, keep - old
}

// complete finds the steps one after the other within a width, with the hit at i among them, and says which hits they
// are. Each hit serves one step. From every end that can hold the hit it goes backwards and takes the latest that fit,
// which makes the span the shortest for that end.
func (s *sequence) complete(i int, counts []int, width int64) ([]stepHit, bool) {
	final := len(counts) - 1
	for end := i; end < len(s.hits); end++ {
		if s.hits[end].at-s.hits[i].at > width {
			break
		}
		if s.hits[end].steps&(1<<final) == 0 {
			continue
		}
		if used, ok := s.back(end, counts, width); ok && used[len(used)-1] <= i {
			chosen := make([]stepHit, 0, len(used))
			for _, u := range slices.Backward(used) {
				chosen = append(chosen, s.hits[u])
			}
			return chosen, true
		}
	}
	return nil, false
}

// back collects the hits of a sequence that ends at end, the last first.
func (s *sequence) back(end int, counts []int, width int64) ([]int, bool) {
	step, need := len(counts)-1, counts[len(counts)-1]
	var used []int
	for at := end; at >= 0; at-- {
		if s.hits[end].at-s.hits[at].at > width {
			return nil, false
		}
		if s.hits[at].steps&(1<<step) == 0 {
			continue
		}
		used = append(used, at)
		if need--; need > 0 {
			continue
		}
		if step--; step < 0 {
			return used, true
		}
		need = counts[step]
	}
	return nil, false
}
