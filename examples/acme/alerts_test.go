package acme_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/policy"
)

func TestTheAlertRulesPassTheirOwnTests(t *testing.T) {
	t.Parallel()
	report, err := policy.RunAlertTests("policies/alerts")
	require.NoError(t, err)
	assert.NotEmpty(t, report.Cases)
	assert.Empty(t, report.Failed())
}

// The examples of the customer's page are there by name, and so are the eighteen rules of a default pack.
func TestTheDefaultPackIsWhole(t *testing.T) {
	t.Parallel()
	alerts, err := policy.LoadAlerts("policies/alerts")
	require.NoError(t, err)
	assert.GreaterOrEqual(t, len(alerts.Rules()), 18)
	names := map[string]bool{}
	for _, r := range alerts.Rules() {
		names[r.Name] = true
	}
	for _, name := range []string{"Brute force", "Impossible travel", "MFA fatigue", "MFA failures", "Suspicious login", "Policy violation"} {
		assert.True(t, names[name], name)
	}
}
