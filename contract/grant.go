package contract

import (
	"strings"
	"time"

	"latchkey/identity"
)

// UnitGrant is the key of a time-bound grant's one unit, in what it applies and in its evidence.
const UnitGrant = "grant"

// GrantWorkflowID is the workflow that owns a time-bound grant of one entitlement to one person.
func GrantWorkflowID(oktaUserID string, object identity.Entitlement) string {
	return GrantWorkflowPrefix(oktaUserID) + object.Key()
}

// GrantWorkflowPrefix begins the IDs of all time-bound grants of a person.
func GrantWorkflowPrefix(oktaUserID string) string { return "grant/" + oktaUserID + "/" }

// GrantFolder is where the evidence of a time-bound grant lies, given its workflow ID; false for any other ID.
func GrantFolder(workflowID string) (string, bool) {
	parts := strings.Split(workflowID, "/")
	if len(parts) != 3 || parts[0] != "grant" || parts[1] == "" {
		return "", false
	}
	kind, id, ok := strings.Cut(parts[2], ":")
	if !ok || kind == "" || id == "" {
		return "", false
	}
	return "grants/" + parts[1] + "/" + kind + "-" + id, true
}

// GrantInput starts or continues the workflow of a time-bound grant.
type GrantInput struct {
	Grant GrantState `json:"grant"`
	// Case is the state carried over a continue-as-new; nil at a start.
	Case *Case `json:"case,omitempty"`
}

// GrantState answers QueryGrant: who holds what, and why for how long.
type GrantState struct {
	Person  identity.Person      `json:"person"` // Okta user ID and name; no more
	Object  identity.Entitlement `json:"object"`
	Claims  []Claim              `json:"claims,omitempty"`
	Noticed []string             `json:"noticed,omitempty"` // notices that were given, by key
	// Since is when the first claim was told; it names the grant in its evidence.
	Since time.Time `json:"since,omitzero"`
	// Ended is set when a case took the entitlement away: the grant then ends without revoking.
	Ended *GrantEndedSignal `json:"ended,omitempty"`
}

// Claim is one approved item that holds a grant.
type Claim struct {
	Ticket int64  `json:"ticket"`
	Run    int    `json:"run,omitempty"`
	Item   string `json:"item"`
	// From is when the access was read back, and Until when the claim ends; zero is for good.
	From   time.Time     `json:"from"`
	Until  time.Time     `json:"until,omitzero"`
	Notice time.Duration `json:"notice,omitempty"` // before the end people hear of it; zero is casework.DefaultNotice
}

// Permanent says whether the claim has no end.
func (c Claim) Permanent() bool { return c.Until.IsZero() }

// Standing says until when the grant stands as things are; zero is for good.
func (g GrantState) Standing() time.Time {
	var last time.Time
	for _, c := range g.Claims {
		if c.Permanent() {
			return time.Time{}
		}
		if c.Until.After(last) {
			last = c.Until
		}
	}
	return last
}

// ClaimSignal tells a grant of a claim. The same ticket and item replaces its earlier claim.
type ClaimSignal struct {
	Claim Claim  `json:"claim"`
	Times Times  `json:"times"`           // the waits of the case that claims
	Owner string `json:"owner,omitempty"` // of what is left
}

// GrantEndedSignal says that a case took the entitlement away.
type GrantEndedSignal struct {
	Ticket int64     `json:"ticket"`
	At     time.Time `json:"at"`
}

// ClaimGrantInput tells the grant of one change of a case.
type ClaimGrantInput struct {
	Person identity.Person      `json:"person"`
	Object identity.Entitlement `json:"object"`
	Signal ClaimSignal          `json:"signal"`
}

// GrantFacts is what a text says of a time-bound grant.
type GrantFacts struct {
	Workflow string    `json:"workflow"` // its workflow ID, for commands
	Object   string    `json:"object"`   // "group AWS Production Administrators"
	Person   string    `json:"person"`
	Until    time.Time `json:"until,omitzero"`
	Claims   []Claim   `json:"claims,omitempty"`
}
