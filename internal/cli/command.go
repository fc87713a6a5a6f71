package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"
	"go.temporal.io/sdk/client"

	"latchkey/contract"
)

// answerWithin bounds the wait for a case's answer to a command: `reassign` asks policy and the desk meanwhile.
const answerWithin = 45 * time.Second

// commandOptions is retry, skip, abort or expedite: a command that needs only a name and a reason.
type commandOptions struct {
	*Factory
	operator
	update string
	target target
	grant  bool
	json   bool
}

func newRetry(f *Factory) *cobra.Command {
	return newCommand(f, contract.UpdateRetry, "Try again what a case is parked, blocked, held or frozen at",
		"starter retry 12 --reason \"the group is there again\"")
}

func newSkip(f *Factory) *cobra.Command {
	return newCommand(f, contract.UpdateSkip, "Skip a failed change; never a level, a guard or a verification",
		"starter skip 12 --reason \"done by hand\"")
}

func newAbort(f *Factory) *cobra.Command {
	return newCommand(f, contract.UpdateAbort, "End a case: nothing more is changed, open approvals are withdrawn",
		"starter abort 12 --reason \"asked for by mistake\"")
}

func newExpedite(f *Factory) *cobra.Command {
	return newCommand(f, contract.UpdateExpedite, "Do not wait for the effective date; approvals are still needed",
		"starter expedite 12 --reason \"left today\"")
}

func newCommand(f *Factory, update, short, example string) *cobra.Command {
	o := &commandOptions{Factory: f, update: update}
	cmd := &cobra.Command{
		Use:     update + " TICKET",
		Short:   short,
		Example: "  " + example,
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if update == contract.UpdateExpedite {
				o.target.ticket, err = ticketArg(args[0])
			} else {
				o.target, err = targetArg(args[0], o.grant)
			}
			if err != nil {
				return err
			}
			return o.run(cmd.Context())
		},
	}
	if update != contract.UpdateExpedite { // the end of a grant is what was approved; nothing brings it forward
		cmd.Use = update + " TICKET|GRANT"
		cmd.Long = short + ".\n\nGRANT is the workflow ID of a time-bound grant, as `starter grants` shows it. With --grant it is the one\n" +
			"that the ticket claimed last."
		cmd.Example += "\n  starter " + update + " grant/00u1abc/group:00g1abc --reason \"…\"\n  starter " + update + " 12 --grant --reason \"…\""
		cmd.Flags().BoolVar(&o.grant, "grant", false, grantOfTicket)
	}
	o.flags(cmd)
	cmd.Flags().BoolVar(&o.json, "json", false, "print JSON")
	return cmd
}

func (o *commandOptions) run(ctx context.Context) error {
	by, err := o.claim(o.Factory, true)
	if err != nil {
		return err
	}
	return o.send(ctx, o.target, o.update, contract.OperatorCommand{Operator: by}, o.json)
}

// send sends an update to a case, or to a time-bound grant, and prints what it answers. A validator's words come back as they are.
func (f *Factory) send(ctx context.Context, to target, update string, command any, asJSON bool) error {
	c, _, err := f.Dial(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	id, err := to.find(ctx, c)
	if err != nil {
		return err
	}
	handle, err := c.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{
		WorkflowID: id, UpdateName: update, Args: []any{command},
		WaitForStage: client.WorkflowUpdateStageCompleted,
	})
	var result contract.CommandResult
	if err == nil {
		err = handle.Get(ctx, &result)
	}
	if err != nil {
		return to.about(ctx, err)
	}
	return f.printResult(result, asJSON)
}

// printResult prints what a command answered.
func (f *Factory) printResult(result contract.CommandResult, asJSON bool) error {
	if asJSON {
		return writeJSON(f.Out, result)
	}
	fmt.Fprintln(f.Out, clean(result.Text))
	return nil
}
