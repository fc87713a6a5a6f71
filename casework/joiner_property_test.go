package casework_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"latchkey/casework"
	"latchkey/identity"
)

// join is the facts of somebody joining, whatever Okta already has of them.
func (c company) join(o *tinyOkta, profile map[string]any) casework.JoinerFacts {
	f := casework.JoinerFacts{
		Profile: maps.Clone(profile), Rights: c.rights(profile), ProtectedGroups: c.protected, AppGroups: o.appGroups(),
		ActivateAt: firstDay, PolicyDigest: "p1", Owner: "Identity Team",
	}
	var found []identity.Person
	if o.id != "" {
		found = []identity.Person{o.person()}
		f.Access = o.access()
	}
	f.Match = casework.MatchPerson(casework.Identifiers{EmployeeNumber: "4711", FirstName: "Ada", LastName: "Byron"}, found, nil)
	gains, losses, stays := o.predict(profile)
	f.RuleGives = slices.Concat(gains, stays)
	switch f.Match.Kind {
	case casework.MatchRehire:
		f.Returns = slices.Concat(losses, stays)
		for _, r := range o.rules {
			if slices.Contains(o.exclusions, r.id) && r.matches(profile) {
				f.Excluded = append(f.Excluded, ruleGrant(r.group, r.id, ""))
			}
		}
	case casework.MatchStaged:
		f.Old = c.rights(o.profile)
	case casework.MatchNew, casework.MatchActive, casework.MatchUnsure:
	}
	return f
}

// former is somebody who left: with what a leave leaves behind.
func (c company) former(t *rapid.T) *tinyOkta {
	o := c.hire(t, drawProfile(t))
	o.status = identity.StatusDeprovisioned
	if rapid.IntRange(0, 2).Draw(t, "import stays") > 0 {
		delete(o.members, "imp")
	}
	if rapid.Bool().Draw(t, "was cleaned") {
		for _, g := range slices.Sorted(maps.Keys(o.members)) {
			if g != "imp" && rapid.IntRange(0, 3).Draw(t, "cleaned") > 0 {
				o.apply(casework.Change{Verb: casework.VerbRemoveMember, Object: entitlement("group:" + g)})
			}
		}
		delete(o.profile, rapid.SampledFrom([]string{"department", "title"}).Draw(t, "cleared"))
	}
	for _, g := range slices.Sorted(maps.Keys(o.members)) {
		switch rapid.IntRange(0, 7).Draw(t, "rule of "+g) {
		case 0: // given by name before the rule came: it only reads like the rule's
			o.members[g] = nil
		case 1: // the rule came after the leave
			delete(o.members, g)
		}
	}
	return o
}

func checkJoins(t *testing.T, check func(t *rapid.T, c company, there *tinyOkta, profile map[string]any)) {
	t.Helper()
	rapid.Check(t, func(t *rapid.T) {
		c := drawCompany(t)
		for range 3 {
			there := c.okta
			if rapid.Bool().Draw(t, "comes back") {
				there = c.former(t)
			}
			check(t, c, there.clone(), drawProfile(t))
		}
	})
}

// allowed says why somebody may hold what they hold: birthright, a rule for the wanted profile, a group that is held.
func (c company) allowed(t *rapid.T, o *tinyOkta, f casework.JoinerFacts, when string) {
	for _, g := range o.access().All() {
		key, e := g.Entitlement.Key(), g.Entitlement
		fine := g.Origin == identity.OriginBuiltIn || slices.ContainsFunc(f.Rights, func(r casework.Right) bool { return r.Entitlement.Key() == key }) ||
			slices.ContainsFunc(f.RuleGives, func(r casework.RuleGrant) bool { return r.Group.Key() == key }) ||
			(e.Kind == identity.KindApp && !o.assigned[e.ID] && len(o.grantedBy(e.ID)) > 0)
		require.True(t, fine, "%s is held at %s", key, when)
	}
}

func TestAJoinerEndsWithExactlyBirthrightAndNeverHasMore(t *testing.T) {
	t.Parallel()
	checkJoins(t, func(t *rapid.T, c company, o *tinyOkta, profile map[string]any) {
		f := c.join(o, profile)
		d := casework.PlanJoiner(f)
		if d.Ask != "" {
			require.Equal(t, casework.MatchRehire, f.Match.Kind)
			require.Empty(t, d.Plan.Changes)
			return
		}
		require.Empty(t, d.End)
		for _, change := range before(d.Plan, casework.VerbActivate) {
			o.apply(change)
		}
		// The first day: the plan is made again. What read like a rule's membership and was none left no exclusion, so the
		// rule would give it back.
		f = c.join(o, profile)
		if d = casework.PlanJoiner(f); d.Ask != "" {
			require.False(t, o.usable())
			return
		}
		for _, change := range d.Plan.Changes {
			o.apply(change)
			if o.usable() {
				c.allowed(t, o, f, change.ID)
			}
		}
		require.Empty(t, o.refused)
		require.Equal(t, identity.StatusProvisioned, o.status)
		for key := range c.keys(f.Rights) {
			require.True(t, o.holds(key), "%s is birthright", key)
		}
		for name, value := range profile {
			require.Equal(t, value, o.profile[name])
		}
		for _, e := range d.Plan.Effects {
			require.Equal(t, e.Gives, o.holds(e.Object.Key()), "%s: %s", e.Object.Key(), e.Because)
		}
		require.Equal(t, fmt.Sprint(profile["secondEmail"]), o.mailed, "the activation goes to the address of the ticket")
		again := casework.PlanJoiner(c.join(o, profile))
		require.Equal(t, casework.EndAlready, again.End)
		require.Empty(t, again.Plan.Changes)
	})
}

// before is the changes of a plan up to a verb.
func before(plan casework.Plan, verb casework.Verb) []casework.Change {
	i := slices.IndexFunc(plan.Changes, func(c casework.Change) bool { return c.Verb == verb })
	return plan.Changes[:i]
}

func TestAJoinersPlanMayBeMadeAgainAfterEveryChange(t *testing.T) {
	t.Parallel()
	checkJoins(t, func(t *rapid.T, c company, o *tinyOkta, profile map[string]any) {
		first := casework.PlanJoiner(c.join(o, profile))
		whole := o.clone()
		for _, change := range first.Plan.Changes {
			whole.apply(change)
		}
		for _, change := range first.Plan.Changes {
			if change.Verb == casework.VerbActivate {
				return // from here on the account is usable, and the plan that runs is the one that was made
			}
			o.apply(change)
			rest := casework.PlanJoiner(c.join(o, profile))
			if rest.Ask != "" {
				require.Contains(t, rest.Ask, "gives it to the account's old profile")
				return
			}
			require.False(t, casework.Compare(first.Plan, rest.Plan).Reopens(casework.Onboarding), "%v", casework.Compare(first.Plan, rest.Plan))
			end := o.clone()
			for _, c := range rest.Plan.Changes {
				end.apply(c)
			}
			require.Equal(t, whole.profile, end.profile)
			require.Equal(t, whole.members, end.members)
			require.Equal(t, whole.assigned, end.assigned)
		}
	})
}

func TestAJoinersPlanHasNoSecondEffectAndTouchesNothingProtected(t *testing.T) {
	t.Parallel()
	checkJoins(t, func(t *rapid.T, c company, o *tinyOkta, profile map[string]any) {
		f := c.join(o, profile)
		plan := casework.PlanJoiner(f).Plan
		for _, change := range plan.Changes {
			require.NotContains(t, f.ProtectedGroups, change.Object.Key())
			require.NotEmpty(t, change.Reason)
			for _, g := range change.With {
				require.NotContains(t, f.ProtectedGroups, g.Key())
			}
			o.apply(change)
		}
		once := o.clone()
		for _, change := range plan.Changes {
			o.apply(change)
		}
		assert.Equal(t, once, o)
		f.Protected = "break-glass"
		assert.Empty(t, casework.PlanJoiner(f).Plan.Changes)
	})
}

func TestAJoinersPlanTakesNoNoticeOfOrder(t *testing.T) {
	t.Parallel()
	checkJoins(t, func(t *rapid.T, c company, o *tinyOkta, profile map[string]any) {
		f := c.join(o, profile)
		other := f
		other.Rights, other.Old = shuffled(t, f.Rights), shuffled(t, f.Old)
		other.RuleGives, other.Excluded, other.Returns = shuffled(t, f.RuleGives), shuffled(t, f.Excluded), shuffled(t, f.Returns)
		other.Access.Groups, other.Access.Apps, other.Access.Roles = shuffled(t, f.Access.Groups), shuffled(t, f.Access.Apps), shuffled(t, f.Access.Roles)
		one, two := casework.PlanJoiner(f), casework.PlanJoiner(other)
		require.Equal(t, one.Plan.Digest, two.Plan.Digest)
		require.Equal(t, one, two, "and in every word")
	})
}
