package freshsim

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
)

// Stages of a requested item (reference §5.3).
const (
	stageRequested = 1
	stageDelivered = 2
	stageCancelled = 3
	stageFulfilled = 4
	stagePartial   = 5
)

func stageName(stage int) string {
	return map[int]string{1: "Requested", 2: "Delivered", 3: "Cancelled", 4: "Fulfilled", 5: "Partially Fulfilled"}[stage]
}

// order is what a person asks for: one or more items with their answers.
type order struct {
	requester, requestedFor *person
	lines                   []orderLine
	parent                  *ticket
}

type orderLine struct {
	item     *catalogItem
	quantity int
	answers  map[string]any
	isParent bool
}

// placeRequest is POST /service_catalog/items/{display_id}/place_request: no subject, tags or priority can be given;
// they come from the item and its workflows (reference §5.2).
func placeRequest(c *call) (*answer, error) {
	x, err := c.item()
	if err != nil {
		return nil, err
	}
	in, err := c.input()
	if err != nil {
		return nil, err
	}
	o := order{requester: c.actor}
	email, forEmail := in.email("email"), in.email("requested_for")
	o.lines = append(o.lines, orderLine{
		item: x, quantity: max(int(in.int("quantity")), 1), isParent: true,
		answers: x.readAnswers(in, in.object("custom_fields"), false),
	})
	o.lines = append(o.lines, c.readChildItems(in, x)...)
	if id := in.int("parent_ticket_id"); id != 0 {
		o.parent = c.db.tickets.get(id)
		if o.parent == nil || o.parent.deleted || o.parent.spam || o.parent.parent != 0 {
			in.fail("parent_ticket_id", codeInvalidValue, "The parent ticket cannot have child tickets")
		}
	}
	if x.visibility != itemPublished {
		in.fail("display_id", codeIncompatible, "The service item is not published")
	}
	if err := in.done(); err != nil {
		return nil, err
	}
	if email != "" {
		o.requester = c.db.ensureRequester(email, "")
	}
	o.requestedFor = o.requester
	if forEmail != "" {
		o.requestedFor = c.db.ensureRequester(forEmail, "")
	}
	t := c.db.place(o, c.actor)
	return c.created(obj{"service_request": c.serviceRequestView(t)}, "tickets", t.id)
}

// readChildItems reads the items of a bundle; a bundle's children that were not named are attached with no answers.
func (c *call) readChildItems(in *input, bundle *catalogItem) []orderLine {
	var lines []orderLine
	named := map[int64]bool{}
	for _, child := range in.objects("child_items") {
		id := child.int("service_item_id")
		item := c.db.items.get(id)
		if item == nil || !slices.Contains(bundle.children, id) {
			in.fail("child_items", codeInvalidValue, msgUnknownID)
			continue
		}
		named[id] = true
		lines = append(lines, orderLine{item: item, quantity: max(int(child.int("quantity")), 1), answers: item.readAnswers(child, child.object("custom_fields"), false)})
		if err := child.done(); err != nil {
			in.errs = append(in.errs, child.errs...)
		}
	}
	for _, id := range bundle.children {
		if item := c.db.items.get(id); item != nil && !named[id] {
			lines = append(lines, orderLine{item: item, quantity: 1, answers: item.readAnswers(in, nil, false)})
		}
	}
	return lines
}

// place makes the service request with the defaults of real tenants (reference §5.2).
func (d *database) place(o order, actor *person) *ticket {
	t := d.blankTicket()
	t.kind, t.priority = typeServiceRequest, 2
	t.requesterID, t.requestedForID = o.requester.id, o.requestedFor.id
	t.subject = fmt.Sprintf("Request for %s : %s", o.requestedFor.name(), o.lines[0].item.name)
	if c := d.categories.get(o.lines[0].item.category); c != nil {
		t.category = c.name
	}
	if len(o.requester.departments) > 0 {
		t.departmentID = o.requester.departments[0]
	}
	for _, line := range o.lines {
		d.addRequestedItem(t, line)
	}
	d.addTicket(t, cmp.Or(actor, o.requester))
	if o.parent != nil {
		d.adopt(o.parent, t)
	}
	return t
}

func (d *database) addRequestedItem(t *ticket, line orderLine) *requestedItem {
	now := d.clockNow()
	r := &requestedItem{
		id: d.id(), itemID: line.item.display, quantity: line.quantity, stage: stageRequested, parent: line.isParent,
		cost: line.item.cost, custom: line.answers, created: now, updated: now,
	}
	t.items = append(t.items, r)
	return r
}

// serviceRequestView is the answer of place_request; approval_status is a string here, where GET gives an int
// (reference §5.2).
func (c *call) serviceRequestView(t *ticket) obj {
	v := c.ticketListView(t)
	v["urgency"], v["impact"], v["sla_policy_id"] = t.urgency, t.impact, int64(21000000001)
	v["approval_status"], v["approval_status_name"] = t.approvalStatus().name(), approvalStatusName(t.approvalStatus())
	delete(v, "description_text")
	return v
}

// requestedItemView is the only place with the answers (reference §5.3); they are null when the item has no form.
func (c *call) requestedItemView(r *requestedItem) obj {
	v := obj{
		"id": r.id, "created_at": stamp(r.created), "updated_at": stamp(r.updated), "quantity": r.quantity, "stage": r.stage,
		"loaned": false, "cost_per_request": r.cost, "remarks": orNull(r.remarks), "delivery_time": nil, "is_parent": r.parent,
		"service_item_id": r.itemID, "custom_fields": nil, "attachments": []obj{},
	}
	if len(r.custom) > 0 {
		v["custom_fields"] = r.custom
	}
	if x := c.db.items.get(r.itemID); x != nil {
		v["delivery_time"] = orNull(x.deliveryHours)
	}
	return v
}

func listRequestedItems(c *call) (*answer, error) {
	t, err := c.ticket()
	if err != nil {
		return nil, err
	}
	return listed(c, "requested_items", slices.Values(t.items), c.requestedItemView)
}

// updateRequestedItem answers in a shape of its own (reference §5.3).
func updateRequestedItem(c *call) (*answer, error) {
	t, err := c.ticket()
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(t.items, func(r *requestedItem) bool { return r.id == c.ids["rid"] })
	if i < 0 {
		return nil, notFound()
	}
	r := t.items[i]
	x := c.db.items.get(r.itemID)
	in, err := c.input()
	if err != nil {
		return nil, err
	}
	quantity := r.quantity
	if in.has("quantity") {
		quantity = int(in.int("quantity"))
	}
	stage := in.oneOf("stage", r.stage, stageRequested, stageDelivered, stageCancelled, stageFulfilled, stagePartial)
	custom := maps.Clone(fields(r.custom))
	maps.Copy(custom, x.readAnswers(in, in.object("custom_fields"), true))
	if in.has("remarks") {
		r.remarks = in.str("remarks")
	}
	if err := in.done(); err != nil {
		return nil, err
	}
	c.db.setRequestedItem(t, r, quantity, stage, custom, c.actor)
	return ok(obj{"requested_item": c.requestedItemUpdatedView(t, r, x)})
}

func (d *database) setRequestedItem(t *ticket, r *requestedItem, quantity, stage int, custom map[string]any, actor *person) {
	changes := map[string]Change{}
	if stage != r.stage {
		changes["stage"] = Change{stageName(r.stage), stageName(stage)}
		d.record(t, actor, fmt.Sprintf(" set the stage of a requested item as %s", stageName(stage)))
	}
	for name, v := range custom {
		if from, to := text(r.custom[name]), text(v); from != to {
			changes[name] = Change{from, to}
		}
	}
	r.quantity, r.stage, r.custom, r.updated = quantity, stage, custom, d.clockNow()
	d.touchTicket(t)
	d.raise(EventItemUpdated, t, actor, changes)
}

func (c *call) requestedItemUpdatedView(t *ticket, r *requestedItem, x *catalogItem) obj {
	return obj{
		"id": r.id, "item_id": x.id, "from_date": nil, "to_date": nil, "quantity": r.quantity, "service_request_id": t.internal,
		"stage": obj{"id": r.stage, "name": stageName(r.stage)}, "fulfilled": r.stage == stageFulfilled, "cost": r.cost,
		"custom_fields": fields(r.custom), "created_at": stamp(r.created), "updated_at": stamp(r.updated),
		"item": obj{"name": x.name, "display_id": x.display, "deleted": false, "item_type": obj{"id": 1, "name": "Normal"}},
	}
}
