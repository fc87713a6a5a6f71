package oktasim

import (
	"fmt"
	"slices"
	"time"
)

// seedAge is how long before now the org's first objects were made.
const seedAge = 90 * 24 * time.Hour

// seed makes the org anew. Its objects are older than now, and its log is empty: what follows is what somebody did.
func (s *Server) seed() error {
	s.st = newState()
	st := s.st
	before := s.now().Add(-seedAge).Truncate(time.Second)
	st.orgID = st.newID(prefixOrg)
	st.schema = &userSchema{id: st.newID(prefixSchema), created: before, lastUpdated: before, custom: map[string]object{}, deleted: map[string]time.Time{}}
	st.types = []*userType{{
		id: st.newID(prefixType), name: "user", displayName: "User", created: before, createdBy: "sprz-system",
		description: "Okta user profile template with default permission settings",
	}}
	st.everyoneID = s.addGroup(before, groupBuiltIn, map[string]any{"name": "Everyone", "description": "All users in your organization"}).id
	st.adminsID = s.addGroup(before, groupBuiltIn, map[string]any{
		"name": "Okta Administrators", "description": "Okta manages this group, which contains all administrators in your organization.",
	}).id

	by := systemAct(before)
	owner := s.addUser(by, map[string]any{"login": s.opts.OwnerLogin, "email": s.opts.OwnerLogin, "firstName": "Okta", "lastName": "Owner"}, userStart{activate: true, password: true})
	s.grantRole(owner.id, roleSuper, before)
	s.syncAdmins(owner.id)
	if s.opts.Token != "" {
		st.tokens[s.opts.Token] = &apiToken{id: st.newID(prefixToken), name: "Latchkey", owner: owner.id, lastUsed: s.now()}
	}
	for _, client := range s.opts.Clients {
		if err := s.registerClient(client); err != nil {
			return err
		}
	}
	if s.opts.Seed != nil {
		seeder := &seeder{s: s, co: s.opts.Seed, by: by, groups: map[string]string{}, apps: map[string]string{}}
		if err := seeder.company(); err != nil {
			return fmt.Errorf("seed %s: %w", s.opts.Seed.Name, err)
		}
	}
	s.settleAll()
	s.log, s.mails = eventLog{}, nil
	s.deliverer.forget()
	return nil
}

func (s *Server) grantRole(holder, kind string, now time.Time) {
	s.st.roles[holder] = append(slices.Clone(s.st.roles[holder]), &role{id: s.st.newID(prefixRole), kind: kind, created: now})
}

func (s *Server) companyName() string {
	if s.opts.Seed != nil && s.opts.Seed.Name != "" {
		return s.opts.Seed.Name
	}
	return "Simulated org"
}
