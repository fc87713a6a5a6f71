package playground

import (
	"context"
	"fmt"
	"strings"

	"latchkey/casework"
	"latchkey/contract"
	"latchkey/internal/app"
	"latchkey/policy"
)

// Bulk reads where a batch stands.
func (p *Playground) Bulk(ctx context.Context, batch string) (state contract.BulkState, err error) {
	value, err := p.Temporal.QueryWorkflow(ctx, contract.BulkWorkflowID(batch), "", contract.QueryBulk)
	if err != nil {
		return state, err
	}
	return state, value.Get(&state)
}

// WaitBulk waits until a batch is as wanted.
func (p *Playground) WaitBulk(ctx context.Context, batch, what string, wanted func(contract.BulkState) bool) (state contract.BulkState, err error) {
	err = p.until(ctx, fmt.Sprintf("batch %s: %s", batch, what), func() (bool, error) {
		if state, err = p.Bulk(ctx, batch); err != nil {
			return false, nil //nolint:nilerr // it may not have begun
		}
		return wanted(state), nil
	})
	if err != nil {
		err = fmt.Errorf("%w (it is %s: %+v)", err, state.Phase, state)
	}
	return state, err
}

// SteerBulk sends an operator's update to a batch.
func (p *Playground) SteerBulk(ctx context.Context, batch, update, reason string) (contract.CommandResult, error) {
	return p.update(ctx, contract.BulkWorkflowID(batch), update, contract.OperatorCommand{Operator: contract.Operator{By: "operator", Reason: reason}})
}

// NudgeBulk has a batch look at its approvals now.
func (p *Playground) NudgeBulk(ctx context.Context, batch string) error {
	return p.Temporal.SignalWorkflow(ctx, contract.BulkWorkflowID(batch), "", contract.SignalNudge, (*contract.Operator)(nil))
}

// StartBulk checks a file of people and starts its batch, as `starter bulk` does.
func (p *Playground) StartBulk(ctx context.Context, useCase casework.UseCase, file string, ticket int64) (string, []policy.BulkProblem, error) {
	loaded, err := policy.Load(p.policyDir)
	if err != nil {
		return "", nil, err
	}
	rows, problems, err := app.ReadBulk(loaded, useCase, "people.csv", strings.NewReader(file))
	if err != nil || len(problems) > 0 {
		return "", problems, err
	}
	return rows.Batch, nil, app.StartBulk(ctx, p.Temporal, p.blobs, rows, ticket, contract.Operator{By: "operator", Reason: "a class of newcomers"})
}

// ApproveBulk has everybody approve a batch who is asked on its ticket, level by level.
func (p *Playground) ApproveBulk(ctx context.Context, batch string) error {
	var status contract.CaseStatus
	err := p.until(ctx, "the approvers of batch "+batch+" being known", func() (bool, error) {
		value, err := p.Temporal.QueryWorkflow(ctx, contract.BulkWorkflowID(batch), "", contract.QueryStatus)
		if err != nil {
			return false, nil //nolint:nilerr // it may not have begun
		}
		err = value.Get(&status)
		return err == nil && len(status.Case.Units) > 0 && len(status.Case.Units[0].Chain.Levels) > 0, err
	})
	if err != nil {
		return err
	}
	for _, level := range status.Case.Units[0].Chain.Levels {
		for _, g := range level.Groups {
			if err := p.Approve(ctx, status.Case.Request.Ticket.Number, g.Approvers[0].Email, "ok"); err != nil {
				return err
			}
		}
	}
	return nil
}

// WaitRow waits until a row of a batch is in a state.
func (p *Playground) WaitRow(ctx context.Context, batch string, row int, state casework.State) error {
	var status contract.CaseStatus
	return p.until(ctx, fmt.Sprintf("row %d of batch %s being %s", row, batch, state), func() (bool, error) {
		value, err := p.Temporal.QueryWorkflow(ctx, contract.BulkRowWorkflowID(batch, row), "", contract.QueryStatus)
		if err != nil {
			return false, nil //nolint:nilerr // it may not have begun
		}
		err = value.Get(&status)
		return status.State == state, err
	})
}

// SteerRow sends an operator's update to a row of a batch.
func (p *Playground) SteerRow(ctx context.Context, batch string, row int, update, reason string) (contract.CommandResult, error) {
	return p.update(ctx, contract.BulkRowWorkflowID(batch, row), update, contract.OperatorCommand{Operator: contract.Operator{By: "operator", Reason: reason}})
}
