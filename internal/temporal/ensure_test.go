package temporal_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/sdk/client"

	"latchkey/contract"
	"latchkey/internal/devserver"
	"latchkey/internal/temporal"
)

func start(t *testing.T) *devserver.Server {
	t.Helper()
	server, err := devserver.Start(t.Context(), devserver.Options{Finder: devserver.Finder{Dir: "../.."}})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.Close()) })
	return server
}

func TestSetupIsDoneOnce(t *testing.T) {
	t.Parallel()
	server := start(t)
	c := server.Client

	// A server that has none of them yet, as a namespace of a cluster has.
	_, err := c.OperatorService().RemoveSearchAttributes(t.Context(), &operatorservice.RemoveSearchAttributesRequest{
		Namespace: server.Namespace, SearchAttributes: []string{contract.AttrBatch, contract.AttrDueAt},
	})
	require.NoError(t, err)
	made, err := temporal.EnsureAttributes(t.Context(), c, server.Namespace)
	require.NoError(t, err)
	require.Equal(t, []string{contract.AttrBatch, contract.AttrDueAt}, made)
	made, err = temporal.EnsureAttributes(t.Context(), c, server.Namespace)
	require.NoError(t, err)
	require.Empty(t, made)

	wanted := temporal.Schedules{SweepEvery: time.Hour, DigestHour: "08:30", DigestZone: "Europe/Berlin", SyncEvery: 12 * time.Hour, Reviews: temporal.Reviews{Months: 3, Hour: "08:00", Zone: "Europe/Berlin"}}
	changes, err := temporal.EnsureSchedules(t.Context(), c, wanted)
	require.NoError(t, err)
	require.Equal(t, []temporal.ScheduleChange{{ID: contract.ScheduleSweep, Made: true}, {ID: contract.ScheduleSync, Made: true}, {ID: contract.ScheduleReview, Made: true}, {ID: contract.ScheduleDigest, Made: true}}, changes)

	require.NoError(t, c.ScheduleClient().GetHandle(t.Context(), contract.ScheduleSweep).Pause(t.Context(), client.SchedulePauseOptions{Note: "by hand"}))
	wanted.SweepEvery, wanted.DigestHour = 2*time.Hour, "09:15"
	changes, err = temporal.EnsureSchedules(t.Context(), c, wanted)
	require.NoError(t, err)
	require.Equal(t, []temporal.ScheduleChange{{ID: contract.ScheduleSweep}, {ID: contract.ScheduleSync}, {ID: contract.ScheduleReview}, {ID: contract.ScheduleDigest}}, changes)

	require.EventuallyWithT(t, func(t *collector) {
		states, err := temporal.DescribeSchedules(context.Background(), c)
		require.NoError(t, err)
		require.True(t, states[0].There && states[0].Paused, "a schedule that an operator paused stays paused")
		require.True(t, states[1].There)
		require.True(t, states[2].There)
		require.True(t, states[3].There)
	}, 10*time.Second, 50*time.Millisecond)
	d, err := c.ScheduleClient().GetHandle(t.Context(), contract.ScheduleDigest).Describe(t.Context())
	require.NoError(t, err)
	require.Len(t, d.Info.NextActionTimes, 10)
	at := d.Info.NextActionTimes[0].In(mustZone(t, "Europe/Berlin"))
	require.Equal(t, "09:15", at.Format("15:04"))
	d, err = c.ScheduleClient().GetHandle(t.Context(), contract.ScheduleReview).Describe(t.Context())
	require.NoError(t, err)
	for i, at := range d.Info.NextActionTimes {
		at = at.In(mustZone(t, "Europe/Berlin"))
		require.Equal(t, "01 08:00", at.Format("02 15:04"), "on the first day, whatever the clock change")
		require.Zero(t, (int(at.Month())-1)%3, "of a quarter: %d", i)
	}
	d, err = c.ScheduleClient().GetHandle(t.Context(), contract.ScheduleSweep).Describe(t.Context())
	require.NoError(t, err)
	require.Equal(t, 2*time.Hour, d.Schedule.Spec.Intervals[0].Every)
	require.Equal(t, enumspb.SCHEDULE_OVERLAP_POLICY_SKIP, d.Schedule.Policy.Overlap)

	namespace, err := temporal.DescribeNamespace(t.Context(), c, server.Namespace)
	require.NoError(t, err)
	require.Positive(t, namespace.Retention)
	_, err = temporal.DescribeNamespace(t.Context(), c, "nowhere")
	require.ErrorContains(t, err, "temporal operator namespace create --namespace nowhere")
}

func TestAnAttributeOfAnotherTypeIsNotTouched(t *testing.T) {
	t.Parallel()
	server := start(t)
	_, err := server.Client.OperatorService().RemoveSearchAttributes(t.Context(), &operatorservice.RemoveSearchAttributesRequest{
		Namespace: server.Namespace, SearchAttributes: []string{contract.AttrState},
	})
	require.NoError(t, err)
	_, err = server.Client.OperatorService().AddSearchAttributes(t.Context(), &operatorservice.AddSearchAttributesRequest{
		Namespace: server.Namespace, SearchAttributes: map[string]enumspb.IndexedValueType{contract.AttrState: enumspb.INDEXED_VALUE_TYPE_INT},
	})
	require.NoError(t, err)
	_, err = temporal.EnsureAttributes(t.Context(), server.Client, server.Namespace)
	require.ErrorContains(t, err, contract.AttrState)
}

func TestSchedulesThatCannotBeAreRefused(t *testing.T) {
	t.Parallel()
	for _, s := range []temporal.Schedules{{DigestHour: "8 o'clock"}, {DigestHour: "08:00", DigestZone: "Middle/Earth"}} {
		_, err := temporal.EnsureSchedules(t.Context(), nil, s)
		require.Error(t, err)
	}
}
