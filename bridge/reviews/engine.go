package reviews

import (
	"context"
	"errors"

	"latchkey/contract"
)

// Engine is what the pages ask of Temporal. Every other error than those named means that it cannot answer now.
type Engine interface {
	// Reviewer is how far a reviewer is, ErrNotFound where the campaign asks nothing of them.
	Reviewer(ctx context.Context, campaign, reviewer string) (contract.ReviewerState, error)
	// Decide hands in a batch by its ID and waits until it was verified. It returns ErrClosed when decisions no longer
	// count. A batch that may have arrived may be handed in again: it counts once.
	Decide(ctx context.Context, campaign, reviewer, batch string) (contract.DecideResult, error)
	// Review is how far a campaign is, ErrNotFound where there is none.
	Review(ctx context.Context, campaign string) (contract.ReviewState, error)
}

// The answers of an Engine that are no trouble.
var (
	ErrNotFound = errors.New("no such review")
	ErrClosed   = errors.New("the review is closed")
)
