package review

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"time"

	"latchkey/identity"
)

// Item is one grant that is put before a reviewer.
type Item struct {
	ID     string               `json:"id"` // ItemID: the same in every campaign
	Person Person               `json:"person"`
	Object identity.Entitlement `json:"object"`
	Origin identity.Origin      `json:"origin"`
	Via    []identity.Ref       `json:"via,omitempty"` // the granting groups or rules
	// LastUsed is when the person last used an app, where Okta knows it; zero: not known.
	LastUsed time.Time `json:"last_used,omitzero"`
	// Since is when it was given, where Okta says so.
	Since time.Time `json:"since,omitzero"`
	// Peers is the share, 0 to 1, of the person's peers (same department and title) who hold it too; -1: no peers.
	Peers      float64 `json:"peers"`
	Birthright bool    `json:"birthright,omitempty"` // policy's birthright gives it
	Why        string  `json:"why,omitempty"`        // the birthright rule, the duties in conflict
	Marks      []Mark  `json:"marks,omitempty"`
	// Reviewer is who is asked (Reviewer.ID).
	Reviewer string `json:"reviewer"`
}

// Person is as much of a person as a reviewer and an auditor see.
type Person struct {
	OktaUserID string              `json:"okta_user_id"`
	Name       string              `json:"name"`
	Login      string              `json:"login"`
	Title      string              `json:"title,omitempty"`
	Department string              `json:"department,omitempty"`
	Status     identity.UserStatus `json:"status"`
	LastLogin  time.Time           `json:"last_login,omitzero"` // zero: never, or not known
	Employee   bool                `json:"employee"`            // an active employee fits this account
}

// Mark is why an item deserves a second look.
type Mark string

// The marks.
const (
	MarkOrphan   Mark = "orphan"             // no active employee fits the account
	MarkDormant  Mark = "dormant"            // the person has not signed in for long
	MarkUnused   Mark = "unused"             // the app was not used for long, where Okta knows
	MarkOutside  Mark = "outside_birthright" // birthright does not give it
	MarkConflict Mark = "duty_conflict"      // separation of duties
	MarkNew      Mark = "new"                // not in the campaign before
)

// Marks lists them in the order in which they are shown.
func Marks() []Mark {
	return []Mark{MarkOrphan, MarkConflict, MarkDormant, MarkUnused, MarkOutside, MarkNew}
}

// Has says whether an item wears a mark.
func (i Item) Has(mark Mark) bool { return slices.Contains(i.Marks, mark) }

// ItemID names a grant by person and entitlement: 32 hex digits that hold no name.
func ItemID(oktaUserID string, object identity.Entitlement) string {
	sum := sha256.Sum256([]byte(oktaUserID + "\x00" + object.Key()))
	return hex.EncodeToString(sum[:16])
}

// Reviewer is who decides about a packet.
type Reviewer struct {
	ID    string `json:"id"` // Okta user ID; no address in an ID
	Name  string `json:"name"`
	Email string `json:"email"`
	// Why is how policy came to this person: "manager of Mira Holm", "fallback: the manager is inactive".
	Why string `json:"why,omitempty"`
}

// Grouping says how a packet is shown.
type Grouping string

// The groupings.
const (
	ByPerson Grouping = "person" // a manager's review
	ByObject Grouping = "object" // an owner's review
)

// Packet is everything that one reviewer is asked in one campaign.
type Packet struct {
	Campaign string    `json:"campaign"`
	Title    string    `json:"title"`
	Reviewer Reviewer  `json:"reviewer"`
	Grouping Grouping  `json:"grouping"`
	Due      time.Time `json:"due"`
	ReadAt   time.Time `json:"read_at"`           // when the snapshot ended: how fresh the items are
	Partial  string    `json:"partial,omitempty"` // what the snapshot could not read; empty when it is complete
	// ReasonFor and Stamp are the Settings' of the same name, as they were when the packet was made.
	ReasonFor []Mark `json:"reason_for,omitempty"`
	Stamp     Stamp  `json:"stamp,omitzero"`
	Items     []Item `json:"items"` // ordered by group, then name, then ID
}

// Find is the item of an ID.
func (p Packet) Find(id string) (Item, bool) {
	for _, i := range p.Items {
		if i.ID == id {
			return i, true
		}
	}
	return Item{}, false
}
