package activities

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"latchkey/casework"
	"latchkey/contract"
)

// oktaID is what may stand in a query of the visibility store.
var oktaID = regexp.MustCompile(`^[0-9A-Za-z]+$`)

// HandOver leaves the account that a joiner's case made to another case that waits for it, if there is one. Asked again
// after a lost answer, it finds the same heir, who has it already.
func (e *Engine) HandOver(ctx context.Context, in contract.HandOverInput) (contract.HandOverResult, error) {
	doing := "looking who else waits for the account of " + contract.TicketLabel(in.Ticket)
	if in.Ticket <= 0 || !oktaID.MatchString(in.OktaUserID) {
		return contract.HandOverResult{}, failure(clock(e.Now), doing, problemf(casework.Invalid, "a hand-over needs a ticket and an Okta user"))
	}
	heir, err := e.Cluster.HandOver(ctx, in)
	return contract.HandOverResult{Heir: heir}, failure(clock(e.Now), doing, err)
}

// HandOver implements Cluster. The oldest ticket is asked first; a case that was just called off itself refuses, so the
// account is either taken over by one that goes on or by nobody.
func (c cluster) HandOver(ctx context.Context, in contract.HandOverInput) (int64, error) {
	tickets, err := c.joinersOf(ctx, in.OktaUserID)
	if err != nil {
		return 0, err
	}
	slices.Sort(tickets)
	for _, ticket := range tickets {
		if ticket == in.Ticket {
			continue
		}
		taken, err := c.inherits(ctx, ticket, contract.InheritCommand{From: in.Ticket, OktaUserID: in.OktaUserID})
		if err != nil || taken {
			return ticket, err
		}
	}
	return 0, nil
}

// joinersOf lists the running joiners about an account.
func (c cluster) joinersOf(ctx context.Context, oktaUserID string) ([]int64, error) {
	if !oktaID.MatchString(oktaUserID) {
		return nil, errors.New("the ID of the Okta user holds characters that no such ID has")
	}
	request := &workflowservice.ListWorkflowExecutionsRequest{
		PageSize: 100,
		Query: fmt.Sprintf("ExecutionStatus = 'Running' AND WorkflowType = '%s' AND %s = '%s'",
			casework.Onboarding, contract.AttrOktaUser, oktaUserID),
	}
	var tickets []int64
	for {
		page, err := c.client.ListWorkflow(ctx, request)
		if err != nil {
			return nil, err
		}
		for _, e := range page.GetExecutions() {
			label, isCase := strings.CutPrefix(e.GetExecution().GetWorkflowId(), "ticket/")
			if ticket, err := contract.ParseTicket(label); isCase && err == nil {
				tickets = append(tickets, ticket)
			}
		}
		if len(page.GetNextPageToken()) == 0 {
			return tickets, nil
		}
		request.NextPageToken = page.GetNextPageToken()
	}
}

// inherits offers an account to a case, and says whether it took it. One that refuses or has ended meanwhile did not.
func (c cluster) inherits(ctx context.Context, ticket int64, offer contract.InheritCommand) (bool, error) {
	handle, err := c.client.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{
		WorkflowID: contract.TicketWorkflowID(ticket), UpdateName: contract.UpdateInherit,
		Args: []any{offer}, WaitForStage: client.WorkflowUpdateStageCompleted,
	})
	if err == nil {
		err = handle.Get(ctx, nil)
	}
	if _, refused := errors.AsType[*temporal.ApplicationError](err); refused || isNotFound(err) {
		return false, nil // a case that refuses or has ended does not take it
	}
	return err == nil, err
}
