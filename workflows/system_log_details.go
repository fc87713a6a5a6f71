package workflows

import (
	"fmt"
	"strings"

	"go.temporal.io/sdk/workflow"

	"latchkey/contract"
)

// publish shows operators how far the log is read and what is going on in it.
func (l *systemLog) publish(ctx workflow.Context) {
	var b strings.Builder
	const stamp = "2006-01-02 15:04:05 MST"
	switch {
	case l.Idle != "":
		fmt.Fprintf(&b, "**Not read**: %s.\n", plain(l.Idle))
	case l.Checkpoint == nil:
		b.WriteString("Nothing was read yet.\n")
	default:
		fmt.Fprintf(&b, "Read until %s (last event %s), mode %s.", l.ReadAt.UTC().Format(stamp), l.LastEvent.UTC().Format(stamp), l.Mode)
		if l.Behind {
			b.WriteString(" **Behind: catching up.**")
		}
		fmt.Fprintf(&b, "\n\n%d events on %d pages, %d repeats dropped, %d of our own changes, %d entries that are no events, %d signals to incidents.\n",
			l.Events, l.Pages, l.Repeated, l.Own, l.Malformed, l.Signals)
		fmt.Fprintf(&b, "\nCheckpoint `%s`, rules `%.12s`.\n", l.Checkpoint.Key(), l.Rules)
	}
	if l.Trouble != "" {
		fmt.Fprintf(&b, "\n**Trouble since %s**: %s\n", l.Since.UTC().Format(stamp), plain(l.Trouble))
	}
	fmt.Fprintf(&b, "\n%d incidents open, %d alerts wait.\n", l.View.Open, l.View.Waiting)
	for _, i := range l.View.First {
		fmt.Fprintf(&b, "- `%s` %s, %d events, last %s\n", i.Incident, i.Severity, i.Events, i.Last.UTC().Format(stamp))
	}
	if silences := l.Standing(workflow.Now(ctx)); len(silences) > 0 {
		b.WriteString("\nSilences:\n")
		for _, s := range silences {
			fmt.Fprintf(&b, "- %s until %s, by %s: %s\n", s.ID, s.Until.UTC().Format(stamp), plain(s.Author), plain(s.Reason))
		}
	}
	counts(&b, "Event types that no rule wants", l.View.Unwanted)
	counts(&b, "Forgotten, because of a bound", l.View.Dropped)
	if len(l.Gaps) > 0 {
		b.WriteString("\n**Gaps**:\n")
		for _, g := range l.Gaps {
			fmt.Fprintf(&b, "- %s to %s: %s\n", g.From.UTC().Format(stamp), g.To.UTC().Format(stamp), plain(g.Why))
		}
	}
	workflow.SetCurrentDetails(ctx, clip(b.String(), detailsLimit))
}

// counts lists words with their numbers in one line.
func counts(b *strings.Builder, title string, list []contract.LogCount) {
	if len(list) == 0 {
		return
	}
	words := make([]string, 0, len(list))
	for _, c := range list {
		words = append(words, fmt.Sprintf("%s %d", c.Name, c.Count))
	}
	fmt.Fprintf(b, "\n%s: %s.\n", title, strings.Join(words, ", "))
}
