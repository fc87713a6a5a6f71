package detection

import "time"

// step is one call of Step.
type step struct {
	engine *Engine
	state  *State
	page   Page
	result *Result
	joined map[string]int // rule/hash to its place in result.Joined
}

const (
	expireEvery = int64(time.Minute / time.Millisecond)
	sweepEvery  = int64(time.Hour / time.Millisecond)
)

// prepare forgets the state of rules that are gone or look at something else now.
func (st *step) prepare() {
	for id, rs := range st.state.rules {
		if r := st.engine.rules[id]; r == nil || r.shape != rs.shape {
			delete(st.state.rules, id)
			st.result.Changed = true
		}
	}
}

func (st *step) rule(r *compiled) *ruleState {
	rs := st.state.rules[r.ID]
	if rs == nil {
		rs = newRuleState(r.shape)
		st.state.rules[r.ID] = rs
	}
	return rs
}

// event takes one event in.
func (st *step) event(ev *Event) EventHits {
	out := EventHits{UUID: ev.UUID, Type: ev.Type}
	limits := st.engine.limits
	known, forgot := st.state.memory.add(ev.UUID, limits.Remembered, st.state.clock, st.state.clock-limits.RememberedFor.Milliseconds())
	if known {
		out.Repeated = true
		st.result.Repeated++
		return out
	}
	st.result.Changed = true
	if forgot {
		st.result.drop("remembered", 1)
	}
	at := ev.Published.UnixMilli()
	if now := st.page.Now; !now.IsZero() && ev.Published.After(now.Add(st.engine.limits.Future)) {
		at = now.UnixMilli()
		st.result.Clamped++
	}
	if at < st.state.clock-st.engine.limits.Lateness.Milliseconds() {
		st.result.Late++
	}
	st.wake()
	st.advance(at)
	routes := st.engine.routes[ev.Type]
	if len(routes) == 0 {
		st.result.Unwanted[ev.Type]++
		return out
	}
	in := incoming{event: ev, at: at}
	for _, r := range routes {
		if h, is := st.match(&in, r); is {
			out.Hits = append(out.Hits, h)
			st.result.count(h.Rule, h.Outcome)
			if out.Incident == "" && (h.Outcome == Fired || h.Outcome == Counted) && h.Key.Hash != "" {
				out.Incident = h.Key.String()
			}
		}
	}
	return out
}

// incoming is an event on its way through the rules. Its evidence is made when a rule first wants it.
type incoming struct {
	event *Event
	at    int64
	ev    *proof
}

func (st *step) proof(in *incoming) *proof {
	if in.ev == nil {
		ev := EvidenceOf(in.event)
		ev.At = utc(in.at)
		in.ev = st.state.shared.proof(&ev)
	}
	return in.ev
}

// match looks an event up in one rule.
func (st *step) match(in *incoming, r route) (Hit, bool) {
	var fits uint32
	cancels := false
	for _, p := range r.parts {
		if !st.holds(r.rule, p.when, in.event) {
			continue
		}
		if p.cancel {
			cancels = true
		} else {
			fits |= 1 << p.index
		}
	}
	if fits == 0 && !cancels {
		return Hit{}, false
	}
	own, isOwn := st.page.Own[in.event.UUID]
	isOwn = isOwn && !r.rule.IgnoreOwn
	if isOwn && !cancels {
		return Hit{Rule: r.rule.ID, Outcome: OwnChange, By: own}, true
	}
	plain, keyed := r.rule.plainKey(in.event)
	if !keyed {
		st.result.Unkeyed[r.rule.ID]++
		return Hit{Rule: r.rule.ID, Outcome: Counted, By: "no key"}, true
	}
	if cancels {
		st.cancel(r.rule, plain, in)
	}
	switch {
	case fits == 0:
		return Hit{}, false
	case isOwn:
		return Hit{Rule: r.rule.ID, Outcome: OwnChange, By: own}, true
	}
	return st.hit(r.rule, plain, fits, in), true
}

func (r *compiled) plainKey(e *Event) (string, bool) {
	if len(r.key) == 1 {
		if v, there := r.key[0](e); there {
			return v, true
		}
	} else if list, there := values(r.key, e); there {
		return plainKey(list, false), true
	}
	if len(r.fallback) == 0 {
		return "", false
	}
	list, there := values(r.fallback, e)
	return plainKey(list, true), there
}

func (st *step) holds(r *compiled, when Condition, e *Event) bool {
	if when == nil {
		return true
	}
	ok, err := when(e)
	if err != nil {
		st.result.Errors[r.ID]++
		return false
	}
	return ok
}

// severity is the rule's own, or what its raises make of a measure and an event.
func (st *step) severity(r *compiled, measure int, e *Event) Severity {
	s := r.Severity
	for _, raise := range r.Raise {
		if raise.AtLeast > 0 && measure >= raise.AtLeast || raise.When != nil && e != nil && st.holds(r, raise.When, e) {
			s = worse(s, raise.Severity)
		}
	}
	return s
}

// advance moves event time on and does what comes due on the way, each at its own moment.
func (st *step) advance(to int64) {
	s := st.state
	if to <= s.clock {
		return
	}
	before := s.clock
	s.clock = to
	st.result.Changed = true
	st.wake()
	if before/expireEvery != to/expireEvery {
		st.expire()
	}
	if before/sweepEvery != to/sweepEvery {
		st.sweep()
	}
}

// expire forgets the keys whose last event cannot matter any more.
func (st *step) expire() {
	for id, rs := range st.state.rules {
		if r := st.engine.rules[id]; r != nil {
			rs.windows.expire(st.oldest(r))
			rs.sequences.expire(st.oldest(r))
			rs.absences.expire(st.oldest(r))
		}
	}
}

// wake does what is due at the clock.
func (st *step) wake() {
	for {
		t, due := st.state.timers.next(st.state.clock)
		if !due {
			return
		}
		st.result.Changed = true
		switch t.kind {
		case timerAbsence:
			st.missed(t)
		case timerWaiting:
			st.again(t)
		}
	}
}

// sweep forgets what is over and was not looked at since.
func (st *step) sweep() {
	s := st.state
	late := st.engine.limits.Lateness.Milliseconds()
	for _, e := range s.open.all() {
		if e.value.last+e.value.quiet < s.clock-late {
			s.open.remove(e.key)
		}
	}
	for rule, times := range s.openings {
		if times = recent(times, s.clock-sweepEvery-late); len(times) == 0 {
			delete(s.openings, rule)
		} else {
			s.openings[rule] = times
		}
	}
	week := int64(7 * 24 * time.Hour / time.Millisecond)
	kept := s.silences[:0]
	for _, one := range s.silences {
		if one.Until.UnixMilli() > s.clock-week {
			kept = append(kept, one)
		}
	}
	s.silences = kept
	s.timers.keep(s.pending(st.engine))
}
