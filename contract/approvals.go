package contract

import (
	"time"

	"latchkey/approval"
	"latchkey/casework"
)

// RouteApprovalInput asks policy who has to approve one unit, and the desk who these people are.
type RouteApprovalInput struct {
	Request casework.Request `json:"request"`
	Unit    Unit             `json:"unit"`
}

// RouteApprovalResult is the chain, with people in it, and who may not answer.
type RouteApprovalResult struct {
	Chain approval.Chain `json:"chain"`
	Bans  []approval.Ban `json:"bans,omitempty"`
	// Tell are the addresses that hear of a break-glass grant at once, where the chain is of its review.
	Tell []string `json:"tell,omitempty"`
}

// OpenLevelInput makes sure that everybody who may still answer at this level has been asked. It is idempotent: groups
// are found by name. Where the vendor closed a group too early a further group goes to those who have not answered.
type OpenLevelInput struct {
	Ticket int64 `json:"ticket"`
	Run    int   `json:"run"`
	Unit   Unit  `json:"unit"`
	// Only narrows whom to ask, by group: the engine's GroupOutcome.Waiting. Empty asks the whole level.
	Only []approval.GroupOutcome `json:"only,omitempty"`
	// Request lets the mail to the approvers say who asked, for whom and why. Without it the mail shows the plan alone.
	Request casework.Request `json:"request,omitzero"`
}

// OpenLevelResult says what was opened.
type OpenLevelResult struct {
	Opened  []string `json:"opened,omitempty"` // names of groups opened now
	Already []string `json:"already,omitempty"`
}

// ReadApprovalsInput reads every answer that concerns this case.
type ReadApprovalsInput struct {
	Ticket int64         `json:"ticket"`
	Run    int           `json:"run"`
	Mode   approval.Mode `json:"mode"`
	Units  []Unit        `json:"units"`
	// Request lets ModeStage ask policy with the items as they were classified. Without it the ticket is classified anew.
	Request casework.Request `json:"request,omitzero"`
}

// ReadApprovalsResult is what Freshservice says now.
type ReadApprovalsResult struct {
	Votes []UnitVotes `json:"votes,omitempty"`
	// Stranger votes are on the ticket but were not opened by this case: they never count under ModeLevels.
	Strangers []approval.Vote `json:"strangers,omitempty"`
	// Desk is the ticket's own chain (ModeDesk) or stage (ModeStage).
	Desk  DeskDecision `json:"desk,omitzero"`
	Reach bool         `json:"reach,omitempty"` // ModeStage: the stage has been reached
}

// UnitVotes are the votes of one unit's open level.
type UnitVotes struct {
	Unit  string          `json:"unit"`
	Level int             `json:"level"`
	Round int             `json:"round"`
	Votes []approval.Vote `json:"votes"`
	Asked []int64         `json:"asked,omitempty"` // desk IDs of people with an open request
	// StandIns have to be asked as well from now on, because somebody of their group is away.
	StandIns []StandIn `json:"stand_ins,omitempty"`
	Again    time.Time `json:"again,omitzero"` // when somebody asked here will be away next; zero is never
}

// StandIn is somebody to ask in a group beside a person who is away; Why of the stand-in says until when and why.
type StandIn struct {
	Group   string           `json:"group"` // approval.Group.Name
	StandIn approval.StandIn `json:"stand_in"`
}

// DeskDecision is the state of the desk's own chain.
type DeskDecision struct {
	Status string          `json:"status,omitempty"` // Freshservice's word: requested, approved, rejected, cancelled, not_requested
	Votes  []approval.Vote `json:"votes,omitempty"`
}

// RemindInput reminds everybody with an open request at the unit's level.
type RemindInput struct {
	Ticket int64 `json:"ticket"`
	Run    int   `json:"run"`
	Unit   Unit  `json:"unit"`
}

// WithdrawInput cancels what is still open: of one unit's level, or of the whole case when Unit is nil.
type WithdrawInput struct {
	Ticket int64 `json:"ticket"`
	Run    int   `json:"run"`
	Unit   *Unit `json:"unit,omitempty"`
}

// CheckReassignInput asks whether policy allows a person to answer at the unit's level.
type CheckReassignInput struct {
	Request casework.Request `json:"request"`
	Unit    Unit             `json:"unit"`
	To      string           `json:"to"`
}

// CheckReassignResult is the answer.
type CheckReassignResult struct {
	Allowed  bool              `json:"allowed"`
	Why      string            `json:"why"`
	Approver approval.Approver `json:"approver,omitzero"`
}
