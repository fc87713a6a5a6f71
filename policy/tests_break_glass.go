package policy

import (
	"latchkey/casework"
)

// breakGlass runs cases of who is granted what at once, and for how long.
func (t *testFile) breakGlass(v value) {
	for _, one := range v.items("break_glass") {
		f := IntakeFacts{Now: testNow()}
		item := casework.Item{Key: "1"}
		var name, reason string
		var got BreakGlassAnswer
		var list checks
		one.object("a break-glass case", keys{
			"name": func(v value) { name = v.text() },
			"item": func(v value) {
				item.Catalogue = v.text()
				if _, known := t.policy.Item(item.Catalogue); !known && v.drawn == nil {
					v.problem("catalogue.yaml has no item %s", v.shown())
				}
			},
			"ticket":    func(v value) { f.Ticket = v.ticketFacts() },
			"requester": func(v value) { f.Requester = v.personFacts("requester") },
			"for":       func(v value) { item.Beneficiary = v.address() },
			"from":      func(v value) { item.From = v.instant().Format(localLayout) },
			"reason":    func(v value) { reason = v.text() },
			"now":       func(v value) { f.Now = v.instant() },
			"expect": func(v value) {
				v.object("expect", keys{
					"granted":      list.flag("granted at once", func() bool { return got.Glass != nil }),
					"marked":       list.flag("marked", func() bool { return got.Marked }),
					"refused":      list.part("refused", func() string { return got.Refused }),
					"because":      list.part("because", func() string { return glassWhy(got) }),
					"for":          list.word("for", func() string { return glassFor(got) }),
					"needs_reason": list.flag("needs_reason", func() bool { return got.Reason }),
				})
			},
		}, "name", "item", "requester", "expect")
		if item.Beneficiary == "" {
			item.Beneficiary = f.Requester.Person.Email
		}
		got = t.policy.BreakGlass(f, item, reason)
		t.run(one, "break-glass", name, list.list)
	}
}

func glassWhy(a BreakGlassAnswer) string {
	if a.Glass == nil {
		return ""
	}
	return a.Glass.Why
}

func glassFor(a BreakGlassAnswer) string {
	if a.Glass == nil {
		return ""
	}
	return casework.Span(a.Glass.For)
}
