package review

import "time"

// Take adds the decisions of a batch: the last about an item counts. The time of each is the batch's.
func (a Answers) Take(b Batch) {
	for _, d := range b.Decisions {
		d.At = b.At.UTC()
		a.Decisions[d.Item] = d
		a.By[d.Item] = b.By
		a.Via[d.Item] = b.Via
	}
}

// Count says how many of the answers keep, and how many take away.
func (a Answers) Count() (certified, revoked int) {
	for _, d := range a.Decisions {
		if d.Answer == Revoke {
			revoked++
		} else {
			certified++
		}
	}
	return certified, revoked
}

// stampedEach is the least time that a person who reads takes over an item, on average.
const stampedEach = 2 * time.Second

// Stamped says whether answers look as if nobody had read: of at least Items answers, Percent or more certify and came
// either with clicks that answered Bulk or more at once, or all together faster than a person reads. It is a signal for
// a person, and decides nothing. The zero Stamp sees nothing.
func (a Answers) Stamped(s Stamp) bool {
	total := len(a.Decisions)
	if s.Items < 1 || total < s.Items {
		return false
	}
	certified, bulk := 0, 0
	var first, last time.Time
	for _, d := range a.Decisions {
		if d.Answer == Certify {
			certified++
			if s.Bulk > 1 && d.Bulk >= s.Bulk {
				bulk++
			}
		}
		if first.IsZero() || d.At.Before(first) {
			first = d.At
		}
		if d.At.After(last) {
			last = d.At
		}
	}
	fast := last.Sub(first) < time.Duration(total)*stampedEach
	return bulk*100 >= s.Percent*total || fast && certified*100 >= s.Percent*total
}
