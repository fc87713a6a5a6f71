package workflows

import (
	"fmt"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"latchkey/casework"
	"latchkey/contract"
	"latchkey/review"
)

// decide opens every reviewer's part and waits until all of them have ended, or the time is over.
func (c *campaign) decide(ctx workflow.Context) error {
	if err := c.openReviews(ctx); err != nil {
		return err
	}
	last := c.lastMoment()
	hurried := false // by this run
	for {
		if c.state.Hurried && !hurried {
			hurried, last = true, workflow.Now(ctx).Add(hurriedTime)
			c.closeAll(ctx)
		}
		c.listen(ctx)
		if c.open() == 0 {
			return c.to(ctx, contract.ReviewRevoking)
		}
		if err := c.rest(ctx); err != nil {
			return err
		}
		if _, err := c.wait(ctx, last, "The last review is due", func() bool { return c.open() == 0 }); err != nil {
			return err
		}
		if workflow.Now(ctx).Before(last) {
			continue
		}
		// Reviewers' workflows end by themselves when they are due. One that is not heard of is closed, and one that does
		// not run any more ended with what it told last.
		c.closeAll(ctx)
		if err := c.markGone(ctx); err != nil {
			return err
		}
		last = workflow.Now(ctx).Add(closingTime)
	}
}

// hurriedTime is how long reviewers' workflows may take to end once they are told to.
const hurriedTime = 5 * time.Minute

// lastMoment is when every review should have ended by itself.
func (c *campaign) lastMoment() time.Time {
	s := c.state.Plan.Settings
	last := c.state.Due
	if s.NoResponse == review.NoResponseEscalate {
		last = last.AddDate(0, 0, s.SecondRoundDays)
	}
	return last.Add(closingTime)
}

// open counts reviewers who have not ended.
func (c *campaign) open() int {
	n := 0
	for _, r := range c.state.Reviewers {
		if !r.Ended {
			n++
		}
	}
	return n
}

// openReviews starts the workflows of the reviewers who are not there yet.
func (c *campaign) openReviews(ctx workflow.Context) error {
	for !c.state.Listed {
		list, err := call[contract.ReviewReviewersResult](ctx, c.caseRun, reviewReviewers, fmt.Sprintf("List the reviewers from %d on", len(c.state.Reviewers)+1), contract.ReviewReviewersInput{
			Campaign: c.in.Campaign, From: len(c.state.Reviewers),
		}, false)
		if err != nil {
			return err
		}
		for _, packet := range list.Packets {
			if err := c.openReview(ctx, packet); err != nil {
				return err
			}
			c.state.Reviewers = append(c.state.Reviewers, contract.ReviewerCounts{Reviewer: packet.Reviewer, Items: packet.Items})
		}
		c.state.Listed = list.Next == 0
		c.listen(ctx)
		if err := c.breathe(ctx); err != nil {
			return err
		}
	}
	return nil
}

// openReview starts one reviewer's workflow; one that runs already is left to run.
func (c *campaign) openReview(ctx workflow.Context, packet review.PacketRef) error {
	child := workflow.ExecuteChildWorkflow(workflow.WithChildOptions(ctx, workflow.ChildWorkflowOptions{
		WorkflowID: contract.ReviewerWorkflowID(c.in.Campaign, packet.Reviewer.ID), TaskQueue: contract.QueueLatchkey,
		WorkflowIDReusePolicy: enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE_FAILED_ONLY,
		ParentClosePolicy:     enumspb.PARENT_CLOSE_POLICY_ABANDON,
		StaticSummary:         "One reviewer's part of access review " + c.in.Campaign,
		Priority:              temporal.Priority{PriorityKey: casework.PriorityReviews},
		TypedSearchAttributes: temporal.NewSearchAttributes(attrCampaign.ValueSet(c.in.Campaign)),
	}), contract.WorkflowReviewer, contract.ReviewerInput{
		State: contract.ReviewerState{
			Campaign: c.in.Campaign, Reviewer: packet.Reviewer, Items: packet.Items, Due: c.state.Due, Open: true,
		},
		Tend: &contract.ReviewTending{Title: c.state.Title, Begun: c.state.StartedAt, Packet: packet, Settings: c.state.Plan.Settings},
	})
	err := child.GetChildWorkflowExecution().Get(ctx, nil)
	if temporal.IsWorkflowExecutionAlreadyStartedError(err) {
		return nil
	}
	return err
}

// closeAll tells the reviewers' workflows that nothing more counts.
func (c *campaign) closeAll(ctx workflow.Context) {
	for _, r := range c.state.Reviewers {
		if !r.Ended {
			// One that is not there any more has nothing to be told.
			_ = workflow.SignalExternalWorkflow(ctx, contract.ReviewerWorkflowID(c.in.Campaign, r.Reviewer.ID), "", contract.SignalReviewClose, nil).Get(ctx, nil)
		}
	}
}

// markGone ends the parts of reviewers whose workflow does not run any more.
func (c *campaign) markGone(ctx workflow.Context) error {
	c.listen(ctx)
	for i := range c.state.Reviewers {
		r := &c.state.Reviewers[i]
		if r.Ended {
			continue
		}
		res, err := call[contract.CaseOpenResult](ctx, c.caseRun, caseOpen, "Ask whether a reviewer's workflow still runs", contract.CaseOpenInput{
			Workflow: contract.ReviewerWorkflowID(c.in.Campaign, r.Reviewer.ID),
		}, false)
		if err != nil {
			return err
		}
		if c.listen(ctx); !res.Open && !r.Ended {
			r.Ended = true
			c.note(ctx, "The workflow of reviewer "+r.Reviewer.ID+" does not run any more: what it told last counts.")
		}
	}
	return nil
}
