package detection

import (
	"fmt"
	"maps"
	"slices"
)

// checkpointVersion is the first byte of a checkpoint. Another layout takes another number.
const checkpointVersion = 2

// Encode makes the bytes of a checkpoint: the same bytes for the same state. Values that are only told apart are in it
// as digests; it holds the evidence, so it is as confidential as the log.
func (s *State) Encode() []byte {
	w := newWriter(s.bytes, s.texts)
	w.b = append(w.b, checkpointVersion)
	w.uint(s.number)
	w.int(s.clock)
	w.len(len(s.rules))
	for _, id := range slices.Sorted(maps.Keys(s.rules)) {
		w.text(id)
		w.rule(s.rules[id])
	}
	writeKeyed(w, s.open, w.incident)
	writeKeyed(w, s.waiting, w.candidate)
	w.len(len(s.silences))
	for i := range s.silences {
		w.silence(&s.silences[i])
	}
	w.len(len(s.openings))
	for _, rule := range slices.Sorted(maps.Keys(s.openings)) {
		w.text(rule)
		w.times(s.openings[rule])
	}
	remembered := s.memory.ordered()
	w.len(len(remembered))
	for _, id := range remembered {
		w.b = append(w.b, id[:]...)
	}
	w.len(len(s.memory.minutes))
	for _, m := range s.memory.minutes {
		w.int(m.at)
		w.len(m.n)
	}
	s.bytes, s.texts = len(w.b), len(w.texts)
	return w.b
}

// DecodeState reads what Encode wrote. The engine is the one that goes on with it; state of rules that changed what they
// look at begins anew with its next step.
func (e *Engine) DecodeState(b []byte) (*State, error) {
	if len(b) == 0 || b[0] != checkpointVersion {
		return nil, fmt.Errorf("read a checkpoint of the alert engine: %w (this version reads layout %d)", errCheckpoint, checkpointVersion)
	}
	s := NewState()
	r := &reader{b: b[1:], shared: &s.shared}
	s.number, s.clock = r.uint(), r.int()
	for range r.len() {
		id := r.text()
		s.rules[id] = r.rule()
	}
	readKeyed(r, newKeyed[*incident](), func(_ string, touched int64) *incident {
		i := r.incident()
		if r.err == nil {
			s.addOpen(i)
			s.open.get(i.key.Rule + "\x00" + i.plain).touched = touched
		}
		return i
	})
	readKeyed(r, s.waiting, func(string, int64) *candidate { return r.candidate() })
	for range r.len() {
		s.silences = append(s.silences, r.silence())
	}
	for range r.len() {
		rule := r.text()
		s.openings[rule] = r.times()
	}
	n := r.len()
	if n > len(r.b)/16 {
		r.fail()
		n = 0
	}
	for range n {
		var id [16]byte
		copy(id[:], r.b)
		r.b = r.b[16:]
		s.memory.ids = append(s.memory.ids, id)
		s.memory.set[id] = struct{}{}
	}
	for range r.len() {
		m := minute{at: r.int(), n: r.count()}
		n -= m.n
		if m.n < 1 || n < 0 {
			r.fail()
			break
		}
		s.memory.minutes = append(s.memory.minutes, m)
	}
	if n != 0 || len(s.memory.set) != len(s.memory.ids) {
		r.fail()
	}
	if r.err != nil || len(r.b) > 0 {
		return nil, fmt.Errorf("read a checkpoint of the alert engine: %w", errCheckpoint)
	}
	s.timers.set(s.pending(e))
	return s, nil
}

func writeKeyed[T any](w *writer, k *keyed[T], value func(T)) {
	w.len(len(k.items))
	for e := k.head; e != nil; e = e.next {
		w.text(e.key)
		w.int(e.touched)
		value(e.value)
	}
}

func readKeyed[T any](r *reader, k *keyed[T], value func(key string, touched int64) T) {
	for range r.len() {
		key, touched := r.text(), r.int()
		v := value(key, touched)
		if r.err != nil {
			return
		}
		e, _ := k.touch(key, touched)
		e.value = v
	}
}

func (w *writer) rule(rs *ruleState) {
	w.text(rs.shape)
	writeKeyed(w, rs.windows, func(v *window) {
		w.len(len(v.hits))
		for _, h := range v.hits {
			w.proof(h.ev)
			w.fixed(h.value)
			w.len(h.weight)
		}
	})
	writeKeyed(w, rs.sequences, func(v *sequence) {
		w.len(len(v.hits))
		for _, h := range v.hits {
			w.proof(h.ev)
			w.uint(uint64(h.steps))
		}
	})
	writeKeyed(w, rs.absences, func(v *absence) {
		w.len(len(v.triggers))
		for _, t := range v.triggers {
			w.proof(t.ev)
			w.len(int(t.severity))
		}
		w.times(v.cancels)
	})
	writeKeyed(w, rs.seen, func(v *firstSeen) {
		w.int(v.since)
		w.len(len(v.values))
		for _, one := range v.values {
			w.fixed(one.value)
			w.int(one.at)
		}
	})
}

func (r *reader) rule() *ruleState {
	rs := newRuleState(r.text())
	readKeyed(r, rs.windows, func(string, int64) *window {
		v := &window{}
		for range r.len() {
			ev := r.proof()
			v.hits = append(v.hits, hit{at: ev.at, ev: ev, value: r.fixed(), weight: r.count()})
		}
		return v
	})
	readKeyed(r, rs.sequences, func(string, int64) *sequence {
		v := &sequence{}
		for range r.len() {
			ev := r.proof()
			v.hits = append(v.hits, stepHit{at: ev.at, ev: ev, steps: uint32(r.uint() & (1<<32 - 1))})
		}
		return v
	})
	readKeyed(r, rs.absences, func(string, int64) *absence {
		v := &absence{}
		for range r.len() {
			ev := r.proof()
			v.triggers = append(v.triggers, trigger{at: ev.at, ev: ev, severity: Severity(r.count())})
		}
		v.cancels = r.times()
		return v
	})
	readKeyed(r, rs.seen, func(string, int64) *firstSeen {
		v := &firstSeen{since: r.int()}
		for range r.len() {
			v.values = append(v.values, seenValue{value: r.fixed(), at: r.int()})
		}
		return v
	})
	return rs
}

func (w *writer) incident(i *incident) {
	w.key(i.key)
	w.text(i.plain)
	for _, n := range []int64{i.opened, i.last, int64(i.severity), int64(i.measure), int64(i.events), i.quiet} {
		w.int(n)
	}
	w.values(i.values)
}

func (r *reader) incident() *incident {
	return &incident{
		key: r.key(), plain: r.text(), opened: r.int(), last: r.int(), severity: Severity(r.int()), measure: int(r.int()),
		events: int(r.int()), quiet: r.int(), values: r.values(),
	}
}

func (w *writer) candidate(c *candidate) {
	w.text(c.rule)
	w.text(c.version)
	w.key(c.key)
	w.text(c.plain)
	for _, n := range []int64{int64(c.severity), int64(c.measure), c.at, c.first, c.last, int64(c.events), c.quiet, c.next} {
		w.int(n)
	}
	w.text(string(c.why))
	w.text(c.by)
	w.values(c.values)
	w.len(len(c.evidence))
	for _, ev := range c.evidence {
		w.proof(ev)
	}
}

func (r *reader) candidate() *candidate {
	c := &candidate{
		rule: r.text(), version: r.text(), key: r.key(), plain: r.text(), severity: Severity(r.int()), measure: int(r.int()),
		at: r.int(), first: r.int(), last: r.int(), events: int(r.int()), quiet: r.int(), next: r.int(), why: Outcome(r.text()),
		by: r.text(), values: r.values(),
	}
	for range r.len() {
		c.evidence = append(c.evidence, r.proof())
	}
	return c
}

func (w *writer) silence(s *Silence) {
	for _, text := range []string{s.ID, s.Author, s.Reason} {
		w.text(text)
	}
	w.moment(s.From)
	w.moment(s.Until)
	w.len(len(s.Matchers))
	for _, m := range s.Matchers {
		w.text(m.Field)
		w.text(string(m.Op))
		w.text(m.Value)
	}
}

func (r *reader) silence() Silence {
	s := Silence{ID: r.text(), Author: r.text(), Reason: r.text(), From: r.moment(), Until: r.moment()}
	for range r.len() {
		s.Matchers = append(s.Matchers, Matcher{Field: r.text(), Op: MatchOp(r.text()), Value: r.text()})
	}
	return s
}

func (w *writer) times(list []int64) {
	w.len(len(list))
	for _, t := range list {
		w.int(t)
	}
}

func (r *reader) times() []int64 {
	var list []int64
	for range r.len() {
		list = append(list, r.int())
	}
	return list
}

func (w *writer) values(list []uint64) {
	w.len(len(list))
	for _, v := range list {
		w.fixed(v)
	}
}

func (r *reader) values() []uint64 {
	var list []uint64
	for range r.len() {
		list = append(list, r.fixed())
	}
	return list
}
