package casework_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/casework"
	"latchkey/identity"
)

func match(kind identity.Kind, id string) casework.GrantMatch {
	return casework.GrantMatch{Entitlement: identity.Entitlement{Kind: kind, ID: id, Name: "Name of " + id}}
}

// wish is an active person asking for one group that the catalogue offers.
func wish() casework.GrantFacts {
	return casework.GrantFacts{
		Item:         casework.Item{Key: "41", Name: "Project Apollo", Catalogue: "apollo", Beneficiary: "ada@acme.example"},
		Found:        []identity.Person{ada(identity.StatusActive)},
		Entry:        &casework.GrantEntry{Name: "Project Apollo", Requestable: true},
		Matches:      []casework.GrantMatch{match(identity.KindGroup, "apollo")},
		PolicyDigest: "p1",
	}
}

func TestPlanGrantGivesOneThing(t *testing.T) {
	t.Parallel()
	d := casework.PlanGrant(wish())
	require.Empty(t, d.End)
	require.Len(t, d.Plan.Changes, 1)
	c := d.Plan.Changes[0]
	assert.Equal(t, "add_member group:apollo", c.ID)
	assert.Equal(t, casework.VerbRemoveMember, c.Inverse)
	assert.Equal(t, "41", c.Item)
	assert.Equal(t, casework.DigestOf(d.Plan), d.Plan.Digest)
}

func TestPlanGrantPrefersTheGroup(t *testing.T) {
	t.Parallel()
	f := wish()
	f.Matches = []casework.GrantMatch{match(identity.KindApp, "app1"), match(identity.KindGroup, "apollo")}
	assert.Equal(t, "group:apollo", casework.PlanGrant(f).Object.Key())
	f.Matches = f.Matches[:1]
	assert.Equal(t, "assign_app app:app1", casework.PlanGrant(f).Plan.Changes[0].ID)
}

func TestPlanGrantEndsClearly(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		change func(*casework.GrantFacts)
		end    casework.End
		why    string
	}{
		"without a beneficiary":        {func(f *casework.GrantFacts) { f.Item.Beneficiary = "" }, casework.EndUnknownPerson, "for whom"},
		"for an unknown person":        {func(f *casework.GrantFacts) { f.Found = nil }, casework.EndUnknownPerson, "ada@acme.example"},
		"for several people":           {func(f *casework.GrantFacts) { f.Found = append(f.Found, f.Found[0]) }, casework.EndSeveralPeople, "2 accounts"},
		"for a suspended person":       {func(f *casework.GrantFacts) { f.Found[0].Status = identity.StatusSuspended }, casework.EndInactive, "SUSPENDED"},
		"for a deactivated person":     {func(f *casework.GrantFacts) { f.Found[0].Status = identity.StatusDeprovisioned }, casework.EndInactive, "DEPROVISIONED"},
		"for a protected person":       {func(f *casework.GrantFacts) { f.Protected = "break-glass" }, casework.EndProtected, "break-glass"},
		"for an item nobody knows":     {func(f *casework.GrantFacts) { f.Entry = nil }, casework.EndUnknownItem, "no entry"},
		"for an item not on request":   {func(f *casework.GrantFacts) { f.Entry.Requestable = false }, casework.EndUnknownItem, "not given on request"},
		"for a thing Okta lacks":       {func(f *casework.GrantFacts) { f.Matches = nil }, casework.EndUnknownItem, "correct the catalogue"},
		"for an ambiguous name":        {func(f *casework.GrantFacts) { f.Matches = append(f.Matches, match(identity.KindGroup, "other")) }, casework.EndUnknownItem, "apollo, other"},
		"for a group mastered outside": {func(f *casework.GrantFacts) { f.Matches[0].Refused = "a directory masters it" }, casework.EndUnknownItem, "a directory masters it"},
		"for a protected group":        {func(f *casework.GrantFacts) { f.ProtectedGroup = "admins" }, casework.EndProtected, "admins"},
		"for what is held by name": {func(f *casework.GrantFacts) {
			f.Access.Groups = []identity.Grant{group("apollo", identity.OriginDirect)}
		}, casework.EndAlready, "as a member by name"},
		"for what a rule gave": {func(f *casework.GrantFacts) {
			f.Access.Groups = []identity.Grant{group("apollo", identity.OriginGroupRule, "r1")}
		}, casework.EndAlready, "through group rule Name of r1"},
		"for an app that a group grants": {func(f *casework.GrantFacts) {
			f.Matches = []casework.GrantMatch{match(identity.KindApp, "crm")}
			f.Access.Apps = []identity.Grant{app("crm", identity.OriginGroup, "sales")}
		}, casework.EndAlready, "through group Name of sales"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := wish()
			tt.change(&f)
			d := casework.PlanGrant(f)
			assert.Equal(t, tt.end, d.End)
			assert.Contains(t, d.Why, tt.why)
			assert.Empty(t, d.Plan.Changes)
		})
	}
}
