package workflows

import (
	"fmt"
	"slices"
	"strings"

	"go.temporal.io/sdk/workflow"

	"latchkey/approval"
	"latchkey/casework"
	"latchkey/contract"
)

// CredentialReset gives somebody a way to sign in again: a mail of Okta's for a new password, an unlocked account, the
// activation mail again, authenticators removed so that new ones can be enrolled. No secret passes through here.
// Runbook: docs/runbooks/credential-reset.md.
func CredentialReset(ctx workflow.Context, in contract.CaseInput) (contract.CaseResult, error) {
	c := openCase(ctx, in)
	return c.finish(ctx, c.resetCredential(ctx))
}

// movedOn is how often a case plans again because the account moved on between its plan and its change.
const movedOn = 3

// resetCredential runs the reset and always ends with an ending, or with the continue-as-new of a long wait.
func (c *caseRun) resetCredential(ctx workflow.Context) error {
	if c.Reported != nil {
		return nil
	}
	if err := c.plan(ctx); err != nil {
		return err
	}
	if c.Request.Mode != casework.ModeAct {
		return c.observed(ctx)
	}
	var stale string
	for range movedOn {
		if err := c.untilItMayBegin(ctx); err != nil {
			return err
		}
		if err := c.leaverFirst(); err != nil {
			return err
		}
		var err error
		if stale, err = c.applyReset(ctx); err != nil {
			return err
		}
		if stale == "" {
			c.tellOwner(ctx)
			return c.proveReset(ctx)
		}
	}
	return endWith(casework.EndHandedOver, "it could not be reset as planned, whatever was planned: "+stale)
}

// applyReset carries out the plan in this person's turn. stale says why the plan no longer fits, where the account moved
// on before anything was changed: plan again.
func (c *caseRun) applyReset(ctx workflow.Context) (stale string, err error) {
	if err := c.enter(ctx, casework.StateApplying); err != nil {
		return "", err
	}
	if c.ResettingAt.IsZero() {
		c.ResettingAt = workflow.Now(ctx)
	}
	for _, change := range c.theUnit().Plan.Changes {
		if err := c.takeTurn(ctx, c.Plan.Person.OktaUserID); err != nil {
			return "", err
		}
		done, err := c.apply(ctx, c.theUnit(), change, false)
		if err != nil {
			return "", err
		}
		switch done.Outcome {
		case contract.OutcomeDone, contract.OutcomeAlready:
			c.Begun = true
		case contract.OutcomeStale:
			if !c.Begun {
				c.note(ctx, applySummary(change)+": "+done.Detail+". Planning again.")
				c.Done = slices.DeleteFunc(c.Done, func(d contract.Done) bool { return d.Change.ID == change.ID })
				return done.Detail, c.giveTurnBack(ctx)
			}
		case contract.OutcomeRefused:
			if !c.Begun {
				end := casework.EndRefused
				if c.leaving[c.Plan.Person.OktaUserID] != 0 {
					end = casework.EndLeaver
				}
				return "", endWith(end, done.Detail)
			}
		case contract.OutcomeGone:
			if !c.Begun {
				return "", endWith(casework.EndUnknownPerson, done.Detail)
			}
		case contract.OutcomeLeft, contract.OutcomeSkipped, contract.OutcomeHeld: // the proof names it
		}
	}
	return "", nil
}

// tellOwner writes to the account's owner and to whom policy names beside whoever asked, once something was changed: who
// did not ask for it hears of it by another way than the one it was asked on. A mail that does not go out holds nothing
// up; it is in the log.
func (c *caseRun) tellOwner(ctx workflow.Context) {
	if !slices.ContainsFunc(c.Done, func(d contract.Done) bool { return d.Outcome == contract.OutcomeDone }) {
		return
	}
	others := c.ownersToTell()
	if len(others) == 0 {
		c.note(ctx, "Nobody beside the requester could be told: no manager's address is known, and policy names none.")
		return
	}
	c.quietly(ctx, tell, "Freshservice: tell the account's owner", contract.TellInput{
		Ticket: c.ticket, Key: c.marker("owner", 0), Template: "reset_notice", Public: true, Facts: c.facts(), CC: others,
	})
}

// ownersToTell are the owner's address, where somebody else asked, and those that the plan names.
func (c *caseRun) ownersToTell() []string {
	u := c.theUnit()
	var list []string
	add := func(address string) {
		is := func(other string) bool { return strings.EqualFold(other, address) }
		if address != "" && !is(c.Request.Ticket.Requester.Email) && !slices.ContainsFunc(list, is) {
			list = append(list, address)
		}
	}
	add(u.Plan.Person.Email)
	if u.Plan.Reset != nil {
		for _, address := range u.Plan.Reset.Tell {
			add(address)
		}
	}
	return list
}

// proveReset reads everything back and ends the case by what it saw.
func (c *caseRun) proveReset(ctx workflow.Context) error {
	u := c.theUnit()
	check, err := c.verify(ctx, u.Plan, false)
	if err != nil {
		return err
	}
	u = c.theUnit()
	u.Left, c.Checks = check.Residuals, []contract.VerifyResult{check}
	u.Status = approval.StatusApproved
	switch {
	case len(check.Residuals) > 0:
		u.End, u.Why = casework.EndResiduals, fmt.Sprintf("%d thing(s) are left for a person: %s", len(check.Residuals), check.Residuals[0].Why)
	case !slices.ContainsFunc(c.Done, func(d contract.Done) bool { return d.Outcome == contract.OutcomeDone }):
		u.End, u.Why = casework.EndAlready, "it was so before: "+c.Done[0].Detail
	default:
		u.End, u.Why = casework.EndDone, "reset as planned"
	}
	return endWith(u.End, u.Why)
}
