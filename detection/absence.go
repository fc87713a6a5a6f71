package detection

import "slices"

// trigger is an event after which another has to follow.
type trigger struct {
	at       int64
	ev       *proof
	severity Severity
}

// absence is what one key of an absence rule waits for.
type absence struct {
	triggers []trigger // sorted by time
	cancels  []int64   // sorted: one that arrives late may be older than what it ends, or come before it
}

const (
	mostTriggers = 8
	mostCancels  = 8
)

// arm begins to wait; false when an event that cancels it came before. Over the bound the earliest and the latest stay.
func (a *absence) arm(t trigger, width int64) (armed bool, forgotten int) {
	if slices.ContainsFunc(a.cancels, func(c int64) bool { return c >= t.at && c <= t.at+width }) {
		return false, 0
	}
	i := len(a.triggers)
	for i > 0 && a.triggers[i-1].at > t.at {
		i--
	}
	a.triggers = slices.Insert(a.triggers, i, t)
	if len(a.triggers) > mostTriggers {
		a.triggers = slices.Delete(a.triggers, 1, 2)
		return true, 1
	}
	return true, 0
}

// cancel ends what began at or before a moment and is not over by then, and says whether there was any.
func (a *absence) cancel(at, width int64) bool {
	i, _ := slices.BinarySearch(a.cancels, at)
	a.cancels = slices.Insert(a.cancels, i, at)
	if len(a.cancels) > mostCancels {
		a.cancels = slices.Delete(a.cancels, 0, 1)
	}
	before := len(a.triggers)
	a.triggers = slices.DeleteFunc(a.triggers, func(t trigger) bool { return at >= t.at && at <= t.at+width })
	return len(a.triggers) < before
}
