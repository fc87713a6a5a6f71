package casework

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"latchkey/identity"
)

// LeaverFacts is everything the leaver's planner looks at: what was asked, what the person holds now, and what policy
// answered. It is read in an activity; the planner itself is pure.
type LeaverFacts struct {
	Request Request
	Access  identity.Access
	// EffectiveAt is the instant the changes may begin; zero is at once (see EffectiveAt).
	EffectiveAt time.Time
	// End is VerbDeactivate or VerbSuspend. A suspended account is deactivated after DeactivateAfter; with VerbSuspend
	// and no DeactivateAfter it stays suspended.
	End             Verb
	DeactivateAfter time.Duration
	// ClearAttributes are emptied, as far as they hold something, so that group rules let go.
	ClearAttributes []string
	// Keep is what the keep-list keeps, by Entitlement.Key.
	Keep map[string]Kept
	// Hold is a legal hold on the person; nil is none.
	Hold *Kept
	// Owners names who owns a residual of each origin; the key "" is everybody else's.
	Owners       map[identity.Origin]string
	PolicyDigest string
}

// owner is who a residual of this origin belongs to.
func (f LeaverFacts) owner(origin identity.Origin) string {
	if o := f.Owners[origin]; o != "" {
		return o
	}
	return f.Owners[""]
}

// required are the base attributes that Okta does not let be empty (reference/okta-api.md §3.3).
var required = []string{"login", "email", "firstName", "lastName"}

// PlanLeaver lists what a leaver loses, in an order that is safe to stop at: the door, sessions, authenticators, roles,
// what group rules look at, direct memberships, direct apps, the end. An account that is already deactivated gets only
// the sweep of what deactivation left behind. The plan is sealed.
//
// What is never touched: built-in groups, groups that an application or a directory masters or that are pushed to one
// (expected residuals), and what policy keeps. Memberships that a group rule may manage are not removed by name, because
// that would strike the person off the rule for good: the attributes are cleared, and what then still stands after the
// end is swept (effects). Under a legal hold only what loses no data is done: the door, sessions, authenticators, roles.
func PlanLeaver(f LeaverFacts) Plan {
	l := leaver{facts: f, plan: Plan{
		UseCase:      Offboarding,
		Person:       f.Access.Person,
		EffectiveAt:  f.EffectiveAt,
		PolicyDigest: f.PolicyDigest,
	}}
	if f.Access.Person.Status == identity.StatusDeprovisioned {
		l.sweep()
		return Seal(l.plan)
	}
	l.door()
	l.sessions()
	l.factors()
	l.roles()
	l.attributes()
	l.memberships()
	l.apps()
	l.end()
	return Seal(l.plan)
}

type leaver struct {
	facts LeaverFacts
	plan  Plan
	shut  bool // the door is shut by deactivation, so there is no later end
}

func (l *leaver) person() identity.Person { return l.facts.Access.Person }

func (l *leaver) account() identity.Entitlement {
	return identity.Entitlement{Kind: identity.KindAccount, ID: l.person().OktaUserID, Name: l.person().DisplayName()}
}

func (l *leaver) add(c Change) {
	c.ID = ChangeID(c.Verb, c.Object)
	l.plan.Changes = append(l.plan.Changes, c)
}

func (l *leaver) note(format string, args ...any) {
	l.plan.Notes = append(l.plan.Notes, fmt.Sprintf(format, args...))
}

// ChangeID names a change within its plan: the verb and the object.
func ChangeID(verb Verb, object identity.Entitlement) string {
	return string(verb) + " " + object.Key()
}

func (l *leaver) door() {
	status := l.person().Status
	switch {
	case !status.CanSignIn():
		l.note("The account is %s already: nobody can sign in with it.", status)
	case status.Suspendable():
		l.add(Change{
			Phase: PhaseDoor, Verb: VerbSuspend, Object: l.account(), Before: string(status),
			After: string(identity.StatusSuspended), Inverse: VerbUnsuspend, Reversible: true,
			Reason: "nobody may sign in while the rest is being removed",
		})
	default:
		l.shut = true
		l.add(Change{
			Phase: PhaseDoor, Verb: VerbDeactivate, Object: l.account(), Before: string(status),
			After:  string(identity.StatusDeprovisioned),
			Reason: fmt.Sprintf("Okta does not suspend an account that is %s, so the door is shut by deactivating", status),
		})
		if l.facts.Request.Emergency {
			l.note("The account is %s, which Okta does not suspend: it is deactivated, and that waits for the approval.", status)
		}
	}
}

func (l *leaver) sessions() {
	l.add(Change{
		Phase: PhaseSessions, Verb: VerbEndSessions,
		Object: identity.Entitlement{Kind: identity.KindSession, ID: l.person().OktaUserID, Name: "sessions and OAuth tokens"},
		Before: "unknown: Okta does not list them", After: "none", Reversible: true,
		Reason: "open sessions and tokens outlive a suspended account",
	})
}

func (l *leaver) factors() {
	before := make([]string, 0, len(l.facts.Access.Factors))
	for _, f := range l.facts.Access.Factors {
		before = append(before, f.Entitlement.Name)
	}
	slices.Sort(before)
	seen := strings.Join(before, ", ")
	if seen == "" {
		seen = "none that Latchkey can see" // Okta lists only those the caller's network zone allows (§3.9)
	}
	l.add(Change{
		Phase: PhaseFactors, Verb: VerbResetFactors,
		Object: identity.Entitlement{Kind: identity.KindFactor, ID: l.person().OktaUserID, Name: "all authenticators"},
		Before: seen, After: "none", Reason: "a former colleague's phone must not be able to approve a sign-in",
	})
}

func (l *leaver) roles() {
	for _, g := range l.facts.Access.Roles {
		if g.Origin != identity.OriginDirect {
			l.effect(g.Entitlement, "the role goes with "+names(g.Via))
			continue
		}
		l.add(Change{
			Phase: PhaseRoles, Verb: VerbRevokeRole, Object: g.Entitlement, Origin: g.Origin,
			Before: "assigned", After: "not assigned",
			Reason: "administrator roles are not known to go with the account", // reference/okta-api.md §5.1
		})
	}
}

func (l *leaver) attributes() {
	if l.shut {
		return // Okta does not edit the profile of a deactivated account (reference/okta-api.md §3.5); the sweep follows
	}
	values := map[string]any{}
	var cleared []string
	for _, name := range l.facts.ClearAttributes {
		if slices.Contains(required, name) {
			l.note("Policy asks to clear %s, which Okta requires: it stays.", name)
			continue
		}
		if v, ok := l.person().Attributes[name]; ok && !empty(v) {
			values[name] = v
			cleared = append(cleared, name)
		}
	}
	if len(cleared) == 0 {
		return
	}
	slices.Sort(cleared)
	list := strings.Join(slices.Compact(cleared), ",")
	object := identity.Entitlement{Kind: identity.KindProfile, ID: list, Name: list}
	if l.held(object) {
		return
	}
	l.add(Change{
		Phase: PhaseAttributes, Verb: VerbClearAttributes, Object: object, Before: "set", After: "empty", Values: values,
		Reason: "group rules look at these; without them they let go",
	})
}

func (l *leaver) memberships() {
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
		case identity.OriginGroupRule:
			if !l.held(g.Entitlement) {
				l.effect(g.Entitlement, names(g.Via)+" lets go when the attributes are empty; what still stands at the end is swept")
			}
		case identity.OriginDirect, identity.OriginGroup, identity.OriginBoth:
			if l.held(g.Entitlement) {
				continue
			}
			l.add(Change{
				Phase: PhaseMemberships, Verb: VerbRemoveMember, Object: g.Entitlement, Origin: g.Origin,
				Before: "member", After: "not a member", Inverse: VerbAddMember,
				Reason: "given by name; deactivation does not take it away",
			})
		}
	}
}

func (l *leaver) apps() {
	for _, g := range l.facts.Access.Apps {
		if l.kept(g) || l.held(g.Entitlement) {
			continue
		}
		switch g.Origin {
		case identity.OriginDirect, identity.OriginBoth:
			reason := "assigned by name"
			if g.Origin == identity.OriginBoth {
				reason = "assigned by name beside " + names(g.Via) + ", which has to go first"
			}
			l.add(Change{
				Phase: PhaseApps, Verb: VerbUnassignApp, Object: g.Entitlement, Origin: g.Origin,
				Before: "assigned", After: "not assigned", Inverse: VerbAssignApp, Reason: reason,
			})
		case identity.OriginGroup:
			l.appEffect(g)
		case identity.OriginImported, identity.OriginGroupRule, identity.OriginGroupPush, identity.OriginBuiltIn:
			l.left(g, "Okta does not say how it was granted")
		}
	}
}

// end is the ladder's last rung. A kept app stops it: deactivation takes every app away and cannot be selective
// (reference/okta-api.md §5.1).
func (l *leaver) end() {
	if l.shut {
		if l.facts.DeactivateAfter > 0 || l.facts.End == VerbSuspend {
			l.note("Policy would suspend the account first; Okta does not allow that from %s.", l.person().Status)
		}
		return
	}
	if l.facts.End == VerbSuspend && l.facts.DeactivateAfter == 0 {
		l.note("Policy leaves the account suspended and does not deactivate it.")
		return
	}
	if l.held(l.account()) {
		return
	}
	for _, g := range l.facts.Access.Apps {
		if k, ok := l.facts.Keep[g.Entitlement.Key()]; ok {
			l.plan.Kept = append(l.plan.Kept, Kept{
				Object: l.account(), Who: k.Who, Until: k.Until,
				Why: fmt.Sprintf("deactivating would take away %s, which is kept (%s)", g.Entitlement.Label(), k.Why),
			})
			return
		}
	}
	l.plan.DeactivateAfter = l.facts.DeactivateAfter
	before := identity.StatusSuspended
	reason := "the end that policy sets for a leaver"
	if l.facts.DeactivateAfter > 0 {
		reason += fmt.Sprintf(", %s after the door was shut", Span(l.facts.DeactivateAfter))
	}
	l.add(Change{
		Phase: PhaseEnd, Verb: VerbDeactivate, Object: l.account(), Before: string(before),
		After: string(identity.StatusDeprovisioned), Reason: reason,
	})
}

// kept lists a grant that the keep-list keeps. A built-in group needs no keeping.
func (l *leaver) kept(g identity.Grant) bool {
	k, ok := l.facts.Keep[g.Entitlement.Key()]
	if !ok || g.Origin == identity.OriginBuiltIn {
		return false
	}
	k.Object = g.Entitlement
	l.plan.Kept = append(l.plan.Kept, k)
	return true
}

// held lists an object that a legal hold keeps.
func (l *leaver) held(object identity.Entitlement) bool {
	if l.facts.Hold == nil {
		return false
	}
	k := *l.facts.Hold
	k.Object = object
	k.Why = "legal hold: " + k.Why
	l.plan.Kept = append(l.plan.Kept, k)
	return true
}

func (l *leaver) left(g identity.Grant, why string) {
	l.plan.Residuals = append(l.plan.Residuals, Residual{
		Object: g.Entitlement, Why: why, Owner: l.facts.owner(g.Origin), Expected: true,
	})
}

// appEffect expects an app to follow the groups that grant it, or, where one of them stays, the deactivation.
func (l *leaver) appEffect(g identity.Grant) {
	stays := slices.ContainsFunc(g.Via, func(via identity.Ref) bool {
		key := identity.Entitlement{Kind: identity.KindGroup, ID: via.ID}.Key()
		return slices.ContainsFunc(l.plan.Residuals, func(r Residual) bool { return r.Object.Key() == key }) ||
			slices.ContainsFunc(l.plan.Kept, func(k Kept) bool { return k.Object.Key() == key })
	})
	because := "granted by " + names(g.Via)
	if stays {
		because += ", which stays; the deactivation takes it away"
	}
	l.plan.Effects = append(l.plan.Effects, Effect{Object: g.Entitlement, Because: because, AtEnd: stays})
}

func (l *leaver) effect(object identity.Entitlement, because string) {
	l.plan.Effects = append(l.plan.Effects, Effect{Object: object, Because: because})
}

func empty(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case string:
		return v == ""
	case []any:
		return len(v) == 0
	}
	return false
}
