package casework

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"latchkey/identity"
)

// JoinerFacts is everything the joiner's planner looks at. It is read in an activity; the planner itself is pure.
type JoinerFacts struct {
	Request Request
	Match   Match
	// HowToAnswer ends the question that an unsure Match asks; empty where policy lets nobody answer on the ticket.
	HowToAnswer string
	// Profile is what the account should say, by Okta's attribute names, login and email included. An account that
	// exists keeps its login whatever this says.
	Profile map[string]any
	// Rights is birthright, IDs looked up; one with an empty ID could not be found in Okta.
	Rights []Right
	// RuleGives are groups into which a group rule puts whoever has the wanted profile. They are effects: never added by
	// name, because that would outlive the rule.
	RuleGives []RuleGrant
	// Excluded are the groups of rules that pass this account over since an earlier leave. Only a rehire has them.
	Excluded []RuleGrant
	// Returns are groups into which a rule puts the account as long as it has the profile of its earlier time. Only a
	// rehire has them.
	Returns []RuleGrant
	// Old is birthright by the profile that a staged account has now: what an earlier form of the ticket gave.
	Old []Right
	// Access is what the account holds, with all its attributes; zero for somebody new.
	Access identity.Access
	// Protected says why policy never touches the account; empty is not protected.
	Protected string
	// ProtectedGroups says why policy gives a group to nobody, by Entitlement.Key.
	ProtectedGroups map[string]string
	// AppGroups are the groups that grant an app, by the app's Entitlement.Key, as far as they are known.
	AppGroups map[string][]identity.Entitlement
	Conflicts []DutyConflict
	// ActivateAt is the first day at the hour that policy sets; zero is at once.
	ActivateAt   time.Time
	PolicyDigest string
	Owner        string // whose the residuals are
}

// JoinerDecision is a sealed plan, a clear end that needs none and why, or a question for a person on the ticket. With
// an end or a question, Plan has no changes and says whom it is about.
type JoinerDecision struct {
	Plan Plan
	End  End
	Why  string
	Ask  string
}

// PlanJoiner plans the way to one usable account that holds birthright and nothing else. Plan.Changes is in the order in
// which it is carried out: what comes before the change of PhaseActivate may be done as soon as the plan is approved,
// and that change and what follows it waits for Plan.EffectiveAt.
//
// Somebody new, and an account that an earlier create left staged, are made whole first and activated last: nobody can
// sign in to a staged account.
//
// A rehire goes the other way round. Okta keeps a deactivated account's memberships, and they give their access back
// the moment it is activated (reference/okta-api.md §5.1), so everything outside birthright goes first, which Okta
// allows while the account is shut (§4). Okta does not edit the profile of a deactivated account (§3.5) nor assign it an
// app (§5), so the profile follows the activation at once, and then the access. Where that changes an address, the
// activation mails nobody and the mail follows the profile: the old address may be a stranger's by now. What cannot be
// kept from coming back that way stops the plan with a question: memberships that another system masters, and rules that
// would act on the old profile in the moment before it is changed. A plan that took memberships from a rehire is made
// again right before the activation, because only then it shows whether a rule was struck (Returns): one that merely
// looked like the source of a membership would give it anew.
func PlanJoiner(f JoinerFacts) JoinerDecision {
	j := &joiner{facts: f, rights: birthright(f.Rights), gives: byGroup(f.RuleGives), excluded: byGroup(f.Excluded)}
	j.plan = Plan{
		UseCase: Onboarding, Person: wanted(f.Match.Person, f.Profile), EffectiveAt: f.ActivateAt.UTC(),
		Conflicts: ordered(f.Conflicts), PolicyDigest: f.PolicyDigest,
	}
	switch f.Match.Kind {
	case MatchNew, MatchStaged, MatchRehire:
	case MatchActive:
		return j.ends(EndAlready, "the account exists and is usable: "+f.Match.Why)
	case MatchUnsure:
		return j.asks("It is not clear whether this is somebody new: " + f.Match.Why + ". Correct the employee number, the " +
			"login, the names or the addresses on this ticket, or have the account corrected in Okta, so that they all are one person's or nobody's." +
			f.HowToAnswer + refusals(f.Request.Answers))
	default:
		return j.asks("Whether this is somebody new was not looked up.")
	}
	if f.Match.Kind != MatchNew && f.Access.Person.OktaUserID != f.Match.Person.OktaUserID {
		return j.asks("What the account holds could not be read, so it is not opened.")
	}
	if f.Protected != "" {
		return j.ends(EndProtected, fmt.Sprintf("policy protects the account of %s: %s", j.plan.Person.DisplayName(), f.Protected))
	}
	if why := blocking(j.plan.Conflicts); why != "" {
		return j.ends(EndConflict, why)
	}
	if lacking := j.lacking(); len(lacking) > 0 {
		return j.asks("An account cannot be made without " + listed(lacking, "and") + ". Add it to this ticket.")
	}
	j.byName = j.named()
	switch f.Match.Kind {
	case MatchNew:
		j.create()
		j.grant()
		j.activate(identity.StatusStaged)
	case MatchStaged:
		j.finish()
		j.activate(identity.StatusStaged)
	case MatchRehire:
		if ask := j.clean(); ask != "" {
			return j.asks(ask)
		}
		j.activate(identity.StatusDeprovisioned)
		j.profile("an account that comes back carries the profile of its earlier time, and Okta edits it only once it is active")
		j.mail()
		j.grant()
	case MatchActive, MatchUnsure:
	}
	j.effects()
	j.plan.Residuals = append(j.plan.Residuals, j.rights.residuals(f.Owner)...)
	return JoinerDecision{Plan: Seal(j.plan)}
}

type joiner struct {
	facts    JoinerFacts
	plan     Plan
	rights   rights
	gives    ruled
	excluded ruled
	byName   []Right // birthright that no rule gives and that is not protected
}

func (j *joiner) ends(end End, why string) JoinerDecision {
	return JoinerDecision{Plan: j.plan, End: end, Why: why}
}

// asks leaves nothing of a plan that was begun: what a question stops is not done by half.
func (j *joiner) asks(what string) JoinerDecision {
	p := j.plan
	p.Changes, p.Effects, p.Residuals, p.Notes = nil, nil, nil, nil
	return JoinerDecision{Plan: p, Ask: what}
}

func (j *joiner) note(format string, args ...any) {
	j.plan.Notes = append(j.plan.Notes, fmt.Sprintf(format, args...))
}

func (j *joiner) left(object identity.Entitlement, expected bool, format string, args ...any) {
	j.plan.Residuals = append(j.plan.Residuals, Residual{Object: object, Why: fmt.Sprintf(format, args...), Owner: j.facts.Owner, Expected: expected})
}

// lacking are the attributes without which Okta makes no account.
func (j *joiner) lacking() []string {
	return slices.DeleteFunc(slices.Clone(required), func(name string) bool { return textOf(j.facts.Profile, name) != "" })
}

// newcomer is what an account is called in a joiner's plan. It has no ID before it is made, and a plan that is made
// again afterwards has to say the same.
func (j *joiner) newcomer() identity.Entitlement {
	id := "new"
	if j.facts.Match.Kind == MatchRehire {
		id = j.facts.Match.Person.OktaUserID
	}
	return identity.Entitlement{Kind: identity.KindAccount, ID: id, Name: j.plan.Person.DisplayName()}
}

// named are the birthright groups and apps that have to be given by name.
func (j *joiner) named() []Right {
	var list []Right
	for _, right := range j.rights.list {
		e := right.Entitlement
		if why, protected := j.facts.ProtectedGroups[e.Key()]; protected {
			j.left(e, true, "policy's %s gives it, and policy gives it to nobody: %s", ruleLabel(right), why)
			continue
		}
		if j.gives.has(e) {
			continue // an effect
		}
		list = append(list, right)
	}
	return list
}

// create makes the account and gives it its groups in one call.
func (j *joiner) create() {
	object := j.newcomer()
	c := Change{
		ID: ChangeID(VerbCreateAccount, object), Phase: PhaseCreate, Verb: VerbCreateAccount, Object: object,
		Before: "no account", After: string(identity.StatusStaged), Values: maps.Clone(j.facts.Profile),
		Inverse: VerbDeactivate, Reason: "somebody new: " + j.facts.Match.Why,
	}
	for _, right := range j.byName {
		if right.Entitlement.Kind == identity.KindGroup {
			c.With = append(c.With, right.Entitlement)
			j.note("The account begins in %s: %s.", right.Entitlement.Label(), right.because())
		}
	}
	j.plan.Changes = append(j.plan.Changes, c)
}

// finish makes an account whole that an earlier create left: profile, what is missing, and what an earlier form of the
// ticket gave and this one does not.
func (j *joiner) finish() {
	j.profile("the account was made from an earlier form of the ticket")
	j.grant()
	old := birthright(j.facts.Old)
	for _, g := range byGrant(append(slices.Clone(j.facts.Access.Groups), j.facts.Access.Apps...)) {
		right, was := old.find(g.Entitlement)
		_, protected := j.facts.ProtectedGroups[g.Entitlement.Key()]
		if !was || j.rights.has(g.Entitlement) || j.gives.has(g.Entitlement) || protected {
			continue
		}
		if g.Origin == identity.OriginDirect || g.Origin == identity.OriginBoth {
			j.plan.Changes = append(j.plan.Changes, taking(PhaseRevoke, g, "an earlier form of the ticket gave it ("+right.because()+"); it is not birthright any more"))
		}
	}
}

// grant gives by name what birthright wants and the account lacks. To a rehire it gives everything by name, held or not:
// a membership of an earlier time may be a rule's, and then it goes when the rule looks at the account again.
func (j *joiner) grant() {
	kind := j.facts.Match.Kind
	for _, right := range j.byName {
		e := right.Entitlement
		if kind == MatchNew && e.Kind == identity.KindGroup {
			continue // the create gives it
		}
		has, holds := j.facts.Access.Holds(e)
		if (holds && !j.makeSure(has)) || j.granted(e) {
			continue
		}
		c := giving(e, right.because())
		if holds {
			c.Origin, c.Before = has.Origin, "a member of an earlier time"
		}
		if j.excluded.has(e) {
			c.Reason += "; by name because " + j.excluded.rules(e) + " passes this person over since an earlier leave"
		}
		j.plan.Changes = append(j.plan.Changes, c)
	}
}

// makeSure says whether something that is held is given by name all the same.
func (j *joiner) makeSure(g identity.Grant) bool {
	if g.Origin == identity.OriginImported {
		return false // Okta lets nobody be put into it, nor does a rule take anybody out
	}
	if g.Origin == identity.OriginGroupRule {
		return true
	}
	return j.facts.Match.Kind == MatchRehire && g.Entitlement.Kind == identity.KindGroup
}

// granted says whether a group that the person will hold grants an app.
func (j *joiner) granted(app identity.Entitlement) bool {
	for _, group := range j.facts.AppGroups[app.Key()] {
		_, protected := j.facts.ProtectedGroups[group.Key()]
		if j.gives.has(group) || (j.rights.has(group) && !protected) {
			return true
		}
	}
	return false
}

func (j *joiner) activate(from identity.UserStatus) {
	object := j.newcomer()
	reason := "the first day"
	if text := j.facts.Request.EffectiveText; text != "" {
		reason += ", " + text
	}
	if from == identity.StatusDeprovisioned {
		reason += ", of somebody who comes back: " + j.facts.Match.Why
	}
	j.plan.Changes = append(j.plan.Changes, Change{
		ID: ChangeID(VerbActivate, object), Phase: PhaseActivate, Verb: VerbActivate, Object: object,
		Before: string(from), After: string(identity.StatusProvisioned), Inverse: VerbDeactivate, Reason: reason,
		Silent: from == identity.StatusDeprovisioned && len(j.newAddresses()) > 0,
	})
}

// effects are what group rules and groups will give by themselves, and what a rule withholds.
func (j *joiner) effects() {
	for _, group := range j.gives.groups() {
		j.plan.Effects = append(j.plan.Effects, Effect{
			Object: group, Gives: true, Because: reasoned("group rule "+j.gives.rules(group)+" gives it", j.gives.because(group)),
		})
	}
	for _, right := range j.rights.list {
		if right.Entitlement.Kind == identity.KindApp && j.granted(right.Entitlement) {
			j.plan.Effects = append(j.plan.Effects, Effect{Object: right.Entitlement, Gives: true, Because: "a group of this plan grants it; " + right.because()})
		}
	}
	for _, group := range j.excluded.groups() {
		if !j.gives.has(group) && !j.rights.has(group) {
			j.left(group, true, "%s", reasoned("group rule "+j.excluded.rules(group)+" passes this person over since an earlier leave and will not "+
				"give it; whoever owns the rule lifts the exclusion where it is wanted", j.excluded.because(group)))
		}
	}
}
