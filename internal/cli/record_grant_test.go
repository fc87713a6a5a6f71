package cli_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"gocloud.dev/blob/fileblob"

	"latchkey/evidence"
	"latchkey/internal/cli"
)

func TestTheRecordOfAGrantIsFoundByItsWorkflowID(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	bucket, err := fileblob.OpenBucket(dir, nil)
	require.NoError(t, err)
	_, err = evidence.NewStore(bucket).Under("grants/00u1/group-00g1").Put(t.Context(), evidence.Record{Ticket: 12, UseCase: "Grant", End: "done"})
	require.NoError(t, err)
	require.NoError(t, bucket.Close())
	blobs := "file://" + filepath.ToSlash(dir)

	code, out, words := starter(t, nil, "record", "12", "--grant", "grant/00u1/group:00g1", "--blobs", blobs)
	require.Equal(t, cli.OK, code, words)
	require.Contains(t, out, `"use_case": "Grant"`)
	code, _, _ = starter(t, nil, "record", "12", "--blobs", blobs)
	require.Equal(t, cli.NotFound, code, "it is none of the ticket's own")
	code, _, words = starter(t, nil, "record", "12", "--grant", "ticket/FS-12", "--blobs", blobs)
	require.Equal(t, cli.Usage, code)
	require.Contains(t, words, "starter grants")
}
