package freshsim

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Status of an onboarding or offboarding request (reference §7.1).
const (
	lifecycleAwaiting   = 1
	lifecycleInProgress = 3
)

// What a lookup field of a form points at (reference §7.1).
const (
	lookupLocations   = 1
	lookupRequesters  = 2
	lookupAgents      = 3
	lookupUsers       = 5
	lookupDepartments = 6
)

// defaultOnboardingForm is the form of a fresh account (reference §7.1).
func defaultOnboardingForm() []formField {
	return []formField{
		{name: "cf_employee_name", label: "Employee Name", kind: "custom_text", required: true, builtin: true},
		{name: "cf_job_title", label: "Job Title", kind: "custom_text", builtin: true},
		{name: "cf_date_of_joining", label: "Date of Joining", kind: "custom_date", required: true, builtin: true},
		{name: "cf_department", label: "Department", kind: "custom_lookup_bigint", source: lookupDepartments, builtin: true},
		{name: "cf_location", label: "Location", kind: "custom_lookup_bigint", source: lookupLocations, builtin: true},
	}
}

// defaultOffboardingForm is the typical form of reference §7.2.
func defaultOffboardingForm() []formField {
	return []formField{
		{name: "actor_2", label: "Reporting Manager", kind: "custom_lookup_bigint", required: true, source: lookupUsers, builtin: true},
		{name: "cf_employee_email", label: "Employee Email", kind: "custom_text", required: true},
		{name: "cf_employee_name", label: "Employee Name", kind: "custom_text"},
		{name: "cf_department", label: "Department", kind: "custom_lookup_bigint", source: lookupDepartments},
		{name: "cf_separation_type", label: "Separation Type", kind: "custom_dropdown", choices: []string{
			"Voluntary Separation", "Internal transfer", "Involuntary Separation", "Deceased", "Absconding",
		}},
		{name: "cf_last_working_date_date", label: "Last Working Date", kind: "custom_date"},
	}
}

// kind of lifecycle request: words that differ between onboarding and offboarding.
type lifecycleKind struct {
	off    bool
	root   string // onboarding_request
	source int
	word   string
}

func lifecycleOf(off bool) lifecycleKind {
	if off {
		return lifecycleKind{true, "offboarding_request", sourceOffboarding, "Offboarding"}
	}
	return lifecycleKind{false, "onboarding_request", sourceOnboarding, "Onboarding"}
}

func (d *database) form(off bool) []formField {
	if off {
		return d.offForm
	}
	return d.onForm
}

func lifecycleForm(off bool) handler {
	return func(c *call) (*answer, error) {
		out := []obj{}
		for i, f := range c.db.form(off) {
			v := obj{
				"placeholder": "", "label": f.label, "name": f.name, "position": i + 1, "required": f.required, "default": f.builtin,
				"field_type": f.kind, "nested_fields": []obj{},
			}
			if len(f.choices) > 0 {
				v["choices"] = f.choices
			}
			if f.source != 0 {
				v["data_source"] = f.source
			}
			out = append(out, v)
		}
		return ok(obj{"fields": out})
	}
}

// createLifecycle answers at once with status 1 and ticket_id null; the ticket comes later (reference §7.1).
func createLifecycle(off bool) handler {
	kind := lifecycleOf(off)
	return func(c *call) (*answer, error) {
		in, err := c.input()
		if err != nil {
			return nil, err
		}
		in.require(msgObject, "fields")
		initiator := c.actor
		if id := in.int("initiator_id"); id != 0 {
			if initiator = c.db.people.get(id); initiator == nil {
				in.fail("initiator_id", codeInvalidValue, msgUnknownID)
			} else if !c.db.admin(c.actor) {
				return nil, denied()
			}
		}
		values, lookups := c.db.readForm(in, c.db.form(off), in.object("fields"))
		if err := in.done(); err != nil {
			return nil, err
		}
		r := c.s.openLifecycle(kind, initiator, values, lookups)
		return c.created(obj{kind.root: c.lifecycleView(r)}, kind.root+"s", r.id)
	}
}

// openLifecycle stores a request and lets its ticket come after the delay. The caller holds the mutex.
func (s *Server) openLifecycle(kind lifecycleKind, initiator *person, values, lookups map[string]any) *lifecycleRequest {
	db := s.db
	now := db.clockNow()
	r := &lifecycleRequest{
		id: db.id(), offboarding: kind.off, status: lifecycleAwaiting, requesterID: initiator.id, fields: values, lookups: lookups,
		created: now, updated: now,
	}
	name := text(values["cf_employee_name"])
	if name == "" {
		name = text(values["cf_employee_email"])
	}
	r.subject = fmt.Sprintf("Employee %s Request : %s", kind.word, name)
	db.lifecycles.put(r.id, r)
	s.clock.after(s.knobs.OnboardingDelay, func() {
		s.update(func(now *database) {
			if now == db { // not after a reset
				now.openLifecycleTicket(kind, r, s.knobs.ChildContext)
			}
		})
	})
	return r
}

// openLifecycleTicket makes the parent ticket and one child per step, as kits do (reference §7.1). The children carry
// the form only when childContext says so: no source tells whether the vendor's do.
func (d *database) openLifecycleTicket(kind lifecycleKind, r *lifecycleRequest, childContext bool) {
	t := d.blankTicket()
	t.kind, t.source, t.priority, t.subject, t.lifecycle = typeServiceRequest, kind.source, 2, r.subject, r
	t.requesterID, t.requestedForID = r.requesterID, r.requesterID
	if p := d.people.get(r.requesterID); p != nil && len(p.departments) > 0 {
		t.departmentID = p.departments[0]
	}
	initiator := d.people.get(r.requesterID)
	d.addTicket(t, initiator)
	r.ticketID, r.status, r.updated = t.id, lifecycleInProgress, d.clockNow()
	steps := []string{"Prepare workplace and equipment", "Prepare access and accounts"}
	if kind.off {
		steps = []string{"Collect equipment", "Remove access and accounts"}
	}
	for _, step := range steps {
		child := d.blankTicket()
		child.kind, child.source, child.priority = typeServiceRequest, kind.source, 2
		if childContext {
			child.lifecycle = r
		}
		child.subject = step + " : " + strings.TrimSpace(strings.TrimPrefix(r.subject, "Employee "+kind.word+" Request :"))
		child.requesterID, child.requestedForID = t.requesterID, t.requestedForID
		child.parent = t.id // known before the event tells about it
		d.addTicket(child, initiator)
		d.adopt(t, child)
	}
}

// readForm holds the values to a form. Lookups take an id, an e-mail address or a name, and are stored as ids beside
// what they point at (reference §7.1).
func (d *database) readForm(in *input, form []formField, sent map[string]any) (values, lookups map[string]any) {
	values, lookups = map[string]any{}, map[string]any{}
	for _, f := range form {
		v := sent[f.name]
		if text(v) == "" {
			if f.required {
				in.fail(f.name, codeMissing, "It should not be blank as this is a mandatory field")
			}
			values[f.name] = nil
			continue
		}
		if f.source != 0 {
			id, details, found := d.lookup(f.source, v)
			if !found {
				in.fail(f.name, codeInvalidValue, msgUnknownID)
				continue
			}
			values[f.name], lookups[f.name] = id, details
			continue
		}
		value, problem := checkAnswer(f.kind, f.choices, v, in.loose)
		if problem != "" {
			in.fail(f.name, codeInvalidValue, problem)
			continue
		}
		values[f.name] = value
	}
	for _, name := range slices.Sorted(maps.Keys(sent)) {
		if !slices.ContainsFunc(form, func(f formField) bool { return f.name == name }) {
			in.fail(name, codeInvalidField, msgUnexpected)
		}
	}
	return values, lookups
}

// lookup resolves a lookup value and says what it points at.
func (d *database) lookup(source int, v any) (id int64, details obj, found bool) {
	n, isID := toInt(v, true)
	word := strings.ToLower(text(v))
	switch source {
	case lookupLocations:
		for x := range d.locations.all() {
			if isID && x.id == n || strings.ToLower(x.name) == word {
				return x.id, obj{"id": x.id, "name": x.name}, true
			}
		}
	case lookupDepartments:
		for x := range d.departments.all() {
			if isID && x.id == n || strings.ToLower(x.name) == word {
				return x.id, obj{"id": x.id, "name": x.name}, true
			}
		}
	case lookupRequesters, lookupAgents, lookupUsers:
		p := d.personByEmail(word)
		if isID {
			p = d.people.get(n)
		}
		if p == nil || source == lookupAgents && !p.agent || source == lookupRequesters && p.agent {
			return 0, nil, false
		}
		return p.id, obj{"id": p.id, "first_name": p.first, "last_name": orNull(p.last), "email": p.email}, true
	}
	return 0, nil, false
}

// fieldView echoes dates as DD-MM-YYYY, whatever was sent (reference §7.1).
func (r *lifecycleRequest) fieldView() obj {
	out := obj{}
	for name, v := range r.fields {
		s, isText := v.(string)
		if len(s) >= len(time.DateOnly) && isText {
			if t, err := time.Parse(time.DateOnly, s[:len(time.DateOnly)]); err == nil {
				out[name] = t.Format("02-01-2006")
				continue
			}
		}
		out[name] = v
	}
	return out
}

func (c *call) lifecycleView(r *lifecycleRequest) obj {
	p := c.db.people.get(r.requesterID)
	actors := obj{}
	if p != nil {
		actors["HR Manager"] = obj{"email": p.email, "name": p.name(), "response_status": "Completed"}
	}
	return obj{
		"id": r.id, "created_at": stamp(r.created), "updated_at": stamp(r.updated), "status": r.status, "subject": r.subject,
		"requester_id": r.requesterID, "ticket_id": orNull(r.ticketID), "actors": actors, "fields": r.fieldView(),
		"lookup_values": fields(r.lookups),
	}
}

func listLifecycles(off bool) handler {
	kind := lifecycleOf(off)
	return func(c *call) (*answer, error) {
		return listed(c, kind.root+"s", matching(c.db.lifecycles.newest(), func(r *lifecycleRequest) bool { return r.offboarding == off }), c.lifecycleView)
	}
}

func (c *call) lifecycleRequest(off bool) (*lifecycleRequest, error) {
	if r := c.db.lifecycles.get(c.ids["id"]); r != nil && r.offboarding == off {
		return r, nil
	}
	return nil, notFound()
}

func getLifecycle(off bool) handler {
	kind := lifecycleOf(off)
	return func(c *call) (*answer, error) {
		r, err := c.lifecycleRequest(off)
		if err != nil {
			return nil, err
		}
		return ok(obj{kind.root: c.lifecycleView(r)})
	}
}

// lifecycleTickets lists the parent and its children (reference §7.1).
func lifecycleTickets(off bool) handler {
	kind := lifecycleOf(off)
	return func(c *call) (*answer, error) {
		r, err := c.lifecycleRequest(off)
		if err != nil {
			return nil, err
		}
		out := []obj{}
		if t := c.db.tickets.get(r.ticketID); t != nil {
			out = append(out, c.lifecycleTicketView(t, true))
			for _, id := range t.children {
				if child := c.db.tickets.get(id); child != nil {
					out = append(out, c.lifecycleTicketView(child, false))
				}
			}
		}
		return &answer{status: http.StatusOK, body: obj{strings.ToLower(kind.word) + "_tickets": out}}, nil
	}
}

func (c *call) lifecycleTicketView(t *ticket, parent bool) obj {
	return obj{
		"id": t.id, "created_at": stamp(t.created), "updated_at": stamp(t.updated), "subject": t.subject,
		"responder_email": orNull(c.db.emailOf(t.responderID)), "status": t.status, "parent": parent,
		"predecessor_ticket_id": orNull(t.parent), "successor_ticket_ids": list(t.children),
	}
}
