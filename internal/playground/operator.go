package playground

import (
	"context"
	"time"

	"go.temporal.io/sdk/client"

	"latchkey/contract"
)

// Command sends an operator's update to a ticket's case and waits for its answer.
func (p *Playground) Command(ctx context.Context, ticket int64, name string, arg any) (contract.CommandResult, error) {
	return p.update(ctx, contract.TicketWorkflowID(ticket), name, arg)
}

// Freeze stops every write to Okta.
func (p *Playground) Freeze(ctx context.Context, reason string) error {
	_, err := p.update(ctx, contract.ControlsID, contract.UpdateFreeze, contract.FreezeCommand{Operator: contract.Operator{By: "operator", Reason: reason}})
	return err
}

// Thaw lets writes go on.
func (p *Playground) Thaw(ctx context.Context, reason string) error {
	_, err := p.update(ctx, contract.ControlsID, contract.UpdateThaw, contract.FreezeCommand{Operator: contract.Operator{By: "operator", Reason: reason}})
	return err
}

func (p *Playground) update(ctx context.Context, workflow, name string, arg any) (contract.CommandResult, error) {
	var res contract.CommandResult
	handle, err := p.Temporal.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{
		WorkflowID: workflow, UpdateName: name, Args: []any{arg}, WaitForStage: client.WorkflowUpdateStageCompleted,
	})
	if err != nil {
		return res, err
	}
	return res, handle.Get(ctx, &res)
}

// Release lets held cases pass the mass-change guard until a time.
func (p *Playground) Release(ctx context.Context, until time.Time, reason string) error {
	_, err := p.update(ctx, contract.ControlsID, contract.UpdateRelease, contract.ReleaseCommand{
		Operator: contract.Operator{By: "operator", Reason: reason}, Until: until,
	})
	return err
}
