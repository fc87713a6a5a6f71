package activities

import (
	"context"
	"slices"
	"strings"

	"latchkey/casework"
	"latchkey/clients/okta"
	"latchkey/contract"
	"latchkey/identity"
	"latchkey/policy"
)

// accessPlanner plans the requested items of one ticket; people asked for twice are read once.
type accessPlanner struct {
	okta    *Okta
	policy  *policy.Policy
	request casework.Request
	people  map[string]*beneficiary // by lower-case address
}

// beneficiary is who an item is for.
type beneficiary struct {
	found []identity.Person
}

func (a *accessPlanner) unit(ctx context.Context, item casework.Item) (contract.Unit, error) {
	unit := contract.Unit{Key: item.Key, Title: item.Name}
	facts := casework.GrantFacts{
		Request: a.request, Item: item, PolicyDigest: a.policy.Digest(), Zones: []string{a.policy.Offboarding().DefaultZone},
	}
	who, err := a.find(ctx, item.Beneficiary)
	if err != nil {
		return unit, err
	}
	if who != nil {
		facts.Found = who.found
	}
	if len(facts.Found) == 1 {
		unit.Plan.Person = discreet(facts.Found[0])
		unit.Title += " for " + facts.Found[0].DisplayName()
		if protection, ok := a.policy.ProtectedAccount(facts.Found[0]); ok {
			facts.Protected = protection.Why
		}
	}
	entry, known := a.policy.Item(item.Catalogue)
	if known && item.Catalogue != "" {
		facts.Entry = &casework.GrantEntry{Name: entry.Name, Requestable: entry.Requestable, Limit: entry.Limit}
		if facts.Matches, err = a.resolve(ctx, entry.Entitlement); err != nil {
			return unit, err
		}
		facts.ProtectedGroup = a.protectedGroup(facts.Matches)
	}
	if len(facts.Found) == 1 && len(facts.Matches) > 0 {
		if facts.Access, err = a.readAccess(ctx, who, facts.Matches); err != nil {
			return unit, err
		}
		facts.Conflicts = a.conflicts(facts)
	}
	if facts.Standing, err = a.standing(ctx, facts); err != nil {
		return unit, err
	}
	decision := casework.PlanGrant(facts)
	unit.Subject = decision.Object
	if decision.End != "" {
		unit.End, unit.Why = decision.End, decision.Why
		unit.Plan.UseCase, unit.Plan.PolicyDigest = casework.AccessRequest, a.policy.Digest()
		return unit, nil
	}
	unit.Plan = decision.Plan
	unit.Plan.Person = discreet(unit.Plan.Person)
	return unit, nil
}

// find looks a beneficiary up; nil when the item names nobody.
func (a *accessPlanner) find(ctx context.Context, address string) (*beneficiary, error) {
	if address == "" {
		return nil, nil // nobody is named: the planner says so
	}
	key := strings.ToLower(address)
	if b, ok := a.people[key]; ok {
		return b, nil
	}
	found, err := a.okta.Client.FindUsersByEmail(ctx, address)
	if err != nil {
		return nil, err
	}
	chosen, _ := pick(found)
	b := &beneficiary{}
	for _, u := range chosen {
		fresh, err := a.okta.Client.GetUser(ctx, u.ID) // lists trail behind writes (okta-api.md §3.6)
		if goneFromOkta(err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		b.found = append(b.found, personOf(fresh))
	}
	a.people[key] = b
	return b, nil
}

// readAccess reads whether the person has what is wanted already. An account that is shut can hold nothing new.
func (a *accessPlanner) readAccess(ctx context.Context, b *beneficiary, matches []casework.GrantMatch) (identity.Access, error) {
	if !b.found[0].Status.CanSignIn() {
		return identity.Access{}, nil
	}
	wanted := make([]identity.Entitlement, 0, len(matches))
	for _, m := range matches {
		wanted = append(wanted, m.Entitlement)
		wanted = append(wanted, a.policy.DutyPartners(m.Entitlement)...)
	}
	h, err := a.okta.readWanted(ctx, b.found[0], wanted)
	return h.access, err
}

// conflicts are the pairs of duties.yaml that the grant would bring into one hand.
func (a *accessPlanner) conflicts(facts casework.GrantFacts) []casework.DutyConflict {
	held := make([]identity.Entitlement, 0, len(facts.Access.Groups)+len(facts.Access.Apps)+1)
	for _, g := range facts.Access.All() {
		held = append(held, g.Entitlement)
	}
	var found []casework.DutyConflict
	for _, m := range facts.Matches {
		for _, conflict := range a.policy.DutyConflicts(append(slices.Clone(held), m.Entitlement)) {
			if sameThing(conflict.One, m.Entitlement) || sameThing(conflict.Other, m.Entitlement) {
				found = append(found, conflict)
			}
		}
	}
	return found
}

func (a *accessPlanner) protectedGroup(matches []casework.GrantMatch) string {
	for _, m := range matches {
		if m.Entitlement.Kind != identity.KindGroup {
			continue
		}
		if protection, ok := a.policy.ProtectedGroup(m.Entitlement.Name); ok {
			return protection.Why
		}
	}
	return ""
}

// resolve finds what a catalogue entry stands for: by ID where it has one, else by its exact name.
func (a *accessPlanner) resolve(ctx context.Context, e identity.Entitlement) ([]casework.GrantMatch, error) {
	switch e.Kind {
	case identity.KindGroup:
		return a.resolveGroup(ctx, e)
	case identity.KindApp:
		return a.resolveApp(ctx, e)
	case identity.KindAccount, identity.KindRole, identity.KindFactor, identity.KindSession, identity.KindProfile:
	}
	return nil, problemf(casework.Invalid, "the catalogue entry for %q grants a %q; it has to be a group or an app", e.Name, e.Kind)
}

func (a *accessPlanner) resolveGroup(ctx context.Context, e identity.Entitlement) ([]casework.GrantMatch, error) {
	var groups []okta.Group
	if e.ID != "" {
		g, err := a.okta.Client.GetGroup(ctx, e.ID)
		if goneFromOkta(err) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		groups = []okta.Group{g}
	} else {
		var err error
		if groups, err = a.okta.knownGroupsByName(ctx, e.Name); err != nil {
			return nil, err
		}
	}
	var ours, others []casework.GrantMatch
	for _, g := range groups {
		switch g.Type {
		case okta.OktaGroup:
			ours = append(ours, casework.GrantMatch{Entitlement: groupEntitlement(g)})
		case okta.AppGroup:
			others = append(others, casework.GrantMatch{Entitlement: groupEntitlement(g), Refused: "an application or a directory masters its members"})
		case okta.BuiltInGroup:
			others = append(others, casework.GrantMatch{Entitlement: groupEntitlement(g), Refused: "Okta itself masters its members"})
		}
	}
	if len(ours) > 0 { // an imported group of the same name is another thing (okta-api.md §4)
		return ours, nil
	}
	return others, nil
}

func (a *accessPlanner) resolveApp(ctx context.Context, e identity.Entitlement) ([]casework.GrantMatch, error) {
	var apps []okta.App
	if e.ID != "" {
		app, err := a.okta.Client.GetApp(ctx, e.ID)
		if goneFromOkta(err) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		apps = []okta.App{app}
	} else {
		var err error
		if apps, err = a.okta.knownAppsByLabel(ctx, e.Name); err != nil {
			return nil, err
		}
	}
	matches := make([]casework.GrantMatch, 0, len(apps))
	for _, app := range apps {
		m := casework.GrantMatch{Entitlement: identity.Entitlement{Kind: identity.KindApp, ID: app.ID, Name: app.Label}}
		if app.Status != "ACTIVE" {
			m.Refused = "the app is " + strings.ToLower(app.Status) + " in Okta"
		}
		matches = append(matches, m)
	}
	return matches, nil
}
