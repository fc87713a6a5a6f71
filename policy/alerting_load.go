package policy

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"latchkey/casework"
)

const (
	// shortestInterval is the least time between two notes of an incident.
	shortestInterval = time.Second
	// mostNotes bounds the notes of one incident: a ticket with more is read by nobody.
	mostNotes = 500
	// mostTag bounds a tag, in bytes.
	mostTag = 64
)

// chatName is how a channel may be called: it is a word of an environment variable.
var chatName = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,31}$`)

func loadAlerting(v value, c *compiler) alerting {
	a := alerting{mode: casework.ModeObserve, chat: map[string]ChatKind{}}
	var uses []value
	v.object("alerts.yaml", keys{
		"mode": func(v value) {
			a.mode = casework.Mode(v.oneOf(string(casework.ModeOff), string(casework.ModeObserve), string(casework.ModeAct)))
		},
		"chat": func(v value) {
			for _, e := range v.entries("chat") {
				if !chatName.MatchString(e.key) && e.key != "" {
					e.at.problem("a channel is called by small letters, digits, - and _, at most 32, found %q", e.key)
				}
				a.chat[e.key] = ChatKind(e.value.oneOf(string(ChatSlack), string(ChatTeams)))
			}
		},
		"common": func(v value) { v.object("common", a.common.keys(&uses)) },
		"routes": func(v value) {
			for _, one := range v.items("routes") {
				a.routes = append(a.routes, loadAlertRoute(one, c, a.routes, &uses))
			}
		},
	})
	for _, use := range uses { // chat may stand behind what names it
		if _, known := a.chat[use.raw()]; !known && use.raw() != "" {
			use.problem("there is no channel %q; known are %s", use.raw(), strings.Join(slices.Sorted(maps.Keys(a.chat)), ", "))
		}
	}
	return a
}

func loadAlertRoute(v value, c *compiler, before []alertRoute, uses *[]value) alertRoute {
	r := alertRoute{}
	known := r.keys(uses)
	known["name"] = func(v value) { r.name = v.text() }
	known["when"] = func(v value) { r.when = c.compile(v, scopeAlert, wantBool) }
	v.object("a route of alerts", known, "name")
	if r.name != "" && slices.ContainsFunc(before, func(b alertRoute) bool { return b.name == r.name }) {
		v.problem("a second route is called %q; give each route a name of its own", r.name)
	}
	return r
}

// keys read the settings that stand in a route and in common.
func (s *alertSettings) keys(uses *[]value) keys {
	text := func(into **string) func(value) { return func(v value) { t := v.text(); *into = &t } }
	level := func(into **int, words ...string) func(value) {
		return func(v value) { n := slices.Index(words, v.oneOf(words...)) + 1; *into = &n }
	}
	span := func(into **time.Duration, least time.Duration) func(value) {
		return func(v value) {
			before := len(v.doc.problems.list)
			d := v.span()
			if d < least && len(v.doc.problems.list) == before {
				v.problem("has to be %s or more, found %s", least, v.kind())
			}
			*into = &d
		}
	}
	return keys{
		"ticket":        func(v value) { f := v.flag(); s.ticket = &f },
		"priority":      level(&s.priority, "low", "medium", "high", "urgent"),
		"urgency":       level(&s.urgency, "low", "medium", "high"),
		"impact":        level(&s.impact, "low", "medium", "high"),
		"group":         text(&s.group),
		"category":      text(&s.category),
		"sub_category":  text(&s.subCat),
		"item_category": text(&s.itemCat),
		"tags": func(v value) {
			tags := v.texts("tags")
			for _, t := range tags {
				// A colon made the vendor's call fail (reference/freshservice-api.md §4.8).
				if strings.ContainsAny(t, ":,'\"") || len(t) > mostTag {
					v.problem("a tag has no colon, comma or quote and at most %d characters, found %q", mostTag, t)
				}
			}
			s.tags = &tags
		},
		"chat": func(v value) {
			names := []string{}
			for _, one := range v.items("chat") {
				names = append(names, one.text())
				*uses = append(*uses, one)
			}
			s.chat = &names
		},
		"wait":          span(&s.wait, 0),
		"interval":      span(&s.interval, shortestInterval),
		"quiet":         span(&s.quiet, shortestInterval),
		"reopen_within": span(&s.reopen, 0),
		"notes":         func(v value) { n := v.whole(1, mostNotes); s.notes = &n },
		"close": func(v value) {
			how := AlertClose(v.oneOf(string(CloseUntouched), string(CloseAlways), string(CloseNever)))
			s.close = &how
		},
	}
}
