// Package acme is a small company to try Latchkey on: the same people, departments and access in Okta and in
// Freshservice. The simulators seed themselves from it (`--seed acme`); the demo and the stories use it by name (see
// cast.go for who plays what). The data are the readable files under company/; [Load] reads and checks them.
package acme

// Company is everything both simulators need to know about Acme. Order is stable: two loads are equal.
type Company struct {
	Name        string // "Acme"
	Domain      string // mail domain, "acme.example"
	Departments []Department
	Locations   []Location
	People      []Person
	Groups      []Group // Okta's BUILT_IN groups are not listed: every organisation has them
	Rules       []GroupRule
	Apps        []App
	AgentGroups []AgentGroup
	Items       []ServiceItem
	Forms       []TicketField  // custom fields of the ticket form
	Statuses    []TicketStatus // custom ticket statuses, besides Open, Pending, Resolved and Closed
	Onboarding  []ItemField    // the form of Freshservice's own onboarding requests
	Offboarding []ItemField    // the form of Freshservice's own offboarding requests
}

// Department is a department with its head.
type Department struct {
	Name        string
	HeadEmail   string
	Description string
}

// Location is an office. TimeZone is an IANA name.
type Location struct {
	Name         string
	City         string
	Country      string // ISO 3166-1 alpha-2
	TimeZone     string
	DeskTimeZone string // the same zone by the Rails name that Freshservice uses, such as "Eastern Time (US & Canada)"
}

// Person is one account: an employee or contractor, known by the same e-mail address in both systems, or an account that
// is nobody's (a service or break-glass account), which only Okta knows unless it is an agent. See [Company.DeskPeople].
type Person struct {
	EmployeeNumber string
	FirstName      string
	LastName       string
	Email          string // not unique: two receptionists share a mailbox; no reference uses their address
	Login          string // Okta login, unique; equal to Email unless the data say otherwise, never empty after Load
	Title          string
	Department     string   // Department.Name; empty for an account that is nobody's
	Location       string   // Location.Name; empty for an account that is nobody's
	ManagerEmail   string   // empty only for the chief executive; for an account that is nobody's, who answers for it
	MobilePhone    string   // numbers that the regulators reserve for fiction
	UserType       string   // one of the UserType constants; also Okta's profile attribute userType
	Status         string   // Okta's user status, never empty after Load: "ACTIVE" unless the data say otherwise
	Agent          bool     // an agent of the desk rather than a requester
	DeskRole       string   // an agent's Freshservice role: "Account Admin", "SD Supervisor" or "SD Agent"; empty for requesters
	Groups         []string // Group.Name of direct and imported Okta memberships (rule-managed ones are not listed here)
	Apps           []string // App.Label of apps assigned directly
	AdminRoles     []string // Okta standard roles assigned directly, such as "SUPER_ADMIN"
	Factors        []string // Okta factor types enrolled, such as "push", "sms" or "token:software:totp"
}

// The values of Person.UserType.
const (
	UserTypeEmployee   = "Employee"
	UserTypeContractor = "Contractor"
	UserTypeService    = "Service"     // a program's account
	UserTypeBreakGlass = "Break-glass" // an emergency administrator's account
)

// Human says whether the account is a person's, rather than a service or break-glass account.
func (p Person) Human() bool {
	return p.UserType == UserTypeEmployee || p.UserType == UserTypeContractor
}

// Group is an Okta group. Kind is ours ("company", "department", "location", "role", "project", "admin", "imported");
// Type is Okta's.
type Group struct {
	Name        string   `json:"name"`
	Description string   `json:"description"`
	Kind        string   `json:"kind"`
	Type        string   `json:"type"`        // "OKTA_GROUP" (the default in the file) or "APP_GROUP"
	Source      string   `json:"source"`      // App.Label of the app that an APP_GROUP is imported from
	AdminRoles  []string `json:"admin_roles"` // Okta standard roles that members hold through the group
}

// GroupRule is an active Okta group rule.
type GroupRule struct {
	Name       string   `json:"name"`       // at most 50 characters, as Okta demands
	Expression string   `json:"expression"` // Okta Expression Language, such as user.department=="Sales"
	Groups     []string `json:"groups"`
}

// App is an Okta application, granted by groups, assigned directly, or both.
type App struct {
	Label        string   `json:"label"`
	Name         string   `json:"name"`         // Okta's app type name, such as "bookmark" or "salesforce"
	SignOnMode   string   `json:"sign_on_mode"` // Okta's, such as "SAML_2_0", "OPENID_CONNECT" or "BOOKMARK"
	Groups       []string `json:"groups"`       // Group.Name of groups assigned to the app
	Owner        string   `json:"owner"`        // e-mail of the application owner
	Pushes       []string `json:"pushes"`       // Group.Name of groups that are pushed to the app (group push)
	Provisioning bool     `json:"provisioning"` // Okta creates and deactivates the accounts in the app
}

// AgentGroup is a Freshservice agent group.
type AgentGroup struct {
	Name        string   `json:"name"`
	Description string   `json:"description"`
	Members     []string `json:"members"` // e-mail addresses of agents
}

// ServiceItem is an item of the Freshservice service catalogue with its form.
type ServiceItem struct {
	Name        string      `json:"name"`
	Category    string      `json:"category"`
	Description string      `json:"description"`
	Fields      []ItemField `json:"fields"`
}

// ItemField is one question on a service item's form. Type is Freshservice's, such as "custom_dropdown".
type ItemField struct {
	Name     string   `json:"name"`
	Label    string   `json:"label"`
	Type     string   `json:"type"`
	Required bool     `json:"required"`
	Choices  []string `json:"choices"`
	// DataSource is what a lookup looks up: 1 locations, 2 requesters, 3 agents, 4 assets, 5 all users, 6 departments
	// (Freshservice API, "onboarding form"); 0 for anything but a lookup.
	DataSource int `json:"data_source"`
}

// TicketField is a custom field of Acme's ticket form.
type TicketField struct {
	Name               string   `json:"name"`
	Label              string   `json:"label"`
	Type               string   `json:"type"`
	Choices            []string `json:"choices"`
	Required           bool     `json:"required"`             // required for agents
	RequiredForClosure bool     `json:"required_for_closure"` // without it a ticket cannot be resolved or closed
}

// TicketStatus is a custom status of Acme's tickets.
type TicketStatus struct {
	ID            int    `json:"id"` // the number on the wire; above 5, the vendor's own
	Name          string `json:"name"`
	RequesterName string `json:"requester_name"` // what the requester sees
}
