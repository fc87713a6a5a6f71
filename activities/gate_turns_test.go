package activities

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"latchkey/casework"
)

// booked is how many come back in each window after the reset, and whether all are within the spread of theirs.
func booked(t *testing.T, end time.Time, times []time.Time) map[int]int {
	t.Helper()
	windows := map[int]int{}
	for _, at := range times {
		k := int(at.Sub(end) / (window + turnDrift))
		windows[k]++
		assert.WithinRange(t, at, end.Add(time.Duration(k)*(window+turnDrift)), end.Add(time.Duration(k)*(window+turnDrift)+turnSpread+turnJitter))
	}
	return windows
}

func TestAWindowIsBookedWithWhatItCanCarry(t *testing.T) {
	t.Parallel()
	end := time.Date(2026, 12, 4, 12, 0, 0, 0, time.UTC)
	bulk, people := place{lane: casework.PriorityBulk, attempt: 1}, place{lane: casework.PriorityPeople, attempt: 1}
	var list turns
	times := make([]time.Time, 0, 120)
	for range 120 {
		times = append(times, list.book(end, bulk, 50))
	}
	assert.Equal(t, map[int]int{0: 50, 1: 50, 2: 20}, booked(t, end, times))
	assert.Equal(t, map[int]int{0: 1}, booked(t, end, []time.Time{list.book(end, people, 50)}), "those below do not count")
	assert.Equal(t, map[int]int{2: 1}, booked(t, end, []time.Time{list.book(end, bulk, 50)}), "those above do")

	// A window later those who were booked for it have come back.
	next := end.Add(window + turnDrift)
	times = times[:0]
	for range 40 {
		times = append(times, list.book(next, bulk, 50))
	}
	assert.Equal(t, map[int]int{1: 29, 2: 11}, booked(t, next, times), "what was booked ahead stays booked")
	assert.Equal(t, map[int]int{2: 1}, booked(t, next.Add(-time.Second), []time.Time{list.book(next.Add(-time.Second), bulk, 50)}),
		"a better bound of the end moves nobody into another window")
	assert.Equal(t, map[int]int{0: 1}, booked(t, next.Add(time.Hour), []time.Time{list.book(next.Add(time.Hour), bulk, 50)}), "long after nothing is booked")
}

func TestMoreThanAllWindowsGetAnyOfThem(t *testing.T) {
	t.Parallel()
	end := time.Date(2026, 12, 4, 12, 0, 0, 0, time.UTC)
	var list turns
	times := make([]time.Time, 0, 400)
	for range 400 {
		times = append(times, list.book(end, place{lane: casework.PriorityReviews, attempt: 1}, 20))
	}
	windows := booked(t, end, times)
	assert.Len(t, windows, turnsAhead)
	for k, n := range windows {
		assert.Greater(t, n, 20, "window %d", k)
	}
}

func TestWhoWasSentAwayBeforeComesBackEarlier(t *testing.T) {
	t.Parallel()
	end := time.Date(2026, 12, 4, 12, 0, 0, 0, time.UTC)
	var list turns
	for range 99 {
		list.book(end, place{lane: casework.PriorityBulk, attempt: 1}, 100)
	}
	at := list.book(end, place{lane: casework.PriorityBulk, attempt: 5}, 100)
	assert.WithinRange(t, at, end, end.Add(turnSpread/5+turnJitter))
}
