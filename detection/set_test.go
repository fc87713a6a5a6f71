package detection_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/detection"
)

func TestASetIsRefusedWithWhatIsWrong(t *testing.T) {
	t.Parallel()
	good := func() detection.Set { return everything(3) }
	_, err := detection.New(good())
	require.NoError(t, err)
	for want, change := range map[string]func(*detection.Set){
		"is there twice":                   func(s *detection.Set) { s.Rules[1].ID = "report" },
		`"storm" is taken`:                 func(s *detection.Set) { s.Rules[0].ID = detection.Storm },
		"needs a severity":                 func(s *detection.Set) { s.Rules[0].Severity = 0 },
		"needs a key":                      func(s *detection.Set) { s.Rules[0].Key = nil },
		"key: \"sauce\" is no field":       func(s *detection.Set) { s.Rules[0].Key = []string{"sauce"} },
		"needs a window":                   func(s *detection.Set) { s.Rules[1].Window = 0 },
		"shorter than the window":          func(s *detection.Set) { s.Rules[1].Quiet = time.Minute },
		"threshold of 1":                   func(s *detection.Set) { s.Rules[1].AtLeast = 0 },
		"needs event types":                func(s *detection.Set) { s.Rules[0].On.Types = nil },
		"types that cancel it":             func(s *detection.Set) { s.Rules[4].Cancel.Types = nil },
		"two steps or more":                func(s *detection.Set) { s.Rules[3].Steps = s.Rules[3].Steps[:1] },
		"needs blocks":                     func(s *detection.Set) { s.Rules[6].Blocks = nil },
		"a block needs a name":             func(s *detection.Set) { s.Rules[6].Blocks[0].Points = 0 },
		"of: \"\" is no field":             func(s *detection.Set) { s.Rules[2].Of = "" },
		"once is for counts":               func(s *detection.Set) { s.Rules[2].Once = "ip" },
		`kind "guess" is not known`:        func(s *detection.Set) { s.Rules[0].Kind = "guess" },
		"above the rule's own S3":          func(s *detection.Set) { s.Rules[1].Raise[0].Severity = detection.S3 },
		"one of a number and a condition":  func(s *detection.Set) { s.Rules[1].Raise[0].AtLeast = 0 },
		`mute time "dinner" is not known`:  func(s *detection.Set) { s.Rules[1].Mute = []string{"dinner"} },
		"cannot mute itself":               func(s *detection.Set) { s.Inhibit[0].Target = "guess" },
		"which mutes it in turn":           func(s *detection.Set) { s.Inhibit[1] = detection.Inhibition{Source: "brute", Target: "guess"} },
		"both have to be rules of the set": func(s *detection.Set) { s.Inhibit[0].Source = "nobody" },
		"needs a name, a zone":             func(s *detection.Set) { s.MuteTimes[0].Zone = nil },
	} {
		bad := good()
		change(&bad)
		_, err := detection.New(bad)
		require.ErrorContains(t, err, want)
	}
}

func TestKeysAreToldApart(t *testing.T) {
	t.Parallel()
	rule := report(detection.S2)
	rule.Key, rule.Fallback = []string{"ip", "country"}, []string{"country", "ip", "subject"}
	put := func(ip, country string) func(*detection.Event) {
		return func(e *detection.Event) { e.IP, e.Country, e.UUID = ip, country, ip+"|"+country }
	}
	page, _ := run(t, detection.Set{Rules: []detection.Rule{rule}},
		at(0, "report", "ada", put("ab", "c")), at(1, "report", "ada", put("a", "bc")), at(2, "report", "bob", put("a", "bc"), named("z")),
		at(3, "report", "cy", put("a", "")))
	assert.Equal(t, []string{"fired", "fired", "counted", "counted"}, outcomes(page, "report"))
	assert.Equal(t, []detection.KeyPart{{Name: "ip", Value: "ab"}, {Name: "country", Value: "c"}}, page.Crossings[0].Key.Parts)
	assert.Len(t, page.Crossings[0].Key.Hash, 32)
	assert.Equal(t, 1, page.Unkeyed["report"], "the fallback has no value either")

	rule.Fallback = []string{"subject"}
	here, _ := run(t, detection.Set{Rules: []detection.Rule{rule}}, at(3, "report", "cy"))
	there, _ := run(t, detection.Set{Rules: []detection.Rule{rule}, KeyContext: "other"}, at(3, "report", "cy"))
	require.Equal(t, []detection.KeyPart{{Name: "subject", Value: "cy"}}, here.Crossings[0].Key.Parts)
	assert.NotEqual(t, here.Crossings[0].Key.Hash, there.Crossings[0].Key.Hash, "tenants do not share keys")
}

func TestACheckpointThatIsNone(t *testing.T) {
	t.Parallel()
	e, s := engine(t, everything(2)), detection.NewState()
	require.NoError(t, s.AddSilence(quietAda()))
	e.Step(s, detection.Page{Events: []*detection.Event{at(0, "login", "ada"), at(1, "login", "ada"), at(2, "report", "ada"), at(3, "removed", "bob", from("1"))}})
	b := s.Encode()
	_, err := e.DecodeState(b)
	require.NoError(t, err)
	for n := range b {
		_, err := e.DecodeState(b[:n])
		require.Error(t, err, "cut after %d bytes", n)
	}
	for n := range b { // a byte that went wrong is told or harmless, and no crash
		broken := bytes.Clone(b)
		broken[n] ^= 0xff
		if back, err := e.DecodeState(broken); err == nil {
			require.NotNil(t, back)
		}
	}
	_, err = e.DecodeState(append([]byte{99}, b[1:]...))
	require.ErrorContains(t, err, "this version reads layout 2")
	_, err = e.DecodeState(append(b, 0))
	require.Error(t, err)
}

func TestARuleThatChangedWhatItLooksAtBeginsAnew(t *testing.T) {
	t.Parallel()
	old := engine(t, detection.Set{Rules: []detection.Rule{brute(3, time.Hour)}})
	s := detection.NewState()
	old.Step(s, detection.Page{Events: []*detection.Event{at(0, "login", "ada"), at(1, "login", "ada")}})
	b := s.Encode()
	for name, test := range map[string]struct {
		rule detection.Rule
		want string
	}{
		"the same":           {brute(3, time.Hour), "fired"},
		"another threshold":  {brute(2, time.Hour), "fired"},
		"a different window": {brute(3, 2*time.Hour), "counted"},
	} {
		next := engine(t, detection.Set{Rules: []detection.Rule{test.rule}})
		s, err := next.DecodeState(b)
		require.NoError(t, err)
		r := next.Step(s, detection.Page{Events: []*detection.Event{at(2, "login", "ada")}})
		assert.Equal(t, []string{test.want}, outcomes(r, "brute"), name)
	}
}
