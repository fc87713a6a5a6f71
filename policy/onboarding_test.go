package policy_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/casework"
	"latchkey/identity"
	"latchkey/policy"
)

func TestOnboardingAndMoverAsWritten(t *testing.T) {
	t.Parallel()
	p := good(t)
	assert.Equal(t, policy.OnboardingPolicy{
		ActivateTime: "07:30", DefaultZone: "Europe/Berlin", CreateAhead: 5 * 24 * time.Hour,
		MatchOn: []policy.Match{policy.MatchLogin, policy.MatchEmployeeNumber, policy.MatchSecondEmail},
		Rehire:  policy.RehireAsk, ManagerFallback: "hr@acme.example",
		Answers: policy.AnswersPolicy{People: []string{"hr@acme.example"}, Groups: []string{"HR Leads"}, Requester: true},
	}, p.Onboarding(), "match_on comes in a fixed order")
	assert.Equal(t, policy.MoverPolicy{Overlap: 7 * 24 * time.Hour, DefaultTime: "06:00", DefaultZone: "Europe/Berlin"}, p.Mover())
	p.Onboarding().MatchOn[0] = "x"
	assert.Equal(t, policy.MatchLogin, p.Onboarding().MatchOn[0], "nobody can change the policy")
}

func TestTasksOfAnOnboarding(t *testing.T) {
	t.Parallel()
	p := good(t)
	names := func(f policy.TaskFacts) []string {
		var list []string
		for _, one := range p.Tasks(f) {
			list = append(list, one.Name)
		}
		return list
	}
	berlin := policy.PersonFacts{Person: identity.Person{Location: "Berlin"}}
	assert.Equal(t, []string{"laptop"}, names(policy.TaskFacts{}))
	assert.Equal(t, []string{"laptop", "badge"}, names(policy.TaskFacts{Person: berlin}))
	assert.Equal(t, []string{"laptop", "contract"}, names(policy.TaskFacts{Fields: map[string]any{"kind_of_contract": "Contractor"}}))
	assert.Equal(t, policy.TaskPolicy{
		Name: "laptop", Title: "Prepare a laptop", Description: "Enrol it and put it on the desk.", Group: "IT Leads",
		Gates: policy.GateResolve, Due: 48 * time.Hour,
	}, p.Tasks(policy.TaskFacts{})[0])
	assert.Equal(t, policy.GateNothing, p.Tasks(policy.TaskFacts{Person: berlin})[1].Gates)
}

func TestATaskWhoseConditionFailsIsOpened(t *testing.T) {
	t.Parallel()
	p, err := policy.Load(folder(t, map[string]string{
		"onboarding.yaml": "tasks:\n  - {name: a, title: A, group: G, when: person.attributes.level > 3}\n",
	}))
	require.NoError(t, err)
	assert.Len(t, p.Tasks(policy.TaskFacts{}), 1)
	level := policy.PersonFacts{Person: identity.Person{Attributes: map[string]any{"level": int64(1)}}}
	assert.Empty(t, p.Tasks(policy.TaskFacts{Person: level}))
}

func TestAJoinerIsRead(t *testing.T) {
	t.Parallel()
	p := good(t)
	answers := map[string]any{
		"cf_employee_name": "Carmen Ruiz Ortega", "cf_date_of_joining": "01-04-2027", "cf_private_email": "Carmen@Home.example",
		"cf_job_title": "Engineer", "cf_department": "Engineering", "cf_location": "Berlin",
	}
	c, err := p.Classify(policy.IntakeFacts{Ticket: policy.TicketFacts{Source: 13, Onboarding: answers}})
	require.NoError(t, err)
	assert.Equal(t, casework.Onboarding, c.UseCase)
	assert.Equal(t, casework.ModeAct, c.Mode)
	assert.Empty(t, c.Missing)
	assert.Empty(t, c.Subject)
	assert.Equal(t, "2027-04-01T07:30", c.LocalEffective, "at the hour of onboarding.yaml")
	assert.Equal(t, map[string]any{
		"first_name": "Carmen", "last_name": "Ruiz Ortega", "private_email": "carmen@home.example", "title": "Engineer",
		"department": "Engineering", "office": "Berlin",
	}, c.Fields)

	delete(answers, "cf_private_email")
	delete(answers, "cf_date_of_joining")
	c, err = p.Classify(policy.IntakeFacts{Ticket: policy.TicketFacts{Source: 13, Onboarding: answers}})
	require.NoError(t, err)
	assert.Equal(t, []casework.Missing{
		{Field: "private_email", Label: "Private e-mail", Why: "is empty"}, {Field: "effective", Label: "Date of joining", Why: "is empty"},
	}, c.Missing)
}

func TestAMoverIsRead(t *testing.T) {
	t.Parallel()
	p := good(t)
	item := policy.ItemFacts{Name: "Role change", Fields: map[string]any{
		"employee_email": "Ada@acme.example", "from": "2027-04-01", "new_department": "Sales", "new_manager": "Rosa@acme.example",
	}}
	c, err := p.Classify(policy.IntakeFacts{Ticket: policy.TicketFacts{Items: []policy.ItemFacts{item}}})
	require.NoError(t, err)
	assert.Equal(t, casework.RoleChange, c.UseCase)
	assert.Equal(t, casework.ModeObserve, c.Mode)
	assert.Equal(t, "ada@acme.example", c.Subject)
	assert.Equal(t, "2027-04-01T06:00", c.LocalEffective, "at the hour of mover.yaml")
	assert.Equal(t, map[string]any{"department": "Sales", "new_manager": "rosa@acme.example"}, c.Fields)

	item.Fields["from"] = nil
	c, err = p.Classify(policy.IntakeFacts{Ticket: policy.TicketFacts{Items: []policy.ItemFacts{item}}})
	require.NoError(t, err)
	assert.Equal(t, []casework.Missing{{Field: "effective", Label: "Day of the change", Why: "is empty"}}, c.Missing)
}

func TestAnApproverNamedOnTheTicket(t *testing.T) {
	t.Parallel()
	p := good(t)
	route := func(newManager any) policy.Route {
		r, err := p.Route(policy.RouteFacts{UseCase: casework.RoleChange, Fields: map[string]any{"new_manager": newManager}})
		require.NoError(t, err)
		return r
	}
	named := route("Rosa@acme.example")
	assert.Equal(t, "mover-between-managers", named.Name)
	require.Len(t, named.Levels[0].Groups, 2)
	assert.Equal(t, []policy.Approvers{{
		Kind: policy.ApproverField, Value: "rosa@acme.example", Field: "new_manager",
		Fallback: []policy.Approvers{{Kind: policy.ApproverAgentGroup, Value: "HR Leads"}},
	}}, named.Levels[0].Groups[1].Who)
	assert.Equal(t, []policy.Approvers{{Kind: policy.ApproverAgentGroup, Value: "HR Leads"}},
		route("the tall one").Levels[0].Groups[1].Who, "what is no address leaves the fallback")
	assert.Equal(t, "mover", route(nil).Name)

	strict, err := policy.Load(folder(t, map[string]string{
		"approvals.yaml": "routes: [{name: r, levels: [{name: a, groups: [{name: b, who: [{field: new_manager}]}]}]}]\n",
	}))
	require.NoError(t, err)
	_, err = strict.Route(policy.RouteFacts{UseCase: casework.RoleChange})
	require.ErrorContains(t, err, `the field "new_manager" of the ticket holds no e-mail address, and has no fallback`)
}
