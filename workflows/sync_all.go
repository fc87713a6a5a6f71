package workflows

import (
	"fmt"
	"strings"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"latchkey/casework"
	"latchkey/contract"
)

const (
	syncAtOnce   = 10  // people who are worked on side by side
	syncAllLines = 300 // differences that a walk's result shows; its report holds all
)

// SyncAll walks everybody: the desk is read once, Okta page by page, and only those who differ are worked on, a few at a
// time. One run is one part of the walk. Under observe, and for a look, it writes the report and nothing else.
func SyncAll(ctx workflow.Context, in contract.SyncAllInput) (contract.SyncAllResult, error) {
	if in.Carry == nil {
		carry, err := beginWalk(ctx, in)
		if err != nil || carry.Result.Mode == casework.ModeOff && !in.Look {
			return carry.Result, err
		}
		in.Carry = &carry
	}
	c := in.Carry
	part, err := syncStep[contract.SyncWalkResult](ctx, syncWalk, fmt.Sprintf("Okta: compare everybody, part %d", c.Part+1), contract.SyncWalkInput{
		Desk: c.Desk, Started: c.Started, Cursor: c.Cursor, Part: c.Part,
	})
	if err != nil {
		return c.Result, err
	}
	takePart(c, part)
	publishWalk(ctx, c)
	if part.Mode == casework.ModeAct && !in.Look {
		if err := workOn(ctx, c, part.Work); err != nil {
			return c.Result, err
		}
		publishWalk(ctx, c)
	}
	if part.Next != "" {
		return c.Result, workflow.NewContinueAsNewError(ctx, contract.WorkflowSyncAll, in)
	}
	return c.Result, nil
}

// takePart adds a part to the walk.
func takePart(c *contract.SyncAllCarry, part contract.SyncWalkResult) {
	r := &c.Result
	r.Counts.Add(part.Counts)
	r.Mode = part.Mode
	r.Lines = append(r.Lines, part.Lines[:min(len(part.Lines), syncAllLines-len(r.Lines))]...)
	if len(r.Reports) == 0 {
		r.Reports = []string{part.Report}
	}
	c.Cursor, c.Part = part.Next, c.Part+1
}

func beginWalk(ctx workflow.Context, in contract.SyncAllInput) (contract.SyncAllCarry, error) {
	c := contract.SyncAllCarry{Started: workflow.Now(ctx).UTC(), Desk: "sync/desk/everybody.json"}
	if in.Look {
		c.Desk = "sync/desk/everybody-look.json" // beside a walk that works
	}
	read, err := syncStep[contract.SyncReadDeskResult](ctx, syncReadDesk, "Freshservice: read everybody", contract.SyncReadDeskInput{Key: c.Desk, Unless: !in.Look})
	c.Result.Mode = read.Mode
	return c, err
}

// workOn syncs people, so many at once, each in their own workflow. One whose workflow runs already is nudged.
func workOn(ctx workflow.Context, c *contract.SyncAllCarry, people []string) error {
	if c.Result.Ends == nil {
		c.Result.Ends = map[contract.SyncEnd]int{}
	}
	slots := workflow.NewSemaphore(ctx, syncAtOnce)
	wait := workflow.NewWaitGroup(ctx)
	for _, person := range people {
		if err := slots.Acquire(ctx, 1); err != nil {
			return err
		}
		wait.Add(1)
		workflow.Go(ctx, func(ctx workflow.Context) {
			defer wait.Done()
			defer slots.Release(1)
			c.Result.Ends[syncOne(ctx, person)]++
		})
	}
	wait.Wait(ctx)
	return ctx.Err()
}

// syncOne runs one person's sync to its end.
func syncOne(ctx workflow.Context, person string) contract.SyncEnd {
	child, started := startSync(ctx, contract.SyncInput{OktaUserID: person, Idle: -time.Second})
	if !started {
		return contract.SyncNudged
	}
	var result contract.SyncResult
	if err := child.Get(ctx, &result); err != nil {
		return contract.SyncFailed
	}
	return result.End
}

// startSync starts a person's workflow, or nudges the one that runs.
func startSync(ctx workflow.Context, in contract.SyncInput) (workflow.ChildWorkflowFuture, bool) {
	id := contract.SyncWorkflowID(in.OktaUserID)
	child := workflow.ExecuteChildWorkflow(workflow.WithChildOptions(ctx, workflow.ChildWorkflowOptions{
		WorkflowID: id, TaskQueue: contract.QueueLatchkey,
		WorkflowIDReusePolicy: enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
		ParentClosePolicy:     enumspb.PARENT_CLOSE_POLICY_ABANDON,
		StaticSummary:         "Profile sync of one person",
		Priority:              temporal.Priority{PriorityKey: casework.PriorityBulk},
		TypedSearchAttributes: temporal.NewSearchAttributes(attrOktaUser.ValueSet(in.OktaUserID)),
	}), string(casework.ProfileSync), in)
	err := child.GetChildWorkflowExecution().Get(ctx, nil)
	if err == nil {
		return child, true
	}
	// It runs already, or ended this moment: then the walk that comes next finds what is left.
	_ = workflow.SignalExternalWorkflow(ctx, id, "", contract.SignalNudge, nil).Get(ctx, nil)
	return nil, false
}

func publishWalk(ctx workflow.Context, c *contract.SyncAllCarry) {
	var b strings.Builder
	n := c.Result.Counts
	fmt.Fprintf(&b, "**Profile sync of everybody**, begun %s, mode %s\n\n", c.Started.Format("2006-01-02 15:04 MST"), c.Result.Mode)
	fmt.Fprintf(&b, "%d people compared, %d with something to do, %d with other differences, %d not on the desk, %d not in Okta, %d ambiguous.\n\n",
		n.People, n.Differ, n.Reported, n.NotDesk, n.NotOkta, n.Unsure)
	for _, end := range []contract.SyncEnd{
		contract.SyncWritten, contract.SyncAlike, contract.SyncLeft, contract.SyncMissing, contract.SyncNudged, contract.SyncFailed, contract.SyncOut, contract.SyncNobody,
	} {
		if count := c.Result.Ends[end]; count > 0 {
			fmt.Fprintf(&b, "- %s: %d\n", end, count)
		}
	}
	for _, report := range c.Result.Reports {
		fmt.Fprintf(&b, "\nReport: `%s`\n", report)
	}
	b.WriteString("\n")
	syncTable(&b, c.Result.Lines)
	workflow.SetCurrentDetails(ctx, clip(b.String(), detailsLimit))
}
