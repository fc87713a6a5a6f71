package demo

import (
	"context"
	"fmt"

	"latchkey/casework"
	"latchkey/contract"
	"latchkey/identity"
	"latchkey/review"
)

// tellReview has a campaign certify, revoke, wait for somebody who does not answer, and name what is left.
func (s *stage) tellReview(ctx context.Context, n int) told {
	out := told{title: "An access review of Sales: certified, revoked, not answered, and a residual"}
	s.say("%2d  %s", n, out.title)
	mark := s.Mark()
	if out.err = s.reviewSales(ctx, mark, &out); out.err == nil {
		out.end = casework.EndDone
	} else {
		s.say("   ✗ %v", out.err)
	}
	s.say("")
	return out
}

func (s *stage) reviewSales(ctx context.Context, mark int, out *told) error {
	ctx, cancel := context.WithTimeout(ctx, storyTime)
	defer cancel()
	const campaign = "demo-sales"
	if err := s.StartReview(ctx, campaign, `person.department == "Sales" && person.status == "ACTIVE"`); err != nil {
		return err
	}
	s.progress("reading who has what, and asking the reviewers")
	state, err := s.WaitReviewers(ctx, campaign)
	if err != nil {
		return err
	}
	out.ticket = state.Ticket
	s.step("read", "%d accounts, %d grants, %d calls", state.Snapshot.Users, state.Snapshot.Grants, state.Snapshot.Calls)
	busy := state.Reviewers[0]
	for _, r := range state.Reviewers {
		if r.Items > busy.Items {
			busy = r
		}
	}
	s.step("asked", "%d reviewers; %s about %d items", len(state.Reviewers), busy.Reviewer.Name, busy.Items)
	revoked, err := s.answerReview(ctx, campaign, busy)
	if err != nil {
		return err
	}
	if err := s.CloseReview(ctx, campaign, "the demo goes on"); err != nil {
		return err
	}
	s.progress("taking away what was revoked")
	if state, err = s.WaitReview(ctx, campaign, contract.ReviewEnded); err != nil {
		return err
	}
	changes, err := s.Changes(revoked.Person.Login, mark)
	if err != nil {
		return err
	}
	out.changes = len(changes)
	c := state.Counts
	s.step("ended", "%d certified, %d revoked, %d without an answer; %d gone, %d left at their source", c.Certified, c.Revoked, c.Open, c.Gone, c.Left)
	s.step("evidence", "campaign digest %s", casework.ShortDigest(state.Evidence))
	switch {
	case len(changes) != 1:
		return fmt.Errorf("%s has %v in Okta's log; there should be the one membership that was taken", revoked.Person.Name, changes)
	case c.Revoked == 0 || c.Gone == 0 || c.Left == 0 || c.Open == 0:
		return fmt.Errorf("the campaign ended with %+v", c)
	}
	return nil
}

// answerReview certifies what a reviewer is asked, but for two memberships, one by name and one that a rule gives, and
// one item without an answer. It returns the one by name.
func (s *stage) answerReview(ctx context.Context, campaign string, r contract.ReviewerCounts) (review.Item, error) {
	packet, err := s.Packet(ctx, campaign, r.Reviewer.ID)
	if err != nil {
		return review.Item{}, err
	}
	var byName, byRule, open review.Item
	var decisions []review.Decision
	for _, item := range packet.Items {
		d := review.Decision{Item: item.ID, Answer: review.Certify, Reason: "the work needs it", Bulk: 1}
		group := item.Object.Kind == identity.KindGroup
		switch {
		case group && item.Origin == identity.OriginDirect && byName.ID == "":
			byName, d.Answer = item, review.Revoke
		case group && item.Origin == identity.OriginGroupRule && byRule.ID == "":
			byRule, d.Answer = item, review.Revoke
		case open.ID == "":
			open = item
			continue
		}
		decisions = append(decisions, d)
	}
	result, err := s.Decide(ctx, campaign, r.Reviewer.ID, decisions...)
	if err == nil && result.Refused != "" {
		err = fmt.Errorf("the decisions were refused: %s", result.Refused)
	}
	if err != nil {
		return byName, err
	}
	s.step("revoked", "%s of %s, given by name; %s of %s, given by a rule", byName.Object.Label(), byName.Person.Name, byRule.Object.Label(), byRule.Person.Name)
	s.step("open", "%s of %s: no answer, so nothing is taken away", open.Object.Label(), open.Person.Name)
	return byName, nil
}
