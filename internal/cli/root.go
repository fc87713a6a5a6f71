package cli

import (
	"github.com/spf13/cobra"
)

func newRoot(f *Factory) *cobra.Command {
	root := &cobra.Command{
		Use:   "starter",
		Short: "Latchkey: tickets from Freshservice, changes in Okta, proof on the ticket",
		Long: `starter operates Latchkey: it serves the webhooks, starts and steers cases, stops
every write at once, and checks the installation.

Data goes to standard output, words to standard error. Exit codes: 0 done, 1 failed,
2 usage, 3 not found, 4 a credential was refused, 5 refused with a reason, 6 it differs,
8 not done yet.
How to reach Temporal: the variables and profile of the temporal command (TEMPORAL_ADDRESS, …).`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.CompletionOptions.HiddenDefaultCmd = true
	help := root.HelpFunc()
	root.SetHelpFunc(func(cmd *cobra.Command, args []string) {
		cmd.SetOut(f.Out) // help was asked for: it is data
		help(cmd, args)
	})
	const cases, cluster, install = "cases", "cluster", "install"
	root.AddGroup(
		&cobra.Group{ID: cases, Title: "Cases:"},
		&cobra.Group{ID: cluster, Title: "The whole cluster:"},
		&cobra.Group{ID: install, Title: "The installation:"},
	)
	for group, commands := range map[string][]*cobra.Command{
		cases: {
			newStart(f), newPlan(f), newSync(f), newReview(f), newBulk(f), newStatus(f), newGrants(f), newRetry(f), newSkip(f), newAbort(f), newReassign(f), newReschedule(f),
			newExpedite(f), newRecord(f), newVerifyEvidence(f),
		},
		cluster: {newFreeze(f), newThaw(f), newGuard(f), newAlerts(f), newSilence(f)},
		install: {newServe(f), newSetup(f), newDoctor(f), newPolicy(f), newHealth(f), newDemo(f)},
	} {
		for _, c := range commands {
			c.GroupID = group
			root.AddCommand(c)
		}
	}
	return root
}
