package detection

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Engine is a checked set of rules. It is immutable; any number of goroutines may use it, each with a state of its own.
type Engine struct {
	set     Set
	limits  Limits
	rules   map[string]*compiled
	routes  map[string][]route      // by event type
	inhibit map[string][]Inhibition // by target
}

// compiled is a rule ready for use.
type compiled struct {
	*Rule
	key, fallback []getter
	of, once      getter
	counts        []int // of the steps
	window, quiet int64 // milliseconds
	hits          int   // bound for a key
	shape         string
}

// route leads an event type to the selectors of a rule that want it.
type route struct {
	rule  *compiled
	parts []part
}

type part struct {
	when   Condition
	cancel bool
	index  int // of the step or block
}

// New checks a set and makes it an engine. The error says everything that is wrong. The set must not be changed later.
func New(set Set) (*Engine, error) {
	if err := set.check(); err != nil {
		return nil, fmt.Errorf("alert rules: %w", err)
	}
	e := &Engine{
		set: set, limits: set.Limits.withDefaults(), rules: map[string]*compiled{}, routes: map[string][]route{},
		inhibit: map[string][]Inhibition{},
	}
	for i := range set.Rules {
		r, err := e.compile(&set.Rules[i])
		if err != nil {
			return nil, err
		}
		e.rules[r.ID] = r
		for n, s := range r.selectors() {
			e.route(r, s.on, part{when: s.on.When, cancel: s.cancel, index: n})
		}
	}
	for _, in := range set.Inhibit {
		e.inhibit[in.Target] = append(e.inhibit[in.Target], in)
	}
	return e, nil
}

func (e *Engine) compile(r *Rule) (*compiled, error) {
	c := &compiled{Rule: r, window: r.Window.Milliseconds(), quiet: r.QuietTime().Milliseconds(), hits: e.limits.Hits}
	for _, list := range []struct {
		names []string
		into  *[]getter
	}{{r.Key, &c.key}, {r.Fallback, &c.fallback}} {
		for _, name := range list.names {
			get, err := fieldOf(name)
			if err != nil {
				return nil, err
			}
			*list.into = append(*list.into, get)
		}
	}
	for _, one := range []struct {
		name string
		into *getter
	}{{r.Of, &c.of}, {r.Once, &c.once}} {
		if one.name == "" {
			continue
		}
		get, err := fieldOf(one.name)
		if err != nil {
			return nil, err
		}
		*one.into = get
	}
	needed := r.AtLeast
	for _, s := range r.Steps {
		c.counts = append(c.counts, max(1, s.Count))
		needed += max(1, s.Count)
	}
	c.hits = max(c.hits, 4*needed)
	names := make([]string, 0, len(r.Blocks))
	for _, b := range r.Blocks {
		names = append(names, b.Name)
	}
	c.shape = strings.Join([]string{
		string(r.Kind), strings.Join(r.Key, ","), strings.Join(r.Fallback, ","), r.Of, r.Once, r.Window.String(),
		fmt.Sprint(c.counts), strings.Join(names, ","),
	}, "|")
	return c, nil
}

type selected struct {
	on     Selector
	cancel bool
}

// selectors lists what a rule looks at; the place of a step or block is its index.
func (r *Rule) selectors() []selected {
	switch r.Kind {
	case KindSequence:
		list := make([]selected, 0, len(r.Steps))
		for _, s := range r.Steps {
			list = append(list, selected{on: s.On})
		}
		return list
	case KindScore:
		list := make([]selected, 0, len(r.Blocks))
		for _, b := range r.Blocks {
			list = append(list, selected{on: b.On})
		}
		return list
	case KindAbsence:
		return []selected{{on: r.On}, {on: r.Cancel, cancel: true}}
	case KindMatch, KindCount, KindDistinct, KindFirstSeen:
		return []selected{{on: r.On}}
	}
	return nil
}

func (e *Engine) route(r *compiled, s Selector, p part) {
	types := slices.Clone(s.Types)
	slices.Sort(types)
	for _, t := range slices.Compact(types) {
		list := e.routes[t]
		if n := len(list); n > 0 && list[n-1].rule == r {
			list[n-1].parts = append(list[n-1].parts, p)
			continue
		}
		e.routes[t] = append(list, route{rule: r, parts: []part{p}})
	}
}

// Wants says whether any rule looks at events of a type.
func (e *Engine) Wants(eventType string) bool { return len(e.routes[eventType]) > 0 }

// Types lists the event types that rules look at.
func (e *Engine) Types() []string {
	list := make([]string, 0, len(e.routes))
	for t := range e.routes {
		list = append(list, t)
	}
	slices.Sort(list)
	return list
}

// Page is what is read of a log at once.
type Page struct {
	Events []*Event // in the order of arrival
	// Now is when the page was read; zero in a back-test. An event from further ahead is taken to be of now.
	Now time.Time
	// More says that more pages wait. Without it the log is known up to Now, so absences until then are certain.
	More bool
	// Own names, by uuid, the case of each event that is our own approved change.
	Own map[string]string
}

// Step moves a state over a page and says what follows from it. An event whose uuid is remembered does nothing.
func (e *Engine) Step(s *State, p Page) *Result {
	st := &step{engine: e, state: s, page: p, result: newResult(), joined: map[string]int{}}
	st.prepare()
	for _, ev := range p.Events {
		st.result.Events = append(st.result.Events, st.event(ev))
	}
	if !p.More && !p.Now.IsZero() {
		st.advance(p.Now.UnixMilli())
	}
	st.wake()
	if st.result.Changed {
		s.changed()
	}
	return st.result
}

// Finish has what is still pending come due, for sixty days ahead: absences and what mute times hold. It is for the end
// of a back-test.
func (e *Engine) Finish(s *State) *Result {
	st := &step{engine: e, state: s, result: newResult(), joined: map[string]int{}}
	st.prepare()
	st.wake()
	s.timers.set(s.pending(e))
	for end := s.clock + 60*24*sweepEvery; len(s.timers.list) > 0 && s.timers.list[0].due <= end; {
		st.advance(s.timers.list[0].due)
	}
	if st.result.Changed {
		s.changed()
	}
	return st.result
}
