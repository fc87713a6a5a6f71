package bridge

import (
	"context"
	"net/http"
	"slices"
)

// profileUpdated is Okta's name of a change of somebody's profile (okta-api.md §7).
const profileUpdated = "user.account.update_profile"

// mostPeople bounds whom one delivery may nudge; Okta sends a few events at a time, and the walk finds the rest.
const mostPeople = 100

// oktaParty is an actor or a target of an event.
type oktaParty struct {
	ID   string `json:"id"`
	Type string `json:"type"`
}

// oktaEvent is as much of an event as is used.
type oktaEvent struct {
	EventType string      `json:"eventType"`
	Actor     oktaParty   `json:"actor"`
	Target    []oktaParty `json:"target"`
}

// changed lists whose profiles the events say have changed, each once. What one of our own did is passed over: the sync
// would find nothing to do.
func (b *Bridge) changed(events []oktaEvent) []string {
	var people []string
	for _, e := range events {
		if e.EventType != profileUpdated || slices.Contains(b.ourselves, e.Actor.ID) {
			continue
		}
		for _, t := range e.Target {
			if t.Type == "User" && t.ID != "" && !slices.Contains(people, t.ID) && len(people) < mostPeople {
				people = append(people, t.ID)
			}
		}
	}
	return people
}

// nudgePeople hands over to Temporal. It answers when that cannot be done.
func (b *Bridge) nudgePeople(w http.ResponseWriter, r *http.Request, people []string) bool {
	ctx, cancel := context.WithTimeout(r.Context(), acceptWithin)
	defer cancel()
	for _, id := range people {
		if err := b.temporal.NudgePerson(ctx, id); err != nil {
			b.log.ErrorContext(r.Context(), "temporal did not accept a nudge", "okta_user", word(id), "error", err)
			w.Header().Set("Retry-After", retryAfter)
			refuse(w, http.StatusServiceUnavailable, "Temporal cannot take it now; send it again")
			return false
		}
	}
	return true
}
