package acme_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/policy"
)

func TestThePoliciesPassTheirOwnTests(t *testing.T) {
	t.Parallel()
	report, err := policy.RunTests("policies")
	require.NoError(t, err)
	assert.NotEmpty(t, report.Cases)
	assert.Empty(t, report.Failed())
}
