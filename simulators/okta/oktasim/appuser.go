package oktasim

import (
	"net/http"
	"strings"
	"time"
)

// appUser is a person's assignment to an app. It is USER-scoped when assigned directly, else GROUP-scoped; both at once is
// dual access, which shows as USER (§5).
type appUser struct {
	app, user     string
	id            string // appAssignmentId of tiles
	direct        bool
	grantedBy     string // group of a GROUP-scoped assignment
	created       time.Time
	lastUpdated   time.Time
	statusChanged time.Time
	userName      string
	profile       map[string]any
	externalID    string
}

func (au *appUser) scope() string {
	if au.direct {
		return "USER"
	}
	return "GROUP"
}

func (au *appUser) wire(c *call, a *app, expand bool) object {
	u := c.st.users[au.user]
	status, sync := "ACTIVE", "DISABLED"
	if a.provisions() {
		status, sync = "PROVISIONED", "SYNCHRONIZED"
		if au.externalID == "" {
			status, sync = "STAGED", "OUT_OF_SYNC"
		}
	}
	profile := au.profile
	if profile == nil {
		profile = object{}
	}
	links := object{"app": link(c.href("/apps/" + au.app)), "user": link(c.href("/users/" + au.user))}
	if g := c.st.groups[au.grantedBy]; g != nil && !au.direct {
		links["group"] = object{"name": g.name(), "href": c.href("/groups/" + g.id)}
	}
	w := object{
		"id": au.user, "externalId": optional(au.externalID), "created": stamp(au.created), "lastUpdated": stamp(au.lastUpdated),
		"scope": au.scope(), "status": status, "statusChanged": stamp(au.statusChanged), "passwordChanged": nil, "syncState": sync,
		"credentials": object{"userName": au.userName}, "profile": profile, "_links": links,
	}
	if expand && u != nil {
		w["_embedded"] = object{"user": u.wire(c, false)}
	}
	return w
}

func (c *call) appUserTarget(au *appUser) []logTarget {
	return appUserTargets(c.st, au)
}

func appUserTargets(st *state, au *appUser) []logTarget {
	t := []logTarget{
		{ID: au.id, Type: "AppUser", AlternateID: au.userName, DisplayName: au.userName},
		{ID: au.app, Type: "AppInstance"},
	}
	if a := st.apps[au.app]; a != nil {
		t[1] = a.target()
	}
	if u := st.users[au.user]; u != nil {
		t[0].DisplayName = u.displayName()
		t = append(t, u.target())
	}
	return t
}

var appUserPages = pageQuery{known: []string{"q", "query_scope", "filter", "expand"}, limit: 50, most: 500}

// listAppUsers pages assignments; q is a prefix of the user name, first name, last name or e-mail.
func listAppUsers(c *call) (answer, error) {
	a, err := c.app()
	if err != nil {
		return answer{}, err
	}
	limit, err := appUserPages.limitFrom(c.query)
	if err != nil {
		return answer{}, err
	}
	after := c.query.Get("after")
	if after != "" && !isID(after, prefixUser) {
		return answer{}, badCursor()
	}
	q, expand := strings.ToLower(c.query.Get("q")), c.query.Get("expand") == "user"
	items, next := walk(c.st.appUserIDs[a.id].after(after), limit, func(uid string) (object, bool) {
		au, u := c.st.appUsers[appUserKey{a.id, uid}], c.st.users[uid]
		if q != "" {
			hit := false
			for _, text := range []string{au.userName, u.text("firstName"), u.text("lastName"), u.text("email")} {
				hit = hit || strings.HasPrefix(strings.ToLower(text), q)
			}
			if !hit {
				return nil, false
			}
		}
		return au.wire(c, a, expand), true
	})
	return listOf(items, appUserPages.linkLines(c, limit, next))
}

// appUser resolves /apps/{app}/users/{user}.
func (c *call) appUser() (*app, *user, *appUser, error) {
	a, err := c.app()
	if err != nil {
		return nil, nil, nil, err
	}
	u, found := c.st.users[c.params[1]]
	if !found {
		return nil, nil, nil, notFound(c.params[1], typeUser)
	}
	au, found := c.st.appUsers[appUserKey{a.id, u.id}]
	if !found {
		return nil, nil, nil, notFound(c.params[1], typeAppUser)
	}
	return a, u, au, nil
}

func getAppUser(c *call) (answer, error) {
	a, _, au, err := c.appUser()
	if err != nil {
		return answer{}, err
	}
	return ok(au.wire(c, a, c.query.Get("expand") == "user"))
}

type appUserBody struct {
	ID          string         `json:"id"`
	Scope       string         `json:"scope"`
	Profile     map[string]any `json:"profile"`
	Credentials *struct {
		UserName string `json:"userName"`
	} `json:"credentials"`
}

// assignAppUser is an upsert: a second POST moves lastUpdated only, and turns a GROUP assignment into a USER one (§5).
func assignAppUser(c *call) (answer, error) {
	a, err := c.app()
	if err != nil {
		return answer{}, err
	}
	var body appUserBody
	if err := c.decode(&body); err != nil {
		return answer{}, err
	}
	return c.upsertAppUser(a, body, body.ID)
}

// updateAppUser is POST /apps/{app}/users/{user} on an existing assignment.
func updateAppUser(c *call) (answer, error) {
	a, u, _, err := c.appUser()
	if err != nil {
		return answer{}, err
	}
	var body appUserBody
	if err := c.decode(&body); err != nil {
		return answer{}, err
	}
	return c.upsertAppUser(a, body, u.id)
}

func (c *call) upsertAppUser(a *app, body appUserBody, uid string) (answer, error) {
	u, found := c.st.users[uid]
	switch {
	case uid == "":
		return answer{}, invalid("id", "id: The field cannot be left blank")
	case !found:
		return answer{}, notFound(uid, typeUser)
	case u.transition != "":
		return answer{}, stillActivating()
	case u.status == statusDeprovisioned || u.status == statusSuspended || a.status != "ACTIVE":
		return answer{}, fail(http.StatusForbidden, "E0000117", "You can't assign apps to, or update the app profile for, an inactive user or app.")
	case body.Scope != "" && body.Scope != "USER" && body.Scope != "GROUP":
		return answer{}, invalid("scope", "scope: must be USER or GROUP")
	}
	key := appUserKey{a.id, u.id}
	isNew := c.st.appUsers[key] == nil
	if isNew {
		c.s.newAppUser(c.now, key)
	}
	e := c.st.editAppUser(key)
	if body.Scope != "GROUP" {
		e.direct = true
	}
	e.lastUpdated = c.now
	if body.Profile != nil {
		e.profile = body.Profile
	}
	if body.Credentials != nil && body.Credentials.UserName != "" {
		e.userName = body.Credentials.UserName
	}
	event := "application.user_membership.update"
	if isNew {
		event = "application.user_membership.add"
	}
	c.s.emit(c.by(), event, c.appUserTarget(e)...)
	if isNew {
		c.s.provisionLater(key)
	}
	return ok(e.wire(c, a, false))
}

// newAppUser stores an assignment without a scope yet; the caller sets it.
func (s *Server) newAppUser(now time.Time, key appUserKey) *appUser {
	au := &appUser{app: key.app, user: key.user, id: s.st.newID(prefixAssignment), created: now, lastUpdated: now, statusChanged: now, userName: s.st.users[key.user].login()}
	s.st.appUsers[key] = au
	s.st.appUserIDs.add(key.app, key.user)
	s.st.appsOf.add(key.user, key.app)
	return au
}

func (st *state) dropAppUser(key appUserKey) {
	delete(st.appUsers, key)
	st.appUserIDs.remove(key.app, key.user)
	st.appsOf.remove(key.user, key.app)
}

// unassignAppUser is refused while any group still grants the app, whatever the scope (§5 E0000046).
func unassignAppUser(c *call) (answer, error) {
	_, _, au, err := c.appUser()
	if err != nil {
		return answer{}, err
	}
	if c.st.grantingGroup(au.app, au.user) != "" {
		return answer{}, fail(http.StatusForbidden, "E0000046", "Deactivate application for user forbidden.",
			"The application cannot be unassigned from the user while their group memberships grant them access.")
	}
	c.s.removeAppUser(c.by(), au)
	return noContent()
}

func (s *Server) removeAppUser(by act, au *appUser) {
	targets := appUserTargets(s.st, au)
	provisions := s.st.apps[au.app].provisions()
	s.st.dropAppUser(appUserKey{au.app, au.user})
	s.emit(by, "application.user_membership.remove", targets...)
	if provisions {
		s.emit(systemAct(by.now), "application.user_membership.deprovision", targets...)
	}
}

// listAppLinks are the tiles of one person: active apps with a visible link, direct and through groups (§5).
func listAppLinks(c *call) (answer, error) {
	u, err := c.user()
	if err != nil {
		return answer{}, err
	}
	list := []object{}
	for _, aid := range c.st.appsOf.all(u.id) {
		a, au := c.st.apps[aid], c.st.appUsers[appUserKey{aid, u.id}]
		hide, isObject := a.visibility["hide"].(object)
		if a.status != "ACTIVE" || isObject && hide["web"] == true {
			continue
		}
		list = append(list, object{
			"id": u.id, "label": a.label, "linkUrl": c.base + "/home/" + a.name + "/" + a.id + "/1", "logoUrl": c.base + "/img/logos/default.png",
			"appName": a.name, "appInstanceId": a.id, "appAssignmentId": au.id, "credentialsSetup": false, "hidden": false, "sortOrder": len(list),
		})
	}
	return ok(list)
}
