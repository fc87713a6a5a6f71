package activities

import (
	"context"
	"time"

	"latchkey/casework"
	"latchkey/contract"
)

// burstPerSecond is how fast calls go while there is budget and no queue's rate bounds them: some ten slots and answers
// within a few hundred milliseconds.
const burstPerSecond = 30.0

// Outlook is what a lane has of a bucket.
type Outlook struct {
	Whole   int       // calls of a whole window
	Left    int       // calls left now
	ResetAt time.Time // when the window that is on is over; not after now when the next one has not begun
	// PerSecond is how fast calls go while there is budget; 0 is burstPerSecond.
	PerSecond float64
}

// Finish is when that many calls can be done at the earliest, beginning at now: what is left goes at once, the rest in
// bursts after each reset. ok is false where the lane has nothing.
func (o Outlook) Finish(now time.Time, calls int) (at time.Time, ok bool) {
	if o.Whole <= 0 {
		return time.Time{}, false
	}
	speed := o.PerSecond
	if speed <= 0 {
		speed = burstPerSecond
	}
	take := func(n int) time.Duration { return time.Duration(float64(n) / speed * float64(time.Second)) }
	slowest := now.Add(take(max(calls, 0))) // of the calls without any budget
	left, reset := o.Left, o.ResetAt
	if !now.Before(reset) {
		left, reset = o.Whole, now.Add(window)
	}
	rest := calls - left
	if rest <= 0 {
		return slowest, true
	}
	full := (rest - 1) / o.Whole // windows that are used up before the last one
	at = reset.Add(time.Duration(full) * (window + turnDrift)).Add(take(rest - full*o.Whole))
	if at.Before(slowest) {
		at = slowest
	}
	return at, true
}

// BudgetForecast says when calls to Okta can be done. It makes none.
func (o *Okta) BudgetForecast(_ context.Context, in contract.BudgetForecastInput) (contract.BudgetForecast, error) {
	if o.Gate == nil {
		return (*gate)(nil).Forecast(in, o.now()), nil
	}
	return o.Gate.Forecast(in, o.now()), nil
}

// DeskBudgetForecast says when calls to Freshservice can be done. It makes none.
func (d *Desk) DeskBudgetForecast(_ context.Context, in contract.BudgetForecastInput) (contract.BudgetForecast, error) {
	if d.Gate == nil {
		return (*gate)(nil).Forecast(in, clock(d.Now)), nil
	}
	return d.Gate.Forecast(in, clock(d.Now)), nil
}

// Forecast says when calls can be done at the earliest. A nil gate knows nothing.
func (g *gate) Forecast(in contract.BudgetForecastInput, now time.Time) contract.BudgetForecast {
	lane := in.Lane
	if lane == 0 {
		lane = casework.PriorityPeople
	}
	result := contract.BudgetForecast{At: now}
	known := true
	for _, c := range in.Calls {
		f := contract.BucketForecast{Bucket: c.Bucket, Calls: c.Calls}
		if g != nil {
			f = g.forecast(f, lane, now)
		}
		known = known && f.Known()
		if f.FinishAt.After(result.FinishAt) {
			result.FinishAt, result.Slowest = f.FinishAt, f.Bucket
		}
		result.Buckets = append(result.Buckets, f)
	}
	if !known {
		result.FinishAt, result.Slowest = time.Time{}, ""
	}
	return result
}

func (g *gate) forecast(f contract.BucketForecast, lane int, now time.Time) contract.BucketForecast {
	n := g.need(lane, now)
	whole, left, end, ok := g.ledger.room(f.Bucket, n)
	if !ok {
		return f
	}
	limit, _, _, _ := g.ledger.room(f.Bucket, need{urgent: true, now: now}) // an emergency has all of it
	f.Limit, f.Left, f.PerMinute, f.ResetAt = limit, left, whole, end.UTC()
	f.FinishAt, _ = Outlook{Whole: whole, Left: left, ResetAt: end, PerSecond: g.options.PerSecond}.Finish(now, f.Calls)
	return f
}
