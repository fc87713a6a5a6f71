package policy

import (
	"slices"
	"strings"

	"latchkey/casework"
	"latchkey/identity"
)

// Explanation is everything that policy says of one entitlement for one person.
type Explanation struct {
	Entitlement identity.Entitlement
	Birthright  []ExplainedRule // the rules that name it, in the order of the file
	Items       []CatalogueItem // what can be asked for and grants it
	Protected   Protection      // of the group; empty Why: it is not protected
	Duties      []casework.DutyConflict
	// Beyond is what becomes of it when a mover holds it outside birthright, and why.
	Beyond    casework.Disposition
	BeyondWhy string
}

// ExplainedRule is one birthright rule, and what it says of the person.
type ExplainedRule struct {
	Name    string
	Reason  string
	When    string // the condition as it is written
	Gives   bool
	Problem string // why it cannot be evaluated for this person; empty where it can
}

// Given says whether any rule gives the entitlement by birthright.
func (e Explanation) Given() bool {
	return slices.ContainsFunc(e.Birthright, func(r ExplainedRule) bool { return r.Gives })
}

// Explain says what policy makes of an entitlement for a person: which birthright rules give it and which do not, what
// can be asked for that grants it, whether it is protected, with what nobody should hold it, and what a mover keeps.
func (p *Policy) Explain(person PersonFacts, grant identity.Grant) Explanation {
	e := grant.Entitlement
	out := Explanation{Entitlement: e}
	vars := map[string]any{"person": personOf(person)}
	for _, r := range p.birthright.rules {
		if !slices.ContainsFunc(r.gives, func(g identity.Entitlement) bool { return sameEntitlement(g, e) }) {
			continue
		}
		one := ExplainedRule{Name: r.name, Reason: r.reason, When: strings.Join(strings.Fields(r.when.source), " ")}
		holds, err := r.when.holds(vars)
		if one.Gives = holds; err != nil {
			one.Problem = err.Error()
		}
		out.Birthright = append(out.Birthright, one)
	}
	for _, i := range p.catalogue.items {
		if sameEntitlement(i.Entitlement, e) {
			out.Items = append(out.Items, i)
		}
	}
	if e.Kind == identity.KindGroup {
		out.Protected, _ = p.ProtectedGroup(e.Name)
	}
	for _, d := range p.duties {
		if sameEntitlement(d.One, e) || sameEntitlement(d.Other, e) {
			out.Duties = append(out.Duties, d)
		}
	}
	out.Beyond, out.BeyondWhy = p.Beyond(person, grant)
	return out
}

// Known lists what policy knows under a name, each once: by a key, a name or another word of the catalogue, else the
// groups and apps of that name that birthright and duties speak of.
func (p *Policy) Known(name string) []identity.Entitlement {
	var list []identity.Entitlement
	add := func(e identity.Entitlement) {
		if !slices.ContainsFunc(list, func(o identity.Entitlement) bool { return sameEntitlement(o, e) }) {
			list = append(list, e)
		}
	}
	if item, known := p.findItem(name); known {
		add(item.Entitlement)
	}
	named := func(e identity.Entitlement) {
		if strings.EqualFold(strings.TrimSpace(e.Name), strings.TrimSpace(name)) {
			add(e)
		}
	}
	for _, i := range p.catalogue.items {
		named(i.Entitlement)
	}
	for _, r := range p.birthright.rules {
		for _, e := range r.gives {
			named(e)
		}
	}
	for _, d := range p.duties {
		named(d.One)
		named(d.Other)
	}
	return list
}
