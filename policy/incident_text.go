package policy

import "time"

// IncidentText is what the texts "incident" and "incident_note" say. Its texts are bounded and free of control
// characters; the templates escape them.
type IncidentText struct {
	Rule     string // its name
	RuleID   string
	Why      string
	Severity string // S1 to S4
	Was      string // where it rose: the severity that the desk knew
	Steps    []string

	Events  int // all of them
	Added   int // since the note before
	Measure int // events, values or points at the crossing
	First   time.Time
	Last    time.Time
	After   string // why it did not open earlier, in words; empty when it was not kept waiting

	About    []IncidentFact  // who, from where, with what
	Timeline []IncidentEvent // the first of what is new, in order
	More     int             // new events that the timeline does not show

	Before     int64    // the ticket of the same key before this one
	Stopped    []string // new alerts that it stands for
	StoppedAll int
	MutedBy    string        // the bigger alert that stands for it
	Eased      bool          // what was missed came after all
	Quiet      time.Duration // set where nothing came for so long
	Closing    bool          // and it is resolved for that
	Reopened   bool          // it came back, and was opened again
	Rolling    bool          // the note stands for all further ones

	OktaLog  string // a page of Okta's admin console; empty where its address is not known
	Filter   string // what to search for in Okta's System Log
	Temporal string // the workflow's page; empty where the address of the UI is not known
	Workflow string // its ID
}

// IncidentFact is one line about an incident.
type IncidentFact struct{ Label, Value string }

// IncidentEvent is one line of a timeline.
type IncidentEvent struct {
	At     time.Time
	What   string // event type
	Result string // outcome and reason
	Who    string
	Where  string // address and place
	With   string // app, browser, device
	Risk   string
}
