package workflows

import (
	"errors"
	"fmt"
	"time"

	"go.temporal.io/sdk/workflow"

	"latchkey/approval"
	"latchkey/casework"
	"latchkey/contract"
	"latchkey/identity"
)

// RoleChange is a mover: new birthright is given before old access goes, and what group rules do because of the new
// attributes is read back. Runbook: docs/runbooks/role-change.md.
func RoleChange(ctx workflow.Context, in contract.CaseInput) (contract.CaseResult, error) {
	c := openCase(ctx, in)
	return c.finish(ctx, c.move(ctx))
}

// move runs the mover and always ends with an ending, or with the continue-as-new of a long wait.
func (c *caseRun) move(ctx workflow.Context) error {
	if c.Reported != nil {
		return nil
	}
	if err := c.plan(ctx); err != nil {
		return err
	}
	if c.Request.Mode != casework.ModeAct {
		return c.observed(ctx)
	}
	if err := c.untilItMayBegin(ctx); err != nil {
		return err
	}
	if err := c.leaverFirst(); err != nil {
		return err
	}
	if err := c.changeRole(ctx); err != nil {
		return err
	}
	return c.proveRole(ctx)
}

// leaverFirst ends a case that would give something to a person whose leaver began: the leaver wins.
func (c *caseRun) leaverFirst() error {
	if ticket := c.leaving[c.Plan.Person.OktaUserID]; ticket != 0 {
		return endWith(casework.EndLeaver, "a leaver for the same person began in "+contract.TicketLabel(ticket))
	}
	return nil
}

// changeRole sets the profile, gives the new access, lets both overlap as long as policy says, and takes the old.
func (c *caseRun) changeRole(ctx workflow.Context) error {
	if err := c.enter(ctx, casework.StateApplying); err != nil {
		return err
	}
	c.Begun = true
	plan := c.theUnit().Plan
	add, remove := cutAt(plan.Changes, casework.PhaseRevoke)
	if err := c.applyAll(ctx, add); err != nil {
		return err
	}
	if err := c.untilRulesGave(ctx, plan); err != nil {
		return err
	}
	if c.GrantedAt.IsZero() {
		c.GrantedAt = workflow.Now(ctx)
	}
	if err := c.overlap(ctx); err != nil {
		return err
	}
	if err := c.applyAll(ctx, remove); err != nil {
		return err
	}
	_, err := c.settle(ctx, plan.Person, effects(plan, identity.KindApp), nil, "apps follow their groups")
	return err
}

// untilRulesGave waits until group rules have given what the new attributes earn: nothing old goes before. A rule that
// does not is a person's to look at; `skip` goes on without it, and the proof at the end names what is lacking.
func (c *caseRun) untilRulesGave(ctx workflow.Context, plan casework.Plan) error {
	if c.RulesGave {
		return nil
	}
	for {
		lacking, err := c.settle(ctx, plan.Person, nil, gains(plan), "group rules give what the new attributes earn")
		if err != nil {
			return err
		}
		if len(lacking) == 0 {
			break
		}
		err = c.park(ctx, contract.Problem{
			Step: "Group rules give the new access", Kind: casework.Conflict, Skippable: true,
			Why:  lacking[0].Label() + " has not come by its group rule, so nothing of the old access is taken away",
			Todo: "Look at the group rule in Okta. `retry` looks again; `skip` goes on without it; `abort` ends the case with the old access in place.",
		})
		if errors.Is(err, errSkipped) {
			break
		}
		if err != nil {
			return err
		}
	}
	c.RulesGave = true
	return nil
}

// gains lists what the plan expects to come by itself.
func gains(plan casework.Plan) []identity.Entitlement {
	var list []identity.Entitlement
	for _, e := range plan.Effects {
		if e.Gives {
			list = append(list, e.Object)
		}
	}
	return list
}

// overlap lets old and new access stand side by side. The turn is given back meanwhile; a leaver that begins then ends
// the overlap, and takes everything anyway.
func (c *caseRun) overlap(ctx workflow.Context) error {
	plan := c.theUnit().Plan
	if plan.Overlap <= 0 || len(plan.Phase(casework.PhaseRevoke)) == 0 {
		return nil
	}
	if err := c.restUntil(ctx, c.GrantedAt.Add(plan.Overlap), "Overlap of old and new access"); err != nil {
		return err
	}
	return c.takeTurn(ctx, plan.Person.OktaUserID)
}

// restUntil waits within a case that has begun: on a durable timer, without the turn, until the time has come or an
// operator expedites. A ticket that a person ends meanwhile ends the case.
func (c *caseRun) restUntil(ctx workflow.Context, until time.Time, what string) error {
	for workflow.Now(ctx).Before(until) && !c.SkipLadder {
		if err := c.giveTurnBack(ctx); err != nil {
			return err
		}
		c.State = casework.StateSettling
		if err := c.rest(ctx); err != nil {
			return err
		}
		if _, err := c.wait(ctx, until, what, c.unread); err != nil {
			return err
		}
		if c.Nudged {
			c.Nudged = false
			if err := c.endedByPerson(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

// proveRole reads everything back and ends the case by what it saw.
func (c *caseRun) proveRole(ctx workflow.Context) error {
	check, err := c.verify(ctx, c.theUnit().Plan, false)
	if err != nil {
		return err
	}
	c.Checks = []contract.VerifyResult{check}
	u := c.theUnit()
	u.Left, u.Status = check.Residuals, approval.StatusApproved
	switch {
	case unexpected(check.Residuals) > 0:
		u.End, u.Why = casework.EndResiduals, fmt.Sprintf("%d thing(s) are left for a person", unexpected(check.Residuals))
	case len(check.Residuals) > 0:
		u.End, u.Why = casework.EndResiduals, fmt.Sprintf("everything Latchkey can change is changed; %d named residual(s) have an owner", len(check.Residuals))
	default:
		u.End, u.Why = casework.EndDone, "everything is as the new role wants it, and was read back"
	}
	return endWith(u.End, u.Why)
}
