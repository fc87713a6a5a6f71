package oktasim

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

func getGroup(c *call) (answer, error) {
	g, err := c.group()
	if err != nil {
		return answer{}, err
	}
	return ok(g.wire(c, c.query.Get("expand")))
}

// groupProfile reads and checks the body of a group write. self is the group's own id, empty on create.
func (c *call) groupProfile(self string) (map[string]any, error) {
	var body struct {
		Profile map[string]any `json:"profile"`
	}
	if err := c.decode(&body); err != nil {
		return nil, err
	}
	name, isText := body.Profile["name"].(string)
	switch n := utf8.RuneCountInString(name); {
	case !isText || strings.TrimSpace(name) == "":
		return nil, invalid("name", "name: The field cannot be left blank")
	case n > 255:
		return nil, invalid("name", "name: The field is too long")
	}
	for key, v := range body.Profile {
		if key != "name" && key != "description" {
			return nil, invalid("profile", fmt.Sprintf("Property name '%s' is not defined in profile", key))
		}
		if _, isText := v.(string); v != nil && !isText {
			return nil, invalid(key, key+": The field must be a string")
		}
	}
	for _, id := range c.st.groupIDs.all() {
		if g := c.st.groups[id]; id != self && g.kind == groupOkta && g.name() == name {
			return nil, invalid("name", "name: "+duplicateText)
		}
	}
	profile := map[string]any{"name": name, "description": nil}
	if d, found := body.Profile["description"]; found { // an empty one stays empty, an absent one is null
		profile["description"] = d
	}
	return profile, nil
}

func createGroup(c *call) (answer, error) {
	profile, err := c.groupProfile("")
	if err != nil {
		return answer{}, err
	}
	g := c.s.addGroup(c.now, groupOkta, profile)
	c.s.emit(c.by(), "group.lifecycle.create", g.target())
	return ok(g.wire(c, ""))
}

func (s *Server) addGroup(now time.Time, kind string, profile map[string]any) *group {
	g := &group{id: s.st.newID(prefixGroup), kind: kind, profile: profile, created: now, updated: now, membershipUpdated: now}
	s.st.groups[g.id] = g
	s.st.groupIDs.add(g.id)
	return g
}

func replaceGroup(c *call) (answer, error) {
	g, err := c.group()
	if err != nil {
		return answer{}, err
	}
	if g.kind != groupOkta {
		return answer{}, denied()
	}
	profile, err := c.groupProfile(g.id)
	if err != nil {
		return answer{}, err
	}
	e := c.st.editGroup(g.id)
	e.profile, e.updated = profile, c.now
	c.s.emit(c.by(), "group.profile.update", e.target())
	return ok(e.wire(c, ""))
}

// deleteGroup drops the assignments the group granted; rules that point at it become INVALID some time later (§4.1).
func deleteGroup(c *call) (answer, error) {
	g, err := c.group()
	if err != nil {
		return answer{}, err
	}
	if g.kind != groupOkta || c.st.pushCount(g.id) > 0 {
		return answer{}, denied()
	}
	s, st := c.s, c.st
	members, apps := st.members.copyOf(g.id), st.groupApps.copyOf(g.id)
	for _, uid := range members {
		st.groupsOf.remove(uid, g.id)
		delete(st.ruleManaged, memberKey{g.id, uid})
	}
	delete(st.members, g.id)
	for _, aid := range apps {
		st.dropAppGroup(appGroupKey{aid, g.id})
	}
	delete(st.roles, g.id)
	delete(st.groups, g.id)
	st.groupIDs.remove(g.id)
	s.emit(c.by(), "group.lifecycle.delete", g.target())
	for _, uid := range members {
		s.syncAdmins(uid)
		s.membershipChanged(uid)
	}
	for _, aid := range apps {
		s.reconcileLater(aid, members)
	}
	gone := g.id
	s.later(s.opts.RuleDelay, "", func(s *Server) { s.invalidateRules(gone) })
	return noContent()
}
