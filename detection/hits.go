package detection

import (
	"slices"
)

// hit is an event that a rule wants and that has a key.
func (st *step) hit(r *compiled, plain string, fits uint32, in *incoming) Hit {
	value, weight, told := st.valueOf(r, fits, in)
	if !told {
		return Hit{Rule: r.ID, Outcome: Counted, By: "no value"}
	}
	if r.Kind == KindFirstSeen && !st.seesNew(r, plain, value, in.at) { // values are learned also while an incident is open
		return Hit{Rule: r.ID, Outcome: Counted}
	}
	if open := st.state.openAt(r.ID, plain, in.at); open != nil {
		st.join(r, open, value, weight, in)
		return Hit{Rule: r.ID, Outcome: Counted, Key: open.key}
	}
	c := st.cross(r, plain, value, weight, fits, in)
	if c == nil {
		return Hit{Rule: r.ID, Outcome: Counted}
	}
	c.severity = worse(c.severity, st.severity(r, c.measure, in.event))
	outcome, by := st.judge(r, c, in.at)
	h := Hit{Rule: r.ID, Outcome: outcome, Key: c.key, By: by}
	if outcome == Counted { // it opened nothing, so it belongs to none
		h.Key = Key{}
	}
	return h
}

func (st *step) seesNew(r *compiled, plain string, value uint64, at int64) bool {
	rs := st.rule(r)
	e, made := rs.seen.touch(plain, at)
	if made {
		e.value = &firstSeen{}
	}
	isNew, forgotten := e.value.see(value, at, r.window, r.Learning.Milliseconds(), st.engine.limits.Values)
	st.result.drop("values", forgotten)
	st.result.drop("keys", rs.seen.trim(st.engine.limits.Keys))
	return isNew
}

// valueOf is what a rule tells apart in an event, and what it weighs.
func (st *step) valueOf(r *compiled, fits uint32, in *incoming) (value uint64, weight int, told bool) {
	switch r.Kind {
	case KindDistinct, KindFirstSeen:
		text, there := r.of(in.event)
		return digest(text), 1, there
	case KindScore:
		best := 0
		for i, b := range r.Blocks { // of several blocks of one rule that an event fits, the one with the most points
			if fits&(1<<i) != 0 && b.Points > best {
				best, value = b.Points, uint64(i)
			}
		}
		return value, best, true
	case KindCount:
		if r.once != nil {
			if text, there := r.once(in.event); there {
				return digest(text), 1, true
			}
		}
		return digest(in.event.UUID), 1, true
	case KindMatch, KindSequence, KindAbsence:
	}
	return 0, 1, true
}

// cross adds an event to what its rule remembers and makes a candidate if that crosses the threshold.
func (st *step) cross(r *compiled, plain string, value uint64, weight int, fits uint32, in *incoming) *candidate {
	switch r.Kind {
	case KindMatch, KindFirstSeen:
		return st.candidate(r, plain, in.at, 1, []*proof{st.proof(in)}, []uint64{value})
	case KindCount, KindDistinct, KindScore:
		return st.crossWindow(r, plain, hit{at: in.at, value: value, weight: weight, ev: st.proof(in)})
	case KindSequence:
		return st.crossSequence(r, plain, stepHit{at: in.at, steps: fits, ev: st.proof(in)})
	case KindAbsence:
		st.arm(r, plain, in)
	}
	return nil
}

func (st *step) crossWindow(r *compiled, plain string, h hit) *candidate {
	rs := st.rule(r)
	e, made := rs.windows.touch(plain, h.at)
	if made {
		e.value = &window{}
	}
	w := e.value
	i := w.insert(h)
	forgotten, i := w.trim(st.oldest(r), r.hits, i)
	st.result.drop("hits", forgotten)
	st.result.drop("keys", rs.windows.trim(st.engine.limits.Keys))
	if r.Kind == KindCount && r.once == nil && len(w.hits) < r.AtLeast {
		return nil
	}
	measure, from, to := w.best(i, r.window)
	if measure < r.AtLeast {
		return nil
	}
	var evidence []*proof
	var told []uint64
	for _, o := range w.hits[from:to] {
		evidence = append(evidence, o.ev)
		if !slices.Contains(told, o.value) {
			told = append(told, o.value)
		}
	}
	return st.candidate(r, plain, h.at, measure, evidence, told)
}

func (st *step) crossSequence(r *compiled, plain string, h stepHit) *candidate {
	rs := st.rule(r)
	e, made := rs.sequences.touch(plain, h.at)
	if made {
		e.value = &sequence{}
	}
	s := e.value
	i := s.insert(h)
	forgotten, i := s.trim(st.oldest(r), r.hits, i)
	st.result.drop("hits", forgotten)
	st.result.drop("keys", rs.sequences.trim(st.engine.limits.Keys))
	used, complete := s.complete(i, r.counts, r.window)
	if !complete {
		return nil
	}
	evidence := make([]*proof, 0, len(used))
	for _, u := range used {
		evidence = append(evidence, u.ev)
	}
	return st.candidate(r, plain, h.at, len(used), evidence, nil)
}

// oldest is the time before which a hit cannot matter any more.
func (st *step) oldest(r *compiled) int64 {
	return st.state.clock - r.window - st.engine.limits.Lateness.Milliseconds()
}

func (st *step) arm(r *compiled, plain string, in *incoming) {
	rs := st.rule(r)
	e, made := rs.absences.touch(plain, in.at)
	if made {
		e.value = &absence{}
	}
	armed, forgotten := e.value.arm(trigger{at: in.at, ev: st.proof(in), severity: st.severity(r, 1, in.event)}, r.window)
	if armed {
		st.state.timers.add(timer{due: st.due(r, in.at), kind: timerAbsence, rule: r.ID, key: plain})
	}
	st.result.drop("hits", forgotten)
	st.result.drop("keys", rs.absences.trim(st.engine.limits.Keys))
}

// due is when an absence is certain: its window is over, and what ends it could have arrived.
func (st *step) due(r *compiled, at int64) int64 {
	return at + r.window + st.engine.limits.Lateness.Milliseconds()
}

func (st *step) cancel(r *compiled, plain string, in *incoming) {
	rs := st.rule(r)
	e, made := rs.absences.touch(plain, in.at)
	if made {
		e.value = &absence{}
	}
	e.value.cancel(in.at, r.window)
	st.result.drop("keys", rs.absences.trim(st.engine.limits.Keys))
	if open := st.state.openAt(r.ID, plain, in.at); open != nil {
		st.result.Crossings = append(st.result.Crossings, Crossing{
			Kind: Eased, Key: open.key, Version: r.Version, Severity: open.severity, At: utc(in.at),
			Measure: open.measure, First: utc(open.opened), Last: utc(open.last),
			Events: open.events, Evidence: []Evidence{st.proof(in).evidence()},
		})
	}
}

// missed fires an absence.
func (st *step) missed(t timer) {
	r, rs := st.engine.rules[t.rule], st.state.rules[t.rule]
	if r == nil || rs == nil || r.Kind != KindAbsence {
		return
	}
	e := rs.absences.get(t.key)
	if e == nil {
		return
	}
	for len(e.value.triggers) > 0 && st.due(r, e.value.triggers[0].at) <= t.due {
		first := e.value.triggers[0]
		e.value.triggers = slices.Delete(e.value.triggers, 0, 1)
		at := first.at + r.window
		h := Hit{Rule: r.ID, Outcome: Counted}
		if open := st.state.openAt(r.ID, t.key, at); open != nil {
			st.extend(r, open, 0, 1, at, first.ev, nil)
			h.Key = open.key
		} else {
			c := st.candidate(r, t.key, at, 1, []*proof{first.ev}, nil)
			c.severity = worse(c.severity, first.severity)
			h.Key = c.key
			h.Outcome, h.By = st.judge(r, c, at)
		}
		st.result.count(r.ID, h.Outcome)
		st.result.Settled = append(st.result.Settled, Settled{UUID: first.ev.uuid(), Hit: h})
	}
}
