package workflows

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"latchkey/approval"
	"latchkey/casework"
	"latchkey/contract"
)

// Bulk is a batch of joiners or leavers out of a file: its ticket, its approval, a window of rows side by side, the
// report. Rows lie in the blob store; the workflow holds which are under way and counts. Runbook: docs/runbooks/bulk.md.
func Bulk(ctx workflow.Context, in contract.BulkInput) (contract.BulkState, error) {
	b := openBatch(ctx, in)
	for b.state.Phase != contract.BulkEnded {
		err := b.step(ctx)
		if over, ended := endingOf(err); ended {
			err = b.cutShort(ctx, over.why)
		}
		if temporal.IsCanceledError(err) && ctx.Err() != nil {
			free, cancel := workflow.NewDisconnectedContext(ctx)
			defer cancel()
			ctx = free
			err = b.cutShort(ctx, "an operator cancelled the workflow")
		}
		if err != nil {
			return b.shownState(), err
		}
	}
	if err := b.enter(ctx, casework.StateDone); err != nil {
		return b.shownState(), err
	}
	return b.shownState(), workflow.Await(ctx, func() bool { return workflow.AllHandlersFinished(ctx) })
}

// step carries the batch through the phase it is in, and into the next one.
func (b *batch) step(ctx workflow.Context) error {
	switch b.state.Phase {
	case contract.BulkOpening:
		return b.openTicket(ctx)
	case contract.BulkApproving:
		return b.beApproved(ctx)
	case contract.BulkRunning:
		return b.runRows(ctx)
	case contract.BulkReporting:
		return b.report(ctx)
	case contract.BulkEnded:
	}
	return nil
}

// batch is one run of a batch. It uses the machinery of a case: its ticket's approval, parking, operators.
type batch struct {
	*caseRun
	in    contract.BulkInput
	state contract.BulkState
	rows  workflow.ReceiveChannel
	again bool // an operator wants failed rows tried again
	// finish says that an operator ends the batch although rows failed.
	finish bool
}

// bulkLook is how often a batch looks at its approvals by itself, should a nudge be lost.
const bulkLook = 15 * time.Minute

func openBatch(ctx workflow.Context, in contract.BulkInput) *batch {
	b := &batch{in: in, rows: workflow.GetSignalChannelWithOptions(ctx, contract.SignalBulkRow, workflow.SignalChannelOptions{Description: "From a row: it waits for its day, or how it ended."})}
	if in.State != nil {
		b.state = *in.State
	} else {
		b.state = contract.BulkState{
			Batch: in.Batch, UseCase: in.UseCase, Phase: contract.BulkOpening, Rows: in.Rows, Next: 1, StartedAt: workflow.Now(ctx).UTC(),
		}
	}
	b.caseRun = openCase(ctx, contract.CaseInput{Ticket: b.state.Ticket, Case: b.state.Case})
	if b.state.Case == nil {
		b.Request = casework.Request{UseCase: in.UseCase, Mode: casework.ModeAct}
		b.State = casework.StatePlanning
	}
	b.beside = &besides{
		id: contract.BulkWorkflowID(in.Batch), marks: "bulk-" + in.Batch,
		pending: func() bool { return b.rows.Len() > 0 }, listen: b.listen,
		carry: func() any {
			next, state, inner := b.in, b.state, b.Case
			state.Case = &inner
			next.State = &state
			return next
		},
		line: b.line, table: b.table,
		facts: func() *contract.GrantFacts { return nil },
		again: func() string {
			b.again = true
			return "Rows that failed are tried again."
		},
		hurry: func() string {
			b.finish = true
			return "The batch ends when its last row has ended; failed rows stay failed."
		},
		look: bulkLook, bulk: true,
	}
	b.pauses(ctx)
	must(workflow.SetQueryHandlerWithOptions(ctx, contract.QueryBulk, func() (contract.BulkState, error) { return b.shownState(), nil },
		workflow.QueryHandlerOptions{Description: "How many rows are done, under way and failed."}))
	return b
}

// pauses registers pause and resume.
func (b *batch) pauses(ctx workflow.Context) {
	may := func(op contract.Operator) error {
		if err := named(op); err != nil {
			return err
		}
		if b.state.Phase == contract.BulkReporting || b.state.Phase == contract.BulkEnded {
			return fmt.Errorf("too late: the batch is %s", b.state.Phase)
		}
		return nil
	}
	b.takeCommand(ctx, contract.UpdatePause, "Start no more rows; those under way go on to their end.", may,
		func(ctx workflow.Context, op contract.Operator) contract.CommandResult {
			b.state.Paused, b.woken = &op, true
			b.note(ctx, op.By+" paused the batch: "+op.Reason)
			return contract.CommandResult{Text: "No more rows are started."}
		})
	b.takeCommand(ctx, contract.UpdateResume, "Start rows again.", may,
		func(ctx workflow.Context, op contract.Operator) contract.CommandResult {
			b.state.Paused, b.woken = nil, true
			b.note(ctx, op.By+" resumed the batch: "+op.Reason)
			return contract.CommandResult{Text: "Rows are started again."}
		})
}

// shownState is the state as others may see it.
func (b *batch) shownState() contract.BulkState {
	state := b.state
	state.Case = nil
	return state
}

// openTicket opens the batch's ticket, or takes the one that was named, and plans the batch.
func (b *batch) openTicket(ctx workflow.Context) error {
	opened, err := call[contract.BulkTicketResult](ctx, b.caseRun, bulkTicket, "Freshservice: the batch's ticket", contract.BulkTicketInput{
		Batch: b.in.Batch, Ticket: b.in.Ticket, Begun: b.state.StartedAt,
	}, false)
	if err != nil {
		return err
	}
	b.Request.Ticket, b.Times, b.Owner = opened.Ticket, opened.Times, opened.Owner
	b.state.Ticket, b.ticket, b.state.Window = opened.Ticket.Number, opened.Ticket.Number, opened.Window
	if opened.Mode != casework.ModeAct {
		return endWith(casework.EndObserved, fmt.Sprintf("the use case %s is in mode %s: a batch changes nothing then", b.in.UseCase, opened.Mode))
	}
	planned, err := call[contract.BulkPlanResult](ctx, b.caseRun, bulkPlan, "Policy: what the batch will do", contract.BulkPlanInput{Batch: b.in.Batch}, false)
	if err != nil {
		return err
	}
	b.state.Digest = planned.Digest
	planned.Unit.Status = approval.StatusOpen
	b.Units, b.Plan = []contract.Unit{planned.Unit}, &planned.Unit.Plan
	return b.to(ctx, contract.BulkApproving)
}

// beApproved waits for the batch's approval, on its ticket, as for any other.
func (b *batch) beApproved(ctx workflow.Context) error {
	if err := b.approve(ctx, nil); err != nil {
		return err
	}
	if u := b.theUnit(); u.End != "" {
		return endWith(u.End, u.Why)
	}
	b.state.BeganAt = workflow.Now(ctx).UTC()
	b.tellTicket(ctx, "began", false)
	return b.to(ctx, contract.BulkRunning)
}

// to moves the batch into a phase.
func (b *batch) to(ctx workflow.Context, phase contract.BulkPhase) error {
	b.state.Phase = phase
	state := map[contract.BulkPhase]casework.State{
		contract.BulkOpening: casework.StatePlanning, contract.BulkApproving: casework.StateAwaitingApproval,
		contract.BulkRunning: casework.StateApplying, contract.BulkReporting: casework.StateReporting, contract.BulkEnded: casework.StateDone,
	}[phase]
	return b.enter(ctx, state)
}

// cutShort ends a batch before its time: no more rows are started, those under way are asked to end, and the report says
// why.
func (b *batch) cutShort(ctx workflow.Context, why string) error {
	b.aborted = nil // it has been obeyed; what follows ends and reports
	if b.state.Why == "" {
		b.state.Why = why
	}
	b.withdrawAll(ctx)
	for _, row := range slices.Concat(b.state.Running, b.state.Waiting) {
		// One that has ended has nothing to be asked.
		_ = workflow.RequestCancelExternalWorkflow(ctx, contract.BulkRowWorkflowID(b.in.Batch, row), "").Get(ctx, nil)
	}
	deadline := workflow.Now(ctx).Add(rowsEndWithin)
	if err := b.sleep(ctx, deadline, "Rows are ending", func() bool { b.listen(ctx); return b.open() == 0 }); err != nil {
		return err
	}
	if b.state.Phase == contract.BulkReporting || b.state.Ticket == 0 {
		return b.to(ctx, contract.BulkEnded)
	}
	return b.to(ctx, contract.BulkReporting)
}

// rowsEndWithin is how long rows that were asked to end are waited for.
const rowsEndWithin = 10 * time.Minute

// report counts what the rows left, writes the result on the ticket and ends the batch.
func (b *batch) report(ctx workflow.Context) error {
	tally, err := call[contract.BulkTallyResult](ctx, b.caseRun, bulkTally, "Count the rows' results", contract.BulkTallyInput{Batch: b.in.Batch, Rows: b.in.Rows}, false)
	if err != nil {
		return err
	}
	b.state.Tally = tally
	if err := b.do(ctx, bulkReport, "Freshservice: report on the batch's ticket", b.reportInput("ended", true)); err != nil {
		return err
	}
	return b.to(ctx, contract.BulkEnded)
}

func (b *batch) reportInput(key string, ended bool) contract.BulkReportInput {
	return contract.BulkReportInput{
		Ticket: b.state.Ticket, Batch: b.in.Batch, Key: "bulk-" + key, Ended: ended, Rows: b.state.Rows, Open: b.open() + b.unstarted(),
		Tally: b.state.Tally, ETA: b.state.ETA, Why: b.state.Why, Paused: b.state.Paused,
	}
}

// tellTicket says on the ticket how it goes; what the desk does not take holds up no row.
func (b *batch) tellTicket(ctx workflow.Context, key string, ended bool) {
	b.quietly(ctx, bulkReport, "Freshservice: say how the batch goes", b.reportInput(key, ended))
}

// line is the one-liner for the UI's list.
func (b *batch) line() string {
	done := b.state.Tally.Done + b.state.Tally.Residuals
	return fmt.Sprintf("Batch %s: %s, %d of %d done, %d failed", b.in.Batch, b.state.Phase, done, b.state.Rows, b.state.Tally.Failed)
}

// table shows how far it is.
func (b *batch) table(s *strings.Builder) {
	t := b.state.Tally
	fmt.Fprintf(s, "| rows | done | with residuals | failed | under way | wait for their day | not begun |\n|---|---|---|---|---|---|---|\n| %d | %d | %d | %d | %d | %d | %d |\n\n",
		b.state.Rows, t.Done, t.Residuals, t.Failed, len(b.state.Running), len(b.state.Waiting), b.unstarted())
	if p := b.state.Paused; p != nil {
		fmt.Fprintf(s, "**Paused** by %s: %s\n\n", plain(p.By), plain(p.Reason))
	}
	if !b.state.ETA.IsZero() && b.state.Phase == contract.BulkRunning {
		fmt.Fprintf(s, "Done about %s at the pace so far.\n\n", b.state.ETA.UTC().Format("2006-01-02 15:04 MST"))
	}
	if len(t.Rows) > 0 {
		fmt.Fprintf(s, "Failed: rows %v\n\n", t.Rows[:min(len(t.Rows), 30)])
	}
}
