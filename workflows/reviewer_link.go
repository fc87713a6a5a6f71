package workflows

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"go.temporal.io/sdk/workflow"

	"latchkey/contract"
	"latchkey/review"
)

const (
	// linksMost bounds the links of a reviewer: each is handed over by a person.
	linksMost = 50
	// linkLife is the longest that a link may open the page.
	linkLife = 90 * 24 * time.Hour
)

// mayLink refuses a link that would be of no use, and a command without a name.
func (r *reviewerRun) mayLink(ctx workflow.Context, cmd contract.LinkCommand) error {
	if err := named(cmd.Operator); err != nil {
		return err
	}
	if cmd.Revoke != "" {
		if cmd.ID != "" {
			return errors.New("make a link or revoke one, not both at once")
		}
		if _, ok := r.State.Link(cmd.Revoke); !ok {
			return fmt.Errorf("this reviewer has no link %q", cmd.Revoke)
		}
		return nil
	}
	now := workflow.Now(ctx)
	_, there := r.State.Link(cmd.ID)
	switch {
	case !r.State.Open:
		return errReviewClosed
	case review.CheckID(cmd.ID) != nil:
		return fmt.Errorf("a link needs an ID: %w", review.ErrID)
	case !cmd.Expires.After(now):
		return errors.New(`"expires" has to be a time to come`)
	case cmd.Expires.Sub(now) > linkLife:
		return fmt.Errorf("a link may open the page for %d days at most", int(linkLife.Hours()/24))
	case !there && len(r.State.Links) >= linksMost:
		return fmt.Errorf("this reviewer has %d links already", linksMost)
	}
	return nil
}

// link lists a link or revokes one. The same link again changes nothing, so a lost answer does no harm.
func (r *reviewerRun) link(ctx workflow.Context, cmd contract.LinkCommand) (contract.ReviewerState, error) {
	links := slices.Clone(r.State.Links)
	of := func(id string) int {
		return slices.IndexFunc(links, func(l contract.ReviewLink) bool { return l.ID == id })
	}
	if cmd.Revoke != "" {
		if i := of(cmd.Revoke); i >= 0 {
			links[i].Revoked = true
		}
	} else if of(cmd.ID) < 0 {
		links = append(links, contract.ReviewLink{ID: cmd.ID, Expires: cmd.Expires, By: cmd.Operator.By})
	}
	r.State.Links = links
	r.publish(ctx)
	return r.State, nil
}
