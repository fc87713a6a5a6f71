package workflows

import (
	"fmt"
	"slices"
	"strings"

	"go.temporal.io/sdk/workflow"

	"latchkey/approval"
	"latchkey/casework"
	"latchkey/contract"
	"latchkey/identity"
)

// Offboarding is a leaver: it shuts the door first, takes away everything, proves it by reading back, and reports.
// Runbook: docs/runbooks/offboarding.md.
func Offboarding(ctx workflow.Context, in contract.CaseInput) (contract.CaseResult, error) {
	c := openCase(ctx, in)
	return c.finish(ctx, c.offboard(ctx))
}

// offboard runs the leaver and always ends with an ending, or with the continue-as-new of a long wait.
func (c *caseRun) offboard(ctx workflow.Context) error {
	if c.Reported != nil {
		return nil
	}
	if err := c.plan(ctx); err != nil {
		return err
	}
	if c.Request.Mode != casework.ModeAct {
		return c.observed(ctx)
	}
	if err := c.shutDoorInEmergency(ctx); err != nil {
		return err
	}
	if err := c.untilItMayBegin(ctx); err != nil {
		return err
	}
	if err := c.sayLeaver(ctx, true); err != nil {
		return err
	}
	if err := c.takeEverything(ctx); err != nil {
		return err
	}
	return c.proveNothingLeft(ctx)
}

// shutDoorInEmergency does at once, before any approval, what can be taken back: suspend, and end sessions with their
// tokens. Policy has already said that this requester may call an emergency; the cap on emergencies is a guard.
func (c *caseRun) shutDoorInEmergency(ctx workflow.Context) error {
	if !c.Request.Emergency {
		return nil
	}
	if err := c.do(ctx, requestTurn, "Tell this person's cases that a leaver began", contract.RequestTurnInput{
		OktaUserID: c.Plan.Person.OktaUserID,
		Request:    contract.TurnRequest{Ticket: c.ticket, UseCase: c.Request.UseCase, LeaverBegan: true},
	}); err != nil {
		return err
	}
	c.LeaverSaid = true
	return c.applyEmergency(ctx)
}

// applyEmergency carries out what an emergency may do before its approval. What a guard holds is tried again while the
// approval is waited for; what a guard refuses goes by the ordinary road.
func (c *caseRun) applyEmergency(ctx workflow.Context) error {
	c.emergencyHeld = false
	if err := c.enter(ctx, casework.StateApplying); err != nil {
		return err
	}
	for _, change := range c.theUnit().Plan.Changes {
		if !change.Reversible {
			continue
		}
		if _, ok := c.done(change); ok {
			continue
		}
		if err := c.abortAsked(); err != nil {
			return err
		}
		res, err := call[contract.ApplyResult](ctx, c, applyChange, "Emergency, "+applySummary(change), c.applyInput(c.theUnit(), change, false), false)
		if err != nil {
			return err
		}
		switch res.Outcome {
		case contract.OutcomeHeld:
			c.emergencyHeld = true
			c.noteOnce(ctx, "The emergency is held ("+res.Guard+"): "+res.Detail+". It is tried again while the approval is waited for.")
		case contract.OutcomeRefused:
			c.note(ctx, "The emergency did not go through ("+res.Guard+"): "+res.Detail+". The case goes on by the ordinary road.")
			return nil
		case contract.OutcomeDone, contract.OutcomeAlready, contract.OutcomeGone, contract.OutcomeLeft, contract.OutcomeSkipped,
			contract.OutcomeStale:
			done := c.keep(ctx, change, res)
			if change.Phase == casework.PhaseDoor && c.DoorAt.IsZero() {
				c.DoorAt = done.At
			}
		}
	}
	return nil
}

// undoing begins the ID of a change that takes another one back.
const undoing = "undo "

// callOff ends a leaver that was rejected or expired. What an emergency did meanwhile is taken back.
func (c *caseRun) callOff(ctx workflow.Context, u contract.Unit) error {
	undone, err := c.takeBack(ctx, c.theUnit())
	if err != nil {
		return err
	}
	why := u.Why
	if undone > 0 {
		why += fmt.Sprintf("; %d step(s) of the emergency were taken back", undone)
	}
	return endWith(u.End, why)
}

// leaveAlone lets go of the person whom a unit was about before its ticket named another one: what an emergency did to
// them is taken back, and their leaver stands no more.
func (c *caseRun) leaveAlone(ctx workflow.Context, u *contract.Unit) error {
	if c.Request.UseCase != casework.Offboarding {
		return nil
	}
	if _, err := c.takeBack(ctx, u); err != nil {
		return err
	}
	c.DoorAt, c.emergencyHeld = zeroTime, false
	return c.sayLeaver(ctx, false)
}

// takeBack undoes what an emergency did before its approval, as far as it can be undone. It says how many steps it took
// back; one that it could not is named by standing.
func (c *caseRun) takeBack(ctx workflow.Context, u *contract.Unit) (undone int, err error) {
	for _, d := range slices.Clone(c.Done) {
		if !canBeTakenBack(d) {
			continue
		}
		back := d.Change
		back.ID, back.Verb, back.Inverse = undoing+d.Change.ID, d.Change.Inverse, d.Change.Verb
		back.Before, back.After = d.Change.After, d.Change.Before
		back.Reason = "the emergency was not approved"
		res, before := c.done(back)
		if !before {
			if res, err = c.apply(ctx, u, back, true); err != nil {
				return undone, err
			}
		}
		if res.Outcome == contract.OutcomeDone || res.Outcome == contract.OutcomeAlready {
			undone++
		}
	}
	return undone, nil
}

// canBeTakenBack says whether a change was made that has an inverse. What takes another back is final.
func canBeTakenBack(d contract.Done) bool {
	return d.Change.Inverse != "" && d.Outcome == contract.OutcomeDone && !strings.HasPrefix(d.Change.ID, undoing)
}

// standing names what an emergency did that was neither approved nor taken back: a case that ends now leaves it so, and
// somebody has to know.
func (c *caseRun) standing() []casework.Residual {
	if c.Begun {
		return nil
	}
	var left []casework.Residual
	for _, d := range c.Done {
		if !canBeTakenBack(d) {
			continue
		}
		back := d.Change
		back.ID = undoing + d.Change.ID
		undo, tried := c.done(back)
		if tried && (undo.Outcome == contract.OutcomeDone || undo.Outcome == contract.OutcomeAlready) {
			continue
		}
		why := "the emergency did this (" + string(d.Change.Verb) + ") before its approval, and it was neither approved nor taken back"
		if tried {
			why += ": " + undo.Detail
		}
		left = append(left, casework.Residual{Object: d.Change.Object, Why: why, Owner: c.Owner})
	}
	return left
}

// takeEverything runs the plan in its order, which is safe to stop at after any step.
func (c *caseRun) takeEverything(ctx workflow.Context) error {
	if err := c.enter(ctx, casework.StateApplying); err != nil {
		return err
	}
	c.openedAgain(ctx)
	erased, err := c.shutDoor(ctx)
	if err != nil || erased {
		return err
	}
	c.Begun = true
	plan := c.theUnit().Plan
	if err := c.applyPhases(ctx, casework.PhaseSessions, casework.PhaseFactors, casework.PhaseRoles, casework.PhaseAttributes); err != nil {
		return err
	}
	if len(plan.Phase(casework.PhaseAttributes)) > 0 {
		if _, err := c.settle(ctx, plan.Person, effects(plan, identity.KindGroup), nil, "group rules let go"); err != nil {
			return err
		}
	}
	if err := c.applyPhases(ctx, casework.PhaseMemberships); err != nil {
		return err
	}
	if _, err := c.settle(ctx, plan.Person, effects(plan, identity.KindApp), nil, "apps follow their groups"); err != nil {
		return err
	}
	if err := c.applyPhases(ctx, casework.PhaseApps); err != nil {
		return err
	}
	if err := c.waitForLadder(ctx); err != nil {
		return err
	}
	return c.applyPhases(ctx, casework.PhaseEnd)
}

// openedAgain looks for an account that an emergency shut and that somebody opened again before the approval came: the
// plan, made from what Okta says now, shuts it once more. Sessions that began meanwhile are ended as well.
func (c *caseRun) openedAgain(ctx workflow.Context) {
	changes := c.theUnit().Plan.Changes
	reopened := !c.Begun && slices.ContainsFunc(c.theUnit().Plan.Phase(casework.PhaseDoor), func(change casework.Change) bool {
		done, ok := c.done(change)
		return ok && done.Outcome == contract.OutcomeDone
	})
	if !reopened {
		return
	}
	c.note(ctx, "The account was opened again after the emergency shut it; it is shut again.")
	for i := range changes {
		if _, before := c.done(changes[i]); before && changes[i].Reversible {
			changes[i].ID = "again " + changes[i].ID
		}
	}
}

// shutDoor makes sure that the person cannot sign in before anything else is touched. It cannot be skipped. It says
// whether the account no longer exists at all.
func (c *caseRun) shutDoor(ctx workflow.Context) (erased bool, err error) {
	for _, change := range c.theUnit().Plan.Phase(casework.PhaseDoor) {
		for {
			done, err := c.apply(ctx, c.theUnit(), change, false)
			if err != nil {
				return false, err
			}
			switch done.Outcome {
			case contract.OutcomeGone:
				return true, nil
			case contract.OutcomeDone, contract.OutcomeAlready:
				if c.DoorAt.IsZero() {
					c.DoorAt = done.At
				}
			case contract.OutcomeRefused, contract.OutcomeLeft, contract.OutcomeSkipped, contract.OutcomeHeld,
				contract.OutcomeStale:
				c.Done = slices.DeleteFunc(c.Done, func(d contract.Done) bool { return d.Change.ID == change.ID })
				if err := c.park(ctx, contract.Problem{
					Step: applySummary(change), Kind: casework.Denied, Why: "the person can still sign in: " + done.Detail,
					Todo: "Shut the account by hand or mend what stands in the way, then send `retry`; `abort` ends the case with nothing more removed.",
				}); err != nil {
					return false, err
				}
				if err := c.takeTurn(ctx, c.Plan.Person.OktaUserID); err != nil {
					return false, err
				}
				continue
			}
			break
		}
	}
	if c.DoorAt.IsZero() {
		c.DoorAt = workflow.Now(ctx) // the door was shut before this case began
	}
	return false, nil
}

// waitForLadder waits for the ladder's next rung, counted from the moment the door was shut. The turn is given back
// meanwhile; the leaver stands, so nothing is granted.
func (c *caseRun) waitForLadder(ctx workflow.Context) error {
	plan := c.theUnit().Plan
	if plan.DeactivateAfter <= 0 || len(plan.Phase(casework.PhaseEnd)) == 0 {
		return nil
	}
	if err := c.restUntil(ctx, c.DoorAt.Add(plan.DeactivateAfter), "Ladder: deactivate"); err != nil {
		return err
	}
	return c.takeTurn(ctx, plan.Person.OktaUserID)
}

// proveNothingLeft reads everything back, takes away what still stands after deactivation, reads again, and ends the
// case by what it saw.
func (c *caseRun) proveNothingLeft(ctx workflow.Context) error {
	u := c.theUnit()
	var check contract.VerifyResult
	for range 2 {
		var err error
		if check, err = c.verify(ctx, u.Plan, false); err != nil {
			return err
		}
		if len(check.Sweep) == 0 {
			break
		}
		if err := c.enter(ctx, casework.StateApplying); err != nil {
			return err
		}
		for _, change := range check.Sweep {
			if _, err := c.apply(ctx, c.theUnit(), change, false); err != nil {
				return err
			}
		}
	}
	u = c.theUnit()
	u.Left = check.Residuals
	c.Checks = []contract.VerifyResult{check}
	switch {
	case unexpected(check.Residuals) > 0:
		u.End, u.Why = casework.EndResiduals, fmt.Sprintf("%d thing(s) are left for a person", unexpected(check.Residuals))
	case len(check.Residuals) > 0:
		u.End, u.Why = casework.EndResiduals, fmt.Sprintf("everything Latchkey can take is gone; %d named residual(s) have an owner", len(check.Residuals))
	case len(c.Done) == 0:
		u.End, u.Why = casework.EndAlready, "everything was gone before"
	default:
		u.End, u.Why = casework.EndDone, "everything is gone, and was read back"
	}
	u.Status = approval.StatusApproved
	return endWith(u.End, u.Why)
}

// unexpected counts residuals that the plan did not name.
func unexpected(residuals []casework.Residual) int {
	n := 0
	for _, r := range residuals {
		if !r.Expected {
			n++
		}
	}
	return n
}

// effects lists what the plan expects to go by itself before the end, of one kind.
func effects(plan casework.Plan, kind identity.Kind) []identity.Entitlement {
	var list []identity.Entitlement
	for _, e := range plan.Effects {
		if e.Object.Kind == kind && !e.AtEnd && !e.Gives {
			list = append(list, e.Object)
		}
	}
	return list
}
