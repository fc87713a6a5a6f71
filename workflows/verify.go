package workflows

import (
	"go.temporal.io/sdk/workflow"

	"latchkey/casework"
	"latchkey/contract"
	"latchkey/identity"
)

// settle waits until the vendor's own jobs have taken these entitlements away, and given those: a group rule letting go
// or taking hold, apps following their groups. What still stands when policy's
// patience ends never holds up a leaver: the proof at the end names it. What has not come is returned.
func (c *caseRun) settle(ctx workflow.Context, person identity.Person, gone, come []identity.Entitlement, what string) (lacking []identity.Entitlement, err error) {
	if len(gone)+len(come) == 0 {
		return nil, nil
	}
	before := c.State
	if err := c.enter(ctx, casework.StateSettling); err != nil {
		return nil, err
	}
	deadline := workflow.Now(ctx).Add(c.Times.SettleFor)
	for {
		res, err := call[contract.SettledResult](ctx, c, checkSettled, "Okta: "+what, contract.SettledInput{Person: person, Gone: gone, Come: come}, false)
		if err != nil {
			return nil, err
		}
		if len(res.Still)+len(res.Lacking) == 0 || !workflow.Now(ctx).Before(deadline) {
			c.State = before
			return res.Lacking, nil
		}
		if err := c.pause(ctx, c.Times.SettleEvery, "Waiting for Okta: "+what); err != nil {
			return nil, err
		}
	}
}

// verify reads Okta again, independently, until what goes by itself has gone or patience ends; what is unsettled then
// is a residual. The newest check of the case is kept for the report.
func (c *caseRun) verify(ctx workflow.Context, plan casework.Plan, nothing bool) (contract.VerifyResult, error) {
	if err := c.enter(ctx, casework.StateVerifying); err != nil {
		return contract.VerifyResult{}, err
	}
	deadline := workflow.Now(ctx).Add(c.Times.SettleFor)
	for {
		res, err := call[contract.VerifyResult](ctx, c, verifyCase, "Okta: read everything back", contract.VerifyInput{
			Ticket: c.ticket, Run: c.Run, UseCase: c.Request.UseCase, Plan: plan, Done: c.doneOf(plan), Nothing: nothing,
			Since: c.ResettingAt,
		}, false)
		if err != nil {
			return res, err
		}
		if len(res.Unsettled) == 0 || !workflow.Now(ctx).Before(deadline) {
			for _, g := range res.Unsettled {
				res.Residuals = append(res.Residuals, casework.Residual{
					Object: g.Entitlement, Why: "it should have gone by itself and still stands (" + string(g.Origin) + ")", Owner: c.Owner,
				})
			}
			res.Unsettled = nil
			return res, nil
		}
		if err := c.pause(ctx, c.Times.SettleEvery, "Waiting for Okta to settle before the proof"); err != nil {
			return res, err
		}
	}
}

// doneOf picks the changes of one plan.
func (c *caseRun) doneOf(plan casework.Plan) []contract.Done {
	var list []contract.Done
	for _, d := range c.Done {
		for _, change := range plan.Changes {
			if d.Change.ID == change.ID && d.Change.Item == change.Item {
				list = append(list, d)
				break
			}
		}
	}
	return list
}
