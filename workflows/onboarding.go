package workflows

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"latchkey/approval"
	"latchkey/casework"
	"latchkey/contract"
	"latchkey/identity"
)

// Onboarding is a joiner: the account is made ahead, staged, with its birthright; it opens on the first day, and Okta
// mails the person. Runbook: docs/runbooks/onboarding.md.
func Onboarding(ctx workflow.Context, in contract.CaseInput) (contract.CaseResult, error) {
	c := openCase(ctx, in)
	c.mayInherit(ctx)
	return c.finish(ctx, c.welcome(ctx))
}

// welcome runs the joiner and always ends with an ending, or with the continue-as-new of a long wait.
func (c *caseRun) welcome(ctx workflow.Context) error {
	if c.Reported != nil {
		return nil
	}
	if err := c.plan(ctx); err != nil {
		return err
	}
	if c.Request.Mode != casework.ModeAct {
		return c.observed(ctx)
	}
	if err := c.untilFirstDay(ctx); err != nil {
		return c.calledOff(ctx, err)
	}
	if err := c.openAccount(ctx); err != nil {
		return err
	}
	return c.proveJoiner(ctx)
}

// untilFirstDay waits for the approvals, makes the staged account when it is due, and waits for the first day. A ticket
// that changes meanwhile is planned again; what needs a new approval goes round again.
func (c *caseRun) untilFirstDay(ctx workflow.Context) error {
	for !c.Begun {
		if err := c.approve(ctx, nil); err != nil {
			return err
		}
		if u := c.theUnit(); u.End != "" {
			return endWith(u.End, u.Why)
		}
		again, err := c.prepare(ctx)
		if err != nil {
			return err
		}
		if again {
			continue
		}
		if again, err = c.waitForDate(ctx, c.effectiveAt, "First day"); err != nil {
			return err
		}
		if again {
			continue
		}
		if err := c.waitForTasks(ctx, contract.GateActivation); err != nil {
			return err
		}
		if again, err = c.rehireAgain(ctx); err != nil {
			return err
		}
		c.Begun = !again
	}
	return nil
}

// rehireAgain plans a rehire once more right before the account is opened: what came back to it since it was swept must
// not come alive again. It says whether something has to be approved again.
func (c *caseRun) rehireAgain(ctx workflow.Context) (again bool, err error) {
	if c.theUnit().Plan.Person.Status != identity.StatusDeprovisioned {
		return false, nil
	}
	if err := c.takeTurn(ctx, c.joinerKey()); err != nil {
		return false, err
	}
	if again, err = c.replan(ctx); err != nil {
		return false, err
	}
	if u := c.theUnit(); u.End != "" {
		return false, endWith(u.End, u.Why)
	}
	if again {
		return true, c.giveTurnBack(ctx)
	}
	return false, nil
}

// prepare makes the account, staged, in this person's turn and planned again from what Okta says now. It says whether
// something has to be approved again.
func (c *caseRun) prepare(ctx workflow.Context) (again bool, err error) {
	due := func() time.Time { return c.theUnit().Plan.PrepareAt }
	if again, err = c.waitForDate(ctx, due, "The staged account is due"); err != nil || again {
		return again, err
	}
	for {
		if err := c.takeTurn(ctx, c.joinerKey()); err != nil {
			return false, err
		}
		if err := c.leaverFirst(); err != nil {
			return false, err
		}
		if again, err = c.replan(ctx); err != nil {
			return false, err
		}
		if u := c.theUnit(); u.End != "" {
			return false, endWith(u.End, u.Why)
		}
		if again {
			return true, c.giveTurnBack(ctx)
		}
		if err := c.enter(ctx, casework.StateApplying); err != nil {
			return false, err
		}
		stale, err := c.makeAccount(ctx)
		if err != nil {
			return false, err
		}
		if !stale {
			break
		}
	}
	ahead, _ := cutAt(c.theUnit().Plan.Changes, casework.PhaseActivate)
	if err := c.applyAll(ctx, ahead); err != nil {
		return false, err
	}
	if err := c.openTasks(ctx); err != nil {
		return false, err
	}
	return false, c.giveTurnBack(ctx)
}

// makeAccount carries out the create of the plan, if it has one. It says whether the plan is stale: somebody else has
// the login by now. An account that was made is known by its ID from then on.
func (c *caseRun) makeAccount(ctx workflow.Context) (stale bool, err error) {
	for _, change := range c.theUnit().Plan.Phase(casework.PhaseCreate) {
		done, err := c.apply(ctx, c.theUnit(), change, false)
		if err != nil {
			return false, err
		}
		switch done.Outcome {
		case contract.OutcomeDone, contract.OutcomeAlready:
			c.nowHas(done.OktaUserID)
		case contract.OutcomeStale:
			c.forget(change)
			c.note(ctx, "The login was taken meanwhile; another one is planned.")
			return true, nil
		case contract.OutcomeHeld, contract.OutcomeRefused, contract.OutcomeGone, contract.OutcomeSkipped, contract.OutcomeLeft:
			return false, endWith(casework.EndProtected, "the account was not made: "+done.Detail)
		}
	}
	return false, nil
}

// nowHas gives the plan the account's ID.
func (c *caseRun) nowHas(id string) {
	c.theUnit().Plan.Person.OktaUserID = id
	c.Plan.Person.OktaUserID = id
	c.MadeAccount = id
}

// forget lets a change be carried out again.
func (c *caseRun) forget(change casework.Change) {
	c.Done = slices.DeleteFunc(c.Done, func(d contract.Done) bool { return d.Change.ID == change.ID && d.Change.Item == change.Item })
}

// joinerKey is whose turn a joiner takes: the account's or, before there is one, that of the address, so that two
// tickets for one person do not interleave. No address is in it: workflow IDs are never encrypted.
func (c *caseRun) joinerKey() string {
	person := c.theUnit().Plan.Person
	if person.OktaUserID != "" {
		return person.OktaUserID
	}
	sum := sha256.Sum256([]byte(strings.ToLower(person.Email)))
	return "joiner-" + hex.EncodeToString(sum[:10])
}

// openAccount activates on the first day; Okta mails the person. A rehire's profile follows, because Okta does not edit
// a deactivated account.
func (c *caseRun) openAccount(ctx workflow.Context) error {
	if err := c.takeTurn(ctx, c.joinerKey()); err != nil {
		return err
	}
	if err := c.leaverFirst(); err != nil {
		return err
	}
	if err := c.enter(ctx, casework.StateApplying); err != nil {
		return err
	}
	return c.applyAll(ctx, c.theUnit().Plan.Changes) // what was done ahead is not done again
}

// proveJoiner reads everything back, waits for the tasks that gate the end, and ends the case by what it saw.
func (c *caseRun) proveJoiner(ctx workflow.Context) error {
	check, err := c.verify(ctx, c.theUnit().Plan, false)
	if err != nil {
		return err
	}
	c.Checks = []contract.VerifyResult{check}
	c.theUnit().Left = check.Residuals
	if err := c.waitForTasks(ctx, contract.GateResolve); err != nil {
		return c.tooLate(err)
	}
	u := c.theUnit()
	u.Status = approval.StatusApproved
	switch n := len(check.Residuals); {
	case unexpected(check.Residuals) > 0:
		u.End, u.Why = casework.EndResiduals, fmt.Sprintf("%d thing(s) are left for a person", unexpected(check.Residuals))
	case n > 0:
		u.End, u.Why = casework.EndResiduals, fmt.Sprintf("the account is open; %d named residual(s) have an owner", n)
	default:
		u.End, u.Why = casework.EndDone, "the account is open with everything the role gives, and was read back; Okta user "+u.Plan.Person.OktaUserID
	}
	if c.AsksElse {
		u.Why += "; the ticket was changed after the account had been opened, which was not carried out: ask for a role change or an offboarding"
	}
	return endWith(u.End, u.Why)
}

// tooLate says of a joiner that was called off after the first day that the account stays.
func (c *caseRun) tooLate(err error) error {
	if e, ended := endingOf(err); ended {
		return endWith(e.end, e.why+"; the account had been opened and stays: ask for an offboarding if it has to go")
	}
	return err
}

// calledOff ends a joiner that did not come to the first day. A staged account that this case made is left to another
// case that waits for it, or deactivated: nobody must be able to activate it later. What cannot be taken back is named.
func (c *caseRun) calledOff(ctx workflow.Context, err error) error {
	e, ended := endingOf(err)
	c.calling = ended
	if temporal.IsCanceledError(err) {
		c.abandoned()
	}
	if !ended || c.MadeAccount == "" || len(c.Units) == 0 {
		return err
	}
	c.aborted, c.obeyed = nil, true // what follows takes back
	u := c.theUnit()
	account := identity.Entitlement{Kind: identity.KindAccount, ID: c.MadeAccount, Name: u.Plan.Person.DisplayName()}
	change := casework.Change{
		ID: undoing + casework.ChangeID(casework.VerbCreateAccount, account), Phase: casework.PhaseEnd, Verb: casework.VerbDeactivate,
		Object: account, Before: string(identity.StatusStaged), After: string(identity.StatusDeprovisioned),
		Reason: "the joiner was called off before the first day",
	}
	heir, err := c.handOver(ctx)
	if err != nil {
		return c.leftStaged(ctx, e, account, err)
	}
	if heir != 0 {
		return endWith(e.end, e.why+"; the account that was made ahead is left to "+contract.TicketLabel(heir)+", which waits for it")
	}
	if err := c.takeTurn(ctx, c.MadeAccount); err != nil {
		return c.leftStaged(ctx, e, account, err)
	}
	done, err := c.apply(ctx, u, change, true)
	if err != nil {
		return c.leftStaged(ctx, e, account, err)
	}
	if done.Outcome != contract.OutcomeDone && done.Outcome != contract.OutcomeAlready && done.Outcome != contract.OutcomeGone {
		return c.leftStaged(ctx, e, account, fmt.Errorf("%s: %s", done.Outcome, done.Detail))
	}
	return endWith(e.end, e.why+"; the account that was made ahead is deactivated")
}

// abandoned names the account of a joiner whose workflow an operator cancelled: nothing more is written to Okta then.
func (c *caseRun) abandoned() {
	if c.MadeAccount == "" || len(c.Units) == 0 {
		return
	}
	u := c.theUnit()
	account := identity.Entitlement{Kind: identity.KindAccount, ID: c.MadeAccount, Name: u.Plan.Person.DisplayName()}
	u.Left = append(u.Left, casework.Residual{Object: account, Why: "made ahead for a joiner whose workflow was cancelled, and still there", Owner: c.Owner})
}

// leftStaged names the account that could not be taken back. A long wait that continues as new is no ending yet.
func (c *caseRun) leftStaged(ctx workflow.Context, e *ending, account identity.Entitlement, cause error) error {
	if isContinue(cause) {
		return cause
	}
	c.note(ctx, "The staged account could not be taken back: "+messageOf(cause)+".")
	u := c.theUnit()
	u.Left = append(u.Left, casework.Residual{Object: account, Why: "made ahead for a joiner that was called off, and not taken back", Owner: c.Owner})
	return e
}
