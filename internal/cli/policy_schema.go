package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"latchkey/policy"
)

// policySchemaOptions is `starter policy schema`.
type policySchemaOptions struct {
	*Factory
	files []string
	out   string
}

func newPolicySchema(f *Factory) *cobra.Command {
	o := &policySchemaOptions{Factory: f}
	cmd := &cobra.Command{
		Use:   "schema [FILE] [--out DIR]",
		Short: "Print the JSON Schema of a policy file for editors, or write those of all files",
		Long: `The schemas are drawn by the loaders, so they say what this version takes. FILE is a name
such as birthright.yaml, or tests/access.yaml for any test file. Without FILE, --out
writes all of them.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			o.files = args
			return o.run()
		},
	}
	cmd.Flags().StringVar(&o.out, "out", "", "write into this folder, as NAME.schema.json, instead of printing")
	return cmd
}

func (o *policySchemaOptions) run() error {
	if len(o.files) == 0 {
		o.files = policy.SchemaFiles()
		if o.out == "" {
			return usage("name one of %s, or write all of them with --out DIR", strings.Join(o.files, ", "))
		}
	}
	for _, file := range o.files {
		text, err := policy.Schema(file)
		switch {
		case err != nil:
			return usage("%v", err)
		case o.out == "":
			_, err = o.Out.Write(text)
		default:
			err = o.write(policy.SchemaName(file), text)
		}
		if err != nil {
			return fmt.Errorf("writing the schema of %s: %w", file, err)
		}
	}
	return nil
}

func (o *policySchemaOptions) write(name string, text []byte) error {
	const folder, file = 0o755, 0o644 // for everybody who edits the policy
	if err := os.MkdirAll(o.out, folder); err != nil {
		return err
	}
	to := filepath.Join(o.out, name)
	if err := os.WriteFile(to, text, file); err != nil {
		return err
	}
	fmt.Fprintln(o.Err, "wrote "+to)
	return nil
}
