package workflows

import (
	"errors"
	"strings"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"latchkey/casework"
	"latchkey/contract"
)

// observed ends a case of a use case in observe: it says what it would do and whom it would ask, and changes nothing. A
// route that cannot be found is part of what it says.
func (c *caseRun) observed(ctx workflow.Context) error {
	for i := range c.Units {
		u := &c.Units[i]
		if u.End != "" {
			continue
		}
		route, err := once[contract.RouteApprovalResult](ctx, c, routeApproval, "Policy: who would approve "+u.Title,
			contract.RouteApprovalInput{Request: c.Request, Unit: *u})
		if err != nil {
			c.note(ctx, "Who would approve "+u.Title+" is not known: "+messageOf(err)+".")
			continue
		}
		u.Chain, u.Bans = route.Chain, route.Bans
	}
	return endWith(casework.EndObserved, "observe mode: said what would be done, changed nothing")
}

// finish turns the ending into the report, idles, and completes the workflow. A cancelled workflow is reported like an
// aborted one, on a context of its own.
func (c *caseRun) finish(ctx workflow.Context, err error) (contract.CaseResult, error) {
	if isContinue(err) {
		return contract.CaseResult{}, err
	}
	e, ended := endingOf(err)
	switch {
	case ended:
	case temporal.IsCanceledError(err):
		var free workflow.CancelFunc
		ctx, free = workflow.NewDisconnectedContext(ctx)
		defer free()
		e = &ending{end: casework.EndAborted, why: "an operator cancelled the workflow"}
	case err != nil:
		return contract.CaseResult{}, err
	}
	if e != nil && c.Reported == nil {
		c.aborted = nil // it has been obeyed; reporting goes on
		if err := c.report(ctx, e); err != nil {
			return contract.CaseResult{}, err
		}
		c.aborted = nil // one that came while it was reported had nothing left to end
	}
	if err := c.idle(ctx); err != nil {
		return contract.CaseResult{}, err
	}
	return *c.Reported, nil
}

// report withdraws what is still open, stores the evidence, writes the result for people and brings the ticket to its
// end. What differs is on the note with its owner; a ticket with something unexpected left stays waiting.
func (c *caseRun) report(ctx workflow.Context, e *ending) error {
	if c.Request.Mode == casework.ModeObserve && e.end != casework.EndObserved && e.end != casework.EndCancelled {
		e = &ending{end: casework.EndObserved, why: "observe mode: it would have ended as " + string(e.end) + ", " + e.why}
	}
	if err := c.enter(ctx, casework.StateReporting); err != nil {
		return err
	}
	c.withdrawAll(ctx)
	if err := c.giveTurnBack(ctx); err != nil {
		return err
	}
	// A leaver that went through leaves an account that can hold nothing; one that did not stands no more.
	if err := c.sayLeaver(ctx, false); err != nil {
		return err
	}
	c.unreviewed(ctx, e)
	for i := range c.Units {
		if u := &c.Units[i]; u.End == "" {
			u.End, u.Why = e.end, e.why
		}
	}
	if left := c.standing(); len(left) > 0 && c.Request.UseCase == casework.Offboarding {
		u := c.theUnit()
		u.Left = append(u.Left, left...)
	}
	result := c.result(e)
	err := c.writeResult(ctx, e, &result)
	if over, ended := endingOf(err); ended {
		// The writing was parked, and a person closed the ticket or aborted: there is nothing more to write on.
		c.note(ctx, "The result could not be written on the ticket: "+over.why+".")
		err = nil
	}
	if err != nil && !errors.Is(err, errSkipped) {
		return err
	}
	c.Reported, c.IdleAt = &result, workflow.Now(ctx)
	return nil
}

// result is what the workflow returns.
func (c *caseRun) result(e *ending) contract.CaseResult {
	r := contract.CaseResult{Ticket: c.ticket, UseCase: c.Request.UseCase, End: e.end, Summary: e.why}
	for _, u := range c.Units {
		r.Items = append(r.Items, contract.ItemResult{Key: u.Key, Title: u.Title, End: u.End, Why: u.Why})
		r.Left = append(r.Left, u.Left...)
	}
	return r
}

// writeResult stores the evidence and writes on the ticket.
func (c *caseRun) writeResult(ctx workflow.Context, e *ending, result *contract.CaseResult) error {
	facts := c.facts()
	facts.End, facts.Text = e.end, e.why
	if len(c.Checks) > 0 {
		facts.Verify = &c.Checks[len(c.Checks)-1]
	}
	if c.Request.Mode != casework.ModeAct {
		if e.end == casework.EndCancelled {
			return nil // a person ended the ticket: there is nothing left to say about what would be done
		}
		// The key names the plan, not the run: the same plan is said once, however often the ticket is looked at.
		return c.do(ctx, tell, "Freshservice: say what would be done", contract.TellInput{
			Ticket: c.ticket, Key: c.marker("observed", fingerprint(c.digests())), Template: "observed", Facts: facts,
		})
	}
	ref, err := call[contract.RecordRef](ctx, c, storeEvidence, "Store the evidence record", contract.EvidenceInput{
		Case: c.Case, End: e.end, Why: e.why, Verify: c.Checks, Ask: askDigest(c.Request),
		Waiting: e.end != casework.EndCancelled && c.wish(e.end, result.Left) != contract.WishResolved,
	}, false)
	if err != nil {
		return err
	}
	result.Evidence, facts.Evidence = &ref, &ref
	if e.end == casework.EndCancelled {
		c.quietly(ctx, tell, "Freshservice: say that the case ended with its ticket", contract.TellInput{
			Ticket: c.ticket, Key: c.marker("result", 0), Template: "cancelled", Facts: facts,
		})
		return nil
	}
	if err := c.do(ctx, tell, "Freshservice: write the result", contract.TellInput{
		Ticket: c.ticket, Key: c.marker("result", 0), Template: "result", Facts: facts,
	}); err != nil {
		return err
	}
	wish := c.wish(e.end, result.Left)
	if wish == contract.WishResolved || e.end == casework.EndRefused {
		if err := c.do(ctx, tell, "Freshservice: tell the requester", contract.TellInput{
			Ticket: c.ticket, Key: c.marker("reply", 0), Template: "result_requester", Public: true, Facts: facts, CC: c.managerToTell(),
		}); err != nil {
			return err
		}
	}
	set, err := call[contract.SetTicketResult](ctx, c, setTicket, "Freshservice: bring the ticket to its end", contract.SetTicketInput{
		Ticket: c.ticket, Wish: wish, Note: clip(e.why, 1000),
	}, false)
	c.WrittenAt = set.UpdatedAt
	return err
}

// managerToTell is the manager of a joiner or a mover, who hears how it ended beside whoever asked.
func (c *caseRun) managerToTell() []string {
	if len(c.Units) == 0 || c.Request.UseCase != casework.Onboarding && c.Request.UseCase != casework.RoleChange {
		return nil
	}
	manager := c.theUnit().Plan.Person.ManagerEmail
	if manager == "" || strings.EqualFold(manager, c.Request.Ticket.Requester.Email) {
		return nil
	}
	return []string{manager}
}

// digests lists the plans of the case.
func (c *caseRun) digests() []string {
	var list []string
	for _, u := range c.Units {
		list = append(list, u.Key+" "+u.Plan.Digest+" "+string(u.End))
	}
	return list
}

// wish is wishFor, and open for a refused reset that policy leaves to a person.
func (c *caseRun) wish(end casework.End, left []casework.Residual) contract.TicketWish {
	if end == casework.EndRefused && c.Request.Reset != nil && c.Request.Reset.LeaveRefused {
		return contract.WishOpen
	}
	return wishFor(end, left)
}

// wishFor is what the ticket should be at the end: resolved when nothing is left for a person to do.
func wishFor(end casework.End, left []casework.Residual) contract.TicketWish {
	switch end {
	case casework.EndUnknownPerson, casework.EndSeveralPeople, casework.EndAborted, casework.EndSkipped, casework.EndIncomplete:
		return contract.WishWaiting
	case casework.EndHandedOver:
		return contract.WishOpen // somebody of the desk works on it: its clock runs
	case casework.EndRefused, casework.EndDone, casework.EndAlready, casework.EndResiduals, casework.EndRejected, casework.EndExpired,
		casework.EndCancelled, casework.EndNotWanted, casework.EndObserved, casework.EndUnknownItem, casework.EndInactive,
		casework.EndProtected, casework.EndConflict, casework.EndLeaver, casework.EndEarlier:
	}
	if unexpected(left) > 0 {
		return contract.WishWaiting
	}
	return contract.WishResolved
}

// idle absorbs late nudges and this case's own echoes. A ticket that is reopened, or that asks for something else now,
// starts a fresh run, which first reads what this one did.
func (c *caseRun) idle(ctx workflow.Context) error {
	until := c.idleUntil()
	c.State, c.Nudged = casework.StateIdle, c.Unread // what nobody took up while the case worked is looked at now
	for workflow.Now(ctx).Before(until) || c.drainNudges() {
		if err := c.rest(ctx); err != nil {
			return err
		}
		if !c.Nudged {
			if _, err := c.wait(ctx, until, "Idle: absorbing late nudges", never); err != nil {
				return err
			}
		}
		if !c.Nudged {
			continue
		}
		c.Nudged, c.Unread = false, false
		if c.renamed {
			return workflow.NewContinueAsNewError(ctx, contract.WorkflowIntake, contract.CaseInput{Ticket: c.ticket, Named: c.named})
		}
		again, err := c.lookAgain(ctx)
		if err != nil {
			return err
		}
		if again {
			return workflow.NewContinueAsNewError(ctx, contract.WorkflowIntake, contract.CaseInput{Ticket: c.ticket, Named: c.named})
		}
	}
	c.remindToEnrol(ctx)
	if err := c.enter(ctx, casework.StateDone); err != nil {
		return err
	}
	return workflow.Await(ctx, func() bool { return workflow.AllHandlersFinished(ctx) })
}

// olderLooks is how often a ticket that shows an older state than our own last change of it is read again.
const olderLooks = 5

// lookAgain reads the ticket after it was reported, and says whether it wants a fresh run. A read may show the ticket as
// it was before our own last change, and the desk tells time in whole seconds: one that is not newer is read again a few
// times before it is believed, and one that is older never is. A ticket that cannot be read just now proves nothing.
func (c *caseRun) lookAgain(ctx workflow.Context) (bool, error) {
	for look := 1; ; look++ {
		read, err := once[contract.ReadRequestResult](ctx, c, readRequest, "Freshservice: was the ticket reopened?", c.reading())
		if err != nil || !c.asksAgain(read) {
			return false, nil //nolint:nilerr // the next nudge reads again
		}
		at := read.Request.Ticket.UpdatedAt
		if at.After(c.WrittenAt) {
			return true, nil
		}
		if look == olderLooks {
			return !at.Before(c.WrittenAt), nil
		}
		if err := c.pause(ctx, c.Times.SettleEvery, "The desk shows an older state of the ticket: reading it again"); err != nil {
			return false, err
		}
	}
}

// asksAgain says whether the ticket wants a fresh run.
func (c *caseRun) asksAgain(read contract.ReadRequestResult) bool {
	t := read.Request.Ticket
	if t.Gone || t.Closed {
		return false
	}
	if !sameAsk(c.Request, read.Request) {
		return true
	}
	wish := c.wish(c.Reported.End, c.Reported.Left)
	return c.Reported.End != casework.EndObserved && wish == contract.WishResolved
}
