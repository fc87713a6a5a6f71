package workflows

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.temporal.io/sdk/workflow"

	"latchkey/approval"
	"latchkey/casework"
	"latchkey/contract"
)

// takeCommands registers what an operator may send. A validator refuses with words that say what would be accepted,
// and leaves no trace in the history; the name in a command is only a claim, so no command widens who decides.
func (c *caseRun) takeCommands(ctx workflow.Context) {
	c.takeCommand(ctx, contract.UpdateRetry, "Try again what failed. {\"by\":\"you\",\"reason\":\"why\"}", c.mayRetry, c.retry)
	c.takeCommand(ctx, contract.UpdateSkip, "Skip a failed change and leave it to a person; never a level, a guard or a verification.", c.maySkip, c.skip)
	c.takeCommand(ctx, contract.UpdateAbort, "End the case: nothing more is changed, open approvals are withdrawn.", c.mayAbort, c.abort)
	c.takeCommand(ctx, contract.UpdateExpedite, "Do not wait for the effective date. Approvals are still needed.", c.mayMove, c.expedite)
	must(workflow.SetUpdateHandlerWithOptions(ctx, contract.UpdateReschedule,
		func(ctx workflow.Context, cmd contract.RescheduleCommand) (contract.CommandResult, error) {
			return c.reschedule(ctx, cmd)
		},
		workflow.UpdateHandlerOptions{
			Validator: func(_ workflow.Context, cmd contract.RescheduleCommand) error {
				if c.beside != nil {
					return errors.New("only a leaver's, a joiner's or a mover's ticket has an effective date to move")
				}
				if cmd.At.IsZero() {
					return errors.New(`reschedule needs "at", a time such as "2026-12-04T18:00:00+01:00"`)
				}
				if !c.DoorAt.IsZero() {
					return errors.New("the leaver has begun: its date cannot be moved any more; expedite skips the wait for the ladder's next rung")
				}
				return c.mayMove(cmd.Operator)
			},
			Description: "Move the effective date. {\"by\":\"you\",\"reason\":\"why\",\"at\":\"2026-12-04T18:00:00+01:00\"}",
		}))
	must(workflow.SetUpdateHandlerWithOptions(ctx, contract.UpdateReassign,
		func(ctx workflow.Context, cmd contract.ReassignCommand) (contract.CommandResult, error) {
			return c.reassign(ctx, cmd)
		},
		workflow.UpdateHandlerOptions{
			Validator:   func(_ workflow.Context, cmd contract.ReassignCommand) error { return c.mayReassign(cmd) },
			Description: "Ask another person whom policy allows for the open level. {\"by\":\"you\",\"reason\":\"why\",\"to\":\"name@example.com\"}",
		}))
}

// takeCommand registers one command that only needs a name and a reason.
func (c *caseRun) takeCommand(ctx workflow.Context, name, description string, may func(contract.Operator) error, act func(workflow.Context, contract.Operator) contract.CommandResult) {
	must(workflow.SetUpdateHandlerWithOptions(ctx, name,
		func(ctx workflow.Context, cmd contract.OperatorCommand) (contract.CommandResult, error) {
			return act(ctx, cmd.Operator), nil
		},
		workflow.UpdateHandlerOptions{
			Validator:   func(_ workflow.Context, cmd contract.OperatorCommand) error { return may(cmd.Operator) },
			Description: description,
		}))
}

// must stops a workflow whose handlers cannot be registered: that is a mistake in this file, not in the world.
func must(err error) {
	if err != nil {
		panic("workflows: " + err.Error())
	}
}

// named refuses a command without a name and a reason.
func named(op contract.Operator) error {
	if strings.TrimSpace(op.By) == "" || strings.TrimSpace(op.Reason) == "" {
		return errors.New(`say who you are and why: {"by":"…","reason":"…"}`)
	}
	return nil
}

func (c *caseRun) mayRetry(op contract.Operator) error {
	if err := named(op); err != nil {
		return err
	}
	if c.beside != nil && c.beside.again != nil && c.Problem == nil {
		return nil
	}
	waiting := []casework.State{casework.StateNeedsAttention, casework.StateBlocked, casework.StateHeld, casework.StateFrozen}
	if !slices.Contains(waiting, c.State) {
		return fmt.Errorf("nothing to retry: the case is %s; retry is for %v", c.State, waiting)
	}
	return nil
}

func (c *caseRun) retry(ctx workflow.Context, op contract.Operator) contract.CommandResult {
	c.note(ctx, op.By+" asked to retry: "+op.Reason)
	c.answer, c.woken = answerRetry, true
	if c.beside != nil && c.beside.again != nil && c.Problem == nil {
		return contract.CommandResult{Text: c.beside.again()}
	}
	return contract.CommandResult{Text: "Trying again."}
}

func (c *caseRun) maySkip(op contract.Operator) error {
	if err := named(op); err != nil {
		return err
	}
	if c.State != casework.StateNeedsAttention || c.Problem == nil {
		return fmt.Errorf("nothing to skip: the case is %s; skip is for a failed change of a parked case", c.State)
	}
	if !c.Problem.Skippable {
		return fmt.Errorf("%q cannot be skipped: only a failed change can, never a level, a guard or a verification; retry or abort", c.Problem.Step)
	}
	return nil
}

func (c *caseRun) skip(ctx workflow.Context, op contract.Operator) contract.CommandResult {
	c.note(ctx, op.By+" skipped \""+c.Problem.Step+"\": "+op.Reason)
	c.answer = answerSkip
	return contract.CommandResult{Text: "Skipped; it will be named in the report."}
}

func (c *caseRun) mayAbort(op contract.Operator) error {
	if err := named(op); err != nil {
		return err
	}
	if c.Reported != nil {
		return errors.New("the case has already been reported; there is nothing to abort")
	}
	return nil
}

func (c *caseRun) abort(ctx workflow.Context, op contract.Operator) contract.CommandResult {
	c.note(ctx, op.By+" aborted the case: "+op.Reason)
	c.aborted = &op
	return contract.CommandResult{Text: "The case ends at the next safe point; nothing more is changed after it."}
}

func (c *caseRun) mayMove(op contract.Operator) error {
	if err := named(op); err != nil {
		return err
	}
	if c.Request.UseCase == casework.AccessRequest || c.Request.UseCase == casework.CredentialReset || c.beside != nil && c.beside.hurry == nil {
		return errors.New("only a joiner, a mover and a leaver have an effective date to move")
	}
	movable := []casework.State{casework.StateAwaitingApproval, casework.StateWaitingDate, casework.StateNeedsAttention, casework.StateSettling}
	if !slices.Contains(movable, c.State) {
		return fmt.Errorf("too late or too early to move the date: the case is %s; it can be moved while it is %v", c.State, movable)
	}
	return nil
}

func (c *caseRun) expedite(ctx workflow.Context, op contract.Operator) contract.CommandResult {
	c.note(ctx, op.By+" asked not to wait for the date: "+op.Reason)
	c.woken = true
	if c.beside != nil {
		return contract.CommandResult{Text: c.beside.hurry()}
	}
	if !c.DoorAt.IsZero() || !c.GrantedAt.IsZero() {
		c.SkipLadder = true
		return contract.CommandResult{Text: "The next step, which a leaver's ladder or a mover's overlap waits for, is now."}
	}
	c.Reschedule = &contract.Reschedule{By: op, Ticket: c.Request.EffectiveText}
	return contract.CommandResult{Text: "The date is now; approvals are still needed."}
}

func (c *caseRun) reschedule(ctx workflow.Context, cmd contract.RescheduleCommand) (contract.CommandResult, error) {
	c.note(ctx, fmt.Sprintf("%s moved the date to %s: %s", cmd.By, cmd.At.Format("2006-01-02 15:04 MST"), cmd.Reason))
	c.Reschedule = &contract.Reschedule{At: cmd.At, By: cmd.Operator, Ticket: c.Request.EffectiveText}
	c.woken = true
	return contract.CommandResult{Text: "The effective date is " + cmd.At.Format("2006-01-02 15:04 MST") + "."}, nil
}

func (c *caseRun) mayReassign(cmd contract.ReassignCommand) error {
	if err := named(cmd.Operator); err != nil {
		return err
	}
	if cmd.To == "" {
		return errors.New(`reassign needs "to", the e-mail address of a person whom policy allows for this level`)
	}
	if c.State != casework.StateAwaitingApproval && c.State != casework.StateNeedsAttention {
		return fmt.Errorf("no level is open: the case is %s", c.State)
	}
	_, err := c.openUnit(cmd.Unit)
	return err
}

// openUnit finds the unit whose level is open; key may be empty when there is only one.
func (c *caseRun) openUnit(key string) (int, error) {
	var open []string
	found := -1
	for i, u := range c.Units {
		if u.End != "" || u.Level >= len(u.Chain.Levels) {
			continue
		}
		open = append(open, u.Key)
		if u.Key == key || (key == "" && found < 0) {
			found = i
		}
	}
	switch {
	case len(open) == 0:
		return 0, errors.New("no level is open")
	case found < 0:
		return 0, fmt.Errorf("no unit %q with an open level; open are %s", key, strings.Join(open, ", "))
	case key == "" && len(open) > 1:
		return 0, fmt.Errorf(`name the unit: {"unit":"…"}; open are %s`, strings.Join(open, ", "))
	}
	return found, nil
}

// reassign asks policy, in an activity, whether the person may answer at this level: the sender's name proves nothing.
func (c *caseRun) reassign(ctx workflow.Context, cmd contract.ReassignCommand) (contract.CommandResult, error) {
	i, err := c.openUnit(cmd.Unit)
	if err != nil {
		return contract.CommandResult{}, err
	}
	unit := c.Units[i]
	check, err := once[contract.CheckReassignResult](ctx, c, checkReassign, "Policy: may this person answer at this level?",
		contract.CheckReassignInput{Request: c.Request, Unit: unit, To: cmd.To})
	if err != nil {
		return contract.CommandResult{}, fmt.Errorf("could not check the person: %s", messageOf(err))
	}
	if !check.Allowed {
		c.note(ctx, cmd.By+" asked to reassign a level; policy refused: "+check.Why)
		return contract.CommandResult{}, errors.New("policy does not allow this person for this level: " + check.Why)
	}
	if now := c.indexOf(unit.Key); now != i || c.Units[i].Level != unit.Level || c.Units[i].Round != unit.Round || c.Units[i].End != "" {
		return contract.CommandResult{}, errors.New("the level was decided meanwhile")
	}
	u := &c.Units[i]
	if !slices.ContainsFunc(u.Extra, func(a approval.Approver) bool { return a.DeskID == check.Approver.DeskID }) {
		u.Extra = append(u.Extra, check.Approver)
	}
	c.note(ctx, cmd.By+" asked another approver, as policy allows: "+cmd.Reason)
	c.answer, c.woken = answerRetry, true
	return contract.CommandResult{Text: "The person will be asked; whoever was asked before may still answer."}, nil
}
