package detection

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// MatchOp is how a matcher compares.
type MatchOp string

// The comparisons of a matcher. Expressions are anchored at both ends. A matcher on a field that is absent never
// matches, the negative ones included.
const (
	OpEqual    MatchOp = "="
	OpNotEqual MatchOp = "!="
	OpMatch    MatchOp = "=~"
	OpNotMatch MatchOp = "!~"
)

// Matcher compares a field: "rule", "severity", a field of the incident's key, or, of the event that crossed, type,
// outcome, reason, subject, login, ip, city, country or app. Another field is absent.
type Matcher struct {
	Field string
	Op    MatchOp
	Value string
}

// Silence keeps alerts quiet that all its matchers match, from From until Until (not included), in event time.
type Silence struct {
	ID          string
	Matchers    []Matcher
	Author      string
	Reason      string
	From, Until time.Time
}

const longestSilence = 30 * 24 * time.Hour

var errSilence = errors.New("the silence is refused")

// Check says what is wrong with a silence; nil when nothing is.
func (s Silence) Check() error {
	refuse := func(format string, args ...any) error {
		return fmt.Errorf("%w: %s", errSilence, fmt.Sprintf(format, args...))
	}
	switch {
	case s.ID == "" || strings.TrimSpace(s.Author) == "" || strings.TrimSpace(s.Reason) == "":
		return refuse("it needs an ID, an author and a reason")
	case !s.Until.After(s.From):
		return refuse("it has to end after it begins")
	case s.Until.Sub(s.From) > longestSilence:
		return refuse("it may last 30 days at most")
	}
	positive := false
	for _, m := range s.Matchers {
		if m.Field != "rule" && m.Field != "severity" {
			if err := CheckField(m.Field); err != nil {
				return refuse("%v", err)
			}
		}
		switch m.Op {
		case OpEqual, OpNotEqual:
			if m.Value == "" {
				return refuse("the matcher on %s has no value", m.Field)
			}
			positive = positive || m.Op == OpEqual
		case OpMatch, OpNotMatch:
			re, err := anchored(m.Value)
			if err != nil {
				return refuse("the matcher on %s: %v", m.Field, err)
			}
			positive = positive || (m.Op == OpMatch && !re.MatchString(""))
		default:
			return refuse("a matcher compares with =, !=, =~ or !~, not %q", m.Op)
		}
	}
	if !positive {
		return refuse("it needs a matcher with = or =~ that does not match everything")
	}
	return nil
}

func anchored(expression string) (*regexp.Regexp, error) {
	return regexp.Compile(`\A(?:` + expression + `)\z`)
}

// AddSilence keeps a silence in the state, in place of one with the same ID.
func (s *State) AddSilence(silence Silence) error {
	if err := silence.Check(); err != nil {
		return err
	}
	s.ExpireSilence(silence.ID)
	s.silences = append(s.silences, silence)
	s.changed()
	return nil
}

// ExpireSilence removes a silence and says whether it was there. What it kept quiet is judged again with the next step.
func (s *State) ExpireSilence(id string) bool {
	before := len(s.silences)
	s.silences = slices.DeleteFunc(s.silences, func(o Silence) bool { return o.ID == id })
	if len(s.silences) == before {
		return false
	}
	s.matchers = nil
	for _, w := range s.waiting.all() {
		if w.value.why == Silenced && w.value.by == id {
			w.value.next = min(w.value.next, s.clock)
			s.timers.add(timer{due: w.value.next, kind: timerWaiting, key: w.key})
		}
	}
	s.changed()
	return true
}

// Silences lists the silences of a state, in the order in which they were added. Those that are over stay listed until
// they are a week old.
func (s *State) Silences() []Silence { return slices.Clone(s.silences) }

// silenced finds the silence that keeps a candidate quiet at a moment.
func (s *State) silenced(c *candidate, at int64) (id string, until int64, is bool) {
	for i := range s.silences {
		one := &s.silences[i]
		if at < one.From.UnixMilli() || at >= one.Until.UnixMilli() {
			continue
		}
		if s.matches(one, c) && (!is || one.Until.UnixMilli() > until) {
			id, until, is = one.ID, one.Until.UnixMilli(), true
		}
	}
	return id, until, is
}

func (s *State) matches(one *Silence, c *candidate) bool {
	for _, m := range one.Matchers {
		have, there := c.field(m.Field)
		if !there || !s.compare(m, have) {
			return false
		}
	}
	return true
}

func (s *State) compare(m Matcher, have string) bool {
	switch m.Op {
	case OpEqual:
		return have == m.Value
	case OpNotEqual:
		return have != m.Value
	case OpMatch, OpNotMatch:
		re := s.matchers[m.Value]
		if re == nil {
			var err error
			if re, err = anchored(m.Value); err != nil {
				return false // refused when it was added
			}
			if s.matchers == nil {
				s.matchers = map[string]*regexp.Regexp{}
			}
			s.matchers[m.Value] = re
		}
		return re.MatchString(have) == (m.Op == OpMatch)
	}
	return false
}
