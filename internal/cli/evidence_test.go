package cli_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"latchkey/evidence"
	"latchkey/internal/app"
	"latchkey/internal/cli"
)

// records is a store with three runs of ticket 12.
func records(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "store")
	bucket, err := app.OpenBlobs(t.Context(), dir)
	require.NoError(t, err)
	store := evidence.NewStore(bucket)
	for run := range 3 {
		_, err := store.Put(t.Context(), evidence.Record{Ticket: 12, Run: run, UseCase: "Offboarding", End: "done", Summary: "run", StartedAt: noon(), EndedAt: noon()})
		require.NoError(t, err)
	}
	require.NoError(t, bucket.Close())
	return dir
}

func TestRecordsArePrintedAndVerifiedOffline(t *testing.T) {
	t.Parallel()
	store := records(t)
	code, chain, words := starter(t, nil, "record", "12", "--all", "--blobs", store)
	require.Equal(t, cli.OK, code, words)
	_, newest, _ := starter(t, nil, "record", "12", "--blobs", store)
	_, first, _ := starter(t, nil, "record", "12", "--run", "0", "--blobs", store)

	put := func(text string) string {
		path := filepath.Join(t.TempDir(), "records.json")
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		return path
	}
	altered := bytes.Replace([]byte(chain), []byte(`"Offboarding"`), []byte(`"offboarding"`), 1)
	tests := []struct {
		name  string
		files []string
		code  cli.Exit
		out   string
		words string
	}{
		{"the whole chain", []string{put(chain)}, cli.OK, "FS-12  ok  3 records", ""},
		{"one after another, in any order", []string{put(newest + first)}, cli.Failed, "BROKEN", ""},
		{"the newest alone", []string{put(newest)}, cli.OK, "FS-12  ok  1 record ", "which was not given"},
		{"the first alone", []string{put(first)}, cli.OK, "FS-12  ok  1 record ", ""},
		{"altered", []string{put(string(altered))}, cli.Failed, "BROKEN", ""},
		{"the newest, altered", []string{put(string(bytes.Replace([]byte(newest), []byte(`"run"`), []byte(`"run "`), 1)))}, cli.Failed, "BROKEN", ""},
		{"no record", []string{put("{}")}, cli.Failed, "BROKEN", ""},
		{"nothing", []string{put("")}, cli.Failed, "", "holds no record"},
		{"no JSON", []string{put("# FS-12")}, cli.Failed, "", "not JSON"},
		{"no file", []string{filepath.Join(store, "none.json")}, cli.NotFound, "", "none.json"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			code, out, words := starter(t, nil, append([]string{"verify-evidence"}, test.files...)...)
			require.Equal(t, test.code, code, words)
			require.Contains(t, out, test.out)
			require.Contains(t, words, test.words)
		})
	}
}

func TestRecordFormats(t *testing.T) {
	t.Parallel()
	store := records(t)
	for format, want := range map[string]string{"json": `"ticket": 12`, "md": "# FS-12", "html": "<html", "csv": "ticket,run,"} {
		code, out, words := starter(t, nil, "record", "12", "--format", format, "--blobs", store)
		require.Equal(t, cli.OK, code, words)
		require.Contains(t, out, want, format)
	}
	code, _, words := starter(t, nil, "record", "99", "--blobs", store)
	require.Equal(t, cli.NotFound, code)
	require.Contains(t, words, "starter status 99")
	code, _, _ = starter(t, nil, "record", "12", "--run", "7", "--blobs", store)
	require.Equal(t, cli.NotFound, code)
}
