package policy_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/detection"
	"latchkey/policy"
)

// The manual's examples load and pass, and every key, field and variable that an error offers is in the manual.
func TestTheManualOfAlertRules(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("..", "docs", "alerts.md"))
	require.NoError(t, err)
	manual := string(text)
	blocks := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(manual, -1)
	require.Len(t, blocks, 3)
	failures := "rules:\n  mfa_fatigue: {name: F, severity: S2, key: [subject], on: [user.mfa.attempt_bypass]}\n" +
		"  mfa_failures: {name: G, severity: S3, key: [subject], on: [user.mfa.attempt_bypass]}\n"
	report, err := policy.RunAlertTests(alertFolder(t, map[string]string{
		"rule.yaml": blocks[0][1], "noise.yaml": blocks[1][1], "other.yaml": failures, "tests/t.yaml": blocks[2][1],
	}))
	require.NoError(t, err)
	require.NotEmpty(t, report.Cases)
	assert.Empty(t, report.Cases[0].Problems)

	probe := "x: 1\nrules: {r: {x: 1, on: [user.session.start], when: event.x == 1, raise: [{x: 1}], count: {x: 1}, distinct: {x: 1}, sequence: {x: 1, steps: [{x: 1}]}, " +
		"absence: {x: 1}, first_seen: {x: 1}, score: {x: 1, blocks: {b: {x: 1}}}}}\ninhibit: [{x: 1}]\nmute_times: {m: {x: 1}}\nlimits: {x: 1}\n"
	_, err = policy.LoadAlerts(alertFolder(t, map[string]string{"a.yaml": probe}))
	require.Error(t, err)
	words := append(detection.Fields(), "in_cidr")
	for _, p := range policy.Problems(err) {
		for _, mark := range []string{"allowed: ", "an event has: "} {
			if _, list, found := strings.Cut(p.Message, mark); found {
				words = append(words, strings.Split(list, ", ")...)
			}
		}
	}
	require.Greater(t, len(words), 80)
	for _, word := range words {
		assert.Regexp(t, `\b`+regexp.QuoteMeta(word)+`\b`, manual)
	}
}
