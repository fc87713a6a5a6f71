package detection_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/detection"
)

func TestEveryKindOfRule(t *testing.T) {
	t.Parallel()
	const counted, fired = "counted", "fired"
	type events = []*detection.Event
	spray := detection.Rule{Kind: detection.KindDistinct, On: on("login"), Key: []string{"ip"}, Of: "login", AtLeast: 3, Window: time.Hour}
	guess := detection.Rule{
		Kind: detection.KindSequence, Key: []string{"subject"}, Window: 30 * time.Minute, Steps: []detection.Step{
			{On: detection.Selector{Types: []string{"login"}, When: outcome("FAILURE")}, Count: 2},
			{On: detection.Selector{Types: []string{"login"}, When: outcome("SUCCESS")}},
		},
	}
	place := detection.Rule{
		Kind: detection.KindFirstSeen, On: on("login"), Key: []string{"subject"}, Of: "country", Window: 48 * time.Hour, Learning: time.Hour,
	}
	in := func(country string) func(*detection.Event) {
		return func(e *detection.Event) { e.Country = country }
	}
	score := detection.Rule{
		Kind: detection.KindScore, Key: []string{"subject"}, AtLeast: 60, Window: time.Hour, Blocks: []detection.Block{
			{Name: "deny", On: on("deny"), Points: 25}, {Name: "proxy", On: on("proxy"), Points: 40},
		},
	}
	once := detection.Rule{Kind: detection.KindCount, On: on("login"), Key: []string{"subject"}, Once: "transaction", AtLeast: 3, Window: time.Hour}
	of := func(transaction string) func(*detection.Event) {
		return func(e *detection.Event) { e.Transaction = transaction }
	}
	ten := detection.Rule{Kind: detection.KindCount, On: on("login"), Key: []string{"subject"}, AtLeast: 3, Window: 10 * time.Minute}
	for name, test := range map[string]struct {
		rule   detection.Rule
		events events
		want   []string
	}{
		"match: each key fires, and then has evidence": {
			rule:   detection.Rule{Kind: detection.KindMatch, On: on("report"), Key: []string{"subject"}},
			events: events{at(0, "report", "ada"), at(1, "report", "bob"), at(2, "report", "ada"), at(3, "other", "ada")},
			want:   []string{fired, fired, counted, "-"},
		},
		"match: after the quiet time it fires again": {
			rule:   detection.Rule{Kind: detection.KindMatch, On: on("report"), Key: []string{"subject"}, Quiet: time.Hour},
			events: events{at(0, "report", "ada"), at(50, "report", "ada"), at(111, "report", "ada")},
			want:   []string{fired, counted, fired},
		},
		"match: a condition that does not hold": {
			rule:   detection.Rule{Kind: detection.KindMatch, On: detection.Selector{Types: []string{"login"}, When: outcome("SUCCESS")}, Key: []string{"subject"}},
			events: events{at(0, "login", "ada")}, want: []string{"-"},
		},
		"count: the third in the window": {
			rule:   ten,
			events: events{at(0, "login", "ada"), at(5, "login", "ada"), at(10, "login", "ada"), at(11, "login", "ada")},
			want:   []string{counted, counted, fired, counted},
		},
		"count: three, but too far apart": {
			rule:   ten,
			events: events{at(0, "login", "ada"), at(5, "login", "ada"), at(10.01, "login", "ada")},
			want:   []string{counted, counted, counted},
		},
		"count: a late one in the middle completes a window": {
			rule:   ten,
			events: events{at(0, "login", "ada"), at(9, "login", "ada"), at(18, "login", "bob"), at(8.5, "login", "ada")},
			want:   []string{counted, counted, counted, fired},
		},
		"count: of other people": {
			rule:   ten,
			events: events{at(0, "login", "ada"), at(1, "login", "bob"), at(2, "login", "cy"), at(3, "login", "ada")},
			want:   []string{counted, counted, counted, counted},
		},
		"count: one for each transaction": {
			rule:   once,
			events: events{at(0, "login", "ada", of("x")), at(1, "login", "ada", of("x")), at(2, "login", "ada", of("y")), at(3, "login", "ada", of("z"))},
			want:   []string{counted, counted, counted, fired},
		},
		"distinct: three names from one address": {
			rule:   spray,
			events: events{at(0, "login", "ada", from("1")), at(1, "login", "bob", from("1")), at(2, "login", "cy", from("1"))},
			want:   []string{counted, counted, fired},
		},
		"distinct: one name again and again": {
			rule:   spray,
			events: events{at(0, "login", "ada", from("1")), at(1, "login", "ada", from("1")), at(2, "login", "ada", from("1")), at(3, "login", "bob", from("1"))},
			want:   []string{counted, counted, counted, counted},
		},
		"distinct: no address, no key": {
			rule: spray, events: events{at(0, "login", "ada")}, want: []string{counted},
		},
		"sequence: two failures, then success": {
			rule:   guess,
			events: events{at(0, "login", "ada"), at(1, "login", "ada"), at(2, "login", "ada", succeeds)},
			want:   []string{counted, counted, fired},
		},
		"sequence: success first": {
			rule:   guess,
			events: events{at(0, "login", "ada", succeeds), at(1, "login", "ada"), at(2, "login", "ada")},
			want:   []string{counted, counted, counted},
		},
		"sequence: one failure is too few": {
			rule: guess, events: events{at(0, "login", "ada"), at(2, "login", "ada", succeeds)}, want: []string{counted, counted},
		},
		"sequence: too slow": {
			rule:   guess,
			events: events{at(0, "login", "ada"), at(1, "login", "ada"), at(30.5, "login", "ada", succeeds)},
			want:   []string{counted, counted, counted},
		},
		"sequence: a late first step completes it": {
			rule:   guess,
			events: events{at(1, "login", "ada"), at(2, "login", "ada", succeeds), at(0, "login", "ada")},
			want:   []string{counted, counted, fired},
		},
		"sequence: at one moment in either order": {
			rule:   guess,
			events: events{at(0, "login", "ada"), at(2, "login", "ada", succeeds), at(2, "login", "ada")},
			want:   []string{counted, counted, fired},
		},
		"first seen: a new country once the key is known": {
			rule:   place,
			events: events{at(0, "login", "ada", in("France")), at(30, "login", "ada", in("Spain")), at(70, "login", "ada", in("Chile")), at(71, "login", "ada", in("France"))},
			want:   []string{counted, counted, fired, counted},
		},
		"first seen: not seen for longer than the window is new": {
			rule:   place,
			events: events{at(0, "login", "ada", in("France")), at(48*60, "login", "ada", in("France")), at(4*48*60, "login", "ada", in("France"))},
			want:   []string{counted, counted, fired},
		},
		"first seen: no value": {rule: place, events: events{at(0, "login", "ada")}, want: []string{counted}},
		"score: blocks add up": {
			rule: score, events: events{at(0, "deny", "ada"), at(1, "proxy", "ada")}, want: []string{counted, fired},
		},
		"score: a block counts once": {
			rule: score, events: events{at(0, "deny", "ada"), at(1, "deny", "ada"), at(2, "deny", "ada")}, want: []string{counted, counted, counted},
		},
		"score: outside the window": {
			rule: score, events: events{at(0, "deny", "ada"), at(61, "proxy", "ada")}, want: []string{counted, counted},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test.rule.ID, test.rule.Severity = "r", detection.S3
			page, _ := run(t, detection.Set{Rules: []detection.Rule{test.rule}}, test.events...)
			assert.Equal(t, test.want, outcomes(page, "r"))
			opened := 0
			for _, c := range page.Crossings {
				if c.Kind == detection.Opened {
					opened++
				}
			}
			fires := 0
			for _, w := range test.want {
				if w == fired {
					fires++
				}
			}
			assert.Equal(t, fires, opened, "each firing is one opened incident")
		})
	}
}

func TestAnAbsence(t *testing.T) {
	t.Parallel()
	rule := detection.Rule{
		ID: "gone", Kind: detection.KindAbsence, Severity: detection.S3, On: on("removed"), Cancel: on("added"), Key: []string{"subject"},
		Window: time.Hour, Raise: []detection.Raise{{When: func(e *detection.Event) (bool, error) { return e.IP == "admin", nil }, Severity: detection.S2}},
	}
	set := detection.Set{Rules: []detection.Rule{rule}}
	type events = []*detection.Event
	for name, test := range map[string]struct {
		events events
		want   []string
	}{
		"nothing follows":                   {events{at(0, "removed", "ada")}, []string{"opened gone S3"}},
		"in time":                           {events{at(0, "removed", "ada"), at(60, "added", "ada")}, nil},
		"too late":                          {events{at(0, "removed", "ada"), at(60.01, "added", "ada")}, []string{"opened gone S3"}},
		"of another":                        {events{at(0, "removed", "ada"), at(6, "added", "bob")}, []string{"opened gone S3"}},
		"delivered in the reverse order":    {events{at(6, "added", "ada"), at(0, "removed", "ada")}, nil},
		"before it does not count":          {events{at(0, "added", "ada"), at(1, "removed", "ada")}, []string{"opened gone S3"}},
		"a late one ends only what it can":  {events{at(0, "removed", "ada"), at(9, "removed", "ada"), at(5, "added", "ada")}, []string{"opened gone S3"}},
		"the severity of what began it":     {events{at(0, "removed", "ada", from("admin"))}, []string{"opened gone S2"}},
		"delivered within the lateness":     {events{at(0, "removed", "ada"), at(69, "other", "bob"), at(59, "added", "ada")}, nil},
		"delivered after what is tolerated": {events{at(0, "removed", "ada"), at(70, "other", "bob"), at(59, "added", "ada")}, []string{"opened gone S3", "eased gone S3"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			page, end := run(t, set, test.events...)
			assert.Equal(t, test.want, story(append(page.Crossings, end.Crossings...)))
		})
	}

	t.Run("time passes without events, once the log is read up to it", func(t *testing.T) {
		t.Parallel()
		e, s := engine(t, set), detection.NewState()
		first := at(0, "removed", "ada")
		e.Step(s, detection.Page{Events: []*detection.Event{first}, Now: start()})
		blind := e.Step(s, detection.Page{Now: start().Add(3 * time.Hour), More: true})
		assert.Empty(t, blind.Crossings, "more pages wait, so it may be in one of them")
		r := e.Step(s, detection.Page{Now: start().Add(3 * time.Hour)})
		require.Equal(t, []string{"opened gone S3"}, story(r.Crossings))
		assert.Equal(t, start().Add(time.Hour), r.Crossings[0].At)
		require.Len(t, r.Settled, 1)
		assert.Equal(t, first.UUID, r.Settled[0].UUID)
		assert.Equal(t, detection.Fired, r.Settled[0].Hit.Outcome)
	})
}

func TestSeverityRises(t *testing.T) {
	t.Parallel()
	rule := brute(3, time.Hour)
	rule.Raise = []detection.Raise{{AtLeast: 5, Severity: detection.S2}, {When: outcome("SUCCESS"), Severity: detection.S1}}
	page, _ := run(t, detection.Set{Rules: []detection.Rule{rule}},
		at(0, "login", "ada"), at(1, "login", "ada"), at(2, "login", "ada"), at(3, "login", "ada"), at(4, "login", "ada"), at(5, "login", "ada"),
		at(6, "login", "ada", succeeds), at(7, "login", "ada"))
	assert.Equal(t, []string{"opened brute S3", "raised brute S2", "raised brute S1"}, story(page.Crossings))
	opened := page.Crossings[0]
	assert.Equal(t, 3, opened.Measure)
	assert.Len(t, opened.Evidence, 3)
	assert.Equal(t, start(), opened.First)
	require.Len(t, page.Joined, 1, "one report for an incident and a step")
	assert.Equal(t, 5, page.Joined[0].Events)
	for _, e := range page.Events[2:] {
		assert.Equal(t, opened.Key.String(), e.Incident)
	}
	assert.Empty(t, page.Events[0].Incident)
}
