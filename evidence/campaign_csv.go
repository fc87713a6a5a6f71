package evidence

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"

	"latchkey/identity"
	"latchkey/review"
)

// reviewCSV streams the rows of a campaign for a spreadsheet. A cell that a spreadsheet would run as a formula is
// preceded by an apostrophe: names, titles and reasons are other people's text.
type reviewCSV struct{ w *csv.Writer }

func reviewHead() []string {
	return []string{
		"item", "person", "login", "okta_user_id", "title", "department", "account_status", "active_employee", "last_login",
		"kind", "object", "object_id", "origin", "granted_by", "since", "last_used", "peers_percent", "birthright", "why", "marks",
		"reviewer", "reviewer_id", "answer", "reason", "answered_by", "answered_by_id", "answered_via", "answered_at", "answered_at_once",
		"became", "unanswered", "owner", "detail", "proved_at",
	}
}

func newReviewCSV(out io.Writer) (*reviewCSV, error) {
	c := &reviewCSV{w: csv.NewWriter(out)}
	return c, c.line(reviewHead())
}

func (c *reviewCSV) line(cells []string) error {
	for i, cell := range cells {
		cells[i] = inert(cell)
	}
	if err := c.w.Write(cells); err != nil {
		return fmt.Errorf("evidence: %w", err)
	}
	return nil
}

func (c *reviewCSV) end() error {
	c.w.Flush()
	return c.w.Error()
}

func (c *reviewCSV) item(r ReviewItem) error {
	p := r.Person
	return c.line([]string{
		r.ID, p.Name, p.Login, p.OktaUserID, p.Title, p.Department, string(p.Status), yesNo(p.Employee), when(p.LastLogin),
		string(r.Object.Kind), r.Object.Name, r.Object.ID, string(r.Origin), refWords(r.Via), when(r.Since), when(r.LastUsed), percent(r.Peers),
		yesNo(r.Birthright), r.Why, markWords(r.Marks),
		r.ReviewerName, r.Reviewer, string(r.Answer), r.Reason, r.ByName, r.By, string(r.AnsweredVia), when(r.AnsweredAt), atOnce(r.Bulk),
		r.State(), yesNo(r.Outcome.Unanswered), r.Outcome.Owner, r.Outcome.Why, when(r.Outcome.ProvedAt),
	})
}

func orphansCSV(out io.Writer, orphans []review.Person) error {
	c := &reviewCSV{w: csv.NewWriter(out)}
	if err := c.line([]string{"person", "login", "okta_user_id", "title", "department", "account_status", "last_login"}); err != nil {
		return err
	}
	for _, p := range orphans {
		if err := c.line([]string{p.Name, p.Login, p.OktaUserID, p.Title, p.Department, string(p.Status), when(p.LastLogin)}); err != nil {
			return err
		}
	}
	return c.end()
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

func atOnce(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func percent(share float64) string {
	if share < 0 {
		return ""
	}
	return strconv.Itoa(int(share*100 + 0.5))
}

func refWords(refs []identity.Ref) string {
	list := make([]string, 0, len(refs))
	for _, r := range refs {
		name := r.Name
		if name == "" {
			name = r.ID
		}
		list = append(list, name)
	}
	return strings.Join(list, "; ")
}

func markWords(marks []review.Mark) string {
	list := make([]string, 0, len(marks))
	for _, m := range marks {
		list = append(list, string(m))
	}
	return strings.Join(list, " ")
}
