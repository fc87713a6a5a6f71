package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"latchkey/casework"
	"latchkey/contract"
	"latchkey/internal/controls"
)

func newGuard(f *Factory) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "guard",
		Short: "Show freezes, modes, alarms and the mass-change guard, or release the guard",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return usage("say what: show or release")
		},
	}
	cmd.AddCommand(newGuardShow(f), newGuardRelease(f))
	return cmd
}

// guardShowOptions is `starter guard show`.
type guardShowOptions struct {
	*Factory
	json bool
}

func newGuardShow(f *Factory) *cobra.Command {
	o := &guardShowOptions{Factory: f}
	cmd := &cobra.Command{
		Use: "show", Short: "Show what the controls hold now", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context()) },
	}
	cmd.Flags().BoolVar(&o.json, "json", false, "print JSON")
	return cmd
}

func (o *guardShowOptions) run(ctx context.Context) error {
	c, _, err := o.Dial(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	now, err := controls.Read(ctx, c)
	if err != nil {
		return explain(ctx, err)
	}
	if o.json {
		return writeJSON(o.Out, now)
	}
	return table(o.Out, controlRows(now))
}

func controlRows(now contract.Controls) [][]string {
	var rows [][]string
	if len(now.Frozen) == 0 {
		rows = append(rows, []string{"frozen", "nothing"})
	}
	for _, f := range now.Frozen {
		what := f.UseCase
		if what == "" {
			what = "everything"
		}
		rows = append(rows, []string{"frozen", what, "by " + f.By.By + " since " + moment(f.At), f.By.Reason})
	}
	for _, u := range casework.UseCases() {
		if mode, ok := now.Modes[u]; ok {
			since := ""
			if at, ok := now.Since[u]; ok {
				since = "since " + moment(at)
			}
			rows = append(rows, []string{"mode", string(u), string(mode), since})
		}
	}
	rows = append(rows, []string{"mass change", count(len(now.Shrinks), "shrink") + " remembered"})
	if t := now.Tripped; t != nil {
		rows = append(rows, []string{"tripped", moment(t.At), fmt.Sprintf("%d people within the window, %d allowed", t.Count, t.Limit)})
	}
	if r := now.Release; r != nil {
		rows = append(rows, []string{"released", "until " + moment(r.Until), "by " + r.By, r.Reason})
	}
	for _, a := range now.Alarms {
		rows = append(rows, []string{"alarm", a.Vendor, fmt.Sprintf("%d times, last %s", a.Count, moment(a.Last)), a.Text})
	}
	return rows
}

// guardReleaseOptions is `starter guard release`.
type guardReleaseOptions struct {
	*Factory
	operator
	until string
	json  bool
}

func newGuardRelease(f *Factory) *cobra.Command {
	o := &guardReleaseOptions{Factory: f}
	cmd := &cobra.Command{
		Use:     "release --until TIME",
		Short:   "Let held cases pass the mass-change guard until a time",
		Example: "  starter guard release --until 2h --reason \"the layoff of 4 December, announced by HR\"",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context()) },
	}
	o.flags(cmd)
	cmd.Flags().StringVar(&o.until, "until", "", "until when, with its offset, or a distance from now such as 2h")
	cmd.Flags().BoolVar(&o.json, "json", false, "print JSON")
	return cmd
}

func (o *guardReleaseOptions) run(ctx context.Context) error {
	if o.until == "" {
		return usage("say until when with --until: the guard is back after it")
	}
	until, err := momentArg(o.until, o.Now())
	if err != nil {
		return err
	}
	by, err := o.claim(o.Factory, true)
	if err != nil {
		return err
	}
	return o.order(ctx, contract.UpdateRelease, contract.ReleaseCommand{Operator: by, Until: until}, o.json)
}
