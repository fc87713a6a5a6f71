package review_test

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/review"
)

func links(t *testing.T, secrets ...string) *review.Links {
	t.Helper()
	l, err := review.NewLinks(secrets...)
	require.NoError(t, err)
	return l
}

func TestALinkOpensAsItWasMadeUntilItExpires(t *testing.T) {
	t.Parallel()
	old, next := strings.Repeat("o", 32), strings.Repeat("n", 32)
	link := review.Link{Campaign: "2026-Q4", Reviewer: "00uBOSS", ID: "l1", Expires: noon.Add(time.Hour)}
	text, err := links(t, old).Sign(link)
	require.NoError(t, err)
	got, err := links(t, old).Open(text, noon)
	require.NoError(t, err)
	assert.Equal(t, link, got)
	got, err = links(t, next, old).Open(text, noon.Add(time.Hour-time.Second))
	require.NoError(t, err, "a secret that is being replaced still opens")
	assert.Equal(t, link, got)
	_, err = links(t, old).Open(text, noon.Add(time.Hour))
	require.ErrorIs(t, err, review.ErrLinkExpired)
	_, err = links(t, next).Open(text, noon)
	require.ErrorIs(t, err, review.ErrLink, "another secret")
	_, err = links(t).Open(text, noon)
	require.ErrorIs(t, err, review.ErrLink, "no secret")
}

func TestAnAlteredLinkDoesNotOpen(t *testing.T) {
	t.Parallel()
	l := links(t, strings.Repeat("o", 32))
	text, err := l.Sign(review.Link{Campaign: "2026-Q4", Reviewer: "00uBOSS", ID: "l1", Expires: noon.Add(time.Hour)})
	require.NoError(t, err)
	for i := range text { // any character of it
		changed := []byte(text)
		changed[i] = map[bool]byte{true: 'B', false: 'A'}[changed[i] == 'A']
		_, err := l.Open(string(changed), noon)
		require.ErrorIs(t, err, review.ErrLink, "character %d", i)
	}
	body, signature, _ := strings.Cut(text, ".")
	raw, err := base64.RawURLEncoding.DecodeString(body)
	require.NoError(t, err)
	longer := base64.RawURLEncoding.EncodeToString([]byte(strings.Replace(string(raw), "2026-11", "2027-11", 1)))
	for _, wrong := range []string{"", ".", body, body + ".", "." + signature, text + "A", text + "=", longer + "." + signature, strings.Repeat("A", 4096)} {
		_, err := l.Open(wrong, noon)
		require.ErrorIs(t, err, review.ErrLink, wrong)
	}
}

func TestALinkThatCannotBeIsNotMade(t *testing.T) {
	t.Parallel()
	l := links(t, strings.Repeat("o", 32))
	for _, link := range []review.Link{
		{Campaign: "../x", Reviewer: "r", ID: "l"}, {Campaign: "c", Reviewer: "a@example.com", ID: "l"}, {Campaign: "c", Reviewer: "r", ID: "../../l"},
	} {
		_, err := l.Sign(link)
		require.Error(t, err)
	}
	_, err := links(t).Sign(review.Link{Campaign: "c", Reviewer: "r", ID: "l"})
	require.ErrorContains(t, err, "LATCHKEY_REVIEW_LINK_SECRETS")
	_, err = review.NewLinks("short")
	require.ErrorContains(t, err, "at least 32")
}
