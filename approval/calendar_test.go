package approval_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/approval"
)

// weekdays are the same hours from Monday to Friday.
func weekdays(from, to string) []approval.Hours {
	var hours []approval.Hours
	for day := time.Monday; day <= time.Friday; day++ {
		hours = append(hours, stretch(day, from, to))
	}
	return hours
}

func stretch(day time.Weekday, from, to string) approval.Hours {
	return approval.Hours{Day: day, From: clock(from), To: clock(to)}
}

func clock(text string) approval.Clock {
	c, err := approval.ParseClock(text)
	if err != nil {
		panic(err)
	}
	return c
}

// frozen is a calendar as a case of November 2026 keeps it.
func frozen(t require.TestingT, zone string, hours []approval.Hours, holidays ...string) *approval.Calendar {
	c := approval.Calendar{Name: "office", Zone: zone, Hours: hours}
	for _, date := range holidays {
		c.Holidays = append(c.Holidays, approval.Holiday{Date: date, Name: "a holiday"})
	}
	got, err := c.Frozen(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	require.NoError(t, err)
	return got
}

func at(t require.TestingT, zone, text string) time.Time {
	where, err := time.LoadLocation(zone)
	require.NoError(t, err)
	moment, err := time.ParseInLocation("2006-01-02 15:04", text, where)
	require.NoError(t, err)
	return moment
}

func TestWorkingTimePasses(t *testing.T) {
	t.Parallel()
	const berlin, sydney, kolkata = "Europe/Berlin", "Australia/Sydney", "Asia/Kolkata"
	office := weekdays("09:00", "17:00")
	lunch := append(weekdays("09:00", "12:00"), weekdays("13:00", "17:00")...)
	nights := []approval.Hours{stretch(time.Saturday, "22:00", "24:00"), stretch(time.Sunday, "00:00", "06:00")}
	round := []approval.Hours{
		stretch(time.Sunday, "00:00", "24:00"), stretch(time.Monday, "00:00", "24:00"), stretch(time.Tuesday, "00:00", "24:00"),
		stretch(time.Wednesday, "00:00", "24:00"), stretch(time.Thursday, "00:00", "24:00"), stretch(time.Friday, "00:00", "24:00"),
		stretch(time.Saturday, "00:00", "24:00"),
	}
	tests := map[string]struct {
		zone     string
		hours    []approval.Hours
		holidays []string
		from     string
		passes   time.Duration
		to       string
	}{
		"within a day":                        {berlin, office, nil, "2026-11-24 10:00", 3 * time.Hour, "2026-11-24 13:00"},
		"to the end of the day":               {berlin, office, nil, "2026-11-24 10:00", 7 * time.Hour, "2026-11-24 17:00"},
		"a minute more is tomorrow":           {berlin, office, nil, "2026-11-24 10:00", 7*time.Hour + time.Minute, "2026-11-25 09:01"},
		"asked at night":                      {berlin, office, nil, "2026-11-24 23:30", time.Hour, "2026-11-25 10:00"},
		"asked before the day begins":         {berlin, office, nil, "2026-11-24 05:00", time.Hour, "2026-11-24 10:00"},
		"over a weekend":                      {berlin, office, nil, "2026-11-27 16:00", 2 * time.Hour, "2026-11-30 10:00"},
		"asked on a Sunday":                   {berlin, office, nil, "2026-11-29 12:00", 8 * time.Hour, "2026-11-30 17:00"},
		"over Christmas":                      {berlin, office, []string{"2026-12-26", "2026-12-25"}, "2026-12-24 16:00", 2 * time.Hour, "2026-12-28 10:00"},
		"asked on a holiday":                  {berlin, office, []string{"2026-12-25"}, "2026-12-25 12:00", time.Hour, "2026-12-28 10:00"},
		"a week":                              {berlin, office, nil, "2026-11-24 10:00", 40 * time.Hour, "2026-12-01 10:00"},
		"round the lunch break":               {berlin, lunch, nil, "2026-11-24 11:00", 2 * time.Hour, "2026-11-24 14:00"},
		"asked during lunch":                  {berlin, lunch, nil, "2026-11-24 12:20", time.Hour, "2026-11-24 14:00"},
		"nothing passes at once":              {berlin, office, nil, "2026-11-29 12:00", 0, "2026-11-29 12:00"},
		"the weekend of the March change":     {berlin, office, nil, "2026-03-27 16:00", 2 * time.Hour, "2026-03-30 10:00"},
		"the weekend of the October change":   {berlin, office, nil, "2026-10-23 16:00", 2 * time.Hour, "2026-10-26 10:00"},
		"a shift that March shortens":         {berlin, nights, nil, "2026-03-28 22:00", 7 * time.Hour, "2026-03-29 06:00"},
		"a shift that October lengthens":      {berlin, nights, nil, "2026-10-24 22:00", 9 * time.Hour, "2026-10-25 06:00"},
		"hours that March skips":              {berlin, []approval.Hours{stretch(time.Sunday, "02:00", "03:00")}, nil, "2026-03-28 12:00", 30 * time.Minute, "2026-04-05 02:30"},
		"hours that October has twice":        {berlin, []approval.Hours{stretch(time.Sunday, "02:00", "03:00")}, nil, "2026-10-24 12:00", 2 * time.Hour, "2026-10-25 03:00"},
		"every hour, over the March change":   {berlin, round, nil, "2026-03-28 12:00", 24 * time.Hour, "2026-03-29 13:00"},
		"every hour, over the October change": {berlin, round, nil, "2026-10-24 12:00", 24 * time.Hour, "2026-10-25 11:00"},
		"the other half of the world":         {sydney, office, nil, "2026-10-02 16:00", 2 * time.Hour, "2026-10-05 10:00"},
		"half an hour off":                    {kolkata, office, nil, "2026-11-27 16:30", time.Hour, "2026-11-30 09:30"},
		"a zone that is none":                 {"", office, nil, "2026-11-27 16:30", time.Hour, "2026-11-30 09:30"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := frozen(t, tt.zone, tt.hours, tt.holidays...)
			from, to := at(t, tt.zone, tt.from), at(t, tt.zone, tt.to)
			got := c.Add(from, tt.passes)
			assert.True(t, to.Equal(got), "want %s, got %s", to, got.In(to.Location()))
			assert.Equal(t, tt.passes, c.Between(from, to))
		})
	}
}

func TestTheNextWorkingMoment(t *testing.T) {
	t.Parallel()
	const berlin = "Europe/Berlin"
	c := frozen(t, berlin, weekdays("09:00", "17:00"), "2026-12-25")
	for from, to := range map[string]string{
		"2026-11-24 09:00": "2026-11-24 09:00", "2026-11-24 12:34": "2026-11-24 12:34", "2026-11-24 17:00": "2026-11-25 09:00",
		"2026-11-24 08:59": "2026-11-24 09:00", "2026-11-27 20:00": "2026-11-30 09:00", "2026-12-24 17:00": "2026-12-28 09:00",
		"2026-03-28 12:00": "2026-03-30 09:00",
	} {
		assert.True(t, at(t, berlin, to).Equal(c.Next(at(t, berlin, from))), "%s: %s", from, c.Next(at(t, berlin, from)))
	}
}

func TestWithoutACalendarEveryHourCounts(t *testing.T) {
	t.Parallel()
	var none *approval.Calendar
	sunday := time.Date(2026, 11, 29, 3, 0, 0, 0, time.UTC)
	for name, c := range map[string]*approval.Calendar{
		"nil": none, "no hours": {Name: "broken"}, "hours that end before they begin": {Hours: []approval.Hours{{Day: 1, From: 600, To: 540}}},
		"hours of no day": {Hours: []approval.Hours{{Day: 9, From: 540, To: 600}}},
	} {
		assert.Equal(t, sunday.Add(50*time.Hour), c.Add(sunday, 50*time.Hour), name)
		assert.Equal(t, sunday, c.Next(sunday), name)
		assert.Equal(t, -time.Hour, c.Between(sunday, sunday.Add(-time.Hour)), name)
		assert.Equal(t, 24*time.Hour, c.Day(), name)
		assert.Equal(t, 168*time.Hour, c.Week(), name)
	}
	assert.Equal(t, "1h30m", none.Words(90*time.Minute))
}

func TestAFrozenCalendarNeedsNoZoneData(t *testing.T) {
	t.Parallel()
	c := frozen(t, "America/New_York", weekdays("09:00", "17:30"), "2025-07-04", "2026-11-26", "2026-07-04")
	assert.Equal(t, []approval.Holiday{{Date: "2026-07-04", Name: "a holiday"}, {Date: "2026-11-26", Name: "a holiday"}}, c.Holidays, "in order, and without what is over")
	require.Len(t, c.Shifts, 7, "the distance now and two changes in each of three years")
	raw, err := json.Marshal(c)
	require.NoError(t, err)
	assert.Contains(t, string(raw), `{"day":1,"from":"09:00","to":"17:30"}`)
	var again approval.Calendar
	require.NoError(t, json.Unmarshal(raw, &again))
	assert.Equal(t, *c, again)
	again.Zone = "Middle-earth/Shire" // not asked any more
	friday := at(t, "America/New_York", "2026-10-30 17:00")
	assert.True(t, at(t, "America/New_York", "2026-11-02 10:00").Equal(again.Add(friday, 90*time.Minute)), "a clock change lies between")
	assert.Equal(t, 42*time.Hour+30*time.Minute, c.Week())
	assert.Equal(t, 8*time.Hour+30*time.Minute, c.Day())
	assert.Equal(t, "16h of working time (office)", c.Words(16*time.Hour))
}

func TestACalendarThatCannotBe(t *testing.T) {
	t.Parallel()
	one := weekdays("09:00", "17:00")
	tests := map[string]struct {
		calendar approval.Calendar
		want     string
	}{
		"no hours":       {approval.Calendar{Zone: "UTC"}, "it has no working hours, so nothing would ever come due"},
		"backwards":      {approval.Calendar{Hours: []approval.Hours{stretch(1, "17:00", "09:00")}}, "Monday 17:00-09:00 has to end after it begins"},
		"empty":          {approval.Calendar{Hours: []approval.Hours{stretch(1, "09:00", "09:00")}}, "Monday 09:00-09:00 has to end after it begins"},
		"too long a day": {approval.Calendar{Hours: []approval.Hours{{Day: 1, From: 0, To: 1500}}}, "by 24:00"},
		"no weekday":     {approval.Calendar{Hours: []approval.Hours{{Day: 7, From: 0, To: 60}}}, "7 is no weekday"},
		"overlapping":    {approval.Calendar{Hours: append(weekdays("16:00", "20:00"), one...)}, "Monday 09:00-17:00 and Monday 16:00-20:00 overlap"},
		"no date":        {approval.Calendar{Hours: one, Holidays: []approval.Holiday{{Date: "25 Dec"}}}, `the holiday "25 Dec" is no date such as 2026-12-25`},
		"no zone":        {approval.Calendar{Zone: "Middle-earth/Shire", Hours: one}, `unknown time zone "Middle-earth/Shire"`},
		"this machine's": {approval.Calendar{Zone: "Local", Hours: one}, `unknown time zone "Local"`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.ErrorContains(t, tt.calendar.Check(), tt.want)
			_, err := tt.calendar.Frozen(opened)
			require.Error(t, err)
		})
	}
	for _, text := range []string{"9:00", "24:01", "25:00", "", "09:00:00", "noon"} {
		_, err := approval.ParseClock(text)
		require.Error(t, err, text)
	}
}

func TestTimingFollowsTheCalendar(t *testing.T) {
	t.Parallel()
	const berlin = "Europe/Berlin"
	level := approval.Level{
		RemindAfter: 8 * time.Hour, RemindMax: 2, EscalateAfter: 12 * time.Hour, EscalateTo: people("e"), ExpireAfter: 20 * time.Hour,
		Calendar: frozen(t, berlin, weekdays("09:00", "17:00"), "2026-12-25"),
	}
	asked := at(t, berlin, "2026-12-23 15:00") // Wednesday: two hours, Thursday eight, Monday eight, Tuesday
	tests := map[string]struct {
		now       string
		reminders int
		escalated bool
		due       approval.Due
		sent      int
		next      string // empty is never
	}{
		"the night does not count":        {now: "2026-12-24 08:00", next: "2026-12-24 15:00"},
		"reminded after a working day":    {now: "2026-12-24 15:00", due: approval.DueRemind, sent: 1, next: "2026-12-28 11:00"},
		"neither holiday nor weekend":     {now: "2026-12-27 23:00", reminders: 1, sent: 1, next: "2026-12-28 11:00"},
		"escalated on Monday":             {now: "2026-12-28 11:00", reminders: 1, due: approval.DueEscalate, sent: 1, next: "2026-12-28 15:00"},
		"the second reminder":             {now: "2026-12-28 15:00", reminders: 1, escalated: true, due: approval.DueRemind, sent: 2, next: "2026-12-29 11:00"},
		"expired after 20 hours of these": {now: "2026-12-29 11:00", reminders: 2, escalated: true, due: approval.DueExpire, sent: 2},
		"a minute before":                 {now: "2026-12-29 10:59", reminders: 2, escalated: true, sent: 2, next: "2026-12-29 11:00"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := approval.Timing(level, asked, tt.reminders, tt.escalated, at(t, berlin, tt.now))
			assert.Equal(t, tt.due, got.Due)
			assert.Equal(t, tt.sent, got.Reminders)
			if tt.next == "" {
				assert.True(t, got.At.IsZero(), got.At)
				return
			}
			assert.True(t, at(t, berlin, tt.next).Equal(got.At), got.At)
		})
	}
}
