package activities

import (
	"context"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"latchkey/casework"
	"latchkey/contract"
	"latchkey/detection"
)

// Alert implements Cluster.
func (c cluster) Alert(ctx context.Context, signal contract.AlertSignal) error {
	id := contract.AlertWorkflowID(signal.Key)
	priority := casework.PriorityPeople
	if signal.Severity == detection.S1 {
		priority = casework.PriorityEmergency
	}
	_, err := c.client.SignalWithStartWorkflow(ctx, id, contract.SignalAlert, signal, client.StartWorkflowOptions{
		ID:                    id,
		TaskQueue:             contract.QueueLatchkey,
		WorkflowIDReusePolicy: enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
		StaticSummary:         "Alert " + signal.Key.Rule,
		Priority:              temporal.Priority{PriorityKey: priority},
	}, string(casework.SecurityAlert), contract.AlertInput{})
	return err
}
