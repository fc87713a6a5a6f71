package approval_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"latchkey/approval"
)

// closedOn is an office of every hour with holidays, frozen on a day.
func closedOn(t require.TestingT, from time.Time, texts ...string) *approval.Calendar {
	c := &approval.Calendar{Name: "office", Zone: "UTC"}
	for day := time.Sunday; day <= time.Saturday; day++ {
		c.Hours = append(c.Hours, approval.Hours{Day: day, From: 0, To: approval.Midnight})
	}
	for _, text := range texts {
		h, err := approval.ParseHoliday(text)
		require.NoError(t, err)
		c.Holidays = append(c.Holidays, h)
	}
	frozen, err := c.Frozen(from)
	require.NoError(t, err)
	return frozen
}

func date(text string) time.Time {
	at, err := time.Parse(time.DateOnly, text)
	if err != nil {
		panic(err)
	}
	return at
}

func TestHolidaysAreDaysRowsOfDaysAndDaysOfEveryYear(t *testing.T) {
	t.Parallel()
	for text, days := range map[string]map[string]bool{
		"2026-12-25":             {"2026-12-24": false, "2026-12-25": true, "2027-12-25": false},
		"2026-12-24..2026-12-31": {"2026-12-23": false, "2026-12-24": true, "2026-12-28": true, "2026-12-31": true, "2027-01-01": false},
		"12-25":                  {"2026-12-25": true, "2031-12-25": true, "2026-12-26": false},
		"12-24..12-26":           {"2029-12-24": true, "2029-12-26": true, "2029-12-27": false},
		"12-27..01-01":           {"2026-12-26": false, "2026-12-31": true, "2027-01-01": true, "2027-01-02": false, "2030-01-01": true},
		"02-29":                  {"2028-02-29": true, "2027-02-28": false, "2027-03-01": false},
	} {
		c := closedOn(t, date("2026-11-24"), text)
		for on, closed := range days {
			worked := c.Between(date(on), date(on).AddDate(0, 0, 1))
			assert.Equal(t, closed, worked == 0, "%s on %s", text, on)
		}
	}
}

func TestARowOfHolidaysThatIsOverIsNotKept(t *testing.T) {
	t.Parallel()
	c := closedOn(t, date("2026-12-28"), "2026-12-01..2026-12-05", "2026-12-24..2026-12-31", "12-25")
	var kept []string
	for _, h := range c.Holidays {
		kept = append(kept, h.Days())
	}
	assert.Equal(t, []string{"12-25", "2026-12-24..2026-12-31"}, kept, "one that has begun still counts")
}

func TestAYearlyHolidayIsTheSameAsItsDatesOneByOne(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		first := date("2024-01-01").AddDate(0, 0, rapid.IntRange(0, 365).Draw(t, "first"))
		last := first.AddDate(0, 0, rapid.IntRange(0, 120).Draw(t, "length"))
		text := first.Format("01-02") + ".." + last.Format("01-02")
		begins := date("2026-06-01").Add(time.Duration(rapid.IntRange(0, 400*24).Draw(t, "begins")) * time.Hour)
		yearly := closedOn(t, begins, text)
		var dates []string
		for year := 2025; year < 2030; year++ {
			for at := time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC); at.Year() == year; at = at.AddDate(0, 0, 1) {
				on, from, until := at.Format("01-02"), first.Format("01-02"), last.Format("01-02")
				if from <= until && from <= on && on <= until || from > until && (on >= from || on <= until) {
					dates = append(dates, at.Format(time.DateOnly))
				}
			}
		}
		single := closedOn(t, begins, dates...)
		after := time.Duration(rapid.IntRange(1, 2000).Draw(t, "hours")) * time.Hour
		assert.Equal(t, single.Add(begins, after), yearly.Add(begins, after), "%s from %s", text, begins)
	})
}

func TestTwoYearlyHolidaysMayNotLeaveNothingToWork(t *testing.T) {
	t.Parallel()
	c := approval.Calendar{Hours: []approval.Hours{{Day: time.Monday, From: 0, To: 60}}, Holidays: []approval.Holiday{
		{Date: "01-01", Until: "06-30"}, {Date: "07-01", Until: "12-31"},
	}}
	require.ErrorContains(t, c.Check(), "more than half of every year")
}
