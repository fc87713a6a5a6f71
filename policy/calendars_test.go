package policy_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/casework"
	"latchkey/policy"
)

// withApprovals loads the good policy with another approvals.yaml.
func withApprovals(t *testing.T, text string) (*policy.Policy, error) {
	t.Helper()
	return policy.Load(folder(t, map[string]string{"approvals.yaml": text, "tests/leavers.yaml": "", "tests/access.yaml": ""}))
}

// firstRoute is the route of an access request on some Wednesday.
func firstRoute(t *testing.T, text string) policy.Route {
	t.Helper()
	p, err := withApprovals(t, text)
	require.NoError(t, err)
	r, err := p.Route(policy.RouteFacts{UseCase: casework.AccessRequest, Now: time.Date(2026, 11, 25, 9, 0, 0, 0, time.UTC)})
	require.NoError(t, err)
	return r
}

const (
	asks   = "groups: [{name: g, who: [manager]}]"
	office = "calendars:\n  office:\n    zone: Europe/Berlin\n    hours: {weekdays: 09:00-17:00}\n"
)

func TestLevelsCountInTheirCalendar(t *testing.T) {
	t.Parallel()
	r := firstRoute(t, `
routes:
  - name: r
    calendar: office
    levels:
      - {name: one, `+asks+`, remind_after: 1d, expire_after: 5d, escalate_after: 2d4h, escalate_to: [owner]}
      - {name: two, `+asks+`, expire_after: 5d, calendar: none}
      - {name: three, `+asks+`, expire_after: 1d, calendar: shop}
calendars: # wherever they stand
  office:
    zone: Europe/Berlin
    hours: {weekdays: 09:00-17:00}
    holidays: [{date: 2026-12-25, name: Christmas Day}, {date: 2026-01-01, name: New Year}]
  shop:
    zone: Asia/Tokyo
    hours: {every_day: "10:00-12:00", weekdays: ["13:00-24:00", "10:00-12:00"], fri: closed, sun: closed}
`)
	one, two, three := r.Levels[0], r.Levels[1], r.Levels[2]
	assert.Equal(t, 8*time.Hour, one.RemindAfter, "a day is a working day")
	assert.Equal(t, 20*time.Hour, one.EscalateAfter)
	assert.Equal(t, 40*time.Hour, one.ExpireAfter)
	require.NotNil(t, one.Calendar)
	assert.Equal(t, "office", one.Calendar.Name)
	assert.NotEmpty(t, one.Calendar.Shifts, "frozen, clock changes included")
	require.Len(t, one.Calendar.Holidays, 1, "without what is over")
	asked := time.Date(2026, 11, 27, 15, 0, 0, 0, time.UTC) // Friday, 16:00 in Berlin
	assert.Equal(t, time.Date(2026, 11, 30, 15, 0, 0, 0, time.UTC), one.Calendar.Add(asked, one.RemindAfter).UTC())

	assert.Nil(t, two.Calendar)
	assert.Equal(t, 120*time.Hour, two.ExpireAfter)

	assert.Equal(t, "shop", three.Calendar.Name)
	assert.Equal(t, (4*13+2)*time.Hour, three.Calendar.Week(), "Monday to Thursday, and Saturday morning")
	assert.Equal(t, three.Calendar.Week()/5, three.ExpireAfter)
}

func TestALevelWithoutACalendarIsAsBefore(t *testing.T) {
	t.Parallel()
	r := firstRoute(t, office+"routes: [{name: r, levels: [{name: one, "+asks+", expire_after: 1d}]}]\n")
	assert.Nil(t, r.Levels[0].Calendar)
	assert.Equal(t, 24*time.Hour, r.Levels[0].ExpireAfter)
}

func TestCalendarsAreRefusedWithPlaceAndWayOut(t *testing.T) {
	t.Parallel()
	const end = "routes: []\n"
	calendar := func(rest string) string {
		return "calendars:\n  c:\n    zone: UTC\n    hours: " + rest + "\n" + end
	}
	level := func(keys string) string {
		return "routes:\n  - {name: r, levels: [{name: a, " + asks + ", " + keys + "}]}\n" + office
	}
	tests := map[string]struct {
		text string
		want []string
	}{
		"no zone": {"calendars:\n  c: {hours: {mon: 09:00-17:00}}\n" + end, []string{`approvals.yaml:2:6: calendar "c" lacks "zone"; it takes: holidays, hours, zone`}},
		"a zone of nowhere": {"calendars:\n  c: {zone: Middle-earth/Shire, hours: {mon: 09:00-17:00}}\n" + end, []string{
			`approvals.yaml:2:13: unknown time zone "Middle-earth/Shire"; allowed: IANA names such as Europe/Berlin or UTC`,
		}},
		"no hours at all":  {"calendars:\n  c: {zone: UTC}\n" + end, []string{`approvals.yaml:2:6: calendar "c" lacks "hours"; it takes: holidays, hours, zone`}},
		"hours of no day":  {calendar("{}"), []string{"approvals.yaml:4:12: a calendar needs working hours, such as weekdays: 09:00-17:00; a level that counts every hour says calendar: none"}},
		"always closed":    {calendar("{every_day: closed}"), []string{"approvals.yaml:4:12: a calendar needs working hours"}},
		"a day of nowhere": {calendar("{monday: 09:00-17:00}"), []string{`approvals.yaml:4:13: unknown key "monday" in hours; allowed: every_day, fri, mon, sat, sun, thu, tue, wed, weekdays`}},
		"no hours":         {calendar("{mon: morning}"), []string{`approvals.yaml:4:18: has to be hours such as 09:00-17:00, a list of them, or closed; found the text "morning"`}},
		"half an hour":     {calendar("{mon: 9-17}"), []string{`approvals.yaml:4:18: has to be hours such as 09:00-17:00`}},
		"past midnight":    {calendar("{mon: 22:00-06:00}"), []string{`approvals.yaml:4:18: "22:00-06:00" ends before it begins; hours past midnight go to 24:00, and on from 00:00 on the next day`}},
		"overlapping":      {calendar(`{mon: ["09:00-12:00", "11:00-13:00"]}`), []string{`approvals.yaml:4:34: "11:00-13:00" overlaps other hours of the same day`}},
		"without quotes":   {calendar("{mon: [09:00-12:00]}"), []string{`approvals.yaml:4:19: hours in a list go in quotes: ["09:00-12:00", "13:00-17:00"]`}},
		"called none":      {"calendars: {none: {zone: UTC, hours: {mon: 09:00-17:00}}}\n" + end, []string{`approvals.yaml:1:13: "none" is the word for no calendar; give the calendar another name`}},
		"no date": {calendar("{mon: 09:00-17:00}\n    holidays: [{date: 25 Dec, name: x}]"), []string{
			`approvals.yaml:5:23: has to be a date such as 2026-12-25, a day of every year such as 12-25, or from one to another such as 2026-12-24..2026-12-31; found the text "25 Dec"`,
		}},
		"no end":             {calendar("{mon: 09:00-17:00}\n    holidays: [{date: 2026-12-24.., name: x}]"), []string{`approvals.yaml:5:23: "2026-12-24.." does not say until when`}},
		"backwards":          {calendar("{mon: 09:00-17:00}\n    holidays: [{date: 2026-12-31..2026-12-24, name: x}]"), []string{`approvals.yaml:5:23: the holiday "2026-12-31..2026-12-24" ends before it begins`}},
		"of two kinds":       {calendar("{mon: 09:00-17:00}\n    holidays: [{date: 2026-12-24..12-31, name: x}]"), []string{`approvals.yaml:5:23: the holiday "2026-12-24..12-31" has to end with a date such as it begins with`}},
		"a year and more":    {calendar("{mon: 09:00-17:00}\n    holidays: [{date: 2026-01-01..2027-02-01, name: x}]"), []string{`approvals.yaml:5:23: the holiday "2026-01-01..2027-02-01" is longer than a year`}},
		"holidays all year":  {calendar("{mon: 09:00-17:00}\n    holidays: [{date: 01-01..12-31, name: x}]"), []string{`approvals.yaml:3:5: calendar "c": more than half of every year are holidays`}},
		"a nameless holiday": {calendar("{mon: 09:00-17:00}\n    holidays: [{date: 2026-12-25}]"), []string{`approvals.yaml:5:16: a holiday lacks "name"; it takes: date, name`}},
		"twice the same": {calendar("{mon: 09:00-17:00}\n    holidays: [{date: 2026-12-25, name: x}, {date: 2026-12-25, name: y}]"), []string{
			`approvals.yaml:5:45: 2026-12-25 is named twice`,
		}},
		"unknown for a level": {level("calendar: shop"), []string{`approvals.yaml:2:81: unknown value "shop"; allowed: none, office`}},
		"unknown for a route": {"routes:\n  - {name: r, calendar: office, levels: [{name: a, " + asks + "}]}\n", []string{`approvals.yaml:2:25: unknown value "office"; allowed: none`}},
		"longer than a year":  {level("calendar: office, expire_after: 300d"), []string{`approvals.yaml:2:103: "300d" is more than a year of the calendar "office", which has 40 hours of working time a week`}},
		"no duration":         {level("calendar: office, expire_after: soon"), []string{`approvals.yaml:2:103: has to be a duration such as 30d, 36h, 1d12h, 90m or 0s, found the text "soon"`}},
		"escalated too late": {level("calendar: office, escalate_after: 9h, escalate_to: [owner], expire_after: 1d"), []string{
			`approvals.yaml:2:24: escalate_after (9h0m0s) has to come before expire_after (8h0m0s)`,
		}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := withApprovals(t, tt.text)
			refused(t, err, tt.want)
		})
	}
}

// refused compares the beginnings of the problems of a load.
func refused(t *testing.T, err error, want []string) {
	t.Helper()
	var got []string
	for _, p := range policy.Problems(err) {
		got = append(got, p.Error())
	}
	require.Len(t, got, len(want), "%s", strings.Join(got, "\n"))
	for i := range got {
		assert.True(t, strings.HasPrefix(got[i], want[i]), "want %s\ngot  %s", want[i], got[i])
	}
}

func TestPolicyTestsStateTheCalendar(t *testing.T) {
	t.Parallel()
	const routes = office + `routes:
  - {name: mixed, when: protected, levels: [{name: a, ` + asks + `, calendar: office}, {name: b, ` + asks + `}]}
  - {name: same, when: emergency, calendar: office, levels: [{name: a, ` + asks + `}, {name: b, ` + asks + `}]}
  - {name: rest, levels: [{name: a, ` + asks + `}]}
`
	run := func(test string) policy.Report {
		r, err := policy.RunTests(folder(t, map[string]string{"approvals.yaml": routes, "tests/leavers.yaml": "", "tests/people.yaml": "", "tests/access.yaml": test}))
		require.NoError(t, err)
		return r
	}
	assert.Empty(t, run(`routes:
  - {name: a, use_case: offboarding, protected: true, expect: {calendar: "office, none"}}
  - {name: b, use_case: offboarding, emergency: true, expect: {calendar: office}}
  - {name: c, use_case: offboarding, expect: {calendar: none}}
`).Failed())
	failed := run("routes:\n  - {name: a, use_case: offboarding, emergency: true, expect: {calendar: none}}\n").Failed()
	require.Len(t, failed, 1)
	assert.Equal(t, []string{"line 2: calendar: want none, got office"}, failed[0].Problems)
}

func TestThePrivateNoteSpeaksOfWorkingTime(t *testing.T) {
	t.Parallel()
	r := firstRoute(t, office+"routes: [{name: r, calendar: office, levels: [{name: one, "+asks+", expire_after: 5d}]}]\n")
	facts := sample("")
	level := &facts.Case.Units[0].Chain.Levels[0]
	level.ExpireAfter, level.Calendar = r.Levels[0].ExpireAfter, r.Levels[0].Calendar
	html, err := good(t).Text("approvals_opened", facts)
	require.NoError(t, err)
	assert.Contains(t, html, "ends without an answer after 40h of working time (office)")
}
