package activities_test

import (
	"encoding/json"
	"os"
	"path"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gocloud.dev/blob"

	"latchkey/activities"
	"latchkey/contract"
	"latchkey/policy"
	"latchkey/review"
	"latchkey/simulators/okta/oktasim"
)

// reviewWorld is Acme on both sides, one blob store and Acme's own policy.
type reviewWorld struct {
	*world
	desk   *deskWorld
	engine *activities.Engine
}

// acmePolicy is Acme's policy with some files replaced.
func acmePolicy(t *testing.T, over map[string]string) *policy.Policy {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.CopyFS(dir, os.DirFS("../examples/acme/policies")))
	for name, text := range over {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	p, err := policy.Load(dir)
	require.NoError(t, err)
	return p
}

func newReviewWorld(t *testing.T, over map[string]string) *reviewWorld {
	t.Helper()
	began := time.Now()
	start := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC) // two orgs made alike are alike to the second
	same := func(o *oktasim.Options) { o.Now = func() time.Time { return start.Add(time.Since(began)) } }
	w := &reviewWorld{world: newWorld(t, nil, same), desk: newDeskWorld(t)}
	w.blobs, w.okta.Blobs, w.desk.desk.Blobs = w.desk.blobs, w.desk.blobs, w.desk.blobs
	w.engine = &activities.Engine{Cluster: w.cluster, Blobs: w.blobs}
	w.policy(acmePolicy(t, over))
	return w
}

func (w *reviewWorld) policy(p *policy.Policy) {
	w.okta.Policy, w.desk.desk.Policy = fixed{p}, fixed{p}
}

// snapshot reads to the end, as a workflow does.
func (w *reviewWorld) snapshot(campaign string) contract.SnapshotRef {
	w.t.Helper()
	for range 50 {
		ref, err := retried[contract.SnapshotRef](w.world, contract.ActReviewSnapshot, contract.ReviewSnapshotInput{Campaign: campaign})
		require.NoError(w.t, err)
		if ref.Done {
			return ref
		}
	}
	require.Fail(w.t, "the snapshot never ends")
	return contract.SnapshotRef{}
}

func (w *reviewWorld) employees(campaign string) contract.EmployeesRef {
	w.t.Helper()
	ref, _, err := do[contract.EmployeesRef](w.t, w.desk, w.desk.desk.ReviewEmployees, contract.ReviewEmployeesInput{Campaign: campaign})
	require.NoError(w.t, err)
	require.True(w.t, ref.Done)
	return ref
}

// assign carries a campaign from its beginning to its packets.
func (w *reviewWorld) assign(campaign, scope string) (contract.ReviewPlanResult, contract.ReviewAssignResult) {
	w.t.Helper()
	plan, err := run[contract.ReviewPlanResult](w.world, contract.ActReviewPlan, contract.ReviewPlanInput{Campaign: campaign, At: time.Now(), Scope: scope})
	require.NoError(w.t, err)
	in := contract.ReviewAssignInput{
		Campaign: campaign, Title: plan.Settings.Title, Due: plan.Due, Scope: scope, Previous: plan.Previous,
		Snapshot: w.snapshot(campaign), Employees: w.employees(campaign),
	}
	result, err := run[contract.ReviewAssignResult](w.world, contract.ActReviewAssign, in)
	require.NoError(w.t, err)
	return plan, result
}

// reviewers lists all packets, page by page.
func (w *reviewWorld) reviewers(campaign string) []review.PacketRef {
	w.t.Helper()
	var all []review.PacketRef
	for from := 0; ; {
		page, err := engine[contract.ReviewReviewersResult](w.t, w.engine, contract.ActReviewReviewers, contract.ReviewReviewersInput{Campaign: campaign, From: from, Most: 7})
		require.NoError(w.t, err)
		all = append(all, page.Packets...)
		if from = page.Next; from == 0 {
			return all
		}
	}
}

func readJSON[T any](t *testing.T, bucket *blob.Bucket, key string) T {
	t.Helper()
	raw, err := bucket.ReadAll(t.Context(), key)
	require.NoError(t, err)
	var value T
	require.NoError(t, json.Unmarshal(raw, &value))
	return value
}

func (w *reviewWorld) packet(ref review.PacketRef) review.Packet {
	return readJSON[review.Packet](w.t, w.blobs, ref.Key)
}

// items are the items of all packets, by person's login and object's label.
func (w *reviewWorld) items(campaign string) map[string]review.Item {
	all := map[string]review.Item{}
	for _, ref := range w.reviewers(campaign) {
		for _, i := range w.packet(ref).Items {
			all[i.Person.Login+" "+i.Object.Label()] = i
		}
	}
	return all
}

// answer gives a reviewer's answers, as the reviewer's workflow keeps them: certify everything but what is named.
func (w *reviewWorld) answer(campaign string, ref review.PacketRef, revoke map[string]string) string {
	w.t.Helper()
	a := review.Answers{
		Campaign: campaign, Reviewer: ref.Reviewer.ID, Decisions: map[string]review.Decision{}, By: map[string]string{}, Via: map[string]review.Via{},
	}
	for _, i := range w.packet(ref).Items {
		d := review.Decision{Item: i.ID, Answer: review.Certify, At: time.Now(), Bulk: 1}
		if reason, ok := revoke[i.Person.Login+" "+i.Object.Label()]; ok {
			d.Answer, d.Reason = review.Revoke, reason
		}
		a.Decisions[i.ID], a.By[i.ID], a.Via[i.ID] = d, ref.Reviewer.ID, review.ViaSignIn
	}
	raw, err := json.Marshal(a)
	require.NoError(w.t, err)
	key := review.AnswersKey(campaign, ref.Reviewer.ID, "test")
	require.NoError(w.t, w.blobs.WriteAll(w.t.Context(), key, raw, nil))
	return key
}

// keep keeps how a reviewer's part ended.
func (w *reviewWorld) keep(part int, final review.Final) {
	w.t.Helper()
	_, err := engine[any](w.t, w.engine, contract.ActReviewKeepOutcomes, contract.ReviewOutcomesInput{Part: part, Final: final})
	require.NoError(w.t, err)
}

func (w *reviewWorld) evidence(campaign string, snapshot contract.SnapshotRef, staff contract.EmployeesRef) contract.ReviewEvidenceResult {
	w.t.Helper()
	result, err := engine[contract.ReviewEvidenceResult](w.t, w.engine, contract.ActReviewEvidence, contract.ReviewEvidenceInput{
		Campaign: campaign, Snapshot: snapshot, Employees: staff,
	})
	require.NoError(w.t, err)
	return result
}

// pack copies the evidence pack into a folder.
func (w *reviewWorld) pack(campaign string, files []string) string {
	w.t.Helper()
	dir := w.t.TempDir()
	for _, key := range append(files, review.ManifestKey(campaign)) {
		raw, err := w.blobs.ReadAll(w.t.Context(), key)
		require.NoError(w.t, err)
		require.NoError(w.t, os.WriteFile(filepath.Join(dir, path.Base(key)), raw, 0o600))
	}
	return dir
}
