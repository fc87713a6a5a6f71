package policy

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"latchkey/casework"
	"latchkey/identity"
)

// intake runs cases of classification.
func (t *testFile) intake(v value) {
	for _, one := range v.items("intake") {
		f := IntakeFacts{Now: testNow()}
		var name string
		var c Classification
		var failed error
		var list checks
		one.object("an intake case", keys{
			"name":      func(v value) { name = v.text() },
			"ticket":    func(v value) { f.Ticket = v.ticketFacts() },
			"requester": func(v value) { f.Requester = v.personFacts("requester") },
			"now":       func(v value) { f.Now = v.instant() },
			"expect":    func(v value) { expectIntake(v, &list, &c) },
		}, "name", "ticket", "expect")
		c, failed = t.policy.Classify(f)
		if failed != nil {
			list.list = append(list.list, check{line: one.line, what: "classify", want: "no error", got: func() string { return failed.Error() }})
		}
		if sure := !t.policy.MaybeWanted(f.Ticket); sure && c.UseCase != "" {
			list.list = append(list.list, check{line: one.line, what: "prefilter", want: "maybe wanted", got: func() string { return "surely unwanted" }})
		}
		t.run(one, "intake", name, list.list)
	}
}

func expectIntake(v value, list *checks, c *Classification) {
	v.object("expect", keys{
		"use_case":  list.word("use_case", func() string { return useCaseOrNone(c.UseCase) }),
		"rule":      list.word("rule", func() string { return c.Rule }),
		"mode":      list.word("mode", func() string { return string(c.Mode) }),
		"subject":   list.word("subject", func() string { return c.Subject }),
		"reason":    list.word("reason", func() string { return c.Reason }),
		"effective": list.word("effective", func() string { return effectiveWord(c) }),
		"emergency": list.flag("emergency", func() bool { return c.Emergency }),
		"emergency_refused": list.flag("emergency_refused", func() bool {
			return c.EmergencyRefused != ""
		}),
		"missing": list.words("missing", func() []string {
			var names []string
			for _, m := range c.Missing {
				names = append(names, m.Field)
			}
			return names
		}),
		"items": list.words("items", func() []string { return itemWords(c.Items) }),
		"reset": list.words("reset", func() []string { return resetWords(c) }),
		"unsure": list.flag("unsure", func() bool {
			return c.Reset != nil && c.Reset.Unsure != ""
		}),
		"attested": list.flag("attested", func() bool { return c.Reset != nil && c.Reset.Attested }),
		"fields": func(v value) {
			for _, e := range v.entries("fields") {
				want := e.value.free(e.key)
				list.add(e.at, "field "+e.key, fmt.Sprint(want), func() string {
					got, there := c.Fields[e.key]
					if !there {
						return fmt.Sprintf("nothing (the fields are %v)", slices.Sorted(maps.Keys(c.Fields)))
					}
					return fmt.Sprint(got)
				})
			}
		},
	})
}

// resetWords writes what is to be reset as a test does: password, "factor push".
func resetWords(c *Classification) []string {
	if c.Reset == nil {
		return nil
	}
	var words []string
	for _, kind := range c.Reset.Kinds {
		word := string(kind)
		if kind == casework.ResetOneFactor {
			word += " " + strings.Join(c.Reset.Types, " ")
		}
		words = append(words, word)
	}
	return words
}

func effectiveWord(c *Classification) string {
	if !c.EffectiveAt.IsZero() {
		return c.EffectiveAt.UTC().Format("2006-01-02T15:04Z")
	}
	return c.LocalEffective
}

// routes runs cases of approval routing.
func (t *testFile) routes(v value) {
	for _, one := range v.items("routes") {
		f := RouteFacts{Now: testNow()}
		var name string
		var r Route
		var failed error
		var list checks
		one.object("a routing case", keys{
			"name":        func(v value) { name = v.text() },
			"use_case":    func(v value) { f.UseCase = v.useCase() },
			"ticket":      func(v value) { f.Ticket = v.ticketFacts() },
			"requester":   func(v value) { f.Requester = v.personFacts("requester") },
			"subject":     func(v value) { f.Subject = v.personFacts("subject") },
			"fields":      func(v value) { f.Fields = v.dict() },
			"protected":   func(v value) { f.Protected = v.flag() },
			"emergency":   func(v value) { f.Emergency = v.flag() },
			"break_glass": func(v value) { f.BreakGlass = v.flag() },
			"now":         func(v value) { f.Now = v.instant() },
			"item": func(v value) {
				item, known := t.policy.Item(v.text())
				if !known {
					v.problem("catalogue.yaml has no item %s", v.shown())
				}
				f.Item = &item
			},
			"expect": func(v value) { expectRoute(v, &list, &r, &failed) },
		}, "name", "use_case", "expect")
		r, failed = t.policy.Route(f)
		t.run(one, "route", name, list.list)
	}
}

func expectRoute(v value, list *checks, r *Route, failed *error) {
	v.object("expect", keys{
		"route": list.word("route", func() string {
			if *failed != nil {
				return (*failed).Error()
			}
			return r.Name
		}),
		"error":         list.flag("error", func() bool { return *failed != nil }),
		"mode":          list.word("mode", func() string { return string(r.Mode) }),
		"stage_reached": list.flag("stage_reached", func() bool { return r.StageReached }),
		"allow_repeat":  list.flag("allow_repeat", func() bool { return r.AllowRepeat }),
		"tell":          list.word("tell", func() string { return whoWords(r.Tell) }),
		"ban":           list.words("ban", func() []string { return r.BanExtra }),
		"levels":        list.words("levels", func() []string { return levelWords(r.Levels) }),
		"calendar":      list.word("calendar", func() string { return calendarWords(r.Levels) }),
	})
}

// levelWords writes a chain as a test does: "Manager: manager = everyone of manager".
func levelWords(levels []RouteLevel) []string {
	var list []string
	for _, l := range levels {
		var groups []string
		for _, g := range l.Groups {
			rule := string(g.Rule)
			if g.Need > 0 {
				rule = fmt.Sprintf("%s %d", rule, g.Need)
			}
			groups = append(groups, fmt.Sprintf("%s = %s of %s", g.Name, rule, whoWords(g.Who)))
		}
		list = append(list, l.Name+": "+strings.Join(groups, "; "))
	}
	return list
}

func whoWords(who []Approvers) string {
	var words []string
	for _, a := range who {
		word := string(a.Kind)
		if a.Field != "" {
			word += " " + a.Field + ","
		}
		if a.Value != "" {
			word += " " + a.Value
		}
		if len(a.Fallback) > 0 {
			word += " or " + whoWords(a.Fallback)
		}
		words = append(words, word)
	}
	return strings.Join(words, ", ")
}

// guards runs cases of protection, holds and the keep-list.
func (t *testFile) guards(v value) {
	for _, one := range v.items("guards") {
		var name, group, why string
		var person identity.Person
		var grant identity.Grant
		now := testNow()
		var list checks
		note := func(reason string, is bool) bool {
			if is {
				why = reason
			}
			return is
		}
		one.object("a guard case", keys{
			"name":   func(v value) { name = v.text() },
			"person": func(v value) { person = v.personFacts("person").Person },
			"group":  func(v value) { group = v.text() },
			"grant":  func(v value) { grant = v.grantFacts() },
			"now":    func(v value) { now = v.instant() },
			"expect": func(v value) {
				v.object("expect", keys{
					"protected_account": list.flag("protected_account", func() bool {
						got, is := t.policy.ProtectedAccount(person)
						return note(got.Why, is)
					}),
					"protected_group": list.flag("protected_group", func() bool {
						got, is := t.policy.ProtectedGroup(group)
						return note(got.Why, is)
					}),
					"legal_hold": list.flag("legal_hold", func() bool {
						got, is := t.policy.LegalHold(person, now)
						return note(got.Why, is)
					}),
					"kept": list.flag("kept", func() bool {
						got, is := t.policy.Keep(person, grant, now)
						return note(got.Why, is)
					}),
				})
				// why comes after the answers it explains, wherever it stands.
			},
			"why": list.part("why", func() string { return why }),
		}, "name", "expect")
		slices.SortStableFunc(list.list, func(a, b check) int {
			return strings.Compare(last(a.what), last(b.what))
		})
		t.run(one, "guard", name, list.list)
	}
}

// last orders the check of the reason behind the checks that find it.
func last(what string) string {
	if what == "why" {
		return "1"
	}
	return "0"
}
