package freshsim

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// ticket finds the ticket of the path. Deleted ones are found too (reference §4.3).
func (c *call) ticket() (*ticket, error) {
	if t := c.db.tickets.get(c.ids["id"]); t != nil {
		return t, nil
	}
	return nil, notFound()
}

// updateTicket is PUT /tickets/{id} (reference §4.3).
func updateTicket(c *call) (*answer, error) {
	old, err := c.ticket()
	if err != nil {
		return nil, err
	}
	in, err := c.input()
	if err != nil {
		return nil, err
	}
	next := *old
	c.readTicket(in, &next, false)
	c.readUpdateOnly(in, &next)
	if c.query.Get("bypass_mandatory") != "true" || !c.db.admin(c.actor) {
		if next.status != old.status {
			c.db.requireToClose(in, &next, next.status)
		}
	}
	files := c.readFiles(in, &next)
	if err := in.done(); err != nil {
		return nil, err
	}
	next.attachments = append(slices.Clone(next.attachments), c.db.storeFiles(files)...) // appended, not replaced
	if in.has("urgency") || in.has("impact") {
		c.applyMatrix(&next)
	}
	c.db.saveTicket(old, &next, c.actor)
	return ok(obj{"ticket": c.ticketUpdatedView(old)})
}

// readUpdateOnly reads what only an update takes.
func (c *call) readUpdateOnly(in *input, t *ticket) {
	c.readReference(in, "requester_id", &t.requesterID, func(id int64) bool { return c.db.people.get(id) != nil })
	if in.has("requested_for_id") {
		if t.kind != typeServiceRequest {
			in.fail("requested_for_id", codeIncompatible, "It can be set on a service request only")
		}
		c.readReference(in, "requested_for_id", &t.requestedForID, func(id int64) bool { return c.db.people.get(id) != nil })
	}
	if email := in.email("email"); email != "" {
		if p := c.db.personByEmail(email); p != nil {
			t.requesterID = p.id
		} else {
			in.fail("email", codeInvalidValue, "There is no requester with this email address")
		}
	}
	if kind := in.str("type"); kind != "" && kind != t.kind {
		if kind == typeServiceRequest || t.kind == typeServiceRequest || !c.db.hasChoice("ticket_type", kind) {
			in.fail("type", codeInvalidValue, oneOfMessage([]string{t.kind}))
		}
		t.kind = kind
	}
	if in.has("workspace_id") {
		in.fail("workspace_id", codeReadonly, "It cannot be changed here; move the ticket instead")
	}
	for _, name := range []string{"impacted_locations", "major_incident_type", "business_impact", "no_of_customers_impacted"} {
		if in.has(name) && t.kind != typeMajor {
			in.fail(name, codeIncompatible, "It can be set on a major incident only")
		}
	}
}

// saveTicket writes next over old, keeps the statistics and the history, and raises the update event when anything
// that people see has changed. An update that changes nothing still moves updated_at.
func (d *database) saveTicket(old, next *ticket, actor *person) {
	changes := d.ticketChanges(old, next)
	now := d.clockNow()
	if next.status != old.status {
		next.stats.statusUpdated = now
		switch next.status {
		case statusPending:
			next.stats.pendingSince = now
		case statusResolved:
			next.stats.resolved = now
		case statusClosed:
			next.stats.closed = now
			if next.stats.resolved.IsZero() {
				next.stats.resolved = now
			}
		default:
			if closed(old.status) {
				next.stats.resolved, next.stats.closed = time.Time{}, time.Time{}
			}
		}
	}
	if next.responderID != old.responderID && next.responderID != 0 {
		next.stats.assigned = now
		if next.stats.firstAssigned.IsZero() {
			next.stats.firstAssigned = now
		}
	}
	*old = *next
	d.touchTicket(old)
	if len(changes) == 0 {
		return
	}
	lines := make([]string, 0, len(changes))
	for _, name := range slices.Sorted(maps.Keys(changes)) {
		lines = append(lines, fmt.Sprintf(" set %s as %s", fieldTitle(name), changes[name].To))
	}
	d.record(old, actor, lines[0], lines[1:]...)
	d.raise(EventTicketUpdated, old, actor, changes)
}

// fieldTitle turns sub_category into Sub Category.
func fieldTitle(name string) string {
	words := strings.Fields(strings.ReplaceAll(name, "_", " "))
	for i, w := range words {
		words[i] = strings.ToUpper(w[:1]) + w[1:]
	}
	return strings.Join(words, " ")
}

// ticketChanges lists what differs, by field, in the words that people see.
func (d *database) ticketChanges(old, next *ticket) map[string]Change {
	was, is := d.ticketWords(old), d.ticketWords(next)
	out := map[string]Change{}
	for name, to := range is {
		if from := was[name]; from != to {
			out[name] = Change{From: from, To: to}
		}
	}
	return out
}

// ticketWords are a ticket's fields as labels: what conditions of workflow rules compare.
func (d *database) ticketWords(t *ticket) map[string]string {
	words := map[string]string{
		"subject": t.subject, "description": plainText(t.description), "type": t.kind,
		"status": d.label("status", t.status), "priority": d.label("priority", t.priority),
		"urgency": d.label("urgency", t.urgency), "impact": d.label("impact", t.impact), "source": d.label("source", t.source),
		"requester": d.emailOf(t.requesterID), "requested_for": d.emailOf(t.requestedForID), "agent": d.emailOf(t.responderID),
		"group": "", "department": "", "category": t.category, "sub_category": t.subCategory, "item_category": t.itemCategory,
		"tags": strings.Join(t.tags, ","), "due_by": stamp(t.dueBy), "approval_status": approvalStatusName(t.approvalStatus()),
		"resolution_notes": plainText(t.resolutionNotes), "item": "",
	}
	if g := d.groups.get(t.groupID); g != nil {
		words["group"] = g.name
	}
	if x := d.departments.get(t.departmentID); x != nil {
		words["department"] = x.name
	}
	var items []string
	for _, r := range t.items {
		if item := d.items.get(r.itemID); item != nil {
			items = append(items, item.name)
		}
	}
	if len(items) > 0 {
		words["item"], words["items"] = items[0], strings.Join(items, ", ")
	}
	for name, v := range t.custom {
		words[name] = text(v)
	}
	return words
}

func (d *database) emailOf(id int64) string {
	if p := d.people.get(id); p != nil {
		return p.email
	}
	return ""
}

// deleteTicket is soft; the children of a service request go with it (reference §4.3).
func deleteTicket(c *call) (*answer, error) {
	t, err := c.ticket()
	if err != nil {
		return nil, err
	}
	if t.deleted {
		return nil, notFound()
	}
	c.db.setDeleted(t, true, c.actor)
	return noContent()
}

func restoreTicket(c *call) (*answer, error) {
	t, err := c.ticket()
	if err != nil {
		return nil, err
	}
	if !t.deleted {
		return nil, notFound()
	}
	c.db.setDeleted(t, false, c.actor)
	return noContent()
}

func (d *database) setDeleted(t *ticket, gone bool, actor *person) {
	t.deleted = gone
	d.touchTicket(t)
	if gone {
		d.record(t, actor, " deleted the ticket")
		d.raise(EventTicketDeleted, t, actor, nil)
		for _, id := range t.children {
			if child := d.tickets.get(id); child != nil && !child.deleted && t.kind == typeServiceRequest {
				d.setDeleted(child, true, actor)
			}
		}
		return
	}
	d.record(t, actor, " restored the ticket")
	d.raise(EventTicketRestored, t, actor, nil)
}

// setSpam has no endpoint in v2; it is the desk's button and the admin's call.
func (d *database) setSpam(t *ticket, spam bool, actor *person) {
	if t.spam == spam {
		return
	}
	t.spam = spam
	d.touchTicket(t)
	word := " marked the ticket as spam"
	if !spam {
		word = " unmarked the ticket as spam"
	}
	d.record(t, actor, word)
	d.raise(EventTicketSpam, t, actor, map[string]Change{"spam": {From: fmt.Sprint(!spam), To: fmt.Sprint(spam)}})
}

// promote and demote turn an incident into a major incident and back (reference §4.3).
func promote(c *call) (*answer, error) { return c.retype(typeIncident, typeMajor) }

func demote(c *call) (*answer, error) { return c.retype(typeMajor, typeIncident) }

func (c *call) retype(from, to string) (*answer, error) {
	old, err := c.ticket()
	if err != nil {
		return nil, err
	}
	in, err := c.input()
	if err != nil {
		return nil, err
	}
	if kind := in.str("type"); kind != "" && kind != to {
		in.fail("type", codeInvalidValue, oneOfMessage([]string{to}))
	}
	if old.kind != from {
		in.fail("type", codeIncompatible, "The ticket is not of type "+from)
	}
	if err := in.done(); err != nil {
		return nil, err
	}
	next := *old
	next.kind = to
	c.db.saveTicket(old, &next, c.actor)
	return ok(obj{"ticket": c.ticketUpdatedView(old)})
}
