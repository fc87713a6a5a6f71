package contract

import (
	"time"

	"latchkey/casework"
	"latchkey/detection"
)

// Activities of an incident; the last runs on QueueLatchkey, the others on QueueFreshservice.
const (
	ActRouteAlert     = "RouteAlert"     // RouteAlertInput → AlertRoute
	ActOpenIncident   = "OpenIncident"   // OpenIncidentInput → OpenIncidentResult
	ActTellIncident   = "TellIncident"   // TellIncidentInput → TellIncidentResult
	ActReopenIncident = "ReopenIncident" // TellIncidentInput → TellIncidentResult
	ActCloseIncident  = "CloseIncident"  // CloseIncidentInput → TellIncidentResult
	ActLookIncident   = "LookIncident"   // LookIncidentInput → TellIncidentResult
	ActReportIncident = "ReportIncident" // ReportIncidentInput → nothing
	ActNotifyChat     = "NotifyChat"     // NotifyChatInput → NotifyChatResult
)

// AlertInput starts or continues the workflow of an incident. A fresh start carries nothing: what it is about comes
// with the signal that starts it.
type AlertInput struct {
	State *AlertState `json:"state,omitempty"`
}

// AlertPhase is where an incident stands; it is the value of the search attribute LatchkeyState.
type AlertPhase string

// The phases.
const (
	AlertPending AlertPhase = "pending" // waits for more before it is opened at the desk
	AlertOpen    AlertPhase = "open"
	AlertClosed  AlertPhase = "closed" // over; what comes within a window reopens it
	AlertMuted   AlertPhase = "muted"  // a bigger alert stands for it; it was never opened
	AlertBlocked AlertPhase = "needs_attention"
)

// AlertEnd is why an incident ended.
type AlertEnd string

// The ends.
const (
	AlertEndQuiet  AlertEnd = "quiet"  // nothing came for the time that policy gives it
	AlertEndPerson AlertEnd = "person" // a person resolved or closed it at the desk
	AlertEndGone   AlertEnd = "gone"   // a person deleted it, or marked it as spam
	AlertEndMuted  AlertEnd = "muted"  // a bigger alert stands for it
	AlertEndEased  AlertEnd = "eased"  // what was missed came before it was opened
)

// AlertState answers QueryAlert and is carried over continue-as-new: one incident's life.
type AlertState struct {
	Key        detection.Key      `json:"key"`
	Checkpoint uint64             `json:"checkpoint"` // of the last signal that counted
	Phase      AlertPhase         `json:"phase,omitempty"`
	End        AlertEnd           `json:"end,omitempty"`
	Severity   detection.Severity `json:"severity,omitempty"`
	Measure    int                `json:"measure,omitempty"`
	Events     int                `json:"events"`
	First      time.Time          `json:"first,omitzero"`
	Last       time.Time          `json:"last,omitzero"`
	Ticket     int64              `json:"ticket,omitempty"` // the incident at the desk; 0 while it has none
	URL        string             `json:"url,omitempty"`    // of the ticket
	// Opening is the checkpoint of the crossing that began this incident, and a part of its markers.
	Opening uint64    `json:"opening,omitempty"`
	Began   time.Time `json:"began,omitzero"`  // when the crossing was heard
	Opened  time.Time `json:"opened,omitzero"` // at the desk
	Heard   time.Time `json:"heard,omitzero"`  // when evidence last came: quiet counts from here
	Closed  time.Time `json:"closed,omitzero"`
	// Before is the ticket of the key's incident before this one, where there was one in living memory.
	Before int64      `json:"before,omitempty"`
	Route  AlertRoute `json:"route"`

	After   detection.Outcome    `json:"after,omitempty"`
	Fresh   []detection.Evidence `json:"fresh,omitempty"` // what the desk has not been told
	Told    int                  `json:"told,omitempty"`  // events that the desk knows of
	Stopped []detection.Key      `json:"stopped,omitempty"`
	// StoppedAll counts the alerts that this one stands for; Stopped are those that the desk has not been told.
	StoppedAll int                `json:"stopped_all,omitempty"`
	MutedBy    *detection.Key     `json:"muted_by,omitempty"`
	Eased      bool               `json:"eased,omitempty"`
	Observe    bool               `json:"observe,omitempty"`
	SaidAs     detection.Severity `json:"said_as,omitempty"` // the severity that the desk was told
	SaidMuted  string             `json:"said_muted,omitempty"`
	SaidEased  bool               `json:"said_eased,omitempty"`
	SaidQuiet  bool               `json:"said_quiet,omitempty"`

	Notes    int       `json:"notes,omitempty"`
	NoteAt   time.Time `json:"note_at,omitzero"`
	Summary  int64     `json:"summary,omitempty"` // the note that is kept up to date once there are too many
	Reopened int       `json:"reopened,omitempty"`
	// Owed is set when the log has not been told yet that the incident ended.
	Owed    bool      `json:"owed,omitempty"`
	Trouble string    `json:"trouble,omitempty"` // what failed, and is tried again at RetryAt
	RetryAt time.Time `json:"retry_at,omitzero"`
	Log     []LogLine `json:"log,omitempty"`
}

// AlertRoute is what policy says becomes of an incident, frozen when it opens and asked again when it rises.
type AlertRoute struct {
	Mode     casework.Mode      `json:"mode,omitempty"`
	Severity detection.Severity `json:"severity,omitempty"` // that it is for: the rule's own where the question named none
	Name     string             `json:"name,omitempty"`     // of the route
	Ticket   bool               `json:"ticket,omitempty"`
	Priority int                `json:"priority,omitempty"`
	Urgency  int                `json:"urgency,omitempty"`
	Impact   int                `json:"impact,omitempty"`
	Group    string             `json:"group,omitempty"`
	Category string             `json:"category,omitempty"`
	SubCat   string             `json:"sub_category,omitempty"`
	ItemCat  string             `json:"item_category,omitempty"`
	Tags     []string           `json:"tags,omitempty"`
	Chat     []ChatTarget       `json:"chat,omitempty"`
	Wait     time.Duration      `json:"wait,omitempty"`     // before it is opened
	Interval time.Duration      `json:"interval,omitempty"` // least between two notes
	Notes    int                `json:"notes,omitempty"`    // after so many, one note is kept up to date
	Quiet    time.Duration      `json:"quiet,omitempty"`
	Close    AlertClose         `json:"close,omitempty"`
	Reopen   time.Duration      `json:"reopen,omitempty"` // after the end, for new evidence
	// What the rule says for the responder.
	Rule  string   `json:"rule,omitempty"`
	Why   string   `json:"why,omitempty"`
	Steps []string `json:"steps,omitempty"`
}

// AlertClose says what becomes of an incident that is quiet.
type AlertClose string

// What becomes of it.
const (
	CloseUntouched AlertClose = "untouched" // resolved while nobody has taken it; otherwise noted
	CloseAlways    AlertClose = "always"
	CloseNever     AlertClose = "never" // noted
)

// ChatTarget is a channel. Its address is a secret of the workers.
type ChatTarget struct {
	Name string `json:"name"`
	Kind string `json:"kind"` // slack or teams
}

// RouteAlertInput asks policy about an incident.
type RouteAlertInput struct {
	Key      detection.Key      `json:"key"`
	Severity detection.Severity `json:"severity"`
	Events   int                `json:"events"`
}

// IncidentFacts is what a text says of an incident.
type IncidentFacts struct {
	Workflow string               `json:"workflow"` // its workflow ID
	Key      detection.Key        `json:"key"`
	Severity detection.Severity   `json:"severity"`
	Was      detection.Severity   `json:"was,omitempty"` // what the desk knew before, where it rose
	Route    AlertRoute           `json:"route"`
	Events   int                  `json:"events"`
	Added    int                  `json:"added,omitempty"` // since the desk was told last
	Measure  int                  `json:"measure,omitempty"`
	First    time.Time            `json:"first,omitzero"`
	Last     time.Time            `json:"last,omitzero"`
	After    detection.Outcome    `json:"after,omitempty"`
	Before   int64                `json:"before,omitempty"`
	Evidence []detection.Evidence `json:"evidence,omitempty"`
	Stopped  []detection.Key      `json:"stopped,omitempty"`
	// StoppedAll counts what it stands for, also what the desk was told before.
	StoppedAll int            `json:"stopped_all,omitempty"`
	MutedBy    *detection.Key `json:"muted_by,omitempty"`
	Eased      bool           `json:"eased,omitempty"`
	Quiet      bool           `json:"quiet,omitempty"`    // nothing came for Route.Quiet
	Closing    bool           `json:"closing,omitempty"`  // and it is resolved for that
	Reopened   bool           `json:"reopened,omitempty"` // it came back
	Rolling    bool           `json:"rolling,omitempty"`  // the note stands for all further ones
}

// OpenIncidentInput opens an incident at the desk, once for its marker.
type OpenIncidentInput struct {
	Facts   IncidentFacts `json:"facts"`
	Opening uint64        `json:"opening"`
	Began   time.Time     `json:"began"`
}

// OpenIncidentResult names the ticket. Observed says that none is to be opened, because the use case does not act.
type OpenIncidentResult struct {
	Ticket   int64  `json:"ticket,omitempty"`
	URL      string `json:"url,omitempty"`
	Already  bool   `json:"already,omitempty"`
	Observed bool   `json:"observed,omitempty"`
	// Left says what of the route the desk does not take, in words.
	Left []string `json:"left,omitempty"`
}

// TellIncidentInput writes one note for its key, and raises the ticket to the route's priority, urgency and impact where
// they are lower.
type TellIncidentInput struct {
	Ticket int64         `json:"ticket"`
	Key    string        `json:"key"`
	Facts  IncidentFacts `json:"facts"`
	Raise  bool          `json:"raise,omitempty"`
	// Summary is the note to bring up to date instead; 0 writes a further one.
	Summary int64 `json:"summary,omitempty"`
}

// TellIncidentResult says how the ticket stands. One that a person has closed or that is gone is left alone.
type TellIncidentResult struct {
	Closed  bool  `json:"closed,omitempty"`
	Gone    bool  `json:"gone,omitempty"`
	Touched bool  `json:"touched,omitempty"` // a person has taken it, or said something
	Note    int64 `json:"note,omitempty"`    // the conversation
	Already bool  `json:"already,omitempty"`
}

// CloseIncidentInput resolves a quiet incident with a note, as far as How allows; otherwise it only notes that it is quiet.
type CloseIncidentInput struct {
	Ticket int64         `json:"ticket"`
	Key    string        `json:"key"`
	Facts  IncidentFacts `json:"facts"`
	How    AlertClose    `json:"how"`
}

// LookIncidentInput asks how the ticket of an incident stands.
type LookIncidentInput struct {
	Ticket int64 `json:"ticket"`
}

// ReportIncidentInput keeps an incident's story in the blob store, under AlertFolder; a later one of the same Opening
// takes its place.
type ReportIncidentInput struct {
	State AlertState `json:"state"`
}

// NotifyChatInput says one thing in channels.
type NotifyChatInput struct {
	Targets []ChatTarget  `json:"targets"`
	Facts   IncidentFacts `json:"facts"`
	Ticket  int64         `json:"ticket"`
	URL     string        `json:"url,omitempty"`
}

// NotifyChatResult lists the channels that were not told, by name, with why.
type NotifyChatResult struct {
	Failed map[string]string `json:"failed,omitempty"`
}
