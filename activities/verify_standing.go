package activities

import (
	"slices"

	"latchkey/casework"
	"latchkey/identity"
)

// standing judges one role, group or app that the person still holds.
func (v *leaverProof) standing(g identity.Grant) {
	if g.Origin == identity.OriginBuiltIn {
		return
	}
	if k, ok := v.keptBy(g.Entitlement); ok {
		v.left(g, true, k.Who, "kept: %s", k.Why)
		return
	}
	if r, ok := v.named(g.Entitlement); ok {
		v.left(g, true, r.Owner, "%s", r.Why)
		return
	}
	if g.Entitlement.Kind == identity.KindApp && v.result.Status == identity.StatusDeprovisioned && g.Status != appInactive {
		v.result.Unsettled = append(v.result.Unsettled, g) // deactivation takes every app of an active instance, by a job (okta-api.md §5.1)
		return
	}
	if d, ok := v.outcome(g.Entitlement); ok && stopped(d.Outcome) {
		v.left(g, false, "", "%s%s", outcomeWords(d.Outcome), colon(d.Detail))
		return
	}
	if v.result.Status.CanSignIn() {
		v.left(g, false, "", "still held %s; nothing is swept while the person can sign in", casework.How(g))
		return
	}
	switch g.Entitlement.Kind {
	case identity.KindGroup:
		v.standingGroup(g)
	case identity.KindApp:
		v.standingApp(g)
	case identity.KindRole:
		v.standingRole(g)
	case identity.KindAccount, identity.KindFactor, identity.KindSession, identity.KindProfile:
	}
}

func (v *leaverProof) standingGroup(g identity.Grant) {
	switch g.Origin {
	case identity.OriginImported:
		v.left(g, false, "", "its members are mastered outside Okta, and it came after the plan")
	case identity.OriginGroupPush:
		v.left(g, false, "", "it is pushed to an app, and it came after the plan")
	case identity.OriginDirect, identity.OriginGroup, identity.OriginBoth, identity.OriginGroupRule, identity.OriginBuiltIn:
		v.sweep(g, casework.SweepMembership(g))
	}
}

func (v *leaverProof) standingApp(g identity.Grant) {
	switch {
	case g.Origin == identity.OriginGroup && v.through(g, v.willGo):
		// Its group is swept next, and the app follows: judged when that is done.
	case g.Origin == identity.OriginGroup && v.through(g, v.stays):
		v.left(g, true, "", "granted through a group that stays; deactivating the account takes it away")
	case g.Status == appInactive:
		v.left(g, false, "", "the app is inactive in Okta, and its assignments outlive an account; its owner removes it")
	case g.Origin == identity.OriginDirect:
		v.sweep(g, casework.Change{
			ID: casework.ChangeID(casework.VerbUnassignApp, g.Entitlement), Phase: casework.PhaseSweep, Verb: casework.VerbUnassignApp,
			Object: g.Entitlement, Origin: g.Origin, Before: "assigned", After: "not assigned", Inverse: casework.VerbAssignApp,
			Reason: "still assigned by name",
		})
	default: // a change of groups reaches apps by a job (okta-api.md §5)
		v.result.Unsettled = append(v.result.Unsettled, g)
	}
}

func (v *leaverProof) standingRole(g identity.Grant) {
	if g.Origin == identity.OriginDirect {
		v.sweep(g, casework.Change{
			ID: casework.ChangeID(casework.VerbRevokeRole, g.Entitlement), Phase: casework.PhaseSweep, Verb: casework.VerbRevokeRole,
			Object: g.Entitlement, Origin: g.Origin, Before: "assigned", After: "not assigned", Reason: "still assigned",
		})
		return
	}
	if len(v.result.Sweep) > 0 || slices.ContainsFunc(v.held.access.Groups, func(m identity.Grant) bool { return v.willGo(m) }) {
		return // it goes with the group that is swept next
	}
	v.left(g, false, "", "the role comes with a group that stays")
}

// sweep asks for one more change. It is a residual as well: when the sweep is over, what still stands is one.
func (v *leaverProof) sweep(g identity.Grant, c casework.Change) {
	if _, tried := v.outcomeOf(c.ID); tried {
		c.ID = "sweep " + c.ID // the same verb again, after something gave it back
	}
	v.result.Sweep = append(v.result.Sweep, c)
	v.left(g, false, "", "still held %s", casework.How(g))
}

// willGo says whether a membership that stands is one that a sweep takes away.
func (v *leaverProof) willGo(g identity.Grant) bool {
	if v.stays(g) || g.Origin == identity.OriginBuiltIn || g.Origin == identity.OriginImported || g.Origin == identity.OriginGroupPush {
		return false
	}
	d, ok := v.outcome(g.Entitlement)
	return !ok || !stopped(d.Outcome)
}

// stays says whether the plan leaves a membership standing.
func (v *leaverProof) stays(g identity.Grant) bool {
	_, kept := v.keptBy(g.Entitlement)
	_, named := v.named(g.Entitlement)
	return kept || named || g.Origin == identity.OriginBuiltIn
}

// through says whether one of the groups that grant an app, as it stands now, is such.
func (v *leaverProof) through(app identity.Grant, such func(identity.Grant) bool) bool {
	for _, via := range app.Via {
		for _, m := range v.held.access.Groups {
			if m.Entitlement.ID == via.ID && such(m) {
				return true
			}
		}
	}
	return false
}
