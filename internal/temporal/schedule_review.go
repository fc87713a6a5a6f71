package temporal

import (
	"fmt"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	sdktemporal "go.temporal.io/sdk/temporal"

	"latchkey/casework"
	"latchkey/contract"
)

// Reviews is when access reviews begin by themselves: on the first day of every so many months of the year, at an hour.
type Reviews struct {
	Months int    // 1, 3, 6 or 12; 0: never
	Hour   string // "08:00"
	Zone   string // IANA name; empty is UTC
}

// schedule is the schedule of access reviews. A launcher that was missed runs when Temporal is back, up to ten days later:
// policy names the campaign by the moment, and the quarter is the same.
func (r Reviews) schedule() (wanted, error) {
	at, err := time.Parse("15:04", r.Hour)
	if err != nil {
		return wanted{}, fmt.Errorf("temporal: the hour of access reviews is %q: want one such as 08:00", r.Hour)
	}
	zone := r.Zone
	if zone == "" {
		zone = "UTC"
	}
	if _, err := time.LoadLocation(zone); err != nil {
		return wanted{}, fmt.Errorf("temporal: the zone of access reviews is %q: want an IANA name such as Europe/Berlin", zone)
	}
	return wanted{
		id: contract.ScheduleReview,
		spec: client.ScheduleSpec{
			Calendars: []client.ScheduleCalendarSpec{{
				Month: []client.ScheduleRange{{Start: 1, End: 12, Step: r.Months}}, DayOfMonth: []client.ScheduleRange{{Start: 1}},
				Hour: []client.ScheduleRange{{Start: at.Hour()}}, Minute: []client.ScheduleRange{{Start: at.Minute()}},
			}},
			TimeZoneName: zone,
		},
		action: &client.ScheduleWorkflowAction{
			ID: "review-launcher", Workflow: contract.WorkflowReviewLaunch, TaskQueue: contract.QueueLatchkey,
			StaticSummary: "Start the access review that is due", Priority: sdktemporal.Priority{PriorityKey: casework.PriorityReviews},
		},
		note:    "Access reviews, as review.yaml says.",
		overlap: enumspb.SCHEDULE_OVERLAP_POLICY_SKIP,
		catchUp: 10 * 24 * time.Hour,
	}, nil
}
