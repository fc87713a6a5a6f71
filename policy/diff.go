package policy

import (
	"cmp"
	"slices"

	"latchkey/casework"
	"latchkey/identity"
)

// Diff compares two policies over a population that is read person by person. It keeps groups and counts, never the
// people: its memory does not grow with the population. Not safe for concurrent use.
type Diff struct {
	before, after *Policy
	names         int
	people        int
	affected      int
	groups        map[accessKey]*AccessChange
	trouble       map[troubleKey]*RuleTrouble
}

// DiffReport says what another policy would change.
type DiffReport struct {
	Before      string         `json:"before"` // digests
	After       string         `json:"after"`
	People      int            `json:"people"`           // who were looked at
	Affected    int            `json:"affected"`         // of them, whose birthright would be another
	Access      []AccessChange `json:"access,omitempty"` // gains, losses, then what cannot be said
	Unevaluated []RuleTrouble  `json:"unevaluated,omitempty"`
	Modes       []ModeChange   `json:"modes,omitempty"`
	Parts       []PartChange   `json:"parts,omitempty"`
}

// AccessChange is one entitlement that people would gain or lose, by the rule that gives it or gave it.
type AccessChange struct {
	Effect Effect     `json:"effect"`
	Kind   string     `json:"kind"`
	Name   string     `json:"name"`
	ID     string     `json:"id,omitempty"`
	Rule   string     `json:"rule"`
	Reason string     `json:"reason"`
	People int        `json:"people"`
	First  []Somebody `json:"first,omitempty"`
}

// Effect is what a policy does to somebody's birthright.
type Effect string

// The effects. Unclear is what one policy gives and the other may give as well, by a rule that cannot be evaluated for
// the person.
const (
	EffectGain    Effect = "gain"
	EffectLose    Effect = "lose"
	EffectUnclear Effect = "unclear"
)

// Somebody is one of the people whom a change is about.
type Somebody struct {
	Name  string `json:"name"`
	Login string `json:"login,omitempty"`
}

// RuleTrouble is a birthright rule that cannot be evaluated for some people.
type RuleTrouble struct {
	Policy string `json:"policy"` // before or after
	Rule   string `json:"rule"`
	Why    string `json:"why"` // of the first of them
	People int    `json:"people"`
}

// ModeChange is a use case that would go over to another mode.
type ModeChange struct {
	UseCase casework.UseCase `json:"use_case"`
	Before  casework.Mode    `json:"before"`
	After   casework.Mode    `json:"after"`
}

type accessKey struct {
	effect   Effect
	kind     identity.Kind
	id, name string
	rule     string
}

type troubleKey struct{ policy, rule string }

// NewDiff begins a comparison. Of the people of each change it names the first few.
func NewDiff(before, after *Policy, names int) *Diff {
	return &Diff{
		before: before, after: after, names: names, groups: map[accessKey]*AccessChange{}, trouble: map[troubleKey]*RuleTrouble{},
	}
}

// People is how many have been looked at.
func (d *Diff) People() int { return d.people }

// Add looks at one person.
func (d *Diff) Add(person PersonFacts) {
	d.people++
	had, hadFailed := d.before.rights(person)
	gets, getsFailed := d.after.rights(person)
	d.note("before", hadFailed)
	d.note("after", getsFailed)
	changed := d.compare(EffectGain, gets, had, hadFailed, person)
	if d.compare(EffectLose, had, gets, getsFailed, person) || changed {
		d.affected++
	}
}

// compare files what is in one list and not in the other.
func (d *Diff) compare(effect Effect, in, other []casework.Right, failed []failedRule, person PersonFacts) (changed bool) {
	for _, r := range in {
		same := func(o identity.Entitlement) bool { return sameEntitlement(o, r.Entitlement) }
		if slices.ContainsFunc(other, func(o casework.Right) bool { return same(o.Entitlement) }) {
			continue
		}
		is := effect
		if slices.ContainsFunc(failed, func(f failedRule) bool { return slices.ContainsFunc(f.rule.gives, same) }) {
			is = EffectUnclear
		}
		changed = true
		e := r.Entitlement
		key := accessKey{effect: is, kind: e.Kind, id: e.ID, name: e.Name, rule: r.Rule}
		g, there := d.groups[key]
		if !there {
			g = &AccessChange{Effect: is, Kind: string(e.Kind), Name: e.Name, ID: e.ID, Rule: r.Rule, Reason: r.Reason}
			d.groups[key] = g
		}
		if g.People++; len(g.First) < d.names {
			g.First = append(g.First, Somebody{Name: person.Person.DisplayName(), Login: person.Person.Login})
		}
	}
	return changed
}

func (d *Diff) note(policy string, failed []failedRule) {
	for _, f := range failed {
		key := troubleKey{policy: policy, rule: f.rule.name}
		t, there := d.trouble[key]
		if !there {
			t = &RuleTrouble{Policy: policy, Rule: f.rule.name, Why: f.err.Error()}
			d.trouble[key] = t
		}
		t.People++
	}
}

// Report is what was found so far, largest changes first.
func (d *Diff) Report() DiffReport {
	r := DiffReport{
		Before: d.before.digest, After: d.after.digest, People: d.people, Affected: d.affected,
		Modes: modeChanges(d.before, d.after), Parts: partChanges(d.before.files, d.after.files),
	}
	for _, g := range d.groups {
		r.Access = append(r.Access, *g)
	}
	order := []Effect{EffectGain, EffectLose, EffectUnclear}
	slices.SortFunc(r.Access, func(a, b AccessChange) int {
		return cmp.Or(cmp.Compare(slices.Index(order, a.Effect), slices.Index(order, b.Effect)), cmp.Compare(b.People, a.People),
			cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID), cmp.Compare(a.Rule, b.Rule))
	})
	for _, t := range d.trouble {
		r.Unevaluated = append(r.Unevaluated, *t)
	}
	slices.SortFunc(r.Unevaluated, func(a, b RuleTrouble) int {
		return cmp.Or(-cmp.Compare(a.Policy, b.Policy), cmp.Compare(a.Rule, b.Rule)) // before, then after
	})
	return r
}

// Differs says whether anything would change. Comments and the order of keys change nothing.
func (r DiffReport) Differs() bool { return len(r.Access)+len(r.Modes)+len(r.Parts) > 0 }

func modeChanges(before, after *Policy) []ModeChange {
	var list []ModeChange
	for _, u := range casework.UseCases() {
		if was, is := before.intake.modes[u], after.intake.modes[u]; was != is {
			list = append(list, ModeChange{UseCase: u, Before: was, After: is})
		}
	}
	return list
}
