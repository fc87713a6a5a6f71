package freshservice

import (
	"fmt"
	"strings"
	"time"
)

// timeLayouts are the layouts seen in answers, and those the vendor accepts in requests (reference §1 and §11.12).
// Fractions of a second are read wherever seconds are.
var timeLayouts = []string{
	time.RFC3339,
	"2006-01-02T15:04:05-0700",
	"2006-01-02T15:04:05-07",
	"2006-01-02T15:04:05",
	"2006-01-02T15:04Z07:00",
	"2006-01-02T15:04",
	"2006-01-02 15:04:05 -0700",
	"2006-01-02 15:04:05 UTC", // no other abbreviation: Go would read EST as an offset of zero
	"2006-01-02 15:04:05",
	time.DateOnly,
	"02-01-2006", // onboarding answers put the day first
	"02-01-2006T15:04:05Z07:00",
	"02-01-2006 15:04:05",
	"02-01-2006 15:04",
}

// ParseTime reads a time in any layout the vendor uses. A time without a zone is UTC (reference §1). Day and month are
// told apart by position: four digits first is a year, otherwise the day comes first.
func ParseTime(text string) (time.Time, error) {
	text = strings.TrimSpace(text)
	for _, layout := range timeLayouts {
		if at, err := time.Parse(layout, text); err == nil {
			return at, nil
		}
	}
	return time.Time{}, fmt.Errorf("freshservice: %q is no time; expected YYYY-MM-DD, DD-MM-YYYY or YYYY-MM-DDTHH:MM:SSZ", clip(text, 40))
}

// ParseDate reads a calendar date, YYYY-MM-DD or DD-MM-YYYY, or the date of a longer time as written in its own zone.
// The result is midnight UTC of that date: a date has no zone, so give it the person's own before using it as a moment.
func ParseDate(text string) (time.Time, error) {
	at, err := ParseTime(text)
	if err != nil {
		return time.Time{}, err
	}
	return time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, time.UTC), nil
}

// wireTime writes a moment the way every endpoint accepts it.
func wireTime(at time.Time) string { return at.UTC().Format("2006-01-02T15:04:05Z") }

func wireTimePtr(at *time.Time) *string {
	if at == nil {
		return nil
	}
	return new(wireTime(*at))
}
