package oktasim

import "slices"

var (
	memberPages     = pageQuery{limit: 1000, most: 1000}
	userGroupPages  = pageQuery{limit: 200, most: 200}
	groupAppPages   = pageQuery{limit: 20, most: 200}
	maxExcludeUsers = 100 // per rule (§4.1)
)

func listMembers(c *call) (answer, error) {
	g, err := c.group()
	if err != nil {
		return answer{}, err
	}
	limit, err := memberPages.limitFrom(c.query)
	if err != nil {
		return answer{}, err
	}
	after := c.query.Get("after")
	if after != "" && !isID(after, prefixUser) {
		return answer{}, badCursor()
	}
	items, next := walk(c.st.memberIDs(g.id).after(after), limit, func(id string) (userWire, bool) {
		return c.st.users[id].wire(c, false), true
	})
	return listOf(items, memberPages.linkLines(c, limit, next))
}

func listUserGroups(c *call) (answer, error) {
	u, err := c.user()
	if err != nil {
		return answer{}, err
	}
	limit, err := userGroupPages.limitFrom(c.query)
	if err != nil {
		return answer{}, err
	}
	after := c.query.Get("after")
	if after != "" && !isID(after, prefixGroup) {
		return answer{}, badCursor()
	}
	all := idSet{c.st.allGroupsOf(u.id)}
	items, next := walk(all.after(after), limit, func(id string) (groupWire, bool) {
		return c.st.groups[id].wire(c, ""), true
	})
	return listOf(items, userGroupPages.linkLines(c, limit, next))
}

func listGroupApps(c *call) (answer, error) {
	g, err := c.group()
	if err != nil {
		return answer{}, err
	}
	limit, err := groupAppPages.limitFrom(c.query)
	if err != nil {
		return answer{}, err
	}
	items, next := walk(c.st.groupApps[g.id].after(c.query.Get("after")), limit, func(id string) (object, bool) {
		return c.st.apps[id].wire(c), true
	})
	return listOf(items, groupAppPages.linkLines(c, limit, next))
}

// membership resolves both ends of a membership write; only OKTA_GROUP may be written (§4).
func (c *call) membership() (*group, *user, error) {
	g, err := c.group()
	if err != nil {
		return nil, nil, err
	}
	if g.kind != groupOkta {
		return nil, nil, denied()
	}
	u, found := c.st.findUser(c.params[1])
	if !found {
		return nil, nil, notFound(c.params[1], typeUser)
	}
	if u.transition != "" {
		return nil, nil, stillActivating()
	}
	return g, u, nil
}

// putMember is idempotent: 204 again for a member.
func putMember(c *call) (answer, error) {
	g, u, err := c.membership()
	if err != nil {
		return answer{}, err
	}
	c.s.addMember(c.by(), g.id, u.id, "")
	return noContent()
}

// removeMember is idempotent too. When an active rule gave the membership, the vendor excludes the user from that rule, so
// that it does not come back (§4.1).
func removeMember(c *call) (answer, error) {
	g, u, err := c.membership()
	if err != nil {
		return answer{}, err
	}
	rules := slices.Clone(c.st.ruleManaged[memberKey{g.id, u.id}])
	if !c.s.dropMember(c.by(), g.id, u.id) {
		return noContent()
	}
	for _, id := range rules {
		if r := c.st.rules[id]; r != nil && r.status == ruleActive {
			c.s.exclude(r.id, u)
		}
	}
	return noContent()
}

// exclude adds a user to a rule's exceptions as the vendor itself. A full list takes nobody more: the rule grants again.
func (s *Server) exclude(ruleID string, u *user) {
	r := s.st.rules[ruleID]
	if slices.Contains(r.excludeUsers, u.id) {
		return
	}
	if len(r.excludeUsers) >= maxExcludeUsers {
		s.userChanged(u.id)
		return
	}
	by := systemAct(s.now())
	e := s.st.editRule(ruleID)
	e.excludeUsers = append(e.excludeUsers, u.id)
	e.lastUpdated = by.now
	s.emit(by, "group.user_membership.rule.add_exclusion", u.target(), e.target())
}

// addMember stores a membership; ruleID names the rule that gives it, empty for a direct one.
// A direct membership stays direct when a rule matches too, and a rule's one stays the rule's when it is put by hand.
func (s *Server) addMember(by act, gid, uid, ruleID string) {
	st := s.st
	if gid == st.everyoneID {
		return
	}
	key := memberKey{gid, uid}
	if !st.members.add(gid, uid) {
		if have := st.ruleManaged[key]; ruleID != "" && len(have) > 0 && !slices.Contains(have, ruleID) {
			st.ruleManaged[key] = append(slices.Clone(have), ruleID)
		}
		return
	}
	st.groupsOf.add(uid, gid)
	if ruleID != "" {
		st.ruleManaged[key] = []string{ruleID}
	}
	st.editGroup(gid).membershipUpdated = by.now
	s.emit(by, "group.user_membership.add", st.users[uid].target(), st.groups[gid].target())
	if len(st.roles[gid]) > 0 {
		s.syncAdmins(uid)
	}
	s.grantThrough(gid, uid)
	s.membershipChanged(uid)
}

// dropMember removes a membership and says whether there was one.
func (s *Server) dropMember(by act, gid, uid string) bool {
	st := s.st
	if !st.members.remove(gid, uid) {
		return false
	}
	st.groupsOf.remove(uid, gid)
	delete(st.ruleManaged, memberKey{gid, uid})
	st.editGroup(gid).membershipUpdated = by.now
	s.emit(by, "group.user_membership.remove", st.users[uid].target(), st.groups[gid].target())
	if len(st.roles[gid]) > 0 {
		s.syncAdmins(uid)
	}
	s.grantThrough(gid, uid)
	s.membershipChanged(uid)
	return true
}
