package reviews

import (
	"net/http"
	"slices"

	"latchkey/review"
)

// outcome is what became of a form.
type outcome struct {
	desk     *desk
	filter   filter
	typed    map[string]typedAnswer
	problems map[string]string
	saved    int
	refused  string
	err      error
}

// answer says what became of a form: to a browser by going back to the page, to the script as JSON.
func (p *Pages) answer(w http.ResponseWriter, r *http.Request, o outcome) {
	if o.err != nil {
		p.log.ErrorContext(r.Context(), "answers could not be saved", "campaign", o.desk.Campaign, "error", o.err)
		p.keep(w, r, o.desk, o.typed)
		return
	}
	if wantsJSON(r) {
		p.answerJSON(w, o)
		return
	}
	if len(o.problems) > 0 || o.refused != "" {
		page := p.page(o.desk, o.filter, o.typed, o.problems)
		page.Alert = alertOf(o)
		p.render(w, r, http.StatusUnprocessableEntity, "desk.html", page)
		return
	}
	said := flash{Campaign: o.desk.Campaign, Reviewer: o.desk.Reviewer, Text: savedWords(o.saved)}
	if err := p.setCookie(w, flashCookie, said, flashLife); err != nil {
		p.log.ErrorContext(r.Context(), "a page could not be told what was saved", "error", err)
	}
	http.Redirect(w, r, o.desk.base("", o.filter.values(o.filter.Page))+o.desk.fragment(o), http.StatusSeeOther)
}

func savedWords(n int) string {
	if n == 0 {
		return "Nothing had changed."
	}
	return many(n, "answer") + " saved."
}

func alertOf(o outcome) string {
	text := ""
	if o.refused != "" {
		return "Not saved: " + o.refused + "."
	}
	if o.saved > 0 {
		text = savedWords(o.saved) + " "
	}
	return text + many(len(o.problems), "answer") + " not saved: look at what is marked below."
}

// fragment is where the page goes on: the first undecided item behind what was just answered.
func (d *desk) fragment(o outcome) string {
	items := o.filter.pick(d)
	behind := -1
	for n, i := range items {
		if _, ok := o.typed[i.ID]; ok {
			behind = n
		}
	}
	for _, i := range items[behind+1:] {
		if _, answered := d.Answers.Decisions[i.ID]; !answered {
			return "#i-" + i.ID
		}
	}
	return "#status"
}

// saidJSON is what the script is told.
type saidJSON struct {
	Saved    []string          `json:"saved"`              // items whose answer counts now
	Problems map[string]string `json:"problems,omitempty"` // items whose answer was not saved, and why
	Error    string            `json:"error,omitempty"`
	Text     string            `json:"text,omitempty"`
	Items    int               `json:"items"`
	Done     int               `json:"done"`
	Kept     int               `json:"certified"`
	Revoked  int               `json:"revoked"`
	Groups   map[string]string `json:"groups,omitempty"` // how far each group is that was touched
}

func (p *Pages) answerJSON(w http.ResponseWriter, o outcome) {
	s := o.desk.State
	body := saidJSON{
		Saved: []string{}, Problems: o.problems, Items: len(o.desk.Packet.Items), Done: s.Certified + s.Revoked, Kept: s.Certified, Revoked: s.Revoked,
	}
	status := http.StatusOK
	switch {
	case o.refused != "":
		body.Error, status = "Not saved: "+o.refused+".", http.StatusConflict
	case len(o.problems) > 0:
		body.Error, status = alertOf(o), http.StatusUnprocessableEntity
	default:
		body.Text = savedWords(o.saved)
	}
	for id, t := range o.typed {
		if o.desk.counts(review.Decision{Item: id, Answer: t.Answer, Reason: t.Reason}) {
			body.Saved = append(body.Saved, id)
		}
	}
	slices.Sort(body.Saved)
	body.Groups = o.desk.tallies(o.typed)
	p.json(w, status, body)
}
