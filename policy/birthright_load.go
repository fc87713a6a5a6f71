package policy

import (
	"slices"

	"latchkey/casework"
	"latchkey/identity"
)

func loadBirthright(v value, c *compiler) birthright {
	b := birthright{rest: casework.DispositionKeep}
	v.object("birthright.yaml", keys{
		"rules": func(v value) {
			for _, one := range v.items("rules") {
				r := loadBirthRule(one, c)
				if r.name != "" && slices.ContainsFunc(b.rules, func(o *birthRule) bool { return o.name == r.name }) {
					one.problem("a second rule is called %q; give each rule a name of its own", r.name)
				}
				b.rules = append(b.rules, r)
			}
		},
		"beyond": func(v value) {
			v.object("beyond", keys{
				"default": func(v value) { b.rest = v.disposition() },
				"rules": func(v value) {
					for _, one := range v.items("rules") {
						r := loadBeyondRule(one, c)
						if r.name != "" && slices.ContainsFunc(b.beyond, func(o *beyondRule) bool { return o.name == r.name }) {
							one.problem("a second rule of beyond is called %q; give each rule a name of its own", r.name)
						}
						b.beyond = append(b.beyond, r)
					}
				},
			})
		},
	})
	return b
}

func (v value) disposition() casework.Disposition {
	return casework.Disposition(v.oneOf(string(casework.DispositionKeep), string(casework.DispositionRevoke), string(casework.DispositionAsk)))
}

func loadBirthRule(v value, c *compiler) *birthRule {
	r := &birthRule{}
	var groups, apps []identity.Entitlement
	v.object("a birthright rule", keys{
		"name":   func(v value) { r.name = v.text() },
		"when":   func(v value) { r.when = c.compile(v, scopePerson, wantBool) },
		"groups": func(v value) { groups = loadEntitlements(v, "groups", identity.KindGroup) },
		"apps":   func(v value) { apps = loadEntitlements(v, "apps", identity.KindApp) },
		"reason": func(v value) { r.reason = v.text() },
	}, "name", "when", "reason")
	if v.mapping() && len(groups)+len(apps) == 0 {
		v.problem("a birthright rule needs groups or apps: what it gives")
	}
	r.gives = slices.Concat(groups, apps) // by group first: Okta's apps endpoints have the scarcest budget
	return r
}

// loadEntitlements reads a list of names, or of {name: Name, id: ID}, each named once.
func loadEntitlements(v value, what string, kind identity.Kind) []identity.Entitlement {
	var list []identity.Entitlement
	for _, one := range v.items(what) {
		e := loadEntitlement(one, kind)
		if slices.ContainsFunc(list, func(o identity.Entitlement) bool { return sameEntitlement(o, e) }) {
			one.problem("%s is named twice", quote(e.Name))
			continue
		}
		list = append(list, e)
	}
	return list
}

func loadBeyondRule(v value, c *compiler) *beyondRule {
	r := &beyondRule{}
	v.object("a rule of beyond", keys{
		"name":   func(v value) { r.name = v.text() },
		"when":   func(v value) { r.when = c.compile(v, scopeGrant, wantBool) },
		"then":   func(v value) { r.then = v.disposition() },
		"reason": func(v value) { r.reason = v.text() },
	}, "name", "then", "reason")
	return r
}
