package bridge

import "net/http"

// review hands a call to the review pages. They keep who is there, what they may and what a form may hold; how often an
// address may call is kept here.
func (b *Bridge) review(w http.ResponseWriter, r *http.Request) {
	switch {
	case b.reviews == nil:
		say(w, http.StatusNotFound, "The review pages are not switched on: set LATCHKEY_REVIEW_SIGNING_KEY.")
	case !b.sources.pages.allow(b.sources.of(r)):
		w.Header().Set("Retry-After", "5")
		say(w, http.StatusTooManyRequests, "Too many calls from this address. Wait a few seconds and try again; what you typed is still there when you go back.")
	default:
		b.reviews.ServeHTTP(w, r)
	}
}
