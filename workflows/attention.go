package workflows

import (
	"fmt"

	"go.temporal.io/sdk/workflow"

	"latchkey/casework"
	"latchkey/contract"
)

// answer is what an operator decided about a parked case.
type answer string

const (
	answerNone  answer = ""
	answerRetry answer = "retry"
	answerSkip  answer = "skip"
)

// park stops the case until a person has decided. It gives the turn back, says on the ticket privately what failed,
// why and what to do, reminds at intervals, and returns nil for retry, errSkipped for skip, an ending for abort or
// when a person ended the ticket meanwhile.
func (c *caseRun) park(ctx workflow.Context, p contract.Problem) error {
	before := c.State
	c.Problem, c.answer = &p, answerNone
	c.Parked++
	if err := c.giveTurnBack(ctx); err != nil {
		return err
	}
	if err := c.enter(ctx, casework.StateNeedsAttention); err != nil {
		return err
	}
	c.quietly(ctx, tell, "Say on the ticket why the case is parked", contract.TellInput{
		Ticket: c.ticket, Key: c.marker("parked", c.Parked), Template: "parked", Notify: true, Facts: c.facts(),
	})
	if c.Request.Mode == casework.ModeAct {
		c.quietly(ctx, setTicket, "Freshservice: set the ticket to waiting", contract.SetTicketInput{Ticket: c.ticket, Wish: contract.WishWaiting})
	}

	err := c.awaitAnswer(ctx)
	c.Problem = nil
	if err != nil {
		return err
	}
	skipped := c.answer == answerSkip
	c.answer = answerNone
	if err := c.enter(ctx, before); err != nil {
		return err
	}
	if skipped {
		return errSkipped
	}
	return nil
}

// awaitAnswer waits for retry, skip or abort, reminding as often as policy says.
func (c *caseRun) awaitAnswer(ctx workflow.Context) error {
	for reminders := 0; ; {
		next := workflow.Now(ctx).Add(c.Times.ParkRemind)
		why, err := c.wait(ctx, next, "Parked: reminder", func() bool { return c.answer != answerNone })
		if err != nil {
			return err
		}
		switch why {
		case wokeByReady:
			return nil
		case wokeByNudge:
			if err := c.endedByPerson(ctx); err != nil {
				return err
			}
		case wokeByTime:
			reminders++
			c.quietly(ctx, tell, "Remind of the parked case", contract.TellInput{
				Ticket: c.ticket, Key: c.marker(fmt.Sprintf("parked-%d-reminder", c.Parked), reminders),
				Template: "parked_reminder", Notify: true, Facts: c.facts(),
			})
		case wokeByCommand:
		}
	}
}

// endedByPerson reads the ticket and ends the case when a person closed, deleted or marked it as spam. A ticket that
// cannot be read just now proves nothing.
func (c *caseRun) endedByPerson(ctx workflow.Context) error {
	if c.obeyed {
		return nil
	}
	read, err := once[contract.ReadRequestResult](ctx, c, readRequest, "Freshservice: read the ticket again", c.reading())
	if err != nil {
		return nil //nolint:nilerr // an unread ticket proves nothing; the next nudge reads again
	}
	c.Unread = !sameAsk(c.Request, read.Request)
	c.AsksElse = c.Unread
	return c.stillWanted(read.Request.Ticket)
}

// stillWanted is an ending when a person ended the ticket.
func (c *caseRun) stillWanted(t casework.Ticket) error {
	switch {
	case t.Gone:
		return endWith(casework.EndCancelled, "the ticket was deleted or marked as spam")
	case t.Closed:
		return endWith(casework.EndCancelled, "the ticket was closed by a person")
	}
	return nil
}

// quietly does something that must not hold the case up: what fails is written to the case's log.
func (c *caseRun) quietly(ctx workflow.Context, s step, summary string, in any) {
	if err := workflow.ExecuteActivity(s.with(ctx, c.Times.UnavailableIn, c.priority(), summary), s.name, in).Get(ctx, nil); err != nil {
		c.note(ctx, summary+" failed: "+messageOf(err))
	}
}

// marker is the stable key of a note: one note per marker, however often it is asked for.
func (c *caseRun) marker(what string, n int) string {
	if c.beside != nil {
		what = c.beside.marks + "." + what
	}
	return fmt.Sprintf("%s.%d.%s.%d", contract.TicketLabel(c.ticket), c.Run, what, n)
}

// facts is what a note may say of this case.
func (c *caseRun) facts() contract.TellFacts {
	facts := contract.TellFacts{Case: c.Case, Problem: c.Problem}
	if c.beside != nil {
		facts.Grant = c.beside.facts()
	}
	return facts
}
