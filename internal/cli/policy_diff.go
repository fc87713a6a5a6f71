package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"latchkey/clients/okta"
	"latchkey/identity"
	"latchkey/internal/config"
	"latchkey/policy"
)

// tellEvery is after how many people a long read says how far it is.
const tellEvery = 2000

// policyDiffOptions is `starter policy diff`.
type policyDiffOptions struct {
	*Factory
	dir     string
	against string
	people  string
	names   int
	json    bool
}

func newPolicyDiff(f *Factory) *cobra.Command {
	o := &policyDiffOptions{Factory: f}
	cmd := &cobra.Command{
		Use:   "diff [DIR] --against REV|FOLDER [--population FILE]",
		Short: "Say who would gain or lose what by a policy, compared with a revision of git or another folder",
		Long: `Compares the policy folder as it is with the one named by --against (a folder where there
is one of that name, else a revision of git), over everybody in Okta whose account is active
(OKTA_… as for a worker) or over the people of a file. Reads only.

FILE is CSV with a header, or one JSON object after the other: attributes by Okta's names or
by those of policy (login, email, department, title, location, …), or accounts as Okta's API
writes them.

Exit code 6: the policies differ. 0: nothing would change.`,
		Example: `  starter policy diff --against main
  starter policy diff policies --against /etc/latchkey/policies --population people.csv --json`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if o.dir, err = policyDir(args); err != nil {
				return err
			}
			return o.run(cmd.Context())
		},
	}
	cmd.Flags().StringVar(&o.against, "against", "", "what to compare with: a folder, or a revision of git")
	cmd.Flags().StringVar(&o.people, "population", "", "read the people from this file instead of Okta")
	cmd.Flags().IntVar(&o.names, "names", 5, "how many people to name of each change")
	cmd.Flags().BoolVar(&o.json, "json", false, "print JSON")
	return cmd
}

func (o *policyDiffOptions) run(ctx context.Context) error {
	switch {
	case o.against == "":
		return usage("say what to compare with: --against main, or --against FOLDER")
	case o.names < 0:
		return usage("--names is a number of people, 0 or more")
	}
	after, err := policy.Load(o.dir)
	if err != nil {
		return fmt.Errorf("the policy in %s does not load:\n%w", o.dir, err)
	}
	before, missing, err := policyAgainst(ctx, o.dir, o.against)
	if len(policy.Problems(err)) > 0 {
		return fmt.Errorf("this version does not load the policy at %s:\n%w", o.against, err)
	}
	if err != nil {
		return err
	}
	for _, file := range missing {
		fmt.Fprintf(o.Err, "%s has no %s: taken as {}, which leaves everything at its default\n", o.against, file)
	}
	read, err := o.population()
	if err != nil {
		return err
	}
	diff := policy.NewDiff(before, after, o.names)
	err = read(ctx, func(p identity.Person) error {
		if diff.Add(policy.PersonFacts{Person: p, Active: true}); diff.People()%tellEvery == 0 {
			fmt.Fprintf(o.Err, "%d people so far\n", diff.People())
		}
		return ctx.Err()
	})
	if err != nil {
		return o.explain(ctx, diff.People(), err)
	}
	report := diff.Report()
	if o.json {
		err = writeJSON(o.Out, report)
	} else {
		err = printDiff(o.Out, report)
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(o.Err, "%s looked at, the birthright of %d would be another\n", people(report.People), report.Affected)
	if report.Differs() {
		return silent(Differs)
	}
	return nil
}

func (o *policyDiffOptions) population() (population, error) {
	if o.people != "" {
		return peopleIn(o.people), nil
	}
	settings, err := config.LoadOkta()
	if err != nil {
		return nil, fmt.Errorf("%w\nor name a file of people with --population", err)
	}
	return everybody(settings, o.Err, o.Now), nil
}

// explain says what became of a read that did not come to its end. Half a population is no answer.
func (o *policyDiffOptions) explain(ctx context.Context, read int, err error) error {
	refused, is := errors.AsType[*okta.Error](err)
	switch {
	case ctx.Err() != nil:
		return exit(Failed, "stopped after %s; nothing was changed anywhere", people(read))
	case is && (refused.Kind == okta.Unauthorized || refused.Kind == okta.Denied):
		return exit(Unauthorised, "%w", err)
	default:
		return fmt.Errorf("the population could not be read to its end: %w", err)
	}
}

func people(n int) string {
	if n == 1 {
		return "1 person"
	}
	return fmt.Sprintf("%d people", n)
}
