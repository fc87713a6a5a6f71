package activities

import (
	"context"

	"go.temporal.io/sdk/activity"

	"latchkey/casework"
)

// Reserves is the share of a bucket's limit, 0 to 1, that a lane leaves for the lanes above it, by Temporal priority
// key. A key that is not listed leaves the reserve of casework.PriorityPeople.
type Reserves map[int]float64

// DefaultReserves lets an emergency use everything; bulk work and reviews leave the most.
func DefaultReserves() Reserves {
	return Reserves{
		casework.PriorityEmergency: 0,
		casework.PriorityPeople:    0.10,
		casework.PriorityBulk:      0.25,
		casework.PriorityReviews:   0.40,
	}
}

// of is the reserve that a lane leaves. An emergency leaves none, whatever is set.
func (r Reserves) of(lane int) float64 {
	if lane == casework.PriorityEmergency {
		return 0
	}
	if share, ok := r[lane]; ok {
		return share
	}
	return r[casework.PriorityPeople]
}

// place is who asks: the lane, and the how manieth try of the activity this is.
type place struct {
	lane    int
	attempt int
}

// placeOf reads it from the running activity. Outside of one, people are waiting.
func placeOf(ctx context.Context) place {
	p := place{lane: casework.PriorityPeople, attempt: 1}
	if !activity.IsActivity(ctx) {
		return p
	}
	info := activity.GetInfo(ctx)
	if info.Priority.PriorityKey != 0 {
		p.lane = info.Priority.PriorityKey
	}
	p.attempt = max(int(info.Attempt), 1)
	return p
}
