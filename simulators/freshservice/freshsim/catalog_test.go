package freshsim_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/simulators/freshservice/freshsim"
)

// shop is an account with two catalogue items.
func shop(t *testing.T) (a *account, access, laptop int64) {
	t.Helper()
	a = open(t)
	access = a.admin("POST", "/service-items", obj{
		"name": "Application access", "category": "Access", "short_description": "Ask for an application", "description": "<b>Ask</b>",
		"custom_fields": []obj{
			{"name": "application", "label": "Application", "field_type": "custom_dropdown", "required": true, "choices": []string{"Salesforce", "GitHub"}},
			{"name": "until", "label": "Until", "field_type": "custom_date_time"},
			{"name": "extras", "label": "Extras", "field_type": "custom_multi_select_dropdown", "choices": []string{"VPN", "Admin"}},
			{"name": "cost_centre", "label": "Cost centre", "field_type": "custom_text", "required": true, "visible_in_portal": false},
		},
	}).id("service_item", "display_id")
	laptop = a.admin("POST", "/service-items", obj{
		"name": "Laptop", "category": "Hardware", "short_description": "A laptop", "description": "A laptop", "cost": "1200",
	}).id("service_item", "display_id")
	return a, access, laptop
}

func place(id int64) string { return fmt.Sprintf("/service_catalog/items/%d/place_request", id) }

func TestPlacedRequest(t *testing.T) {
	t.Parallel()
	a, access, _ := shop(t)
	r := a.do("POST", place(access), obj{
		"email": "jo@example.com", "requested_for": "kim@example.com",
		"custom_fields": obj{"application": "GitHub", "cost_centre": "42", "extras": []string{"VPN"}},
	}, 201)
	sr := r.object("service_request")
	assert.Equal(t, "Request for kim : Application access", sr["subject"])
	assert.Equal(t, "Service Request", sr["type"])
	assert.Equal(t, "not_requested", sr["approval_status"], "a string here")
	assert.Equal(t, "Not Requested", sr["approval_status_name"])
	for field, want := range map[string]string{"status": "2", "source": "2", "priority": "2", "urgency": "1", "impact": "1"} {
		assert.Equal(t, want, fmt.Sprint(sr[field]), field)
	}
	path := fmt.Sprintf("/tickets/%v", sr["id"])
	assert.EqualValues(t, 4, a.get(path).id("ticket", "approval_status"), "an int there")
	assert.Empty(t, a.get(path).object("ticket", "custom_fields"), "the answers are not on the ticket")
	items := a.get(path + "/requested_items")
	assert.Equal(t, access, items.id("requested_items", 0, "service_item_id"))
	assert.Equal(t, obj{"application": "GitHub", "cost_centre": "42", "extras": []any{"VPN"}, "until": nil}, items.object("requested_items", 0, "custom_fields"))
	assert.EqualValues(t, 1, items.id("requested_items", 0, "stage"))
}

func TestRefusedRequests(t *testing.T) {
	t.Parallel()
	a, access, _ := shop(t)
	good := obj{"application": "GitHub", "cost_centre": "1"}
	for name, c := range map[string]struct {
		body    obj
		problem string
	}{
		"subject cannot be given":   {obj{"custom_fields": good, "subject": "x"}, "subject invalid_field"},
		"tags cannot be given":      {obj{"custom_fields": good, "tags": []string{"x"}}, "tags invalid_field"},
		"hidden field is demanded":  {obj{"custom_fields": obj{"application": "GitHub"}}, "cost_centre missing_field"},
		"unknown choice":            {obj{"custom_fields": obj{"application": "Slack", "cost_centre": "1"}}, "application invalid_value"},
		"unknown answer":            {obj{"custom_fields": obj{"application": "GitHub", "cost_centre": "1", "colour": "red"}}, "colour invalid_field"},
		"bad date":                  {obj{"custom_fields": obj{"application": "GitHub", "cost_centre": "1", "until": "soon"}}, "until invalid_value"},
		"bad multi select":          {obj{"custom_fields": obj{"application": "GitHub", "cost_centre": "1", "extras": "VPN"}}, "extras invalid_value"},
		"unknown parent":            {obj{"custom_fields": good, "parent_ticket_id": 99}, "parent_ticket_id invalid_value"},
		"a bad requester's address": {obj{"custom_fields": good, "email": "nobody"}, "email invalid_value"},
	} {
		assert.Equal(t, c.problem, a.do("POST", place(access), c.body, 400).problem(), name)
	}
	a.do("POST", place(999), obj{}, 404)
	assert.Empty(t, a.get("/tickets").list("tickets"))
}

func TestItemWithoutFormHasNullAnswers(t *testing.T) {
	t.Parallel()
	a, _, laptop := shop(t)
	id := a.do("POST", place(laptop), obj{"quantity": 2}, 201).id("service_request", "id")
	items := a.get(fmt.Sprintf("/tickets/%d/requested_items", id))
	assert.Nil(t, items.at("requested_items", 0, "custom_fields"))
	assert.EqualValues(t, 2, items.id("requested_items", 0, "quantity"))
	assert.Equal(t, "1200", fmt.Sprint(items.at("requested_items", 0, "cost_per_request")), "a number here")
	assert.Equal(t, "1200.00", a.get(fmt.Sprintf("/service_catalog/items/%d", laptop)).text("service_item", "cost"), "a string there")
}

func TestSeveralItemsInOneTicket(t *testing.T) {
	t.Parallel()
	a, access, laptop := shop(t)
	r := a.admin("POST", "/service-requests", obj{"email": "jo@example.com", "items": []obj{
		{"display_id": laptop}, {"display_id": access, "custom_fields": obj{"application": "GitHub", "cost_centre": "1"}},
	}})
	id := r.id("service_request", "id")
	a.admin("POST", fmt.Sprintf("/tickets/%d/requested-items", id), obj{"display_id": laptop, "quantity": 3})
	items := a.get(fmt.Sprintf("/tickets/%d/requested_items", id))
	require.Len(t, items.list("requested_items"), 3)
	assert.EqualValues(t, 3, items.id("requested_items", 2, "quantity"))
	bundle := a.admin("POST", "/service-items", obj{
		"name": "Starter kit", "category": "Hardware", "short_description": "kit", "description": "kit", "child_items": []int64{laptop, access},
	}).id("service_item", "display_id")
	a.do("POST", place(bundle), obj{}, 400) // the access item's answers are missing
	kit := a.do("POST", place(bundle), obj{"child_items": []obj{
		{"service_item_id": access, "custom_fields": obj{"application": "GitHub", "cost_centre": "1"}},
	}}, 201).id("service_request", "id")
	items = a.get(fmt.Sprintf("/tickets/%d/requested_items", kit))
	var parents []any
	for i := range items.list("requested_items") {
		parents = append(parents, items.at("requested_items", i, "is_parent"))
	}
	assert.Equal(t, []any{true, false, false}, parents)
}

func TestRequestedItemUpdateAnswersInItsOwnShape(t *testing.T) {
	t.Parallel()
	a, access, _ := shop(t)
	id := a.do("POST", place(access), obj{"custom_fields": obj{"application": "GitHub", "cost_centre": "1"}}, 201).id("service_request", "id")
	path := fmt.Sprintf("/tickets/%d/requested_items", id)
	one := fmt.Sprintf("%s/%d", path, a.get(path).id("requested_items", 0, "id"))
	r := a.do("PUT", one, obj{"stage": 4, "custom_fields": obj{"application": "Salesforce"}}, 200)
	assert.Equal(t, "Fulfilled", r.text("requested_item", "stage", "name"))
	assert.Equal(t, true, r.at("requested_item", "fulfilled"))
	assert.Equal(t, access, r.id("requested_item", "item", "display_id"))
	assert.Equal(t, "Salesforce", a.get(path).text("requested_items", 0, "custom_fields", "application"))
	assert.Equal(t, "1", a.get(path).text("requested_items", 0, "custom_fields", "cost_centre"), "answers merge")
	assert.Equal(t, "stage invalid_value", a.do("PUT", one, obj{"stage": 9}, 400).problem())
}

func TestCatalogueViews(t *testing.T) {
	t.Parallel()
	a, access, laptop := shop(t)
	list := a.get("/service_catalog/items")
	assert.Len(t, list.list("service_items"), 2)
	assert.NotContains(t, list.object("service_items", 0), "custom_fields")
	view := a.get(fmt.Sprintf("/service_catalog/items/%d", access))
	assert.Equal(t, []any{"Salesforce", "Salesforce"}, view.list("service_item", "custom_fields", 0, "choices", 0))
	assert.Equal(t, "true", view.text("service_item", "custom_fields", 0, "field_options", "displayed_to_requester"), "text, not a boolean")
	multi := view.list("service_item", "custom_fields", 2, "choices", 0)
	assert.Equal(t, "VPN", multi[0])
	assert.NotEqual(t, "VPN", multi[1])
	category := view.id("service_item", "category_id")
	assert.Len(t, a.get(fmt.Sprintf("/service_catalog/items?category_id=%d", category)).list("service_items"), 1)
	assert.Len(t, a.get("/service_catalog/categories").list("service_categories"), 2)
	search := a.get("/service_catalog/items/search?search_term=lap")
	assert.Equal(t, laptop, search.id("service_items", 0, "display_id"))
	assert.EqualValues(t, 1, search.id("meta", "total_items"))
	a.do("GET", "/service_catalog/items/search?search_term=x&user_email=ghost%40example.com", nil, 403)
	made := a.do("POST", "/service-catalog/items", obj{"service_item": obj{
		"name": "Phone", "category_id": category, "short_description": "s", "description": "d", "visibility": 1,
	}}, 201)
	draft := made.id("service_item", "display_id")
	a.do("POST", place(draft), obj{}, 400)
	assert.EqualValues(t, 0, a.get("/service_catalog/items/search?search_term=phone").id("meta", "total_items"))
}

func TestDeletingAServiceRequestTakesItsChildren(t *testing.T) {
	t.Parallel()
	a, _, laptop := shop(t)
	parent := a.do("POST", place(laptop), obj{}, 201).id("service_request", "id")
	child := a.do("POST", place(laptop), obj{"parent_ticket_id": parent}, 201).id("service_request", "id")
	a.do("DELETE", fmt.Sprintf("/tickets/%d", parent), nil, 204)
	assert.Equal(t, true, a.get(fmt.Sprintf("/tickets/%d", child)).at("ticket", "deleted"))
}

func TestOffboardingTicketComesLater(t *testing.T) {
	t.Parallel()
	a := open(t, func(o *freshsim.Options) { o.OnboardingDelay = time.Minute })
	manager := a.person("Max", "max@example.com")
	assert.Equal(t, "actor_2", a.get("/offboarding_requests/form").text("fields", 0, "name"))
	r := a.do("POST", "/offboarding_requests", obj{"fields": obj{
		"actor_2": "Max@Example.com", "cf_employee_email": "jo@example.com", "cf_last_working_date_date": "2026-03-31", "cf_separation_type": "Voluntary Separation",
	}}, 201)
	assert.Nil(t, r.at("offboarding_request", "ticket_id"))
	assert.EqualValues(t, 1, r.id("offboarding_request", "status"))
	assert.Equal(t, "31-03-2026", r.text("offboarding_request", "fields", "cf_last_working_date_date"))
	assert.Equal(t, manager, r.id("offboarding_request", "fields", "actor_2"), "lookups come back as ids")
	assert.Equal(t, "max@example.com", r.text("offboarding_request", "lookup_values", "actor_2", "email"))
	path := fmt.Sprintf("/offboarding_requests/%d", r.id("offboarding_request", "id"))
	assert.Empty(t, a.get(path+"/tickets").list("offboarding_tickets"))
	a.sim.Advance(time.Minute)
	later := a.get(path)
	assert.EqualValues(t, 3, later.id("offboarding_request", "status"))
	ticket := a.get(fmt.Sprintf("/tickets/%d?include=offboarding_context,onboarding_context", later.id("offboarding_request", "ticket_id")))
	assert.EqualValues(t, 18, ticket.id("ticket", "source"))
	assert.Equal(t, "Service Request", ticket.text("ticket", "type"))
	assert.Equal(t, "31-03-2026", ticket.text("ticket", "offboarding_context", "fields", "cf_last_working_date_date"))
	assert.Nil(t, ticket.at("ticket", "onboarding_context"))
	tickets := a.get(path + "/tickets")
	assert.Len(t, tickets.list("offboarding_tickets"), 3)
	assert.Equal(t, true, tickets.at("offboarding_tickets", 0, "parent"))
	assert.Len(t, tickets.list("offboarding_tickets", 0, "successor_ticket_ids"), 2)
}

func TestOnboardingRequests(t *testing.T) {
	t.Parallel()
	a := open(t)
	dept := a.do("POST", "/departments", obj{"name": "Sales"}, 201).id("department", "id")
	for name, c := range map[string]struct {
		fields  obj
		problem string
	}{
		"missing name":       {obj{"cf_date_of_joining": "2026-04-01"}, "cf_employee_name missing_field"},
		"unknown field":      {obj{"cf_employee_name": "N", "cf_date_of_joining": "2026-04-01", "employee": "x"}, "employee invalid_field"},
		"unknown department": {obj{"cf_employee_name": "N", "cf_date_of_joining": "2026-04-01", "cf_department": "Nope"}, "cf_department invalid_value"},
		"bad date":           {obj{"cf_employee_name": "N", "cf_date_of_joining": "April"}, "cf_date_of_joining invalid_value"},
	} {
		assert.Equal(t, c.problem, a.do("POST", "/onboarding_requests", obj{"fields": c.fields}, 400).problem(), name)
	}
	r := a.do("POST", "/onboarding_requests", obj{"fields": obj{"cf_employee_name": "Nia", "cf_date_of_joining": "2026-04-01", "cf_department": "sales"}}, 201)
	assert.Equal(t, dept, r.id("onboarding_request", "fields", "cf_department"))
	assert.Equal(t, "Sales", r.text("onboarding_request", "lookup_values", "cf_department", "name"))
	a.sim.Advance(5 * time.Second)
	got := a.get(fmt.Sprintf("/onboarding_requests/%d", r.id("onboarding_request", "id")))
	assert.EqualValues(t, 13, a.get(fmt.Sprintf("/tickets/%d", got.id("onboarding_request", "ticket_id"))).id("ticket", "source"))
	assert.Len(t, a.get("/onboarding_requests").list("onboarding_requests"), 1)
	assert.Empty(t, a.get("/offboarding_requests").list("offboarding_requests"))
	a.do("GET", fmt.Sprintf("/offboarding_requests/%d", r.id("onboarding_request", "id")), nil, 404)
}
