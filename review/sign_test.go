package review_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gocloud.dev/blob/memblob"

	"latchkey/review"
)

// seed makes the text of a private key.
func seed(letter string) string {
	return base64.StdEncoding.EncodeToString([]byte(strings.Repeat(letter, 32)))
}

func signer(t *testing.T, letter string) *review.Signer {
	t.Helper()
	s, err := review.NewSigner(seed(letter))
	require.NoError(t, err)
	return s
}

func verifier(t *testing.T, of ...*review.Signer) *review.Verifier {
	t.Helper()
	var keys []string
	for _, s := range of {
		keys = append(keys, s.Public())
	}
	v, err := review.NewVerifier(keys...)
	require.NoError(t, err)
	return v
}

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

func batch() review.Batch {
	return review.Batch{
		ID: "b1", Campaign: "2026-Q4", Reviewer: "00uBOSS", By: "00uBOSS", Via: review.ViaSignIn,
		At: noon.In(time.FixedZone("CET", 3600)).Add(123456789),
		Decisions: []review.Decision{
			{Item: "i1", Answer: review.Certify, At: noon},
			{Item: "i2", Answer: review.Revoke, Reason: "left <the> team \u2028 \xff", At: noon},
		},
	}
}

func TestABatchIsAcceptedAsItWasStored(t *testing.T) {
	t.Parallel()
	s := signer(t, "a")
	signed, err := s.Sign(batch())
	require.NoError(t, err)
	bucket := memblob.OpenBucket(nil)
	require.NoError(t, review.WriteBatch(t.Context(), bucket, signed))
	read, err := review.ReadBatch(t.Context(), bucket, "2026-Q4", "00uBOSS", "b1")
	require.NoError(t, err)
	require.NoError(t, verifier(t, s).Verify(read))
	require.NoError(t, verifier(t, signer(t, "b"), s).Verify(read), "several keys at once, so that one can be replaced")
}

func TestASignatureCoversEverything(t *testing.T) {
	t.Parallel()
	s := signer(t, "a")
	v := verifier(t, s)
	signed, err := s.Sign(batch())
	require.NoError(t, err)
	for name, change := range map[string]func(*review.Batch){
		"the ID":                 func(b *review.Batch) { b.ID = "b2" },
		"the campaign":           func(b *review.Batch) { b.Campaign = "2026-Q3" },
		"the reviewer":           func(b *review.Batch) { b.Reviewer = "00uOTHER" },
		"who decided":            func(b *review.Batch) { b.By = "00uOTHER" },
		"how they showed it":     func(b *review.Batch) { b.Via = review.ViaLink },
		"the link":               func(b *review.Batch) { b.Link = "l1" },
		"the time":               func(b *review.Batch) { b.At = b.At.Add(time.Nanosecond) },
		"an item":                func(b *review.Batch) { b.Decisions[0].Item = "i3" },
		"an answer":              func(b *review.Batch) { b.Decisions[0].Answer = review.Revoke },
		"a reason":               func(b *review.Batch) { b.Decisions[1].Reason = "" },
		"how many at once":       func(b *review.Batch) { b.Decisions[0].Bulk = 9 },
		"the time of a decision": func(b *review.Batch) { b.Decisions[0].At = noon.Add(time.Hour) },
		"a decision more": func(b *review.Batch) {
			b.Decisions = append(b.Decisions, review.Decision{Item: "i9", Answer: review.Certify})
		},
		"a decision less":         func(b *review.Batch) { b.Decisions = b.Decisions[:1] },
		"the order":               func(b *review.Batch) { b.Decisions[0], b.Decisions[1] = b.Decisions[1], b.Decisions[0] },
		"the signature":           func(b *review.Batch) { b.Signature = "A" + b.Signature[1:] + "=" },
		"no signature":            func(b *review.Batch) { b.Signature = "" },
		"a signature cut short":   func(b *review.Batch) { b.Signature = b.Signature[:20] },
		"a signature of a sister": func(b *review.Batch) { other, _ := signer(t, "b").Sign(*b); b.Signature = other.Signature },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := signed
			b.Decisions = append([]review.Decision(nil), signed.Decisions...)
			change(&b)
			assert.ErrorIs(t, v.Verify(b), review.ErrSignature)
		})
	}
	require.NoError(t, v.Verify(signed), "and the batch itself still is fine")
	assert.ErrorIs(t, (&review.Verifier{}).Verify(signed), review.ErrSignature, "no key, no trust")
}

func TestKeysThatCannotBeUsedAreSaidSoAndNotShown(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "hunter2", base64.StdEncoding.EncodeToString([]byte("hunter2")), seed("a") + "x"} {
		_, err := review.NewSigner(text)
		require.ErrorContains(t, err, "openssl rand -base64 32")
		if text != "" {
			require.NotContains(t, err.Error(), text)
		}
		_, err = review.NewVerifier(signer(t, "a").Public(), text)
		require.ErrorContains(t, err, "public key 2")
	}
	_, err := review.NewSigner(seed("a") + "\n")
	require.NoError(t, err, "a file ends in a line end")
}

func TestASignerPrintsAsItsPublicHalf(t *testing.T) {
	t.Parallel()
	s := signer(t, "q")
	links, err := review.NewLinks(strings.Repeat("z", 40))
	require.NoError(t, err)
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("keys", "signer", s, "links", links)
	encoded, err := json.Marshal([]any{s, links})
	require.NoError(t, err)
	text := log.String() + string(encoded) + fmt.Sprintf("%v %+v %#v %s %v %+v %#v", s, s, s, s, links, links, links)
	assert.NotContains(t, text, "qqqq")
	assert.NotContains(t, text, "zzzz")
	assert.NotContains(t, text, seed("q"))
	assert.Contains(t, text, s.Public())
	assert.NotEqual(t, s.Derive("cookies"), s.Derive("something else"))
	assert.Equal(t, s.Derive("cookies"), signer(t, "q").Derive("cookies"), "two bridges with one key read each other's cookies")
}
