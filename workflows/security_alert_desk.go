package workflows

import (
	"strconv"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"latchkey/casework"
	"latchkey/contract"
	"latchkey/detection"
)

// alertStep runs one step of an incident. The worst go first.
func alertStep[Out any](ctx workflow.Context, a *alertRun, s step, summary string, in any) (Out, error) {
	var out Out
	priority := casework.PriorityPeople
	if a.Severity == detection.S1 {
		priority = casework.PriorityEmergency
	}
	err := workflow.ExecuteActivity(s.with(ctx, alertWithin, priority, summary), s.name, in).Get(ctx, &out)
	return out, err
}

// route asks policy what becomes of the incident, once for each severity.
func (a *alertRun) route(ctx workflow.Context) error {
	if a.Route.Mode != "" && a.Route.Severity == a.Severity {
		return nil
	}
	return a.routeAgain(ctx)
}

func (a *alertRun) routeAgain(ctx workflow.Context) error {
	r, err := alertStep[contract.AlertRoute](ctx, a, routeAlert, "Policy: what becomes of it", contract.RouteAlertInput{
		Key: a.Key, Severity: a.Severity, Events: a.Events,
	})
	if err != nil {
		return err
	}
	a.Route, a.Severity = r, severityOr(a.Severity, r.Severity)
	return nil
}

// begins opens the incident at the desk, unless policy wants no ticket for it or only observes: then its report is all.
func (a *alertRun) begins(ctx workflow.Context) error {
	if err := a.routeAgain(ctx); err != nil {
		return err
	}
	facts := a.facts()
	if a.Route.Ticket && !a.Observe && a.Route.Mode == casework.ModeAct {
		opened, err := alertStep[contract.OpenIncidentResult](ctx, a, openIncident, "Freshservice: open the incident", contract.OpenIncidentInput{
			Facts: facts, Opening: a.Opening, Began: a.Began,
		})
		if err != nil {
			return err
		}
		a.Ticket, a.URL, a.Observe = opened.Ticket, opened.URL, opened.Observed
		for _, left := range opened.Left {
			a.note(ctx, "The desk does not take "+left+".")
		}
	}
	if a.Opened.IsZero() {
		a.Opened = workflow.Now(ctx)
	}
	a.report(ctx)
	if a.Ticket == 0 {
		a.SaidAs = a.Severity
		a.note(ctx, "No ticket is opened: "+a.unticketed()+".")
		return nil
	}
	a.told(ctx, facts)
	a.note(ctx, "Opened at the desk as "+contract.TicketLabel(a.Ticket)+".")
	a.notify(ctx, facts)
	return nil
}

// unticketed says why there is no ticket.
func (a *alertRun) unticketed() string {
	switch {
	case a.Route.Mode == casework.ModeOff:
		return "policy switches alerts off"
	case a.Observe || a.Route.Mode != casework.ModeAct:
		return "observe mode, the report is in the blob store"
	}
	return "policy wants none for " + a.Severity.String() + ", the report is in the blob store"
}

// look sees what a person did to the ticket.
func (a *alertRun) look(ctx workflow.Context) error {
	if !a.nudged || a.Ticket == 0 || a.back {
		return nil
	}
	at, err := alertStep[contract.TellIncidentResult](ctx, a, lookIncident, "Freshservice: look at the incident", contract.LookIncidentInput{Ticket: a.Ticket})
	if err != nil {
		return err
	}
	return a.seen(ctx, at)
}

// seen ends the incident where a person did.
func (a *alertRun) seen(ctx workflow.Context, at contract.TellIncidentResult) error {
	switch {
	case at.Gone:
		return a.end(ctx, contract.AlertClosed, contract.AlertEndGone, "The ticket was deleted or marked as spam.")
	case at.Closed:
		return a.end(ctx, contract.AlertClosed, contract.AlertEndPerson, "A person resolved or closed the ticket.")
	}
	return nil
}

// reopen opens the ticket again that was closed, because the same came back in time.
func (a *alertRun) reopen(ctx workflow.Context) error {
	if !a.back {
		return nil
	}
	if err := a.routeAgain(ctx); err != nil {
		return err
	}
	facts := a.facts()
	facts.Reopened, facts.Was = true, a.SaidAs
	at, err := alertStep[contract.TellIncidentResult](ctx, a, reopenIncident, "Freshservice: open the incident again", contract.TellIncidentInput{
		Ticket: a.Ticket, Key: a.noteKey(), Facts: facts, Raise: a.rose(),
	})
	if err != nil {
		return err
	}
	a.back = false
	if at.Gone {
		return a.startOver(ctx)
	}
	a.Notes++
	a.told(ctx, facts)
	a.note(ctx, "Opened again at the desk.")
	a.notify(ctx, facts)
	return nil
}

// startOver opens a new ticket for one that is gone: what came back is not lost with it.
func (a *alertRun) startOver(ctx workflow.Context) error {
	a.note(ctx, contract.TicketLabel(a.Ticket)+" is gone; it gets a new ticket.")
	a.Before, a.Ticket, a.URL, a.Opened = 0, 0, "", zeroTime
	a.Opening, a.Began, a.Summary, a.Notes = a.Checkpoint, workflow.Now(ctx), 0, 0
	return a.begins(ctx)
}

// rise raises the ticket at once when the incident became worse.
func (a *alertRun) rise(ctx workflow.Context) error {
	if !a.rose() || a.Ticket == 0 {
		return nil
	}
	if err := a.route(ctx); err != nil {
		return err
	}
	facts := a.facts()
	facts.Was = a.SaidAs
	at, err := alertStep[contract.TellIncidentResult](ctx, a, tellIncident, "Freshservice: raise the incident to "+a.Severity.String(), contract.TellIncidentInput{
		Ticket: a.Ticket, Key: a.noteKey(), Facts: facts, Raise: true,
	})
	switch {
	case err != nil:
		return err
	case at.Gone:
		return a.startOver(ctx)
	case at.Closed: // a person closed it when it was less than it is
		a.back = true
		a.Reopened++
		return a.reopen(ctx)
	}
	a.Notes++
	a.told(ctx, facts)
	a.note(ctx, "Raised to "+a.Severity.String()+".")
	a.notify(ctx, facts)
	return nil
}

func (a *alertRun) seenOr(ctx workflow.Context, at contract.TellIncidentResult, err error) error {
	if err != nil {
		return err
	}
	return a.seen(ctx, at)
}

// append adds what came since the last note, no more often than policy allows. After policy's number of notes one last
// one is kept up to date.
func (a *alertRun) append(ctx workflow.Context) error {
	if !a.fresh() || workflow.Now(ctx).Before(a.NoteAt.Add(a.Route.Interval)) {
		return nil
	}
	facts := a.facts()
	facts.Rolling = a.Notes >= a.Route.Notes
	in := contract.TellIncidentInput{Ticket: a.Ticket, Key: a.noteKey(), Facts: facts}
	if facts.Rolling {
		in.Summary = a.Summary
	}
	at, err := alertStep[contract.TellIncidentResult](ctx, a, tellIncident, "Freshservice: add "+events(facts.Added)+" to the incident", in)
	if err != nil || at.Closed || at.Gone {
		return a.seenOr(ctx, at, err)
	}
	if facts.Rolling {
		if a.Summary != at.Note {
			a.Notes++
		}
		a.Summary = at.Note
	} else {
		a.Notes++
	}
	a.told(ctx, facts)
	return nil
}

// goQuiet ends an incident for which nothing came for long, as far as policy lets it.
func (a *alertRun) goQuiet(ctx workflow.Context) error {
	if a.SaidQuiet || workflow.Now(ctx).Before(a.Heard.Add(a.quietFor())) {
		return nil
	}
	if a.Ticket == 0 {
		return a.end(ctx, contract.AlertClosed, contract.AlertEndQuiet, "It has gone quiet.")
	}
	facts := a.facts()
	facts.Quiet = true
	at, err := alertStep[contract.TellIncidentResult](ctx, a, closeIncident, "Freshservice: it has gone quiet", contract.CloseIncidentInput{
		Ticket: a.Ticket, Key: a.noteKey(), Facts: facts, How: a.Route.Close,
	})
	switch {
	case err != nil:
		return err
	case at.Gone:
		return a.seen(ctx, at)
	case at.Closed && at.Note == 0:
		return a.seen(ctx, at)
	}
	a.Notes++
	a.told(ctx, facts)
	if at.Closed {
		return a.end(ctx, contract.AlertClosed, contract.AlertEndQuiet, "It has gone quiet: resolved.")
	}
	a.SaidQuiet = true
	a.note(ctx, "It has gone quiet; the ticket is left to the person who has it.")
	return nil
}

// end remembers how the incident ended, and that the log has to be told.
func (a *alertRun) end(ctx workflow.Context, phase contract.AlertPhase, end contract.AlertEnd, why string) error {
	a.Phase, a.End, a.Closed, a.Owed = phase, end, workflow.Now(ctx), true
	a.note(ctx, why)
	a.report(ctx)
	return nil
}

// tellLog says that the incident ended, so that what comes next is judged afresh. A log that does not run is told with
// the next signal that shows that it does not know.
func (a *alertRun) tellLog(ctx workflow.Context) {
	if !a.Owed {
		return
	}
	if err := a.signalLog(ctx); err != nil {
		a.note(ctx, "The log could not be told that it is over; it forgets by itself when the key is quiet.")
		return
	}
	a.Owed = false
}

func (a *alertRun) signalLog(ctx workflow.Context) error {
	return workflow.SignalExternalWorkflow(ctx, contract.SystemLogID, "", contract.SignalIncidentEnded,
		contract.IncidentEndedSignal{Key: a.Key, At: workflow.Now(ctx)}).Get(ctx, nil)
}

// report keeps the story in the blob store. One that cannot be kept holds nothing up.
func (a *alertRun) report(ctx workflow.Context) {
	in := contract.ReportIncidentInput{State: a.AlertState}
	ctx = reportIncident.with(ctx, 5*time.Minute, casework.PriorityPeople, "Keep the report")
	if err := workflow.ExecuteActivity(ctx, reportIncident.name, in).Get(ctx, nil); err != nil {
		a.note(ctx, "The report could not be kept: "+messageOf(err))
	}
}

// notify says it in policy's channels: once for each opening and each raise. What fails is shown and holds nothing up.
func (a *alertRun) notify(ctx workflow.Context, facts contract.IncidentFacts) {
	if len(a.Route.Chat) == 0 {
		return
	}
	facts.Evidence, facts.Stopped = facts.Evidence[:min(len(facts.Evidence), 1)], nil // a notice is short
	options := workflow.ActivityOptions{
		TaskQueue: notifyChat.queue, StartToCloseTimeout: notifyChat.attempt, ScheduleToCloseTimeout: chatWithin,
		RetryPolicy: &temporal.RetryPolicy{InitialInterval: 2 * time.Second, MaximumAttempts: 5, NonRetryableErrorTypes: terminalKinds()},
		Summary:     "Chat: " + a.Severity.String(), HeartbeatTimeout: notifyChat.beat,
	}
	var out contract.NotifyChatResult
	err := workflow.ExecuteActivity(workflow.WithActivityOptions(ctx, options), notifyChat.name, contract.NotifyChatInput{
		Targets: a.Route.Chat, Facts: facts, Ticket: a.Ticket, URL: a.URL,
	}).Get(ctx, &out)
	if err != nil {
		a.note(ctx, "Chat could not be told: "+messageOf(err))
	}
	for _, t := range a.Route.Chat {
		if why, failed := out.Failed[t.Name]; failed {
			a.note(ctx, "Chat "+t.Name+" was not told: "+why)
		}
	}
}

// noteKey is the marker of the next note: the same after a lost answer, another for the next one.
func (a *alertRun) noteKey() string {
	return "alert." + a.Key.Hash[:min(len(a.Key.Hash), 12)] + "." + number(a.Opening) + "." + strconv.Itoa(a.Notes)
}

func number(n uint64) string { return strconv.FormatUint(n, 10) }

func events(n int) string {
	if n == 1 {
		return "1 event"
	}
	return strconv.Itoa(n) + " events"
}
