package freshsim

import (
	"slices"
	"strings"
)

func (g *agentGroup) view() obj {
	return obj{
		"id": g.id, "name": g.name, "description": orNull(g.description), "workspace_id": g.workspace,
		"unassigned_for": orNull(g.unassignedFor), "business_hours_id": orNull(g.businessHours), "escalate_to": orNull(g.escalateTo),
		"members": list(g.members), "observers": list(g.observers), "leaders": list(g.leaders),
		"members_pending_approval": list(g.pendingMembers), "leaders_pending_approval": []int64{}, "observers_pending_approval": []int64{},
		"restricted": g.restricted, "approval_required": g.approvalRequired, "auto_ticket_assign": g.autoAssign, "ocs_schedule_id": nil,
		"created_at": stampOffset(g.created), "updated_at": stampOffset(g.updated),
	}
}

func listGroups(c *call) (*answer, error) {
	return listed(c, "groups", c.db.groups.all(), (*agentGroup).view)
}

func (c *call) group() (*agentGroup, error) {
	if g := c.db.groups.get(c.ids["id"]); g != nil {
		return g, nil
	}
	return nil, notFound()
}

func getGroup(c *call) (*answer, error) {
	g, err := c.group()
	if err != nil {
		return nil, err
	}
	return ok(obj{"group": g.view()})
}

func createGroup(c *call) (*answer, error) {
	in, err := c.input()
	if err != nil {
		return nil, err
	}
	in.require(msgString, "name")
	g := &agentGroup{workspace: primaryWorkspace, created: c.now, updated: c.now}
	c.readGroup(in, g)
	if err := in.done(); err != nil {
		return nil, err
	}
	g.id = c.db.id()
	c.db.groups.put(g.id, g)
	return c.created(obj{"group": g.view()}, "groups", g.id)
}

func updateGroup(c *call) (*answer, error) {
	g, err := c.group()
	if err != nil {
		return nil, err
	}
	in, err := c.input()
	if err != nil {
		return nil, err
	}
	next := *g
	c.readGroup(in, &next)
	if err := in.done(); err != nil {
		return nil, err
	}
	next.updated = c.now
	*g = next
	return ok(obj{"group": g.view()})
}

// readGroup reads a group. members replaces all of them; in a group that needs approval new ones stay pending
// (reference §8.3).
func (c *call) readGroup(in *input, g *agentGroup) {
	if in.has("name") {
		g.name = strings.TrimSpace(in.str("name"))
		for o := range c.db.groups.all() {
			if o.id != g.id && strings.EqualFold(o.name, g.name) {
				in.fail("name", codeDuplicate, "It should be a unique value")
			}
		}
	}
	if in.has("description") {
		g.description = in.str("description")
	}
	if in.has("unassigned_for") {
		g.unassignedFor = in.str("unassigned_for")
		allowed := []string{"30m", "1h", "2h", "4h", "8h", "12h", "1d", "2d", "3d"}
		if g.unassignedFor != "" && !slices.Contains(allowed, g.unassignedFor) {
			in.fail("unassigned_for", codeInvalidValue, oneOfMessage(allowed))
		}
	}
	if in.has("business_hours_id") {
		g.businessHours = in.int("business_hours_id")
	}
	isAgent := func(id int64) bool { p := c.db.people.get(id); return p != nil && p.agent }
	c.readReference(in, "escalate_to", &g.escalateTo, isAgent)
	g.restricted = in.bool("restricted", g.restricted)
	g.approvalRequired = in.bool("approval_required", g.approvalRequired)
	g.autoAssign = in.bool("auto_ticket_assign", g.autoAssign)
	for name, to := range map[string]*[]int64{"members": &g.members, "observers": &g.observers, "leaders": &g.leaders} {
		if !in.has(name) {
			continue
		}
		ids := distinct(in.ints(name))
		if !allFunc(ids, isAgent) {
			in.fail(name, codeInvalidValue, msgUnknownID)
			continue
		}
		if name == "members" && g.approvalRequired {
			fresh := slices.DeleteFunc(slices.Clone(ids), func(id int64) bool { return slices.Contains(*to, id) })
			ids = slices.DeleteFunc(ids, func(id int64) bool { return slices.Contains(fresh, id) })
			g.pendingMembers = fresh
		}
		*to = ids
	}
}

func allFunc[T any](all []T, fits func(T) bool) bool {
	return !slices.ContainsFunc(all, func(v T) bool { return !fits(v) })
}

func deleteGroup(c *call) (*answer, error) {
	g, err := c.group()
	if err != nil {
		return nil, err
	}
	c.db.groups.remove(g.id)
	return noContent()
}

func (g *requesterGroup) view() obj {
	return obj{"id": g.id, "name": g.name, "description": orNull(g.description), "type": g.kind}
}

func listRequesterGroups(c *call) (*answer, error) {
	return listed(c, "requester_groups", c.db.requesterGroups.all(), (*requesterGroup).view)
}

func (c *call) requesterGroup() (*requesterGroup, error) {
	if g := c.db.requesterGroups.get(c.ids["id"]); g != nil {
		return g, nil
	}
	return nil, notFound()
}

func getRequesterGroup(c *call) (*answer, error) {
	g, err := c.requesterGroup()
	if err != nil {
		return nil, err
	}
	return ok(obj{"requester_group": g.view()})
}

func createRequesterGroup(c *call) (*answer, error) {
	in, err := c.input()
	if err != nil {
		return nil, err
	}
	in.require(msgString, "name")
	g := &requesterGroup{name: in.str("name"), description: in.str("description"), kind: "manual"}
	if err := in.done(); err != nil {
		return nil, err
	}
	g.id = c.db.id()
	c.db.requesterGroups.put(g.id, g)
	return c.created(obj{"requester_group": g.view()}, "requester_groups", g.id)
}

func deleteRequesterGroup(c *call) (*answer, error) {
	g, err := c.requesterGroup()
	if err != nil {
		return nil, err
	}
	c.db.requesterGroups.remove(g.id)
	return noContent()
}

func listRequesterGroupMembers(c *call) (*answer, error) {
	g, err := c.requesterGroup()
	if err != nil {
		return nil, err
	}
	return listed(c, "requesters", slices.Values(g.members), func(id int64) obj {
		p := c.db.people.get(id)
		if p == nil {
			return obj{"id": id}
		}
		return obj{"id": p.id, "first_name": p.first, "last_name": orNull(p.last), "email": orNull(p.email)}
	})
}

// addRequesterGroupMember answers 200 without an object; adding again changes nothing (reference §8.3). A rule-based
// group takes no members by hand.
func addRequesterGroupMember(c *call) (*answer, error) { return c.setMember(true) }

func removeRequesterGroupMember(c *call) (*answer, error) { return c.setMember(false) }

func (c *call) setMember(in bool) (*answer, error) {
	g, err := c.requesterGroup()
	if err != nil {
		return nil, err
	}
	id := c.ids["rid"]
	if c.db.people.get(id) == nil {
		return nil, notFound()
	}
	if g.kind != "manual" {
		return nil, invalid("type", codeIncompatible, "Members of a rule based group cannot be changed by hand")
	}
	g.members = slices.DeleteFunc(slices.Clone(g.members), func(o int64) bool { return o == id })
	if !in {
		return noContent()
	}
	g.members = append(g.members, id)
	return ok(nil)
}
