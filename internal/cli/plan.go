package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	sdktemporal "go.temporal.io/sdk/temporal"

	"latchkey/casework"
	"latchkey/contract"
)

// planWithin bounds a preview: somebody waits at a terminal, but a rate budget may hold it for a minute.
const planWithin = 5 * time.Minute

// planOptions is `starter plan`.
type planOptions struct {
	*Factory
	ticket int64
	json   bool
}

func newPlan(f *Factory) *cobra.Command {
	o := &planOptions{Factory: f}
	var named string
	cmd := &cobra.Command{
		Use:   "plan TICKET | --ticket TICKET",
		Short: "Show what would be done for a ticket, and who would be asked; changes nothing",
		Long: `Reads the ticket and the present state of Okta and shows the plan by the policy in
force, whatever its mode. It writes nothing anywhere. A worker does the reading, so no
vendor's credential is needed here. Exit code 8: the ticket lacks something.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			switch {
			case len(args) == 1 && named != "":
				return usage("name the ticket once: as the argument or with --ticket")
			case len(args) == 1:
				named = args[0]
			case named == "":
				return usage("name a ticket, such as: starter plan 12")
			}
			if o.ticket, err = ticketArg(named); err != nil {
				return err
			}
			return o.run(cmd.Context())
		},
	}
	cmd.Flags().StringVar(&named, "ticket", "", "the ticket, instead of the argument")
	cmd.Flags().BoolVar(&o.json, "json", false, "print JSON")
	return cmd
}

func (o *planOptions) run(ctx context.Context) error {
	c, _, err := o.Dial(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	ctx, cancel := context.WithTimeout(ctx, planWithin)
	defer cancel()
	run, err := c.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID:                       "preview/" + contract.TicketLabel(o.ticket),
		TaskQueue:                contract.QueueLatchkey,
		WorkflowIDConflictPolicy: enumspb.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING, // two people may look at once
		WorkflowIDReusePolicy:    enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
		WorkflowExecutionTimeout: planWithin,
		StaticSummary:            "What would be done for " + contract.TicketLabel(o.ticket),
		Priority:                 sdktemporal.Priority{PriorityKey: casework.PriorityPeople},
	}, contract.WorkflowPreview, contract.PreviewInput{Ticket: o.ticket})
	if err != nil {
		return explain(ctx, err)
	}
	var preview contract.PreviewResult
	if err := run.Get(ctx, &preview); err != nil {
		return explainPreview(ctx, o.ticket, err)
	}
	if preview.Request.Ticket.Gone {
		return exit(NotFound, "%s is not there: deleted, marked as spam, or not visible to Latchkey's agent", contract.TicketLabel(o.ticket))
	}
	if o.json {
		err = writeJSON(o.Out, preview)
	} else {
		err = printPreview(o.Out, preview)
	}
	if err == nil && len(preview.Missing) > 0 {
		fmt.Fprintln(o.Err, "the ticket lacks something: there is no plan yet")
		return silent(Pending)
	}
	return err
}

// explainPreview tells a failed reading by its kind: the ticket that is not there is the common one.
func explainPreview(ctx context.Context, ticket int64, err error) error {
	kind, text, ok := failedActivity(err)
	if !ok {
		return explain(ctx, err)
	}
	switch kind {
	case casework.NotFound:
		return exit(NotFound, "%s: %s", contract.TicketLabel(ticket), text)
	case casework.Unauthorized:
		return exit(Unauthorised, "%s", text)
	case casework.RateLimited, casework.Unavailable, casework.Ambiguous, casework.Conflict, casework.Invalid, casework.Denied:
	}
	return exit(Failed, "%s", text)
}
