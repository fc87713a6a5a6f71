package contract

import (
	"time"

	"latchkey/casework"
)

// PersonInput starts or continues the workflow that gives turns.
type PersonInput struct {
	OktaUserID string `json:"okta_user_id"`
	Turns      Turns  `json:"turns"`
}

// Turns is who may change this person now, and who is next.
type Turns struct {
	Holder  *Turn  `json:"holder,omitempty"`
	Waiting []Turn `json:"waiting,omitempty"`
	// Leaver is the case of a leaver that began; while it stands nothing is granted to this person.
	Leaver int64 `json:"leaver,omitempty"`
	// Resets are the credential resets that the firewall let through and that still matter.
	Resets []casework.ResetMark `json:"resets,omitempty"`
}

// ResetRequest asks the firewall of one person to let a credential reset through, as ResetMark.Role says: as whose
// account it is, or as who asked. Asking again for the same ticket, run and role is free.
type ResetRequest struct {
	Mark   casework.ResetMark   `json:"mark"` // At and Keep are the workflow's to set
	Limits casework.ResetLimits `json:"limits"`
}

// Turn is one case's place in the line.
type Turn struct {
	Ticket int64 `json:"ticket"`
	// Workflow is set where something else than the ticket's case takes the turn, such as a grant that ends.
	Workflow string           `json:"workflow,omitempty"`
	UseCase  casework.UseCase `json:"use_case"`
	Since    time.Time        `json:"since"`
}

// WorkflowID is who takes the turn.
func (t Turn) WorkflowID() string {
	if t.Workflow != "" {
		return t.Workflow
	}
	return TicketWorkflowID(t.Ticket)
}

// TurnRequest asks for a turn; asking twice is asking once.
type TurnRequest struct {
	Ticket   int64            `json:"ticket"`
	Workflow string           `json:"workflow,omitempty"` // as in Turn
	UseCase  casework.UseCase `json:"use_case"`
	// LeaverBegan says that an emergency leaver began: it waits for no turn, and nothing is granted from now on.
	LeaverBegan bool `json:"leaver_began,omitempty"`
}

// TurnRelease gives a turn back, or leaves the line.
type TurnRelease struct {
	Ticket   int64  `json:"ticket"`
	Workflow string `json:"workflow,omitempty"` // as in Turn
}

// LeaverSignal says that a leaver for this person began or was called off.
type LeaverSignal struct {
	OktaUserID string `json:"okta_user_id"`
	Ticket     int64  `json:"ticket"`
	Began      bool   `json:"began"`
}

// TurnGranted tells a case that it may go on.
type TurnGranted struct {
	OktaUserID string `json:"okta_user_id"`
	Leaver     int64  `json:"leaver,omitempty"` // a leaver's ticket: grant nothing
}
