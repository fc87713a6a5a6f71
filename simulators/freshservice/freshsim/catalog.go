package freshsim

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Visibility of a service item (reference §5.1).
const (
	itemDraft     = 1
	itemPublished = 2
)

// itemView is a list element; a view adds custom_fields, description and cost (reference §5.1).
func (x *catalogItem) listView() obj {
	visibility := 1
	if len(x.groups) > 0 {
		visibility = 2
	}
	return obj{
		"id": x.id, "display_id": x.display, "name": x.name, "short_description": x.short, "category_id": x.category,
		"product_id": nil, "quantity": nil, "delivery_time": orNull(x.deliveryHours), "cost_visibility": x.cost > 0,
		"delivery_time_visibility": x.deliveryHours > 0, "deleted": false, "icon_name": "", "icon_url": nil,
		"group_visibility": visibility, "agent_group_visibility": 1, "item_type": 1, "ci_type_id": nil, "visibility": x.visibility,
		"workspace_id": x.workspace, "configs": obj{"subject": nil, "attachment_mandatory": false}, "botified": false,
		"allow_attachments": false, "allow_quantity": true, "is_bundle": len(x.children) > 0, "create_child": false,
		"created_at": stamp(x.created), "updated_at": stamp(x.updated),
	}
}

func (c *call) itemView(x *catalogItem) obj {
	v := x.listView()
	v["description"], v["cost"] = x.description, fmt.Sprintf("%.2f", x.cost)
	out := make([]obj, 0, len(x.fields))
	for i, f := range x.fields {
		out = append(out, f.view(x, i+1))
	}
	v["custom_fields"] = out
	children := []obj{}
	for _, id := range x.children {
		if child := c.db.items.get(id); child != nil {
			children = append(children, obj{"id": child.id, "display_id": child.display, "name": child.name, "mandatory": true})
		}
	}
	v["child_items"] = children
	return v
}

// view has the vendor's string booleans and pairs of strings (reference §5.1).
func (f itemField) view(x *catalogItem, position int) obj {
	choices := make([][]string, 0, len(f.choices))
	for i, text := range f.choices {
		second := text
		if f.kind == "custom_multi_select_dropdown" {
			second = fmt.Sprintf("%s-%04d", f.id, i+1)
		}
		choices = append(choices, []string{text, second})
	}
	return obj{
		"id": f.id, "name": f.name, "label": f.label, "description": nil, "field_type": f.kind, "required": f.required,
		"position": position, "item_id": x.id, "visible_in_portal": !f.hidden, "deleted": f.deleted,
		"field_options": obj{"displayed_to_requester": strconv.FormatBool(!f.hidden), "requester_can_edit": "true", "placeholder": ""},
		"choices":       choices, "nested_fields": []obj{}, "created_at": stamp(f.created), "updated_at": stamp(f.updated),
	}
}

func (c *call) item() (*catalogItem, error) {
	if x := c.db.items.get(c.ids["id"]); x != nil {
		return x, nil
	}
	return nil, notFound()
}

func getItem(c *call) (*answer, error) {
	x, err := c.item()
	if err != nil {
		return nil, err
	}
	return ok(obj{"service_item": c.itemView(x)})
}

func listItems(c *call) (*answer, error) {
	var category int64
	if c.query.Has("category_id") {
		n, err := strconv.ParseInt(c.query.Get("category_id"), 10, 64)
		if err != nil {
			return nil, invalid("category_id", codeDatatype, msgPositive)
		}
		category = n
	}
	return listed(c, "service_items", matching(c.db.items.all(), func(x *catalogItem) bool {
		return category == 0 || x.category == category
	}), (*catalogItem).listView)
}

func listCategories(c *call) (*answer, error) {
	return listed(c, "service_categories", c.db.categories.all(), func(x *catalogCategory) obj {
		return obj{
			"id": x.id, "name": x.name, "description": x.description, "position": x.position, "workspace_id": primaryWorkspace,
			"created_at": stamp(x.created), "updated_at": stamp(x.created),
		}
	})
}

// visibleTo says whether a person may ask for an item: published, and in one of its groups if it names any.
func (d *database) visibleTo(x *catalogItem, p *person) bool {
	if x.visibility != itemPublished {
		return false
	}
	if len(x.groups) == 0 {
		return true
	}
	for _, id := range x.groups {
		if g := d.requesterGroups.get(id); g != nil && slices.Contains(g.members, p.id) {
			return true
		}
	}
	return false
}

// searchItems finds published items by a word, with meta instead of a Link (reference §5.1).
func searchItems(c *call) (*answer, error) {
	who := c.actor
	if email := c.query.Get("user_email"); email != "" {
		if who = c.db.personByEmail(email); who == nil {
			return nil, denied()
		}
	}
	p, err := c.page()
	if err != nil {
		return nil, err
	}
	term := strings.ToLower(c.query.Get("search_term"))
	rows, total := countPage(p, matching(c.db.items.all(), func(x *catalogItem) bool {
		return c.db.visibleTo(x, who) && strings.Contains(strings.ToLower(x.name+" "+x.short+" "+x.description), term)
	}))
	out := make([]obj, 0, len(rows))
	for _, x := range rows {
		out = append(out, x.listView())
	}
	pages := int(math.Ceil(float64(total) / float64(p.size)))
	return ok(obj{"service_items": out, "meta": obj{"total_items": total, "total_pages": pages, "current_page": p.number}})
}

// createItem is POST /service-catalog/items, with a hyphen unlike its siblings (reference §5.1).
func createItem(c *call) (*answer, error) {
	outer, err := c.input()
	if err != nil {
		return nil, err
	}
	outer.require(msgObject, "service_item")
	m := outer.object("service_item")
	outer.has("workspace_id")
	if err := outer.done(); err != nil {
		return nil, err
	}
	in := &input{values: m, seen: map[string]bool{}}
	x, err := c.db.readItem(in)
	if err != nil {
		return nil, err
	}
	a, err := c.created(obj{"service_item": c.itemView(x)}, "service_catalog/items", x.display)
	return a, err
}

func (d *database) readItem(in *input) (*catalogItem, error) {
	in.require(msgString, "name", "short_description", "description")
	in.require(msgPositive, "category_id", "visibility")
	now := d.clockNow()
	x := &catalogItem{
		name: in.str("name"), short: in.str("short_description"), description: in.str("description"), category: in.int("category_id"),
		visibility: in.oneOf("visibility", itemDraft, itemDraft, itemPublished), deliveryHours: int(in.int("delivery_time")),
		workspace: primaryWorkspace, created: now, updated: now, children: in.ints("child_items"),
	}
	if x.category != 0 && d.categories.get(x.category) == nil {
		in.fail("category_id", codeInvalidValue, msgUnknownID)
	}
	for _, id := range x.children {
		if d.items.get(id) == nil {
			in.fail("child_items", codeInvalidValue, msgUnknownID)
		}
	}
	if s := in.str("cost"); s != "" {
		cost, err := strconv.ParseFloat(s, 64)
		if err != nil {
			in.fail("cost", codeDatatype, "It should be a/an Float")
		}
		x.cost = cost
	}
	for _, f := range in.objects("custom_fields") {
		f.require(msgString, "label", "field_type")
		field := itemField{label: f.str("label"), kind: f.str("field_type"), required: f.bool("required", false), name: f.str("name"), hidden: !f.bool("visible_in_portal", true), choices: f.strs("choices")}
		f.has("position")
		f.has("field_options")
		if field.name == "" {
			field.name = snake(field.label)
		}
		if err := f.done(); err != nil {
			return nil, err
		}
		x.fields = append(x.fields, field)
	}
	if err := in.done(); err != nil {
		return nil, err
	}
	d.addItem(x)
	return x, nil
}

// addItem numbers an item and its fields and stores it.
func (d *database) addItem(x *catalogItem) {
	d.nextDisplay++
	x.id, x.display = d.id(), d.nextDisplay
	for i := range x.fields {
		x.fields[i].id = fmt.Sprintf("00000000-0000-4000-a000-%012d", d.id())
		x.fields[i].created, x.fields[i].updated = x.created, x.created
	}
	d.items.put(x.display, x)
}

// snake turns "Employee Name" into employee_name.
func snake(label string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(label), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9')
	}), "_")
}

// readAnswers holds the answers to an item's form: unknown names and missing mandatory ones are refused, portal-hidden
// ones included (reference §5.2).
func (x *catalogItem) readAnswers(in *input, sent map[string]any, partial bool) map[string]any {
	out := map[string]any{}
	for _, f := range x.fields {
		if f.deleted {
			continue
		}
		v, given := sent[f.name]
		value, problem := checkAnswer(f.kind, f.choices, v, in.loose)
		if problem != "" {
			in.fail(f.name, codeInvalidValue, problem)
		}
		if f.required && text(value) == "" && problem == "" && (!partial || given) {
			in.fail(f.name, codeMissing, "It should not be blank as this is a mandatory field")
		}
		if given || !partial {
			out[f.name] = value
		}
	}
	for name := range sent {
		if !slices.ContainsFunc(x.fields, func(f itemField) bool { return f.name == name && !f.deleted }) {
			in.fail(name, codeInvalidField, msgUnexpected)
		}
	}
	slices.SortStableFunc(in.errs, func(a, b fieldError) int { return strings.Compare(a.Field, b.Field) })
	return out
}
