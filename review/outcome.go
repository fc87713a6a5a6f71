package review

import "time"

// OutcomeState is what became of an item after its answer, or for want of one.
type OutcomeState string

// The states. A certified item has no outcome: it stays as it is.
const (
	OutcomeGone     OutcomeState = "gone"      // revoked, and read back: it is not there
	OutcomeLeft     OutcomeState = "left"      // revoked, and still there: a residual with an owner
	OutcomeKept     OutcomeState = "kept"      // not answered, and policy keeps it
	OutcomeNoAnswer OutcomeState = "no_answer" // not answered, and nothing was done
)

// Outcome is what became of one item.
type Outcome struct {
	Item  string       `json:"item"` // Item.ID
	State OutcomeState `json:"state"`
	// Unanswered says that nobody answered and policy's no_response decided, for OutcomeGone and OutcomeLeft.
	Unanswered bool   `json:"unanswered,omitempty"`
	Owner      string `json:"owner,omitempty"` // who has to finish a residual: "owner of group rule Sales"
	Why        string `json:"why,omitempty"`
	// ProvedAt is when it was read back; zero where nothing was. It is evidence, and no part of the campaign digest.
	ProvedAt time.Time `json:"proved_at,omitzero"`
}

// Final is how one reviewer's part ended, as the evidence pack reads it: FinalKey. A long one lies in several parts, with
// the same Answers in each.
type Final struct {
	Campaign string `json:"campaign"`
	Reviewer string `json:"reviewer"`
	// Answers is the key of the newest Answers; empty: none were given.
	Answers  string    `json:"answers,omitempty"`
	Outcomes []Outcome `json:"outcomes,omitempty"`
}
