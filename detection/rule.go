package detection

import "time"

// Condition is a compiled condition on an event. An error means that it cannot be told, which is no match; the engine
// counts it. A condition must be pure: the same event gives the same answer.
type Condition func(*Event) (bool, error)

// RuleKind is what a rule looks for.
type RuleKind string

// The kinds of rules.
const (
	KindMatch     RuleKind = "match"      // every event
	KindCount     RuleKind = "count"      // AtLeast events within Window
	KindDistinct  RuleKind = "distinct"   // AtLeast different values of Of within Window
	KindSequence  RuleKind = "sequence"   // Steps one after the other within Window
	KindAbsence   RuleKind = "absence"    // On, and no Cancel with a time from On until On + Window
	KindFirstSeen RuleKind = "first_seen" // a value of Of not seen within Window, once Learning is over
	KindScore     RuleKind = "score"      // building blocks whose points reach AtLeast within Window, each counted once
)

// Selector chooses events: one of Types, for which When holds. A nil When holds.
type Selector struct {
	Types []string
	When  Condition
}

// Step is one part of a sequence: at least Count events (0 means 1).
type Step struct {
	On    Selector
	Count int
}

// Block is an event that is no alert by itself and has points.
type Block struct {
	Name   string
	On     Selector
	Points int
}

// Raise is a severity above the rule's own: from AtLeast on (the rule's measure: events, values or points; evidence of
// an open incident counts on), or when When holds for an event. One of both is given.
type Raise struct {
	AtLeast  int
	When     Condition
	Severity Severity
}

// Rule is one alert. Times are event time.
type Rule struct {
	ID       string
	Version  string // of its text; candidates name it
	Kind     RuleKind
	Severity Severity
	Raise    []Raise

	On     Selector // match, count, distinct, absence, first_seen
	Cancel Selector // absence
	Steps  []Step   // sequence
	Blocks []Block  // score

	// Key are the fields of an event that say which incident it belongs to. Where one is absent, Fallback is tried;
	// where that is absent too, the event is counted as unkeyed and does nothing.
	Key      []string
	Fallback []string
	Of       string // distinct, first_seen: the field whose values are told apart
	// Once is a field whose repeats count once in a count rule: several events of a transaction are one attempt.
	Once    string
	AtLeast int // count, distinct, score

	Window   time.Duration // count, distinct, sequence, absence, score; the horizon of first_seen
	Learning time.Duration // first_seen: how long the values of a new key are only learned
	// Quiet is how long an incident stays open after its last evidence. While it is open the rule does not fire again
	// for its key. 0 means max(2 × Window, 24 h); it is never shorter than the window of a count.
	Quiet time.Duration

	// IgnoreOwn makes the rule blind to the fact that an event is our own change.
	IgnoreOwn bool
	CountOnly bool     // every crossing is counted and opens nothing
	Mute      []string // names of the mute times that put its incidents off; they apply to S3 and S4 only
}

// Inhibition mutes Target while an incident of Source is open with the same values of the key fields Equal. A key field
// that one of both lacks never agrees. With no Equal any incident of Source mutes every incident of Target. A source
// never mutes S1 unless it is S1 itself.
type Inhibition struct {
	Source, Target string
	Equal          []string
}

// Set is a pack of rules and what surrounds it.
type Set struct {
	Rules      []Rule
	Inhibit    []Inhibition
	MuteTimes  []MuteTime
	Limits     Limits
	KeyContext string // goes into every key hash: tenants must not share keys
}

// Limits bound what a State holds and opens. A zero is its default. What a bound made the engine forget is in
// Result.Dropped.
type Limits struct {
	Lateness   time.Duration // how late an event may arrive and still be judged exactly (10 minutes)
	Future     time.Duration // how far an event may be ahead of Page.Now before its time is taken as Page.Now (5 minutes)
	Stale      time.Duration // how old an event may be at Page.Now and still open an incident below S1 (24 hours)
	Keys       int           // keys for each rule (20,000)
	Hits       int           // events for each key (256; at least four times a rule's threshold is used)
	Values     int           // values for each key of a first_seen rule (64)
	Incidents  int           // open incidents (10,000)
	Waiting    int           // candidates that wait (5,000)
	Remembered int           // uuids of events that were seen (65,536)
	Evidence   int           // pieces of evidence that one crossing carries (20)
	PerRule    int           // new incidents of one rule in an hour, S1 excepted (20)
	Over       int           // new incidents of all rules in an hour (20)

	// RememberedFor is how long in event time an uuid is remembered, if not too many came since (an hour, or six times
	// Lateness where that is longer). The latest 8,000 are remembered for longer.
	RememberedFor time.Duration
}

func (l Limits) withDefaults() Limits {
	l.Lateness = orDefault(l.Lateness, 10*time.Minute)
	l.Future = orDefault(l.Future, 5*time.Minute)
	l.Stale = orDefault(l.Stale, 24*time.Hour)
	l.Keys = orDefault(l.Keys, 20_000)
	l.Hits = orDefault(l.Hits, 256)
	l.Values = orDefault(l.Values, 64)
	l.Incidents = orDefault(l.Incidents, 10_000)
	l.Waiting = orDefault(l.Waiting, 5_000)
	l.Remembered = orDefault(l.Remembered, 1<<16)
	l.RememberedFor = orDefault(l.RememberedFor, max(time.Hour, 6*l.Lateness))
	l.Evidence = orDefault(l.Evidence, 20)
	l.PerRule = orDefault(l.PerRule, 20)
	l.Over = orDefault(l.Over, 20)
	return l
}

func orDefault[T int | time.Duration](v, otherwise T) T {
	if v == 0 {
		return otherwise
	}
	return v
}

// QuietTime is how long an incident of the rule stays open after its last evidence, default filled in.
func (r *Rule) QuietTime() time.Duration {
	if r.Quiet > 0 {
		return r.Quiet
	}
	return max(2*r.Window, 24*time.Hour)
}
