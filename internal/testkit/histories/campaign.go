package main

import (
	"context"
	"errors"

	"go.temporal.io/sdk/client"

	"latchkey/contract"
	"latchkey/identity"
	"latchkey/internal/playground"
	"latchkey/review"
)

// campaign is a certification campaign from the schedule's launcher to the evidence: one reviewer answers and revokes a
// membership, the others do not, and an operator closes the reviews.
func campaign() scenario {
	s := scenario{
		name: "campaign", saves: []string{"ReviewLauncher.starts", "AccessReview.revokes", "Reviewer.tended", "Revocation.direct"},
		edits: map[string][]playground.Edit{"review.yaml": {{Old: `scope: person.status != "STAGED"`, New: `scope: person.department == "Sales"`}}},
	}
	s.play = func(ctx context.Context, p *player) error {
		var name string
		run, err := p.Temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: "review-launcher", TaskQueue: contract.QueueLatchkey}, contract.WorkflowReviewLaunch)
		if err != nil {
			return err
		}
		if err := run.Get(ctx, &name); err != nil {
			return err
		}
		state, err := p.WaitReviewers(ctx, name)
		if err != nil {
			return err
		}
		who, item, err := p.revokesOne(ctx, state)
		if err != nil {
			return err
		}
		if err := p.CloseReview(ctx, name, "the history is long enough"); err != nil {
			return err
		}
		if _, err := p.WaitReview(ctx, name, contract.ReviewEnded); err != nil {
			return err
		}
		for id, file := range map[string]string{
			"review-launcher": s.saves[0], contract.ReviewWorkflowID(name): s.saves[1], contract.ReviewerWorkflowID(name, who): s.saves[2],
			contract.RevocationWorkflowID(name, item.Person.OktaUserID): s.saves[3],
		} {
			if err := p.Temporal.GetWorkflow(ctx, id, "").Get(ctx, nil); err != nil {
				return err
			}
			if err := p.keep(ctx, id, file); err != nil {
				return err
			}
		}
		return nil
	}
	return s
}

// revokesOne revokes the first membership by name that some reviewer is asked about.
func (p *player) revokesOne(ctx context.Context, state contract.ReviewState) (reviewer string, item review.Item, err error) {
	for _, r := range state.Reviewers {
		packet, err := p.Packet(ctx, state.Campaign, r.Reviewer.ID)
		if err != nil {
			return "", item, err
		}
		for _, i := range packet.Items {
			if i.Object.Kind != identity.KindGroup || i.Origin != identity.OriginDirect {
				continue
			}
			res, err := p.Decide(ctx, state.Campaign, r.Reviewer.ID, review.Decision{Item: i.ID, Answer: review.Revoke, Reason: "not needed", Bulk: 1})
			if err == nil && res.Refused != "" {
				err = errors.New(res.Refused)
			}
			return r.Reviewer.ID, i, err
		}
	}
	return "", item, errors.New("nobody is asked about a membership by name")
}
