package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"
	"gocloud.dev/blob"

	"latchkey/contract"
	"latchkey/internal/app"
	"latchkey/internal/config"
)

func newBulk(f *Factory) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "bulk",
		Short: "Onboard or offboard the people of a file: start a batch, follow it, steer it",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newBulkStart(f, "onboard"), newBulkStart(f, "offboard"), newBulkStatus(f), newBulkResult(f),
		newBulkCommand(f, contract.UpdatePause, "pause", "Start no more rows; those under way go on to their end",
			"starter bulk pause onboard-1a2b3c4d5e6f --reason \"payday\""),
		newBulkCommand(f, contract.UpdateResume, "resume", "Start rows again",
			"starter bulk resume onboard-1a2b3c4d5e6f --reason \"payday is over\""),
		newBulkCommand(f, contract.UpdateRetry, "retry", "Try failed rows again, or with --row what one row is parked, held or blocked at",
			"starter bulk retry onboard-1a2b3c4d5e6f --reason \"the group is there again\""),
		newBulkCommand(f, contract.UpdateExpedite, "finish", "End the batch when its last row has ended, although rows failed",
			"starter bulk finish onboard-1a2b3c4d5e6f --reason \"the rest is done by hand\""),
		newBulkCommand(f, contract.UpdateAbort, "abort", "End the batch, or with --row one row: nothing more is changed",
			"starter bulk abort onboard-1a2b3c4d5e6f --reason \"wrong file\""),
		newBulkCommand(f, contract.UpdateSkip, "skip", "Skip the failed change that a row is parked at",
			"starter bulk skip onboard-1a2b3c4d5e6f --row 17 --reason \"done by hand\""),
	)
	return cmd
}

// batchArg reads a batch's name.
func batchArg(text string) (string, error) {
	if err := contract.CheckBatch(text); err != nil {
		return "", usage("%v", err)
	}
	return text, nil
}

// bulkCommand is a command to a batch, or to one of its rows.
type bulkCommand struct {
	*Factory
	operator
	update string
	batch  string
	row    int
	json   bool
}

func newBulkCommand(f *Factory, update, name, short, example string) *cobra.Command {
	o := &bulkCommand{Factory: f, update: update}
	cmd := &cobra.Command{
		Use: name + " BATCH", Short: short, Example: "  " + example, Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if o.batch, err = batchArg(args[0]); err != nil {
				return err
			}
			if cmd.Flags().Changed("row") && o.row < 1 {
				return usage("--row counts from 1, without the heading")
			}
			if update == contract.UpdateSkip && o.row == 0 {
				return usage("say which row with --row: `starter bulk status %s` names those that are under way", o.batch)
			}
			return o.run(cmd.Context())
		},
	}
	o.flags(cmd)
	if update == contract.UpdateRetry || update == contract.UpdateSkip || update == contract.UpdateAbort {
		cmd.Flags().IntVar(&o.row, "row", 0, "one row that is under way, from 1 without the heading")
	}
	cmd.Flags().BoolVar(&o.json, "json", false, "print JSON")
	return cmd
}

func (o *bulkCommand) run(ctx context.Context) error {
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
	id := contract.BulkWorkflowID(o.batch)
	if o.row > 0 {
		id = contract.BulkRowWorkflowID(o.batch, o.row)
	}
	var result contract.CommandResult
	if err := ask(ctx, c, id, o.update, contract.OperatorCommand{Operator: by}, &result); err != nil {
		return aboutWorkflow(ctx, id, err)
	}
	return o.printResult(result, o.json)
}

// openBatches opens the blob store that is named, or that of the environment.
func openBatches(ctx context.Context, blobs string) (*blob.Bucket, error) {
	if blobs == "" {
		settings, err := config.LoadStorage()
		if err != nil {
			return nil, err
		}
		blobs = settings.BlobURL
	}
	return app.OpenBlobs(ctx, blobs)
}

// bulkCounts is a batch's rows in a line.
func bulkCounts(s contract.BulkState) string {
	return fmt.Sprintf("%d rows: %d done, %d done with something left, %d failed, %d under way, %d waiting for their day, %d not begun",
		s.Rows, s.Tally.Done, s.Tally.Residuals, s.Tally.Failed, len(s.Running), len(s.Waiting), max(s.Rows-s.Next+1, 0)+len(s.Again))
}
