package cli_test

import (
	"bytes"
	"context"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"

	"latchkey/contract"
	"latchkey/internal/cli"
)

// fake is a Temporal that remembers what it was asked and answers as told. Whatever is not told panics.
type fake struct {
	client.Client
	updates  []client.UpdateWorkflowOptions
	starts   []client.StartWorkflowOptions
	signals  []any
	answer   any // of an update, a query or a workflow
	err      error
	listed   *workflowservice.ListWorkflowExecutionsResponse
	deadline bool // waits until its time is over
}

func (f *fake) Close() {}

func (f *fake) UpdateWorkflow(ctx context.Context, o client.UpdateWorkflowOptions) (client.WorkflowUpdateHandle, error) {
	f.updates = append(f.updates, o)
	if f.deadline {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	return handle{answer: f.answer}, f.err
}

func (f *fake) QueryWorkflow(context.Context, string, string, string, ...any) (converter.EncodedValue, error) {
	if f.err != nil {
		return nil, f.err
	}
	return value{f.answer}, nil
}

func (f *fake) SignalWithStartWorkflow(_ context.Context, _, _ string, arg any, o client.StartWorkflowOptions, _ any, _ ...any) (client.WorkflowRun, error) {
	f.signals, f.starts = append(f.signals, arg), append(f.starts, o)
	return nil, f.err
}

func (f *fake) ExecuteWorkflow(_ context.Context, o client.StartWorkflowOptions, _ any, _ ...any) (client.WorkflowRun, error) {
	f.starts = append(f.starts, o)
	return run{answer: f.answer, err: f.err}, nil
}

func (f *fake) ListWorkflow(context.Context, *workflowservice.ListWorkflowExecutionsRequest) (*workflowservice.ListWorkflowExecutionsResponse, error) {
	return f.listed, f.err
}

type handle struct {
	client.WorkflowUpdateHandle
	answer any
}

func (h handle) Get(_ context.Context, into any) error { return copyInto(h.answer, into) }

type run struct {
	client.WorkflowRun
	answer any
	err    error
}

func (r run) Get(_ context.Context, into any) error {
	if r.err != nil {
		return r.err
	}
	return copyInto(r.answer, into)
}

type value struct{ answer any }

func (v value) HasValue() bool     { return v.answer != nil }
func (v value) Get(into any) error { return copyInto(v.answer, into) }

// copyInto hands a value over as Temporal does, through JSON.
func copyInto(from, into any) error {
	if reflect.ValueOf(into).Kind() != reflect.Pointer {
		panic("not a pointer")
	}
	raw, err := json.Marshal(from)
	if err != nil {
		return err
	}
	return json.Unmarshal(raw, into)
}

// noon is the time of these tests.
func noon() time.Time { return time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC) }

// starter runs a command line against the fake.
func starter(t *testing.T, f *fake, args ...string) (code cli.Exit, out, words string) {
	t.Helper()
	return starterOn(t, f, args...)
}

// starterOn runs a command line against a Temporal.
func starterOn(t *testing.T, f client.Client, args ...string) (code cli.Exit, out, words string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code = cli.Run(t.Context(), args, cli.Factory{
		Streams: cli.Streams{In: strings.NewReader(""), Out: &stdout, Err: &stderr},
		Dial:    func(context.Context) (client.Client, string, error) { return f, "default", nil },
		Who:     func() string { return "ada@desk" },
		Now:     noon,
	})
	return code, stdout.String(), stderr.String()
}

func onlyUpdate[T any](t *testing.T, f *fake, name string) T {
	t.Helper()
	require.Len(t, f.updates, 1)
	require.Equal(t, name, f.updates[0].UpdateName)
	require.Equal(t, contract.TicketWorkflowID(12), f.updates[0].WorkflowID)
	require.Len(t, f.updates[0].Args, 1)
	command, ok := f.updates[0].Args[0].(T)
	require.True(t, ok, "%T", f.updates[0].Args[0])
	return command
}
