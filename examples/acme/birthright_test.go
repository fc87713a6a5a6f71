package acme_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/casework"
	"latchkey/examples/acme"
	"latchkey/identity"
	"latchkey/policy"
)

func factsOf(c acme.Company, p acme.Person) policy.PersonFacts {
	values := map[string]any{}
	for name, value := range c.OktaProfile(p) {
		values[name] = value
	}
	return policy.PersonFacts{Person: policy.Become(identity.Person{}, values)}
}

// Birthright speaks of real groups, each rule fits somebody, and it foretells what the department's and the office's
// rules do in Okta.
func TestBirthrightOfEverybodyAtAcme(t *testing.T) {
	t.Parallel()
	c := load(t)
	p, err := policy.Load("policies")
	require.NoError(t, err)
	used := map[string]bool{}
	for _, person := range c.People {
		rights, err := p.Birthright(factsOf(c, person))
		require.NoError(t, err)
		given := map[string]bool{}
		for _, r := range rights {
			used[r.Rule] = true
			given[r.Entitlement.Name] = true
			require.Equal(t, identity.KindGroup, r.Entitlement.Kind, "access comes through groups")
			group, known := c.Group(r.Entitlement.Name)
			require.True(t, known, r.Entitlement.Name)
			assert.Equal(t, "OKTA_GROUP", group.Type)
			_, protected := p.ProtectedGroup(group.Name)
			assert.False(t, protected, "%s is given by hand only", group.Name)
		}
		if person.Department != "" {
			assert.True(t, given[person.Department+" Department"], person.Email)
		}
		assert.Equal(t, person.UserType == "Employee", given["All Employees"], person.Email)
		assert.Equal(t, person.Location == "Berlin", given["Berlin Office"], person.Email)
	}
	assert.Len(t, used, 24, "a rule that fits nobody is a mistake")
}

// Nobody at Acme holds what policy blocks, and the pairs that policy warns of are there to be seen.
func TestDutiesOfEverybodyAtAcme(t *testing.T) {
	t.Parallel()
	c := load(t)
	p, err := policy.Load("policies")
	require.NoError(t, err)
	effects := map[casework.ConflictEffect]int{}
	for _, person := range c.People {
		var held []identity.Entitlement
		for _, name := range person.Groups {
			held = append(held, identity.Entitlement{Kind: identity.KindGroup, Name: name})
		}
		for _, name := range person.Apps {
			held = append(held, identity.Entitlement{Kind: identity.KindApp, Name: name})
		}
		if person.Department == "Finance" { // the department's group gives it
			held = append(held, identity.Entitlement{Kind: identity.KindApp, Name: "NetSuite"})
		}
		for _, conflict := range p.DutyConflicts(held) {
			effects[conflict.Effect]++
			assert.NotEqual(t, casework.ConflictBlock, conflict.Effect, person.Email)
		}
	}
	assert.Positive(t, effects[casework.ConflictWarn])
}
