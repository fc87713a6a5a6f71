package casework_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"latchkey/casework"
	"latchkey/identity"
)

func group(id string, origin identity.Origin, via ...string) identity.Grant {
	return grantOf(identity.KindGroup, id, origin, via...)
}

func app(id string, origin identity.Origin, via ...string) identity.Grant {
	return grantOf(identity.KindApp, id, origin, via...)
}

func grantOf(kind identity.Kind, id string, origin identity.Origin, via ...string) identity.Grant {
	g := identity.Grant{Entitlement: identity.Entitlement{Kind: kind, ID: id, Name: "Name of " + id}, Origin: origin}
	for _, v := range via {
		g.Via = append(g.Via, identity.Ref{ID: v, Name: "Name of " + v})
	}
	return g
}

func ada(status identity.UserStatus) identity.Person {
	return identity.Person{
		OktaUserID: "00u1", Status: status, FirstName: "Ada", LastName: "Byron", Email: "ada@acme.example",
		Attributes: map[string]any{"department": "Sales", "title": "Lead", "login": "ada@acme.example", "division": ""},
	}
}

// leaver is a person with everything, and a policy that deactivates at once.
func leaver() casework.LeaverFacts {
	return casework.LeaverFacts{
		Access: identity.Access{
			Person: ada(identity.StatusActive),
			Groups: []identity.Grant{
				group("everyone", identity.OriginBuiltIn),
				group("project", identity.OriginDirect),
				group("sales", identity.OriginGroupRule, "rule1"),
				group("directory", identity.OriginImported),
				group("pushed", identity.OriginGroupPush, "github"),
			},
			Apps: []identity.Grant{
				app("mail", identity.OriginGroup, "sales"),
				app("crm", identity.OriginDirect),
				app("wiki", identity.OriginBoth, "project"),
			},
			Roles:   []identity.Grant{grantOf(identity.KindRole, "ra1", identity.OriginDirect), grantOf(identity.KindRole, "ra2", identity.OriginGroup, "admins")},
			Factors: []identity.Grant{grantOf(identity.KindFactor, "f1", identity.OriginDirect)},
		},
		End:             casework.VerbDeactivate,
		ClearAttributes: []string{"title", "department", "division", "login"},
		Owners:          map[identity.Origin]string{identity.OriginImported: "Directory Team", "": "Identity Team"},
		PolicyDigest:    "p1",
	}
}

func ids(plan casework.Plan) []string {
	var all []string
	for _, c := range plan.Changes {
		all = append(all, c.ID)
	}
	return all
}

func TestPlanLeaverTakesEverythingInASafeOrder(t *testing.T) {
	t.Parallel()
	plan := casework.PlanLeaver(leaver())

	assert.Equal(t, []string{
		"suspend account:00u1", "end_sessions session:00u1", "reset_factors factor:00u1", "revoke_role role:ra1",
		"clear_attributes profile:department,title", "remove_member group:project", "unassign_app app:crm",
		"unassign_app app:wiki", "deactivate account:00u1",
	}, ids(plan))
	assert.Equal(t, map[string]any{"department": "Sales", "title": "Lead"}, plan.Phase(casework.PhaseAttributes)[0].Values)
	assert.Equal(t, casework.VerbUnsuspend, plan.Changes[0].Inverse)
	assert.Equal(t, casework.DigestOf(plan), plan.Digest)

	var effects, left []string
	for _, e := range plan.Effects {
		effects = append(effects, e.Object.Key())
	}
	for _, r := range plan.Residuals {
		left = append(left, r.Object.Key()+" "+r.Owner)
		assert.True(t, r.Expected)
	}
	assert.Equal(t, []string{"role:ra2", "group:sales", "app:mail"}, effects)
	assert.Equal(t, []string{"group:directory Directory Team", "group:pushed Identity Team"}, left)
	assert.Contains(t, plan.Notes[0], "login, which Okta requires")
}

func TestPlanLeaverShutsTheDoorByStatus(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		status identity.UserStatus
		door   []casework.Verb
		end    []casework.Verb
	}{
		"active is suspended, then deactivated":        {identity.StatusActive, []casework.Verb{casework.VerbSuspend}, []casework.Verb{casework.VerbDeactivate}},
		"suspended has no door left to shut":           {identity.StatusSuspended, nil, []casework.Verb{casework.VerbDeactivate}},
		"staged is deactivated at once":                {identity.StatusStaged, []casework.Verb{casework.VerbDeactivate}, nil},
		"provisioned is deactivated at once":           {identity.StatusProvisioned, []casework.Verb{casework.VerbDeactivate}, nil},
		"in recovery is deactivated at once":           {identity.StatusRecovery, []casework.Verb{casework.VerbDeactivate}, nil},
		"with an expired password is deactivated":      {identity.StatusPasswordExpired, []casework.Verb{casework.VerbDeactivate}, nil},
		"locked out, so unlockable, is deactivated":    {identity.StatusLockedOut, []casework.Verb{casework.VerbDeactivate}, nil},
		"deactivated already only has leftovers swept": {identity.StatusDeprovisioned, nil, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			facts := leaver()
			facts.Access.Person.Status = tt.status
			plan := casework.PlanLeaver(facts)
			assert.Equal(t, tt.door, verbs(plan, casework.PhaseDoor))
			assert.Equal(t, tt.end, verbs(plan, casework.PhaseEnd))
		})
	}
}

func verbs(plan casework.Plan, phase casework.Phase) []casework.Verb {
	var all []casework.Verb
	for _, c := range plan.Phase(phase) {
		all = append(all, c.Verb)
	}
	return all
}

func TestPlanLeaverSweepsWhatADeactivatedAccountStillHolds(t *testing.T) {
	t.Parallel()
	facts := leaver()
	facts.Access.Person.Status = identity.StatusDeprovisioned
	plan := casework.PlanLeaver(facts)
	assert.Equal(t, []string{"revoke_role role:ra1", "remove_member group:project", "remove_member group:sales"}, ids(plan))
	assert.Len(t, plan.Residuals, 2)
	assert.Contains(t, plan.Changes[2].Reason, "exclusion")
}

func TestPlanLeaverEndsByPolicy(t *testing.T) {
	t.Parallel()
	t.Run("suspend without a later deactivation stays suspended", func(t *testing.T) {
		t.Parallel()
		facts := leaver()
		facts.End = casework.VerbSuspend
		plan := casework.PlanLeaver(facts)
		assert.Empty(t, plan.Phase(casework.PhaseEnd))
		assert.Contains(t, plan.Notes, "Policy leaves the account suspended and does not deactivate it.")
	})
	t.Run("a ladder deactivates later", func(t *testing.T) {
		t.Parallel()
		facts := leaver()
		facts.End, facts.DeactivateAfter = casework.VerbSuspend, 30*24*time.Hour
		plan := casework.PlanLeaver(facts)
		require.Len(t, plan.Phase(casework.PhaseEnd), 1)
		assert.Contains(t, plan.Phase(casework.PhaseEnd)[0].Reason, "30 days after the door was shut")
		assert.Equal(t, 30*24*time.Hour, plan.DeactivateAfter)
	})
	t.Run("a kept app stops the deactivation that would take it", func(t *testing.T) {
		t.Parallel()
		facts := leaver()
		facts.Keep = map[string]casework.Kept{"app:crm": {Why: "handover", Who: "Sales Ops", Until: time.Date(2026, 12, 31, 0, 0, 0, 0, time.UTC)}}
		plan := casework.PlanLeaver(facts)
		assert.Empty(t, plan.Phase(casework.PhaseEnd))
		assert.NotContains(t, ids(plan), "unassign_app app:crm")
		assert.Equal(t, "account:00u1", plan.Kept[len(plan.Kept)-1].Object.Key())
		assert.Contains(t, plan.Kept[len(plan.Kept)-1].Why, "handover")
	})
	t.Run("a legal hold shuts the door and keeps everything that holds data", func(t *testing.T) {
		t.Parallel()
		facts := leaver()
		facts.Hold = &casework.Kept{Why: "case 7", Who: "Legal", Until: time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)}
		plan := casework.PlanLeaver(facts)
		assert.Equal(t, []string{"suspend account:00u1", "end_sessions session:00u1", "reset_factors factor:00u1", "revoke_role role:ra1"}, ids(plan))
		for _, k := range plan.Kept {
			assert.Equal(t, "Legal", k.Who)
			assert.Equal(t, "legal hold: case 7", k.Why)
		}
	})
}

func TestPlanLeaverLetsOnlyWhatCanBeTakenBackRunInAnEmergency(t *testing.T) {
	t.Parallel()
	facts := leaver()
	facts.Request.Emergency = true
	for _, c := range casework.PlanLeaver(facts).Changes {
		want := c.Verb == casework.VerbSuspend || c.Verb == casework.VerbEndSessions
		assert.Equal(t, want, c.Reversible, c.ID)
	}
}

// drawLeaver makes any leaver: every status, origin, keep and policy.
func drawLeaver(t *rapid.T) casework.LeaverFacts {
	statuses := []identity.UserStatus{
		identity.StatusStaged, identity.StatusProvisioned, identity.StatusActive, identity.StatusRecovery,
		identity.StatusPasswordExpired, identity.StatusLockedOut, identity.StatusSuspended, identity.StatusDeprovisioned,
	}
	origins := []identity.Origin{
		identity.OriginDirect, identity.OriginGroup, identity.OriginBoth, identity.OriginGroupRule,
		identity.OriginGroupPush, identity.OriginImported, identity.OriginBuiltIn,
	}
	draw := func(kind identity.Kind, label string) []identity.Grant {
		ids := rapid.SliceOfNDistinct(rapid.StringMatching(`[a-z]{4}`), 0, 6, rapid.ID[string]).Draw(t, label)
		var all []identity.Grant
		for _, id := range ids {
			all = append(all, grantOf(kind, id, rapid.SampledFrom(origins).Draw(t, label+" origin"), "via"))
		}
		return all
	}
	f := casework.LeaverFacts{
		Access: identity.Access{
			Person: ada(rapid.SampledFrom(statuses).Draw(t, "status")),
			Groups: draw(identity.KindGroup, "groups"), Apps: draw(identity.KindApp, "apps"), Roles: draw(identity.KindRole, "roles"),
		},
		End:             rapid.SampledFrom([]casework.Verb{casework.VerbDeactivate, casework.VerbSuspend}).Draw(t, "end"),
		DeactivateAfter: time.Duration(rapid.IntRange(0, 2).Draw(t, "days")) * 24 * time.Hour,
		ClearAttributes: []string{"department"},
		Keep:            map[string]casework.Kept{},
	}
	for _, g := range f.Access.All() {
		if rapid.IntRange(0, 3).Draw(t, "keep") == 0 {
			f.Keep[g.Entitlement.Key()] = casework.Kept{Object: g.Entitlement, Why: "kept"}
		}
	}
	if rapid.IntRange(0, 4).Draw(t, "hold") == 0 {
		f.Hold = &casework.Kept{Why: "hold"}
	}
	return f
}

func TestEveryLeaverPlan(t *testing.T) {
	t.Parallel()
	phases := []casework.Phase{
		casework.PhaseDoor, casework.PhaseSessions, casework.PhaseFactors, casework.PhaseRoles, casework.PhaseAttributes,
		casework.PhaseMemberships, casework.PhaseApps, casework.PhaseEnd, casework.PhaseSweep,
	}
	rank := map[casework.Phase]int{}
	for i, p := range phases {
		rank[p] = i
	}
	rapid.Check(t, func(t *rapid.T) {
		f := drawLeaver(t)
		plan := casework.PlanLeaver(f)
		origin := map[string]identity.Origin{}
		for _, g := range f.Access.All() {
			origin[g.Entitlement.Key()] = g.Origin
		}
		touched, last := map[string]bool{}, 0
		for _, c := range plan.Changes {
			key := c.Object.Key()
			if touched[c.ID] {
				t.Fatalf("%s is planned twice", c.ID)
			}
			touched[c.ID] = true
			if c.Verb.Grants() {
				t.Fatalf("a leaver is given something: %s", c.ID)
			}
			if rank[c.Phase] < last {
				t.Fatalf("%s comes after a later phase", c.ID)
			}
			last = rank[c.Phase]
			if _, kept := f.Keep[key]; kept && c.Verb != casework.VerbRevokeRole {
				t.Fatalf("%s touches what is kept", c.ID)
			}
			switch origin[key] {
			case identity.OriginBuiltIn, identity.OriginImported, identity.OriginGroupPush:
				t.Fatalf("%s touches a %s object", c.ID, origin[key])
			case identity.OriginGroupRule:
				if c.Phase != casework.PhaseSweep {
					t.Fatalf("%s removes a rule-managed membership before the sweep", c.ID)
				}
			case identity.OriginDirect, identity.OriginGroup, identity.OriginBoth:
			}
			if f.Hold != nil && (c.Phase == casework.PhaseMemberships || c.Phase == casework.PhaseApps || c.Phase == casework.PhaseEnd || c.Phase == casework.PhaseAttributes || c.Verb == casework.VerbRemoveMember) {
				t.Fatalf("%s loses data under a legal hold", c.ID)
			}
		}
		if f.Access.Person.Status.CanSignIn() && (len(plan.Changes) == 0 || plan.Changes[0].Phase != casework.PhaseDoor) {
			t.Fatalf("the door is not first: %v", ids(plan))
		}
		// Nothing the person holds is passed over in silence.
		named := map[string]bool{}
		for _, c := range plan.Changes {
			named[c.Object.Key()] = true
		}
		for _, e := range plan.Effects {
			named[e.Object.Key()] = true
		}
		for _, k := range plan.Kept {
			named[k.Object.Key()] = true
		}
		for _, r := range plan.Residuals {
			named[r.Object.Key()] = true
		}
		if f.Access.Person.Status != identity.StatusDeprovisioned {
			for key, o := range origin {
				if o != identity.OriginBuiltIn && !named[key] {
					t.Fatalf("%s (%s) is not in the plan in any way", key, o)
				}
			}
		}
	})
}
