package demo

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"latchkey/casework"
	"latchkey/contract"
	"latchkey/internal/playground"
)

// storyTime bounds one story.
const storyTime = 75 * time.Second

// stage is where the stories are told.
type stage struct {
	*playground.Playground
	*teller
}

// story is one thing that happens to Acme.
type story struct {
	title string
	// about is the Okta login of the person whose account it is about.
	about string
	// ask files the ticket.
	ask func(context.Context) (ticket int64, words string, err error)
	// act is what people do afterwards; may be nil.
	act func(context.Context, int64) error
	// ends lists how it may end.
	ends []casework.End
	// changes is how many changes Okta should see; -1 leaves it to the plan.
	changes int
	// open says that the ticket stays open, for a person.
	open bool
	// after is what is waited for once the case was checked; may be nil.
	after func(ctx context.Context, ticket int64, mark int) error
}

// told is how a story went.
type told struct {
	title   string
	ticket  int64
	end     casework.End
	changes int
	groups  int
	notes   int
	err     error
}

func (t told) label() string {
	if t.ticket == 0 {
		return "-"
	}
	return contract.TicketLabel(t.ticket)
}

// tell runs one story from the asking to the checking.
func (s *stage) tell(ctx context.Context, n int, st story) told {
	s.say("%2d  %s", n, st.title)
	out := told{title: st.title}
	mark := s.Mark()
	out.ticket, out.err = s.asked(ctx, st)
	if out.err == nil {
		out.err = s.follow(ctx, st, mark, &out)
	}
	if out.err != nil {
		s.say("   ✗ %v", out.err)
	}
	s.say("")
	return out
}

// asked files the ticket and says so.
func (s *stage) asked(ctx context.Context, st story) (int64, error) {
	ctx, cancel := context.WithTimeout(ctx, storyTime)
	defer cancel()
	ticket, words, err := st.ask(ctx)
	if err != nil {
		return 0, err
	}
	s.step("asked", "%s: %s", contract.TicketLabel(ticket), words)
	return ticket, nil
}

// follow lets people act, waits for the report and checks what Okta and the ticket say.
func (s *stage) follow(ctx context.Context, st story, mark int, out *told) error {
	ctx, cancel := context.WithTimeout(ctx, storyTime)
	defer cancel()
	if st.act != nil {
		if err := st.act(ctx, out.ticket); err != nil {
			return err
		}
	}
	s.progress("waiting for %s to be reported", contract.TicketLabel(out.ticket))
	res, err := s.WaitEnd(ctx, out.ticket)
	if err != nil {
		return err
	}
	out.end = res.End
	status, _, err := s.Status(ctx, out.ticket)
	if err != nil {
		return err
	}
	changes, err := s.Changes(st.about, mark)
	if err != nil {
		return err
	}
	out.changes = len(changes)
	s.tellOutcome(status, res, changes)
	if err := s.countNotes(ctx, out); err != nil {
		return err
	}
	if err := s.check(ctx, st, res, changes, out); err != nil || st.after == nil {
		return err
	}
	return st.after(ctx, out.ticket, mark)
}

// tellOutcome prints approvals, changes, the proof and what is left.
func (s *stage) tellOutcome(status contract.CaseStatus, res contract.CaseResult, changes []string) {
	for _, u := range status.Case.Units {
		var decisions []string
		for _, line := range u.Log {
			words := fmt.Sprintf("%s %s", line.By.Name, line.Decision)
			if !line.Counted {
				words += " (did not count: " + string(line.Ignored) + ")"
			}
			decisions = append(decisions, words)
		}
		if len(decisions) > 0 {
			s.step("decided", "%s: %s", u.Title, strings.Join(decisions, ", "))
		}
	}
	if len(changes) > 0 {
		s.step("changed", "%d in Okta: %s", len(changes), shorten(changes, 5))
	} else {
		s.step("changed", "nothing in Okta")
	}
	proved := 0
	for _, check := range status.Case.Checks {
		for _, proof := range check.Proofs {
			if proof.Proved {
				proved++
			}
		}
	}
	if proved > 0 {
		s.step("proved", "%d things read back from Okta", proved)
	}
	for _, left := range res.Left {
		s.step("left", "%s, owned by %s: %s", left.Object.Label(), left.Owner, left.Why)
	}
	s.step("written", "%s: %s", res.End, res.Summary)
}

// shorten lists a few lines and counts the rest.
func shorten(lines []string, n int) string {
	if len(lines) <= n {
		return strings.Join(lines, ", ")
	}
	return strings.Join(lines[:n], ", ") + fmt.Sprintf(" and %d more", len(lines)-n)
}

// countNotes counts what was written on the ticket, and refuses a marker that stands twice.
func (s *stage) countNotes(ctx context.Context, out *told) error {
	notes, err := s.Notes(ctx, out.ticket)
	if err != nil {
		return err
	}
	markers := []string{}
	for _, note := range notes {
		if m := markerOf(note.BodyText); m != "" {
			markers = append(markers, m)
		}
	}
	out.notes = len(markers)
	if twice := playground.Repeated(markers); len(twice) > 0 {
		return fmt.Errorf("notes written twice: %s", strings.Join(twice, ", "))
	}
	groups, err := s.Approvals(ctx, out.ticket)
	if err != nil {
		return err
	}
	var names []string
	for _, g := range groups {
		names = append(names, g.Name)
	}
	out.groups = len(names)
	if twice := playground.Repeated(names); len(twice) > 0 {
		return fmt.Errorf("approval groups opened twice: %s", strings.Join(twice, ", "))
	}
	return nil
}

// markerOf finds a note's marker.
func markerOf(text string) string {
	i := strings.LastIndex(text, "latchkey:")
	if i < 0 {
		return ""
	}
	return strings.TrimSpace(text[i:])
}

// check compares what happened with what should have.
func (s *stage) check(ctx context.Context, st story, res contract.CaseResult, changes []string, out *told) error {
	if !slices.Contains(st.ends, res.End) {
		return fmt.Errorf("it ended as %q (%s); it should end as %v", res.End, res.Summary, st.ends)
	}
	if st.changes >= 0 && len(changes) != st.changes {
		return fmt.Errorf("in Okta there are %d changes (%s); there should be %d", len(changes), strings.Join(changes, ", "), st.changes)
	}
	if twice := playground.Repeated(changes); len(twice) > 0 {
		return fmt.Errorf("done twice in Okta: %s", strings.Join(twice, ", "))
	}
	ticket, err := s.Ticket(ctx, out.ticket)
	if err != nil {
		return err
	}
	if resolved := ticket.Status == 4; resolved == st.open {
		return fmt.Errorf("the ticket has status %d", ticket.Status)
	}
	return nil
}
