package casework

import "latchkey/identity"

// Right is access that a person's attributes give: birthright.
type Right struct {
	// Entitlement is a group or an app. Its ID is empty until it was looked up in Okta by its exact name.
	Entitlement identity.Entitlement `json:"entitlement"`
	Rule        string               `json:"rule"`   // the name of policy's rule that gives it
	Reason      string               `json:"reason"` // for people: "everybody in Sales uses it"
}

// Disposition is what becomes of access that a mover holds outside birthright.
type Disposition string

// The dispositions.
const (
	DispositionKeep   Disposition = "keep"   // it stays, and the plan says so
	DispositionRevoke Disposition = "revoke" // it goes like old birthright
	DispositionAsk    Disposition = "ask"    // its removal is planned; an approver who objects rejects the plan
)

// ConflictEffect is how policy treats two entitlements that nobody should hold at once.
type ConflictEffect string

// The effects, from the mildest.
const (
	ConflictRecord ConflictEffect = "record" // it is written into the evidence
	ConflictWarn   ConflictEffect = "warn"   // approvers read it in the plan
	ConflictBlock  ConflictEffect = "block"  // the plan does not run
)

// DutyConflict is a pair of entitlements that separation of duties keeps apart, both in one hand.
type DutyConflict struct {
	Name   string               `json:"name"` // of policy's pair
	One    identity.Entitlement `json:"one"`
	Other  identity.Entitlement `json:"other"`
	Effect ConflictEffect       `json:"effect"`
	Why    string               `json:"why"`
}
