package oktasim

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Group types (§4). Only groups of type OKTA_GROUP may be written.
const (
	groupOkta    = "OKTA_GROUP"
	groupApp     = "APP_GROUP"
	groupBuiltIn = "BUILT_IN"
)

type group struct {
	id                string
	kind              string
	profile           map[string]any // name and description
	created           time.Time
	updated           time.Time
	membershipUpdated time.Time
	sourceID          string // app that owns an APP_GROUP
}

func (g *group) name() string {
	t, _ := g.profile["name"].(string)
	return t
}

func (g *group) target() logTarget {
	return logTarget{ID: g.id, Type: "UserGroup", AlternateID: "unknown", DisplayName: g.name()}
}

func (st *state) groupByID(id string) (*group, error) {
	g, found := st.groups[id]
	if !found {
		return nil, notFound(id, typeGroup)
	}
	return g, nil
}

// memberIDs of Everyone are all users; other groups keep their own set.
func (st *state) memberIDs(gid string) *idSet {
	if gid == st.everyoneID {
		return st.userIDs
	}
	return st.members[gid]
}

func (st *state) isMember(gid, uid string) bool {
	return gid == st.everyoneID || st.members[gid].has(uid)
}

// allGroupsOf are a user's groups, Everyone included, in id order.
func (st *state) allGroupsOf(uid string) []string {
	own := st.groupsOf.copyOf(uid)
	at, _ := slices.BinarySearch(own, st.everyoneID)
	return slices.Insert(own, at, st.everyoneID)
}

type groupWire struct {
	ID                    string   `json:"id"`
	Created               stamp    `json:"created"`
	LastUpdated           stamp    `json:"lastUpdated"`
	LastMembershipUpdated stamp    `json:"lastMembershipUpdated"`
	ObjectClass           []string `json:"objectClass"`
	Type                  string   `json:"type"`
	Profile               object   `json:"profile"`
	Source                object   `json:"source,omitempty"`
	Links                 object   `json:"_links"`
	Embedded              object   `json:"_embedded,omitempty"`
}

func (g *group) wire(c *call, expand string) groupWire {
	self := c.href("/groups/" + g.id)
	profile := object{"description": nil}
	maps.Copy(profile, g.profile)
	logo := func(size string) object {
		return object{"name": size, "href": c.base + "/img/logos/groups/odyssey/okta-" + size + ".png", "type": "image/png"}
	}
	w := groupWire{
		ID: g.id, Created: stamp(g.created), LastUpdated: stamp(g.updated), LastMembershipUpdated: stamp(g.membershipUpdated),
		ObjectClass: []string{"okta:user_group"}, Type: g.kind, Profile: profile,
		Links: object{"logo": []object{logo("medium"), logo("large")}, "users": link(self + "/users"), "apps": link(self + "/apps")},
	}
	if g.kind == groupApp && g.sourceID != "" {
		w.ObjectClass = []string{"okta:windows_security_principal"}
		w.Source = object{"id": g.sourceID}
		w.Links["source"] = link(c.href("/apps/" + g.sourceID))
	}
	for part := range strings.SplitSeq(expand, ",") {
		switch strings.TrimSpace(part) {
		case "stats":
			w.embed("stats", object{
				"usersCount": c.st.memberIDs(g.id).len(), "appsCount": c.st.groupApps[g.id].len(),
				"groupPushMappingsCount": c.st.pushCount(g.id), "hasAdminPrivlege": len(c.st.roles[g.id]) > 0, // the misspelling is the vendor's
				"_links": object{},
			})
		case "app":
			if a := c.st.apps[g.sourceID]; a != nil {
				w.embed("app", a.wire(c))
			}
		}
	}
	return w
}

func (w *groupWire) embed(name string, value any) {
	if w.Embedded == nil {
		w.Embedded = object{}
	}
	w.Embedded[name] = value
}

func (g *group) fields(attr string) []any {
	switch attr {
	case "id":
		return []any{g.id}
	case "type":
		return []any{g.kind}
	case "created":
		return timeField(g.created)
	case "lastUpdated":
		return timeField(g.updated)
	case "lastMembershipUpdated":
		return timeField(g.membershipUpdated)
	case "source.id":
		if g.sourceID != "" {
			return []any{g.sourceID}
		}
		return nil
	}
	if name, isProfile := strings.CutPrefix(attr, "profile."); isProfile && g.profile[name] != nil {
		return []any{g.profile[name]}
	}
	return nil
}

var groupPages = pageQuery{known: []string{"q", "filter", "search", "expand", "sortBy", "sortOrder"}, limit: 10000, most: 10000}

// listGroups is GET /groups: q is a prefix of the name without any Link, filter and search page (§4).
func listGroups(c *call) (answer, error) {
	limit, err := groupPages.limitFrom(c.query)
	if err != nil {
		return answer{}, err
	}
	expand := c.query.Get("expand")
	if q := strings.ToLower(c.query.Get("q")); q != "" {
		items, _ := walk(c.st.groupIDs.all(), min(limit, 300), func(id string) (groupWire, bool) {
			g := c.st.groups[id]
			if !strings.HasPrefix(strings.ToLower(g.name()), q) {
				return groupWire{}, false
			}
			return g.wire(c, expand), true
		})
		return ok(items)
	}
	match, err := c.groupMatch()
	if err != nil {
		return answer{}, err
	}
	after := c.query.Get("after")
	if after != "" && !isID(after, prefixGroup) {
		return answer{}, badCursor()
	}
	items, next := walk(c.st.groupIDs.after(after), limit, func(id string) (groupWire, bool) {
		g := c.st.groups[id]
		if !match(g) {
			return groupWire{}, false
		}
		return g.wire(c, expand), true
	})
	return listOf(items, groupPages.linkLines(c, limit, next))
}

// groupMatch turns filter and search into one test.
func (c *call) groupMatch() (func(*group) bool, error) {
	var nodes []*filterNode
	for _, name := range []string{"filter", "search"} {
		text := c.query.Get(name)
		if text == "" {
			continue
		}
		n, err := parseFilter(text)
		if err != nil {
			return nil, badSearch(err.Error())
		}
		err = n.each(func(n *filterNode) error {
			if !groupFieldAllowed(name, n) {
				return badSearch(fmt.Sprintf("Unsupported attribute '%s' or operator '%s' in %s.", n.attr, n.cmp, name))
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		nodes = append(nodes, n)
	}
	fold := c.query.Get("search") != ""
	return func(g *group) bool {
		for _, n := range nodes {
			if !n.eval(g.fields, fold) {
				return false
			}
		}
		return true
	}, nil
}

func groupFieldAllowed(param string, n *filterNode) bool {
	times := []string{"lastUpdated", "lastMembershipUpdated"}
	order := []string{"eq", "gt", "ge", "lt", "le"}
	if param == "filter" {
		return slices.Contains(times, n.attr) && slices.Contains(order, n.cmp) || (n.attr == "id" || n.attr == "type") && n.cmp == "eq"
	}
	known := slices.Contains([]string{"id", "type", "created", "lastUpdated", "lastMembershipUpdated", "source.id"}, n.attr) || strings.HasPrefix(n.attr, "profile.")
	return known && slices.Contains([]string{"eq", "sw", "co", "gt", "ge", "lt", "le", "pr"}, n.cmp)
}
