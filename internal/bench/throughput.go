package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	enumspb "go.temporal.io/api/enums/v1"

	"latchkey/activities/nudge"
	"latchkey/casework"
	"latchkey/contract"
	"latchkey/internal/playground"
)

const (
	// throughputRound is how many cases go at once, and after them as many bare workflows: enough that what the last of them
	// waits for hardly counts.
	throughputRound = 60
	// throughputRounds take turns, so that what else the machine does meets both.
	throughputRounds = 4
	warmUp           = 8
)

// cost is what runs of a workflow hold, on average.
type cost struct {
	runs, events, activities, tasks, upserts, timers, updates, signals, markers, kib float64
}

// measureThroughput compares cases that need nobody with bare workflows of as many activities, with the limits off.
func measureThroughput(ctx context.Context, b *bench) (err error) {
	f, err := newField(ctx, b.policies, fieldOptions{
		workers: 1, settings: []string{"LATCHKEY_FRESHSERVICE_CONCURRENCY=50", "LATCHKEY_OKTA_CONCURRENCY=50"},
		edits: map[string][]playground.Edit{
			"approvals.yaml": {nobodyAsked(`use_case == "access_request" && item.key in ["miro", "figma", "datadog", "pagerduty", "hubspot", "greenhouse"]`)},
		},
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	child, err := startSelf(roleBare, append(f.temporalEnv(), "BARE_OKTA="+f.oktaURL, "BARE_TOKEN="+f.token, "BARE_DESK="+f.deskURL, "BARE_KEY="+f.deskKey))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, child.stop()) }()

	warm, err := f.runCases(ctx, b, warmUp, 0)
	if err != nil {
		return err
	}
	spent, err := f.spent(ctx, warm.tickets)
	if err != nil {
		return err
	}
	plain := bareInput{Activities: int(spent.activities + 0.5)}
	calling := bareInput{Activities: plain.Activities, Reads: int(warm.calls + 0.5)}
	if _, _, err := f.runBare(ctx, warmUp, calling); err != nil {
		return err
	}
	var cases, nothing, reading time.Duration
	var one string
	for round := range throughputRounds {
		crowd, err := f.runCases(ctx, b, throughputRound, warmUp+round*throughputRound)
		if err != nil {
			return err
		}
		cases += crowd.took
		b.step("bare workflows, round %d of %d", round+1, throughputRounds)
		took, id, err := f.runBare(ctx, throughputRound, plain)
		if err != nil {
			return err
		}
		nothing, one = nothing+took, id
		if took, _, err = f.runBare(ctx, throughputRound, calling); err != nil {
			return err
		}
		reading += took
		if spent, err = f.spent(ctx, crowd.tickets); err != nil {
			return err
		}
	}
	bare, err := f.costOf(ctx, one)
	if err != nil {
		return err
	}
	perSecond := func(took time.Duration) float64 { return throughputRounds * throughputRound / took.Seconds() }
	b.report.aim("cases_over_bare_temporal", perSecond(cases)/perSecond(nothing), "ratio", atLeast(0.9),
		"%.1f cases a second beside %.1f bare workflows of %d activities that do nothing; %d rounds of %d took turns",
		perSecond(cases), perSecond(nothing), plain.Activities, throughputRounds, throughputRound)
	b.report.add("cases_over_bare_with_calls", perSecond(cases)/perSecond(reading), "ratio",
		"beside %.1f bare workflows a second whose activities make as many calls to the simulators, %d", perSecond(reading), calling.Reads)
	spent.report(b.report, bare)
	b.report.add("cases_vendor_calls", warm.calls, "calls", "a case, to both vendors")
	return nil
}

// report says where the rest goes.
func (c cost) report(r *report, bare cost) {
	for _, line := range []struct {
		name      string
		here, own float64
		unit      string
	}{
		{"runs", c.runs, bare.runs, "runs"},
		{"workflow_tasks", c.tasks, bare.tasks, "tasks"},
		{"upserts", c.upserts, bare.upserts, "upserts"},
		{"timers", c.timers, bare.timers, "timers"},
		{"updates", c.updates, bare.updates, "updates"},
		{"signals", c.signals, bare.signals, "signals"},
		{"markers", c.markers, bare.markers, "markers"},
		{"events", c.events, bare.events, "events"},
		{"history_kib", c.kib, bare.kib, "KiB"},
	} {
		r.add("cases_"+line.name, line.here, line.unit, "a case, on average; a bare workflow has %s", number(line.own))
	}
}

// caseRun is a crowd of cases that have ended.
type caseRun struct {
	tickets []int64
	took    time.Duration
	calls   float64 // of a case to both vendors
}

// runCases files requests that need nobody, starts their cases at once and waits until all have reported. skip leaves
// out those that earlier runs have used.
func (f *field) runCases(ctx context.Context, b *bench, n, skip int) (caseRun, error) {
	wishes, err := f.wishes(ctx)
	if err != nil {
		return caseRun{}, err
	}
	if len(wishes) < skip+n {
		return caseRun{}, fmt.Errorf("too few people: %d can ask for something that they lack, and %d are needed", len(wishes), skip+n)
	}
	r := caseRun{tickets: make([]int64, n)}
	errs := each(n, func(i int) (err error) {
		r.tickets[i], err = f.grant(ctx, wishes[skip+i])
		return err
	})
	if err := errors.Join(errs...); err != nil {
		return r, err
	}
	ended, err := f.countEnded(ctx)
	if err != nil {
		return r, err
	}
	before, err := f.countCalls(ctx)
	if err != nil {
		return r, err
	}
	began := time.Now()
	errs = each(n, func(i int) error { return nudge.Ticket(ctx, f.temporal, r.tickets[i], nil) })
	if err := errors.Join(errs...); err != nil {
		return r, err
	}
	err = poll(ctx, "the cases to report", func() (bool, error) {
		now, err := f.countEnded(ctx)
		b.step("%d of %d cases have reported", now-ended, n)
		if err == nil && now-ended < int64(n) {
			return false, pause(ctx, 200*time.Millisecond)
		}
		return err == nil, err
	})
	if err != nil {
		return r, err
	}
	r.took = time.Since(began)
	after, err := f.countCalls(ctx)
	r.calls = float64(after-before) / float64(n)
	return r, err
}

// countEnded counts the cases that have reported.
func (f *field) countEnded(ctx context.Context) (int64, error) {
	return f.count(ctx, fmt.Sprintf("%s IN ('%s', '%s')", contract.AttrState, casework.StateIdle, casework.StateDone))
}

// countCalls counts the calls to both vendors so far.
func (f *field) countCalls(ctx context.Context) (int, error) {
	var okta []struct{ Calls int }
	if err := adminCall(ctx, http.MethodGet, f.oktaURL+"/admin/counters", nil, &okta); err != nil {
		return 0, err
	}
	var desk struct{ Requests []struct{ Count int } }
	if err := adminCall(ctx, http.MethodGet, f.deskURL+"/admin/requests", nil, &desk); err != nil {
		return 0, err
	}
	sum := 0
	for _, c := range okta {
		sum += c.Calls
	}
	for _, c := range desk.Requests {
		sum += c.Count
	}
	return sum, nil
}

// spent is what cases cost on average.
func (f *field) spent(ctx context.Context, tickets []int64) (cost, error) {
	var sum cost
	for _, ticket := range tickets {
		one, err := f.costOf(ctx, contract.TicketWorkflowID(ticket))
		if err != nil {
			return sum, err
		}
		sum = sum.plus(one, 1/float64(len(tickets)))
	}
	return sum, nil
}

func (c cost) plus(o cost, share float64) cost {
	return cost{
		runs: c.runs + o.runs*share, events: c.events + o.events*share, activities: c.activities + o.activities*share, tasks: c.tasks + o.tasks*share,
		upserts: c.upserts + o.upserts*share, timers: c.timers + o.timers*share, updates: c.updates + o.updates*share,
		signals: c.signals + o.signals*share, markers: c.markers + o.markers*share, kib: c.kib + o.kib*share,
	}
}

// costOf adds up all runs of a workflow, newest first.
func (f *field) costOf(ctx context.Context, id string) (cost, error) {
	var sum cost
	for run := ""; ; {
		described, err := f.temporal.DescribeWorkflowExecution(ctx, id, run)
		if err != nil {
			return sum, err
		}
		info := described.GetWorkflowExecutionInfo()
		run = info.GetExecution().GetRunId()
		sum.runs++
		sum.events += float64(info.GetHistoryLength())
		sum.kib += float64(info.GetHistorySizeBytes()) / 1024
		before, err := f.addEvents(ctx, &sum, id, run)
		if err != nil || before == "" {
			return sum, err
		}
		run = before
	}
}

// addEvents counts the events of one run and returns the run before it.
func (f *field) addEvents(ctx context.Context, sum *cost, id, run string) (before string, err error) {
	history := f.temporal.GetWorkflowHistory(ctx, id, run, false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for history.HasNext() {
		event, err := history.Next()
		if err != nil {
			return "", err
		}
		switch event.GetEventType() { //nolint:exhaustive // some of about fifty are counted
		case enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED:
			before = event.GetWorkflowExecutionStartedEventAttributes().GetContinuedExecutionRunId()
		case enumspb.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
			sum.activities++
		case enumspb.EVENT_TYPE_WORKFLOW_TASK_COMPLETED:
			sum.tasks++
		case enumspb.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES, enumspb.EVENT_TYPE_WORKFLOW_PROPERTIES_MODIFIED:
			sum.upserts++
		case enumspb.EVENT_TYPE_TIMER_STARTED:
			sum.timers++
		case enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED:
			sum.updates++
		case enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED, enumspb.EVENT_TYPE_SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED:
			sum.signals++
		case enumspb.EVENT_TYPE_MARKER_RECORDED:
			sum.markers++
		}
	}
	return before, nil
}

// each does something n times, ten at once, and returns what went wrong.
func each(n int, do func(i int) error) []error {
	errs := make([]error, n)
	slots := make(chan struct{}, askers)
	var wait sync.WaitGroup
	for i := range n {
		slots <- struct{}{}
		wait.Go(func() {
			defer func() { <-slots }()
			errs[i] = do(i)
		})
	}
	wait.Wait()
	return errs
}
