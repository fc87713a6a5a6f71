package workflows

import (
	"errors"
	"hash/fnv"
	"strings"

	"go.temporal.io/sdk/workflow"

	"latchkey/casework"
	"latchkey/contract"
)

// Intake reads a ticket, classifies it by policy and, once it is complete, continues as new into the use case's own
// workflow type under the same ID.
//
//   - A ticket that is an incident of our own is told to its workflow, which looks at it.
//   - A ticket no rule wants is left alone, and so is one whose use case is off, or that is older than the moment its
//     use case entered act and that nobody named.
//   - A ticket that lacks a field gets one private note naming each, waits with status waiting, and goes on when it is
//     changed.
//   - A closed ticket that an earlier run reported, and that has not been reopened, ends at once and shows that record.
func Intake(ctx workflow.Context, in contract.CaseInput) (contract.CaseResult, error) {
	c := openCase(ctx, in)
	err := c.intake(ctx)
	if e, ok := endingOf(err); ok {
		return c.leave(ctx, e)
	}
	return contract.CaseResult{Ticket: c.ticket}, err
}

// intake reads until the ticket is complete. It returns an ending, or the continue-as-new into the use case.
func (c *caseRun) intake(ctx workflow.Context) error {
	for {
		c.drainNudges()
		c.Nudged = false
		read, err := call[contract.ReadRequestResult](ctx, c, readRequest, "Freshservice: read and classify the ticket", c.reading(), false)
		if err != nil {
			return err
		}
		c.take(read)
		if c.nudges.Len() > 0 {
			continue // the ticket may have changed while it was read
		}
		if read.Incident != "" {
			if err := c.leaveToOwner(ctx, read.Incident); c.nudges.Len() == 0 {
				return err
			}
			continue // it changed once more while that was told
		}
		if err := c.unwanted(read); err != nil {
			return err
		}
		if len(read.Missing) > 0 {
			if err := c.askFor(ctx, read.Missing); err != nil {
				return err
			}
			continue
		}
		c.State = casework.StatePlanning
		return workflow.NewContinueAsNewError(ctx, string(read.Request.UseCase), c.input())
	}
}

// leaveToOwner tells an incident that its ticket changed. One that does not run has nothing to be told.
func (c *caseRun) leaveToOwner(ctx workflow.Context, incident string) error {
	_ = workflow.SignalExternalWorkflow(ctx, incident, "", contract.SignalNudge, nil).Get(ctx, nil)
	return endWith(casework.EndNotWanted, "the ticket is an incident of ours; "+incident+" looks at it")
}

// reading asks for the ticket by the rule that took it, so an edited ticket does not change its use case half way.
func (c *caseRun) reading() contract.ReadRequestInput {
	return contract.ReadRequestInput{Ticket: c.ticket, Named: c.named, UseCase: c.Request.UseCase, Rule: c.Request.Rule, Answers: c.ReadNotes}
}

// take keeps what was read.
func (c *caseRun) take(read contract.ReadRequestResult) {
	c.Request, c.Earlier, c.Run = read.Request, read.Earlier, read.Runs
	c.Times, c.Owner = read.Times, read.Owner
}

// unwanted is an ending for a ticket that this case has nothing to do with.
func (c *caseRun) unwanted(read contract.ReadRequestResult) error {
	r := read.Request
	switch {
	case r.Ticket.Gone:
		return endWith(casework.EndCancelled, "the ticket was deleted or marked as spam")
	case r.Ticket.Closed && read.Earlier != nil:
		return endWith(casework.EndEarlier, "closed by an earlier run: "+read.Earlier.Summary)
	case r.Ticket.Closed:
		return endWith(casework.EndNotWanted, "the ticket is closed")
	case leftToAPerson(read) && c.named == nil:
		return endWith(casework.EndEarlier, "left to a person by an earlier run ("+read.Earlier.Summary+"), and nothing new is asked; `starter start` runs it again")
	case r.UseCase == "":
		return endWith(casework.EndNotWanted, "no intake rule wants this ticket")
	case r.Mode == casework.ModeOff:
		return endWith(casework.EndNotWanted, string(r.UseCase)+" is off in policy")
	case r.Backlog:
		return endWith(casework.EndNotWanted, "older than the moment "+string(r.UseCase)+" entered act; `starter start` names it")
	}
	return nil
}

// leftToAPerson says that an earlier run left the ticket open for a person, and that it still asks for the same: a note
// or a changed priority is no new case.
func leftToAPerson(read contract.ReadRequestResult) bool {
	return read.Earlier != nil && read.Earlier.Waiting && read.Earlier.Ask == askDigest(read.Request)
}

// askFor says privately what is missing, once for each set of missing fields, and waits for the ticket to change.
func (c *caseRun) askFor(ctx workflow.Context, missing []casework.Missing) error {
	var names []string
	for _, m := range missing {
		names = append(names, m.Field+" "+m.Why)
	}
	c.trouble = "Missing on the ticket: " + strings.Join(names, "; ") + "."
	facts := c.facts()
	facts.Missing = missing
	err := c.do(ctx, tell, "Freshservice: say what is missing", contract.TellInput{
		Ticket: c.ticket, Key: c.marker("missing", fingerprint(names)), Template: "missing", Facts: facts,
	})
	if err != nil {
		return err
	}
	if c.Request.Mode == casework.ModeAct { // observe says what it would do, and leaves the ticket as it is
		if err := c.do(ctx, setTicket, "Freshservice: set the ticket to waiting", contract.SetTicketInput{Ticket: c.ticket, Wish: contract.WishWaiting}); err != nil {
			return err
		}
	}
	c.State = casework.StateNeedsInformation
	for {
		if err := c.rest(ctx); err != nil {
			return err
		}
		why, err := c.wait(ctx, workflow.Now(ctx).AddDate(1, 0, 0), "Waiting for the ticket to be completed", func() bool { return false })
		if err != nil {
			return err
		}
		switch why {
		case wokeByNudge, wokeByCommand:
			return nil
		case wokeByTime:
			return endWith(casework.EndExpired, "nobody completed the ticket within a year")
		case wokeByReady:
		}
	}
}

// fingerprint is a small stable number for a set of texts: part of a note's key.
func fingerprint(texts []string) int {
	h := fnv.New32a()
	for _, t := range texts {
		_, _ = h.Write([]byte(t + "\n"))
	}
	return int(h.Sum32())
}

// leave ends an intake that did not become a case. Nothing is written on the ticket.
func (c *caseRun) leave(ctx workflow.Context, e *ending) (contract.CaseResult, error) {
	c.State = casework.StateDone
	c.note(ctx, "Ended: "+e.why+".")
	if err := c.publish(ctx); err != nil {
		return contract.CaseResult{}, err
	}
	if err := workflow.Await(ctx, func() bool { return workflow.AllHandlersFinished(ctx) }); err != nil {
		return contract.CaseResult{}, err
	}
	return contract.CaseResult{
		Ticket: c.ticket, UseCase: c.Request.UseCase, End: e.end, Summary: e.why, Evidence: c.Earlier,
	}, nil
}

// isContinue says that an error is a continue-as-new on its way up.
func isContinue(err error) bool {
	var next *workflow.ContinueAsNewError
	return errors.As(err, &next)
}
