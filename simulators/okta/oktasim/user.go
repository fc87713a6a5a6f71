package oktasim

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"
)

// userStatus is a state of the vendor's machine (§3.4).
type userStatus string

const (
	statusStaged        userStatus = "STAGED"
	statusProvisioned   userStatus = "PROVISIONED"
	statusActive        userStatus = "ACTIVE"
	statusRecovery      userStatus = "RECOVERY"
	statusExpired       userStatus = "PASSWORD_EXPIRED"
	statusLockedOut     userStatus = "LOCKED_OUT"
	statusSuspended     userStatus = "SUSPENDED"
	statusDeprovisioned userStatus = "DEPROVISIONED"
)

var userStatuses = []userStatus{
	statusStaged, statusProvisioned, statusActive, statusRecovery, statusExpired, statusLockedOut, statusSuspended, statusDeprovisioned,
}

// user is a person. Profile values are as JSON decodes them; unset attributes are absent.
type user struct {
	id              string
	status          userStatus
	created         time.Time
	activated       time.Time
	statusChanged   time.Time
	lastLogin       time.Time
	lastUpdated     time.Time
	passwordChanged time.Time
	profile         map[string]any
	hasPassword     bool
	question        string // recovery question
	provider        string // credentials.provider.type, OKTA unless federated
	providerName    string
	typeID          string
	transition      userStatus // transitioningToStatus while activation is under way
}

func (u *user) text(attr string) string {
	t, _ := u.profile[attr].(string)
	return t
}

func (u *user) login() string { return u.text("login") }

func (u *user) displayName() string { return u.text("firstName") + " " + u.text("lastName") }

func (u *user) target() logTarget {
	return logTarget{ID: u.id, Type: "User", AlternateID: u.login(), DisplayName: u.displayName()}
}

// etag depends on the profile alone (§3.2).
func (u *user) etag() string {
	b, err := json.Marshal(u.profile)
	if err != nil {
		b = fmt.Append(nil, u.profile)
	}
	sum := sha256.Sum256(b)
	return `W/"` + hex.EncodeToString(sum[:]) + `"`
}

func (u *user) setStatus(status userStatus, now time.Time) {
	u.status, u.statusChanged, u.lastUpdated = status, now, now
}

// fields gives the values searches and filters compare.
func (u *user) fields(attr string) []any {
	switch attr {
	case "id":
		return []any{u.id}
	case "status":
		return []any{string(u.status)}
	case "created":
		return timeField(u.created)
	case "activated":
		return timeField(u.activated)
	case "statusChanged":
		return timeField(u.statusChanged)
	case "lastUpdated":
		return timeField(u.lastUpdated)
	case "lastLogin":
		return timeField(u.lastLogin)
	case "passwordChanged":
		return timeField(u.passwordChanged)
	case "type.id":
		return []any{u.typeID}
	}
	const prefix = "profile."
	if len(attr) <= len(prefix) || attr[:len(prefix)] != prefix {
		return nil
	}
	switch v := u.profile[attr[len(prefix):]].(type) {
	case nil:
		return nil
	case []any:
		return v
	default:
		return []any{v}
	}
}

func timeField(t time.Time) []any {
	if t.IsZero() {
		return nil
	}
	return []any{formatTime(t.Truncate(time.Second))}
}

type userWire struct {
	ID              string     `json:"id"`
	Status          userStatus `json:"status"`
	Created         stamp      `json:"created"`
	Activated       stamp      `json:"activated"`
	StatusChanged   stamp      `json:"statusChanged"`
	LastLogin       stamp      `json:"lastLogin"`
	LastUpdated     stamp      `json:"lastUpdated"`
	PasswordChanged stamp      `json:"passwordChanged"`
	Transition      userStatus `json:"transitioningToStatus,omitempty"`
	Type            object     `json:"type"`
	Profile         object     `json:"profile"`
	Credentials     object     `json:"credentials"`
	Links           object     `json:"_links"`
}

// wire is the user as the vendor prints it: mobilePhone and secondEmail always, other attributes only with a value (§3.2).
// Links are only self in lists and depend on the status for a single user.
func (u *user) wire(c *call, single bool) userWire {
	profile := make(object, len(u.profile)+2)
	profile["mobilePhone"], profile["secondEmail"] = nil, nil
	for k, v := range u.profile {
		if v != nil {
			profile[k] = v
		}
	}
	credentials := object{"provider": object{"type": u.provider, "name": u.providerName}}
	if u.hasPassword {
		credentials["password"] = object{}
	}
	if u.question != "" {
		credentials["recovery_question"] = object{"question": u.question}
	}
	links := object{"self": link(c.href("/users/" + u.id))}
	if single {
		links = u.links(c)
	}
	return userWire{
		ID: u.id, Status: u.status, Created: stamp(u.created), Activated: stamp(u.activated), StatusChanged: stamp(u.statusChanged),
		LastLogin: stamp(u.lastLogin), LastUpdated: stamp(u.lastUpdated), PasswordChanged: stamp(u.passwordChanged),
		Type: object{"id": u.typeID}, Transition: u.transition, Profile: profile, Credentials: credentials, Links: links,
	}
}

// links are those the vendor offers in this status (§3.2).
func (u *user) links(c *call) object {
	self := c.href("/users/" + u.id)
	l := object{
		"self":   link(self),
		"schema": link(c.href("/meta/schemas/user/" + c.st.schema.id)),
		"type":   link(c.href("/meta/types/user/" + u.typeID)),
	}
	offer := func(name, path string) { l[name] = action("POST", self+path) }
	lifecycle := func(name, op string) { offer(name, "/lifecycle/"+op) }
	lifecycle("resetFactors", "reset_factors") // newer orgs offer it in every status
	switch u.status {
	case statusStaged:
		lifecycle("activate", "activate")
	case statusProvisioned:
		lifecycle("suspend", "suspend")
		lifecycle("resetPassword", "reset_password")
		lifecycle("reactivate", "reactivate")
		lifecycle("deactivate", "deactivate")
	case statusActive, statusExpired:
		lifecycle("suspend", "suspend")
		lifecycle("resetPassword", "reset_password")
		lifecycle("expirePassword", "expire_password")
		offer("forgotPassword", "/credentials/forgot_password")
		offer("changePassword", "/credentials/change_password")
		offer("changeRecoveryQuestion", "/credentials/change_recovery_question")
		lifecycle("deactivate", "deactivate")
	case statusRecovery:
		lifecycle("reactivate", "reactivate")
		lifecycle("resetPassword", "reset_password")
		lifecycle("deactivate", "deactivate")
	case statusLockedOut:
		lifecycle("unlock", "unlock")
		lifecycle("resetPassword", "reset_password")
		lifecycle("deactivate", "deactivate")
	case statusSuspended:
		lifecycle("unsuspend", "unsuspend")
		lifecycle("deactivate", "deactivate")
	case statusDeprovisioned:
		lifecycle("activate", "activate")
		l["delete"] = action("DELETE", self)
	}
	return l
}
