package cli

import (
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"latchkey/casework"
	"latchkey/contract"
)

// ticketArg reads a ticket as Freshservice prints it.
func ticketArg(text string) (int64, error) {
	n, err := contract.ParseTicket(strings.TrimPrefix(strings.TrimPrefix(text, "FS-"), "fs-"))
	if err != nil {
		return 0, usage("%q is %v", text, err)
	}
	return n, nil
}

// operator is the name and the reason that go with a command.
type operator struct {
	by     string
	reason string
}

func (o *operator) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&o.by, "by", "", "who asks (default: you, as name@host)")
	cmd.Flags().StringVar(&o.reason, "reason", "", "why; it is shown on the case and in its record")
}

// claim fills in the name. A reason is demanded where a command changes how a case goes.
func (o *operator) claim(f *Factory, needed bool) (contract.Operator, error) {
	by := o.by
	if by == "" {
		by = f.Who()
	}
	if needed && strings.TrimSpace(o.reason) == "" {
		return contract.Operator{}, usage("say why with --reason: it is shown on the case and in its record")
	}
	return contract.Operator{By: by, Reason: o.reason}, nil
}

// useCaseArg reads the name of a use case, whatever its case; none means all.
func useCaseArg(args []string) (string, error) {
	if len(args) == 0 {
		return "", nil
	}
	for _, u := range casework.UseCases() {
		if strings.EqualFold(string(u), args[0]) {
			return string(u), nil
		}
	}
	return "", usage("no use case %q; known are %v, or leave it out for all", args[0], casework.UseCases())
}

// timeLayouts are the ways to write a moment.
func timeLayouts() []string {
	return []string{time.RFC3339, "2006-01-02T15:04Z07:00", "2006-01-02 15:04 -0700"}
}

// momentArg reads a moment with its offset, or a distance from now such as 2h.
func momentArg(text string, now time.Time) (time.Time, error) {
	if d, err := time.ParseDuration(strings.TrimPrefix(text, "+")); err == nil {
		if d <= 0 {
			return time.Time{}, usage("%q is not a time to come", text)
		}
		return now.Add(d).Truncate(time.Second), nil
	}
	for _, layout := range timeLayouts() {
		if t, err := time.Parse(layout, text); err == nil {
			return t, nil
		}
	}
	return time.Time{}, usage(`%q is no moment: write it with its offset, such as 2026-12-04T18:00:00+01:00, or as a distance such as 2h`, text)
}

// stateArg reads a state by the name the search attribute has.
func stateArg(text string) (casework.State, error) {
	if text == "" || slices.Contains(states(), casework.State(text)) {
		return casework.State(text), nil
	}
	return "", usage("no state %q; known are %v", text, states())
}

// states are those a running case can be in.
func states() []casework.State {
	return []casework.State{
		casework.StateIntake, casework.StateNeedsInformation, casework.StatePlanning, casework.StateAwaitingApproval,
		casework.StateWaitingDate, casework.StateWaitingTurn, casework.StateApplying, casework.StateFrozen, casework.StateHeld,
		casework.StateBlocked, casework.StateUnavailable, casework.StateSettling, casework.StateVerifying,
		casework.StateReporting, casework.StateNeedsAttention, casework.StateIdle,
	}
}
