package oktasim

import "slices"

// grantingGroup is the group of best priority that gives the user the app, empty when none does.
func (st *state) grantingGroup(aid, uid string) string {
	best, priority := "", 0
	for _, gid := range st.appGroupIDs.all(aid) {
		ag := st.appGroups[appGroupKey{aid, gid}]
		if st.isMember(gid, uid) && (best == "" || ag.priority < priority) {
			best, priority = gid, ag.priority
		}
	}
	return best
}

// grantThrough looks again, some time later, at the apps that a changed membership gives or takes (§5: the fan-out from
// group to app is asynchronous).
func (s *Server) grantThrough(gid, uid string) {
	for _, aid := range s.st.groupApps.all(gid) {
		s.later(s.opts.FanOutDelay, "app "+aid+" "+uid, func(s *Server) { s.reconcile(aid, uid) })
	}
}

// grantThroughAll does so for all groups of a user.
func (s *Server) grantThroughAll(uid string) {
	for _, gid := range s.st.allGroupsOf(uid) {
		s.grantThrough(gid, uid)
	}
}

// reconcileLater looks at everyone whom a changed group assignment may concern: those who have the app, the members of
// its groups, and whoever else is named.
func (s *Server) reconcileLater(aid string, also []string) {
	s.later(s.opts.FanOutDelay, "", func(s *Server) {
		if s.st.apps[aid] == nil {
			return
		}
		people := slices.Concat(also, s.st.appUserIDs.all(aid))
		for _, gid := range s.st.appGroupIDs.all(aid) {
			people = append(people, s.st.memberIDs(gid).all()...)
		}
		slices.Sort(people)
		for _, uid := range slices.Compact(people) {
			s.reconcile(aid, uid)
		}
	})
}

// reconcile makes a GROUP-scoped assignment agree with the groups. Direct assignments stay as they are.
func (s *Server) reconcile(aid, uid string) {
	st := s.st
	a, u := st.apps[aid], st.users[uid]
	if a == nil || u == nil || a.status != "ACTIVE" {
		return
	}
	key := appUserKey{aid, uid}
	by := systemAct(s.now())
	au, gid := st.appUsers[key], st.grantingGroup(aid, uid)
	if u.status == statusDeprovisioned {
		return // gets nothing new; what is there is removed by the deactivation
	}
	switch {
	case gid != "" && au == nil:
		au = s.newAppUser(by.now, key)
		au.grantedBy = gid
		s.emit(by, "application.user_membership.add", appUserTargets(st, au)...)
		s.provisionLater(key)
	case gid == "" && au != nil && !au.direct:
		s.removeAppUser(by, au)
	case au != nil && !au.direct && au.grantedBy != gid:
		e := st.editAppUser(key)
		e.grantedBy, e.lastUpdated = gid, by.now
	}
}

// provisionLater gives the assignment its account in the app, when the app has provisioning (§5).
func (s *Server) provisionLater(key appUserKey) {
	if !s.st.apps[key.app].provisions() {
		return
	}
	s.later(s.opts.FanOutDelay, "", func(s *Server) {
		if au := s.st.appUsers[key]; au != nil && au.externalID == "" {
			e := s.st.editAppUser(key)
			e.externalID, e.statusChanged = "ext-"+key.user[3:13], s.now()
			s.emit(systemAct(s.now()), "application.user_membership.provision", appUserTargets(s.st, e)...)
		}
	})
}

// removeActiveApps is the job that deactivation starts: every assignment to an ACTIVE app goes, those to inactive apps
// stay (§5.1).
func (s *Server) removeActiveApps(uid string) {
	if u := s.st.users[uid]; u == nil || u.status != statusDeprovisioned {
		return
	}
	for _, aid := range s.st.appsOf.copyOf(uid) {
		if s.st.apps[aid].status == "ACTIVE" {
			s.removeAppUser(systemAct(s.now()), s.st.appUsers[appUserKey{aid, uid}])
		}
	}
}
