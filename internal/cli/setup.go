package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"latchkey/casework"
	"latchkey/internal/config"
	"latchkey/internal/controls"
	"latchkey/internal/systemlog"
	"latchkey/internal/temporal"
	"latchkey/policy"
)

// setupOptions is `starter setup`.
type setupOptions struct {
	*Factory
	policyDir string
	json      bool
	readsLog  bool // by policy
}

func newSetup(f *Factory) *cobra.Command {
	o := &setupOptions{Factory: f}
	cmd := &cobra.Command{
		Use:   "setup",
		Short: "Prepare a namespace: search attributes, schedules, the controls, the reading of the System Log",
		Long: `Makes what a namespace needs and brings to what is wanted what is there. Running it
again changes nothing more. The daily digest's hour, how often profiles are compared,
when access reviews begin and whether the System Log is read are policy's, so
LATCHKEY_POLICY_DIR or --policy is needed for them; LATCHKEY_SWEEP_EVERY says how often
the sweep looks.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context()) },
	}
	cmd.Flags().StringVar(&o.policyDir, "policy", "", "policy folder (default LATCHKEY_POLICY_DIR)")
	cmd.Flags().BoolVar(&o.json, "json", false, "print JSON")
	return cmd
}

// setupResult is what `setup` did.
type setupResult struct {
	Namespace  string                    `json:"namespace"`
	Attributes []string                  `json:"attributes_made"`
	Schedules  []temporal.ScheduleChange `json:"schedules"`
	Log        bool                      `json:"log_is_read,omitempty"`
}

func (o *setupOptions) run(ctx context.Context) error {
	wanted, err := o.schedules()
	if err != nil {
		return err
	}
	c, namespace, err := o.Dial(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	result := setupResult{Namespace: namespace, Attributes: []string{}}
	if _, err := temporal.DescribeNamespace(ctx, c, namespace); err != nil {
		return explain(ctx, err)
	}
	made, err := temporal.EnsureAttributes(ctx, c, namespace)
	if err != nil {
		return explain(ctx, err)
	}
	result.Attributes = append(result.Attributes, made...)
	if result.Schedules, err = temporal.EnsureSchedules(ctx, c, wanted); err != nil {
		return explain(ctx, err)
	}
	if err := controls.Start(ctx, c); err != nil {
		return explain(ctx, err)
	}
	if o.readsLog {
		if err := systemlog.Start(ctx, c); err != nil {
			return explain(ctx, err)
		}
		result.Log = true
	}
	if o.json {
		return writeJSON(o.Out, result)
	}
	rows := [][]string{{"namespace", namespace}}
	for _, name := range result.Attributes {
		rows = append(rows, []string{"search attribute", name, "made"})
	}
	if len(made) == 0 {
		rows = append(rows, []string{"search attributes", "were there"})
	}
	for _, s := range result.Schedules {
		how := "brought up to date"
		if s.Made {
			how = "made"
		}
		rows = append(rows, []string{"schedule", s.ID, how})
	}
	rows = append(rows, []string{"controls", "running"})
	if result.Log {
		rows = append(rows, []string{"System Log", "is read"})
	}
	return table(o.Out, rows)
}

// schedules is when the recurring work is to be done, by the environment and policy.
func (o *setupOptions) schedules() (temporal.Schedules, error) {
	settings, err := config.LoadSchedules()
	if err != nil {
		return temporal.Schedules{}, err
	}
	wanted := temporal.Schedules{SweepEvery: settings.SweepEvery}
	if o.policyDir == "" {
		place, err := config.LoadPolicy()
		if err != nil {
			fmt.Fprintln(o.Err, "no policy folder given: the schedules of the daily digest, the profile sync and the access reviews are left as they are")
			return wanted, nil //nolint:nilerr // setup works without a policy
		}
		o.policyDir = place.Dir
	}
	p, err := policy.Load(o.policyDir)
	if err != nil {
		return wanted, fmt.Errorf("the policy in %s does not load: %w", o.policyDir, err)
	}
	wanted.DigestHour, wanted.DigestZone = p.Desk().DigestHour, p.Desk().DigestZone
	if s := p.Sync(); s.Mode != casework.ModeOff {
		wanted.SyncEvery = s.Every
	}
	o.readsLog = p.Alerts() != nil && p.Mode(casework.SecurityAlert) != casework.ModeOff
	if r := p.Review(); r.Mode != casework.ModeOff {
		wanted.Reviews = temporal.Reviews{Months: r.Every.Months(), Hour: r.Hour, Zone: r.Settings.Zone}
	}
	return wanted, nil
}
