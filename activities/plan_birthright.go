package activities

import (
	"context"
	"fmt"
	"slices"

	"latchkey/casework"
	"latchkey/clients/okta"
	"latchkey/identity"
	"latchkey/policy"
)

// birthrightReader works out for one plan what a person's attributes give, by policy and by Okta's group rules. What was
// looked up once is not looked up again.
type birthrightReader struct {
	okta   *Okta
	policy *policy.Policy
	rules  []okta.GroupRule
	found  map[string]identity.Entitlement // by kind and name
	groups map[string]identity.Entitlement // by ID
	notes  []string
}

func (o *Okta) birthright(p *policy.Policy) *birthrightReader {
	return &birthrightReader{okta: o, policy: p, found: map[string]identity.Entitlement{}, groups: map[string]identity.Entitlement{}}
}

// rights is policy's birthright for a person, looked up in Okta. What Okta does not have keeps an empty ID.
func (b *birthrightReader) rights(ctx context.Context, person identity.Person) ([]casework.Right, error) {
	rights, err := b.policy.Birthright(policy.PersonFacts{Person: person, Active: true})
	if err != nil {
		return nil, problemf(casework.Invalid, "birthright.yaml cannot be evaluated for this person: %v", err)
	}
	for i, right := range rights {
		if right.Entitlement.ID != "" {
			continue
		}
		if rights[i].Entitlement, err = b.lookUp(ctx, right.Entitlement); err != nil {
			return nil, err
		}
		if err := beat(ctx, right.Entitlement.Name); err != nil {
			return nil, err
		}
	}
	return rights, nil
}

// lookUp finds what a name of policy stands for, where there is exactly one that can be given by name.
func (b *birthrightReader) lookUp(ctx context.Context, e identity.Entitlement) (identity.Entitlement, error) {
	key := string(e.Kind) + " " + e.Name
	if known, ok := b.found[key]; ok {
		return known, nil
	}
	a := accessPlanner{okta: b.okta, policy: b.policy}
	matches, err := a.resolve(ctx, e)
	if err != nil {
		return e, err
	}
	switch {
	case len(matches) == 1 && matches[0].Refused == "":
		e = matches[0].Entitlement
	case len(matches) == 1:
		b.notes = append(b.notes, fmt.Sprintf("Policy's birthright names %s, and %s.", e.Label(), matches[0].Refused))
	case len(matches) > 1:
		b.notes = append(b.notes, fmt.Sprintf("Policy's birthright names %s, and Okta has %d of that name; name it by its ID.", e.Label(), len(matches)))
	}
	b.found[key] = e
	return e, nil
}

// readRules reads the group rules once: afresh for an account that exists, because a change of a moment ago may have put
// it on an exclusion list.
func (b *birthrightReader) readRules(ctx context.Context, account string) error {
	if b.rules != nil {
		return nil
	}
	read := b.okta.Client.ListRules
	if account == "" {
		read = b.okta.knownRules
	}
	rules, err := read(ctx)
	b.rules = rules
	return err
}

// ruled is what the active group rules say of a person as they are and as they will be.
type ruled struct {
	gives    []casework.RuleGrant // the rule takes hold of who the person will be
	gains    []casework.RuleGrant // and did not before
	losses   []casework.RuleGrant // the rule lets go of who the person was
	excluded []casework.RuleGrant // the rule would give it and passes this account over
	returns  []casework.RuleGrant // the rule takes hold of who the person is now
}

// predict says what group rules do with a profile change. A condition that is more than plain comparisons cannot be
// predicted: it is said, and read back in the end. An exclusion by group is left to Okta.
func (b *birthrightReader) predict(ctx context.Context, before, after identity.Person) (ruled, error) {
	var r ruled
	if err := b.readRules(ctx, after.OktaUserID); err != nil {
		return r, err
	}
	for _, rule := range b.rules {
		if rule.Status != okta.RuleActive {
			continue
		}
		was, will := ruleHolds(rule.Expression, before), ruleHolds(rule.Expression, after)
		if was == ruleUnknown || will == ruleUnknown {
			b.notes = append(b.notes, fmt.Sprintf("What group rule %s will do cannot be predicted; its groups are read back.", rule.Name))
			continue
		}
		passed := after.OktaUserID != "" && slices.Contains(rule.ExcludedUserIDs, after.OktaUserID)
		for _, id := range rule.GroupIDs {
			if was == ruleNo && will == ruleNo {
				continue
			}
			group, err := b.group(ctx, id)
			if err != nil {
				return r, err
			}
			grant := casework.RuleGrant{Group: group, Rule: identity.Ref{ID: rule.ID, Name: rule.Name}, Because: rule.Expression}
			switch {
			case passed && will == ruleYes:
				r.excluded = append(r.excluded, grant)
			case passed:
			case will == ruleYes:
				r.gives = append(r.gives, grant)
				if was != ruleYes {
					r.gains = append(r.gains, grant)
				}
			default:
				r.losses = append(r.losses, grant)
			}
			if was == ruleYes && !passed {
				r.returns = append(r.returns, grant)
			}
		}
	}
	return r, nil
}

// group names a group by its ID. One that is gone keeps its ID as its name.
func (b *birthrightReader) group(ctx context.Context, id string) (identity.Entitlement, error) {
	if known, ok := b.groups[id]; ok {
		return known, nil
	}
	e := identity.Entitlement{Kind: identity.KindGroup, ID: id, Name: id}
	g, err := b.okta.knownGroup(ctx, id)
	switch {
	case goneFromOkta(err):
	case err != nil:
		return e, err
	default:
		e = groupEntitlement(g)
	}
	b.groups[id] = e
	return e, nil
}

// attributesOf lists the attributes that each rule looks at, by rule ID.
func (b *birthrightReader) attributesOf() map[string][]string {
	looks := map[string][]string{}
	for _, rule := range b.rules {
		for _, found := range ruleAttribute.FindAllStringSubmatch(rule.Expression, -1) {
			if !slices.Contains(looks[rule.ID], found[1]) {
				looks[rule.ID] = append(looks[rule.ID], found[1])
			}
		}
	}
	return looks
}

// protectedGroups says why policy gives or takes some groups from nobody, by Entitlement.Key.
func (b *birthrightReader) protectedGroups(lists ...[]identity.Entitlement) map[string]string {
	why := map[string]string{}
	for _, e := range slices.Concat(lists...) {
		if e.Kind != identity.KindGroup {
			continue
		}
		if p, ok := b.policy.ProtectedGroup(e.Name); ok {
			why[e.Key()] = p.Why
		}
	}
	return why
}

// held lists entitlements of grants.
func held(grants []identity.Grant) []identity.Entitlement {
	list := make([]identity.Entitlement, 0, len(grants))
	for _, g := range grants {
		list = append(list, g.Entitlement)
	}
	return list
}

// objects lists entitlements of rights that Okta has.
func objects(rights []casework.Right) []identity.Entitlement {
	var list []identity.Entitlement
	for _, r := range rights {
		if r.Entitlement.ID != "" {
			list = append(list, r.Entitlement)
		}
	}
	return list
}

// groupsOf lists the groups of what rules do.
func groupsOf(grants []casework.RuleGrant) []identity.Entitlement {
	list := make([]identity.Entitlement, 0, len(grants))
	for _, g := range grants {
		list = append(list, g.Group)
	}
	return list
}

// manager finds the manager to be: a usable account in Okta with the address that the ticket names, else policy's
// fallback. Nobody found is a question for the ticket; no address at all is none.
func (b *birthrightReader) manager(ctx context.Context, facts policy.ProfileFacts, fallback string) (policy.PersonFacts, []casework.Missing, error) {
	asked := b.policy.ManagerAddress(facts)
	for _, address := range []string{asked, fallback} {
		if address == "" {
			continue
		}
		found, err := b.okta.Client.FindUsersByEmail(ctx, address)
		if err != nil {
			return policy.PersonFacts{}, nil, err
		}
		chosen, _ := pick(found)
		if len(chosen) == 1 && identity.UserStatus(chosen[0].Status).CanSignIn() {
			if address != asked && asked != "" {
				b.notes = append(b.notes, "The manager on the ticket has no usable account in Okta; policy's fallback stands in.")
			}
			return policy.PersonFacts{Person: personOf(chosen[0]), Active: true}, nil, nil
		}
	}
	if asked == "" {
		return policy.PersonFacts{}, nil, nil
	}
	why := "has no usable account in Okta"
	if fallback != "" {
		why += ", and neither has policy's fallback"
	}
	return policy.PersonFacts{}, []casework.Missing{{Field: "manager", Label: "Manager", Why: why}}, nil
}
