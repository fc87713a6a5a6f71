package workflows

import (
	"errors"
	"fmt"
	"strings"

	"go.temporal.io/sdk/workflow"

	"latchkey/approval"
	"latchkey/casework"
	"latchkey/contract"
)

// apply carries out one change, unless it was carried out before. Guards are asked by the activity right before the
// write: what a guard holds waits here and is tried again; what it refuses is recorded and never tried again. It
// returns the outcome so that the caller can decide what a refusal means.
func (c *caseRun) apply(ctx workflow.Context, u *contract.Unit, change casework.Change, undo bool) (contract.Done, error) {
	key := u.Key
	if done, ok := c.done(change); ok && !undo {
		return done, nil
	}
	for {
		if err := c.abortAsked(); err != nil {
			return contract.Done{}, err
		}
		res, err := call[contract.ApplyResult](ctx, c, applyChange, applySummary(change), c.applyInput(u, change, undo), true)
		if errors.Is(err, errSkipped) {
			return c.keep(ctx, change, contract.ApplyResult{Outcome: contract.OutcomeSkipped, Detail: "an operator skipped it"}), nil
		}
		if err != nil {
			return contract.Done{}, err
		}
		if res.Outcome != contract.OutcomeHeld {
			return c.keep(ctx, change, res), nil
		}
		if err := c.held(ctx, change, res); err != nil {
			return contract.Done{}, err
		}
		if i := c.indexOf(key); i >= 0 {
			u = &c.Units[i]
		}
	}
}

// applyInput is what the activity needs to know; nothing in it depends on the run or the attempt.
func (c *caseRun) applyInput(u *contract.Unit, change casework.Change, undo bool) contract.ApplyInput {
	return contract.ApplyInput{
		Ticket: c.ticket, Run: c.Run, UseCase: c.Request.UseCase, Unit: u.Key, Person: u.Plan.Person, Change: change,
		Named: c.named != nil, Created: c.Request.Ticket.CreatedAt, Deciders: approversOf(u),
		Emergency: c.Request.Emergency && change.Reversible && u.Status != approval.StatusApproved, Undo: undo,
		BreakGlass: u.Plan.BreakGlass != nil,
		Reset:      u.Plan.Reset, Since: c.ResettingAt,
	}
}

// approversOf lists the addresses of the people whose approval counted.
func approversOf(u *contract.Unit) []string {
	var list []string
	for _, line := range u.Log {
		if line.Counted && line.Decision == approval.DecisionApproved && line.By.Email != "" {
			list = append(list, line.By.Email)
		}
	}
	return list
}

// applySummary is the line operators read: "Okta: remove_member group Engineering".
func applySummary(change casework.Change) string {
	return fmt.Sprintf("Okta: %s %s", change.Verb, change.Object.Label())
}

// done finds a change that this case carried out before. Two items of one ticket may ask for the same thing for two
// people, so a change is told apart by its item as well.
func (c *caseRun) done(change casework.Change) (contract.Done, bool) {
	for _, d := range c.Done {
		if d.Change.ID == change.ID && d.Change.Item == change.Item {
			return d, true
		}
	}
	return contract.Done{}, false
}

// keep records what became of a change.
func (c *caseRun) keep(ctx workflow.Context, change casework.Change, res contract.ApplyResult) contract.Done {
	at := res.At
	if at.IsZero() {
		at = workflow.Now(ctx)
	}
	done := contract.Done{Change: change, Outcome: res.Outcome, Detail: res.Detail, At: at, OktaUserID: res.OktaUserID, Guard: res.Guard}
	c.Done = append(c.Done, done)
	return done
}

// held waits for a guard: a freeze, the mass-change guard, a legal hold, a mode switched back. It gives the turn back,
// says so where operators look, and has a person asked once when this very change tripped the mass-change guard.
func (c *caseRun) held(ctx workflow.Context, change casework.Change, res contract.ApplyResult) error {
	before, person := c.State, c.turn
	if err := c.giveTurnBack(ctx); err != nil {
		return err
	}
	if res.Tripped != nil {
		c.quietly(ctx, askMassChange, "Freshservice: ask a person about the mass-change guard", contract.AskMassChangeInput{
			Verdict: *res.Tripped, Ticket: c.ticket, At: workflow.Now(ctx),
		})
	}
	c.State = casework.StateHeld
	if res.Guard == contract.GuardFreeze {
		c.State = casework.StateFrozen
	}
	c.trouble = fmt.Sprintf("%s is held by the guard %s: %s", applySummary(change), strings.ReplaceAll(res.Guard, "_", " "), res.Detail)
	c.noteOnce(ctx, c.trouble)
	if err := c.rest(ctx); err != nil {
		return err
	}
	look := workflow.Now(ctx).Add(c.Times.HoldRecheck)
	if !res.Until.IsZero() && res.Until.Before(look) {
		look = res.Until
	}
	why, err := c.wait(ctx, look, "Held: asking the guard again", never)
	if err != nil {
		return err
	}
	if why == wokeByNudge {
		if err := c.endedByPerson(ctx); err != nil {
			return err
		}
	}
	c.State, c.trouble = before, "" // together: whoever asks meanwhile reads why it is held
	if person != "" {
		return c.takeTurn(ctx, person)
	}
	return nil
}
