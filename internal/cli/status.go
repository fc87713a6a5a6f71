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
	target   target
	grant    bool
	all      bool
	state    string
	json     bool
	exitCode bool
}

func newStatus(f *Factory) *cobra.Command {
	o := &statusOptions{Factory: f}
	cmd := &cobra.Command{
		Use:     "status TICKET|GRANT | --all",
		Short:   "Show how a case stands, or all that run, time-bound grants among them",
		Example: "  starter status 12\n  starter status grant/00u1abc/group:00g1abc\n  starter status --all --state needs_attention --json",
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
			if o.target, err = targetArg(args[0], o.grant); err != nil {
				return err
			}
			return o.one(cmd.Context())
		},
	}
	cmd.Flags().BoolVar(&o.all, "all", false, "list every case and every time-bound grant that runs")
	cmd.Flags().BoolVar(&o.grant, "grant", false, grantOfTicket)
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
	id, err := o.target.find(ctx, c)
	if err != nil {
		return err
	}
	value, err := c.QueryWorkflow(ctx, id, "", contract.QueryStatus)
	var status contract.CaseStatus
	if err == nil {
		err = value.Get(&status)
	}
	if err != nil {
		return o.target.about(ctx, err)
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
	Workflow  string           `json:"workflow,omitempty"` // of a time-bound grant
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
	cases := len(list)
	grants, err := activities.OpenGrants(ctx, c)
	if err != nil {
		return explain(ctx, err)
	}
	for _, g := range grants {
		if state == "" || g.State == state {
			number, _ := ticketArg(g.Ticket) // a grant that has not told whose it is comes first
			list = append(list, openCase{
				Ticket: g.Ticket, Workflow: g.Workflow, UseCase: contract.WorkflowGrant, State: g.State, DueAt: g.DueAt, StartedAt: g.StartedAt, number: number,
			})
		}
	}
	slices.SortFunc(list, func(a, b openCase) int {
		return cmp.Or(cmp.Compare(a.number, b.number), cmp.Compare(a.Workflow, b.Workflow))
	})
	if o.json {
		return writeJSON(o.Out, list)
	}
	rows := [][]string{{"ticket", "use case", "state", "due", "since", "workflow"}}
	for _, one := range list {
		rows = append(rows, []string{one.Ticket, string(one.UseCase), words(one.State), moment(one.DueAt), moment(one.StartedAt), one.Workflow})
	}
	if len(list) > 0 {
		if err := table(o.Out, rows); err != nil {
			return err
		}
	}
	under := count(cases, "case")
	if n := len(list) - cases; n > 0 {
		under += " and " + count(n, "time-bound grant")
	}
	fmt.Fprintln(o.Err, under+" under way")
	return nil
}
