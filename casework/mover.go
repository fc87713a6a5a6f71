package casework

import (
	"fmt"
	"slices"
	"time"

	"latchkey/identity"
)

// MoverFacts is everything the mover's planner looks at. It is read in an activity; the planner itself is pure.
type MoverFacts struct {
	Request Request
	// Access is what the person holds now, with all attributes.
	Access identity.Access
	// Profile is the new value of each attribute that changes, by Okta's names.
	Profile map[string]any
	// Old is birthright by the attributes before the change and New by those after it, IDs looked up. A plan that is made
	// again after the profile was changed takes the same Old as before: otherwise what is left of it counts as Beyond.
	Old, New []Right
	// RuleGains and RuleLosses are what group rules will do because of the profile change, one entry for each group and
	// rule. A group that loses one rule and keeps or gains another is not lost.
	RuleGains, RuleLosses []RuleGrant
	// RuleAttributes are the attributes that a rule looks at, by rule ID, as far as they could be read.
	RuleAttributes map[string][]string
	// Beyond is what policy says of what is held and is neither in Old nor in New, by Entitlement.Key. What it does not
	// mention stays.
	Beyond map[string]Beyond
	// Protected says why policy never touches the account; empty is not protected.
	Protected string
	// ProtectedGroups says why policy neither gives nor takes a group, by Entitlement.Key.
	ProtectedGroups map[string]string
	// AppGroups are the groups that grant an app, by the app's Entitlement.Key, as far as they are known beside what Access
	// says.
	AppGroups map[string][]identity.Entitlement
	Conflicts []DutyConflict
	// Overlap is how long the old access stays beside the new one.
	Overlap      time.Duration
	EffectiveAt  time.Time // zero is at once
	PolicyDigest string
	// Owners names who owns a residual of each origin; the key "" is everybody else's.
	Owners map[identity.Origin]string
}

// Beyond is what policy says of access outside birthright.
type Beyond struct {
	Disposition Disposition
	Why         string
}

// MoverDecision is a sealed plan, or a clear end that needs none, and why. With an end, Plan has no changes; it says whom
// it is about, what is kept and what is left.
type MoverDecision struct {
	Plan Plan
	End  End
	Why  string
}

// PlanMover plans the way from old to new birthright. Plan.Changes is in the order in which it is carried out: the
// profile, by which group rules act; the new access; and then, after Plan.Overlap, the old access. A profile change by
// which a rule takes something away is itself a removal, so there the new access goes first, except what it can only get
// after the rule has let go (such a change has the Origin of the present grant). Nothing of PhaseRevoke may run before
// every Effect that Gives was seen.
//
// A membership that a rule manages is never taken away by name, because Okta would strike the person off the rule for
// good (reference/okta-api.md §4.1): either the profile change makes the rule let go, an effect, or it stays, a residual
// that says what would have to change. What another system masters or what is pushed to one is left to its owner. What a
// group grants follows the group.
func PlanMover(f MoverFacts) MoverDecision {
	m := newMover(f)
	person := f.Access.Person
	if !person.Status.CanSignIn() {
		return m.ends(EndInactive, fmt.Sprintf("the account of %s is %s and cannot hold access", person.DisplayName(), person.Status))
	}
	if f.Protected != "" {
		return m.ends(EndProtected, fmt.Sprintf("policy protects the account of %s: %s", person.DisplayName(), f.Protected))
	}
	if why := blocking(m.plan.Conflicts); why != "" {
		return m.ends(EndConflict, why)
	}
	m.groups()
	m.apps()
	m.roles()
	m.order()
	if len(m.plan.Changes) == 0 {
		return m.ends(EndAlready, fmt.Sprintf("%s has the wanted profile and access already", person.DisplayName()))
	}
	return MoverDecision{Plan: Seal(m.plan)}
}

type mover struct {
	facts         MoverFacts
	plan          Plan
	old, new      rights
	gains, losses ruled
	// fate is what becomes of each group that is held or given, by Entitlement.Key.
	fate                    map[string]fate
	grants, waiting, revoke []Change // waiting grants count only after a rule has let go
	shrinks                 bool     // a rule will take something away
}

// fate is what becomes of a group.
type fate int

const (
	fateNone  fate = iota // it is not held and not given
	fateStays             // it is held, and stays
	fateComes             // the plan or a rule gives it
	fateGoes              // the plan takes it away at the end
	fateLost              // a rule takes it away with the profile change
)

func newMover(f MoverFacts) *mover {
	m := &mover{
		facts: f, old: birthright(f.Old), new: birthright(f.New), gains: byGroup(f.RuleGains), losses: byGroup(f.RuleLosses), fate: map[string]fate{},
		plan: Plan{UseCase: RoleChange, Person: f.Access.Person, EffectiveAt: f.EffectiveAt.UTC(), Conflicts: ordered(f.Conflicts), PolicyDigest: f.PolicyDigest},
	}
	return m
}

func (m *mover) ends(end End, why string) MoverDecision {
	return MoverDecision{Plan: m.plan, End: end, Why: why}
}

func (m *mover) note(format string, args ...any) {
	m.plan.Notes = append(m.plan.Notes, fmt.Sprintf(format, args...))
}

func (m *mover) effect(object identity.Entitlement, gives bool, because string) {
	m.plan.Effects = append(m.plan.Effects, Effect{Object: object, Gives: gives, Because: because})
}

func (m *mover) kept(object identity.Entitlement, why string) {
	m.plan.Kept = append(m.plan.Kept, Kept{Object: object, Why: why})
}

// left is a residual that the plan names before it runs.
func (m *mover) left(g identity.Grant, format string, args ...any) {
	owner := m.facts.Owners[g.Origin]
	if owner == "" {
		owner = m.facts.Owners[""]
	}
	m.plan.Residuals = append(m.plan.Residuals, Residual{Object: g.Entitlement, Why: fmt.Sprintf(format, args...), Owner: owner, Expected: true})
}

// take plans the removal of what is given by name.
func (m *mover) take(g identity.Grant, reason string) {
	m.revoke = append(m.revoke, taking(PhaseRevoke, g, reason))
}

// order puts the changes together.
func (m *mover) order() {
	profile := profileUpdate(m.facts.Profile, m.facts.Access.Person.Attributes)
	if profile == nil {
		m.shrinks = false
	}
	m.plan.Residuals = append(m.plan.Residuals, m.new.residuals(m.facts.Owners[""])...)
	var first, second []Change
	if profile != nil {
		profile.Shrinks = m.shrinks || len(m.revoke) > 0
		profile.Reason = "the role change that the ticket asks for"
		if m.shrinks {
			profile.Reason += "; group rules act by it"
		}
		first = []Change{*profile}
	}
	second = m.grants
	if m.shrinks {
		first, second = second, first
	}
	m.plan.Changes = slices.Concat(first, second, m.waiting, m.revoke)
	if len(m.revoke) > 0 {
		m.plan.Overlap = m.facts.Overlap
	}
	if m.plan.Overlap > 0 && m.shrinks {
		m.note("What group rules let go of goes with the profile change, and not only after the overlap of %s.", Span(m.plan.Overlap))
	}
}

// disposition is what becomes of something held that is not new birthright: whether it goes, and why.
func (m *mover) disposition(g identity.Grant) (goes bool, why string) {
	if right, was := m.old.find(g.Entitlement); was {
		return true, reasoned("no longer birthright; policy's "+ruleLabel(right)+" gave it", right.Reason)
	}
	b, said := m.facts.Beyond[g.Entitlement.Key()]
	if !said {
		return false, "held beside birthright, and policy does not say that it goes"
	}
	switch b.Disposition {
	case DispositionKeep:
		return false, reasoned("held beside birthright; policy keeps it", b.Why)
	case DispositionRevoke:
		return true, reasoned("held beside birthright; policy takes it away", b.Why)
	case DispositionAsk:
		return true, reasoned("held beside birthright; whoever wants it kept rejects this plan", b.Why)
	}
	return false, fmt.Sprintf("held beside birthright; policy's %q is no disposition", b.Disposition)
}
