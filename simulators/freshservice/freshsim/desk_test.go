package freshsim_test

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/examples/acme"
	"latchkey/simulators/freshservice/freshsim"
)

// browse gets a page as somebody.
func (a *account) browse(person, path string) *reply {
	a.t.Helper()
	r, err := a.send("GET", path, nil, as(person))
	require.NoError(a.t, err)
	return r
}

// submit posts a form as somebody and follows to the page that comes after.
func (a *account) submit(person, path string, form url.Values) *reply {
	a.t.Helper()
	r, err := a.send("POST", path, form.Encode(), func(req *http.Request) {
		as(person)(req)
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	})
	require.NoError(a.t, err)
	return r
}

func as(person string) func(*http.Request) {
	return func(r *http.Request) {
		if person != "" {
			r.AddCookie(&http.Cookie{Name: "desk_person", Value: url.QueryEscape(person)})
		}
	}
}

// acmeAccount is the company that the demo shows.
func acmeAccount(t *testing.T) *account {
	t.Helper()
	company, err := acme.Load()
	require.NoError(t, err)
	return open(t, func(o *freshsim.Options) { o.Seed = &company })
}

func TestEveryPageOpens(t *testing.T) {
	t.Parallel()
	a := acmeAccount(t)
	id := a.ticket(obj{"email": acme.Ben})
	for _, path := range []string{
		"/", "/desk", "/desk/", "/desk/tickets", "/desk/tickets?show=all&q=broken&page=2", "/desk/approvals", "/desk/catalog", "/desk/catalog/1",
		"/desk/onboarding", "/desk/offboarding", "/desk/new", fmt.Sprintf("/desk/tickets/%d", id),
	} {
		r := a.browse("", path)
		assert.Equal(t, 200, r.status, path)
		assert.Contains(t, r.header.Get("Content-Security-Policy"), "default-src 'none'", path)
		assert.Contains(t, r.raw, "</html>", path)
		assert.NotContains(t, r.raw, "ZgotmplZ", path)
	}
	for _, path := range []string{"/desk/tickets/99", "/desk/tickets/x", "/desk/catalog/99", "/desk/approvals?person=ghost@example.com"} {
		assert.Equal(t, 404, a.browse("", path).status, path)
	}
	assert.Equal(t, 200, a.browse("", "/desk/style.css").status)
}

func TestTicketTextIsHarmless(t *testing.T) {
	t.Parallel()
	a := open(t)
	evil := `<script>alert(1)</script><img src=x onerror=alert(2)><b>bold</b>`
	id := a.ticket(obj{"subject": `"><script>alert(3)</script>`, "description": evil, "tags": []string{"<i>"}})
	a.do("POST", fmt.Sprintf("/tickets/%d/notes", id), obj{"body": evil}, 201)
	p := a.person("<u>Eve", "eve@example.com")
	a.do("POST", fmt.Sprintf("/tickets/%d/approvals", id), obj{"approver_id": p, "approval_type": 1, "email_content": evil}, 201)
	for _, path := range []string{fmt.Sprintf("/desk/tickets/%d", id), "/desk/tickets", "/desk/approvals?person=eve@example.com"} {
		page := a.browse("", path).raw
		assert.NotContains(t, page, "<script", path)
		assert.NotContains(t, page, "onerror", path)
		assert.NotContains(t, page, "<img", path)
		assert.NotContains(t, page, "<u>Eve", path)
	}
	assert.Contains(t, a.browse("", fmt.Sprintf("/desk/tickets/%d", id)).raw, "<b>bold</b>")
}

func TestApproverClicks(t *testing.T) {
	t.Parallel()
	b := openBoard(t, 2)
	_, approvals := b.group(1, 0, 1)
	page := func() string { return b.browse("approver0@example.com", "/desk/approvals").raw }
	assert.Contains(t, page(), "Reject")
	vote := fmt.Sprintf("/desk/tickets/%d/approvals/%d", b.id, approvals[0])
	r := b.submit("approver0@example.com", vote, url.Values{"decision": {"rejected"}})
	assert.Equal(t, 400, r.status)
	assert.Contains(t, r.raw, "remark is required")
	assert.Equal(t, "Requested", b.status())
	r = b.submit("approver0@example.com", vote, url.Values{"decision": {"approved"}, "remark": {"fine"}, "back": {"approvals"}})
	assert.Equal(t, 200, r.status)
	assert.Contains(t, r.raw, "Your decision was recorded")
	assert.Equal(t, "approved", b.one(approvals[0]))
	assert.Equal(t, 400, b.submit("approver0@example.com", vote, url.Values{"decision": {"approved"}}).status)
	assert.Equal(t, 400, b.submit("", fmt.Sprintf("/desk/tickets/%d/approvals/%d", b.id, approvals[1]), url.Values{"decision": {"maybe"}}).status)
	other := b.ticket(nil)
	assert.Equal(t, 404, b.submit("", fmt.Sprintf("/desk/tickets/%d/approvals/%d", other, approvals[1]), url.Values{"decision": {"approved"}}).status)
}

func TestDelegateClicks(t *testing.T) {
	t.Parallel()
	b := openBoard(t, 2)
	require.NoError(t, b.sim.SetDelegate(b.people[0], "approver1@example.com", monday(), time.Time{}))
	_, approvals := b.group(1, 0)
	assert.Contains(t, b.browse("approver1@example.com", "/desk/approvals").raw, "Approve")
	b.submit("approver0@example.com", fmt.Sprintf("/desk/tickets/%d/approvals/%d", b.id, approvals[0]), url.Values{"decision": {"approved"}})
	got := b.get(fmt.Sprintf("%s/approvals/%d", b.path, approvals[0]))
	assert.Nil(t, got.at("approval", "delegatee"), "the approver answered in person")
}

func TestDeskEditsAndNotes(t *testing.T) {
	t.Parallel()
	a := open(t)
	a.admin("POST", "/ticket-fields", obj{"name": "category", "required_for_closure": true})
	a.admin("POST", "/ticket-fields", obj{"name": "vip", "field_type": "custom_checkbox"})
	a.admin("POST", "/ticket-fields", obj{"name": "site", "field_type": "custom_dropdown", "choices": []string{"Oslo", "Rome"}})
	id := a.ticket(nil)
	path := fmt.Sprintf("/tickets/%d", id)
	assert.Equal(t, 400, a.submit("", "/desk"+path+"/fields", url.Values{"status": {"2"}, "custom.site": {"Paris"}}).status)
	assert.Equal(t, 400, a.submit("", "/desk"+path+"/fields", url.Values{"status": {"4"}}).status, "the desk demands what the API demands")
	a.do("PUT", path, obj{"category": "x"}, 200)
	r := a.submit("", "/desk"+path+"/fields", url.Values{"status": {"4"}, "priority": {"3"}, "resolution_notes": {"done <b>now"}, "custom.vip": {"true"}, "custom.site": {"Oslo"}, "group": {""}, "agent": {"admin@desk.example"}})
	assert.Equal(t, 200, r.status)
	after := a.get(path)
	assert.EqualValues(t, 4, after.id("ticket", "status"))
	assert.Equal(t, "<div>done &lt;b&gt;now</div>", after.text("ticket", "resolution_notes_html"))
	a.submit("jo@example.com", "/desk"+path+"/note", url.Values{"body": {"still broken"}})
	reopened := a.get(path)
	assert.Equal(t, true, reopened.at("ticket", "custom_fields", "vip"))
	assert.Equal(t, "Oslo", reopened.at("ticket", "custom_fields", "site"))
	assert.EqualValues(t, 2, reopened.id("ticket", "status"), "a requester's reply reopens")
	a.submit("", "/desk"+path+"/note", url.Values{"body": {"hush\r\n<i>now</i>"}, "private": {"true"}})
	talk := a.get(path + "/conversations")
	assert.Equal(t, true, talk.at("conversations", 0, "incoming"))
	assert.Equal(t, true, talk.at("conversations", 1, "private"))
	assert.Equal(t, "<div>hush<br>&lt;i&gt;now&lt;/i&gt;</div>", talk.text("conversations", 1, "body"))
	for state, deleted := range map[string]bool{"delete": true} {
		a.submit("", "/desk"+path+"/state", url.Values{"state": {state}})
		assert.Equal(t, deleted, a.get(path).at("ticket", "deleted"))
	}
	a.submit("", "/desk"+path+"/state", url.Values{"state": {"restore"}})
	a.submit("", "/desk"+path+"/state", url.Values{"state": {"spam"}})
	assert.Equal(t, true, a.get(path).at("ticket", "spam"))
}

func TestPlacingFromTheCatalogue(t *testing.T) {
	t.Parallel()
	a, access, laptop := shop(t)
	a.person("Jo", "jo@example.com")
	a.person("Kim", "kim@example.com")
	item := fmt.Sprintf("/desk/catalog/%d", access)
	r := a.submit("jo@example.com", item, url.Values{"application": {"Salesforce"}, "requested_for": {"kim@example.com"}})
	assert.Equal(t, 400, r.status)
	assert.Contains(t, r.raw, "Cost Centre")
	assert.Contains(t, r.raw, "<option selected>Salesforce</option>", "what was typed is kept")
	assert.Empty(t, a.get("/tickets").list("tickets"))
	r = a.submit("jo@example.com", item, url.Values{"application": {"Salesforce"}, "requested_for": {"kim@example.com"}, "cost_centre": {"7"}, "extras": {"VPN", "Admin"}})
	assert.Equal(t, 200, r.status)
	ticket := a.get("/tickets/1?include=requester,requested_for")
	assert.Equal(t, "jo@example.com", ticket.text("ticket", "requester", "email"))
	assert.Equal(t, "kim@example.com", ticket.text("ticket", "requested_for", "email"))
	assert.Equal(t, []any{"VPN", "Admin"}, a.get("/tickets/1/requested_items").at("requested_items", 0, "custom_fields", "extras"))
	assert.Contains(t, r.raw, "Salesforce")

	assert.Contains(t, a.browse("jo@example.com", "/desk/tickets/1").raw, "/desk/catalog?ticket=1")
	assert.Contains(t, a.browse("jo@example.com", "/desk/catalog?ticket=1").raw, fmt.Sprintf("/desk/catalog/%d?ticket=1", laptop))
	assert.Contains(t, a.browse("jo@example.com", fmt.Sprintf("/desk/catalog/%d?ticket=1", laptop)).raw, `name="ticket" value="1"`)
	assert.Equal(t, 400, a.submit("jo@example.com", fmt.Sprintf("/desk/catalog/%d", laptop), url.Values{"ticket": {"99"}}).status)
	a.submit("jo@example.com", fmt.Sprintf("/desk/catalog/%d", laptop), url.Values{"ticket": {"1"}})
	items := a.get("/tickets/1/requested_items")
	require.Len(t, items.list("requested_items"), 2)
	a.submit("", fmt.Sprintf("/desk/tickets/1/requested/%d", items.id("requested_items", 1, "id")), url.Values{"stage": {"4"}})
	assert.EqualValues(t, 4, a.get("/tickets/1/requested_items").id("requested_items", 1, "stage"))
}

func TestOffboardingFromTheDesk(t *testing.T) {
	t.Parallel()
	a := acmeAccount(t)
	form := url.Values{
		"actor_2": {acme.Noemi}, "cf_employee_email": {acme.Ada}, "cf_separation_type": {"Voluntary Separation"}, "cf_last_working_date_date": {"2026-03-13"},
	}
	assert.Equal(t, 400, a.submit(acme.Farah, "/desk/offboarding", url.Values{"cf_employee_email": {acme.Ada}}).status)
	r := a.submit(acme.Farah, "/desk/offboarding", form)
	assert.Contains(t, r.raw, "Request opened")
	assert.Empty(t, a.get("/tickets").list("tickets"))
	a.sim.Advance(5 * time.Second)
	ticket := a.get("/tickets/1?include=offboarding_context,requester")
	assert.Equal(t, acme.Farah, ticket.text("ticket", "requester", "email"))
	assert.Equal(t, acme.Ada, ticket.text("ticket", "offboarding_context", "fields", "cf_employee_email"))
	assert.Nil(t, a.get("/tickets/2?include=offboarding_context").at("ticket", "offboarding_context"), "the form hangs on the parent")
	assert.Contains(t, a.browse("", "/desk/tickets/1").raw, "13-03-2026")
}

func TestReportingAndActingAs(t *testing.T) {
	t.Parallel()
	a := open(t)
	a.person("Jo", "jo@example.com")
	assert.Equal(t, 400, a.submit("jo@example.com", "/desk/new", url.Values{"subject": {"x"}}).status)
	a.submit("jo@example.com", "/desk/new", url.Values{"subject": {"Printer"}, "description": {"jams"}})
	assert.Equal(t, "Printer", a.get("/tickets/1").text("ticket", "subject"))
	r, err := a.send("POST", "/desk/person", url.Values{"person": {"jo@example.com"}, "back": {"https://evil.example/"}}.Encode(), func(req *http.Request) {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	})
	require.NoError(t, err)
	assert.Equal(t, 200, r.status, "an absolute address to go back to is ignored")
	assert.Equal(t, 400, a.submit("", "/desk/person", url.Values{"person": {"ghost@example.com"}}).status)
}

func TestAcmeIsSeededWhole(t *testing.T) {
	t.Parallel()
	company, err := acme.Load()
	require.NoError(t, err)
	a := acmeAccount(t)
	state := a.admin("GET", "/state", nil)
	assert.EqualValues(t, len(company.DeskPeople()), state.id("people"))
	assert.EqualValues(t, len(company.Departments), state.id("departments"))
	assert.EqualValues(t, len(company.Items), state.id("service_items"))
	assert.EqualValues(t, len(company.AgentGroups), state.id("groups"))
	assert.Equal(t, acme.ServiceLatchkey, a.get("/agents/me").text("agent", "email"))
	ben := a.get("/requesters?email=" + url.QueryEscape(acme.Ben))
	mara := a.get("/requesters?email=" + url.QueryEscape(acme.Mara))
	assert.Equal(t, mara.id("requesters", 0, "id"), ben.id("requesters", 0, "reporting_manager_id"))
	assert.Equal(t, "Eastern Time (US & Canada)", ben.text("requesters", 0, "time_zone"))
	dept := a.get(fmt.Sprintf("/departments/%d", ben.id("requesters", 0, "department_ids", 0)))
	assert.Equal(t, "Sales", dept.text("department", "name"))
	fields := a.get("/ticket_form_fields").raw
	for _, f := range company.Forms {
		assert.Contains(t, fields, `"name":"`+f.Name+`"`)
	}
	for _, s := range company.Statuses {
		assert.Contains(t, fields, `"value":"`+s.Name+`"`)
	}
	assert.Len(t, a.get("/offboarding_requests/form").list("fields"), len(company.Offboarding))
	again := acmeAccount(t)
	assert.Equal(t, a.get("/requesters?per_page=100").raw, again.get("/requesters?per_page=100").raw, "two seeds are equal")
	assert.NotContains(t, state.raw, apiKey)
}
