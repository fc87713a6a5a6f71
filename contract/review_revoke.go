package contract

import (
	"time"

	"latchkey/casework"
	"latchkey/identity"
)

// RevocationWorkflowID is the workflow that takes away from one person what a campaign revoked.
func RevocationWorkflowID(campaign, oktaUserID string) string {
	return ReviewWorkflowID(campaign) + "/revoke/" + oktaUserID
}

// RevocationInput starts the revocations of one person in a campaign (WorkflowRevocation), and carries them over
// continue-as-new.
type RevocationInput struct {
	Campaign string             `json:"campaign"`
	Ticket   int64              `json:"ticket"` // the campaign's: notes about a case that parks go there
	Person   identity.Person    `json:"person"` // Okta user ID and name; no more
	Revoked  []casework.Revoked `json:"revoked"`
	Times    Times              `json:"times"`
	Owner    string             `json:"owner"` // of what nothing else names an owner for
	Case     *Case              `json:"case,omitempty"`
}

// RevocationResult is what became of each revoked item.
type RevocationResult struct {
	Items []RevocationItem `json:"items"`
}

// RevocationEnd is what became of a revoked item.
type RevocationEnd string

// The ends.
const (
	RevocationGone RevocationEnd = "gone" // taken away, or gone before, and read back
	RevocationKept RevocationEnd = "kept" // policy keeps it: keep-list, legal hold, protection
	RevocationLeft RevocationEnd = "left" // still there: a residual with an owner
)

// RevocationItem is the end of one revoked item.
type RevocationItem struct {
	Item   string               `json:"item"`
	Object identity.Entitlement `json:"object"`
	End    RevocationEnd        `json:"end"`
	Why    string               `json:"why,omitempty"`
	Owner  string               `json:"owner,omitempty"` // of what is left or kept
	// Source says that it has to be taken away where it comes from: a group, a rule, another system.
	Source bool      `json:"source,omitempty"`
	At     time.Time `json:"at"`
}

// PlanRevocationsInput asks for the plan of a person's revocations, from the present state of Okta.
type PlanRevocationsInput struct {
	Campaign string             `json:"campaign"`
	Person   identity.Person    `json:"person"`
	Revoked  []casework.Revoked `json:"revoked"`
}

// PlanRevocationsResult is the plan; Gone says that the account is no longer in Okta, and with it everything it held.
type PlanRevocationsResult struct {
	Plan casework.Plan `json:"plan"`
	Gone bool          `json:"gone,omitempty"`
}
