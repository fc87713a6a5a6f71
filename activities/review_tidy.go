package activities

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"gocloud.dev/blob"
	"gocloud.dev/gcerrors"

	"latchkey/contract"
	"latchkey/review"
)

// ReviewTidy removes the working files of campaigns that were assigned longer ago than policy keeps them. What stays of a
// campaign is its evidence pack. The campaign that asks, and the one before it, keep everything: what is new is told by
// them.
func (o *Okta) ReviewTidy(ctx context.Context, in contract.ReviewTidyInput) (contract.ReviewTidyResult, error) {
	result, err := o.reviewTidy(ctx, in)
	return result, o.failed(ctx, "removing the working files of earlier reviews", err)
}

func (o *Okta) reviewTidy(ctx context.Context, in contract.ReviewTidyInput) (contract.ReviewTidyResult, error) {
	var result contract.ReviewTidyResult
	keep := time.Duration(o.Policy.Current().Review().Settings.RetainDays) * 24 * time.Hour
	names, err := campaigns(ctx, o.Blobs)
	if err != nil {
		return result, err
	}
	plan, err := o.reviewPlan(ctx, contract.ReviewPlanInput{Campaign: in.Campaign, At: in.At})
	if err != nil {
		return result, err
	}
	for _, name := range names {
		var index review.Index
		there, err := readBlob(ctx, o.Blobs, review.IndexKey(name), &index)
		if err != nil {
			return result, err
		}
		sealed, err := o.Blobs.Exists(ctx, review.ManifestKey(name))
		if err != nil {
			return result, fmt.Errorf("look for the evidence of %s: %w", name, err)
		}
		// Without its evidence pack a campaign may still run: its files are the evidence.
		if name == in.Campaign || name == plan.Previous || !there || !sealed || in.At.Sub(index.AssignedAt) < keep {
			continue
		}
		files, err := o.clear(ctx, name)
		if err != nil {
			return result, err
		}
		if result.Files += files; files > 0 {
			result.Campaigns = append(result.Campaigns, name)
		}
	}
	return result, nil
}

// clear removes everything of a campaign but its evidence pack. Its index goes last, so that a removal that was cut off
// is taken up again.
func (o *Okta) clear(ctx context.Context, campaign string) (files int, err error) {
	list := o.Blobs.List(&blob.ListOptions{Prefix: review.Folder(campaign)})
	for {
		one, err := list.Next(ctx)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return files, fmt.Errorf("list the files of %s: %w", campaign, err)
		}
		if strings.HasPrefix(one.Key, review.EvidenceFolder(campaign)) || one.Key == review.IndexKey(campaign) {
			continue
		}
		if err := o.Blobs.Delete(ctx, one.Key); err != nil && gcerrors.Code(err) != gcerrors.NotFound {
			return files, fmt.Errorf("remove %s: %w", one.Key, err)
		}
		if files++; files%100 == 0 {
			if err := beat(ctx, files); err != nil {
				return files, err
			}
		}
	}
	if err := o.Blobs.Delete(ctx, review.IndexKey(campaign)); err != nil && gcerrors.Code(err) != gcerrors.NotFound {
		return files, fmt.Errorf("remove the index of %s: %w", campaign, err)
	}
	return files + 1, nil
}
