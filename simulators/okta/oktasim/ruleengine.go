package oktasim

import "slices"

// userChanged makes active rules look at the user again, some time later.
func (s *Server) userChanged(uid string) {
	if len(s.st.rules) == 0 {
		return
	}
	s.later(s.opts.RuleDelay, "rules "+uid, func(s *Server) { s.evaluateFor(uid) })
}

// membershipChanged does so only if some rule depends on memberships.
func (s *Server) membershipChanged(uid string) {
	for _, r := range s.st.rules {
		if r.status == ruleActive && (usesGroups(r.parsed) || len(r.excludeGroups) > 0) {
			s.userChanged(uid)
			return
		}
	}
}

// evaluateFor applies every active rule to one user.
func (s *Server) evaluateFor(uid string) {
	for _, id := range slices.Clone(s.st.ruleIDs.all()) {
		s.evaluate(id, uid)
	}
}

// evaluateForAll applies one rule to everybody.
func (s *Server) evaluateForAll(ruleID string) {
	for _, uid := range slices.Clone(s.st.userIDs.all()) {
		s.evaluate(ruleID, uid)
	}
}

// evaluate adds a user who matches and removes one who no longer does. A deactivated user is left alone: their profile
// cannot change, and deactivation keeps groups (§5.1).
func (s *Server) evaluate(ruleID, uid string) {
	st := s.st
	r, u := st.rules[ruleID], st.users[uid]
	if r == nil || u == nil || r.status != ruleActive || u.status == statusDeprovisioned {
		return
	}
	wanted := st.matchesRule(r, u)
	for _, gid := range r.targets {
		key := memberKey{gid, uid}
		managed := slices.Contains(st.ruleManaged[key], ruleID)
		switch {
		case wanted && !managed && st.groups[gid] != nil:
			s.addMember(systemAct(s.now()), gid, uid, ruleID)
		case !wanted && managed && len(st.ruleManaged[key]) > 1: // another rule still gives it
			st.ruleManaged[key] = slices.DeleteFunc(slices.Clone(st.ruleManaged[key]), func(id string) bool { return id == ruleID })
		case !wanted && managed:
			s.dropMember(systemAct(s.now()), gid, uid)
		}
	}
}

func (st *state) matchesRule(r *rule, u *user) bool {
	if slices.Contains(r.excludeUsers, u.id) {
		return false
	}
	for _, gid := range r.excludeGroups {
		if st.isMember(gid, u.id) {
			return false
		}
	}
	v := r.parsed.eval(&ruleScope{st, u})
	return v == true
}

// invalidateRules makes rules that point at a deleted group INVALID (§4.1).
func (s *Server) invalidateRules(gid string) {
	for _, id := range slices.Clone(s.st.ruleIDs.all()) {
		if slices.Contains(s.st.rules[id].targets, gid) {
			e := s.st.editRule(id)
			e.status = ruleInvalid
			s.emit(systemAct(s.now()), "group.user_membership.rule.invalidate", e.target())
		}
	}
}

// forgetRule takes a deleted rule out of the memberships it gave.
func (s *Server) forgetRule(ruleID string, remove bool) {
	var mine []memberKey
	for key, rules := range s.st.ruleManaged {
		if slices.Contains(rules, ruleID) {
			mine = append(mine, key)
		}
	}
	slices.SortFunc(mine, func(a, b memberKey) int {
		if a.group != b.group {
			return compareText(a.group, b.group)
		}
		return compareText(a.user, b.user)
	})
	for _, key := range mine {
		rest := slices.DeleteFunc(slices.Clone(s.st.ruleManaged[key]), func(id string) bool { return id == ruleID })
		switch {
		case len(rest) > 0:
			s.st.ruleManaged[key] = rest
		case remove:
			s.dropMember(systemAct(s.now()), key.group, key.user)
		default:
			delete(s.st.ruleManaged, key)
		}
	}
}

func compareText(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}
