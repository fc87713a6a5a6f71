package policy_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

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
