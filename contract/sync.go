package contract

import (
	"strconv"
	"time"

	"latchkey/casework"
	"latchkey/identity"
)

// SyncWorkflowID is the workflow that keeps one person's profiles alike.
func SyncWorkflowID(oktaUserID string) string { return "sync/" + oktaUserID }

// SyncAllID is the one walk over everybody.
const SyncAllID = "sync-all"

// SyncRequesterWorkflowID finds out whose profile changed on the desk.
func SyncRequesterWorkflowID(deskID int64) string {
	return "sync-requester/" + strconv.FormatInt(deskID, 10)
}

// SyncInput starts or continues the workflow of one person.
type SyncInput struct {
	OktaUserID string `json:"okta_user_id"`
	// Look only compares: nothing is written, whatever the mode.
	Look bool `json:"look,omitempty"`
	// Idle is how long the workflow waits for further nudges before it ends. Negative waits for none; zero is the default.
	Idle time.Duration `json:"idle,omitempty"`
	// Last is what the run before found, carried over a continue-as-new.
	Last *SyncResult `json:"last,omitempty"`
}

// SyncEnd says how a look at one person ended.
type SyncEnd string

// The ends.
const (
	SyncAlike    SyncEnd = "alike"    // nothing differs that is anybody's work
	SyncWritten  SyncEnd = "written"  // everything that differed was written, and reads so
	SyncObserved SyncEnd = "observed" // something differs, and nothing was to be written
	SyncLeft     SyncEnd = "left"     // something still differs: Lines say what and why
	SyncMissing  SyncEnd = "missing"  // the person is not on the desk
	SyncNobody   SyncEnd = "nobody"   // there is no such account in Okta
	SyncOut      SyncEnd = "out"      // the person takes no part, or the sync is off
	SyncNudged   SyncEnd = "nudged"   // the person's workflow looks by itself
	SyncFailed   SyncEnd = "failed"   // Why says what failed; the next walk tries again
)

// SyncResult is what became of one person.
type SyncResult struct {
	OktaUserID string        `json:"okta_user_id"`
	End        SyncEnd       `json:"end"`
	Why        string        `json:"why,omitempty"`
	Mode       casework.Mode `json:"mode,omitempty"`
	Lines      []SyncLine    `json:"lines,omitempty"`
	At         time.Time     `json:"at,omitzero"`
}

// SyncLine is one difference as people read it. Private contact data stands in it as "(private)".
type SyncLine struct {
	OktaUserID string             `json:"okta_user_id"`
	Attribute  string             `json:"attribute,omitempty"`
	Owner      casework.Side      `json:"owner,omitempty"`
	Kind       casework.DriftKind `json:"kind,omitempty"`
	Wanted     string             `json:"wanted,omitempty"`
	Has        string             `json:"has,omitempty"`
	Done       bool               `json:"done,omitempty"` // it was written
	Why        string             `json:"why,omitempty"`
}

// SyncLineOf is a drift as people read it.
func SyncLineOf(oktaUserID string, d casework.Drift) SyncLine {
	line := SyncLine{
		OktaUserID: oktaUserID, Attribute: d.Attribute.Name, Owner: d.Attribute.Owner, Kind: d.Kind, Wanted: d.Wanted, Has: d.Has, Why: d.Why,
	}
	if d.Attribute.Private() {
		line.Wanted, line.Has = private(d.Wanted), private(d.Has)
	}
	return line
}

func private(value string) string {
	if value == "" {
		return ""
	}
	return SyncPrivate
}

// SyncFindInput names somebody in another way than by the ID in Okta: exactly one of the two.
type SyncFindInput struct {
	DeskID int64  `json:"desk_id,omitempty"`
	Email  string `json:"email,omitempty"`
	// Look only compares, and waits for the answer. Otherwise the person's workflow is nudged.
	Look bool `json:"look,omitempty"`
}

// SyncFindDeskResult is who a requester or an agent is; nobody where Email is empty.
type SyncFindDeskResult struct {
	Email string `json:"email,omitempty"`
}

// SyncWhoInput asks for an account by its ID or by an address.
type SyncWhoInput struct {
	OktaUserID string `json:"okta_user_id,omitempty"`
	Email      string `json:"email,omitempty"`
}

// SyncWhoResult is what the other side is searched by; nobody where OktaUserID is empty.
type SyncWhoResult struct {
	OktaUserID     string        `json:"okta_user_id,omitempty"`
	Email          string        `json:"email,omitempty"`
	EmployeeNumber string        `json:"employee_number,omitempty"`
	Takes          bool          `json:"takes,omitempty"` // takes part
	Mode           casework.Mode `json:"mode"`
	Why            string        `json:"why,omitempty"` // why there is nobody, or they take no part
}

// SyncReadDeskInput reads one person's side of the desk, or everybody's where Email is empty, into the blob store: phone
// numbers are in it, and histories do not hold what nobody needs.
type SyncReadDeskInput struct {
	Key            string `json:"key"`
	Email          string `json:"email,omitempty"`
	EmployeeNumber string `json:"employee_number,omitempty"`
	// Unless says that everybody is not read when policy switches the sync off.
	Unless bool `json:"unless_off,omitempty"`
}

// SyncReadDeskResult says how many were read.
type SyncReadDeskResult struct {
	People int           `json:"people"`
	Mode   casework.Mode `json:"mode"`
}

// SyncCompareInput puts both sides of one person next to each other. Desk is the key of what SyncReadDesk read.
type SyncCompareInput struct {
	OktaUserID string `json:"okta_user_id"`
	Desk       string `json:"desk"`
	// Wrote are the attributes that were just written, by name, with what was there before: what now reads neither so nor as
	// it was written is kept by the other side in a form of its own, and is not written again.
	Wrote map[string]string `json:"wrote,omitempty"`
}

// SyncCompareResult is what differs. Values are whole where they are to be written.
type SyncCompareResult struct {
	Person identity.Person  `json:"person"`
	DeskID int64            `json:"desk_id,omitempty"` // zero: not on the desk
	Agent  bool             `json:"agent,omitempty"`
	Drifts []casework.Drift `json:"drifts,omitempty"`
	// Create says that policy has somebody who is not on the desk made there, with Values by the desk's names.
	Create bool              `json:"create,omitempty"`
	Values map[string]string `json:"values,omitempty"`
	Mode   casework.Mode     `json:"mode"`
	Report bool              `json:"report,omitempty"` // a missing person is reported
	Gone   bool              `json:"gone,omitempty"`
	Asks   bool              `json:"asks,omitempty"` // policy says how a role change is asked for
}

// SyncWriteDeskInput brings a person on the desk to some values, by the desk's names. DeskID zero makes the person.
type SyncWriteDeskInput struct {
	OktaUserID string            `json:"okta_user_id"`
	DeskID     int64             `json:"desk_id,omitempty"`
	Agent      bool              `json:"agent,omitempty"`
	Email      string            `json:"email"`
	Values     map[string]string `json:"values"`
}

// SyncWriteDeskResult is what became of it. Left says why a value was not written, by the desk's name.
type SyncWriteDeskResult struct {
	Outcome Outcome           `json:"outcome"`
	Detail  string            `json:"detail,omitempty"`
	DeskID  int64             `json:"desk_id,omitempty"`
	Left    map[string]string `json:"left,omitempty"`
}

// SyncAskRoleInput asks for a role change, in one ticket; the same person and values are asked once.
type SyncAskRoleInput struct {
	Person identity.Person  `json:"person"`
	Drifts []casework.Drift `json:"drifts"`
}

// SyncAskRoleResult names the ticket; Filed says that it is the role change itself, and not a question for people.
type SyncAskRoleResult struct {
	Ticket int64 `json:"ticket"`
	Filed  bool  `json:"filed,omitempty"`
}

// SyncWalkInput walks one part of everybody. A walk is named by when it started.
type SyncWalkInput struct {
	Desk    string    `json:"desk"` // key of everybody on the desk
	Started time.Time `json:"started"`
	Cursor  string    `json:"cursor,omitempty"` // where the part before ended; empty begins
	Part    int       `json:"part"`
}

// SyncWalkResult is one part: the whole of it is in the blob store.
type SyncWalkResult struct {
	Counts SyncCounts    `json:"counts"`
	Work   []string      `json:"work,omitempty"`  // Okta user IDs of those with something to do
	Lines  []SyncLine    `json:"lines,omitempty"` // the first of them
	Next   string        `json:"next,omitempty"`  // empty: this was the last part
	Mode   casework.Mode `json:"mode"`
	Report string        `json:"report"` // blob key
}

// SyncCounts is what a walk met.
type SyncCounts struct {
	People   int `json:"people"`    // in Okta, who take part
	Differ   int `json:"differ"`    // with something to do
	NotDesk  int `json:"not_desk"`  // in Okta and not on the desk
	NotOkta  int `json:"not_okta"`  // on the desk and not in Okta
	Reported int `json:"reported"`  // with differences that nothing is to be done about
	Unsure   int `json:"ambiguous"` // several on the desk bear the same address or number
}

// Add counts further.
func (c *SyncCounts) Add(o SyncCounts) {
	c.People += o.People
	c.Differ += o.Differ
	c.NotDesk += o.NotDesk
	c.NotOkta += o.NotOkta
	c.Reported += o.Reported
	c.Unsure += o.Unsure
}

// SyncAllInput starts or continues a walk over everybody.
type SyncAllInput struct {
	Look  bool          `json:"look,omitempty"`
	Carry *SyncAllCarry `json:"carry,omitempty"`
}

// SyncAllCarry is a walk half way.
type SyncAllCarry struct {
	Started time.Time     `json:"started"`
	Desk    string        `json:"desk"`
	Cursor  string        `json:"cursor"`
	Part    int           `json:"part"`
	Result  SyncAllResult `json:"result"`
}

// SyncAllResult is what a walk found and did. Lines are the first few hundred; the report holds all.
type SyncAllResult struct {
	Counts  SyncCounts      `json:"counts"`
	Ends    map[SyncEnd]int `json:"ends,omitempty"` // of those with something to do
	Lines   []SyncLine      `json:"lines,omitempty"`
	Mode    casework.Mode   `json:"mode,omitempty"`
	Reports []string        `json:"reports,omitempty"` // blob keys, in order
}

// SyncPrivate stands for private contact data in what people read.
const SyncPrivate = "(private)"
