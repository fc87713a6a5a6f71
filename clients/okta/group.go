package okta

import "time"

// GroupType says who may change a group and its members.
type GroupType string

// The group types. Only OktaGroup is ours to write; the others refuse even a super admin (okta-api.md §4).
const (
	OktaGroup    GroupType = "OKTA_GROUP"
	AppGroup     GroupType = "APP_GROUP" // imported: its source owns profile and members
	BuiltInGroup GroupType = "BUILT_IN"  // Everyone, Okta Administrators
)

// Group is a group. Two groups of different types can have one name.
type Group struct {
	ID                    string
	Type                  GroupType
	Name                  string
	Description           string
	Created               time.Time
	LastUpdated           time.Time
	LastMembershipUpdated time.Time // lags behind membership writes
	SourceAppID           string    // of an AppGroup: the app it is imported from
	Profile               map[string]any
	Stats                 *GroupStats // nil unless the call asked for it
}

// GroupStats are a group's counts. They lag behind writes.
type GroupStats struct {
	UsersCount             int  `json:"usersCount"`
	AppsCount              int  `json:"appsCount"`
	GroupPushMappingsCount int  `json:"groupPushMappingsCount"`
	HasAdminPrivilege      bool `json:"hasAdminPrivlege"` // misspelled on the wire (okta-api.md §10.27)
}

// groupWire is a Group as Okta sends it.
type groupWire struct {
	ID                    string         `json:"id"`
	Type                  GroupType      `json:"type"`
	Created               time.Time      `json:"created"`
	LastUpdated           time.Time      `json:"lastUpdated"`
	LastMembershipUpdated time.Time      `json:"lastMembershipUpdated"`
	Profile               map[string]any `json:"profile"`
	Source                struct {
		ID string `json:"id"`
	} `json:"source"`
	Embedded struct {
		Stats *GroupStats `json:"stats"`
	} `json:"_embedded"`
}

func (w groupWire) plain() Group {
	return Group{
		ID: w.ID, Type: w.Type, Created: w.Created, LastUpdated: w.LastUpdated,
		LastMembershipUpdated: w.LastMembershipUpdated, SourceAppID: w.Source.ID, Profile: w.Profile,
		Stats: w.Embedded.Stats, Name: text(w.Profile["name"]), Description: text(w.Profile["description"]),
	}
}

func text(v any) string {
	s, ok := v.(string)
	if !ok { // null or absent
		return ""
	}
	return s
}

// RuleStatus is whether a group rule works.
type RuleStatus string

// The rule statuses.
const (
	RuleActive   RuleStatus = "ACTIVE"
	RuleInactive RuleStatus = "INACTIVE" // memberships it gave stay
	RuleInvalid  RuleStatus = "INVALID"  // a group it names is gone
)

// GroupRule gives memberships by an expression over the person's attributes (okta-api.md §4.1).
type GroupRule struct {
	ID          string
	Name        string
	Status      RuleStatus
	Expression  string   // Okta's expression language
	GroupIDs    []string // the groups it fills
	Created     time.Time
	LastUpdated time.Time
	// ExcludedUserIDs are people the rule passes over. Okta adds a person who was taken out of a group by hand, so that
	// the rule never gives it back: a trap for a rehire, and the list ends at 100.
	ExcludedUserIDs  []string
	ExcludedGroupIDs []string
}

// exclusion is the part of a rule that names whom it passes over.
type exclusion struct {
	Exclude []string `json:"exclude"`
}

// ruleWire is a GroupRule as Okta sends it.
type ruleWire struct {
	ID          string     `json:"id"`
	Name        string     `json:"name"`
	Status      RuleStatus `json:"status"`
	Created     time.Time  `json:"created"`
	LastUpdated time.Time  `json:"lastUpdated"`
	Conditions  struct {
		Expression struct {
			Value string `json:"value"`
		} `json:"expression"`
		People struct {
			Users  exclusion `json:"users"`
			Groups exclusion `json:"groups"`
		} `json:"people"`
	} `json:"conditions"`
	Actions struct {
		Assign struct {
			GroupIDs []string `json:"groupIds"`
		} `json:"assignUserToGroups"`
	} `json:"actions"`
}

func (w ruleWire) plain() GroupRule {
	return GroupRule{
		ID: w.ID, Name: w.Name, Status: w.Status, Expression: w.Conditions.Expression.Value,
		GroupIDs: w.Actions.Assign.GroupIDs, Created: w.Created, LastUpdated: w.LastUpdated,
		ExcludedUserIDs: w.Conditions.People.Users.Exclude, ExcludedGroupIDs: w.Conditions.People.Groups.Exclude,
	}
}
