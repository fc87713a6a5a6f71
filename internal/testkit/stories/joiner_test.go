package stories_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/casework"
	"latchkey/examples/acme"
	"latchkey/internal/playground"
	"latchkey/internal/testkit"
	"latchkey/simulators/okta/oktasim"
)

// newcomer is a form as HR fills it in.
func newcomer(first, last string, more map[string]any) map[string]any {
	fields := map[string]any{
		"first_name": first, "last_name": last, "personal_email": strings.ToLower(first + "@home.example"), "job_title": "Account Executive",
		"department": "Sales", "employment_type": "Employee", "location": "Berlin", "manager_email": acme.Mara, "start_date": yesterday().Format(time.DateOnly),
	}
	for k, v := range more {
		fields[k] = v
	}
	return fields
}

func TestAJoinerHasAnAccountWithBirthrightOnTheFirstDay(t *testing.T) {
	p := server.Playground(t, nil)
	ctx := testkit.Soon(t)
	p.Okta.ResetCounters()
	ticket, err := p.Ask(ctx, "Employee onboarding", acme.Farah, "", newcomer("Noa", "Lindqvist", nil))
	require.NoError(t, err)
	approveAll(t, p, ticket)
	res := ends(t, p, ticket, casework.EndDone)
	user, ok := p.Okta.User("noa.lindqvist@acme.example")
	require.True(t, ok, res.Summary)
	assert.Equal(t, "PROVISIONED", user.Status, "Okta has mailed the activation")
	assert.Subset(t, groupNames(user), []string{"Sales Department", "All Employees", "Berlin Office"})
	assert.Contains(t, res.Summary, user.ID)
	assert.Equal(t, 2, p.Okta.Writes(), "one create with its groups, one activation")
	for _, c := range p.Okta.Counters() {
		assert.NotContains(t, c.Path, "/apps", "Okta's apps endpoints have the scarcest budget")
	}
	oneOfEverything(t, p, ticket, 1)
}

func TestAFirstDayInTheFutureIsWaitedForAndMayBeCancelled(t *testing.T) {
	p := server.Playground(t, nil)
	ctx := testkit.Soon(t)
	nextWeek := time.Now().AddDate(0, 0, 7).Format(time.DateOnly)
	ticket, err := p.Ask(ctx, "Employee onboarding", acme.Farah, "", newcomer("Noa", "Lindqvist", map[string]any{"start_date": nextWeek}))
	require.NoError(t, err)
	approveAll(t, p, ticket)
	_, err = p.WaitState(ctx, ticket, casework.StateWaitingDate)
	require.NoError(t, err)
	user, ok := p.Okta.User("noa.lindqvist@acme.example")
	require.True(t, ok)
	assert.Equal(t, "STAGED", user.Status, "made ahead, and nobody can sign in")
	require.NoError(t, p.Delete(ctx, ticket))
	res := ends(t, p, ticket, casework.EndCancelled)
	assert.Contains(t, res.Summary, "deactivated", "%v", res.Left)
	user, _ = p.Okta.User("noa.lindqvist@acme.example")
	assert.Equal(t, "DEPROVISIONED", user.Status)
}

func TestTwoOfOneNameGetTwoLogins(t *testing.T) {
	p := server.Playground(t, nil)
	ctx := testkit.Soon(t)
	first, err := p.Ask(ctx, "Employee onboarding", acme.Farah, "", newcomer("Noa", "Lindqvist", map[string]any{"employee_number": "E-9001"}))
	require.NoError(t, err)
	approveAll(t, p, first)
	ends(t, p, first, casework.EndDone)
	second, err := p.Ask(ctx, "Employee onboarding", acme.Farah, "", newcomer("Noa", "Lindqvist", map[string]any{
		"employee_number": "E-9002", "personal_email": "noa.other@home.example",
	}))
	require.NoError(t, err)
	approveAll(t, p, second)
	ends(t, p, second, casework.EndDone)
	_, ok := p.Okta.User("noa.lindqvist2@acme.example")
	assert.True(t, ok)
}

func TestTwoTicketsForOneJoinerMakeOneAccount(t *testing.T) {
	p := server.Playground(t, nil)
	ctx := testkit.Soon(t)
	form := newcomer("Noa", "Lindqvist", map[string]any{"employee_number": "E-9001"})
	var tickets []int64
	for range 2 {
		ticket, err := p.Ask(ctx, "Employee onboarding", acme.Farah, "", form)
		require.NoError(t, err)
		tickets = append(tickets, ticket)
	}
	for _, ticket := range tickets {
		approveAll(t, p, ticket)
	}
	for _, ticket := range tickets {
		ends(t, p, ticket, casework.EndDone, casework.EndAlready)
	}
	_, ok := p.Okta.User("noa.lindqvist2@acme.example")
	assert.False(t, ok, "one person, one account")
}

func TestARehireComesBackWithTheirAccountAndNothingOfBefore(t *testing.T) {
	p := server.Playground(t, nil)
	ctx := testkit.Soon(t)
	leaver, err := p.Leaver(ctx, acme.Farah, acme.Ada, yesterday(), nil)
	require.NoError(t, err)
	require.NoError(t, p.Approve(ctx, leaver, managerOf(t, p, acme.Ada), "good luck"))
	ends(t, p, leaver, casework.EndDone)
	ada, ok := p.Okta.User(acme.Ada)
	require.True(t, ok)
	number, _ := ada.Profile["employeeNumber"].(string)
	require.NotEmpty(t, number)

	ticket, err := p.Ask(ctx, "Employee onboarding", acme.Farah, "", newcomer("Ada", "Okonkwo", map[string]any{"employee_number": number}))
	require.NoError(t, err)
	approveAll(t, p, ticket)
	res := ends(t, p, ticket, casework.EndDone, casework.EndResiduals)
	back, ok := p.Okta.User(acme.Ada)
	require.True(t, ok)
	assert.Equal(t, ada.ID, back.ID, "reactivated, not made anew")
	assert.Contains(t, []string{"PROVISIONED", "ACTIVE"}, back.Status, res.Summary)
	assert.Equal(t, "Sales", back.Profile["department"])
	assert.Subset(t, groupNames(back), []string{"Sales Department", "All Employees"})
	assert.NotContains(t, groupNames(back), "IT Department")
}

// groupNames lists the groups of an account.
func groupNames(u oktasim.UserView) []string {
	var names []string
	for _, g := range u.Groups {
		names = append(names, g.Name)
	}
	return names
}

// approveAll answers every level that a ticket opens, as whoever is asked first.
func approveAll(t *testing.T, p *playground.Playground, ticket int64) {
	t.Helper()
	s, err := p.WaitState(testkit.Soon(t), ticket, casework.StateAwaitingApproval)
	require.NoError(t, err)
	for _, level := range s.Case.Units[0].Chain.Levels {
		for _, g := range level.Groups {
			require.NoError(t, p.Approve(testkit.Soon(t), ticket, g.Approvers[0].Email, "ok"))
		}
	}
}
