package freshsim

import (
	"maps"
	"slices"
	"strings"
)

// maxWorkflowDepth ends a loop of rules that answer each other. What the vendor does is not documented.
const maxWorkflowDepth = 5

// settle answers the events of the running call. The caller holds the server's mutex. Rules act after the call's answer
// was made, as the vendor's workflows run after the 201 (reference §4.2).
func (a *automator) settle() {
	db := a.s.db
	for len(db.events) > 0 {
		e := db.events[0]
		db.events = db.events[1:]
		if e.depth >= maxWorkflowDepth {
			continue
		}
		for _, r := range a.rulesNow() {
			if !r.wants(db, e) {
				continue
			}
			db.depth = e.depth + 1
			for _, act := range r.Actions {
				a.act(db, r, act, e)
			}
			db.depth = 0
		}
	}
	now, lag := a.s.clock.now(), a.s.knobs.IndexLag
	db.ticketIndex.catchUp(now, lag)
	db.peopleIndex.catchUp(now, lag)
}

func (a *automator) act(db *database, r Rule, act Action, e event) {
	switch act.Kind {
	case ActionWebhook:
		a.send(db, r, *act.Webhook, e)
	case ActionSetField:
		next := *e.ticket
		if db.setByLabel(&next, act.Field, db.render(act.Value, e, a.s.origin(nil))) {
			db.saveTicket(e.ticket, &next, nil)
		}
	case ActionApproval:
		db.sendForApproval(e.ticket, *act.Approval, e)
	case ActionNote:
		db.addConversation(e.ticket, &conversation{
			source: conversationNote, private: act.Note.Private, body: htmlBody(db.render(act.Note.Body, e, a.s.origin(nil))),
		}, nil)
	}
}

// setByLabel sets one field of a ticket from the words that people see; false when the field or value is unknown.
func (d *database) setByLabel(t *ticket, field, value string) bool {
	numbered := map[string]*int{"status": &t.status, "priority": &t.priority, "urgency": &t.urgency, "impact": &t.impact}
	if to, ok := numbered[field]; ok {
		for _, c := range d.field(field).choices {
			if strings.EqualFold(c.value, value) || itoa(c.id) == value {
				*to = int(c.id)
				return true
			}
		}
		return false
	}
	switch field {
	case "subject":
		t.subject = value
	case "category":
		t.category = value
	case "sub_category":
		t.subCategory = value
	case "item_category":
		t.itemCategory = value
	case "resolution_notes":
		t.resolutionNotes = htmlBody(value)
	case "tags":
		if !slices.Contains(t.tags, value) {
			t.tags = append(slices.Clone(t.tags), value)
		}
	case "agent":
		p := d.personByEmail(value)
		if p == nil || !p.agent {
			return false
		}
		t.responderID = p.id
	case "group":
		for g := range d.groups.all() {
			if strings.EqualFold(g.name, value) {
				t.groupID = g.id
				return true
			}
		}
		return false
	default:
		f := d.field(field)
		if f == nil || f.builtin {
			return false
		}
		v, problem := checkAnswer(f.kind, f.values(), value, true)
		if problem != "" {
			return false
		}
		custom := maps.Clone(fields(t.custom))
		custom[field] = v
		t.custom = custom
	}
	return true
}

// sendForApproval opens the desk's own group. Approvers that cannot be resolved are left out; with none left nothing
// is asked and the history says so.
func (d *database) sendForApproval(t *ticket, act ApprovalAction, e event) {
	var ids []int64
	for _, who := range act.Approvers {
		ids = append(ids, d.resolveApprover(t, who)...)
	}
	ids = distinct(ids)
	if len(ids) == 0 {
		d.record(t, nil, " found nobody to send for approval to")
		return
	}
	g := d.openGroup(t, act.Name, approvalRule(act.Rule), d.render(act.Text, e, ""))
	for _, id := range ids {
		d.request(g, id, t.requesterID, "")
	}
}

func (d *database) resolveApprover(t *ticket, who string) []int64 {
	person := d.people.get(t.requestedForID)
	if person == nil {
		person = d.people.get(t.requesterID)
	}
	switch {
	case who == "manager":
		if person == nil || person.manager == 0 {
			return nil
		}
		return []int64{person.manager}
	case who == "department_head":
		if person == nil || len(person.departments) == 0 {
			return nil
		}
		if x := d.departments.get(person.departments[0]); x != nil && x.head != 0 {
			return []int64{x.head}
		}
		return nil
	case strings.HasPrefix(who, "group:"):
		for g := range d.groups.all() {
			if strings.EqualFold(g.name, strings.TrimPrefix(who, "group:")) {
				return g.members
			}
		}
		return nil
	}
	if p := d.personByEmail(who); p != nil {
		return []int64{p.id}
	}
	return nil
}
