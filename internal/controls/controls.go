// Package controls speaks to the one controls workflow of a namespace: freezes, modes and the mass-change guard.
// Whoever asks first starts it.
package controls

import (
	"context"
	"errors"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"

	"latchkey/contract"
)

// Options are how the controls workflow is started. One that runs is used.
func Options() client.StartWorkflowOptions {
	return client.StartWorkflowOptions{
		ID:                       contract.ControlsID,
		TaskQueue:                contract.QueueLatchkey,
		WorkflowIDConflictPolicy: enumspb.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
		WorkflowIDReusePolicy:    enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
		StaticSummary:            "Freezes, modes and the mass-change guard of this namespace",
	}
}

// Start makes sure that the controls workflow runs. Errors are Temporal's own.
func Start(ctx context.Context, c client.Client) error {
	_, err := c.ExecuteWorkflow(ctx, Options(), contract.WorkflowControls, contract.Controls{})
	return err
}

// Update sends an order and waits for the answer, starting the workflow if need be. It needs a worker that serves
// workflows. Errors are Temporal's own; a refused order is a *temporal.ApplicationError.
func Update[T any](ctx context.Context, c client.Client, name string, arg any) (T, error) {
	var answer T
	handle, err := c.UpdateWithStartWorkflow(ctx, client.UpdateWithStartWorkflowOptions{
		StartWorkflowOperation: c.NewWithStartWorkflowOperation(Options(), contract.WorkflowControls, contract.Controls{}),
		UpdateOptions: client.UpdateWorkflowOptions{
			UpdateName: name, Args: []any{arg}, WaitForStage: client.WorkflowUpdateStageCompleted,
		},
	})
	if err != nil {
		return answer, err
	}
	return answer, handle.Get(ctx, &answer)
}

// Read shows the controls; where they were never started, nothing is frozen and nothing is known.
func Read(ctx context.Context, c client.Client) (contract.Controls, error) {
	var now contract.Controls
	value, err := c.QueryWorkflow(ctx, contract.ControlsID, "", contract.QueryControls)
	var missing *serviceerror.NotFound
	switch {
	case errors.As(err, &missing):
		return now, nil
	case err != nil:
		return now, err
	}
	return now, value.Get(&now)
}
