package activities

import (
	"math/rand/v2"
	"time"
)

const (
	// turnSpread is over how long those come back who can fill a window: at the reset the whole budget is there at once, so
	// they need not be held back longer than a burst should last.
	turnSpread = 5 * time.Second
	// turnJitter keeps the processes of a cluster apart, which book without knowing of each other.
	turnJitter = 250 * time.Millisecond
	// turnDrift is how much later than a window after the one before the next window ends: it begins with its first call.
	turnDrift = time.Second
	// turnsAhead is how many windows ahead are booked; who finds no place in them gets any of them.
	turnsAhead = 5
)

// turns is the waiting list of one bucket: how many of those who were sent away come back in each window to come. A
// window gets no more than it can carry, so that a crowd does not come back to be sent away again; a lane does not count
// those below it, who leave more.
type turns struct {
	end    time.Time     // of the window that is on
	booked []map[int]int // of the window after that one, and so on: places taken, by lane
}

// book gives a place in the first window that has one, of room a window, and returns when to come back. Who has been
// sent away before comes back earlier in the window.
func (t *turns) book(end time.Time, who place, room int) time.Time {
	t.advance(end)
	for k := range turnsAhead {
		if len(t.booked) == k {
			t.booked = append(t.booked, map[int]int{})
		}
		taken := 0
		for lane, n := range t.booked[k] {
			if lane <= who.lane {
				taken += n
			}
		}
		if taken < room {
			t.booked[k][who.lane]++
			return t.at(k, taken, room, who.attempt)
		}
	}
	return t.at(rand.IntN(turnsAhead), rand.IntN(room), room, who.attempt) //nolint:gosec // jitter is no secret
}

// at is the moment of a place.
func (t *turns) at(k, taken, room, attempt int) time.Time {
	offset := turnSpread * time.Duration(taken) / time.Duration(room*max(attempt, 1))
	return t.end.Add(time.Duration(k)*(window+turnDrift) + offset + upTo(turnJitter))
}

// advance moves on to the window that ends at end: who was booked for it has come back.
func (t *turns) advance(end time.Time) {
	switch ahead := end.Sub(t.end); {
	case t.end.IsZero() || ahead >= turnsAhead*window:
		t.booked = nil
	case ahead >= window/2:
		passed := int((ahead + window/2) / window)
		t.booked = t.booked[min(passed, len(t.booked)):]
	}
	t.end = end
}
