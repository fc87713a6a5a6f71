package policy

import (
	"fmt"
	"strings"
	"time"
)

const localLayout = "2006-01-02T15:04"

// moment is a date as a ticket gives it.
type moment struct {
	time  time.Time
	clock bool // it named an hour
	exact bool // it named a zone as well
}

// on puts an hour to the day.
func (m moment) on(clock time.Duration) moment {
	y, month, d := m.time.Date()
	return moment{time: time.Date(y, month, d, 0, 0, 0, 0, time.UTC).Add(clock), clock: true}
}

func (m moment) rfc3339() string {
	if m.exact {
		return m.time.UTC().Format(time.RFC3339)
	}
	return m.time.Format(time.RFC3339)
}

// parseMoment reads the ways in which Freshservice writes a date: 2026-12-04, 04-12-2026 (the context of on- and
// offboarding requests answers so), the same with an hour, or RFC 3339. A date field that answers midnight in UTC means
// the day, not the moment.
func parseMoment(v any) (moment, error) {
	if at, is := v.(time.Time); is {
		return asDay(moment{time: at, clock: true, exact: true}), nil
	}
	s, is := v.(string)
	if !is {
		return moment{}, fmt.Errorf("is not a date: %s", quote(fmt.Sprint(v)))
	}
	s = strings.TrimSpace(s)
	for _, l := range []struct {
		layout string
		clock  bool
		exact  bool
	}{
		{time.DateOnly, false, false},
		{"02-01-2006", false, false},
		{"2006-01-02T15:04", true, false},
		{"2006-01-02T15:04:05", true, false},
		{"2006-01-02 15:04", true, false},
		{"02-01-2006 15:04", true, false},
		{time.RFC3339, true, true},
		{"2006-01-02T15:04Z07:00", true, true},
	} {
		at, err := time.Parse(l.layout, s)
		if err == nil && at.Year() >= 1970 && at.Year() < 2200 {
			return asDay(moment{time: at, clock: l.clock, exact: l.exact}), nil
		}
	}
	return moment{}, fmt.Errorf("is not a date such as 2026-12-04 or 04-12-2026: %s", quote(s))
}

func asDay(m moment) moment {
	utc := m.time.UTC()
	if _, offset := m.time.Zone(); m.exact && offset == 0 && utc.Equal(utc.Truncate(24*time.Hour)) {
		return moment{time: utc}
	}
	return m
}

// parseClock reads an hour: 18:00, 18:00:00, 6:00 PM or 18.
func parseClock(s string) (time.Duration, bool) {
	s = strings.ToUpper(strings.TrimSpace(s))
	for _, layout := range []string{"15:04", "15:04:05", "3:04 PM", "3:04PM", "3 PM", "3PM", "15"} {
		if at, err := time.Parse(layout, s); err == nil {
			return time.Duration(at.Hour())*time.Hour + time.Duration(at.Minute())*time.Minute, true
		}
	}
	return 0, false
}
