package cli

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	sdktemporal "go.temporal.io/sdk/temporal"

	"latchkey/casework"
	"latchkey/contract"
)

// syncWalkWithin bounds a dry run over everybody: both sides are read whole.
const syncWalkWithin = 30 * time.Minute

// syncOptions is `starter sync`.
type syncOptions struct {
	*Factory
	person string
	dry    bool
	json   bool
}

func newSync(f *Factory) *cobra.Command {
	o := &syncOptions{Factory: f}
	cmd := &cobra.Command{
		Use:   "sync --dry-run [--person ADDRESS] | --person ADDRESS",
		Short: "Show how profiles in Okta and on the desk differ, or have one person's compared now",
		Long: `With --dry-run, compares the profiles by the policy in force, whatever its mode, of one
person or of everybody, and shows what differs and what would become of it. It writes no
profile. A worker does the reading, so no vendor's credential is needed here.
Without it, one person's sync is nudged: it does what the mode allows.
Exit code 3: nobody is meant; 8: something differs (--dry-run).`,
		Example: "  starter sync --dry-run\n  starter sync --dry-run --person ada.okafor@acme.example\n  starter sync --person ada.okafor@acme.example",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o.person = strings.ToLower(strings.TrimSpace(o.person))
			switch {
			case o.person == "" && !o.dry:
				return usage("name one with --person, or add --dry-run: everybody is synced by the schedule that `starter setup` keeps")
			case o.person != "" && !strings.Contains(o.person, "@"):
				return usage("--person takes an e-mail address, such as ada.okafor@acme.example")
			case o.person != "":
				return o.one(cmd.Context())
			}
			return o.everybody(cmd.Context())
		},
	}
	cmd.Flags().BoolVar(&o.dry, "dry-run", false, "only compare, and show what differs")
	cmd.Flags().StringVar(&o.person, "person", "", "e-mail address of one person")
	cmd.Flags().BoolVar(&o.json, "json", false, "print JSON")
	return cmd
}

// runs starts a workflow that answers, and waits for its answer. The ID holds no address: IDs are never encrypted.
func (o *syncOptions) runs(ctx context.Context, within time.Duration, workflow, summary string, in, answer any) error {
	c, _, err := o.Dial(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	run, err := c.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID:                       "sync-look/" + rand.Text(),
		TaskQueue:                contract.QueueLatchkey,
		WorkflowIDReusePolicy:    enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
		WorkflowExecutionTimeout: within,
		StaticSummary:            summary,
		Priority:                 sdktemporal.Priority{PriorityKey: casework.PriorityPeople},
	}, workflow, in)
	if err != nil {
		return explain(ctx, err)
	}
	err = run.Get(ctx, answer)
	kind, text, failed := failedActivity(err)
	switch {
	case err == nil:
		return nil
	case failed && kind == casework.Unauthorized:
		return exit(Unauthorised, "%s", text)
	case failed:
		return exit(Failed, "%s", text)
	}
	return explain(ctx, err)
}

func (o *syncOptions) one(ctx context.Context) error {
	var result contract.SyncResult
	if err := o.runs(ctx, planWithin, contract.WorkflowSyncFind, "Profile sync: one person, by an operator",
		contract.SyncFindInput{Email: o.person, Look: o.dry}, &result); err != nil {
		return err
	}
	if result.End == contract.SyncNobody {
		return exit(NotFound, "nobody is meant: %s", result.Why)
	}
	if o.json {
		if err := writeJSON(o.Out, result); err != nil {
			return err
		}
	} else if err := printSync(o.Out, result); err != nil {
		return err
	}
	if result.End == contract.SyncFailed {
		return silent(Failed)
	}
	if o.dry && (result.End == contract.SyncObserved || result.End == contract.SyncMissing) {
		return silent(Pending)
	}
	return nil
}

func printSync(w io.Writer, r contract.SyncResult) error {
	rows := [][]string{{"person", "Okta " + r.OktaUserID}, {"mode", string(r.Mode)}, {"result", string(r.End), r.Why}}
	if r.End == contract.SyncNudged {
		rows = append(rows, []string{"workflow", contract.SyncWorkflowID(r.OktaUserID)})
	}
	if err := table(w, rows); err != nil {
		return err
	}
	return printSyncLines(w, r.Lines)
}

func (o *syncOptions) everybody(ctx context.Context) error {
	var result contract.SyncAllResult
	if err := o.runs(ctx, syncWalkWithin, contract.WorkflowSyncAll, "Profile sync: everybody, a look by an operator",
		contract.SyncAllInput{Look: true}, &result); err != nil {
		return err
	}
	if o.json {
		if err := writeJSON(o.Out, result); err != nil {
			return err
		}
	} else if err := printWalk(o.Out, result); err != nil {
		return err
	}
	if result.Counts.Differ > 0 {
		return silent(Pending)
	}
	return nil
}

func printWalk(w io.Writer, r contract.SyncAllResult) error {
	n := r.Counts
	rows := [][]string{
		{"mode", string(r.Mode)},
		{"compared", fmt.Sprintf("%d people", n.People)},
		{"to do", fmt.Sprintf("%d people", n.Differ)},
		{"other differences", fmt.Sprintf("%d people", n.Reported)},
		{"not on the desk", fmt.Sprint(n.NotDesk)},
		{"not in Okta", fmt.Sprint(n.NotOkta)},
		{"ambiguous", fmt.Sprint(n.Unsure)},
	}
	for _, report := range r.Reports {
		rows = append(rows, []string{"report", report})
	}
	if err := table(w, rows); err != nil {
		return err
	}
	return printSyncLines(w, r.Lines)
}

func printSyncLines(w io.Writer, lines []contract.SyncLine) error {
	if len(lines) == 0 {
		return nil
	}
	rows := [][]string{{"PERSON", "ATTRIBUTE", "OWNER", "BECOMES", "WANTED", "HAS", "WHY"}}
	for _, l := range lines {
		rows = append(rows, []string{l.OktaUserID, l.Attribute, string(l.Owner), string(l.Kind), l.Wanted, l.Has, l.Why})
	}
	return table(w, rows)
}
