package workflows

import (
	"fmt"
	"strings"
	"time"

	"go.temporal.io/sdk/workflow"

	"latchkey/approval"
	"latchkey/casework"
	"latchkey/contract"
)

// detailsLimit keeps the current details below the server's 20,000 bytes.
const detailsLimit = 18_000

// answerQueries registers what anybody may ask.
func (c *caseRun) answerQueries(ctx workflow.Context) {
	must(workflow.SetQueryHandlerWithOptions(ctx, contract.QueryStatus, func() (contract.CaseStatus, error) {
		return c.status(), nil
	}, workflow.QueryHandlerOptions{Description: "Where the case stands, and everything it knows."}))
}

// status is the answer to QueryStatus.
func (c *caseRun) status() contract.CaseStatus {
	s := contract.CaseStatus{
		Ticket: c.ticket, UseCase: c.Request.UseCase, State: c.State, Summary: c.oneLine(), DueAt: c.due, Case: c.Case,
	}
	switch {
	case c.Problem != nil:
		s.Problem = c.Problem.Step + ": " + c.Problem.Why + " " + c.Problem.Todo
	case c.trouble != "":
		s.Problem = c.trouble
	}
	return s
}

// oneLine says what the case is and where it stands, without names: it leads the details in the UI's list.
func (c *caseRun) oneLine() string {
	if c.beside != nil {
		return c.beside.line()
	}
	what := "Ticket " + contract.TicketLabel(c.ticket)
	switch c.Request.UseCase {
	case casework.Offboarding:
		what = "Leaver in " + contract.TicketLabel(c.ticket)
	case casework.Onboarding:
		what = "Joiner in " + contract.TicketLabel(c.ticket)
	case casework.RoleChange:
		what = "Mover in " + contract.TicketLabel(c.ticket)
	case casework.AccessRequest:
		what = fmt.Sprintf("Access request %s, %d item(s)", contract.TicketLabel(c.ticket), len(c.Request.Items))
		if n := len(c.openReviews()); n > 0 && c.Reported == nil {
			what += fmt.Sprintf(", %d granted by break-glass and not reviewed yet", n)
		}
	case casework.CredentialReset:
		what = "Credential reset in " + contract.TicketLabel(c.ticket)
	case casework.ProfileSync, casework.SecurityAlert, casework.AccessReview:
	}
	return what + ": " + stateWords(c.State)
}

// stateWords is what an operator reads for a state.
func stateWords(s casework.State) string {
	switch s {
	case casework.StateIntake:
		return "reading the ticket"
	case casework.StateNeedsInformation:
		return "waiting for the ticket to be completed"
	case casework.StatePlanning:
		return "planning"
	case casework.StateAwaitingApproval:
		return "waiting for approval"
	case casework.StateWaitingDate:
		return "approved, waiting for the effective date"
	case casework.StateWaitingTurn:
		return "waiting for another case about the same person"
	case casework.StateApplying:
		return "changing Okta"
	case casework.StateFrozen:
		return "frozen by an operator; nothing is written until thawed"
	case casework.StateHeld:
		return "held by a guard"
	case casework.StateBlocked:
		return "blocked: our own credential is refused"
	case casework.StateUnavailable:
		return "a vendor has been away for long; still trying"
	case casework.StateSettling:
		return "waiting for a vendor's own job, or for the ladder's next rung"
	case casework.StateVerifying:
		return "reading back"
	case casework.StateReporting:
		return "reporting on the ticket"
	case casework.StateNeedsAttention:
		return "needs attention"
	case casework.StateIdle:
		return "reported; absorbing late nudges"
	case casework.StateDone:
		return "done"
	}
	return string(s)
}

// details is the Markdown that the Temporal UI shows: what to do first, then approvals, progress and the log.
func (c *caseRun) details(now time.Time) string {
	var b strings.Builder
	fmt.Fprintf(&b, "**%s**\n\n", c.oneLine())
	c.detailProblem(&b)
	if !c.due.IsZero() {
		fmt.Fprintf(&b, "Next: %s at %s.\n\n", plain(c.dueWhat), c.due.UTC().Format("2006-01-02 15:04 MST"))
	}
	c.detailApprovals(&b)
	if c.beside != nil {
		c.beside.table(&b)
	}
	c.detailProgress(&b)
	for _, line := range c.Log {
		fmt.Fprintf(&b, "- %s %s\n", line.At.UTC().Format("01-02 15:04"), plain(line.Text))
	}
	if url := c.Request.Ticket.URL; url != "" {
		fmt.Fprintf(&b, "\n[Ticket %s](%s)\n", contract.TicketLabel(c.ticket), url)
	}
	fmt.Fprintf(&b, "\n_%s_\n", now.UTC().Format("2006-01-02 15:04:05 MST"))
	return clip(b.String(), detailsLimit)
}

// detailProblem says what is wrong and what to do now.
func (c *caseRun) detailProblem(b *strings.Builder) {
	switch {
	case c.Problem != nil:
		fmt.Fprintf(b, "### Needs attention\n\n%s failed: %s\n\n**What to do:** %s\n\n", plain(c.Problem.Step), plain(c.Problem.Why), plain(c.Problem.Todo))
	case c.trouble != "":
		fmt.Fprintf(b, "### %s\n\n%s\n\n", strings.ToUpper(string(c.State)), plain(c.trouble))
	}
}

// detailApprovals is the table of levels.
func (c *caseRun) detailApprovals(b *strings.Builder) {
	rows := false
	for _, u := range c.Units {
		for i, level := range u.Chain.Levels {
			if !rows {
				b.WriteString("| for | level | groups | state |\n|---|---|---|---|\n")
				rows = true
			}
			fmt.Fprintf(b, "| %s | %d. %s | %s | %s |\n", plain(u.Title), i+1, plain(level.Name), plain(groupNames(level)), levelState(u, i))
		}
	}
	if rows {
		b.WriteString("\n")
	}
}

// groupNames lists a level's groups with their rules.
func groupNames(level approval.Level) string {
	var names []string
	for _, g := range level.Groups {
		name := fmt.Sprintf("%s (%s of %d)", g.Name, g.Rule, len(g.Approvers))
		if n := len(g.StandIns); n > 0 {
			name += fmt.Sprintf(", %d standing in", n)
		}
		names = append(names, name)
	}
	return strings.Join(names, ", ")
}

// levelState is one cell of the table.
func levelState(u contract.Unit, level int) string {
	switch {
	case u.End != "" && level >= u.Level && u.Status != approval.StatusApproved:
		return string(u.End)
	case level < u.Level:
		return "approved"
	case level > u.Level:
		return "not yet"
	case u.Opened.IsZero():
		return "opening"
	}
	return "open since " + u.Opened.UTC().Format("2006-01-02 15:04 MST")
}

// detailProgress counts changes.
func (c *caseRun) detailProgress(b *strings.Builder) {
	if c.Plan == nil || len(c.Plan.Changes) == 0 {
		return
	}
	fmt.Fprintf(b, "Changes: %d of %d", len(c.Done), len(c.Plan.Changes))
	if n := len(c.Done); n > 0 {
		last := c.Done[n-1]
		fmt.Fprintf(b, "; last: %s %s (%s)", last.Change.Verb, plain(last.Change.Object.Label()), last.Outcome)
	}
	b.WriteString(".\n\n")
}

// levelLabel is the value of the search attribute LatchkeyLevel: "2/3" of the first unit with an open level.
func (c *caseRun) levelLabel() string {
	if c.State != casework.StateAwaitingApproval {
		return ""
	}
	for _, u := range c.Units {
		if u.End == "" && u.Level < len(u.Chain.Levels) {
			return fmt.Sprintf("%d/%d", u.Level+1, len(u.Chain.Levels))
		}
	}
	return ""
}

// plain makes untrusted text harmless in a Markdown table or line.
func plain(text string) string {
	return strings.NewReplacer("|", "\\|", "\n", " ", "\r", " ", "<", "&lt;", "`", "'", "[", "(", "]", ")", "*", "·", "_", "\\_").Replace(text)
}
