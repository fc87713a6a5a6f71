package workflows

import (
	"fmt"
	"slices"

	"go.temporal.io/sdk/workflow"

	"latchkey/casework"
	"latchkey/contract"
)

// AccessRequest grants what a ticket asks for, item by item: each requested item has its own chain and its own end, and
// the ticket resolves when all have ended. Runbook: docs/runbooks/access-request.md.
func AccessRequest(ctx workflow.Context, in contract.CaseInput) (contract.CaseResult, error) {
	c := openCase(ctx, in)
	return c.finish(ctx, c.afterReviews(ctx, c.requestAccess(ctx)))
}

// requestAccess runs every item to its end.
func (c *caseRun) requestAccess(ctx workflow.Context) error {
	if c.Reported != nil {
		return nil
	}
	if err := c.plan(ctx); err != nil {
		return err
	}
	if c.Request.Mode != casework.ModeAct {
		return c.observed(ctx)
	}
	for again := true; again; {
		if err := c.approve(ctx, c.grant); err != nil {
			return err
		}
		var err error
		if again, err = c.awaitBeginning(ctx); err != nil {
			return err
		}
	}
	if err := c.proveDenials(ctx); err != nil {
		return err
	}
	return c.allEnded()
}

// grant does what was approved: in this person's turn, planned again from what Okta says now, one change, read back. A
// leaver for the same person wins: nothing is granted after it began.
func (c *caseRun) grant(ctx workflow.Context, u *contract.Unit) error {
	if u.Review != nil {
		return c.reviewConfirmed(ctx, u.Key) // granted before, and found right
	}
	key, person := u.Key, u.Plan.Person
	if workflow.Now(ctx).Before(u.Plan.EffectiveAt) {
		return nil // approved, and its beginning has not come
	}
	if err := c.enter(ctx, casework.StateApplying); err != nil {
		return err
	}
	if err := c.takeTurn(ctx, person.OktaUserID); err != nil {
		return err
	}
	if leaver := c.leaving[person.OktaUserID]; leaver != 0 {
		c.endUnit(ctx, &c.Units[c.indexOf(key)], casework.EndLeaver, "a leaver for the same person began in "+contract.TicketLabel(leaver))
		return c.giveTurnBack(ctx)
	}
	if reopened, err := c.replan(ctx); err != nil || reopened {
		if err != nil {
			return err
		}
		return c.giveTurnBack(ctx)
	}
	u = &c.Units[c.indexOf(key)]
	if u.End != "" {
		return c.giveTurnBack(ctx)
	}
	for _, change := range u.Plan.Changes {
		done, err := c.apply(ctx, u, change, false)
		if err != nil {
			return err
		}
		u = &c.Units[c.indexOf(key)]
		if stop := c.refused(ctx, u, done); stop {
			return c.giveTurnBack(ctx)
		}
	}
	check, err := c.verify(ctx, u.Plan, false)
	if err != nil {
		return err
	}
	c.Checks = append(c.Checks, check)
	if err := c.claimGrants(ctx, c.Units[c.indexOf(key)].Plan, check.At); err != nil {
		return err
	}
	u = &c.Units[c.indexOf(key)]
	u.Left = check.Residuals
	if len(check.Residuals) > 0 {
		c.endUnit(ctx, u, casework.EndResiduals, "granted, and the read-back differs: "+check.Residuals[0].Why)
	} else {
		c.endUnit(ctx, u, casework.EndDone, "granted, and read back")
	}
	return c.giveTurnBack(ctx)
}

// refused ends a unit whose change was not made, and says whether it did.
func (c *caseRun) refused(ctx workflow.Context, u *contract.Unit, done contract.Done) bool {
	switch done.Outcome {
	case contract.OutcomeDone, contract.OutcomeAlready:
		return false
	case contract.OutcomeSkipped:
		for _, change := range u.Plan.Changes {
			u.Left = append(u.Left, casework.Residual{
				Object: change.Object, Why: "an operator skipped it; it was approved and not granted", Owner: c.Owner,
			})
		}
		c.endUnit(ctx, u, casework.EndSkipped, "an operator skipped it; nothing was granted")
	case contract.OutcomeGone:
		c.endUnit(ctx, u, casework.EndUnknownItem, done.Detail)
	case contract.OutcomeLeft: // approved, and Okta lets nobody give it by name: somebody else has to
		u.Left = append(u.Left, casework.Residual{Object: u.Subject, Why: "approved and not granted: " + done.Detail, Owner: c.Owner})
		c.endUnit(ctx, u, casework.EndResiduals, "not granted: "+done.Detail)
	case contract.OutcomeRefused, contract.OutcomeHeld, contract.OutcomeStale:
		end := casework.EndProtected
		if c.leaving[u.Plan.Person.OktaUserID] != 0 {
			end = casework.EndLeaver
		}
		c.endUnit(ctx, u, end, done.Detail)
	}
	return true
}

// proveDenials reads from Okta that nothing was granted where somebody said no, or nobody answered.
func (c *caseRun) proveDenials(ctx workflow.Context) error {
	for i := range c.Units {
		u := c.Units[i]
		denied := u.End == casework.EndRejected || u.End == casework.EndExpired || u.End == casework.EndLeaver
		if !denied || u.Review != nil || u.Plan.Person.OktaUserID == "" || len(u.Plan.Changes) == 0 {
			continue
		}
		check, err := c.verify(ctx, u.Plan, true)
		if err != nil {
			return err
		}
		c.Checks = append(c.Checks, check)
		c.Units[i].Left = check.Residuals
	}
	return nil
}

// allEnded ends the case: done when anything was granted, else by what became of the items.
func (c *caseRun) allEnded() error {
	var ends []casework.End
	granted := 0
	for _, u := range c.Units {
		if !slices.Contains(ends, u.End) {
			ends = append(ends, u.End)
		}
		if u.End == casework.EndDone || u.End == casework.EndResiduals {
			granted++
		}
	}
	if len(c.Units) == 1 {
		return endWith(c.Units[0].End, c.Units[0].Why)
	}
	words := fmt.Sprintf("%d of %d items granted", granted, len(c.Units))
	switch {
	case slices.Contains(ends, casework.EndResiduals):
		return endWith(casework.EndResiduals, words)
	case granted > 0:
		return endWith(casework.EndDone, words)
	case len(ends) == 1:
		return endWith(ends[0], words)
	}
	return endWith(casework.EndRejected, words)
}
