package acme_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"latchkey/examples/acme"
)

func TestValidateRefusesACompanyThatContradictsItself(t *testing.T) {
	t.Parallel()
	at := func(c *acme.Company, login string) *acme.Person {
		for i := range c.People {
			if c.People[i].Login == login {
				return &c.People[i]
			}
		}
		return &acme.Person{}
	}
	for name, tc := range map[string]struct {
		spoil func(*acme.Company)
		says  string
	}{
		"managers in a circle": {
			func(c *acme.Company) { at(c, acme.Rosa).ManagerEmail = acme.Mara },
			"go in a circle",
		},
		"two people at the top": {
			func(c *acme.Company) { at(c, acme.Rosa).ManagerEmail = "" },
			"here it is 2",
		},
		"a manager who left": {
			func(c *acme.Company) { at(c, acme.Ben).ManagerEmail = acme.Dieter },
			"not an active person",
		},
		"a manager at a shared address": {
			func(c *acme.Company) { at(c, acme.Ben).ManagerEmail = acme.Reception },
			"that 2 people share",
		},
		"a login used twice": {
			func(c *acme.Company) { at(c, acme.Ben).Login = acme.Mara },
			`login "mara.delacroix@acme.example" occurs 2 times`,
		},
		"an unknown group": {
			func(c *acme.Company) { at(c, acme.Ben).Groups = []string{"Project Zephyr"} },
			`names group "Project Zephyr", which does not exist`,
		},
		"a listed membership that a rule manages": {
			func(c *acme.Company) { at(c, acme.Ben).Groups = []string{"Sales Department"} },
			"which a rule manages",
		},
		"an unknown app": {
			func(c *acme.Company) { at(c, acme.Ben).Apps = []string{"Minesweeper"} },
			`names app "Minesweeper"`,
		},
		"an address elsewhere": {
			func(c *acme.Company) { at(c, acme.Ben).Email = "ben@elsewhere.example" },
			"is no lower-case address of acme.example",
		},
		"an unknown factor": {
			func(c *acme.Company) { at(c, acme.Ben).Factors = []string{"pigeon"} },
			`factor "pigeon" is none of`,
		},
		"an unknown status": {
			func(c *acme.Company) { at(c, acme.Ben).Status = "AWAY" },
			`status "AWAY" is none of`,
		},
		"a head from elsewhere": {
			func(c *acme.Company) { c.Departments[0].HeadEmail = acme.Ben },
			"has a head who works in",
		},
		"no such time zone": {
			func(c *acme.Company) { c.Locations[0].TimeZone = "Europe/Atlantis" },
			"is no IANA time zone",
		},
		"a shared time zone": {
			func(c *acme.Company) { c.Locations[0].TimeZone = c.Locations[1].TimeZone },
			"share a time zone",
		},
		"a rule into an imported group": {
			func(c *acme.Company) { c.Rules[0].Groups = []string{"Workday Payroll EMEA"} },
			"which an app owns",
		},
		"an imported group without its app": {
			func(c *acme.Company) { c.Groups[len(c.Groups)-1].Source = "" },
			"an APP_GROUP with a source",
		},
		"an app nobody owns": {
			func(c *acme.Company) { c.Apps[0].Owner = "nobody@acme.example" },
			"whom nobody knows",
		},
		"a requester in a team of agents": {
			func(c *acme.Company) { c.AgentGroups[0].Members = []string{acme.Ben} },
			"who is no agent",
		},
		"a dropdown without choices": {
			func(c *acme.Company) { c.Items[0].Fields[1].Choices = nil },
			"a dropdown has choices",
		},
		"a status number of the vendor's": {
			func(c *acme.Company) { c.Statuses[0].ID = 4 },
			"needs a number of its own",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := load(t)
			tc.spoil(&c)
			require.ErrorContains(t, c.Validate(), tc.says)
		})
	}
}
