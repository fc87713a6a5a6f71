package contract

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"regexp"
	"time"

	"latchkey/casework"
)

// Activities of a batch.
const (
	ActBulkTicket = "BulkTicket" // QueueFreshservice: BulkTicketInput → BulkTicketResult
	ActBulkPlan   = "BulkPlan"   // QueueOkta (asks no vendor): BulkPlanInput → BulkPlanResult
	ActBulkRows   = "BulkRows"   // QueueLatchkey: BulkRowsInput → BulkRowsResult
	ActBulkKeep   = "BulkKeep"   // QueueLatchkey: BulkKeepInput → nothing
	ActBulkTally  = "BulkTally"  // QueueLatchkey: BulkTallyInput → BulkTallyResult
	ActBulkReport = "BulkReport" // QueueFreshservice: BulkReportInput → nothing
)

// BulkWorkflowID is the workflow of a batch.
func BulkWorkflowID(batch string) string { return "bulk/" + batch }

// BulkRowWorkflowID is the workflow of one row of a batch; rows count from 1.
func BulkRowWorkflowID(batch string, row int) string {
	return fmt.Sprintf("%s/%05d", BulkWorkflowID(batch), row)
}

var batchText = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,59}$`)

// CheckBatch says what is wrong with a batch's name; nil when nothing is. A name goes into IDs and keys.
func CheckBatch(name string) error {
	if !batchText.MatchString(name) {
		return fmt.Errorf("%q is no batch: small letters, digits and hyphens, 60 at most, such as onboard-1a2b3c4d", name)
	}
	return nil
}

// BulkFolder is the folder of a batch in the blob store.
func BulkFolder(batch string) string { return "bulk/" + batch + "/" }

// BulkFileKey is where the rows lie: a BulkFile. It is written once, before the batch starts.
func BulkFileKey(batch string) string { return BulkFolder(batch) + "rows.json" }

// BulkResultKey is where the result of a row lies: a BulkResult.
func BulkResultKey(batch string, row int) string {
	return fmt.Sprintf("%sresults/%05d.json", BulkFolder(batch), row)
}

// BulkFile is a file of people as it was validated.
type BulkFile struct {
	Batch   string             `json:"batch"`
	UseCase casework.UseCase   `json:"use_case"`
	Name    string             `json:"name"`   // of the file, for people
	Digest  string             `json:"digest"` // of the rows: what is approved
	Rule    string             `json:"rule"`   // the intake rule that read them
	Rows    []casework.Request `json:"rows"`   // without ticket and mode
}

// Sum is the digest over what the rows say and what they are asked for. It is what Digest has to be.
func (f BulkFile) Sum() (string, error) {
	raw, err := json.Marshal(struct {
		UseCase casework.UseCase   `json:"use_case"`
		Rows    []casework.Request `json:"rows"`
	}{f.UseCase, f.Rows})
	if err != nil {
		return "", fmt.Errorf("encode the rows: %w", err)
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:]), nil
}

// BulkPhase is where a batch stands.
type BulkPhase string

// The phases.
const (
	BulkOpening   BulkPhase = "opening"   // its ticket
	BulkApproving BulkPhase = "approving" // what it plans is approved on its ticket
	BulkRunning   BulkPhase = "running"
	BulkReporting BulkPhase = "reporting"
	BulkEnded     BulkPhase = "ended"
)

// BulkInput starts a batch (WorkflowBulk), and carries it over continue-as-new.
type BulkInput struct {
	Batch   string           `json:"batch"`
	UseCase casework.UseCase `json:"use_case"`
	Rows    int              `json:"rows"`
	Ticket  int64            `json:"ticket,omitempty"` // 0: one is opened
	Named   Operator         `json:"named"`
	State   *BulkState       `json:"state,omitempty"`
}

// BulkState answers QueryBulk.
type BulkState struct {
	Batch     string           `json:"batch"`
	UseCase   casework.UseCase `json:"use_case"`
	Phase     BulkPhase        `json:"phase"`
	Digest    string           `json:"digest,omitempty"` // of the rows that were planned
	Ticket    int64            `json:"ticket,omitempty"`
	Rows      int              `json:"rows"`
	Next      int              `json:"next"`    // the next row to start
	Running   []int            `json:"running"` // rows under way
	Waiting   []int            `json:"waiting"` // rows that wait for their day: they take no place in the window
	Tally     BulkTallyResult  `json:"tally"`
	Again     []int            `json:"again,omitempty"` // rows that an operator had tried again and that have not started
	Paused    *Operator        `json:"paused,omitempty"`
	StartedAt time.Time        `json:"started_at"`
	BeganAt   time.Time        `json:"began_at,omitzero"` // the first row
	// ETA is when the last row should be done at the pace so far, those that wait for their day aside; zero: not known.
	ETA    time.Time `json:"eta,omitzero"`
	Window int       `json:"window"`
	Why    string    `json:"why,omitempty"`  // why it ended early
	Case   *Case     `json:"case,omitempty"` // what the machinery of a case carries; nil in answers
}

// BulkTicketInput opens the batch's ticket, or checks the one that was named.
type BulkTicketInput struct {
	Batch  string    `json:"batch"`
	Ticket int64     `json:"ticket,omitempty"`
	Begun  time.Time `json:"begun"`
}

// BulkTicketResult is the ticket as the approval road needs it.
type BulkTicketResult struct {
	Ticket casework.Ticket `json:"ticket"`
	Times  Times           `json:"times"`
	Owner  string          `json:"owner"`
	Mode   casework.Mode   `json:"mode"`
	Window int             `json:"window"`
}

// BulkPlanInput asks what a batch will do, as far as policy says without asking Okta about each person.
type BulkPlanInput struct {
	Batch string `json:"batch"`
}

// BulkPlanResult is the one unit that is approved; its plan stands for all rows and is never applied.
type BulkPlanResult struct {
	Unit   Unit   `json:"unit"`
	Digest string `json:"digest"` // of the rows
}

// BulkRowsInput reads rows From (from 1) on, Most of them.
type BulkRowsInput struct {
	Batch  string `json:"batch"`
	Digest string `json:"digest"` // that was approved: other rows are never handed out
	From   int    `json:"from"`
	Most   int    `json:"most"`
}

// BulkRowsResult are requests in the order of the rows.
type BulkRowsResult struct {
	Rows []casework.Request `json:"rows"`
}

// BulkRowInput starts one row (WorkflowBulkRow), and carries it over continue-as-new.
type BulkRowInput struct {
	Batch   string           `json:"batch"`
	Row     int              `json:"row"`
	Ticket  casework.Ticket  `json:"ticket"`
	Request casework.Request `json:"request"`
	Times   Times            `json:"times"`
	Owner   string           `json:"owner"`
	Case    *Case            `json:"case,omitempty"`
}

// BulkRowState is what a row tells its batch (SignalBulkRow).
type BulkRowState struct {
	Row int `json:"row"`
	// Waits says that the row waits for its day: somebody else may have its place in the window.
	Waits bool         `json:"waits,omitempty"`
	End   casework.End `json:"end,omitempty"` // empty while it goes on
}

// BulkResult is how a row ended.
type BulkResult struct {
	Row        int                 `json:"row"`
	Person     string              `json:"person"`
	OktaUserID string              `json:"okta_user_id,omitempty"`
	End        casework.End        `json:"end"`
	Why        string              `json:"why,omitempty"`
	Done       []Done              `json:"done,omitempty"`
	Left       []casework.Residual `json:"left,omitempty"`
	Proofs     []Proof             `json:"proofs,omitempty"`
	Tasks      []string            `json:"tasks,omitempty"` // of people, that a ticket of its own would have opened
	At         time.Time           `json:"at"`
}

// Failed says whether a row may be tried again: it did not come to what was asked, and no person ended it.
func (r BulkResult) Failed() bool { return BulkFailed(r.End) }

// BulkFailed says whether an end of a row is worth another try.
func BulkFailed(end casework.End) bool {
	return end != casework.EndDone && end != casework.EndAlready && end != casework.EndResiduals
}

// BulkKeepInput keeps a row's result; the same row again replaces it.
type BulkKeepInput struct {
	Batch  string     `json:"batch"`
	Result BulkResult `json:"result"`
}

// BulkTallyInput counts the results of a batch.
type BulkTallyInput struct {
	Batch string `json:"batch"`
	Rows  int    `json:"rows"`
}

// BulkTallyResult are rows by their ends.
type BulkTallyResult struct {
	Done      int   `json:"done"` // also those that were so before
	Residuals int   `json:"residuals"`
	Failed    int   `json:"failed"`
	Rows      []int `json:"rows,omitempty"` // that failed, the first thousand
}

// BulkReportInput says on the batch's ticket how it goes, or how it ended, with the result file.
type BulkReportInput struct {
	Ticket int64           `json:"ticket"`
	Batch  string          `json:"batch"`
	Key    string          `json:"key"`
	Ended  bool            `json:"ended,omitempty"`
	Rows   int             `json:"rows"`
	Open   int             `json:"open"`
	Tally  BulkTallyResult `json:"tally"`
	ETA    time.Time       `json:"eta,omitzero"`
	Why    string          `json:"why,omitempty"`
	Paused *Operator       `json:"paused,omitempty"`
}
