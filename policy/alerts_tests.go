package policy

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"math"
	"os"
	"slices"
	"strings"
	"time"

	"latchkey/detection"
)

// RunAlertTests loads a folder of alert rules and runs the YAML files of its tests/ with the engine that production
// uses. Every rule needs a case in which it opens an incident and one in which it does not: what lacks one is a failed
// case of its own. The error is about rules or tests that do not load.
func RunAlertTests(dir string) (Report, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return Report{}, fmt.Errorf("open the folder of alert rules: %w", err)
	}
	defer root.Close()
	a, err := loadAlerts(root)
	if err != nil {
		return Report{}, err
	}
	names, err := fs.Glob(root.FS(), dirTests+"/*.yaml")
	if err != nil {
		return Report{}, fmt.Errorf("list tests of alert rules: %w", err)
	}
	found := &problems{}
	t := alertTests{alerts: a, shown: map[string]bool{}, silent: map[string]bool{}}
	for _, name := range names {
		text, err := root.ReadFile(name)
		if err != nil {
			return Report{}, fmt.Errorf("read tests of alert rules: %w", err)
		}
		if v, ok := parse(name, text, found); ok {
			t.file = testFile{file: name}
			v.object(name, keys{"cases": t.cases}, "cases")
			t.list = append(t.list, t.file.cases...)
		}
	}
	if err := found.err(); err != nil {
		return Report{}, err
	}
	for _, r := range a.Rules() {
		c := CaseReport{File: dirTests, Kind: "alert", Name: "tests of " + r.ID}
		if rule := a.rule(r.ID); !rule.CountOnly && !t.shown[r.ID] {
			c.Problems = append(c.Problems, fmt.Sprintf("no case with `rule: %s` in which it opens an incident", r.ID))
		}
		if !t.silent[r.ID] {
			c.Problems = append(c.Problems, fmt.Sprintf("no case with `rule: %s` in which it opens none", r.ID))
		}
		if len(c.Problems) > 0 {
			t.list = append(t.list, c)
		}
	}
	return Report{Digest: a.digest, Cases: t.list}, nil
}

func (a *Alerts) rule(id string) detection.Rule {
	at := slices.IndexFunc(a.set.Rules, func(r detection.Rule) bool { return r.ID == id })
	return a.set.Rules[at]
}

type alertTests struct {
	alerts        *Alerts
	file          testFile
	list          []CaseReport
	shown, silent map[string]bool // rules that have a case of each sort
}

// alertCase is one case while it is read.
type alertCase struct {
	rule   string
	start  time.Time
	events []*detection.Event
	own    map[string]string

	opened   map[string]int
	severity map[string]detection.Severity
	outcomes map[string]int // "rule outcome"
}

func (t *alertTests) cases(v value) {
	for _, one := range v.items("cases") {
		c := alertCase{
			start: time.Date(2026, 3, 4, 10, 0, 0, 0, time.UTC), own: map[string]string{}, opened: map[string]int{},
			severity: map[string]detection.Severity{}, outcomes: map[string]int{},
		}
		var name string
		var list checks
		var events value
		one.object("a case", keys{
			"name": func(v value) { name = v.text() },
			"rule": func(v value) {
				c.rule = v.text()
				if _, known := t.alerts.Rule(c.rule); !known {
					v.problem("there is no rule %q", c.rule)
				}
			},
			"start":  func(v value) { c.start = v.instant() },
			"events": func(v value) { events = v },
			"expect": func(v value) { t.expect(v, &c, &list) },
		}, "name", "rule", "events", "expect")
		if events.node == nil || !one.mapping() {
			continue
		}
		for i, e := range events.items("events") {
			c.event(e, i)
		}
		c.run(t.alerts)
		if c.opened[c.rule] > 0 {
			t.shown[c.rule] = true
		} else {
			t.silent[c.rule] = true
		}
		t.file.run(one, "alert", name, list.list)
	}
}

// expect reads what a case expects: exactly which incidents open, and if said their severity in the end and the outcomes
// of a rule's hits.
func (t *alertTests) expect(v value, c *alertCase, list *checks) {
	v.object("expect", keys{
		"incidents": func(v value) {
			want := map[string]int{}
			for _, e := range v.entries("incidents") {
				want[e.key] = e.value.whole(1, math.MaxInt32)
			}
			list.add(v, "incidents", fmt.Sprint(want), func() string { return fmt.Sprint(c.opened) })
		},
		"severity": func(v value) {
			for _, e := range v.entries("severity") {
				want := severity(e.value)
				list.add(e.at, "severity of "+e.key, want.String(), func() string { return orNone(c.severity[e.key].String()) })
			}
		},
		"outcomes": func(v value) {
			for _, rule := range v.entries("outcomes") {
				for _, o := range rule.value.entries("outcomes of " + rule.key) {
					want := fmt.Sprint(o.value.whole(0, math.MaxInt32))
					key := rule.key + " " + o.key
					list.add(o.at, key, want, func() string { return fmt.Sprint(c.outcomes[key]) })
				}
			}
		},
	}, "incidents")
}

func (c *alertCase) run(a *Alerts) {
	slices.SortStableFunc(c.events, func(x, y *detection.Event) int { return x.Published.Compare(y.Published) })
	s := detection.NewState()
	for _, r := range []*detection.Result{a.engine.Step(s, detection.Page{Events: c.events, Own: c.own}), a.engine.Finish(s)} {
		for _, x := range r.Crossings {
			if x.Kind == detection.Opened {
				c.opened[x.Key.Rule]++
			}
			if was := c.severity[x.Key.Rule]; was == 0 || x.Severity < was {
				c.severity[x.Key.Rule] = x.Severity
			}
		}
		for rule, counts := range r.Counts {
			for outcome, n := range counts {
				c.outcomes[rule+" "+string(outcome)] += n
			}
		}
	}
}

// event reads an event of a case and writes it as Okta would, so that it takes the way of every event. With times it
// stands for several, in whose texts {n} is the number of each.
func (c *alertCase) event(v value, index int) {
	times, every, at, caseName := 1, time.Minute, time.Duration(0), ""
	texts := map[string]string{}
	debug, changes := map[string]any{}, map[string]any{}
	var proxy *bool
	text := func(key string) func(value) { return func(v value) { texts[key] = v.text() } }
	var targets []map[string]any
	v.object("an event", keys{
		"at": func(v value) { at = v.span() }, "times": func(v value) { times = v.whole(1, 1000) },
		"every": func(v value) { every = v.span() }, "own": func(v value) { caseName = v.text() },
		"type": func(v value) {
			texts["type"] = v.text()
			if known, _ := EventType(texts["type"]); !known {
				v.problem("Okta's catalogue has no event type %q", texts["type"])
			}
		},
		"outcome": text("outcome"), "reason": text("reason"), "subject": text("subject"), "user": text("user"), "actor": text("actor"),
		"actor_type": text("actor_type"), "ip": text("ip"), "country": text("country"), "city": text("city"), "zone": text("zone"),
		"session": text("session"), "transaction": text("transaction"), "client": text("client"), "token": text("token"),
		"app": text("app"), "group": text("group"), "policy": text("policy"), "uuid": text("uuid"), "agent": text("agent"),
		"proxy": func(v value) { b := v.flag(); proxy = &b },
		"debug": func(v value) {
			for _, e := range v.entries("debug") {
				debug[e.key] = e.value.free(e.key)
			}
		},
		"changes": func(v value) {
			for _, e := range v.entries("changes") {
				changes[e.key] = e.value.free(e.key)
			}
		},
		"target": func(v value) {
			one := map[string]any{}
			for _, e := range v.entries("target") {
				one[e.key] = e.value.free(e.key)
			}
			targets = append(targets, one)
		},
	}, "type")
	for n := range times {
		filled := map[string]string{}
		for key, s := range texts {
			filled[key] = strings.ReplaceAll(s, "{n}", fmt.Sprint(n+1))
		}
		if filled["uuid"] == "" {
			filled["uuid"] = fmt.Sprintf("case-%d-%d", index, n)
		}
		raw := rawEvent(filled, c.start.Add(at+time.Duration(n)*every), debug, changes, targets, proxy)
		e, err := detection.ParseEvent(raw)
		if err != nil {
			v.problem("%v", err)
			return
		}
		if caseName != "" {
			c.own[e.UUID] = caseName
		}
		c.events = append(c.events, e)
	}
}

func rawEvent(t map[string]string, at time.Time, debug, changes map[string]any, targets []map[string]any, proxy *bool) []byte {
	type object = map[string]any
	actor := object{"id": "system", "type": "SystemPrincipal", "alternateId": "system@okta.com"}
	if id := firstText(t["actor"], t["subject"]); id != "" {
		actor = object{"id": id, "type": firstText(t["actor_type"], "User"), "alternateId": id + "@acme.example", "displayName": id}
	}
	list := slices.Clone(targets)
	for _, one := range []struct{ key, kind string }{{"user", "User"}, {"app", "AppInstance"}, {"group", "UserGroup"}, {"policy", "PolicyEntity"}} {
		if id := t[one.key]; id != "" {
			list = append(list, object{"id": id, "type": one.kind, "alternateId": id + "@acme.example", "displayName": id})
		}
	}
	if len(changes) > 0 {
		from, to := object{}, object{}
		for name, v := range changes {
			before, after, _ := strings.Cut(fmt.Sprint(v), " -> ")
			from[name], to[name] = before, after
		}
		list = append(list, object{"id": "changed", "type": "Changed", "changeDetails": object{"from": from, "to": to}})
	}
	raw, err := json.Marshal(object{
		"uuid": t["uuid"], "published": at.Format("2006-01-02T15:04:05.000Z"), "eventType": t["type"], "actor": actor, "target": list,
		"outcome": object{"result": t["outcome"], "reason": t["reason"]},
		"client": object{
			"ipAddress": t["ip"], "zone": firstText(t["zone"], "null"), "id": t["client"], "userAgent": object{"rawUserAgent": t["agent"]},
			"geographicalContext": object{"country": t["country"], "city": t["city"]},
		},
		"authenticationContext": object{"externalSessionId": t["session"]}, "securityContext": object{"isProxy": proxy},
		"transaction":  object{"id": t["transaction"], "detail": object{"requestApiTokenId": t["token"]}},
		"debugContext": object{"debugData": maps.Clone(debug)},
	})
	if err != nil {
		return []byte(err.Error()) // no event, which ParseEvent says
	}
	return raw
}

func firstText(list ...string) string {
	for _, s := range list {
		if s != "" {
			return s
		}
	}
	return ""
}
