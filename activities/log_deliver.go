package activities

import (
	"context"
	"errors"
	"sync"

	"go.temporal.io/sdk/activity"

	"latchkey/casework"
	"latchkey/contract"
)

// deliverAtOnce is how many incidents are signalled side by side.
const deliverAtOnce = 16

// DeliverAlerts sends the signals of a checkpoint, each starting its incident where it does not run: page by page, in
// order, and within a page side by side, for there each incident has one. It may run again at any point: a signal
// carries the number of its page, and an incident passes over one that is not newer than the last it took.
func (e *Engine) DeliverAlerts(ctx context.Context, in contract.DeliverAlertsInput) error {
	const doing = "sending alerts to their incidents"
	head, _, err := readCheckpoint(ctx, e.Blobs, in.Checkpoint)
	if err != nil {
		return failure(clock(e.Now), doing, lostCheckpoint(err))
	}
	for list := head.New.Signals; len(list) > 0; {
		n := 1
		for n < len(list) && n < deliverAtOnce && list[n].Checkpoint == list[0].Checkpoint {
			n++
		}
		if err := e.deliver(ctx, list[:n]); err != nil {
			return failure(clock(e.Now), doing, err)
		}
		list = list[n:]
		if err := beat(ctx); err != nil {
			return failure(clock(e.Now), doing, err)
		}
	}
	return nil
}

func (e *Engine) deliver(ctx context.Context, signals []contract.AlertSignal) error {
	errs := make([]error, len(signals))
	var all sync.WaitGroup
	for i := range signals {
		all.Go(func() { errs[i] = e.Cluster.Alert(ctx, signals[i]) })
	}
	all.Wait()
	return errors.Join(errs...)
}

// lostTries is how many attempts look for a checkpoint before it counts as lost: a shared folder may lag.
const lostTries = 5

// lostCheckpoint is an error of reading a checkpoint, for an activity that cannot do without it.
func lostCheckpoint(err error) error {
	if errors.Is(err, errLostCheckpoint) {
		return problemf(casework.Unavailable, "%v: all workers have to share one store (LATCHKEY_BLOB_URL)", err)
	}
	return problemf(casework.Unavailable, "the blob store does not answer: %v", err)
}

// attemptOf is which attempt this is, from 1.
func attemptOf(ctx context.Context) int32 {
	if !activity.IsActivity(ctx) {
		return 1
	}
	return activity.GetInfo(ctx).Attempt
}
