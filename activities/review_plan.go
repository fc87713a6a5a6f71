package activities

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"gocloud.dev/blob"

	"latchkey/casework"
	"latchkey/contract"
	"latchkey/policy"
	"latchkey/review"
)

// ReviewPlan says what policy says of a campaign that begins now: it is frozen for the whole campaign. A given scope is
// compiled, so that one that cannot work is refused before anything is read.
func (o *Okta) ReviewPlan(ctx context.Context, in contract.ReviewPlanInput) (contract.ReviewPlanResult, error) {
	result, err := o.reviewPlan(ctx, in)
	return result, o.failed(ctx, "planning a review", err)
}

func (o *Okta) reviewPlan(ctx context.Context, in contract.ReviewPlanInput) (contract.ReviewPlanResult, error) {
	p := o.Policy.Current()
	if in.Campaign == "" {
		in.Campaign = p.ReviewCampaign(in.At)
	}
	result := contract.ReviewPlanResult{
		Campaign: in.Campaign, Mode: p.Mode(casework.AccessReview), Settings: p.Review().Settings, Policy: p.Digest(), Due: p.ReviewDue(in.At),
		Owner: ownerOfCampaigns(p), Times: times(p.Times()),
	}
	result.Settings.Title = p.ReviewTitle(in.Campaign)
	if err := review.CheckCampaign(in.Campaign); err != nil {
		return result, problemf(casework.Invalid, "%v", err)
	}
	if _, err := p.ReviewScope(in.Scope); err != nil {
		return result, problemf(casework.Invalid, "the scope is no expression over person and grant: %v", err)
	}
	var err error
	if result.Watchers, err = o.watchers(ctx, p.Review().Watchers); err != nil {
		return result, err
	}
	before, err := campaigns(ctx, o.Blobs)
	if err != nil {
		return result, err
	}
	var latest time.Time
	for _, name := range before {
		var index review.Index
		there, err := readBlob(ctx, o.Blobs, review.IndexKey(name), &index)
		if err != nil {
			return result, err
		}
		if there && name != in.Campaign && index.AssignedAt.After(latest) {
			latest, result.Previous = index.AssignedAt, name
		}
	}
	return result, nil
}

// ownerOfCampaigns is who owns what nothing else names an owner for.
func ownerOfCampaigns(p *policy.Policy) string {
	if group := p.Review().Ask; group != "" {
		return group
	}
	return "whoever answers for access reviews"
}

// watchers are the accounts of those who may see the campaign's page. An address that no account or several have is
// nobody's.
func (o *Okta) watchers(ctx context.Context, addresses []string) ([]string, error) {
	var ids []string
	for _, address := range addresses {
		found, err := o.Client.FindUsersByEmail(ctx, address)
		if err != nil {
			return nil, err
		}
		if chosen, _ := pick(found); len(chosen) == 1 {
			ids = append(ids, chosen[0].ID)
		}
	}
	return ids, nil
}

// campaigns lists the campaigns that have files, by name.
func campaigns(ctx context.Context, bucket *blob.Bucket) ([]string, error) {
	var names []string
	list := bucket.List(&blob.ListOptions{Prefix: review.Root, Delimiter: "/"})
	for {
		one, err := list.Next(ctx)
		if errors.Is(err, io.EOF) {
			return names, nil
		}
		if err != nil {
			return nil, fmt.Errorf("list the campaigns: %w", err)
		}
		name := strings.TrimSuffix(strings.TrimPrefix(one.Key, review.Root), "/")
		if one.IsDir && review.CheckCampaign(name) == nil {
			names = append(names, name)
		}
	}
}
