package identity

import "strings"

// Kind is what sort of thing can be held.
type Kind string

// The kinds of entitlement Latchkey plans with.
const (
	KindAccount Kind = "account" // the account itself
	KindGroup   Kind = "group"   // an Okta group
	KindApp     Kind = "app"     // an Okta application
	KindRole    Kind = "role"    // an Okta administrator role
	KindFactor  Kind = "factor"  // an enrolled authenticator
	KindSession Kind = "session" // sessions and OAuth tokens
	KindProfile Kind = "profile" // profile attributes, Entitlement.ID names them
)

// Entitlement is something a person can hold. ID is Okta's; Name is for people.
type Entitlement struct {
	Kind Kind   `json:"kind"`
	ID   string `json:"id,omitempty"`
	Name string `json:"name,omitempty"`
}

// Key names the entitlement in IDs and digests. It holds no personal data.
func (e Entitlement) Key() string { return string(e.Kind) + ":" + e.ID }

// Label is what a note calls it: "group Engineering".
func (e Entitlement) Label() string {
	name := e.Name
	if name == "" {
		name = e.ID
	}
	return strings.TrimSpace(string(e.Kind) + " " + name)
}

// Origin says how somebody came to hold an entitlement, and so where it has to be taken away.
type Origin string

// The origins Okta knows. Only a direct grant can be removed where it stands.
const (
	OriginDirect    Origin = "direct"     // given to the person by name
	OriginGroup     Origin = "group"      // an app granted by a group the person is in; Grant.Via is the group
	OriginBoth      Origin = "both"       // an app assigned to the person while a group grants it as well
	OriginGroupRule Origin = "group_rule" // a membership kept by a group rule; Grant.Via is the rule
	OriginGroupPush Origin = "group_push" // a membership in a group that is pushed to an app
	OriginImported  Origin = "imported"   // a group mastered by an app or a directory (APP_GROUP)
	OriginBuiltIn   Origin = "built_in"   // Everyone and its like: nobody can leave
)

// Ref names a thing by ID and name.
type Ref struct {
	ID   string `json:"id,omitempty"`
	Name string `json:"name,omitempty"`
}

// Grant is one person holding one entitlement.
type Grant struct {
	Entitlement Entitlement `json:"entitlement"`
	Origin      Origin      `json:"origin"`
	Via         []Ref       `json:"via,omitempty"`    // the granting groups or rules, by Origin
	Status      string      `json:"status,omitempty"` // the vendor's word, such as an app user's status
}
