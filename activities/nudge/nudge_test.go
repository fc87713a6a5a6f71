package nudge_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"latchkey/activities/nudge"
	"latchkey/casework"
	"latchkey/contract"
)

// recorder is a Temporal that remembers what it was asked.
type recorder struct {
	signalled []string
	started   []client.StartWorkflowOptions
	args      []any
	signalArg any
	err       error
}

func (r *recorder) SignalWorkflow(_ context.Context, workflowID, _, signalName string, _ any) error {
	if r.err == nil {
		r.signalled = append(r.signalled, workflowID+" "+signalName)
	}
	return r.err
}

func (r *recorder) SignalWithStartWorkflow(_ context.Context, workflowID, signalName string, signalArg any,
	options client.StartWorkflowOptions, workflow any, workflowArgs ...any,
) (client.WorkflowRun, error) {
	if r.err != nil {
		return nil, r.err
	}
	r.signalled = append(r.signalled, workflowID+" "+signalName)
	r.signalArg = signalArg
	r.started = append(r.started, options)
	r.args = append([]any{workflow}, workflowArgs...)
	return nil, nil
}

func TestTicketStartsIntakeUnderTheTicketsOwnID(t *testing.T) {
	t.Parallel()
	var temporalServer recorder
	named := &contract.Operator{By: "ada", Reason: "the webhook never came"}

	require.NoError(t, nudge.Ticket(t.Context(), &temporalServer, 12, named))

	require.Equal(t, []string{"ticket/FS-12 nudge"}, temporalServer.signalled)
	require.Equal(t, []any{contract.WorkflowIntake, contract.CaseInput{Ticket: 12, Named: named}}, temporalServer.args)
	require.Equal(t, named, temporalServer.signalArg)
	options := temporalServer.started[0]
	require.Equal(t, contract.TicketWorkflowID(12), options.ID)
	require.Equal(t, contract.QueueLatchkey, options.TaskQueue)
	require.Equal(t, enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE, options.WorkflowIDReusePolicy)
	require.Equal(t, casework.PriorityPeople, options.Priority.PriorityKey)
	label, ok := options.TypedSearchAttributes.GetKeyword(temporal.NewSearchAttributeKeyKeyword(contract.AttrTicket))
	require.True(t, ok)
	require.Equal(t, "FS-12", label)
}

func TestTicketRefusesWhatIsNoTicketNumber(t *testing.T) {
	t.Parallel()
	for _, number := range []int64{0, -3} {
		var temporalServer recorder
		require.ErrorIs(t, nudge.Ticket(t.Context(), &temporalServer, number, nil), contract.ErrTicketNumber)
		require.Empty(t, temporalServer.signalled)
	}
}

func TestRunningLeavesATicketWithoutACaseAlone(t *testing.T) {
	t.Parallel()
	temporalServer := recorder{err: serviceerror.NewNotFound("no such workflow")}
	was, err := nudge.Running(t.Context(), &temporalServer, 12)
	require.NoError(t, err)
	require.False(t, was)

	temporalServer.err = errors.New("unreachable")
	_, err = nudge.Running(t.Context(), &temporalServer, 12)
	require.Error(t, err)

	temporalServer.err = nil
	was, err = nudge.Running(t.Context(), &temporalServer, 12)
	require.NoError(t, err)
	require.True(t, was)
	require.Equal(t, []string{"ticket/FS-12 nudge"}, temporalServer.signalled)
}
