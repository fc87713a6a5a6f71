package oktasim

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// app is an application. Settings and profile stay as they were sent.
type app struct {
	id          string
	name        string // type of app, such as "bookmark"
	label       string
	status      string // ACTIVE or INACTIVE
	signOn      string
	features    []string
	settings    object
	profile     object
	visibility  object
	created     time.Time
	lastUpdated time.Time
}

func (a *app) target() logTarget {
	return logTarget{ID: a.id, Type: "AppInstance", AlternateID: a.label, DisplayName: a.label}
}

// provisions says whether Okta keeps accounts in the app, rather than only signing people in.
func (a *app) provisions() bool { return slices.Contains(a.features, "PUSH_NEW_USERS") }

func (a *app) wire(c *call) object {
	self := c.href("/apps/" + a.id)
	w := object{
		"id": a.id, "orn": "orn:okta:idp:" + c.st.orgID + ":apps:" + a.name + ":" + a.id, "name": a.name, "label": a.label, "status": a.status,
		"lastUpdated": stamp(a.lastUpdated), "created": stamp(a.created), "signOnMode": a.signOn, "features": a.features,
		"accessibility": object{"selfService": false, "errorRedirectUrl": nil, "loginRedirectUrl": nil},
		"visibility":    a.visibility, "settings": a.settings,
		"credentials": object{"userNameTemplate": object{"template": "${source.login}", "type": "BUILT_IN"}, "signing": object{}},
		"_links": object{
			"self": link(self), "users": link(self + "/users"), "groups": link(self + "/groups"),
			"logo":     []object{{"name": "medium", "href": c.base + "/img/logos/default.png", "type": "image/png"}},
			"appLinks": []object{{"name": "login", "href": c.base + "/home/" + a.name + "/" + a.id + "/1", "type": "text/html"}},
		},
	}
	links, isObject := w["_links"].(object)
	if isObject && a.status == "ACTIVE" {
		links["deactivate"] = link(self + "/lifecycle/deactivate")
	} else if isObject {
		links["activate"] = link(self + "/lifecycle/activate")
	}
	if a.profile != nil {
		w["profile"] = a.profile
	}
	return w
}

func (a *app) fields(attr string) []any {
	switch attr {
	case "status":
		return []any{a.status}
	case "name":
		return []any{a.name}
	case "id":
		return []any{a.id}
	}
	return nil
}

var appPages = pageQuery{known: []string{"q", "filter", "expand", "includeNonDeleted", "useOptimization"}, limit: 20, most: 200}

var expandUser = regexp.MustCompile(`^user/(.+)$`)

// listApps is GET /apps. With filter user.id eq "x" and expand=user/x each app embeds the assignment of x (§5).
func listApps(c *call) (answer, error) {
	limit, err := appPages.limitFrom(c.query)
	if err != nil {
		return answer{}, err
	}
	after := c.query.Get("after")
	if after != "" && !isID(after, prefixApp) {
		return answer{}, badCursor()
	}
	ids, match, owner, err := c.appFilter()
	if err != nil {
		return answer{}, err
	}
	embed := ""
	if expand := c.query.Get("expand"); expand != "" {
		m := expandUser.FindStringSubmatch(expand)
		if m == nil || m[1] != owner {
			return answer{}, invalid("RequestParams", "Expand query is malformed.")
		}
		embed = owner
	}
	q := strings.ToLower(c.query.Get("q"))
	items, next := walk(ids.after(after), limit, func(id string) (object, bool) {
		a := c.st.apps[id]
		if q != "" && !strings.HasPrefix(strings.ToLower(a.name), q) && !strings.HasPrefix(strings.ToLower(a.label), q) || !match(a) {
			return nil, false
		}
		w := a.wire(c)
		if au := c.st.appUsers[appUserKey{id, embed}]; au != nil {
			w["_embedded"] = object{"user": au.wire(c, a, false)}
		}
		return w, true
	})
	return listOf(items, appPages.linkLines(c, limit, next))
}

// appFilter reads filter. owner is the user a user.id comparison names; ids is the set to look through.
func (c *call) appFilter() (ids *idSet, match func(*app) bool, owner string, err error) {
	ids, match = c.st.appIDs, func(*app) bool { return true }
	text := c.query.Get("filter")
	if text == "" {
		return ids, match, "", nil
	}
	n, err := parseFilter(text)
	if err != nil {
		return nil, nil, "", badSearch(err.Error())
	}
	group := ""
	err = n.each(func(n *filterNode) error {
		value, isText := n.value.(string)
		known := slices.Contains([]string{"status", "name", "id", "user.id", "group.id", "credentials.signing.kid"}, n.attr)
		if !known || n.cmp != "eq" || !isText {
			return badSearch(fmt.Sprintf("Unsupported attribute '%s' or operator '%s' in filter.", n.attr, n.cmp))
		}
		switch n.attr {
		case "user.id":
			owner = value
		case "group.id":
			group = value
		}
		return nil
	})
	if err != nil {
		return nil, nil, "", err
	}
	if owner != "" && n.op != "or" {
		if c.st.users[owner] == nil {
			return nil, nil, "", notFound(owner, typeUser)
		}
		ids = c.st.appsOf[owner]
	} else if group != "" && n.op != "or" {
		ids = c.st.groupApps[group]
	}
	match = func(a *app) bool {
		return n.eval(func(attr string) []any {
			switch attr {
			case "user.id":
				return texts(slices.DeleteFunc([]string{owner}, func(u string) bool { return c.st.appUsers[appUserKey{a.id, u}] == nil }))
			case "group.id":
				return texts(c.st.appGroupIDs.all(a.id))
			}
			return a.fields(attr)
		}, false)
	}
	return ids, match, owner, nil
}

func texts(list []string) []any {
	out := make([]any, len(list))
	for i, t := range list {
		out[i] = t
	}
	return out
}
