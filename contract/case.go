package contract

import (
	"time"

	"latchkey/approval"
	"latchkey/casework"
	"latchkey/identity"
)

// CaseInput starts a case, and carries it over every continue-as-new. A fresh start sets Ticket and Named only.
type CaseInput struct {
	Ticket int64 `json:"ticket"`
	// Named is set when a person named the ticket (`starter start`): it lifts the backlog guard, nothing else.
	Named *Operator `json:"named,omitempty"`
	// Case is the state carried over; nil at a fresh start.
	Case *Case `json:"case,omitempty"`
}

// Operator is who sent a command. The name is a claim: nobody checked it.
type Operator struct {
	By     string `json:"by"`
	Reason string `json:"reason"`
}

// Case is everything a running case knows. It is carried over continue-as-new whole, so it stays small: no snapshots,
// no tables for machines; those are in the evidence store.
type Case struct {
	Request    casework.Request `json:"request"`
	State      casework.State   `json:"state"`
	Plan       *casework.Plan   `json:"plan,omitempty"`
	Units      []Unit           `json:"units,omitempty"` // what is approved: the plan, or one requested item each
	Done       []Done           `json:"done,omitempty"`  // changes applied so far, in order
	Reschedule *Reschedule      `json:"reschedule,omitempty"`
	Asked      []string         `json:"asked,omitempty"` // markers of notes that asked the requester for something
	Earlier    *RecordRef       `json:"earlier,omitempty"`
	Log        []LogLine        `json:"log,omitempty"` // what operators and guards did, for the report
	Times      Times            `json:"times"`
	Owner      string           `json:"owner,omitempty"`  // of what is left where nothing names another, from policy
	Checks     []VerifyResult   `json:"checks,omitempty"` // the newest verification of each round, for the report
	Problem    *Problem         `json:"problem,omitempty"`
	// SkipLadder is set when an operator expedites while the ladder's next rung is waited for.
	SkipLadder bool      `json:"skip_ladder,omitempty"`
	DoorAt     time.Time `json:"door_at,omitzero"` // when the door was shut: the ladder counts from here
	// ReadNotes is set once people may answer on the ticket who a joiner is: it is read with its notes from then on.
	ReadNotes bool `json:"read_notes,omitempty"`
	// MadeAccount is the account that this case made for a joiner.
	MadeAccount string `json:"made_account,omitempty"`
	// RulesGave is set once group rules gave a mover what the new attributes earn.
	RulesGave bool `json:"rules_gave,omitempty"`
	// GrantedAt is when a mover's new access stood: the overlap counts from here.
	GrantedAt  time.Time `json:"granted_at,omitzero"`
	Begun      bool      `json:"begun,omitempty"`       // an approved leaver has shut the door: it is carried to its end
	Parked     int       `json:"parked,omitempty"`      // how often the case parked: part of the note's key
	LeaverSaid bool      `json:"leaver_said,omitempty"` // the person's workflow knows that this leaver stands
	Nudged     bool      `json:"nudged,omitempty"`      // a nudge came that nobody has read the ticket for
	Unread     bool      `json:"unread,omitempty"`      // the ticket may ask for something that no reading took up
	// AsksElse is set while the ticket, as it was last read, asks for something else than what is carried out.
	AsksElse bool `json:"asks_else,omitempty"`
	// ResettingAt is when a credential reset began to change things.
	ResettingAt time.Time `json:"resetting_at,omitzero"`
	// Reported is set once the result is on the ticket; what follows is only idling.
	Reported *CaseResult `json:"reported,omitempty"`
	IdleAt   time.Time   `json:"idle_at,omitzero"`
	// WrittenAt is the ticket's own time of our last change of it: a later read that is not newer shows an older state.
	WrittenAt time.Time `json:"written_at,omitzero"`
	StartedAt time.Time `json:"started_at"`
	Run       int       `json:"run,omitempty"` // how many times this ticket has had a case before this one
}

// Unit is one thing that is approved on its own.
type Unit struct {
	Key     string         `json:"key"` // Item.Key; "plan" for a leaver
	Title   string         `json:"title"`
	Plan    casework.Plan  `json:"plan"`
	Chain   approval.Chain `json:"chain"`
	Bans    []approval.Ban `json:"bans,omitempty"`
	Level   int            `json:"level"` // index of the level that is open, or len(Levels) when all have approved
	Opened  time.Time      `json:"opened,omitzero"`
	AskedAt time.Time      `json:"asked_at,omitzero"` // when asking for the open level began: an older answer is about something else
	// Since is when the ticket last changed into another plan: under the desk's own chain an older answer does not count.
	Since time.Time `json:"since,omitzero"`
	// Leave is set when the stage was reached for another plan: the ticket has to leave it and reach it again.
	Leave   bool                 `json:"leave,omitempty"`
	Remind  int                  `json:"remind,omitempty"` // reminders sent at this level
	Raised  bool                 `json:"raised,omitempty"` // escalated at this level
	Extra   []approval.Approver  `json:"extra,omitempty"`  // added at this level by reassign
	Decided []approval.Approver  `json:"decided,omitempty"`
	Log     []DecisionLine       `json:"log,omitempty"`
	Status  approval.Status      `json:"status,omitempty"` // StatusOpen until the chain has ended
	End     casework.End         `json:"end,omitempty"`    // how the unit ended, once it has
	Why     string               `json:"why,omitempty"`
	Tasks   []Task               `json:"tasks,omitempty"` // what a joiner needs that is not in Okta
	Left    []casework.Residual  `json:"left,omitempty"`
	Subject identity.Entitlement `json:"subject,omitzero"` // AccessRequest: what is granted
	Round   int                  `json:"round,omitempty"`  // how often the levels were opened again
	// Review is set once the unit was granted by break-glass: its levels then ask whether that was right.
	Review *GlassReview `json:"review,omitempty"`
}

// DecisionLine is one logged decision: who, when, level, remark, digest.
type DecisionLine struct {
	Level    string            `json:"level"`
	Group    string            `json:"group"`
	By       approval.Approver `json:"by"`
	For      approval.Approver `json:"for"`
	Decision approval.Decision `json:"decision"`
	At       time.Time         `json:"at"`
	Remark   string            `json:"remark,omitempty"` // untrusted text
	Digest   string            `json:"digest,omitempty"` // empty when the approval named no plan (desk, stage)
	Counted  bool              `json:"counted"`
	Ignored  approval.Reason   `json:"ignored,omitempty"`
}

// Done is one change that was carried out, with what the vendor said.
type Done struct {
	Change  casework.Change `json:"change"`
	Outcome Outcome         `json:"outcome"`
	Detail  string          `json:"detail,omitempty"`
	At      time.Time       `json:"at"`
	// OktaUserID is the account that a create_account made.
	OktaUserID string `json:"okta_user_id,omitempty"`
	Guard      string `json:"guard,omitempty"` // which guard refused it
}

// Outcome is what became of a change.
type Outcome string

// The outcomes of a change.
const (
	OutcomeDone    Outcome = "done"
	OutcomeAlready Outcome = "already"  // it was so; nothing was written
	OutcomeHeld    Outcome = "held"     // a guard holds it: nothing was written; ask again later
	OutcomeRefused Outcome = "refused"  // a guard forbids it for good (protected, leaver wins)
	OutcomeGone    Outcome = "gone"     // the object is not there any more
	OutcomeSkipped Outcome = "skipped"  // an operator skipped it
	OutcomeStale   Outcome = "stale"    // Okta moved on since the plan: nothing was written; plan again
	OutcomeLeft    Outcome = "residual" // Okta will not let us; it is left to an owner
)

// Reschedule is a date an operator gave; it wins over the ticket's until the ticket changes again.
type Reschedule struct {
	At     time.Time `json:"at"` // zero: at once (expedite)
	By     Operator  `json:"by"`
	Ticket string    `json:"ticket"` // the date text of the ticket it replaced
}

// LogLine is something that happened to the case beside the plan.
type LogLine struct {
	At   time.Time `json:"at"`
	Text string    `json:"text"`
}

// RecordRef points at an evidence record.
type RecordRef struct {
	Key     string       `json:"key"`
	Digest  string       `json:"digest"`
	End     casework.End `json:"end"`
	At      time.Time    `json:"at"`
	Summary string       `json:"summary,omitempty"`
	// TicketUpdatedAt is the ticket's time of last change when the record was written.
	TicketUpdatedAt time.Time `json:"ticket_updated_at,omitzero"`
	// Ask is a digest of what the ticket asked for, and Waiting says that the case left the ticket open for a person: a
	// later change of such a ticket is a new case only when it asks for something else.
	Ask     string `json:"ask,omitempty"`
	Waiting bool   `json:"waiting,omitempty"`
}

// CaseResult is what a finished case returns.
type CaseResult struct {
	Ticket   int64               `json:"ticket"`
	UseCase  casework.UseCase    `json:"use_case,omitempty"`
	End      casework.End        `json:"end"`
	Summary  string              `json:"summary"`
	Items    []ItemResult        `json:"items,omitempty"`
	Left     []casework.Residual `json:"left,omitempty"`
	Evidence *RecordRef          `json:"evidence,omitempty"`
}

// ItemResult is how one requested item ended.
type ItemResult struct {
	Key   string       `json:"key"`
	Title string       `json:"title"`
	End   casework.End `json:"end"`
	Why   string       `json:"why,omitempty"`
}

// CaseStatus answers QueryStatus.
type CaseStatus struct {
	Ticket  int64            `json:"ticket"`
	UseCase casework.UseCase `json:"use_case,omitempty"`
	State   casework.State   `json:"state"`
	Summary string           `json:"summary"`
	Problem string           `json:"problem,omitempty"` // why the case is parked, and what to do
	DueAt   time.Time        `json:"due_at,omitzero"`   // the next reminder, expiry or effective date
	Case    Case             `json:"case"`
}
