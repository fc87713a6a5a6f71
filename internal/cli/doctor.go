package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// grade is how a check ended.
type grade string

const (
	gradeOK   grade = "ok"
	gradeWarn grade = "warning" // it works, but somebody should look
	gradeFail grade = "failed"
)

// finding is what one check found.
type finding struct {
	Part  string `json:"part"` // temporal, policy, okta, freshservice, webhooks, storage
	Check string `json:"check"`
	Grade grade  `json:"grade"`
	Found string `json:"found"`
	Fix   string `json:"fix,omitempty"`

	refused bool // a credential was refused
}

// findings collects what one part's checks find.
type findings struct {
	part string
	list []finding
}

func (f *findings) ok(check, format string, args ...any) {
	f.list = append(f.list, finding{Part: f.part, Check: check, Grade: gradeOK, Found: fmt.Sprintf(format, args...)})
}

func (f *findings) warn(check, found, fix string) {
	f.list = append(f.list, finding{Part: f.part, Check: check, Grade: gradeWarn, Found: found, Fix: fix})
}

func (f *findings) fail(check, found, fix string) {
	f.list = append(f.list, finding{Part: f.part, Check: check, Grade: gradeFail, Found: found, Fix: fix})
}

func (f *findings) refused(check, found, fix string) {
	f.list = append(f.list, finding{Part: f.part, Check: check, Grade: gradeFail, Found: found, Fix: fix, refused: true})
}

// doctorOptions is `starter doctor`.
type doctorOptions struct {
	*Factory
	without []string
	json    bool
}

// doctorParts are what doctor looks at, in order.
func doctorParts() []string {
	return []string{"temporal", "policy", "okta", "freshservice", "webhooks", "storage"}
}

func newDoctor(f *Factory) *cobra.Command {
	o := &doctorOptions{Factory: f}
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Check the installation and say what to fix",
		Long: `Checks Temporal (namespace, search attributes, schedules, workers, controls), the policy,
the credentials of Okta and Freshservice by harmless reads, what the desk demands for
closing a ticket, the webhook secrets and the blob store. It writes nothing but one object
in the blob store, which it takes away again.

Exit code 0: nothing failed. 1: something failed. 4: a credential was refused.`,
		Example: "  starter doctor\n  starter doctor --without webhooks,storage --json",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context()) },
	}
	cmd.Flags().StringSliceVar(&o.without, "without", nil, "parts to leave out: "+strings.Join(doctorParts(), ", "))
	cmd.Flags().BoolVar(&o.json, "json", false, "print JSON")
	return cmd
}

func (o *doctorOptions) run(ctx context.Context) error {
	for _, part := range o.without {
		if !slices.Contains(doctorParts(), part) {
			return usage("no part %q; known are %s", part, strings.Join(doctorParts(), ", "))
		}
	}
	var all []finding
	for _, part := range doctorParts() {
		if slices.Contains(o.without, part) {
			continue
		}
		fmt.Fprintf(o.Err, "looking at %s\n", part)
		all = append(all, o.look(ctx, part)...)
	}
	if err := o.print(all); err != nil {
		return err
	}
	return verdictOf(all)
}

// look runs the checks of one part, within a minute.
func (o *doctorOptions) look(ctx context.Context, part string) []finding {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	f := &findings{part: part}
	switch part {
	case "temporal":
		o.lookAtTemporal(ctx, f)
	case "policy":
		lookAtPolicy(f)
	case "okta":
		lookAtOkta(ctx, f)
	case "freshservice":
		lookAtDesk(ctx, f)
	case "webhooks":
		lookAtWebhooks(f)
	case "storage":
		lookAtStorage(ctx, f)
	}
	return f.list
}

func (o *doctorOptions) print(all []finding) error {
	if o.json {
		return writeJSON(o.Out, all)
	}
	rows := make([][]string, 0, 2*len(all))
	for _, f := range all {
		rows = append(rows, []string{string(f.Grade), f.Part, f.Check, f.Found})
		if f.Fix != "" {
			rows = append(rows, []string{"", "", "", "→ " + f.Fix})
		}
	}
	return table(o.Out, rows)
}

// verdictOf is the exit code that the findings mean.
func verdictOf(all []finding) error {
	code := OK
	for _, f := range all {
		switch {
		case f.refused:
			return silent(Unauthorised)
		case f.Grade == gradeFail:
			code = Failed
		}
	}
	if code == OK {
		return nil
	}
	return silent(code)
}
