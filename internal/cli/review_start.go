package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	sdktemporal "go.temporal.io/sdk/temporal"

	"latchkey/casework"
	"latchkey/contract"
	"latchkey/review"
)

// reviewStart is `starter review start`.
type reviewStart struct {
	*Factory
	operator
	campaign string
	scope    string
	json     bool
}

func newReviewStart(f *Factory) *cobra.Command {
	o := &reviewStart{Factory: f}
	cmd := &cobra.Command{
		Use:   "start [CAMPAIGN]",
		Short: "Start an access review",
		Long: `Starts a campaign: Latchkey reads who has what in Okta, joins it with the active
employees, and asks each reviewer on a ticket. Without a name, policy names it by this
moment, as its schedule does (2026-Q4). A campaign of the same name that ended is not run
again: give another name, such as 2026-Q4-finance.
What it does depends on the mode in review.yaml: observe writes its report and asks nobody.`,
		Example: "  starter review start\n  starter review start 2026-Q4-payroll --scope 'grant.name == \"Payroll\"'",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if len(args) == 1 {
				if o.campaign, err = campaignArg(args[0]); err != nil {
					return err
				}
			}
			return o.run(cmd.Context())
		},
	}
	o.flags(cmd)
	cmd.Flags().StringVar(&o.scope, "scope", "", "expression over person and grant in place of policy's scope")
	cmd.Flags().BoolVar(&o.json, "json", false, "print JSON")
	return cmd
}

// started is what `review start` did.
type startedReview struct {
	Campaign string `json:"campaign"`
	Workflow string `json:"workflow"`
}

func (o *reviewStart) run(ctx context.Context) error {
	by, err := o.claim(o.Factory, false)
	if err != nil {
		return err
	}
	c, _, err := o.Dial(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	if o.campaign == "" && o.scope != "" {
		return usage("a scope of its own needs a name of its own: starter review start 2026-Q4-payroll --scope …")
	}
	if o.campaign == "" {
		if err := o.launch(ctx, c); err != nil {
			return err
		}
	} else if err := o.begin(ctx, c, by); err != nil {
		return err
	}
	result := startedReview{Campaign: o.campaign, Workflow: contract.ReviewWorkflowID(o.campaign)}
	if o.json {
		return writeJSON(o.Out, result)
	}
	fmt.Fprintf(o.Out, "%s is running: starter review status %s\n", result.Workflow, result.Campaign)
	return nil
}

// launch has policy name the campaign, as the schedule does.
func (o *reviewStart) launch(ctx context.Context, c client.Client) error {
	ctx, cancel := context.WithTimeout(ctx, planWithin)
	defer cancel()
	run, err := c.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: "review-launcher", TaskQueue: contract.QueueLatchkey, StaticSummary: "Start the access review that is due",
		WorkflowIDConflictPolicy: enumspb.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
		Priority:                 sdktemporal.Priority{PriorityKey: casework.PriorityReviews},
	}, contract.WorkflowReviewLaunch)
	if err == nil {
		err = run.Get(ctx, &o.campaign)
	}
	if err != nil {
		return explain(ctx, err)
	}
	if o.campaign == "" {
		return exit(Refused, "policy switches access reviews off (review.yaml: mode)")
	}
	return nil
}

// begin starts the campaign of a name.
func (o *reviewStart) begin(ctx context.Context, c client.Client, by contract.Operator) error {
	if err := review.CheckCampaign(o.campaign); err != nil {
		return usage("%v", err)
	}
	_, err := c.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: contract.ReviewWorkflowID(o.campaign), TaskQueue: contract.QueueLatchkey, StaticSummary: "Access review " + o.campaign,
		WorkflowIDReusePolicy:                    enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE_FAILED_ONLY,
		WorkflowExecutionErrorWhenAlreadyStarted: true,
		Priority:                                 sdktemporal.Priority{PriorityKey: casework.PriorityReviews},
		TypedSearchAttributes:                    sdktemporal.NewSearchAttributes(sdktemporal.NewSearchAttributeKeyKeyword(contract.AttrCampaign).ValueSet(o.campaign)),
	}, string(casework.AccessReview), contract.ReviewInput{Campaign: o.campaign, Named: &by, Scope: o.scope})
	if sdktemporal.IsWorkflowExecutionAlreadyStartedError(err) {
		return exit(Refused, "a campaign %s runs or has ended: look with `starter review status %s`, or give another name", o.campaign, o.campaign)
	}
	return explain(ctx, err)
}
