package detection

import (
	"regexp"
	"time"
)

// State is what an engine remembers between pages. The zero value is not usable: NewState, or DecodeState. It belongs
// to one goroutine at a time.
type State struct {
	number   uint64
	clock    int64 // the greatest event time, or the moment until which the log is read
	rules    map[string]*ruleState
	open     *keyed[*incident]
	waiting  *keyed[*candidate]
	silences []Silence
	openings map[string][]int64 // event times of new incidents by rule, and of all under ""
	memory   memory

	byRule   map[string]map[string]*incident // the open incidents of a rule
	shared   shared
	timers   timers                    // from pending absences and waiting candidates
	matchers map[string]*regexp.Regexp // of silences; filled on use
	// How much the last checkpoint took: a hint for the next.
	bytes, texts int
}

// ruleState is the state of one rule. Which of the parts is used depends on its kind.
type ruleState struct {
	shape     string // of the rule that filled it; another shape begins anew
	windows   *keyed[*window]
	sequences *keyed[*sequence]
	absences  *keyed[*absence]
	seen      *keyed[*firstSeen]
}

// incident is an entry of the index of open incidents.
type incident struct {
	key      Key
	plain    string
	opened   int64
	last     int64 // of its evidence
	severity Severity
	measure  int
	events   int
	values   []uint64 // told apart so far, for distinct and score
	quiet    int64
}

// covers says whether an event at a moment belongs to the incident.
func (i *incident) covers(at int64) bool { return at <= i.last+i.quiet && at >= i.opened-i.quiet }

// candidate is an alert on its way to become an incident.
type candidate struct {
	rule     string
	version  string
	key      Key
	plain    string
	severity Severity
	measure  int
	at       int64
	first    int64
	last     int64
	events   int
	evidence []*proof
	values   []uint64
	quiet    int64
	// A candidate that waits:
	why  Outcome
	by   string
	next int64 // when it is looked at again
}

func (c *candidate) field(name string) (string, bool) {
	switch name {
	case "rule":
		return given(c.rule)
	case "severity":
		return given(c.severity.String())
	}
	if v, is := c.key.Value(name); is {
		return v, true
	}
	if n := len(c.evidence); n > 0 {
		return c.evidence[n-1].field(name)
	}
	return "", false
}

// NewState is the state before the first event.
func NewState() *State {
	s := &State{
		rules: map[string]*ruleState{}, open: newKeyed[*incident](), waiting: newKeyed[*candidate](),
		openings: map[string][]int64{}, memory: newMemory(), byRule: map[string]map[string]*incident{}, shared: newShared(),
	}
	s.open.removed = func(e *entry[*incident]) { delete(s.byRule[e.value.key.Rule], e.key) }
	return s
}

// addOpen enters an incident into the index; its entry is touched with the end of its quiet time.
func (s *State) addOpen(i *incident) {
	key := i.key.Rule + "\x00" + i.plain
	e, _ := s.open.touch(key, i.last+i.quiet)
	e.value = i
	if s.byRule[i.key.Rule] == nil {
		s.byRule[i.key.Rule] = map[string]*incident{}
	}
	s.byRule[i.key.Rule][key] = i
}

// openAt is the open incident of a rule that an event at a moment belongs to.
func (s *State) openAt(rule, plain string, at int64) *incident {
	if i := s.byRule[rule][rule+"\x00"+plain]; i != nil && i.covers(at) {
		return i
	}
	return nil
}

func newRuleState(shape string) *ruleState {
	return &ruleState{
		shape: shape, windows: newKeyed[*window](), sequences: newKeyed[*sequence](), absences: newKeyed[*absence](),
		seen: newKeyed[*firstSeen](),
	}
}

// Number counts the changes of a state: the number of its checkpoint.
func (s *State) Number() uint64 { return s.number }

// Clock is how far event time has come; zero before the first event.
func (s *State) Clock() time.Time {
	if s.clock == 0 {
		return time.Time{}
	}
	return utc(s.clock)
}

func (s *State) changed() { s.number++ }

// OpenIncident is an entry of the index of open incidents.
type OpenIncident struct {
	Key      Key
	Severity Severity
	Opened   time.Time
	Last     time.Time
	Events   int
}

// Open lists the open incidents, the one that is quiet for longest first.
func (s *State) Open() []OpenIncident {
	var list []OpenIncident
	for _, e := range s.open.all() {
		i := e.value
		list = append(list, OpenIncident{
			Key: i.key, Severity: i.severity, Opened: utc(i.opened), Last: utc(i.last), Events: i.events,
		})
	}
	return list
}

// WaitingAlert is an alert that waits for the end of what stopped it.
type WaitingAlert struct {
	Key  Key
	Why  Outcome // held, silenced or inhibited
	By   string
	Next time.Time
}

// Waiting lists the alerts that wait, the one that is quiet for longest first.
func (s *State) Waiting() []WaitingAlert {
	var list []WaitingAlert
	for _, e := range s.waiting.all() {
		list = append(list, WaitingAlert{Key: e.value.key, Why: e.value.why, By: e.value.by, Next: utc(e.value.next)})
	}
	return list
}

// CloseIncident takes an incident out of the index: somebody resolved it, and what comes next is judged afresh. It says
// whether it was there.
func (s *State) CloseIncident(key Key) bool {
	for _, e := range s.open.all() {
		if e.value.key.Rule == key.Rule && e.value.key.Hash == key.Hash {
			s.open.remove(e.key)
			s.wakeInhibited(key.String())
			s.changed()
			return true
		}
	}
	return false
}

// wakeInhibited has what an incident muted judged again.
func (s *State) wakeInhibited(by string) {
	for _, w := range s.waiting.all() {
		if w.value.why == Inhibited && w.value.by == by {
			w.value.next = min(w.value.next, s.clock)
			s.timers.add(timer{due: w.value.next, kind: timerWaiting, key: w.key})
		}
	}
}
