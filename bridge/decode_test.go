package bridge

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// FuzzDecodeNudge: whatever arrives, a body either names one ticket that exists as a number, or is refused with words
// that quote none of it.
func FuzzDecodeNudge(f *testing.F) {
	for _, seed := range []string{
		`{"event":"e","ticket_id":"SR-12","delivery":"d"}`, `{"ticket_id":12}`, `{"ticket_id":"#INC-3"}`,
		`{"freshservice_webhook":{"ticket_id":"SR-1","x":[1]}}`, `{"freshservice_webhook":null}`, `{"ticket_id":1e3}`,
		`{"ticket_id":"{{ticket.id}}"}`, `null`, `[]`, ``, `{"ticket_id":"\u0000"}`, `{"ticket_id":1,"ticket_id":2}`,
		`{"ticket_id":true}`, "\xef\xbb\xbf{}", `{"decision":"approved","ticket_id":1}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		n, err := decodeNudge(body)
		if err != nil {
			require.Zero(t, n)
			require.Less(t, len(err.Error()), 250, "an error quotes the body")
			return
		}
		require.Positive(t, n.Ticket)
		require.True(t, json.Valid(body))
	})
}

func TestWordMakesATextSafeForALog(t *testing.T) {
	t.Parallel()
	require.Equal(t, "approval_approved", word("approval_approved"))
	require.Equal(t, "a_b_c", word("a\nb\"c"))
	require.Len(t, word(strings.Repeat("x", 1000)), 64)
}
