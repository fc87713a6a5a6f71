package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"latchkey/activities/nudge"
	"latchkey/contract"
)

// startOptions is `starter start`.
type startOptions struct {
	*Factory
	operator
	tickets []int64
	json    bool
}

func newStart(f *Factory) *cobra.Command {
	o := &startOptions{Factory: f}
	cmd := &cobra.Command{
		Use:   "start TICKET...",
		Short: "Name a ticket: start its case, or make the one that runs look again",
		Long: `Names a ticket as a person does. A case that runs reads its ticket again; where none
runs one is started, also for a ticket older than the moment its use case entered act.
It decides nothing: policy still says whether the ticket is wanted and who approves.`,
		Example: "  starter start 12 --reason \"the requester called\"\n  starter start SR-12 INC-13",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			for _, a := range args {
				n, err := ticketArg(a)
				if err != nil {
					return err
				}
				o.tickets = append(o.tickets, n)
			}
			return o.run(cmd.Context())
		},
	}
	o.flags(cmd)
	cmd.Flags().BoolVar(&o.json, "json", false, "print JSON")
	return cmd
}

// startedCase is what `start` prints for one ticket.
type startedCase struct {
	Ticket     string `json:"ticket"`
	WorkflowID string `json:"workflow_id"`
}

func (o *startOptions) run(ctx context.Context) error {
	named, err := o.claim(o.Factory, false)
	if err != nil {
		return err
	}
	if named.Reason == "" {
		named.Reason = "named by hand"
	}
	c, _, err := o.Dial(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	started := make([]startedCase, 0, len(o.tickets))
	for _, ticket := range o.tickets {
		if err := nudge.Ticket(ctx, c, ticket, &named); err != nil {
			return fmt.Errorf("%s: %w", contract.TicketLabel(ticket), explain(ctx, err))
		}
		one := startedCase{Ticket: contract.TicketLabel(ticket), WorkflowID: contract.TicketWorkflowID(ticket)}
		started = append(started, one)
		if !o.json {
			fmt.Fprintln(o.Out, one.WorkflowID)
			fmt.Fprintf(o.Err, "%s is named; `starter status %d` shows how it goes\n", one.Ticket, ticket)
		}
	}
	if o.json {
		return writeJSON(o.Out, started)
	}
	return nil
}
