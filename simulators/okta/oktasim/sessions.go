package oktasim

import (
	"fmt"
	"net/http"
	"time"
)

// session is a person's sign-in. People sign in through the admin surface: the simulator has no sign-in page.
type session struct {
	id      string
	user    string
	created time.Time
	expires time.Time
}

const sessionLife = 2 * time.Hour

// clearSessions is DELETE /users/{id}/sessions: 204 whether or not there were any (§3.8).
func clearSessions(c *call) (answer, error) {
	u, err := c.user()
	if err != nil {
		return answer{}, err
	}
	c.s.endSessions(u.id)
	if c.flag("oauthTokens", false) {
		delete(c.st.oauthTokens, u.id)
	}
	c.s.emit(c.by(), "user.session.clear", u.target())
	return noContent()
}

func (s *Server) endSessions(uid string) {
	for _, id := range s.st.sessionsOf.all(uid) {
		delete(s.st.sessions, id)
	}
	delete(s.st.sessionsOf, uid)
}

func (m setMap) all(key string) []string { return m[key].all() }

func getSession(c *call) (answer, error) {
	ss, found := c.st.sessions[c.params[0]]
	if !found || c.now.After(ss.expires) {
		return answer{}, notFound(c.params[0], typeSession)
	}
	u := c.st.users[ss.user]
	return ok(object{
		"id": ss.id, "login": u.login(), "userId": ss.user, "createdAt": stamp(ss.created), "expiresAt": stamp(ss.expires), "status": "ACTIVE",
		"lastPasswordVerification": stamp(ss.created), "amr": []string{"pwd"},
		"idp":       object{"id": c.st.orgID, "type": "OKTA"},
		"mfaActive": false,
		"_links": object{
			"self": object{"href": c.href("/sessions/" + ss.id), "hints": object{"allow": []string{"GET", "DELETE"}}},
			"user": object{"name": u.displayName(), "href": c.href("/users/" + u.id), "hints": object{"allow": []string{"GET"}}},
		},
	})
}

func endSession(c *call) (answer, error) {
	ss, found := c.st.sessions[c.params[0]]
	if !found {
		return answer{}, notFound(c.params[0], typeSession)
	}
	delete(c.st.sessions, ss.id)
	c.st.sessionsOf.remove(ss.user, ss.id)
	c.s.emit(c.by(), "user.session.end", c.st.users[ss.user].target())
	return noContent()
}

// SignIn opens a session for a person and issues one OAuth token to an app on their behalf. It fails for people whose
// status keeps them out, so a test can prove that a leaver cannot come back in.
func (s *Server) SignIn(idOrLogin string) (sessionID string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, found := s.st.findUser(idOrLogin)
	if !found {
		return "", fmt.Errorf("no user %q", idOrLogin)
	}
	by := act{actor: logActor{ID: u.id, Type: "User", AlternateID: u.login(), DisplayName: u.displayName()}, txType: "WEB", txID: requestID(), now: s.now()}
	if u.status != statusActive {
		s.emitOutcome(by, "user.session.start", "FAILURE", "INVALID_CREDENTIALS", u.target())
		return "", fmt.Errorf("user %q may not sign in: status %s", idOrLogin, u.status)
	}
	ss := &session{id: s.st.newID(prefixSession), user: u.id, created: by.now, expires: by.now.Add(sessionLife)}
	s.st.sessions[ss.id] = ss
	s.st.sessionsOf.add(u.id, ss.id)
	s.st.oauthTokens[u.id]++
	s.st.editUser(u.id).lastLogin = by.now
	s.reindex(u.id)
	s.emit(by, "user.session.start", u.target())
	return ss.id, nil
}

// createSession refuses: session tokens come from the sign-in pages, which the simulator does not have (§2.2 E0000004).
func createSession(c *call) (answer, error) {
	var body struct {
		Token string `json:"sessionToken"`
	}
	if err := c.decode(&body); err != nil {
		return answer{}, err
	}
	return answer{}, fail(http.StatusUnauthorized, "E0000004", "Authentication failed")
}
