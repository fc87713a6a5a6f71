package policy_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/policy"
)

func TestABacktestSaysWhatWouldHaveHappened(t *testing.T) {
	t.Parallel()
	a, err := policy.LoadAlerts(alertFolder(t, map[string]string{"a.yaml": alertRule +
		"    on: [user.session.start]\n    when: event.outcome == \"FAILURE\"\n    count: {at_least: 2, within: 10m}\n" +
		"  gone:\n    name: Gone\n    severity: S3\n    key: [subject]\n    on: [user.mfa.factor.reset_all]\n    absence: {of: [user.mfa.factor.activate], within: 24h}\n"}))
	require.NoError(t, err)
	line := func(uuid, kind, who string, minute int) string {
		at := time.Date(2026, 3, 4, 2, minute, 0, 0, time.UTC)
		return fmt.Sprintf(`{"uuid":%q,"published":%q,"eventType":%q,"actor":{"id":%q,"type":"User"},"outcome":{"result":"FAILURE"}}`, uuid, at.Format(time.RFC3339), kind, who)
	}
	file := strings.Join([]string{
		line("u1", "user.session.start", "ada", 0), "not an event", line("u2", "user.mfa.factor.reset_all", "ada", 1), "",
		line("u3", "user.session.start", "ada", 2), line("u3", "user.session.start", "ada", 2), line("u4", "user.session.start", "ada", 3),
		line("u5", "user.session.end", "ada", 4), line("u6", "user.session.start", "bob", 5),
	}, "\n")
	var skipped []int
	events, summary, err := a.Backtest(strings.NewReader(file), func(n int, err error) {
		require.Error(t, err)
		skipped = append(skipped, n)
	})
	require.NoError(t, err)
	assert.Equal(t, []int{2}, skipped)
	assert.Equal(t, policy.BacktestSummary{Events: 7, Incidents: 2, ByRule: map[string]int{"r": 1, "gone": 1}}, summary)
	var said []string
	for _, e := range events {
		rule, _, _ := strings.Cut(e.Incident, "/")
		said = append(said, strings.TrimSpace(fmt.Sprint(e.UUID, " ", e.Hits, " ", rule)))
	}
	assert.Equal(t, []string{
		"u1 [{r counted}] r", "u2 [{gone fired}] gone", "u3 [{r fired}] r", "u3 []", "u4 [{r counted}] r", "u5 []", "u6 [{r counted}]",
	}, said)

	var out bytes.Buffer
	require.NoError(t, policy.WriteBacktest(&out, events, summary))
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	require.Len(t, lines, 8)
	assert.JSONEq(t, `{"uuid":"u5","event_type":"user.session.end","hits":[],"incident":""}`, lines[5])
	assert.JSONEq(t, `{"summary":{"events":7,"incidents":2,"by_rule":{"r":1,"gone":1}}}`, lines[7])
	var first policy.BacktestEvent
	require.NoError(t, json.Unmarshal([]byte(lines[0]), &first))
	assert.Equal(t, events[0], first)

	_, _, err = a.Backtest(strings.NewReader(strings.Repeat("x", 5<<20)), func(int, error) {})
	require.ErrorContains(t, err, "write one event a line")
}
