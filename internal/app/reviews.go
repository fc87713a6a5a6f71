package app

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"latchkey/bridge/reviews"
	"latchkey/contract"
	"latchkey/review"
)

// reviews makes the review pages; nil when they are not switched on.
func (b *Bridge) reviews(ctx context.Context, o BridgeOptions, c client.Client) (http.Handler, error) {
	if !o.Reviews.On() {
		return nil, nil //nolint:nilnil // no pages is what the settings say
	}
	signer, err := review.NewSigner(o.Reviews.SigningKey.Reveal())
	if err != nil {
		return nil, err
	}
	links, err := o.Links.Links()
	if err != nil {
		return nil, err
	}
	if o.Blobs == nil {
		if o.Blobs, err = OpenBlobs(ctx, o.BlobURL); err != nil {
			return nil, err
		}
		before, blobs := b.close, o.Blobs
		b.close = func() { _ = blobs.Close(); before() }
	}
	options := reviews.Options{
		Engine: desk{c}, Blobs: o.Blobs, Signer: signer, Links: links, URL: o.Links.URL, Log: o.Log,
	}
	if o.Reviews.SignIn() {
		options.OIDC = &reviews.OIDC{Issuer: o.Reviews.Issuer, ClientID: o.Reviews.ClientID, ClientSecret: o.Reviews.ClientSecret.Reveal()}
	}
	pages, err := reviews.New(options)
	if err != nil {
		return nil, err
	}
	// Workers have to know this key (LATCHKEY_REVIEW_VERIFY_KEYS); it is public.
	o.Log.Info("the review pages are on", "url", o.Links.URL, "public_key", signer.Public(), "sign_in", o.Reviews.SignIn())
	return pages.Handler(), nil
}

// desk is Temporal as the review pages see it.
type desk struct{ client client.Client }

// Reviewer implements reviews.Engine.
func (d desk) Reviewer(ctx context.Context, campaign, reviewer string) (contract.ReviewerState, error) {
	var state contract.ReviewerState
	err := d.query(ctx, contract.ReviewerWorkflowID(campaign, reviewer), contract.QueryReviewer, &state)
	return state, err
}

// Review implements reviews.Engine.
func (d desk) Review(ctx context.Context, campaign string) (contract.ReviewState, error) {
	var state contract.ReviewState
	err := d.query(ctx, contract.ReviewWorkflowID(campaign), contract.QueryReview, &state)
	return state, err
}

func (d desk) query(ctx context.Context, workflow, name string, into any) error {
	value, err := d.client.QueryWorkflow(ctx, workflow, "", name)
	if _, missing := errors.AsType[*serviceerror.NotFound](err); missing {
		return reviews.ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("asking %s for %s: %w", workflow, name, err)
	}
	return value.Get(into)
}

// Decide implements reviews.Engine. The update bears the batch's ID, so that a call that is repeated meets the first one.
func (d desk) Decide(ctx context.Context, campaign, reviewer, batch string) (contract.DecideResult, error) {
	var result contract.DecideResult
	handle, err := d.client.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{
		WorkflowID: contract.ReviewerWorkflowID(campaign, reviewer), UpdateName: contract.UpdateDecide, UpdateID: batch,
		Args: []any{contract.DecideCommand{Batch: batch}}, WaitForStage: client.WorkflowUpdateStageCompleted,
	})
	if err == nil {
		err = handle.Get(ctx, &result)
	}
	if err == nil {
		return result, nil
	}
	if _, ended := errors.AsType[*serviceerror.NotFound](err); ended {
		return result, reviews.ErrClosed
	}
	if refused, ok := errors.AsType[*temporal.ApplicationError](err); ok && refused.Type() == contract.FailReviewClosed {
		return result, reviews.ErrClosed
	}
	return result, fmt.Errorf("handing in a batch: %w", err)
}
