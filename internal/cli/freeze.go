package cli

import (
	"context"

	"github.com/spf13/cobra"

	"latchkey/contract"
	"latchkey/internal/controls"
)

// freezeOptions is `starter freeze` and `starter thaw`.
type freezeOptions struct {
	*Factory
	operator
	update  string
	useCase string
	json    bool
}

func newFreeze(f *Factory) *cobra.Command {
	cmd := newFreezeOrThaw(f, contract.UpdateFreeze)
	cmd.Short = "Stop every write to Okta in the whole cluster, or those of one use case"
	cmd.Long = `No worker writes to Okta before its next change until it is thawed. Cases that would
write wait and say so; reading, approvals and notes go on.`
	cmd.Example = "  starter freeze --reason \"the HR feed is wrong\"\n  starter freeze Offboarding --reason \"audit\""
	return cmd
}

func newThaw(f *Factory) *cobra.Command {
	cmd := newFreezeOrThaw(f, contract.UpdateThaw)
	cmd.Short = "Let writes go on; without a use case, all of them"
	cmd.Example = "  starter thaw --reason \"the feed is mended\""
	return cmd
}

func newFreezeOrThaw(f *Factory, update string) *cobra.Command {
	o := &freezeOptions{Factory: f, update: update}
	cmd := &cobra.Command{
		Use:  update + " [USE-CASE]",
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if o.useCase, err = useCaseArg(args); err != nil {
				return err
			}
			return o.run(cmd.Context())
		},
	}
	o.flags(cmd)
	cmd.Flags().BoolVar(&o.json, "json", false, "print JSON")
	return cmd
}

func (o *freezeOptions) run(ctx context.Context) error {
	by, err := o.claim(o.Factory, true)
	if err != nil {
		return err
	}
	return o.order(ctx, o.update, contract.FreezeCommand{Operator: by, UseCase: o.useCase}, o.json)
}

// order sends an update to the controls workflow and prints what it answers.
func (f *Factory) order(ctx context.Context, update string, command any, asJSON bool) error {
	c, _, err := f.Dial(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	result, err := controls.Update[contract.CommandResult](ctx, c, update, command)
	if err != nil {
		return explain(ctx, err)
	}
	return f.printResult(result, asJSON)
}
