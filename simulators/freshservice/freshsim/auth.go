package freshsim

import (
	"crypto/subtle"
	"net/http"
	"strings"
	"time"
)

// authenticate gives the agent who owns the key: Basic, user = key, any password (reference §1). A key of a
// deactivated agent no longer works.
func (d *database) authenticate(r *http.Request) *person {
	user, _, ok := r.BasicAuth()
	if !ok || user == "" {
		return nil
	}
	for key, id := range d.keys {
		if subtle.ConstantTimeCompare([]byte(key), []byte(user)) == 1 {
			if p := d.people.get(id); p != nil && p.agent && p.active {
				return p
			}
		}
	}
	return nil
}

// unauthenticated is the 401 of a missing or wrong key; a user name that is an e-mail address is the retired password
// login, which has a code of its own (reference §1, §2).
func unauthenticated(r *http.Request) error {
	e := &apiError{status: http.StatusUnauthorized, code: "invalid_credentials", message: "You have to be logged in to perform this action."}
	if user, _, _ := r.BasicAuth(); strings.Contains(user, "@") {
		e.code, e.message = "unsupported_authentication_type", "Basic authentication with a password is no longer supported. Use an API key."
	}
	return e
}

// Role names that every account has; Admin holds every privilege.
const (
	roleAccountAdmin = "Account Admin"
	roleAdmin        = "Admin"
	roleSupervisor   = "SD Supervisor"
	roleAgent        = "SD Agent"
	roleReadOnly     = "Read Only"
)

// seedRoles gives the account its default roles, from everything to nothing.
func (d *database) seedRoles(at time.Time) {
	every := []privilege{needTickets, needPeople, needAgents, needCatalog, needJourney}
	for _, r := range []struct {
		name, about string
		kind        int
		grants      []privilege
	}{
		{roleAccountAdmin, "Has complete control over the help desk including access to account and billing", 1, every},
		{roleAdmin, "Can configure all features through the Admin tab, but is restricted from viewing billing", 1, every},
		{roleSupervisor, "Can perform all agent related activities and access reports", 2, []privilege{needTickets, needPeople, needJourney}},
		{roleAgent, "Can log, view, reply, update and resolve tickets", 2, []privilege{needTickets}},
		{roleReadOnly, "Can view tickets and people, and change nothing", 2, nil},
	} {
		row := &role{id: d.id(), name: r.name, description: r.about, kind: r.kind, grants: map[privilege]bool{}, created: at}
		for _, p := range r.grants {
			row.grants[p] = true
		}
		d.roles.put(row.id, row)
	}
}

func (d *database) roleByName(name string) *role {
	for r := range d.roles.all() {
		if strings.EqualFold(r.name, name) {
			return r
		}
	}
	return nil
}

// may says whether one of the agent's roles holds the privilege.
func (d *database) may(p *person, need privilege) bool {
	if need == needLogin {
		return true
	}
	for _, a := range p.roles {
		if r := d.roles.get(a.RoleID); r != nil && r.grants[need] {
			return true
		}
	}
	return false
}

// admin says whether the agent holds an admin role.
func (d *database) admin(p *person) bool {
	for _, a := range p.roles {
		if r := d.roles.get(a.RoleID); r != nil && r.kind == 1 {
			return true
		}
	}
	return false
}
