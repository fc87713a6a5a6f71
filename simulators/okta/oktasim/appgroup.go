package oktasim

import (
	"time"
)

// appGroup is a group assigned to an app: its members get the app. Lower priority numbers win (§5).
type appGroup struct {
	app, group  string
	priority    int
	profile     object
	lastUpdated time.Time
}

func (ag *appGroup) wire(c *call) object {
	w := object{
		"id": ag.group, "lastUpdated": stamp(ag.lastUpdated), "priority": ag.priority, "profile": ag.profile,
		"_links": object{
			"app": link(c.href("/apps/" + ag.app)), "self": link(c.href("/apps/" + ag.app + "/groups/" + ag.group)),
			"group": link(c.href("/groups/" + ag.group)),
		},
	}
	if c.query.Get("expand") == "group" {
		w["_embedded"] = object{"group": c.st.groups[ag.group].wire(c, "")}
	}
	return w
}

var appGroupPages = pageQuery{known: []string{"q", "expand"}, limit: 20, most: 200, least: 20}

func listAppGroups(c *call) (answer, error) {
	a, err := c.app()
	if err != nil {
		return answer{}, err
	}
	limit, err := appGroupPages.limitFrom(c.query)
	if err != nil {
		return answer{}, err
	}
	after := c.query.Get("after")
	if after != "" && !isID(after, prefixGroup) {
		return answer{}, badCursor()
	}
	items, next := walk(c.st.appGroupIDs[a.id].after(after), limit, func(gid string) (object, bool) {
		return c.st.appGroups[appGroupKey{a.id, gid}].wire(c), true
	})
	return listOf(items, appGroupPages.linkLines(c, limit, next))
}

func (c *call) appGroup() (*app, *appGroup, error) {
	a, err := c.app()
	if err != nil {
		return nil, nil, err
	}
	ag, found := c.st.appGroups[appGroupKey{a.id, c.params[1]}]
	if !found {
		return nil, nil, notFound(c.params[1], typeGroup)
	}
	return a, ag, nil
}

func getAppGroup(c *call) (answer, error) {
	_, ag, err := c.appGroup()
	if err != nil {
		return answer{}, err
	}
	return ok(ag.wire(c))
}

// putAppGroup is idempotent; a priority left out counts up from 0 (§5).
func putAppGroup(c *call) (answer, error) {
	a, err := c.app()
	if err != nil {
		return answer{}, err
	}
	g, found := c.st.groups[c.params[1]]
	if !found {
		return answer{}, notFound(c.params[1], typeGroup)
	}
	var body struct {
		Priority *int   `json:"priority"`
		Profile  object `json:"profile"`
	}
	if len(c.body) > 0 {
		if err := c.decode(&body); err != nil {
			return answer{}, err
		}
	}
	event := "group.application_assignment.update"
	if c.st.appGroups[appGroupKey{a.id, g.id}] == nil {
		event = "group.application_assignment.add"
	}
	ag := c.s.assignGroup(c.now, a.id, g.id, body.Priority, body.Profile)
	c.s.emit(c.by(), event, g.target(), a.target())
	return ok(ag.wire(c))
}

func (s *Server) assignGroup(now time.Time, aid, gid string, priority *int, profile object) *appGroup {
	st := s.st
	key := appGroupKey{aid, gid}
	ag := &appGroup{app: aid, group: gid, profile: object{}, lastUpdated: now, priority: st.appGroupIDs[aid].len()}
	if old := st.appGroups[key]; old != nil {
		*ag = *old
		ag.lastUpdated = now
	}
	if priority != nil {
		ag.priority = *priority
	}
	if profile != nil {
		ag.profile = profile
	}
	st.appGroups[key] = ag
	st.appGroupIDs.add(aid, gid)
	st.groupApps.add(gid, aid)
	s.reconcileLater(aid, nil)
	return ag
}

func (st *state) dropAppGroup(key appGroupKey) {
	delete(st.appGroups, key)
	st.appGroupIDs.remove(key.app, key.group)
	st.groupApps.remove(key.group, key.app)
}

func deleteAppGroup(c *call) (answer, error) {
	a, ag, err := c.appGroup()
	if err != nil {
		return answer{}, err
	}
	c.st.dropAppGroup(appGroupKey{a.id, ag.group})
	c.s.emit(c.by(), "group.application_assignment.remove", c.st.groups[ag.group].target(), a.target())
	c.s.reconcileLater(a.id, nil)
	return noContent()
}
