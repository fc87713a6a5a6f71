package playground

import (
	"context"
	"crypto/rand"
	"fmt"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"

	"latchkey/casework"
	"latchkey/contract"
	"latchkey/review"
)

// StartReview starts a campaign, as `starter review start` does.
func (p *Playground) StartReview(ctx context.Context, campaign, scope string) error {
	_, err := p.Temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: contract.ReviewWorkflowID(campaign), TaskQueue: contract.QueueLatchkey, StaticSummary: "Access review " + campaign,
		WorkflowIDReusePolicy: enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE_FAILED_ONLY,
	}, string(casework.AccessReview), contract.ReviewInput{Campaign: campaign, Scope: scope})
	return err
}

// Review reads where a campaign stands.
func (p *Playground) Review(ctx context.Context, campaign string) (state contract.ReviewState, err error) {
	value, err := p.Temporal.QueryWorkflow(ctx, contract.ReviewWorkflowID(campaign), "", contract.QueryReview)
	if err != nil {
		return state, err
	}
	return state, value.Get(&state)
}

// WaitReview waits until a campaign is in a phase and every reviewer has a ticket by then.
func (p *Playground) WaitReview(ctx context.Context, campaign string, phase contract.ReviewPhase) (state contract.ReviewState, err error) {
	err = p.until(ctx, fmt.Sprintf("campaign %s being %s", campaign, phase), func() (bool, error) {
		if state, err = p.Review(ctx, campaign); err != nil {
			return false, nil //nolint:nilerr // it may not have begun
		}
		return state.Phase == phase, nil
	})
	return state, err
}

// WaitReviewers waits until every reviewer of a campaign has been asked on a ticket.
func (p *Playground) WaitReviewers(ctx context.Context, campaign string) (state contract.ReviewState, err error) {
	err = p.until(ctx, "the reviewers of campaign "+campaign+" being asked", func() (bool, error) {
		if state, err = p.Review(ctx, campaign); err != nil || !state.Listed {
			return false, nil //nolint:nilerr // it may not have begun
		}
		for _, r := range state.Reviewers {
			if r.Ticket == 0 {
				return false, nil
			}
		}
		return true, nil
	})
	return state, err
}

// Packet is what a reviewer is asked.
func (p *Playground) Packet(ctx context.Context, campaign, reviewer string) (review.Packet, error) {
	return review.ReadPacket(ctx, p.blobs, campaign, reviewer)
}

// Decide hands in decisions as the bridge does for a reviewer who is signed in.
func (p *Playground) Decide(ctx context.Context, campaign, reviewer string, decisions ...review.Decision) (result contract.DecideResult, err error) {
	signer, err := p.ReviewSigner()
	if err != nil {
		return result, err
	}
	for i := range decisions {
		decisions[i].At = time.Now().UTC()
	}
	batch, err := signer.Sign(review.Batch{
		ID: rand.Text(), Campaign: campaign, Reviewer: reviewer, By: reviewer, Via: review.ViaSignIn, At: time.Now().UTC(), Decisions: decisions,
	})
	if err != nil {
		return result, err
	}
	if err := review.WriteBatch(ctx, p.blobs, batch); err != nil {
		return result, err
	}
	handle, err := p.Temporal.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{
		WorkflowID: contract.ReviewerWorkflowID(campaign, reviewer), UpdateName: contract.UpdateDecide,
		Args: []any{contract.DecideCommand{Batch: batch.ID}}, WaitForStage: client.WorkflowUpdateStageCompleted,
	})
	if err != nil {
		return result, err
	}
	return result, handle.Get(ctx, &result)
}

// CloseReview closes the reviews of a campaign now, as `starter review close` does.
func (p *Playground) CloseReview(ctx context.Context, campaign, reason string) error {
	_, err := p.update(ctx, contract.ReviewWorkflowID(campaign), contract.UpdateExpedite, contract.OperatorCommand{
		Operator: contract.Operator{By: "an operator", Reason: reason},
	})
	return err
}
