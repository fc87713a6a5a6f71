package workflows

import (
	"slices"
	"time"

	"go.temporal.io/sdk/workflow"

	"latchkey/casework"
	"latchkey/contract"
)

// enrolDue is when somebody whose authenticators were reset is to be reminded; zero is never. Nothing waits for it: the
// ticket is resolved by then, and the case only stays a while longer.
func (c *caseRun) enrolDue() time.Time {
	if c.Request.UseCase != casework.CredentialReset || len(c.Units) == 0 {
		return zeroTime
	}
	terms := c.theUnit().Plan.Reset
	reset := c.factorsResetAt()
	if terms == nil || terms.EnrolRemind <= 0 || reset.IsZero() {
		return zeroTime
	}
	return reset.Add(terms.EnrolRemind)
}

// factorsResetAt is when the last authenticator was removed; zero is that none was.
func (c *caseRun) factorsResetAt() time.Time {
	for _, d := range slices.Backward(c.Done) {
		if d.Outcome == contract.OutcomeDone && (d.Change.Verb == casework.VerbResetFactor || d.Change.Verb == casework.VerbResetFactors) {
			return d.At
		}
	}
	return zeroTime
}

// idleUntil is how long a reported case stays: to absorb late nudges, and until a reminder is due.
func (c *caseRun) idleUntil() time.Time {
	until := c.IdleAt.Add(c.Times.Idle)
	if due := c.enrolDue(); due.After(until) {
		return due
	}
	return until
}

// remindToEnrol reminds, once, a person who has enrolled no authenticator since theirs were reset.
func (c *caseRun) remindToEnrol(ctx workflow.Context) {
	if c.enrolDue().IsZero() {
		return
	}
	res, err := once[contract.SettledResult](ctx, c, checkSettled, "Okta: has the person enrolled a new authenticator?",
		contract.SettledInput{Person: c.Plan.Person, EnrolledSince: c.ResettingAt})
	if err != nil {
		c.note(ctx, "Whether a new authenticator was enrolled could not be read: "+messageOf(err))
		return
	}
	if res.Enrolled {
		c.note(ctx, "A new authenticator was enrolled.")
		return
	}
	facts := c.facts()
	c.quietly(ctx, tell, "Freshservice: remind the person to enrol an authenticator", contract.TellInput{
		Ticket: c.ticket, Key: c.marker("enrol", 0), Template: "enrol_reminder", Public: true, Facts: facts, CC: c.ownersToTell(),
	})
}
