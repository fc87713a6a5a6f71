package activities

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"latchkey/casework"
	"latchkey/clients/okta"
	"latchkey/contract"
	"latchkey/detection"
	"latchkey/policy"
)

const (
	// logKept is how long Okta keeps its log (okta-api §7).
	logKept = 90 * 24 * time.Hour
	// logOverlap is how far a reading that lost its place goes back before the last event: what comes again is told by
	// its uuid, and what came late meanwhile is not missed.
	logOverlap = 30 * time.Minute
	// unwantedMost and gapsMost bound what a checkpoint counts for people.
	unwantedMost = 400
	gapsMost     = 20
	viewMost     = 20 // lines of a list that people see
)

// logRun is one run over pages of the log.
type logRun struct {
	okta   *Okta
	alerts *policy.Alerts
	head   logHead
	state  *detection.State
	ref    *contract.CheckpointRef // of head and state, as stored; nil before the first
	made   []contract.CheckpointRef
	readAt time.Time
	full   bool
	orders bool              // were carried out, and are in no checkpoint yet
	before *contract.LogView // as the workflow knows it
}

// beginReading takes up the log where it was left: at the newest checkpoint that an earlier attempt told of, at the
// workflow's, or at the newest in the store where the workflow has none.
func (o *Okta) beginReading(ctx context.Context, in contract.PollLogInput) (*logRun, error) {
	r := &logRun{okta: o, alerts: o.Policy.Current().Alerts()}
	if hint, told := heartbeatRef(ctx); told && r.open(ctx, hint) == nil {
		return r, nil
	}
	if in.Checkpoint == nil {
		if err := r.beginAnew(ctx); err != nil {
			return nil, err
		}
	} else {
		if err := settle(ctx, o.Blobs, *in.Checkpoint, o.now()); err != nil {
			return nil, err
		}
		if err := r.goOn(ctx, in); err != nil {
			return nil, err
		}
	}
	if in.AtNow && r.head.Cursor != "" {
		now := o.now()
		r.gap(r.head.ReadAt, now, "reading was switched off")
		r.head.Cursor, r.head.Begin = "", now
	}
	r.obey(ctx, in.Orders)
	return r, nil
}

// open loads a checkpoint.
func (r *logRun) open(ctx context.Context, ref contract.CheckpointRef) error {
	head, raw, err := readCheckpoint(ctx, r.okta.Blobs, ref)
	if err != nil {
		return err
	}
	state, err := r.alerts.Engine().DecodeState(raw)
	if err != nil {
		return fmt.Errorf("%w: %w", errLostCheckpoint, err)
	}
	r.head, r.state, r.ref = head, state, &ref
	return nil
}

// goOn loads the workflow's checkpoint. Its news are told already. One that is lost for good costs what was remembered;
// reading goes on where the last event was.
func (r *logRun) goOn(ctx context.Context, in contract.PollLogInput) error {
	err := r.open(ctx, *in.Checkpoint)
	switch {
	case err == nil:
		r.head.New = logNews{}
		view := r.view()
		r.before = &view
		return nil
	case !errors.Is(err, errLostCheckpoint):
		return err
	case attemptOf(ctx) < lostTries:
		return lostCheckpoint(err)
	}
	now := r.okta.now()
	r.head, r.state, r.ref = logHead{Number: in.Checkpoint.Number, Begin: now, LastEvent: in.LastEvent}, detection.NewState(), nil
	if !in.LastEvent.IsZero() {
		r.head.Begin = in.LastEvent.Add(-logOverlap)
	}
	r.gap(r.head.Begin, now, "what was remembered is lost, and alerts of this time may come again: "+err.Error())
	return nil
}

// beginAnew begins without a checkpoint of the workflow: the first time ever, or because the workflow was ended by
// somebody. Then the store's newest is taken up, its news are told again (incidents pass over what they know), and
// numbers jump ahead.
func (r *logRun) beginAnew(ctx context.Context) error {
	var latest contract.CheckpointRef
	there, err := readBlob(ctx, r.okta.Blobs, latestKey, &latest)
	if err != nil {
		return err
	}
	if there {
		switch err := r.open(ctx, latest); {
		case err == nil:
			r.head.Number += recoveredAhead
			return nil
		case !errors.Is(err, errLostCheckpoint):
			return err
		}
	}
	now := r.okta.now()
	begin := now.Add(-min(r.okta.Reading.LookBack, logKept-time.Hour))
	r.head, r.state = logHead{Begin: begin}, detection.NewState()
	if there {
		r.head.Number = latest.Number + recoveredAhead
		r.gap(time.Time{}, begin, "the log's workflow and its checkpoint are lost; reading begins anew")
	}
	return nil
}

// obey carries out what others decided.
func (r *logRun) obey(ctx context.Context, orders []contract.LogOrder) {
	for _, order := range orders {
		r.orders = true
		switch {
		case order.Silence != nil:
			if err := r.state.AddSilence(*order.Silence); err != nil { // the workflow's validator took it: an older worker's
				logger(r.okta.Log).WarnContext(ctx, "a silence is not understood", "silence", order.Silence.ID, "error", err)
			}
		case order.Expire != "":
			r.state.ExpireSilence(order.Expire)
		case order.Close != nil:
			r.state.CloseIncident(*order.Close)
		}
	}
}

// page reads and judges one page, and stores where that leaves us. It says whether more wait.
func (r *logRun) page(ctx context.Context) (full bool, err error) {
	page, err := r.fetch(ctx)
	if err != nil {
		return false, err
	}
	r.readAt = r.okta.now()
	events, malformed := parseEvents(page.Events)
	own, err := r.okta.ownChanges(ctx, r.alerts.Engine(), events)
	if err != nil {
		return false, err
	}
	step := r.alerts.Engine().Step(r.state, detection.Page{Events: events, Now: r.readAt, More: page.Full, Own: caseLabels(own)})
	news := len(page.Events) > 0 || len(step.Crossings)+len(step.Joined)+len(step.Settled) > 0
	if !news && !r.orders && r.ref != nil && page.Next == r.head.Cursor && r.readAt.Sub(r.head.ReadAt) < logIdleFor {
		return page.Full, nil // nothing to remember: the next page is judged from where this one was
	}
	observe := r.okta.Policy.Current().Mode(casework.SecurityAlert) != casework.ModeAct
	r.head.Number++
	r.head.Cursor, r.head.ReadAt = page.Next, r.readAt
	r.head.New.Pages++
	r.head.New.Events += len(page.Events)
	r.head.New.Repeated += step.Repeated
	r.head.New.Malformed += malformed
	r.head.New.Own += len(own)
	for _, e := range events {
		if e.Published.After(r.head.LastEvent) && !e.Published.After(r.readAt.Add(time.Minute)) {
			r.head.LastEvent = e.Published
		}
	}
	r.head.New.Signals = append(r.head.New.Signals, signalsOf(r.head.Number, step, observe)...)
	r.count(step, len(page.Events))
	if err := r.store(ctx); err != nil {
		return false, err
	}
	if malformed > 0 {
		logger(r.okta.Log).WarnContext(ctx, "entries of the System Log are no events; they are passed over", "count", malformed)
	}
	if err := r.okta.annotate(ctx, own, events); err != nil {
		return false, err
	}
	if m := r.okta.Reading.Meter; m != nil {
		m.Page(len(page.Events), r.head.LastEvent, step.Counts)
	}
	return page.Full, nil
}

// store writes a checkpoint, and lets go of the one before the last that this reading wrote: only the heartbeat may
// refer to those.
func (r *logRun) store(ctx context.Context) error {
	ref, err := writeCheckpoint(ctx, r.okta.Blobs, r.head, r.state.Encode())
	if err != nil {
		return err
	}
	r.ref, r.orders = &ref, false
	if r.made = append(r.made, ref); len(r.made) > 2 {
		_ = r.okta.Blobs.Delete(ctx, r.made[0].Key()) // else pruning finds it
		r.made = slices.Clone(r.made[1:])
	}
	return nil
}

// fetch reads the next page. A link that Okta no longer takes is a gap only where the log does not reach back far enough.
func (r *logRun) fetch(ctx context.Context) (okta.RawLogPage, error) {
	now := r.okta.now()
	if r.head.Cursor != "" && (r.head.ReadAt.IsZero() || now.Sub(r.head.ReadAt) < logKept) {
		page, err := r.okta.Client.FollowRawLogs(ctx, r.head.Cursor)
		switch {
		case err == nil:
			return page, nil
		case errors.Is(err, okta.Invalid), errors.Is(err, okta.NotFound), errors.Is(err, okta.Conflict):
			r.head.Begin = r.lastRead(now).Add(-logOverlap)
			r.gap(r.head.Begin, now, "Okta refused the place to go on from ("+faultWords(err)+"); this time was read again from its start, and events that came late may be missing")
		default:
			return okta.RawLogPage{}, err
		}
	} else if r.head.Cursor != "" {
		r.head.Begin = r.lastRead(now)
	}
	r.head.Cursor = ""
	if oldest := now.Add(-logKept + time.Hour); r.head.Begin.Before(oldest) {
		r.gap(r.head.Begin, oldest, "Okta keeps its log for 90 days: what is older was not read")
		r.head.Begin = oldest
	}
	return r.okta.Client.PollRawLogs(ctx, r.head.Begin)
}

// lastRead is until when the log was read.
func (r *logRun) lastRead(now time.Time) time.Time {
	switch {
	case !r.head.LastEvent.IsZero():
		return r.head.LastEvent
	case !r.head.ReadAt.IsZero():
		return r.head.ReadAt
	case !r.head.Begin.IsZero():
		return r.head.Begin
	}
	return now
}

func faultWords(err error) string {
	f, _ := faultOf(err)
	return fmt.Sprintf("status %d %s", f.status, f.code)
}

func (r *logRun) gap(from, to time.Time, why string) {
	if len(r.head.New.Gaps) < gapsMost {
		r.head.New.Gaps = append(r.head.New.Gaps, contract.LogGap{From: from.UTC(), To: to.UTC(), At: r.okta.now(), Why: why})
	}
}

// parseEvents reads what can be read.
func parseEvents(raw []json.RawMessage) (events []*detection.Event, malformed int) {
	events = make([]*detection.Event, 0, len(raw))
	for _, one := range raw {
		e, err := detection.ParseEvent(one)
		if err != nil {
			malformed++
			continue
		}
		events = append(events, e)
	}
	return events, malformed
}

// count adds a page to what is counted for people.
func (r *logRun) count(step *detection.Result, events int) {
	if hour := r.readAt.Truncate(time.Hour); !r.head.Hour.From.Equal(hour) {
		if closed := r.head.Hour; closed.Events > 0 {
			closed.Until = hour
			r.head.New.Closed = append(r.head.New.Closed, closed)
		}
		r.head.Hour = hourCounts{From: hour}
	}
	r.head.Hour.Events += events
	if r.head.Hour.Hits == nil {
		r.head.Hour.Hits = map[string]map[detection.Outcome]int{}
	}
	for rule, outcomes := range step.Counts {
		if r.head.Hour.Hits[rule] == nil {
			r.head.Hour.Hits[rule] = map[detection.Outcome]int{}
		}
		for outcome, n := range outcomes {
			r.head.Hour.Hits[rule][outcome] += n
		}
	}
	r.head.Unwanted = addCounts(r.head.Unwanted, step.Unwanted)
	r.head.Dropped = addCounts(r.head.Dropped, step.Dropped)
}

// addCounts adds counts by name; names beyond a bound are counted together.
func addCounts(into, more map[string]int) map[string]int {
	if into == nil {
		into = map[string]int{}
	}
	for name, n := range more {
		if _, known := into[name]; !known && len(into) >= unwantedMost {
			name = "others"
		}
		into[name] += n
	}
	return into
}

// view is what a checkpoint holds, for people.
func (r *logRun) view() contract.LogView {
	open := r.state.Open()
	v := contract.LogView{
		Open: len(open), Waiting: len(r.state.Waiting()), Unwanted: topCounts(r.head.Unwanted), Silences: r.state.Silences(),
		Dropped: topCounts(r.head.Dropped),
	}
	for i := len(open) - 1; i >= 0 && len(v.First) < viewMost; i-- { // the busiest first
		o := open[i]
		v.First = append(v.First, contract.LogIncident{Incident: o.Key.String(), Severity: o.Severity, Last: o.Last, Events: o.Events})
	}
	return v
}

// topCounts are the greatest counts.
func topCounts(counts map[string]int) []contract.LogCount {
	var list []contract.LogCount
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		list = append(list, contract.LogCount{Name: name, Count: counts[name]})
	}
	slices.SortStableFunc(list, func(a, b contract.LogCount) int { return b.Count - a.Count })
	return list[:min(len(list), viewMost)]
}
