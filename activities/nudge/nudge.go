// Package nudge tells a ticket's case to read its ticket again, and starts the case where none runs. The bridge, the
// sweep and `starter start` all nudge the same way, so a ticket has one case whoever noticed it first.
//
// A nudge carries no decision: the case reads Freshservice and believes only that. So a nudge that is forged, repeated,
// late or lost costs a read, never a grant.
package nudge

import (
	"context"
	"errors"
	"fmt"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"latchkey/casework"
	"latchkey/contract"
)

// Temporal is the part of a Temporal client that nudging needs; client.Client has it.
type Temporal interface {
	SignalWorkflow(ctx context.Context, workflowID, runID, signalName string, arg any) error
	SignalWithStartWorkflow(ctx context.Context, workflowID, signalName string, signalArg any,
		options client.StartWorkflowOptions, workflow any, workflowArgs ...any) (client.WorkflowRun, error)
}

// Ticket nudges the ticket's case and starts one where none runs; both are one call, so nothing is lost between them.
// When it returns without an error Temporal has accepted the nudge durably.
//
// named is set only when a person named the ticket: it lifts the backlog guard of a case that starts, and rides on the
// signal for one that runs. Errors are Temporal's own.
func Ticket(ctx context.Context, c Temporal, ticket int64, named *contract.Operator) error {
	if ticket <= 0 {
		return fmt.Errorf("nudge ticket %d: %w", ticket, contract.ErrTicketNumber)
	}
	_, err := c.SignalWithStartWorkflow(ctx, contract.TicketWorkflowID(ticket), contract.SignalNudge, named,
		Options(ticket), contract.WorkflowIntake, contract.CaseInput{Ticket: ticket, Named: named})
	return err
}

// Running nudges the ticket's case only if one runs, and says whether it did. Errors are Temporal's own.
func Running(ctx context.Context, c Temporal, ticket int64) (bool, error) {
	err := c.SignalWorkflow(ctx, contract.TicketWorkflowID(ticket), "", contract.SignalNudge, (*contract.Operator)(nil))
	var notFound *serviceerror.NotFound
	switch {
	case err == nil:
		return true, nil
	case errors.As(err, &notFound):
		return false, nil
	}
	return false, err
}

// Options are how a ticket's case is started. A ticket that had a case before may have another: the new one reads what
// the earlier one did.
func Options(ticket int64) client.StartWorkflowOptions {
	label := contract.TicketLabel(ticket)
	return client.StartWorkflowOptions{
		ID:                    contract.TicketWorkflowID(ticket),
		TaskQueue:             contract.QueueLatchkey,
		WorkflowIDReusePolicy: enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
		StaticSummary:         label + ": reading the ticket",
		TypedSearchAttributes: temporal.NewSearchAttributes(
			temporal.NewSearchAttributeKeyKeyword(contract.AttrTicket).ValueSet(label),
			temporal.NewSearchAttributeKeyKeyword(contract.AttrState).ValueSet(string(casework.StateIntake)),
		),
		Priority: temporal.Priority{PriorityKey: casework.PriorityPeople},
	}
}
