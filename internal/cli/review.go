package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"

	"latchkey/contract"
	"latchkey/review"
)

func newReview(f *Factory) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "review",
		Short: "Access reviews: start a campaign, look at it, hand over links, steer it",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newReviewStart(f), newReviewStatus(f), newReviewLink(f), newReviewVerify(f), newReviewKey(f),
		newReviewCommand(f, contract.UpdateExpedite, "close", "Close the reviews now: what nobody answered is left as policy's no_response says",
			"starter review close 2026-Q4 --reason \"the audit is tomorrow\""),
		newReviewCommand(f, contract.UpdateAbort, "abort", "End a campaign: what was decided is reported, nothing is taken away",
			"starter review abort 2026-Q4 --reason \"wrong scope\""),
		newReviewCommand(f, contract.UpdateRetry, "retry", "Try again what a campaign, or with --person somebody's revocations, is parked, blocked or held at",
			"starter review retry 2026-Q4 --person 00u1a2b3 --reason \"the group is there again\""),
		newReviewCommand(f, contract.UpdateSkip, "skip", "Skip a revocation that failed and leave it to a person",
			"starter review skip 2026-Q4 --person 00u1a2b3 --reason \"done by hand\""),
	)
	return cmd
}

// campaignArg reads a campaign's name.
func campaignArg(text string) (string, error) {
	if err := review.CheckCampaign(text); err != nil {
		return "", usage("%q is %v", text, err)
	}
	return text, nil
}

// reviewCommand is a command to a campaign, or to one person's revocations in it.
type reviewCommand struct {
	*Factory
	operator
	update   string
	campaign string
	person   string
	json     bool
}

func newReviewCommand(f *Factory, update, name, short, example string) *cobra.Command {
	o := &reviewCommand{Factory: f, update: update}
	cmd := &cobra.Command{
		Use: name + " CAMPAIGN", Short: short, Example: "  " + example, Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if o.campaign, err = campaignArg(args[0]); err != nil {
				return err
			}
			return o.run(cmd.Context())
		},
	}
	o.flags(cmd)
	if update == contract.UpdateRetry || update == contract.UpdateSkip {
		cmd.Flags().StringVar(&o.person, "person", "", "Okta user ID of the person whose revocations are meant (the workflow's ID ends with it)")
	}
	cmd.Flags().BoolVar(&o.json, "json", false, "print JSON")
	return cmd
}

func (o *reviewCommand) run(ctx context.Context) error {
	by, err := o.claim(o.Factory, true)
	if err != nil {
		return err
	}
	c, _, err := o.Dial(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	id := contract.ReviewWorkflowID(o.campaign)
	if o.person != "" {
		id = contract.RevocationWorkflowID(o.campaign, o.person)
	}
	var result contract.CommandResult
	if err := ask(ctx, c, id, o.update, contract.OperatorCommand{Operator: by}, &result); err != nil {
		return aboutWorkflow(ctx, id, err)
	}
	return o.printResult(result, o.json)
}

// ask sends an update and waits for its answer.
func ask(ctx context.Context, c client.Client, id, update string, arg, answer any) error {
	handle, err := c.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{
		WorkflowID: id, UpdateName: update, Args: []any{arg}, WaitForStage: client.WorkflowUpdateStageCompleted,
	})
	if err != nil {
		return err
	}
	return handle.Get(ctx, answer)
}

// aboutWorkflow puts an error about a workflow that is no ticket's in words.
func aboutWorkflow(ctx context.Context, id string, err error) error {
	if _, missing := err.(*serviceerror.NotFound); missing { //nolint:errorlint // Temporal's own, unwrapped
		return exit(NotFound, "%s is not running", id)
	}
	return explain(ctx, err)
}

// printCounts is a campaign's items in a line.
func printCounts(n contract.ReviewCounts) string {
	return fmt.Sprintf("%d items: %d certified, %d revoked, %d open; %d taken away, %d left", n.Items, n.Certified, n.Revoked, n.Open, n.Gone, n.Left)
}
