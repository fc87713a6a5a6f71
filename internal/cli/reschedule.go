package cli

import (
	"context"

	"github.com/spf13/cobra"

	"latchkey/contract"
)

// rescheduleOptions is `starter reschedule`.
type rescheduleOptions struct {
	*Factory
	operator
	ticket int64
	at     string
	json   bool
}

func newReschedule(f *Factory) *cobra.Command {
	o := &rescheduleOptions{Factory: f}
	cmd := &cobra.Command{
		Use:     "reschedule TICKET --at TIME",
		Short:   "Move a leaver's effective date",
		Example: "  starter reschedule 12 --at 2026-12-04T18:00:00+01:00 --reason \"stays until Friday\"\n  starter reschedule 12 --at 2h --reason \"after the handover\"",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if o.ticket, err = ticketArg(args[0]); err != nil {
				return err
			}
			return o.run(cmd.Context())
		},
	}
	o.flags(cmd)
	cmd.Flags().StringVar(&o.at, "at", "", "the new moment with its offset, or a distance from now such as 2h")
	cmd.Flags().BoolVar(&o.json, "json", false, "print JSON")
	return cmd
}

func (o *rescheduleOptions) run(ctx context.Context) error {
	if o.at == "" {
		return usage("say when with --at")
	}
	at, err := momentArg(o.at, o.Now())
	if err != nil {
		return err
	}
	by, err := o.claim(o.Factory, true)
	if err != nil {
		return err
	}
	return o.send(ctx, target{ticket: o.ticket}, contract.UpdateReschedule, contract.RescheduleCommand{Operator: by, At: at}, o.json)
}
