package detection_test

import (
	"bytes"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"latchkey/detection"
)

// everything is a set with a rule of every kind, inhibition, a mute time and small caps, so that all of it meets.
func everything(atLeast int) detection.Set {
	s3, key := detection.S3, []string{"subject"}
	failed := detection.Selector{Types: []string{"login"}, When: outcome("FAILURE")}
	passed := detection.Selector{Types: []string{"login"}, When: outcome("SUCCESS")}
	return detection.Set{
		Rules: []detection.Rule{
			{ID: "report", Kind: detection.KindMatch, Severity: detection.S2, On: on("report"), Key: key, Quiet: 2 * time.Hour},
			{
				ID: "brute", Kind: detection.KindCount, Severity: s3, On: failed, Key: key, AtLeast: atLeast, Window: 20 * time.Minute,
				Quiet: 40 * time.Minute, Raise: []detection.Raise{{AtLeast: 2 * atLeast, Severity: detection.S2}}, Mute: []string{"lunch"},
			},
			{ID: "spray", Kind: detection.KindDistinct, Severity: s3, On: failed, Key: []string{"ip"}, Of: "subject", AtLeast: atLeast, Window: time.Hour, Quiet: time.Hour},
			{ID: "guess", Kind: detection.KindSequence, Severity: s3, Key: key, Window: 30 * time.Minute, Quiet: time.Hour, Steps: []detection.Step{{On: failed, Count: 2}, {On: passed}}},
			{ID: "gone", Kind: detection.KindAbsence, Severity: s3, On: on("removed"), Cancel: on("added"), Key: key, Window: time.Hour, Quiet: time.Hour, Mute: []string{"lunch"}},
			{ID: "place", Kind: detection.KindFirstSeen, Severity: s3, On: passed, Key: key, Of: "ip", Window: 24 * time.Hour, Learning: time.Hour, Quiet: time.Hour},
			{ID: "sum", Kind: detection.KindScore, Severity: detection.S2, Key: key, AtLeast: 50, Window: 2 * time.Hour, Quiet: 2 * time.Hour, Blocks: []detection.Block{
				{Name: "fail", On: failed, Points: 10}, {Name: "removed", On: on("removed"), Points: 40}, {Name: "report", On: on("report"), Points: 20},
			}},
		},
		Inhibit:   []detection.Inhibition{{Source: "guess", Target: "brute", Equal: key}, {Source: "spray", Target: "place", Equal: nil}},
		MuteTimes: []detection.MuteTime{{Name: "lunch", From: 4 * 60, To: 5 * 60, Zone: time.UTC}},
		Limits:    detection.Limits{PerRule: 3, Over: 6},
	}
}

// stream draws events in the order of arrival: each up to ten minutes late.
func stream(t *rapid.T) []*detection.Event {
	type arrival struct {
		event *detection.Event
		at    time.Time
	}
	var list []arrival
	minute := 0.0
	n := rapid.IntRange(0, 120).Draw(t, "events")
	for i := range n {
		minute += rapid.SampledFrom([]float64{0, 0.5, 1, 3, 3, 7, 31}).Draw(t, "gap")
		kind := rapid.SampledFrom([]string{"login", "login", "login", "login", "report", "removed", "added", "other"}).Draw(t, "kind")
		e := at(minute, kind, rapid.SampledFrom([]string{"ada", "bob", "cy"}).Draw(t, "who"), named(fmt.Sprintf("e%03d", i)),
			from(rapid.SampledFrom([]string{"1", "2", ""}).Draw(t, "ip")))
		if i%2 == 0 { // as Okta writes them; the others are names
			e.UUID = fmt.Sprintf("%08d-0000-4000-8000-00000000abcd", i)
		}
		if rapid.IntRange(0, 2).Draw(t, "passes") == 0 {
			e.Outcome = "SUCCESS"
		}
		late := rapid.SampledFrom([]float64{0, 0, 0, 1, 9.9}).Draw(t, "late")
		list = append(list, arrival{e, e.Published.Add(time.Duration(late * float64(time.Minute)))})
	}
	slices.SortStableFunc(list, func(a, b arrival) int { return a.at.Compare(b.at) })
	var events []*detection.Event
	for _, a := range list {
		events = append(events, a.event)
	}
	return events
}

func quietAda() detection.Silence {
	return detection.Silence{
		ID: "s", Author: "olga", Reason: "test", From: start(), Until: start().Add(3 * time.Hour),
		Matchers: []detection.Matcher{{Field: "subject", Op: detection.OpEqual, Value: "ada"}, {Field: "rule", Op: detection.OpMatch, Value: "report|sum"}},
	}
}

type telling struct {
	events    []detection.EventHits
	crossings []detection.Crossing
	settled   []detection.Settled
	joined    map[string]int
}

func (s *telling) add(r *detection.Result) {
	s.events = append(s.events, r.Events...)
	s.crossings = append(s.crossings, r.Crossings...)
	s.settled = append(s.settled, r.Settled...)
	for _, j := range r.Joined {
		s.joined[j.Key.String()] += j.Events
	}
}

// tell feeds a stream in pages that end where cut says, and has between called with the state after each page.
func tell(t require.TestingT, e *detection.Engine, events []*detection.Event, cut func(i int) bool, between func(*detection.State) *detection.State) (telling, *detection.State) {
	s := detection.NewState()
	require.NoError(t, s.AddSilence(quietAda()))
	told := telling{joined: map[string]int{}}
	own := map[string]string{"e005": "FS-1", "e017": "FS-2"}
	var page []*detection.Event
	for i, event := range events {
		page = append(page, event)
		if cut(i) {
			told.add(e.Step(s, detection.Page{Events: page, More: true, Own: own}))
			s, page = between(s), nil
		}
	}
	told.add(e.Step(s, detection.Page{Events: page, Own: own}))
	told.add(e.Finish(s))
	return told, s
}

func same(s *detection.State) *detection.State { return s }

func TestPagesDoNotMatter(t *testing.T) {
	t.Parallel()
	e := engine(t, everything(3))
	rapid.Check(t, func(t *rapid.T) {
		events := stream(t)
		whole, end := tell(t, e, events, func(int) bool { return false }, same)
		every := rapid.IntRange(1, 7).Draw(t, "page")
		cut, other := tell(t, e, events, func(i int) bool { return i%every == 0 }, same)
		require.Equal(t, whole, cut)
		require.True(t, bytes.Equal(detection.EncodeWithoutNumber(end), detection.EncodeWithoutNumber(other)), "both end in the same state")
	})
}

func TestACheckpointAnywhereChangesNothing(t *testing.T) {
	t.Parallel()
	e := engine(t, everything(3))
	rapid.Check(t, func(t *rapid.T) {
		events := stream(t)
		every := rapid.IntRange(1, 9).Draw(t, "page")
		cut := func(i int) bool { return i%every == 0 }
		kept, end := tell(t, e, events, cut, same)
		restored, other := tell(t, e, events, cut, func(s *detection.State) *detection.State {
			b := s.Encode()
			back, err := e.DecodeState(b)
			require.NoError(t, err)
			require.True(t, bytes.Equal(b, back.Encode()), "the same bytes for the same state")
			return back
		})
		require.Equal(t, kept, restored)
		require.True(t, bytes.Equal(end.Encode(), other.Encode()), "both end in the same state")
	})
}

func TestARepeatedPageChangesNothing(t *testing.T) {
	t.Parallel()
	e := engine(t, everything(2))
	rapid.Check(t, func(t *rapid.T) {
		events := stream(t)
		s := detection.NewState()
		cut := rapid.IntRange(0, len(events)).Draw(t, "cut")
		e.Step(s, detection.Page{Events: events[:cut], More: true})
		before := s.Encode()
		r := e.Step(s, detection.Page{Events: events[:cut], More: true})
		require.False(t, r.Changed)
		require.Equal(t, cut, r.Repeated)
		require.Empty(t, r.Crossings)
		require.Empty(t, r.Joined)
		require.True(t, bytes.Equal(before, s.Encode()))
	})
}

// The same stream under a higher threshold opens no more incidents, and only for keys that the lower one opened too.
func TestAHigherThresholdNeverFiresMore(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		events := stream(t)
		low := rapid.IntRange(1, 5).Draw(t, "threshold")
		opened := func(n int) map[string]int {
			set := everything(n)
			set.Rules = set.Rules[1:3] // a count and a distinct count
			set.Rules[0].Raise, set.Rules[0].Mute = nil, nil
			set.Inhibit, set.Limits = nil, detection.Limits{PerRule: 1000, Over: 1000}
			e, err := detection.New(set)
			require.NoError(t, err)
			s := detection.NewState()
			found := map[string]int{}
			for _, c := range e.Step(s, detection.Page{Events: events}).Crossings {
				found[c.Key.String()]++
			}
			return found
		}
		few, many := opened(low+1), opened(low)
		for key, n := range few {
			require.LessOrEqual(t, n, many[key], key)
		}
	})
}

func TestMemoryIsBoundedAndSaysWhatItForgot(t *testing.T) {
	t.Parallel()
	set := everything(3)
	set.Inhibit, set.MuteTimes = nil, nil
	for i := range set.Rules {
		set.Rules[i].Mute = nil
	}
	set.Limits = detection.Limits{Keys: 10, Hits: 8, Values: 4, Incidents: 5, Waiting: 3, Remembered: 20, PerRule: 1000, Over: 1000}
	e, s := engine(t, set), detection.NewState()
	require.NoError(t, s.AddSilence(detection.Silence{
		ID: "s", Author: "o", Reason: "r", From: start(), Until: start().Add(10 * time.Minute),
		Matchers: []detection.Matcher{{Field: "rule", Op: detection.OpEqual, Value: "report"}},
	}))
	dropped := map[string]int{}
	largest := 0
	for i := range 4000 {
		kind := []string{"login", "report", "removed"}[i%3]
		ev := at(float64(i)/100, kind, fmt.Sprintf("p%d", i%61), named(fmt.Sprintf("u%d", i)), from(fmt.Sprint(i%97)))
		if i%4 == 0 {
			ev.Outcome = "SUCCESS"
		}
		for what, n := range e.Step(s, detection.Page{Events: []*detection.Event{ev}, More: true}).Dropped {
			dropped[what] += n
		}
		if i%50 == 0 {
			largest = max(largest, len(s.Encode()))
		}
	}
	for _, what := range []string{"keys", "incidents", "waiting", "remembered"} {
		require.Positive(t, dropped[what], what)
	}
	require.Less(t, largest, 32<<10)
	require.LessOrEqual(t, len(s.Open()), 5)
	require.LessOrEqual(t, len(s.Waiting()), 3)

	narrow := detection.Set{
		Rules: []detection.Rule{
			{ID: "spray", Kind: detection.KindDistinct, Severity: detection.S3, On: on("login"), Key: []string{"ip"}, Of: "subject", AtLeast: 2, Window: time.Hour},
			{ID: "place", Kind: detection.KindFirstSeen, Severity: detection.S3, On: on("place"), Key: []string{"subject"}, Of: "ip", Window: time.Hour, Learning: time.Hour},
		},
		Limits: detection.Limits{Hits: 8, Values: 4},
	}
	var events []*detection.Event
	for i := range 30 { // one name over and over cannot push the others out
		events = append(events, at(float64(i)/100, "login", "ada", from("1")), at(float64(i)/100, "place", "ada", from(fmt.Sprint(i))))
	}
	page, _ := run(t, narrow, append(events, at(1, "login", "bob", from("1")))...)
	require.Positive(t, page.Dropped["hits"])
	require.Equal(t, 26, page.Dropped["values"])
	require.Equal(t, []string{"opened spray S3"}, story(page.Crossings))
}
