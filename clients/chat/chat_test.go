package chat_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/clients/chat"
)

const evil = "<!channel> <https://evil.example|click> *b* [x](https://evil.example)\u202e\n_i_"

func message() chat.Message {
	return chat.Message{
		Title: "S1 Brute force " + evil, Text: "Why " + evil, Facts: []chat.Fact{{Label: "Person", Value: evil + strings.Repeat("x", 5000)}},
		Links: []chat.Link{{Title: "Open FS-12", URL: "https://desk.example/12"}, {Title: "none"}},
	}
}

// posted gives what a webhook was sent, answering as told.
func posted(t *testing.T, kind chat.Kind, status int, header, answer string) (map[string]any, string, error) {
	t.Helper()
	var raw []byte
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		raw, _ = io.ReadAll(r.Body)
		if header != "" {
			w.Header().Set("Retry-After", header)
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, answer)
	}))
	defer server.Close()
	err := (&chat.Client{AllowPlainHTTP: true}).Post(t.Context(), kind, server.URL+"/services/secret-token", message())
	var sent map[string]any
	require.NoError(t, json.Unmarshal(raw, &sent))
	return sent, string(raw), err
}

func TestSlackGetsBlocksInWhichNothingIsFormatted(t *testing.T) {
	t.Parallel()
	sent, _, err := posted(t, chat.Slack, 200, "", "ok")
	require.NoError(t, err)
	assert.NotContains(t, sent["text"], "<", "the one text that Slack formats is escaped")
	blocks, ok := sent["blocks"].([]any)
	require.True(t, ok)
	require.Len(t, blocks, 3)
	for _, b := range blocks {
		block, ok := b.(map[string]any)
		require.True(t, ok)
		if text, there := block["text"].(map[string]any); there {
			assert.Equal(t, "plain_text", text["type"])
			shown, ok := text["text"].(string)
			require.True(t, ok)
			assert.Less(t, len([]rune(shown)), 3001)
			assert.NotContains(t, shown, "\u202e")
		}
	}
	_, raw, _ := posted(t, chat.Slack, 200, "", "ok")
	assert.Equal(t, 1, strings.Count(raw, `"type":"button"`), "a link without an address is none")
}

func TestTeamsGetsOneAdaptiveCard(t *testing.T) {
	t.Parallel()
	sent, raw, err := posted(t, chat.Teams, 202, "", "")
	require.NoError(t, err)
	assert.Equal(t, "message", sent["type"])
	attachments, ok := sent["attachments"].([]any)
	require.True(t, ok)
	require.Len(t, attachments, 1)
	card, ok := attachments[0].(map[string]any)
	require.True(t, ok)
	assert.Equal(t, "application/vnd.microsoft.card.adaptive", card["contentType"])
	assert.NotContains(t, raw, "[x](", "a link in an event is no link")
	assert.Contains(t, raw, "https://desk.example/12")
}

func TestAFailureSaysWhetherItMayHaveArrivedAndNoAddress(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		status         int
		header, answer string
		want           chat.Outcome
		after          time.Duration
	}{
		"rate limited": {429, "7", "", chat.NotSent, 7 * time.Second},
		"server error": {500, "", "<html>secret-token</html>", chat.Unclear, 0},
		"refused":      {404, "", "no_service", chat.Refused, 0},
		"redirected":   {302, "", "", chat.Refused, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, _, err := posted(t, chat.Slack, test.status, test.header, test.answer)
			var failed *chat.Error
			require.ErrorAs(t, err, &failed)
			assert.Equal(t, test.want, failed.Outcome)
			assert.Equal(t, test.after, failed.RetryAfter)
			assert.NotContains(t, err.Error(), "secret-token")
		})
	}
	_, _, err := posted(t, chat.Slack, 404, "", "no_service")
	assert.ErrorContains(t, err, "no_service")
}

func TestWithoutAConnectionNothingArrived(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.NotFoundHandler())
	address := server.URL + "/secret-token"
	server.Close()
	err := (&chat.Client{AllowPlainHTTP: true}).Post(t.Context(), chat.Slack, address, message())
	var failed *chat.Error
	require.ErrorAs(t, err, &failed)
	assert.Equal(t, chat.NotSent, failed.Outcome)
	assert.NotContains(t, err.Error(), "secret-token")

	dropped := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	defer dropped.Close()
	err = (&chat.Client{AllowPlainHTTP: true}).Post(t.Context(), chat.Slack, dropped.URL+"/secret-token", message())
	require.ErrorAs(t, err, &failed)
	assert.Equal(t, chat.Unclear, failed.Outcome, "it may have arrived")
	assert.NotContains(t, err.Error(), "secret-token")
}

func TestOnlyHTTPSAddresses(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"http://hooks.example/x", "hooks.example", "https://user:pw@hooks.example", "://"} {
		err := (&chat.Client{}).Post(t.Context(), chat.Slack, address, message())
		require.Error(t, err)
		assert.NotContains(t, err.Error(), "hooks.example")
	}
	require.Error(t, (&chat.Client{AllowPlainHTTP: true}).Post(t.Context(), "irc", "http://127.0.0.1:1", message()))
}
