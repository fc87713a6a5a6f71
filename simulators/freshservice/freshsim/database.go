package freshsim

import (
	"slices"
	"strings"
	"time"
)

// database is the whole state of the account, guarded by Server.mu.
type database struct {
	nextID, nextTicket, nextDisplay int64
	now                             func() time.Time

	people          *table[person]
	byEmail         map[string]int64
	byName          nameOrder
	roles           *table[role]
	groups          *table[agentGroup]
	requesterGroups *table[requesterGroup]
	departments     *table[department]
	locations       *table[location]
	keys            map[string]int64 // API key to agent

	tickets     *table[ticket]
	fields      []*ticketField
	personForm  []*ticketField // custom fields of requesters and agents
	attachments *table[attachment]
	convs       *table[conversation]
	approvals   *table[approval]

	categories *table[catalogCategory]
	items      *table[catalogItem] // by display id
	lifecycles *table[lifecycleRequest]
	onForm     []formField
	offForm    []formField

	ticketIndex *searchIndex[ticket]
	peopleIndex *searchIndex[person]

	epoch  time.Time // when the account was made
	depth  int       // workflow actions above the running one
	events []event   // raised by the running call, answered by the automator when it ends
}

func newDatabase(now func() time.Time) *database {
	return &database{
		nextID: 21000000000, now: now,
		people: newTable[person](), byEmail: map[string]int64{},
		roles: newTable[role](), groups: newTable[agentGroup](), requesterGroups: newTable[requesterGroup](),
		departments: newTable[department](), locations: newTable[location](), keys: map[string]int64{},
		tickets: newTable[ticket](), attachments: newTable[attachment](), convs: newTable[conversation](), approvals: newTable[approval](),
		categories: newTable[catalogCategory](), items: newTable[catalogItem](), lifecycles: newTable[lifecycleRequest](),
		ticketIndex: newSearchIndex[ticket](), peopleIndex: newSearchIndex[person](),
	}
}

// id gives the next account-wide id: eleven digits, as newer accounts have (reference §1).
func (d *database) id() int64 {
	d.nextID++
	return d.nextID
}

// clockNow is the time written on records, whole seconds.
func (d *database) clockNow() time.Time { return d.now().UTC().Truncate(time.Second) }

// putPerson stores a person and refreshes the indexes. The e-mail must be free.
func (d *database) putPerson(p *person) {
	d.people.put(p.id, p)
	for _, e := range append([]string{p.email}, p.secondary...) {
		if e != "" {
			d.byEmail[strings.ToLower(e)] = p.id
		}
	}
	d.touchPerson(p)
}

// touchPerson must follow every change of a person.
func (d *database) touchPerson(p *person) {
	d.byName.put(p)
	d.peopleIndex.write(p.id, p, d.now())
}

// dropEmails frees a person's addresses before they change.
func (d *database) dropEmails(p *person) {
	for _, e := range append([]string{p.email}, p.secondary...) {
		if d.byEmail[strings.ToLower(e)] == p.id {
			delete(d.byEmail, strings.ToLower(e))
		}
	}
}

// removePerson forgets a person for good.
func (d *database) removePerson(p *person) {
	d.dropEmails(p)
	d.people.remove(p.id)
	d.byName.remove(p.id)
	d.peopleIndex.write(p.id, nil, d.now())
}

// personByEmail finds a requester or agent by any of their addresses.
func (d *database) personByEmail(email string) *person {
	return d.people.get(d.byEmail[strings.ToLower(strings.TrimSpace(email))])
}

// personName is empty for an unknown id.
func (d *database) personName(id int64) string {
	if p := d.people.get(id); p != nil {
		return p.name()
	}
	return ""
}

// sortedPeople is everybody by first name, as the vendor lists requesters (reference §8.1).
func (d *database) sortedPeople() []int64 { return d.byName.all(d.people) }

// newPerson is a requester with the vendor's defaults.
func (d *database) newPerson(first, last, email string) *person {
	now := d.clockNow()
	return &person{
		id: d.id(), first: first, last: last, email: strings.ToLower(email), active: true,
		timeZone: "Eastern Time (US & Canada)", timeFormat: "12h", language: "en",
		custom: map[string]any{}, created: now, updated: now,
	}
}

// ensureRequester finds a person by e-mail or silently makes one, as ticket creation does (reference §4.2).
func (d *database) ensureRequester(email, name string) *person {
	if p := d.personByEmail(email); p != nil {
		return p
	}
	if name == "" {
		name, _, _ = strings.Cut(email, "@")
	}
	first, last, _ := strings.Cut(name, " ")
	p := d.newPerson(first, last, email)
	d.putPerson(p)
	return p
}

// touchTicket must follow every change of a ticket: it moves updated_at and feeds the search index.
func (d *database) touchTicket(t *ticket) {
	t.updated = d.clockNow()
	d.ticketIndex.write(t.id, t, d.now())
}

// field finds a ticket form field by name.
func (d *database) field(name string) *ticketField {
	for _, f := range d.fields {
		if f.name == name {
			return f
		}
	}
	return nil
}

// choicesOf gives the choice ids of a built-in field.
func (d *database) choicesOf(name string) []int {
	var ids []int
	if f := d.field(name); f != nil {
		for _, c := range f.choices {
			ids = append(ids, int(c.id))
		}
	}
	return ids
}

// label names a choice of a built-in field, such as status 2 "Open".
func (d *database) label(field string, id int) string {
	if f := d.field(field); f != nil {
		for _, c := range f.choices {
			if c.id == int64(id) {
				return c.value
			}
		}
	}
	return ""
}

// groupsOf lists the agent groups that a person is a member of.
func (d *database) groupsOf(id int64) (member, observer, pending []int64) {
	for g := range d.groups.all() {
		if slices.Contains(g.members, id) {
			member = append(member, g.id)
		}
		if slices.Contains(g.observers, id) {
			observer = append(observer, g.id)
		}
		if slices.Contains(g.pendingMembers, id) {
			pending = append(pending, g.id)
		}
	}
	return member, observer, pending
}

// record adds a line to a ticket's history.
func (d *database) record(t *ticket, actor *person, content string, sub ...string) {
	a := activity{content: content, sub: sub, at: d.clockNow(), actor: "Ticket Workflow"}
	if actor != nil {
		a.actorID, a.actor = actor.id, actor.name()
	}
	t.activities = append(t.activities, a)
}
