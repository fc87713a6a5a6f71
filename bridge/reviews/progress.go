package reviews

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"latchkey/contract"
	"latchkey/review"
)

// progressPage is the data of the campaign page.
type progressPage struct {
	Frame    frame
	Campaign string
	Title    string
	Phase    string
	Observed bool
	Due      time.Time
	Left     string
	Started  time.Time
	Counts   contract.ReviewCounts
	Answered int
	Bars     []bar // the whole campaign, as parts of a hundred
	Rows     []progressRow
	Stamped  int
	Silent   int // reviewers without any answer
	Done     int // reviewers who have answered everything
	Snapshot contract.SnapshotRef
	Evidence string
}

// bar is one part of a chart.
type bar struct {
	Kind    string // of the style: certified, revoked, open
	Label   string
	N       int
	X, W    float64 // of a hundred
	Percent int
}

type progressRow struct {
	contract.ReviewerCounts
	Open    int
	Percent int
	Bars    []bar
}

// progress is the campaign page, for those whom policy names.
func (p *Pages) progress(w http.ResponseWriter, r *http.Request) {
	campaign := r.PathValue("campaign")
	if review.CheckCampaign(campaign) != nil {
		p.sayNoPage(w, r)
		return
	}
	s := p.session(r)
	if s == nil {
		p.askWho(w, r)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), askWithin)
	defer cancel()
	state, err := p.engine.Review(ctx, campaign)
	switch {
	case err != nil && !errors.Is(err, ErrNotFound):
		p.sayAway(w, r, err)
		return
	case err != nil, s.Via != review.ViaSignIn, !slices.Contains(state.Watchers, s.User):
		p.say(w, r, http.StatusNotFound, notice{Title: "Nothing to see for you here", Text: "Only those whom policy names see how far a campaign is, and only signed in."})
		return
	}
	p.render(w, r, http.StatusOK, "progress.html", p.progressOf(s, state))
}

func (p *Pages) progressOf(s *session, state contract.ReviewState) progressPage {
	c := state.Counts
	page := progressPage{
		Campaign: state.Campaign, Title: state.Title, Phase: phaseWords(state.Phase), Observed: state.Mode == "observe", Due: state.Due,
		Left: left(state.Due.Sub(p.now())), Started: state.StartedAt, Counts: c, Answered: c.Certified + c.Revoked, Snapshot: state.Snapshot, Evidence: state.Evidence,
	}
	if page.Title == "" {
		page.Title = "Access review " + state.Campaign
	}
	page.Frame = frame{Title: "Progress of " + page.Title, Who: s.Name, Via: "signed in", Token: p.token(s)}
	if page.Frame.Who == "" {
		page.Frame.Who = s.User
	}
	page.Bars = bars(c.Items, c.Certified, c.Revoked)
	for _, one := range state.Reviewers {
		answered := one.Certified + one.Revoked
		line := progressRow{ReviewerCounts: one, Open: one.Items - answered, Percent: percent(answered, one.Items), Bars: bars(one.Items, one.Certified, one.Revoked)}
		switch {
		case answered == 0 && one.Items > 0:
			page.Silent++
		case answered >= one.Items:
			page.Done++
		}
		if one.Stamped {
			page.Stamped++
		}
		page.Rows = append(page.Rows, line)
	}
	return page
}

// bars are the parts of a whole, one behind the other.
func bars(all, certified, revoked int) []bar {
	if all <= 0 {
		return nil
	}
	list := []bar{
		{Kind: "certified", Label: "certified", N: certified},
		{Kind: "revoked", Label: "revoked", N: revoked},
		{Kind: "open", Label: "open", N: max(0, all-certified-revoked)},
	}
	x := 0.0
	for i := range list {
		list[i].X, list[i].W, list[i].Percent = x, 100*float64(list[i].N)/float64(all), percent(list[i].N, all)
		x += list[i].W
	}
	return list
}

func percent(n, all int) int {
	if all <= 0 {
		return 100
	}
	return 100 * n / all // rounded down: 100 is said of the whole only
}

func phaseWords(phase contract.ReviewPhase) string {
	switch phase {
	case contract.ReviewPlanning:
		return "Being planned"
	case contract.ReviewSnapshotting:
		return "Reading who has what"
	case contract.ReviewAssigning:
		return "Finding the reviewers"
	case contract.ReviewOpen:
		return "Reviewers decide"
	case contract.ReviewRevoking:
		return "What was revoked is being taken away"
	case contract.ReviewReporting:
		return "The evidence is being written"
	case contract.ReviewEnded:
		return "Ended"
	}
	return string(phase)
}
