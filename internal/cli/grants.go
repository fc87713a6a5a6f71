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
)

// grantsOptions is `starter grants`.
type grantsOptions struct {
	*Factory
	json bool
}

func newGrants(f *Factory) *cobra.Command {
	o := &grantsOptions{Factory: f}
	cmd := &cobra.Command{
		Use:   "grants",
		Short: "List the time-bound grants that stand, the next end first",
		Long: "List the time-bound grants that stand, the next end first. Nothing here extends one: an approved request does.\n" +
			"What to do about one that waits: docs/runbooks/grant.md.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context()) },
	}
	cmd.Flags().BoolVar(&o.json, "json", false, "print JSON")
	return cmd
}

// openGrant is one line of `starter grants`.
type openGrant struct {
	Workflow   string         `json:"workflow"`
	OktaUserID string         `json:"okta_user_id"`
	Object     string         `json:"object"`
	Ticket     string         `json:"ticket,omitempty"`
	State      casework.State `json:"state,omitempty"`
	DueAt      time.Time      `json:"due_at,omitzero"`
	StartedAt  time.Time      `json:"started_at,omitzero"`
}

func (o *grantsOptions) run(ctx context.Context) error {
	c, _, err := o.Dial(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	running, err := activities.OpenGrants(ctx, c)
	if err != nil {
		return explain(ctx, err)
	}
	list := make([]openGrant, 0, len(running))
	for _, r := range running {
		list = append(list, openGrant(r))
	}
	slices.SortFunc(list, func(a, b openGrant) int {
		return cmp.Or(a.DueAt.Compare(b.DueAt), cmp.Compare(a.Workflow, b.Workflow))
	})
	if o.json {
		return writeJSON(o.Out, list)
	}
	rows := [][]string{{"okta user", "entitlement", "ticket", "state", "next", "since"}}
	for _, one := range list {
		rows = append(rows, []string{one.OktaUserID, one.Object, one.Ticket, words(one.State), moment(one.DueAt), moment(one.StartedAt)})
	}
	if len(list) > 0 {
		if err := table(o.Out, rows); err != nil {
			return err
		}
	}
	fmt.Fprintln(o.Err, count(len(list), "time-bound grant")+" standing")
	return nil
}
