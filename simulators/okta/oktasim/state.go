package oktasim

import (
	"maps"
	"slices"
	"strings"
)

// state is the whole org. The things its maps point to are never changed in place: a change stores a changed copy. So a
// clone of the maps is a consistent snapshot, which is what the stale-read fault serves.
type state struct {
	nextID uint64
	orgID  string

	users   map[string]*user
	userIDs *idSet
	logins  map[string]string // lower-case login to user id
	shorts  setMap            // lower-case part of a login before @ to user ids
	index   userIndex         // what lists and searches see

	groups      map[string]*group
	groupIDs    *idSet
	everyoneID  string
	adminsID    string
	members     setMap // group id to user ids; Everyone is implicit and not in here
	groupsOf    setMap // user id to group ids, likewise
	ruleManaged map[memberKey][]string

	rules   map[string]*rule
	ruleIDs *idSet

	apps         map[string]*app
	appIDs       *idSet
	appUsers     map[appUserKey]*appUser
	appUserIDs   setMap // app id to user ids
	appsOf       setMap // user id to app ids
	appGroups    map[appGroupKey]*appGroup
	appGroupIDs  setMap // app id to group ids
	groupApps    setMap // group id to app ids
	pushMappings map[string][]*pushMapping

	factors     map[string][]*factor // user id to factors in order of enrolment
	roles       map[string][]*role   // user, group or OAuth client id to assignments
	sessions    map[string]*session
	sessionsOf  setMap
	oauthTokens map[string]int // user id to live OAuth tokens issued to apps on the user's behalf

	schema *userSchema
	types  []*userType

	hooks   map[string]*hook
	hookIDs *idSet

	tokens  map[string]*apiToken // by secret
	clients map[string]*oauthClient
	access  map[string]*accessToken // by secret
	jtis    map[string]bool         // assertion ids already used
	limits  map[string]*principalLimit
}

type memberKey struct{ group, user string }

type appUserKey struct{ app, user string }

type appGroupKey struct{ app, group string }

func newState() *state {
	return &state{
		users: map[string]*user{}, userIDs: &idSet{}, logins: map[string]string{}, shorts: setMap{}, index: newUserIndex(),
		groups: map[string]*group{}, groupIDs: &idSet{}, members: setMap{}, groupsOf: setMap{}, ruleManaged: map[memberKey][]string{},
		rules: map[string]*rule{}, ruleIDs: &idSet{},
		apps: map[string]*app{}, appIDs: &idSet{}, appUsers: map[appUserKey]*appUser{}, appUserIDs: setMap{}, appsOf: setMap{},
		appGroups: map[appGroupKey]*appGroup{}, appGroupIDs: setMap{}, groupApps: setMap{}, pushMappings: map[string][]*pushMapping{},
		factors: map[string][]*factor{}, roles: map[string][]*role{}, sessions: map[string]*session{}, sessionsOf: setMap{},
		oauthTokens: map[string]int{}, hooks: map[string]*hook{}, hookIDs: &idSet{},
		tokens: map[string]*apiToken{}, clients: map[string]*oauthClient{}, access: map[string]*accessToken{},
		jtis: map[string]bool{}, limits: map[string]*principalLimit{},
	}
}

// clone is a snapshot: later changes of st do not show in it.
func (st *state) clone() *state {
	c := *st
	c.users, c.userIDs, c.logins, c.shorts = maps.Clone(st.users), st.userIDs.clone(), maps.Clone(st.logins), st.shorts.clone()
	c.index = st.index.clone()
	c.groups, c.groupIDs = maps.Clone(st.groups), st.groupIDs.clone()
	c.members, c.groupsOf, c.ruleManaged = st.members.clone(), st.groupsOf.clone(), maps.Clone(st.ruleManaged)
	c.rules, c.ruleIDs = maps.Clone(st.rules), st.ruleIDs.clone()
	c.apps, c.appIDs, c.appUsers = maps.Clone(st.apps), st.appIDs.clone(), maps.Clone(st.appUsers)
	c.appUserIDs, c.appsOf = st.appUserIDs.clone(), st.appsOf.clone()
	c.appGroups, c.appGroupIDs, c.groupApps = maps.Clone(st.appGroups), st.appGroupIDs.clone(), st.groupApps.clone()
	c.pushMappings, c.factors, c.roles = maps.Clone(st.pushMappings), maps.Clone(st.factors), maps.Clone(st.roles)
	c.sessions, c.sessionsOf, c.oauthTokens = maps.Clone(st.sessions), st.sessionsOf.clone(), maps.Clone(st.oauthTokens)
	c.types = slices.Clone(st.types)
	c.hooks, c.hookIDs = maps.Clone(st.hooks), st.hookIDs.clone()
	c.tokens, c.clients, c.access = maps.Clone(st.tokens), maps.Clone(st.clients), maps.Clone(st.access)
	c.jtis, c.limits = maps.Clone(st.jtis), maps.Clone(st.limits)
	return &c
}

// editUser stores a copy of the user for the caller to change, and returns it.
func (st *state) editUser(id string) *user {
	u := *st.users[id]
	u.profile = maps.Clone(u.profile)
	st.users[id] = &u
	return &u
}

func (st *state) editGroup(id string) *group {
	g := *st.groups[id]
	g.profile = maps.Clone(g.profile)
	st.groups[id] = &g
	return &g
}

func (st *state) editRule(id string) *rule {
	r := *st.rules[id]
	r.excludeUsers, r.targets = slices.Clone(r.excludeUsers), slices.Clone(r.targets)
	st.rules[id] = &r
	return &r
}

func (st *state) editApp(id string) *app {
	a := *st.apps[id]
	st.apps[id] = &a
	return &a
}

func (st *state) editAppUser(key appUserKey) *appUser {
	au := *st.appUsers[key]
	au.profile = maps.Clone(au.profile)
	st.appUsers[key] = &au
	return &au
}

func (st *state) editHook(id string) *hook {
	h := *st.hooks[id]
	st.hooks[id] = &h
	return &h
}

// addLogin and dropLogin keep both login indexes in step.
func (st *state) addLogin(login, id string) {
	low := strings.ToLower(login)
	st.logins[low] = id
	short, _, _ := strings.Cut(low, "@")
	st.shorts.add(short, id)
}

func (st *state) dropLogin(login, id string) {
	low := strings.ToLower(login)
	delete(st.logins, low)
	short, _, _ := strings.Cut(low, "@")
	st.shorts.remove(short, id)
}

// findUser resolves an id, a full login, or a short login that belongs to one user only (§3.6). The id form is tried first.
func (st *state) findUser(ref string) (*user, bool) {
	if u, ok := st.users[ref]; ok {
		return u, true
	}
	low := strings.ToLower(ref)
	if id, ok := st.logins[low]; ok {
		return st.users[id], true
	}
	if s := st.shorts[low]; s.len() == 1 {
		return st.users[s.ids[0]], true
	}
	return nil, false
}
