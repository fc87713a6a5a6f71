package nudge

import (
	"context"
	"errors"
	"fmt"
	"regexp"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"latchkey/casework"
	"latchkey/contract"
)

// ErrOktaID is returned for a text that is no ID of an account in Okta.
var ErrOktaID = errors.New("not the ID of an account in Okta")

// oktaID is an ID as Okta makes them. Nothing else gets into a workflow ID.
var oktaID = regexp.MustCompile(`^[A-Za-z0-9]{8,40}$`)

// Person makes the sync of one person compare both sides again, starting it if need be. Like every nudge it carries no
// decision. When it returns without an error Temporal has accepted it durably.
func Person(ctx context.Context, c Temporal, oktaUserID string) error {
	if !oktaID.MatchString(oktaUserID) {
		return fmt.Errorf("nudge a person's sync: %w", ErrOktaID)
	}
	_, err := c.SignalWithStartWorkflow(ctx, contract.SyncWorkflowID(oktaUserID), contract.SignalNudge, nil, client.StartWorkflowOptions{
		ID:                    contract.SyncWorkflowID(oktaUserID),
		TaskQueue:             contract.QueueLatchkey,
		WorkflowIDReusePolicy: enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
		StaticSummary:         "Profile sync of one person",
		TypedSearchAttributes: temporal.NewSearchAttributes(
			temporal.NewSearchAttributeKeyKeyword(contract.AttrOktaUser).ValueSet(oktaUserID),
		),
		Priority: temporal.Priority{PriorityKey: casework.PriorityBulk},
	}, string(casework.ProfileSync), contract.SyncInput{OktaUserID: oktaUserID})
	return err
}

// Starter is the part of a Temporal client that starts a workflow; client.Client has it.
type Starter interface {
	ExecuteWorkflow(ctx context.Context, options client.StartWorkflowOptions, workflow any, args ...any) (client.WorkflowRun, error)
}

// Requester has somebody found who changed on the desk, and their sync nudged. One that is being found is found once.
func Requester(ctx context.Context, c Starter, deskID int64) error {
	if deskID <= 0 {
		return fmt.Errorf("nudge the sync of requester %d: ids are positive", deskID)
	}
	_, err := c.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID:                       contract.SyncRequesterWorkflowID(deskID),
		TaskQueue:                contract.QueueLatchkey,
		WorkflowIDConflictPolicy: enumspb.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
		WorkflowIDReusePolicy:    enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
		StaticSummary:            "Profile sync: who changed on the desk",
		Priority:                 temporal.Priority{PriorityKey: casework.PriorityBulk},
	}, contract.WorkflowSyncFind, contract.SyncFindInput{DeskID: deskID})
	return err
}
