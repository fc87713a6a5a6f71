package workflows

import (
	"time"

	"go.temporal.io/sdk/workflow"

	"latchkey/contract"
	"latchkey/detection"
)

const (
	// mostFresh bounds the evidence that is kept for the next note; the events are counted all the same.
	mostFresh = 40
	// mostStopped bounds the list of other alerts for the next note.
	mostStopped = 100
	// alertLate is how old a signal without a crossing may be when it reaches an incident that is over, before it shows
	// that the log has not heard of the end.
	alertLate = 10 * time.Minute
)

// hear takes what is there to be heard.
func (a *alertRun) hear(ctx workflow.Context) {
	for a.nudges.ReceiveAsync(nil) {
		a.nudged = true
	}
	var s contract.AlertSignal
	for a.alerts.ReceiveAsync(&s) {
		a.take(ctx, s)
		s = contract.AlertSignal{}
	}
	if a.Phase == "" && a.Began.IsZero() {
		a.Began = workflow.Now(ctx)
	}
}

// take keeps what a page says. A checkpoint that is not newer than the last is a repeat.
func (a *alertRun) take(ctx workflow.Context, s contract.AlertSignal) {
	if a.Phase != "" && s.Checkpoint <= a.Checkpoint {
		return
	}
	a.Checkpoint = s.Checkpoint
	now := workflow.Now(ctx)
	switch a.Phase {
	case contract.AlertClosed, contract.AlertMuted:
		if !s.Opened && !a.Owed && !s.At.After(a.Closed.Add(alertLate)) {
			a.count(s) // it was on its way when the incident ended
			return
		}
		if !a.comesBack(now) {
			a.renew(ctx, s)
		} else {
			a.resume(ctx, s)
		}
	case contract.AlertPending, contract.AlertOpen, contract.AlertBlocked:
	case "":
		a.renew(ctx, s)
	}
	a.add(s, now)
}

// comesBack says whether new evidence opens the same ticket again.
func (a *alertRun) comesBack(now time.Time) bool {
	return a.Phase == contract.AlertClosed && a.Ticket != 0 && a.End != contract.AlertEndGone && now.Before(a.Closed.Add(a.Route.Reopen))
}

// renew forgets the incident that was, for one that begins.
func (a *alertRun) renew(ctx workflow.Context, s contract.AlertSignal) {
	a.AlertState = contract.AlertState{
		Key: s.Key, Checkpoint: s.Checkpoint, Opening: s.Checkpoint, Phase: contract.AlertPending, Before: a.Ticket,
		Began: workflow.Now(ctx), After: s.After, Log: a.Log,
	}
	a.back = false
	a.note(ctx, "Began with checkpoint "+number(s.Checkpoint)+".")
}

// resume opens the incident again that was over.
func (a *alertRun) resume(ctx workflow.Context, s contract.AlertSignal) {
	a.Phase, a.End, a.Closed = contract.AlertOpen, "", zeroTime
	a.MutedBy, a.Eased, a.Owed = nil, false, false
	a.SaidMuted, a.SaidEased, a.SaidQuiet = "", false, false
	if a.Severity = s.Severity; a.SaidAs == 0 || a.Severity != 0 && a.Severity > a.SaidAs {
		a.SaidAs = a.Severity // the ticket keeps the priority that it had; only worse raises it
	}
	a.Reopened++
	a.back = true
	a.note(ctx, "It came back with checkpoint "+number(s.Checkpoint)+".")
}

// add takes the evidence in.
func (a *alertRun) add(s contract.AlertSignal, now time.Time) {
	a.count(s)
	if s.Severity != 0 && (a.Severity == 0 || s.Severity < a.Severity) {
		a.Severity = s.Severity
	}
	a.Measure = max(a.Measure, s.Measure)
	a.Fresh = append(a.Fresh, s.Evidence[:min(len(s.Evidence), mostFresh-min(len(a.Fresh), mostFresh))]...)
	a.StoppedAll += len(s.Stopped)
	a.Stopped = append(a.Stopped, s.Stopped[:min(len(s.Stopped), mostStopped-min(len(a.Stopped), mostStopped))]...)
	if s.MutedBy != nil {
		by := *s.MutedBy
		a.MutedBy = &by
	}
	a.Eased = a.Eased || s.Eased
	a.Observe = a.Observe || s.Observe
	if s.Opened || s.Events > 0 || len(s.Stopped) > 0 {
		a.Heard, a.SaidQuiet = now, false
	}
}

// count keeps the numbers right.
func (a *alertRun) count(s contract.AlertSignal) {
	a.Events += s.Events
	first, last := s.First, s.Last
	for _, e := range s.Evidence {
		first, last = earlier(first, e.At), later(last, e.At)
	}
	a.First, a.Last = earlier(a.First, first), later(a.Last, last)
}

func earlier(t, u time.Time) time.Time {
	if t.IsZero() || !u.IsZero() && u.Before(t) {
		return u
	}
	return t
}

func later(t, u time.Time) time.Time {
	if u.After(t) {
		return u
	}
	return t
}

// rose says that it is more severe than the desk knows.
func (a *alertRun) rose() bool { return a.Severity != 0 && a.Severity < a.SaidAs }

// fresh says whether there is something that the desk has not been told.
func (a *alertRun) fresh() bool {
	return a.Ticket != 0 && (a.Events > a.Told || len(a.Stopped) > 0 || a.Eased && !a.SaidEased || a.muter() != a.SaidMuted)
}

func (a *alertRun) muter() string {
	if a.MutedBy == nil {
		return ""
	}
	return a.MutedBy.String()
}

const (
	// flapAfter reopenings make an incident one that comes and goes: it then stays open for flapQuiet at least, so that
	// nobody is told of each end.
	flapAfter = 3
	flapQuiet = 7 * 24 * time.Hour
)

// quietFor is how long nothing has to come.
func (a *alertRun) quietFor() time.Duration {
	if a.Reopened >= flapAfter {
		return max(a.Route.Quiet, flapQuiet)
	}
	return a.Route.Quiet
}

// facts is what texts may say.
func (a *alertRun) facts() contract.IncidentFacts {
	return contract.IncidentFacts{
		Workflow: contract.AlertWorkflowID(a.Key), Key: a.Key, Severity: a.Severity, Route: a.Route, Events: a.Events,
		Added: max(a.Events-a.Told, 0), Measure: a.Measure, First: a.First, Last: a.Last, After: a.After, Before: a.Before,
		Evidence: a.Fresh, Stopped: a.Stopped, StoppedAll: a.StoppedAll, MutedBy: a.MutedBy, Eased: a.Eased,
	}
}

// told remembers that the desk knows what facts said.
func (a *alertRun) told(ctx workflow.Context, facts contract.IncidentFacts) {
	a.Told, a.NoteAt = facts.Events, workflow.Now(ctx)
	a.Fresh, a.Stopped = nil, nil
	if facts.Severity != 0 {
		a.SaidAs = facts.Severity
	}
	a.SaidEased, a.SaidMuted = facts.Eased, ""
	if facts.MutedBy != nil {
		a.SaidMuted = facts.MutedBy.String()
	}
}

// severityOr is the severity, or another where there is none.
func severityOr(s, otherwise detection.Severity) detection.Severity {
	if s == 0 {
		return otherwise
	}
	return s
}
