package policy_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/casework"
	"latchkey/detection"
	"latchkey/policy"
)

const oneRule = `rules:
  locked:
    name: Account locked
    severity: S3
    on: [user.account.lock]
    key: [subject]
`

// withRules is the good policy with a folder of alert rules.
func withRules(t *testing.T, text string) string {
	t.Helper()
	dir := folder(t, nil)
	require.NoError(t, os.Mkdir(filepath.Join(dir, "alerts"), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "alerts", "rules.yaml"), []byte(text), 0o600))
	return dir
}

func TestThePolicyHoldsTheRulesOfItsFolder(t *testing.T) {
	t.Parallel()
	without, err := policy.Load(folder(t, nil))
	require.NoError(t, err)
	assert.Nil(t, without.Alerts())

	with, err := policy.Load(withRules(t, oneRule))
	require.NoError(t, err)
	require.NotNil(t, with.Alerts())
	rule, ok := with.Alerts().Rule("locked")
	assert.True(t, ok)
	assert.Equal(t, "Account locked", rule.Name)
	assert.NotEqual(t, without.Digest(), with.Digest(), "an edit of a rule is an edit of the policy")
}

func TestABrokenRuleIsToldWithItsPlace(t *testing.T) {
	t.Parallel()
	_, err := policy.Load(withRules(t, "rules: {x: {name: X, severity: S9, on: [user.account.lock], key: [subject]}}\n"))
	require.Error(t, err)
	assert.Contains(t, err.Error(), "alerts/rules.yaml:1:32: unknown value \"S9\"")
}

func key(rule string, parts ...string) detection.Key {
	k := detection.Key{Rule: rule, Hash: "00"}
	for i := 0; i < len(parts); i += 2 {
		k.Parts = append(k.Parts, detection.KeyPart{Name: parts[i], Value: parts[i+1]})
	}
	return k
}

func routed(t *testing.T, text string) *policy.Policy {
	t.Helper()
	dir := withRules(t, oneRule)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "alerts.yaml"), []byte(text), 0o600))
	p, err := policy.Load(dir)
	require.NoError(t, err)
	return p
}

func TestSeverityDecidesWherePolicySaysNothing(t *testing.T) {
	t.Parallel()
	p := routed(t, "{}\n")
	assert.Equal(t, casework.ModeObserve, p.Mode(casework.SecurityAlert), "a new installation only looks")
	type level struct{ priority, urgency, impact int }
	for severity, want := range map[detection.Severity]level{
		detection.S1: {4, 3, 3}, detection.S2: {3, 3, 2}, detection.S3: {2, 2, 2}, detection.S4: {1, 1, 1},
	} {
		r := p.AlertRoute(policy.AlertFacts{Key: key("locked"), Severity: severity})
		assert.Equal(t, want, level{r.Priority, r.Urgency, r.Impact}, severity)
		assert.Equal(t, severity != detection.S4, r.Ticket, "the least are recorded")
	}
	assert.Zero(t, p.AlertRoute(policy.AlertFacts{Key: key("locked"), Severity: detection.S1}).Wait, "the worst do not wait")
	r := p.AlertRoute(policy.AlertFacts{Key: key("locked")})
	assert.Equal(t, detection.S3, r.Severity, "the rule's own")
	assert.Equal(t, 24*time.Hour, r.Quiet, "the rule's own")
	assert.Equal(t, policy.CloseUntouched, r.Close)
}

func TestTheFirstRouteThatFitsCountsOverWhatIsCommon(t *testing.T) {
	t.Parallel()
	p := routed(t, `mode: act
chat: {soc: slack, boss: teams}
common: {group: Security, category: Security, tags: [okta], chat: [soc]}
routes:
  - {name: fails, when: alert.key.ip.startsWith("192"), group: Nobody}
  - {name: worst, when: alert.severity == "S1", chat: [boss], priority: high, wait: 30s}
  - {name: one person, when: 'alert.key.subject == "00u1"', ticket: false, close: never, reopen_within: 0s, quiet: 1h}
`)
	r := p.AlertRoute(policy.AlertFacts{Key: key("locked", "subject", "00u2"), Severity: detection.S1})
	assert.Equal(t, "worst", r.Name)
	assert.Equal(t, []policy.ChatTarget{{Name: "boss", Kind: policy.ChatTeams}}, r.Chat)
	assert.Equal(t, 3, r.Priority)
	assert.Equal(t, 30*time.Second, r.Wait)
	assert.Equal(t, "Security", r.Group)

	r = p.AlertRoute(policy.AlertFacts{Key: key("locked", "subject", "00u1"), Severity: detection.S3})
	assert.False(t, r.Ticket)
	assert.Equal(t, policy.CloseNever, r.Close)
	assert.Zero(t, r.Reopen)
	assert.Equal(t, time.Hour, r.Quiet)

	r = p.AlertRoute(policy.AlertFacts{Key: key("locked", "subject", "00u3"), Severity: detection.S3})
	assert.Empty(t, r.Name, "no route fits, what is common holds")
	assert.Equal(t, []policy.ChatTarget{{Name: "soc", Kind: policy.ChatSlack}}, r.Chat)

	assert.Equal(t, map[string]string{"alerts.yaml, common": "Security", "alerts.yaml, route fails": "Nobody"}, p.AlertGroups())
	assert.Equal(t, policy.AlertCategory{Category: "Security"}, p.AlertCategories()["alerts.yaml, common"])
}

func TestAStormAndARuleThatIsGoneHaveARouteToo(t *testing.T) {
	t.Parallel()
	p := routed(t, "mode: act\n")
	storm := p.AlertRoute(policy.AlertFacts{Key: key(detection.Storm), Severity: detection.S2})
	assert.Equal(t, "Storm of alerts", storm.Rule.Name)
	assert.NotEmpty(t, storm.Rule.FirstSteps)
	gone := p.AlertRoute(policy.AlertFacts{Key: key("removed")})
	assert.Equal(t, "removed", gone.Rule.Name)
	assert.True(t, gone.Ticket)
	assert.Positive(t, gone.Quiet)
}

func TestARulesOwnWaitCounts(t *testing.T) {
	t.Parallel()
	dir := withRules(t, "rules: {locked: {name: L, severity: S1, on: [user.account.lock], key: [subject], wait: 2m, quiet: 3h}}\n")
	p, err := policy.Load(dir)
	require.NoError(t, err)
	r := p.AlertRoute(policy.AlertFacts{Key: key("locked")})
	assert.Equal(t, 2*time.Minute, r.Wait, "it waits for our own journal")
	assert.Equal(t, 3*time.Hour, r.Quiet)
}

func TestWhatIsWrongInAlertsIsToldWithItsPlace(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ text, want string }{
		"channel":   {"common: {chat: [soc]}\n", `alerts.yaml:1:17: there is no channel "soc"`},
		"vendor":    {"chat: {soc: irc}\n", `alerts.yaml:1:13: unknown value "irc"; allowed: slack, teams`},
		"name":      {"chat: {So C: slack}\n", `a channel is called by small letters, digits, - and _`},
		"condition": {"routes: [{name: a, when: alert.sverity == \"S1\"}]\n", "undefined field 'sverity'"},
		"tag":       {"common: {tags: [\"a:b\"]}\n", `alerts.yaml:1:16: a tag has no colon`},
		"twice":     {"routes: [{name: a}, {name: a}]\n", `a second route is called "a"`},
		"interval":  {"common: {interval: 0s}\n", "has to be 1s or more"},
		"priority":  {"common: {priority: 4}\n", `unknown value the number 4; allowed: low, medium, high, urgent`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := policy.Load(folder(t, map[string]string{"alerts.yaml": test.text}))
			require.ErrorContains(t, err, test.want)
		})
	}
}
