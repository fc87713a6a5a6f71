package approval

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Holiday is a date, or some dates in a row, on which nothing counts. A date without a year is that day of every year.
type Holiday struct {
	Date string `json:"date"` // 2006-01-02, or 01-02 for every year
	// Until is the last day of several, in the same form; empty is Date alone. One of every year may go past its end:
	// from 12-24 until 01-01.
	Until string `json:"until,omitempty"`
	Name  string `json:"name,omitempty"`
}

// The bounds of holidays: with them there is always a next hour that counts.
const (
	longestHoliday = 366 // days in a row
	mostYearly     = 183 // days of a year that are holidays in every year
)

// yearlyDay is the form of a day of every year; 29 February is one.
const yearlyDay = "01-02"

// ParseHoliday reads "2026-12-25", "2026-12-24..2026-12-31", "12-25" and "12-24..01-01".
func ParseHoliday(text string) (Holiday, error) {
	first, last, several := strings.Cut(text, "..")
	h := Holiday{Date: strings.TrimSpace(first)}
	if several {
		if h.Until = strings.TrimSpace(last); h.Until == "" {
			return Holiday{}, fmt.Errorf("%q does not say until when", text)
		}
	}
	return h, h.check()
}

// Days is the holiday as it is written: "2026-12-24..2026-12-31".
func (h Holiday) Days() string {
	if h.Until == "" {
		return h.Date
	}
	return h.Date + ".." + h.Until
}

func (h Holiday) yearly() bool { return len(h.Date) == len(yearlyDay) }

// last is the last day, in the form of Date.
func (h Holiday) last() string {
	if h.Until == "" {
		return h.Date
	}
	return h.Until
}

func (h Holiday) check() error {
	from, errFrom := dayOf(h.Date)
	until, errUntil := dayOf(h.last())
	switch {
	case errFrom != nil:
		return fmt.Errorf("the holiday %q is no date such as 2026-12-25, nor a day of every year such as 12-25", h.Date)
	case errUntil != nil || len(h.Date) != len(h.last()):
		return fmt.Errorf("the holiday %q has to end with a date such as it begins with: 2026-12-24..2026-12-31, or 12-24..01-01", h.Days())
	case h.yearly():
		return nil
	case until.Before(from):
		return fmt.Errorf("the holiday %q ends before it begins", h.Days())
	case until.Sub(from) > longestHoliday*day:
		return fmt.Errorf("the holiday %q is longer than a year", h.Days())
	}
	return nil
}

// dayOf reads a date, or a day of every year as that day of a leap year.
func dayOf(text string) (time.Time, error) {
	if len(text) == len(yearlyDay) {
		return time.Parse(time.DateOnly, "2024-"+text)
	}
	return time.Parse(time.DateOnly, text)
}

// has says whether a date is one of the holiday's days.
func (h Holiday) has(date string) bool {
	if !h.yearly() {
		return h.Date <= date && date <= h.last()
	}
	on := date[len(date)-len(yearlyDay):]
	if h.Date <= h.last() {
		return h.Date <= on && on <= h.last()
	}
	return on >= h.Date || on <= h.last() // past the end of the year
}

// checkHolidays says what is wrong with the holidays of a calendar.
func checkHolidays(all []Holiday) error {
	for _, h := range all {
		if err := h.check(); err != nil {
			return err
		}
	}
	taken := 0
	for at := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC); at.Year() == 2024; at = at.AddDate(0, 0, 1) {
		if slices.ContainsFunc(all, func(h Holiday) bool { return h.yearly() && h.has(at.Format(time.DateOnly)) }) {
			taken++
		}
	}
	if taken > mostYearly {
		return errors.New("more than half of every year are holidays, so what is due might never come")
	}
	return nil
}
