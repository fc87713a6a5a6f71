// Package evidence is the proof that a case leaves behind: records that say who asked, who decided, what was changed
// and what was read back. The records of one ticket form a chain, each with the digest of the former one, so a record
// that was altered, dropped or slipped in is found by Check, offline and without Latchkey.
//
// The package knows no vendor and no workflow engine. Texts in a record that people wrote (reasons, remarks, subjects)
// are untrusted: the renderers escape them.
package evidence

import (
	"time"

	"latchkey/identity"
)

// Schema names the form of a record. A field may join; none is renamed or changes its meaning.
const Schema = "latchkey.record/1"

// Record is the proof of one case: one run of one ticket.
type Record struct {
	Schema          string     `json:"schema"`
	Ticket          int64      `json:"ticket"`
	Run             int        `json:"run"`      // counts the cases of this ticket from 0
	UseCase         string     `json:"use_case"` // "Offboarding"
	Mode            string     `json:"mode"`
	End             string     `json:"end"` // how the case ended, as casework.End
	Why             string     `json:"why,omitempty"`
	Summary         string     `json:"summary"`
	Subject         Subject    `json:"subject"`
	Asked           Asked      `json:"asked"`
	StartedAt       time.Time  `json:"started_at"`
	EndedAt         time.Time  `json:"ended_at"`
	TicketUpdatedAt time.Time  `json:"ticket_updated_at,omitzero"`
	Ask             string     `json:"ask,omitempty"`     // digest of what the ticket asked for
	Waiting         bool       `json:"waiting,omitempty"` // the case left the ticket open, for a person
	PolicyDigest    string     `json:"policy_digest"`
	Emergency       bool       `json:"emergency,omitempty"`
	Units           []Unit     `json:"units,omitempty"`
	Changes         []Change   `json:"changes,omitempty"`
	Proofs          []Proof    `json:"proofs,omitempty"`
	Left            []Left     `json:"left,omitempty"`
	Exclusions      []Excluded `json:"exclusions,omitempty"`
	Snapshots       []string   `json:"snapshots,omitempty"` // blob keys of everything that was read
	Log             []Line     `json:"log,omitempty"`
	// Former is the digest of the record before this one in the ticket's chain; empty for the first.
	Former string `json:"former,omitempty"`
	// Digest is over the canonical form of everything else in the record. Seal sets it.
	Digest string `json:"digest,omitempty"`
}

// Subject is whom the case was about.
type Subject struct {
	OktaUserID string `json:"okta_user_id,omitempty"`
	Name       string `json:"name,omitempty"`
	Address    string `json:"address,omitempty"`
}

// Asked is what was asked, and by whom.
type Asked struct {
	By      string         `json:"by,omitempty"`
	Address string         `json:"address,omitempty"`
	Subject string         `json:"subject,omitempty"` // of the ticket: untrusted text
	Reason  string         `json:"reason,omitempty"`  // untrusted text
	Rule    string         `json:"rule,omitempty"`    // the intake rule that classified the ticket
	Fields  map[string]any `json:"fields,omitempty"`
}

// Unit is one thing that was approved on its own: a leaver's plan, or one requested item.
type Unit struct {
	Key         string     `json:"key"`
	Title       string     `json:"title"`
	End         string     `json:"end,omitempty"`
	Why         string     `json:"why,omitempty"`
	PlanDigest  string     `json:"plan_digest,omitempty"`
	EffectiveAt time.Time  `json:"effective_at,omitzero"`
	ApprovedBy  string     `json:"approved_by"` // the way of approving: levels, desk, stage, none, break_glass
	Route       string     `json:"route,omitempty"`
	NamesNobody bool       `json:"names_nobody,omitempty"`  // this way of approving names no approver
	NamesNoPlan bool       `json:"names_no_plan,omitempty"` // these approvals name no plan digest
	Decisions   []Decision `json:"decisions,omitempty"`     // also those that did not count, and why
	Planned     []Change   `json:"planned,omitempty"`       // Outcome is empty
	Kept        []Kept     `json:"kept,omitempty"`          // what policy keeps
	Effects     []Effect   `json:"effects,omitempty"`       // what goes by itself
	Notes       []string   `json:"notes,omitempty"`         // what a reader of the plan was told
	Reopened    int        `json:"reopened,omitempty"`      // how often its levels were opened again
	// BreakGlass is set where access was granted by policy alone. The decisions are then those of its review.
	BreakGlass *BreakGlass `json:"break_glass,omitempty"`
}

// BreakGlass says that nobody approved: policy had named the rule in advance, and people looked after.
type BreakGlass struct {
	AllowedBy  string    `json:"allowed_by"` // the entry of policy that names the requester
	For        string    `json:"for"`        // the longest time policy gives
	GrantedAt  time.Time `json:"granted_at"`
	Until      time.Time `json:"until,omitzero"`
	Review     string    `json:"review"` // how the review ended
	AnsweredAt time.Time `json:"answered_at,omitzero"`
}

// Decision is one answer of one person.
type Decision struct {
	Level    string    `json:"level"`
	Group    string    `json:"group,omitempty"`
	By       string    `json:"by"`
	Address  string    `json:"address,omitempty"`
	For      string    `json:"for,omitempty"` // whom it was asked of, where a delegate answered
	Decision string    `json:"decision"`
	At       time.Time `json:"at"`
	Remark   string    `json:"remark,omitempty"` // untrusted text
	Digest   string    `json:"digest,omitempty"` // of the plan it names
	Counted  bool      `json:"counted"`
	Ignored  string    `json:"ignored,omitempty"`
}

// Change is one verb on one object, and what became of it.
type Change struct {
	ID      string               `json:"id"`
	Phase   string               `json:"phase"`
	Verb    string               `json:"verb"`
	Object  identity.Entitlement `json:"object"`
	Origin  identity.Origin      `json:"origin,omitempty"`
	Before  string               `json:"before,omitempty"`
	After   string               `json:"after,omitempty"`
	Inverse string               `json:"inverse,omitempty"`
	Reason  string               `json:"reason,omitempty"`
	Outcome string               `json:"outcome,omitempty"`
	Detail  string               `json:"detail,omitempty"`
	At      time.Time            `json:"at,omitzero"`
}

// Proof is one expectation and what was seen when Okta was read again.
type Proof struct {
	What   string    `json:"what"`
	Proved bool      `json:"proved"`
	Saw    string    `json:"saw"`
	At     time.Time `json:"at,omitzero"`
}

// Left is a residual: what differs, why, and who owns it.
type Left struct {
	Object   identity.Entitlement `json:"object"`
	Why      string               `json:"why"`
	Owner    string               `json:"owner"`
	Expected bool                 `json:"expected,omitempty"`
}

// Kept is what policy keeps.
type Kept struct {
	Object identity.Entitlement `json:"object"`
	Why    string               `json:"why"`
	Who    string               `json:"who,omitempty"`
	Until  time.Time            `json:"until,omitzero"`
}

// Effect is what a change brings about by itself.
type Effect struct {
	Object  identity.Entitlement `json:"object"`
	Because string               `json:"because"`
}

// Excluded is an entry a removal left on a group rule; a rehire has to look for it.
type Excluded struct {
	Rule  identity.Ref `json:"rule"`
	Group identity.Ref `json:"group"`
}

// Line is something that happened beside the plan: an operator's command, a guard that held.
type Line struct {
	At   time.Time `json:"at"`
	Text string    `json:"text"`
}

// TicketLabel is what people call the record's ticket.
func (r Record) TicketLabel() string { return label(r.Ticket) }
