package reviews

import (
	"net/http"
	"net/url"

	"latchkey/review"
)

// bulkPage asks once more before many items are answered together.
type bulkPage struct {
	Frame    frame
	Campaign string
	Group    string // its title
	By       review.Grouping
	Answer   review.Answer
	Items    []row // what the button answers
	Left     []row // what it leaves to be looked at one by one, and why
	Action   string
	Back     string
	Nonce    string
	Home     string
}

// bulk shows what one click would answer. Certifying takes what is undecided and wears no mark, within one group; the
// rest is named, and has to be looked at one by one. Revoking takes everything that is undecided.
func (p *Pages) bulk(w http.ResponseWriter, r *http.Request) {
	d, ok := p.seat(w, r)
	if !ok {
		return
	}
	key, answer := r.URL.Query().Get("group"), review.Answer(r.URL.Query().Get("answer"))
	page := bulkPage{
		Frame: p.frame(d, "Many at once"), Campaign: d.Campaign, By: d.Packet.Grouping, Answer: answer,
		Action: d.base("/decide", nil), Nonce: review.NewID(), Home: d.base("", nil) + "#g-" + url.PathEscape(key), Back: filter{Page: 1}.values(1).Encode(),
	}
	found := false
	for _, i := range d.Packet.Items {
		if groupKey(d.Packet.Grouping, i) != key {
			continue
		}
		found, page.Group = true, title(d.Packet.Grouping, i)
		if _, answered := d.Answers.Decisions[i.ID]; answered {
			continue
		}
		line := d.row(i, nil, nil)
		if line.Own || answer == review.Certify && !review.BulkCertifiable(i) {
			page.Left = append(page.Left, line)
		} else {
			page.Items = append(page.Items, line)
		}
	}
	if !found || answer != review.Certify && answer != review.Revoke {
		p.sayNoPage(w, r)
		return
	}
	if !d.open() {
		http.Redirect(w, r, page.Home, http.StatusSeeOther)
		return
	}
	p.render(w, r, http.StatusOK, "bulk.html", page)
}
