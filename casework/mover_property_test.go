package casework_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"latchkey/casework"
	"latchkey/identity"
)

var (
	departments = []string{"Sales", "Finance", "IT", "Legal"}
	titles      = []string{"Lead", "Clerk", "Engineer"}
	groupIDs    = []string{"g1", "g2", "g3", "g4", "g5", "g6", "imp"}
	appIDs      = []string{"a1", "a2", "a3", "a4"}
)

// company is an Okta and a policy: what each department and title gives, which rules and apps there are.
type company struct {
	okta       *tinyOkta
	birthright map[string][]casework.Right // by "department:Sales"
	protected  map[string]string
}

func drawCompany(t *rapid.T) company {
	o := &tinyOkta{
		imported: []string{"imp"}, grants: map[string][]string{}, members: map[string][]string{}, assigned: map[string]bool{}, roles: map[string]bool{},
	}
	for i := range rapid.IntRange(0, 5).Draw(t, "rules") {
		r := tinyRule{id: "r" + string(rune('0'+i)), group: rapid.SampledFrom(groupIDs[:6]).Draw(t, "rule group")}
		if rapid.Bool().Draw(t, "by department") {
			r.attribute, r.value = "department", rapid.SampledFrom(departments).Draw(t, "department")
		} else {
			r.attribute, r.value = "title", rapid.SampledFrom(titles).Draw(t, "title")
		}
		o.rules = append(o.rules, r)
	}
	for _, a := range appIDs {
		o.grants[a] = rapid.SliceOfNDistinct(rapid.SampledFrom(groupIDs[:6]), 0, 2, rapid.ID).Draw(t, "groups of "+a)
	}
	c := company{okta: o, birthright: map[string][]casework.Right{}, protected: map[string]string{}}
	for _, of := range append(prefixed("department:", departments), prefixed("title:", titles)...) {
		c.birthright[of] = []casework.Right{}
		for _, key := range rapid.SliceOfNDistinct(rapid.SampledFrom(things()), 0, 4, rapid.ID).Draw(t, "rights of "+of) {
			c.birthright[of] = append(c.birthright[of], right(key, of))
		}
	}
	if rapid.IntRange(0, 3).Draw(t, "protects") == 0 {
		c.protected["group:"+rapid.SampledFrom(groupIDs[:6]).Draw(t, "protected")] = "the works council decides"
	}
	return c
}

// things are what birthright may give: all groups that Okta lets us fill, and all apps.
func things() []string {
	return append(prefixed("group:", groupIDs[:6]), prefixed("app:", appIDs)...)
}

func prefixed(prefix string, list []string) []string {
	all := make([]string, 0, len(list))
	for _, s := range list {
		all = append(all, prefix+s)
	}
	return all
}

func (c company) rights(profile map[string]any) []casework.Right {
	var list []casework.Right
	for _, name := range []string{"department", "title"} {
		if value, ok := profile[name].(string); ok {
			list = append(list, c.birthright[name+":"+value]...)
		}
	}
	return list
}

func drawProfile(t *rapid.T) map[string]any {
	return map[string]any{
		"login": "ada@acme.example", "email": "ada@acme.example", "firstName": "Ada", "lastName": "Byron", "employeeNumber": "4711",
		"secondEmail": rapid.SampledFrom([]string{"ada@home.example", "ada@post.example"}).Draw(t, "personal address"),
		"department":  rapid.SampledFrom(departments).Draw(t, "department"), "title": rapid.SampledFrom(titles).Draw(t, "title"),
	}
}

// hire puts a person into Okta: birthright, what rules give, and some access beside.
func (c company) hire(t *rapid.T, profile map[string]any) *tinyOkta {
	o := c.okta.clone()
	o.id, o.status, o.profile = "00u1", identity.StatusActive, maps.Clone(profile)
	o.follow()
	rights := c.rights(profile)
	slices.SortStableFunc(rights, func(a, b casework.Right) int { // groups first
		return strings.Compare(string(b.Entitlement.Kind), string(a.Entitlement.Kind))
	})
	for _, r := range rights {
		// Now and then something is missing; and an app that a group grants is given by name only now and then.
		has, granted := rapid.IntRange(0, 4).Draw(t, "has it"), o.holds(r.Entitlement.Key())
		if has > 2 || (has > 0 && !granted) {
			o.give(r.Entitlement.Key())
		}
	}
	for _, key := range rapid.SliceOfNDistinct(rapid.SampledFrom(things()), 0, 4, rapid.ID).Draw(t, "beside") {
		o.give(key)
	}
	if rapid.Bool().Draw(t, "imported") {
		o.members["imp"] = nil
	}
	if rapid.IntRange(0, 3).Draw(t, "role") == 0 {
		o.roles["ra1"] = true
	}
	return o
}

func (o *tinyOkta) give(key string) {
	e := entitlement(key)
	if e.Kind == identity.KindApp {
		o.assigned[e.ID] = true
		return
	}
	o.join(e.ID)
}

// move is the facts of a role change of the person in Okta.
func (c company) move(o *tinyOkta, old []casework.Right, profile map[string]any, beyond map[string]casework.Beyond) casework.MoverFacts {
	gains, losses, _ := o.predict(profile)
	return casework.MoverFacts{
		Access: o.access(), Profile: maps.Clone(profile), Old: old, New: c.rights(profile), RuleGains: gains, RuleLosses: losses,
		Beyond: beyond, ProtectedGroups: c.protected, AppGroups: o.appGroups(), PolicyDigest: "p1", Overlap: time.Hour,
		Owners: map[identity.Origin]string{"": "Identity Team", identity.OriginImported: "Directory Team"},
	}
}

func drawBeyond(t *rapid.T) map[string]casework.Beyond {
	beyond := map[string]casework.Beyond{}
	for _, key := range append(things(), "group:imp", "role:ra1") {
		if d := rapid.SampledFrom([]casework.Disposition{"", casework.DispositionKeep, casework.DispositionRevoke, casework.DispositionAsk}).Draw(t, key); d != "" {
			beyond[key] = casework.Beyond{Disposition: d, Why: "policy says so"}
		}
	}
	return beyond
}

// keys are the entitlements of rights that policy lets be given.
func (c company) keys(list []casework.Right) map[string]bool {
	all := map[string]bool{}
	for _, r := range list {
		if _, no := c.protected[r.Entitlement.Key()]; !no {
			all[r.Entitlement.Key()] = true
		}
	}
	return all
}

func checkMoves(t *testing.T, check func(t *rapid.T, c company, before *tinyOkta, f casework.MoverFacts)) {
	t.Helper()
	rapid.Check(t, func(t *rapid.T) {
		c := drawCompany(t)
		for range 3 { // a hundred companies, three people each
			was, is := drawProfile(t), drawProfile(t)
			o := c.hire(t, was)
			check(t, c, o, c.move(o, c.rights(was), is, drawBeyond(t)))
		}
	})
}

func TestAMoverEndsWithExactlyBirthright(t *testing.T) {
	t.Parallel()
	checkMoves(t, func(t *rapid.T, c company, before *tinyOkta, f casework.MoverFacts) {
		d := casework.PlanMover(f)
		o := before.clone()
		for _, change := range d.Plan.Changes {
			o.apply(change)
		}
		require.Empty(t, o.refused)
		require.Empty(t, o.exclusions, "nobody is struck off a rule")
		wanted := c.keys(f.New)
		for key := range wanted {
			require.True(t, o.holds(key), "%s is birthright", key)
		}
		said := map[string]bool{} // what may be held beside: what is protected and was there, what is kept, what is left
		for _, r := range f.New {
			said[r.Entitlement.Key()] = true
		}
		for _, k := range d.Plan.Kept {
			said[k.Object.Key()] = true
		}
		for _, r := range d.Plan.Residuals {
			require.NotEmpty(t, r.Owner)
			said[r.Object.Key()] = true
		}
		access := o.access()
		for _, g := range access.All() {
			key, e := g.Entitlement.Key(), g.Entitlement
			byRule := slices.ContainsFunc(o.rules, func(r tinyRule) bool { return r.group == e.ID && r.matches(o.profile) })
			byGroup := e.Kind == identity.KindApp && len(o.grantedBy(e.ID)) > 0
			require.True(t, g.Origin == identity.OriginBuiltIn || wanted[key] || said[key] || byRule || byGroup, "%s is held and nobody says why", key)
		}
		for _, e := range d.Plan.Effects {
			require.Equal(t, e.Gives, o.holds(e.Object.Key()), "%s: %s", e.Object.Key(), e.Because)
		}
		require.Equal(t, f.Profile["department"], o.profile["department"])

		second := casework.PlanMover(c.move(o, f.Old, f.Profile, f.Beyond))
		require.Equal(t, casework.EndAlready, second.End)
		require.Empty(t, second.Plan.Changes)
	})
}

func TestAMoverIsNeverWithoutBoth(t *testing.T) {
	t.Parallel()
	checkMoves(t, func(t *rapid.T, c company, before *tinyOkta, f casework.MoverFacts) {
		plan := casework.PlanMover(f).Plan
		after, both := c.keys(f.New), map[string]bool{}
		for key := range c.keys(f.Old) {
			if after[key] && before.holds(key) {
				both[key] = true
			}
		}
		gap := map[string]bool{} // groups that a rule has to let go of before they can be given by name, and what they grant
		for _, change := range plan.Changes {
			if change.Verb == casework.VerbAddMember && change.Origin == identity.OriginGroupRule {
				gap[change.Object.Key()] = true
				for app, groups := range before.grants {
					if slices.Contains(groups, change.Object.ID) {
						gap["app:"+app] = true
					}
				}
			}
		}
		o := before.clone()
		revoking := false
		for _, change := range plan.Changes {
			o.apply(change)
			revoking = revoking || change.Phase == casework.PhaseRevoke
			for key := range both {
				require.True(t, o.holds(key) || (gap[key] && !revoking), "%s is old and new and lost at %s", key, change.ID)
			}
			for key := range after {
				require.True(t, !revoking || o.holds(key), "%s is missing when %s takes something", key, change.ID)
			}
		}
	})
}

func TestAMoversPlanTouchesNothingProtected(t *testing.T) {
	t.Parallel()
	checkMoves(t, func(t *rapid.T, _ company, _ *tinyOkta, f casework.MoverFacts) {
		for _, change := range casework.PlanMover(f).Plan.Changes {
			require.NotContains(t, f.ProtectedGroups, change.Object.Key())
			require.NotEmpty(t, change.Reason)
			if change.Verb == casework.VerbRemoveMember {
				require.Equal(t, identity.OriginDirect, change.Origin)
			}
		}
		f.Protected = "break-glass"
		d := casework.PlanMover(f)
		require.Equal(t, casework.EndProtected, d.End)
		require.Empty(t, d.Plan.Changes)
	})
}

func TestAMoversPlanTakesNoNoticeOfOrder(t *testing.T) {
	t.Parallel()
	checkMoves(t, func(t *rapid.T, _ company, _ *tinyOkta, f casework.MoverFacts) {
		other := f
		other.Old, other.New = shuffled(t, f.Old), shuffled(t, f.New)
		other.RuleGains, other.RuleLosses = shuffled(t, f.RuleGains), shuffled(t, f.RuleLosses)
		other.Access.Groups, other.Access.Apps, other.Access.Roles = shuffled(t, f.Access.Groups), shuffled(t, f.Access.Apps), shuffled(t, f.Access.Roles)
		one, two := casework.PlanMover(f), casework.PlanMover(other)
		require.Equal(t, one.Plan.Digest, two.Plan.Digest)
		require.Equal(t, one, two, "and in every word")
	})
}

func TestAMoversPlanHasNoSecondEffect(t *testing.T) {
	t.Parallel()
	checkMoves(t, func(t *rapid.T, _ company, before *tinyOkta, f casework.MoverFacts) {
		plan := casework.PlanMover(f).Plan
		o := before.clone()
		for range 2 {
			for _, change := range plan.Changes {
				o.apply(change)
			}
		}
		once := before.clone()
		for _, change := range plan.Changes {
			once.apply(change)
		}
		assert.Equal(t, once, o)
	})
}

func shuffled[T any](t *rapid.T, list []T) []T {
	if len(list) == 0 {
		return list
	}
	return rapid.Permutation(list).Draw(t, "order")
}
