package casework

import (
	"strings"

	"latchkey/identity"
)

// clean takes from a deactivated account everything that would work again when it is activated and is not birthright.
// What nobody but another system can take is asked for; the account stays shut until it is gone.
func (j *joiner) clean() (ask string) {
	var stays []string
	for _, g := range byGrant(j.facts.Access.Roles) {
		if g.Origin == identity.OriginDirect {
			j.plan.Changes = append(j.plan.Changes, taking(PhaseSweep, g, "an administrator role of an earlier time is not known to have gone with the account"))
			continue
		}
		j.plan.Effects = append(j.plan.Effects, Effect{Object: g.Entitlement, Because: "the role goes with " + names(g.Via)})
	}
	for _, g := range byGrant(j.facts.Access.Groups) {
		if why := j.cleanGroup(g); why != "" {
			stays = append(stays, why)
		}
	}
	for _, g := range byGrant(j.facts.Access.Apps) {
		j.cleanApp(g)
	}
	returns := byGroup(j.facts.Returns)
	for _, group := range returns.groups() {
		if _, held := j.facts.Access.Holds(group); !held && !j.birthright(group) {
			stays = append(stays, group.Label()+" ("+reasoned("group rule "+returns.rules(group)+" gives it to the account's old profile", returns.because(group))+
				"): clear what the rule looks at, or have the rule pass the person over")
		}
	}
	if len(stays) == 0 {
		return ""
	}
	return "Activating the old account would give back access that is not birthright, and Latchkey cannot take it away while the account is shut: " +
		strings.Join(stays, "; ") + ". Answer here when that is done."
}

func (j *joiner) birthright(e identity.Entitlement) bool { return j.rights.has(e) || j.gives.has(e) }

// cleanGroup plans one membership of a deactivated account, or says why it cannot.
func (j *joiner) cleanGroup(g identity.Grant) (stays string) {
	if g.Origin == identity.OriginBuiltIn {
		return ""
	}
	if why, protected := j.facts.ProtectedGroups[g.Entitlement.Key()]; protected {
		return g.Entitlement.Label() + " (policy protects it: " + why + "): have it taken away by whoever may"
	}
	if j.birthright(g.Entitlement) {
		return ""
	}
	switch g.Origin {
	case identity.OriginImported:
		return g.Entitlement.Label() + " (mastered outside Okta): remove it at its source, or make it birthright in policy"
	case identity.OriginGroupRule:
		j.plan.Changes = append(j.plan.Changes, SweepMembership(g))
		j.left(g.Entitlement, true, "taken away by name, so that it does not come back with the old profile; group rule %s may pass "+
			"this person over from now on, and whoever owns the rule lifts that before it is wanted again", names(g.Via))
	case identity.OriginDirect, identity.OriginGroup, identity.OriginBoth, identity.OriginGroupPush, identity.OriginBuiltIn:
		j.plan.Changes = append(j.plan.Changes, SweepMembership(g))
	}
	return ""
}

// cleanApp plans one assignment that outlived a deactivation: that of an app which was switched off meanwhile
// (reference/okta-api.md §5.1). What a group grants follows the group.
func (j *joiner) cleanApp(g identity.Grant) {
	if j.rights.has(g.Entitlement) {
		return
	}
	switch g.Origin {
	case identity.OriginDirect, identity.OriginBoth:
		j.plan.Changes = append(j.plan.Changes, taking(PhaseSweep, g, "assigned by name in an earlier time and not birthright"))
	case identity.OriginGroup, identity.OriginGroupRule, identity.OriginGroupPush, identity.OriginImported, identity.OriginBuiltIn:
		for _, via := range g.Via {
			if j.birthright(identity.Entitlement{Kind: identity.KindGroup, ID: via.ID}) {
				return
			}
		}
		j.plan.Effects = append(j.plan.Effects, Effect{Object: g.Entitlement, Because: "granted by " + names(g.Via)})
	}
}
