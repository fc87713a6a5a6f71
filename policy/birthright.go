package policy

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"latchkey/casework"
	"latchkey/identity"
)

// birthright is birthright.yaml.
type birthright struct {
	rules  []*birthRule
	beyond []*beyondRule
	rest   casework.Disposition // of what no rule of beyond names
}

// birthRule gives access to whoever its condition holds for. Its groups come before its apps.
type birthRule struct {
	name   string
	when   *expr
	gives  []identity.Entitlement
	reason string
}

// beyondRule says what becomes of access that a mover holds outside birthright.
type beyondRule struct {
	name   string
	when   *expr
	then   casework.Disposition
	reason string
}

// Birthright lists what a person's attributes give, in the order of the file, each entitlement once: the first rule that
// gives it is named. A rule whose condition cannot be evaluated for this person gives nothing and is part of the error;
// the list is then what the other rules give, and nothing that is missing from it may be taken away.
func (p *Policy) Birthright(person PersonFacts) ([]casework.Right, error) {
	rights, failed := p.rights(person)
	problems := make([]error, 0, len(failed))
	for _, f := range failed {
		problems = append(problems, fmt.Errorf("birthright.yaml, rule %q: %w", f.rule.name, f.err))
	}
	return rights, errors.Join(problems...)
}

// failedRule is a rule that cannot be evaluated for somebody.
type failedRule struct {
	rule *birthRule
	err  error
}

func (p *Policy) rights(person PersonFacts) (rights []casework.Right, failed []failedRule) {
	vars := map[string]any{"person": personOf(person)}
	for _, r := range p.birthright.rules {
		holds, err := r.when.holds(vars)
		if err != nil {
			failed = append(failed, failedRule{rule: r, err: err})
			continue
		}
		if !holds {
			continue
		}
		for _, e := range r.gives {
			if !slices.ContainsFunc(rights, func(have casework.Right) bool { return sameEntitlement(have.Entitlement, e) }) {
				rights = append(rights, casework.Right{Entitlement: e, Rule: r.name, Reason: r.reason})
			}
		}
	}
	return rights, failed
}

// Beyond says what becomes of a grant that a mover holds and birthright does not give, and why. The first rule that
// holds decides. One that cannot be evaluated asks: neither keeping nor taking is what somebody decided.
func (p *Policy) Beyond(person PersonFacts, g identity.Grant) (casework.Disposition, string) {
	vars := map[string]any{"person": personOf(person), "grant": grantOf(g)}
	for _, r := range p.birthright.beyond {
		holds, err := r.when.holds(vars)
		switch {
		case err != nil:
			return casework.DispositionAsk, r.reason + " (the expression of the rule " + quote(r.name) + " could not be evaluated for this grant, so it is asked)"
		case holds:
			return r.then, r.reason
		}
	}
	return p.birthright.rest, "no rule of policy names it, and what is not named is " + map[casework.Disposition]string{
		casework.DispositionKeep: "kept", casework.DispositionRevoke: "revoked", casework.DispositionAsk: "asked about",
	}[p.birthright.rest]
}

// sameEntitlement compares by Okta's ID where both have one, else by name, whatever the case.
func sameEntitlement(a, b identity.Entitlement) bool {
	if a.Kind != b.Kind {
		return false
	}
	if a.ID != "" && b.ID != "" {
		return a.ID == b.ID
	}
	return a.Name != "" && strings.EqualFold(strings.TrimSpace(a.Name), strings.TrimSpace(b.Name))
}
