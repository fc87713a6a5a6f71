package freshsim

import (
	"cmp"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"
)

// defaultListAge is how far back a plain list looks (reference §4.5).
const defaultListAge = 30 * 24 * time.Hour

func getTicket(c *call) (*answer, error) {
	t, err := c.ticket()
	if err != nil {
		return nil, err
	}
	names, err := c.includes(viewIncludes())
	if err != nil {
		return nil, err
	}
	return ok(obj{"ticket": c.embed(t, c.ticketView(t), names)})
}

// listTickets is GET /tickets: without updated_since only what was created in the last 30 days, never deleted or spam
// unless their filter asks (reference §4.5).
func listTickets(c *call) (*answer, error) {
	names, err := c.includes(listIncludes())
	if err != nil {
		return nil, err
	}
	keep, err := c.ticketPredicate()
	if err != nil {
		return nil, err
	}
	seq, err := c.orderedTickets(keep)
	if err != nil {
		return nil, err
	}
	return listed(c, "tickets", seq, func(t *ticket) obj { return c.embed(t, c.ticketListView(t), names) })
}

// ticketPredicate reads the list's parameters.
func (c *call) ticketPredicate() (func(*ticket) bool, error) {
	q := c.query
	filter := q.Get("filter")
	filters := []string{"new_and_my_open", "watching", "spam", "deleted"}
	if q.Has("filter") && !slices.Contains(filters, filter) {
		return nil, invalid("filter", codeInvalidValue, oneOfMessage(filters))
	}
	var since time.Time
	if q.Has("updated_since") {
		t, ok := parseTime(q.Get("updated_since"))
		if !ok {
			return nil, invalid("updated_since", codeInvalidValue, msgDate)
		}
		since = t
	}
	var requester, workspace int64
	for name, to := range map[string]*int64{"requester_id": &requester, "workspace_id": &workspace} {
		if !q.Has(name) {
			continue
		}
		n, err := strconv.ParseInt(q.Get(name), 10, 64)
		if err != nil || n < 0 {
			return nil, invalid(name, codeDatatype, msgPositive)
		}
		*to = n
	}
	if email := q.Get("email"); email != "" {
		p := c.db.personByEmail(email)
		if p == nil {
			return nil, invalid("email", codeInvalidValue, "There is no contact matching the given email")
		}
		requester = p.id
	}
	kind := q.Get("type")
	if q.Has("type") && !c.db.hasChoice("ticket_type", kind) {
		return nil, invalid("type", codeInvalidValue, oneOfMessage(c.db.values("ticket_type"))) // case-sensitive
	}
	oldest := c.now.Add(-defaultListAge)
	return func(t *ticket) bool {
		switch {
		case t.deleted != (filter == "deleted"), !t.deleted && t.spam != (filter == "spam"),
			requester != 0 && t.requesterID != requester,
			workspace > 1 && t.workspace != workspace,
			kind != "" && t.kind != kind,
			since.IsZero() && t.created.Before(oldest),
			!since.IsZero() && t.updated.Before(since):
			return false
		case filter == "new_and_my_open":
			return t.status == statusOpen && (t.responderID == 0 || t.responderID == c.actor.id)
		case filter == "watching":
			return t.responderID == c.actor.id
		}
		return true
	}, nil
}

// orderedTickets is newest first, or as order_by and order_type say.
func (c *call) orderedTickets(keep func(*ticket) bool) (iter.Seq[*ticket], error) {
	orders := map[string]func(a, b *ticket) int{
		"created_at": func(a, b *ticket) int { return a.created.Compare(b.created) },
		"updated_at": func(a, b *ticket) int { return a.updated.Compare(b.updated) },
		"due_by":     func(a, b *ticket) int { return a.dueBy.Compare(b.dueBy) },
		"priority":   func(a, b *ticket) int { return cmp.Compare(a.priority, b.priority) },
		"status":     func(a, b *ticket) int { return cmp.Compare(a.status, b.status) },
	}
	by, direction := cmp.Or(c.query.Get("order_by"), "created_at"), cmp.Or(c.query.Get("order_type"), "desc")
	less, ok := orders[by]
	if !ok {
		return nil, invalid("order_by", codeInvalidValue, oneOfMessage([]string{"created_at", "updated_at", "due_by", "priority", "status"}))
	}
	if direction != "asc" && direction != "desc" {
		return nil, invalid("order_type", codeInvalidValue, oneOfMessage([]string{"asc", "desc"}))
	}
	rows := slices.Collect(matching(c.db.tickets.all(), keep))
	order := func(a, b *ticket) int { return cmp.Or(less(a, b), cmp.Compare(a.id, b.id)) }
	if !slices.IsSortedFunc(rows, order) { // mostly they are: ids go up with the time of creation
		slices.SortFunc(rows, order)
	}
	if direction == "desc" {
		slices.Reverse(rows)
	}
	return slices.Values(rows), nil
}

// filterTickets is GET /tickets/filter: the lagging index, a total, no Link (reference §4.7).
func filterTickets(c *call) (*answer, error) {
	match, err := parseFilter(c.query.Get("query"), c.db.ticketSchema())
	if err != nil {
		return nil, err
	}
	workspace, _ := strconv.ParseInt(c.query.Get("workspace_id"), 10, 64)
	seq := matching(c.db.ticketIndex.newest(c.s.clock.now(), c.s.knobs.IndexLag), func(t *ticket) bool {
		return !t.deleted && !t.spam && (workspace < 2 || t.workspace == workspace) && match(func(field string) []any { return c.db.ticketValues(t, field) })
	})
	return found(c, "tickets", seq, c.ticketListView)
}

// ticketSchema is what a ticket filter may name (reference §4.7): not subject, description, type, category or free text.
func (d *database) ticketSchema() filterSchema {
	s := filterSchema{
		"workspace_id": kindNumber, "requester_id": kindNumber, "email": kindString, "agent_id": kindNumber, "group_id": kindNumber,
		"priority": kindNumber, "status": kindNumber, "impact": kindNumber, "urgency": kindNumber, "tag": kindString,
		"due_by": kindTime, "fr_due_by": kindTime, "created_at": kindTime, "updated_at": kindTime,
	}
	for _, f := range d.fields {
		if f.builtin {
			continue
		}
		switch f.kind {
		case "custom_number", "custom_big_number", "custom_decimal", "custom_lookup_bigint":
			s[f.name] = kindNumber
		case "custom_checkbox":
			s[f.name] = kindBool
		case "custom_dropdown":
			s[f.name] = kindString
		case "custom_date", "custom_date_time":
			s[f.name] = kindTime
		}
	}
	return s
}

// ticketValues are the values of one field of the indexed copy; none for null.
func (d *database) ticketValues(t *ticket, field string) []any {
	switch field {
	case "workspace_id":
		return []any{t.workspace}
	case "requester_id":
		return []any{t.requesterID}
	case "email":
		return []any{d.emailOf(t.requesterID)}
	case "agent_id":
		return idValue(t.responderID)
	case "group_id":
		return idValue(t.groupID)
	case "priority":
		return []any{int64(t.priority)}
	case "status":
		return []any{int64(t.status)}
	case "impact":
		return []any{int64(t.impact)}
	case "urgency":
		return []any{int64(t.urgency)}
	case "tag":
		out := make([]any, 0, len(t.tags))
		for _, tag := range t.tags {
			out = append(out, tag)
		}
		return out
	case "due_by":
		return []any{t.dueBy}
	case "fr_due_by":
		return []any{t.frDueBy}
	case "created_at":
		return []any{t.created}
	case "updated_at":
		return []any{t.updated}
	}
	return customValue(t.custom[field])
}

func idValue(id int64) []any {
	if id == 0 {
		return nil
	}
	return []any{id}
}

// customValue prepares a custom field for comparison; text that is a date also compares as one.
func customValue(v any) []any {
	switch v := v.(type) {
	case nil:
		return nil
	case []any:
		return v
	case string:
		if strings.TrimSpace(v) == "" {
			return nil
		}
		if t, ok := parseTime(v); ok {
			return []any{v, t}
		}
	}
	return []any{v}
}
