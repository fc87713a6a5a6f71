package freshsim

import (
	"context"
	"slices"
	"sync"
	"time"
)

// clock is wall time plus what Advance was given, with timers on it. It has its own lock: timers run without the
// server's mutex, so that they may take it.
type clock struct {
	mu     sync.Mutex
	base   func() time.Time
	custom bool // base is not time.Now: it may jump, so due timers are looked for often
	offset time.Duration
	timers []timer // by due time, then by order of setting
	wake   chan struct{}
}

type timer struct {
	at time.Time
	fn func()
}

func newClock(base func() time.Time) *clock {
	c := &clock{base: base, custom: base != nil, wake: make(chan struct{}, 1)}
	if base == nil {
		c.base = time.Now
	}
	return c
}

// now is the account's time.
func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.base().Add(c.offset)
}

// after runs fn once d has passed, on the clock's goroutine or inside advance; fn must be short.
func (c *clock) after(d time.Duration, fn func()) {
	c.mu.Lock()
	at := c.base().Add(c.offset).Add(d)
	i, _ := slices.BinarySearchFunc(c.timers, at, func(t timer, at time.Time) int {
		if t.at.After(at) {
			return 1
		}
		return -1 // equal times keep the order of setting
	})
	c.timers = slices.Insert(c.timers, i, timer{at, fn})
	c.mu.Unlock()
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// due takes the first timer that is due at or before limit.
func (c *clock) due(limit time.Time) (timer, bool) {
	if len(c.timers) == 0 || c.timers[0].at.After(limit) {
		return timer{}, false
	}
	t := c.timers[0]
	c.timers = slices.Delete(c.timers, 0, 1)
	return t, true
}

// advance moves time forward by d. Timers due on the way run one by one, each at its own time, and settle is called
// after each so that what it started has ended before time goes on.
func (c *clock) advance(d time.Duration, settle func()) {
	c.mu.Lock()
	target := c.base().Add(c.offset).Add(d)
	c.mu.Unlock()
	for {
		c.mu.Lock()
		t, ok := c.due(target)
		if ok {
			if gap := t.at.Sub(c.base().Add(c.offset)); gap > 0 {
				c.offset += gap
			}
		} else if gap := target.Sub(c.base().Add(c.offset)); gap > 0 {
			c.offset += gap
		}
		c.mu.Unlock()
		if !ok {
			return
		}
		t.fn()
		settle()
	}
}

// run fires timers as real time passes, until ctx ends.
func (c *clock) run(ctx context.Context) {
	const poll = 20 * time.Millisecond // how late a jump of a handed-in clock may be noticed
	for {
		c.mu.Lock()
		now := c.base().Add(c.offset)
		t, ok := c.due(now)
		pause := time.Hour
		if !ok && len(c.timers) > 0 {
			pause = max(c.timers[0].at.Sub(now), time.Millisecond)
			if c.custom {
				pause = min(pause, poll)
			}
		}
		c.mu.Unlock()
		if ok {
			t.fn()
			continue
		}
		wait := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			wait.Stop()
			return
		case <-c.wake:
		case <-wait.C:
		}
		wait.Stop()
	}
}

// stamp is the vendor's time format (reference §1).
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }

// stampOrNull gives null for a time that never was.
func stampOrNull(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return stamp(t)
}

// stampOffset is the format with a numeric offset that some answers show: due dates after a PUT, and groups
// (reference §1).
func stampOffset(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05-07:00") }

// stampMillis is the format of task timestamps (reference §1).
func stampMillis(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// parseTime accepts the vendor's date inputs; no zone means UTC (reference §1).
func parseTime(s string) (time.Time, bool) {
	for _, layout := range []string{
		"2006-01-02", "2006-01-02T15:04", "2006-01-02T15:04:05", time.RFC3339Nano,
		"2006-01-02T15:04Z07:00", "2006-01-02T15:04:05Z0700", "2006-01-02T15:04:05Z07",
	} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}
