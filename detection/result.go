package detection

import "time"

// Outcome is what became of a hit.
type Outcome string

// The outcomes.
const (
	Fired     Outcome = "fired"      // it opened an incident
	Counted   Outcome = "counted"    // below the threshold, or evidence of an incident that is open
	Held      Outcome = "held"       // a mute time: it opens when that ends
	Silenced  Outcome = "silenced"   // a silence
	Inhibited Outcome = "inhibited"  // muted by a bigger alert, whose incident has the evidence
	Flooded   Outcome = "flooded"    // over the cap: the storm incident has it on its list
	OwnChange Outcome = "own_change" // one of our own changes
)

// Hit is a rule that an event fits.
type Hit struct {
	Rule    string
	Outcome Outcome
	Key     Key    // zero for an event that has no key and for our own change
	By      string // what stopped it: the incident (rule/hash), silence or case; "stale" for an event too old to open one
}

// EventHits are the hits of one event of a page.
type EventHits struct {
	UUID     string
	Type     string
	Repeated bool // seen before: nothing was done
	Hits     []Hit
	Incident string // rule/hash of the first incident that it belongs to; empty when it belongs to none
}

// CrossingKind is what happened to an incident.
type CrossingKind string

// The kinds of crossings.
const (
	Opened CrossingKind = "opened"
	Raised CrossingKind = "raised"
	Eased  CrossingKind = "eased" // what an absence rule missed came after all
)

// Crossing is what leaves the engine.
type Crossing struct {
	Kind     CrossingKind
	Key      Key
	Version  string // of the rule
	Severity Severity
	At       time.Time
	Measure  int // events, values or points; what the severity was found by
	First    time.Time
	Last     time.Time
	Events   int        // how many events are behind it
	Evidence []Evidence // the earliest of them, Limits.Evidence at most
	// After is why it did not open earlier: held, silenced, inhibited; empty when it was not kept waiting.
	After Outcome
	// Stopped are the incidents of the storm's list, for a storm.
	Stopped []Key
	// Mutes are open incidents that this one mutes from now on, in the order of their keys: one that still waits to be
	// opened at the desk need not be (State.CloseIncident then takes it out of the index).
	Mutes []Key
}

// Joined is evidence that an incident got in one step, all of it together.
type Joined struct {
	Key      Key
	Events   int
	First    time.Time
	Last     time.Time
	Evidence []Evidence // the earliest, Limits.Evidence at most
	Stopped  []Key      // alerts that it stands for: a bigger alert's muted ones, a storm's list
}

// Settled is what became of an event of the past that an absence rule waited on.
type Settled struct {
	UUID string
	Hit  Hit
}

// Result is what a step says. Steps of one event each say together what one step of all of them says, except that
// Joined comes for each step.
type Result struct {
	Events    []EventHits // one for each event of the page, in its order
	Crossings []Crossing
	Joined    []Joined
	Settled   []Settled
	Counts    map[string]map[Outcome]int // hits by rule
	Unwanted  map[string]int             // event types that no rule looks at
	Unkeyed   map[string]int             // hits without a key, by rule
	Errors    map[string]int             // conditions that could not be told, by rule
	Repeated  int
	Late      int            // events later than Limits.Lateness
	Clamped   int            // events from the future
	Dropped   map[string]int // what a bound made the engine forget: keys, hits, values, incidents, waiting, remembered
	Changed   bool           // the state is another than before
}

func newResult() *Result {
	return &Result{
		Counts: map[string]map[Outcome]int{}, Unwanted: map[string]int{}, Unkeyed: map[string]int{},
		Errors: map[string]int{}, Dropped: map[string]int{},
	}
}

func (r *Result) count(rule string, o Outcome) {
	if r.Counts[rule] == nil {
		r.Counts[rule] = map[Outcome]int{}
	}
	r.Counts[rule][o]++
}

func (r *Result) drop(what string, n int) {
	if n > 0 {
		r.Dropped[what] += n
	}
}
