package casework

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"latchkey/identity"
)

// RuleGrant is a group that a group rule gives, takes or withholds.
type RuleGrant struct {
	Group   identity.Entitlement
	Rule    identity.Ref
	Because string // for people: "department will be Sales"
}

// rights is birthright, each entitlement once, in an order of its own: groups before apps, then by name and ID.
type rights struct {
	list    []Right
	missing []Right // those that Okta does not have
}

// birthright orders rights. What several rules give is given once, with all their names and reasons.
func birthright(list []Right) rights {
	sorted := slices.SortedFunc(slices.Values(list), func(a, b Right) int {
		return cmp.Or(byEntitlement(a.Entitlement, b.Entitlement), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Reason, b.Reason))
	})
	var r rights
	for _, right := range slices.Compact(sorted) {
		into, is := &r.list, func(other Right) bool { return other.Entitlement.Key() == right.Entitlement.Key() }
		if right.Entitlement.ID == "" {
			into, is = &r.missing, func(other Right) bool { return other.Entitlement == right.Entitlement }
		}
		i := slices.IndexFunc(*into, is)
		if i < 0 {
			*into = append(*into, right)
			continue
		}
		first := &(*into)[i]
		first.Rule, first.Reason = joined(first.Rule, ", ", right.Rule), joined(first.Reason, "; ", right.Reason)
	}
	return r
}

// joined adds a text to a list of texts, unless it is there.
func joined(list, between, text string) string {
	if text == "" || slices.Contains(strings.Split(list, between), text) {
		return list
	}
	if list == "" {
		return text
	}
	return list + between + text
}

// find gives the right to an entitlement.
func (r rights) find(e identity.Entitlement) (Right, bool) {
	i := slices.IndexFunc(r.list, func(right Right) bool { return right.Entitlement.Key() == e.Key() })
	if i < 0 {
		return Right{}, false
	}
	return r.list[i], true
}

func (r rights) has(e identity.Entitlement) bool {
	_, ok := r.find(e)
	return ok
}

// residuals are the rights that cannot be given because Okta has nothing by their name. They are not expected: policy
// or Okta has to be corrected.
func (r rights) residuals(owner string) []Residual {
	var list []Residual
	for _, right := range r.missing {
		list = append(list, Residual{
			Object: right.Entitlement, Owner: owner,
			Why: fmt.Sprintf("Okta has nothing called %q; correct policy's %s, which gives it", right.Entitlement.Name, ruleLabel(right)),
		})
	}
	return list
}

// because is why a right is given, by policy's rule.
func (r Right) because() string {
	why := "birthright by policy's " + ruleLabel(r)
	if r.Reason != "" {
		why += ": " + r.Reason
	}
	return why
}

func ruleLabel(r Right) string {
	if r.Rule == "" {
		return "unnamed rule"
	}
	return "rule " + r.Rule
}

// byEntitlement orders groups before apps before the rest, then by name and ID.
func byEntitlement(a, b identity.Entitlement) int {
	rank := func(k identity.Kind) int {
		return slices.Index([]identity.Kind{identity.KindApp, identity.KindGroup}, k)
	}
	return cmp.Or(-cmp.Compare(rank(a.Kind), rank(b.Kind)), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
}

// ruled is what group rules do, by group.
type ruled map[string][]RuleGrant

// byGroup sorts what rules do by group, in an order of its own within each.
func byGroup(list []RuleGrant) ruled {
	r := ruled{}
	sorted := slices.SortedFunc(slices.Values(list), func(a, b RuleGrant) int {
		return cmp.Or(byEntitlement(a.Group, b.Group), cmp.Compare(a.Rule.ID, b.Rule.ID), cmp.Compare(a.Rule.Name, b.Rule.Name), cmp.Compare(a.Because, b.Because))
	})
	for _, g := range slices.Compact(sorted) {
		r[g.Group.Key()] = append(r[g.Group.Key()], g)
	}
	return r
}

func (r ruled) has(e identity.Entitlement) bool { return len(r[e.Key()]) > 0 }

// groups lists the groups in their order.
func (r ruled) groups() []identity.Entitlement {
	list := make([]identity.Entitlement, 0, len(r))
	for _, g := range r {
		list = append(list, g[0].Group)
	}
	slices.SortFunc(list, byEntitlement)
	return list
}

// refs are the rules that act on a group.
func (r ruled) refs(e identity.Entitlement) []identity.Ref {
	var refs []identity.Ref
	for _, g := range r[e.Key()] {
		refs = append(refs, g.Rule)
	}
	return refs
}

// rules names the rules that act on a group.
func (r ruled) rules(e identity.Entitlement) string { return names(r.refs(e)) }

// because says what the rules do to a group, for people.
func (r ruled) because(e identity.Entitlement) string {
	var why []string
	for _, g := range r[e.Key()] {
		if g.Because != "" {
			why = append(why, g.Because)
		}
	}
	return strings.Join(slices.Compact(why), "; ")
}

// reasoned is a sentence with the reason behind it, if there is one.
func reasoned(sentence, reason string) string {
	if reason == "" {
		return sentence
	}
	return sentence + ": " + reason
}

// byGrant orders what somebody holds, whatever the order in which it was read.
func byGrant(list []identity.Grant) []identity.Grant {
	return slices.SortedFunc(slices.Values(list), func(a, b identity.Grant) int { return byEntitlement(a.Entitlement, b.Entitlement) })
}

// profileUpdate sets what differs, leaving out the attributes that are not to be touched; nil when nothing does.
func profileUpdate(wanted, present map[string]any, except ...string) *Change {
	values := map[string]any{}
	for name, want := range wanted {
		if !slices.Contains(except, name) && !sameAttribute(want, present[name]) {
			values[name] = want
		}
	}
	if len(values) == 0 {
		return nil
	}
	attributes := slices.Sorted(maps.Keys(values))
	list := strings.Join(attributes, ",")
	object := identity.Entitlement{Kind: identity.KindProfile, ID: list, Name: list}
	return &Change{
		ID: ChangeID(VerbUpdateProfile, object), Phase: PhaseProfile, Verb: VerbUpdateProfile, Object: object,
		Before: shown(attributes, present), After: shown(attributes, values), Values: values,
	}
}

// public are the attributes whose values approvers need to read, because they say what somebody does and for whom. No
// other value is shown in words: it may be private.
var public = []string{"costCenter", "department", "division", "organization", "title", "userType"}

func shown(attributes []string, values map[string]any) string {
	list := make([]string, 0, len(attributes))
	for _, name := range attributes {
		switch value := values[name]; {
		case empty(value):
			list = append(list, name+" empty")
		case slices.Contains(public, name):
			list = append(list, fmt.Sprintf("%s %q", name, fmt.Sprint(value)))
		default:
			list = append(list, name+" set")
		}
	}
	return strings.Join(list, ", ")
}

// sameAttribute compares as Okta does: nothing and an empty text are the same.
func sameAttribute(a, b any) bool {
	if empty(a) || empty(b) {
		return empty(a) == empty(b)
	}
	return fmt.Sprint(a) == fmt.Sprint(b)
}

// textOf is an attribute as text; empty when it is not there.
func textOf(profile map[string]any, name string) string {
	if v := profile[name]; !empty(v) {
		return fmt.Sprint(v)
	}
	return ""
}

// ordered puts conflicts into an order of their own.
func ordered(list []DutyConflict) []DutyConflict {
	return slices.SortedFunc(slices.Values(list), func(a, b DutyConflict) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), byEntitlement(a.One, b.One), byEntitlement(a.Other, b.Other))
	})
}

// blocking says why separation of duties stops a plan; empty when it does not.
func blocking(list []DutyConflict) string {
	var why []string
	for _, c := range list {
		if c.Effect == ConflictBlock {
			why = append(why, reasoned(fmt.Sprintf("%s and %s may not be in one hand (policy's %s)", c.One.Label(), c.Other.Label(), c.Name), c.Why))
		}
	}
	return strings.Join(why, "; ")
}

// giving is the change that gives a group or an app by name.
func giving(e identity.Entitlement, reason string) Change {
	c := Change{
		Phase: PhaseGrant, Verb: VerbAddMember, Object: e, Origin: identity.OriginDirect,
		Before: "not a member", After: "member", Inverse: VerbRemoveMember, Reason: reason,
	}
	if e.Kind == identity.KindApp {
		c.Verb, c.Inverse, c.Before, c.After = VerbAssignApp, VerbUnassignApp, "not assigned", "assigned"
	}
	c.ID = ChangeID(c.Verb, e)
	return c
}

// taking is the change that takes a group, an app or a role away.
func taking(phase Phase, g identity.Grant, reason string) Change {
	c := Change{
		Phase: phase, Verb: VerbRemoveMember, Object: g.Entitlement, Origin: g.Origin,
		Before: "member", After: "not a member", Inverse: VerbAddMember, Reason: reason,
	}
	switch g.Entitlement.Kind {
	case identity.KindApp:
		c.Verb, c.Inverse, c.Before, c.After = VerbUnassignApp, VerbAssignApp, "assigned", "not assigned"
	case identity.KindRole:
		c.Verb, c.Inverse, c.Before, c.After = VerbRevokeRole, "", "assigned", "not assigned"
	case identity.KindGroup, identity.KindAccount, identity.KindFactor, identity.KindSession, identity.KindProfile:
	}
	c.ID = ChangeID(c.Verb, g.Entitlement)
	return c
}
