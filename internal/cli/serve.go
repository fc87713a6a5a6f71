package cli

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"latchkey/internal/app"
	"latchkey/internal/config"
)

// serveOptions is `starter serve`.
type serveOptions struct {
	*Factory
	listen string
}

func newServe(f *Factory) *cobra.Command {
	o := &serveOptions{Factory: f}
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve the webhooks and the review pages: the bridge to Temporal",
		Long: `Serves POST /webhooks/freshservice, GET and POST /webhooks/okta, the review pages under
/review/ (where LATCHKEY_REVIEW_SIGNING_KEY is set), /healthz, /readyz and /metrics until it
is told to stop. LATCHKEY_WEBHOOK_SECRETS is needed; docs/operations.md lists every variable.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context()) },
	}
	cmd.Flags().StringVar(&o.listen, "listen", "", "address to listen on (default LATCHKEY_LISTEN, or :8080)")
	return cmd
}

func (o *serveOptions) run(ctx context.Context) error {
	settings, err := config.LoadBridge()
	if err != nil {
		return err
	}
	if o.listen != "" {
		settings.Webhooks.Listen = o.listen
	}
	b, err := app.NewBridge(ctx, app.BridgeOptions{
		Webhooks: settings.Webhooks, Reviews: settings.Reviews, Links: settings.Links, BlobURL: settings.Storage.BlobURL,
		Log: settings.Logging.Logger(o.Err),
	})
	if err != nil {
		return err
	}
	err = b.Run(ctx)
	return errors.Join(err, b.Close())
}
