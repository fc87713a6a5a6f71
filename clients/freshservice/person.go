package freshservice

import (
	"strings"
	"time"
)

// Person is a requester or an agent; the vendor keeps everybody as one or the other (reference §8.1).
type Person struct {
	ID                 int64     `json:"id"`
	IsAgent            bool      `json:"is_agent"`
	Active             bool      `json:"active"`
	Email              string    `json:"email"` // primary_email of a requester, email of an agent
	SecondaryEmails    []string  `json:"secondary_emails"`
	FirstName          string    `json:"first_name"`
	LastName           string    `json:"last_name"`
	JobTitle           string    `json:"job_title"`
	WorkPhone          string    `json:"work_phone_number"`
	MobilePhone        string    `json:"mobile_phone_number"`
	Address            string    `json:"address"`
	DepartmentIDs      []int64   `json:"department_ids"`
	DepartmentNames    []string  `json:"department_names"` // in lists only, if at all
	ReportingManagerID int64     `json:"reporting_manager_id"`
	LocationID         int64     `json:"location_id"`
	LocationName       string    `json:"location_name"`
	TimeZone           string    `json:"time_zone"` // a Rails name, see IANA
	TimeFormat         string    `json:"time_format"`
	Language           string    `json:"language"`
	Background         string    `json:"background_information"`
	CustomFields       Fields    `json:"custom_fields"`
	ExternalID         string    `json:"external_id"`
	VIP                bool      `json:"vip_user"`
	HasLoggedIn        bool      `json:"has_logged_in"`
	CreatedAt          time.Time `json:"created_at"`
	UpdatedAt          time.Time `json:"updated_at"`

	// CanSeeAllTickets and CanSeeAllChanges are the person's sight of their departments' records. nil where not shown.
	CanSeeAllTickets *bool `json:"can_see_all_tickets_from_associated_departments"`
	CanSeeAllChanges *bool `json:"can_see_all_changes_from_associated_departments"`

	// The rest is an agent's only.
	Occasional bool        `json:"occasional"`
	Roles      []AgentRole `json:"roles"`
	MemberOf   []int64     `json:"member_of"` // agent groups
	LastLogin  time.Time   `json:"last_login_at"`
	LastActive time.Time   `json:"last_active_at"`
}

// AgentRole is a role an agent holds and where.
type AgentRole struct {
	RoleID          int64   `json:"role_id"`
	AssignmentScope string  `json:"assignment_scope"`
	Groups          []int64 `json:"groups"`
	WorkspaceID     int64   `json:"workspace_id"`
}

// Name is the person's full name.
func (p Person) Name() string { return strings.TrimSpace(p.FirstName + " " + p.LastName) }

// IANA is the person's time zone as the tz database names it; false where it is not set or not known.
func (p Person) IANA() (string, bool) { return IANAZone(p.TimeZone) }

// HasEmail reports whether the address is one of the person's, whatever its case.
func (p Person) HasEmail(email string) bool {
	email = strings.TrimSpace(email)
	if email == "" {
		return false
	}
	if strings.EqualFold(p.Email, email) {
		return true
	}
	for _, s := range p.SecondaryEmails {
		if strings.EqualFold(s, email) {
			return true
		}
	}
	return false
}

// personWire is a person as both endpoints write them.
type personWire struct {
	Person
	PrimaryEmail string `json:"primary_email"`
}

func (w personWire) person(agent bool) Person {
	p := w.Person
	p.Email = firstText(p.Email, w.PrimaryEmail)
	p.IsAgent = p.IsAgent || agent
	return p
}

func people(page Page[personWire], agents bool) Page[Person] {
	out := Page[Person]{Number: page.Number, HasNext: page.HasNext, Total: page.Total}
	for _, w := range page.Items {
		out.Items = append(out.Items, w.person(agents))
	}
	return out
}

// PersonInput creates or changes a person; nil leaves a field as it is. Lists replace what is there (reference §11.7).
type PersonInput struct {
	Email              *string
	FirstName          *string
	LastName           *string
	JobTitle           *string
	WorkPhone          *string
	MobilePhone        *string
	Address            *string
	SecondaryEmails    *[]string // requesters only
	DepartmentIDs      *[]int64
	ReportingManagerID *int64  // 0 takes the manager away
	LocationID         *int64  // 0 takes the location away
	TimeZone           *string // a Rails name, see RailsZone
	Language           *string // such as en or fr
	Background         *string
	ExternalID         *string // may be refused with invalid_field (reference §8.1)
	CustomFields       Fields
	CanSeeAllTickets   *bool
	CanSeeAllChanges   *bool
}

func (p PersonInput) body(emailKey string) map[string]any {
	b := map[string]any{}
	text := func(name string, value *string) {
		if value != nil {
			b[name] = *value
		}
	}
	text("first_name", p.FirstName)
	text("last_name", p.LastName)
	text("job_title", p.JobTitle)
	text("work_phone_number", p.WorkPhone)
	text("mobile_phone_number", p.MobilePhone)
	text("address", p.Address)
	text("time_zone", p.TimeZone)
	text("language", p.Language)
	text("background_information", p.Background)
	text("external_id", p.ExternalID)
	if p.Email != nil {
		b[emailKey] = strings.ToLower(strings.TrimSpace(*p.Email))
	}
	if p.SecondaryEmails != nil {
		b["secondary_emails"] = append([]string{}, *p.SecondaryEmails...)
	}
	if p.DepartmentIDs != nil {
		b["department_ids"] = append([]int64{}, *p.DepartmentIDs...)
	}
	if p.ReportingManagerID != nil {
		b["reporting_manager_id"] = idOrNull(p.ReportingManagerID)
	}
	if p.LocationID != nil {
		b["location_id"] = idOrNull(p.LocationID)
	}
	if len(p.CustomFields) > 0 {
		b["custom_fields"] = p.CustomFields
	}
	if p.CanSeeAllTickets != nil {
		b[seeAllTickets] = *p.CanSeeAllTickets
	}
	if p.CanSeeAllChanges != nil {
		b[seeAllChanges] = *p.CanSeeAllChanges
	}
	return b
}

const (
	seeAllTickets = "can_see_all_tickets_from_associated_departments"
	seeAllChanges = "can_see_all_changes_from_associated_departments"
)

// keepSight carries a person's sight into an update that does not speak of it: the vendor takes it away on every PUT
// that does not send it again (reference §11.6).
func (p PersonInput) keepSight(now Person) PersonInput {
	if p.CanSeeAllTickets == nil && now.CanSeeAllTickets != nil && *now.CanSeeAllTickets {
		p.CanSeeAllTickets = new(true)
	}
	if p.CanSeeAllChanges == nil && now.CanSeeAllChanges != nil && *now.CanSeeAllChanges {
		p.CanSeeAllChanges = new(true)
	}
	return p
}
