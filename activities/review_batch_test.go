package activities_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gocloud.dev/blob"
	"gocloud.dev/blob/memblob"

	"latchkey/activities"
	"latchkey/casework"
	"latchkey/contract"
	"latchkey/identity"
	"latchkey/review"
)

const (
	campaign = "2026-Q4"
	reviewer = "00uBOSS"
	deputy   = "00uDEPUTY"
)

var reviewNoon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// desk is a reviewer's packet in a blob store, and the bridge that signs.
type reviewDesk struct {
	t      *testing.T
	blobs  *blob.Bucket
	signer *review.Signer
	engine *activities.Engine
	in     contract.TakeReviewBatchInput
}

func reviewSigner(t *testing.T, letter string) *review.Signer {
	t.Helper()
	s, err := review.NewSigner(base64.StdEncoding.EncodeToString([]byte(strings.Repeat(letter, 32))))
	require.NoError(t, err)
	return s
}

func reviewItem(id, person string, marks ...review.Mark) review.Item {
	return review.Item{
		ID: id, Person: review.Person{OktaUserID: person}, Reviewer: reviewer, Marks: marks,
		Object: identity.Entitlement{Kind: identity.KindGroup, ID: "g1", Name: "Group"},
	}
}

func newReviewDesk(t *testing.T) *reviewDesk {
	t.Helper()
	d := &reviewDesk{t: t, blobs: memblob.OpenBucket(nil), signer: reviewSigner(t, "a")}
	keys, err := review.NewVerifier(d.signer.Public())
	require.NoError(t, err)
	d.engine = &activities.Engine{Blobs: d.blobs, Reviews: keys}
	d.in = contract.TakeReviewBatchInput{
		Campaign: campaign, Reviewer: reviewer, Batch: "b1", HandedIn: reviewNoon.Add(time.Second), Due: reviewNoon.Add(time.Hour),
		Deputies: []string{deputy},
		Links:    []contract.ReviewLink{{ID: "good", Expires: reviewNoon.Add(time.Minute)}, {ID: "gone", Expires: reviewNoon.Add(time.Minute), Revoked: true}, {ID: "old", Expires: reviewNoon.Add(-time.Minute)}},
	}
	require.NoError(t, review.WriteOnce(t.Context(), d.blobs, review.PacketKey(campaign, reviewer), review.Packet{
		Campaign: campaign, Reviewer: review.Reviewer{ID: reviewer}, ReasonFor: []review.Mark{review.MarkOrphan}, Items: []review.Item{
			reviewItem("i1", "00uADA"), reviewItem("i2", "00uBEN", review.MarkOutside), reviewItem("i3", "00uCLARA", review.MarkOrphan),
			reviewItem("own", deputy), reviewItem("self", reviewer),
		},
	}))
	return d
}

// batch is one that counts.
func (d *reviewDesk) batch() review.Batch {
	return review.Batch{
		ID: "b1", Campaign: campaign, Reviewer: reviewer, By: reviewer, Via: review.ViaSignIn, At: reviewNoon,
		Decisions: []review.Decision{{Item: "i1", Answer: review.Certify, At: reviewNoon}, {Item: "i2", Answer: review.Revoke, Reason: "left the project", At: reviewNoon}},
	}
}

func (d *reviewDesk) sign(b review.Batch) review.Batch {
	d.t.Helper()
	signed, err := d.signer.Sign(b)
	require.NoError(d.t, err)
	return signed
}

func (d *reviewDesk) put(key string, b review.Batch) {
	d.t.Helper()
	raw, err := json.Marshal(b)
	require.NoError(d.t, err)
	require.NoError(d.t, d.blobs.WriteAll(d.t.Context(), key, raw, nil))
}

func (d *reviewDesk) take() (contract.TakeReviewBatchResult, error) {
	d.t.Helper()
	return engine[contract.TakeReviewBatchResult](d.t, d.engine, contract.ActTakeReviewBatch, d.in)
}

func (d *reviewDesk) files() []string {
	d.t.Helper()
	var keys []string
	list := d.blobs.List(&blob.ListOptions{Prefix: review.Folder(campaign) + "answers/"})
	for {
		o, err := list.Next(d.t.Context())
		if err != nil {
			return keys
		}
		keys = append(keys, o.Key)
	}
}

func TestASignedBatchCountsOnceHoweverOftenItIsTried(t *testing.T) {
	t.Parallel()
	d := newReviewDesk(t)
	d.put(review.BatchKey(campaign, reviewer, "b1"), d.sign(d.batch()))
	first, err := d.take()
	require.NoError(t, err)
	require.Empty(t, first.Refused)
	assert.Equal(t, []int{2, 1, 1}, []int{first.Taken, first.Certified, first.Revoked})
	again, err := d.take()
	require.NoError(t, err)
	assert.Equal(t, first, again, "an answer that was lost does no harm")
	assert.Len(t, d.files(), 1)

	answers, err := review.ReadAnswers(t.Context(), d.blobs, campaign, reviewer, first.Answers)
	require.NoError(t, err)
	assert.Equal(t, review.Decision{Item: "i2", Answer: review.Revoke, Reason: "left the project", At: reviewNoon}, answers.Decisions["i2"])
	assert.Equal(t, reviewer, answers.By["i2"])
	assert.Equal(t, review.ViaSignIn, answers.Via["i2"])

	change := d.batch()
	change.ID, change.By, change.At = "b2", deputy, reviewNoon.Add(time.Second)
	change.Decisions = []review.Decision{{Item: "i2", Answer: review.Certify}}
	d.put(review.BatchKey(campaign, reviewer, "b2"), d.sign(change))
	d.in.Batch, d.in.Answers = "b2", first.Answers
	second, err := d.take()
	require.NoError(t, err)
	require.Empty(t, second.Refused)
	assert.Equal(t, []int{1, 2, 0}, []int{second.Taken, second.Certified, second.Revoked}, "a later answer replaces the earlier one")
	answers, err = review.ReadAnswers(t.Context(), d.blobs, campaign, reviewer, second.Answers)
	require.NoError(t, err)
	assert.Equal(t, deputy, answers.By["i2"])
	assert.Equal(t, reviewer, answers.By["i1"])
}

// A forged, expired, altered or foreign batch is refused, says why, and leaves no file behind.
func TestABatchThatMayNotCountChangesNothing(t *testing.T) {
	t.Parallel()
	at := review.BatchKey(campaign, reviewer, "b1")
	tests := map[string]struct {
		says string
		put  func(d *reviewDesk)
	}{
		"not there":  {"no such batch", func(*reviewDesk) {}},
		"not signed": {"signed", func(d *reviewDesk) { d.put(at, d.batch()) }},
		"forged":     {"signed", func(d *reviewDesk) { b, _ := reviewSigner(d.t, "b").Sign(d.batch()); d.put(at, b) }},
		"an answer altered": {"signed", func(d *reviewDesk) {
			b := d.sign(d.batch())
			b.Decisions[1].Answer = review.Certify
			d.put(at, b)
		}},
		"who decided altered": {"signed", func(d *reviewDesk) { b := d.sign(d.batch()); b.By = deputy; d.put(at, b) }},
		"cut":                 {"readable", func(d *reviewDesk) { require.NoError(d.t, d.blobs.WriteAll(d.t.Context(), at, []byte(`{"id":`), nil)) }},
		"something added": {"readable", func(d *reviewDesk) {
			raw, err := json.Marshal(d.sign(d.batch()))
			require.NoError(d.t, err)
			raw = bytes.Replace(raw, []byte("{"), []byte(`{"more":1,`), 1)
			require.NoError(d.t, d.blobs.WriteAll(d.t.Context(), at, raw, nil))
		}},
		"of another campaign":        {"another reviewer or campaign", func(d *reviewDesk) { b := d.batch(); b.Campaign = "2026-Q3"; d.put(at, d.sign(b)) }},
		"of another reviewer":        {"another reviewer or campaign", func(d *reviewDesk) { b := d.batch(); b.Reviewer = "00uOTHER"; d.put(at, d.sign(b)) }},
		"under another ID":           {"another reviewer or campaign", func(d *reviewDesk) { b := d.batch(); b.ID = "b7"; d.put(at, d.sign(b)) }},
		"expired":                    {"too old", func(d *reviewDesk) { b := d.batch(); b.At = reviewNoon.Add(-review.BatchAge); d.put(at, d.sign(b)) }},
		"from a time to come":        {"time to come", func(d *reviewDesk) { b := d.batch(); b.At = reviewNoon.Add(time.Hour / 2); d.put(at, d.sign(b)) }},
		"handed in too late":         {"over", func(d *reviewDesk) { d.in.Due = d.in.HandedIn; d.put(at, d.sign(d.batch())) }},
		"signed in as somebody else": {"may not decide", func(d *reviewDesk) { b := d.batch(); b.By = "00uADA"; d.put(at, d.sign(b)) }},
		"a former deputy":            {"may not decide", func(d *reviewDesk) { d.in.Deputies = nil; b := d.batch(); b.By = deputy; d.put(at, d.sign(b)) }},
		"in no way at all":           {"how", func(d *reviewDesk) { b := d.batch(); b.Via = "magic"; d.put(at, d.sign(b)) }},
		"a link that speaks for a deputy": {"its reviewer", func(d *reviewDesk) {
			b := d.batch()
			b.By, b.Via, b.Link = deputy, review.ViaLink, "good"
			d.put(at, d.sign(b))
		}},
		"a link nobody made":   {"never made", func(d *reviewDesk) { b := d.batch(); b.Via, b.Link = review.ViaLink, "other"; d.put(at, d.sign(b)) }},
		"a link without an ID": {"never made", func(d *reviewDesk) { b := d.batch(); b.Via = review.ViaLink; d.put(at, d.sign(b)) }},
		"a link revoked":       {"revoked", func(d *reviewDesk) { b := d.batch(); b.Via, b.Link = review.ViaLink, "gone"; d.put(at, d.sign(b)) }},
		"a link expired":       {"expired", func(d *reviewDesk) { b := d.batch(); b.Via, b.Link = review.ViaLink, "old"; d.put(at, d.sign(b)) }},
		"nothing decided":      {"decides nothing", func(d *reviewDesk) { b := d.batch(); b.Decisions = nil; d.put(at, d.sign(b)) }},
		"an item of another packet": {"not in this reviewer's packet", func(d *reviewDesk) {
			b := d.batch()
			b.Decisions[0].Item = "elsewhere"
			d.put(at, d.sign(b))
		}},
		"an item twice":     {"twice", func(d *reviewDesk) { b := d.batch(); b.Decisions[1].Item = "i1"; d.put(at, d.sign(b)) }},
		"an unknown answer": {"neither", func(d *reviewDesk) { b := d.batch(); b.Decisions[0].Answer = "maybe"; d.put(at, d.sign(b)) }},
		"own access": {"own access", func(d *reviewDesk) {
			b := d.batch()
			b.Decisions[0].Item = "self"
			d.put(at, d.sign(b))
		}},
		"a deputy's own access": {"own access", func(d *reviewDesk) {
			b := d.batch()
			b.By, b.Decisions[0].Item = deputy, "own"
			d.put(at, d.sign(b))
		}},
		"revoked without a reason":      {"reason", func(d *reviewDesk) { b := d.batch(); b.Decisions[1].Reason = " "; d.put(at, d.sign(b)) }},
		"an orphan kept without reason": {"reason", func(d *reviewDesk) { b := d.batch(); b.Decisions[0].Item = "i3"; d.put(at, d.sign(b)) }},
		"a reason without end": {"longer", func(d *reviewDesk) {
			b := d.batch()
			b.Decisions[1].Reason = strings.Repeat("x", review.ReasonMost+1)
			d.put(at, d.sign(b))
		}},
		"a mark certified in bulk": {"one by one", func(d *reviewDesk) {
			b := d.batch()
			b.Decisions[1] = review.Decision{Item: "i2", Answer: review.Certify, Bulk: 12}
			d.put(at, d.sign(b))
		}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newReviewDesk(t)
			tt.put(d)
			got, err := d.take()
			require.NoError(t, err)
			assert.Contains(t, got.Refused, tt.says)
			got.Refused = ""
			assert.Zero(t, got)
			assert.Empty(t, d.files())
		})
	}
}

func TestALinkCounts(t *testing.T) {
	t.Parallel()
	d := newReviewDesk(t)
	b := d.batch()
	b.Via, b.Link = review.ViaLink, "good"
	d.put(review.BatchKey(campaign, reviewer, "b1"), d.sign(b))
	got, err := d.take()
	require.NoError(t, err)
	assert.Empty(t, got.Refused)
	assert.Equal(t, 2, got.Taken)
}

func TestWhatKeepsABatchFromBeingReadIsNoRefusal(t *testing.T) {
	t.Parallel()
	d := newReviewDesk(t)
	d.put(review.BatchKey(campaign, reviewer, "b1"), d.sign(d.batch()))
	d.in.Answers = review.AnswersKey(campaign, reviewer, "lost")
	_, err := d.take()
	require.Equal(t, casework.Conflict, kind(err), "answers that are gone are not begun anew")
	d.in.Answers = ""
	keys := d.engine.Reviews
	d.engine.Reviews = nil
	_, err = d.take()
	require.Equal(t, casework.Unavailable, kind(err))
	require.ErrorContains(t, err, "LATCHKEY_REVIEW_VERIFY_KEYS")
	d.engine.Reviews = keys
	require.NoError(t, d.blobs.Delete(t.Context(), review.PacketKey(campaign, reviewer)))
	_, err = d.take()
	require.Equal(t, casework.Conflict, kind(err))
	require.NoError(t, d.blobs.Close())
	_, err = d.take()
	require.Equal(t, casework.Unavailable, kind(err))
	assert.NotContains(t, err.Error(), "memblob")
}
