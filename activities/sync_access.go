package activities

import (
	"context"
	"slices"
	"strings"

	"latchkey/casework"
	"latchkey/clients/okta"
	"latchkey/identity"
	"latchkey/policy"
)

// accessEffect is what a profile change does to what somebody may do, in words for people.
type accessEffect struct {
	gains, loses, unsure []string
}

func (e accessEffect) any() bool { return len(e.gains)+len(e.loses)+len(e.unsure) > 0 }

// shrinks says whether something may be taken away.
func (e accessEffect) shrinks() bool { return len(e.loses)+len(e.unsure) > 0 }

func (e accessEffect) words() string {
	var parts []string
	for _, part := range []struct {
		verb string
		what []string
	}{{"gives", e.gains}, {"takes", e.loses}, {"may change", e.unsure}} {
		if len(part.what) > 0 {
			parts = append(parts, part.verb+" "+strings.Join(part.what, ", "))
		}
	}
	return strings.Join(parts, "; ")
}

// effect foretells what some values would change, by policy's birthright and by Okta's group rules. It looks nothing up
// beyond the rules themselves: names are enough to know whether something changes.
func (b *birthrightReader) effect(ctx context.Context, person identity.Person, values map[string]any) (accessEffect, error) {
	var e accessEffect
	after := policy.Become(person, values)
	was, wasErr := b.policy.Birthright(policy.PersonFacts{Person: person, Active: true})
	will, willErr := b.policy.Birthright(policy.PersonFacts{Person: after, Active: true})
	if (wasErr == nil) != (willErr == nil) {
		e.unsure = append(e.unsure, "birthright, which cannot be evaluated for both values")
	}
	e.gains, e.loses = lacking(will, was), lacking(was, will)
	if err := b.readRules(ctx, after.OktaUserID); err != nil {
		return e, err
	}
	for _, rule := range b.rules {
		if rule.Status != okta.RuleActive || !looksAt(rule.Expression, values) {
			continue
		}
		name := "what group rule " + rule.Name + " gives"
		switch before, then := ruleHolds(rule.Expression, person), ruleHolds(rule.Expression, after); {
		case before == ruleUnknown || then == ruleUnknown:
			e.unsure = append(e.unsure, name)
		case before == then:
		case then == ruleYes:
			e.gains = append(e.gains, name)
		default:
			e.loses = append(e.loses, name)
		}
	}
	return e, nil
}

// lacking lists the labels of rights that the others do not have.
func lacking(rights, others []casework.Right) []string {
	var labels []string
	for _, r := range rights {
		same := func(o casework.Right) bool { return o.Entitlement == r.Entitlement }
		if !slices.ContainsFunc(others, same) {
			labels = append(labels, r.Entitlement.Label())
		}
	}
	return labels
}

// looksAt says whether a rule's condition mentions one of the attributes.
func looksAt(expression string, values map[string]any) bool {
	for _, found := range ruleAttribute.FindAllStringSubmatch(expression, -1) {
		if _, is := values[found[1]]; is {
			return true
		}
	}
	return false
}

// judge decides about each value that would be written to Okta: whether it changes what the person may do. Values that
// change it only together are all judged so.
func (b *birthrightReader) judge(ctx context.Context, access policy.SyncAccess, user okta.User, drifts []casework.Drift) error {
	person := personOf(user)
	all := map[string]any{}
	for _, d := range casework.Writes(drifts, casework.SideOkta) {
		all[d.Attribute.Okta] = oktaValue(user, d)
	}
	if len(all) == 0 {
		return nil
	}
	together, err := b.effect(ctx, person, all)
	if err != nil || !together.any() {
		return err
	}
	effects, found := map[string]accessEffect{}, false
	for name, value := range all {
		one, err := b.effect(ctx, person, map[string]any{name: value})
		if err != nil {
			return err
		}
		effects[name], found = one, found || one.any()
	}
	for i := range drifts {
		d := &drifts[i]
		if d.Kind != casework.DriftWrite || d.Attribute.Target() != casework.SideOkta {
			continue
		}
		e := effects[d.Attribute.Okta]
		if !found {
			e = together
		}
		switch {
		case !e.any():
		case access == policy.AccessRoleChange:
			d.Kind, d.Why = casework.DriftRoleChange, "it changes what the person may do: it "+e.words()
		default:
			d.Shrinks, d.Why = e.shrinks(), "it "+e.words()
		}
	}
	return nil
}

// oktaValue is the value to set, of the type that the attribute has: nil clears.
func oktaValue(user okta.User, d casework.Drift) any {
	if d.Wanted == "" {
		return nil
	}
	return typedAs(user.Profile[d.Attribute.Okta], d.Wanted)
}
