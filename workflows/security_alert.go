package workflows

import (
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"latchkey/casework"
	"latchkey/contract"
)

const (
	// alertFirst is how long an incident that was started without a signal waits for one.
	alertFirst = time.Minute
	// alertLinger is the least that an incident that is over stays to recognise repeats of what it heard: longer than any
	// attempt at a page of the log.
	alertLinger = time.Hour
	// alertRetry is how often something that only a person can mend is tried again.
	alertRetry = 15 * time.Minute
	// alertAgain is how soon something that a vendor's outage stopped is tried again; it was tried for alertWithin before.
	alertAgain = time.Minute
	// alertWithin bounds one step: then the details say that a vendor is away.
	alertWithin = time.Hour
	// chatWithin bounds a notice in a channel: an incident waits no longer for one.
	chatWithin = 2 * time.Minute
)

// SecurityAlert is the incident of one correlation key, from the crossing in the log until it is over: it waits for
// more, opens one ticket at the desk, adds to it, raises it, resolves it when it has gone quiet, and opens it again when
// it comes back in time. What happens is told to it by signals that are numbered by the log's checkpoints, so nothing
// counts twice. Whatever fails is tried again and never loses an alert. Runbook: docs/runbooks/security-alert.md.
func SecurityAlert(ctx workflow.Context, in contract.AlertInput) error {
	a := openAlert(ctx, in)
	for {
		a.hear(ctx)
		if err := a.kept(ctx, a.advance(ctx)); err != nil {
			return a.cancelled(ctx, err)
		}
		if err := a.publish(ctx); err != nil {
			return err
		}
		if a.unheard() {
			continue
		}
		if a.over(workflow.Now(ctx)) {
			return nil
		}
		if a.long(ctx) {
			return workflow.NewContinueAsNewError(ctx, string(casework.SecurityAlert), contract.AlertInput{State: &a.AlertState})
		}
		if err := a.rest(ctx); err != nil {
			return a.cancelled(ctx, err)
		}
	}
}

// alertRun is one run of an incident.
type alertRun struct {
	contract.AlertState
	id     string
	alerts workflow.ReceiveChannel
	nudges workflow.ReceiveChannel
	nudged bool // somebody changed the ticket: look at it
	back   bool // it came back within the window: the ticket is opened again
}

// openAlert builds the run from its input and registers what may be asked and said.
func openAlert(ctx workflow.Context, in contract.AlertInput) *alertRun {
	a := &alertRun{
		id:     workflow.GetInfo(ctx).WorkflowExecution.ID,
		alerts: workflow.GetSignalChannelWithOptions(ctx, contract.SignalAlert, workflow.SignalChannelOptions{Description: "From the log: what a page of it says about this incident."}),
		nudges: workflow.GetSignalChannelWithOptions(ctx, contract.SignalNudge, workflow.SignalChannelOptions{Description: "The ticket changed: look at it. Tries at once what waits to be tried again."}),
	}
	if in.State != nil {
		a.AlertState = *in.State
	}
	must(workflow.SetQueryHandlerWithOptions(ctx, contract.QueryAlert, func() (contract.AlertState, error) { return a.AlertState, nil },
		workflow.QueryHandlerOptions{Description: "Where the incident stands, and everything it knows."}))
	return a
}

// unheard says whether anything waits to be heard.
func (a *alertRun) unheard() bool { return a.alerts.Len()+a.nudges.Len() > 0 }

// long says that the history should end at this quiet moment.
func (a *alertRun) long(ctx workflow.Context) bool {
	info := workflow.GetInfo(ctx)
	return info.GetContinueAsNewSuggested() || info.GetCurrentHistoryLength() > continueAfter
}

// advance does what is due, unless what failed is not yet to be tried again.
func (a *alertRun) advance(ctx workflow.Context) error {
	if workflow.Now(ctx).Before(a.RetryAt) && !a.nudged {
		return nil
	}
	err := a.act(ctx)
	if err == nil {
		a.Trouble, a.RetryAt, a.nudged = "", zeroTime, false
		a.tellLog(ctx)
	}
	return err
}

// act does what is due in the phase.
func (a *alertRun) act(ctx workflow.Context) error {
	switch a.Phase {
	case contract.AlertPending:
		return a.pending(ctx)
	case contract.AlertOpen:
		return a.open(ctx)
	case contract.AlertClosed, contract.AlertMuted, contract.AlertBlocked:
	}
	return nil
}

// pending waits for more, and opens when policy's wait is over. A bigger alert, or what was missed coming after all,
// ends it without a ticket.
func (a *alertRun) pending(ctx workflow.Context) error {
	if err := a.route(ctx); err != nil {
		return err
	}
	switch now := workflow.Now(ctx); {
	case a.MutedBy != nil:
		return a.end(ctx, contract.AlertMuted, contract.AlertEndMuted, "Not opened: "+a.MutedBy.String()+" stands for it.")
	case a.Eased:
		return a.end(ctx, contract.AlertMuted, contract.AlertEndEased, "Not opened: what was missed came after all.")
	case now.Before(a.opensAt()):
		return nil
	}
	a.Phase = contract.AlertOpen
	return a.open(ctx)
}

// open keeps the desk at what is known.
func (a *alertRun) open(ctx workflow.Context) error {
	if a.Opened.IsZero() || a.Ticket == 0 && a.rose() {
		return a.begins(ctx)
	}
	for _, do := range []func(workflow.Context) error{a.look, a.reopen, a.rise, a.append, a.goQuiet} {
		if err := do(ctx); err != nil || a.Phase != contract.AlertOpen {
			return err
		}
	}
	return nil
}

// over says that nothing more is to come.
func (a *alertRun) over(now time.Time) bool {
	switch a.Phase {
	case contract.AlertClosed, contract.AlertMuted:
		return !now.Before(a.lingersUntil())
	case contract.AlertPending, contract.AlertOpen, contract.AlertBlocked:
		return false
	}
	return !now.Before(a.Began.Add(alertFirst)) // no signal ever came
}

// lingersUntil is when an incident that is over need not be remembered any more.
func (a *alertRun) lingersUntil() time.Time {
	return a.Closed.Add(max(a.Route.Reopen, alertLinger))
}

// opensAt is when the wait is over.
func (a *alertRun) opensAt() time.Time { return a.Began.Add(a.Route.Wait) }

// rest waits for what is due next, or for a signal.
func (a *alertRun) rest(ctx workflow.Context) error {
	at, what := a.due(workflow.Now(ctx))
	scope, cancel := workflow.WithCancel(ctx)
	defer cancel()
	if at.IsZero() {
		return workflow.Await(scope, a.unheard)
	}
	_, err := workflow.AwaitWithOptions(scope, workflow.AwaitOptions{
		Timeout: max(at.Sub(workflow.Now(ctx)), time.Second), TimerOptions: workflow.TimerOptions{Summary: what},
	}, a.unheard)
	return err
}

// due says what comes next; no time means that only a signal moves it.
func (a *alertRun) due(now time.Time) (time.Time, string) {
	at, what := a.next()
	if !at.IsZero() && at.Before(a.RetryAt) {
		at, what = a.RetryAt, "Trying again"
	}
	if at.IsZero() && a.RetryAt.After(now) {
		at, what = a.RetryAt, "Trying again"
	}
	return at, what
}

func (a *alertRun) next() (time.Time, string) {
	switch a.Phase {
	case contract.AlertPending:
		return a.opensAt(), "Waiting for more before it is opened"
	case contract.AlertOpen:
		quiet := a.Heard.Add(a.quietFor())
		switch {
		case a.fresh():
			if note := a.NoteAt.Add(a.Route.Interval); a.SaidQuiet || note.Before(quiet) {
				return note, "Next note on the ticket"
			}
			return quiet, "It has gone quiet"
		case !a.SaidQuiet:
			return quiet, "It has gone quiet"
		}
		return zeroTime, ""
	case contract.AlertClosed, contract.AlertMuted:
		return a.lingersUntil(), "New evidence until then belongs to it"
	case contract.AlertBlocked:
	}
	return a.Began.Add(alertFirst), "Waiting for the first signal"
}

// kept turns a failure into trouble that is shown and tried again; only the end of the workflow itself is an error.
func (a *alertRun) kept(ctx workflow.Context, err error) error {
	if err == nil || temporal.IsCanceledError(err) {
		return err
	}
	wait := alertAgain
	if kind, known := kindOf(err); known && !kind.Retried() {
		wait = alertRetry
	}
	a.nudged = false
	a.Trouble, a.RetryAt = messageOf(err), workflow.Now(ctx).Add(wait)
	a.note(ctx, "Failed: "+a.Trouble)
	return nil
}

// cancelled tells the log, so that what comes next is judged afresh.
func (a *alertRun) cancelled(ctx workflow.Context, err error) error {
	if !temporal.IsCanceledError(err) || ctx.Err() == nil {
		return err
	}
	free, cancel := workflow.NewDisconnectedContext(ctx)
	defer cancel()
	if a.Phase == contract.AlertPending || a.Phase == contract.AlertOpen {
		_ = a.signalLog(free)
	}
	return err
}
