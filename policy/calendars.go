package policy

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"latchkey/approval"
)

// everyHour is the name of no calendar: a level under it counts every hour, whatever its route says.
const everyHour = "none"

// calendars are the calendars of approvals.yaml by name, as written: a case freezes its own when it is routed.
type calendars map[string]*approval.Calendar

// names lists what a route or a level may say.
func (c calendars) names() []string {
	return append([]string{everyHour}, slices.Sorted(maps.Keys(c))...)
}

// pick reads the name of a calendar; nil is every hour.
func (c calendars) pick(v value) *approval.Calendar {
	if v.draws(calendarLeaf()) {
		return nil
	}
	return c[v.oneOf(c.names()...)]
}

func loadCalendars(v value) calendars {
	all := calendars{}
	for _, e := range v.entries("calendars") {
		if e.key == everyHour {
			e.at.problem("%q is the word for no calendar; give the calendar another name", everyHour)
			continue
		}
		all[e.key] = loadCalendar(e.key, e.value)
	}
	return all
}

func loadCalendar(name string, v value) *approval.Calendar {
	c := &approval.Calendar{Name: name}
	before := len(v.doc.problems.list)
	v.object("calendar "+quote(name), keys{
		"zone": func(v value) { c.Zone = v.zone() },
		"hours": func(v value) {
			var sound bool
			if c.Hours, sound = loadHours(v); sound && len(c.Hours) == 0 {
				v.problem("a calendar needs working hours, such as weekdays: 09:00-17:00; a level that counts every hour says calendar: %s", everyHour)
			}
		},
		"holidays": func(v value) {
			for _, one := range v.items("holidays") {
				h := loadHoliday(one)
				if slices.ContainsFunc(c.Holidays, func(b approval.Holiday) bool { return b.Days() == h.Days() && h.Date != "" }) {
					one.problem("%s is named twice", h.Days())
				}
				c.Holidays = append(c.Holidays, h)
			}
		},
	}, "zone", "hours")
	if v.drawn == nil && len(v.doc.problems.list) == before {
		if err := c.Check(); err != nil {
			v.problem("calendar %s: %v", quote(name), err)
		}
	}
	return c
}

// dayNames are the days as hours names them, Sunday first.
func dayNames() []string { return []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"} }

// loadHours reads the hours by day, and says whether it found nothing wrong. A day of its own takes the place of what
// weekdays or every_day say.
func loadHours(v value) (hours []approval.Hours, sound bool) {
	before := len(v.doc.problems.list)
	var week [7][]approval.Hours
	own := map[time.Weekday]bool{}
	var shared [2]*value // every_day, weekdays: read after the days, weekdays last
	known := keys{
		"every_day": func(v value) { shared[0] = &v },
		"weekdays":  func(v value) { shared[1] = &v },
	}
	for n, name := range dayNames() {
		known[name] = func(v value) { week[n], own[time.Weekday(n)] = loadDay(v, time.Weekday(n)), true }
	}
	v.object("hours", known)
	for i, several := range shared {
		if several == nil {
			continue
		}
		stretches := loadDay(*several, time.Sunday)
		for n := range week {
			weekend := n == int(time.Sunday) || n == int(time.Saturday)
			if own[time.Weekday(n)] || i == 1 && weekend {
				continue
			}
			week[n] = slices.Clone(stretches)
			for j := range week[n] {
				week[n][j].Day = time.Weekday(n)
			}
		}
	}
	return slices.Concat(week[:]...), len(v.doc.problems.list) == before
}

// loadDay reads "09:00-17:00", a list of such stretches, or closed.
func loadDay(v value, weekday time.Weekday) []approval.Hours {
	parts := []value{v}
	switch {
	case v.sequence():
		parts = v.items("hours")
	case v.draws(dayLeaf()), v.raw() == "closed":
		return nil
	}
	var day []approval.Hours
	for _, one := range parts {
		if one.draws(stretchLeaf()) {
			continue
		}
		from, to, ok := stretch(one.raw())
		switch {
		case !ok && one.mapping():
			one.problem(`hours in a list go in quotes: ["09:00-12:00", "13:00-17:00"]`)
			continue
		case !ok:
			one.problem("has to be hours such as 09:00-17:00, a list of them, or closed; found %s", one.kind())
			continue
		case from >= to:
			one.problem("%s ends before it begins; hours past midnight go to 24:00, and on from 00:00 on the next day", quote(one.raw()))
			continue
		case slices.ContainsFunc(day, func(h approval.Hours) bool { return from < h.To && h.From < to }):
			one.problem("%s overlaps other hours of the same day", quote(one.raw()))
			continue
		}
		day = append(day, approval.Hours{Day: weekday, From: from, To: to})
	}
	slices.SortFunc(day, func(a, b approval.Hours) int { return int(a.From - b.From) })
	return day
}

func stretch(text string) (from, to approval.Clock, ok bool) {
	first, second, cut := strings.Cut(text, "-")
	from, wrong := approval.ParseClock(strings.TrimSpace(first))
	to, wrongToo := approval.ParseClock(strings.TrimSpace(second))
	return from, to, cut && wrong == nil && wrongToo == nil
}

func loadHoliday(v value) approval.Holiday {
	var h approval.Holiday
	v.object("a holiday", keys{
		"date": func(v value) {
			if v.draws(dayOfYearLeaf()) {
				return
			}
			read, err := approval.ParseHoliday(v.raw())
			if err != nil && !strings.Contains(v.raw(), "..") {
				v.problem("has to be a date such as 2026-12-25, a day of every year such as 12-25, or from one to another such as 2026-12-24..2026-12-31; found %s", v.kind())
				return
			}
			if err != nil {
				v.problem("%v", err)
				return
			}
			h.Date, h.Until = read.Date, read.Until
		},
		"name": func(v value) { h.Name = v.text() },
	}, "date", "name")
	return h
}

// workSpan reads a duration as span does; under a calendar it is working time, and a day is one of its working days.
func (v value) workSpan(c *approval.Calendar) time.Duration {
	if v.draws(spanLeaf()) {
		return 0
	}
	d, ok := parseSpanOf(v.raw(), c.Day())
	switch {
	case !ok:
		v.problem("has to be a duration such as 30d, 36h, 1d12h, 90m or 0s, found %s", v.kind())
	case c != nil && d > 52*c.Week():
		v.problem("%s is more than a year of the calendar %q, which has %s of working time a week", quote(v.raw()), c.Name, spanWords(c.Week()))
	}
	return d
}

// calendarWords writes the calendars of a chain as a test does: one name where all levels have the same, else one for
// each level.
func calendarWords(levels []RouteLevel) string {
	var names []string
	for _, l := range levels {
		name := everyHour
		if l.Calendar != nil {
			name = l.Calendar.Name
		}
		names = append(names, name)
	}
	if all := slices.Compact(slices.Clone(names)); len(all) == 1 {
		return all[0]
	}
	return strings.Join(names, ", ")
}

// frozen gives a level's calendar as the case keeps it.
func frozen(c *approval.Calendar, now time.Time) (*approval.Calendar, error) {
	if c == nil {
		return nil, nil
	}
	kept, err := c.Frozen(now)
	if err != nil {
		return nil, fmt.Errorf("calendar %q: %w", c.Name, err)
	}
	return kept, nil
}
