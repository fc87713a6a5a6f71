package freshsim

import (
	"errors"
	"net/http"
	"time"
)

// adminState counts the account's records, or with ?full=true shows every ticket with all that hangs on it.
func (s *Server) adminState(r *http.Request) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.db
	agents := 0
	for p := range d.people.all() {
		if p.agent {
			agents++
		}
	}
	out := obj{
		"now": stamp(d.now()), "tickets": d.tickets.len(), "people": d.people.len(), "agents": agents, "groups": d.groups.len(),
		"departments": d.departments.len(), "locations": d.locations.len(), "service_items": d.items.len(), "approvals": d.approvals.len(),
		"conversations": d.convs.len(), "limits": s.opts.Limits, "faults": len(s.faults.faults),
	}
	if r.URL.Query().Get("full") == "true" {
		tickets := []any{}
		c := s.view(r)
		for t := range d.tickets.all() {
			tickets = append(tickets, c.wholeTicket(t))
		}
		out["all_tickets"] = tickets
	}
	return out, nil
}

// adminTicket shows one ticket with notes, items, approvals, tasks and history in one answer.
func (s *Server) adminTicket(r *http.Request) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.db.tickets.get(pathID(r))
	if t == nil {
		return nil, missing("ticket")
	}
	return s.view(r).wholeTicket(t), nil
}

func (c *call) wholeTicket(t *ticket) obj {
	conversations, items, groups, tasks, history := []obj{}, []obj{}, []obj{}, []obj{}, []obj{}
	for _, n := range t.conversations {
		conversations = append(conversations, c.conversationListView(n))
	}
	for _, i := range t.items {
		items = append(items, c.requestedItemView(i))
	}
	for _, ch := range t.chains {
		for _, g := range ch.groups {
			v := c.approvalGroupView(g)
			v["chain_status"], v["chain_rule"] = ch.state.view(), int(ch.rule)
			groups = append(groups, v)
		}
	}
	for _, k := range t.tasks {
		tasks = append(tasks, k.view())
	}
	for _, a := range t.activities {
		history = append(history, obj{"actor": a.actor, "content": a.content, "sub_contents": list(a.sub), "created_at": stamp(a.at)})
	}
	v := c.embed(t, c.ticketView(t), []string{"tags", "requester", "requested_for", "stats", "related_tickets", "onboarding_context", "offboarding_context"})
	return obj{"ticket": v, "conversations": conversations, "requested_items": items, "approval_groups": groups, "tasks": tasks, "activities": history}
}

// adminDelegate sets or, with an empty address, clears the profile's delegate: {"to":"a@b.c","from":"...","until":"..."}.
// The vendor has this setting in its user interface only (reference §6.1).
func (s *Server) adminDelegate(r *http.Request) (any, error) {
	var in struct {
		To    string    `json:"to"`
		From  time.Time `json:"from"`
		Until time.Time `json:"until"`
	}
	if err := decode(r, &in); err != nil {
		return nil, err
	}
	return obj{}, s.SetDelegate(pathID(r), in.To, in.From, in.Until)
}

// SetDelegate names who answers approvals in a person's place from one time until another (zero: open). An empty
// address ends the delegation. Approvals that were asked before keep what they show.
func (s *Server) SetDelegate(personID int64, to string, from, until time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.db.people.get(personID)
	if p == nil {
		return missing("person")
	}
	if to == "" {
		p.delegate = nil
		return nil
	}
	other := s.db.personByEmail(to)
	if other == nil || other == p {
		return errors.New("the delegate must be another person with an account here")
	}
	p.delegate = &delegation{to: other.id, from: from, until: until}
	return nil
}

// adminExternalID sets what SCIM would set: {"external_id":"00u..."} (reference §8.1: not an input of the REST API).
func (s *Server) adminExternalID(r *http.Request) (any, error) {
	var in struct {
		ExternalID string `json:"external_id"`
	}
	if err := decode(r, &in); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.db.people.get(pathID(r))
	if p == nil {
		return nil, missing("person")
	}
	p.externalID, p.updated = in.ExternalID, s.db.clockNow()
	s.db.touchPerson(p)
	return obj{}, nil
}

// adminAPIKey gives an agent a key: {"key":"...","email":"..."}, optionally with a role by name, so that a 403 can be
// tested.
func (s *Server) adminAPIKey(r *http.Request) (any, error) {
	var in struct {
		Key   string `json:"key"`
		Email string `json:"email"`
		Role  string `json:"role"`
	}
	if err := decode(r, &in); err != nil {
		return nil, err
	}
	return obj{}, s.AddAPIKey(in.Key, in.Email, in.Role)
}

// AddAPIKey gives the agent with an e-mail address a key and, when role is not empty, that role alone. A person who is
// not yet an agent becomes one.
func (s *Server) AddAPIKey(key, email, roleName string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.db.personByEmail(email)
	if key == "" || p == nil {
		return errors.New("a key and the e-mail address of a person are required")
	}
	if roleName == "" {
		roleName = roleAgent
	}
	if s.db.roleByName(roleName) == nil {
		return errors.New("the role is unknown; GET /api/v2/roles lists them")
	}
	s.db.makeAgent(p, roleName)
	s.db.keys[key] = p.id
	s.db.touchPerson(p)
	return nil
}

// vendorBody reads an admin call's body with the vendor's validation.
func vendorBody(r *http.Request) (*input, error) {
	in := &input{values: map[string]any{}, seen: map[string]bool{}}
	return in, decodeNumbers(r, &in.values)
}

// adminServiceItem makes a service item without the API's hyphenated path; body as POST /service-catalog/items inside
// service_item, with category by name, and requester_group_ids to offer it to members of these groups only.
func (s *Server) adminServiceItem(r *http.Request) (any, error) {
	in, err := vendorBody(r)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if name := in.str("category"); name != "" {
		in.values["category_id"] = s.db.categoryNamed(name)
	}
	if !in.has("visibility") {
		in.values["visibility"] = int64(itemPublished)
	}
	groups := in.ints("requester_group_ids")
	for _, id := range groups {
		if s.db.requesterGroups.get(id) == nil {
			in.fail("requester_group_ids", codeInvalidValue, msgUnknownID)
		}
	}
	x, err := s.db.readItem(in)
	if err != nil {
		return nil, err
	}
	x.groups = groups
	return obj{"service_item": s.view(r).itemView(x)}, nil
}

// categoryNamed finds a catalogue category or makes it.
func (d *database) categoryNamed(name string) int64 {
	for x := range d.categories.all() {
		if x.name == name {
			return x.id
		}
	}
	x := &catalogCategory{id: d.id(), name: name, position: d.categories.len() + 1, created: d.clockNow()}
	d.categories.put(x.id, x)
	return x.id
}

// adminServiceRequest places several items in one ticket, as the portal's cart does and no API call can:
// {"email","requested_for","items":[{"display_id","quantity","custom_fields"}]}.
func (s *Server) adminServiceRequest(r *http.Request) (any, error) {
	in, err := vendorBody(r)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	in.require(msgString, "email")
	in.require(msgArray, "items")
	email, forEmail := in.email("email"), in.email("requested_for")
	var o order
	for i, line := range in.objects("items") {
		l, problem := s.db.readLine(in, line)
		if problem != nil {
			return nil, problem
		}
		l.isParent = i == 0
		o.lines = append(o.lines, l)
	}
	if len(o.lines) == 0 {
		in.fail("items", codeInvalidValue, "It should not be empty")
	}
	if err := in.done(); err != nil {
		return nil, err
	}
	o.requester = s.db.ensureRequester(email, "")
	o.requestedFor = o.requester
	if forEmail != "" {
		o.requestedFor = s.db.ensureRequester(forEmail, "")
	}
	t := s.db.place(o, o.requester)
	body := s.view(r).serviceRequestView(t)
	s.automator.settle()
	return obj{"service_request": body}, nil
}

// readLine reads one item of a cart; its complaints go into in.
func (d *database) readLine(in, line *input) (orderLine, error) {
	id := line.int("display_id")
	x := d.items.get(id)
	if x == nil {
		return orderLine{}, missing("service item")
	}
	l := orderLine{item: x, quantity: max(int(line.int("quantity")), 1), answers: x.readAnswers(in, line.object("custom_fields"), false)}
	return l, line.done()
}

// adminAddItem adds an item to an existing service request, which the vendor allows in its user interface only
// (reference §5.3): {"display_id","quantity","custom_fields"}.
func (s *Server) adminAddItem(r *http.Request) (any, error) {
	in, err := vendorBody(r)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.db.tickets.get(pathID(r))
	if t == nil || t.kind != typeServiceRequest {
		return nil, missing("service request")
	}
	problems := &input{values: map[string]any{}, seen: map[string]bool{}}
	line, err := s.db.readLine(problems, in)
	if err != nil {
		return nil, err
	}
	if err := problems.done(); err != nil {
		return nil, err
	}
	item := s.db.addRequestedItem(t, line)
	s.db.touchTicket(t)
	s.db.record(t, nil, " added the item "+line.item.name)
	s.db.raise(EventItemUpdated, t, nil, nil)
	body := s.view(r).requestedItemView(item)
	s.automator.settle()
	return obj{"requested_item": body}, nil
}

// adminSpam marks or unmarks a ticket: {"spam":true}. v2 has no endpoint for it.
func (s *Server) adminSpam(r *http.Request) (any, error) {
	in := struct {
		Spam bool `json:"spam"`
	}{true}
	if err := decode(r, &in); err != nil {
		return nil, err
	}
	var err error
	s.update(func(d *database) {
		t := d.tickets.get(pathID(r))
		if t == nil {
			err = missing("ticket")
			return
		}
		d.setSpam(t, in.Spam, nil)
	})
	return obj{}, err
}

// adminBackdate moves a ticket's creation: {"created_at":"2026-01-31T08:00:00Z"}, so that lists that hide old tickets
// can be tested. updated_at moves with it.
func (s *Server) adminBackdate(r *http.Request) (any, error) {
	var in struct {
		CreatedAt time.Time `json:"created_at"`
	}
	if err := decode(r, &in); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.db.tickets.get(pathID(r))
	if t == nil {
		return nil, missing("ticket")
	}
	t.created = in.CreatedAt.UTC().Truncate(time.Second)
	t.updated = t.created
	s.db.ticketIndex.write(t.id, t, s.db.now())
	return obj{}, nil
}
