package workflows

import (
	"strings"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"latchkey/approval"
	"latchkey/casework"
	"latchkey/contract"
)

// BulkRow is one person of a batch: a joiner or a leaver as a ticket's case would carry it, approved with the batch. It
// says how it ended to the batch and in the blob store, and nothing on the ticket unless it parks. Runbook:
// docs/runbooks/bulk.md.
func BulkRow(ctx workflow.Context, in contract.BulkRowInput) (contract.BulkResult, error) {
	r := openRow(ctx, in)
	err := r.run(ctx)
	if isContinue(err) {
		return contract.BulkResult{}, err
	}
	end, ended := endingOf(err)
	switch {
	case ended:
	case temporal.IsCanceledError(err):
		end = &ending{end: casework.EndAborted, why: "an operator ended the batch"}
	default:
		return contract.BulkResult{}, err
	}
	free, cancel := workflow.NewDisconnectedContext(ctx)
	defer cancel()
	return r.close(free, end)
}

// rowRun is one run of a row. It uses the whole machinery of a case.
type rowRun struct {
	*caseRun
	in    contract.BulkRowInput
	waits bool // the batch knows that it waits for its day
	tasks []string
}

func openRow(ctx workflow.Context, in contract.BulkRowInput) *rowRun {
	r := &rowRun{in: in}
	r.caseRun = openCase(ctx, contract.CaseInput{Ticket: in.Ticket.Number, Case: in.Case})
	if in.Case == nil {
		r.Request = in.Request
		r.Request.Ticket, r.Request.Mode = in.Ticket, casework.ModeAct
		r.Times, r.Owner, r.State = in.Times, in.Owner, casework.StatePlanning
	}
	r.named = &contract.Operator{By: "the batch's approval", Reason: "batch " + in.Batch}
	r.beside = &besides{
		id:      contract.BulkRowWorkflowID(in.Batch, in.Row),
		marks:   strings.ReplaceAll(contract.BulkRowWorkflowID(in.Batch, in.Row), "/", "-"),
		pending: never,
		listen:  func(workflow.Context) {},
		carry: func() any {
			state := r.Case
			next := r.in
			next.Case = &state
			return next
		},
		line:  r.line,
		table: func(*strings.Builder) {},
		facts: func() *contract.GrantFacts { return nil },
		refuse: func(*contract.Unit) error {
			return endWith(casework.EndIncomplete, "what Okta or policy say changed since the batch was approved: ask for this person anew")
		},
		moved: r.sayWaits,
		bulk:  true,
	}
	return r
}

// line is the one-liner for the UI's list. It holds no name.
func (r *rowRun) line() string {
	return "Row " + strings.TrimPrefix(contract.BulkRowWorkflowID(r.in.Batch, r.in.Row), "bulk/") + ": " + stateWords(r.State)
}

// run plans the row, takes the batch's approval for its own, and goes the road of the use case.
func (r *rowRun) run(ctx workflow.Context) error {
	if err := r.plan(ctx); err != nil {
		return err
	}
	for i := range r.Units {
		if u := &r.Units[i]; u.End == "" && u.Chain.Mode == "" {
			u.Status = approval.StatusApproved
			u.Chain = approval.Chain{Mode: approval.ModeNone, Reason: "approved with batch " + r.in.Batch}
			r.ownTasks(u)
		}
	}
	if r.Request.UseCase == casework.Offboarding {
		return r.offboard(ctx)
	}
	return r.welcome(ctx)
}

// ownTasks keeps of a joiner's tasks those that gate, under the person's name because the batch has one ticket for all.
// The others are named in the row's result.
func (r *rowRun) ownTasks(u *contract.Unit) {
	var gates []contract.Task
	for _, t := range u.Tasks {
		if t.Gate == "" {
			r.tasks = append(r.tasks, t.Title)
			continue
		}
		t.Title += ": " + u.Plan.Person.DisplayName()
		gates = append(gates, t)
	}
	u.Tasks = gates
}

// sayWaits tells the batch that the row waits for its day, once.
func (r *rowRun) sayWaits(ctx workflow.Context) {
	if waits := r.State == casework.StateWaitingDate; waits && !r.waits {
		r.waits = true
		r.tell(ctx, contract.BulkRowState{Row: r.in.Row, Waits: true})
	}
}

// tell says something to the batch. A batch that is gone has nothing to be told: the results say the same.
func (r *rowRun) tell(ctx workflow.Context, state contract.BulkRowState) workflow.Future {
	return workflow.SignalExternalWorkflow(ctx, contract.BulkWorkflowID(r.in.Batch), "", contract.SignalBulkRow, state)
}

// close keeps the result, and only then tells the batch: what the batch counts can be read.
func (r *rowRun) close(ctx workflow.Context, e *ending) (contract.BulkResult, error) {
	r.aborted = nil // it has been obeyed; what follows is only said
	if err := r.giveTurnBack(ctx); err != nil {
		return contract.BulkResult{}, err
	}
	if err := r.sayLeaver(ctx, false); err != nil {
		return contract.BulkResult{}, err
	}
	result := r.result(ctx, e)
	err := r.do(ctx, bulkKeep, "Keep the row's result", contract.BulkKeepInput{Batch: r.in.Batch, Result: result})
	if _, ended := endingOf(err); err != nil && !ended {
		return result, err
	}
	_ = r.tell(ctx, contract.BulkRowState{Row: r.in.Row, End: result.End}).Get(ctx, nil) // see tell
	if err := r.enter(ctx, casework.StateDone); err != nil {
		return result, err
	}
	return result, workflow.Await(ctx, func() bool { return workflow.AllHandlersFinished(ctx) })
}

func (r *rowRun) result(ctx workflow.Context, e *ending) contract.BulkResult {
	result := contract.BulkResult{
		Row: r.in.Row, Person: contract.BulkPerson(r.Request), End: e.end, Why: e.why, Done: r.Done, Tasks: r.tasks, At: workflow.Now(ctx).UTC(),
	}
	if r.Plan != nil {
		result.OktaUserID = r.Plan.Person.OktaUserID
	}
	for _, u := range r.Units {
		result.Left = append(result.Left, u.Left...)
	}
	if n := len(r.Checks); n > 0 {
		result.Proofs = r.Checks[n-1].Proofs
	}
	return result
}
