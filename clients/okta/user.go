package okta

import (
	"fmt"
	"time"
)

// UserStatus is where a person stands in the lifecycle (okta-api.md §3.4).
type UserStatus string

// The lifecycle statuses.
const (
	Staged          UserStatus = "STAGED"           // made, never activated
	Provisioned     UserStatus = "PROVISIONED"      // activated, has to act: "Pending user action"
	Active          UserStatus = "ACTIVE"           //
	Recovery        UserStatus = "RECOVERY"         // password reset begun
	PasswordExpired UserStatus = "PASSWORD_EXPIRED" //
	LockedOut       UserStatus = "LOCKED_OUT"       //
	Suspended       UserStatus = "SUSPENDED"        // cannot sign in; groups and apps kept
	Deprovisioned   UserStatus = "DEPROVISIONED"    // deactivated; groups kept, apps of active app instances gone
)

// User is a person's account. In lists it is shallow: read it by id before acting on it (okta-api.md §10.30).
type User struct {
	ID              string         `json:"id"`
	Status          UserStatus     `json:"status"`
	Transitioning   UserStatus     `json:"transitioningToStatus"` // set while an activation or deactivation is under way
	Created         time.Time      `json:"created"`
	Activated       time.Time      `json:"activated"` // zero: never
	StatusChanged   time.Time      `json:"statusChanged"`
	LastLogin       time.Time      `json:"lastLogin"` // zero: never
	LastUpdated     time.Time      `json:"lastUpdated"`
	PasswordChanged time.Time      `json:"passwordChanged"`
	RealmID         string         `json:"realmId"`
	Type            UserTypeRef    `json:"type"`
	Profile         map[string]any `json:"profile"` // as sent; attributes without a value are mostly left out
	Credentials     Credentials    `json:"credentials"`
}

// UserTypeRef names the person's user type, whose schema the profile follows.
type UserTypeRef struct {
	ID string `json:"id"`
}

// Credentials says where the person's password lives.
type Credentials struct {
	Provider Provider `json:"provider"`
}

// Provider is a source of credentials: OKTA, ACTIVE_DIRECTORY, LDAP, FEDERATION, SOCIAL, IMPORT.
type Provider struct {
	Type string `json:"type"`
	Name string `json:"name"`
}

// Attr is a profile attribute as text: "" when absent or null, numbers and booleans as they are written.
func (u *User) Attr(name string) string {
	switch v := u.Profile[name].(type) {
	case nil:
		return ""
	case string:
		return v
	default:
		return fmt.Sprint(v)
	}
}

// Login is the unique sign-in name, mostly an e-mail address.
func (u *User) Login() string { return u.Attr("login") }

// Email is the primary e-mail address. It need not be unique.
func (u *User) Email() string { return u.Attr("email") }

// Role is an admin role that a person or group holds.
type Role struct {
	ID             string    `json:"id"`             // of the assignment; what RevokeAdminRole takes
	Type           string    `json:"type"`           // "SUPER_ADMIN", "APP_ADMIN", …, "CUSTOM"
	Label          string    `json:"label"`          //
	Status         string    `json:"status"`         // "ACTIVE" or "INACTIVE"
	AssignmentType string    `json:"assignmentType"` // "USER", or "GROUP" when it comes with a membership and cannot be revoked here
	CustomRoleID   string    `json:"role"`           // of a CUSTOM one
	ResourceSetID  string    `json:"resource-set"`   // of a CUSTOM one
	Created        time.Time `json:"created"`
	LastUpdated    time.Time `json:"lastUpdated"`
}

// AdminAssignee is a person who holds at least one admin role, directly or by a group.
type AdminAssignee struct {
	UserID string `json:"id"`
}

// Factor is an enrolled authenticator (okta-api.md §3.9).
type Factor struct {
	ID          string    `json:"id"`
	Type        string    `json:"factorType"` // "push", "sms", "token:software:totp", "webauthn", …
	Provider    string    `json:"provider"`   // "OKTA", "GOOGLE", "FIDO", …
	Vendor      string    `json:"vendorName"`
	Status      string    `json:"status"` // "ACTIVE", "PENDING_ACTIVATION", …
	Created     time.Time `json:"created"`
	LastUpdated time.Time `json:"lastUpdated"`
}

// AppLink is a tile of the person's dashboard: active apps with a visible link only, so fit for display and not for a
// review of access (okta-api.md §5).
type AppLink struct {
	AppID           string `json:"appInstanceId"`
	AppAssignmentID string `json:"appAssignmentId"`
	AppName         string `json:"appName"`
	Label           string `json:"label"`
	Hidden          bool   `json:"hidden"`
}
