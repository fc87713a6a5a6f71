package main

import (
	"context"
	"time"

	"latchkey/activities/nudge"
	"latchkey/casework"
	"latchkey/contract"
	"latchkey/examples/acme"
)

// nudgedForLong nudges a case that waits until its history has grown so long that it continues as new; what is saved is
// the run that carries it on.
func nudgedForLong(ctx context.Context, p *player, ticket int64) error {
	if _, err := p.WaitState(ctx, ticket, casework.StateAwaitingApproval); err != nil {
		return err
	}
	first, length, err := p.currentRun(ctx, ticket)
	for run := first; run == first; {
		if err != nil {
			return err
		}
		if err := nudge.Ticket(ctx, p.Temporal, ticket, nil); err != nil {
			return err
		}
		run, length, err = p.longer(ctx, ticket, run, length)
	}
	if err != nil {
		return err
	}
	return approvals(acme.Mara)(ctx, p, ticket)
}

// quiet is how long a history has to stand still before the case is taken to be at rest. A nudge that comes while it is
// not keeps it from continuing as new.
const quiet = 200 * time.Millisecond

// longer waits until a run has more events than before and is at rest, or another run has begun.
func (p *player) longer(ctx context.Context, ticket int64, run string, length int64) (string, int64, error) {
	for before := length; ; {
		select {
		case <-ctx.Done():
			return run, length, context.Cause(ctx)
		case <-time.After(quiet):
		}
		now, events, err := p.currentRun(ctx, ticket)
		if err != nil || now != run || (events > length && events == before) {
			return now, events, err
		}
		before = events
	}
}

// currentRun is the run of a ticket's workflow and how many events it has.
func (p *player) currentRun(ctx context.Context, ticket int64) (string, int64, error) {
	described, err := p.Temporal.DescribeWorkflowExecution(ctx, contract.TicketWorkflowID(ticket), "")
	if err != nil {
		return "", 0, err
	}
	info := described.GetWorkflowExecutionInfo()
	return info.GetExecution().GetRunId(), info.GetHistoryLength(), nil
}
