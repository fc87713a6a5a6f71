package freshsim

import (
	"slices"
)

// agentView is the agent object: email rather than primary_email, roles and groups (reference §8.2).
func (c *call) agentView(p *person) obj {
	v := c.personView(p)
	member, observer, pending := c.db.groupsOf(p.id)
	key := false
	for _, id := range c.db.keys {
		key = key || id == p.id
	}
	v["email"], v["occasional"], v["signature"] = p.email, p.occasional, orNull(p.signature)
	v["roles"], v["member_of"], v["observer_of"] = list(p.roles), list(member), list(observer)
	v["member_of_pending_approval"], v["observer_of_pending_approval"] = list(pending), []int64{}
	v["workspace_ids"], v["workspace_info"] = list(p.workspaces), []obj{}
	v["scoreboard_level_id"], v["scoreboard_points"] = nil, nil
	v["last_login_at"], v["last_active_at"] = nil, nil
	v["api_key_enabled"], v["auto_assign_tickets"], v["auto_assign_status_changed_at"] = key, true, nil
	return v
}

func (c *call) agent() (*person, error) {
	if p := c.db.people.get(c.ids["id"]); p != nil && p.agent {
		return p, nil
	}
	return nil, notFound()
}

func getAgent(c *call) (*answer, error) {
	p, err := c.agent()
	if err != nil {
		return nil, err
	}
	return ok(obj{"agent": c.agentView(p)})
}

// getMe is the agent who owns the key: undocumented but used (reference §1).
func getMe(c *call) (*answer, error) { return ok(obj{"agent": c.agentView(c.actor)}) }

func listAgents(c *call) (*answer, error) {
	if c.query.Has("query") {
		return c.queryPeople("agents", true, c.agentView)
	}
	state := c.query.Get("state")
	if c.query.Has("state") && state != "fulltime" && state != "occasional" {
		return nil, invalid("state", codeInvalidValue, oneOfMessage([]string{"fulltime", "occasional"}))
	}
	seq, err := c.peopleBy(func(p *person) bool { return p.agent && (state == "" || p.occasional == (state == "occasional")) })
	if err != nil {
		return nil, err
	}
	return listed(c, "agents", seq, c.agentView)
}

// makeAgent turns a person into an agent with one role over the whole desk.
func (d *database) makeAgent(p *person, role string) {
	p.agent, p.workspaces = true, []int64{primaryWorkspace}
	if r := d.roleByName(role); r != nil {
		p.roles = []roleAssignment{{RoleID: r.id, AssignmentScope: "entire_helpdesk", Groups: []int64{}, WorkspaceID: primaryWorkspace}}
	}
}

func createAgent(c *call) (*answer, error) {
	in, err := c.input()
	if err != nil {
		return nil, err
	}
	p := c.db.newPerson("", "", "")
	c.db.makeAgent(p, roleAgent)
	in.require(msgString, "first_name", "email")
	in.require(msgArray, "roles")
	c.readPerson(in, p, "email")
	c.readAgent(in, p)
	if err := in.done(); err != nil {
		return nil, err
	}
	c.db.putPerson(p)
	return c.created(obj{"agent": c.agentView(p)}, "agents", p.id)
}

// readAgent reads what only agents have. Retired attributes such as group_ids stay unknown and are refused
// (reference §2).
func (c *call) readAgent(in *input, p *person) {
	p.occasional = in.bool("occasional", p.occasional)
	if in.has("signature") {
		p.signature = in.str("signature")
	}
	if !in.has("roles") {
		return
	}
	scopes := []string{"entire_helpdesk", "member_groups", "specified_groups", "assigned_items"}
	p.roles = nil // replaced as a whole
	for _, r := range in.objects("roles") {
		a := roleAssignment{RoleID: r.int("role_id"), AssignmentScope: r.str("assignment_scope"), Groups: list(r.ints("groups")), WorkspaceID: r.int("workspace_id")}
		if c.db.roles.get(a.RoleID) == nil {
			in.fail("role_id", codeInvalidValue, msgUnknownID)
		}
		if !slices.Contains(scopes, a.AssignmentScope) {
			in.fail("assignment_scope", codeInvalidValue, oneOfMessage(scopes))
		}
		if a.WorkspaceID == 0 {
			a.WorkspaceID = primaryWorkspace
		}
		if err := r.done(); err != nil {
			in.errs = append(in.errs, r.errs...)
		}
		p.roles = append(p.roles, a)
	}
}

func updateAgent(c *call) (*answer, error) {
	p, err := c.agent()
	if err != nil {
		return nil, err
	}
	if err := c.updatePerson(p, "email", c.readAgent); err != nil {
		return nil, err
	}
	return ok(obj{"agent": c.agentView(p)})
}

// deactivateAgent is DELETE, but 200 with the agent, where a requester's is 204 (reference §8.2).
func deactivateAgent(c *call) (*answer, error) { return c.agentActive(false) }

func reactivateAgent(c *call) (*answer, error) { return c.agentActive(true) }

func (c *call) agentActive(active bool) (*answer, error) {
	p, err := c.agent()
	if err != nil {
		return nil, err
	}
	c.db.setActive(p, active)
	return ok(obj{"agent": c.agentView(p)})
}

func forgetAgent(c *call) (*answer, error) {
	p, err := c.agent()
	if err != nil {
		return nil, err
	}
	c.db.forget(p)
	return noContent()
}

func convertToRequester(c *call) (*answer, error) {
	p, err := c.agent()
	if err != nil {
		return nil, err
	}
	p.agent, p.occasional, p.roles, p.updated = false, false, nil, c.now
	c.db.touchPerson(p)
	return ok(obj{"requester": c.requesterView(p)})
}

func agentFields(*call) (*answer, error) {
	out := []obj{}
	for i, f := range []struct{ name, label string }{{"first_name", "First Name"}, {"last_name", "Last Name"}, {"email", "Email"}, {"job_title", "Title"}} {
		out = append(out, obj{"id": int64(i + 1), "name": f.name, "label": f.label, "field_type": "default_" + f.name, "position": i + 1, "default_field": true})
	}
	return ok(obj{"agent_fields": out})
}

func roleView(r *role) obj {
	return obj{
		"id": r.id, "name": r.name, "description": r.description, "default": true, "role_type": r.kind,
		"created_at": stamp(r.created), "updated_at": stamp(r.created),
	}
}

func listRoles(c *call) (*answer, error) { return listed(c, "roles", c.db.roles.all(), roleView) }

func getRole(c *call) (*answer, error) {
	r := c.db.roles.get(c.ids["id"])
	if r == nil {
		return nil, notFound()
	}
	return ok(obj{"role": roleView(r)})
}
