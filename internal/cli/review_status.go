package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"latchkey/contract"
)

// reviewStatus is `starter review status`.
type reviewStatus struct {
	*Factory
	campaign string
	open     bool
	json     bool
}

func newReviewStatus(f *Factory) *cobra.Command {
	o := &reviewStatus{Factory: f}
	cmd := &cobra.Command{
		Use:   "status CAMPAIGN",
		Short: "Where a campaign stands, reviewer by reviewer",
		Long: `Shows the phase, the snapshot, the items and each reviewer's progress. Exit code 8: the
campaign has not ended.`,
		Example: "  starter review status 2026-Q4 --open",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if o.campaign, err = campaignArg(args[0]); err != nil {
				return err
			}
			return o.run(cmd.Context())
		},
	}
	cmd.Flags().BoolVar(&o.open, "open", false, "only reviewers who are not done")
	cmd.Flags().BoolVar(&o.json, "json", false, "print JSON")
	return cmd
}

func (o *reviewStatus) run(ctx context.Context) error {
	c, _, err := o.Dial(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	id := contract.ReviewWorkflowID(o.campaign)
	value, err := c.QueryWorkflow(ctx, id, "", contract.QueryReview)
	if err != nil {
		return aboutWorkflow(ctx, id, err)
	}
	var state contract.ReviewState
	if err := value.Get(&state); err != nil {
		return fmt.Errorf("the answer of %s cannot be read: %w", id, err)
	}
	if o.json {
		err = writeJSON(o.Out, state)
	} else {
		err = o.print(state)
	}
	if err == nil && state.Phase != contract.ReviewEnded {
		return silent(Pending)
	}
	return err
}

func (o *reviewStatus) print(s contract.ReviewState) error {
	snapshot := fmt.Sprintf("%d accounts, %d groups, %d applications, %d grants, %d calls", s.Snapshot.Users, s.Snapshot.Groups, s.Snapshot.Apps, s.Snapshot.Grants, s.Snapshot.Calls)
	if !s.Snapshot.Done && s.Snapshot.Left > 0 {
		snapshot += fmt.Sprintf("; about %d calls left", s.Snapshot.Left)
	}
	rows := [][]string{
		{"campaign", s.Campaign, s.Title},
		{"phase", string(s.Phase)},
		{"mode", string(s.Mode)},
		{"started", moment(s.StartedAt)},
		{"due", moment(s.Due)},
		{"snapshot", snapshot},
		{"", printCounts(s.Counts)},
	}
	if s.Ticket != 0 {
		rows = append(rows, []string{"ticket", contract.TicketLabel(s.Ticket)})
	}
	if s.Why != "" {
		rows = append(rows, []string{"ended early", s.Why})
	}
	if len(s.Snapshot.Partial) > 0 {
		rows = append(rows, []string{"not complete", strings.Join(s.Snapshot.Partial, "; ")})
	}
	for _, left := range s.Sources {
		rows = append(rows, []string{"at its source", fmt.Sprintf("%s of %d: %s", left.Object, left.People, left.Why), left.Owner})
	}
	if s.Evidence != "" {
		rows = append(rows, []string{"evidence", s.Pack}, []string{"digest", s.Evidence})
	}
	if err := table(o.Out, rows); err != nil {
		return err
	}
	return o.printReviewers(s.Reviewers)
}

func (o *reviewStatus) printReviewers(list []contract.ReviewerCounts) error {
	rows := [][]string{{"REVIEWER", "OKTA ID", "TICKET", "ITEMS", "CERTIFIED", "REVOKED", ""}}
	for _, r := range list {
		if o.open && r.Ended {
			continue
		}
		var notes []string
		if r.Ended {
			notes = append(notes, "done")
		}
		if r.Stamped {
			notes = append(notes, "answered by few clicks")
		}
		rows = append(rows, []string{
			r.Reviewer.Name, r.Reviewer.ID, contract.TicketLabel(r.Ticket), fmt.Sprint(r.Items), fmt.Sprint(r.Certified), fmt.Sprint(r.Revoked), strings.Join(notes, ", "),
		})
	}
	if len(rows) == 1 {
		return nil
	}
	fmt.Fprintln(o.Out)
	return table(o.Out, rows)
}
