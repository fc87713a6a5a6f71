package freshsim

import (
	"iter"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// requesterView is the requester object (reference §8.1).
func (c *call) requesterView(p *person) obj {
	v := c.personView(p)
	v["primary_email"], v["secondary_emails"], v["is_agent"] = orNull(p.email), list(p.secondary), p.agent
	return v
}

// personView is what requesters and agents share.
func (c *call) personView(p *person) obj {
	names := make([]string, 0, len(p.departments))
	for _, id := range p.departments {
		if x := c.db.departments.get(id); x != nil {
			names = append(names, x.name)
		}
	}
	place := any(nil)
	if x := c.db.locations.get(p.location); x != nil {
		place = x.name
	}
	return obj{
		"id": p.id, "first_name": p.first, "last_name": orNull(p.last), "job_title": orNull(p.title),
		"work_phone_number": orNull(p.workPhone), "mobile_phone_number": orNull(p.mobile), "department_ids": list(p.departments),
		"department_names": names, "can_see_all_tickets_from_associated_departments": p.seeAllTickets,
		"can_see_all_changes_from_associated_departments": p.seeAllChanges, "reporting_manager_id": orNull(p.manager),
		"address": orNull(p.address), "time_zone": p.timeZone, "time_format": p.timeFormat, "language": p.language,
		"location_id": orNull(p.location), "location_name": place, "background_information": orNull(p.background),
		"custom_fields": c.db.customOf(p), "active": p.active, "has_logged_in": p.loggedIn, "external_id": orNull(p.externalID),
		"vip_user": p.vip, "created_at": stamp(p.created), "updated_at": stamp(p.updated),
	}
}

// requester finds a requester of the path; an agent's id is not one (reference §8.1, low confidence on the code).
func (c *call) requester() (*person, error) {
	if p := c.db.people.get(c.ids["id"]); p != nil && !p.agent {
		return p, nil
	}
	return nil, notFound()
}

func getRequester(c *call) (*answer, error) {
	p, err := c.requester()
	if err != nil {
		return nil, err
	}
	return ok(obj{"requester": c.requesterView(p)})
}

// listRequesters is by first name; agents only when include_agents asks; query reads the lagging index (reference §8.1).
func listRequesters(c *call) (*answer, error) {
	if c.query.Has("query") {
		return c.queryPeople("requesters", false, c.requesterView)
	}
	agents := c.query.Get("include_agents") == "true"
	if agents && !c.db.may(c.actor, needAgents) {
		return nil, denied()
	}
	seq, err := c.peopleBy(func(p *person) bool { return !p.agent || agents })
	if err != nil {
		return nil, err
	}
	return listed(c, "requesters", seq, c.requesterView)
}

// peopleBy filters by the exact parameters that both lists take. An address goes through the e-mail index.
func (c *call) peopleBy(keep func(*person) bool) (iter.Seq[*person], error) {
	q := c.query
	ids := c.db.sortedPeople()
	if q.Has("email") {
		ids = nil
		if p := c.db.personByEmail(q.Get("email")); p != nil {
			ids = []int64{p.id}
		}
	}
	active := q.Get("active")
	if q.Has("active") && active != "true" && active != "false" {
		return nil, invalid("active", codeDatatype, msgBoolean)
	}
	return func(yield func(*person) bool) {
		for _, id := range ids {
			p := c.db.people.get(id)
			if !keep(p) || q.Has("mobile_phone_number") && p.mobile != q.Get("mobile_phone_number") ||
				q.Has("work_phone_number") && p.workPhone != q.Get("work_phone_number") ||
				active != "" && strconv.FormatBool(p.active) != active {
				continue
			}
			if !yield(p) {
				return
			}
		}
	}, nil
}

// queryPeople is the query form of both lists: newest first, 30 a page, a total (reference §8.1).
func (c *call) queryPeople(root string, agents bool, view func(*person) obj) (*answer, error) {
	for name := range c.query {
		if name != "query" && name != "page" && name != "per_page" {
			return nil, invalid(name, codeInvalidField, msgUnexpected)
		}
	}
	match, err := parseFilter(c.query.Get("query"), c.db.peopleSchema(agents))
	if err != nil {
		return nil, err
	}
	return found(c, root, matching(c.db.peopleIndex.newest(c.s.clock.now(), c.s.knobs.IndexLag), func(p *person) bool {
		return p.agent == agents && match(func(field string) []any { return personValues(p, field) })
	}), view)
}

// peopleSchema is what a query of people may name (reference §8.1).
func (d *database) peopleSchema(agents bool) filterSchema {
	s := filterSchema{
		"first_name": kindLabel, "last_name": kindLabel, "name": kindLabel, "job_title": kindString, "work_phone_number": kindString,
		"mobile_phone_number": kindString, "department_id": kindNumber, "reporting_manager_id": kindNumber, "time_zone": kindString,
		"language": kindString, "location_id": kindNumber, "created_at": kindTime, "updated_at": kindTime,
	}
	if agents {
		s["email"], s["active"] = kindString, kindBool
	} else {
		s["primary_email"] = kindString
	}
	for _, f := range d.personForm {
		switch f.kind {
		case "custom_number", "custom_big_number", "custom_decimal":
			s[f.name] = kindNumber
		case "custom_date", "custom_date_time":
			s[f.name] = kindTime
		case "custom_checkbox":
			s[f.name] = kindBool
		default:
			s[f.name] = kindString
		}
	}
	return s
}

// personValues are the values of one field of the indexed copy; none for null.

func personValues(p *person, field string) []any {
	switch field {
	case "first_name":
		return wordValue(p.first)
	case "last_name":
		return wordValue(p.last)
	case "name":
		return wordValue(p.name())
	case "primary_email", "email":
		return wordValue(p.email)
	case "job_title":
		return wordValue(p.title)
	case "work_phone_number":
		return wordValue(p.workPhone)
	case "mobile_phone_number":
		return wordValue(p.mobile)
	case "time_zone":
		return wordValue(p.timeZone)
	case "language":
		return wordValue(p.language)
	case "department_id":
		out := make([]any, 0, len(p.departments))
		for _, id := range p.departments {
			out = append(out, id)
		}
		return out
	case "reporting_manager_id":
		return idValue(p.manager)
	case "location_id":
		return idValue(p.location)
	case "created_at":
		return []any{p.created}
	case "updated_at":
		return []any{p.updated}
	case "active":
		return []any{p.active}
	}
	return customValue(p.custom[field])
}

func wordValue(s string) []any {
	if s == "" {
		return nil
	}
	return []any{s}
}

// createRequester needs a first name and one of e-mail and phones (reference §8.1).
func createRequester(c *call) (*answer, error) {
	in, err := c.input()
	if err != nil {
		return nil, err
	}
	p := c.db.newPerson("", "", "")
	in.require(msgString, "first_name")
	c.readPerson(in, p, "primary_email")
	if p.email == "" && p.workPhone == "" && p.mobile == "" {
		in.fail("primary_email", codeMissing, "One of the following fields is required: primary_email, work_phone_number, mobile_phone_number")
	}
	if err := in.done(); err != nil {
		return nil, err
	}
	c.db.putPerson(p)
	return c.created(obj{"requester": c.requesterView(p)}, "requesters", p.id)
}

// updateRequester replaces lists and drops can_see_all_tickets_from_associated_departments to false unless it is sent
// as true every time (reference §8.1).
func updateRequester(c *call) (*answer, error) {
	p, err := c.requester()
	if err != nil {
		return nil, err
	}
	if err := c.updatePerson(p, "primary_email", nil); err != nil {
		return nil, err
	}
	return ok(obj{"requester": c.requesterView(p)})
}

func (c *call) updatePerson(p *person, emailField string, extra func(*input, *person)) error {
	in, err := c.input()
	if err != nil {
		return err
	}
	next := *p
	next.seeAllTickets = false
	c.readPerson(in, &next, emailField)
	if extra != nil {
		extra(in, &next)
	}
	if next.first == "" {
		in.fail("first_name", codeInvalidValue, "It should not be blank")
	}
	if err := in.done(); err != nil {
		return err
	}
	next.updated = c.now
	c.db.dropEmails(p)
	*p = next
	c.db.putPerson(p)
	return nil
}

// readPerson reads what requesters and agents share. Arrays replace. external_id is not an input of the REST API
// (reference §8.1, medium confidence).
func (c *call) readPerson(in *input, p *person, emailField string) {
	for name, to := range map[string]*string{
		"first_name": &p.first, "last_name": &p.last, "job_title": &p.title, "work_phone_number": &p.workPhone,
		"mobile_phone_number": &p.mobile, "address": &p.address, "time_zone": &p.timeZone, "language": &p.language,
		"background_information": &p.background,
	} {
		if in.has(name) {
			*to = in.str(name)
		}
	}
	if in.has("time_format") {
		if p.timeFormat = in.str("time_format"); p.timeFormat != "12h" && p.timeFormat != "24h" {
			in.fail("time_format", codeInvalidValue, oneOfMessage([]string{"12h", "24h"}))
		}
	}
	if in.has(emailField) {
		p.email = in.email(emailField)
		c.freeEmail(in, p, emailField, p.email)
	}
	if in.has("secondary_emails") && emailField == "primary_email" {
		p.secondary = nil
		for _, e := range in.strs("secondary_emails") {
			e = strings.ToLower(e)
			if !validEmail(e) {
				in.fail("secondary_emails", codeInvalidValue, "It should contain valid email addresses")
			}
			c.freeEmail(in, p, "secondary_emails", e)
			p.secondary = append(p.secondary, e)
		}
	}
	if in.has("department_ids") {
		p.departments = in.ints("department_ids")
		for _, id := range p.departments {
			if c.db.departments.get(id) == nil {
				in.fail("department_ids", codeInvalidValue, msgUnknownID)
			}
		}
	}
	c.readReference(in, "reporting_manager_id", &p.manager, func(id int64) bool { return c.db.people.get(id) != nil })
	c.readReference(in, "location_id", &p.location, func(id int64) bool { return c.db.locations.get(id) != nil })
	p.seeAllTickets = in.bool("can_see_all_tickets_from_associated_departments", p.seeAllTickets)
	p.seeAllChanges = in.bool("can_see_all_changes_from_associated_departments", p.seeAllChanges)
	p.vip = in.bool("vip_user", p.vip)
	if sent := in.object("custom_fields"); sent != nil {
		p.custom = c.db.readPersonCustom(in, p.custom, sent)
	}
}

// readPersonCustom merges custom fields into a new map; names that the account does not define are refused.
func (d *database) readPersonCustom(in *input, old, sent map[string]any) map[string]any {
	merged := maps.Clone(fields(old))
	for _, name := range slices.Sorted(maps.Keys(sent)) {
		i := slices.IndexFunc(d.personForm, func(f *ticketField) bool { return f.name == name })
		if i < 0 {
			in.fail(name, codeInvalidField, msgUnexpected)
			continue
		}
		v, problem := checkAnswer(d.personForm[i].kind, d.personForm[i].values(), sent[name], in.loose)
		if problem != "" {
			in.fail(name, codeInvalidValue, problem)
			continue
		}
		merged[name] = v
	}
	return merged
}

// customOf gives every custom field that the account defines, null where unset.
func (d *database) customOf(p *person) obj {
	out := obj{}
	for _, f := range d.personForm {
		out[f.name] = p.custom[f.name]
	}
	return out
}

// freeEmail refuses an address that somebody else has: 400 with duplicate_value. No source records the vendor's status
// (reference §2), so a client has to take 409 for the same.
func (c *call) freeEmail(in *input, p *person, field, email string) {
	if other := c.db.personByEmail(email); email != "" && other != nil && other.id != p.id {
		in.fail(field, codeDuplicate, "It should be a unique value")
	}
}

// deactivateRequester is DELETE: the person stays, inactive; 204 (reference §8.1).
func deactivateRequester(c *call) (*answer, error) {
	p, err := c.requester()
	if err != nil {
		return nil, err
	}
	c.db.setActive(p, false)
	return noContent()
}

func reactivateRequester(c *call) (*answer, error) {
	p, err := c.requester()
	if err != nil {
		return nil, err
	}
	c.db.setActive(p, true)
	return ok(obj{"requester": c.requesterView(p)})
}

func (d *database) setActive(p *person, active bool) {
	p.active, p.updated = active, d.clockNow()
	d.touchPerson(p)
}

// forget removes a person for good, and their tickets with them (reference §8.1).
func (d *database) forget(p *person) {
	for _, t := range slices.Collect(d.tickets.all()) {
		if t.requesterID == p.id {
			d.tickets.remove(t.id)
			d.ticketIndex.write(t.id, nil, d.now())
		}
	}
	d.removePerson(p)
}

func forgetRequester(c *call) (*answer, error) {
	p, err := c.requester()
	if err != nil {
		return nil, err
	}
	c.db.forget(p)
	return noContent()
}

// convertToAgent makes an occasional agent with the SD Agent role (reference §8.1).
func convertToAgent(c *call) (*answer, error) {
	p, err := c.requester()
	if err != nil {
		return nil, err
	}
	c.db.makeAgent(p, roleAgent)
	p.occasional, p.updated = true, c.now
	c.db.touchPerson(p)
	return ok(obj{"agent": c.agentView(p)})
}

// mergeRequesters moves addresses and tickets of the secondary ones to the primary one and removes them.
func mergeRequesters(c *call) (*answer, error) {
	p, err := c.requester()
	if err != nil {
		return nil, err
	}
	var others []*person
	for word := range strings.SplitSeq(c.query.Get("secondary_requesters"), ",") {
		id, err := strconv.ParseInt(strings.TrimSpace(word), 10, 64)
		o := c.db.people.get(id)
		if err != nil || o == nil || o.agent || o == p {
			return nil, &apiError{status: http.StatusBadRequest, fields: []fieldError{{"secondary_requesters", msgUnknownID, codeInvalidValue}}}
		}
		others = append(others, o)
	}
	for _, o := range others {
		for t := range c.db.tickets.all() {
			if t.requesterID == o.id {
				t.requesterID = p.id
				c.db.touchTicket(t)
			}
		}
		c.db.removePerson(o)
		for _, e := range append([]string{o.email}, o.secondary...) {
			if e != "" {
				p.secondary = append(slices.Clone(p.secondary), e)
			}
		}
	}
	c.db.putPerson(p)
	return ok(obj{"requester": c.requesterView(p)})
}

// requesterFields is the schema of the requester form (reference §8.1).
func requesterFields(c *call) (*answer, error) {
	out := []obj{}
	for i, f := range []struct{ name, label, kind string }{
		{"first_name", "First Name", "default_name"},
		{"last_name", "Last Name", "default_name"},
		{"job_title", "Title", "default_job_title"},
		{"primary_email", "Email", "default_email"},
		{"work_phone_number", "Work Phone", "default_phone"},
		{"mobile_phone_number", "Mobile Phone", "default_mobile"},
		{"department_ids", "Department", "default_department"},
		{"reporting_manager_id", "Reporting Manager", "default_reporting_manager"},
		{"location_id", "Location", "default_location"},
		{"time_zone", "Time Zone", "default_time_zone"},
		{"language", "Language", "default_language"},
	} {
		out = append(out, obj{"id": int64(i + 1), "name": f.name, "label": f.label, "field_type": f.kind, "position": i + 1, "default_field": true})
	}
	for _, f := range c.db.personForm {
		v := f.view(len(out) + 1)
		out = append(out, obj{"id": f.id, "name": f.name, "label": f.label, "field_type": f.kind, "position": len(out) + 1, "default_field": false, "choices": v["choices"]})
	}
	return ok(obj{"requester_fields": out})
}
