package temporal

import (
	"context"
	"errors"
	"fmt"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	sdktemporal "go.temporal.io/sdk/temporal"

	"latchkey/casework"
	"latchkey/contract"
)

// Schedules is when the recurring work is done.
type Schedules struct {
	SweepEvery time.Duration // default a minute
	DigestHour string        // "08:00", by policy; empty makes no digest
	DigestZone string        // IANA name; empty is UTC
	SyncEvery  time.Duration // by policy; zero makes no walk of the profile sync
	Reviews    Reviews       // by policy
}

// DefaultSweepEvery is how often the sweep looks, unless told otherwise.
const DefaultSweepEvery = time.Minute

// ScheduleChange says what became of one schedule.
type ScheduleChange struct {
	ID   string `json:"id"`
	Made bool   `json:"made"` // false: it was there and has been brought to what is wanted
}

// wanted is one schedule as it should be.
type wanted struct {
	id     string
	spec   client.ScheduleSpec
	action *client.ScheduleWorkflowAction
	note   string
	// overlap of the sweep: skip, because a sweep reads from the last completed one on.
	overlap enumspb.ScheduleOverlapPolicy
	catchUp time.Duration
}

func (s Schedules) list() ([]wanted, error) {
	every := s.SweepEvery
	if every == 0 {
		every = DefaultSweepEvery
	}
	all := []wanted{{
		id:   contract.ScheduleSweep,
		spec: client.ScheduleSpec{Intervals: []client.ScheduleIntervalSpec{{Every: every}}},
		action: &client.ScheduleWorkflowAction{
			ID: "sweep", Workflow: contract.WorkflowSweep, TaskQueue: contract.QueueLatchkey,
			StaticSummary: "Find what no webhook brought", Priority: sdktemporal.Priority{PriorityKey: casework.PriorityPeople},
		},
		note:    "Tickets and answers to approvals whose webhook never came.",
		overlap: enumspb.SCHEDULE_OVERLAP_POLICY_SKIP,
		catchUp: max(every, 10*time.Second), // the least Temporal takes; one sweep after an outage finds everything: those that were missed are not needed
	}}
	if s.SyncEvery > 0 {
		all = append(all, s.sync())
	}
	if s.Reviews.Months > 0 {
		reviews, err := s.Reviews.schedule()
		if err != nil {
			return nil, err
		}
		all = append(all, reviews)
	}
	if s.DigestHour == "" {
		return all, nil
	}
	at, err := time.Parse("15:04", s.DigestHour)
	if err != nil {
		return nil, fmt.Errorf("temporal: the digest's hour is %q: want one such as 08:00", s.DigestHour)
	}
	zone := s.DigestZone
	if zone == "" {
		zone = "UTC"
	}
	if _, err := time.LoadLocation(zone); err != nil {
		return nil, fmt.Errorf("temporal: the digest's zone is %q: want an IANA name such as Europe/Berlin", zone)
	}
	return append(all, wanted{
		id: contract.ScheduleDigest,
		spec: client.ScheduleSpec{
			Calendars: []client.ScheduleCalendarSpec{{
				Hour: []client.ScheduleRange{{Start: at.Hour()}}, Minute: []client.ScheduleRange{{Start: at.Minute()}},
			}},
			TimeZoneName: zone,
		},
		action: &client.ScheduleWorkflowAction{
			ID: "daily-digest", Workflow: contract.WorkflowDigest, TaskQueue: contract.QueueLatchkey,
			StaticSummary: "Tell IT what is parked, blocked, overdue and due tomorrow", Priority: sdktemporal.Priority{PriorityKey: casework.PriorityPeople},
		},
		note:    "What is parked, blocked, overdue and due tomorrow.",
		overlap: enumspb.SCHEDULE_OVERLAP_POLICY_SKIP,
		catchUp: 12 * time.Hour,
	}), nil
}

// sync is the walk over everybody. A walk that takes longer than the pause between two is not joined by another.
func (s Schedules) sync() wanted {
	return wanted{
		id:   contract.ScheduleSync,
		spec: client.ScheduleSpec{Intervals: []client.ScheduleIntervalSpec{{Every: s.SyncEvery}}},
		action: &client.ScheduleWorkflowAction{
			ID: contract.SyncAllID, Workflow: contract.WorkflowSyncAll, TaskQueue: contract.QueueLatchkey, Args: []any{contract.SyncAllInput{}},
			StaticSummary: "Profile sync of everybody", Priority: sdktemporal.Priority{PriorityKey: casework.PriorityBulk},
		},
		note:    "Profiles that differ between Okta and the desk.",
		overlap: enumspb.SCHEDULE_OVERLAP_POLICY_SKIP,
		catchUp: max(s.SyncEvery/2, 10*time.Second), // one walk finds everything
	}
}

// EnsureSchedules makes the schedules or brings them to what is wanted. A schedule that an operator paused stays paused.
func EnsureSchedules(ctx context.Context, c client.Client, s Schedules) ([]ScheduleChange, error) {
	list, err := s.list()
	if err != nil {
		return nil, err
	}
	changes := make([]ScheduleChange, 0, len(list))
	for _, w := range list {
		made, err := ensure(ctx, c.ScheduleClient(), w)
		if err != nil {
			return changes, fmt.Errorf("temporal: schedule %s: %w", w.id, err)
		}
		changes = append(changes, ScheduleChange{ID: w.id, Made: made})
	}
	return changes, nil
}

func ensure(ctx context.Context, c client.ScheduleClient, w wanted) (made bool, err error) {
	_, err = c.Create(ctx, client.ScheduleOptions{
		ID: w.id, Spec: w.spec, Action: w.action, Overlap: w.overlap, CatchupWindow: w.catchUp, Note: w.note,
	})
	var already *serviceerror.AlreadyExists
	switch {
	case err == nil:
		return true, nil
	case errors.Is(err, sdktemporal.ErrScheduleAlreadyRunning), errors.As(err, &already):
	default:
		return false, err
	}
	return false, c.GetHandle(ctx, w.id).Update(ctx, client.ScheduleUpdateOptions{
		DoUpdate: func(is client.ScheduleUpdateInput) (*client.ScheduleUpdate, error) {
			schedule := is.Description.Schedule
			schedule.Spec, schedule.Action = &w.spec, w.action
			if schedule.Policy == nil {
				schedule.Policy = &client.SchedulePolicies{}
			}
			schedule.Policy.Overlap, schedule.Policy.CatchupWindow = w.overlap, w.catchUp
			return &client.ScheduleUpdate{Schedule: &schedule}, nil
		},
	})
}

// ScheduleState is how a schedule stands.
type ScheduleState struct {
	ID     string    `json:"id"`
	There  bool      `json:"there"`
	Paused bool      `json:"paused,omitempty"`
	Last   time.Time `json:"last,omitzero"` // when it last ran
}

// DescribeSchedules reads how the schedules stand.
func DescribeSchedules(ctx context.Context, c client.Client) ([]ScheduleState, error) {
	var states []ScheduleState
	for _, id := range []string{contract.ScheduleSweep, contract.ScheduleDigest, contract.ScheduleSync, contract.ScheduleReview} {
		d, err := c.ScheduleClient().GetHandle(ctx, id).Describe(ctx)
		var missing *serviceerror.NotFound
		switch {
		case errors.As(err, &missing):
			states = append(states, ScheduleState{ID: id})
			continue
		case err != nil:
			return nil, fmt.Errorf("temporal: schedule %s: %w", id, err)
		}
		state := ScheduleState{ID: id, There: true, Paused: d.Schedule.State != nil && d.Schedule.State.Paused}
		if n := len(d.Info.RecentActions); n > 0 {
			state.Last = d.Info.RecentActions[n-1].ActualTime
		}
		states = append(states, state)
	}
	return states, nil
}
