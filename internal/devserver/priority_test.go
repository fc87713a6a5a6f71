package devserver_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"latchkey/casework"
	"latchkey/contract"
	"latchkey/internal/devserver"
)

const backlog = 150

// runs remembers in which order activities ran.
type runs struct {
	mu    sync.Mutex
	order []int // priority keys
	held  chan struct{}
}

// Bulk is out of budget at first and comes back, as an activity that the gate refused does.
func (r *runs) Bulk(ctx context.Context) error {
	if activity.GetInfo(ctx).Attempt == 1 {
		return temporal.NewApplicationErrorWithOptions("out of budget", string(casework.RateLimited), temporal.ApplicationErrorOptions{
			NextRetryDelay: 2 * time.Second, Category: temporal.ApplicationErrorCategoryBenign,
		})
	}
	r.note(casework.PriorityBulk)
	<-r.held // the slots are taken until the emergency is there
	return nil
}

// Emergency is what may not wait behind them.
func (r *runs) Emergency(context.Context) error {
	r.note(casework.PriorityEmergency)
	return nil
}

func (r *runs) note(key int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.order = append(r.order, key)
}

func (r *runs) seen() []int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]int(nil), r.order...)
}

// crowd runs n activities of a name at once, on the queue of Okta.
func crowd(ctx workflow.Context, name string, key, n int) error {
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		TaskQueue: contract.QueueOkta, StartToCloseTimeout: time.Minute, Priority: temporal.Priority{PriorityKey: key},
	})
	var all []workflow.Future
	for range n {
		all = append(all, workflow.ExecuteActivity(ctx, name))
	}
	for _, one := range all {
		if err := one.Get(ctx, nil); err != nil {
			return err
		}
	}
	return nil
}

// A bulk whose calls were refused comes back at the reset all at once. An emergency that begins then goes before what is
// left of it: that needs the newer matcher, which the server's settings switch on.
func TestAnEmergencyOvertakesABacklogOfRetries(t *testing.T) {
	t.Parallel()
	s, err := devserver.Start(t.Context(), devserver.Options{Finder: devserver.Finder{Dir: "../.."}})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	r := &runs{held: make(chan struct{})}
	w := worker.New(s.Client, "test", worker.Options{})
	w.RegisterWorkflowWithOptions(crowd, workflow.RegisterOptions{Name: "crowd"})
	require.NoError(t, w.Start())
	t.Cleanup(w.Stop)
	calls := worker.New(s.Client, contract.QueueOkta, worker.Options{
		DisableWorkflowWorker: true, MaxConcurrentActivityExecutionSize: 2, TaskQueueActivitiesPerSecond: 100,
	})
	calls.RegisterActivity(r)
	require.NoError(t, calls.Start())
	t.Cleanup(calls.Stop)

	start := func(name string, key, n int) client.WorkflowRun {
		run, err := s.Client.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{TaskQueue: "test"}, "crowd", name, key, n)
		require.NoError(t, err)
		return run
	}
	bulk := start("Bulk", casework.PriorityBulk, backlog)
	// All have been sent away and have come back: two of them hold the slots.
	require.EventuallyWithT(t, func(t *assert.CollectT) {
		d, err := s.Client.DescribeWorkflowExecution(context.Background(), bulk.GetID(), "")
		assert.NoError(t, err)
		waiting := 0
		for _, p := range d.GetPendingActivities() {
			if p.GetAttempt() == 2 && !p.GetScheduledTime().AsTime().After(time.Now()) {
				waiting++
			}
		}
		assert.Equal(t, backlog, waiting)
		assert.Len(t, r.seen(), 2)
	}, time.Minute, 100*time.Millisecond)
	emergency := start("Emergency", casework.PriorityEmergency, 1)
	require.EventuallyWithT(t, func(t *assert.CollectT) {
		d, err := s.Client.DescribeWorkflowExecution(context.Background(), emergency.GetID(), "")
		assert.NoError(t, err)
		assert.Len(t, d.GetPendingActivities(), 1)
	}, time.Minute, 50*time.Millisecond)
	close(r.held)
	require.NoError(t, emergency.Get(t.Context(), nil))
	require.NoError(t, bulk.Get(t.Context(), nil))
	order := r.seen()
	require.Len(t, order, backlog+1)
	position := 0
	for order[position] != casework.PriorityEmergency {
		position++
	}
	assert.Less(t, position, backlog/2, "it went before what had waited longer")
	t.Logf("%d of %d went before it", position, backlog)
}
