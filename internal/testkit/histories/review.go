package main

import (
	"context"
	"fmt"
	"time"

	"go.temporal.io/sdk/client"

	"latchkey/contract"
	"latchkey/identity"
	"latchkey/review"
)

// reviewScenarios are the parts of a certification campaign.
func reviewScenarios() []scenario { return []scenario{reviewerDecides(), campaign()} }

// reviewerDecides is one reviewer alone: a batch that counts, the same again, a forged one, a link made and revoked.
func reviewerDecides() scenario {
	s := scenario{name: "reviewer_decides", saves: []string{"Reviewer.decides"}}
	s.play = func(ctx context.Context, p *player) error {
		state, err := p.seatReviewer(ctx)
		if err != nil {
			return err
		}
		id := contract.ReviewerWorkflowID(state.Campaign, state.Reviewer.ID)
		operator := contract.Operator{By: "an operator", Reason: "no sign-in here"}
		for _, cmd := range []contract.LinkCommand{
			{Operator: operator, ID: "link1", Expires: state.Due}, {Operator: operator, Revoke: "link1"},
		} {
			if err := p.update(ctx, id, contract.UpdateLink, cmd, nil); err != nil {
				return err
			}
		}
		signer, err := p.ReviewSigner()
		if err != nil {
			return err
		}
		for i, want := range []bool{true, true, false} {
			b := review.Batch{
				ID: []string{"batch1", "batch1", "forged"}[i], Campaign: state.Campaign, Reviewer: state.Reviewer.ID, By: state.Reviewer.ID,
				Via: review.ViaSignIn, At: time.Now(), Decisions: []review.Decision{{Item: "item1", Answer: review.Certify, Bulk: 1}},
			}
			if want {
				if b, err = signer.Sign(b); err != nil {
					return err
				}
			}
			if err := review.WriteBatch(ctx, p.Blobs(), b); err != nil {
				return err
			}
			var got contract.DecideResult
			if err := p.update(ctx, id, contract.UpdateDecide, contract.DecideCommand{Batch: b.ID}, &got); err != nil {
				return err
			}
			if (got.Refused == "") != want {
				return fmt.Errorf("batch %d: taken %d, refused %q", i, got.Taken, got.Refused)
			}
		}
		if err := p.Temporal.GetWorkflow(ctx, id, "").Get(ctx, nil); err != nil {
			return err
		}
		return p.keep(ctx, id, s.saves[0])
	}
	return s
}

// seatReviewer puts one item before a reviewer.
func (p *player) seatReviewer(ctx context.Context) (contract.ReviewerState, error) {
	state := contract.ReviewerState{
		Campaign: "2026-Q4", Reviewer: review.Reviewer{ID: "00uBOSS", Name: "Boss", Email: "boss@acme.example"}, Items: 1,
		Due: time.Now().Add(24 * time.Hour),
	}
	item := review.Item{
		ID: "item1", Person: review.Person{OktaUserID: "00uADA", Name: "Ada"}, Reviewer: state.Reviewer.ID, Peers: -1,
		Object: identity.Entitlement{Kind: identity.KindGroup, ID: "00gDEV", Name: "Engineering"},
	}
	err := review.WriteOnce(ctx, p.Blobs(), review.PacketKey(state.Campaign, state.Reviewer.ID), review.Packet{
		Campaign: state.Campaign, Reviewer: state.Reviewer, Grouping: review.ByPerson, Due: state.Due, Items: []review.Item{item},
	})
	if err != nil {
		return state, err
	}
	_, err = p.Temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: contract.ReviewerWorkflowID(state.Campaign, state.Reviewer.ID), TaskQueue: contract.QueueLatchkey,
	}, contract.WorkflowReviewer, contract.ReviewerInput{State: state, Linger: 2 * time.Second})
	return state, err
}

// update sends an update and waits for its answer.
func (p *player) update(ctx context.Context, id, name string, arg, into any) error {
	handle, err := p.Temporal.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{
		WorkflowID: id, UpdateName: name, Args: []any{arg}, WaitForStage: client.WorkflowUpdateStageCompleted,
	})
	if err != nil {
		return err
	}
	return handle.Get(ctx, into)
}
