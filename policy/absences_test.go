package policy_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/policy"
)

func TestAbsences(t *testing.T) {
	t.Parallel()
	p, err := withApprovals(t, `
absences:
  - {who: Mara@acme.example, from: 2026-12-21, until: 2026-12-31, instead: Rosa@acme.example, why: on leave}
  - {who: mara@acme.example, from: 2027-02-01, until: 2027-02-02, instead: omar@acme.example, why: a course}
  - {who: rosa@acme.example, from: 2026-12-24T12:00:00+01:00, until: 2026-12-26, instead: omar@acme.example, why: ill}
  - {who: omar@acme.example, from: 2026-12-26, until: 2026-12-27, instead: mara@acme.example, why: ill}
routes: []
`)
	require.NoError(t, err)
	tests := map[string]struct {
		who, now, instead, why string
	}{
		"the moment before":           {"mara@acme.example", "2026-12-20T23:59:59Z", "", ""},
		"from the first day":          {"MARA@acme.example", "2026-12-21T00:00:00Z", "rosa@acme.example", "on leave"},
		"to the end of the last":      {"mara@acme.example", "2026-12-31T23:59:59Z", "rosa@acme.example", "on leave"},
		"and not longer":              {"mara@acme.example", "2027-01-01T00:00:00Z", "", ""},
		"another time":                {"mara@acme.example", "2027-02-01T10:00:00Z", "omar@acme.example", "a course"},
		"before a moment":             {"rosa@acme.example", "2026-12-24T10:59:59Z", "", ""},
		"from a moment on":            {"rosa@acme.example", "2026-12-24T11:00:00Z", "omar@acme.example", "ill"},
		"the stand-in is away too":    {"mara@acme.example", "2026-12-25T10:00:00Z", "omar@acme.example", "on leave"},
		"nobody is left":              {"mara@acme.example", "2026-12-26T10:00:00Z", "", "on leave"},
		"nor to stand in for another": {"rosa@acme.example", "2026-12-26T10:00:00Z", "", "ill"},
		"somebody who is here":        {"ben@acme.example", "2026-12-25T10:00:00Z", "", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			now, err := time.Parse(time.RFC3339, tt.now)
			require.NoError(t, err)
			instead, absence, found := p.StandIn(tt.who, now)
			assert.Equal(t, tt.instead, instead)
			assert.Equal(t, tt.instead != "", found)
			assert.Equal(t, tt.why, absence.Why)
		})
	}
	both := []string{"Rosa@acme.example", "mara@acme.example"}
	assert.Equal(t, "2026-12-24T11:00:00Z", p.NextAbsence(both, time.Date(2026, 12, 21, 0, 0, 0, 0, time.UTC)).Format(time.RFC3339))
	assert.Equal(t, "2027-02-01T00:00:00Z", p.NextAbsence(both, time.Date(2026, 12, 30, 0, 0, 0, 0, time.UTC)).Format(time.RFC3339))
	assert.True(t, p.NextAbsence(both, time.Date(2027, 2, 2, 0, 0, 0, 0, time.UTC)).IsZero())
	assert.True(t, p.NextAbsence([]string{"ben@acme.example", ""}, time.Time{}).IsZero())
}

func TestAbsencesAreRefusedWithPlaceAndWayOut(t *testing.T) {
	t.Parallel()
	absence := func(from, until, instead string) string {
		return "  - {who: a@b.example, from: " + from + ", until: " + until + ", instead: " + instead + ", why: away}\n"
	}
	tests := map[string]struct {
		text string
		want []string
	}{
		"of whom": {"  - {from: 2026-12-21}\n", []string{
			`approvals.yaml:2:5: an absence lacks "who"; it takes: from, instead, until, who, why`, `approvals.yaml:2:5: an absence lacks "until"`,
			`approvals.yaml:2:5: an absence lacks "instead"`, `approvals.yaml:2:5: an absence lacks "why"`,
		}},
		"no day":      {absence("soon", "2026-12-21", "c@b.example"), []string{`approvals.yaml:2:30: has to be a date such as 2026-12-21 or 2026-12-21T08:00:00+01:00, found the text "soon"`}},
		"no end":      {absence("2026-12-21", "later", "c@b.example"), []string{`approvals.yaml:2:49: has to be a date such as 2027-03-31 or 2027-03-31T18:00:00Z, found the text "later"`}},
		"backwards":   {absence("2026-12-21", "2026-12-20", "c@b.example"), []string{"approvals.yaml:2:5: the absence ends before it begins"}},
		"oneself":     {absence("2026-12-21", "2026-12-22", "A@b.example"), []string{"approvals.yaml:2:5: a@b.example cannot stand in for themselves"}},
		"overlapping": {absence("2026-12-21", "2026-12-22", "c@b.example") + absence("2026-12-22", "2026-12-23", "d@b.example"), []string{"approvals.yaml:3:5: another absence of a@b.example falls into the same time"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := withApprovals(t, "absences:\n"+tt.text+"routes: []\n")
			refused(t, err, tt.want)
		})
	}
	_, err := withApprovals(t, "absences:\n"+absence("2026-12-21", "2026-12-21", "c@b.example")+absence("2026-12-22", "2026-12-23", "d@b.example")+"routes: []\n")
	require.NoError(t, err, "one day, and then the next")
}

func TestPolicyTestsStateAbsences(t *testing.T) {
	t.Parallel()
	const approvals = `absences:
  - {who: mara@acme.example, from: 2026-01-10, until: 2026-01-20, instead: rosa@acme.example, why: on leave}
routes: []
`
	r, err := policy.RunTests(folder(t, map[string]string{"approvals.yaml": approvals, "tests/leavers.yaml": "", "tests/people.yaml": "", "tests/access.yaml": `
absences:
  - {name: right, who: mara@acme.example, expect: {instead: rosa@acme.example, why: on leave}}
  - {name: here, who: mara@acme.example, now: 2026-01-21T00:00:00Z, expect: {instead: none, why: none}}
  - {name: wrong, who: mara@acme.example, expect: {instead: none}}
`}))
	require.NoError(t, err)
	require.Len(t, r.Cases, 3)
	failed := r.Failed()
	require.Len(t, failed, 1)
	assert.Equal(t, "absence", failed[0].Kind)
	assert.Equal(t, []string{"line 5: instead: want none, got rosa@acme.example"}, failed[0].Problems)
}
