package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"latchkey/contract"
	"latchkey/evidence"
	"latchkey/internal/app"
	"latchkey/internal/config"
)

// recordOptions is `starter record`.
type recordOptions struct {
	*Factory
	ticket int64
	run    int
	all    bool
	format string
	blobs  string
	grant  string
	log    bool
}

func newRecord(f *Factory) *cobra.Command {
	o := &recordOptions{Factory: f}
	cmd := &cobra.Command{
		Use:   "record TICKET",
		Short: "Print the evidence record of a ticket's case",
		Long: `Prints the newest record of a ticket, one of its runs, or with --all the whole chain as
a JSON array that verify-evidence checks. It reads the blob store (LATCHKEY_BLOB_URL) and
needs no Temporal.`,
		Example: "  starter record 12 --format md\n  starter record 12 --all > FS-12.json && starter verify-evidence FS-12.json",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if o.ticket, err = ticketArg(args[0]); err != nil {
				return err
			}
			return o.print(cmd.Context())
		},
	}
	cmd.Flags().StringVar(&o.format, "format", "json", "json, md, html or csv")
	cmd.Flags().IntVar(&o.run, "run", -1, "which run, from 0 (default: the newest)")
	cmd.Flags().BoolVar(&o.all, "all", false, "all runs: a JSON array, or with --format csv one table")
	cmd.Flags().StringVar(&o.blobs, "blobs", "", "blob store (default LATCHKEY_BLOB_URL)")
	cmd.Flags().StringVar(&o.grant, "grant", "", "the records of a time-bound grant that the ticket claimed, by its workflow ID")
	cmd.Flags().BoolVar(&o.log, "log", false, "the events of Okta's System Log that are changes of this ticket's case, as JSON")
	return cmd
}

func (o *recordOptions) print(ctx context.Context) error {
	if !slices.Contains([]string{"json", "md", "html", "csv"}, o.format) {
		return usage("no format %q; known are json, md, html and csv", o.format)
	}
	if o.all && (o.format == "md" || o.format == "html") {
		return usage("--all goes with --format json or csv")
	}
	if o.blobs == "" {
		settings, err := config.LoadStorage()
		if err != nil {
			return err
		}
		o.blobs = settings.BlobURL
	}
	bucket, err := app.OpenBlobs(ctx, o.blobs)
	if err != nil {
		return err
	}
	defer bucket.Close()
	if o.log {
		return o.logNotes(ctx, bucket)
	}
	store := evidence.NewStore(bucket)
	if o.grant != "" {
		folder, ok := contract.GrantFolder(o.grant)
		if !ok {
			return usage("%q is no time-bound grant; starter grants lists them, such as grant/00u1abc/group:00g1abc", o.grant)
		}
		store = store.Under(folder)
	}
	if o.all {
		return o.chain(ctx, store)
	}
	records, err := store.List(ctx, o.ticket)
	if err != nil {
		return err
	}
	i := len(records) - 1
	if o.run >= 0 {
		i = slices.IndexFunc(records, func(r evidence.Record) bool { return r.Run == o.run })
	}
	if i < 0 {
		return exit(NotFound, "no such record of %s in the store; a case has one once it is reported (starter status %d)", contract.TicketLabel(o.ticket), o.ticket)
	}
	text, err := render(records[i], o.format)
	if err != nil {
		return err
	}
	_, err = o.Out.Write(text)
	return err
}

// chain prints every record of the ticket as it is stored.
func (o *recordOptions) chain(ctx context.Context, store *evidence.Store) error {
	if o.format == "csv" {
		records, err := store.List(ctx, o.ticket)
		if err != nil {
			return err
		}
		text, err := evidence.CSV(records...)
		if err != nil {
			return err
		}
		_, err = o.Out.Write(text)
		return err
	}
	raw, err := store.Raw(ctx, o.ticket)
	if err != nil {
		return err
	}
	if len(raw) == 0 {
		return exit(NotFound, "no record of %s in the store", contract.TicketLabel(o.ticket))
	}
	list := make([]json.RawMessage, len(raw))
	for i := range raw {
		list[i] = raw[i]
	}
	return writeJSON(o.Out, list)
}

func render(r evidence.Record, format string) ([]byte, error) {
	switch format {
	case "md":
		return []byte(evidence.Markdown(r)), nil
	case "html":
		return evidence.HTML(r)
	case "csv":
		return evidence.CSV(r)
	case "json":
		return evidence.JSON(r)
	}
	return nil, fmt.Errorf("no format %q", format)
}
