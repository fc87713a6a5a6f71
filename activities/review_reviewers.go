package activities

import (
	"context"
	"fmt"
	"iter"

	"gocloud.dev/blob"

	"latchkey/casework"
	"latchkey/contract"
	"latchkey/review"
)

// How much of a long list one call returns when the caller does not say: well below what a history takes.
const (
	reviewersMost   = 100
	revocationsMost = 200
)

// ReviewReviewers lists the packets of a campaign, stretch by stretch.
func (e *Engine) ReviewReviewers(ctx context.Context, in contract.ReviewReviewersInput) (contract.ReviewReviewersResult, error) {
	index, err := indexOf(ctx, e.Blobs, in.Campaign)
	if err != nil {
		return contract.ReviewReviewersResult{}, failure(clock(e.Now), "listing the reviewers of "+in.Campaign, err)
	}
	from, to := stretch(len(index.Packets), in.From, in.Most, reviewersMost)
	result := contract.ReviewReviewersResult{Packets: index.Packets[from:to]}
	if to < len(index.Packets) {
		result.Next = to
	}
	return result, nil
}

// ReviewRevocations lists the items that a reviewer revoked, or those that nobody answered, stretch by stretch and in the
// order of the packet.
func (e *Engine) ReviewRevocations(ctx context.Context, in contract.ReviewRevocationsInput) (contract.ReviewRevocationsResult, error) {
	result, err := e.reviewRevocations(ctx, in)
	return result, failure(clock(e.Now), "listing what was revoked in "+in.Campaign, err)
}

func (e *Engine) reviewRevocations(ctx context.Context, in contract.ReviewRevocationsInput) (contract.ReviewRevocationsResult, error) {
	var result contract.ReviewRevocationsResult
	answers, err := answersOf(ctx, e.Blobs, in.Campaign, in.Reviewer, in.Answers)
	if err != nil {
		return result, err
	}
	var met []review.Item
	for item, err := range packetItems(ctx, e.Blobs, in.Campaign, in.Reviewer) {
		if err != nil {
			return result, err
		}
		d, answered := answers.Decisions[item.ID]
		if in.Unanswered && !answered || !in.Unanswered && d.Answer == review.Revoke {
			met = append(met, item)
		}
	}
	from, to := stretch(len(met), in.From, in.Most, revocationsMost)
	result.Items = met[from:to]
	if to < len(met) {
		result.Next = to
	}
	return result, nil
}

// ReviewKeepOutcomes keeps how a reviewer's part ended. The same part again replaces itself.
func (e *Engine) ReviewKeepOutcomes(ctx context.Context, in contract.ReviewOutcomesInput) error {
	f := in.Final
	err := review.CheckCampaign(f.Campaign)
	switch {
	case err != nil:
		err = problemf(casework.Invalid, "%v", err)
	case f.Reviewer == "" || in.Part < 0:
		err = problemf(casework.Invalid, "outcomes need a reviewer, and a part from 0 on")
	default:
		err = writeBlob(ctx, e.Blobs, review.FinalKey(f.Campaign, f.Reviewer, in.Part), f)
	}
	return failure(clock(e.Now), "keeping what became of the items", err)
}

// stretch is the part of a list of n that is asked for.
func stretch(n, from, most, standard int) (int, int) {
	if most <= 0 {
		most = standard
	}
	from = min(max(from, 0), n)
	return from, min(from+most, n)
}

func indexOf(ctx context.Context, bucket *blob.Bucket, campaign string) (review.Index, error) {
	var index review.Index
	there, err := readBlob(ctx, bucket, review.IndexKey(campaign), &index)
	if err == nil && !there {
		err = problemf(casework.Invalid, "the campaign %s has no list of packets: its items are assigned first", campaign)
	}
	return index, err
}

// answersOf reads a reviewer's answers. Those of another packet are refused: a key is no proof of whose they are.
func answersOf(ctx context.Context, bucket *blob.Bucket, campaign, reviewer, key string) (review.Answers, error) {
	var a review.Answers
	if key == "" {
		return a, nil
	}
	there, err := readBlob(ctx, bucket, key, &a)
	switch {
	case err != nil:
		return a, err
	case !there:
		return a, problemf(casework.Invalid, "%s is not in the blob store any more: somebody removed a file of a campaign that runs", key)
	case a.Campaign != campaign || a.Reviewer != reviewer:
		return a, fmt.Errorf("%w: %s", problemf(casework.Invalid, "the answers are those of another packet"), key)
	}
	return a, nil
}

// packetItems walks the items of a reviewer's packet.
func packetItems(ctx context.Context, bucket *blob.Bucket, campaign, reviewer string) iter.Seq2[review.Item, error] {
	return func(yield func(review.Item, error) bool) {
		key := review.PacketKey(campaign, reviewer)
		in, err := bucket.NewReader(ctx, key, nil)
		if err != nil {
			yield(review.Item{}, fmt.Errorf("read %s: %w", key, err))
			return
		}
		defer in.Close()
		for item, err := range review.Items(in) {
			if !yield(item, err) || err != nil {
				return
			}
		}
	}
}
