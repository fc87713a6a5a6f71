package contract

import (
	"time"

	"latchkey/identity"
)

// GlassReview is the state of a unit that was granted by break-glass: by policy, at once, with no approver. Its levels are
// opened in Freshservice after the grant and decide whether the access stays until its end.
type GlassReview struct {
	GrantedAt time.Time `json:"granted_at"`
	Until     time.Time `json:"until,omitzero"`    // when the access ends by itself
	Claimed   bool      `json:"claimed,omitempty"` // the time-bound grant that ends it knows
	Told      bool      `json:"told,omitempty"`    // those whom policy names were told
	Tell      []string  `json:"tell,omitempty"`    // their addresses
	Due       time.Time `json:"due"`               // when the review is late, or late again
	Late      int       `json:"late,omitempty"`    // how often it was said that it is late
	// Answer is empty while nobody decided.
	Answer     GlassAnswer `json:"answer,omitempty"`
	AnsweredAt time.Time   `json:"answered_at,omitzero"`
	Why        string      `json:"why,omitempty"` // who decided what, in words
}

// GlassAnswer is how a review ended.
type GlassAnswer string

// The answers. GlassLeft is none: the case ended before anybody decided.
const (
	GlassConfirmed GlassAnswer = "confirmed"
	GlassRejected  GlassAnswer = "rejected"
	GlassLeft      GlassAnswer = "left"
)

// Words say how the review stands.
func (r GlassReview) Words() string {
	switch r.Answer {
	case GlassConfirmed:
		return "confirmed: " + r.Why
	case GlassRejected:
		return "rejected: " + r.Why
	case GlassLeft:
		return "never answered: " + r.Why
	}
	return "not answered yet"
}

// CloseGlassInput says how the break-glass of one person and entitlement ended. Until it was confirmed, or never
// happened, the same person breaks that glass no second time.
type CloseGlassInput struct {
	Ticket     int64                `json:"ticket"`
	Run        int                  `json:"run"`
	Unit       string               `json:"unit"`
	OktaUserID string               `json:"okta_user_id"`
	Object     identity.Entitlement `json:"object"`
	Answer     GlassAnswer          `json:"answer"` // empty: nothing was granted after all
}
