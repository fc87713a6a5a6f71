package workflows

import (
	"fmt"
	"slices"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"latchkey/casework"
	"latchkey/contract"
)

const (
	rowsChecked   = 10 * time.Minute // between looks at rows that nobody hears of
	failedFor     = 7 * 24 * time.Hour
	failedMost    = 1000 // failed rows that a state lists
	defaultWindow = 20
)

// runRows keeps the window full until every row has ended. Rows that wait for their day take no place in it. Failed rows
// keep the batch open for a week, so that an operator can have them tried again.
func (b *batch) runRows(ctx workflow.Context) error {
	for {
		b.listen(ctx)
		if err := b.takeAgain(ctx); err != nil {
			return err
		}
		if err := b.fill(ctx); err != nil {
			return err
		}
		b.reckon(ctx)
		if b.open() == 0 && b.unstarted() == 0 {
			over, err := b.settled(ctx)
			if err != nil || over {
				return err
			}
			continue
		}
		if err := b.rest(ctx); err != nil {
			return err
		}
		why, err := b.wait(ctx, workflow.Now(ctx).Add(rowsChecked), "Looking after rows that nobody hears of", func() bool { return b.again })
		if err != nil {
			return err
		}
		if why == wokeByNudge {
			if err := b.endedByPerson(ctx); err != nil {
				return err
			}
		}
		if why == wokeByTime {
			if err := b.findLost(ctx); err != nil {
				return err
			}
		}
	}
}

// open counts rows that have begun and not ended.
func (b *batch) open() int { return len(b.state.Running) + len(b.state.Waiting) }

// unstarted counts rows that have not begun.
func (b *batch) unstarted() int { return b.state.Rows - b.state.Next + 1 + len(b.state.Again) }

// listen takes in what rows told.
func (b *batch) listen(ctx workflow.Context) {
	var told contract.BulkRowState
	for b.rows.ReceiveAsync(&told) {
		b.hearRow(told)
		told = contract.BulkRowState{}
	}
	b.reckon(ctx)
}

func (b *batch) hearRow(told contract.BulkRowState) {
	running, waiting := slices.Index(b.state.Running, told.Row), slices.Index(b.state.Waiting, told.Row)
	switch {
	case running < 0 && waiting < 0: // it was counted before
	case told.End != "":
		if running >= 0 {
			b.state.Running = slices.Delete(b.state.Running, running, running+1)
		} else {
			b.state.Waiting = slices.Delete(b.state.Waiting, waiting, waiting+1)
		}
		b.count(told.Row, told.End)
	case told.Waits && running >= 0:
		b.state.Running = slices.Delete(b.state.Running, running, running+1)
		b.state.Waiting = append(b.state.Waiting, told.Row)
	}
}

func (b *batch) count(row int, end casework.End) {
	t := &b.state.Tally
	switch {
	case contract.BulkFailed(end):
		if t.Failed++; len(t.Rows) < failedMost {
			t.Rows = append(t.Rows, row)
		}
	case end == casework.EndResiduals:
		t.Residuals++
	default:
		t.Done++
	}
}

// fill starts rows while the window has room.
func (b *batch) fill(ctx workflow.Context) error {
	window := b.state.Window
	if window <= 0 {
		window = defaultWindow
	}
	for b.state.Paused == nil && b.unstarted() > 0 && len(b.state.Running) < window {
		from, most := b.nextRows(window - len(b.state.Running))
		list, err := call[contract.BulkRowsResult](ctx, b.caseRun, bulkRows, fmt.Sprintf("Read rows %d to %d", from, from+most-1), contract.BulkRowsInput{
			Batch: b.in.Batch, Digest: b.state.Digest, From: from, Most: most,
		}, false)
		if err != nil {
			return err
		}
		for i, request := range list.Rows {
			if err := b.startRow(ctx, from+i, request); err != nil {
				return err
			}
		}
		b.listen(ctx)
	}
	return nil
}

// nextRows is the next stretch of rows to start: those that are tried again first, one by one.
func (b *batch) nextRows(room int) (from, most int) {
	if len(b.state.Again) > 0 {
		return b.state.Again[0], 1
	}
	return b.state.Next, min(room, b.state.Rows-b.state.Next+1)
}

func (b *batch) startRow(ctx workflow.Context, row int, request casework.Request) error {
	child := workflow.ExecuteChildWorkflow(workflow.WithChildOptions(ctx, workflow.ChildWorkflowOptions{
		WorkflowID: contract.BulkRowWorkflowID(b.in.Batch, row), TaskQueue: contract.QueueLatchkey,
		WorkflowIDReusePolicy: enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
		ParentClosePolicy:     enumspb.PARENT_CLOSE_POLICY_ABANDON,
		StaticSummary:         fmt.Sprintf("Row %d of batch %s", row, b.in.Batch),
		Priority:              temporal.Priority{PriorityKey: casework.PriorityBulk},
		TypedSearchAttributes: temporal.NewSearchAttributes(attrBatch.ValueSet(b.in.Batch)),
	}), contract.WorkflowBulkRow, contract.BulkRowInput{
		Batch: b.in.Batch, Row: row, Ticket: b.Request.Ticket, Request: request, Times: b.Times, Owner: b.Owner,
	})
	err := child.GetChildWorkflowExecution().Get(ctx, nil)
	if err != nil && !temporal.IsWorkflowExecutionAlreadyStartedError(err) {
		return err
	}
	b.state.Running = append(b.state.Running, row)
	if len(b.state.Again) > 0 && b.state.Again[0] == row {
		b.state.Again = b.state.Again[1:]
	} else if row == b.state.Next {
		b.state.Next++
	}
	return nil
}

// takeAgain puts failed rows back into the line, where an operator asked for it.
func (b *batch) takeAgain(ctx workflow.Context) error {
	if !b.again {
		return nil
	}
	b.again = false
	tally, err := call[contract.BulkTallyResult](ctx, b.caseRun, bulkTally, "Find the rows that failed", contract.BulkTallyInput{Batch: b.in.Batch, Rows: b.in.Rows}, false)
	if err != nil {
		return err
	}
	for _, row := range tally.Rows {
		if !slices.Contains(b.state.Again, row) && !slices.Contains(b.state.Running, row) && !slices.Contains(b.state.Waiting, row) {
			b.state.Again = append(b.state.Again, row)
			b.state.Tally.Failed = max(b.state.Tally.Failed-1, 0)
		}
	}
	b.state.Tally.Rows = nil
	return nil
}

// settled is called when every row has ended. It says whether the batch is over: failed rows are waited for, so that a
// person can look and have them tried again.
func (b *batch) settled(ctx workflow.Context) (bool, error) {
	if b.state.Tally.Failed == 0 {
		return true, b.to(ctx, contract.BulkReporting)
	}
	b.tellTicket(ctx, fmt.Sprintf("failed-%d", workflow.Now(ctx).Unix()), false)
	before := b.State
	b.State = casework.StateNeedsAttention
	b.trouble = fmt.Sprintf("%d rows failed. `starter bulk retry %s` tries them again, `starter bulk finish %s` ends the batch; it ends by itself after a week.", b.state.Tally.Failed, b.in.Batch, b.in.Batch)
	deadline := workflow.Now(ctx).Add(failedFor)
	for !b.again && !b.finish && workflow.Now(ctx).Before(deadline) {
		why, err := b.wait(ctx, deadline, "The batch ends with failed rows", func() bool { return b.again || b.finish })
		if err != nil {
			return false, err
		}
		if why == wokeByNudge {
			if err := b.endedByPerson(ctx); err != nil {
				return false, err
			}
		}
	}
	b.State, b.trouble = before, ""
	if b.again {
		return false, nil
	}
	return true, b.to(ctx, contract.BulkReporting)
}

// findLost looks after rows under way that nobody hears of: one whose workflow does not run any more has ended, and its
// result, if it left one, is counted at the end.
func (b *batch) findLost(ctx workflow.Context) error {
	for _, row := range slices.Concat(b.state.Running, b.state.Waiting) {
		res, err := call[contract.CaseOpenResult](ctx, b.caseRun, caseOpen, fmt.Sprintf("Ask whether row %d still runs", row), contract.CaseOpenInput{
			Workflow: contract.BulkRowWorkflowID(b.in.Batch, row),
		}, false)
		if err != nil {
			return err
		}
		if b.listen(ctx); !res.Open {
			b.hearRow(contract.BulkRowState{Row: row, End: casework.EndAborted})
		}
	}
	return nil
}

// reckon says when the last row should be done at the pace so far.
func (b *batch) reckon(ctx workflow.Context) {
	done := b.state.Tally.Done + b.state.Tally.Residuals + b.state.Tally.Failed
	left := len(b.state.Running) + b.unstarted()
	b.state.ETA = zeroTime
	if done < 10 || left == 0 || b.state.Paused != nil || b.state.BeganAt.IsZero() {
		return
	}
	now := workflow.Now(ctx)
	b.state.ETA = now.Add(time.Duration(float64(now.Sub(b.state.BeganAt)) / float64(done) * float64(left))).UTC().Truncate(time.Second)
}
