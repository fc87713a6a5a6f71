package detection_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"latchkey/detection"
)

func start() time.Time { return time.Date(2026, 3, 4, 2, 0, 0, 0, time.UTC) }

// at makes an event some minutes after the start.
func at(minutes float64, kind, subject string, change ...func(*detection.Event)) *detection.Event {
	e := &detection.Event{
		Published: start().Add(time.Duration(minutes * float64(time.Minute))), Type: kind, Outcome: "FAILURE",
		Actor: detection.Party{ID: subject, Type: "User", Login: subject + "@acme.example"},
	}
	for _, c := range change {
		c(e)
	}
	if e.UUID == "" {
		e.UUID = fmt.Sprintf("%s-%s-%g-%s-%s", kind, subject, minutes, e.IP, e.Outcome)
	}
	return e
}

func from(ip string) func(*detection.Event)    { return func(e *detection.Event) { e.IP = ip } }
func named(uuid string) func(*detection.Event) { return func(e *detection.Event) { e.UUID = uuid } }
func succeeds(e *detection.Event)              { e.Outcome = "SUCCESS" }

func outcome(want string) detection.Condition {
	return func(e *detection.Event) (bool, error) { return e.Outcome == want, nil }
}

func on(types ...string) detection.Selector { return detection.Selector{Types: types} }

func engine(tb testing.TB, set detection.Set) *detection.Engine {
	tb.Helper()
	e, err := detection.New(set)
	require.NoError(tb, err)
	return e
}

// run feeds events in one page of a back-test and lets everything come due.
func run(tb testing.TB, set detection.Set, events ...*detection.Event) (page, end *detection.Result) {
	tb.Helper()
	e, s := engine(tb, set), detection.NewState()
	return e.Step(s, detection.Page{Events: events}), e.Finish(s)
}

// outcomes lists what became of each event under a rule; "-" where it was no hit.
func outcomes(r *detection.Result, rule string) []string {
	var list []string
	for _, e := range r.Events {
		word := "-"
		for _, h := range e.Hits {
			if h.Rule == rule {
				word = string(h.Outcome)
			}
		}
		list = append(list, word)
	}
	return list
}

// story lists crossings as "opened rule S2".
func story(list []detection.Crossing) []string {
	var words []string
	for _, c := range list {
		words = append(words, fmt.Sprintf("%s %s %s", c.Kind, c.Key.Rule, c.Severity))
	}
	return words
}

func brute(n int, window time.Duration) detection.Rule {
	return detection.Rule{
		ID: "brute", Kind: detection.KindCount, Severity: detection.S3, On: on("login"), Key: []string{"subject"}, AtLeast: n,
		Window: window,
	}
}
