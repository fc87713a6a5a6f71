package oktasim_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/examples/acme"
	"latchkey/simulators/okta/oktasim"
)

func acmeSeed(t *testing.T) func(*oktasim.Options) {
	t.Helper()
	company, err := acme.Load()
	require.NoError(t, err)
	return func(opts *oktasim.Options) { opts.Seed = &company }
}

func TestAcmeIsThere(t *testing.T) {
	t.Parallel()
	company, err := acme.Load()
	require.NoError(t, err)
	o := newOrg(t, func(opts *oktasim.Options) { opts.Seed = &company })
	sum := o.sim.Summary()
	assert.Equal(t, len(company.People)+1, sum.People(), "everybody and the owner of the token")
	assert.Equal(t, len(company.Apps), sum.Apps)
	assert.Equal(t, len(company.Rules), sum.Rules)
	assert.Zero(t, sum.Events, "the log begins with the first act")
	assert.Zero(t, sum.JobsWaiting)
	assert.Empty(t, o.sim.Mails())
	for _, p := range company.People {
		v, found := o.sim.User(p.Login)
		require.True(t, found, p.Login)
		assert.Equal(t, p.Status, v.Status, p.Login)
		assert.ElementsMatch(t, p.Factors, v.Factors, p.Login)
		names := []string{}
		for _, g := range v.Groups {
			names = append(names, g.Name)
		}
		assert.Subset(t, names, p.Groups, p.Login)
		for _, a := range v.Apps {
			if v.Status == "DEPROVISIONED" {
				t.Errorf("%s is deactivated and still has %s", p.Login, a.Label)
			}
		}
	}
}

func TestSeedIsTheSameEveryTime(t *testing.T) {
	t.Parallel()
	a, b := newOrg(t, acmeSeed(t)), newOrg(t, acmeSeed(t))
	for _, login := range a.sim.Logins() {
		one, _ := a.sim.User(login)
		two, _ := b.sim.User(login)
		assert.Equal(t, one, two)
	}
	before, _ := a.sim.User("eleanor.marsh@acme.example")
	a.ok("POST", "/users/"+before.ID+"/lifecycle/suspend", nil)
	require.NoError(t, a.sim.Reset())
	after, _ := a.sim.User("eleanor.marsh@acme.example")
	assert.Equal(t, before, after)
	assert.Empty(t, a.sim.Log())
}

func TestSeedThatContradictsItselfIsRefused(t *testing.T) {
	t.Parallel()
	ada := acme.Person{FirstName: "Ada", LastName: "L", Email: "ada@tiny.example"}
	with := func(change func(*acme.Person)) acme.Person {
		p := ada
		change(&p)
		return p
	}
	for name, co := range map[string]acme.Company{
		"same login":    {People: []acme.Person{ada, ada}},
		"no such group": {People: []acme.Person{with(func(p *acme.Person) { p.Groups = []string{"Ghosts"} })}},
		"no such app":   {People: []acme.Person{with(func(p *acme.Person) { p.Apps = []string{"Ghost"} })}},
		"no such role":  {People: []acme.Person{with(func(p *acme.Person) { p.AdminRoles = []string{"KING"} })}},
		"bad rule":      {Rules: []acme.GroupRule{{Name: "R", Expression: "user.="}}},
		"same group":    {Groups: []acme.Group{{Name: "A"}, {Name: "A"}}},
	} {
		_, err := oktasim.New(oktasim.Options{Seed: &co})
		require.Error(t, err, name)
	}
}
