package activities

import (
	"context"
	"fmt"
	"slices"

	"latchkey/casework"
	"latchkey/contract"
	"latchkey/identity"
	"latchkey/policy"
)

// planMover compares what the person holds with what the old and the new attributes give.
func (o *Okta) planMover(ctx context.Context, in contract.PlanInput) (contract.PlanResult, error) {
	address := in.Request.Subject
	if address == "" {
		return contract.PlanResult{End: casework.EndUnknownPerson, Why: "the ticket does not say who moves"}, nil
	}
	found, err := o.Client.FindUsersByEmail(ctx, address)
	if err != nil {
		return contract.PlanResult{}, err
	}
	chosen, _ := pick(found)
	switch len(chosen) {
	case 0:
		return contract.PlanResult{End: casework.EndUnknownPerson, Why: "nobody in Okta has the address " + address}, nil
	case 1:
	default:
		return contract.PlanResult{End: casework.EndSeveralPeople, Why: fmt.Sprintf("%d accounts in Okta have the address %s; say which one is meant", len(chosen), address)}, nil
	}
	holds, err := o.planHoldings(ctx, chosen[0].ID)
	if goneFromOkta(err) {
		return contract.PlanResult{End: casework.EndUnknownPerson, Why: "the account with the address " + address + " was deleted a moment ago"}, nil
	}
	if err != nil {
		return contract.PlanResult{}, err
	}
	p := o.Policy.Current()
	reader := o.birthright(p)
	reader.rules = holds.rules // they were read with the rest
	m := moverPlanner{birthrightReader: reader, in: in, holds: holds}
	return m.plan(ctx)
}

type moverPlanner struct {
	*birthrightReader
	in    contract.PlanInput
	holds holdings
}

func (m *moverPlanner) plan(ctx context.Context) (contract.PlanResult, error) {
	person := m.holds.access.Person
	facts := policy.ProfileFacts{
		UseCase: casework.RoleChange, Fields: m.in.Request.Fields, Subject: policy.PersonFacts{Person: person, Active: true},
	}
	manager, missing, err := m.manager(ctx, facts, "")
	if err != nil {
		return contract.PlanResult{}, err
	}
	facts.Manager = manager
	values, lacking := m.policy.Profile(facts)
	if missing = append(missing, lacking...); len(missing) > 0 {
		return contract.PlanResult{Missing: missing}, nil
	}
	return m.decide(ctx, person, valuesWithout(values, "login")) // a mover keeps the login
}

func (m *moverPlanner) decide(ctx context.Context, person identity.Person, values map[string]any) (contract.PlanResult, error) {
	mover := m.policy.Mover()
	after := policy.Become(person, values)
	facts := casework.MoverFacts{
		Request: m.in.Request, Access: m.holds.access, Profile: changed(values, person.Attributes), Beyond: map[string]casework.Beyond{},
		Overlap: mover.Overlap, PolicyDigest: m.policy.Digest(), Owners: m.policy.Offboarding().ResidualOwner,
	}
	if p, ok := m.policy.ProtectedAccount(person); ok {
		facts.Protected = p.Why
	}
	var err error
	if facts.Old, err = m.rights(ctx, person); err != nil {
		return contract.PlanResult{}, err
	}
	if facts.New, err = m.rights(ctx, after); err != nil {
		return contract.PlanResult{}, err
	}
	rules, err := m.predict(ctx, person, after)
	if err != nil {
		return contract.PlanResult{}, err
	}
	facts.RuleGains, facts.RuleLosses, facts.RuleAttributes = rules.gains, rules.losses, m.attributesOf()
	was := policy.PersonFacts{Person: after, Active: true}
	for _, g := range m.holds.access.All() {
		if g.Entitlement.Kind != identity.KindGroup && g.Entitlement.Kind != identity.KindApp {
			continue
		}
		then, why := m.policy.Beyond(was, g)
		facts.Beyond[g.Entitlement.Key()] = casework.Beyond{Disposition: then, Why: why}
	}
	present := slices.Concat(held(m.holds.access.Groups), held(m.holds.access.Apps))
	will := slices.Concat(objects(facts.New), groupsOf(facts.RuleGains))
	facts.ProtectedGroups = m.protectedGroups(present, will, groupsOf(facts.RuleLosses))
	at, notes, err := effective(m.in, person.TimeZone, mover.DefaultZone)
	if err != nil {
		return contract.PlanResult{}, err
	}
	facts.EffectiveAt = at
	facts.Conflicts = m.policy.DutyConflicts(m.afterwards(facts, present, will))
	d := casework.PlanMover(facts)
	person = discreet(d.Plan.Person)
	if d.End != "" {
		return contract.PlanResult{Person: person, End: d.End, Why: d.Why}, nil
	}
	plan := d.Plan
	plan.Person = person
	plan.Notes = slices.Concat(notes, plan.Notes, m.notes, m.holds.notes)
	plan.Holds = slices.DeleteFunc(will, func(e identity.Entitlement) bool { return facts.ProtectedGroups[e.Key()] != "" })
	return contract.PlanResult{Person: person, Units: []contract.Unit{
		{Key: leaverUnit, Title: "Mover: " + person.DisplayName(), Plan: plan},
	}}, nil
}

// afterwards is what the person holds once the plan was carried out, for the separation of duties: a first look at the
// plan says what goes.
func (m *moverPlanner) afterwards(facts casework.MoverFacts, present, will []identity.Entitlement) []identity.Entitlement {
	goes := map[string]bool{}
	look := casework.PlanMover(facts).Plan
	for _, c := range look.Changes {
		if c.Verb == casework.VerbRemoveMember || c.Verb == casework.VerbUnassignApp {
			goes[c.Object.Key()] = true
		}
	}
	for _, e := range look.Effects {
		if !e.Gives {
			goes[e.Object.Key()] = true
		}
	}
	return slices.DeleteFunc(slices.Concat(present, will), func(e identity.Entitlement) bool { return goes[e.Key()] })
}

// changed keeps the values that differ from what the profile says now.
func changed(values, now map[string]any) map[string]any {
	differ := map[string]any{}
	for name, value := range values {
		if !sameValue(value, now[name]) {
			differ[name] = value
		}
	}
	return differ
}
