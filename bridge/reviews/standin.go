package reviews

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"

	"latchkey/review"
)

// standInsMost bounds whom one visitor is offered to stand in for.
const standInsMost = 20

// standIn is a reviewer in whose place the visitor may answer.
type standIn struct {
	Name string
	Href string
}

// standIns lists in whose place somebody who signed in may answer: whom policy escalates to is in the campaign's index,
// and the reviewer's workflow says whether they are let in by now. What cannot be looked up is left out: the page itself
// works without it.
func (p *Pages) standIns(ctx context.Context, s *session, campaign string) []standIn {
	if s.Via != review.ViaSignIn {
		return nil
	}
	var index review.Index
	if err := review.Read(ctx, p.blobs, review.IndexKey(campaign), &index); err != nil {
		if !review.NotFound(err) {
			p.log.WarnContext(ctx, "the index of a campaign could not be read", "campaign", campaign, "error", err)
		}
		return nil
	}
	var list []standIn
	for _, ref := range index.Packets {
		if ref.Escalate == nil || ref.Escalate.ID != s.User || ref.Reviewer.ID == s.User || len(list) == standInsMost {
			continue
		}
		state, err := p.engine.Reviewer(ctx, campaign, ref.Reviewer.ID)
		if err != nil || !slices.Contains(state.Deputies, s.User) {
			continue
		}
		list = append(list, standIn{
			Name: ref.Reviewer.Name, Href: prefix + url.PathEscape(campaign) + "?" + url.Values{"for": {ref.Reviewer.ID}}.Encode(),
		})
	}
	return list
}

// offerStandIns shows in whose place a visitor without a packet of their own may answer; false when nobody's.
func (p *Pages) offerStandIns(w http.ResponseWriter, r *http.Request, d *desk, err error) bool {
	if !errors.Is(err, errNothing) || d.Reviewer != d.Session.User || r.Method != http.MethodGet {
		return false
	}
	ctx, cancel := context.WithTimeout(r.Context(), askWithin)
	defer cancel()
	list := p.standIns(ctx, d.Session, d.Campaign)
	switch len(list) {
	case 0:
		return false
	case 1:
		http.Redirect(w, r, list[0].Href, http.StatusSeeOther)
	default:
		p.render(w, r, http.StatusOK, "standins.html", standInPage{Frame: p.frame(d, "In whose place?"), List: list})
	}
	return true
}

type standInPage struct {
	Frame frame
	List  []standIn
}
