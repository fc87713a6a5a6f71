package playground

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/casework"
	"latchkey/policy"
)

// The copy of Acme's policies is in a hurry at any hour of the week, and its own tests still pass, but for those of alert
// rules: their windows are minutes in Acme's tests and seconds here.
func TestNoCalendarHoldsThePlaygroundUp(t *testing.T) {
	t.Parallel()
	from, err := findPolicies()
	require.NoError(t, err)
	to := filepath.Join(t.TempDir(), "policies")
	require.NoError(t, copyPolicies(from, to, nil))
	report, err := policy.RunTests(to)
	require.NoError(t, err)
	assert.NotEmpty(t, report.Cases)
	assert.Empty(t, slices.DeleteFunc(report.Failed(), func(c policy.CaseReport) bool { return c.Kind == "alert" }))

	route := func(folder string) policy.Route {
		p, err := policy.Load(folder)
		require.NoError(t, err)
		item, known := p.Item("tableau")
		require.True(t, known)
		r, err := p.Route(policy.RouteFacts{UseCase: casework.AccessRequest, Item: &item, Now: time.Now()})
		require.NoError(t, err)
		return r
	}
	for i, level := range route(from).Levels {
		assert.NotNil(t, level.Calendar, "Acme itself keeps office hours: %s", level.Name)
		assert.Nil(t, route(to).Levels[i].Calendar, level.Name)
	}
	assert.Equal(t, 20*time.Second, route(to).Levels[0].ExpireAfter)
	assert.Equal(t, 85*time.Hour, route(from).Levels[0].ExpireAfter)
	text, err := os.ReadFile(filepath.Join(to, "approvals.yaml"))
	require.NoError(t, err)
	assert.Contains(t, string(text), "calendars:", "what the calendars are is left alone")
	assert.NotContains(t, string(text), "calendar: london-office")
}

func TestCalendarsOfTheDemoAreSwitchedOffWhereverTheyStand(t *testing.T) {
	t.Parallel()
	const text = "calendars:\n  office: {zone: UTC}\n- {name: a, calendar: office, groups: []}\n  calendar: \"the office\"\n  calendar: london-office # why\nexpire_after: 14d # in the demo: 20s"
	const want = "calendars:\n  office: {zone: UTC}\n- {name: a, calendar: none, groups: []}\n  calendar: none\n  calendar: none # why\nexpire_after: 20s"
	assert.Equal(t, want, hurry(text))
}
