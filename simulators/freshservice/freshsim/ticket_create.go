package freshsim

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// createTicket is POST /tickets (reference §4.2). There is no idempotency key: the same body twice makes two tickets.
func createTicket(c *call) (*answer, error) {
	in, err := c.input()
	if err != nil {
		return nil, err
	}
	t, err := c.newTicketFrom(in)
	if err != nil {
		return nil, err
	}
	return c.created(obj{"ticket": c.ticketCreatedView(t)}, "tickets", t.id)
}

// createChild is POST /tickets/{id}/create_child_ticket: one level only, not below deleted or spam (reference §4.3).
func createChild(c *call) (*answer, error) {
	parent, err := c.ticket()
	if err != nil {
		return nil, err
	}
	if parent.parent != 0 || parent.deleted || parent.spam {
		return nil, invalid("parent_ticket_id", codeIncompatible, "The parent ticket cannot have child tickets")
	}
	in, err := c.input()
	if err != nil {
		return nil, err
	}
	t, err := c.newTicketFrom(in)
	if err != nil {
		return nil, err
	}
	c.db.adopt(parent, t)
	return c.created(obj{"ticket": c.ticketCreatedView(t)}, "tickets", t.id)
}

func (d *database) adopt(parent, child *ticket) {
	child.parent = parent.id
	parent.children = append(slices.Clone(parent.children), child.id)
	d.touchTicket(parent)
	d.touchTicket(child)
}

// newTicketFrom validates the whole body before anything is written, the requester of an unknown e-mail included.
func (c *call) newTicketFrom(in *input) (*ticket, error) {
	t := c.db.blankTicket()
	requester := c.requesterOf(in)
	in.require(msgString, "subject", "description")
	in.require(oneOfMessage(c.db.choicesOf("status")), "status")
	in.require(oneOfMessage([]int{1, 2, 3, 4}), "priority")
	c.readTicket(in, t, true)
	if kind := in.str("type"); kind != "" {
		t.kind = kind
		if kind == typeServiceRequest {
			in.fail("type", codeInvalidValue, oneOfMessage([]string{typeIncident})) // only the catalogue makes them
		} else if !c.db.hasChoice("ticket_type", kind) {
			in.fail("type", codeInvalidValue, oneOfMessage(c.db.values("ticket_type")))
		}
	}
	c.db.requireForAgents(in, t)
	if closed(t.status) {
		c.db.requireToClose(in, t, t.status)
	}
	files := c.readFiles(in, t)
	if err := in.done(); err != nil {
		return nil, err
	}
	t.attachments = c.db.storeFiles(files)
	p := requester()
	t.requesterID, t.requestedForID = p.id, p.id
	if t.departmentID == 0 && len(p.departments) > 0 {
		t.departmentID = p.departments[0]
	}
	c.addTicket(t)
	return t, nil
}

// requesterOf reads who asks: requester_id, email, or phone with a name. The requester of an unknown address is made
// only when the returned function runs, after validation (reference §4.2).
func (c *call) requesterOf(in *input) func() *person {
	email, phone, name := in.email("email"), in.str("phone"), in.str("name")
	if id := in.int("requester_id"); id != 0 {
		p := c.db.people.get(id)
		if p == nil {
			in.fail("requester_id", codeInvalidValue, msgUnknownID)
		}
		return func() *person { return p }
	}
	switch {
	case email != "":
		return func() *person { return c.db.ensureRequester(email, name) }
	case phone != "" && name != "":
		return func() *person { return c.db.ensurePhone(phone, name) }
	case phone != "":
		in.fail("name", codeMissing, msgString)
	case !in.has("requester_id") && !in.has("email"):
		in.fail("requester_id", codeMissing, "One of the following fields is required: requester_id, phone, email")
	}
	return func() *person { return nil }
}

func (d *database) ensurePhone(phone, name string) *person {
	for p := range d.people.all() {
		if p.workPhone == phone || p.mobile == phone {
			return p
		}
	}
	first, last, _ := strings.Cut(name, " ")
	p := d.newPerson(first, last, "")
	p.workPhone = phone
	d.putPerson(p)
	return p
}

// blankTicket has the vendor's defaults and no id yet.
func (d *database) blankTicket() *ticket {
	now := d.clockNow()
	return &ticket{
		workspace: primaryWorkspace, kind: typeIncident, status: statusOpen, priority: 1, urgency: 1, impact: 1,
		source: sourcePortal, custom: map[string]any{}, created: now, updated: now,
	}
}

// addTicket numbers, stores and announces a ticket.
func (c *call) addTicket(t *ticket) {
	c.applyMatrix(t)
	c.db.addTicket(t, c.actor)
}

func (d *database) addTicket(t *ticket, actor *person) {
	d.nextTicket++
	t.id, t.internal = d.nextTicket, d.id()
	t.setDue()
	t.stats.statusUpdated = t.created
	if t.responderID != 0 {
		t.stats.firstAssigned, t.stats.assigned = t.created, t.created
	}
	d.tickets.put(t.id, t)
	d.record(t, actor, " created the ticket")
	d.touchTicket(t)
	d.raise(EventTicketCreated, t, actor, nil)
}

// setDue computes due dates from the priority where none were given: 3, 2, 1 days and 4 hours to resolve, a quarter
// of it to respond. The vendor computes them from SLA policies, which this account does not model.
func (t *ticket) setDue() {
	resolve := map[int]time.Duration{1: 72 * time.Hour, 2: 48 * time.Hour, 3: 24 * time.Hour, 4: 4 * time.Hour}[t.priority]
	if t.dueBy.IsZero() {
		t.dueBy = t.created.Add(resolve)
	}
	if t.frDueBy.IsZero() {
		t.frDueBy = t.created.Add(resolve / 4)
	}
}

// applyMatrix overrides the priority by urgency and impact where the account does so (reference §4.2).
func (c *call) applyMatrix(t *ticket) {
	if c.s.knobs.PriorityMatrix {
		t.priority = min(max(t.urgency+t.impact-2, 1), 4)
	}
}

// readTicket reads the attributes that create and update share into t; absent ones stay.
func (c *call) readTicket(in *input, t *ticket, creating bool) {
	if in.has("subject") {
		t.subject = in.str("subject")
	}
	if in.has("description") {
		t.description = htmlBody(in.str("description"))
	}
	t.status = in.oneOf("status", t.status, c.db.choicesOf("status")...)
	t.priority = in.oneOf("priority", t.priority, 1, 2, 3, 4)
	t.urgency = in.oneOf("urgency", t.urgency, 1, 2, 3)
	t.impact = in.oneOf("impact", t.impact, 1, 2, 3)
	t.source = in.oneOf("source", t.source, c.db.choicesOf("source")...)
	c.readReference(in, "responder_id", &t.responderID, func(id int64) bool { p := c.db.people.get(id); return p != nil && p.agent })
	c.readReference(in, "group_id", &t.groupID, func(id int64) bool { return c.db.groups.get(id) != nil })
	c.readReference(in, "department_id", &t.departmentID, func(id int64) bool { return c.db.departments.get(id) != nil })
	for name, to := range map[string]*string{"category": &t.category, "sub_category": &t.subCategory, "item_category": &t.itemCategory, "resolution_notes": &t.resolutionNotes, "planned_effort": &t.plannedEffort} {
		if in.has(name) {
			*to = in.str(name)
		}
	}
	for name, to := range map[string]*time.Time{"due_by": &t.dueBy, "fr_due_by": &t.frDueBy, "planned_start_date": &t.plannedStart, "planned_end_date": &t.plannedEnd} {
		if in.has(name) {
			*to = in.date(name)
		}
	}
	if in.has("due_by") != in.has("fr_due_by") {
		in.fail("fr_due_by", codeMissing, "due_by and fr_due_by must be given together")
	} else if t.dueBy.Before(t.frDueBy) {
		in.fail("fr_due_by", codeInvalidValue, "It should be before due_by")
	}
	if in.has("tags") {
		t.tags = slices.Compact(in.strs("tags")) // a full replacement (reference §4.3)
		for _, tag := range t.tags {
			if strings.ContainsAny(tag, ":,") {
				in.fail("tags", codeInvalidValue, "It should not contain a colon or a comma")
			}
		}
	}
	if in.has("cc_emails") && creating {
		t.cc = in.strs("cc_emails")
	}
	if in.has("email_config_id") {
		t.emailConfigID = in.int("email_config_id")
	}
	if creating && in.has("workspace_id") {
		if t.workspace = in.int("workspace_id"); t.workspace != primaryWorkspace {
			in.fail("workspace_id", codeInvalidValue, msgUnknownID)
		}
	}
	c.readLinks(in, t)
	t.custom = c.db.readCustom(in, "custom_fields", t.custom)
}

// readLinks reads the records that a ticket may point to by display id (reference §4.2).
func (c *call) readLinks(in *input, t *ticket) {
	if in.has("assets") {
		t.assets = nil
		for _, a := range in.objects("assets") {
			t.assets = append(t.assets, a.int("display_id"))
			in.errs = append(in.errs, a.errs...)
		}
	}
	for _, name := range []string{"problem", "change_initiating_ticket", "change_initiated_by_ticket"} {
		m := in.object(name)
		id, _ := toInt(m["display_id"], in.loose)
		switch name {
		case "problem":
			if m != nil {
				t.problem = id
			}
		default:
			if m != nil {
				t.changeInitiating = id
			}
		}
	}
}

// readReference reads an id that must exist; null clears it.
func (c *call) readReference(in *input, name string, to *int64, exists func(int64) bool) {
	if !in.has(name) {
		return
	}
	id := in.int(name)
	if id != 0 && !exists(id) {
		in.fail(name, codeInvalidValue, msgUnknownID)
		return
	}
	*to = id
}

// readCustom merges custom fields into a new map. Dropdown values must be among the choices; an unknown name is
// refused (reference §4.1).
func (d *database) readCustom(in *input, name string, old map[string]any) map[string]any {
	sent := in.object(name)
	if sent == nil {
		return old
	}
	merged := maps.Clone(old)
	if merged == nil {
		merged = map[string]any{}
	}
	for _, key := range slices.Sorted(maps.Keys(sent)) {
		f := d.field(key)
		if f == nil || f.builtin {
			in.fail(key, codeInvalidField, msgUnexpected)
			continue
		}
		v, problem := checkAnswer(f.kind, f.values(), sent[key], in.loose)
		if problem != "" {
			in.fail(key, codeInvalidValue, problem)
			continue
		}
		merged[key] = v
	}
	return merged
}

func (f *ticketField) values() []string {
	out := make([]string, 0, len(f.choices))
	for _, c := range f.choices {
		out = append(out, c.value)
	}
	return out
}

func (d *database) values(field string) []string {
	if f := d.field(field); f != nil {
		return f.values()
	}
	return nil
}

func (d *database) hasChoice(field, value string) bool {
	return slices.Contains(d.values(field), value)
}

// requireForAgents complains about custom fields that the form demands from agents (reference §4.2).
func (d *database) requireForAgents(in *input, t *ticket) {
	for _, f := range d.fields {
		if f.requiredForAgents && !f.builtin && text(t.custom[f.name]) == "" {
			in.fail(f.name, codeMissing, msgString)
		}
	}
}

// requireToClose complains about fields that must be filled before status 4 or 5 (reference §4.3). Without a status
// of that kind there is nothing to ask.
func (d *database) requireToClose(in *input, t *ticket, status int) {
	if !closed(status) {
		return
	}
	for _, f := range d.fields {
		if f.requiredToClose && d.fieldText(t, f) == "" {
			in.fail(f.name, codeMissing, "It should not be blank as this is a mandatory field for closing the ticket")
		}
	}
}

// fieldText is a form field's value as people read it; empty when unset.
func (d *database) fieldText(t *ticket, f *ticketField) string {
	if !f.builtin {
		return text(t.custom[f.name])
	}
	switch f.name {
	case "agent", "responder_id":
		return d.personName(t.responderID)
	case "group":
		if g := d.groups.get(t.groupID); g != nil {
			return g.name
		}
		return ""
	case "department":
		if x := d.departments.get(t.departmentID); x != nil {
			return x.name
		}
		return ""
	case "category":
		return t.category
	case "sub_category":
		return t.subCategory
	case "item_category":
		return t.itemCategory
	case "resolution_notes":
		return plainText(t.resolutionNotes)
	case "subject":
		return t.subject
	case "description":
		return plainText(t.description)
	}
	return f.name // the rest always has a value
}
