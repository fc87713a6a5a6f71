package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	taskqueuepb "go.temporal.io/api/taskqueue/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"

	"latchkey/contract"
	"latchkey/internal/controls"
	"latchkey/internal/temporal"
)

const runSetup = "run `starter setup`"

// lookAtTemporal checks the namespace and what runs in it.
func (o *doctorOptions) lookAtTemporal(ctx context.Context, f *findings) {
	c, name, err := o.Dial(ctx)
	if err != nil {
		f.fail("connection", err.Error(), "set TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE and the credentials, as for the `temporal` command")
		return
	}
	defer c.Close()
	namespace, err := temporal.DescribeNamespace(ctx, c, name)
	if err != nil {
		f.fail("namespace", err.Error(), "make the namespace, or set TEMPORAL_NAMESPACE")
		return
	}
	if namespace.Retention < temporal.RetentionLeast {
		f.warn("namespace", fmt.Sprintf("%s keeps closed workflows for %s", name, namespace.Retention),
			fmt.Sprintf("`temporal operator namespace update --namespace %s --retention 30d`: a closed case can be looked at as long as that", name))
	} else {
		f.ok("namespace", "%s, closed workflows are kept for %s", name, namespace.Retention)
	}
	switch missing, err := temporal.MissingAttributes(ctx, c, name); {
	case err != nil:
		f.fail("search attributes", err.Error(), runSetup)
	case len(missing) > 0:
		f.fail("search attributes", "missing: "+strings.Join(missing, ", "), runSetup)
	default:
		f.ok("search attributes", "all there")
	}
	lookAtSchedules(ctx, c, f)
	lookAtWorkers(ctx, c, name, f)
	lookAtLog(ctx, c, f)
	soon, cancel := context.WithTimeout(ctx, 5*time.Second) // without a worker nobody answers
	defer cancel()
	now, err := controls.Read(soon, c)
	switch {
	case err != nil:
		f.warn("controls", "no answer", "start a worker that serves workflows")
	case len(now.Frozen) > 0:
		f.warn("controls", count(len(now.Frozen), "freeze")+" in force", "`starter guard show` says by whom and why; `starter thaw` ends it")
	case len(now.Alarms) > 0:
		f.warn("controls", "a vendor refused our credential lately: "+now.Alarms[0].Vendor, "`starter guard show`, and the checks of that vendor below")
	default:
		f.ok("controls", "nothing frozen, no alarm")
	}
}

func lookAtSchedules(ctx context.Context, c client.Client, f *findings) {
	states, err := temporal.DescribeSchedules(ctx, c)
	if err != nil {
		f.fail("schedules", err.Error(), runSetup)
		return
	}
	for _, s := range states {
		switch {
		case !s.There && s.ID == contract.ScheduleSync:
			f.warn("schedule "+s.ID, "not there: profiles are compared only when something nudges", runSetup+", with a policy whose sync.yaml is not off")
		case !s.There && s.ID == contract.ScheduleReview:
			f.warn("schedule "+s.ID, "not there: access reviews begin only by hand (starter review start)", runSetup+", with a policy whose review.yaml is not off and has a schedule")
		case !s.There:
			f.fail("schedule "+s.ID, "not there", runSetup)
		case s.Paused:
			f.warn("schedule "+s.ID, "paused by an operator", "`temporal schedule toggle --schedule-id "+s.ID+" --unpause --reason …`")
		case s.Last.IsZero():
			f.ok("schedule "+s.ID, "there, has not run yet")
		default:
			f.ok("schedule "+s.ID, "last ran %s", moment(s.Last))
		}
	}
}

// lookAtWorkers asks for each queue whether anybody takes its tasks.
func lookAtWorkers(ctx context.Context, c client.Client, namespace string, f *findings) {
	for _, queue := range []string{contract.QueueLatchkey, contract.QueueOkta, contract.QueueFreshservice} {
		kind := enumspb.TASK_QUEUE_TYPE_ACTIVITY
		if queue == contract.QueueLatchkey {
			kind = enumspb.TASK_QUEUE_TYPE_WORKFLOW
		}
		d, err := c.WorkflowService().DescribeTaskQueue(ctx, &workflowservice.DescribeTaskQueueRequest{
			Namespace: namespace, TaskQueue: &taskqueuepb.TaskQueue{Name: queue}, TaskQueueType: kind,
		})
		switch {
		case err != nil:
			f.fail("workers of "+queue, err.Error(), "check that this credential may read task queues")
		case len(d.GetPollers()) == 0:
			f.fail("workers of "+queue, "none", "start `worker`, with LATCHKEY_ROLES empty or naming the role")
		default:
			f.ok("workers of "+queue, "%s", count(len(d.GetPollers()), "poller"))
		}
	}
}
