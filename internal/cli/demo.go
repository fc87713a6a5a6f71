package cli

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"latchkey/internal/demo"
)

// demoOptions is `starter demo`.
type demoOptions struct {
	*Factory
	keep    bool
	faults  string
	verbose bool
}

func newDemo(f *Factory) *cobra.Command {
	o := &demoOptions{Factory: f}
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Run the whole product on this machine and tell every story",
		Long: `Finds or builds a Temporal, starts both simulators with the Acme company, a worker and the
bridge, places real requests, gives the approvals as the approvers would, and tells what
happened. Exit code 0 only if every story ended as it should.`,
		Example: "  starter demo --keep\n  starter demo --faults " + demo.FaultAnswerLost,
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context()) },
	}
	cmd.Flags().BoolVar(&o.keep, "keep", false, "stay up after the stories, for clicking through the Temporal UI and the desk")
	cmd.Flags().StringVar(&o.faults, "faults", "", demo.FaultAnswerLost+": both vendors lose the answer of every write")
	cmd.Flags().BoolVarP(&o.verbose, "verbose", "v", false, "show the processes' own log too")
	return cmd
}

func (o *demoOptions) run(ctx context.Context) error {
	if o.faults != "" && o.faults != demo.FaultAnswerLost {
		return usage("no faults %q: there is %s, or none", o.faults, demo.FaultAnswerLost)
	}
	options := demo.Options{Keep: o.keep, Faults: o.faults, Out: o.Out, Terminal: isTerminal(o.Out)}
	if o.verbose {
		options.Log = slog.New(slog.NewTextHandler(o.Err, nil))
	}
	err := demo.Run(ctx, options)
	if errors.Is(err, demo.ErrStories) {
		return silent(Failed) // which one and why has been printed
	}
	return err
}

// isTerminal says whether a person sees the output as it comes.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
