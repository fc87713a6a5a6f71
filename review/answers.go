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

// The bounds of Stamped.
const (
	stampedLeast = 20              // fewer answers say nothing
	stampedShare = 0.95            // of the answers that certify
	stampedBulk  = 0.8             // of the answers that came with many others
	stampedEach  = 2 * time.Second // a person who reads takes longer over an item, on average
)

// Stamped says whether answers look as if nobody had read: nearly all certify, and either most of them came many at a
// click, or all of them came faster than a person reads. It is a signal for a person, and decides nothing.
func (a Answers) Stamped() bool {
	total := len(a.Decisions)
	if total < stampedLeast {
		return false
	}
	certified, bulk := 0, 0
	var first, last time.Time
	for _, d := range a.Decisions {
		if d.Answer == Certify {
			certified++
		}
		if d.Bulk > 1 {
			bulk++
		}
		if first.IsZero() || d.At.Before(first) {
			first = d.At
		}
		if d.At.After(last) {
			last = d.At
		}
	}
	if float64(certified) < stampedShare*float64(total) {
		return false
	}
	return float64(bulk) >= stampedBulk*float64(total) || last.Sub(first) < time.Duration(total)*stampedEach
}
