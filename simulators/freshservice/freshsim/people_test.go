package freshsim_test

import (
	"fmt"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/simulators/freshservice/freshsim"
)

func query(expr string) string { return "?query=" + url.QueryEscape(`"`+expr+`"`) }

func TestRequesterLife(t *testing.T) {
	t.Parallel()
	a := open(t)
	boss := a.person("Bo", "bo@example.com")
	r := a.do("POST", "/requesters", obj{
		"first_name": "Jo", "last_name": "Doe", "primary_email": "Jo@Example.com", "job_title": "Clerk", "reporting_manager_id": boss,
		"secondary_emails": []string{"jo2@example.com"}, "can_see_all_tickets_from_associated_departments": true,
	}, 201)
	assert.Equal(t, "jo@example.com", r.text("requester", "primary_email"))
	assert.Equal(t, true, r.at("requester", "can_see_all_tickets_from_associated_departments"))
	one := fmt.Sprintf("/requesters/%d", r.id("requester", "id"))

	put := a.do("PUT", one, obj{"job_title": "Lead"}, 200)
	assert.Equal(t, false, put.at("requester", "can_see_all_tickets_from_associated_departments"), "falls back unless sent every time")
	assert.Equal(t, []any{"jo2@example.com"}, put.at("requester", "secondary_emails"))
	put = a.do("PUT", one, obj{"secondary_emails": []string{}}, 200)
	assert.Empty(t, put.list("requester", "secondary_emails"))
	a.person("Free", "jo2@example.com") // the address is free again

	assert.Empty(t, a.do("DELETE", one, nil, 204).raw)
	assert.Equal(t, false, a.get(one).at("requester", "active"))
	assert.Len(t, a.get("/requesters?email=jo@example.com").list("requesters"), 1, "deactivated people are listed")
	assert.Equal(t, true, a.do("PUT", one+"/reactivate", nil, 200).at("requester", "active"))

	a.ticket(nil)
	a.do("DELETE", one+"/forget", nil, 204)
	a.do("GET", one, nil, 404)
	assert.Empty(t, a.get("/tickets").list("tickets"), "forget takes the tickets along")
}

func TestRefusedRequesters(t *testing.T) {
	t.Parallel()
	a := open(t)
	a.person("Jo", "jo@example.com")
	for name, c := range map[string]struct {
		body    obj
		problem string
	}{
		"no first name":      {obj{"primary_email": "x@example.com"}, "first_name missing_field"},
		"no way to reach":    {obj{"first_name": "X"}, "primary_email missing_field"},
		"address taken":      {obj{"first_name": "X", "primary_email": "JO@example.com"}, "primary_email duplicate_value"},
		"external id":        {obj{"first_name": "X", "primary_email": "x@example.com", "external_id": "00u1"}, "external_id invalid_field"},
		"agent's field":      {obj{"first_name": "X", "primary_email": "x@example.com", "email": "x@example.com"}, "email invalid_field"},
		"unknown department": {obj{"first_name": "X", "primary_email": "x@example.com", "department_ids": []int{1}}, "department_ids invalid_value"},
		"unknown manager":    {obj{"first_name": "X", "primary_email": "x@example.com", "reporting_manager_id": 1}, "reporting_manager_id invalid_value"},
		"time format":        {obj{"first_name": "X", "primary_email": "x@example.com", "time_format": "24"}, "time_format invalid_value"},
	} {
		assert.Equal(t, c.problem, a.do("POST", "/requesters", c.body, 400).problem(), name)
	}
	a.do("POST", "/requesters", obj{"first_name": "Phone", "mobile_phone_number": "+1"}, 201)
}

func TestRequesterListAndQuery(t *testing.T) {
	t.Parallel()
	a := open(t, func(o *freshsim.Options) { o.IndexLag = time.Minute })
	zoe, abe := a.person("Zoe", "zoe@example.com"), a.person("Abe", "abe@example.com")
	list := a.get("/requesters")
	assert.Equal(t, abe, list.id("requesters", 0, "id"), "by first name")
	assert.Len(t, list.list("requesters"), 2, "agents are not listed")
	assert.Len(t, a.get("/requesters?include_agents=true").list("requesters"), 3)
	assert.Empty(t, a.get("/requesters?email=none@example.com").list("requesters"))
	assert.EqualValues(t, 0, a.get("/requesters"+query("primary_email:'zoe@example.com'")).id("total"), "the index lags")
	a.sim.Advance(time.Minute)
	hit := a.get("/requesters" + query("primary_email:'zoe@example.com'"))
	assert.Equal(t, zoe, hit.id("requesters", 0, "id"))
	assert.Equal(t, zoe, a.get("/requesters"+query("~[first_name|last_name]:'zo'")).id("requesters", 0, "id"))
	assert.Equal(t, abe, a.get("/requesters"+query("created_at:>'2026-03-01'")).id("requesters", 0, "id"), "newest first")
	assert.Equal(t, "email invalid_value", a.do("GET", "/requesters"+query("email:'x'"), nil, 400).problem())
	assert.Equal(t, "page invalid_value", a.do("GET", "/requesters"+query("name:'Abe'")+"&page=41", nil, 400).problem())
	a.do("GET", "/requesters?query=name:x", nil, 400)
}

func TestMergeAndConvert(t *testing.T) {
	t.Parallel()
	a := open(t)
	keep, gone := a.person("Keep", "keep@example.com"), a.person("Gone", "gone@example.com")
	id := a.ticket(obj{"email": "gone@example.com"})
	r := a.do("PUT", fmt.Sprintf("/requesters/%d/merge?secondary_requesters=%d", keep, gone), nil, 200)
	assert.Equal(t, []any{"gone@example.com"}, r.at("requester", "secondary_emails"))
	assert.Equal(t, keep, a.get(fmt.Sprintf("/tickets/%d", id)).id("ticket", "requester_id"))
	a.do("GET", fmt.Sprintf("/requesters/%d", gone), nil, 404)
	a.do("PUT", fmt.Sprintf("/requesters/%d/merge?secondary_requesters=%d", keep, gone), nil, 400)

	agent := a.do("PUT", fmt.Sprintf("/requesters/%d/convert_to_agent", keep), nil, 200)
	assert.Equal(t, true, agent.at("agent", "occasional"))
	assert.Equal(t, "keep@example.com", agent.text("agent", "email"))
	a.do("GET", fmt.Sprintf("/requesters/%d", keep), nil, 404)
	a.get(fmt.Sprintf("/agents/%d", keep))
	assert.Equal(t, false, a.do("PUT", fmt.Sprintf("/agents/%d/convert_to_requester", keep), nil, 200).at("requester", "is_agent"))
}

func TestAgents(t *testing.T) {
	t.Parallel()
	a := open(t)
	me := a.get("/agents/me")
	assert.Equal(t, true, me.at("agent", "api_key_enabled"))
	role := a.get("/roles").id("roles", 3, "id")
	made := a.do("POST", "/agents", obj{"first_name": "Ann", "email": "ann@example.com", "roles": []obj{{"role_id": role, "assignment_scope": "entire_helpdesk"}}}, 201)
	id := made.id("agent", "id")
	assert.NotContains(t, made.object("agent"), "primary_email")
	group := a.do("POST", "/groups", obj{"name": "Desk", "members": []int64{id}}, 201).id("group", "id")
	assert.Equal(t, group, a.get(fmt.Sprintf("/agents/%d", id)).id("agent", "member_of", 0))
	for _, retired := range []string{"ticket_scope", "scopes", "group_ids", "role_ids"} {
		r := a.do("PUT", fmt.Sprintf("/agents/%d", id), obj{retired: []int{1}}, 400)
		assert.Equal(t, retired+" invalid_field", r.problem())
	}
	a.do("PUT", fmt.Sprintf("/agents/%d", id), obj{"roles": []obj{{"role_id": 1, "assignment_scope": "all"}}}, 400)
	assert.Equal(t, false, a.do("DELETE", fmt.Sprintf("/agents/%d", id), nil, 200).at("agent", "active"), "200 with a body, unlike a requester")
	assert.Len(t, a.get("/agents?active=false").list("agents"), 1)
	assert.Len(t, a.get("/agents?state=fulltime").list("agents"), 2)
	assert.Equal(t, id, a.get("/agents"+query("email:'ann@example.com'")).id("agents", 0, "id"))
	assert.Equal(t, "state invalid_value", a.do("GET", "/agents?state=lazy", nil, 400).problem())
	a.do("PUT", fmt.Sprintf("/agents/%d/reactivate", id), nil, 200)
	a.do("DELETE", fmt.Sprintf("/agents/%d/forget", id), nil, 204)
	a.do("GET", fmt.Sprintf("/agents/%d", id), nil, 404)
}

func TestGroups(t *testing.T) {
	t.Parallel()
	a := open(t)
	me := a.get("/agents/me").id("agent", "id")
	requester := a.person("R", "r@example.com")
	r := a.do("POST", "/groups", obj{"name": "Ops", "members": []int64{me}, "unassigned_for": "1h"}, 201)
	one := fmt.Sprintf("/groups/%d", r.id("group", "id"))
	assert.Empty(t, a.do("PUT", one, obj{"members": []int64{}}, 200).list("group", "members"), "replaced as a whole")
	pending := a.do("PUT", one, obj{"approval_required": true}, 200)
	assert.Empty(t, pending.list("group", "members_pending_approval"))
	pending = a.do("PUT", one, obj{"members": []int64{me}}, 200)
	assert.Empty(t, pending.list("group", "members"))
	assert.Equal(t, me, pending.id("group", "members_pending_approval", 0))
	for body, problem := range map[string]string{
		fmt.Sprintf(`{"members":[%d]}`, requester): "members invalid_value",
		`{"unassigned_for":"7h"}`:                  "unassigned_for invalid_value",
		`{"agent_ids":[1]}`:                        "agent_ids invalid_field",
	} {
		assert.Equal(t, problem, a.do("PUT", one, body, 400).problem())
	}
	assert.Equal(t, "name duplicate_value", a.do("POST", "/groups", obj{"name": "ops"}, 400).problem())
	a.do("DELETE", one, nil, 204)
	a.do("GET", one, nil, 404)
}

func TestRequesterGroups(t *testing.T) {
	t.Parallel()
	a := open(t)
	p := a.person("R", "r@example.com")
	g := a.do("POST", "/requester_groups", obj{"name": "VIP"}, 201).id("requester_group", "id")
	member := fmt.Sprintf("/requester_groups/%d/members/%d", g, p)
	for range 2 { // adding again changes nothing
		assert.Empty(t, a.do("POST", member, nil, 200).raw)
		assert.Len(t, a.get(fmt.Sprintf("/requester_groups/%d/members", g)).list("requesters"), 1)
	}
	a.do("DELETE", member, nil, 204)
	assert.Empty(t, a.get(fmt.Sprintf("/requester_groups/%d/members", g)).list("requesters"))
	a.do("POST", fmt.Sprintf("/requester_groups/%d/members/5", g), nil, 404)
	a.do("DELETE", fmt.Sprintf("/requester_groups/%d", g), nil, 204)
	assert.Empty(t, a.get("/requester_groups").list("requester_groups"))
}

func TestDepartmentsLocationsAndWorkspaces(t *testing.T) {
	t.Parallel()
	a := open(t)
	head := a.person("Head", "head@example.com")
	d := a.do("POST", "/departments", obj{"name": "Sales", "head_user_id": head}, 201).id("department", "id")
	a.do("POST", "/departments", obj{"name": "Legal"}, 201)
	assert.Equal(t, "name duplicate_value", a.do("POST", "/departments", obj{"name": "sales"}, 400).problem())
	found := a.get("/departments" + query("name:'Sales'"))
	require.Len(t, found.list("departments"), 1)
	assert.Equal(t, head, found.id("departments", 0, "head_user_id"))
	a.do("PUT", fmt.Sprintf("/departments/%d", d), obj{"description": "sells"}, 200)
	a.do("DELETE", fmt.Sprintf("/departments/%d", d), nil, 204)
	a.do("GET", fmt.Sprintf("/departments/%d", d), nil, 404)
	l := a.do("POST", "/locations", obj{"name": "Oslo", "address": obj{"city": "Oslo", "country": "NO"}}, 201).id("location", "id")
	assert.Equal(t, "NO", a.get(fmt.Sprintf("/locations/%d", l)).text("location", "address", "country"))
	assert.Len(t, a.get("/locations"+query("name:'oslo'")).list("locations"), 1)
	assert.Equal(t, true, a.get("/workspaces/2").at("workspace", "primary"))
	assert.Len(t, a.get("/workspaces").list("workspaces"), 1)
	a.get("/requester_fields")
	a.get("/agent_fields")
}

func TestExternalIDComesFromElsewhere(t *testing.T) {
	t.Parallel()
	a := open(t)
	id := a.person("R", "r@example.com")
	a.admin("POST", fmt.Sprintf("/people/%d/external-id", id), obj{"external_id": "00u1"})
	assert.Equal(t, "00u1", a.get(fmt.Sprintf("/requesters/%d", id)).text("requester", "external_id"))
}

func TestRequesterCustomFields(t *testing.T) {
	t.Parallel()
	a := open(t)
	one := fmt.Sprintf("/requesters/%d", a.person("R", "r@example.com"))
	assert.Equal(t, "okta_id invalid_field", a.do("PUT", one, obj{"custom_fields": obj{"okta_id": "00u1"}}, 400).problem())
	a.admin("POST", "/requester-fields", obj{"name": "okta_id", "field_type": "custom_text"})
	a.admin("POST", "/requester-fields", obj{"name": "badge", "field_type": "custom_number"})
	assert.Nil(t, a.get(one).at("requester", "custom_fields", "okta_id"))
	assert.Equal(t, "badge invalid_value", a.do("PUT", one, obj{"custom_fields": obj{"badge": "x"}}, 400).problem())
	a.do("PUT", one, obj{"custom_fields": obj{"okta_id": "00u1"}}, 200)
	a.do("PUT", one, obj{"custom_fields": obj{"badge": 7}}, 200)
	assert.Equal(t, "00u1", a.get(one).text("requester", "custom_fields", "okta_id"), "they merge")
	assert.EqualValues(t, 1, a.get("/requesters"+query("okta_id:'00u1' AND badge:>6")).id("total"))
	assert.Contains(t, a.get("/requester_fields").raw, `"okta_id"`)
}
