package cli

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"latchkey/policy"
)

func newPolicy(f *Factory) *cobra.Command {
	cmd := &cobra.Command{
		Use: "policy", Short: "Check a policy folder, run the tests beside it, or ask it about a person", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return usage("say what: check, test, explain, schema or diff") },
	}
	cmd.AddCommand(newPolicyCheck(f), newPolicyTest(f), newPolicyExplain(f), newPolicySchema(f), newPolicyDiff(f))
	return cmd
}

// policyDir is the folder given, or the one of the environment.
func policyDir(args []string) (string, error) {
	if len(args) == 1 {
		return args[0], nil
	}
	if dir := os.Getenv("LATCHKEY_POLICY_DIR"); dir != "" {
		return dir, nil
	}
	return "", usage("name a policy folder, or set LATCHKEY_POLICY_DIR")
}

// policyCheckOptions is `starter policy check`.
type policyCheckOptions struct {
	*Factory
	dir  string
	json bool
}

func newPolicyCheck(f *Factory) *cobra.Command {
	o := &policyCheckOptions{Factory: f}
	cmd := &cobra.Command{
		Use:   "check [DIR]",
		Short: "Load a policy as the workers do, and say everything that is wrong with it",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) (err error) {
			if o.dir, err = policyDir(args); err != nil {
				return err
			}
			return o.run()
		},
	}
	cmd.Flags().BoolVar(&o.json, "json", false, "print JSON")
	return cmd
}

// policyReport is what `policy check` says.
type policyReport struct {
	OK       bool              `json:"ok"`
	Digest   string            `json:"digest,omitempty"`
	Modes    map[string]string `json:"modes,omitempty"`
	Problems []policyProblem   `json:"problems,omitempty"`
}

type policyProblem struct {
	File    string `json:"file"`
	Line    int    `json:"line,omitempty"`
	Column  int    `json:"column,omitempty"`
	Message string `json:"message"`
}

func (o *policyCheckOptions) run() error {
	p, err := policy.Load(o.dir)
	problems := policy.Problems(err)
	if err != nil && len(problems) == 0 {
		return err // the folder itself
	}
	if o.json {
		if err := writeJSON(o.Out, reportOf(p, problems)); err != nil {
			return err
		}
	}
	if len(problems) > 0 {
		if !o.json {
			for _, one := range problems {
				fmt.Fprintln(o.Out, one.Error())
			}
		}
		fmt.Fprintln(o.Err, count(len(problems), "problem")+" in "+o.dir)
		return silent(Failed)
	}
	if !o.json {
		fmt.Fprintln(o.Out, p.Digest())
		modes := p.Modes()
		for _, u := range slices.Sorted(maps.Keys(modes)) {
			fmt.Fprintf(o.Err, "%s: %s\n", u, modes[u])
		}
	}
	return nil
}

func reportOf(p *policy.Policy, problems []*policy.LoadError) policyReport {
	r := policyReport{OK: len(problems) == 0}
	for _, one := range problems {
		r.Problems = append(r.Problems, policyProblem{File: one.File, Line: one.Line, Column: one.Column, Message: one.Message})
	}
	if p == nil {
		return r
	}
	r.Digest, r.Modes = p.Digest(), map[string]string{}
	for u, mode := range p.Modes() {
		r.Modes[string(u)] = string(mode)
	}
	return r
}

// policyTestOptions is `starter policy test`.
type policyTestOptions struct {
	*Factory
	dir     string
	json    bool
	verbose bool
}

func newPolicyTest(f *Factory) *cobra.Command {
	o := &policyTestOptions{Factory: f}
	cmd := &cobra.Command{
		Use:   "test [DIR]",
		Short: "Run the tests beside a policy with the evaluator that production uses",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) (err error) {
			if o.dir, err = policyDir(args); err != nil {
				return err
			}
			return o.run()
		},
	}
	cmd.Flags().BoolVar(&o.json, "json", false, "print JSON")
	cmd.Flags().BoolVarP(&o.verbose, "verbose", "v", false, "list the cases that pass as well")
	return cmd
}

func (o *policyTestOptions) run() error {
	report, err := policy.RunTests(o.dir)
	return o.tell(report, err)
}

// tell prints a report of tests.
func (o *policyTestOptions) tell(report policy.Report, err error) error {
	if problems := policy.Problems(err); len(problems) > 0 {
		for _, one := range problems {
			fmt.Fprintln(o.Out, one.Error())
		}
		return silent(Failed)
	}
	if err != nil {
		return err
	}
	if o.json {
		if err := writeJSON(o.Out, report); err != nil {
			return err
		}
	} else {
		for _, c := range report.Cases {
			if len(c.Problems) == 0 {
				if o.verbose {
					fmt.Fprintf(o.Out, "ok   %s:%d %s %s\n", c.File, c.Line, c.Kind, clean(c.Name))
				}
				continue
			}
			fmt.Fprintf(o.Out, "FAIL %s:%d %s %s\n", c.File, c.Line, c.Kind, clean(c.Name))
			for _, p := range c.Problems {
				fmt.Fprintf(o.Out, "     %s\n", clean(p))
			}
		}
	}
	failed := len(report.Failed())
	fmt.Fprintf(o.Err, "%s, %d passed, %d failed\n", count(len(report.Cases), "case"), len(report.Cases)-failed, failed)
	if len(report.Cases) == 0 {
		return exit(Failed, "%s has no tests: write some into %s/tests", o.dir, cmp.Or(o.dir, "."))
	}
	if !report.OK() {
		return silent(Failed)
	}
	return nil
}
