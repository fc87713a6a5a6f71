package approval

import (
	"iter"
	"time"
)

// Add is the first moment at which d of working time has passed since from. A d of zero or less has passed at once.
func (c *Calendar) Add(from time.Time, d time.Duration) time.Time {
	if c.always() {
		return from.Add(d)
	}
	if d <= 0 {
		return from
	}
	for begins, ends := range c.stretches(from) {
		if worth := ends.Sub(begins); worth < d {
			d -= worth
			continue
		}
		return begins.Add(d)
	}
	return from // never reached: there are always further stretches
}

// Next is from itself where it counts, and else the next moment that does.
func (c *Calendar) Next(from time.Time) time.Time {
	if c.always() {
		return from
	}
	for begins := range c.stretches(from) {
		return begins
	}
	return from // never reached
}

// Between is how much working time lies between two moments; under a calendar it is never below zero.
func (c *Calendar) Between(from, to time.Time) time.Duration {
	if c.always() {
		return to.Sub(from)
	}
	var all time.Duration
	if !from.Before(to) {
		return 0
	}
	for begins, ends := range c.stretches(from) {
		if !begins.Before(to) {
			break
		}
		if ends.After(to) {
			ends = to
		}
		all += ends.Sub(begins)
	}
	return all
}

// stretches gives the stretches of time that count, in order and without an end, from a moment on. The calendar has
// hours, and its holidays are bounded (Check), so there is always a next one.
func (c *Calendar) stretches(from time.Time) iter.Seq2[time.Time, time.Time] {
	return func(yield func(begins, ends time.Time) bool) {
		for at := from; ; {
			distance, until := c.shiftAt(at)
			if !c.underShift(at, until, distance, yield) {
				return
			}
			at = until // a zero until never ends
		}
	}
}

// shiftAt is the zone's distance from UTC at a moment and when it changes next; zero is never.
func (c *Calendar) shiftAt(at time.Time) (distance time.Duration, until time.Time) {
	for i, s := range c.Shifts {
		if i > 0 && s.At.After(at) {
			return distance, s.At
		}
		distance = time.Duration(s.Seconds) * time.Second
	}
	return distance, time.Time{}
}

// underShift gives the stretches from a moment until the zone's distance changes. Wall clock is written as if it were
// UTC: within one distance they only differ by it.
func (c *Calendar) underShift(from, until time.Time, distance time.Duration, yield func(begins, ends time.Time) bool) bool {
	for date := from.UTC().Add(distance).Truncate(day); until.IsZero() || date.Add(-distance).Before(until); date = date.Add(day) {
		if c.holiday(date) {
			continue
		}
		for _, h := range c.Hours {
			if h.Day != date.Weekday() {
				continue
			}
			begins, ends := date.Add(h.From.span()-distance), date.Add(h.To.span()-distance)
			if begins.Before(from) {
				begins = from
			}
			if !until.IsZero() && ends.After(until) {
				ends = until
			}
			if begins.Before(ends) && !yield(begins, ends) {
				return false
			}
		}
	}
	return true
}
