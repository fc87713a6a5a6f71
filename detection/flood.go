package detection

import "slices"

// allRules is the value of a storm's key when the cap over all rules was met.
const allRules = "*"

const stormField = "for"

// flooded puts a candidate on the list of the storm if too many incidents opened in the hour before a moment.
func (st *step) flooded(c *candidate, at int64) (storm string, is bool) {
	hour := sweepEvery
	var scope string
	switch {
	case after(st.state.openings[""], at-hour, at) >= st.engine.limits.Over:
		scope = allRules
	case c.severity > S1 && after(st.state.openings[c.rule], at-hour, at) >= st.engine.limits.PerRule:
		scope = c.rule
	default:
		return "", false
	}
	if open := st.state.openAt(Storm, scope, at); open != nil {
		fresh := c.evidence
		if id := digest(c.key.String()); slices.Contains(open.values, id) {
			fresh = fresh[len(fresh)-1:] // it is on the list, with what came before
		} else {
			open.values = append(open.values, id)
			open.measure++
		}
		open.events += len(fresh)
		open.last = max(open.last, at)
		st.state.open.touch(Storm+"\x00"+scope, open.last+open.quiet)
		st.report(open, fresh, len(fresh), c.key)
		return open.key.String(), true
	}
	i := &incident{
		key: newKey(st.engine.set.KeyContext, Storm, []KeyPart{{stormField, scope}}), plain: scope, opened: c.first,
		last: max(c.last, at), severity: S2, measure: 1, events: c.events, quiet: hour, values: []uint64{digest(c.key.String())},
	}
	if c.severity == S1 {
		i.severity = S1
	}
	st.state.addOpen(i)
	st.result.Crossings = append(st.result.Crossings, Crossing{
		Kind: Opened, Key: i.key, Severity: i.severity, At: utc(at), Measure: 1, First: utc(c.first),
		Last: utc(c.last), Events: c.events, Evidence: st.copyEvidence(c.evidence), Stopped: []Key{c.key},
	})
	st.trimOpen()
	return i.key.String(), true
}

// after counts the times within (from, to].
func after(times []int64, from, to int64) int {
	n := 0
	for _, t := range times {
		if t > from && t <= to {
			n++
		}
	}
	return n
}

// recent forgets the times before a moment.
func recent(times []int64, before int64) []int64 {
	return slices.DeleteFunc(times, func(t int64) bool { return t < before })
}

// insertTime keeps the newest times; more than any cap are not needed.
func insertTime(times []int64, at int64) []int64 {
	i, _ := slices.BinarySearch(times, at)
	times = slices.Insert(times, i, at)
	if len(times) > mostTimes {
		times = slices.Delete(times, 0, 1)
	}
	return times
}

const mostTimes = 10_000
