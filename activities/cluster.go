package activities

import (
	"context"
	"errors"
	"strings"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"

	"latchkey/activities/nudge"
	"latchkey/casework"
	"latchkey/contract"
	"latchkey/identity"
)

// Cluster is what activities ask of the workflows that hold what all workers share. Errors are Temporal's own; the
// caller maps them. NewCluster gives the real one; tests fake it.
type Cluster interface {
	// Controls reads the controls workflow; one that was never started has stopped nothing.
	Controls(ctx context.Context) (contract.Controls, error)
	// Admit asks the mass-change guard, starting the controls workflow if need be.
	Admit(ctx context.Context, request contract.AdmitRequest) (contract.AdmitVerdict, error)
	// ReportModes tells the controls workflow what policy allows now and learns since when each use case acts.
	ReportModes(ctx context.Context, report contract.ModesReport) (contract.ModesSince, error)
	// Alarm reports a credential that a vendor refuses.
	Alarm(ctx context.Context, alarm contract.AlarmSignal) error
	// Turns reads a person's workflow; one that does not run has no turns and no leaver.
	Turns(ctx context.Context, oktaUserID string) (contract.Turns, error)
	// RequestTurn asks the person's workflow for a turn, starting it if need be.
	RequestTurn(ctx context.Context, oktaUserID string, request contract.TurnRequest) error
	// AdmitReset asks the firewall in a person's workflow to let a credential reset through, starting it if need be.
	AdmitReset(ctx context.Context, oktaUserID string, request contract.ResetRequest) (casework.ResetVerdict, error)
	// CaseOpen says whether who takes a turn is running: a ticket's case, or a grant that ends.
	CaseOpen(ctx context.Context, turn contract.Turn) (bool, error)
	// Grant reads the workflow of a time-bound grant; false when none stands.
	Grant(ctx context.Context, oktaUserID string, object identity.Entitlement) (contract.GrantState, bool, error)
	// Claim tells a time-bound grant of a claim, starting its workflow if need be. A claim for good starts none.
	Claim(ctx context.Context, in contract.ClaimGrantInput) error
	// GrantEnded tells the time-bound grant of an entitlement, or all of the person's when object is nil, that a case took
	// it away. One that does not run has nothing to be told.
	GrantEnded(ctx context.Context, oktaUserID string, object *identity.Entitlement, ended contract.GrantEndedSignal) error
	// HandOver leaves the account of a joiner that is called off to another joiner's case that waits for it; zero when none
	// does. Who might is read from Temporal's visibility store, which may lag a few seconds.
	HandOver(ctx context.Context, in contract.HandOverInput) (heir int64, err error)
	// Nudge makes the ticket's case read its ticket again. With start it also starts a case where none runs; without,
	// a ticket that has no running case is left alone. It says whether a case was there to be nudged before.
	Nudge(ctx context.Context, ticket int64, start bool) (wasOpen bool, err error)
	// OpenGrants lists the running time-bound grants, by the same store.
	OpenGrants(ctx context.Context) ([]OpenGrant, error)
	// Alert tells an incident what a page of the log says about it, starting its workflow if need be.
	Alert(ctx context.Context, signal contract.AlertSignal) error
	// NudgeIncident makes an incident look at its ticket, and says whether there was one to be told.
	NudgeIncident(ctx context.Context, workflow string) (bool, error)
	// OpenCases lists the running cases by Temporal's visibility store, which may lag a few seconds.
	OpenCases(ctx context.Context) ([]OpenCase, error)
}

// OpenCase is a running case as the visibility store shows it.
type OpenCase struct {
	Ticket    int64
	UseCase   casework.UseCase // empty while the ticket is being classified
	State     casework.State
	DueAt     time.Time
	StartedAt time.Time
}

// NewCluster is the Cluster of a Temporal namespace.
func NewCluster(c client.Client) Cluster { return cluster{client: c} }

type cluster struct{ client client.Client }

// Controls implements Cluster.
func (c cluster) Controls(ctx context.Context) (contract.Controls, error) {
	return query[contract.Controls](ctx, c.client, contract.ControlsID, contract.QueryControls)
}

// Turns implements Cluster.
func (c cluster) Turns(ctx context.Context, oktaUserID string) (contract.Turns, error) {
	id := contract.PersonWorkflowID(oktaUserID)
	open, err := c.running(ctx, id)
	if err != nil || !open {
		return contract.Turns{}, err
	}
	return query[contract.Turns](ctx, c.client, id, contract.QueryTurns)
}

// Admit implements Cluster.
func (c cluster) Admit(ctx context.Context, request contract.AdmitRequest) (contract.AdmitVerdict, error) {
	return update[contract.AdmitVerdict](ctx, c.client, contract.UpdateAdmit, request)
}

// ReportModes implements Cluster.
func (c cluster) ReportModes(ctx context.Context, report contract.ModesReport) (contract.ModesSince, error) {
	return update[contract.ModesSince](ctx, c.client, contract.UpdateModes, report)
}

// Alarm implements Cluster.
func (c cluster) Alarm(ctx context.Context, alarm contract.AlarmSignal) error {
	_, err := c.client.SignalWithStartWorkflow(ctx, contract.ControlsID, contract.SignalAlarm, alarm,
		controlsOptions(), contract.WorkflowControls, contract.Controls{})
	return err
}

// RequestTurn implements Cluster.
func (c cluster) RequestTurn(ctx context.Context, oktaUserID string, request contract.TurnRequest) error {
	_, err := c.client.SignalWithStartWorkflow(ctx, contract.PersonWorkflowID(oktaUserID), contract.SignalTurnRequest, request,
		personOptions(oktaUserID),
		contract.WorkflowPerson, contract.PersonInput{OktaUserID: oktaUserID})
	return err
}

// AdmitReset implements Cluster. The handler is idempotent by ticket, run and role, so no update ID is needed to ask again
// after a lost answer.
func (c cluster) AdmitReset(ctx context.Context, oktaUserID string, request contract.ResetRequest) (casework.ResetVerdict, error) {
	var verdict casework.ResetVerdict
	options := personOptions(oktaUserID)
	options.WorkflowIDConflictPolicy = enumspb.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING
	handle, err := c.client.UpdateWithStartWorkflow(ctx, client.UpdateWithStartWorkflowOptions{
		StartWorkflowOperation: c.client.NewWithStartWorkflowOperation(options, contract.WorkflowPerson, contract.PersonInput{OktaUserID: oktaUserID}),
		UpdateOptions: client.UpdateWorkflowOptions{
			UpdateName: contract.UpdateAdmitReset, Args: []any{request}, WaitForStage: client.WorkflowUpdateStageCompleted,
		},
	})
	if err != nil {
		return verdict, err
	}
	return verdict, handle.Get(ctx, &verdict)
}

func personOptions(oktaUserID string) client.StartWorkflowOptions {
	return client.StartWorkflowOptions{
		ID:                    contract.PersonWorkflowID(oktaUserID),
		TaskQueue:             contract.QueueLatchkey,
		WorkflowIDReusePolicy: enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
		StaticSummary:         "Turns of the cases about one person",
	}
}

// CaseOpen implements Cluster.
func (c cluster) CaseOpen(ctx context.Context, turn contract.Turn) (bool, error) {
	return c.running(ctx, turn.WorkflowID())
}

// Nudge implements Cluster. Every nudge of the product is made the same way, by package nudge.
func (c cluster) Nudge(ctx context.Context, ticket int64, start bool) (bool, error) {
	was, err := nudge.Running(ctx, c.client, ticket)
	if was || err != nil || !start {
		return was, err
	}
	return false, nudge.Ticket(ctx, c.client, ticket, nil)
}

// NudgeIncident implements Cluster.
func (c cluster) NudgeIncident(ctx context.Context, workflow string) (bool, error) {
	err := c.client.SignalWorkflow(ctx, workflow, "", contract.SignalNudge, nil)
	if _, missing := errors.AsType[*serviceerror.NotFound](err); missing {
		return false, nil
	}
	return err == nil, err
}

// OpenCases implements Cluster.
func (c cluster) OpenCases(ctx context.Context) ([]OpenCase, error) {
	var all []OpenCase
	request := &workflowservice.ListWorkflowExecutionsRequest{
		PageSize: 200,
		Query:    "ExecutionStatus = 'Running' AND WorkflowId STARTS_WITH 'ticket/'",
	}
	for {
		page, err := c.client.ListWorkflow(ctx, request)
		if err != nil {
			return nil, err
		}
		for _, e := range page.GetExecutions() {
			label, ok := strings.CutPrefix(e.GetExecution().GetWorkflowId(), "ticket/")
			if !ok {
				continue
			}
			ticket, err := contract.ParseTicket(label)
			if err != nil {
				continue // not one of ours
			}
			found := OpenCase{Ticket: ticket, StartedAt: e.GetStartTime().AsTime()}
			if name := e.GetType().GetName(); name != contract.WorkflowIntake {
				found.UseCase = casework.UseCase(name)
			}
			fields := e.GetSearchAttributes().GetIndexedFields()
			if p := fields[contract.AttrState]; p != nil {
				if err := converter.GetDefaultDataConverter().FromPayload(p, &found.State); err != nil {
					return nil, err
				}
			}
			if p := fields[contract.AttrDueAt]; p != nil {
				if err := converter.GetDefaultDataConverter().FromPayload(p, &found.DueAt); err != nil {
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

func (c cluster) running(ctx context.Context, id string) (bool, error) {
	d, err := c.client.DescribeWorkflowExecution(ctx, id, "")
	switch {
	case isNotFound(err):
		return false, nil
	case err != nil:
		return false, err
	}
	return d.GetWorkflowExecutionInfo().GetStatus() == enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING, nil
}

func query[T any](ctx context.Context, c client.Client, id, name string) (T, error) {
	var answer T
	value, err := c.QueryWorkflow(ctx, id, "", name)
	if isNotFound(err) {
		return answer, nil
	}
	if err != nil {
		return answer, err
	}
	return answer, value.Get(&answer)
}

// update asks the controls workflow and waits for its answer, starting it if need be. Its handlers are idempotent by
// what they are asked, so no update ID is needed to ask again after a lost answer.
func update[T any](ctx context.Context, c client.Client, name string, arg any) (T, error) {
	var answer T
	handle, err := c.UpdateWithStartWorkflow(ctx, client.UpdateWithStartWorkflowOptions{
		StartWorkflowOperation: c.NewWithStartWorkflowOperation(controlsOptions(), contract.WorkflowControls, contract.Controls{}),
		UpdateOptions: client.UpdateWorkflowOptions{
			UpdateName:   name,
			Args:         []any{arg},
			WaitForStage: client.WorkflowUpdateStageCompleted,
		},
	})
	if err != nil {
		return answer, err
	}
	return answer, handle.Get(ctx, &answer)
}

func controlsOptions() client.StartWorkflowOptions {
	return client.StartWorkflowOptions{
		ID:                       contract.ControlsID,
		TaskQueue:                contract.QueueLatchkey,
		WorkflowIDConflictPolicy: enumspb.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
		WorkflowIDReusePolicy:    enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
		StaticSummary:            "Freezes, modes and the mass-change guard of this namespace",
	}
}

func isNotFound(err error) bool {
	var notFound *serviceerror.NotFound
	return errors.As(err, &notFound)
}
