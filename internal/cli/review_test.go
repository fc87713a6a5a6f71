package cli_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/internal/cli"
)

// starterIn runs a command line with something on standard input.
func starterIn(t *testing.T, input string, args ...string) (code cli.Exit, out, words string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code = cli.Run(t.Context(), args, cli.Factory{Streams: cli.Streams{In: strings.NewReader(input), Out: &stdout, Err: &stderr}})
	return code, stdout.String(), stderr.String()
}

func TestReviewKeysComeInPairs(t *testing.T) {
	code, out, words := starter(t, nil, "review", "key", "--new")
	require.Equal(t, cli.OK, code, words)
	pair := strings.Fields(out)
	require.Len(t, pair, 2)
	assert.NotEqual(t, pair[0], pair[1])
	code, again, _ := starterIn(t, pair[0], "review", "key")
	require.Equal(t, cli.OK, code)
	assert.Equal(t, pair[1], strings.TrimSpace(again))
	code, _, words = starterIn(t, "too short", "review", "key")
	assert.Equal(t, cli.Failed, code)
	assert.NotContains(t, words, "too short", "a key is never repeated")
}

func TestAnEvidencePackIsCheckedOffline(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.CopyFS(dir, os.DirFS(filepath.Join("..", "..", "evidence", "testdata", "campaign"))))
	code, out, words := starter(t, nil, "review", "verify", dir)
	require.Equal(t, cli.OK, code, words)
	assert.Contains(t, out, "ok")
	assert.Contains(t, words, "--digest")
	require.NoError(t, os.WriteFile(filepath.Join(dir, "items.csv"), []byte("altered"), 0o600))
	code, _, words = starter(t, nil, "review", "verify", dir)
	assert.Equal(t, cli.Failed, code)
	assert.Contains(t, words, "items.csv")
	code, _, _ = starter(t, nil, "review", "verify", filepath.Join(dir, "nowhere"))
	assert.Equal(t, cli.NotFound, code)
}

func TestACampaignsNameIsCheckedBeforeAnythingIsAsked(t *testing.T) {
	for _, args := range [][]string{{"start", "../x"}, {"status", "a b"}, {"link", "2026-Q4", "not an id!"}, {"start", "--scope", "true"}} {
		code, _, words := starter(t, nil, append([]string{"review"}, args...)...)
		assert.NotEqual(t, cli.OK, code, args)
		assert.NotEmpty(t, words)
	}
}
