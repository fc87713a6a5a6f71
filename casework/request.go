package casework

import "time"

// Request is a ticket, normalised: what one person asked for about another.
type Request struct {
	Ticket      Ticket    `json:"ticket"`
	UseCase     UseCase   `json:"use_case"`
	Rule        string    `json:"rule"` // the intake rule that classified it
	Mode        Mode      `json:"mode"`
	Backlog     bool      `json:"backlog,omitempty"` // created before the use case entered act: runs only when named
	Subject     string    `json:"subject,omitempty"` // e-mail address of the person it is about
	Items       []Item    `json:"items,omitempty"`   // AccessRequest
	EffectiveAt time.Time `json:"effective_at,omitzero"`
	// EffectiveText is what the ticket said, for people: "2026-12-04 18:00 Europe/Berlin".
	EffectiveText string `json:"effective_text,omitempty"`
	// LocalEffective is the wanted wall-clock time without a zone, "2006-01-02T15:04"; the planner puts the person's
	// zone to it. Empty when the ticket named none, or when EffectiveAt is already exact.
	LocalEffective string `json:"local_effective,omitempty"`
	// Emergency is set only when the ticket asks for an emergency and policy lets this requester call one.
	Emergency bool `json:"emergency,omitempty"`
	// EmergencyRefused says why an emergency that was asked for is not one: noted, and routed to approval.
	EmergencyRefused string         `json:"emergency_refused,omitempty"`
	Reason           string         `json:"reason,omitempty"` // the requester's words: untrusted text
	Fields           map[string]any `json:"fields,omitempty"` // the other answers, by policy's names
	// Answers are what people said on the ticket about who a joiner is; read once that was asked.
	Answers      []PersonAnswer `json:"answers,omitempty"`
	PolicyDigest string         `json:"policy_digest"`
	// Reset is what a CredentialReset asks for.
	Reset *ResetAsk `json:"reset,omitempty"`
}

// Ticket is what Latchkey keeps of a ticket. It holds no description and no conversation.
type Ticket struct {
	Number      int64     `json:"number"`
	Subject     string    `json:"subject,omitempty"` // untrusted text
	Type        string    `json:"type,omitempty"`
	Status      int       `json:"status"`
	StatusName  string    `json:"status_name,omitempty"`
	Closed      bool      `json:"closed,omitempty"`  // resolved or closed
	Gone        bool      `json:"gone,omitempty"`    // deleted or spam
	Pending     bool      `json:"pending,omitempty"` // has the policy's waiting status
	Requester   Asker     `json:"requester"`
	CreatedAt   time.Time `json:"created_at,omitzero"`
	UpdatedAt   time.Time `json:"updated_at,omitzero"`
	URL         string    `json:"url,omitempty"`
	DeskOutcome string    `json:"desk_outcome,omitempty"` // the ticket's own approval status, in words
}

// Asker is the requester of a ticket.
type Asker struct {
	DeskID int64  `json:"desk_id,omitempty"`
	Name   string `json:"name,omitempty"`
	Email  string `json:"email,omitempty"`
}

// Item is one thing asked for in an access request: one requested item of the ticket, or the ticket itself.
type Item struct {
	Key           string         `json:"key"` // stable within the ticket: the requested item's ID
	Name          string         `json:"name"`
	Catalogue     string         `json:"catalogue,omitempty"` // the catalogue entry policy found; empty is unknown
	Beneficiary   string         `json:"beneficiary"`         // e-mail address
	Justification string         `json:"justification,omitempty"`
	Fields        map[string]any `json:"fields,omitempty"`
	// Days is how long it is asked for; zero leaves it to policy.
	Days float64 `json:"days,omitempty"`
	// From and Until are when it is to begin and to end: RFC 3339, or the person's wall clock as "2006-01-02T15:04". Empty
	// names no moment.
	From  string `json:"from,omitempty"`
	Until string `json:"until,omitempty"`
	// BreakGlass is set when policy has the item granted at once and reviewed after, and lets this requester ask for that.
	BreakGlass *BreakGlass `json:"break_glass,omitempty"`
	// BreakGlassRefused says why an item that policy marks as break-glass goes by the ordinary approval all the same.
	BreakGlassRefused string `json:"break_glass_refused,omitempty"`
}

// Missing is a field that a ticket lacks or that cannot be used.
type Missing struct {
	Field string `json:"field"` // policy's name
	Label string `json:"label"` // what the form calls it
	Why   string `json:"why"`   // "is empty", "is not a date: \"soon\""
	// Answerable says that a note on the ticket may answer it: the ticket is read with its notes from then on.
	Answerable bool `json:"answerable,omitempty"`
}
