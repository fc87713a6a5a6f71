package contract

import (
	"strings"
	"time"

	"latchkey/detection"
)

// SystemLogID is the one workflow of a namespace that reads Okta's System Log.
const SystemLogID = "system-log"

// alertPrefix begins the IDs of incidents' workflows.
const alertPrefix = "alert/"

// AlertWorkflowID is the workflow of an incident: one for each correlation key, whether the incident is its first or
// its fifth. It holds a hash, never a name or an address.
func AlertWorkflowID(key detection.Key) string { return alertPrefix + key.String() }

// AlertFolder is where the evidence of an incident lies, given its workflow ID; false for any other ID.
func AlertFolder(workflowID string) (string, bool) {
	rest, ok := strings.CutPrefix(workflowID, alertPrefix)
	rule, hash, cut := strings.Cut(rest, "/")
	if !ok || !cut || rule == "" || hash == "" || strings.Contains(hash, "/") {
		return "", false
	}
	return "alerts/" + rule + "/" + hash, true
}

// AlertSignal is what one page of the log says about one incident (SignalAlert, log → incident, with start): at most
// one signal a page and incident. Checkpoint is the page's; one that is not newer than the last that counted is a
// repeat and does nothing, so a page that is worked off twice opens nothing twice.
type AlertSignal struct {
	Checkpoint uint64        `json:"checkpoint"`
	Key        detection.Key `json:"key"`
	// Opened is set when the incident crossed its threshold on this page; without it the page adds to one that is open.
	Opened   bool                 `json:"opened,omitempty"`
	Severity detection.Severity   `json:"severity,omitempty"` // as it is now; zero: unchanged
	At       time.Time            `json:"at"`                 // event time of the crossing, or of the page's last evidence
	First    time.Time            `json:"first,omitzero"`
	Last     time.Time            `json:"last,omitzero"`
	Measure  int                  `json:"measure,omitempty"` // events, values or points, of the crossing
	Events   int                  `json:"events"`            // that this page adds
	Evidence []detection.Evidence `json:"evidence,omitempty"`
	// After is why it did not open earlier: held, silenced or inhibited.
	After detection.Outcome `json:"after,omitempty"`
	// Stopped are the alerts that this one stands for: a storm's list, or those that a bigger alert keeps quiet.
	Stopped []detection.Key `json:"stopped,omitempty"`
	// MutedBy is set when a bigger alert opened on the same key: an incident that still waits to be opened at the desk
	// is not opened, and one that is open says so.
	MutedBy *detection.Key `json:"muted_by,omitempty"`
	// Eased is set when what an absence rule missed came after all.
	Eased bool `json:"eased,omitempty"`
	// Observe is set when the use case only observes: the incident writes its report and opens nothing.
	Observe bool `json:"observe,omitempty"`
}

// IncidentEndedSignal tells the log that an incident ended (SignalIncidentEnded, incident → log): its key is taken out
// of the index of open incidents, so that what comes next is judged afresh.
type IncidentEndedSignal struct {
	Key detection.Key `json:"key"`
	At  time.Time     `json:"at"`
}
