package detection

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// MuteTime is a time of the week in which alerts wait: from From until To (minutes after midnight, To not included) on
// each of Days (none means every day) in Zone. To at or before From ends on the next day.
type MuteTime struct {
	Name     string
	Days     []time.Weekday
	From, To int
	Zone     *time.Location
}

const dayMinutes = 24 * 60

var errMuteTime = errors.New("needs a name, a zone, and minutes of a day that differ")

func (m MuteTime) check() error {
	if m.Name == "" || m.Zone == nil || m.From == m.To || min(m.From, m.To) < 0 || max(m.From, m.To) > dayMinutes {
		return fmt.Errorf("mute time %q: %w", m.Name, errMuteTime)
	}
	return nil
}

// until is the end of the mute time that holds at a moment.
func (m MuteTime) until(at time.Time) (time.Time, bool) {
	local := at.In(m.Zone)
	for back := range 2 { // one that began yesterday may still hold
		day := time.Date(local.Year(), local.Month(), local.Day()-back, 0, 0, 0, 0, m.Zone)
		if len(m.Days) > 0 && !slices.Contains(m.Days, day.Weekday()) {
			continue
		}
		from, to := clockTime(day, m.From), clockTime(day, m.To)
		if m.To <= m.From {
			to = clockTime(day.AddDate(0, 0, 1), m.To)
		}
		if !at.Before(from) && at.Before(to) {
			return to, true
		}
	}
	return time.Time{}, false
}

// clockTime is a time of day as the clock on the wall shows it, also on the days when clocks change.
func clockTime(day time.Time, minutes int) time.Time {
	return time.Date(day.Year(), day.Month(), day.Day(), 0, minutes, 0, 0, day.Location())
}

// mutedUntil is the end of the mute times of a rule that hold at a moment, one after the other for a week at most.
func (s *Set) mutedUntil(r *Rule, at time.Time) (time.Time, bool) {
	end, muted := at, false
	for range 14 {
		grown := false
		for _, m := range s.MuteTimes {
			if !slices.Contains(r.Mute, m.Name) {
				continue
			}
			if to, is := m.until(end); is {
				end, muted, grown = to, true, true
			}
		}
		if !grown {
			break
		}
	}
	return end, muted
}
