package policy

import (
	"slices"

	"latchkey/casework"
	"latchkey/identity"
)

// DutyConflicts lists the pairs of duties.yaml of which both halves are held, in the order of the file. A pair that
// names an ID is found by it; names are compared whatever the case. The entitlements of the answer are the held ones.
func (p *Policy) DutyConflicts(held []identity.Entitlement) []casework.DutyConflict {
	var found []casework.DutyConflict
	for _, d := range p.duties {
		one, hasOne := holding(held, d.One)
		other, hasOther := holding(held, d.Other)
		if hasOne && hasOther {
			conflict := d
			conflict.One, conflict.Other = one, other
			found = append(found, conflict)
		}
	}
	return found
}

// DutyPartners lists the other halves of the pairs that an entitlement is one half of, in the order of the file.
func (p *Policy) DutyPartners(e identity.Entitlement) []identity.Entitlement {
	var others []identity.Entitlement
	for _, d := range p.duties {
		if sameEntitlement(e, d.One) {
			others = append(others, d.Other)
		}
		if sameEntitlement(e, d.Other) {
			others = append(others, d.One)
		}
	}
	return others
}

func holding(held []identity.Entitlement, wanted identity.Entitlement) (identity.Entitlement, bool) {
	at := slices.IndexFunc(held, func(h identity.Entitlement) bool { return sameEntitlement(h, wanted) })
	if at < 0 {
		return identity.Entitlement{}, false
	}
	return held[at], true
}

// loadDuties reads duties.yaml: the pairs that one person should not hold together.
func loadDuties(v value) []casework.DutyConflict {
	var pairs []casework.DutyConflict
	v.object("duties.yaml", keys{"pairs": func(v value) {
		for _, one := range v.items("pairs") {
			d := loadPair(one)
			if d.Name != "" && slices.ContainsFunc(pairs, func(o casework.DutyConflict) bool { return o.Name == d.Name }) {
				one.problem("a second pair is called %q; give each pair a name of its own", d.Name)
			}
			pairs = append(pairs, d)
		}
	}})
	return pairs
}

func loadPair(v value) casework.DutyConflict {
	var d casework.DutyConflict
	half := func(into *identity.Entitlement) func(value) {
		return func(v value) {
			named := 0
			take := func(kind identity.Kind) func(value) {
				return func(v value) {
					named++
					*into = loadEntitlement(v, kind)
				}
			}
			v.object("half of a pair", keys{"group": take(identity.KindGroup), "app": take(identity.KindApp)})
			if v.mapping() && named != 1 {
				v.problem("half of a pair names one of group and app")
			}
		}
	}
	v.object("a pair", keys{
		"name":  func(v value) { d.Name = v.text() },
		"one":   half(&d.One),
		"other": half(&d.Other),
		"effect": func(v value) {
			d.Effect = casework.ConflictEffect(v.oneOf(string(casework.ConflictRecord), string(casework.ConflictWarn), string(casework.ConflictBlock)))
		},
		"why": func(v value) { d.Why = v.text() },
	}, "name", "one", "other", "effect", "why")
	if sameEntitlement(d.One, d.Other) {
		v.problem("both halves of the pair are %s; a pair is of two different ones", d.One.Label())
	}
	return d
}
