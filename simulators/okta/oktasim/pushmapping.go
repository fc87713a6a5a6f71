package oktasim

import (
	"slices"
	"time"
)

// pushMapping copies a group into an app (§10 trap 26).
type pushMapping struct {
	id          string
	source      string // Okta group
	target      string // id of the group on the app's side
	targetName  string
	status      string
	created     time.Time
	lastUpdated time.Time
}

func (m *pushMapping) wire(c *call, appID string) object {
	return object{
		"id": m.id, "status": m.status, "sourceGroupId": m.source, "targetGroupId": m.target,
		"created": formatSeconds(m.created), "lastUpdated": formatSeconds(m.lastUpdated),
		"_links": object{
			"app": link(c.href("/apps/" + appID)), "sourceGroup": link(c.href("/groups/" + m.source)), "targetGroup": link(c.href("/groups/" + m.target)),
		},
	}
}

func (st *state) pushCount(gid string) int {
	n := 0
	for _, list := range st.pushMappings {
		for _, m := range list {
			if m.source == gid || m.target == gid {
				n++
			}
		}
	}
	return n
}

var mappingPages = pageQuery{known: []string{"sourceGroupId", "status", "lastUpdated"}, limit: 100, most: 1000}

func listPushMappings(c *call) (answer, error) {
	a, err := c.app()
	if err != nil {
		return answer{}, err
	}
	limit, err := mappingPages.limitFrom(c.query)
	if err != nil {
		return answer{}, err
	}
	byID := map[string]*pushMapping{}
	ids := &idSet{}
	for _, m := range c.st.pushMappings[a.id] {
		byID[m.id] = m
		ids.add(m.id)
	}
	source, status := c.query.Get("sourceGroupId"), c.query.Get("status")
	items, next := walk(ids.after(c.query.Get("after")), limit, func(id string) (object, bool) {
		m := byID[id]
		if source != "" && m.source != source || status != "" && m.status != status {
			return nil, false
		}
		return m.wire(c, a.id), true
	})
	return listOf(items, mappingPages.linkLines(c, limit, next))
}

func createPushMapping(c *call) (answer, error) {
	a, err := c.app()
	if err != nil {
		return answer{}, err
	}
	var body struct {
		Source     string `json:"sourceGroupId"`
		Target     string `json:"targetGroupId"`
		TargetName string `json:"targetGroupName"`
		Status     string `json:"status"`
	}
	if err := c.decode(&body); err != nil {
		return answer{}, err
	}
	g, err := c.st.groupByID(body.Source)
	if err != nil {
		return answer{}, err
	}
	if slices.ContainsFunc(c.st.pushMappings[a.id], func(m *pushMapping) bool { return m.source == g.id }) {
		return answer{}, invalid("sourceGroupId", "sourceGroupId: "+duplicateText)
	}
	if body.Target != "" && c.st.groups[body.Target] == nil {
		return answer{}, notFound(body.Target, typeGroup)
	}
	m := c.s.addPush(c.now, a, g, body.Target, body.TargetName)
	if body.Status == ruleInactive {
		m.status = ruleInactive
	}
	c.s.emit(c.by(), "application.provision.group_push.mapping.created", g.target(), a.target())
	return ok(m.wire(c, a.id))
}

// addPush stores a mapping. Without a target the app gets a group of its own, an APP_GROUP here.
func (s *Server) addPush(now time.Time, a *app, g *group, target, targetName string) *pushMapping {
	if target == "" {
		if targetName == "" {
			targetName = g.name()
		}
		pushed := s.addGroup(now, groupApp, map[string]any{"name": targetName, "description": nil})
		pushed.sourceID = a.id
		target = pushed.id
	}
	m := &pushMapping{id: s.st.newID(prefixMapping), source: g.id, target: target, targetName: targetName, status: "ACTIVE", created: now, lastUpdated: now}
	s.st.pushMappings[a.id] = append(slices.Clone(s.st.pushMappings[a.id]), m)
	return m
}

func (c *call) pushMapping() (*app, *pushMapping, error) {
	a, err := c.app()
	if err != nil {
		return nil, nil, err
	}
	for _, m := range c.st.pushMappings[a.id] {
		if m.id == c.params[1] {
			return a, m, nil
		}
	}
	return nil, nil, notFound(c.params[1], typeMapping)
}

func getPushMapping(c *call) (answer, error) {
	a, m, err := c.pushMapping()
	if err != nil {
		return answer{}, err
	}
	return ok(m.wire(c, a.id))
}

func patchPushMapping(c *call) (answer, error) {
	a, m, err := c.pushMapping()
	if err != nil {
		return answer{}, err
	}
	var body struct {
		Status string `json:"status"`
	}
	if err := c.decode(&body); err != nil {
		return answer{}, err
	}
	if body.Status != ruleActive && body.Status != ruleInactive {
		return answer{}, invalid("status", "status: must be ACTIVE or INACTIVE")
	}
	e := *m
	e.status, e.lastUpdated = body.Status, c.now
	list := slices.Clone(c.st.pushMappings[a.id])
	list[slices.Index(list, m)] = &e
	c.st.pushMappings[a.id] = list
	return ok(e.wire(c, a.id))
}

// deletePushMapping needs an INACTIVE mapping and answers 200, not 204 (§10 trap 26).
func deletePushMapping(c *call) (answer, error) {
	a, m, err := c.pushMapping()
	if err != nil {
		return answer{}, err
	}
	if m.status == ruleActive {
		return answer{}, invalid("status", "The group push mapping must be INACTIVE before deletion.")
	}
	c.st.pushMappings[a.id] = slices.DeleteFunc(slices.Clone(c.st.pushMappings[a.id]), func(o *pushMapping) bool { return o == m })
	if g := c.st.groups[m.target]; g != nil && g.sourceID == a.id && c.flag("deleteTargetGroup", false) {
		delete(c.st.groups, g.id)
		c.st.groupIDs.remove(g.id)
	}
	return ok(object{})
}
