package activities

import (
	"slices"
	"time"

	"latchkey/contract"
	"latchkey/detection"
)

// evidenceMost is how many pieces of evidence one signal carries.
const evidenceMost = 20

// signalsOf makes one signal for each incident that a page says something about, in the order in which they came up.
func signalsOf(checkpoint uint64, r *detection.Result, observe bool) []contract.AlertSignal {
	s := signalling{at: map[string]int{}}
	for _, c := range r.Crossings {
		one := s.of(c.Key)
		one.Severity, one.At, one.Measure = c.Severity, c.At, c.Measure
		switch c.Kind {
		case detection.Opened:
			one.Opened, one.After = true, c.After
			one.add(c.Events, c.Evidence, c.Stopped)
			one.spans(c.First, c.Last)
		case detection.Eased:
			one.Eased = true
			one.spans(c.First, c.Last)
		case detection.Raised: // its events come with what joined
		}
		for _, muted := range c.Mutes {
			m := s.of(muted)
			m.MutedBy = &c.Key
			if m.At.IsZero() {
				m.At = c.At
			}
		}
	}
	for _, j := range r.Joined {
		one := s.of(j.Key)
		one.add(j.Events, j.Evidence, j.Stopped)
		one.spans(j.First, j.Last)
		if one.At.IsZero() {
			one.At = j.Last
		}
	}
	list := make([]contract.AlertSignal, 0, len(s.list))
	for _, one := range s.list {
		one.Checkpoint, one.Observe = checkpoint, observe
		list = append(list, one.AlertSignal)
	}
	return list
}

type signalling struct {
	at   map[string]int
	list []*signal
}

type signal struct{ contract.AlertSignal }

func (s *signalling) of(key detection.Key) *signal {
	i, known := s.at[key.String()]
	if !known {
		i = len(s.list)
		s.at[key.String()] = i
		s.list = append(s.list, &signal{contract.AlertSignal{Key: key}})
	}
	return s.list[i]
}

func (s *signal) add(events int, evidence []detection.Evidence, stopped []detection.Key) {
	s.Events += events
	for _, e := range evidence {
		known := slices.ContainsFunc(s.Evidence, func(o detection.Evidence) bool { return o.UUID == e.UUID })
		if !known && len(s.Evidence) < evidenceMost {
			s.Evidence = append(s.Evidence, e)
		}
	}
	for _, k := range stopped {
		if !slices.ContainsFunc(s.Stopped, func(o detection.Key) bool { return o.String() == k.String() }) {
			s.Stopped = append(s.Stopped, k)
		}
	}
}

func (s *signal) spans(first, last time.Time) {
	if !first.IsZero() && (s.First.IsZero() || first.Before(s.First)) {
		s.First = first
	}
	if last.After(s.Last) {
		s.Last = last
	}
}
