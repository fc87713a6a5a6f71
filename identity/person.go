// Package identity holds the nouns of the field: people, entitlements and who holds which. It knows no vendor, no
// ticket and no workflow; every other room may speak in its words.
package identity

// UserStatus is the state of a person's account at the identity provider, in Okta's words
// (https://developer.okta.com/docs/reference/api/users/, "User status").
type UserStatus string

// The states an account can be in. Okta's UI calls Provisioned "Pending user action" and Deprovisioned "Deactivated".
const (
	StatusStaged          UserStatus = "STAGED"
	StatusProvisioned     UserStatus = "PROVISIONED"
	StatusActive          UserStatus = "ACTIVE"
	StatusRecovery        UserStatus = "RECOVERY"
	StatusPasswordExpired UserStatus = "PASSWORD_EXPIRED"
	StatusLockedOut       UserStatus = "LOCKED_OUT"
	StatusSuspended       UserStatus = "SUSPENDED"
	StatusDeprovisioned   UserStatus = "DEPROVISIONED"
)

// CanSignIn says whether an account in this state may reach anything by signing in or by finishing a recovery.
// Only a suspended or a deactivated account is shut; everything else is a door.
func (s UserStatus) CanSignIn() bool {
	return s != StatusSuspended && s != StatusDeprovisioned
}

// Suspendable says whether Okta accepts a suspend from this state. From every other state that CanSignIn the door is
// shut by deactivating at once.
func (s UserStatus) Suspendable() bool { return s == StatusActive }

// Person is one human (or service) account, as both systems know it. A field is empty when its system does not say.
type Person struct {
	OktaUserID     string         `json:"okta_user_id,omitempty"`
	Status         UserStatus     `json:"status,omitempty"`
	Login          string         `json:"login,omitempty"`
	Email          string         `json:"email,omitempty"`
	SecondEmail    string         `json:"second_email,omitempty"`
	FirstName      string         `json:"first_name,omitempty"`
	LastName       string         `json:"last_name,omitempty"`
	Title          string         `json:"title,omitempty"`
	Department     string         `json:"department,omitempty"`
	Location       string         `json:"location,omitempty"`
	EmployeeNumber string         `json:"employee_number,omitempty"`
	ManagerEmail   string         `json:"manager_email,omitempty"`
	TimeZone       string         `json:"time_zone,omitempty"` // IANA
	DeskID         int64          `json:"desk_id,omitempty"`   // Freshservice requester or agent
	Attributes     map[string]any `json:"attributes,omitempty"`
}

// DisplayName is what a note calls the person: the name, else the address, else the Okta ID.
func (p Person) DisplayName() string {
	name := p.FirstName
	if p.LastName != "" {
		if name != "" {
			name += " "
		}
		name += p.LastName
	}
	switch {
	case name != "":
		return name
	case p.Email != "":
		return p.Email
	case p.Login != "":
		return p.Login
	default:
		return p.OktaUserID
	}
}
