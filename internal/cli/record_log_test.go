package cli_test

import (
	"encoding/json"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gocloud.dev/blob/fileblob"

	"latchkey/contract"
	"latchkey/internal/cli"
)

func TestWhatTheLogShowedOfACaseIsPrintedInOrder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	bucket, err := fileblob.OpenBucket(dir, nil)
	require.NoError(t, err)
	for i, uuid := range []string{"c", "a", "b"} { // the later, the earlier
		id := contract.TicketWorkflowID(12)
		raw, err := json.Marshal(contract.LogNote{Case: id, Change: "suspend", UUID: uuid, Type: "user.lifecycle.suspend", Published: noon().Add(-time.Duration(i) * time.Minute)})
		require.NoError(t, err)
		require.NoError(t, bucket.WriteAll(t.Context(), contract.LogNoteFolder(id)+uuid+".json", raw, nil))
	}
	require.NoError(t, bucket.WriteAll(t.Context(), contract.LogNoteFolder(contract.TicketWorkflowID(123))+"x.json", []byte("{}"), nil))
	require.NoError(t, bucket.Close())
	blobs := "file://" + filepath.ToSlash(dir)

	code, out, words := starter(t, nil, "record", "12", "--log", "--blobs", blobs)
	require.Equal(t, cli.OK, code, words)
	var notes []contract.LogNote
	require.NoError(t, json.Unmarshal([]byte(out), &notes))
	require.Len(t, notes, 3)
	assert.Equal(t, []string{"b", "a", "c"}, []string{notes[0].UUID, notes[1].UUID, notes[2].UUID})

	code, out, _ = starter(t, nil, "record", "13", "--log", "--blobs", blobs)
	assert.Equal(t, cli.OK, code)
	assert.JSONEq(t, "[]", out)
}
