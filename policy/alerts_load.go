package policy

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"latchkey/detection"
)

// alertLoader reads the files of a folder of alert rules into one set.
type alertLoader struct {
	compiler   *eventCompiler
	set        detection.Set
	rules      map[string]AlertRule
	places     map[string]value
	thresholds map[string]*threshold
}

// threshold is a number or duration that rules call by its name.
type threshold struct {
	at   value
	used bool
}

func (l *alertLoader) load(f files, found *problems) {
	var parsed []value
	for _, name := range slices.Sorted(maps.Keys(f)) {
		if v, ok := parse(name, f[name], found); ok {
			parsed = append(parsed, v)
			l.readThresholds(v)
		}
	}
	for _, v := range parsed {
		v.object(v.doc.file, keys{
			"thresholds": func(value) {}, // read before
			"rules":      l.readRules,
			"inhibit":    l.readInhibit,
			"mute_times": l.readMuteTimes,
			"limits":     l.readLimits,
		})
	}
	for name, t := range l.thresholds {
		if !t.used {
			t.at.problem("no rule uses the threshold %q; remove it or use it", name)
		}
	}
	for _, in := range l.set.Inhibit {
		for _, id := range []string{in.Source, in.Target} {
			if _, known := l.rules[id]; !known {
				l.places["inhibit "+in.Source+" "+in.Target].problem("there is no rule %q", id)
			}
		}
	}
	for i := range l.set.Rules { // mute times may stand in a later file
		r := &l.set.Rules[i]
		for _, name := range r.Mute {
			if !slices.ContainsFunc(l.set.MuteTimes, func(m detection.MuteTime) bool { return m.Name == name }) {
				l.places[r.ID].problem("rule %s: there is no mute time %q", r.ID, name)
			}
		}
	}
}

func (l *alertLoader) readThresholds(v value) {
	if !v.mapping() {
		return // told when the file is read
	}
	for _, e := range v.entries(v.doc.file) {
		if e.key != "thresholds" || !e.value.mapping() {
			continue
		}
		for _, t := range e.value.entries("thresholds") {
			if l.thresholds[t.key] != nil {
				t.at.problem("the threshold %q is there twice", t.key)
			}
			l.thresholds[t.key] = &threshold{at: t.value}
		}
	}
}

// named follows the name of a threshold.
func (l *alertLoader) named(v value) value {
	if t := l.thresholds[v.raw()]; t != nil {
		t.used = true
		return t.at
	}
	return v
}

func (l *alertLoader) number(into *int) func(value) {
	return func(v value) { *into = l.named(v).whole(1, math.MaxInt32) }
}

func (l *alertLoader) span(into *time.Duration) func(value) {
	return func(v value) { *into = l.named(v).positive() }
}

// versionOf is a short digest of the text of a rule: candidates carry it.
func versionOf(e entry) string {
	sum := sha256.Sum256([]byte(e.value.node.String()))
	return hex.EncodeToString(sum[:6])
}

func (l *alertLoader) readRules(v value) {
	for _, e := range v.entries("rules") {
		if _, twice := l.rules[e.key]; twice {
			e.at.problem("the rule %q is there twice", e.key)
			continue
		}
		l.readRule(e)
	}
}

func (l *alertLoader) readRule(e entry) {
	r := detection.Rule{ID: e.key, Version: versionOf(e), Kind: detection.KindMatch}
	about := AlertRule{ID: e.key}
	kinds := 0
	kind := func(k detection.RuleKind, read func(value)) func(value) {
		return func(v value) {
			r.Kind = k
			kinds++
			read(v)
		}
	}
	e.value.object("a rule", keys{
		"name":        func(v value) { about.Name = v.text() },
		"why":         func(v value) { about.Why = v.text() },
		"first_steps": func(v value) { about.FirstSteps = v.texts("first_steps") },
		"severity":    func(v value) { r.Severity = severity(v) },
		"on":          func(v value) { r.On.Types = l.types(v, &about) },
		"when":        func(v value) { r.On.When = l.compiler.compile(v) },
		"key":         func(v value) { r.Key = fieldNamesOf(v) },
		"fallback":    func(v value) { r.Fallback = fieldNamesOf(v) },
		"quiet":       l.span(&r.Quiet),
		"wait":        l.span(&about.Wait),
		"raise":       func(v value) { r.Raise = l.raises(v) },
		"mute":        func(v value) { r.Mute = v.texts("mute") },
		"ignore_own":  func(v value) { r.IgnoreOwn = v.flag() },
		"count_only":  func(v value) { r.CountOnly = v.flag() },
		"count": kind(detection.KindCount, func(v value) {
			v.object("count", keys{"at_least": l.number(&r.AtLeast), "within": l.span(&r.Window), "once": eventField(&r.Once)}, "at_least", "within")
		}),
		"distinct": kind(detection.KindDistinct, func(v value) {
			v.object("distinct", keys{"at_least": l.number(&r.AtLeast), "within": l.span(&r.Window), "of": eventField(&r.Of)}, "of", "at_least", "within")
		}),
		"sequence": kind(detection.KindSequence, func(v value) {
			v.object("sequence", keys{"within": l.span(&r.Window), "steps": func(v value) { r.Steps = l.steps(v, &about) }}, "within", "steps")
		}),
		"absence": kind(detection.KindAbsence, func(v value) {
			v.object("absence", keys{
				"of":     func(v value) { r.Cancel.Types = l.types(v, &about) },
				"when":   func(v value) { r.Cancel.When = l.compiler.compile(v) },
				"within": l.span(&r.Window),
			}, "of", "within")
		}),
		"first_seen": kind(detection.KindFirstSeen, func(v value) {
			v.object("first_seen", keys{"of": eventField(&r.Of), "within": l.span(&r.Window), "learning": l.span(&r.Learning)}, "of", "within", "learning")
		}),
		"score": kind(detection.KindScore, func(v value) {
			v.object("score", keys{
				"at_least": l.number(&r.AtLeast), "within": l.span(&r.Window), "blocks": func(v value) { r.Blocks = l.blocks(v, &about) },
			}, "at_least", "within", "blocks")
		}),
	}, "name", "severity", "key")
	if kinds > 1 {
		e.at.problem("the rule %q has %d of count, distinct, sequence, absence, first_seen and score; it may have one", e.key, kinds)
	}
	own := r.Kind == detection.KindSequence || r.Kind == detection.KindScore
	if e.value.mapping() && own == (len(r.On.Types) > 0) {
		e.at.problem("the rule %q: event types stand under on, and those of a sequence or score in its steps or blocks", e.key)
	}
	if len(e.value.doc.problems.list) == 0 { // what each key says is fine; does the rule as a whole make sense?
		if _, err := detection.New(detection.Set{Rules: []detection.Rule{alone(r)}}); err != nil {
			e.at.problem("%s", strings.TrimPrefix(err.Error(), "alert rules: "))
		}
	}
	about.Severity, about.Quiet = r.Severity, r.QuietTime()
	slices.Sort(about.Types)
	about.Types = slices.Compact(about.Types)
	for _, t := range about.Types {
		if _, hookable := EventType(t); !hookable {
			about.PollOnly = append(about.PollOnly, t)
		}
	}
	l.places[e.key], l.rules[e.key] = e.at, about
	l.set.Rules = append(l.set.Rules, r)
}

// alone is a rule without what other parts of the set have to say.
func alone(r detection.Rule) detection.Rule {
	r.Mute = nil
	return r
}

func severity(v value) detection.Severity {
	s, err := detection.ParseSeverity(v.raw())
	if err != nil {
		v.problem("unknown value %s; allowed: S1, S2, S3, S4", v.shown())
	}
	return s
}

func eventField(into *string) func(value) {
	return func(v value) {
		*into = v.text()
		if err := detection.CheckField(*into); err != nil {
			v.problem("%v", err)
		}
	}
}

func fieldNamesOf(v value) []string {
	var names []string
	for _, one := range v.items("key") {
		var name string
		eventField(&name)(one)
		names = append(names, name)
	}
	return names
}

// types reads event types, each of which has to be in Okta's catalogue.
func (l *alertLoader) types(v value, about *AlertRule) []string {
	var list []string
	for _, one := range v.items("event types") {
		name := one.text()
		if known, _ := EventType(name); !known && name != "" {
			message := ""
			if near := nearestTypes(name); len(near) > 0 {
				message = "; near it are " + strings.Join(near, ", ")
			}
			one.problem("Okta's catalogue has no event type %q%s", name, message)
		}
		list = append(list, name)
	}
	about.Types = append(about.Types, list...)
	return list
}

func (l *alertLoader) raises(v value) []detection.Raise {
	var list []detection.Raise
	for _, one := range v.items("raise") {
		var r detection.Raise
		one.object("a raise", keys{
			"to":       func(v value) { r.Severity = severity(v) },
			"at_least": l.number(&r.AtLeast),
			"when":     func(v value) { r.When = l.compiler.compile(v) },
		}, "to")
		list = append(list, r)
	}
	return list
}

func (l *alertLoader) steps(v value, about *AlertRule) []detection.Step {
	var list []detection.Step
	for _, one := range v.items("steps") {
		var s detection.Step
		one.object("a step", keys{
			"on":    func(v value) { s.On.Types = l.types(v, about) },
			"when":  func(v value) { s.On.When = l.compiler.compile(v) },
			"times": l.number(&s.Count),
		}, "on")
		list = append(list, s)
	}
	return list
}

func (l *alertLoader) blocks(v value, about *AlertRule) []detection.Block {
	var list []detection.Block
	for _, e := range v.entries("blocks") {
		b := detection.Block{Name: e.key}
		e.value.object("a block", keys{
			"on":     func(v value) { b.On.Types = l.types(v, about) },
			"when":   func(v value) { b.On.When = l.compiler.compile(v) },
			"points": l.number(&b.Points),
		}, "on", "points")
		list = append(list, b)
	}
	return list
}
