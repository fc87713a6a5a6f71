package activities

import (
	"context"
	"strings"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"

	"latchkey/casework"
	"latchkey/contract"
)

// OpenGrant is a running time-bound grant as the visibility store shows it.
type OpenGrant struct {
	Workflow   string // its workflow ID
	OktaUserID string
	Object     string // "group:00g1abc"
	Ticket     string // that claimed it last, such as FS-12
	State      casework.State
	DueAt      time.Time // the notice or the end, whichever is next
	StartedAt  time.Time
}

// OpenGrants implements Cluster.
func (c cluster) OpenGrants(ctx context.Context) ([]OpenGrant, error) {
	return OpenGrants(ctx, c.client)
}

// OpenGrants lists the running time-bound grants by Temporal's visibility store, which may lag a few seconds.
func OpenGrants(ctx context.Context, c client.Client) ([]OpenGrant, error) {
	var all []OpenGrant
	request := &workflowservice.ListWorkflowExecutionsRequest{
		PageSize: 200, Query: "ExecutionStatus = 'Running' AND WorkflowType = '" + contract.WorkflowGrant + "'",
	}
	for {
		page, err := c.ListWorkflow(ctx, request)
		if err != nil {
			return nil, err
		}
		for _, e := range page.GetExecutions() {
			id := e.GetExecution().GetWorkflowId()
			parts := strings.SplitN(id, "/", 3)
			if len(parts) != 3 || parts[0] != "grant" {
				continue // not one of ours
			}
			found := OpenGrant{Workflow: id, OktaUserID: parts[1], Object: parts[2], StartedAt: e.GetStartTime().AsTime()}
			fields := e.GetSearchAttributes().GetIndexedFields()
			for name, into := range map[string]any{
				contract.AttrState: &found.State, contract.AttrDueAt: &found.DueAt, contract.AttrTicket: &found.Ticket,
			} {
				if err := attribute(fields, name, into); err != nil {
					return nil, err
				}
			}
			all = append(all, found)
		}
		if len(page.GetNextPageToken()) == 0 {
			return all, nil
		}
		request.NextPageToken = page.GetNextPageToken()
	}
}

// attribute reads a search attribute, where it is there.
func attribute(fields map[string]*commonpb.Payload, name string, into any) error {
	if p := fields[name]; p != nil {
		return converter.GetDefaultDataConverter().FromPayload(p, into)
	}
	return nil
}
