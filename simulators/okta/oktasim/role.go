package oktasim

import (
	"net/http"
	"slices"
	"time"
)

const roleSuper = "SUPER_ADMIN"

// role is a standard admin role assigned to a user or a group.
type role struct {
	id      string
	kind    string
	created time.Time
}

func (r *role) wire(c *call, assignment, assignee string) object {
	return object{
		"id": r.id, "label": roleLabels[r.kind], "type": r.kind, "status": "ACTIVE", "assignmentType": assignment,
		"created": stamp(r.created), "lastUpdated": stamp(r.created),
		"_links": object{"assignee": link(c.href(assignee))},
	}
}

// roleTypesOf are the roles a user holds, directly or through a group.
func (st *state) roleTypesOf(uid string) []string {
	var kinds []string
	for _, r := range st.roles[uid] {
		kinds = append(kinds, r.kind)
	}
	for _, gid := range st.groupsOf.all(uid) {
		for _, r := range st.roles[gid] {
			kinds = append(kinds, r.kind)
		}
	}
	return kinds
}

// isLastSuper says whether nobody else could administer the org without this user.
func (st *state) isLastSuper(uid string) bool {
	if !slices.Contains(st.roleTypesOf(uid), roleSuper) {
		return false
	}
	for holder, roles := range st.roles {
		if !slices.ContainsFunc(roles, func(r *role) bool { return r.kind == roleSuper }) {
			continue
		}
		if u, isUser := st.users[holder]; isUser && holder != uid && u.status != statusDeprovisioned {
			return false
		}
		for _, m := range st.members.all(holder) {
			if m != uid && st.users[m].status != statusDeprovisioned {
				return false
			}
		}
	}
	return true
}

func listUserRoles(c *call) (answer, error) {
	u, err := c.user()
	if err != nil {
		return answer{}, err
	}
	list := []object{}
	for _, r := range c.st.roles[u.id] {
		list = append(list, r.wire(c, "USER", "/users/"+u.id))
	}
	for _, gid := range c.st.groupsOf.all(u.id) {
		for _, r := range c.st.roles[gid] {
			list = append(list, r.wire(c, "GROUP", "/groups/"+gid))
		}
	}
	return ok(list)
}

func listGroupRoles(c *call) (answer, error) {
	g, err := c.group()
	if err != nil {
		return answer{}, err
	}
	list := []object{}
	for _, r := range c.st.roles[g.id] {
		list = append(list, r.wire(c, "GROUP", "/groups/"+g.id))
	}
	return ok(list)
}

func (c *call) roleBody() (string, error) {
	var body struct {
		Type string `json:"type"`
	}
	if err := c.decode(&body); err != nil {
		return "", err
	}
	if _, known := roleLabels[body.Type]; !known {
		return "", invalid("type", "type: The role specified is not valid.")
	}
	return body.Type, nil
}

// assignRole adds a role to a user or group; a role held already is 409 E0000090.
func (c *call) assignRole(holder, kind string) (*role, error) {
	if slices.ContainsFunc(c.st.roles[holder], func(r *role) bool { return r.kind == kind }) {
		return nil, fail(http.StatusConflict, "E0000090", "The role specified is already assigned to the user.")
	}
	r := &role{id: c.st.newID(prefixRole), kind: kind, created: c.now}
	c.st.roles[holder] = append(slices.Clone(c.st.roles[holder]), r)
	return r, nil
}

func (c *call) dropRole(holder string) (*role, error) {
	for _, r := range c.st.roles[holder] {
		if r.id == c.params[1] {
			c.st.roles[holder] = slices.DeleteFunc(slices.Clone(c.st.roles[holder]), func(o *role) bool { return o.id == r.id })
			if len(c.st.roles[holder]) == 0 {
				delete(c.st.roles, holder)
			}
			return r, nil
		}
	}
	return nil, notFound(c.params[1], typeRole)
}

func roleTarget(kind string) logTarget {
	return logTarget{ID: kind, Type: "ROLE", AlternateID: "unknown", DisplayName: roleLabels[kind]}
}

func assignUserRole(c *call) (answer, error) {
	u, err := c.user()
	if err != nil {
		return answer{}, err
	}
	kind, err := c.roleBody()
	if err != nil {
		return answer{}, err
	}
	if u.status == statusDeprovisioned {
		return answer{}, wrongStatus()
	}
	r, err := c.assignRole(u.id, kind)
	if err != nil {
		return answer{}, err
	}
	c.s.emit(c.by(), "user.account.privilege.grant", u.target(), roleTarget(kind))
	c.s.syncAdmins(u.id)
	return created(r.wire(c, "USER", "/users/"+u.id))
}

// unassignUserRole refuses to take the last super administrator's role (our choice of code; §6 of the design).
func unassignUserRole(c *call) (answer, error) {
	u, err := c.user()
	if err != nil {
		return answer{}, err
	}
	for _, r := range c.st.roles[u.id] {
		if r.id == c.params[1] && r.kind == roleSuper && c.st.isLastSuper(u.id) {
			return answer{}, denied()
		}
	}
	r, err := c.dropRole(u.id)
	if err != nil {
		return answer{}, err
	}
	c.s.emit(c.by(), "user.account.privilege.revoke", u.target(), roleTarget(r.kind))
	c.s.syncAdmins(u.id)
	return noContent()
}

func assignGroupRole(c *call) (answer, error) {
	g, err := c.group()
	if err != nil {
		return answer{}, err
	}
	kind, err := c.roleBody()
	if err != nil {
		return answer{}, err
	}
	r, err := c.assignRole(g.id, kind)
	if err != nil {
		return answer{}, err
	}
	c.s.emit(c.by(), "group.privilege.grant", g.target(), roleTarget(kind))
	for _, uid := range c.st.members.copyOf(g.id) {
		c.s.syncAdmins(uid)
	}
	return created(r.wire(c, "GROUP", "/groups/"+g.id))
}

func unassignGroupRole(c *call) (answer, error) {
	g, err := c.group()
	if err != nil {
		return answer{}, err
	}
	r, err := c.dropRole(g.id)
	if err != nil {
		return answer{}, err
	}
	c.s.emit(c.by(), "group.privilege.revoke", g.target(), roleTarget(r.kind))
	for _, uid := range c.st.members.copyOf(g.id) {
		c.s.syncAdmins(uid)
	}
	return noContent()
}

// syncAdmins keeps the built-in group Okta Administrators equal to the people who hold a role.
func (s *Server) syncAdmins(uid string) {
	st := s.st
	var changed bool
	if len(st.roleTypesOf(uid)) > 0 {
		changed = st.members.add(st.adminsID, uid)
		st.groupsOf.add(uid, st.adminsID)
	} else {
		changed = st.members.remove(st.adminsID, uid)
		st.groupsOf.remove(uid, st.adminsID)
	}
	if changed {
		s.grantThrough(st.adminsID, uid)
		s.membershipChanged(uid)
	}
}

var assigneePages = pageQuery{limit: 100, most: 200}

// listAssignees is GET /iam/assignees/users: everyone who holds a role directly or through a group.
func listAssignees(c *call) (answer, error) {
	limit, err := assigneePages.limitFrom(c.query)
	if err != nil {
		return answer{}, err
	}
	items, next := walk(c.st.members[c.st.adminsID].after(c.query.Get("after")), limit, func(uid string) (object, bool) {
		return object{"id": uid, "orn": "orn:okta:directory:" + c.st.orgID + ":users:" + uid, "_links": object{
			"self": link(c.href("/users/" + uid)), "roles": link(c.href("/users/" + uid + "/roles")),
		}}, true
	})
	links := object{}
	if next != "" {
		links["next"] = link(c.base + c.path + "?after=" + next)
	}
	return ok(object{"value": items, "_links": links})
}
