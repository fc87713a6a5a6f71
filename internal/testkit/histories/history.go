package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/temporalproto"

	"latchkey/contract"
	"latchkey/internal/playground"
)

// version is what a new file's name ends in. It goes up when a workflow's histories change shape on purpose.
const version = "v1"

// player is one playground whose histories are saved.
type player struct {
	*playground.Playground
	recorder *recorder
}

func (r *recorder) path(name string) string { return filepath.Join(r.dir, name+"."+version+".json") }

func (r *recorder) has(name string) bool {
	_, err := os.Stat(r.path(name))
	return err == nil
}

// keepCase waits until a ticket's case has ended and saves its runs, each under its own workflow type.
func (p *player) keepCase(ctx context.Context, ticket int64, names ...string) error {
	id := contract.TicketWorkflowID(ticket)
	if err := p.Temporal.GetWorkflow(ctx, id, "").Get(ctx, nil); err != nil {
		return err
	}
	for _, name := range names {
		if err := p.keep(ctx, id, name); err != nil {
			return err
		}
	}
	return nil
}

// keep saves the run of a workflow ID whose type is the first word of the name. Nothing happens when it is there.
func (p *player) keep(ctx context.Context, id, name string) error {
	if p.recorder.has(name) {
		return nil
	}
	kind, _, _ := strings.Cut(name, ".")
	history, err := p.find(ctx, id, kind)
	if err != nil {
		return err
	}
	scrub(history)
	if word, err := leak(history, p.Secrets); err != nil || word != "" {
		return fmt.Errorf("%s is not saved: it holds %q (%w)", name, word, err)
	}
	raw, err := temporalproto.CustomJSONMarshalOptions{}.Marshal(history)
	if err != nil {
		return err
	}
	// Written whole or not at all: half a history would stay for good.
	file := p.recorder.path(name)
	if err := os.WriteFile(file+".part", append(raw, '\n'), 0o600); err != nil {
		return err
	}
	if err := os.Rename(file+".part", file); err != nil {
		return err
	}
	p.recorder.say("%-52s %4d events %6d bytes", name, len(history.GetEvents()), len(raw))
	return nil
}

// find walks the runs of a workflow ID from the last one back until it meets the type.
func (p *player) find(ctx context.Context, id, kind string) (*historypb.History, error) {
	described, err := p.Temporal.DescribeWorkflowExecution(ctx, id, "")
	if err != nil {
		return nil, err
	}
	var seen []string
	for run := described.GetWorkflowExecutionInfo().GetExecution().GetRunId(); run != ""; {
		history, err := p.history(ctx, id, run)
		if err != nil {
			return nil, err
		}
		started := history.GetEvents()[0].GetWorkflowExecutionStartedEventAttributes()
		if started.GetWorkflowType().GetName() == kind {
			return history, nil
		}
		seen = append(seen, started.GetWorkflowType().GetName())
		run = started.GetContinuedExecutionRunId()
	}
	return nil, fmt.Errorf("%s was no %s; it was %v", id, kind, seen)
}

// history reads one run's events up to now.
func (p *player) history(ctx context.Context, id, run string) (*historypb.History, error) {
	events := p.Temporal.GetWorkflowHistory(ctx, id, run, false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	history := &historypb.History{}
	for events.HasNext() {
		event, err := events.Next()
		if err != nil {
			return nil, err
		}
		history.Events = append(history.Events, event)
	}
	return history, nil
}
