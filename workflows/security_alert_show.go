package workflows

import (
	"fmt"
	"strings"

	"go.temporal.io/sdk/workflow"

	"latchkey/contract"
)

// mostAlertLog bounds what an incident remembers of itself.
const mostAlertLog = 40

// note remembers what happened, for operators and the report.
func (a *alertRun) note(ctx workflow.Context, text string) {
	if n := len(a.Log); n > 0 && a.Log[n-1].Text == text {
		a.Log[n-1].At = workflow.Now(ctx)
		return
	}
	a.Log = append(a.Log, contract.LogLine{At: workflow.Now(ctx), Text: clip(text, 300)})
	if n := len(a.Log); n > mostAlertLog {
		a.Log = a.Log[n-mostAlertLog:]
	}
}

// publish shows operators where the incident stands: no names, no addresses.
func (a *alertRun) publish(ctx workflow.Context) error {
	workflow.SetCurrentDetails(ctx, a.details(ctx))
	state := a.Phase
	if a.Trouble != "" {
		state = contract.AlertBlocked
	}
	if state == "" {
		return nil
	}
	if a.Ticket == 0 {
		return workflow.UpsertTypedSearchAttributes(ctx, attrState.ValueSet(string(state)))
	}
	return workflow.UpsertTypedSearchAttributes(ctx, attrState.ValueSet(string(state)), attrTicket.ValueSet(contract.TicketLabel(a.Ticket)))
}

func (a *alertRun) details(ctx workflow.Context) string {
	const minute = "2006-01-02 15:04:05 MST"
	var b strings.Builder
	fmt.Fprintf(&b, "**%s %s: %s**", severityOr(a.Severity, a.Route.Severity), plain(a.Key.Rule), a.words())
	if a.Ticket != 0 {
		fmt.Fprintf(&b, ", %s", contract.TicketLabel(a.Ticket))
	}
	fmt.Fprintf(&b, "\n\n%s between %s and %s, %d of them at the desk\n", events(a.Events), a.First.UTC().Format(minute), a.Last.UTC().Format(minute), a.Told)
	if a.Trouble != "" {
		fmt.Fprintf(&b, "\n**Trouble**: %s Tried again at %s, or at once with the signal `nudge`.\n", plain(a.Trouble), a.RetryAt.UTC().Format(minute))
	}
	if by := a.muter(); by != "" {
		fmt.Fprintf(&b, "\nA bigger alert stands for it: %s\n", plain(by))
	}
	if a.StoppedAll > 0 {
		fmt.Fprintf(&b, "\nIt stands for %d other alerts.\n", a.StoppedAll)
	}
	if at, what := a.due(workflow.Now(ctx)); !at.IsZero() && a.Phase != "" {
		fmt.Fprintf(&b, "\nNext: %s, %s\n", what, at.UTC().Format(minute))
	}
	for i, l := range a.Log {
		if i == 0 {
			b.WriteString("\n")
		}
		fmt.Fprintf(&b, "- %s %s\n", l.At.UTC().Format(minute), plain(l.Text))
	}
	return clip(b.String(), detailsLimit)
}

// words is the phase as operators read it.
func (a *alertRun) words() string {
	switch a.Phase {
	case contract.AlertPending:
		return "waiting for more"
	case contract.AlertOpen:
		switch {
		case a.Ticket == 0:
			return "open, without a ticket"
		case a.SaidQuiet:
			return "open and quiet"
		}
		return "open"
	case contract.AlertClosed:
		return "over (" + string(a.End) + ")"
	case contract.AlertMuted:
		return "never opened (" + string(a.End) + ")"
	case contract.AlertBlocked:
	}
	return "waiting for its first signal"
}
