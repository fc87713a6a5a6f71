package activities_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gocloud.dev/blob"

	"latchkey/activities"
	"latchkey/casework"
	"latchkey/contract"
	"latchkey/examples/acme"
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

func newReviewWorld(t *testing.T, over map[string]string, options ...func(*oktasim.Options)) *reviewWorld {
	t.Helper()
	w := &reviewWorld{world: newWorld(t, nil, options...), desk: newDeskWorld(t)}
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

func (w *reviewWorld) login(name string) string { return w.user(name).ID }

var (
	_ = errors.Is
	_ = context.Background
	_ = casework.Invalid
	_ = acme.Ada
)
