package contract

import (
	"strconv"
	"strings"
	"time"

	"latchkey/casework"
)

// BulkPerson is what people call whom a row is about.
func BulkPerson(request casework.Request) string {
	if request.Subject != "" {
		return request.Subject
	}
	first, _ := request.Fields["first_name"].(string)
	last, _ := request.Fields["last_name"].(string)
	return strings.TrimSpace(first + " " + last)
}

// BulkResultHead are the columns of a result file.
func BulkResultHead() []string {
	return []string{"row", "person", "okta_user_id", "end", "why", "changes", "proofs", "left", "tasks", "at"}
}

// Cells are the columns of one row. One that never ended is "open".
func (r BulkResult) Cells() []string {
	end, at := string(r.End), ""
	if end == "" {
		end = "open"
	}
	if !r.At.IsZero() {
		at = r.At.UTC().Format(time.RFC3339)
	}
	changes := make([]string, 0, len(r.Done))
	for _, d := range r.Done {
		changes = append(changes, strings.TrimSpace(string(d.Change.Verb)+" "+d.Change.Object.Label())+": "+string(d.Outcome))
	}
	left := make([]string, 0, len(r.Left))
	for _, l := range r.Left {
		left = append(left, l.Object.Label()+": "+l.Why+" ("+l.Owner+")")
	}
	proved := 0
	for _, p := range r.Proofs {
		if p.Proved {
			proved++
		}
	}
	return []string{
		strconv.Itoa(r.Row), r.Person, r.OktaUserID, end, r.Why, strings.Join(changes, "; "),
		strconv.Itoa(proved) + " of " + strconv.Itoa(len(r.Proofs)), strings.Join(left, "; "), strings.Join(r.Tasks, "; "), at,
	}
}
