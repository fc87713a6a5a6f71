package casework_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/casework"
	"latchkey/identity"
)

func held(kind identity.Kind, id string, origin identity.Origin, via ...string) identity.Grant {
	g := identity.Grant{Entitlement: identity.Entitlement{Kind: kind, ID: id, Name: id}, Origin: origin}
	for _, v := range via {
		g.Via = append(g.Via, identity.Ref{ID: v, Name: v})
	}
	return g
}

func revoked(grants ...identity.Grant) []casework.Revoked {
	list := make([]casework.Revoked, 0, len(grants))
	for _, g := range grants {
		list = append(list, casework.Revoked{Item: g.Entitlement.ID, Object: g.Entitlement, By: "Boss"})
	}
	return list
}

func TestRevocationsGoWhereTheGrantWasGiven(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		holds    []identity.Grant
		revokes  []identity.Grant
		changes  []string // verb object
		effects  []string
		residual string // words of the one residual
	}{
		"a direct group is left":             {holds: []identity.Grant{held("group", "g", "direct")}, changes: []string{"remove_member g"}},
		"a direct app is unassigned":         {holds: []identity.Grant{held("app", "a", "direct")}, changes: []string{"unassign_app a"}},
		"a rule's group is the rule's":       {holds: []identity.Grant{held("group", "g", "group_rule", "r")}, residual: "group rule r gives it"},
		"a pushed group is its app's":        {holds: []identity.Grant{held("group", "g", "group_push", "a")}, residual: "pushed to a"},
		"an imported group is mastered else": {holds: []identity.Grant{held("group", "g", "imported")}, residual: "mastered outside Okta"},
		"nobody leaves Everyone":             {holds: []identity.Grant{held("group", "g", "built_in")}, residual: "nobody can leave"},
		"a group's app is the group's": {
			holds: []identity.Grant{held("group", "g", "direct"), held("app", "a", "group", "g")}, revokes: []identity.Grant{held("app", "a", "group")},
			residual: "it comes with g",
		},
		"an app goes with its group when both are revoked": {
			holds:   []identity.Grant{held("app", "a", "group", "g"), held("group", "g", "direct")},
			changes: []string{"remove_member g"}, effects: []string{"a"},
		},
		"an app of two groups stays with the other": {
			holds:   []identity.Grant{held("app", "a", "group", "g", "h"), held("group", "g", "direct"), held("group", "h", "group_rule", "r")},
			revokes: []identity.Grant{held("app", "a", "group"), held("group", "g", "direct")},
			changes: []string{"remove_member g"}, residual: "it comes with h",
		},
		"an app given twice loses the assignment and keeps the group's": {
			holds: []identity.Grant{held("app", "a", "both", "g")}, changes: []string{"unassign_app a"}, residual: "it comes with g",
		},
		"what is not held any more needs nothing": {revokes: []identity.Grant{held("group", "g", "direct")}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if test.revokes == nil {
				test.revokes = test.holds
			}
			f := casework.RevocationFacts{
				Access:  identity.Access{Person: identity.Person{OktaUserID: "u"}},
				Revoked: revoked(test.revokes...), Owner: func(identity.Grant) string { return "the owner" },
			}
			for _, g := range test.holds {
				if g.Entitlement.Kind == identity.KindGroup {
					f.Access.Groups = append(f.Access.Groups, g)
				} else {
					f.Access.Apps = append(f.Access.Apps, g)
				}
			}
			plan := casework.PlanRevocations(f)
			var changes, effects []string
			for _, c := range plan.Changes {
				changes = append(changes, string(c.Verb)+" "+c.Object.ID)
			}
			for _, e := range plan.Effects {
				effects = append(effects, e.Object.ID)
			}
			assert.Equal(t, test.changes, changes)
			assert.Equal(t, test.effects, effects)
			if test.residual == "" {
				assert.Empty(t, plan.Residuals)
			} else {
				require.Len(t, plan.Residuals, 1)
				assert.Contains(t, plan.Residuals[0].Why, test.residual)
				assert.Equal(t, "the owner", plan.Residuals[0].Owner)
			}
			assert.NotEmpty(t, plan.Digest)
		})
	}
}

func TestRevocationsLeaveWhatPolicyKeeps(t *testing.T) {
	t.Parallel()
	g := held("group", "g", "direct")
	plan := casework.PlanRevocations(casework.RevocationFacts{
		Access: identity.Access{Groups: []identity.Grant{g}}, Revoked: revoked(g),
		Keep:  map[string]casework.Kept{"group:g": {Why: "a lawsuit", Who: "Legal"}},
		Owner: func(identity.Grant) string { return "" },
	})
	assert.Empty(t, plan.Changes)
	require.Len(t, plan.Kept, 1)
	assert.Equal(t, g.Entitlement, plan.Kept[0].Object)
}
