package freshservice_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/clients/freshservice"
)

func TestAPersonIsARequesterOrAnAgent(t *testing.T) {
	t.Parallel()
	d := newDesk(t).
		on("GET /requesters/3", answer(200, `{"requester":{"id":3,"first_name":"Jane","last_name":null,"primary_email":"jane@acme.test","is_agent":false,"active":true,
			"time_zone":"Eastern Time (US & Canada)","department_ids":[11],"reporting_manager_id":null,"mobile_phone_number":5551234,"custom_fields":null}}`)).
		on("GET /requesters/4", answer(404, ``)).
		on("GET /agents/4", answer(200, `{"agent":{"id":4,"first_name":"Bo","last_name":"Ray","email":"bo@acme.test","active":false,"member_of":[8],
			"roles":[{"role_id":1,"assignment_scope":"entire_helpdesk","groups":[]}]}}`)).
		on("GET /requesters/5", answer(404, ``)).on("GET /agents/5", answer(404, ``)).
		on("GET /requesters/6", answer(429, ``))
	c := d.client()

	jane, err := c.GetPerson(t.Context(), 3)
	require.NoError(t, err)
	assert.Equal(t, "jane@acme.test", jane.Email)
	assert.Equal(t, "Jane", jane.Name())
	assert.Equal(t, []int64{11}, jane.DepartmentIDs)
	assert.Equal(t, "5551234", jane.MobilePhone)
	assert.False(t, jane.IsAgent)
	zone, ok := jane.IANA()
	assert.True(t, ok)
	assert.Equal(t, "America/New_York", zone)

	bo, err := c.GetPerson(t.Context(), 4)
	require.NoError(t, err)
	assert.True(t, bo.IsAgent)
	assert.False(t, bo.Active)
	assert.Equal(t, "bo@acme.test", bo.Email)
	assert.Equal(t, int64(1), bo.Roles[0].RoleID)
	_, ok = bo.IANA()
	assert.False(t, ok)

	_, err = c.GetPerson(t.Context(), 5)
	require.ErrorIs(t, err, freshservice.NotFound)
	_, err = c.GetPerson(t.Context(), 6)
	require.ErrorIs(t, err, freshservice.RateLimited, "out of budget does not mean that there is no such person")
}

func TestFindingAPersonByAddress(t *testing.T) {
	t.Parallel()
	const jane = `{"id":3,"primary_email":"Jane@Acme.test","active":false}`
	const alias = `{"id":5,"primary_email":"j2@acme.test","secondary_emails":["jane@acme.test"]}`
	const stranger = `{"id":6,"primary_email":"else@acme.test"}`
	const agent = `{"id":4,"email":"jane@acme.test","roles":[{"role_id":1}]}`
	const agentAsRequester = `{"id":4,"primary_email":"jane@acme.test","is_agent":true}`
	for name, tt := range map[string]struct {
		requesters, agents string
		want               []int64
		kind               freshservice.Kind
	}{
		"a requester":                  {jane, ``, []int64{3}, 0},
		"by a second address":          {alias, ``, []int64{5}, 0},
		"an agent":                     {``, agent, []int64{4}, 0},
		"an agent in both lists":       {agentAsRequester, agent, []int64{4}, 0},
		"nobody":                       {``, ``, nil, freshservice.NotFound},
		"the parameter was ignored":    {stranger, stranger, nil, freshservice.NotFound},
		"one among strangers":          {stranger + "," + jane, ``, []int64{3}, 0},
		"two people share the address": {jane + "," + alias, ``, []int64{3, 5}, freshservice.Conflict},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t).on("GET /requesters", answer(200, `{"requesters":[`+tt.requesters+`]}`)).
				on("GET /agents", answer(200, `{"agents":[`+tt.agents+`]}`))
			found, err := d.client().FindPeopleByEmail(t.Context(), " JANE@acme.test ")
			require.NoError(t, err)
			var ids []int64
			for _, p := range found {
				ids = append(ids, p.ID)
			}
			assert.Equal(t, tt.want, ids)
			assert.Equal(t, "jane@acme.test", d.requests()[0].query.Get("email"))
			assert.Equal(t, "true", d.requests()[0].query.Get("include_agents"))

			one, err := d.client().FindPersonByEmail(t.Context(), "jane@acme.test")
			if tt.kind != 0 {
				require.ErrorIs(t, err, tt.kind)
				assert.NotContains(t, err.Error(), "jane")
				return
			}
			require.NoError(t, err)
			assert.Equal(t, tt.want[0], one.ID)
			if one.ID == 4 {
				assert.True(t, one.IsAgent)
				assert.Len(t, one.Roles, 1, "the agent's own record counts")
			}
		})
	}
}

func TestAKeyThatMayNotSeeAgentsStillFindsRequesters(t *testing.T) {
	t.Parallel()
	denied := answer(403, `{"code":"access_denied"}`)
	d := newDesk(t).on("GET /requesters", denied, answer(200, `{"requesters":[{"id":3,"primary_email":"jane@acme.test"}]}`)).on("GET /agents", denied)
	p, err := d.client().FindPersonByEmail(t.Context(), "jane@acme.test")
	require.NoError(t, err)
	assert.Equal(t, int64(3), p.ID)

	d = newDesk(t).on("GET /requesters", denied, answer(200, `{"requesters":[]}`)).on("GET /agents", denied)
	_, err = d.client().FindPersonByEmail(t.Context(), "jane@acme.test")
	require.ErrorIs(t, err, freshservice.Denied, "not allowed to look is not the same as nobody there")

	d = newDesk(t)
	_, err = d.client().FindPersonByEmail(t.Context(), " ")
	require.ErrorIs(t, err, freshservice.Invalid)
}

func TestAnUpdateKeepsThePersonsSight(t *testing.T) {
	t.Parallel()
	const tickets, changes = "can_see_all_tickets_from_associated_departments", "can_see_all_changes_from_associated_departments"
	for name, tt := range map[string]struct {
		now   string
		input freshservice.PersonInput
		want  string
	}{
		"sees both":     {`"` + tickets + `":true,"` + changes + `":true`, freshservice.PersonInput{JobTitle: new("CFO")}, `{"job_title":"CFO","` + tickets + `":true,"` + changes + `":true}`},
		"sees none":     {`"` + tickets + `":false,"` + changes + `":false`, freshservice.PersonInput{JobTitle: new("CFO")}, `{"job_title":"CFO"}`},
		"older tenants": {`"` + tickets + `":true`, freshservice.PersonInput{JobTitle: new("CFO")}, `{"job_title":"CFO","` + tickets + `":true}`},
		"taken away":    {`"` + tickets + `":true`, freshservice.PersonInput{CanSeeAllTickets: new(false)}, `{"` + tickets + `":false}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t).
				on("GET /requesters/3", answer(200, `{"requester":{"id":3,`+tt.now+`}}`)).
				on("PUT /requesters/3", answer(200, `{"requester":{"id":3,"job_title":"CFO"}}`)).
				on("GET /agents/3", answer(200, `{"agent":{"id":3,`+tt.now+`}}`)).
				on("PUT /agents/3", answer(200, `{"agent":{"id":3,"job_title":"CFO"}}`))
			_, err := d.client().UpdateRequester(t.Context(), 3, tt.input)
			require.NoError(t, err)
			assert.JSONEq(t, tt.want, d.last().body)
			got, err := d.client().UpdateAgent(t.Context(), 3, tt.input)
			require.NoError(t, err)
			assert.True(t, got.IsAgent)
			assert.JSONEq(t, tt.want, d.last().body)
		})
	}
}

func TestPeopleAreWrittenUnderTheirEndpointsNames(t *testing.T) {
	t.Parallel()
	d := newDesk(t).
		on("POST /requesters", answer(201, `{"requester":{"id":3}}`), answer(400, `{"description":"Validation failed","errors":[{"field":"primary_email","code":"duplicate_value","message":"It should be a unique value"}]}`)).
		on("GET /agents/4", answer(200, `{"agent":{"id":4}}`)).on("PUT /agents/4", answer(200, `{"agent":{"id":4}}`))
	in := freshservice.PersonInput{
		Email: new("New@Acme.test"), FirstName: new("Ann"), DepartmentIDs: new([]int64(nil)), LocationID: new(int64(2)),
		ReportingManagerID: new(int64(0)), TimeZone: new("London"), CustomFields: freshservice.Fields{"okta_id": "00u1"},
	}
	_, err := d.client().CreateRequester(t.Context(), in)
	require.NoError(t, err)
	assert.JSONEq(t, `{"primary_email":"new@acme.test","first_name":"Ann","department_ids":[],"location_id":2,"reporting_manager_id":null,
		"time_zone":"London","custom_fields":{"okta_id":"00u1"}}`, d.last().body)
	_, err = d.client().UpdateAgent(t.Context(), 4, in)
	require.NoError(t, err)
	assert.Equal(t, "new@acme.test", d.last().json(t)["email"])
	_, err = d.client().CreateRequester(t.Context(), in)
	require.ErrorIs(t, err, freshservice.Conflict)
}

func TestDeactivatingIsNotForgetting(t *testing.T) {
	t.Parallel()
	d := newDesk(t).on("DELETE /requesters/3", answer(204, ``)).on("PUT /requesters/3/reactivate", answer(200, `{"requester":{"id":3,"active":true}}`))
	require.NoError(t, d.client().DeactivateRequester(t.Context(), 3))
	p, err := d.client().ReactivateRequester(t.Context(), 3)
	require.NoError(t, err)
	assert.True(t, p.Active)
}

func TestMeIsTheKeysOwner(t *testing.T) {
	t.Parallel()
	d := newDesk(t).on("GET /agents/me", answer(200, `{"agent":{"id":9,"email":"svc@acme.test"}}`))
	me, err := d.client().Me(t.Context())
	require.NoError(t, err)
	assert.Equal(t, int64(9), me.ID)
	assert.True(t, me.IsAgent)
}
