package policy

import (
	"time"

	"latchkey/approval"
	"latchkey/casework"
	"latchkey/identity"
)

// Classification is what intake says of a ticket. UseCase empty means no rule wants it.
type Classification struct {
	UseCase casework.UseCase
	Mode    casework.Mode
	Rule    string // the name of the rule that matched
	// Fields are the values the rule extracted, by policy's names: strings, numbers, booleans, times as RFC 3339 text.
	Fields  map[string]any
	Missing []casework.Missing
	// Items are the things asked for (AccessRequest). An item whose Catalogue is empty is not in the catalogue.
	Items []casework.Item
	// Emergency is set when it was asked for and allowed; EmergencyRefused says why an asked-for one is not allowed.
	Emergency        bool
	EmergencyRefused string
	// LocalEffective is "2006-01-02T15:04" without a zone, or empty; EffectiveAt is set when the ticket gave an instant.
	LocalEffective string
	EffectiveText  string
	EffectiveAt    time.Time
	Subject        string // e-mail address
	Reason         string
	Reset          *casework.ResetAsk // CredentialReset
}

// OffboardingPolicy is offboarding.yaml, defaults filled in.
type OffboardingPolicy struct {
	End             casework.Verb // VerbDeactivate or VerbSuspend
	DeactivateAfter time.Duration // from the moment the door was shut; zero at once
	// ClearAttributes are emptied so that group rules let go.
	ClearAttributes []string
	EmergencyCap    int // emergencies an hour, default 3
	// ResidualOwner names who owns a residual of each origin; the key "" is everybody else's.
	ResidualOwner map[identity.Origin]string
	DefaultTime   string // "18:00": the hour when the ticket names only a day
	DefaultZone   string // IANA, when the person's zone is not known
}

// CatalogueItem is one entry of catalogue.yaml.
type CatalogueItem struct {
	Key         string // "salesforce"
	Name        string
	Entitlement identity.Entitlement // Kind group or app; ID may be empty: then Name is looked up in Okta, exactly
	Risk        string               // low, medium, high
	OwnerEmail  string
	Cost        float64
	Tags        []string
	Requestable bool
	Limit       casework.TimeLimit // how long it is granted; zero is for good

	glass *breakGlass // nil: it is granted by approval only
}

// Approvers names who approves, before the desk says who these people are.
type Approvers struct {
	Kind     ApproverKind
	Value    string      // e-mail address, agent group or department name, by Kind
	Field    string      // of ApproverField: the field that held the address
	Fallback []Approvers // tried in order when nobody is found, or the one found is inactive or banned
}

// ApproverKind is where an approver comes from.
type ApproverKind string

// The kinds of approver.
const (
	ApproverManager        ApproverKind = "manager"         // of the subject
	ApproverSecondManager  ApproverKind = "second_manager"  // the manager's manager
	ApproverOwner          ApproverKind = "owner"           // of the catalogue item
	ApproverDepartmentHead ApproverKind = "department_head" // of the subject's department
	ApproverAgentGroup     ApproverKind = "agent_group"     // every member of a desk group
	ApproverPerson         ApproverKind = "person"          // one named address
	ApproverField          ApproverKind = "field"           // the address in a field that intake extracted
)

// RouteGroup is an approval.Group whose people are not resolved yet.
type RouteGroup struct {
	Name string
	Rule approval.Rule
	Need int
	Deny int
	Who  []Approvers
}

// RouteLevel is an approval.Level whose people are not resolved yet.
type RouteLevel struct {
	Name          string
	Groups        []RouteGroup
	RemindAfter   time.Duration
	RemindMax     int
	EscalateAfter time.Duration
	EscalateTo    []Approvers
	ExpireAfter   time.Duration
	ReassignTo    []Approvers // whom an operator may add
	// Calendar is what the durations count in, frozen at the moment the route was asked for; nil counts every hour.
	Calendar *approval.Calendar
}

// Route is the chain policy chose.
type Route struct {
	Name         string // of the route in approvals.yaml
	Reason       string // why, in policy's words; always there for approval.ModeNone
	Mode         approval.Mode
	Levels       []RouteLevel
	AllowRepeat  bool
	BanExtra     []string // e-mail addresses that never approve here
	StageReached bool     // ModeStage: the expression holds for this ticket now
	// Tell is who is told of a break-glass grant at once, and of how its review ended; only where RouteFacts.BreakGlass.
	Tell []Approvers
}

// MassChange is the guard's setting.
type MassChange struct {
	People  int           // within Window, default 20
	Percent float64       // of the active population, default 2
	Window  time.Duration // default 1h
	Ask     string        // agent group that gets the ticket
}

// Protection says why an account or a group is protected.
type Protection struct {
	Why string
	Who string // who decided so
}

// DeskPolicy is desk.yaml without its texts, defaults filled in.
type DeskPolicy struct {
	Waiting     int            // status of a waiting ticket, default 3 (Pending)
	Resolved    int            // default 4
	Open        int            // default 2
	ClosedSet   []int          // statuses that mean a person ended the ticket, default 4 and 5
	Closing     map[string]any // fields the desk demands for closing; keys are ticket fields or "custom_fields.<name>"
	ParkedGroup string         // agent group told when a case parks
	ParkedMail  []string
	DigestGroup string // agent group that gets the daily digest
	DigestHour  string // "08:00"
	DigestZone  string
	BulkWindow  int    // rows of a batch side by side, default 20
	BulkGroup   string // agent group that gets the tickets of batches
}

// TimesPolicy is desk.yaml, "times".
type TimesPolicy struct {
	Idle, SettleEvery, SettleFor, ParkRemind, HoldRecheck, BlockedEvery, UnavailableIn time.Duration
}
