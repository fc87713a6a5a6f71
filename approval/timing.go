package approval

import "time"

// Due is what a level that is still open asks for.
type Due string

// What can be due. When several are, the gravest comes first.
const (
	DueNothing  Due = ""
	DueRemind   Due = "remind"   // remind everybody who may still answer
	DueEscalate Due = "escalate" // Level.EscalateTo may answer as well from now on
	DueExpire   Due = "expire"   // the level ends without an answer
)

// Next is what is due now and when to look again.
type Next struct {
	Due Due
	// Reminders is the number to record as sent after a DueRemind: reminders missed in an outage are not made up for.
	Reminders int
	// At is the first moment after now when something else becomes due; zero is never.
	At time.Time
}

// Timing says what an open level asks for at this moment. Reminders is how many have been sent at this level. A level
// with RemindMax 0 sends none; one without EscalateTo does not escalate. Time is counted in Level.Calendar: what is left
// at the end of a working day goes on in the next one.
func Timing(l Level, openedAt time.Time, reminders int, escalated bool, now time.Time) Next {
	age := l.Calendar.Between(openedAt, now)
	var next Next
	later := func(after time.Duration) {
		if at := l.Calendar.Add(openedAt, after); at.After(now) && (next.At.IsZero() || at.Before(next.At)) {
			next.At = at
		}
	}
	if l.ExpireAfter > 0 {
		if age >= l.ExpireAfter {
			return Next{Due: DueExpire, Reminders: reminders}
		}
		later(l.ExpireAfter)
	}
	next.Reminders = reminders
	if l.RemindAfter > 0 && reminders < l.RemindMax {
		passed := min(int(max(0, age)/l.RemindAfter), l.RemindMax)
		if passed > reminders {
			next.Due, next.Reminders = DueRemind, passed
		}
		if passed < l.RemindMax {
			later(l.RemindAfter * time.Duration(max(passed, reminders)+1))
		}
	}
	if l.EscalateAfter > 0 && len(l.EscalateTo) > 0 && !escalated {
		if age >= l.EscalateAfter {
			next.Due, next.Reminders = DueEscalate, reminders
		} else {
			later(l.EscalateAfter)
		}
	}
	return next
}
