package reviews

import (
	"context"
	"net/http"
	"slices"

	"latchkey/review"
)

// keepPage is a form with what was typed, when it could not be saved: nothing has to be typed twice.
type keepPage struct {
	Frame  frame
	Action string
	Back   string
	Nonce  string
	Rows   []keepRow
	Bulk   bool
	Answer review.Answer // of a bulk
	Why    string
	Home   string
}

type keepRow struct {
	Item, Heading, Title string
	Answer               review.Answer
	Reason               string
}

// keep answers 503 with what was typed, ready to be sent again. It works without the packet too: items are then not named.
func (p *Pages) keep(w http.ResponseWriter, r *http.Request, d *desk, typed map[string]typedAnswer) {
	w.Header().Set("Retry-After", "30")
	if wantsJSON(r) {
		p.json(w, http.StatusServiceUnavailable, saidJSON{Saved: []string{}, Error: "Not saved: the service behind this page does not answer."})
		return
	}
	if len(d.Packet.Items) == 0 && d.Reviewer == d.Session.User { // one's own packet may be named without asking further
		ctx, cancel := context.WithTimeout(r.Context(), askWithin)
		defer cancel()
		if packet, err := p.packets.read(ctx, p.blobs, d.Campaign, d.Reviewer); err == nil {
			d.Packet = packet
		}
	}
	page := keepPage{
		Frame: p.frame(d, "Not saved yet"), Action: d.base("/decide", nil), Home: d.base("", nil), Nonce: review.NewID(), Back: r.PostFormValue("back"),
		Bulk: r.PostFormValue("bulk") == "1", Answer: review.Answer(r.PostFormValue("all")), Why: r.PostFormValue("why"),
	}
	ids := make([]string, 0, len(typed))
	for id := range typed {
		if review.CheckID(id) == nil {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	for _, id := range ids {
		row := keepRow{Item: id, Heading: "An item", Answer: typed[id].Answer, Reason: typed[id].Reason}
		if i, ok := d.Packet.Find(id); ok {
			row.Heading, row.Title = i.Object.Name, i.Person.Name
		}
		page.Rows = append(page.Rows, row)
	}
	p.render(w, r, http.StatusServiceUnavailable, "keep.html", page)
}
