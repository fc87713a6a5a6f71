// Package systemlog speaks to the one workflow of a namespace that reads Okta's System Log.
package systemlog

import (
	"context"
	"errors"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"

	"latchkey/contract"
)

// Start makes sure that the log is read. Errors are Temporal's own.
func Start(ctx context.Context, c client.Client) error {
	_, err := c.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID:                       contract.SystemLogID,
		TaskQueue:                contract.QueueLatchkey,
		WorkflowIDConflictPolicy: enumspb.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
		WorkflowIDReusePolicy:    enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
		StaticSummary:            "Okta's System Log, read for ever",
	}, contract.WorkflowSystemLog, contract.SystemLogInput{})
	return err
}

// Read asks the log how far it is; false when it does not run. Errors are Temporal's own.
func Read(ctx context.Context, c client.Client) (contract.LogState, bool, error) {
	var state contract.LogState
	d, err := c.DescribeWorkflowExecution(ctx, contract.SystemLogID, "")
	switch {
	case Missing(err):
		return state, false, nil
	case err != nil:
		return state, false, err
	case d.GetWorkflowExecutionInfo().GetStatus() != enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING:
		return state, false, nil
	}
	value, err := c.QueryWorkflow(ctx, contract.SystemLogID, "", contract.QueryLog)
	if err != nil {
		return state, true, err
	}
	return state, true, value.Get(&state)
}

// Wake has the log read now, where it runs. It carries nothing. Errors are Temporal's own; a log that does not run is
// none.
func Wake(ctx context.Context, c client.Client) error {
	err := c.SignalWorkflow(ctx, contract.SystemLogID, "", contract.SignalWake, nil)
	if Missing(err) {
		return nil
	}
	return err
}

// Missing says whether an error means that nobody reads the log.
func Missing(err error) bool {
	var missing *serviceerror.NotFound
	return errors.As(err, &missing)
}

// Update sends an order to the log and waits for its answer. Errors are Temporal's own.
func Update[T any](ctx context.Context, c client.Client, name string, arg any) (T, error) {
	var answer T
	handle, err := c.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{
		WorkflowID: contract.SystemLogID, UpdateName: name, Args: []any{arg}, WaitForStage: client.WorkflowUpdateStageCompleted,
	})
	if err != nil {
		return answer, err
	}
	return answer, handle.Get(ctx, &answer)
}
