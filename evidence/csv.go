package evidence

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"strings"
)

// csvHead are the columns of CSV.
func csvHead() []string {
	return []string{
		"ticket", "run", "use_case", "subject", "row", "at", "what", "object_kind", "object_id", "object_name",
		"before", "after", "outcome", "detail", "who", "record_digest",
	}
}

// CSV renders records for a spreadsheet: one row for each decision, change, proof and residual. Row is "decision",
// "change", "proof" or "left". A cell that a spreadsheet would run as a formula is preceded by an apostrophe.
func CSV(records ...Record) ([]byte, error) {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	lines := [][]string{csvHead()}
	for _, r := range records {
		lines = append(lines, csvRows(r)...)
	}
	for _, line := range lines {
		for i, cell := range line {
			line[i] = inert(cell)
		}
		if err := w.Write(line); err != nil {
			return nil, fmt.Errorf("evidence: %w", err)
		}
	}
	w.Flush()
	return b.Bytes(), w.Error()
}

func csvRows(r Record) [][]string {
	var all [][]string
	add := func(cells ...string) {
		line := append([]string{r.TicketLabel(), fmt.Sprint(r.Run), r.UseCase, r.subject()}, cells...)
		all = append(all, append(line, r.Digest))
	}
	for _, u := range r.Units {
		for _, d := range u.Decisions {
			add("decision", when(d.At), d.Level, "", u.Key, u.Title, "", "", d.Decision, strings.Trim(d.counted()+"; "+d.Remark, "; "), d.who())
		}
	}
	for _, c := range r.Changes {
		add("change", when(c.At), c.Verb, string(c.Object.Kind), c.Object.ID, c.Object.Name, c.Before, c.After, c.Outcome, c.Detail, "")
	}
	for _, p := range r.Proofs {
		add("proof", when(p.At), p.What, "", "", "", "", "", p.verdict(), p.Saw, "")
	}
	for _, l := range r.Left {
		add("left", when(r.EndedAt), "residual", string(l.Object.Kind), l.Object.ID, l.Object.Name, "", "", "", l.Why, l.ownership())
	}
	return all
}

// inert stops a spreadsheet from reading a cell as a formula (OWASP, "CSV Injection"). Characters that a spreadsheet
// drops at the beginning are looked through.
func inert(cell string) string {
	seen := strings.TrimLeft(cell, " \t\r\n\u00a0\ufeff\x00")
	if seen != "" && strings.ContainsRune("=+-@|%＝＋－＠", []rune(seen)[0]) {
		return "'" + cell
	}
	if cell != "" && strings.ContainsRune("\t\r\n", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}
