package activities

import (
	"context"
	"strings"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"

	"latchkey/contract"
	"latchkey/identity"
)

// Grant implements Cluster.
func (c cluster) Grant(ctx context.Context, oktaUserID string, object identity.Entitlement) (contract.GrantState, bool, error) {
	id := contract.GrantWorkflowID(oktaUserID, object)
	open, err := c.running(ctx, id)
	if err != nil || !open {
		return contract.GrantState{}, false, err
	}
	state, err := query[contract.GrantState](ctx, c.client, id, contract.QueryGrant)
	return state, err == nil && len(state.Claims) > 0 && state.Ended == nil, err
}

// Claim implements Cluster.
func (c cluster) Claim(ctx context.Context, in contract.ClaimGrantInput) error {
	id := contract.GrantWorkflowID(in.Person.OktaUserID, in.Object)
	if in.Signal.Claim.Permanent() { // a grant that does not run has nothing to be told
		err := c.client.SignalWorkflow(ctx, id, "", contract.SignalClaim, in.Signal)
		if isNotFound(err) {
			return nil
		}
		return err
	}
	_, err := c.client.SignalWithStartWorkflow(ctx, id, contract.SignalClaim, in.Signal,
		client.StartWorkflowOptions{
			ID:                    id,
			TaskQueue:             contract.QueueLatchkey,
			WorkflowIDReusePolicy: enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
			StaticSummary:         "A time-bound grant of one entitlement to one person",
		},
		contract.WorkflowGrant, contract.GrantInput{Grant: contract.GrantState{Person: in.Person, Object: in.Object}})
	return err
}

// GrantEnded implements Cluster.
func (c cluster) GrantEnded(ctx context.Context, oktaUserID string, object *identity.Entitlement, ended contract.GrantEndedSignal) error {
	ids := []string{}
	if object != nil {
		ids = append(ids, contract.GrantWorkflowID(oktaUserID, *object))
	} else {
		var err error
		if ids, err = c.grantsOf(ctx, oktaUserID); err != nil {
			return err
		}
	}
	for _, id := range ids {
		if err := c.client.SignalWorkflow(ctx, id, "", contract.SignalGrantEnded, ended); err != nil && !isNotFound(err) {
			return err
		}
	}
	return nil
}

// grantsOf lists the running grants of a person by the visibility store.
func (c cluster) grantsOf(ctx context.Context, oktaUserID string) ([]string, error) {
	if strings.ContainsAny(oktaUserID, `'"\`) {
		return nil, nil // no ID of Okta's
	}
	var ids []string
	request := &workflowservice.ListWorkflowExecutionsRequest{
		PageSize: 100,
		Query:    "ExecutionStatus = 'Running' AND WorkflowId STARTS_WITH '" + contract.GrantWorkflowPrefix(oktaUserID) + "'",
	}
	for {
		page, err := c.client.ListWorkflow(ctx, request)
		if err != nil {
			return nil, err
		}
		for _, e := range page.GetExecutions() {
			ids = append(ids, e.GetExecution().GetWorkflowId())
		}
		if len(page.GetNextPageToken()) == 0 {
			return ids, nil
		}
		request.NextPageToken = page.GetNextPageToken()
	}
}
