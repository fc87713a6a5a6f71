package detection_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/detection"
)

func report(severity detection.Severity) detection.Rule {
	return detection.Rule{ID: "report", Kind: detection.KindMatch, Severity: severity, On: on("report"), Key: []string{"subject"}}
}

func silence(matchers ...detection.Matcher) detection.Silence {
	return detection.Silence{
		ID: "s1", Matchers: matchers, Author: "olga@acme.example", Reason: "phishing exercise", From: start(), Until: start().Add(time.Hour),
	}
}

func TestAnOwnChangeStaysQuiet(t *testing.T) {
	t.Parallel()
	rule := report(detection.S2)
	blind := report(detection.S2)
	blind.ID, blind.IgnoreOwn = "blind", true
	e, s := engine(t, detection.Set{Rules: []detection.Rule{rule, blind}}), detection.NewState()
	r := e.Step(s, detection.Page{
		Events: []*detection.Event{at(0, "report", "ada", named("u1")), at(1, "report", "ada", named("u2"))},
		Own:    map[string]string{"u1": "FS-830"},
	})
	assert.Equal(t, []string{"own_change", "fired"}, outcomes(r, "report"))
	assert.Equal(t, []string{"fired", "counted"}, outcomes(r, "blind"))
	assert.Equal(t, "FS-830", r.Events[0].Hits[0].By)
}

func TestABiggerAlertMutesASmaller(t *testing.T) {
	t.Parallel()
	big := detection.Rule{ID: "big", Kind: detection.KindMatch, Severity: detection.S2, On: on("deny"), Key: []string{"subject"}, Quiet: time.Hour}
	set := detection.Set{
		Rules: []detection.Rule{big, report(detection.S3)}, Inhibit: []detection.Inhibition{{Source: "big", Target: "report", Equal: []string{"subject"}}},
	}
	t.Run("on the same key, with its evidence given to the bigger", func(t *testing.T) {
		t.Parallel()
		page, _ := run(t, set, at(0, "deny", "ada"), at(1, "report", "ada"), at(2, "report", "bob"), at(3, "report", "ada"))
		assert.Equal(t, []string{"-", "inhibited", "fired", "inhibited"}, outcomes(page, "report"))
		require.NotEmpty(t, page.Joined)
		assert.Equal(t, "big", page.Joined[0].Key.Rule)
		assert.Equal(t, 2, page.Joined[0].Events)
		require.Len(t, page.Joined[0].Stopped, 1)
		assert.Equal(t, "report", page.Joined[0].Stopped[0].Rule)
	})
	t.Run("and is judged again when that closes", func(t *testing.T) {
		t.Parallel()
		page, end := run(t, set, at(0, "deny", "ada"), at(59, "report", "ada"))
		assert.Equal(t, []string{"opened big S2"}, story(page.Crossings))
		require.Equal(t, []string{"opened report S3"}, story(end.Crossings))
		assert.Equal(t, detection.Inhibited, end.Crossings[0].After)
		assert.Equal(t, 1, end.Crossings[0].Events)
	})
	t.Run("at once when a person closes it", func(t *testing.T) {
		t.Parallel()
		e, s := engine(t, set), detection.NewState()
		r := e.Step(s, detection.Page{Events: []*detection.Event{at(0, "deny", "ada"), at(1, "report", "ada")}})
		require.True(t, s.CloseIncident(r.Crossings[0].Key))
		assert.False(t, s.CloseIncident(r.Crossings[0].Key))
		r = e.Step(s, detection.Page{})
		assert.Equal(t, []string{"opened report S3"}, story(r.Crossings))
	})
	t.Run("and says which open ones it mutes when it comes after them", func(t *testing.T) {
		t.Parallel()
		page, _ := run(t, set, at(0, "report", "ada"), at(1, "report", "bob"), at(2, "deny", "ada"))
		require.Equal(t, []string{"opened report S3", "opened report S3", "opened big S2"}, story(page.Crossings))
		assert.Equal(t, []detection.Key{page.Crossings[0].Key}, page.Crossings[2].Mutes)
	})
	t.Run("never S1 by less", func(t *testing.T) {
		t.Parallel()
		worst := set
		worst.Rules = []detection.Rule{big, report(detection.S1)}
		page, _ := run(t, worst, at(0, "deny", "ada"), at(1, "report", "ada"))
		assert.Equal(t, []string{"-", "fired"}, outcomes(page, "report"))
	})
	t.Run("not by a field that is no part of a key", func(t *testing.T) {
		t.Parallel()
		other := set
		other.Inhibit = []detection.Inhibition{{Source: "big", Target: "report", Equal: []string{"ip"}}}
		page, _ := run(t, other, at(0, "deny", "ada", from("1")), at(1, "report", "ada", from("1")))
		assert.Equal(t, []string{"-", "fired"}, outcomes(page, "report"))
	})
}

func TestASilence(t *testing.T) {
	t.Parallel()
	equal := func(field, value string) detection.Matcher {
		return detection.Matcher{Field: field, Op: detection.OpEqual, Value: value}
	}
	for name, test := range map[string]struct {
		matchers []detection.Matcher
		want     []string
	}{
		"by rule and key":             {[]detection.Matcher{equal("rule", "report"), equal("subject", "ada")}, []string{"silenced", "fired"}},
		"by an anchored expression":   {[]detection.Matcher{{Field: "subject", Op: detection.OpMatch, Value: "a.*|x"}}, []string{"silenced", "fired"}},
		"not by a part of the text":   {[]detection.Matcher{{Field: "subject", Op: detection.OpMatch, Value: "d"}}, []string{"fired", "fired"}},
		"all but one":                 {[]detection.Matcher{equal("rule", "report"), {Field: "subject", Op: detection.OpNotEqual, Value: "ada"}}, []string{"fired", "silenced"}},
		"by what the event has":       {[]detection.Matcher{equal("ip", "192.0.2.1")}, []string{"silenced", "silenced"}},
		"an absent field, not equal":  {[]detection.Matcher{equal("rule", "report"), {Field: "app", Op: detection.OpNotEqual, Value: "x"}}, []string{"fired", "fired"}},
		"an absent field, no match":   {[]detection.Matcher{equal("rule", "report"), {Field: "app", Op: detection.OpNotMatch, Value: "x"}}, []string{"fired", "fired"}},
		"another severity":            {[]detection.Matcher{equal("severity", "S1")}, []string{"fired", "fired"}},
		"not matching, by expression": {[]detection.Matcher{equal("rule", "report"), {Field: "subject", Op: detection.OpNotMatch, Value: "b.*"}}, []string{"silenced", "fired"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e, s := engine(t, detection.Set{Rules: []detection.Rule{report(detection.S2)}}), detection.NewState()
			require.NoError(t, s.AddSilence(silence(test.matchers...)))
			r := e.Step(s, detection.Page{Events: []*detection.Event{at(0, "report", "ada", from("192.0.2.1")), at(1, "report", "bob", from("192.0.2.1"))}})
			assert.Equal(t, test.want, outcomes(r, "report"))
		})
	}
	t.Run("what it kept opens when it ends", func(t *testing.T) {
		t.Parallel()
		e, s := engine(t, detection.Set{Rules: []detection.Rule{report(detection.S2)}}), detection.NewState()
		require.NoError(t, s.AddSilence(silence(equal("rule", "report"))))
		r := e.Step(s, detection.Page{Events: []*detection.Event{at(0, "report", "ada"), at(5, "report", "ada")}, Now: start().Add(10 * time.Minute)})
		assert.Empty(t, r.Crossings)
		require.Len(t, s.Waiting(), 1)
		r = e.Step(s, detection.Page{Now: start().Add(61 * time.Minute)})
		require.Equal(t, []string{"opened report S2"}, story(r.Crossings))
		assert.Equal(t, detection.Silenced, r.Crossings[0].After)
		assert.Equal(t, 2, r.Crossings[0].Events)
		assert.Empty(t, s.Waiting())
	})
	t.Run("or when a person ends it", func(t *testing.T) {
		t.Parallel()
		e, s := engine(t, detection.Set{Rules: []detection.Rule{report(detection.S2)}}), detection.NewState()
		require.NoError(t, s.AddSilence(silence(equal("rule", "report"))))
		e.Step(s, detection.Page{Events: []*detection.Event{at(0, "report", "ada")}})
		require.True(t, s.ExpireSilence("s1"))
		assert.False(t, s.ExpireSilence("s1"))
		assert.Equal(t, []string{"opened report S2"}, story(e.Step(s, detection.Page{}).Crossings))
	})
	t.Run("refused", func(t *testing.T) {
		t.Parallel()
		good := silence(equal("rule", "report"))
		require.NoError(t, good.Check())
		for want, change := range map[string]func(*detection.Silence){
			"an author":                     func(s *detection.Silence) { s.Author = " " },
			"a reason":                      func(s *detection.Silence) { s.Reason = "" },
			"end after it begins":           func(s *detection.Silence) { s.Until = s.From },
			"30 days":                       func(s *detection.Silence) { s.Until = s.From.AddDate(0, 0, 31) },
			"does not match everything":     func(s *detection.Silence) { s.Matchers = nil },
			"not match everything":          func(s *detection.Silence) { s.Matchers[0].Op, s.Matchers[0].Value = detection.OpMatch, ".*" },
			"that does not match":           func(s *detection.Silence) { s.Matchers[0].Op = detection.OpNotEqual },
			"missing closing":               func(s *detection.Silence) { s.Matchers[0].Op, s.Matchers[0].Value = detection.OpMatch, "(" },
			"no field of an event":          func(s *detection.Silence) { s.Matchers[0].Field = "rul" },
			"has no value":                  func(s *detection.Silence) { s.Matchers[0].Value = "" },
			`compares with =, !=, =~ or !~`: func(s *detection.Silence) { s.Matchers[0].Op = "==" },
		} {
			bad := silence(equal("rule", "report"))
			change(&bad)
			require.ErrorContains(t, detection.NewState().AddSilence(bad), want)
		}
	})
}

func TestAMuteTimeHolds(t *testing.T) {
	t.Parallel()
	berlin, err := time.LoadLocation("Europe/Berlin")
	require.NoError(t, err)
	night := detection.MuteTime{Name: "night", From: 20 * 60, To: 7 * 60, Zone: berlin}
	weekend := detection.MuteTime{Name: "weekend", Days: []time.Weekday{time.Saturday, time.Sunday}, From: 0, To: 24 * 60, Zone: berlin}
	set := func(severity detection.Severity) detection.Set {
		rule := report(severity)
		rule.Mute = []string{"night", "weekend"}
		return detection.Set{Rules: []detection.Rule{rule}, MuteTimes: []detection.MuteTime{night, weekend}}
	}
	t.Run("until it ends, with everything collected", func(t *testing.T) { // 02:00 UTC is 03:00 in Berlin
		t.Parallel()
		page, end := run(t, set(detection.S3), at(0, "report", "ada"), at(60, "report", "ada"))
		assert.Equal(t, []string{"held", "held"}, outcomes(page, "report"))
		require.Equal(t, []string{"opened report S3"}, story(end.Crossings))
		assert.Equal(t, time.Date(2026, 3, 4, 6, 0, 0, 0, time.UTC), end.Crossings[0].At)
		assert.Equal(t, 2, end.Crossings[0].Events)
	})
	t.Run("one that meets the next", func(t *testing.T) {
		t.Parallel()
		friday := 2*24*60 + 18*60.0 // 20:00 UTC on Friday: the night, the weekend, the night to Monday
		page, end := run(t, set(detection.S4), at(friday, "report", "ada"))
		assert.Equal(t, []string{"held"}, outcomes(page, "report"))
		require.Len(t, end.Crossings, 1)
		assert.Equal(t, time.Date(2026, 3, 9, 6, 0, 0, 0, time.UTC), end.Crossings[0].At, "Monday")
	})
	t.Run("not in the day", func(t *testing.T) {
		t.Parallel()
		page, _ := run(t, set(detection.S3), at(4*60, "report", "ada"))
		assert.Equal(t, []string{"fired"}, outcomes(page, "report"))
	})
	t.Run("nor what is urgent", func(t *testing.T) {
		t.Parallel()
		page, _ := run(t, set(detection.S2), at(0, "report", "ada"))
		assert.Equal(t, []string{"fired"}, outcomes(page, "report"))
	})
}

func TestAFloodBecomesOneStorm(t *testing.T) {
	t.Parallel()
	people := func(n int, each func(i int) *detection.Event) []*detection.Event {
		var list []*detection.Event
		for i := range n {
			list = append(list, each(i))
		}
		return list
	}
	t.Run("of 25, 20 open and 5 are on the list", func(t *testing.T) {
		t.Parallel()
		page, _ := run(t, detection.Set{Rules: []detection.Rule{report(detection.S2)}},
			people(25, func(i int) *detection.Event { return at(float64(i), "report", fmt.Sprintf("p%02d", i)) })...)
		got := outcomes(page, "report")
		assert.Equal(t, "fired", got[19])
		assert.Equal(t, "flooded", got[20])
		assert.Len(t, page.Crossings, 21)
		storm := page.Crossings[20]
		assert.Equal(t, detection.Storm, storm.Key.Rule)
		require.Len(t, storm.Stopped, 1)
		require.Len(t, page.Joined, 1)
		assert.Len(t, page.Joined[0].Stopped, 4)
	})
	t.Run("the next hour opens again", func(t *testing.T) {
		t.Parallel()
		page, _ := run(t, detection.Set{Rules: []detection.Rule{report(detection.S2)}, Limits: detection.Limits{Over: 2}},
			at(0, "report", "a"), at(1, "report", "b"), at(2, "report", "c"), at(60.5, "report", "c"), at(60.6, "report", "d"))
		assert.Equal(t, []string{"fired", "fired", "flooded", "fired", "flooded"}, outcomes(page, "report"))
	})
	t.Run("S1 passes the cap of a rule and not the cap over all", func(t *testing.T) {
		t.Parallel()
		page, _ := run(t, detection.Set{Rules: []detection.Rule{report(detection.S1)}, Limits: detection.Limits{PerRule: 1, Over: 3}},
			people(4, func(i int) *detection.Event { return at(float64(i), "report", fmt.Sprint(i)) })...)
		assert.Equal(t, []string{"fired", "fired", "fired", "flooded"}, outcomes(page, "report"))
		assert.Equal(t, detection.S1, page.Crossings[3].Severity)
	})
}

func TestWhatIsNotJudged(t *testing.T) {
	t.Parallel()
	rule := report(detection.S2)
	worst := report(detection.S1)
	worst.ID = "worst"
	broken := report(detection.S2)
	broken.ID = "broken"
	broken.On.When = func(*detection.Event) (bool, error) { return true, errors.New("no such field") }
	quiet := report(detection.S4)
	quiet.ID, quiet.CountOnly = "quiet", true
	e, s := engine(t, detection.Set{Rules: []detection.Rule{rule, worst, broken, quiet}}), detection.NewState()
	r := e.Step(s, detection.Page{
		Now: start().Add(72 * time.Hour), More: true,
		Events: []*detection.Event{at(0, "report", "old"), at(0, "report", ""), at(0, "else", "x"), at(72*60+60, "report", "future")},
	})
	assert.Equal(t, []string{"counted", "counted", "-", "fired"}, outcomes(r, "report"), "a backfill does not page")
	assert.Equal(t, []string{"fired", "counted", "-", "fired"}, outcomes(r, "worst"), "unless it is S1")
	assert.Equal(t, []string{"-", "-", "-", "-"}, outcomes(r, "broken"), "what cannot be told is no match")
	assert.Equal(t, []string{"counted", "counted", "-", "counted"}, outcomes(r, "quiet"))
	assert.Equal(t, map[string]int{"broken": 3}, r.Errors)
	assert.Equal(t, map[string]int{"report": 1, "worst": 1, "quiet": 1}, r.Unkeyed)
	assert.Equal(t, map[string]int{"else": 1}, r.Unwanted)
	assert.Equal(t, 1, r.Clamped)
	assert.Equal(t, start().Add(72*time.Hour), s.Clock(), "an event from the future does not take the clock along")
}
