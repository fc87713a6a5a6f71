package evidence

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"

	"latchkey/review"
)

//go:embed campaign.html
var campaignPage string

// reportRows is how many rows a table of the report shows; items.csv holds all. A page of a hundred thousand rows is read
// by nobody and opens nowhere.
const reportRows = 1000

// reviewReport is what the page shows: the record, and the items that somebody should look at.
type reviewReport struct {
	ReviewRecord
	Revoked    reportTable // by a reviewer, or for silence
	Silent     reportTable // nobody answered, and nothing was done
	Unassigned reportTable
	Exceptions reportTable // certified in spite of a mark
}

// reportTable is the first rows of a table, and how many there are.
type reportTable struct {
	Rows []ReviewItem
	All  int
}

// More is how many rows the table does not show.
func (t *reportTable) More() int { return t.All - len(t.Rows) }

func (t *reportTable) add(r ReviewItem) {
	if t.All++; t.All <= reportRows {
		t.Rows = append(t.Rows, r)
	}
}

func (p *reviewReport) add(r ReviewItem) {
	switch {
	case r.Unassigned:
		p.Unassigned.add(r)
	case r.Answer == review.Revoke || r.Outcome.State == review.OutcomeGone || r.Outcome.State == review.OutcomeLeft:
		p.Revoked.add(r)
	case r.Answer == review.Certify:
		if len(r.Marks) > 0 {
			p.Exceptions.add(r)
		}
	default:
		p.Silent.add(r)
	}
}

// html renders one self-contained page that loads nothing, runs nothing and prints well. html/template escapes every
// value.
func (p *reviewReport) html(w io.Writer) error {
	page, err := template.New("campaign").Funcs(template.FuncMap{
		"when": when, "words": func(v any) string { return words(fmt.Sprint(v)) }, "marks": markLabels, "refs": refWords, "percent": shareOf,
		"orphans": func(list []review.Person) []review.Person { return list[:min(len(list), reportRows)] },
	}).Parse(campaignPage)
	if err != nil {
		return fmt.Errorf("evidence: the campaign's template: %w", err)
	}
	if err := page.Execute(w, p); err != nil {
		return fmt.Errorf("evidence: the report of %s: %w", p.Campaign, err)
	}
	return nil
}

// markLabels are marks for people, "duty conflict, new".
func markLabels(marks []review.Mark) string {
	text := ""
	for _, m := range marks {
		if text != "" {
			text += ", "
		}
		text += words(string(m))
	}
	return text
}

// shareOf is a part in percent, for the width of a bar; a part that is there is never drawn as nothing.
func shareOf(part, whole int) int {
	if whole == 0 || part == 0 {
		return 0
	}
	return max(1, part*100/whole)
}
