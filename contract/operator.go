package contract

import "time"

// OperatorCommand is the argument of retry, skip, abort and expedite.
type OperatorCommand struct {
	Operator
}

// ReassignCommand adds an approver to the level that is open. Policy must already allow the person for that level: an
// activity checks, because the sender's name is only a claim.
type ReassignCommand struct {
	Operator
	Unit string `json:"unit,omitempty"` // Unit.Key; empty when the case has one
	To   string `json:"to"`             // e-mail address
}

// RescheduleCommand moves the effective date.
type RescheduleCommand struct {
	Operator
	At time.Time `json:"at"`
}

// CommandResult answers every update: what will happen, in words.
type CommandResult struct {
	Text string `json:"text"`
}

// FreezeCommand stops or resumes every write to Okta. UseCase empty means all of them.
type FreezeCommand struct {
	Operator
	UseCase string `json:"use_case,omitempty"`
}

// ReleaseCommand lets held cases pass the mass-change guard until a time.
type ReleaseCommand struct {
	Operator
	Until time.Time `json:"until"`
}
