package demo

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"latchkey/internal/playground"
)

// teller prints what happens, for a person.
type teller struct {
	out      io.Writer
	terminal bool
	shown    bool // a line of progress is on the screen and has to go first
}

// say prints a line.
func (t *teller) say(format string, args ...any) {
	t.wipe()
	_, _ = fmt.Fprintf(t.out, format+"\n", args...)
}

// step prints one step of a story: asked, approved, changed, proved, written.
func (t *teller) step(what, format string, args ...any) {
	t.say("   ✓ %-9s %s", what, fmt.Sprintf(format, args...))
}

// progress shows what is being waited for, in place. Without a terminal it says nothing.
func (t *teller) progress(format string, args ...any) {
	if !t.terminal {
		return
	}
	t.wipe()
	_, _ = fmt.Fprintf(t.out, "   … "+format, args...)
	t.shown = true
}

// wipe takes a line of progress away.
func (t *teller) wipe() {
	if t.shown {
		_, _ = io.WriteString(t.out, "\r\x1b[K")
		t.shown = false
	}
}

// summary is the table at the end.
func (t *teller) summary(told []told, took time.Duration) {
	t.wipe()
	_, _ = fmt.Fprintln(t.out)
	table := tabwriter.NewWriter(t.out, 0, 4, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "STORY\tTICKET\tEND\tCHANGES IN OKTA\tAPPROVAL GROUPS\tNOTES\t")
	failed := 0
	for _, s := range told {
		mark := "ok"
		if s.err != nil {
			mark, failed = "FAILED", failed+1
		}
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%d\t%d\t%d\t%s\n", s.title, s.label(), s.end, s.changes, s.groups, s.notes, mark)
	}
	_ = table.Flush()
	for _, s := range told {
		if s.err != nil {
			t.say("\nFAILED %s (%s): %v", s.title, s.label(), s.err)
		}
	}
	t.say("\n%d stories, %d as they should be, in %s. Every change is one System Log event, every note one marker, every level one approval group: counted.",
		len(told), len(told)-failed, took.Round(time.Second))
}

// addresses says where to look.
func (t *teller) addresses(p *playground.Playground, ui, temporal string) {
	rows := []string{
		"the desk, as people see it\t" + p.DeskURL + "/desk",
		"the simulated Okta, its log and state\t" + p.OktaURL + "/admin/log",
		"the bridge's metrics\t" + p.BridgeURL + "/metrics",
		"Temporal\t" + temporal,
	}
	if ui != "" {
		rows = append([]string{"the Temporal UI, where operators look\t" + ui + "/namespaces/default/workflows"}, rows...)
	}
	table := tabwriter.NewWriter(t.out, 0, 4, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "\n"+strings.Join(rows, "\n"))
	_ = table.Flush()
}
