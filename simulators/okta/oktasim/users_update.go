package oktasim

import (
	"maps"
	"net/http"
	"reflect"
	"strings"
)

// getUser is GET /users/{idOrLogin}; always the present state (§3.6).
func getUser(c *call) (answer, error) {
	u, err := c.user()
	if err != nil {
		return answer{}, err
	}
	return answer{status: http.StatusOK, body: u.wire(c, true), header: http.Header{"Etag": {u.etag()}}}, nil
}

// updateUser is POST /users/{id}: only the named attributes change, null clears (§3.5).
func updateUser(c *call) (answer, error) { return writeUser(c, true) }

// replaceUser is PUT /users/{id}: every attribute that is not named is deleted (§3.5).
func replaceUser(c *call) (answer, error) { return writeUser(c, false) }

func writeUser(c *call, partial bool) (answer, error) {
	u, err := c.user()
	if err != nil {
		return answer{}, err
	}
	var body userBody
	if err := c.decode(&body); err != nil {
		return answer{}, err
	}
	if err := checkIfMatch(c, u); err != nil {
		return answer{}, err
	}
	if u.transition != "" {
		return answer{}, stillActivating()
	}
	if u.status == statusDeprovisioned {
		// The org switch "Edit deactivated user profile updates" is off (§3.5).
		return answer{}, wrongStatus()
	}
	profile := map[string]any{}
	if partial {
		maps.Copy(profile, u.profile)
	}
	if partial || body.Profile != nil {
		maps.Copy(profile, body.Profile)
	} else {
		profile = maps.Clone(u.profile) // a PUT without a profile leaves it alone
	}
	if err := c.st.checkProfile(profile, u.id, "user"); err != nil {
		return answer{}, err
	}
	cleanProfile(profile)
	c.s.changeUser(c.by(), u, profile, body.Credentials)
	return ok(c.st.users[u.id].wire(c, true))
}

// checkIfMatch compares the If-Match header with the user's ETag (§3.2).
func checkIfMatch(c *call, u *user) error {
	tag := c.req.Header.Get("If-Match")
	switch {
	case tag == "" || tag == "*":
		return nil
	case !strings.HasSuffix(tag, `"`) || !strings.HasPrefix(strings.TrimPrefix(tag, "W/"), `"`):
		return fail(http.StatusBadRequest, "E0000242", "The ETag in the If-Match header is not valid.")
	case strings.TrimPrefix(tag, "W/") != strings.TrimPrefix(u.etag(), "W/"):
		return fail(http.StatusPreconditionFailed, "E0000231", "The resource has been modified since it was read. The If-Match header does not match its ETag.")
	}
	return nil
}

func (s *Server) changeUser(by act, u *user, profile map[string]any, credentials *credentialsBody) {
	profileChanged := !reflect.DeepEqual(profile, u.profile)
	e := s.st.editUser(u.id)
	e.lastUpdated = by.now
	if profileChanged {
		s.st.dropLogin(u.login(), u.id)
		e.profile = profile
		s.st.addLogin(e.login(), u.id)
		s.emit(by, "user.account.update_profile", e.target())
	}
	if credentials.setsPassword() {
		e.hasPassword, e.passwordChanged = true, by.now
		if e.status == statusProvisioned || e.status == statusRecovery || e.status == statusExpired {
			e.setStatus(statusActive, by.now)
		}
		s.emit(by, "user.account.update_password", e.target())
	}
	if credentials != nil && credentials.Question != nil {
		e.question = credentials.Question.Question
	}
	s.reindex(u.id)
	if profileChanged {
		s.userChanged(u.id)
	}
}

// deleteUser deactivates at first, erases when the user is deactivated (§3.7).
func deleteUser(c *call) (answer, error) {
	u, err := c.user()
	if err != nil {
		return answer{}, err
	}
	if u.status != statusDeprovisioned {
		if err := c.s.deactivate(c.by(), u); err != nil {
			return answer{}, err
		}
		return noContent()
	}
	c.s.erase(c.by(), u)
	return noContent()
}

// erase removes the user and everything that names it. The login becomes free again (§3.7).
func (s *Server) erase(by act, u *user) {
	st := s.st
	s.emit(by, "user.lifecycle.delete.initiated", u.target())
	for _, gid := range st.groupsOf.copyOf(u.id) {
		st.members.remove(gid, u.id)
		delete(st.ruleManaged, memberKey{gid, u.id})
	}
	delete(st.groupsOf, u.id)
	for _, aid := range st.appsOf.copyOf(u.id) {
		st.dropAppUser(appUserKey{aid, u.id})
	}
	s.endSessions(u.id)
	delete(st.oauthTokens, u.id)
	delete(st.factors, u.id)
	delete(st.roles, u.id)
	delete(st.users, u.id)
	st.userIDs.remove(u.id)
	st.dropLogin(u.login(), u.id)
	s.reindex(u.id)
	s.emit(by, "user.lifecycle.delete.completed", u.target())
}
