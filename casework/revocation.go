package casework

import (
	"slices"

	"latchkey/identity"
)

// Revoked is one grant that a certification campaign decided to take away.
type Revoked struct {
	Item   string               `json:"item"` // the campaign's name of it
	Object identity.Entitlement `json:"object"`
	By     string               `json:"by"` // the reviewer's name
	Reason string               `json:"reason,omitempty"`
}

// RevocationFacts is everything the planner of a person's revocations looks at.
type RevocationFacts struct {
	Access  identity.Access
	Revoked []Revoked
	// Keep is what the keep-list or a legal hold keeps, by Entitlement.Key.
	Keep map[string]Kept
	// Owner says who owns a grant that has to be taken away at its source.
	Owner        func(identity.Grant) string
	PolicyDigest string
}

// PlanRevocations lists what takes revoked grants away. Only what was given by name can be taken away where it stands;
// what a group, a group rule, an import or a push gives is left to whoever owns its source, because anything else would
// come back, or poison a rule's exclusion list. What a revoked group grants goes with the group. What is not held any
// more needs nothing. Groups come first: an app assigned by name while a group grants it cannot be unassigned
// (reference/okta-api.md §5). The plan is sealed.
func PlanRevocations(f RevocationFacts) Plan {
	r := revocations{facts: f, plan: Plan{UseCase: AccessReview, Person: f.Access.Person, PolicyDigest: f.PolicyDigest}}
	if f.Access.Person.Status == identity.StatusDeprovisioned {
		r.plan.Notes = append(r.plan.Notes, "The account is deactivated: the leaver's case takes away what is left.")
	}
	for _, kind := range []identity.Kind{identity.KindGroup, identity.KindApp} {
		for _, revoked := range f.Revoked {
			if revoked.Object.Kind == kind {
				r.take(revoked)
			}
		}
	}
	return Seal(r.plan)
}

type revocations struct {
	facts RevocationFacts
	plan  Plan
}

func (r *revocations) take(revoked Revoked) {
	grant, held := r.facts.Access.Holds(revoked.Object)
	if !held {
		r.plan.Notes = append(r.plan.Notes, "It is not held any more: "+revoked.Object.Label()+".")
		return
	}
	if kept, ok := r.facts.Keep[grant.Entitlement.Key()]; ok {
		kept.Object = grant.Entitlement
		r.plan.Kept = append(r.plan.Kept, kept)
		return
	}
	if grant.Entitlement.Kind == identity.KindGroup {
		r.group(grant, revoked)
		return
	}
	r.app(grant, revoked)
}

func (r *revocations) group(g identity.Grant, revoked Revoked) {
	switch g.Origin {
	case identity.OriginDirect, identity.OriginGroup, identity.OriginBoth:
		r.change(g, revoked)
	case identity.OriginGroupRule:
		r.source(g, "the group rule "+names(g.Via)+" gives it: its condition, or the attribute that it looks at, has to change")
	case identity.OriginGroupPush:
		r.source(g, "the group is pushed to "+names(g.Via)+", whose owner has to look at both sides")
	case identity.OriginImported:
		r.source(g, "its members are mastered outside Okta, where the membership has to end")
	case identity.OriginBuiltIn:
		r.source(g, "everybody is in it; nobody can leave")
	}
}

func (r *revocations) app(g identity.Grant, revoked Revoked) {
	switch g.Origin {
	case identity.OriginDirect:
		r.change(g, revoked)
	case identity.OriginBoth:
		r.change(g, revoked)
		r.throughGroups(g)
	case identity.OriginGroup:
		r.throughGroups(g)
	case identity.OriginGroupRule, identity.OriginGroupPush, identity.OriginImported, identity.OriginBuiltIn:
		r.source(g, "Okta does not say how it was granted")
	}
}

// throughGroups says what becomes of an app that groups grant: it goes when this plan takes every one of them away.
func (r *revocations) throughGroups(g identity.Grant) {
	stay := slices.DeleteFunc(slices.Clone(g.Via), func(via identity.Ref) bool {
		return slices.ContainsFunc(r.plan.Changes, func(c Change) bool {
			return c.Verb == VerbRemoveMember && c.Object.ID == via.ID
		})
	})
	if len(stay) == 0 && len(g.Via) > 0 {
		r.plan.Effects = append(r.plan.Effects, Effect{Object: g.Entitlement, Because: "it goes with " + names(g.Via)})
		return
	}
	r.source(g, "it comes with "+names(stay)+": the group has to lose the app, or the person the group")
}

func (r *revocations) change(g identity.Grant, revoked Revoked) {
	why := "the access review of " + revoked.By + " revoked it"
	if revoked.Reason != "" {
		why += ": " + revoked.Reason
	}
	change := RevokeOf(g.Entitlement, why)
	change.Origin = g.Origin
	r.plan.Changes = append(r.plan.Changes, change)
}

func (r *revocations) source(g identity.Grant, why string) {
	r.plan.Residuals = append(r.plan.Residuals, Residual{Object: g.Entitlement, Why: why, Owner: r.facts.Owner(g), Expected: true})
}
