package okta

import (
	"strings"
	"time"
)

// App is an application instance.
type App struct {
	ID          string    `json:"id"`
	Name        string    `json:"name"`       // of the catalogue entry, not unique: "slack", "bookmark"
	Label       string    `json:"label"`      // what people see, not unique either
	Status      string    `json:"status"`     // "ACTIVE" or "INACTIVE"
	SignOnMode  string    `json:"signOnMode"` //
	Features    []string  `json:"features"`   // provisioning features such as "GROUP_PUSH", "PUSH_USER_DEACTIVATION"
	Created     time.Time `json:"created"`
	LastUpdated time.Time `json:"lastUpdated"`
}

// Scope says where an app assignment comes from.
type Scope string

// The scopes.
const (
	UserScope  Scope = "USER"  // assigned to the person
	GroupScope Scope = "GROUP" // granted by a group; unassigning is refused (GroupsGrantAccess)
)

// AppUser is a person's assignment to an app (okta-api.md §5).
type AppUser struct {
	UserID        string
	ExternalID    string // the account's id in the app, once provisioned
	UserName      string // the sign-in name in the app
	Scope         Scope
	Status        string // "ACTIVE", "STAGED", "PROVISIONED", "INACTIVE", "DEPROVISIONED"
	SyncState     string // "DISABLED" for sign-on only; "SYNCHRONIZED", "ERROR", …
	GroupID       string // of GroupScope: the granting group
	GroupName     string // likewise; Okta sends the name in the link
	Created       time.Time
	LastUpdated   time.Time
	StatusChanged time.Time
	Profile       map[string]any // the app's own attributes
	User          *User          // nil unless the call asked for it
}

// appUserWire is an AppUser as Okta sends it.
type appUserWire struct {
	ID            string         `json:"id"`
	ExternalID    string         `json:"externalId"`
	Scope         Scope          `json:"scope"`
	Status        string         `json:"status"`
	SyncState     string         `json:"syncState"`
	Created       time.Time      `json:"created"`
	LastUpdated   time.Time      `json:"lastUpdated"`
	StatusChanged time.Time      `json:"statusChanged"`
	Profile       map[string]any `json:"profile"`
	Credentials   struct {
		UserName string `json:"userName"`
	} `json:"credentials"`
	Links struct {
		Group link `json:"group"`
	} `json:"_links"`
	Embedded struct {
		User *User `json:"user"`
	} `json:"_embedded"`
}

func (w appUserWire) plain() AppUser {
	return AppUser{
		UserID: w.ID, ExternalID: w.ExternalID, UserName: w.Credentials.UserName, Scope: w.Scope,
		Status: w.Status, SyncState: w.SyncState, GroupID: w.Links.Group.lastSegment(), GroupName: w.Links.Group.Name,
		Created: w.Created, LastUpdated: w.LastUpdated, StatusChanged: w.StatusChanged, Profile: w.Profile,
		User: w.Embedded.User,
	}
}

// link is an entry of _links.
type link struct {
	Name string `json:"name"`
	Href string `json:"href"`
}

// lastSegment is the id a link ends in.
func (l link) lastSegment() string {
	path, _, _ := strings.Cut(l.Href, "?")
	path = strings.TrimRight(path, "/")
	return path[strings.LastIndex(path, "/")+1:]
}

// AppAssignment is one app of a person, with where it comes from.
type AppAssignment struct {
	AppID     string
	AppName   string // of the catalogue entry
	Label     string
	AppStatus string // "ACTIVE" or "INACTIVE"; an inactive app's assignment survives deactivation (okta-api.md §5.1)
	Features  []string
	Scope     Scope
	GroupID   string // of GroupScope: the granting group
	GroupName string
	Status    string // of the assignment
	SyncState string
	UserName  string // the sign-in name in the app
	Updated   time.Time
}

// AppGroupAssignment is a group to which an app is assigned.
type AppGroupAssignment struct {
	GroupID     string    `json:"id"`
	Priority    int       `json:"priority"`
	LastUpdated time.Time `json:"lastUpdated"`
}

// GroupPushMapping says that an app keeps a copy of a group. Members of the target follow the source.
type GroupPushMapping struct {
	ID            string    `json:"id"`
	Status        string    `json:"status"` // "ACTIVE", "INACTIVE", "ERROR"
	SourceGroupID string    `json:"sourceGroupId"`
	TargetGroupID string    `json:"targetGroupId"`
	Created       time.Time `json:"created"`
	LastUpdated   time.Time `json:"lastUpdated"`
}
