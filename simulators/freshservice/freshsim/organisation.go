package freshsim

import (
	"strings"
)

func (x *department) view() obj {
	return obj{
		"id": x.id, "name": x.name, "description": orNull(x.description), "head_user_id": orNull(x.head),
		"prime_user_id": orNull(x.prime), "domains": list(x.domains), "custom_fields": fields(x.custom),
		"workspace_id": primaryWorkspace, "created_at": stamp(x.created), "updated_at": stamp(x.updated),
	}
}

// nameQuery narrows a list by query="name:'x'" (reference §8.4).
func (c *call) nameQuery() (func(name string) bool, error) {
	if !c.query.Has("query") {
		return func(string) bool { return true }, nil
	}
	match, err := parseFilter(c.query.Get("query"), filterSchema{"name": kindString})
	if err != nil {
		return nil, err
	}
	return func(name string) bool { return match(func(string) []any { return []any{name} }) }, nil
}

func listDepartments(c *call) (*answer, error) {
	keep, err := c.nameQuery()
	if err != nil {
		return nil, err
	}
	return listed(c, "departments", matching(c.db.departments.all(), func(x *department) bool { return keep(x.name) }), (*department).view)
}

func (c *call) department() (*department, error) {
	if x := c.db.departments.get(c.ids["id"]); x != nil {
		return x, nil
	}
	return nil, notFound()
}

func getDepartment(c *call) (*answer, error) {
	x, err := c.department()
	if err != nil {
		return nil, err
	}
	return ok(obj{"department": x.view()})
}

func createDepartment(c *call) (*answer, error) {
	in, err := c.input()
	if err != nil {
		return nil, err
	}
	in.require(msgString, "name")
	x := &department{created: c.now, updated: c.now}
	c.readDepartment(in, x)
	if err := in.done(); err != nil {
		return nil, err
	}
	x.id = c.db.id()
	c.db.departments.put(x.id, x)
	return c.created(obj{"department": x.view()}, "departments", x.id)
}

func updateDepartment(c *call) (*answer, error) {
	x, err := c.department()
	if err != nil {
		return nil, err
	}
	in, err := c.input()
	if err != nil {
		return nil, err
	}
	next := *x
	c.readDepartment(in, &next)
	if err := in.done(); err != nil {
		return nil, err
	}
	next.updated = c.now
	*x = next
	return ok(obj{"department": x.view()})
}

func (c *call) readDepartment(in *input, x *department) {
	if in.has("name") {
		x.name = in.str("name")
		for o := range c.db.departments.all() {
			if o.id != x.id && strings.EqualFold(o.name, x.name) {
				in.fail("name", codeDuplicate, "It should be a unique value")
			}
		}
	}
	if in.has("description") {
		x.description = in.str("description")
	}
	if in.has("domains") {
		x.domains = in.strs("domains")
	}
	if in.has("custom_fields") {
		x.custom = in.object("custom_fields")
	}
	exists := func(id int64) bool { return c.db.people.get(id) != nil }
	c.readReference(in, "head_user_id", &x.head, exists)
	c.readReference(in, "prime_user_id", &x.prime, exists)
}

func deleteDepartment(c *call) (*answer, error) {
	x, err := c.department()
	if err != nil {
		return nil, err
	}
	c.db.departments.remove(x.id)
	return noContent()
}

func (x *location) view() obj {
	return obj{
		"id": x.id, "name": x.name, "parent_location_id": orNull(x.parent), "primary_contact_id": orNull(x.contact),
		"address": obj{"line1": orNull(x.line1), "line2": orNull(x.line2), "city": orNull(x.city), "state": orNull(x.state), "country": orNull(x.country), "zipcode": orNull(x.zipcode)},
		"email":   orNull(x.email), "phone": orNull(x.phone), "contact_name": orNull(x.contactName), "workspace_id": primaryWorkspace,
		"created_at": stamp(x.created), "updated_at": stamp(x.updated),
	}
}

func listLocations(c *call) (*answer, error) {
	keep, err := c.nameQuery()
	if err != nil {
		return nil, err
	}
	return listed(c, "locations", matching(c.db.locations.all(), func(x *location) bool { return keep(x.name) }), (*location).view)
}

func getLocation(c *call) (*answer, error) {
	x := c.db.locations.get(c.ids["id"])
	if x == nil {
		return nil, notFound()
	}
	return ok(obj{"location": x.view()})
}

func createLocation(c *call) (*answer, error) {
	in, err := c.input()
	if err != nil {
		return nil, err
	}
	in.require(msgString, "name")
	x := &location{name: in.str("name"), email: in.email("email"), phone: in.str("phone"), contactName: in.str("contact_name"), created: c.now, updated: c.now}
	c.readReference(in, "parent_location_id", &x.parent, func(id int64) bool { return c.db.locations.get(id) != nil })
	c.readReference(in, "primary_contact_id", &x.contact, func(id int64) bool { return c.db.people.get(id) != nil })
	if m := in.object("address"); m != nil {
		a := &input{values: m, seen: map[string]bool{}}
		x.line1, x.line2, x.city, x.state, x.country, x.zipcode = a.str("line1"), a.str("line2"), a.str("city"), a.str("state"), a.str("country"), a.str("zipcode")
		if err := a.done(); err != nil {
			in.errs = append(in.errs, a.errs...)
		}
	}
	if err := in.done(); err != nil {
		return nil, err
	}
	x.id = c.db.id()
	c.db.locations.put(x.id, x)
	return c.created(obj{"location": x.view()}, "locations", x.id)
}

// listWorkspaces shows the primary workspace, the only one of this account.
func listWorkspaces(c *call) (*answer, error) {
	return ok(obj{"workspaces": []obj{workspaceView(c)}})
}

func getWorkspace(c *call) (*answer, error) {
	if c.ids["id"] != primaryWorkspace {
		return nil, notFound()
	}
	return ok(obj{"workspace": workspaceView(c)})
}

func workspaceView(c *call) obj {
	at := stamp(c.db.epoch)
	return obj{
		"id": primaryWorkspace, "name": "IT", "description": nil, "type": "workspace", "primary": true, "restricted": false,
		"state": "active", "template_name": "it", "created_at": at, "updated_at": at,
	}
}
