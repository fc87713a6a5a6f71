package activities_test

import (
	"context"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/casework"
	"latchkey/clients/okta"
	"latchkey/contract"
	"latchkey/examples/acme"
	"latchkey/review"
	"latchkey/simulators/okta/oktasim"
)

// cutEvery makes Okta's budget end after every n calls; 0 never.
func (w *reviewWorld) cutEvery(n int64) {
	w.t.Helper()
	var calls atomic.Int64
	c, err := okta.New(okta.Config{
		OrgURL: w.url, Token: token, AllowPlainHTTP: true, Timeout: 5 * time.Second,
		Admit: func(_ context.Context, bucket okta.Bucket) error {
			if n > 0 && calls.Add(1)%(n+1) == 0 {
				return &okta.OverBudget{Bucket: bucket, RetryAt: time.Now()}
			}
			return nil
		},
	})
	require.NoError(w.t, err)
	w.okta.Client = c
}

// stuttering reads a snapshot in attempts that are all cut off, and forgets every third of the places it had come to, as
// a process does that is killed between a page and its place.
func (w *reviewWorld) stuttering(campaign string) contract.SnapshotRef {
	w.t.Helper()
	key := review.SnapshotFolder(campaign) + "place.json"
	for n := range 2000 {
		before, _ := w.blobs.ReadAll(w.t.Context(), key)
		ref, err := run[contract.SnapshotRef](w.world, contract.ActReviewSnapshot, contract.ReviewSnapshotInput{Campaign: campaign})
		if err == nil && ref.Done {
			return ref
		}
		if err != nil {
			require.Equal(w.t, casework.RateLimited, kind(err), "%v", err)
		}
		if n%3 == 1 && before != nil {
			require.NoError(w.t, w.blobs.WriteAll(w.t.Context(), key, before, nil))
		}
	}
	require.Fail(w.t, "the snapshot never ends")
	return contract.SnapshotRef{}
}

func (w *reviewWorld) calls(prefix string) int {
	n := 0
	for _, c := range w.sim.Counters() {
		if strings.HasPrefix(c.Path, prefix) {
			n += c.Calls
		}
	}
	return n
}

func TestASnapshotAsksForNobodyByName(t *testing.T) {
	t.Parallel()
	w := newReviewWorld(t, nil)
	w.sim.ResetCounters()
	ref := w.snapshot("a")
	assert.True(t, ref.Complete)
	assert.Empty(t, ref.Partial)
	for _, c := range w.sim.Counters() {
		assert.NotContains(t, c.Path, "/users/{", "no call is about one person: %s", c.Path)
		assert.Equal(t, http.MethodGet, c.Method)
	}
	total := 0
	for _, c := range w.sim.Counters() {
		total += c.Calls
	}
	assert.Equal(t, total, ref.Calls)
	again := w.snapshot("a")
	assert.Equal(t, ref, again)
}

func TestASnapshotGoesOnAfterTheBudgetIsBack(t *testing.T) {
	t.Parallel()
	w := newReviewWorld(t, nil)
	w.cutEvery(3)
	cut := w.stuttering("a")
	w.cutEvery(0)
	v := newReviewWorld(t, nil)
	whole := v.snapshot("a")
	assert.Equal(t, whole.Digest, cut.Digest)
	assert.Equal(t, whole.Grants, cut.Grants)
	assert.Equal(t, whole.Users, cut.Users)
}

func TestAStormOf429sCostsTimeOnly(t *testing.T) {
	t.Parallel()
	w := newReviewWorld(t, nil)
	w.fault(oktasim.Fault{Kind: oktasim.FaultRateLimit, Path: "groups/**", Every: 7})
	var refused int
	var ref contract.SnapshotRef
	for !ref.Done {
		var err error
		ref, err = run[contract.SnapshotRef](w.world, contract.ActReviewSnapshot, contract.ReviewSnapshotInput{Campaign: "a"})
		if err != nil {
			require.Equal(t, casework.RateLimited, kind(err))
			refused++
			w.cutEvery(0) // the gate of the process would wait for the reset
		}
	}
	assert.Positive(t, refused)
	v := newReviewWorld(t, nil)
	assert.Equal(t, v.snapshot("a").Digest, ref.Digest)
}

func TestWhatChangesWhileItIsReadIsSaidAndFailsNothing(t *testing.T) {
	t.Parallel()
	w := newReviewWorld(t, nil)
	w.cutEvery(1)
	groups := 0
	deleted := false
	for !deleted {
		_, err := run[contract.SnapshotRef](w.world, contract.ActReviewSnapshot, contract.ReviewSnapshotInput{Campaign: "a"})
		require.Equal(t, casework.RateLimited, kind(err))
		if groups++; w.calls("/api/v1/groups/{groupId}/users")+w.calls("/api/v1/groups/{id}/users") > 0 || groups > 6 {
			id, ok := w.sim.GroupID("VPN Users")
			require.True(t, ok)
			w.delete("/api/v1/groups/" + id)
			require.NoError(t, w.sim.SetStatus(acme.Ben, "DEPROVISIONED"))
			deleted = true
		}
	}
	w.cutEvery(0)
	_, result := w.assign("a", "")
	assert.Positive(t, result.Items)
	index := readJSON[review.Index](t, w.blobs, review.IndexKey("a"))
	assert.Contains(t, strings.Join(index.Changed, "; "), "the group VPN Users was deleted while the review was read")
	assert.Empty(t, index.Partial)
	for key := range w.items("a") {
		assert.NotContains(t, key, "VPN Users")
	}
}

func TestWhatOktaRefusesToShowIsMissingAndSaid(t *testing.T) {
	t.Parallel()
	w := newReviewWorld(t, nil)
	id, ok := w.sim.AppID("Miro")
	require.True(t, ok)
	w.fault(oktasim.Fault{Kind: oktasim.FaultStatus, Status: http.StatusForbidden, Path: "apps/" + id + "/users"})
	w.assign("a", "")
	index := readJSON[review.Index](t, w.blobs, review.IndexKey("a"))
	require.Len(t, index.Partial, 1)
	assert.Contains(t, index.Partial[0], "the application Miro could not be read")
	for _, ref := range w.reviewers("a") {
		assert.Contains(t, w.packet(ref).Partial, "Miro")
	}
	assert.False(t, w.snapshot("a").Complete)
}

func (w *reviewWorld) delete(path string) {
	w.t.Helper()
	request, err := http.NewRequestWithContext(w.t.Context(), http.MethodDelete, w.url+path, nil)
	require.NoError(w.t, err)
	request.Header.Set("Authorization", "SSWS "+token)
	answer, err := http.DefaultClient.Do(request)
	require.NoError(w.t, err)
	require.NoError(w.t, answer.Body.Close())
	require.Less(w.t, answer.StatusCode, 300)
}
