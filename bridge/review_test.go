package bridge_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"latchkey/bridge"
)

func TestReviewPagesHaveARateOfTheirOwn(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)
	pages := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })
	h := newBridge(t, &engine{}, func(o *bridge.Options) {
		o.Reviews, o.Now = pages, func() time.Time { return now }
	})
	get := func(address string) int {
		r := httptest.NewRequest(http.MethodGet, "/review/2026-Q4", nil)
		r.RemoteAddr = address
		answer, _ := ask(h, r)
		return answer.StatusCode
	}
	last := 0
	for range 1000 {
		if last = get("192.0.2.1:5"); last != http.StatusTeapot {
			break
		}
	}
	assert.Equal(t, http.StatusTooManyRequests, last)
	assert.Equal(t, http.StatusTeapot, get("192.0.2.2:5"), "another address is not held up")
	answer, _ := ask(h, post("/webhooks/freshservice", `{"ticket_id":12}`, "X-Latchkey-Secret", secret))
	assert.Equal(t, http.StatusAccepted, answer.StatusCode, "nor are webhooks")
}

func TestWithoutReviewPagesTheBridgeSaysSo(t *testing.T) {
	t.Parallel()
	answer, body := ask(newBridge(t, &engine{}, nil), httptest.NewRequest(http.MethodGet, "/review/2026-Q4", nil))
	assert.Equal(t, http.StatusNotFound, answer.StatusCode)
	assert.Contains(t, body, "LATCHKEY_REVIEW_SIGNING_KEY")
}
