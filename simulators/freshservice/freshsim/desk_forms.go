package freshsim

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// catalogPage lists published items by category.
type catalogPage struct {
	Categories []categoryCard
	Ticket     string // the ticket that an item is added to, empty for a new request
}

type categoryCard struct {
	Name  string
	Items []catalogCard
}

type catalogCard struct {
	ID          int64
	Name, Short string
}

func (s *Server) deskCatalog(v *visit) (*deskAnswer, error) {
	p := catalogPage{Ticket: v.req.FormValue("ticket")}
	for c := range s.db.categories.all() {
		card := categoryCard{Name: c.name}
		for x := range s.db.items.all() {
			if x.category == c.id && s.db.visibleTo(x, v.actor) {
				card.Items = append(card.Items, catalogCard{x.display, x.name, x.short})
			}
		}
		if len(card.Items) > 0 {
			p.Categories = append(p.Categories, card)
		}
	}
	return &deskAnswer{page: "catalog", data: p}, nil
}

// formPage is a form of questions: a service item's, onboarding or offboarding.
type formPage struct {
	Heading, About, Action, Button string
	Questions                      []question
	Problems                       []string
	WithPeople                     bool // asks for whom
	For                            string
	Ticket                         string // adds to this ticket instead of placing a new request
	Recent                         []ticketRow
}

// question is one field with the control that it needs.
type question struct {
	Name, Label, Control, Value string
	Required                    bool
	Options                     []option
}

// control picks the HTML control of a field type.
func control(kind string, source int) string {
	switch {
	case source == lookupRequesters || source == lookupAgents || source == lookupUsers:
		return "person"
	case source != 0:
		return "select"
	}
	switch kind {
	case "custom_dropdown", "nested_field":
		return "select"
	case "custom_multi_select_dropdown":
		return "multi"
	case "custom_checkbox":
		return "checkbox"
	case "custom_date", "custom_date_time":
		return "date"
	case "custom_number", "custom_decimal", "custom_big_number", "custom_lookup_bigint":
		return "number"
	case "custom_paragraph":
		return "paragraph"
	}
	return "text"
}

func (v *visit) question(name, label, kind string, required bool, choices []string, source int) question {
	q := question{Name: name, Label: label, Control: control(kind, source), Required: required, Value: v.form.Get(name)}
	switch source {
	case lookupDepartments:
		for x := range v.db.departments.all() {
			choices = append(choices, x.name)
		}
	case lookupLocations:
		for x := range v.db.locations.all() {
			choices = append(choices, x.name)
		}
	}
	for _, c := range choices {
		q.Options = append(q.Options, option{c, c, slices.Contains(v.form[name], c)})
	}
	return q
}

// answers reads the posted values of questions as the API would get them.
func (v *visit) answers(questions []question) map[string]any {
	out := map[string]any{}
	for _, q := range questions {
		values := slices.DeleteFunc(slices.Clone(v.form[q.Name]), func(s string) bool { return strings.TrimSpace(s) == "" })
		switch {
		case q.Control == "checkbox":
			out[q.Name] = len(values) > 0
		case len(values) == 0:
		case q.Control == "multi":
			many := make([]any, 0, len(values))
			for _, w := range values {
				many = append(many, w)
			}
			out[q.Name] = many
		default:
			out[q.Name] = strings.TrimSpace(values[0])
		}
	}
	return out
}

func (v *visit) catalogItem() (*catalogItem, error) {
	id, err := strconv.ParseInt(v.req.PathValue("id"), 10, 64)
	if x := v.db.items.get(id); err == nil && x != nil && v.db.visibleTo(x, v.actor) {
		return x, nil
	}
	return nil, &pageError{http.StatusNotFound, "There is no such item, or it is not offered to you."}
}

func (v *visit) itemPage(x *catalogItem) formPage {
	p := formPage{
		Heading: x.name, About: x.description, Action: fmt.Sprintf("/desk/catalog/%d", x.display), Button: "Place request", WithPeople: true,
		For: v.form.Get("requested_for"), Ticket: v.req.FormValue("ticket"),
	}
	if p.Ticket != "" {
		p.Button = "Add to ticket"
	}
	for _, f := range x.fields {
		if !f.deleted && f.kind != "custom_static_rich_text" {
			p.Questions = append(p.Questions, v.question(f.name, f.label, f.kind, f.required, f.choices, 0))
		}
	}
	return p
}

func (s *Server) deskItem(v *visit) (*deskAnswer, error) {
	x, err := v.catalogItem()
	if err != nil {
		return nil, err
	}
	return &deskAnswer{page: "form", data: v.itemPage(x)}, nil
}

// deskPlace places a request as the person whom the browser acts as, or adds an item to their open request.
func (s *Server) deskPlace(v *visit) (*deskAnswer, error) {
	x, err := v.catalogItem()
	if err != nil {
		return nil, err
	}
	p := v.itemPage(x)
	in := &input{values: map[string]any{}, seen: map[string]bool{}, loose: true}
	answers := v.answers(p.Questions)
	line := orderLine{item: x, quantity: 1, isParent: true, answers: x.readAnswers(in, answers, false)}
	o := order{requester: v.actor, requestedFor: v.actor, lines: []orderLine{line}}
	if p.For != "" {
		if o.requestedFor = s.db.personByEmail(p.For); o.requestedFor == nil {
			in.fail("requested_for", codeInvalidValue, "Nobody with this address has an account here")
		}
	}
	for _, id := range x.children {
		if child := s.db.items.get(id); child != nil {
			o.lines = append(o.lines, orderLine{item: child, quantity: 1, answers: child.readAnswers(in, nil, false)})
		}
	}
	var onto *ticket
	if p.Ticket != "" {
		id, _ := strconv.ParseInt(p.Ticket, 10, 64)
		if onto = s.db.tickets.get(id); onto == nil || onto.kind != typeServiceRequest || closed(onto.status) {
			in.fail("ticket", codeInvalidValue, "It is not an open service request")
		}
	}
	if err := in.done(); err != nil {
		return v.again(p, err)
	}
	if onto != nil {
		line.isParent = false
		s.db.addRequestedItem(onto, line)
		s.db.touchTicket(onto)
		s.db.record(onto, v.actor, " added the item "+x.name)
		s.db.raise(EventItemUpdated, onto, v.actor, nil)
		return v.backTo(onto, "placed"), nil
	}
	return v.backTo(s.db.place(o, v.actor), "placed"), nil
}

// again shows a form with what is wrong and what was typed.
func (v *visit) again(p formPage, err error) (*deskAnswer, error) {
	var api *apiError
	if !errors.As(err, &api) {
		return nil, err
	}
	p.Problems = api.words()
	return &deskAnswer{page: "form", data: p, status: http.StatusBadRequest}, nil
}

func (v *visit) lifecyclePage(off bool) formPage {
	kind := lifecycleOf(off)
	p := formPage{
		Heading: kind.word, Action: "/desk/" + strings.ToLower(kind.word), Button: "Open request",
		About: "The ticket appears a moment after the request, as it does in the real product.",
	}
	for _, f := range v.db.form(off) {
		p.Questions = append(p.Questions, v.question(f.name, f.label, f.kind, f.required, f.choices, f.source))
	}
	for r := range v.db.lifecycles.newest() {
		if t := v.db.tickets.get(r.ticketID); r.offboarding == off && t != nil && len(p.Recent) < 10 {
			p.Recent = append(p.Recent, v.db.row(t))
		}
	}
	return p
}

func (s *Server) deskLifecycle(off bool) deskHandler {
	return func(v *visit) (*deskAnswer, error) {
		return &deskAnswer{page: "form", data: v.lifecyclePage(off)}, nil
	}
}

func (s *Server) deskOpenLifecycle(off bool) deskHandler {
	kind := lifecycleOf(off)
	return func(v *visit) (*deskAnswer, error) {
		p := v.lifecyclePage(off)
		in := &input{values: map[string]any{}, seen: map[string]bool{}, loose: true}
		values, lookups := s.db.readForm(in, s.db.form(off), v.answers(p.Questions))
		if err := in.done(); err != nil {
			return v.again(p, err)
		}
		s.openLifecycle(kind, v.actor, values, lookups)
		return &deskAnswer{location: p.Action + "?done=opened"}, nil
	}
}

func (v *visit) reportPage() formPage {
	return formPage{
		Heading: "Report a problem", Action: "/desk/new", Button: "Create ticket",
		Questions: []question{
			{Name: "subject", Label: "What is it about?", Control: "text", Required: true, Value: v.form.Get("subject")},
			{Name: "description", Label: "Tell us more", Control: "paragraph", Required: true, Value: v.form.Get("description")},
		},
	}
}

func (s *Server) deskNew(v *visit) (*deskAnswer, error) {
	return &deskAnswer{page: "form", data: v.reportPage()}, nil
}

// deskReport creates an incident as the person whom the browser acts as.
func (s *Server) deskReport(v *visit) (*deskAnswer, error) {
	in := &input{values: v.answers(v.reportPage().Questions), seen: map[string]bool{}, loose: true}
	in.require("It should not be blank", "subject", "description")
	t := s.db.blankTicket()
	t.subject, t.description = in.str("subject"), typedBody(in.str("description"))
	if err := in.done(); err != nil {
		return v.again(v.reportPage(), err)
	}
	t.requesterID, t.requestedForID = v.actor.id, v.actor.id
	if len(v.actor.departments) > 0 {
		t.departmentID = v.actor.departments[0]
	}
	s.db.addTicket(t, v.actor)
	return v.backTo(t, "reported"), nil
}
