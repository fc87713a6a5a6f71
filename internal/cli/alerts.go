package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"latchkey/contract"
	"latchkey/detection"
	"latchkey/internal/systemlog"
	"latchkey/policy"
)

func newAlerts(f *Factory) *cobra.Command {
	cmd := &cobra.Command{
		Use: "alerts", Short: "How far the System Log is read; the tests of alert rules; what rules would have fired", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return usage("say what: status, test or backtest") },
	}
	cmd.AddCommand(newAlertsStatus(f), newAlertsTest(f), newAlertsBacktest(f))
	return cmd
}

// rulesDir is the folder of alert rules: the one given, or alerts/ in the policy folder of the environment.
func rulesDir(given string) (string, error) {
	if given != "" {
		return given, nil
	}
	if dir := os.Getenv("LATCHKEY_POLICY_DIR"); dir != "" {
		return filepath.Join(dir, "alerts"), nil
	}
	return "", usage("name a folder of alert rules with --rules, or set LATCHKEY_POLICY_DIR: its folder alerts/ is meant")
}

// toldProblems prints what is wrong in a folder of rules, each with its place; nil when the error is another.
func (f *Factory) toldProblems(err error) error {
	problems := policy.Problems(err)
	if len(problems) == 0 {
		return nil
	}
	for _, one := range problems {
		fmt.Fprintln(f.Err, one.Error())
	}
	return silent(Failed)
}

func newAlertsTest(f *Factory) *cobra.Command {
	o := &policyTestOptions{Factory: f}
	var rules string
	cmd := &cobra.Command{
		Use:   "test [--rules DIR]",
		Short: "Run the tests beside alert rules with the engine that production uses",
		Long: `Every rule needs a case in which it opens an incident and one in which it does not; a rule
without is a failure. Needs no Temporal, no network and no settings.`,
		Args: cobra.NoArgs,
		RunE: func(_ *cobra.Command, _ []string) (err error) {
			if o.dir, err = rulesDir(rules); err != nil {
				return err
			}
			report, err := policy.RunAlertTests(o.dir)
			return o.tell(report, err)
		},
	}
	cmd.Flags().StringVar(&rules, "rules", "", "folder of alert rules (default: alerts/ in LATCHKEY_POLICY_DIR)")
	cmd.Flags().BoolVar(&o.json, "json", false, "print JSON")
	cmd.Flags().BoolVarP(&o.verbose, "verbose", "v", false, "list the cases that pass as well")
	return cmd
}

// backtestOptions is `starter alerts backtest`.
type backtestOptions struct {
	*Factory
	rules string
	file  string
	json  bool
}

func newAlertsBacktest(f *Factory) *cobra.Command {
	o := &backtestOptions{Factory: f}
	cmd := &cobra.Command{
		Use:   "backtest --file FILE [--rules DIR]",
		Short: "Run alert rules over recorded events, and say what would have fired and what not, and why",
		Long: `Reads events as Okta writes them, one JSON object a line, in the order in which they arrived
(- reads standard input), and runs the rules over them with the engine that production uses.
Opens nothing, keeps nothing, asks nobody: it needs no Temporal, no network and no settings.

With --json, one object for each event, in their order, and a summary as the last line.
A line that is no event is told on standard error and skipped.`,
		Example: "  starter alerts backtest --file events.ndjson --rules examples/acme/policies/alerts\n  starter alerts backtest --file - --json < events.ndjson",
		Args:    cobra.NoArgs,
		RunE: func(_ *cobra.Command, _ []string) (err error) {
			if o.file == "" {
				return usage("name the recorded events with --file, - for standard input")
			}
			if o.rules, err = rulesDir(o.rules); err != nil {
				return err
			}
			return o.run()
		},
	}
	cmd.Flags().StringVar(&o.rules, "rules", "", "folder of alert rules (default: alerts/ in LATCHKEY_POLICY_DIR)")
	cmd.Flags().StringVar(&o.file, "file", "", "recorded events, one JSON object a line; - reads standard input")
	cmd.Flags().BoolVar(&o.json, "json", false, "print JSON, one object a line")
	return cmd
}

func (o *backtestOptions) run() (err error) {
	alerts, err := policy.LoadAlerts(o.rules)
	if told := o.toldProblems(err); told != nil {
		return told
	}
	if err != nil {
		return err
	}
	in := o.In
	if o.file != "-" {
		file, err := os.Open(o.file)
		if errors.Is(err, os.ErrNotExist) {
			return exit(NotFound, "there is no file %s", o.file)
		}
		if err != nil {
			return fmt.Errorf("open the recorded events: %w", err)
		}
		defer file.Close()
		in = file
	}
	malformed := 0
	events, summary, err := alerts.Backtest(in, func(line int, err error) {
		malformed++
		fmt.Fprintf(o.Err, "line %d is skipped: %v\n", line, err)
	})
	if err != nil {
		return err
	}
	if o.json {
		return policy.WriteBacktest(o.Out, events, summary)
	}
	if err := printBacktest(o.Out, alerts, events, summary); err != nil {
		return err
	}
	if malformed > 0 {
		fmt.Fprintln(o.Err, count(malformed, "line")+" skipped")
	}
	return nil
}

// printBacktest shows what each rule made of the events: incidents, and what kept the rest from being some.
func printBacktest(w io.Writer, alerts *policy.Alerts, events []policy.BacktestEvent, summary policy.BacktestSummary) error {
	outcomes := []detection.Outcome{
		detection.Fired, detection.Counted, detection.Inhibited, detection.Silenced, detection.Held, detection.Flooded, detection.OwnChange,
	}
	hits := map[string]map[detection.Outcome]int{}
	for _, e := range events {
		for _, h := range e.Hits {
			if hits[h.Rule] == nil {
				hits[h.Rule] = map[detection.Outcome]int{}
			}
			hits[h.Rule][h.Outcome]++
		}
	}
	for rule := range summary.ByRule { // the storm's incident is nobody's hit
		if hits[rule] == nil {
			hits[rule] = map[detection.Outcome]int{}
		}
	}
	head := []string{"RULE", "SEVERITY", "INCIDENTS"}
	for _, o := range outcomes {
		head = append(head, strings.ToUpper(words(o)))
	}
	rows := [][]string{head}
	for _, rule := range slices.Sorted(maps.Keys(hits)) {
		severity := ""
		if r, known := alerts.Rule(rule); known {
			severity = r.Severity.String()
		}
		row := []string{rule, severity, fmt.Sprint(summary.ByRule[rule])}
		for _, o := range outcomes {
			cell := "."
			if n := hits[rule][o]; n > 0 {
				cell = fmt.Sprint(n)
			}
			row = append(row, cell)
		}
		rows = append(rows, row)
	}
	if len(hits) > 0 {
		if err := table(w, rows); err != nil {
			return err
		}
	}
	fmt.Fprintf(w, "%s, %s; %d of %d rules hit nothing\n", count(summary.Events, "event"), count(summary.Incidents, "incident"),
		len(alerts.Rules())-rulesHit(alerts, hits), len(alerts.Rules()))
	return nil
}

func rulesHit(alerts *policy.Alerts, hits map[string]map[detection.Outcome]int) (n int) {
	for rule := range hits {
		if _, known := alerts.Rule(rule); known {
			n++
		}
	}
	return n
}

// alertsStatusOptions is `starter alerts status`.
type alertsStatusOptions struct {
	*Factory
	json bool
}

func newAlertsStatus(f *Factory) *cobra.Command {
	o := &alertsStatusOptions{Factory: f}
	cmd := &cobra.Command{
		Use:   "status",
		Short: "How far the System Log is read, what is open, silenced, unwanted and missing",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context()) },
	}
	cmd.Flags().BoolVar(&o.json, "json", false, "print JSON")
	return cmd
}

// logState asks the log; not running is an error.
func (f *Factory) logState(ctx context.Context) (contract.LogState, error) {
	c, _, err := f.Dial(ctx)
	if err != nil {
		return contract.LogState{}, err
	}
	defer c.Close()
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	state, running, err := systemlog.Read(ctx, c)
	switch {
	case err != nil:
		return state, explain(ctx, err)
	case !running:
		return state, exit(NotFound, "nobody reads the System Log: run `starter setup`, or start a worker whose policy has alert rules")
	}
	return state, nil
}

func (o *alertsStatusOptions) run(ctx context.Context) error {
	state, err := o.logState(ctx)
	if err != nil {
		return err
	}
	if o.json {
		return writeJSON(o.Out, state)
	}
	return table(o.Out, logRows(state, o.Now()))
}

// logRows is the log for people.
func logRows(s contract.LogState, now time.Time) [][]string {
	rows := [][]string{{"mode", string(s.Mode)}}
	if s.Idle != "" {
		rows = append(rows, []string{"not read", s.Idle})
	}
	if s.Trouble != "" {
		rows = append(rows, []string{"trouble", "since " + moment(s.Since), s.Trouble})
	}
	if s.Checkpoint != nil {
		behind := ""
		if s.Behind {
			behind = "behind: catching up"
		}
		rows = append(rows,
			[]string{"read until", moment(s.ReadAt), age(now, s.ReadAt), behind},
			[]string{"last event", moment(s.LastEvent), age(now, s.LastEvent)},
			[]string{"checkpoint", s.Checkpoint.Key()},
			[]string{"rules", fmt.Sprintf("%.12s", s.Rules)},
			[]string{"events", fmt.Sprint(s.Events), fmt.Sprintf("on %d pages, %d repeats dropped, %d of our own changes, %d no events", s.Pages, s.Repeated, s.Own, s.Malformed)},
		)
	}
	rows = append(rows, []string{"open incidents", fmt.Sprint(s.View.Open)}, []string{"waiting alerts", fmt.Sprint(s.View.Waiting)})
	for _, i := range s.View.First {
		rows = append(rows, []string{"incident", i.Incident, i.Severity.String(), count(i.Events, "event"), "last " + moment(i.Last)})
	}
	for _, one := range s.Standing(now) {
		rows = append(rows, append([]string{"silence"}, silenceRow(one)...))
	}
	for _, c := range s.View.Unwanted {
		rows = append(rows, []string{"no rule wants", c.Name, fmt.Sprint(c.Count)})
	}
	for _, c := range s.View.Dropped {
		rows = append(rows, []string{"forgotten", c.Name, fmt.Sprint(c.Count)})
	}
	for _, g := range s.Gaps {
		rows = append(rows, []string{"gap", moment(g.From) + " to " + moment(g.To), g.Why})
	}
	return rows
}

// age is how long ago something was, as people say it.
func age(now, at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return now.Sub(at).Round(time.Second).String() + " ago"
}
