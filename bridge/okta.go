package bridge

import (
	"encoding/json"
	"net/http"
)

// challengeMost bounds what is echoed; Okta's values are far shorter.
const challengeMost = 512

// oktaChallenge answers the one GET that Okta sends, when an event hook is verified: the header's value comes back in
// JSON (okta-api.md §8). It needs no secret, because it gives nothing away.
func (b *Bridge) oktaChallenge(w http.ResponseWriter, r *http.Request) {
	if !b.sources.accepted.allow(b.sources.of(r)) {
		w.Header().Set("Retry-After", "1")
		refuse(w, http.StatusTooManyRequests, "too many calls from this address; slow down")
		return
	}
	value := r.Header.Get("X-Okta-Verification-Challenge")
	if value == "" || len(value) > challengeMost {
		refuse(w, http.StatusBadRequest, "the header x-okta-verification-challenge is missing or too long: Okta sends it when a hook is verified")
		return
	}
	answer(w, http.StatusOK, verification{Verification: value})
}

type verification struct {
	Verification string `json:"verification"`
}

// oktaDelivery is as much of an event hook's body as is used (okta-api.md §8). It is Okta's shape, so fields we do not
// know are passed over.
type oktaDelivery struct {
	EventType string `json:"eventType"`
	Data      struct {
		Events []oktaEvent `json:"events"`
	} `json:"data"`
}

// oktaEvents takes a delivery of an event hook. Deliveries are hints only: they may be lost, late or repeated, and Okta
// tries a second time at most. They are counted by event type, a change of a profile nudges the sync of that person, and
// any delivery is a reason to read the System Log now: that is where alerts come from, and it loses nothing.
func (b *Bridge) oktaEvents(w http.ResponseWriter, r *http.Request) {
	if !b.admit(w, r, b.okta.match(presentedByOkta(r.Header)...), "the event hook's authentication field is \"Authorization\" and its secret one of LATCHKEY_OKTA_HOOK_SECRETS") {
		return
	}
	body, ok := read(w, r)
	if !ok {
		return
	}
	var delivery oktaDelivery
	if err := json.Unmarshal(body, &delivery); err != nil || delivery.EventType != "com.okta.event_hook" {
		refuse(w, http.StatusBadRequest, "not the delivery of an Okta event hook")
		return
	}
	for _, e := range delivery.Data.Events {
		b.metrics.oktaEvent(e.EventType)
	}
	b.wakeLog(r, len(delivery.Data.Events))
	people := b.changed(delivery.Data.Events)
	if !b.nudgePeople(w, r, people) {
		return
	}
	b.log.InfoContext(r.Context(), "okta events", "events", len(delivery.Data.Events), "nudged", len(people))
	w.WriteHeader(http.StatusNoContent)
}
