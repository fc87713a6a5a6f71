package casework_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/casework"
	"latchkey/identity"
)

// mover is Ada going from Sales to Finance. Her Sales group comes by a rule, the rest by name.
func mover() casework.MoverFacts {
	return casework.MoverFacts{
		Access: identity.Access{
			Person: ada(identity.StatusActive),
			Groups: []identity.Grant{
				group("everyone", identity.OriginBuiltIn),
				group("sales", identity.OriginGroupRule, "rule1"),
				group("forecast", identity.OriginDirect),
				group("staff", identity.OriginDirect),
			},
			Apps: []identity.Grant{app("crm", identity.OriginGroup, "sales"), app("quotes", identity.OriginDirect)},
		},
		Profile:    map[string]any{"department": "Finance", "title": "Lead"},
		Old:        []casework.Right{right("group:sales", "sales"), right("group:forecast", "sales"), right("group:staff", "all"), right("app:quotes", "sales")},
		New:        []casework.Right{right("group:staff", "all"), right("group:finance", "finance"), right("group:ledger", "finance"), right("app:books", "finance")},
		RuleLosses: []casework.RuleGrant{ruleGrant("sales", "rule1", "department is no longer Sales")},
		RuleGains:  []casework.RuleGrant{ruleGrant("finance", "rule2", "department is Finance")},
		Owners:     map[identity.Origin]string{identity.OriginImported: "Directory Team", "": "Identity Team"},
		Overlap:    48 * time.Hour, PolicyDigest: "p1",
	}
}

func ruleGrant(group, rule, because string) casework.RuleGrant {
	return casework.RuleGrant{Group: entitlement("group:" + group), Rule: identity.Ref{ID: rule, Name: "Name of " + rule}, Because: because}
}

func TestPlanMoverGoesFromOldToNew(t *testing.T) {
	t.Parallel()
	d := casework.PlanMover(mover())
	require.Empty(t, d.End)
	assert.Equal(t, []string{
		"add_member group:ledger", "assign_app app:books", "update_profile profile:department",
		"remove_member group:forecast", "unassign_app app:quotes",
	}, ids(d.Plan))
	profile := d.Plan.Phase(casework.PhaseProfile)[0]
	assert.True(t, profile.Shrinks)
	assert.Equal(t, map[string]any{"department": "Finance"}, profile.Values, "the title is so already")
	assert.Equal(t, `department "Sales"`, profile.Before)
	assert.Equal(t, `department "Finance"`, profile.After)
	assert.Equal(t, "birthright by policy's rule finance: everybody there uses it", d.Plan.Changes[0].Reason)
	assert.Equal(t, "no longer birthright; policy's rule sales gave it: everybody there uses it", d.Plan.Changes[3].Reason)
	assert.Equal(t, []casework.Effect{
		{Object: entitlement("group:sales"), Because: "group rule Name of rule1 lets go: department is no longer Sales"},
		{Object: entitlement("group:finance"), Gives: true, Because: "group rule Name of rule2 gives it: department is Finance"},
		{Object: entitlement("app:crm"), Because: "granted by Name of sales, which goes"},
	}, d.Plan.Effects)
	assert.Equal(t, 48*time.Hour, d.Plan.Overlap)
	assert.Contains(t, d.Plan.Notes, "What group rules let go of goes with the profile change, and not only after the overlap of 2 days.")
	assert.Empty(t, d.Plan.Kept)
	assert.Empty(t, d.Plan.Residuals)
	assert.Equal(t, casework.DigestOf(d.Plan), d.Plan.Digest)
}

func TestPlanMoverChangesTheProfileFirstWhenThatTakesNothing(t *testing.T) {
	t.Parallel()
	f := mover()
	f.RuleLosses = nil
	d := casework.PlanMover(f)
	assert.Equal(t, "update_profile profile:department", d.Plan.Changes[0].ID)
	require.Len(t, d.Plan.Residuals, 1)
	assert.Equal(t, "no longer birthright; policy's rule sales gave it: everybody there uses it; group rule Name of rule1 keeps it, and it changes only when what the rule looks at changes",
		d.Plan.Residuals[0].Why)
	assert.True(t, d.Plan.Residuals[0].Expected)
	assert.Equal(t, "Identity Team", d.Plan.Residuals[0].Owner)
}

func TestPlanMoverGivesEveryChangeAReasonAndAnOwner(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		change   func(*casework.MoverFacts)
		changes  []string // beside those of the plain mover
		left     map[string]string
		kept     map[string]string
		effects  map[string]string
		noteLike string
	}{
		"a rule that looks at two attributes keeps what is old": {
			change: func(f *casework.MoverFacts) {
				f.Access.Groups = append(f.Access.Groups, group("berlin", identity.OriginGroupRule, "rule3"))
				f.Old = append(f.Old, right("group:berlin", "berlin"))
				f.RuleAttributes = map[string][]string{"rule3": {"division", "city"}}
			},
			left: map[string]string{"group:berlin": "it changes only when city or division changes"},
		},
		"one of two rules lets go": {
			change: func(f *casework.MoverFacts) {
				f.Access.Groups = append(f.Access.Groups, group("both", identity.OriginGroupRule, "rule1", "rule3"))
				f.Old = append(f.Old, right("group:both", "all"))
				f.RuleLosses = append(f.RuleLosses, ruleGrant("both", "rule1", ""))
			},
			left: map[string]string{"group:both": "group rule Name of rule1, Name of rule3 keeps it"},
		},
		"another rule takes a group up": {
			change: func(f *casework.MoverFacts) {
				f.Access.Groups = append(f.Access.Groups, group("both", identity.OriginGroupRule, "rule1"))
				f.New = append(f.New, right("group:both", "all"))
				f.RuleLosses = append(f.RuleLosses, ruleGrant("both", "rule1", ""))
				f.RuleGains = append(f.RuleGains, ruleGrant("both", "rule2", ""))
			},
		},
		"a rule lets go of what is wanted": {
			change: func(f *casework.MoverFacts) {
				f.Access.Groups = append(f.Access.Groups, group("kpi", identity.OriginGroupRule, "rule1"))
				f.New = append(f.New, right("group:kpi", "leads"))
				f.RuleLosses = append(f.RuleLosses, ruleGrant("kpi", "rule1", ""))
			},
			changes:  []string{"add_member group:kpi"},
			noteLike: "For a moment group Name of kpi is missing",
		},
		"a group given by name that a rule gives from now on": {
			change: func(f *casework.MoverFacts) {
				f.RuleGains = append(f.RuleGains, ruleGrant("reports", "rule4", ""))
				f.Access.Groups = append(f.Access.Groups, group("reports", identity.OriginDirect))
				f.Old = append(f.Old, right("group:reports", "sales"))
				f.RuleAttributes = map[string][]string{"rule4": {"department"}}
			},
			left: map[string]string{"group:reports": "group rule Name of rule4 gives it from now on, and it changes only when department changes"},
		},
		"imported and pushed memberships": {
			change: func(f *casework.MoverFacts) {
				f.Access.Groups = append(f.Access.Groups, group("dir", identity.OriginImported), group("push", identity.OriginGroupPush, "github"))
				f.Old = append(f.Old, right("group:dir", "sales"))
				f.Beyond = map[string]casework.Beyond{"group:push": {Disposition: casework.DispositionRevoke}}
			},
			left: map[string]string{"group:dir": "mastered outside Okta", "group:push": "it is pushed to Name of github"},
		},
		"what policy says beyond birthright": {
			change: func(f *casework.MoverFacts) {
				f.Access.Groups = append(f.Access.Groups, group("choir", identity.OriginDirect), group("apollo", identity.OriginDirect),
					group("gemini", identity.OriginDirect), group("silent", identity.OriginDirect))
				f.Beyond = map[string]casework.Beyond{
					"group:choir": {casework.DispositionKeep, "everybody may sing"}, "group:apollo": {casework.DispositionRevoke, "projects end with the role"},
					"group:gemini": {casework.DispositionAsk, "ask the new manager"},
				}
			},
			changes: []string{"remove_member group:apollo", "remove_member group:gemini"},
			kept:    map[string]string{"group:choir": "policy keeps it: everybody may sing", "group:silent": "does not say that it goes"},
		},
		"administrator roles": {
			change: func(f *casework.MoverFacts) {
				f.Access.Roles = []identity.Grant{grantOf(identity.KindRole, "ra1", identity.OriginDirect), grantOf(identity.KindRole, "ra2", identity.OriginGroup, "admins"), grantOf(identity.KindRole, "ra3", identity.OriginDirect)}
				f.Beyond = map[string]casework.Beyond{"role:ra1": {Disposition: casework.DispositionRevoke}, "role:ra2": {Disposition: casework.DispositionAsk}}
			},
			changes: []string{"revoke_role role:ra1"},
			left:    map[string]string{"role:ra2": "it comes with Name of admins"},
			kept:    map[string]string{"role:ra3": "held beside birthright"},
		},
		"protected groups": {
			change: func(f *casework.MoverFacts) {
				f.New = append(f.New, right("group:board", "finance"))
				f.Access.Groups = append(f.Access.Groups, group("council", identity.OriginDirect))
				f.Old = append(f.Old, right("group:council", "sales"))
				f.ProtectedGroups = map[string]string{"group:board": "the board decides", "group:council": "the council decides"}
			},
			left: map[string]string{"group:board": "policy gives it to nobody: the board decides"},
			kept: map[string]string{"group:council": "policy protects it: the council decides"},
		},
		"what Okta does not have": {
			change: func(f *casework.MoverFacts) {
				f.New = append(f.New, casework.Right{Entitlement: identity.Entitlement{Kind: identity.KindGroup, Name: "Fnance"}, Rule: "finance"})
			},
			left: map[string]string{"group:": `Okta has nothing called "Fnance"; correct policy's rule finance`},
		},
		"an app that stays wanted though its group goes": {
			change:  func(f *casework.MoverFacts) { f.New = append(f.New, right("app:crm", "leads")) },
			changes: []string{"assign_app app:crm"},
		},
		"an app that a new group grants": {
			change: func(f *casework.MoverFacts) {
				f.New = append(f.New, right("app:erp", "finance"))
				f.AppGroups = map[string][]identity.Entitlement{"app:erp": {entitlement("group:ledger")}}
			},
			effects: map[string]string{"app:erp": "granted by Name of ledger"},
		},
		"an old app that a group which stays grants": {
			change: func(f *casework.MoverFacts) {
				f.Access.Apps = append(f.Access.Apps, app("wiki", identity.OriginGroup, "staff"), app("chat", identity.OriginBoth, "staff"))
				f.Old = append(f.Old, right("app:wiki", "sales"), right("app:chat", "sales"))
			},
			left: map[string]string{"app:wiki": "Name of staff grants it and stays", "app:chat": "Name of staff grants it as well and stays"},
		},
		"an old app by name beside a group that goes": {
			change: func(f *casework.MoverFacts) {
				f.Access.Apps = append(f.Access.Apps, app("deck", identity.OriginBoth, "forecast"))
				f.Old = append(f.Old, right("app:deck", "sales"))
			},
			changes: []string{"unassign_app app:deck"},
		},
		"an app that came another way": {
			change: func(f *casework.MoverFacts) {
				f.Access.Apps = append(f.Access.Apps, app("odd", identity.OriginImported))
				f.Old = append(f.Old, right("app:odd", "sales"))
			},
			left: map[string]string{"app:odd": "Okta does not say how it was granted"},
		},
	}
	plain := ids(casework.PlanMover(mover()).Plan)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := mover()
			tt.change(&f)
			plan := casework.PlanMover(f).Plan
			assert.ElementsMatch(t, append(append([]string{}, plain...), tt.changes...), ids(plan))
			for _, c := range plan.Changes {
				assert.NotEmpty(t, c.Reason, c.ID)
			}
			left, kept := map[string]string{}, map[string]string{}
			for _, r := range plan.Residuals {
				left[r.Object.Key()] = r.Why
				assert.NotEmpty(t, r.Owner)
			}
			for _, k := range plan.Kept {
				kept[k.Object.Key()] = k.Why
			}
			sameKeys(t, tt.left, left)
			sameKeys(t, tt.kept, kept)
			for key, because := range tt.effects {
				assert.Contains(t, plan.Effects, casework.Effect{Object: entitlement(key), Gives: true, Because: because + "; birthright by policy's rule finance: everybody there uses it"})
			}
			if tt.noteLike != "" {
				assert.Contains(t, plan.Notes[0], tt.noteLike)
			}
		})
	}
}

// sameKeys says that exactly the wanted objects are named, each with the wanted words.
func sameKeys(t *testing.T, want, is map[string]string) {
	t.Helper()
	assert.Len(t, is, len(want), "%v", is)
	for key, words := range want {
		assert.Contains(t, is[key], words, key)
	}
}

// Okta does not say where a membership comes from: one that was given by name reads as the rule's while the rule's
// condition holds. It shows only when the rule has let go and it is still there.
func TestASecondPlanTakesWhatTheRuleDidNotGive(t *testing.T) {
	t.Parallel()
	f := mover()
	first := casework.PlanMover(f).Plan
	assert.NotContains(t, ids(first), "remove_member group:sales")

	f.Access.Person.Attributes = map[string]any{"department": "Finance", "title": "Lead"}
	f.Access.Groups = []identity.Grant{group("sales", identity.OriginDirect), group("staff", identity.OriginDirect), group("finance", identity.OriginGroupRule, "rule2"), group("ledger", identity.OriginDirect)}
	f.Access.Apps = []identity.Grant{app("crm", identity.OriginGroup, "sales"), app("books", identity.OriginDirect)}
	f.RuleLosses, f.RuleGains = nil, nil
	second := casework.PlanMover(f)
	assert.Equal(t, []string{"remove_member group:sales"}, ids(second.Plan))
	assert.True(t, casework.Compare(first, second.Plan).Reopens(casework.RoleChange), "nobody approved taking it by name")
}

func TestPlanMoverSaysWhatHasToWaitForARule(t *testing.T) {
	t.Parallel()
	f := mover()
	f.Access.Groups = append(f.Access.Groups, group("kpi", identity.OriginGroupRule, "rule1"))
	f.New = append(f.New, right("group:kpi", "leads"), right("app:crm", "leads"))
	f.RuleLosses = append(f.RuleLosses, ruleGrant("kpi", "rule1", ""))
	plan := casework.PlanMover(f).Plan
	assert.Equal(t, []string{
		"add_member group:ledger", "assign_app app:crm", "assign_app app:books", "update_profile profile:department", "add_member group:kpi",
		"remove_member group:forecast", "unassign_app app:quotes",
	}, ids(plan))
	assert.Equal(t, identity.OriginGroup, plan.Changes[1].Origin, "it is held through a group until then")
	assert.Equal(t, identity.OriginGroupRule, plan.Changes[4].Origin, "it counts only after the rule has let go")
}

func TestPlanMoverEndsClearly(t *testing.T) {
	t.Parallel()
	conflict := casework.DutyConflict{Name: "pay", One: entitlement("group:ledger"), Other: entitlement("group:staff"), Effect: casework.ConflictBlock, Why: "four eyes"}
	tests := map[string]struct {
		change func(*casework.MoverFacts)
		end    casework.End
		why    string
	}{
		"for a suspended person":   {func(f *casework.MoverFacts) { f.Access.Person.Status = identity.StatusSuspended }, casework.EndInactive, "SUSPENDED"},
		"for a protected person":   {func(f *casework.MoverFacts) { f.Protected = "break-glass" }, casework.EndProtected, "break-glass"},
		"for duties kept apart":    {func(f *casework.MoverFacts) { f.Conflicts = []casework.DutyConflict{conflict} }, casework.EndConflict, "group Name of ledger and group Name of staff may not be in one hand (policy's pay): four eyes"},
		"when everything is so":    {func(f *casework.MoverFacts) { f.Profile, f.Old, f.New = nil, nil, nil }, casework.EndAlready, "already"},
		"when the values are same": {func(f *casework.MoverFacts) { f.Profile["department"], f.Old, f.New = "Sales", nil, nil }, casework.EndAlready, "already"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := mover()
			tt.change(&f)
			d := casework.PlanMover(f)
			assert.Equal(t, tt.end, d.End)
			assert.Contains(t, d.Why, tt.why)
			assert.Empty(t, d.Plan.Changes)
			assert.Equal(t, "00u1", d.Plan.Person.OktaUserID)
		})
	}
	f := mover()
	warned := conflict
	warned.Effect = casework.ConflictWarn
	f.Conflicts = []casework.DutyConflict{warned}
	assert.Equal(t, f.Conflicts, casework.PlanMover(f).Plan.Conflicts, "approvers read it")
}

func TestPlanMoverShowsNoPrivateValue(t *testing.T) {
	t.Parallel()
	f := mover()
	f.Profile = map[string]any{"mobilePhone": "+49 170 1", "title": "", "costCenter": "7"}
	f.Access.Person.Attributes["mobilePhone"] = "+49 160 2"
	c := casework.PlanMover(f).Plan.Phase(casework.PhaseProfile)[0]
	assert.Equal(t, `costCenter empty, mobilePhone set, title "Lead"`, c.Before)
	assert.Equal(t, `costCenter "7", mobilePhone set, title empty`, c.After)
}
