package review_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gocloud.dev/blob/memblob"

	"latchkey/review"
)

func TestWhatIsWrittenOnceStaysAsItIs(t *testing.T) {
	t.Parallel()
	bucket := memblob.OpenBucket(nil)
	require.NoError(t, review.WriteOnce(t.Context(), bucket, "k", review.Packet{Title: "one"}))
	require.NoError(t, review.WriteOnce(t.Context(), bucket, "k", review.Packet{Title: "one"}), "the same again")
	require.ErrorIs(t, review.WriteOnce(t.Context(), bucket, "k", review.Packet{Title: "two"}), review.ErrOther)
	var p review.Packet
	require.NoError(t, review.Read(t.Context(), bucket, "k", &p))
	assert.Equal(t, "one", p.Title)
}

func TestTheFirstBatchUnderAnIDCounts(t *testing.T) {
	t.Parallel()
	bucket := memblob.OpenBucket(nil)
	first, second := batch(), batch()
	second.Decisions = second.Decisions[:1]
	require.NoError(t, review.WriteBatch(t.Context(), bucket, first))
	require.NoError(t, review.WriteBatch(t.Context(), bucket, second))
	read, err := review.ReadBatch(t.Context(), bucket, first.Campaign, first.Reviewer, first.ID)
	require.NoError(t, err)
	assert.Len(t, read.Decisions, 2)
}

func TestFilesThatAreNotWhatTheyShouldBe(t *testing.T) {
	t.Parallel()
	bucket := memblob.OpenBucket(nil)
	for key, text := range map[string]string{"unknown": `{"id":"b","more":1}`, "behind": `{"id":"b"}{}`, "cut": `{"id":`, "empty": ``} {
		require.NoError(t, bucket.WriteAll(t.Context(), review.BatchKey("c", "r", key), []byte(text), nil))
		_, err := review.ReadBatch(t.Context(), bucket, "c", "r", key)
		require.ErrorIs(t, err, review.ErrUnreadable, key)
	}
	_, err := review.ReadBatch(t.Context(), bucket, "c", "r", "none")
	require.True(t, review.NotFound(err))
	for _, id := range []string{"", "../other/b", "a/b", "a.b", "a@b"} {
		_, err := review.ReadBatch(t.Context(), bucket, "c", "r", id)
		require.ErrorIs(t, err, review.ErrID)
		_, err = review.ReadPacket(t.Context(), bucket, "c", id)
		require.ErrorIs(t, err, review.ErrID)
	}
}

func TestAnswersLieUnderTheirDigest(t *testing.T) {
	t.Parallel()
	bucket := memblob.OpenBucket(nil)
	a, err := review.ReadAnswers(t.Context(), bucket, "c", "r", "")
	require.NoError(t, err)
	b := batch()
	a.Take(b)
	key, err := review.WriteAnswers(t.Context(), bucket, a)
	require.NoError(t, err)
	again, err := review.WriteAnswers(t.Context(), bucket, a)
	require.NoError(t, err)
	assert.Equal(t, key, again)
	b.Decisions = []review.Decision{{Item: "i1", Answer: review.Revoke, Reason: "no"}}
	a.Take(b)
	later, err := review.WriteAnswers(t.Context(), bucket, a)
	require.NoError(t, err)
	assert.NotEqual(t, key, later)
	certified, revoked := a.Count()
	assert.Equal(t, []int{0, 2}, []int{certified, revoked}, "the last answer about an item counts")
	before, err := review.ReadAnswers(t.Context(), bucket, "c", "r", key)
	require.NoError(t, err)
	assert.Equal(t, review.Certify, before.Decisions["i1"].Answer, "what was written stays")
}

func TestStampedAnswers(t *testing.T) {
	t.Parallel()
	give := func(n, bulk, revoked int, each time.Duration) bool {
		a := review.Answers{Decisions: map[string]review.Decision{}}
		for i := range n {
			d := review.Decision{Answer: review.Certify, At: noon.Add(time.Duration(i) * each), Bulk: 1}
			if i < bulk {
				d.Bulk = bulk
			}
			if i < revoked {
				d.Answer = review.Revoke
			}
			a.Decisions[review.NewID()] = d
		}
		return a.Stamped(review.Stamp{Items: 20, Percent: 95, Bulk: 10})
	}
	assert.True(t, give(40, 40, 0, time.Minute), "all in one click")
	assert.True(t, give(40, 0, 0, time.Second), "one by one, faster than anybody reads")
	assert.False(t, give(40, 0, 0, 10*time.Second))
	assert.False(t, give(40, 40, 4, time.Minute), "some were revoked")
	assert.False(t, give(19, 19, 0, 0), "too few to say")
	assert.False(t, give(40, 5, 0, time.Minute), "a click for five is not many")
	assert.False(t, review.Answers{}.Stamped(review.Stamp{}))
}
