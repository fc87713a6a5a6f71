package contract

import (
	"fmt"
	"slices"
	"time"

	"latchkey/casework"
	"latchkey/detection"
)

// CheckpointRef names a checkpoint of the log: everything that is remembered of it, and where reading goes on. The
// digest is part of the name, so two attempts never write over one another.
type CheckpointRef struct {
	Number uint64 `json:"number"`
	Digest string `json:"digest"` // SHA-256 of its bytes, lower-case hex
}

// CheckpointFolder is where checkpoints lie in the blob store.
const CheckpointFolder = "alerts/checkpoints/"

// Key is where the checkpoint lies in the blob store. Keys sort by number.
func (r CheckpointRef) Key() string {
	return fmt.Sprintf("%s%012d-%.32s", CheckpointFolder, r.Number, r.Digest)
}

// LogOrder is something that somebody else decided and that the next page begins with. One of the last three is set.
type LogOrder struct {
	ID      int                `json:"id"` // counted by the workflow
	Silence *detection.Silence `json:"silence,omitempty"`
	Expire  string             `json:"expire,omitempty"` // the ID of a silence
	Close   *detection.Key     `json:"close,omitempty"`  // an incident that ended
}

// PollLogInput reads on after a checkpoint: one page (ActPollLog), or as many as wait (ActCatchUpLog). Asked again it
// writes other checkpoints, to which nobody refers.
type PollLogInput struct {
	Checkpoint *CheckpointRef `json:"checkpoint,omitempty"` // nil: the first page ever, or the log's workflow was lost
	Orders     []LogOrder     `json:"orders,omitempty"`
	LastEvent  time.Time      `json:"last_event,omitzero"` // for a checkpoint that is lost
	// AtNow leaves out what the log holds until now: reading was switched off meanwhile.
	AtNow bool `json:"at_now,omitempty"`
}

// PollLogResult is where the reading got to. Without a page nothing but Idle, Mode and Wait is set.
type PollLogResult struct {
	Idle       string         `json:"idle,omitempty"` // why nothing was read, in words
	Mode       casework.Mode  `json:"mode,omitempty"`
	Checkpoint *CheckpointRef `json:"checkpoint,omitempty"` // the one that was given where nothing changed
	Signals    int            `json:"signals,omitempty"`    // that its checkpoint holds for incidents
	Hour       bool           `json:"hour,omitempty"`       // its checkpoint holds the counts of an hour that is over
	More       bool           `json:"more,omitempty"`       // the last page was full
	Pages      int            `json:"pages,omitempty"`
	Events     int            `json:"events,omitempty"`
	Repeated   int            `json:"repeated,omitempty"`
	Malformed  int            `json:"malformed,omitempty"` // entries that are no events
	Own        int            `json:"own,omitempty"`       // our own approved changes
	ReadAt     time.Time      `json:"read_at,omitzero"`
	LastEvent  time.Time      `json:"last_event,omitzero"`
	Rules      string         `json:"rules,omitempty"` // digest of the rules
	Gaps       []LogGap       `json:"gaps,omitempty"`
	View       *LogView       `json:"view,omitempty"` // nil: as it was
	Wait       time.Duration  `json:"wait,omitempty"` // until the next poll, unless somebody wakes the log
}

// LogGap is a part of the log that was not read, or may not have been.
type LogGap struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
	At   time.Time `json:"at"` // when it was found
	Why  string    `json:"why"`
}

// LogView is what a checkpoint holds, for people.
type LogView struct {
	Open     int                 `json:"open"` // incidents
	First    []LogIncident       `json:"first,omitempty"`
	Waiting  int                 `json:"waiting,omitempty"` // alerts that wait: held, silenced, inhibited
	Unwanted []LogCount          `json:"unwanted,omitempty"`
	Silences []detection.Silence `json:"silences,omitempty"`
	Dropped  []LogCount          `json:"dropped,omitempty"` // what bounds made the engine forget
}

// LogIncident is an open incident in the log's index.
type LogIncident struct {
	Incident string             `json:"incident"` // rule/hash
	Severity detection.Severity `json:"severity"`
	Last     time.Time          `json:"last"`
	Events   int                `json:"events"`
}

// LogCount is a word with a number.
type LogCount struct {
	Name  string `json:"name"`
	Count int    `json:"count"`
}

// DeliverAlertsInput has the signals of a checkpoint sent. Sending them twice is sending them once: each carries its
// page's number.
type DeliverAlertsInput struct {
	Checkpoint CheckpointRef `json:"checkpoint"`
}

// ReportHourInput has the counts of an hour that a checkpoint closed told to the log and the monitoring endpoint.
type ReportHourInput struct {
	Checkpoint CheckpointRef `json:"checkpoint"`
}

// SystemLogInput starts or continues the reading of the log.
type SystemLogInput struct {
	State *LogState `json:"state,omitempty"`
}

// LogState answers QueryLog and is carried over continue-as-new.
type LogState struct {
	Mode       casework.Mode  `json:"mode,omitempty"`
	Idle       string         `json:"idle,omitempty"`    // why nothing is read
	Trouble    string         `json:"trouble,omitempty"` // what failed last, while it does
	Since      time.Time      `json:"since,omitzero"`    // of Trouble
	Checkpoint *CheckpointRef `json:"checkpoint,omitempty"`
	ReadAt     time.Time      `json:"read_at,omitzero"` // of the last page
	LastEvent  time.Time      `json:"last_event,omitzero"`
	Behind     bool           `json:"behind,omitempty"` // more pages wait
	Pages      int            `json:"pages,omitempty"`
	Events     int            `json:"events,omitempty"`
	Repeated   int            `json:"repeated,omitempty"`
	Malformed  int            `json:"malformed,omitempty"`
	Own        int            `json:"own,omitempty"`
	Signals    int            `json:"signals,omitempty"`
	Rules      string         `json:"rules,omitempty"`
	Gaps       []LogGap       `json:"gaps,omitempty"` // the latest, oldest first
	View       LogView        `json:"view,omitzero"`
	Orders     []LogOrder     `json:"orders,omitempty"`  // that wait for the next page
	Ordered    int            `json:"ordered,omitempty"` // orders so far
}

// Standing lists the silences that are in force or ordered, and not over, by what is known now.
func (s LogState) Standing(now time.Time) []detection.Silence {
	var list []detection.Silence
	for _, one := range s.View.Silences {
		if one.Until.After(now) {
			list = append(list, one)
		}
	}
	for _, order := range s.Orders {
		if order.Silence != nil && order.Silence.Until.After(now) {
			list = append(list, *order.Silence)
		}
		if order.Expire != "" {
			list = slices.DeleteFunc(list, func(one detection.Silence) bool { return one.ID == order.Expire })
		}
	}
	return list
}

// SilenceCommand keeps alerts quiet that all matchers match.
type SilenceCommand struct {
	Operator
	Matchers []detection.Matcher `json:"matchers"`
	Until    time.Time           `json:"until"`
}

// SilenceResult answers UpdateSilence.
type SilenceResult struct {
	ID   string `json:"id"`
	Text string `json:"text"`
}

// ExpireSilenceCommand ends a silence early.
type ExpireSilenceCommand struct {
	Operator
	ID string `json:"id"`
}

// LogNote is what the evidence of a case learns of the System Log: one event that is one of its changes.
type LogNote struct {
	Case      string    `json:"case"` // workflow ID
	Change    string    `json:"change"`
	UUID      string    `json:"uuid"`
	Type      string    `json:"type"`
	Published time.Time `json:"published"`
}

// LogNoteFolder is where the notes of a case lie in the blob store, each a file of its own, named by the event.
func LogNoteFolder(workflowID string) string { return "alerts/cases/" + workflowID + "/" }
