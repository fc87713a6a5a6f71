package casework_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"latchkey/casework"
)

var nine = time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)

func mark(ticket int64, at time.Time, kinds ...casework.ResetKind) casework.ResetMark {
	return casework.ResetMark{Ticket: ticket, Role: casework.ResetTarget, Kinds: kinds, At: at, Keep: at.Add(7 * 24 * time.Hour)}
}

func TestTheFirewall(t *testing.T) {
	t.Parallel()
	limits := casework.ResetLimits{CoolDown: 24 * time.Hour, Most: 3, Window: 7 * 24 * time.Hour}
	password, unlock, factors := casework.ResetPassword, casework.ResetUnlock, casework.ResetAllFactors
	hours := func(n int) time.Time { return nine.Add(time.Duration(n) * time.Hour) }
	tests := map[string]struct {
		before []casework.ResetMark
		ask    casework.ResetMark
		retry  time.Time // zero: admitted
	}{
		"the first":                          {ask: mark(1, nine, password)},
		"within the cool-down":               {before: []casework.ResetMark{mark(1, nine, password)}, ask: mark(2, hours(23), password), retry: hours(24)},
		"an unlock after a password reset":   {before: []casework.ResetMark{mark(1, nine, password)}, ask: mark(2, hours(1), unlock), retry: hours(24)},
		"another matter":                     {before: []casework.ResetMark{mark(1, nine, password)}, ask: mark(2, hours(1), factors)},
		"when the cool-down is over":         {before: []casework.ResetMark{mark(1, nine, password)}, ask: mark(2, hours(24), password)},
		"the same ticket asks again":         {before: []casework.ResetMark{mark(1, nine, password)}, ask: mark(1, hours(1), password)},
		"a later run of the ticket":          {before: []casework.ResetMark{mark(1, nine, password)}, ask: casework.ResetMark{Ticket: 1, Run: 1, Role: casework.ResetTarget, Kinds: []casework.ResetKind{password}, At: hours(1)}, retry: hours(24)},
		"the fourth in a week":               {before: []casework.ResetMark{mark(1, nine, password), mark(2, hours(48), password), mark(3, hours(96), password)}, ask: mark(4, hours(130), password), retry: hours(168)},
		"the fourth once the first is old":   {before: []casework.ResetMark{mark(1, nine, password), mark(2, hours(48), password), mark(3, hours(96), password)}, ask: mark(4, hours(168), password)},
		"what was asked for others is apart": {before: []casework.ResetMark{{Ticket: 9, Role: casework.ResetRequester, Kinds: []casework.ResetKind{password}, At: nine}}, ask: mark(2, hours(1), password)},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := casework.JudgeReset(tt.before, tt.ask, limits)
			assert.Equal(t, tt.retry.IsZero(), v.Admitted)
			assert.Equal(t, tt.retry, v.RetryAt)
			assert.Equal(t, v.Admitted, v.Why == "")
		})
	}
}

// Whatever is asked when, no window holds more than policy allows, no two of one matter stand within the cool-down, and
// who waits as long as told is let through.
func TestTheFirewallNeverLetsMoreThrough(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		limits := casework.ResetLimits{
			CoolDown: time.Duration(rapid.IntRange(0, 48).Draw(t, "cool")) * time.Hour,
			Most:     rapid.IntRange(1, 4).Draw(t, "most"), Window: time.Duration(rapid.IntRange(1, 200).Draw(t, "window")) * time.Hour,
		}
		var books []casework.ResetMark
		var passed []time.Time
		now := nine
		for ticket := range int64(rapid.IntRange(1, 25).Draw(t, "asks")) {
			now = now.Add(time.Duration(rapid.IntRange(0, 60).Draw(t, "wait")) * time.Hour)
			ask := mark(ticket+1, now, casework.ResetPassword)
			ask.Keep = now.Add(limits.Keep())
			v := casework.JudgeReset(books, ask, limits)
			if !v.Admitted {
				require.True(t, v.RetryAt.After(now))
				later := ask
				for range 30 { // each waiting shows the next limit; they run out
					later.At = v.RetryAt
					if v = casework.JudgeReset(books, later, limits); v.Admitted {
						break
					}
				}
				require.True(t, v.Admitted, "who waits is let through")
				continue
			}
			books = casework.Marked(books, ask)
			passed = append(passed, now)
		}
		for i, at := range passed {
			within := 0
			for _, other := range passed[:i] {
				require.GreaterOrEqual(t, at.Sub(other), limits.CoolDown)
				if at.Sub(other) < limits.Window {
					within++
				}
			}
			require.Less(t, within, limits.Most)
		}
	})
}

func TestMarksAreKeptOnlyWhileTheyMatter(t *testing.T) {
	t.Parallel()
	books := casework.Marked(nil, mark(1, nine, casework.ResetPassword))
	books = casework.Marked(books, mark(1, nine, casework.ResetPassword))
	require.Len(t, books, 1, "marked twice is marked once")
	assert.Len(t, casework.KeptMarks(books, nine.Add(7*24*time.Hour-time.Second)), 1)
	assert.Empty(t, casework.KeptMarks(books, nine.Add(7*24*time.Hour)))
}
