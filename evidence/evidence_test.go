package evidence_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gocloud.dev/blob"
	"gocloud.dev/blob/fileblob"
	"gocloud.dev/blob/memblob"
	"pgregory.net/rapid"

	"latchkey/evidence"
	"latchkey/identity"
)

func sample(ticket int64, run int) evidence.Record {
	at := time.Date(2026, 12, 4, 17, 0, 0, 0, time.UTC)
	return evidence.Record{
		Ticket: ticket, Run: run, UseCase: "Offboarding", Mode: "act", End: "residuals", Summary: "Offboarding: done.",
		Subject:   evidence.Subject{OktaUserID: "00u1", Name: "Ada Byron", Address: "ada@acme.example"},
		Asked:     evidence.Asked{By: "Grace", Subject: `<script>alert(1)</script>`, Reason: `=HYPERLINK("http://x")`, Fields: map[string]any{"last_day": "2026-12-04"}},
		StartedAt: at, EndedAt: at.Add(time.Hour),
		Units: []evidence.Unit{{
			Key: "plan", Title: "Leaver | *plan*", PlanDigest: "abc", ApprovedBy: "levels",
			Decisions: []evidence.Decision{{Level: "manager", By: "Grace", Decision: "approved", At: at, Remark: `"><img src=x>`, Counted: true}},
			Kept:      []evidence.Kept{{Object: identity.Entitlement{Kind: "app", ID: "0oa1", Name: "Mail"}, Why: "handover", Who: "Ops"}},
		}},
		Changes: []evidence.Change{{ID: "suspend account:00u1", Verb: "suspend", Object: identity.Entitlement{Kind: "account", ID: "00u1", Name: "+cmd"}, Outcome: "done", At: at}},
		Proofs:  []evidence.Proof{{What: "account is DEPROVISIONED", Proved: true, Saw: "DEPROVISIONED", At: at}},
		Left:    []evidence.Left{{Object: identity.Entitlement{Kind: "group", ID: "00g1", Name: "AD Users"}, Why: "imported", Owner: "Directory Team"}},
	}
}

func buckets(t *testing.T) map[string]*blob.Bucket {
	t.Helper()
	folder, err := fileblob.OpenBucket(t.TempDir(), &fileblob.Options{NoTempDir: true})
	require.NoError(t, err)
	return map[string]*blob.Bucket{"folder": folder, "memory": memblob.OpenBucket(nil)}
}

func TestStoreChainsTheRecordsOfATicket(t *testing.T) {
	t.Parallel()
	for name, bucket := range buckets(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, store := t.Context(), evidence.NewStore(bucket)
			_, found, err := store.Latest(ctx, 12)
			require.NoError(t, err)
			assert.False(t, found)

			first, err := store.Put(ctx, sample(12, 0))
			require.NoError(t, err)
			assert.Empty(t, first.Former)
			second, err := store.Put(ctx, sample(12, 1))
			require.NoError(t, err)
			assert.Equal(t, first.Digest, second.Former)
			_, err = store.Put(ctx, sample(123, 0)) // a ticket whose number begins alike has its own chain
			require.NoError(t, err)

			again := sample(12, 1)
			again.Summary = "something else"
			same, err := store.Put(ctx, again)
			require.NoError(t, err)
			assert.Equal(t, second.Digest, same.Digest, "asked again, the record that is there wins")

			latest, found, err := store.Latest(ctx, 12)
			require.NoError(t, err)
			require.True(t, found)
			assert.Equal(t, second, latest)
			list, err := store.List(ctx, 12)
			require.NoError(t, err)
			assert.Equal(t, []evidence.Record{first, second}, list)
			raw, err := store.Raw(ctx, 12)
			require.NoError(t, err)
			require.NoError(t, evidence.Check(raw))

			_, err = store.Get(ctx, evidence.Key(12, 9))
			assert.True(t, evidence.NotFound(err))
			_, err = store.Put(ctx, evidence.Record{})
			assert.ErrorContains(t, err, "needs a ticket")
		})
	}
}

func TestStoreKeepsOneRecordWhenTwoWorkersRace(t *testing.T) {
	t.Parallel()
	for name, bucket := range buckets(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store := evidence.NewStore(bucket)
			digests := make([]string, 8)
			var wg sync.WaitGroup
			for i := range digests {
				wg.Go(func() {
					r := sample(12, 0)
					r.Why = strings.Repeat("x", i)
					stored, err := store.Put(t.Context(), r)
					if assert.NoError(t, err) {
						digests[i] = stored.Digest
					}
				})
			}
			wg.Wait()
			for _, d := range digests {
				assert.Equal(t, digests[0], d)
			}
		})
	}
}

func chain(t *testing.T, n int) [][]byte {
	t.Helper()
	var raws [][]byte
	former := ""
	for run := range n {
		r, raw, err := evidence.Seal(sample(12, run), former)
		require.NoError(t, err)
		raws, former = append(raws, raw), r.Digest
	}
	return raws
}

func TestCheckFindsWhatWasDoneToAChain(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		tamper func([][]byte) [][]byte
		reason string
	}{
		"a word was altered": {func(c [][]byte) [][]byte {
			c[1] = bytes.Replace(c[1], []byte("Directory Team"), []byte("Nobody at all."), 1)
			return c
		}, "it was altered"},
		"a field was added": {func(c [][]byte) [][]byte {
			c[1] = bytes.Replace(c[1], []byte(`{"asked"`), []byte(`{"a":1,"asked"`), 1)
			return c
		}, "it was altered"},
		"a record in the middle was dropped": {func(c [][]byte) [][]byte { return [][]byte{c[0], c[2]} }, "dropped"},
		"the first record was dropped":       {func(c [][]byte) [][]byte { return c[1:] }, "missing"},
		"two records changed places":         {func(c [][]byte) [][]byte { return [][]byte{c[0], c[2], c[1]} }, "dropped or slipped in"},
		"a record was altered and sealed by hand": {func(c [][]byte) [][]byte {
			var r evidence.Record
			if err := json.Unmarshal(c[1], &r); err != nil {
				panic(err)
			}
			r.End = "done"
			_, raw, err := evidence.Seal(r, r.Former)
			if err != nil {
				panic(err)
			}
			c[1] = raw
			return c
		}, "dropped or slipped in"},
		"something is no record": {func(c [][]byte) [][]byte { c[2] = []byte("[]"); return c }, "not a record"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			raws := chain(t, 3)
			require.NoError(t, evidence.Check(raws))
			err := evidence.Check(tt.tamper(raws))
			var broken *evidence.BrokenError
			require.ErrorAs(t, err, &broken)
			assert.Contains(t, broken.Reason, tt.reason)
		})
	}
}

func TestDigestIsOfTheContentNotOfItsForm(t *testing.T) {
	t.Parallel()
	raw := chain(t, 1)[0]
	digest, err := evidence.DigestOf(raw)
	require.NoError(t, err)
	var r evidence.Record
	require.NoError(t, json.Unmarshal(raw, &r))
	pretty, err := evidence.JSON(r)
	require.NoError(t, err)
	again, err := evidence.DigestOf(pretty)
	require.NoError(t, err)
	assert.Equal(t, digest, again)
	assert.Equal(t, r.Digest, digest)
	_, err = evidence.DigestOf([]byte(`{} {}`))
	assert.ErrorContains(t, err, "follows")
}

func TestCanonicalIsOneFormForOneValue(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.MapOf(rapid.String(), rapid.OneOf(
			rapid.Map(rapid.String(), func(s string) any { return s }),
			rapid.Map(rapid.Int(), func(i int) any { return i }),
			rapid.Map(rapid.SliceOf(rapid.Bool()), func(b []bool) any { return b }),
		)).Draw(t, "value")
		raw, err := json.Marshal(value)
		if err != nil {
			return // not JSON
		}
		once, err := evidence.Canonical(raw)
		if err != nil {
			t.Fatal(err)
		}
		var indented bytes.Buffer
		if err := json.Indent(&indented, once, " ", "\t"); err != nil {
			t.Fatal(err)
		}
		twice, err := evidence.Canonical(indented.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(once, twice) {
			t.Fatalf("%s is not %s", twice, once)
		}
	})
}

func TestRenderersEscapeWhatPeopleWrote(t *testing.T) {
	t.Parallel()
	r, _, err := evidence.Seal(sample(12, 0), "")
	require.NoError(t, err)

	page, err := evidence.HTML(r)
	require.NoError(t, err)
	html := string(page)
	assert.NotContains(t, html, "<script")
	assert.NotContains(t, html, "<img")
	assert.Contains(t, html, "&lt;script&gt;")
	assert.Contains(t, html, "Directory Team")
	assert.Contains(t, html, r.Digest)
	for _, outside := range []string{"src=", "href=", "@import", "url("} {
		assert.NotContains(t, strings.ReplaceAll(html, "img src=x", ""), outside, "the page loads nothing")
	}

	md := evidence.Markdown(r)
	assert.NotContains(t, md, "<script")
	assert.NotContains(t, md, "<img")
	assert.Contains(t, md, `Leaver \| \*plan\*`)
	assert.Contains(t, md, "| group AD Users | imported | Directory Team |")
}

func TestCSVRunsNoFormula(t *testing.T) {
	t.Parallel()
	r := sample(12, 0)
	for _, formula := range []string{"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "\r=1", "＝1", "|calc", "\ufeff=1"} {
		r.Proofs = append(r.Proofs, evidence.Proof{What: "x", Saw: formula})
	}
	out, err := evidence.CSV(r)
	require.NoError(t, err)
	lines, err := csv.NewReader(bytes.NewReader(out)).ReadAll()
	require.NoError(t, err)
	require.Len(t, lines, 1+1+1+11+1)
	for _, line := range lines {
		for _, cell := range line {
			trimmed := strings.TrimLeft(cell, " \t\r\n\ufeff")
			assert.False(t, trimmed != "" && strings.ContainsRune("=+-@|＝", []rune(trimmed)[0]), "%q would run", cell)
		}
	}
	assert.Equal(t, "'+cmd", lines[2][9])
	assert.Equal(t, "FS-12", lines[2][0])
}
