package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/spf13/cobra"
	"gocloud.dev/blob"
	"gocloud.dev/gcerrors"

	"latchkey/contract"
	"latchkey/evidence"
)

// bulkResults reads what became of every row of a batch; nil when there is no such batch.
func bulkResults(ctx context.Context, bucket *blob.Bucket, batch string) ([]contract.BulkResult, error) {
	var file contract.BulkFile
	there, err := readStored(ctx, bucket, contract.BulkFileKey(batch), &file)
	if err != nil || !there {
		return nil, err
	}
	results := make([]contract.BulkResult, 0, len(file.Rows))
	for i, request := range file.Rows {
		var r contract.BulkResult
		if _, err := readStored(ctx, bucket, contract.BulkResultKey(batch, i+1), &r); err != nil {
			return nil, err
		}
		if r.Row = i + 1; r.Person == "" {
			r.Person = contract.BulkPerson(request)
		}
		results = append(results, r)
	}
	return results, nil
}

// readStored reads one value of the blob store, and says whether it is there.
func readStored(ctx context.Context, bucket *blob.Bucket, key string, into any) (bool, error) {
	raw, err := bucket.ReadAll(ctx, key)
	if gcerrors.Code(err) == gcerrors.NotFound {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("read %s: %w", key, err)
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return false, fmt.Errorf("decode %s: %w", key, err)
	}
	return true, nil
}

// bulkResult is `starter bulk result`.
type bulkResult struct {
	*Factory
	batch string
	out   string
	blobs string
	json  bool
}

func newBulkResult(f *Factory) *cobra.Command {
	o := &bulkResult{Factory: f}
	cmd := &cobra.Command{
		Use:   "result BATCH [--out FILE]",
		Short: "What became of every row of a batch, as CSV or JSON",
		Long: `Reads the blob store (LATCHKEY_BLOB_URL) and needs no Temporal. Rows that have not ended
are "open". A cell that a spreadsheet would run as a formula is preceded by an apostrophe.`,
		Example: "  starter bulk result onboard-1a2b3c4d5e6f --out result.csv",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if o.batch, err = batchArg(args[0]); err != nil {
				return err
			}
			return o.run(cmd.Context())
		},
	}
	cmd.Flags().StringVar(&o.out, "out", "-", "file to write; - is standard output")
	cmd.Flags().StringVar(&o.blobs, "blobs", "", "blob store (default LATCHKEY_BLOB_URL)")
	cmd.Flags().BoolVar(&o.json, "json", false, "print JSON")
	return cmd
}

func (o *bulkResult) run(ctx context.Context) error {
	bucket, err := openBatches(ctx, o.blobs)
	if err != nil {
		return err
	}
	defer bucket.Close()
	results, err := bulkResults(ctx, bucket, o.batch)
	if err != nil {
		return err
	}
	if results == nil {
		return exit(NotFound, "the blob store has no batch %s", o.batch)
	}
	out := o.Out
	if o.out != "-" {
		f, err := os.OpenFile(o.out, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
		if err != nil {
			return err
		}
		defer f.Close()
		out = f
	}
	if o.json {
		return writeJSON(out, results)
	}
	lines := make([][]string, 0, len(results))
	for _, r := range results {
		lines = append(lines, r.Cells())
	}
	text, err := evidence.Sheet(contract.BulkResultHead(), lines)
	if err == nil {
		_, err = out.Write(text)
	}
	return err
}
