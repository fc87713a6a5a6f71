package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestEndpointsLeaveOutWhatDiffersFromCaseToCase(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"/api/v1/users/00u0B0000004ZLk9sim5/groups": "/api/v1/users/{id}/groups",
		"/api/v1/users/ben%40acme.example":          "/api/v1/users/{id}",
		"/api/v2/tickets/12/approval-groups":        "/api/v2/tickets/{id}/approval-groups",
		"/api/v1/groups/rules":                      "/api/v1/groups/rules",
	} {
		assert.Equal(t, "GET "+want, endpoint(call{method: http.MethodGet, path: path}))
	}
}

func TestOnlyRepeatedReadsAreNamed(t *testing.T) {
	t.Parallel()
	list := calls{
		{method: http.MethodGet, whole: "/a?x=1"},
		{method: http.MethodGet, whole: "/a?x=2"},
		{method: http.MethodGet, whole: "/a?x=1"},
		{method: http.MethodPost, whole: "/b"},
		{method: http.MethodPost, whole: "/b"},
	}
	assert.Equal(t, []string{"2 times /a?x=1"}, list.again())
	reads, writes := list.split()
	assert.Equal(t, []int{3, 2}, []int{reads, writes})
}

// The cheapest benchmarks, whole: what is printed is what is saved, and --only keeps one figure.
func TestFiguresArePrintedAndSaved(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "bench.ndjson")
	var table bytes.Buffer
	err := run(t.Context(), []string{"--only", "policy_route_us", "--policies", "../../examples/acme/policies", "--out", file}, &table, &progress{out: io.Discard})
	require.NoError(t, err)
	raw, err := os.ReadFile(file)
	require.NoError(t, err)
	lines := strings.Split(strings.TrimSpace(string(raw)), "\n")
	require.Len(t, lines, 1)
	var got map[string]any
	require.NoError(t, json.Unmarshal([]byte(lines[0]), &got))
	assert.Equal(t, "policy_route_us", got["name"])
	assert.Equal(t, "µs", got["unit"])
	assert.Greater(t, got["value"], 0.0)
	assert.NotEmpty(t, got["note"])
	assert.Contains(t, table.String(), "policy_route_us")
	assert.NotContains(t, table.String(), "policy_access_us")
}

func TestAnUnknownBenchmarkNamesTheKnownOnes(t *testing.T) {
	t.Parallel()
	err := run(t.Context(), []string{"--only", "nonsense"}, io.Discard, &progress{out: io.Discard})
	require.ErrorContains(t, err, "calls, bulk, bridge, policy, snapshot, simulators")
}
