package detection

import (
	"cmp"
	"slices"
	"time"
)

// candidate makes an alert of a rule. at is the moment it is judged by.
func (st *step) candidate(r *compiled, plain string, at int64, measure int, evidence []*proof, told []uint64) *candidate {
	c := &candidate{
		rule: r.ID, version: r.Version, key: newKey(st.engine.set.KeyContext, r.ID, r.parts(plain)), plain: plain,
		severity: st.severity(r, measure, nil), measure: measure, at: at, first: at, last: at, events: len(evidence),
		evidence: evidence, values: told, quiet: r.quiet,
	}
	for _, ev := range evidence {
		c.first, c.last = min(c.first, ev.at), max(c.last, ev.at)
	}
	return c
}

// judge sends a candidate through the stages at a moment and says what stopped it.
func (st *step) judge(r *compiled, c *candidate, at int64) (outcome Outcome, by string) {
	if r.CountOnly {
		return Counted, "count only"
	}
	if source := st.inhibitor(c, at); source != nil {
		if fresh := st.untold(c, source.key.String()); len(fresh) > 0 {
			st.report(source, fresh, len(fresh), c.key)
		}
		return st.wait(c, Inhibited, source.key.String(), source.last+source.quiet+1, at)
	}
	if id, until, is := st.state.silenced(c, at); is {
		return st.wait(c, Silenced, id, until, at)
	}
	if c.severity >= S3 {
		if until, is := st.engine.set.mutedUntil(r.Rule, time.UnixMilli(at)); is {
			return st.wait(c, Held, "", until.UnixMilli(), at)
		}
	}
	if now := st.page.Now; !now.IsZero() && c.why == "" && c.severity > S1 && c.last < now.Add(-st.engine.limits.Stale).UnixMilli() {
		return Counted, "stale"
	}
	if storm, is := st.flooded(c, at); is {
		return Flooded, storm
	}
	st.open(c, at)
	return Fired, ""
}

// inhibitor finds the open incident that mutes a candidate; of several the one that stays open longest.
func (st *step) inhibitor(c *candidate, at int64) *incident {
	var found *incident
	for _, in := range st.engine.inhibit[c.rule] {
		for _, source := range st.state.byRule[in.Source] {
			if !source.covers(at) || (c.severity == S1 && source.severity != S1) || !agree(in.Equal, c.key, source.key) {
				continue
			}
			if found == nil || cmp.Or(cmp.Compare(source.last+source.quiet, found.last+found.quiet), cmp.Compare(source.key.String(), found.key.String())) > 0 {
				found = source
			}
		}
	}
	return found
}

func agree(names []string, a, b Key) bool {
	return !slices.ContainsFunc(names, func(name string) bool {
		one, has := a.Value(name)
		other, hasToo := b.Value(name)
		return !has || !hasToo || one != other
	})
}

// wait keeps a candidate, together with what waits under its key already.
func (st *step) wait(c *candidate, why Outcome, by string, next, at int64) (Outcome, string) {
	key := c.rule + "\x00" + c.plain
	st.absorb(c)
	c.why, c.by, c.next = why, by, max(next, at+1)
	e, _ := st.state.waiting.touch(key, c.last)
	e.value = c
	st.state.timers.add(timer{due: c.next, kind: timerWaiting, key: key})
	st.result.drop("waiting", st.state.waiting.trim(st.engine.limits.Waiting))
	return why, by
}

// untold is the evidence of a candidate that the incident which mutes it was not given yet.
func (st *step) untold(c *candidate, by string) []*proof {
	old := st.state.waiting.get(c.rule + "\x00" + c.plain)
	if old == nil || old.value.why != Inhibited || old.value.by != by {
		return c.evidence
	}
	if old.value == c {
		return nil
	}
	var fresh []*proof
	for _, ev := range c.evidence {
		if ev.at > old.value.last || !slices.ContainsFunc(old.value.evidence, func(o *proof) bool { return o.same(ev) }) {
			fresh = append(fresh, ev)
		}
	}
	return fresh
}

// absorb takes what waits under the key of a candidate into it and removes it.
func (st *step) absorb(c *candidate) {
	key := c.rule + "\x00" + c.plain
	e := st.state.waiting.get(key)
	if e == nil {
		return
	}
	if old := e.value; old != c {
		c.severity = worse(c.severity, old.severity)
		c.first, c.last = min(c.first, old.first), max(c.last, old.last)
		c.measure = max(c.measure, old.measure)
		var fresh []*proof
		for _, ev := range c.evidence {
			if !slices.ContainsFunc(old.evidence, func(o *proof) bool { return o.same(ev) }) {
				fresh = append(fresh, ev)
			}
		}
		c.events = old.events + len(fresh)
		c.evidence = append(slices.Clone(old.evidence), fresh...)
		if most := st.engine.limits.Evidence; len(c.evidence) > most { // the earliest, and the one that crossed last
			c.evidence = append(c.evidence[:most-1:most-1], c.evidence[len(c.evidence)-1])
		}
		c.why = cmp.Or(c.why, old.why)
	}
	st.state.waiting.remove(key)
}

// again judges what waited, at the moment its wait was to end.
func (st *step) again(t timer) {
	e := st.state.waiting.get(t.key)
	if e == nil || e.value.next != t.due {
		return // another timer has it
	}
	c := e.value
	r := st.engine.rules[c.rule]
	at := t.due
	if r == nil || (c.why != Held && c.last+c.quiet < at) {
		st.state.waiting.remove(t.key)
		return
	}
	if open := st.state.openAt(c.rule, c.plain, c.last); open != nil {
		st.state.waiting.remove(t.key)
		st.report(open, c.evidence, c.events, Key{})
		return
	}
	if outcome, _ := st.judge(r, c, at); outcome != Held && outcome != Silenced && outcome != Inhibited {
		st.state.waiting.remove(t.key) // it opened, or joined the storm
	}
}

// open makes an incident of a candidate.
func (st *step) open(c *candidate, at int64) {
	st.absorb(c)
	i := &incident{
		key: c.key, plain: c.plain, opened: c.first, last: max(c.last, at), severity: c.severity, measure: c.measure, events: c.events,
		values: c.values, quiet: c.quiet,
	}
	st.state.addOpen(i)
	st.state.openings[c.rule] = insertTime(st.state.openings[c.rule], at)
	st.state.openings[""] = insertTime(st.state.openings[""], at)
	if rs := st.state.rules[c.rule]; rs != nil { // what led to the incident is told; the next one begins anew
		rs.windows.remove(c.plain)
		rs.sequences.remove(c.plain)
	}
	st.result.Crossings = append(st.result.Crossings, Crossing{
		Kind: Opened, Key: c.key, Version: c.version, Severity: c.severity, At: utc(at), Measure: c.measure,
		First: utc(c.first), Last: utc(c.last), Events: c.events,
		Evidence: st.copyEvidence(c.evidence), After: c.why, Mutes: st.mutes(i, at),
	})
	st.trimOpen()
}

// mutes lists the open incidents that a new one mutes.
func (st *step) mutes(source *incident, at int64) []Key {
	var list []Key
	for target, all := range st.engine.inhibit {
		for _, in := range all {
			if in.Source != source.key.Rule {
				continue
			}
			for _, i := range st.state.byRule[target] {
				if i.covers(at) && (i.severity != S1 || source.severity == S1) && agree(in.Equal, i.key, source.key) {
					list = append(list, i.key)
				}
			}
		}
	}
	slices.SortFunc(list, func(a, b Key) int { return cmp.Compare(a.String(), b.String()) })
	return list
}

func (st *step) trimOpen() {
	if len(st.state.open.items) <= st.engine.limits.Incidents {
		return
	}
	for _, e := range st.state.open.all() {
		if e.value.last+e.value.quiet < st.state.clock-st.engine.limits.Lateness.Milliseconds() {
			st.state.open.remove(e.key)
		}
	}
	st.result.drop("incidents", st.state.open.trim(st.engine.limits.Incidents))
}

// join makes an event evidence of an open incident, and raises its severity if the measure or the event says so.
func (st *step) join(r *compiled, i *incident, value uint64, weight int, in *incoming) {
	st.extend(r, i, value, weight, in.at, st.proof(in), in.event)
}

const mostValues = 1000 // beyond it a measure of different values means "at least"

func (st *step) extend(r *compiled, i *incident, value uint64, weight int, at int64, ev *proof, e *Event) {
	i.events++
	i.last = max(i.last, at)
	i.opened = min(i.opened, at)
	st.state.open.touch(i.key.Rule+"\x00"+i.plain, i.last+i.quiet)
	told := r.Kind == KindDistinct || r.Kind == KindScore || r.Kind == KindFirstSeen || r.once != nil
	if !told {
		i.measure++
	} else if !slices.Contains(i.values, value) && len(i.values) < mostValues {
		i.values = append(i.values, value)
		i.measure += weight
	}
	st.report(i, []*proof{ev}, 1, Key{})
	if severity := worse(i.severity, st.severity(r, i.measure, e)); severity != i.severity {
		i.severity = severity
		st.result.Crossings = append(st.result.Crossings, Crossing{
			Kind: Raised, Key: i.key, Version: r.Version, Severity: severity, At: utc(at), Measure: i.measure,
			First: utc(i.opened), Last: utc(i.last), Events: i.events, Evidence: []Evidence{ev.evidence()},
		})
	}
}

// report gives evidence to an incident: its own, or of an alert that it stands for.
func (st *step) report(i *incident, evidence []*proof, events int, stopped Key) {
	id := i.key.String()
	at, known := st.joined[id]
	if !known {
		at = len(st.result.Joined)
		st.joined[id] = at
		st.result.Joined = append(st.result.Joined, Joined{Key: i.key, First: utc(evidence[0].at), Last: utc(evidence[0].at)})
	}
	j := &st.result.Joined[at]
	j.Events += events
	for _, ev := range evidence {
		if at := utc(ev.at); at.Before(j.First) {
			j.First = at
		} else if at.After(j.Last) {
			j.Last = at
		}
		if len(j.Evidence) < st.engine.limits.Evidence {
			j.Evidence = append(j.Evidence, ev.evidence())
		}
	}
	if stopped.Hash != "" && !slices.ContainsFunc(j.Stopped, func(k Key) bool { return k.String() == stopped.String() }) {
		j.Stopped = append(j.Stopped, stopped)
	}
}

func (st *step) copyEvidence(list []*proof) []Evidence {
	most := min(len(list), st.engine.limits.Evidence)
	out := make([]Evidence, 0, most)
	for _, ev := range list[:most] {
		out = append(out, ev.evidence())
	}
	return out
}

// pending lists the timers that have a cause.
func (s *State) pending(e *Engine) []timer {
	var list []timer
	late := e.limits.Lateness.Milliseconds()
	for id, rs := range s.rules {
		r := e.rules[id]
		if r == nil {
			continue
		}
		for _, a := range rs.absences.items {
			for _, t := range a.value.triggers {
				list = append(list, timer{due: t.at + r.window + late, kind: timerAbsence, rule: id, key: a.key})
			}
		}
	}
	for _, w := range s.waiting.items {
		list = append(list, timer{due: w.value.next, kind: timerWaiting, key: w.key})
	}
	return list
}
