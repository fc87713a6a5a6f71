package cli

import (
	"context"
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"latchkey/internal/app"
	"latchkey/internal/config"
)

// workerOptions is the program `worker`.
type workerOptions struct {
	Streams
	roles  []string
	listen string
}

// Worker runs one command line of the worker program, without its name, and says how it ended. It runs until ctx ends
// and then drains.
func Worker(ctx context.Context, args []string, streams Streams) Exit {
	o := &workerOptions{Streams: streams}
	cmd := &cobra.Command{
		Use:   "worker",
		Short: "Serve Latchkey's task queues until told to stop",
		Long: `worker serves the task queues of its roles. Any number of workers may run; each reads
its settings from the environment (docs/operations.md lists every variable).`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context()) }, //nolint:contextcheck // cobra carries it
	}
	cmd.CompletionOptions.DisableDefaultCmd = true
	help := cmd.HelpFunc()
	cmd.SetHelpFunc(func(cmd *cobra.Command, args []string) {
		cmd.SetOut(streams.Out)
		help(cmd, args)
	})
	cmd.Flags().StringSliceVar(&o.roles, "roles", nil, "roles to take: "+strings.Join(config.Roles(), ", ")+" (default LATCHKEY_ROLES, or all)")
	cmd.Flags().StringVar(&o.listen, "listen", "", "address of /healthz, /readyz and /metrics, or \"off\" (default LATCHKEY_LISTEN, or :9090)")
	return execute(ctx, cmd, args, streams)
}

func (o *workerOptions) run(ctx context.Context) error {
	if _, err := config.ParseRoles(o.roles); err != nil {
		return usage("%v", err)
	}
	settings, err := config.LoadWorker(o.roles)
	if err != nil {
		return err
	}
	if o.listen != "" {
		settings.Process.Listen = o.listen
	}
	a, err := app.New(ctx, app.FromConfig(settings, settings.Logging.Logger(o.Err)))
	if err != nil {
		return err
	}
	err = a.Run(ctx)
	return errors.Join(err, a.Close())
}
