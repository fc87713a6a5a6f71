package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"
	"go.temporal.io/sdk/client"

	"latchkey/contract"
)

// bulkStatus is `starter bulk status`.
type bulkStatus struct {
	*Factory
	batch string
	watch bool
	json  bool
}

func newBulkStatus(f *Factory) *cobra.Command {
	o := &bulkStatus{Factory: f}
	cmd := &cobra.Command{
		Use:   "status BATCH",
		Short: "Where a batch stands; --watch follows it to its end",
		Long: `Shows the phase, the ticket, the rows by what became of them and when the last should be
done. Exit code 8: the batch has not ended.`,
		Example: "  starter bulk status onboard-1a2b3c4d5e6f --watch",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if o.batch, err = batchArg(args[0]); err != nil {
				return err
			}
			return o.run(cmd.Context())
		},
	}
	cmd.Flags().BoolVar(&o.watch, "watch", false, "follow the batch with a progress bar until it has ended")
	cmd.Flags().BoolVar(&o.json, "json", false, "print JSON")
	return cmd
}

func (o *bulkStatus) run(ctx context.Context) error {
	c, _, err := o.Dial(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	state, err := o.look(ctx, c)
	if err == nil && o.watch {
		state, err = o.follow(ctx, c, state)
	}
	if err != nil {
		return err
	}
	if o.json {
		err = writeJSON(o.Out, state)
	} else {
		err = o.print(state)
	}
	if err == nil && state.Phase != contract.BulkEnded {
		return silent(Pending)
	}
	return err
}

func (o *bulkStatus) look(ctx context.Context, c client.Client) (state contract.BulkState, err error) {
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	id := contract.BulkWorkflowID(o.batch)
	value, err := c.QueryWorkflow(ctx, id, "", contract.QueryBulk)
	if err != nil {
		return state, aboutWorkflow(ctx, id, err)
	}
	if err := value.Get(&state); err != nil {
		return state, fmt.Errorf("the answer of %s cannot be read: %w", id, err)
	}
	return state, nil
}

// watchEvery is how often a batch that is followed is asked.
const watchEvery = 2 * time.Second

// follow draws a bar on standard error until the batch has ended or the command is interrupted.
func (o *bulkStatus) follow(ctx context.Context, c client.Client, state contract.BulkState) (contract.BulkState, error) {
	bar := progressbar.NewOptions(state.Rows, progressbar.OptionSetWriter(o.Err), progressbar.OptionShowCount(),
		progressbar.OptionSetWidth(30), progressbar.OptionSetPredictTime(false), progressbar.OptionSetElapsedTime(false))
	defer fmt.Fprintln(o.Err)
	for {
		words := string(state.Phase)
		if state.Paused != nil {
			words = "paused"
		}
		if !state.ETA.IsZero() {
			words += ", done about " + moment(state.ETA)
		}
		if state.Tally.Failed > 0 {
			words += fmt.Sprintf(", %d failed", state.Tally.Failed)
		}
		bar.Describe(words)
		if err := bar.Set(min(state.Tally.Done+state.Tally.Residuals+state.Tally.Failed, state.Rows)); err != nil {
			return state, fmt.Errorf("drawing: %w", err)
		}
		if state.Phase == contract.BulkEnded {
			return state, nil
		}
		select {
		case <-ctx.Done():
			return state, nil
		case <-time.After(watchEvery):
		}
		next, err := o.look(ctx, c)
		if err != nil {
			if ctx.Err() != nil {
				return state, nil // interrupted: what was seen last is shown
			}
			return state, err
		}
		state = next
	}
}

// shownRows is how many rows a list on the terminal names.
const shownRows = 40

func rowList(rows []int) string {
	list := make([]string, 0, min(len(rows), shownRows)+1)
	for _, r := range rows[:min(len(rows), shownRows)] {
		list = append(list, fmt.Sprint(r))
	}
	if len(rows) > shownRows {
		list = append(list, fmt.Sprintf("and %d more", len(rows)-shownRows))
	}
	return strings.Join(list, ", ")
}

func (o *bulkStatus) print(s contract.BulkState) error {
	rows := [][]string{{"batch", s.Batch}, {"phase", string(s.Phase)}, {"started", moment(s.StartedAt)}, {"", bulkCounts(s)}}
	if s.Ticket != 0 {
		rows = append(rows, []string{"ticket", contract.TicketLabel(s.Ticket)})
	}
	if s.Paused != nil {
		rows = append(rows, []string{"paused", "by " + s.Paused.By + ": " + s.Paused.Reason})
	}
	if !s.ETA.IsZero() {
		rows = append(rows, []string{"done about", moment(s.ETA)})
	}
	for _, part := range []struct {
		name string
		rows []int
	}{{"under way", s.Running}, {"wait for their day", s.Waiting}, {"failed", s.Tally.Rows}, {"tried again", s.Again}} {
		if len(part.rows) > 0 {
			rows = append(rows, []string{part.name, rowList(part.rows)})
		}
	}
	if s.Why != "" {
		rows = append(rows, []string{"ended early", s.Why})
	}
	return table(o.Out, rows)
}
