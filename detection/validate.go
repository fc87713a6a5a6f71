package detection

import (
	"errors"
	"fmt"
	"slices"
)

// check says everything that is wrong with a set.
func (s *Set) check() error {
	var wrong []error
	say := func(rule, format string, args ...any) {
		wrong = append(wrong, fmt.Errorf("rule %s: %s", rule, fmt.Sprintf(format, args...)))
	}
	ids := map[string]bool{}
	for i := range s.Rules {
		r := &s.Rules[i]
		if r.ID == "" || r.ID == Storm {
			say(fmt.Sprintf("%q", r.ID), "needs an ID, and %q is taken", Storm)
		}
		if ids[r.ID] {
			say(r.ID, "is there twice")
		}
		ids[r.ID] = true
		r.check(func(format string, args ...any) { say(r.ID, format, args...) })
		for _, m := range r.Mute {
			if !slices.ContainsFunc(s.MuteTimes, func(t MuteTime) bool { return t.Name == m }) {
				say(r.ID, "mute time %q is not known", m)
			}
		}
	}
	for _, in := range s.Inhibit {
		switch {
		case !ids[in.Source] || !ids[in.Target]:
			say(in.Source, "mutes %s; both have to be rules of the set", in.Target)
		case in.Source == in.Target:
			say(in.Source, "cannot mute itself")
		case s.reaches(in.Target, in.Source):
			say(in.Source, "mutes %s, which mutes it in turn; leave one of them out", in.Target)
		}
	}
	for _, m := range s.MuteTimes {
		if err := m.check(); err != nil {
			wrong = append(wrong, err)
		}
	}
	return errors.Join(wrong...)
}

// reaches says whether from mutes to, directly or by way of others.
func (s *Set) reaches(from, to string) bool {
	seen := map[string]bool{}
	todo := []string{from}
	for len(todo) > 0 {
		at := todo[0]
		todo = todo[1:]
		if at == to {
			return true
		}
		if seen[at] {
			continue
		}
		seen[at] = true
		for _, in := range s.Inhibit {
			if in.Source == at {
				todo = append(todo, in.Target)
			}
		}
	}
	return false
}

func (r *Rule) check(say func(string, ...any)) {
	if r.Severity.String() == "" {
		say("needs a severity from S1 to S4")
	}
	if len(r.Key) == 0 {
		say("needs a key: the fields that tell its incidents apart, or org")
	}
	for _, name := range slices.Concat(r.Key, r.Fallback) {
		if err := CheckField(name); err != nil {
			say("key: %v", err)
		}
	}
	for _, raise := range r.Raise {
		if raise.Severity.String() == "" || raise.Severity >= r.Severity {
			say("a raise goes to a severity above the rule's own %s", r.Severity)
		}
		if (raise.AtLeast > 0) == (raise.When != nil) {
			say("a raise has one of a number and a condition")
		}
	}
	if r.Kind != KindMatch && r.Window <= 0 {
		say("needs a window")
	}
	if r.QuietTime() < r.Window && r.Kind != KindFirstSeen && r.Kind != KindAbsence {
		say("quiet %s is shorter than the window %s", r.Quiet, r.Window)
	}
	switch r.Kind {
	case KindMatch, KindAbsence, KindFirstSeen, KindCount, KindDistinct:
		r.checkSelectors(say)
	case KindSequence:
		if len(r.Steps) < 2 {
			say("a sequence has two steps or more")
		}
		for _, s := range r.Steps {
			if len(s.On.Types) == 0 || s.Count < 0 {
				say("a step needs event types and a count that is not negative")
			}
		}
	case KindScore:
		for _, b := range r.Blocks {
			if b.Name == "" || b.Points < 1 || len(b.On.Types) == 0 {
				say("a block needs a name, event types and points")
			}
		}
		if len(r.Blocks) == 0 || r.AtLeast < 1 {
			say("a score needs blocks and the points that make an alert")
		}
	default:
		say("kind %q is not known", r.Kind)
	}
}

func (r *Rule) checkSelectors(say func(string, ...any)) {
	if len(r.On.Types) == 0 {
		say("needs event types")
	}
	if r.Kind == KindAbsence && len(r.Cancel.Types) == 0 {
		say("needs the event types that cancel it")
	}
	if (r.Kind == KindCount || r.Kind == KindDistinct) && r.AtLeast < 1 {
		say("needs a threshold of 1 or more")
	}
	if r.Kind == KindDistinct || r.Kind == KindFirstSeen || r.Of != "" {
		if err := CheckField(r.Of); err != nil {
			say("of: %v", err)
		}
	}
	if r.Once != "" {
		if err := CheckField(r.Once); err != nil {
			say("once: %v", err)
		}
		if r.Kind != KindCount {
			say("once is for counts")
		}
	}
}
