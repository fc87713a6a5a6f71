package cli

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"latchkey/evidence"
)

// reviewVerify is `starter review verify`.
type reviewVerify struct {
	*Factory
	folder string
	digest string
	json   bool
}

func newReviewVerify(f *Factory) *cobra.Command {
	o := &reviewVerify{Factory: f}
	cmd := &cobra.Command{
		Use:   "verify FOLDER",
		Short: "Check a campaign's evidence pack offline: that nothing was altered, dropped or slipped in",
		Long: `Checks a copied evidence folder (reviews/CAMPAIGN/evidence in the blob store) without a
network: every file with its SHA-256, and the campaign digest out of the items again. Give
the digest that the campaign's ticket or its workflow shows with --digest: a manifest can
be written anew by whoever can write the files.`,
		Example: "  starter review verify ./evidence --digest 3f1c…",
		Args:    cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			o.folder = args[0]
			return o.run()
		},
	}
	cmd.Flags().StringVar(&o.digest, "digest", "", "campaign digest from the ticket or the workflow")
	cmd.Flags().BoolVar(&o.json, "json", false, "print JSON")
	return cmd
}

func (o *reviewVerify) run() error {
	if info, err := os.Stat(o.folder); err != nil || !info.IsDir() {
		return exit(NotFound, "%s is no folder", o.folder)
	}
	manifest, err := evidence.VerifyReviewPack(os.DirFS(o.folder), o.digest)
	if err != nil {
		return exit(Failed, "%w", err)
	}
	if o.json {
		return writeJSON(o.Out, manifest)
	}
	if o.digest == "" {
		fmt.Fprintln(o.Err, "compared with the manifest alone: give the digest from the campaign's ticket with --digest")
	}
	fmt.Fprintf(o.Out, "campaign %s  ok  %s  digest %s\n", clean(manifest.Campaign), count(len(manifest.Files), "file"), manifest.Digest)
	return nil
}
