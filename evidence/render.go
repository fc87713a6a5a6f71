package evidence

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// JSON renders a record for a person's eyes, indented. The stored form is the canonical one; both have one digest.
func JSON(r Record) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(r); err != nil {
		return nil, fmt.Errorf("evidence: %w", err)
	}
	return b.Bytes(), nil
}

// Markdown renders a record for a wiki, a ticket or a pull request. Texts that people wrote are escaped.
func Markdown(r Record) string {
	var m markdown
	m.line("# %s: %s, %s", r.TicketLabel(), m.text(r.UseCase), m.text(words(r.End)))
	m.line("")
	m.line("%s", m.text(r.Summary))
	m.line("")
	m.table([]string{"", ""}, [][]string{
		{"About", r.subject()},
		{"Okta user", r.Subject.OktaUserID},
		{"Asked by", strings.TrimSpace(r.Asked.By + " " + r.Asked.Address)},
		{"Ticket subject", r.Asked.Subject},
		{"Reason", r.Asked.Reason},
		{"Why it ended so", r.Why},
		{"Began", when(r.StartedAt)},
		{"Ended", when(r.EndedAt)},
		{"Run", fmt.Sprint(r.Run)},
		{"Mode", r.Mode},
		{"Policy", r.PolicyDigest},
		{"Record", r.Digest},
		{"Record before", r.Former},
	})
	for _, u := range r.Units {
		m.unit(u)
	}
	m.section("Changes", []string{"When", "Change", "Object", "Before", "After", "Outcome"}, changeRows(r.Changes))
	m.section("Proofs", []string{"Expected", "Verdict", "Seen", "When"}, rows(r.Proofs, func(p Proof) []string {
		return []string{p.What, p.verdict(), p.Saw, when(p.At)}
	}))
	m.section("What is left", []string{"Object", "Why", "Owner"}, rows(r.Left, func(l Left) []string {
		return []string{l.Object.Label(), l.Why, l.ownership()}
	}))
	m.section("Exclusions left on group rules", []string{"Rule", "Group"}, rows(r.Exclusions, func(e Excluded) []string {
		return []string{e.Rule.Name + " " + e.Rule.ID, e.Group.Name + " " + e.Group.ID}
	}))
	m.section("Log", []string{"When", "What"}, rows(r.Log, func(l Line) []string { return []string{when(l.At), l.Text} }))
	return m.b.String()
}

func changeRows(changes []Change) [][]string {
	return rows(changes, func(c Change) []string {
		outcome := words(c.Outcome)
		if c.Detail != "" {
			outcome += ": " + c.Detail
		}
		return []string{when(c.At), words(c.Verb), c.Object.Label(), c.Before, c.After, outcome}
	})
}

func decisionRows(decisions []Decision) [][]string {
	return rows(decisions, func(d Decision) []string {
		return []string{d.Level, d.who(), d.Decision, when(d.At), d.Remark, d.counted()}
	})
}

func rows[T any](list []T, row func(T) []string) [][]string {
	all := make([][]string, 0, len(list))
	for _, item := range list {
		all = append(all, row(item))
	}
	return all
}

type markdown struct{ b strings.Builder }

func (m *markdown) line(format string, args ...any) { fmt.Fprintf(&m.b, format+"\n", args...) }

func (m *markdown) unit(u Unit) {
	m.line("\n## %s: %s\n", m.text(u.Title), m.text(words(u.End)))
	if u.Why != "" {
		m.line("%s\n", m.text(u.Why))
	}
	m.line("%s", m.text(u.approval()))
	if u.PlanDigest != "" {
		m.line("\nPlan `%s`", m.code(u.PlanDigest))
	}
	m.section("Decisions", []string{"Level", "Who", "Decision", "When", "Remark", "Counted"}, decisionRows(u.Decisions))
	m.section("Kept", []string{"Object", "Why", "Who", "Until"}, rows(u.Kept, func(k Kept) []string {
		return []string{k.Object.Label(), k.Why, k.Who, k.until()}
	}))
}

// section writes a headed table; nothing when it has no rows.
func (m *markdown) section(title string, head []string, body [][]string) {
	if len(body) == 0 {
		return
	}
	m.line("\n## %s\n", title)
	m.table(head, body)
}

func (m *markdown) table(head []string, body [][]string) {
	m.row(head)
	m.line("|%s", strings.Repeat(" --- |", len(head)))
	for _, cells := range body {
		m.row(cells)
	}
}

func (m *markdown) row(cells []string) {
	m.b.WriteString("|")
	for _, c := range cells {
		m.b.WriteString(" " + m.text(c) + " |")
	}
	m.b.WriteString("\n")
}

// text escapes what Markdown, or the HTML inside it, would read as markup, and keeps a cell on one line.
func (m *markdown) text(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '\n' || r == '\r' || r == '\t':
			b.WriteByte(' ')
		case r < ' ' || r == 0x7f:
		case r == '<':
			b.WriteString("&lt;")
		case r == '>':
			b.WriteString("&gt;")
		case r == '&':
			b.WriteString("&amp;")
		case strings.ContainsRune("\\`*_[]()|#!~", r):
			b.WriteRune('\\')
			b.WriteRune(r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// code keeps a text inside a code span.
func (m *markdown) code(s string) string { return strings.ReplaceAll(s, "`", "") }
