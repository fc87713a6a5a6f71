package oktasim

import (
	"encoding/json"
	"maps"
	"net/http"
)

// maxGroupIDs is how many groups a create may name (§2.2 E0000093).
const maxGroupIDs = 20

type credentialsBody struct {
	Password *struct {
		Value string          `json:"value"`
		Hash  json.RawMessage `json:"hash"`
		Hook  json.RawMessage `json:"hook"`
	} `json:"password"`
	Question *struct {
		Question string `json:"question"`
		Answer   string `json:"answer"`
	} `json:"recovery_question"`
	Provider *struct {
		Type string `json:"type"`
		Name string `json:"name"`
	} `json:"provider"`
}

// setsPassword says whether the body holds a password: an empty object means none (§3.1).
func (b *credentialsBody) setsPassword() bool {
	return b != nil && b.Password != nil && (b.Password.Value != "" || len(b.Password.Hash) > 0 || len(b.Password.Hook) > 0)
}

type userBody struct {
	Profile     map[string]any   `json:"profile"`
	Credentials *credentialsBody `json:"credentials"`
	GroupIDs    []string         `json:"groupIds"`
	Type        *struct {
		ID string `json:"id"`
	} `json:"type"`
}

// createUser is POST /users (§3.1).
func createUser(c *call) (answer, error) {
	var body userBody
	if err := c.decode(&body); err != nil {
		return answer{}, err
	}
	activate := c.flag("activate", true)
	password := body.Credentials.setsPassword()
	if c.query.Get("nextLogin") == "changePassword" {
		switch {
		case !activate:
			return answer{}, fail(http.StatusBadRequest, "E0000125", "Cannot set nextLogin to changePassword when activate is false")
		case !password:
			return answer{}, fail(http.StatusBadRequest, "E0000124", "Could not create user. To create a user and expire their password immediately, a password must be specified")
		}
	}
	if body.Profile == nil {
		return answer{}, invalid("profile", "profile: The field cannot be left blank")
	}
	if body.Type != nil && body.Type.ID != "" && body.Type.ID != c.st.types[0].id {
		return answer{}, notFound(body.Type.ID, typeUserType)
	}
	if len(body.GroupIDs) > maxGroupIDs {
		return answer{}, fail(http.StatusBadRequest, "E0000093", "Target count limit exceeded")
	}
	for _, id := range body.GroupIDs {
		g, err := c.st.groupByID(id)
		if err != nil {
			return answer{}, err
		}
		if g.kind != groupOkta {
			return answer{}, denied()
		}
	}
	profile := maps.Clone(body.Profile)
	if err := c.st.checkProfile(profile, "", "newUser"); err != nil {
		return answer{}, err
	}
	cleanProfile(profile)
	u := c.s.addUser(c.by(), profile, userStart{activate: activate, password: password, credentials: body.Credentials})
	if c.query.Get("nextLogin") == "changePassword" {
		edited := c.st.editUser(u.id)
		edited.setStatus(statusExpired, c.now)
		c.s.reindex(u.id)
	}
	for _, id := range body.GroupIDs { // part of the activation, so not refused while it runs
		c.s.addMember(c.by(), id, u.id, "")
	}
	return ok(c.st.users[u.id].wire(c, true))
}

// userStart says how a new user begins.
type userStart struct {
	activate    bool
	password    bool
	credentials *credentialsBody
}

// addUser stores a new user and sets off what follows from it. The profile must be checked.
func (s *Server) addUser(by act, profile map[string]any, start userStart) *user {
	st := s.st
	u := &user{
		id: st.newID(prefixUser), status: statusStaged, created: by.now, lastUpdated: by.now, profile: profile,
		hasPassword: start.password, provider: "OKTA", providerName: "OKTA", typeID: st.types[0].id,
	}
	if start.password {
		u.passwordChanged = by.now
	}
	if cr := start.credentials; cr != nil {
		if cr.Question != nil {
			u.question = cr.Question.Question
		}
		if cr.Provider != nil && cr.Provider.Type != "" {
			u.provider, u.providerName = cr.Provider.Type, cr.Provider.Name
		}
	}
	federated := u.provider == "FEDERATION" || u.provider == "SOCIAL"
	st.users[u.id] = u
	st.userIDs.add(u.id)
	st.addLogin(u.login(), u.id)
	s.emit(by, "user.lifecycle.create", u.target())
	if start.activate {
		u.activated = by.now
		u.setStatus(statusProvisioned, by.now)
		if start.password || federated {
			u.setStatus(statusActive, by.now)
		} else {
			s.mail(u, MailActivation)
		}
		s.emit(by, "user.lifecycle.activate", u.target())
		s.beginTransition(u)
	}
	s.reindex(u.id)
	s.userChanged(u.id)
	s.grantThrough(st.everyoneID, u.id)
	return u
}
