package policy

import (
	"math"
	"strings"
	"time"

	"latchkey/identity"
)

// guards is guards.yaml.
type guards struct {
	accounts   []accountGuard
	groups     []groupGuard
	approvers  []string
	need       int
	holds      []holdGuard
	keep       []keepGuard
	mass       MassChange
	lastAdmins int
}

// whose names a person: by one of the identifiers, or by an expression.
type whose struct {
	login, email, oktaID string
	when                 *expr
	named                bool // one of them was written, right or wrong
}

type accountGuard struct {
	whose
	Protection
}

type groupGuard struct {
	pattern string // lower case, * stands for anything
	Protection
}

type holdGuard struct {
	whose
	Protection
	until time.Time
}

type keepGuard struct {
	kind     identity.Kind // empty with pattern "*" is everything
	id, name string        // name in lower case, * stands for anything
	when     *expr
	Protection
	until time.Time
}

func loadGuards(v value, c *compiler) guards {
	g := guards{lastAdmins: 2, need: 2, mass: MassChange{People: 20, Percent: 2, Window: time.Hour}}
	v.object("guards.yaml", keys{
		"last_admins": func(v value) { g.lastAdmins = v.whole(1, math.MaxInt) },
		"protected":   func(v value) { loadProtected(v, c, &g) },
		"legal_hold": func(v value) {
			for _, one := range v.items("legal_hold") {
				g.holds = append(g.holds, loadHold(one, c))
			}
		},
		"keep": func(v value) {
			for _, one := range v.items("keep") {
				g.keep = append(g.keep, loadKeep(one, c))
			}
		},
		"mass_change": func(v value) {
			v.object("mass_change", keys{
				"people":  func(v value) { g.mass.People = v.whole(1, math.MaxInt) },
				"percent": func(v value) { g.mass.Percent = v.number(0, 100) },
				"window": func(v value) {
					if v.draws(positiveLeaf()) {
						return
					}
					d, ok := parseSpan(v.raw())
					if g.mass.Window = d; !ok || d < time.Minute {
						v.problem("has to be a duration of 1m or more, such as 1h, found %s", v.kind())
					}
				},
				"ask": func(v value) { g.mass.Ask = v.text() },
			})
		},
	})
	return g
}

func loadProtected(v value, c *compiler, g *guards) {
	v.object("protected", keys{
		"accounts": func(v value) {
			for _, one := range v.items("accounts") {
				var a accountGuard
				known := whoseKeys(&a.whose, c)
				protectionKeys(known, &a.Protection)
				one.object("a protected account", known, "why", "who")
				a.check(one)
				g.accounts = append(g.accounts, a)
			}
		},
		"groups": func(v value) {
			for _, one := range v.items("groups") {
				var p groupGuard
				known := keys{"name": func(v value) { p.pattern = strings.ToLower(v.text()) }}
				protectionKeys(known, &p.Protection)
				one.object("a protected group", known, "name", "why", "who")
				g.groups = append(g.groups, p)
			}
		},
		"approvers": func(v value) {
			v.object("approvers", keys{
				"people": func(v value) { g.approvers = v.addresses("people") },
				"need":   func(v value) { g.need = v.whole(2, math.MaxInt) },
			}, "people")
			if v.mapping() && len(g.approvers) < g.need {
				v.problem("approvers names %d people and needs %d: a protected leaver waits for that many different ones", len(g.approvers), g.need)
			}
		},
	})
}

func loadHold(v value, c *compiler) holdGuard {
	var h holdGuard
	known := whoseKeys(&h.whose, c)
	protectionKeys(known, &h.Protection)
	known["until"] = func(v value) { h.until = v.date() }
	v.object("a legal hold", known, "why", "who")
	h.check(v)
	return h
}

func loadKeep(v value, c *compiler) keepGuard {
	var k keepGuard
	named := 0
	object := func(kind identity.Kind) func(value) {
		return func(v value) {
			named++
			e := loadEntitlement(v, kind)
			k.kind, k.id, k.name = kind, e.ID, strings.ToLower(e.Name)
		}
	}
	conditional := false
	known := keys{
		"group": object(identity.KindGroup),
		"app":   object(identity.KindApp),
		"role":  object(identity.KindRole),
		"when":  func(v value) { k.when, conditional = c.compile(v, scopeGrant, wantBool), true },
		"until": func(v value) { k.until = v.date() },
	}
	protectionKeys(known, &k.Protection)
	v.object("an entry of keep", known, "why", "who")
	if v.mapping() && (named > 1 || named == 0 && !conditional) {
		v.problem("an entry of keep names one of group, app and role, or has when: which grants are kept")
	}
	return k
}

func whoseKeys(w *whose, c *compiler) keys {
	return keys{
		"login":   func(v value) { w.login, w.named = v.text(), true },
		"email":   func(v value) { w.email, w.named = v.address(), true },
		"okta_id": func(v value) { w.oktaID, w.named = v.text(), true },
		"when":    func(v value) { w.when, w.named = c.compile(v, scopePerson, wantBool), true },
	}
}

func protectionKeys(known keys, p *Protection) {
	known["why"] = func(v value) { p.Why = v.text() }
	known["who"] = func(v value) { p.Who = v.text() }
}

func (w whose) check(v value) {
	if v.mapping() && !w.named {
		v.problem("an entry names whom it is about: login, email, okta_id or when (an expression over person)")
	}
}
