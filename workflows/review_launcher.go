package workflows

import (
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"latchkey/casework"
	"latchkey/contract"
)

// ReviewLauncher is what the schedule starts: policy names the campaign of this moment (2026-Q4), and the campaign is
// started unless it is there. It answers with the campaign's name.
func ReviewLauncher(ctx workflow.Context) (string, error) {
	now := workflow.Now(ctx).UTC()
	var plan contract.ReviewPlanResult
	err := workflow.ExecuteActivity(reviewPlan.with(ctx, 24*time.Hour, casework.PriorityReviews, "Policy: which campaign is due"), reviewPlan.name,
		contract.ReviewPlanInput{At: now}).Get(ctx, &plan)
	if err != nil || plan.Mode == casework.ModeOff {
		return "", err
	}
	child := workflow.ExecuteChildWorkflow(workflow.WithChildOptions(ctx, workflow.ChildWorkflowOptions{
		WorkflowID: contract.ReviewWorkflowID(plan.Campaign), TaskQueue: contract.QueueLatchkey,
		// A campaign that ended is not run again by the schedule.
		WorkflowIDReusePolicy: enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE_FAILED_ONLY,
		ParentClosePolicy:     enumspb.PARENT_CLOSE_POLICY_ABANDON,
		StaticSummary:         "Access review " + plan.Campaign,
		Priority:              temporal.Priority{PriorityKey: casework.PriorityReviews},
		TypedSearchAttributes: temporal.NewSearchAttributes(attrCampaign.ValueSet(plan.Campaign)),
	}), string(casework.AccessReview), contract.ReviewInput{Campaign: plan.Campaign})
	err = child.GetChildWorkflowExecution().Get(ctx, nil)
	if temporal.IsWorkflowExecutionAlreadyStartedError(err) {
		err = nil
	}
	return plan.Campaign, err
}
