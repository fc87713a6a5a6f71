package cli

import (
	"fmt"
	"io"

	"latchkey/contract"
)

// printStatus writes how a case stands for people: where it is, what it waits for, what was decided and done.
func printStatus(w io.Writer, s contract.CaseStatus) error {
	rows := [][]string{
		{"ticket", contract.TicketLabel(s.Ticket), s.Case.Request.Ticket.Subject},
		{"use case", string(s.UseCase)},
		{"state", words(s.State), s.Summary},
	}
	add := func(name string, cells ...string) {
		if cells[0] != "" {
			rows = append(rows, append([]string{name}, cells...))
		}
	}
	add("problem", s.Problem)
	if p := s.Case.Problem; p != nil {
		add("what to do", p.Todo)
	}
	add("due", moment(s.DueAt))
	add("began", moment(s.Case.StartedAt))
	if r := s.Case.Reported; r != nil {
		add("ended", words(r.End), r.Summary)
		if r.Evidence != nil {
			add("record", r.Evidence.Key, r.Evidence.Digest)
		}
	}
	if err := table(w, rows); err != nil {
		return err
	}
	for _, u := range s.Case.Units {
		if err := printUnitStatus(w, u); err != nil {
			return err
		}
	}
	if len(s.Case.Done) > 0 {
		fmt.Fprintf(w, "\nDone\n")
		done := make([][]string, 0, len(s.Case.Done))
		for _, d := range s.Case.Done {
			done = append(done, []string{"  " + moment(d.At), words(d.Change.Verb), d.Change.Object.Label(), words(d.Outcome), d.Detail})
		}
		if err := table(w, done); err != nil {
			return err
		}
	}
	if len(s.Case.Log) == 0 {
		return nil
	}
	fmt.Fprintf(w, "\nLog\n")
	log := make([][]string, 0, len(s.Case.Log))
	for _, l := range s.Case.Log {
		log = append(log, []string{"  " + moment(l.At), l.Text})
	}
	return table(w, log)
}

func printUnitStatus(w io.Writer, u contract.Unit) error {
	head := clean(u.Title)
	if u.End != "" {
		head += ": " + words(u.End)
	} else if u.Level < len(u.Chain.Levels) {
		head += fmt.Sprintf(": level %d of %d, %s", u.Level+1, len(u.Chain.Levels), clean(u.Chain.Levels[u.Level].Name))
	}
	fmt.Fprintf(w, "\n%s  (unit %s, %s)\n", head, clean(u.Key), count(len(u.Plan.Changes), "change"))
	rows := make([][]string, 0, len(u.Log))
	for _, d := range u.Log {
		counted := "counted"
		if !d.Counted {
			counted = "not counted: " + words(d.Ignored)
		}
		rows = append(rows, []string{"  " + moment(d.At), d.Level, d.By.Label(), string(d.Decision), counted, d.Remark})
	}
	return table(w, rows)
}
