package cli_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/internal/cli"
	"latchkey/policy"
)

func TestPolicySchemaPrintsOneAndWritesAll(t *testing.T) {
	t.Parallel()
	code, out, words := starter(t, nil, "policy", "schema", "mover.yaml")
	require.Equal(t, cli.OK, code, words)
	assert.Contains(t, out, `"title": "Latchkey policy: mover.yaml"`)

	dir := filepath.Join(t.TempDir(), "schemas")
	code, out, words = starter(t, nil, "policy", "schema", "--out", dir)
	require.Equal(t, cli.OK, code, words)
	assert.Empty(t, out)
	written, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Len(t, written, len(policy.SchemaFiles()))

	for _, args := range [][]string{{}, {"movers.yaml"}, {"movers.yaml", "--out", dir}} {
		code, _, words = starter(t, nil, append([]string{"policy", "schema"}, args...)...)
		assert.Equal(t, cli.Usage, code)
		assert.Contains(t, words, "mover.yaml, ", "it says which there are")
	}
}
