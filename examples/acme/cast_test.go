package acme_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/examples/acme"
)

func person(t *testing.T, c acme.Company, login string) acme.Person {
	t.Helper()
	p, ok := c.PersonByLogin(login)
	require.True(t, ok, login)
	return p
}

func TestOneAccountInEachOfOktasStatuses(t *testing.T) {
	t.Parallel()
	c := load(t)
	for login, status := range map[string]string{
		acme.Stella: "STAGED", acme.Camila: "PROVISIONED", acme.Ruth: "RECOVERY", acme.Pavel: "PASSWORD_EXPIRED",
		acme.Luca: "LOCKED_OUT", acme.Sofia: "SUSPENDED", acme.Dieter: "DEPROVISIONED",
	} {
		assert.Equal(t, status, person(t, c, login).Status, login)
	}
	for _, login := range []string{
		acme.Eleanor, acme.Ada, acme.Lena, acme.Emil, acme.Ivo, acme.Ben, acme.Clara, acme.Dmitri, acme.Jonas, acme.Gabriela,
		acme.Priya, acme.Felix, acme.Yusuf, acme.Hannah, acme.Mara, acme.Rosa, acme.Omar, acme.Farah, acme.Grace, acme.Hiro,
		acme.Tariq, acme.Noemi, acme.Viktor, acme.Josephine, acme.Noor, acme.Niamh, acme.Ines, acme.Tomas,
		acme.ServiceLatchkey, acme.ServiceBackup, acme.BreakGlass1, acme.BreakGlass2,
	} {
		assert.Equal(t, "ACTIVE", person(t, c, login).Status, login)
	}
}

func TestTheCleanLeaverHoldsNothingThatOktaCannotTakeBack(t *testing.T) {
	t.Parallel()
	c := load(t)
	ada := person(t, c, acme.Ada)
	assert.Equal(t, "Berlin", ada.Location)
	assert.Equal(t, acme.Noemi, ada.ManagerEmail)
	assert.Equal(t, []string{"Miro"}, ada.Apps)
	assert.Equal(t, []string{"APP_ADMIN"}, ada.AdminRoles)
	assert.Len(t, ada.Factors, 3)
	projects := 0
	for _, name := range ada.Groups {
		g, ok := c.Group(name)
		require.True(t, ok, name)
		assert.Equal(t, "OKTA_GROUP", g.Type, name)
		assert.False(t, pushed(c, name), name)
		if g.Kind == "project" {
			projects++
		}
	}
	assert.Equal(t, 2, projects)
	miro, _ := c.App("Miro")
	assert.Empty(t, miro.Groups, "Miro is only ever assigned directly")
}

func TestTheOtherLeaverHoldsImportedPushedAndTwiceGrantedAccess(t *testing.T) {
	t.Parallel()
	c := load(t)
	lena := person(t, c, acme.Lena)
	var imported, push int
	for _, name := range lena.Groups {
		g, ok := c.Group(name)
		require.True(t, ok, name)
		if g.Type == "APP_GROUP" {
			imported++
		}
		if pushed(c, name) {
			push++
		}
	}
	assert.Equal(t, 2, imported)
	assert.Equal(t, 2, push)
	salesforce, _ := c.App("Salesforce")
	assert.Contains(t, lena.Apps, salesforce.Label)
	assert.Contains(t, salesforce.Groups, lena.Department+" Department")
	assert.Equal(t, acme.Rosa, lena.ManagerEmail)
}

func TestTheRequestersHaveTheirApprovers(t *testing.T) {
	t.Parallel()
	c := load(t)
	sales, _ := c.Department("Sales")
	assert.Equal(t, acme.Rosa, sales.HeadEmail)
	for _, login := range []string{acme.Ben, acme.Clara, acme.Dmitri, acme.Jonas, acme.Gabriela} {
		p := person(t, c, login)
		assert.Equal(t, acme.Mara, p.ManagerEmail, login)
		assert.Equal(t, "Sales", p.Department, login)
	}
	assert.Equal(t, acme.Rosa, person(t, c, acme.Mara).ManagerEmail)
	for _, label := range []string{"Salesforce", "Tableau"} {
		app, ok := c.App(label)
		require.True(t, ok, label)
		assert.Equal(t, acme.Omar, app.Owner, label)
	}
	assert.NotContains(t, person(t, c, acme.Ben).Apps, "Tableau")
	assert.NotContains(t, person(t, c, acme.Ben).Groups, "Data Analysts")
	assert.Contains(t, person(t, c, acme.Jonas).Apps, "Tableau")
	assert.NotContains(t, person(t, c, acme.Yusuf).Groups, "AWS Production Administrators")
}

func TestTheDeskTeamsHoldTheirLeads(t *testing.T) {
	t.Parallel()
	c := load(t)
	for team, lead := range map[string]string{
		"IT Service Desk": acme.Tariq, "Identity Team": acme.Noemi, "Security Operations": acme.Grace,
		"HR Operations": acme.Farah, "Application Owners": acme.Omar,
	} {
		i := slices.IndexFunc(c.AgentGroups, func(g acme.AgentGroup) bool { return g.Name == team })
		require.GreaterOrEqual(t, i, 0, team)
		assert.Contains(t, c.AgentGroups[i].Members, lead)
		assert.NotContains(t, c.AgentGroups[i].Members, acme.ServiceLatchkey, "a program cannot vote")
		assert.GreaterOrEqual(t, len(c.AgentGroups[i].Members), 3, team)
	}
	help, ok := c.Group("Okta Help Desk Administrators")
	require.True(t, ok)
	assert.Equal(t, []string{"HELP_DESK_ADMIN"}, help.AdminRoles)
	assert.Contains(t, person(t, c, acme.Tariq).Groups, help.Name)
}

func TestTheAddressesThatTryTheToolsAreThere(t *testing.T) {
	t.Parallel()
	c := load(t)
	assert.Equal(t, acme.Noor, person(t, c, acme.Noor).Email)
	assert.Equal(t, acme.Niamh, person(t, c, acme.Niamh).Email)
	assert.Equal(t, acme.Reception, person(t, c, acme.Ines).Email)
	assert.Equal(t, acme.Reception, person(t, c, acme.Tomas).Email)
	for _, login := range []string{acme.ServiceLatchkey, acme.ServiceBackup, acme.BreakGlass1, acme.BreakGlass2} {
		assert.False(t, person(t, c, login).Human(), login)
	}
}

func pushed(c acme.Company, group string) bool {
	return slices.ContainsFunc(c.Apps, func(a acme.App) bool { return slices.Contains(a.Pushes, group) })
}
