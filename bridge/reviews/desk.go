package reviews

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"latchkey/contract"
	"latchkey/review"
)

// desk is what one visitor has before them: whose packet, how far it is, and what was answered.
type desk struct {
	Session  *session
	Campaign string
	Reviewer string
	State    contract.ReviewerState
	Packet   review.Packet
	Answers  review.Answers
}

// open says whether answers count now.
func (d *desk) open() bool { return d.State.Open }

// base is the path of the desk's page, with whose packet it is where it is somebody else's.
func (d *desk) base(further string, q url.Values) string {
	path := prefix + url.PathEscape(d.Campaign) + further
	if q == nil {
		q = url.Values{}
	}
	if d.Session.User != d.Reviewer {
		q.Set("for", d.Reviewer)
	}
	if len(q) > 0 {
		path += "?" + q.Encode()
	}
	return path
}

// The reasons why a visitor does not sit down.
var (
	errNoPage    = errors.New("no such campaign")
	errOtherLink = errors.New("the link is for another campaign")
	errNothing   = errors.New("nothing to review here for this visitor")
	errLinkOver  = errors.New("the link was revoked or has expired")
)

// denied says whether an error of find means no, rather than that something does not answer.
func denied(err error) bool {
	return errors.Is(err, errNoPage) || errors.Is(err, errOtherLink) || errors.Is(err, errNothing) || errors.Is(err, errLinkOver)
}

// deny answers a visitor who may not sit down.
func (p *Pages) deny(w http.ResponseWriter, r *http.Request, err error) {
	switch {
	case errors.Is(err, errOtherLink):
		p.say(w, r, http.StatusForbidden, notice{Title: "Your link is for another review", Text: "Open the link that you were given for this one."})
	case errors.Is(err, errLinkOver):
		p.sayLinkOver(w, r)
	case errors.Is(err, errNothing):
		p.sayNothingHere(w, r)
	default:
		p.sayNoPage(w, r)
	}
}

// seat finds the desk of whoever calls. It answers when there is none.
func (p *Pages) seat(w http.ResponseWriter, r *http.Request) (*desk, bool) {
	s := p.session(r)
	if s == nil && review.CheckCampaign(r.PathValue("campaign")) == nil {
		p.askWho(w, r)
		return nil, false
	}
	d, err := p.find(r, s)
	switch {
	case s != nil && p.offerStandIns(w, r, d, err):
	case denied(err):
		p.deny(w, r, err)
	case err != nil:
		p.sayAway(w, r, err)
	}
	return d, err == nil
}

// find finds the desk that is asked for, and whether the session may sit at it. Any other error than those that denied
// knows means that something does not answer; the desk is then as far as it is known.
func (p *Pages) find(r *http.Request, s *session) (*desk, error) {
	d := &desk{Campaign: r.PathValue("campaign"), Session: s, Reviewer: r.URL.Query().Get("for")}
	if review.CheckCampaign(d.Campaign) != nil || s == nil {
		return d, errNoPage
	}
	if d.Reviewer == "" {
		d.Reviewer = s.User
	}
	switch {
	case s.Via == review.ViaLink && s.Campaign != d.Campaign:
		return d, errOtherLink
	case s.Via == review.ViaLink && d.Reviewer != s.User || review.CheckID(d.Reviewer) != nil:
		return d, errNothing
	}
	ctx, cancel := context.WithTimeout(r.Context(), askWithin)
	defer cancel()
	var err error
	if d.State, err = p.engine.Reviewer(ctx, d.Campaign, d.Reviewer); err != nil {
		if errors.Is(err, ErrNotFound) {
			return d, errNothing
		}
		return d, err
	}
	if s.User != d.Reviewer && !slices.Contains(d.State.Deputies, s.User) {
		return d, errNothing // what somebody else has to review is nobody's business
	}
	if s.Via == review.ViaLink {
		if listed, ok := d.State.Link(s.Link); !ok || !listed.Opens(p.now()) {
			return d, errLinkOver
		}
	}
	return d, p.lay(ctx, d)
}

// lay reads what lies on the desk.
func (p *Pages) lay(ctx context.Context, d *desk) (err error) {
	if d.Packet, err = p.packets.read(ctx, p.blobs, d.Campaign, d.Reviewer); err != nil {
		return fmt.Errorf("reading the packet: %w", err)
	}
	if d.Answers, err = review.ReadAnswers(ctx, p.blobs, d.Campaign, d.Reviewer, d.State.Answers); err != nil {
		return fmt.Errorf("reading the answers: %w", err)
	}
	return nil
}
