package playground

import (
	"context"

	"go.temporal.io/sdk/client"

	"latchkey/contract"
)

// Sweep runs one sweep now, as the schedule would, and waits for it.
func (p *Playground) Sweep(ctx context.Context) (contract.SweepResult, error) {
	var res contract.SweepResult
	run, err := p.Temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{TaskQueue: contract.QueueLatchkey}, contract.WorkflowSweep)
	if err != nil {
		return res, err
	}
	return res, run.Get(ctx, &res)
}
