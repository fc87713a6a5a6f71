package contract

import (
	"time"

	"latchkey/casework"
	"latchkey/review"
)

// ReviewWorkflowID is the workflow of a campaign.
func ReviewWorkflowID(campaign string) string { return "review/" + campaign }

// ReviewerWorkflowID is the workflow of one reviewer in a campaign: reviewers are named by their Okta user ID.
func ReviewerWorkflowID(campaign, reviewer string) string {
	return ReviewWorkflowID(campaign) + "/" + reviewer
}

// ReviewInput starts a campaign (casework.AccessReview), and carries it over continue-as-new. A fresh start sets
// Campaign, and Named when a person asked for it.
type ReviewInput struct {
	Campaign string    `json:"campaign"`
	Named    *Operator `json:"named,omitempty"`
	// Scope replaces policy's scope expression; empty is policy's.
	Scope string       `json:"scope,omitempty"`
	State *ReviewState `json:"state,omitempty"`
}

// ReviewPhase is where a campaign stands.
type ReviewPhase string

// The phases, in order.
const (
	ReviewPlanning     ReviewPhase = "planning"  // asking policy
	ReviewSnapshotting ReviewPhase = "snapshot"  // reading Okta and the employees
	ReviewAssigning    ReviewPhase = "assigning" // items, marks, reviewers
	ReviewOpen         ReviewPhase = "open"      // reviewers decide
	ReviewRevoking     ReviewPhase = "revoking"  // what was revoked goes, and is read back
	ReviewReporting    ReviewPhase = "reporting" // the evidence pack
	ReviewEnded        ReviewPhase = "ended"
)

// ReviewState answers QueryReview.
type ReviewState struct {
	Campaign  string           `json:"campaign"`
	Title     string           `json:"title"`
	Phase     ReviewPhase      `json:"phase"`
	Mode      casework.Mode    `json:"mode"`
	StartedAt time.Time        `json:"started_at"`
	Due       time.Time        `json:"due,omitzero"`
	Snapshot  SnapshotRef      `json:"snapshot"`
	Reviewers []ReviewerCounts `json:"reviewers,omitempty"` // ordered by name
	Counts    ReviewCounts     `json:"counts"`
	// Evidence is the digest of the evidence pack, once it is written, and Pack the key of its manifest.
	Evidence string `json:"evidence,omitempty"`
	// Watchers may see the campaign page: Okta user IDs.
	Watchers []string `json:"watchers,omitempty"`
	Pack     string   `json:"pack,omitempty"`
	Ticket   int64    `json:"ticket,omitempty"` // the campaign's own
	Why      string   `json:"why,omitempty"`    // why it ended early; empty: it did not

	Plan      ReviewPlanResult   `json:"plan"` // policy's answer, frozen
	Employees EmployeesRef       `json:"employees"`
	Assigned  ReviewAssignResult `json:"assigned"`
	Listed    bool               `json:"listed,omitempty"`  // every reviewer's part was opened
	Hurried   bool               `json:"hurried,omitempty"` // an operator closed the reviews before they were due
	Taking    ReviewCursor       `json:"taking"`            // how far the revocations are
	Taken     ReviewTaken        `json:"taken"`
	Sources   []ReviewSource     `json:"sources,omitempty"`
	Case      *Case              `json:"case,omitempty"` // what the machinery of a case carries; nil in answers
}

// ReviewCursor is how far the revocations of a campaign are.
type ReviewCursor struct {
	Reviewer   int  `json:"reviewer"` // index in ReviewState.Reviewers
	Unanswered bool `json:"unanswered,omitempty"`
	From       int  `json:"from,omitempty"`
	Part       int  `json:"part,omitempty"` // of the reviewer's outcomes
}

// ReviewTaken counts revocations that have ended.
type ReviewTaken struct {
	Gone int `json:"gone"`
	Left int `json:"left"`
}

// SnapshotRef is a snapshot, or as much of it as is read: its manifest in the blob store, what it holds, and from where
// to go on.
type SnapshotRef struct {
	Key      string    `json:"key,omitempty"`    // of the manifest
	Digest   string    `json:"digest,omitempty"` // of the manifest: it names the digest of every part
	Begun    time.Time `json:"begun,omitzero"`
	Ended    time.Time `json:"ended,omitzero"`
	Users    int       `json:"users"`
	Groups   int       `json:"groups"`
	Apps     int       `json:"apps"`
	Grants   int       `json:"grants"`
	Calls    int       `json:"calls"`
	Partial  []string  `json:"partial,omitempty"` // what could not be read, and why; empty when it is complete
	Changed  []string  `json:"changed,omitempty"` // what changed while it was read; never a failure
	Done     bool      `json:"done"`              // read to the end; otherwise ask again
	Complete bool      `json:"complete"`          // done, and nothing is missing
	Left     int       `json:"left,omitempty"`    // calls that are still to be made, as far as is known
}

// ReviewCounts are items by what became of them.
type ReviewCounts struct {
	Items     int `json:"items"`
	Certified int `json:"certified"`
	Revoked   int `json:"revoked"` // decided so
	Gone      int `json:"gone"`    // revoked and read back
	Left      int `json:"left"`    // revoked, and still there: a residual with an owner
	Open      int `json:"open"`    // no answer
}

// ReviewerCounts is one reviewer's progress.
type ReviewerCounts struct {
	Reviewer  review.Reviewer `json:"reviewer"`
	Items     int             `json:"items"`
	Certified int             `json:"certified"`
	Revoked   int             `json:"revoked"`
	Ticket    int64           `json:"ticket,omitempty"`
	Ended     bool            `json:"ended,omitempty"`
	Answers   string          `json:"answers,omitempty"` // key of the newest review.Answers
	// Stamped says that nearly everything was answered by few clicks in little time: a person may want to look again.
	Stamped bool `json:"stamped,omitempty"`
}

// ReviewerState answers QueryReviewer: what the page needs to know of one reviewer.
type ReviewerState struct {
	Campaign string          `json:"campaign"`
	Reviewer review.Reviewer `json:"reviewer"`
	Items    int             `json:"items"`
	// Open says that decisions still count.
	Open      bool         `json:"open"`
	Due       time.Time    `json:"due"`
	Certified int          `json:"certified"`
	Revoked   int          `json:"revoked"`
	Answers   string       `json:"answers,omitempty"` // key of the newest review.Answers; empty: none yet
	Links     []ReviewLink `json:"links,omitempty"`
	Ticket    int64        `json:"ticket,omitempty"`
	// Deputies may decide in the reviewer's place (escalated to, or reassigned): Okta user IDs.
	Deputies []string `json:"deputies,omitempty"`
	// Stamped is ReviewerCounts.Stamped.
	Stamped bool `json:"stamped,omitempty"`
	// Until is when it ends by itself because everything is answered: until then answers may be changed. Zero while
	// something is open.
	Until time.Time `json:"until,omitzero"`
}

// ReviewLink is a signed link that was made: only the ones that are listed, not revoked and not over, open the page.
type ReviewLink struct {
	ID      string    `json:"id"`
	Expires time.Time `json:"expires"`
	By      string    `json:"by"` // the operator's claim
	Revoked bool      `json:"revoked,omitempty"`
}

// DecideCommand hands in a batch of decisions (UpdateDecide, bridge → reviewer): only where it lies. An activity reads
// and verifies it before anything counts.
type DecideCommand struct {
	Batch string `json:"batch"` // review.Batch.ID
}

// DecideResult is what became of a batch.
type DecideResult struct {
	Taken   int           `json:"taken"`
	Refused string        `json:"refused,omitempty"` // why nothing of it counts; empty when it was taken
	State   ReviewerState `json:"state"`
}

// LinkCommand makes a link (UpdateLink), or revokes one when Revoke names it.
type LinkCommand struct {
	Operator Operator  `json:"operator"`
	ID       string    `json:"id,omitempty"` // random, made by who asks
	Expires  time.Time `json:"expires,omitzero"`
	Revoke   string    `json:"revoke,omitempty"`
}
