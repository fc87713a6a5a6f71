// Package approval is the pure engine behind every approval chain: given the chain, the votes and the time, it says
// the next state and why. It opens nothing and asks nobody; Freshservice holds the requests and the answers, a
// workflow carries them here.
package approval

import "time"

// Mode is how a case is approved.
type Mode string

// The three ways of approving (docs/policy.md, "approvals").
const (
	ModeLevels Mode = "levels" // Latchkey opens each level in Freshservice and reads the answers back
	ModeDesk   Mode = "desk"   // the desk's own chain decides; Latchkey waits for its end and reads who decided
	ModeStage  Mode = "stage"  // a field of the ticket reaches a value, such as status "Approved"; names no approver
	ModeNone   Mode = "none"   // policy asks for no approval, and says why in Chain.Reason
)

// Rule says when the answers of one group decide it.
type Rule string

// The rules. Freshservice knows everyone, anyone, majority and first; quorum (n-of-m) is ours and opens there as
// everyone, so that the vendor cannot close the group before the engine has its answer.
const (
	RuleEveryone Rule = "everyone" // all approve; one rejection rejects
	RuleAnyone   Rule = "anyone"   // one approval approves; rejected only when nobody is left to approve
	RuleMajority Rule = "majority" // more than half approve; rejected as soon as that cannot be reached
	RuleFirst    Rule = "first"    // the first answer of either kind decides
	RuleQuorum   Rule = "quorum"   // Group.Need approvals; rejected at Group.Deny rejections, or when Need is out of reach
)

// Approver is a person who may answer. DeskID is the Freshservice requester or agent; it is who they are here.
type Approver struct {
	DeskID int64  `json:"desk_id"`
	Email  string `json:"email,omitempty"`
	Name   string `json:"name,omitempty"`
	Why    string `json:"why,omitempty"` // "manager of Ada Byron"
}

// Group is a set of approvers and the rule over their answers.
type Group struct {
	Name      string     `json:"name"`
	Rule      Rule       `json:"rule"`
	Need      int        `json:"need,omitempty"` // RuleQuorum: approvals needed, at least 1
	Deny      int        `json:"deny,omitempty"` // RuleQuorum: rejections that reject; 0 means "when Need is out of reach"
	Approvers []Approver `json:"approvers"`
	StandIns  []StandIn  `json:"stand_ins,omitempty"` // for people of the group who are away
}

// Level is one step of a chain. Its groups answer side by side and all of them have to approve. Durations count from
// the moment the level opened, in the working time of the calendar where there is one; zero means never.
type Level struct {
	Name          string        `json:"name"`
	Groups        []Group       `json:"groups"`
	RemindAfter   time.Duration `json:"remind_after,omitempty"` // first reminder; the next ones follow at the same distance
	RemindMax     int           `json:"remind_max,omitempty"`
	EscalateAfter time.Duration `json:"escalate_after,omitempty"`
	EscalateTo    []Approver    `json:"escalate_to,omitempty"` // may answer beside the others once EscalateAfter has passed
	ExpireAfter   time.Duration `json:"expire_after,omitempty"`
	Calendar      *Calendar     `json:"calendar,omitempty"` // nil: every hour counts
}

// Chain is what one plan (or one requested item) has to pass, level after level.
type Chain struct {
	Mode   Mode    `json:"mode"`
	Reason string  `json:"reason,omitempty"` // which policy rule chose this chain
	Levels []Level `json:"levels,omitempty"`
	// AllowRepeat lets a person who approved one level approve a later one. The default is distinct people.
	AllowRepeat bool `json:"allow_repeat,omitempty"`
}

// Ban strikes a person out before answers are counted: the requester, the beneficiary, whoever policy names.
type Ban struct {
	DeskID int64  `json:"desk_id,omitempty"`
	Email  string `json:"email,omitempty"` // compared without case, where the desk ID is not known
	Why    string `json:"why"`
}

// Decision is one answer, in Freshservice's words.
type Decision string

// The answers. Requested is no answer yet; Cancelled no longer asks.
const (
	DecisionRequested Decision = "requested"
	DecisionApproved  Decision = "approved"
	DecisionRejected  Decision = "rejected"
	DecisionCancelled Decision = "cancelled"
)

// Vote is one approval record read back from Freshservice. It belongs to whoever gave it: By is the delegatee where
// Freshservice shows one, and For the person it was asked of. In an outcome For of a stand-in's vote is whoever is away.
type Vote struct {
	ApprovalID int64     `json:"approval_id"`
	Group      string    `json:"group"` // Group.Name, without the level's prefix
	By         Approver  `json:"by"`
	For        Approver  `json:"for"`
	Decision   Decision  `json:"decision"`
	At         time.Time `json:"at,omitzero"`
	Remark     string    `json:"remark,omitempty"`
}
