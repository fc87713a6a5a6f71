package activities_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/casework"
	"latchkey/contract"
	"latchkey/evidence"
	"latchkey/review"
)

// campaign carries a campaign to its evidence: two revocations, one of which stays, and one reviewer who never answers.
func (w *reviewWorld) campaign(name string) contract.ReviewEvidenceResult {
	w.t.Helper()
	_, assigned := w.assign(name, "")
	refs := w.reviewers(name)
	require.Len(w.t, refs, assigned.Reviewers)
	for n, ref := range refs[1:] {
		key := w.answer(name, ref, map[string]string{
			"emil.novotny@acme.example group AWS Production Administrators": "moved to another team",
			"ben.whitaker@acme.example app Salesforce":                      "=HYPERLINK(\"http://evil.example\")",
		})
		revoked, err := engine[contract.ReviewRevocationsResult](w.t, w.engine, contract.ActReviewRevocations, contract.ReviewRevocationsInput{
			Campaign: name, Reviewer: ref.Reviewer.ID, Answers: key,
		})
		require.NoError(w.t, err)
		w.keep(0, review.Final{Campaign: name, Reviewer: ref.Reviewer.ID, Answers: key})
		for part, i := range revoked.Items {
			o := review.Outcome{Item: i.ID, State: review.OutcomeGone, ProvedAt: time.Now()}
			if n%2 == 0 {
				o = review.Outcome{Item: i.ID, State: review.OutcomeLeft, Owner: "owner of the group", Why: "granted by a group"}
			}
			w.keep(part+1, review.Final{Campaign: name, Reviewer: ref.Reviewer.ID, Answers: key, Outcomes: []review.Outcome{o}})
		}
	}
	return w.evidence(name, w.snapshot(name), w.employees(name))
}

func TestTheEvidenceOfACampaignIsWholeAndChecksOffline(t *testing.T) {
	t.Parallel()
	w := newReviewWorld(t, nil)
	result := w.campaign("2026-Q4")
	assert.Equal(t, 2, result.Counts.Revoked)
	assert.Equal(t, 2, result.Counts.Gone+result.Counts.Left)
	assert.Positive(t, result.Counts.Open, "who never answered is counted as such, never as a yes")
	assert.Equal(t, result.Counts.Items, result.Counts.Certified+result.Counts.Revoked+result.Counts.Open)

	dir := w.pack("2026-Q4", result.Files)
	m, err := evidence.VerifyReviewPack(os.DirFS(dir), result.Digest)
	require.NoError(t, err)
	assert.Equal(t, result.Digest, m.Digest)
	sheet, err := os.ReadFile(dir + "/items.csv")
	require.NoError(t, err)
	assert.Contains(t, string(sheet), `,"'=HYPERLINK(""http://evil.example"")",`)
	assert.NotContains(t, string(sheet), `,"=HYPERLINK`)
	page, err := os.ReadFile(dir + "/report.html")
	require.NoError(t, err)
	assert.Contains(t, string(page), "moved to another team")
	assert.NotContains(t, string(page), "<script")

	again := w.evidence("2026-Q4", contract.SnapshotRef{}, contract.EmployeesRef{})
	assert.Equal(t, result, again, "a pack is written once")
}

func TestACampaignThatWasCutOffHasTheDigestOfOneLeftAlone(t *testing.T) {
	t.Parallel()
	alone := newReviewWorld(t, nil)
	want := alone.campaign("2026-Q4")

	cut := newReviewWorld(t, nil)
	cut.cutEvery(1)
	snapshot := cut.stuttering("2026-Q4")
	assert.Equal(t, alone.snapshot("2026-Q4").Digest, snapshot.Digest, "the snapshot is the same in whatever pieces it was read")
	cut.cutEvery(0)
	got := cut.campaign("2026-Q4")
	assert.Equal(t, want.Digest, got.Digest)
	assert.Equal(t, want.Counts, got.Counts)
}

func TestAnotherDecisionIsAnotherDigest(t *testing.T) {
	t.Parallel()
	w := newReviewWorld(t, nil)
	w.assign("a", "")
	silent := w.evidence("a", contract.SnapshotRef{}, contract.EmployeesRef{})
	v := newReviewWorld(t, nil)
	v.assign("a", "")
	ref := v.reviewers("a")[0]
	v.keep(0, review.Final{Campaign: "a", Reviewer: ref.Reviewer.ID, Answers: v.answer("a", ref, nil)})
	answered := v.evidence("a", contract.SnapshotRef{}, contract.EmployeesRef{})
	assert.NotEqual(t, silent.Digest, answered.Digest)
}

func TestAnswersOfAnotherPacketAreNoEvidence(t *testing.T) {
	t.Parallel()
	w := newReviewWorld(t, nil)
	w.assign("a", "")
	refs := w.reviewers("a")
	foreign := w.answer("a", refs[1], nil)
	w.keep(0, review.Final{Campaign: "a", Reviewer: refs[0].Reviewer.ID, Answers: foreign})
	_, err := engine[contract.ReviewEvidenceResult](t, w.engine, contract.ActReviewEvidence, contract.ReviewEvidenceInput{Campaign: "a"})
	require.Error(t, err)
	assert.Contains(t, err.Error(), "another packet")
	there, err := w.blobs.Exists(t.Context(), review.ManifestKey("a"))
	require.NoError(t, err)
	assert.False(t, there)
	_, err = engine[contract.ReviewEvidenceResult](t, w.engine, contract.ActReviewEvidence, contract.ReviewEvidenceInput{Campaign: "b"})
	assert.Equal(t, casework.Invalid, kind(err))
}

func TestUnansweredItemsAreListedForWhoeverDecidesAboutThem(t *testing.T) {
	t.Parallel()
	w := newReviewWorld(t, nil)
	w.assign("a", "")
	ref := w.reviewers("a")[0]
	var all []string
	for from := 0; ; {
		page, err := engine[contract.ReviewRevocationsResult](t, w.engine, contract.ActReviewRevocations, contract.ReviewRevocationsInput{
			Campaign: "a", Reviewer: ref.Reviewer.ID, Unanswered: true, From: from, Most: 5,
		})
		require.NoError(t, err)
		for _, i := range page.Items {
			all = append(all, i.ID)
		}
		if from = page.Next; from == 0 {
			break
		}
	}
	var want []string
	for _, i := range w.packet(ref).Items {
		want = append(want, i.ID)
	}
	assert.Equal(t, want, all)
	assert.NotContains(t, strings.Join(all, " "), "@")
}
