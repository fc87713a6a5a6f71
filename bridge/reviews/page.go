package reviews

import (
	"context"
	"net/http"
	"slices"
	"time"

	"latchkey/review"
)

// deskPage is the data of the review page.
type deskPage struct {
	Frame    frame
	Campaign string
	Title    string
	Owner    string // whose packet it is, when somebody else sits here
	Open     bool
	Due      time.Time
	Left     string // how long until then
	Until    time.Time
	ReadAt   time.Time
	Partial  string

	Items, Done, Certified, Revoked  int
	CertifiedPercent, RevokedPercent float64

	By       review.Grouping
	Reviewer string
	Filter   filter
	Marks    []markCount
	AllMarks []markView
	Groups   []group
	Shown    int // items that the filter leaves
	Pages    []pageLink
	Before   string
	After    string
	NextTodo string // address of the first undecided item that is elsewhere

	Action string // where the form goes
	Back   string // the filter, for the way back
	Nonce  string
	Reset  string

	// StandIns are reviewers in whose place the visitor may answer beside their own.
	StandIns []standIn

	Flash   string
	Alert   string
	Problem int
}

// markCount is a mark with how many items wear it.
type markCount struct {
	markView
	N, Todo int
}

type pageLink struct {
	N       int
	Href    string
	Current bool
	Gap     bool // pages are left out before it
}

// show is the review page.
func (p *Pages) show(w http.ResponseWriter, r *http.Request) {
	d, ok := p.seat(w, r)
	if !ok {
		return
	}
	page := p.page(d, filterOf(r.URL.Query()), nil, nil)
	if d.Reviewer == d.Session.User {
		ctx, cancel := context.WithTimeout(r.Context(), askWithin)
		defer cancel()
		page.StandIns = p.standIns(ctx, d.Session, d.Campaign)
	}
	var said flash
	if p.readCookie(r, flashCookie, &said) == nil {
		p.dropCookie(w, flashCookie)
		if said.Campaign == d.Campaign && said.Reviewer == d.Reviewer {
			page.Flash = said.Text
		}
	}
	p.render(w, r, http.StatusOK, "desk.html", page)
}

// flash is what one page tells the next: only this service can write one.
type flash struct {
	Campaign, Reviewer, Text string
}

const (
	flashCookie = "flash"
	flashLife   = time.Minute
)

// page makes the data of the review page. typed is what a form brought that is not saved, problems why.
func (p *Pages) page(d *desk, f filter, typed map[string]typedAnswer, problems map[string]string) deskPage {
	s := d.State
	page := deskPage{
		Frame: p.frame(d, d.Packet.Title), Campaign: d.Campaign, Title: d.Packet.Title, Open: d.open(), Due: s.Due, Left: left(s.Due.Sub(p.now())),
		Until: s.Until, ReadAt: d.Packet.ReadAt, Partial: d.Packet.Partial,
		Items: len(d.Packet.Items), Certified: s.Certified, Revoked: s.Revoked, Done: s.Certified + s.Revoked,
		By: d.Packet.Grouping, Reviewer: d.Reviewer, AllMarks: allMarks(d.Packet), Filter: f, Nonce: review.NewID(), Problem: len(problems),
		Action: d.base("/decide", nil), Reset: d.base("", nil),
	}
	if page.Title == "" {
		page.Title = "Access review " + d.Campaign
	}
	page.Frame.Title = page.Title
	if d.Session.User != d.Reviewer {
		page.Owner = s.Reviewer.Name
	}
	if n := float64(page.Items); n > 0 {
		page.CertifiedPercent, page.RevokedPercent = 100*float64(s.Certified)/n, 100*float64(s.Revoked)/n
	}
	page.Marks = d.markCounts()
	items := f.pick(d)
	page.Shown = len(items)
	last := max(1, (len(items)+perPage-1)/perPage)
	page.Filter.Page = min(f.Page, last)
	from := (page.Filter.Page - 1) * perPage
	shown := items[from:min(from+perPage, len(items))]
	page.Groups = d.groups(shown, typed, problems)
	page.Back = f.values(page.Filter.Page).Encode()
	page.Pages = pageLinks(d, f, page.Filter.Page, last)
	if page.Filter.Page > 1 {
		page.Before = d.base("", f.values(page.Filter.Page-1))
	}
	if page.Filter.Page < last {
		page.After = d.base("", f.values(page.Filter.Page+1))
	}
	page.NextTodo = d.nextTodo(f, items, shown)
	return page
}

func (p *Pages) frame(d *desk, title string) frame {
	f := frame{Title: title, Who: d.Session.Name, Via: "signed in", Token: p.token(d.Session)}
	if f.Who == "" {
		f.Who = d.Session.User
	}
	if d.Session.Via == review.ViaLink {
		f.Via = "by a personal link"
	}
	return f
}

// nextTodo is the address of the next undecided item behind this page; empty when it is on the page, or there is none.
func (d *desk) nextTodo(f filter, items, shown []review.Item) string {
	todo := func(i review.Item) bool {
		_, answered := d.Answers.Decisions[i.ID]
		return !answered && i.Person.OktaUserID != d.Session.User
	}
	if slices.ContainsFunc(shown, todo) || f.Todo {
		return ""
	}
	for n, i := range items {
		if todo(i) {
			return d.base("", f.values(n/perPage+1)) + "#i-" + i.ID
		}
	}
	return ""
}

func (d *desk) markCounts() []markCount {
	var list []markCount
	for _, v := range allMarks(d.Packet) {
		c := markCount{markView: v}
		for _, i := range d.Packet.Items {
			if !i.Has(v.Mark) {
				continue
			}
			c.N++
			if _, ok := d.Answers.Decisions[i.ID]; !ok {
				c.Todo++
			}
		}
		if c.N > 0 {
			list = append(list, c)
		}
	}
	return list
}

// pageLinks are the first, the last and the pages around the current one.
func pageLinks(d *desk, f filter, current, last int) []pageLink {
	if last == 1 {
		return nil
	}
	var list []pageLink
	before := 0
	for n := 1; n <= last; n++ {
		if n != 1 && n != last && (n < current-2 || n > current+2) {
			continue
		}
		list = append(list, pageLink{N: n, Href: d.base("", f.values(n)), Current: n == current, Gap: n > before+1})
		before = n
	}
	return list
}

// left says how long there is, as a person would.
func left(d time.Duration) string {
	switch {
	case d <= 0:
		return "the time is over"
	case d < 2*time.Hour:
		return many(max(1, int(d.Minutes())), "minute") + " left"
	case d < 48*time.Hour:
		return many(int(d.Hours()), "hour") + " left"
	}
	return many(int(d.Hours()/24), "day") + " left"
}
