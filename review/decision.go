package review

import "time"

// Answer is what a reviewer says of an item.
type Answer string

// The answers.
const (
	Certify Answer = "certify" // the access stays
	Revoke  Answer = "revoke"  // the access goes
)

// Decision is one answer about one item. A later one of the same reviewer replaces it while the review is open.
type Decision struct {
	Item   string    `json:"item"`
	Answer Answer    `json:"answer"`
	Reason string    `json:"reason,omitempty"` // untrusted text; required to revoke, and to certify what wears a serious mark
	At     time.Time `json:"at"`
	// Bulk is how many items were answered by the same click; 1 is one by one. It is a signal of rubber-stamping.
	Bulk int `json:"bulk,omitempty"`
}

// Via is how a reviewer showed who they are.
type Via string

// The ways.
const (
	ViaSignIn Via = "sign_in" // signed in through Okta (OIDC)
	ViaLink   Via = "link"    // a signed link that an operator handed over
)

// Batch is what the bridge hands in at once: decisions of one reviewer, with the bridge's signature over them. Nothing
// in it counts before an activity has verified it.
type Batch struct {
	ID        string     `json:"id"` // random, given by the page: the same batch handed in twice counts once
	Campaign  string     `json:"campaign"`
	Reviewer  string     `json:"reviewer"` // whose packet: Reviewer.ID
	By        string     `json:"by"`       // Okta user ID of who signed in, or the reviewer's for a link
	Via       Via        `json:"via"`
	Link      string     `json:"link,omitempty"` // the link's ID, for ViaLink
	At        time.Time  `json:"at"`
	Decisions []Decision `json:"decisions"`
	Signature string     `json:"signature,omitempty"` // of everything else
}

// Answers are a reviewer's decisions so far, by item; each the last that counted.
type Answers struct {
	Campaign  string              `json:"campaign"`
	Reviewer  string              `json:"reviewer"`
	Decisions map[string]Decision `json:"decisions"`
	By        map[string]string   `json:"by"` // by item: who gave it (Okta user ID), beside how
	Via       map[string]Via      `json:"via"`
}
