package oktasim

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// UserView is one person with everything the org knows about them: what a test compares, read past all lags and faults.
type UserView struct {
	ID          string              `json:"id"`
	Login       string              `json:"login"`
	Status      string              `json:"status"`
	Profile     map[string]any      `json:"profile"`
	Groups      []MembershipView    `json:"groups"` // Everyone is not listed
	Apps        []AppAssignmentView `json:"apps"`
	Factors     []string            `json:"factors"`    // factor types
	AdminRoles  []string            `json:"adminRoles"` // role types, those through groups included
	Sessions    []string            `json:"sessions"`
	OAuthTokens int                 `json:"oauthTokens"`
}

// MembershipView is one membership and where it comes from.
type MembershipView struct {
	ID    string   `json:"id"`
	Name  string   `json:"name"`
	Type  string   `json:"type"`
	Rules []string `json:"rules"` // names of the rules that give it; empty for a direct one
}

// AppAssignmentView is one app and how it was given.
type AppAssignmentView struct {
	ID        string `json:"id"`
	Label     string `json:"label"`
	Status    string `json:"status"` // of the app
	Scope     string `json:"scope"`
	GrantedBy string `json:"grantedBy"` // name of the group behind a GROUP scope
}

// User looks a person up by id or login.
func (s *Server) User(idOrLogin string) (UserView, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle()
	u, found := s.st.findUser(idOrLogin)
	if !found {
		return UserView{}, false
	}
	return s.st.view(u), true
}

func (st *state) view(u *user) UserView {
	v := UserView{
		ID: u.id, Login: u.login(), Status: string(u.status), Profile: map[string]any{}, Groups: []MembershipView{}, Apps: []AppAssignmentView{},
		Factors: []string{}, AdminRoles: append([]string{}, st.roleTypesOf(u.id)...), Sessions: append([]string{}, st.sessionsOf.all(u.id)...),
		OAuthTokens: st.oauthTokens[u.id],
	}
	maps.Copy(v.Profile, u.profile)
	for _, gid := range st.groupsOf.all(u.id) {
		g := st.groups[gid]
		m := MembershipView{ID: gid, Name: g.name(), Type: g.kind, Rules: []string{}}
		for _, rid := range st.ruleManaged[memberKey{gid, u.id}] {
			if r := st.rules[rid]; r != nil {
				m.Rules = append(m.Rules, r.name)
			}
		}
		v.Groups = append(v.Groups, m)
	}
	for _, aid := range st.appsOf.all(u.id) {
		a, au := st.apps[aid], st.appUsers[appUserKey{aid, u.id}]
		av := AppAssignmentView{ID: aid, Label: a.label, Status: a.status, Scope: au.scope()}
		if g := st.groups[au.grantedBy]; g != nil && !au.direct {
			av.GrantedBy = g.name()
		}
		v.Apps = append(v.Apps, av)
	}
	for _, f := range st.factors[u.id] {
		v.Factors = append(v.Factors, f.kind)
	}
	return v
}

// Summary counts what is in the org.
type Summary struct {
	Now         time.Time      `json:"now"`
	Users       map[string]int `json:"users"` // by status
	Groups      int            `json:"groups"`
	Memberships int            `json:"memberships"` // without Everyone
	Rules       int            `json:"rules"`
	Apps        int            `json:"apps"`
	Assignments int            `json:"assignments"`
	Hooks       int            `json:"hooks"`
	Events      int            `json:"events"`
	JobsWaiting int            `json:"jobsWaiting"` // rules, fan-out and index work not done yet
}

// Summary counts what is in the org now.
func (s *Server) Summary() Summary {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle()
	sum := Summary{
		Now: s.now(), Users: map[string]int{}, Groups: s.st.groupIDs.len(), Rules: s.st.ruleIDs.len(), Apps: s.st.appIDs.len(),
		Assignments: len(s.st.appUsers), Hooks: s.st.hookIDs.len(), Events: len(s.log.events), JobsWaiting: len(s.jobs.heap),
	}
	for _, u := range s.st.users {
		sum.Users[string(u.status)]++
	}
	for _, m := range s.st.members {
		sum.Memberships += m.len()
	}
	return sum
}

// GroupID finds a group of type OKTA_GROUP, or failing that of any type, by its exact name.
func (s *Server) GroupID(name string) (string, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := ""
	for _, id := range s.st.groupIDs.all() {
		if g := s.st.groups[id]; g.name() == name && (found == "" || g.kind == groupOkta) {
			found = id
		}
	}
	return found, found != ""
}

// AppID finds an app by its label.
func (s *Server) AppID(label string) (string, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range s.st.appIDs.all() {
		if s.st.apps[id].label == label {
			return id, true
		}
	}
	return "", false
}

// RuleExclusions returns the logins that a rule, named exactly, leaves out.
func (s *Server) RuleExclusions(name string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	logins := []string{}
	for _, r := range s.st.rules {
		if r.name != name {
			continue
		}
		for _, uid := range r.excludeUsers {
			if u := s.st.users[uid]; u != nil {
				logins = append(logins, u.login())
			}
		}
	}
	return logins
}

// SetStatus puts a person into a status that no API call leads to, such as LOCKED_OUT or PASSWORD_EXPIRED.
func (s *Server) SetStatus(idOrLogin, status string) error {
	if !slices.Contains(userStatuses, userStatus(status)) {
		return fmt.Errorf("status %q: want one of %v", status, userStatuses)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	u, found := s.st.findUser(idOrLogin)
	if !found {
		return fmt.Errorf("no user %q", idOrLogin)
	}
	now := s.now()
	e := s.st.editUser(u.id)
	e.setStatus(userStatus(status), now)
	s.reindex(u.id)
	if e.status == statusLockedOut {
		by := systemAct(now)
		by.actor = logActor{ID: u.id, Type: "User", AlternateID: u.login(), DisplayName: u.displayName()}
		s.emitOutcome(by, "user.account.lock", "FAILURE", "LOCKED_OUT", e.target())
	}
	return nil
}

// AddToken makes another SSWS token for a person. Its rights are those of the person's admin roles.
func (s *Server) AddToken(idOrLogin, name, secret string) (tokenID string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, found := s.st.findUser(idOrLogin)
	switch {
	case !found:
		return "", fmt.Errorf("no user %q", idOrLogin)
	case secret == "":
		return "", fmt.Errorf("token %q: a secret is required", name)
	}
	tok := &apiToken{id: s.st.newID(prefixToken), name: name, owner: u.id, lastUsed: s.now()}
	s.st.tokens[secret] = tok
	by := systemAct(s.now())
	by.actor = logActor{ID: u.id, Type: "User", AlternateID: u.login(), DisplayName: u.displayName()}
	s.emit(by, "system.api_token.create", logTarget{ID: tok.id, Type: "Token", AlternateID: "unknown", DisplayName: name})
	return tok.id, nil
}

// TokenID is the id of the org's first SSWS token, as it appears in transaction.detail.requestApiTokenId.
func (s *Server) TokenID() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if tok := s.st.tokens[s.opts.Token]; tok != nil {
		return tok.id
	}
	return ""
}

// Import puts a person into an imported group, or takes them out, as a directory would: the API may not (§4).
func (s *Server) Import(groupID, idOrLogin string, member bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	g, found := s.st.groups[groupID]
	u, exists := s.st.findUser(idOrLogin)
	if !found || !exists || g.kind != groupApp {
		return fmt.Errorf("import %q into %q: want an existing user and a group of type APP_GROUP", idOrLogin, groupID)
	}
	if member {
		s.addMember(systemAct(s.now()), g.id, u.id, "")
	} else {
		s.dropMember(systemAct(s.now()), g.id, u.id)
	}
	s.settle()
	return nil
}

// People counts users of every status.
func (s Summary) People() int {
	n := 0
	for _, count := range s.Users {
		n += count
	}
	return n
}
