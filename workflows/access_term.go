package workflows

import (
	"time"

	"go.temporal.io/sdk/workflow"

	"latchkey/approval"
	"latchkey/casework"
	"latchkey/contract"
)

// beginning is when the next approved item begins that waits for its date; zero when none does.
func (c *caseRun) beginning() time.Time {
	var next time.Time
	for _, u := range c.Units {
		if u.End == "" && u.Status == approval.StatusApproved {
			next = sooner(next, u.Plan.EffectiveAt)
		}
	}
	return next
}

// awaitBeginning waits for approved items that were asked for from a date on, once nothing is left to be approved. It
// says whether there was one: the approvals are looked at again then, since the ticket may have changed.
func (c *caseRun) awaitBeginning(ctx workflow.Context) (bool, error) {
	next := c.beginning()
	if next.IsZero() {
		return false, nil
	}
	if err := c.rest(ctx); err != nil {
		return false, err
	}
	c.State = casework.StateWaitingDate
	_, err := c.wait(ctx, next, "Approved: waiting for the beginning that was asked for", c.unread)
	return true, err
}

// claimGrants tells the grants of a plan's time-bound changes that this case holds them from now on. The clock starts
// when the access was read back. A change for good is told too where a time-bound grant of it stood.
func (c *caseRun) claimGrants(ctx workflow.Context, plan casework.Plan, at time.Time) error {
	if at.IsZero() {
		at = workflow.Now(ctx)
	}
	for _, change := range plan.Changes {
		if !change.Claim || !change.Verb.Grants() {
			continue
		}
		claim := contract.Claim{
			Ticket: c.ticket, Run: c.Run, Item: change.Item, From: at.UTC(), Until: casework.EndOf(change, at), Notice: change.Notice,
		}
		err := c.do(ctx, claimGrant, "Tell the grant of "+change.Object.Label()+" until when it stands", contract.ClaimGrantInput{
			Person: plan.Person, Object: change.Object, Signal: contract.ClaimSignal{Claim: claim, Times: c.Times, Owner: c.Owner},
		})
		if err != nil {
			return err
		}
		c.note(ctx, change.Object.Label()+" stands "+untilWords(claim.Until)+".")
	}
	return nil
}
