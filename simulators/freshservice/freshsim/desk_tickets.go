package freshsim

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// ticketRow is one line of the list.
type ticketRow struct {
	ID                         int64
	Ref, Subject, Requester    string
	Status, Priority, Approval string
	Updated                    time.Time
}

type ticketsPage struct {
	Rows           []ticketRow
	Show, Query    string
	Tabs           []tab
	Page, Total    int
	Previous, Next int
}

type tab struct {
	Key, Label string
	Count      int
	Active     bool
}

const deskPerPage = 25

// tabs of the ticket list and which tickets each shows.
func tabRules() []struct {
	key, label string
	keep       func(*ticket) bool
} {
	return []struct {
		key, label string
		keep       func(*ticket) bool
	}{
		{"open", "Open", func(t *ticket) bool { return !t.deleted && !t.spam && !closed(t.status) }},
		{"approval", "Awaiting approval", func(t *ticket) bool { return !t.deleted && !t.spam && t.approvalStatus() == stateRequested }},
		{"resolved", "Resolved", func(t *ticket) bool { return !t.deleted && !t.spam && closed(t.status) }},
		{"all", "All", func(t *ticket) bool { return !t.deleted && !t.spam }},
		{"bin", "Deleted and spam", func(t *ticket) bool { return t.deleted || t.spam }},
	}
}

func (s *Server) deskTickets(v *visit) (*deskAnswer, error) {
	q := v.req.URL.Query()
	p := ticketsPage{Show: q.Get("show"), Query: strings.TrimSpace(q.Get("q")), Page: 1}
	if n, err := strconv.Atoi(q.Get("page")); err == nil && n > 1 {
		p.Page = n
	}
	if p.Show == "" {
		p.Show = "open"
	}
	word := strings.ToLower(p.Query)
	first := (p.Page - 1) * deskPerPage
	for _, rule := range tabRules() {
		active := rule.key == p.Show
		count := 0
		for t := range s.db.tickets.newest() {
			if !rule.keep(t) || word != "" && !s.db.mentions(t, word) {
				continue
			}
			if active && count >= first && count < first+deskPerPage {
				p.Rows = append(p.Rows, s.db.row(t))
			}
			count++
		}
		p.Tabs = append(p.Tabs, tab{rule.key, rule.label, count, active})
		if active {
			p.Total = count
		}
	}
	if p.Page > 1 {
		p.Previous = p.Page - 1
	}
	if first+deskPerPage < p.Total {
		p.Next = p.Page + 1
	}
	return &deskAnswer{page: "tickets", data: p}, nil
}

func (d *database) mentions(t *ticket, word string) bool {
	return strings.Contains(strings.ToLower(t.subject+" "+displayID(t)+" "+d.personName(t.requesterID)+" "+d.emailOf(t.requesterID)), word)
}

func (d *database) row(t *ticket) ticketRow {
	r := ticketRow{
		ID: t.id, Ref: displayID(t), Subject: t.subject, Requester: d.personName(t.requesterID), Status: d.label("status", t.status),
		Priority: d.label("priority", t.priority), Updated: t.updated,
	}
	if st := t.approvalStatus(); st != stateNone {
		r.Approval = approvalStatusName(st)
	}
	return r
}

// ticketPage is everything about one ticket.
type ticketPage struct {
	ticketRow
	Kind, Description, RequestedFor, RequesterEmail, Agent, Group, Department, Source, Category string
	Resolution                                                                                  string
	Created, Due                                                                                time.Time
	Deleted, Spam                                                                               bool
	Tags                                                                                        []string
	Items                                                                                       []itemCard
	Levels                                                                                      []levelCard
	Notes                                                                                       []noteCard
	Activities                                                                                  []activityCard
	Related                                                                                     []ticketRow
	Custom, Context                                                                             []pair
	ContextTitle                                                                                string
	Statuses, Priorities                                                                        []option
	Groups, Agents                                                                              []option
	Questions                                                                                   []question // the custom fields
	Closed                                                                                      bool
}

type pair struct{ Label, Value string }

type option struct {
	Value, Label string
	Selected     bool
}

type itemCard struct {
	ID       int64
	Name     string
	Quantity int
	Stage    string
	Stages   []option
	Answers  []pair
}

type levelCard struct {
	Level  int
	Status string
	Rule   string
	Groups []groupCard
}

type groupCard struct {
	Name, Rule, Status string
	Approvals          []voteCard
}

type voteCard struct {
	ID                                         int64
	TicketID                                   int64
	Approver, Email, Status, Remark, Delegatee string
	Text                                       string
	Open, Inactive                             bool
}

type noteCard struct {
	Author, Body, Kind string
	Private            bool
	At                 time.Time
	Files              []string
}

type activityCard struct {
	Actor, Content string
	Sub            []string
	At             time.Time
}

func (v *visit) deskTicketID() (*ticket, error) {
	id, err := strconv.ParseInt(v.req.PathValue("id"), 10, 64)
	if t := v.db.tickets.get(id); err == nil && t != nil {
		return t, nil
	}
	return nil, &pageError{http.StatusNotFound, "There is no such ticket."}
}

func (s *Server) deskTicket(v *visit) (*deskAnswer, error) {
	t, err := v.deskTicketID()
	if err != nil {
		return nil, err
	}
	d := s.db
	words := d.ticketWords(t)
	p := ticketPage{
		ticketRow: d.row(t), Kind: t.kind, Description: t.description, RequestedFor: d.personName(t.requestedForID),
		RequesterEmail: d.emailOf(t.requesterID), Agent: d.personName(t.responderID), Group: words["group"], Department: words["department"],
		Source: words["source"], Category: t.category, Resolution: t.resolutionNotes, Created: t.created, Due: t.dueBy, Deleted: t.deleted,
		Spam: t.spam, Tags: t.tags, Closed: closed(t.status), Statuses: d.options("status", t.status), Priorities: d.options("priority", t.priority),
	}
	p.Groups = append(p.Groups, option{"", "Nobody", t.groupID == 0})
	for g := range d.groups.all() {
		p.Groups = append(p.Groups, option{g.name, g.name, g.id == t.groupID})
	}
	p.Agents = append(p.Agents, option{"", "Nobody", t.responderID == 0})
	for a := range d.people.all() {
		if a.agent && a.active {
			p.Agents = append(p.Agents, option{a.email, a.name(), a.id == t.responderID})
		}
	}
	for _, r := range t.items {
		p.Items = append(p.Items, d.itemCard(r))
	}
	for _, ch := range t.chains {
		p.Levels = append(p.Levels, d.levelCard(ch))
	}
	for _, n := range t.conversations {
		p.Notes = append(p.Notes, d.noteCard(n))
	}
	for _, a := range slices.Backward(t.activities) {
		p.Activities = append(p.Activities, activityCard{a.actor, a.content, a.sub, a.at})
	}
	for _, id := range append([]int64{t.parent}, t.children...) {
		if r := d.tickets.get(id); r != nil {
			p.Related = append(p.Related, d.row(r))
		}
	}
	for _, f := range d.fields {
		if f.builtin {
			continue
		}
		w := text(t.custom[f.name])
		if w != "" {
			p.Custom = append(p.Custom, pair{f.label, w})
		}
		p.Questions = append(p.Questions, fieldQuestion(f, w))
	}
	if t.lifecycle != nil {
		kind := lifecycleOf(t.lifecycle.offboarding)
		p.ContextTitle, p.Context = kind.word, d.formPairs(t.lifecycle)
	}
	return &deskAnswer{page: "ticket", data: p}, nil
}

// customPrefix keeps custom fields apart from the built-in ones in the properties form.
const customPrefix = "custom."

// fieldQuestion is a ticket field as a control that shows its present value.
func fieldQuestion(f *ticketField, value string) question {
	q := question{Name: customPrefix + f.name, Label: f.label, Control: control(f.kind, 0), Value: value}
	if q.Control == "checkbox" && value != "true" {
		q.Value = ""
	}
	for _, c := range f.values() {
		q.Options = append(q.Options, option{c, c, c == value})
	}
	return q
}

func (d *database) options(field string, selected int) []option {
	var out []option
	for _, c := range d.field(field).choices {
		out = append(out, option{itoa(c.id), c.value, c.id == int64(selected)})
	}
	return out
}

func (d *database) itemCard(r *requestedItem) itemCard {
	card := itemCard{ID: r.id, Name: "Item", Quantity: r.quantity, Stage: stageName(r.stage)}
	for stage := stageRequested; stage <= stagePartial; stage++ {
		card.Stages = append(card.Stages, option{strconv.Itoa(stage), stageName(stage), stage == r.stage})
	}
	if x := d.items.get(r.itemID); x != nil {
		card.Name = x.name
		for _, f := range x.fields {
			if w := text(r.custom[f.name]); w != "" {
				card.Answers = append(card.Answers, pair{f.label, w})
			}
		}
	}
	return card
}

func (d *database) levelCard(ch *chain) levelCard {
	card := levelCard{Level: ch.level, Status: approvalStatusName(ch.state), Rule: ruleWords(ch.rule)}
	for _, g := range ch.groups {
		gc := groupCard{Name: g.name, Rule: ruleWords(g.rule), Status: approvalStatusName(g.state)}
		for _, a := range g.approvals {
			gc.Approvals = append(gc.Approvals, d.voteCard(a))
		}
		card.Groups = append(card.Groups, gc)
	}
	return card
}

func (d *database) voteCard(a *approval) voteCard {
	v := voteCard{
		ID: a.id, TicketID: a.ticketID, Approver: d.personName(a.approverID), Email: d.emailOf(a.approverID), Status: approvalStatusName(a.state),
		Remark: a.remark, Delegatee: d.personName(a.delegatee), Text: a.email,
		Open: a.state == stateRequested && a.group.state == stateRequested && a.group.chain.state == stateRequested,
	}
	if p := d.people.get(a.approverID); p != nil {
		v.Inactive = !p.active
	}
	return v
}

// ruleWords say a rule as people do.
func ruleWords(r approvalRule) string {
	switch r {
	case ruleEveryone:
		return "Everyone must approve"
	case ruleAnyone:
		return "Anyone may approve"
	case ruleMajority:
		return "A majority must approve"
	case ruleFirst:
		return "First answer decides"
	}
	return ""
}

func (d *database) noteCard(n *conversation) noteCard {
	card := noteCard{Author: "Ticket Workflow", Body: n.body, Kind: "Public note", Private: n.private, At: n.created}
	if p := d.people.get(n.userID); p != nil {
		card.Author = p.name()
	}
	switch {
	case n.source == conversationReply:
		card.Kind = "Reply"
	case n.private:
		card.Kind = "Private note"
	}
	for _, f := range n.attachments {
		card.Files = append(card.Files, fmt.Sprintf("%s (%d bytes)", f.name, len(f.data)))
	}
	return card
}

func (d *database) formPairs(r *lifecycleRequest) []pair {
	var out []pair
	view := r.fieldView()
	for _, f := range d.form(r.offboarding) {
		w := text(view[f.name])
		if look, ok := r.lookups[f.name].(obj); ok {
			w = text(look["name"])
			if w == "" {
				w = strings.TrimSpace(text(look["first_name"]) + " " + text(look["last_name"]))
			}
		}
		if w != "" {
			out = append(out, pair{f.label, w})
		}
	}
	return out
}

// approvalsPage lists what a person may decide: as approver and as delegate.
type approvalsPage struct {
	Open, Past []approvalLine
	Person     string
}

type approvalLine struct {
	voteCard
	Ref, Subject, Requester string
	Level                   int
	At                      time.Time
}

func (s *Server) deskApprovals(v *visit) (*deskAnswer, error) {
	who := v.actor
	if email := v.req.URL.Query().Get("person"); email != "" {
		if who = s.db.personByEmail(email); who == nil {
			return nil, &pageError{http.StatusNotFound, "Nobody with this address has an account here."}
		}
	}
	p := approvalsPage{Person: who.name()}
	for a := range s.db.approvals.newest() {
		if a.approverID != who.id && a.delegatee != who.id {
			continue
		}
		t := a.group.chain.ticket
		line := approvalLine{s.db.voteCard(a), displayID(t), t.subject, s.db.personName(t.requesterID), a.group.chain.level, a.created}
		if line.Open && !t.deleted {
			p.Open = append(p.Open, line)
		} else if len(p.Past) < 50 {
			p.Past = append(p.Past, line)
		}
	}
	return &deskAnswer{page: "approvals", data: p}, nil
}
