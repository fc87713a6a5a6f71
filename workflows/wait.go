package workflows

import (
	"time"

	"go.temporal.io/sdk/workflow"

	"latchkey/casework"
	"latchkey/contract"
)

// continueAfter is how many events a run may have before it continues as new at its next wait. The server suggests the
// same at 4,096; a case that is nudged for months gets there earlier with smaller replays.
const continueAfter = 2000

// woke says what ended a wait.
type woke int

const (
	wokeByTime    woke = iota // the deadline passed
	wokeByNudge               // the ticket may have changed
	wokeByCommand             // an operator or the person's workflow said something this wait has to look at
	wokeByReady               // the condition holds
)

// wait blocks until ready holds, somebody nudges, an operator speaks or the deadline passes (a zero deadline never
// does). It returns an ending when an operator aborted. A nudge it saw is remembered in Nudged until somebody reads the
// ticket. what is the timer's line in the history.
func (c *caseRun) wait(ctx workflow.Context, deadline time.Time, what string, ready func() bool) (woke, error) {
	c.due, c.dueWhat = deadline, what
	if err := c.publish(ctx); err != nil {
		return wokeByTime, err
	}
	defer func() { c.due, c.dueWhat = time.Time{}, "" }()

	stirred := func() bool {
		return c.aborted != nil || c.woken || c.nudges.Len() > 0 || c.turns.Len() > 0 || c.began.Len() > 0 || c.unheard() || ready()
	}
	if err := c.sleep(ctx, deadline, what, stirred); err != nil {
		return wokeByTime, err
	}
	heard := c.hear(ctx)
	if err := c.returnStray(ctx); err != nil {
		return wokeByTime, err
	}
	switch {
	case c.aborted != nil:
		return wokeByCommand, endWith(casework.EndAborted, c.aborted.By+" ended the case: "+c.aborted.Reason)
	case ready():
		return wokeByReady, nil
	case c.drainNudges():
		return wokeByNudge, nil
	case c.woken, heard:
		c.woken = false
		return wokeByCommand, nil
	}
	return wokeByTime, nil
}

// sleep awaits the condition. The timer lives in a scope of its own and is cancelled as soon as the condition holds,
// which AwaitWithTimeout does not do by itself (reference: temporal, §0.1).
func (c *caseRun) sleep(ctx workflow.Context, deadline time.Time, what string, until func() bool) error {
	if until() {
		return nil
	}
	if deadline.IsZero() {
		return workflow.Await(ctx, until)
	}
	left := deadline.Sub(workflow.Now(ctx))
	if left <= 0 {
		return nil
	}
	scope, cancel := workflow.WithCancel(ctx)
	defer cancel()
	_, err := workflow.AwaitWithOptions(scope, workflow.AwaitOptions{
		Timeout:      left,
		TimerOptions: workflow.TimerOptions{Summary: clip(what, 200)},
	}, until)
	return err
}

// unread says that a nudge came that nobody has read the ticket for: the condition of waits that may begin with one,
// carried over from the run before.
func (c *caseRun) unread() bool { return c.Nudged }

// pause waits a fixed while for a vendor's own job; only an abort ends it early.
func (c *caseRun) pause(ctx workflow.Context, d time.Duration, what string) error {
	deadline := workflow.Now(ctx).Add(d)
	if err := c.sleep(ctx, deadline, what, func() bool { return c.aborted != nil }); err != nil {
		return err
	}
	return c.abortAsked()
}

// abortAsked is the ending when an operator aborted.
func (c *caseRun) abortAsked() error {
	if c.aborted == nil {
		return nil
	}
	return endWith(casework.EndAborted, c.aborted.By+" ended the case: "+c.aborted.Reason)
}

// drainNudges takes every nudge that is waiting: many webhooks are one read. A nudge decides nothing; the only thing it
// can carry is who named the ticket by hand, which lifts the backlog guard and nothing else.
func (c *caseRun) drainNudges() bool {
	drained := false
	var by *contract.Operator
	for c.nudges.ReceiveAsync(&by) {
		drained, c.Nudged, c.Unread = true, true, true
		if by != nil && by.By != "" {
			c.named, c.renamed = by, true
		}
		by = nil
	}
	return drained
}

// hear takes what the person's workflow said, and says whether it said anything.
func (c *caseRun) hear(ctx workflow.Context) bool {
	heard := c.unheard()
	if heard {
		c.beside.listen(ctx)
	}
	var granted contract.TurnGranted
	for c.turns.ReceiveAsync(&granted) {
		heard = true
		c.heardTurn(granted.OktaUserID)
		c.heardLeaver(ctx, granted.OktaUserID, granted.Leaver)
		granted = contract.TurnGranted{}
	}
	var leaver contract.LeaverSignal
	for c.began.ReceiveAsync(&leaver) {
		heard = true
		if leaver.Began {
			c.heardLeaver(ctx, leaver.OktaUserID, leaver.Ticket)
		} else if c.leaving[leaver.OktaUserID] == leaver.Ticket {
			delete(c.leaving, leaver.OktaUserID)
		}
		leaver = contract.LeaverSignal{}
	}
	return heard
}

// unheard says that something was signalled to what works like a case.
func (c *caseRun) unheard() bool { return c.beside != nil && c.beside.pending() }

// heardLeaver remembers somebody else's leaver.
func (c *caseRun) heardLeaver(ctx workflow.Context, person string, ticket int64) {
	if ticket != 0 && ticket != c.ticket && ticket != c.leaving[person] {
		c.leaving[person] = ticket
		c.note(ctx, "A leaver for the same person began in "+contract.TicketLabel(ticket)+".")
	}
}

// rest is called before a long wait: it carries the case into a fresh run when this one's history has grown long. A
// nudge that is waiting is carried over as Nudged, so that steady nudges do not keep a case from resting.
func (c *caseRun) rest(ctx workflow.Context) error {
	info := workflow.GetInfo(ctx)
	long := info.GetContinueAsNewSuggested() || info.GetCurrentHistoryLength() > continueAfter
	if !long || c.turns.Len()+c.began.Len() > 0 {
		return nil
	}
	if c.drainNudges(); c.renamed {
		return nil // who named the ticket is looked at by this run
	}
	return c.continueAsNew(ctx)
}

// continueAsNew carries the case into a fresh run. Nothing is lost: the turn is given back and update handlers are let
// finish first; what came meanwhile is obeyed or carried over, and the server refuses it when something arrives later.
func (c *caseRun) continueAsNew(ctx workflow.Context) error {
	if err := c.giveTurnBack(ctx); err != nil {
		return err
	}
	if err := workflow.Await(ctx, func() bool { return workflow.AllHandlersFinished(ctx) }); err != nil {
		return err
	}
	if err := c.abortAsked(); err != nil {
		return err
	}
	if c.drainNudges(); c.renamed {
		return nil // who named the ticket is looked at by this run
	}
	if c.beside != nil {
		if c.unheard() {
			c.beside.listen(ctx)
		}
		return workflow.NewContinueAsNewError(ctx, workflow.GetInfo(ctx).WorkflowType.Name, c.beside.carry())
	}
	return workflow.NewContinueAsNewError(ctx, workflow.GetInfo(ctx).WorkflowType.Name, c.input())
}
