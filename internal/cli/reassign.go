package cli

import (
	"context"

	"github.com/spf13/cobra"

	"latchkey/contract"
)

// reassignOptions is `starter reassign`.
type reassignOptions struct {
	*Factory
	operator
	ticket int64
	to     string
	unit   string
	json   bool
}

func newReassign(f *Factory) *cobra.Command {
	o := &reassignOptions{Factory: f}
	cmd := &cobra.Command{
		Use:   "reassign TICKET --to ADDRESS",
		Short: "Ask another person whom policy allows for the open level",
		Long: `Asks one more person at the level that is open. Policy must already allow that person
for that level; your name is only a claim and widens nothing.`,
		Example: "  starter reassign 12 --to grace@example.com --reason \"the manager is on leave\"",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if o.ticket, err = ticketArg(args[0]); err != nil {
				return err
			}
			return o.run(cmd.Context())
		},
	}
	o.flags(cmd)
	cmd.Flags().StringVar(&o.to, "to", "", "e-mail address of the person to ask")
	cmd.Flags().StringVar(&o.unit, "unit", "", "which requested item, where the ticket has several (status lists them)")
	cmd.Flags().BoolVar(&o.json, "json", false, "print JSON")
	return cmd
}

func (o *reassignOptions) run(ctx context.Context) error {
	if o.to == "" {
		return usage("say whom with --to, an e-mail address")
	}
	by, err := o.claim(o.Factory, true)
	if err != nil {
		return err
	}
	return o.send(ctx, target{ticket: o.ticket}, contract.UpdateReassign, contract.ReassignCommand{Operator: by, Unit: o.unit, To: o.to}, o.json)
}
