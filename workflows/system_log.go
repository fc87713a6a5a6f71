package workflows

import (
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"latchkey/casework"
	"latchkey/contract"
)

const (
	// logQuiet is how long a nudge is left to be followed by its like, and so the least time between two polls.
	logQuiet = 2 * time.Second
	// logIdle is how often a log that nobody is to read looks whether that has changed.
	logIdle = time.Minute
	// logPollWithin bounds the attempts of one reading before the log says that it does not get on.
	logPollWithin = 15 * time.Minute
	// logAgain and logBlocked are how long a step that failed for good rests: in general, and where our credential is refused.
	logAgain   = time.Minute
	logBlocked = 5 * time.Minute
	// logReportWithin is how long the counts of an hour are tried to be told.
	logReportWithin = 10 * time.Minute
	// logGapsMost is how many gaps are shown.
	logGapsMost = 20
)

// SystemLog reads Okta's System Log for ever: one page a poll, in the order in which Okta stored it, and between polls a
// timer that a nudge cuts short; many pages at a time only while it is behind. Runbook: docs/runbooks/system-log.md.
//
// A crash at any point neither loses nor doubles an event. What is remembered and where reading goes on are one
// checkpoint in the blob store, and this workflow's history says which one counts:
//
//   - before a reading's answer is in the history, the checkpoint before it counts: the reading is done again, and
//     checkpoints that an attempt left are nobody's;
//   - once it is in the history, the checkpoint counts, and with it the signals for incidents that it holds. They are sent
//     before the next page is read, again and again until all are accepted, so each incident hears of pages in order;
//   - an incident passes over a signal whose page is not newer than the last it took, so sending twice is sending once.
func SystemLog(ctx workflow.Context, in contract.SystemLogInput) error {
	l := &systemLog{}
	if in.State != nil {
		l.LogState = *in.State
	}
	l.listen(ctx)
	for {
		l.hear(ctx)
		wait, err := l.read(ctx)
		if err != nil {
			return err
		}
		l.publish(ctx)
		if l.long(ctx) {
			if err := workflow.Await(ctx, func() bool { return workflow.AllHandlersFinished(ctx) }); err != nil {
				return err
			}
			if l.hear(ctx); l.quiet() && l.reporting == 0 {
				return workflow.NewContinueAsNewError(ctx, contract.WorkflowSystemLog, contract.SystemLogInput{State: &l.LogState})
			}
		}
		if err := l.rest(ctx, wait); err != nil {
			return err
		}
	}
}

// systemLog is the state of the log's workflow.
type systemLog struct {
	contract.LogState
	wakes     workflow.ReceiveChannel
	ended     workflow.ReceiveChannel
	given     int // the last order that the last reading was given
	reporting int // hours whose counts are being told
}

// listen registers signals, updates and the query.
func (l *systemLog) listen(ctx workflow.Context) {
	l.wakes = workflow.GetSignalChannelWithOptions(ctx, contract.SignalWake, workflow.SignalChannelOptions{Description: "Something is in the log: read it now. Carries nothing."})
	l.ended = workflow.GetSignalChannelWithOptions(ctx, contract.SignalIncidentEnded, workflow.SignalChannelOptions{Description: "From an incident: it ended; what comes next is judged afresh."})
	must(workflow.SetQueryHandlerWithOptions(ctx, contract.QueryLog, func() (contract.LogState, error) { return l.LogState, nil },
		workflow.QueryHandlerOptions{Description: "How far the log is read, what is open, silenced, unwanted or missing."}))
	l.takeSilences(ctx)
}

// quiet says that nobody is waiting to be heard.
func (l *systemLog) quiet() bool { return l.wakes.Len()+l.ended.Len() == 0 }

// hear takes what was signalled. One reading answers all wakes.
func (l *systemLog) hear(workflow.Context) {
	for l.wakes.Len() > 0 {
		l.wakes.ReceiveAsync(nil)
	}
	for l.ended.Len() > 0 {
		var ended contract.IncidentEndedSignal // of each its own: orders keep it
		l.ended.ReceiveAsync(&ended)
		l.order(contract.LogOrder{Close: &ended.Key})
	}
}

// order has the next page begin with something.
func (l *systemLog) order(o contract.LogOrder) {
	l.Ordered++
	o.ID = l.Ordered
	l.Orders = append(l.Orders, o)
}

// long says that the history should end soon.
func (l *systemLog) long(ctx workflow.Context) bool {
	info := workflow.GetInfo(ctx)
	return info.GetContinueAsNewSuggested() || info.GetCurrentHistoryLength() > continueAfter
}

// rest waits for the next poll. A nudge, an incident's end or an order ends it, after a moment in which their like may
// follow; not so while nothing can be read.
func (l *systemLog) rest(ctx workflow.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	if l.Trouble != "" || l.Idle != "" {
		return workflow.NewTimerWithOptions(ctx, d, workflow.TimerOptions{Summary: "Nothing can be read; looking again"}).Get(ctx, nil)
	}
	scope, cancel := workflow.WithCancel(ctx)
	defer cancel()
	woken, err := workflow.AwaitWithOptions(scope, workflow.AwaitOptions{Timeout: d, TimerOptions: workflow.TimerOptions{Summary: "Until the next poll"}},
		func() bool { return !l.quiet() || l.Ordered != l.given })
	if err != nil || !woken {
		return err
	}
	return workflow.NewTimerWithOptions(ctx, min(d, logQuiet), workflow.TimerOptions{Summary: "Nudged: more nudges may follow"}).Get(ctx, nil)
}

// read reads on once and has sent what follows from it. It says how long to rest.
func (l *systemLog) read(ctx workflow.Context) (time.Duration, error) {
	s, priority, summary := pollLog, casework.PriorityPeople, "Okta: read the System Log"
	if l.Behind {
		s, priority, summary = catchUpLog, casework.PriorityBulk, "Okta: catch up with the System Log"
	}
	var res contract.PollLogResult
	l.given = l.Ordered
	err := workflow.ExecuteActivity(s.with(ctx, logPollWithin, priority, summary), s.name, contract.PollLogInput{
		Checkpoint: l.Checkpoint, LastEvent: l.LastEvent, Orders: l.Orders, AtNow: l.Mode == casework.ModeOff,
	}).Get(ctx, &res)
	if err != nil {
		return l.failed(ctx, err)
	}
	l.Trouble, l.Since = "", zeroTime
	l.take(res)
	if res.Idle != "" {
		return max(res.Wait, logIdle), nil
	}
	if res.Signals > 0 {
		if err := l.deliver(ctx); err != nil {
			return 0, err
		}
	}
	if res.Hour {
		l.report(ctx)
	}
	return res.Wait, nil
}

// take remembers what a reading says. Orders that came meanwhile are for the next.
func (l *systemLog) take(res contract.PollLogResult) {
	l.Mode, l.Idle = res.Mode, res.Idle
	if res.Idle != "" {
		return
	}
	for len(l.Orders) > 0 && l.Orders[0].ID <= l.given {
		l.Orders = l.Orders[1:]
	}
	l.Checkpoint, l.Behind, l.Rules = res.Checkpoint, res.More, res.Rules
	l.ReadAt, l.LastEvent = res.ReadAt, res.LastEvent
	l.Pages += res.Pages
	l.Events += res.Events
	l.Repeated += res.Repeated
	l.Malformed += res.Malformed
	l.Own += res.Own
	l.Signals += res.Signals
	if l.Gaps = append(l.Gaps, res.Gaps...); len(l.Gaps) > logGapsMost {
		l.Gaps = l.Gaps[len(l.Gaps)-logGapsMost:]
	}
	if res.View != nil {
		l.View = *res.View
	}
}

// deliver sends the checkpoint's signals to their incidents. The log does not go on before all are accepted.
func (l *systemLog) deliver(ctx workflow.Context) error {
	for {
		err := workflow.ExecuteActivity(deliverAlerts.with(ctx, 24*time.Hour, casework.PriorityEmergency, "Tell the incidents"),
			deliverAlerts.name, contract.DeliverAlertsInput{Checkpoint: *l.Checkpoint}).Get(ctx, nil)
		if err == nil {
			return nil
		}
		wait, err := l.failed(ctx, err)
		if err != nil {
			return err
		}
		if err := workflow.NewTimerWithOptions(ctx, wait, workflow.TimerOptions{Summary: "Incidents could not be told; trying again"}).Get(ctx, nil); err != nil {
			return err
		}
	}
}

// report has the counts of an hour told, on the side: whether that works is nothing to the log.
func (l *systemLog) report(ctx workflow.Context) {
	l.reporting++
	in := contract.ReportHourInput{Checkpoint: *l.Checkpoint}
	workflow.Go(ctx, func(ctx workflow.Context) {
		err := workflow.ExecuteActivity(reportHour.with(ctx, logReportWithin, casework.PriorityBulk, "Tell the counts of the hour"), reportHour.name, in).Get(ctx, nil)
		if err != nil {
			workflow.GetLogger(ctx).Warn("the counts of an hour could not be told", "error", err)
		}
		l.reporting--
	})
}

// failed says what does not work, and how long to leave it.
func (l *systemLog) failed(ctx workflow.Context, err error) (time.Duration, error) {
	if temporal.IsCanceledError(err) {
		return 0, err
	}
	if l.Trouble == "" {
		l.Since = workflow.Now(ctx)
	}
	l.Trouble = messageOf(err)
	l.publish(ctx)
	if kind, known := kindOf(err); known && kind == casework.Unauthorized {
		return logBlocked, nil
	}
	return logAgain, nil
}
