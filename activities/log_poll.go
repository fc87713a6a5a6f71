package activities

import (
	"context"
	"reflect"
	"time"

	"go.temporal.io/sdk/activity"

	"latchkey/casework"
	"latchkey/contract"
	"latchkey/detection"
)

// LogReading is how the System Log is read. The zero value polls by the defaults and counts nowhere.
type LogReading struct {
	Every    time.Duration // between polls (20 s)
	LookBack time.Duration // how far back the very first reading begins; 0: now
	Meter    LogMeter      // nil: none
}

// LogMeter counts what a page brought. What a killed attempt counted is counted again.
type LogMeter interface {
	Page(events int, lastEvent time.Time, hits map[string]map[detection.Outcome]int)
}

const (
	defaultLogEvery = 20 * time.Second
	// catchUpPages, catchUpFor and catchUpSignals bound one catching up; the workflow goes on with the next.
	catchUpPages   = 200
	catchUpFor     = 5 * time.Minute
	catchUpSignals = 500
	// logIdleFor is how long pages without news are not worth a checkpoint.
	logIdleFor = 15 * time.Minute
)

// PollLog reads one page of the System Log.
func (o *Okta) PollLog(ctx context.Context, in contract.PollLogInput) (contract.PollLogResult, error) {
	return o.readLog(ctx, in, 1)
}

// CatchUpLog reads pages until none waits, inside the rate budget: where that ends, so does the reading, with what it
// has. Its heartbeat names its newest checkpoint, from which another attempt may go on.
func (o *Okta) CatchUpLog(ctx context.Context, in contract.PollLogInput) (contract.PollLogResult, error) {
	return o.readLog(ctx, in, catchUpPages)
}

// readLog is both. From the checkpoint that the workflow knows it makes others, each with all that came since, and
// returns the last: only that one counts, and only once the workflow has the answer. So an attempt may die at any point,
// run twice or come late: what it wrote is then a checkpoint that nobody refers to. Nothing leaves here but checkpoints;
// what they say to incidents is sent by DeliverAlerts.
func (o *Okta) readLog(ctx context.Context, in contract.PollLogInput, most int) (contract.PollLogResult, error) {
	const doing = "reading the System Log"
	p := o.Policy.Current()
	result := contract.PollLogResult{Mode: p.Mode(casework.SecurityAlert), Checkpoint: in.Checkpoint, Wait: o.Reading.every()}
	switch {
	case p.Alerts() == nil:
		result.Idle = "the worker's policy folder has no alert rules (alerts/*.yaml): nobody reads the log"
		return result, nil
	case result.Mode == casework.ModeOff:
		result.Idle = "policy switches security alerts off (alerts.yaml): nobody reads the log"
		return result, nil
	}
	r, err := o.beginReading(ctx, in)
	if err != nil {
		return contract.PollLogResult{}, o.failed(ctx, doing, err)
	}
	began := o.now()
	for pages := 0; ; {
		r.full, err = r.page(ctx)
		if err != nil && pages > 0 && kindOf(err) == casework.RateLimited {
			r.full, result.Wait = true, retryIn(o.now(), err)
			return r.result(result), nil
		}
		if err != nil {
			return contract.PollLogResult{}, o.failed(ctx, doing, err)
		}
		pages++
		if err := beat(ctx, r.ref); err != nil {
			return contract.PollLogResult{}, o.failed(ctx, doing, err)
		}
		if !r.full || pages >= most || o.now().Sub(began) >= catchUpFor || len(r.head.New.Signals) >= catchUpSignals {
			break
		}
	}
	if r.full {
		result.Wait = 0
	}
	return r.result(result), nil
}

func (l LogReading) every() time.Duration {
	if l.Every > 0 {
		return l.Every
	}
	return defaultLogEvery
}

// retryIn is when to come back after a refusal for lack of budget.
func retryIn(now time.Time, err error) time.Duration {
	f, _ := faultOf(err)
	if f.retryAt.IsZero() && f.wait > 0 {
		f.retryAt = now.Add(f.wait)
	}
	return delayUntil(now, f.retryAt)
}

// result is what the workflow hears.
func (r *logRun) result(result contract.PollLogResult) contract.PollLogResult {
	n := r.head.New
	result.Checkpoint, result.Rules = r.ref, r.alerts.Digest()
	result.Signals, result.Hour, result.More = len(n.Signals), len(n.Closed) > 0, r.full
	result.Pages, result.Events, result.Repeated, result.Malformed, result.Own = n.Pages, n.Events, n.Repeated, n.Malformed, n.Own
	result.ReadAt, result.LastEvent, result.Gaps = r.readAt, r.head.LastEvent, n.Gaps
	if view := r.view(); r.before == nil || !reflect.DeepEqual(view, *r.before) {
		result.View = &view
	}
	return result
}

// heartbeatRef is the newest checkpoint of an earlier attempt, if it told of one.
func heartbeatRef(ctx context.Context) (ref contract.CheckpointRef, told bool) {
	if !activity.IsActivity(ctx) || !activity.HasHeartbeatDetails(ctx) {
		return ref, false
	}
	var last *contract.CheckpointRef
	if err := activity.GetHeartbeatDetails(ctx, &last); err != nil || last == nil {
		return ref, false
	}
	return *last, true
}
