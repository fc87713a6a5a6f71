package cli_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/serviceerror"
	sdktemporal "go.temporal.io/sdk/temporal"

	"latchkey/contract"
	"latchkey/internal/cli"
)

func TestCommandsCarryWhoAndWhy(t *testing.T) {
	t.Parallel()
	for _, name := range []string{contract.UpdateRetry, contract.UpdateSkip, contract.UpdateAbort, contract.UpdateExpedite} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := &fake{answer: contract.CommandResult{Text: "So be it."}}
			code, out, words := starter(t, f, name, "SR-12", "--reason", "because")
			require.Equal(t, cli.OK, code, words)
			require.Equal(t, "So be it.\n", out)
			command := onlyUpdate[contract.OperatorCommand](t, f, name)
			require.Equal(t, contract.Operator{By: "ada@desk", Reason: "because"}, command.Operator)

			f = &fake{answer: contract.CommandResult{Text: "So be it."}}
			code, out, _ = starter(t, f, name, "FS-12", "--reason", "because", "--by", "grace", "--json")
			require.Equal(t, cli.OK, code)
			require.JSONEq(t, `{"text":"So be it."}`, out)
			require.Equal(t, "grace", onlyUpdate[contract.OperatorCommand](t, f, name).By)
		})
	}
}

func TestReassignAndReschedule(t *testing.T) {
	t.Parallel()
	f := &fake{answer: contract.CommandResult{}}
	code, _, words := starter(t, f, "reassign", "12", "--to", "grace@example.com", "--unit", "41", "--reason", "on leave")
	require.Equal(t, cli.OK, code, words)
	reassign := onlyUpdate[contract.ReassignCommand](t, f, contract.UpdateReassign)
	require.Equal(t, "grace@example.com", reassign.To)
	require.Equal(t, "41", reassign.Unit)

	for text, want := range map[string]time.Time{
		"2h":                        noon().Add(2 * time.Hour),
		"+90m":                      noon().Add(90 * time.Minute),
		"2026-12-04T18:00:00+01:00": time.Date(2026, 12, 4, 17, 0, 0, 0, time.UTC),
		"2026-12-04T18:00Z":         time.Date(2026, 12, 4, 18, 0, 0, 0, time.UTC),
		"2026-12-04 18:00 +0100":    time.Date(2026, 12, 4, 17, 0, 0, 0, time.UTC),
	} {
		f = &fake{answer: contract.CommandResult{}}
		code, _, words = starter(t, f, "reschedule", "12", "--at", text, "--reason", "stays on")
		require.Equal(t, cli.OK, code, words)
		at := onlyUpdate[contract.RescheduleCommand](t, f, contract.UpdateReschedule).At
		require.True(t, want.Equal(at), "%s: %s", text, at)
	}
	for _, text := range []string{"-2h", "0s", "2026-12-04T18:00:00", "tomorrow"} {
		f = &fake{}
		code, _, _ = starter(t, f, "reschedule", "12", "--at="+text, "--reason", "stays on")
		require.Equal(t, cli.Usage, code, text)
		require.Empty(t, f.updates)
	}
}

func TestHowACommandEnds(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		err  error
		code cli.Exit
		says string
	}{
		{"the case refuses", sdktemporal.NewApplicationError("nothing to retry: the case is applying", "x"), cli.Refused, "refused: nothing to retry: the case is applying"},
		{"no such case", serviceerror.NewNotFound("gone"), cli.NotFound, "starter start 12"},
		{"Temporal does not allow it", serviceerror.NewPermissionDenied("no", ""), cli.Unauthorised, "TEMPORAL_API_KEY"},
		{"no worker", serviceerror.NewDeadlineExceeded("late"), cli.Failed, "is one running"},
		{"time is over", context.DeadlineExceeded, cli.Failed, "is one running"},
		{"anything else", errors.New("the disk is full"), cli.Failed, "the disk is full"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			code, out, words := starter(t, &fake{err: test.err}, "retry", "12", "--reason", "r")
			require.Equal(t, test.code, code)
			require.Contains(t, words, test.says)
			require.Empty(t, out, "an error is no data")
		})
	}
}

func TestStartNamesEachTicket(t *testing.T) {
	t.Parallel()
	f := &fake{}
	code, out, words := starter(t, f, "start", "SR-12", "13", "--json")
	require.Equal(t, cli.OK, code, words)
	require.JSONEq(t, `[{"ticket":"FS-12","workflow_id":"ticket/FS-12"},{"ticket":"FS-13","workflow_id":"ticket/FS-13"}]`, out)
	require.Equal(t, []any{&contract.Operator{By: "ada@desk", Reason: "named by hand"}, &contract.Operator{By: "ada@desk", Reason: "named by hand"}}, f.signals)
	require.Equal(t, "ticket/FS-13", f.starts[1].ID)
}
