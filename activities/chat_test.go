package activities_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/activities"
	"latchkey/casework"
	"latchkey/clients/chat"
	"latchkey/contract"
	"latchkey/detection"
)

// channel is a webhook that counts what it is told.
func channel(t *testing.T, answer func(n int32) int) (string, *atomic.Int32) {
	t.Helper()
	var told atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.WriteHeader(answer(told.Add(1)))
	}))
	t.Cleanup(server.Close)
	return server.URL + "/secret-token", &told
}

func notice(names ...string) contract.NotifyChatInput {
	in := contract.NotifyChatInput{Ticket: 12, URL: "https://desk.example/12", Facts: contract.IncidentFacts{
		Key: bruteForceKey, Severity: detection.S1, Events: 12, Route: contract.AlertRoute{Rule: "Brute force"},
	}}
	for _, name := range names {
		in.Targets = append(in.Targets, contract.ChatTarget{Name: name, Kind: "slack"})
	}
	return in
}

func TestAChannelIsToldAtMostOnce(t *testing.T) {
	t.Parallel()
	ok, told := channel(t, func(int32) int { return 200 })
	unclear, perhaps := channel(t, func(int32) int { return 500 })
	busy, tried := channel(t, func(n int32) int {
		if n == 1 {
			return 429
		}
		return 200
	})
	e := &activities.Engine{Chat: activities.Chat{
		Client: &chat.Client{AllowPlainHTTP: true}, Addresses: map[string]string{"ok": ok, "unclear": unclear, "busy": busy},
	}}
	in := notice("ok", "unclear", "busy", "nowhere")
	_, details, err := once[contract.NotifyChatResult](t, e.NotifyChat, in, nil)
	assert.Equal(t, casework.Unavailable, failureKind(t, err), "one was certainly not told")
	assert.NotContains(t, err.Error(), "secret-token")
	out, _, err := once[contract.NotifyChatResult](t, e.NotifyChat, in, details)
	require.NoError(t, err)
	assert.Equal(t, []int32{1, 1, 2}, []int32{told.Load(), perhaps.Load(), tried.Load()}, "only the busy one is tried again")
	assert.Contains(t, out.Failed["unclear"], "500")
	assert.Contains(t, out.Failed["nowhere"], "LATCHKEY_CHAT_WEBHOOKS")
	assert.NotContains(t, out.Failed, "ok")
}
