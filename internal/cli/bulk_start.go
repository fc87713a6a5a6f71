package cli

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
	sdktemporal "go.temporal.io/sdk/temporal"

	"latchkey/casework"
	"latchkey/contract"
	"latchkey/internal/app"
	"latchkey/policy"
)

// bulkStart is `starter bulk onboard` and `starter bulk offboard`.
type bulkStart struct {
	*Factory
	operator
	verb   string
	file   string
	policy string
	blobs  string
	ticket string
	dry    bool
	json   bool
}

func newBulkStart(f *Factory, verb string) *cobra.Command {
	o := &bulkStart{Factory: f, verb: verb}
	cmd := &cobra.Command{
		Use:   verb + " --file FILE [--ticket TICKET] [--dry-run]",
		Short: fmt.Sprintf("Check a CSV file of people and %s them as one batch", verb),
		Long: `Reads the whole file as the intake rule with the most answers reads a form: the headings
are the names or the labels of its answers, beside person (of a leaver), date and time.
Everything that is wrong is said at once with line and column, and then nothing starts.
A good file is put into the blob store that the workers use, and its batch is started: it
is approved on its ticket like any other, and told there.
The same file twice is refused. Exit code 6: something is wrong with the file.`,
		Example: fmt.Sprintf("  starter bulk %s --file people.csv --dry-run\n  starter bulk %s --file people.csv --ticket 12 --reason \"class of 2027\"", verb, verb),
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context()) },
	}
	o.flags(cmd)
	cmd.Flags().StringVar(&o.file, "file", "", "CSV file with a line of headings; - is standard input")
	cmd.Flags().StringVar(&o.policy, "policy", "", "policy folder (default LATCHKEY_POLICY_DIR)")
	cmd.Flags().StringVar(&o.blobs, "blobs", "", "blob store (default LATCHKEY_BLOB_URL)")
	cmd.Flags().StringVar(&o.ticket, "ticket", "", "ticket of the batch (default: one is opened)")
	cmd.Flags().BoolVar(&o.dry, "dry-run", false, "only check the file")
	cmd.Flags().BoolVar(&o.json, "json", false, "print JSON")
	return cmd
}

// startedBulk is what `bulk onboard` and `bulk offboard` did.
type startedBulk struct {
	Batch    string        `json:"batch,omitempty"`
	Workflow string        `json:"workflow,omitempty"`
	Rows     int           `json:"rows"`
	Digest   string        `json:"digest,omitempty"`
	Started  bool          `json:"started"`
	Problems []bulkProblem `json:"problems,omitempty"`
}

type bulkProblem struct {
	Line    int    `json:"line"`
	Column  int    `json:"column,omitempty"`
	Name    string `json:"name,omitempty"`
	Message string `json:"message"`
}

func (o *bulkStart) run(ctx context.Context) error {
	if o.file == "" {
		return usage("name the file with --file")
	}
	var ticket int64
	if o.ticket != "" {
		var err error
		if ticket, err = ticketArg(o.ticket); err != nil {
			return err
		}
	}
	by, err := o.claim(o.Factory, false)
	if err != nil {
		return err
	}
	file, problems, err := o.check()
	if err != nil {
		return err
	}
	if len(problems) > 0 {
		return o.refuse(problems)
	}
	result := startedBulk{Batch: file.Batch, Workflow: contract.BulkWorkflowID(file.Batch), Rows: len(file.Rows), Digest: file.Digest}
	if !o.dry {
		if err := o.start(ctx, file, ticket, by); err != nil {
			return err
		}
		result.Started = true
	}
	if o.json {
		return writeJSON(o.Out, result)
	}
	if o.dry {
		fmt.Fprintf(o.Out, "%s is good: %s, batch %s\n", o.name(), count(result.Rows, "row"), result.Batch)
		return nil
	}
	fmt.Fprintf(o.Out, "%s is running with %s: starter bulk status %s\n", result.Workflow, count(result.Rows, "row"), result.Batch)
	return nil
}

func (o *bulkStart) name() string {
	if o.file == "-" {
		return "standard input"
	}
	return filepath.Base(o.file)
}

// check reads the whole file as policy says. The file is of use only without problems.
func (o *bulkStart) check() (contract.BulkFile, []policy.BulkProblem, error) {
	useCase := casework.Onboarding
	if o.verb == "offboard" {
		useCase = casework.Offboarding
	}
	var named []string
	if o.policy != "" {
		named = []string{o.policy}
	}
	dir, err := policyDir(named)
	if err != nil {
		return contract.BulkFile{}, nil, err
	}
	p, err := policy.Load(dir)
	if err != nil {
		return contract.BulkFile{}, nil, err
	}
	in := o.In
	if o.file != "-" {
		f, err := os.Open(o.file)
		if err != nil {
			return contract.BulkFile{}, nil, err
		}
		defer f.Close()
		in = f
	}
	return app.ReadBulk(p, useCase, o.name(), in)
}

// refuse says everything that is wrong with the file.
func (o *bulkStart) refuse(problems []policy.BulkProblem) error {
	if o.json {
		result := startedBulk{}
		for _, p := range problems {
			result.Problems = append(result.Problems, bulkProblem{Line: p.Line, Column: p.Column, Name: p.Name, Message: p.Why})
		}
		if err := writeJSON(o.Out, result); err != nil {
			return err
		}
		return silent(Differs)
	}
	for _, p := range problems {
		fmt.Fprintf(o.Out, "%s: %s\n", clean(o.name()), clean(p.String()))
	}
	fmt.Fprintf(o.Err, "%s: nothing was started\n", count(len(problems), "problem"))
	return silent(Differs)
}

// start puts the rows where the workers read them, and starts the batch.
func (o *bulkStart) start(ctx context.Context, file contract.BulkFile, ticket int64, by contract.Operator) error {
	bucket, err := openBatches(ctx, o.blobs)
	if err != nil {
		return err
	}
	defer bucket.Close()
	c, _, err := o.Dial(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	err = app.StartBulk(ctx, c, bucket, file, ticket, by)
	if sdktemporal.IsWorkflowExecutionAlreadyStartedError(err) {
		return exit(Refused, "these rows are the batch %s already, which runs or has ended: look with `starter bulk status %s`", file.Batch, file.Batch)
	}
	return explain(ctx, err)
}
