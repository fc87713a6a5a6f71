package approval

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Calendar says which hours count. It is frozen into a case's history together with the chain, the zone's distance from
// UTC included, so that counting needs no zone data and gives the same answer wherever and whenever it is repeated.
//
// A moment counts when the wall clock of the zone stands within the hours of its weekday and its date is no holiday: an
// hour that a clock change skips does not count, one that happens twice counts twice. The nil calendar, and one without
// hours, count every hour.
type Calendar struct {
	Name     string    `json:"name"`
	Zone     string    `json:"zone"`               // IANA name; empty is UTC
	Hours    []Hours   `json:"hours"`              // in order, not overlapping
	Holidays []Holiday `json:"holidays,omitempty"` // in order of their dates
	// Shifts are the zone's distances from UTC in order, as Frozen found them. Before the first one its distance counts
	// as well, after the last one the last. None is UTC.
	Shifts []Shift `json:"shifts,omitempty"`
}

// Hours are one stretch of a weekday that counts, from From up to but not including To.
type Hours struct {
	Day  time.Weekday `json:"day"` // 0 is Sunday
	From Clock        `json:"from"`
	To   Clock        `json:"to"`
}

// Clock is a time of day as minutes after midnight, up to 1440 (24:00). Its text is "09:30".
type Clock int

// Midnight is the end of a day.
const Midnight Clock = 24 * 60

// Shift is a zone's distance from UTC from some moment on.
type Shift struct {
	At      time.Time `json:"at"`
	Seconds int       `json:"seconds"` // east of UTC
}

// frozenYears is how many years of clock changes a frozen calendar knows. A level that is open for longer counts with
// the last one.
const frozenYears = 3

const day = 24 * time.Hour

// ParseClock reads "09:30"; "24:00" is the end of the day.
func ParseClock(text string) (Clock, error) {
	if text == "24:00" {
		return Midnight, nil
	}
	at, err := time.Parse("15:04", text)
	if err != nil || len(text) != len("15:04") {
		return 0, fmt.Errorf("%q is no time of day such as 09:00 or 24:00", text)
	}
	return Clock(at.Hour()*60 + at.Minute()), nil
}

// String is "09:30".
func (c Clock) String() string { return fmt.Sprintf("%02d:%02d", int(c)/60, int(c)%60) }

// MarshalText writes "09:30".
func (c Clock) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText reads "09:30".
func (c *Clock) UnmarshalText(text []byte) error {
	read, err := ParseClock(string(text))
	*c = read
	return err
}

func (c Clock) span() time.Duration { return time.Duration(c) * time.Minute }

// Check says what is wrong with a calendar that a person wrote: no hours at all, a stretch that ends before it begins,
// two that overlap, a holiday that is no date, a zone that is none.
func (c *Calendar) Check() error {
	if len(c.Hours) == 0 {
		return errors.New("it has no working hours, so nothing would ever come due")
	}
	hours := slices.Clone(c.Hours)
	slices.SortFunc(hours, compareHours)
	for i, h := range hours {
		switch {
		case h.Day < time.Sunday || h.Day > time.Saturday:
			return fmt.Errorf("%d is no weekday: 0 is Sunday, 6 Saturday", h.Day)
		case h.From < 0 || h.To > Midnight || h.From >= h.To:
			return fmt.Errorf("%s has to end after it begins and by 24:00; what goes past midnight belongs to the next day as well", h)
		case i > 0 && hours[i-1].Day == h.Day && h.From < hours[i-1].To:
			return fmt.Errorf("%s and %s overlap", hours[i-1], h)
		}
	}
	if err := checkHolidays(c.Holidays); err != nil {
		return err
	}
	_, err := c.location()
	return err
}

// String is "Monday 09:00-17:00".
func (h Hours) String() string { return fmt.Sprintf("%s %s-%s", h.Day, h.From, h.To) }

func compareHours(a, b Hours) int {
	return cmp.Or(cmp.Compare(a.Day, b.Day), cmp.Compare(a.From, b.From))
}

func (c *Calendar) location() (*time.Location, error) {
	zone, err := time.LoadLocation(c.Zone)
	if err != nil || c.Zone == "Local" {
		return nil, fmt.Errorf("unknown time zone %q; allowed: IANA names such as Europe/Berlin or UTC", c.Zone)
	}
	return zone, nil
}

// Frozen gives the calendar as a case keeps it from now on: in order, with the clock changes of its zone in the next
// years and without holidays that are over. It reads zone data, so it has no place in a workflow.
func (c *Calendar) Frozen(now time.Time) (*Calendar, error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	zone, err := c.location()
	if err != nil {
		return nil, err
	}
	kept := &Calendar{Name: c.Name, Zone: c.Zone, Hours: slices.Clone(c.Hours), Holidays: slices.Clone(c.Holidays)}
	slices.SortFunc(kept.Hours, compareHours)
	since := now.Add(-2 * day).UTC().Format(time.DateOnly) // a day before now, whatever the zone
	kept.Holidays = slices.DeleteFunc(kept.Holidays, func(h Holiday) bool { return !h.yearly() && h.last() < since })
	slices.SortFunc(kept.Holidays, func(a, b Holiday) int {
		return cmp.Or(strings.Compare(a.Date, b.Date), strings.Compare(a.Until, b.Until))
	})
	for at := now.Add(-2 * day).In(zone); at.Before(now.AddDate(frozenYears, 0, 0)); {
		_, seconds := at.Zone()
		if n := len(kept.Shifts); n == 0 || kept.Shifts[n-1].Seconds != seconds { // a change of the name alone is none
			kept.Shifts = append(kept.Shifts, Shift{At: at.UTC(), Seconds: seconds})
		}
		_, end := at.ZoneBounds()
		if end.IsZero() {
			break
		}
		at = end
	}
	return kept, nil
}

// Week is how much of a week without holidays counts.
func (c *Calendar) Week() time.Duration {
	if c.always() {
		return 7 * day
	}
	var all time.Duration
	for _, h := range c.Hours {
		all += h.To.span() - h.From.span()
	}
	return all
}

// Day is how much of a working day counts, over the week: eight hours under Monday to Friday from nine to five.
func (c *Calendar) Day() time.Duration {
	if c.always() {
		return day
	}
	days := map[time.Weekday]bool{}
	for _, h := range c.Hours {
		days[h.Day] = true
	}
	return c.Week() / time.Duration(len(days))
}

// Words is a length of working time for people: "16h of working time (office)".
func (c *Calendar) Words(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	if c.always() {
		return text
	}
	return text + " of working time (" + c.Name + ")"
}

func (c *Calendar) always() bool {
	return c == nil || !slices.ContainsFunc(c.Hours, func(h Hours) bool {
		return h.From < h.To && h.Day >= time.Sunday && h.Day <= time.Saturday
	})
}

func (c *Calendar) holiday(date time.Time) bool {
	text := date.Format(time.DateOnly)
	return slices.ContainsFunc(c.Holidays, func(h Holiday) bool { return h.has(text) })
}
