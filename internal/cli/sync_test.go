package cli_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	sdktemporal "go.temporal.io/sdk/temporal"

	"latchkey/casework"
	"latchkey/contract"
	"latchkey/internal/cli"
)

func TestSyncShowsWhatDiffers(t *testing.T) {
	t.Parallel()
	line := contract.SyncLine{
		OktaUserID: "00u1", Attribute: "title", Owner: casework.SideOkta, Kind: casework.DriftWrite, Wanted: "Director", Has: "Ana\nlyst", Why: "because",
	}
	f := &fake{answer: contract.SyncResult{OktaUserID: "00u1", End: contract.SyncObserved, Mode: casework.ModeObserve, Lines: []contract.SyncLine{line}}}
	code, out, _ := starter(t, f, "sync", "--dry-run", "--person", "Ada@acme.example")
	assert.Equal(t, cli.Pending, code, "something differs")
	for _, want := range []string{"observe", "observed", "title", "okta", "write", "Director", "because", "Ana lyst"} {
		assert.Contains(t, out, want)
	}
	require.Len(t, f.starts, 1)
	assert.NotContains(t, f.starts[0].ID+f.starts[0].StaticSummary, "ada", "an ID is never encrypted")

	f = &fake{answer: contract.SyncAllResult{Mode: casework.ModeAct, Counts: contract.SyncCounts{People: 40, Differ: 1}, Lines: []contract.SyncLine{line}, Reports: []string{"sync/reports/x"}}}
	code, out, _ = starter(t, f, "sync", "--dry-run")
	assert.Equal(t, cli.Pending, code)
	assert.Contains(t, out, "40 people")
	assert.Contains(t, out, "sync/reports/x")

	code, out, _ = starter(t, &fake{answer: contract.SyncAllResult{Counts: contract.SyncCounts{People: 40}}}, "sync", "--dry-run", "--json")
	assert.Equal(t, cli.OK, code, "both sides are alike")
	assert.Contains(t, out, `"people": 40`)
}

func TestSyncNudgesOnePerson(t *testing.T) {
	t.Parallel()
	code, out, words := starter(t, &fake{answer: contract.SyncResult{OktaUserID: "00u1", End: contract.SyncNudged}}, "sync", "--person", "ada@acme.example")
	assert.Equal(t, cli.OK, code, words)
	assert.Contains(t, out, "sync/00u1")
	code, _, words = starter(t, &fake{answer: contract.SyncResult{End: contract.SyncNobody, Why: "0 accounts in Okta have this address"}}, "sync", "--person", "ada@acme.example")
	assert.Equal(t, cli.NotFound, code)
	assert.Contains(t, words, "0 accounts")
}

func TestSyncSaysWhyItCannot(t *testing.T) {
	t.Parallel()
	code, _, words := starter(t, &fake{}, "sync")
	assert.Equal(t, cli.Usage, code)
	assert.Contains(t, words, "--dry-run")
	code, _, words = starter(t, &fake{}, "sync", "--person", "Ada")
	assert.Equal(t, cli.Usage, code)
	assert.Contains(t, words, "e-mail address")
	code, _, words = starter(t, &fake{err: sdktemporal.NewApplicationError("while reading: no key", string(casework.Unauthorized))}, "sync", "--dry-run")
	assert.Equal(t, cli.Unauthorised, code)
	assert.Contains(t, words, "no key")
}
