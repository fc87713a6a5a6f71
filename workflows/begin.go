package workflows

import (
	"slices"
	"time"

	"go.temporal.io/sdk/workflow"

	"latchkey/casework"
	"latchkey/contract"
	"latchkey/identity"
)

// theUnit is the one unit of a case about a whole person: a joiner's, a mover's, a leaver's.
func (c *caseRun) theUnit() *contract.Unit { return &c.Units[0] }

// untilItMayBegin waits for the approvals, the effective date and this person's turn, in this order, and plans again at
// the end: what Okta says now is what is done. A plan that needs a new approval goes round again.
func (c *caseRun) untilItMayBegin(ctx workflow.Context) error {
	if c.Begun {
		return c.takeTurn(ctx, c.Plan.Person.OktaUserID) // resumed half way: what was begun is carried to its end
	}
	for {
		if err := c.approve(ctx, nil); err != nil {
			return err
		}
		if u := c.theUnit(); u.End != "" {
			return c.callOff(ctx, *u)
		}
		again, err := c.waitForDate(ctx, c.effectiveAt, "Effective date")
		if err != nil {
			return err
		}
		if again {
			continue
		}
		if err := c.takeTurn(ctx, c.Plan.Person.OktaUserID); err != nil {
			return err
		}
		if again, err = c.replan(ctx); err != nil {
			return err
		}
		if u := c.theUnit(); u.End != "" {
			return endWith(u.End, u.Why)
		}
		if !again {
			return nil
		}
		if err := c.giveTurnBack(ctx); err != nil {
			return err
		}
	}
}

// effectiveAt is when the changes may begin: an operator's date wins over the ticket's.
func (c *caseRun) effectiveAt() time.Time {
	if c.Reschedule != nil {
		return c.Reschedule.At
	}
	return c.theUnit().Plan.EffectiveAt
}

// waitForDate waits on a durable timer. A ticket filed two weeks early locks nobody out; a changed ticket, reschedule
// and expedite move the date, and a closed ticket ends the case. It says whether approvals have to be given again.
func (c *caseRun) waitForDate(ctx workflow.Context, at func() time.Time, what string) (again bool, err error) {
	for workflow.Now(ctx).Before(at()) {
		c.State = casework.StateWaitingDate
		if err := c.rest(ctx); err != nil {
			return false, err
		}
		if _, err := c.wait(ctx, at(), what, c.unread); err != nil {
			return false, err
		}
		if c.Nudged {
			if again, err = c.reread(ctx); err != nil || again {
				return again, err
			}
		}
	}
	return false, nil
}

// applyPhases carries out the changes of some phases, in order.
func (c *caseRun) applyPhases(ctx workflow.Context, phases ...casework.Phase) error {
	for _, phase := range phases {
		if err := c.applyAll(ctx, c.theUnit().Plan.Phase(phase)); err != nil {
			return err
		}
	}
	return nil
}

// applyAll carries out changes in their order, each in this person's turn.
func (c *caseRun) applyAll(ctx workflow.Context, changes []casework.Change) error {
	for _, change := range changes {
		if err := c.takeTurn(ctx, c.Plan.Person.OktaUserID); err != nil {
			return err
		}
		if err := c.untilRuleLetsGo(ctx, change); err != nil {
			return err
		}
		if _, err := c.apply(ctx, c.theUnit(), change, false); err != nil {
			return err
		}
		if err := c.publish(ctx); err != nil {
			return err
		}
	}
	return nil
}

// untilRuleLetsGo waits for the rule that still holds a membership which is about to be given by name: given earlier, it
// would count as there already and go with the rule.
func (c *caseRun) untilRuleLetsGo(ctx workflow.Context, change casework.Change) error {
	if change.Verb != casework.VerbAddMember || change.Origin != identity.OriginGroupRule {
		return nil
	}
	if _, before := c.done(change); before {
		return nil
	}
	_, err := c.settle(ctx, c.Plan.Person, []identity.Entitlement{change.Object}, nil, "the group rule lets go of "+change.Object.Label())
	return err
}

// cutAt splits changes before the first one of a phase.
func cutAt(changes []casework.Change, phase casework.Phase) (before, rest []casework.Change) {
	at := slices.IndexFunc(changes, func(c casework.Change) bool { return c.Phase == phase })
	if at < 0 {
		return changes, nil
	}
	return changes[:at], changes[at:]
}
