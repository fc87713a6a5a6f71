package bridge_test

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"latchkey/bridge"
)

func TestADeliveryWakesTheLogAndABurstWakesItOnceASecond(t *testing.T) {
	t.Parallel()
	const delivery = `{"eventType":"com.okta.event_hook","data":{"events":[{"eventType":"user.session.start"}]}}`
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	e := &engine{}
	h := newBridge(t, e, func(o *bridge.Options) { o.Now = func() time.Time { return now } })
	deliver := func(body string) int {
		answer, _ := ask(h, post("/webhooks/okta", body, "Authorization", okta))
		return answer.StatusCode
	}
	for range 50 {
		assert.Equal(t, http.StatusNoContent, deliver(delivery))
	}
	assert.Equal(t, 1, e.wakes)
	now = now.Add(time.Second)
	assert.Equal(t, http.StatusNoContent, deliver(delivery))
	assert.Equal(t, 2, e.wakes)

	now = now.Add(time.Second)
	assert.Equal(t, http.StatusNoContent, deliver(`{"eventType":"com.okta.event_hook","data":{"events":[]}}`))
	assert.Equal(t, 2, e.wakes, "nothing is in it")

	e.away(errors.New("away"))
	assert.Equal(t, http.StatusNoContent, deliver(delivery), "a nudge that is lost is no reason to send the delivery again")
}
