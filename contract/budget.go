package contract

import "time"

// BudgetForecastInput asks when calls to a vendor can be done, given its rate limits (ActBudgetForecast,
// ActDeskBudgetForecast).
type BudgetForecastInput struct {
	// Lane is the Temporal priority key of the work; 0 is the one for people who wait.
	Lane  int
	Calls []BucketCalls
}

// BucketCalls is a number of calls that draw from one rate bucket.
type BucketCalls struct {
	Bucket string // as the vendor's client names it
	Calls  int
}

// BudgetForecast is the answer. It counts on nobody else needing the lane's share, so it is the earliest time.
type BudgetForecast struct {
	At      time.Time // when it was made
	Buckets []BucketForecast
	// FinishAt is when the last bucket is done; zero where one is not known.
	FinishAt time.Time
	// Slowest names the bucket that FinishAt comes from.
	Slowest string
}

// BucketForecast is the answer for one bucket. All but Bucket and Calls is zero while the worker that was asked has seen
// no answer in that bucket.
type BucketForecast struct {
	Bucket string
	Calls  int // asked for

	Limit     int       // calls a minute that our credential may make
	Left      int       // calls left to the lane in the minute that is on
	PerMinute int       // calls a minute that the lane may make
	ResetAt   time.Time // when the minute that is on is over
	FinishAt  time.Time
}

// Known says whether anything is known of the bucket.
func (f BucketForecast) Known() bool { return f.Limit > 0 }
