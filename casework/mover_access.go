package casework

import (
	"slices"

	"latchkey/identity"
)

// groups decides every group: those held first, then those wanted.
func (m *mover) groups() {
	for _, g := range byGrant(m.facts.Access.Groups) {
		m.fate[g.Entitlement.Key()] = m.heldGroup(g)
	}
	for _, group := range m.gains.groups() {
		if m.fate[group.Key()] == fateNone {
			m.fate[group.Key()] = fateComes
			m.effect(group, true, reasoned("group rule "+m.gains.rules(group)+" gives it", m.gains.because(group)))
		}
	}
	for _, right := range m.new.list {
		if e := right.Entitlement; e.Kind == identity.KindGroup && m.fate[e.Key()] == fateNone && !m.refused(right) {
			m.fate[e.Key()] = fateComes
			m.grants = append(m.grants, giving(e, right.because()))
		}
	}
}

// refused says whether policy gives a wanted group to nobody.
func (m *mover) refused(right Right) bool {
	why, protected := m.facts.ProtectedGroups[right.Entitlement.Key()]
	if protected {
		m.left(identity.Grant{Entitlement: right.Entitlement}, "policy's %s gives it, and policy gives it to nobody: %s", ruleLabel(right), why)
	}
	return protected
}

// heldGroup decides one membership.
func (m *mover) heldGroup(g identity.Grant) fate {
	e := g.Entitlement
	if g.Origin == identity.OriginBuiltIn {
		return fateStays
	}
	if g.Origin == identity.OriginGroupRule && m.letsGo(g) {
		return m.lostGroup(g)
	}
	if m.new.has(e) {
		return fateStays
	}
	if why, protected := m.facts.ProtectedGroups[e.Key()]; protected {
		m.kept(e, "policy protects it: "+why)
		return fateStays
	}
	goes, why := m.disposition(g)
	if !goes {
		m.kept(e, why)
		return fateStays
	}
	switch g.Origin {
	case identity.OriginImported:
		m.left(g, "%s; its members are mastered outside Okta, so Okta refuses to remove one", why)
	case identity.OriginGroupPush:
		m.left(g, "%s; it is pushed to %s, whose owner has to look at both sides", why, names(g.Via))
	case identity.OriginGroupRule:
		m.left(g, "%s; group rule %s keeps it, and it changes only when %s", why, names(g.Via), m.lookedAt(g.Via))
	case identity.OriginDirect, identity.OriginGroup, identity.OriginBoth, identity.OriginBuiltIn:
		if m.gains.has(e) {
			m.left(g, "%s; group rule %s gives it from now on, and it changes only when %s", why, m.gains.rules(e), m.lookedAt(m.gains.refs(e)))
			return fateStays
		}
		m.take(g, why)
		return fateGoes
	}
	return fateStays
}

// letsGo says whether every rule that keeps a membership lets go of it, and no other takes it up.
func (m *mover) letsGo(g identity.Grant) bool {
	if !m.losses.has(g.Entitlement) || m.gains.has(g.Entitlement) {
		return false
	}
	losing := m.losses.refs(g.Entitlement)
	return !slices.ContainsFunc(g.Via, func(via identity.Ref) bool {
		return !slices.ContainsFunc(losing, func(l identity.Ref) bool { return l.ID == via.ID })
	})
}

// lostGroup is a membership that its rules let go of. New birthright that no rule gives has to be given by name, and that
// counts only once the rule has let go: until then Okta takes it for a membership that is there already.
func (m *mover) lostGroup(g identity.Grant) fate {
	e := g.Entitlement
	m.shrinks = true
	right, wanted := m.new.find(e)
	if !wanted || m.refused(right) {
		m.effect(e, false, reasoned("group rule "+m.losses.rules(e)+" lets go", m.losses.because(e)))
		if b, said := m.facts.Beyond[e.Key()]; said && b.Disposition == DispositionKeep && !m.old.has(e) {
			m.note("Policy would keep %s, but the rule that gave it lets go.", e.Label())
		}
		return fateLost
	}
	c := giving(e, right.because()+"; group rule "+m.losses.rules(e)+" lets go of it")
	c.Origin, c.Before = identity.OriginGroupRule, "member by "+names(g.Via)+", which lets go"
	m.waiting = append(m.waiting, c)
	m.note("For a moment %s is missing: group rule %s lets go of it before it can be given by name.", e.Label(), m.losses.rules(e))
	return fateComes
}

// lookedAt says what has to change for a rule to let go.
func (m *mover) lookedAt(rules []identity.Ref) string {
	var attributes []string
	for _, rule := range rules {
		attributes = append(attributes, m.facts.RuleAttributes[rule.ID]...)
	}
	slices.Sort(attributes)
	if attributes = slices.Compact(attributes); len(attributes) > 0 {
		return listed(attributes, "or") + " changes"
	}
	return "what the rule looks at changes"
}

// apps decides every app: those held first, then those wanted.
func (m *mover) apps() {
	held := map[string]bool{}
	for _, g := range byGrant(m.facts.Access.Apps) {
		held[g.Entitlement.Key()] = true
		m.heldApp(g)
	}
	for _, right := range m.new.list {
		e := right.Entitlement
		if e.Kind != identity.KindApp || held[e.Key()] {
			continue
		}
		if by := m.granting(identity.Grant{Entitlement: e}); len(by) > 0 {
			m.effect(e, true, "granted by "+names(by)+"; "+right.because())
			continue
		}
		m.grants = append(m.grants, giving(e, right.because()))
	}
}

// heldApp decides one assignment.
func (m *mover) heldApp(g identity.Grant) {
	e := g.Entitlement
	right, wanted := m.new.find(e)
	byName := g.Origin == identity.OriginDirect || g.Origin == identity.OriginBoth
	if !byName && g.Origin != identity.OriginGroup {
		if goes, why := m.disposition(g); !wanted && goes {
			m.left(g, "%s; Okta does not say how it was granted", why)
		}
		return
	}
	by := m.granting(g)
	switch {
	case wanted && (byName || len(by) > 0):
	case wanted: // its group goes: from then on it is held by name
		c := giving(e, right.because()+"; "+names(g.Via)+", which grants it now, goes")
		c.Origin, c.Before = identity.OriginGroup, "assigned through group "+names(g.Via)+", which goes"
		m.grants = append(m.grants, c)
	case byName:
		m.unwantedApp(g, by)
	case len(by) == 0:
		m.effect(e, false, "granted by "+names(g.Via)+", which goes")
	default:
		if goes, why := m.disposition(g); goes {
			m.left(g, "%s; %s grants it and stays", why, names(by))
		}
	}
}

// unwantedApp is an assignment by name that is not new birthright.
func (m *mover) unwantedApp(g identity.Grant, by []identity.Ref) {
	switch goes, why := m.disposition(g); {
	case !goes:
		m.kept(g.Entitlement, why)
	case len(by) > 0: // Okta refuses to unassign what a group grants (reference/okta-api.md §5)
		m.left(g, "%s; %s grants it as well and stays", why, names(by))
	default:
		m.take(g, why)
	}
}

// granting are the groups that grant an app in the end: those that grant it now and stay, and those that come.
func (m *mover) granting(g identity.Grant) []identity.Ref {
	var by []identity.Ref
	now := len(g.Via)
	candidates := slices.Clone(g.Via)
	for _, group := range m.facts.AppGroups[g.Entitlement.Key()] {
		candidates = append(candidates, identity.Ref{ID: group.ID, Name: group.Name})
	}
	for i, ref := range candidates {
		if slices.ContainsFunc(by, func(r identity.Ref) bool { return r.ID == ref.ID }) {
			continue
		}
		switch m.fate[identity.Entitlement{Kind: identity.KindGroup, ID: ref.ID}.Key()] {
		case fateStays, fateComes:
			by = append(by, ref)
		case fateNone:
			if i < now { // it grants the app, so it is held although it was not read
				by = append(by, ref)
			}
		case fateGoes, fateLost:
		}
	}
	return by
}

// roles decides administrator roles. Birthright gives none, so policy says what becomes of each.
func (m *mover) roles() {
	for _, g := range byGrant(m.facts.Access.Roles) {
		goes, why := m.disposition(g)
		switch {
		case !goes:
			m.kept(g.Entitlement, why)
		case g.Origin == identity.OriginDirect:
			m.take(g, why)
		default:
			m.left(g, "%s; it comes with %s and cannot be taken by itself", why, names(g.Via))
		}
	}
}
