package cli

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"latchkey/activities"
	"latchkey/casework"
	"latchkey/contract"
)

// statusOptions is `starter status`.
type statusOptions struct {
	*Factory
	ticket   int64
	all      bool
	state    string
	json     bool
	exitCode bool
}

func newStatus(f *Factory) *cobra.Command {
	o := &statusOptions{Factory: f}
	cmd := &cobra.Command{
		Use:     "status TICKET | --all",
		Short:   "Show how a case stands, or all that run",
		Example: "  starter status 12\n  starter status --all --state needs_attention --json",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			switch {
			case o.all == (len(args) == 1):
				return usage("name a ticket, or give --all")
			case o.all:
				return o.list(cmd.Context())
			case o.state != "":
				return usage("--state goes with --all")
			}
			if o.ticket, err = ticketArg(args[0]); err != nil {
				return err
			}
			return o.one(cmd.Context())
		},
	}
	cmd.Flags().BoolVar(&o.all, "all", false, "list every case that runs")
	cmd.Flags().StringVar(&o.state, "state", "", "with --all: only cases in this state, such as needs_attention")
	cmd.Flags().BoolVar(&o.exitCode, "exit-code", false, "exit with 8 while the case is under way, and 0 once it is reported")
	cmd.Flags().BoolVar(&o.json, "json", false, "print JSON")
	return cmd
}

func (o *statusOptions) one(ctx context.Context) error {
	c, _, err := o.Dial(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	value, err := c.QueryWorkflow(ctx, contract.TicketWorkflowID(o.ticket), "", contract.QueryStatus)
	var status contract.CaseStatus
	if err == nil {
		err = value.Get(&status)
	}
	if err != nil {
		return about(ctx, o.ticket, err)
	}
	if o.json {
		err = writeJSON(o.Out, status)
	} else {
		err = printStatus(o.Out, status)
	}
	if err == nil && o.exitCode && status.Case.Reported == nil && status.State != casework.StateDone {
		return silent(Pending)
	}
	return err
}

// openCase is one line of `status --all`.
type openCase struct {
	Ticket    string           `json:"ticket"`
	UseCase   casework.UseCase `json:"use_case,omitempty"`
	State     casework.State   `json:"state,omitempty"`
	DueAt     time.Time        `json:"due_at,omitzero"`
	StartedAt time.Time        `json:"started_at,omitzero"`

	number int64
}

func (o *statusOptions) list(ctx context.Context) error {
	state, err := stateArg(o.state)
	if err != nil {
		return err
	}
	c, _, err := o.Dial(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	running, err := activities.NewCluster(c).OpenCases(ctx)
	if err != nil {
		return explain(ctx, err)
	}
	list := []openCase{}
	for _, r := range running {
		if state == "" || r.State == state {
			list = append(list, openCase{
				Ticket: contract.TicketLabel(r.Ticket), UseCase: r.UseCase, State: r.State, DueAt: r.DueAt, StartedAt: r.StartedAt, number: r.Ticket,
			})
		}
	}
	slices.SortFunc(list, func(a, b openCase) int { return cmp.Compare(a.number, b.number) })
	if o.json {
		return writeJSON(o.Out, list)
	}
	rows := [][]string{{"ticket", "use case", "state", "due", "since"}}
	for _, one := range list {
		rows = append(rows, []string{one.Ticket, string(one.UseCase), words(one.State), moment(one.DueAt), moment(one.StartedAt)})
	}
	if len(list) > 0 {
		if err := table(o.Out, rows); err != nil {
			return err
		}
	}
	fmt.Fprintln(o.Err, count(len(list), "case")+" under way")
	return nil
}
