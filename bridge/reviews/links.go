package reviews

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"latchkey/review"
)

// openLink takes a signed link, opens a session and goes to the campaign's page: the token leaves the address bar. The
// link may be opened again until it expires or is revoked.
func (p *Pages) openLink(w http.ResponseWriter, r *http.Request) {
	link, err := p.links.Open(r.PathValue("token"), p.now())
	switch {
	case errors.Is(err, review.ErrLinkExpired):
		p.say(w, r, http.StatusForbidden, notice{Title: "This link has expired", Text: "Ask whoever gave it to you for a new one."})
		return
	case err != nil:
		p.say(w, r, http.StatusForbidden, notice{Title: "This link does not open anything", Text: "It was altered or cut on its way. Copy it whole, or ask for a new one."})
		return
	}
	s := session{User: link.Reviewer, Via: review.ViaLink, Link: link.ID, Campaign: link.Campaign}
	ctx, cancel := context.WithTimeout(r.Context(), askWithin)
	defer cancel()
	state, err := p.engine.Reviewer(ctx, link.Campaign, link.Reviewer)
	switch {
	case errors.Is(err, ErrNotFound):
		p.sayNothingHere(w, r)
		return
	case err != nil:
		p.sayAway(w, r, err)
		return
	}
	if listed, ok := state.Link(link.ID); !ok || !listed.Opens(p.now()) {
		p.sayLinkOver(w, r)
		return
	}
	s.Name = state.Reviewer.Name
	if err := p.begin(w, s, link.Expires.Sub(p.now())); err != nil {
		p.sayAway(w, r, err)
		return
	}
	http.Redirect(w, r, prefix+url.PathEscape(link.Campaign), http.StatusSeeOther)
}

func (p *Pages) sayLinkOver(w http.ResponseWriter, r *http.Request) {
	p.dropCookie(w, sessionCookie)
	p.say(w, r, http.StatusForbidden, notice{Title: "This link no longer opens the review", Text: "It was revoked or has expired. Ask whoever gave it to you for a new one."})
}
