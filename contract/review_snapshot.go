package contract

import (
	"time"

	"latchkey/casework"
	"latchkey/review"
)

// Activities of a certification campaign on the data side, in the order in which a campaign calls them. All are
// idempotent by campaign: asked again, each goes on where it was or answers as before.
const (
	ActReviewPlan         = "ReviewPlan"         // QueueOkta: ReviewPlanInput → ReviewPlanResult
	ActReviewSnapshot     = "ReviewSnapshot"     // QueueOkta: ReviewSnapshotInput → SnapshotRef; again until Done
	ActReviewEmployees    = "ReviewEmployees"    // QueueFreshservice: ReviewEmployeesInput → EmployeesRef; again until Done
	ActReviewAssign       = "ReviewAssign"       // QueueOkta: ReviewAssignInput → ReviewAssignResult
	ActReviewReviewers    = "ReviewReviewers"    // QueueLatchkey: ReviewReviewersInput → ReviewReviewersResult
	ActReviewRevocations  = "ReviewRevocations"  // QueueLatchkey: ReviewRevocationsInput → ReviewRevocationsResult
	ActReviewKeepOutcomes = "ReviewKeepOutcomes" // QueueLatchkey: ReviewOutcomesInput → nothing
	ActReviewEvidence     = "ReviewEvidence"     // QueueLatchkey: ReviewEvidenceInput → ReviewEvidenceResult
	ActReviewTidy         = "ReviewTidy"         // QueueOkta: ReviewTidyInput → ReviewTidyResult
)

// ReviewPlanInput asks what policy says of a campaign that begins now.
type ReviewPlanInput struct {
	Campaign string    `json:"campaign,omitempty"` // empty: policy names it by At
	At       time.Time `json:"at"`
	Scope    string    `json:"scope,omitempty"` // an expression in place of policy's; one that does not compile is Invalid
}

// ReviewPlanResult is what policy says, for the whole campaign.
type ReviewPlanResult struct {
	Campaign string          `json:"campaign"`
	Mode     casework.Mode   `json:"mode"`
	Settings review.Settings `json:"settings"` // its title is complete
	Policy   string          `json:"policy"`   // digest
	// Owner is who owns what nothing else names an owner for.
	Owner string `json:"owner"`
	// Watchers may see the campaign's page: Okta user IDs.
	Watchers []string  `json:"watchers,omitempty"`
	Times    Times     `json:"times"`
	Due      time.Time `json:"due"`
	// Previous is the campaign whose items are compared with; empty: there was none.
	Previous string `json:"previous,omitempty"`
}

// ReviewSnapshotInput reads on. It returns after some hundred calls, or when everything is read: SnapshotRef.Done. How
// far it is lies in the blob store, so an attempt that is killed or out of budget loses at most a page.
type ReviewSnapshotInput struct {
	Campaign string `json:"campaign"`
}

// ReviewEmployeesInput reads on in the list of employees, as ReviewSnapshotInput does.
type ReviewEmployeesInput struct {
	Campaign string `json:"campaign"`
}

// EmployeesRef is the list of employees, or as much of it as is read.
type EmployeesRef struct {
	Key     string    `json:"key,omitempty"`
	Digest  string    `json:"digest,omitempty"`
	Source  string    `json:"source"` // "freshservice" or "csv"
	People  int       `json:"people"`
	Active  int       `json:"active"`
	ReadAt  time.Time `json:"read_at,omitzero"`
	Partial []string  `json:"partial,omitempty"`
	Done    bool      `json:"done"`
}

// ReviewAssignInput joins both readings, marks the items, finds their reviewers and writes the packets.
type ReviewAssignInput struct {
	Campaign  string       `json:"campaign"`
	Title     string       `json:"title"`
	Due       time.Time    `json:"due"`
	Scope     string       `json:"scope,omitempty"`
	Previous  string       `json:"previous,omitempty"`
	Snapshot  SnapshotRef  `json:"snapshot"`
	Employees EmployeesRef `json:"employees"`
}

// ReviewAssignResult is what was written. The packets are listed by ReviewReviewers.
type ReviewAssignResult struct {
	Index      string             `json:"index"` // review.IndexKey
	Digest     string             `json:"digest"`
	Reviewers  int                `json:"reviewers"`
	Items      int                `json:"items"`
	OutOfScope int                `json:"out_of_scope"`
	Unassigned int                `json:"unassigned"`
	Orphans    int                `json:"orphans"`
	Marks      []review.MarkCount `json:"marks,omitempty"`
}

// ReviewReviewersInput lists packets: Most (0 is 100) from From on.
type ReviewReviewersInput struct {
	Campaign string `json:"campaign"`
	From     int    `json:"from"`
	Most     int    `json:"most,omitempty"`
}

// ReviewReviewersResult is one stretch of the packets.
type ReviewReviewersResult struct {
	Packets []review.PacketRef `json:"packets"`
	Next    int                `json:"next"` // the next From; 0: this was the last stretch
}

// ReviewRevocationsInput lists what a reviewer revoked, and with Unanswered what nobody answered instead: Most (0 is
// 200) from From on.
type ReviewRevocationsInput struct {
	Campaign   string `json:"campaign"`
	Reviewer   string `json:"reviewer"`
	Answers    string `json:"answers,omitempty"` // key of review.Answers; empty: none
	Unanswered bool   `json:"unanswered,omitempty"`
	From       int    `json:"from"`
	Most       int    `json:"most,omitempty"`
}

// ReviewRevocationsResult is one stretch of the items, in the packet's order.
type ReviewRevocationsResult struct {
	Items []review.Item `json:"items"`
	Next  int           `json:"next"` // the next From; 0: this was the last stretch
}

// ReviewOutcomesInput keeps how a reviewer's part ended, one part of at most some thousand outcomes a call. The same part
// written again replaces itself.
type ReviewOutcomesInput struct {
	Part  int          `json:"part"` // from 0
	Final review.Final `json:"final"`
}

// ReviewEvidenceInput writes the evidence pack of a campaign out of its packets, answers and outcomes. A packet whose
// reviewer has no Final counts as unanswered.
type ReviewEvidenceInput struct {
	Campaign  string       `json:"campaign"`
	Snapshot  SnapshotRef  `json:"snapshot"`
	Employees EmployeesRef `json:"employees"`
}

// ReviewEvidenceResult is the pack. Digest is over the content of the campaign and not over its times: see
// what evidence.ReviewPack says of it.
type ReviewEvidenceResult struct {
	Manifest string       `json:"manifest"` // key
	Digest   string       `json:"digest"`
	Counts   ReviewCounts `json:"counts"`
	Files    []string     `json:"files"` // keys
}

// ReviewTidyInput removes the working files of campaigns that ended longer ago than policy keeps them. Evidence packs
// stay.
type ReviewTidyInput struct {
	Campaign string    `json:"campaign"` // the running one is never touched
	At       time.Time `json:"at"`
}

// ReviewTidyResult names the campaigns whose working files are gone.
type ReviewTidyResult struct {
	Campaigns []string `json:"campaigns,omitempty"`
	Files     int      `json:"files"`
}
