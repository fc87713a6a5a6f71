package policy_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/detection"
	"latchkey/policy"
)

const alertRule = "rules:\n  r:\n    name: R\n    severity: S3\n    key: [subject]\n"

func alertFolder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(dir, "tests"), 0o700))
	for name, text := range files {
		require.NoError(t, os.WriteFile(filepath.Join(dir, filepath.FromSlash(name)), []byte(text), 0o600))
	}
	return dir
}

func TestAlertRulesAreRefusedWithTheirPlace(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ text, want string }{
		"no such event type":       {alertRule + "    on: [user.sesion.start]\n", `a.yaml:6:10: Okta's catalogue has no event type "user.sesion.start"; near it are user.session.start`},
		"a misspelt field":         {alertRule + "    on: [user.session.start]\n    when: event.outcom == \"x\"\n", "a.yaml:7:11: bad expression: undeclared reference to 'event' (in container ''); an event has: actor, actor_type, anonymous, app,"},
		"a text where truth is":    {alertRule + "    on: [user.session.start]\n    when: event.outcome\n", "a.yaml:7:11: the expression gives a text where true or false is needed"},
		"an unknown key":           {alertRule + "    on: [user.session.start]\n    whenever: true\n", `a.yaml:7:5: unknown key "whenever" in a rule; allowed: absence, count,`},
		"no key":                   {"rules:\n  r:\n    name: R\n    severity: S3\n    on: [user.session.start]\n", `a rule lacks "key"`},
		"no such severity":         {"rules:\n  r:\n    name: R\n    severity: high\n    key: [subject]\n    on: [user.session.start]\n", `a.yaml:4:15: unknown value "high"; allowed: S1, S2, S3, S4`},
		"no such key field":        {"rules:\n  r:\n    name: R\n    severity: S3\n    key: [subjekt]\n    on: [user.session.start]\n", `a.yaml:5:11: "subjekt" is no field of an event`},
		"two kinds":                {alertRule + "    on: [user.session.start]\n    count: {at_least: 2, within: 1m}\n    distinct: {of: ip, at_least: 2, within: 1m}\n", `the rule "r" has 2 of count, distinct`},
		"no types":                 {alertRule, "event types stand under on"},
		"types of a sequence":      {alertRule + "    on: [user.session.start]\n    sequence: {within: 1m, steps: [{on: [user.session.start]}, {on: [user.session.end]}]}\n", "event types stand under on"},
		"a sequence of one":        {alertRule + "    sequence: {within: 1m, steps: [{on: [user.session.start]}]}\n", "a sequence has two steps or more"},
		"a raise that lowers":      {alertRule + "    on: [user.session.start]\n    raise: [{to: S4, when: 'true'}]\n", "a raise goes to a severity above the rule's own S3"},
		"no such threshold":        {alertRule + "    on: [user.session.start]\n    count: {at_least: many, within: 1m}\n", `has to be a whole number from 1 to 2147483647, found the text "many"`},
		"a threshold for nothing":  {"thresholds: {x: 1}\n" + alertRule + "    on: [user.session.start]\n", `a.yaml:1:17: no rule uses the threshold "x"`},
		"a threshold of a kind":    {"thresholds: {x: 1}\n" + alertRule + "    on: [user.session.start]\n    quiet: x\n", "a.yaml:1:17: has to be a duration above zero"},
		"no such mute time":        {alertRule + "    on: [user.session.start]\n    mute: [night]\n", `there is no mute time "night"`},
		"a mute time without zone": {"mute_times: {n: {from: \"20:00\", to: \"07:00\"}}\n" + alertRule + "    on: [user.session.start]\n", `a mute time lacks "zone"`},
		"mutes a rule that is not": {"inhibit: [{source: r, mutes: [x]}]\n" + alertRule + "    on: [user.session.start]\n", `a.yaml:1:11: there is no rule "x"`},
		"mutes itself":             {"inhibit: [{source: r, mutes: [r]}]\n" + alertRule + "    on: [user.session.start]\n", "cannot mute itself"},
		"a bad limit":              {"limits: {incidents_per_hour: 0}\n" + alertRule + "    on: [user.session.start]\n", "has to be a whole number from 1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := policy.LoadAlerts(alertFolder(t, map[string]string{"a.yaml": test.text}))
			require.ErrorContains(t, err, test.want)
		})
	}
	_, err := policy.LoadAlerts(alertFolder(t, nil))
	require.ErrorContains(t, err, "no *.yaml file")
	_, err = policy.LoadAlerts(alertFolder(t, map[string]string{
		"a.yaml": alertRule + "    on: [user.session.start]\n", "b.yaml": alertRule + "    on: [user.session.start]\n",
	}))
	require.ErrorContains(t, err, `b.yaml:2:3: the rule "r" is there twice`)
}

func TestARuleSaysWhatHooksCannotDeliver(t *testing.T) {
	t.Parallel()
	a, err := policy.LoadAlerts(alertFolder(t, map[string]string{"a.yaml": alertRule + "    on: [user.session.start, policy.evaluate_sign_on]\n    wait: 2m\n"}))
	require.NoError(t, err)
	r, found := a.Rule("r")
	require.True(t, found)
	assert.Equal(t, []string{"policy.evaluate_sign_on"}, r.PollOnly)
	assert.Equal(t, 2*time.Minute, r.Wait)
	assert.Equal(t, []string{"user.session.start"}, a.Hookable())
	assert.Len(t, a.Digest(), 64)
	known, hookable := policy.EventType("user.authentication.auth_via_IDP")
	assert.True(t, known && hookable, "types keep their capitals")
}

func TestConditionsOnAnEvent(t *testing.T) {
	t.Parallel()
	raw := `{"uuid":"u","published":"2026-03-04T02:17:41Z","eventType":"user.session.start","actor":{"id":"00u1","type":"User"},"client":{"ipAddress":"192.0.2.7","id":null},
	"securityContext":{"asNumber":64501,"isProxy":null},"outcome":{"result":"SUCCESS"},
	"debugContext":{"debugData":{"factor":"X","risk":"{previousLevel=HIGH, level=LOW, reasons=A, B}","behaviors":"{New Device=POSITIVE}","logOnlySecurityData":"{\"risk\":{},\"behaviors\":{\"Velocity\":\"POSITIVE\"}}"}},
	"target":[{"id":"r1","type":"PolicyRule","changeDetails":{"from":{"mode":"2FA","gone":1},"to":{"mode":"1FA","n":null}}},{"id":"a1","type":"AppInstance","displayName":"Payroll","detailEntry":{"methodTypeUsed":"Password"}}]}`
	e, err := detection.ParseEvent([]byte(raw))
	require.NoError(t, err)
	// A flag that is not said is not "no"; a level that was before is not the level.
	yes := []string{
		`event.outcome == "SUCCESS" && event.asn == 64501`,
		`event.proxy == "yes" || event.proxy == ""`,
		`event.debug.factor == "X" && event.debug.absent == "" && !("absent" in event.debug)`,
		`"factor" in event.debug`,
		`event.risk_reasons.exists(r, r == "B")`,
		`event.behaviours["New Device"] == "POSITIVE" && event.behaviours.Velocity == "POSITIVE"`,
		`event.fields["securityContext.asNumber"] == "64501" && event.fields["client.id"] == ""`,
		`event.changes.exists(c, c.field == "mode" && c.from == "2FA" && c.to == "1FA" && c.id == "r1")`,
		`event.changes.exists(c, c.field == "gone" && c.from == "1" && c.to == "")`,
		`event.targets.exists(t, t.name == "Payroll" && t["detail.methodTypeUsed"] == "Password")`,
		`event.app_name == "Payroll" && event.subject == "00u1" && event.user == ""`,
		`in_cidr(event.ip, ["198.51.100.0/24", "192.0.2.0/24"])`,
		`event.at.getHours() == 2`,
	}
	no := []string{
		`event.proxy == "no"`,
		`event.risk == "HIGH"`,
		`"client.id" in event.fields`,
		`in_cidr("", ["192.0.2.0/24"])`,
		`event.anonymous || event.roles.size() > 0`,
	}
	for _, condition := range slices.Concat(yes, no) {
		a, err := policy.LoadAlerts(alertFolder(t, map[string]string{"a.yaml": alertRule + "    on: [user.session.start]\n    when: |-\n      " + condition + "\n"}))
		require.NoError(t, err, condition)
		r := a.Engine().Step(detection.NewState(), detection.Page{Events: []*detection.Event{e}})
		assert.Empty(t, r.Errors, condition)
		assert.Equal(t, slices.Contains(yes, condition), len(r.Crossings) == 1, condition)
	}
	a, err := policy.LoadAlerts(alertFolder(t, map[string]string{"a.yaml": alertRule + "    on: [user.session.start]\n    when: in_cidr(event.ip, [\"office\"])\n"}))
	require.NoError(t, err)
	r := a.Engine().Step(detection.NewState(), detection.Page{Events: []*detection.Event{e}})
	assert.Equal(t, map[string]int{"r": 1}, r.Errors, "what cannot be told is counted and no match")
	assert.Empty(t, r.Crossings)
}

func TestTestsOfAlertRules(t *testing.T) {
	t.Parallel()
	rule := alertRule + "    on: [user.session.start]\n    when: event.outcome == \"FAILURE\"\n    count: {at_least: 2, within: 10m}\n"
	fires := "  - {name: two, rule: r, events: [{type: user.session.start, outcome: FAILURE, subject: a, times: 2}], expect: {incidents: {r: 1}}}\n"
	silent := "  - {name: one, rule: r, events: [{type: user.session.start, outcome: FAILURE, subject: a}], expect: {incidents: {}}}\n"
	for name, test := range map[string]struct {
		cases    string
		problems []string
		err      string
	}{
		"both sorts":           {cases: fires + silent},
		"no negative case":     {cases: fires, problems: []string{"no case with `rule: r` in which it opens none"}},
		"no positive case":     {cases: silent, problems: []string{"no case with `rule: r` in which it opens an incident"}},
		"not what is expected": {cases: fires + silent + "  - {name: x, rule: r, events: [{type: user.session.start, outcome: FAILURE, subject: \"p{n}\", times: 2}], expect: {incidents: {r: 1}}}\n", problems: []string{"line 4: incidents: want map[r:1], got map[]"}},
		"too little severity":  {cases: fires + silent + "  - {name: x, rule: r, events: [{type: user.session.start, outcome: FAILURE, subject: a, times: 2}], expect: {incidents: {r: 1}, severity: {r: S1}}}\n", problems: []string{"line 4: severity of r: want S1, got S3"}},
		"another outcome":      {cases: fires + silent + "  - {name: x, rule: r, events: [{type: user.session.start, outcome: FAILURE, subject: a, own: FS-1}], expect: {incidents: {}, outcomes: {r: {own_change: 0}}}}\n", problems: []string{"line 4: r own_change: want 0, got 1"}},
		"no such rule":         {cases: "  - {name: x, rule: q, events: [], expect: {incidents: {}}}\n", err: `tests/t.yaml:2:21: there is no rule "q"`},
		"no such type":         {cases: "  - {name: x, rule: r, events: [{type: nope}], expect: {incidents: {}}}\n", err: `no event type "nope"`},
		"no expectation":       {cases: "  - {name: x, rule: r, events: [{type: user.session.start}]}\n", err: `a case lacks "expect"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			report, err := policy.RunAlertTests(alertFolder(t, map[string]string{"a.yaml": rule, "tests/t.yaml": "cases:\n" + test.cases}))
			if test.err != "" {
				require.ErrorContains(t, err, test.err)
				return
			}
			require.NoError(t, err)
			var got []string
			for _, c := range report.Failed() {
				got = append(got, c.Problems...)
			}
			assert.Equal(t, test.problems, got)
		})
	}
}
