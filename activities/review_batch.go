package activities

import (
	"context"
	"errors"
	"slices"

	"latchkey/casework"
	"latchkey/contract"
	"latchkey/review"
)

// TakeReviewBatch verifies a batch of a reviewer's decisions and takes it into the answers. Nothing in the batch is
// believed before: it has to be signed by the bridge, to be of this campaign and reviewer, in time, by somebody who may
// decide, and to decide only what the packet asks. All of it counts, or nothing; what does not count is a result that
// says why. The answers lie under the digest of their content, so the same batch on the same answers is the same file.
func (e *Engine) TakeReviewBatch(ctx context.Context, in contract.TakeReviewBatchInput) (contract.TakeReviewBatchResult, error) {
	const doing = "taking in a batch of review decisions"
	now := clock(e.Now)
	var out contract.TakeReviewBatchResult
	if e.Reviews.Empty() {
		return out, failure(now, doing, problemf(casework.Unavailable, "this worker knows no key of the bridge: set LATCHKEY_REVIEW_VERIFY_KEYS"))
	}
	b, err := review.ReadBatch(ctx, e.Blobs, in.Campaign, in.Reviewer, in.Batch)
	switch {
	case review.NotFound(err):
		return refusedBatch("there is no such batch"), nil
	case errors.Is(err, review.ErrUnreadable):
		return refusedBatch("the batch is not readable"), nil
	case err != nil:
		return out, failure(now, doing, problemf(casework.Unavailable, "the blob store does not give the batch"))
	}
	if why := e.doubt(b, in); why != "" {
		return refusedBatch(why), nil
	}
	packet, err := review.ReadPacket(ctx, e.Blobs, in.Campaign, in.Reviewer)
	if err != nil {
		return out, failure(now, doing, unreadable(err, "the packet"))
	}
	if err := review.CheckDecisions(packet, b); err != nil {
		return refusedBatch(err.Error()), nil
	}
	answers, err := review.ReadAnswers(ctx, e.Blobs, in.Campaign, in.Reviewer, in.Answers)
	if err != nil {
		return out, failure(now, doing, unreadable(err, "the answers so far"))
	}
	answers.Take(b)
	out.Taken, out.Stamped = len(b.Decisions), answers.Stamped(packet.Stamp)
	out.Certified, out.Revoked = answers.Count()
	if out.Answers, err = review.WriteAnswers(ctx, e.Blobs, answers); err != nil {
		return contract.TakeReviewBatchResult{}, failure(now, doing, problemf(casework.Unavailable, "the blob store does not take the answers"))
	}
	return out, nil
}

// doubt says why a batch is not believed, before its decisions are looked at; empty when it is.
func (e *Engine) doubt(b review.Batch, in contract.TakeReviewBatchInput) string {
	age := in.HandedIn.Sub(b.At)
	switch {
	case e.Reviews.Verify(b) != nil:
		return "no known key has signed the batch as it is"
	case b.ID != in.Batch || b.Campaign != in.Campaign || b.Reviewer != in.Reviewer:
		return "the batch belongs to another reviewer or campaign"
	case age > review.BatchAge:
		return "the batch is too old; decide again"
	case age < -review.BatchAhead:
		return "the batch is from a time to come: the bridge's clock is wrong"
	case !in.HandedIn.Before(in.Due) || !b.At.Before(in.Due):
		return "the time for decisions is over"
	}
	switch b.Via {
	case review.ViaSignIn:
		if b.By != in.Reviewer && !slices.Contains(in.Deputies, b.By) {
			return "whoever signed in may not decide here: only the reviewer and named deputies may"
		}
	case review.ViaLink:
		i := slices.IndexFunc(in.Links, func(l contract.ReviewLink) bool { return l.ID == b.Link })
		switch {
		case b.By != in.Reviewer:
			return "a link speaks for its reviewer only"
		case b.Link == "" || i < 0:
			return "the link was never made for this reviewer"
		case in.Links[i].Revoked:
			return "the link was revoked"
		case !in.Links[i].Opens(b.At):
			return "the link has expired"
		}
	default:
		return "the batch does not say how whoever decided showed who they are"
	}
	return ""
}

func refusedBatch(why string) contract.TakeReviewBatchResult {
	return contract.TakeReviewBatchResult{Refused: why}
}

// unreadable is the error of a file of our own that cannot be read: one that is not there, or broken, stays so.
func unreadable(err error, what string) error {
	if review.NotFound(err) || errors.Is(err, review.ErrUnreadable) {
		return problemf(casework.Conflict, "%s in the blob store is missing or was altered", what)
	}
	return problemf(casework.Unavailable, "the blob store does not give %s", what)
}
