package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/workflowservice/v1"

	"latchkey/activities/nudge"
	"latchkey/casework"
	"latchkey/contract"
)

const (
	waitingCases = 2000
	// nudges are sent one after the other, nudgeEvery apart: what is measured is the reaction, not the throughput.
	nudges     = 500
	nudgeEvery = 40 * time.Millisecond
)

// measureWaiting opens 2,000 cases that wait for an approval on one worker, and nudges some of them.
func measureWaiting(ctx context.Context, b *bench) (err error) {
	f, err := newField(ctx, b.policies, fieldOptions{workers: 1, settings: []string{"LATCHKEY_FRESHSERVICE_CONCURRENCY=50"}})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	before, known := f.workers[0].memory("VmRSS")
	began := time.Now()
	tickets, err := f.openCases(ctx, b, waitingCases)
	if err != nil {
		return err
	}
	opened := time.Since(began)
	if err := pause(ctx, 10*time.Second); err != nil { // the last timers and upserts
		return err
	}
	if now, ok := f.workers[0].memory("VmRSS"); ok && known {
		most, _ := f.workers[0].memory("VmHWM")
		b.report.add("waiting_rss_mib", now, "MiB", "of one worker process with %d cases waiting for an approval, all in its cache: %.1f KiB a case above the %.0f MiB it has with none; at most %.0f MiB while they were opened within %.0f s",
			waitingCases, (now-before)*1024/waitingCases, before, most, opened.Seconds())
	}
	took, err := f.nudgeSome(ctx, b, tickets)
	if err != nil {
		return err
	}
	note := fmt.Sprintf("from the signal to the end of the first reading of the desk that it causes, %d nudges of %d cases, one every %s", nudges, waitingCases, nudgeEvery)
	b.report.add("waiting_nudge_p50_ms", milliseconds(took[len(took)/2]), "ms", "%s", note)
	b.report.add("waiting_nudge_p99_ms", milliseconds(took[len(took)*99/100]), "ms", "%s", note)
	return nil
}

// openCases files requests until so many cases wait for an approval, and returns their tickets. Whoever has the access
// already waits for nobody, so more may be filed than wait.
func (f *field) openCases(ctx context.Context, b *bench, n int) ([]int64, error) {
	wishes, err := f.wishes(ctx)
	if err != nil {
		return nil, err
	}
	filed := 0
	for waiting := 0; waiting < n; {
		more := n - waiting
		errs := each(more, func(i int) error {
			ticket, err := f.grant(ctx, wishes[(filed+i)%len(wishes)])
			if err != nil {
				return err
			}
			return nudge.Ticket(ctx, f.temporal, ticket, nil)
		})
		if err := errors.Join(errs...); err != nil {
			return nil, err
		}
		filed += more
		if waiting, err = f.settled(ctx, b, filed); err != nil {
			return nil, err
		}
		if filed > 2*n {
			return nil, fmt.Errorf("of %d requests only %d wait for an approval", filed, waiting)
		}
	}
	runs, err := f.list(ctx, fmt.Sprintf("%s = '%s' AND ExecutionStatus = 'Running'", contract.AttrState, casework.StateAwaitingApproval))
	tickets := make([]int64, 0, len(runs))
	for _, run := range runs {
		ticket, err := contract.ParseTicket(strings.TrimPrefix(run.GetWorkflowId(), "ticket/"))
		if err != nil {
			return nil, err
		}
		tickets = append(tickets, ticket)
	}
	return tickets, err
}

// settled waits until all cases that were filed wait for something or have ended, and returns how many wait for an
// approval.
func (f *field) settled(ctx context.Context, b *bench, filed int) (waiting int, err error) {
	ends := fmt.Sprintf("%s IN ('%s', '%s', '%s', '%s')", contract.AttrState,
		casework.StateIdle, casework.StateDone, casework.StateNeedsAttention, casework.StateNeedsInformation)
	err = poll(ctx, "the cases to wait for approval", func() (bool, error) {
		n, err := f.countCases(ctx, casework.StateAwaitingApproval)
		if err != nil {
			return false, err
		}
		others, err := f.count(ctx, ends)
		waiting = int(n)
		b.step("%d of %d cases wait for approval, %d for nobody", n, filed, others)
		if err == nil && int(n+others) < filed {
			return false, pause(ctx, time.Second)
		}
		return err == nil, err
	})
	return waiting, err
}

// countCases asks Temporal how many cases that run are in a state.
func (f *field) countCases(ctx context.Context, state casework.State) (int64, error) {
	return f.count(ctx, fmt.Sprintf("%s = '%s' AND ExecutionStatus = 'Running'", contract.AttrState, state))
}

func (f *field) count(ctx context.Context, query string) (int64, error) {
	answer, err := f.temporal.CountWorkflow(ctx, &workflowservice.CountWorkflowExecutionsRequest{Query: query})
	return answer.GetCount(), err
}

// nudgeSome nudges cases one after the other and reads from their histories how long each took to look at the desk. The
// server, the worker and this process share one clock.
func (f *field) nudgeSome(ctx context.Context, b *bench, tickets []int64) ([]time.Duration, error) {
	sent := map[int64]time.Time{}
	for _, i := range rand.Perm(len(tickets))[:nudges] { //nolint:gosec // a sample
		sent[tickets[i]] = time.Now()
		if ok, err := nudge.Running(ctx, f.temporal, tickets[i]); err != nil || !ok {
			return nil, fmt.Errorf("FS-%d could not be nudged (it runs: %t): %w", tickets[i], ok, err)
		}
		if err := pause(ctx, nudgeEvery); err != nil {
			return nil, err
		}
	}
	b.step("reading the histories of %d nudged cases", len(sent))
	var all []time.Duration
	for ticket, at := range sent {
		var took time.Duration
		err := poll(ctx, fmt.Sprintf("FS-%d to react", ticket), func() (ok bool, err error) {
			took, ok, err = f.reaction(ctx, ticket, at)
			return ok, err
		})
		if err != nil {
			return nil, err
		}
		all = append(all, took)
	}
	slices.Sort(all)
	return all, nil
}

// reaction is the time from at to the end of the first activity that began after the signal.
func (f *field) reaction(ctx context.Context, ticket int64, at time.Time) (time.Duration, bool, error) {
	history := f.temporal.GetWorkflowHistory(ctx, contract.TicketWorkflowID(ticket), "", false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	signalled, scheduled := false, int64(0)
	for history.HasNext() {
		event, err := history.Next()
		if err != nil {
			return 0, false, err
		}
		switch {
		case event.GetEventType() == enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED && !event.GetEventTime().AsTime().Before(at):
			signalled = true
		case signalled && scheduled == 0 && event.GetEventType() == enumspb.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
			scheduled = event.GetEventId()
		case scheduled != 0 && completes(event, scheduled):
			return event.GetEventTime().AsTime().Sub(at), true, nil
		}
	}
	return 0, false, nil
}

// completes says that the event is the good end of an activity.
func completes(event *historypb.HistoryEvent, scheduled int64) bool {
	return event.GetActivityTaskCompletedEventAttributes().GetScheduledEventId() == scheduled
}
