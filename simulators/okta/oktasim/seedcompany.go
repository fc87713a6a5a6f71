package oktasim

import (
	"fmt"
	"maps"
	"slices"

	"latchkey/examples/acme"
)

// seeder fills the org with a company. It remembers what the company calls things.
type seeder struct {
	s      *Server
	co     *acme.Company
	by     act
	groups map[string]string // name to id
	apps   map[string]string // label to id
}

func (sd *seeder) company() error {
	for _, step := range []func() error{sd.makeGroups, sd.makeApps, sd.makePeople, sd.makeRules} {
		if err := step(); err != nil {
			return err
		}
	}
	sd.s.settleAll()
	sd.applyStatuses()
	return nil
}

func (sd *seeder) makeGroups() error {
	for _, g := range sd.co.Groups {
		if sd.groups[g.Name] != "" {
			return fmt.Errorf("group %q is there twice", g.Name)
		}
		kind := g.Type
		if kind == "" {
			kind = groupOkta
		}
		profile := map[string]any{"name": g.Name, "description": nil}
		if g.Description != "" {
			profile["description"] = g.Description
		}
		id := sd.s.addGroup(sd.by.now, kind, profile).id
		sd.groups[g.Name] = id
		for _, r := range g.AdminRoles {
			if _, known := roleLabels[r]; !known {
				return fmt.Errorf("group %q: there is no standard admin role %q", g.Name, r)
			}
			sd.s.grantRole(id, r, sd.by.now)
		}
	}
	return nil
}

func (sd *seeder) group(name string) (string, error) {
	id, found := sd.groups[name]
	if !found {
		return "", fmt.Errorf("there is no group %q", name)
	}
	return id, nil
}

func (sd *seeder) makeApps() error {
	s := sd.s
	for _, a := range sd.co.Apps {
		body := appBody{Name: a.Name, Label: a.Label, SignOnMode: a.SignOnMode}
		if a.Provisioning {
			body.Features = []string{"PUSH_NEW_USERS", "PUSH_USER_DEACTIVATION", "PUSH_PROFILE_UPDATES"}
		}
		if len(a.Pushes) > 0 {
			body.Features = append(body.Features, "GROUP_PUSH")
		}
		made := s.addApp(sd.by.now, body)
		sd.apps[a.Label] = made.id
		for _, name := range a.Groups {
			gid, err := sd.group(name)
			if err != nil {
				return fmt.Errorf("app %q: %w", a.Label, err)
			}
			s.assignGroup(sd.by.now, made.id, gid, nil, nil)
		}
		for _, name := range a.Pushes {
			gid, err := sd.group(name)
			if err != nil {
				return fmt.Errorf("app %q pushes: %w", a.Label, err)
			}
			s.addPush(sd.by.now, made, s.st.groups[gid], "", "")
		}
	}
	for _, g := range sd.co.Groups {
		if aid := sd.apps[g.Source]; aid != "" {
			s.st.editGroup(sd.groups[g.Name]).sourceID = aid
		}
	}
	return nil
}

func loginOf(p acme.Person) string {
	if p.Login != "" {
		return p.Login
	}
	return p.Email
}

// profile asks the company for the profile. It shows the company only the one person that a profile refers to, the manager:
// looking that up among 20,000 for each of 20,000 people would take long.
func (sd *seeder) profile(p acme.Person, byEmail map[string]acme.Person) map[string]any {
	few := acme.Company{Name: sd.co.Name, Locations: sd.co.Locations}
	if manager, found := byEmail[p.ManagerEmail]; found {
		few.People = []acme.Person{manager}
	}
	profile := map[string]any{}
	for name, value := range few.OktaProfile(p) {
		profile[name] = value
	}
	return profile
}

func (sd *seeder) makePeople() error {
	byEmail := map[string]acme.Person{}
	for _, p := range sd.co.People {
		if _, taken := byEmail[p.Email]; !taken {
			p.Login = loginOf(p)
			byEmail[p.Email] = p
		}
	}
	for _, p := range sd.co.People {
		p.Login = loginOf(p)
		profile := sd.profile(p, byEmail)
		if err := sd.s.st.checkProfile(profile, "", "newUser"); err != nil {
			return fmt.Errorf("person %s: %w", p.Login, err)
		}
		cleanProfile(profile)
		staged := p.Status == string(statusStaged)
		u := sd.s.addUser(sd.by, profile, userStart{activate: !staged, password: !staged && p.Status != string(statusProvisioned)})
		if err := sd.giveAccess(p, u); err != nil {
			return fmt.Errorf("person %s: %w", p.Login, err)
		}
	}
	return nil
}

func (sd *seeder) giveAccess(p acme.Person, u *user) error {
	s := sd.s
	for _, name := range p.Groups {
		gid, err := sd.group(name)
		if err != nil {
			return err
		}
		s.addMember(sd.by, gid, u.id, "")
	}
	for _, label := range p.Apps {
		aid, found := sd.apps[label]
		if !found {
			return fmt.Errorf("there is no app %q", label)
		}
		key := appUserKey{aid, u.id}
		if s.st.appUsers[key] == nil {
			s.newAppUser(sd.by.now, key)
			s.provisionLater(key)
		}
		s.st.editAppUser(key).direct = true
	}
	for _, kind := range p.AdminRoles {
		if _, known := roleLabels[kind]; !known {
			return fmt.Errorf("there is no standard admin role %q", kind)
		}
		s.grantRole(u.id, kind, sd.by.now)
		s.syncAdmins(u.id)
	}
	return sd.enrol(p, u)
}

func (sd *seeder) enrol(p acme.Person, u *user) error {
	for _, kind := range p.Factors {
		if _, known := factorKinds[kind]; !known {
			return fmt.Errorf("there is no factor type %q", kind)
		}
		profile := object{}
		switch kind {
		case "sms", "call":
			profile["phoneNumber"] = p.MobilePhone
		case "email":
			profile["email"] = p.Email
		}
		sd.s.addFactor(u, kind, profile, false)
	}
	return nil
}

func (sd *seeder) makeRules() error {
	s := sd.s
	for _, r := range sd.co.Rules {
		parsed, err := parseRule(r.Expression)
		if err == nil {
			err = s.st.checkRuleAttributes(parsed)
		}
		if err != nil {
			return fmt.Errorf("rule %q: %w", r.Name, err)
		}
		made := &rule{
			id: s.st.newID(prefixRule), name: r.Name, status: ruleActive, created: sd.by.now, lastUpdated: sd.by.now,
			expression: r.Expression, parsed: parsed,
		}
		for _, name := range r.Groups {
			gid, err := sd.group(name)
			if err != nil {
				return fmt.Errorf("rule %q: %w", r.Name, err)
			}
			made.targets = append(made.targets, gid)
		}
		s.st.rules[made.id] = made
		s.st.ruleIDs.add(made.id)
		s.activateRule(made.id, sd.by.now)
	}
	return nil
}

// applyStatuses puts people into the state the company says, after everything else: so a deactivated person has the
// groups they left with, and no apps.
func (sd *seeder) applyStatuses() {
	s := sd.s
	for _, p := range sd.co.People {
		u, found := s.st.findUser(loginOf(p))
		status := userStatus(p.Status)
		if !found || status == "" || u.status == status {
			continue
		}
		e := s.st.editUser(u.id)
		e.setStatus(status, sd.by.now)
		if status == statusDeprovisioned || status == statusRecovery {
			e.hasPassword = false
		}
		s.reindex(u.id)
		s.removeActiveApps(u.id)
	}
}

// Logins returns the login of every user, in order of id, those deactivated included.
func (s *Server) Logins() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]string, 0, s.st.userIDs.len())
	for _, id := range s.st.userIDs.all() {
		out = append(out, s.st.users[id].login())
	}
	return out
}

// GroupNames returns the ids of all groups by name. Where names collide the group of type OKTA_GROUP wins.
func (s *Server) GroupNames() map[string]string {
	s.mu.Lock()
	defer s.mu.Unlock()
	names := make(map[string]string, len(s.st.groups))
	for _, id := range slices.Sorted(maps.Keys(s.st.groups)) {
		g := s.st.groups[id]
		if names[g.name()] == "" || g.kind == groupOkta {
			names[g.name()] = id
		}
	}
	return names
}
