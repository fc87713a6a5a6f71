package casework

import "latchkey/identity"

// sweep plans what deactivation leaves behind: memberships, and roles that were given by name.
func (l *leaver) sweep() {
	for _, g := range l.facts.Access.Roles {
		if g.Origin == identity.OriginDirect {
			l.add(Change{
				Phase: PhaseSweep, Verb: VerbRevokeRole, Object: g.Entitlement, Origin: g.Origin, Before: "assigned",
				After: "not assigned", Reason: "still assigned although the account is deactivated",
			})
		}
	}
	for _, g := range l.facts.Access.Groups {
		if l.kept(g) {
			continue
		}
		switch g.Origin {
		case identity.OriginBuiltIn:
		case identity.OriginImported:
			l.left(g, "its members are mastered outside Okta, so Okta refuses to remove one")
		case identity.OriginGroupPush:
			l.left(g, "it is pushed to "+names(g.Via)+", whose owner has to look at both sides")
		case identity.OriginDirect, identity.OriginGroup, identity.OriginBoth, identity.OriginGroupRule:
			if !l.held(g.Entitlement) {
				l.add(SweepMembership(g))
			}
		}
	}
}

// SweepMembership is the change that removes a membership which still stands after deactivation. Okta writes the person
// into the exclusions of a rule that managed it; the proof records that for a rehire.
func SweepMembership(g identity.Grant) Change {
	reason := "deactivation does not take memberships away, and a reactivated account would get its access back"
	if g.Origin == identity.OriginGroupRule {
		reason = names(g.Via) + " did not let go; removing by name leaves an exclusion on the rule"
	}
	return Change{
		ID: ChangeID(VerbRemoveMember, g.Entitlement), Phase: PhaseSweep, Verb: VerbRemoveMember, Object: g.Entitlement,
		Origin: g.Origin, Before: "member", After: "not a member", Inverse: VerbAddMember, Reason: reason,
	}
}
