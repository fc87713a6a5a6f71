package approval_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"latchkey/approval"
)

// drawCalendar makes a calendar with up to two stretches a day, some holidays and a zone with or without clock changes.
func drawCalendar(t *rapid.T) *approval.Calendar {
	zones := []string{"UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Kiritimati", "Africa/Casablanca"}
	zone := rapid.SampledFrom(zones).Draw(t, "zone")
	var hours []approval.Hours
	for _, day := range rapid.SliceOfNDistinct(rapid.IntRange(0, 6), 1, 7, rapid.ID[int]).Draw(t, "days") {
		edges := rapid.SliceOfNDistinct(rapid.IntRange(0, 24*4), 2, 4, rapid.ID[int]).Draw(t, "edges")
		slices.Sort(edges)
		for i := 0; i+1 < len(edges); i += 2 {
			hours = append(hours, approval.Hours{
				Day: time.Weekday(day), From: approval.Clock(edges[i] * 15), To: approval.Clock(edges[i+1] * 15),
			})
		}
	}
	var holidays []string
	for _, n := range rapid.SliceOfN(rapid.IntRange(0, 400), 0, 6).Draw(t, "holidays") {
		holidays = append(holidays, opened.AddDate(0, 0, n-200).Format(time.DateOnly))
	}
	return frozen(t, zone, hours, holidays...)
}

func drawMoment(t *rapid.T) time.Time {
	start := time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)
	return start.Add(time.Duration(rapid.Int64Range(0, int64(400*24*time.Hour)).Draw(t, "moment")))
}

func drawLength(t *rapid.T, name string) time.Duration {
	if rapid.Bool().Draw(t, name+" is round") {
		return time.Duration(rapid.IntRange(0, 200).Draw(t, name)) * 30 * time.Minute
	}
	return time.Duration(rapid.Int64Range(0, int64(100*time.Hour)).Draw(t, name))
}

// works asks the wall clock itself, with the zone data that the calendar no longer needs.
func works(t *rapid.T, c *approval.Calendar, moment time.Time) bool {
	zone, err := time.LoadLocation(c.Zone)
	if err != nil {
		t.Fatal(err)
	}
	local := moment.In(zone)
	if slices.ContainsFunc(c.Holidays, func(h approval.Holiday) bool { return h.Date == local.Format(time.DateOnly) }) {
		return false
	}
	hour, minute, _ := local.Clock()
	return slices.ContainsFunc(c.Hours, func(h approval.Hours) bool {
		now := approval.Clock(hour*60 + minute)
		return h.Day == local.Weekday() && h.From <= now && now < h.To
	})
}

func TestWorkingTimeAddsUp(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c, from := drawCalendar(t), drawMoment(t)
		a, b := drawLength(t, "a"), drawLength(t, "b")
		apart, together := c.Add(c.Add(from, a), b), c.Add(from, a+b)
		if !apart.Equal(together) {
			t.Fatalf("%s and then %s is %s, %s is %s", a, b, apart, a+b, together)
		}
		if passed := c.Between(from, together); passed != a+b {
			t.Fatalf("%s lies between, not %s", passed, a+b)
		}
	})
}

func TestLaterAndLongerIsNeverEarlier(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c, from := drawCalendar(t), drawMoment(t)
		later := from.Add(time.Duration(rapid.Int64Range(0, int64(90*24*time.Hour)).Draw(t, "later")))
		short, more := drawLength(t, "short"), drawLength(t, "more")
		if c.Add(later, short).Before(c.Add(from, short)) {
			t.Fatalf("%s later it is over earlier", later.Sub(from))
		}
		if c.Add(from, short+more).Before(c.Add(from, short)) {
			t.Fatal("longer is earlier")
		}
		if c.Next(later).Before(c.Next(from)) {
			t.Fatal("the next working moment went back")
		}
	})
}

func TestWorkingTimeEndsWhileTheClockWorks(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c, from := drawCalendar(t), drawMoment(t)
		// A frozen calendar knows the clock changes of three years; policy allows waits of one.
		if d := min(drawLength(t, "d"), 52*c.Week()); d > 0 {
			end := c.Add(from, d)
			if end.Before(from.Add(d)) {
				t.Fatalf("%s of working time passed in %s", d, end.Sub(from))
			}
			if !works(t, c, end.Add(-1)) {
				t.Fatalf("it ends at %s, right after a moment that does not count", end)
			}
		}
		next := c.Next(from)
		if !works(t, c, next) {
			t.Fatalf("%s is no working moment", next)
		}
		if works(t, c, from) && !next.Equal(from) {
			t.Fatalf("%s works, and the next is said to be %s", from, next)
		}
		// A quarter of an hour is the grain of the hours here: sampling by it finds whatever counts in between.
		for at := from.Truncate(15 * time.Minute).Add(15 * time.Minute); at.Before(next); at = at.Add(15 * time.Minute) {
			if works(t, c, at) {
				t.Fatalf("%s works and was passed over for %s", at, next)
			}
		}
	})
}

// A workflow that does what is due and sleeps until Timing's At comes to the end under any calendar, never early.
func TestTimingComesToAnEndUnderACalendar(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c, asked := drawCalendar(t), drawMoment(t)
		level := approval.Level{
			RemindAfter: drawLength(t, "remind"), RemindMax: rapid.IntRange(0, 5).Draw(t, "max"), EscalateAfter: drawLength(t, "escalate"),
			EscalateTo: people("e"), ExpireAfter: drawLength(t, "expire") + time.Minute, Calendar: c,
		}
		now, reminders, escalated := asked, 0, false
		for range 100 {
			next := approval.Timing(level, asked, reminders, escalated, now)
			switch next.Due {
			case approval.DueExpire:
				if !now.Equal(c.Add(asked, level.ExpireAfter)) {
					t.Fatalf("it expired at %s and was due at %s", now, c.Add(asked, level.ExpireAfter))
				}
				return
			case approval.DueRemind:
				reminders = next.Reminders
			case approval.DueEscalate:
				escalated = true
			case approval.DueNothing:
				if !next.At.After(now) {
					t.Fatalf("at %s it says to look again at %s", now, next.At)
				}
				now = next.At
			}
		}
		t.Fatal("it never expired")
	})
}
