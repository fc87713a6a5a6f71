package acme_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/examples/acme"
)

func load(t *testing.T) acme.Company {
	t.Helper()
	c, err := acme.Load()
	require.NoError(t, err)
	return c
}

func TestTwoLoadsAreEqualAndShareNothing(t *testing.T) {
	t.Parallel()
	first, second := load(t), load(t)
	require.Equal(t, first, second)

	first.People[0].Title = "changed"
	first.Apps[0].Groups[0] = "changed"
	first.Items[0].Fields[0].Label = "changed"
	require.Equal(t, load(t), second, "changing one load changed the other")
}

func TestTheCompanyIsAsLargeAsItSays(t *testing.T) {
	t.Parallel()
	c := load(t)
	humans := slices.DeleteFunc(slices.Clone(c.People), func(p acme.Person) bool { return !p.Human() })
	agents := slices.DeleteFunc(slices.Clone(humans), func(p acme.Person) bool { return !p.Agent })
	kinds := make(map[string]int)
	for _, g := range c.Groups {
		kinds[g.Kind]++
	}
	assert.Len(t, humans, 168)
	assert.Len(t, agents, 15)
	assert.Len(t, c.Departments, 12)
	assert.Len(t, c.Locations, 6)
	assert.Len(t, c.Apps, 25)
	assert.Len(t, c.AgentGroups, 5)
	assert.Equal(t, map[string]int{
		"company": 2, "department": 12, "location": 2, "role": 14, "project": 6, "admin": 2, "imported": 2,
	}, kinds)
	assert.GreaterOrEqual(t, len(c.Items), 22)
}

func TestEveryDepartmentHasARuleForItsGroup(t *testing.T) {
	t.Parallel()
	c := load(t)
	for _, d := range c.Departments {
		want := `user.department=="` + d.Name + `"`
		i := slices.IndexFunc(c.Rules, func(r acme.GroupRule) bool { return r.Expression == want })
		if assert.GreaterOrEqual(t, i, 0, "no rule %s", want) {
			assert.Equal(t, []string{d.Name + " Department"}, c.Rules[i].Groups)
		}
	}
}

func TestEverybodyReachesTheChiefExecutive(t *testing.T) {
	t.Parallel()
	c := load(t)
	for _, p := range c.People {
		if p.Email == acme.Eleanor {
			assert.Empty(t, c.Managers(p))
			continue
		}
		chain := c.Managers(p)
		if assert.NotEmpty(t, chain, p.Login) {
			assert.Equal(t, acme.Eleanor, chain[len(chain)-1].Email, p.Login)
			assert.LessOrEqual(t, len(chain), 5, p.Login)
		}
	}
}

func TestAppsAreGrantedInEveryWay(t *testing.T) {
	t.Parallel()
	c := load(t)
	ways := make(map[string][]string)
	for _, a := range c.Apps {
		direct := slices.ContainsFunc(c.People, func(p acme.Person) bool { return slices.Contains(p.Apps, a.Label) })
		switch {
		case direct && len(a.Groups) > 0:
			ways["both"] = append(ways["both"], a.Label)
		case direct:
			ways["direct"] = append(ways["direct"], a.Label)
		case len(a.Groups) > 0:
			ways["group"] = append(ways["group"], a.Label)
		default:
			ways["nobody"] = append(ways["nobody"], a.Label)
		}
		if len(a.Pushes) > 0 {
			ways["pushed to"] = append(ways["pushed to"], a.Label)
		}
	}
	assert.Empty(t, ways["nobody"])
	for _, way := range []string{"both", "direct", "group", "pushed to"} {
		assert.NotEmpty(t, ways[way], way)
	}
}

func TestMostPeopleHaveFactorsAndFewAreAdministrators(t *testing.T) {
	t.Parallel()
	c := load(t)
	var with int
	roles := make(map[string][]string)
	for _, p := range c.People {
		if p.Human() && len(p.Factors) > 0 {
			with++
		}
		if len(p.AdminRoles) > 0 {
			roles[p.Email] = p.AdminRoles
		}
	}
	assert.Greater(t, with, 140)
	assert.Equal(t, map[string][]string{
		acme.Viktor:          {"SUPER_ADMIN"},
		acme.Noemi:           {"ORG_ADMIN"},
		acme.Ada:             {"APP_ADMIN"},
		acme.Grace:           {"READ_ONLY_ADMIN"},
		acme.ServiceLatchkey: {"SUPER_ADMIN"},
		acme.BreakGlass1:     {"SUPER_ADMIN"},
		acme.BreakGlass2:     {"SUPER_ADMIN"},
	}, roles)
}

func TestNamesAreVariedYetPlainUTF8(t *testing.T) {
	t.Parallel()
	c := load(t)
	widths := make(map[int]bool)
	var apostrophes, spaces int
	for _, p := range c.People {
		for _, r := range p.DisplayName() {
			widths[len(string(r))] = true
		}
		if strings.Contains(p.LastName, "'") {
			apostrophes++
		}
		if strings.Contains(p.LastName, " ") {
			spaces++
		}
	}
	assert.Equal(t, []int{1, 2, 3}, slices.Sorted(maps.Keys(widths)), "bytes of the characters in names")
	assert.GreaterOrEqual(t, apostrophes, 2)
	assert.GreaterOrEqual(t, spaces, 3)
}

func TestTheDeskKnowsAnAddressOnce(t *testing.T) {
	t.Parallel()
	c := load(t)
	seen := make(map[string]string)
	for _, p := range c.DeskPeople() {
		assert.Empty(t, seen[p.Email], "%s and %s share an address", seen[p.Email], p.Login)
		seen[p.Email] = p.Login
	}
	assert.Len(t, seen, 168, "the humans but the second receptionist, and the service account with the key")
	assert.Equal(t, acme.Ines, seen[acme.Reception])
	assert.Contains(t, seen, acme.ServiceLatchkey)
	assert.NotContains(t, seen, acme.ServiceBackup)
	assert.NotContains(t, seen, acme.BreakGlass1)
}

func TestAnOktaProfileHoldsWhatTheRulesAskForAndNoEmptyValue(t *testing.T) {
	t.Parallel()
	c := load(t)
	ada, ok := c.PersonByLogin(acme.Ada)
	require.True(t, ok)
	assert.Equal(t, map[string]string{
		"login": acme.Ada, "email": acme.Ada, "firstName": "Ada", "lastName": "Okonkwo", "displayName": "Ada Okonkwo",
		"title": "Senior Systems Engineer", "department": "IT", "employeeNumber": ada.EmployeeNumber,
		"userType": "Employee", "mobilePhone": ada.MobilePhone, "organization": "Acme",
		"city": "Berlin", "countryCode": "DE", "timezone": "Europe/Berlin",
		"managerId": acme.Noemi, "manager": "Noémi Szabó",
	}, c.OktaProfile(ada))
	for _, p := range c.People {
		assert.NotContains(t, slices.Collect(maps.Values(c.OktaProfile(p))), "", p.Login)
	}
}
