package contract

import (
	"time"

	"latchkey/casework"
	"latchkey/identity"
)

// PlanInput asks for the plan of a request, from the present state of Okta and the policy in force. It changes
// nothing.
type PlanInput struct {
	Request    casework.Request `json:"request"`
	Reschedule *Reschedule      `json:"reschedule,omitempty"`
	Run        int              `json:"run,omitempty"`
}

// PlanResult is the plan, or the clear end that needs none.
type PlanResult struct {
	// Missing is what a person has to say on the ticket before there can be a plan.
	Missing []casework.Missing `json:"missing,omitempty"`
	Person  identity.Person    `json:"person,omitzero"` // whom the case is about, where it is one person
	Units   []Unit             `json:"units,omitempty"` // Unit.End is set where a unit has a clear end already
	End     casework.End       `json:"end,omitempty"`   // the whole case has a clear end
	Why     string             `json:"why,omitempty"`
	// Alarm is what security has to hear, once.
	Alarm string `json:"alarm,omitempty"`
}

// AskSecurityInput opens the one ticket that tells security of a reset that is held.
type AskSecurityInput struct {
	Ticket int64     `json:"ticket"` // the case
	Run    int       `json:"run"`
	Person string    `json:"person"`
	Why    string    `json:"why"`
	At     time.Time `json:"at"`
}

// AskSecurityResult names the ticket.
type AskSecurityResult struct {
	Ticket int64 `json:"ticket"`
}

// PreviewInput names the ticket whose plan is shown.
type PreviewInput struct {
	Ticket int64 `json:"ticket"`
}

// PreviewResult is what would be done, and who would be asked.
type PreviewResult struct {
	Request casework.Request   `json:"request"`
	Missing []casework.Missing `json:"missing,omitempty"`
	Plan    PlanResult         `json:"plan"`
}

// ApplyInput carries out one change. Person.OktaUserID is empty only for a create_account. The key is business: ticket, run, unit and change; never a run ID or an attempt.
type ApplyInput struct {
	Ticket   int64            `json:"ticket"`
	Run      int              `json:"run"`
	UseCase  casework.UseCase `json:"use_case"`
	Unit     string           `json:"unit"`
	Person   identity.Person  `json:"person"`
	Change   casework.Change  `json:"change"`
	Named    bool             `json:"named,omitempty"`    // a person named the ticket
	Created  time.Time        `json:"created,omitzero"`   // of the ticket, for the backlog guard
	Deciders []string         `json:"deciders,omitempty"` // e-mail addresses whose approval counted, for protected people
	// Emergency changes are reversible and run before their approval; the cap on emergencies is a guard.
	Emergency bool `json:"emergency,omitempty"`
	// BreakGlass says that the change is made, or taken back, by break-glass: its review comes after.
	BreakGlass bool `json:"break_glass,omitempty"`
	// Reset is what a credential reset needs, by the plan that was approved.
	Reset *casework.ResetTerms `json:"reset,omitempty"`
	// Since is when the case began to change things: an event of the System Log after it may be this case's.
	Since time.Time `json:"since,omitzero"`
	// Undo lets a rejected emergency be taken back (unsuspend), unless another leaver of the same person stands.
	Undo bool `json:"undo,omitempty"`
}

// ApplyResult is what became of the change. Held and refused changes wrote nothing.
type ApplyResult struct {
	Outcome Outcome   `json:"outcome"`
	Detail  string    `json:"detail,omitempty"`
	Guard   string    `json:"guard,omitempty"` // which guard held or refused it
	Until   time.Time `json:"until,omitzero"`  // until when it is held, where known
	At      time.Time `json:"at,omitzero"`
	// OktaUserID is the account that a create_account made or found.
	OktaUserID string `json:"okta_user_id,omitempty"`
	// Tripped asks the case to have a person asked: this change was the one that tripped the mass-change guard.
	Tripped *AdmitVerdict `json:"tripped,omitempty"`
}

// The guards, as ApplyResult.Guard names them.
const (
	GuardMode       = "mode"
	GuardFreeze     = "freeze"
	GuardProtected  = "protected"
	GuardHold       = "legal_hold"
	GuardKeep       = "keep_list"
	GuardLeaver     = "leaver_wins"
	GuardMassChange = "mass_change"
	GuardLastAdmin  = "last_admin"
	GuardEmergency  = "emergency_cap"
	GuardBacklog    = "backlog"
	GuardBreakGlass = "break_glass" // an earlier break-glass of the same person and thing was not confirmed
	GuardTurn       = "turn"        // of a sync: a case about the person is under way
	GuardReset      = "reset_firewall"
	GuardApproval   = "reset_approval"
)

// SettledInput asks whether the vendor's own jobs have taken some things away and given others.
type SettledInput struct {
	Person identity.Person        `json:"person"`
	Gone   []identity.Entitlement `json:"gone"`
	Come   []identity.Entitlement `json:"come,omitempty"`
	// EnrolledSince asks whether an authenticator was enrolled since then; zero does not.
	EnrolledSince time.Time `json:"enrolled_since,omitzero"`
}

// SettledResult lists what still stands and what has not come.
type SettledResult struct {
	Still    []identity.Grant       `json:"still,omitempty"`
	Lacking  []identity.Entitlement `json:"lacking,omitempty"`
	Enrolled bool                   `json:"enrolled,omitempty"` // as EnrolledSince asked
}

// VerifyInput reads Okta again, independently of what the changes reported.
type VerifyInput struct {
	Ticket  int64            `json:"ticket"`
	Run     int              `json:"run"`
	UseCase casework.UseCase `json:"use_case"`
	Plan    casework.Plan    `json:"plan"`
	Done    []Done           `json:"done"`
	Since   time.Time        `json:"since,omitzero"` // as in ApplyInput
	// Nothing proves a denial: that none of the plan's grants is there because of this case.
	Nothing bool `json:"nothing,omitempty"`
}

// VerifyResult is the proof.
type VerifyResult struct {
	Proofs []Proof `json:"proofs,omitempty"`
	// Unsettled things should go by themselves and have not yet: look again.
	Unsettled []identity.Grant    `json:"unsettled,omitempty"`
	Residuals []casework.Residual `json:"residuals,omitempty"`
	// Sweep lists changes that would take away what still stands after deactivation.
	Sweep      []casework.Change   `json:"sweep,omitempty"`
	Exclusions []RuleExclusion     `json:"exclusions,omitempty"`
	Status     identity.UserStatus `json:"status,omitempty"`
	Snapshot   string              `json:"snapshot,omitempty"` // blob key of everything that was read
	At         time.Time           `json:"at,omitzero"`
}

// Proof is one expectation and what was seen.
type Proof struct {
	What   string `json:"what"`
	Proved bool   `json:"proved"`
	Saw    string `json:"saw"`
}

// RuleExclusion is an entry that a removal left on a group rule's exclusion list; a rehire has to look for it.
type RuleExclusion struct {
	Rule  identity.Ref `json:"rule"`
	Group identity.Ref `json:"group"`
}

// EvidenceInput is everything a record is made of.
type EvidenceInput struct {
	Case   Case           `json:"case"`
	End    casework.End   `json:"end"`
	Why    string         `json:"why,omitempty"`
	Verify []VerifyResult `json:"verify,omitempty"`
	// Ask and Waiting ride on the record (RecordRef).
	Ask     string `json:"ask,omitempty"`
	Waiting bool   `json:"waiting,omitempty"`
	// Grant is set for the record of a time-bound grant that ended; such records are kept by grant, beside the ticket's.
	Grant *GrantState `json:"grant,omitempty"`
}

// RequestTurnInput starts the person's workflow if need be and asks for a turn.
type RequestTurnInput struct {
	OktaUserID string      `json:"okta_user_id"`
	Request    TurnRequest `json:"request"`
}

// CaseOpenInput asks whether a ticket's case is still running.
type CaseOpenInput struct {
	Ticket   int64  `json:"ticket"`
	Workflow string `json:"workflow,omitempty"` // as in Turn
}

// CaseOpenResult is the answer.
type CaseOpenResult struct {
	Open bool `json:"open"`
}

// AskMassChangeInput opens the one ticket that asks a person about a tripped guard.
type AskMassChangeInput struct {
	Verdict AdmitVerdict `json:"verdict"`
	Ticket  int64        `json:"ticket"` // the case that tripped it
	At      time.Time    `json:"at"`
}

// AskMassChangeResult names the ticket.
type AskMassChangeResult struct {
	Ticket int64 `json:"ticket"`
}

// SweepInput begins a sweep at the last completed one.
type SweepInput struct {
	Now time.Time `json:"now"`
}

// SweepResult counts what a sweep did.
type SweepResult struct {
	Since   time.Time `json:"since"`
	Read    int       `json:"read"`    // tickets looked at
	Nudged  int       `json:"nudged"`  // cases nudged because their ticket changed
	Started int       `json:"started"` // wanted tickets without a case
	Answers int       `json:"answers"` // cases nudged because an approval was answered
	// Absences are cases nudged because policy says anew who is away.
	Absences int `json:"absences,omitempty"`
}

// DigestInput asks for the daily digest of a day.
type DigestInput struct {
	Now time.Time `json:"now"`
}
