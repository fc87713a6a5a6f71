package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"

	"latchkey/activities/nudge"
	"latchkey/clients/freshservice"
	"latchkey/contract"
	"latchkey/examples/acme"
)

const (
	webhooksPerSecond = 200
	webhookSeconds    = 60
	webhookTickets    = 1000
)

// delivery is one webhook, or the same signal without the bridge.
type delivery struct {
	ticket   int64
	bridged  bool
	took     time.Duration
	accepted bool
}

// measureWebhooks sends webhooks to the bridge, and the same signals straight to Temporal: a second of one, a second of
// the other, so that what else the machine does meets both.
func measureWebhooks(ctx context.Context, b *bench) (err error) {
	f, err := newField(ctx, b.policies, fieldOptions{workers: 1, bridge: true})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	tickets, err := f.incidents(ctx, b, webhookTickets)
	if err != nil {
		return err
	}
	caller := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 2 * webhooksPerSecond}, Timeout: 15 * time.Second}
	defer caller.CloseIdleConnections()
	list, err := f.deliver(ctx, b, caller, tickets)
	if err != nil {
		return err
	}
	var through, straight []time.Duration
	refused := 0
	accepted := map[int64]int{}
	for _, d := range list {
		if !d.accepted {
			refused++
			continue
		}
		accepted[d.ticket]++
		if d.bridged {
			through = append(through, d.took)
		} else {
			straight = append(straight, d.took)
		}
	}
	if len(through) == 0 || len(straight) == 0 {
		return errors.New("nothing was accepted")
	}
	lost, err := f.lost(ctx, b, accepted)
	if err != nil {
		return err
	}
	slices.Sort(through)
	slices.Sort(straight)
	p99, bare := through[len(through)*99/100], straight[len(straight)*99/100]
	b.report.add("bridge_p50_ms", milliseconds(through[len(through)/2]), "ms", "as the caller sees it, %d webhooks a second for %d s; straight to Temporal %.1f ms", webhooksPerSecond, webhookSeconds, milliseconds(straight[len(straight)/2]))
	b.report.add("bridge_p99_ms", milliseconds(p99), "ms", "straight to Temporal %.1f ms", milliseconds(bare))
	b.report.aim("bridge_p99_over_bare_signal", p99.Seconds()/bare.Seconds(), "ratio", atMost(1.2), "seconds of webhooks and seconds of signals take turns; a worker, both simulators, Temporal and the bridge are processes of this machine")
	b.report.aim("bridge_lost", float64(lost), "webhooks", atMost(0), "of %d accepted for %d tickets, by the signals in the histories; %d were refused, and would be sent again", len(through)+len(straight), len(tickets), refused)
	return nil
}

// incidents files tickets that no rule of policy wants, as most of a desk's are.
func (f *field) incidents(ctx context.Context, b *bench, n int) ([]int64, error) {
	b.step("%d incidents are filed", n)
	tickets := make([]int64, n)
	errs := each(n, func(i int) error {
		t, err := f.portal.CreateTicket(ctx, freshservice.NewTicket{
			Email: acme.Ben, Subject: fmt.Sprintf("Printer %d is out of paper", i), Description: "again", Status: 2, Priority: 1,
		})
		tickets[i] = t.ID
		return err
	})
	return tickets, errors.Join(errs...)
}

// deliver sends at a steady rate, whatever the answers take.
func (f *field) deliver(ctx context.Context, b *bench, caller *http.Client, tickets []int64) ([]delivery, error) {
	const every = time.Second / webhooksPerSecond
	list := make([]delivery, 2*webhookSeconds*webhooksPerSecond)
	errs := make([]error, len(list))
	var wait sync.WaitGroup
	began := time.Now()
	for i := range list {
		second := i / webhooksPerSecond
		list[i] = delivery{ticket: tickets[i%len(tickets)], bridged: second%2 == 0}
		if i%webhooksPerSecond == 0 {
			b.step("second %d of %d", second, 2*webhookSeconds)
		}
		if err := pause(ctx, time.Until(began.Add(time.Duration(i)*every))); err != nil {
			return nil, err
		}
		wait.Go(func() {
			sent := time.Now()
			if list[i].bridged {
				errs[i] = webhook(ctx, caller, f.bridgeURL, f.hook, int(list[i].ticket))
			} else {
				errs[i] = nudge.Ticket(ctx, f.temporal, list[i].ticket, nil)
			}
			list[i].took, list[i].accepted = time.Since(sent), errs[i] == nil
		})
	}
	wait.Wait()
	if i := slices.IndexFunc(errs, func(err error) bool { return err != nil }); i >= 0 {
		b.say("  one that was refused: %v", errs[i])
	}
	return list, ctx.Err()
}

// lost counts what was accepted and is in no history.
func (f *field) lost(ctx context.Context, b *bench, accepted map[int64]int) (int, error) {
	found := map[string]int{}
	var mu sync.Mutex
	runs, err := f.list(ctx, fmt.Sprintf("WorkflowType = '%s'", contract.WorkflowIntake))
	if err != nil {
		return 0, err
	}
	b.step("reading the histories of %d runs", len(runs))
	errs := each(len(runs), func(i int) error {
		n := 0
		history := f.temporal.GetWorkflowHistory(ctx, runs[i].GetWorkflowId(), runs[i].GetRunId(), false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
		for history.HasNext() {
			event, err := history.Next()
			if err != nil {
				return err
			}
			if event.GetEventType() == enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED {
				n++
			}
		}
		mu.Lock()
		found[runs[i].GetWorkflowId()] += n
		mu.Unlock()
		return nil
	})
	lost := 0
	for ticket, n := range accepted {
		lost += max(n-found[contract.TicketWorkflowID(ticket)], 0)
	}
	return lost, errors.Join(errs...)
}

// list gives the runs that a query finds, once Temporal finds no more.
func (f *field) list(ctx context.Context, query string) (runs []*commonpb.WorkflowExecution, err error) {
	for before := -1; before != len(runs); {
		before, runs = len(runs), nil
		if err := pause(ctx, 2*time.Second); err != nil {
			return nil, err
		}
		var next []byte
		for {
			page, err := f.temporal.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{
				PageSize: 1000, NextPageToken: next, Query: query,
			})
			if err != nil {
				return nil, err
			}
			for _, e := range page.GetExecutions() {
				runs = append(runs, e.GetExecution())
			}
			if next = page.GetNextPageToken(); len(next) == 0 {
				break
			}
		}
	}
	return runs, nil
}
