package freshsim_test

import (
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/simulators/freshservice/freshsim"
)

func TestTicketsAreFilteredByEveryDocumentedField(t *testing.T) {
	t.Parallel()
	a := open(t)
	for name, kind := range map[string]string{"cost": "custom_number", "urgent": "custom_checkbox", "site": "custom_dropdown", "until": "custom_date", "free": "custom_text"} {
		a.admin("POST", "/ticket-fields", obj{"name": name, "field_type": kind, "choices": []string{"Oslo"}})
	}
	me := a.get("/agents/me").id("agent", "id")
	group := a.do("POST", "/groups", obj{"name": "G"}, 201).id("group", "id")
	id := a.ticket(obj{
		"responder_id": me, "group_id": group, "impact": 2, "urgency": 3, "tags": []string{"t"}, "due_by": "2026-03-09T10:00:00Z", "fr_due_by": "2026-03-08T10:00:00Z",
		"custom_fields": obj{"cost": 12, "urgent": true, "site": "Oslo", "until": "2026-04-01", "free": "x"},
	})
	a.ticket(obj{"email": "other@example.com", "priority": 4})
	requester := a.get(fmt.Sprintf("/tickets/%d", id)).id("ticket", "requester_id")
	for _, expr := range []string{
		fmt.Sprintf("requester_id:%d", requester), "email:'jo@example.com'", fmt.Sprintf("agent_id:%d", me), fmt.Sprintf("group_id:%d", group),
		"priority:1", "status:2 AND priority:<1", "impact:2", "urgency:3", "tag:'t'", "due_by:>'2026-03-09' AND due_by:<'2026-03-09'", "fr_due_by:<'2026-03-08' AND impact:2",
		"created_at:>'2026-03-02T10:00:00Z' AND tag:'t'", "cost:>12", "urgent:true", "site:'Oslo'", "until:>'2026-03-31'", "workspace_id:2 AND cost:12",
		"updated_at:>'2026-03-02' AND urgent:true",
	} {
		r := a.get("/tickets/filter?query=" + url.QueryEscape(`"`+expr+`"`))
		require.Len(t, r.list("tickets"), 1, expr)
		assert.Equal(t, id, r.id("tickets", 0, "id"), expr)
	}
	assert.EqualValues(t, 1, a.get("/tickets/filter?query="+url.QueryEscape(`"agent_id:null AND cost:null"`)).id("total"))
	for _, field := range []string{"subject", "description", "type", "category", "free"} {
		r := a.do("GET", "/tickets/filter?query="+url.QueryEscape(`"`+field+`:'x'"`), nil, 400)
		assert.Equal(t, field+" invalid_value", r.problem())
	}
	a.do("DELETE", fmt.Sprintf("/tickets/%d", id), nil, 204)
	assert.EqualValues(t, 0, a.get("/tickets/filter?query="+url.QueryEscape(`"tag:'t'"`)).id("total"))
}

func TestRequesterByIDAndPhone(t *testing.T) {
	t.Parallel()
	a := open(t)
	id := a.person("Jo", "jo@example.com")
	body := obj{"requester_id": id, "subject": "S", "description": "D", "status": 2, "priority": 1}
	assert.Equal(t, id, a.do("POST", "/tickets", body, 201).id("ticket", "requester_id"))
	body["requester_id"] = 5
	assert.Equal(t, "requester_id invalid_value", a.do("POST", "/tickets", body, 400).problem())
	delete(body, "requester_id")
	body["phone"], body["name"] = "+47 1", "Per Hansen"
	first := a.do("POST", "/tickets", body, 201).id("ticket", "requester_id")
	assert.Equal(t, first, a.do("POST", "/tickets", body, 201).id("ticket", "requester_id"), "the same phone is the same person")
	assert.Equal(t, "Hansen", a.get(fmt.Sprintf("/requesters/%d", first)).text("requester", "last_name"))
}

func TestUpdatesThatATicketRefuses(t *testing.T) {
	t.Parallel()
	a, _, laptop := shop(t)
	incident := fmt.Sprintf("/tickets/%d", a.ticket(nil))
	request := fmt.Sprintf("/tickets/%d", a.do("POST", place(laptop), obj{}, 201).id("service_request", "id"))
	kim := a.person("Kim", "kim@example.com")
	for body, problem := range map[string]string{
		`{"workspace_id":3}`:                        "workspace_id readonly_field",
		`{"type":"Service Request"}`:                "type invalid_value",
		`{"email":"nobody@example.com"}`:            "email invalid_value",
		`{"business_impact":"x"}`:                   "business_impact incompatible_field",
		`{"requester_id":5}`:                        "requester_id invalid_value",
		`{"group_id":5}`:                            "group_id invalid_value",
		`{"approval_status":1}`:                     "approval_status invalid_field",
		`{"due_by":"soon","fr_due_by":"soon"}`:      "",
		fmt.Sprintf(`{"requested_for_id":%d}`, kim): "requested_for_id incompatible_field",
	} {
		r := a.do("PUT", incident, body, 400)
		if problem != "" {
			assert.Equal(t, problem, r.problem(), body)
		}
	}
	assert.Equal(t, kim, a.do("PUT", request, obj{"requested_for_id": kim}, 200).id("ticket", "requested_for_id"))
	r := a.do("PUT", incident, obj{"email": "kim@example.com", "assets": []obj{{"display_id": 4}}, "problem": obj{"display_id": 9}}, 200)
	assert.Equal(t, kim, r.id("ticket", "requester_id"))
	assert.Regexp(t, `\+00:00$`, r.text("ticket", "due_by"), "an offset after a PUT")
	view := a.get(incident + "?include=assets,problem,changes,requested_for")
	assert.EqualValues(t, 4, view.id("ticket", "assets", 0, "display_id"))
	assert.EqualValues(t, 9, view.id("ticket", "problem", "display_id"))
}

func TestClosureDemandsBuiltInFields(t *testing.T) {
	t.Parallel()
	a := open(t)
	dept := a.do("POST", "/departments", obj{"name": "D"}, 201).id("department", "id")
	group := a.do("POST", "/groups", obj{"name": "G"}, 201).id("group", "id")
	me := a.get("/agents/me").id("agent", "id")
	for field, fill := range map[string]obj{
		"agent": {"responder_id": me}, "group": {"group_id": group}, "department": {"department_id": dept}, "category": {"category": "c"},
		"sub_category": {"sub_category": "s"}, "item_category": {"item_category": "i"}, "resolution_notes": {"resolution_notes": "<p>r</p>"},
	} {
		path := fmt.Sprintf("/tickets/%d", a.ticket(nil))
		a.admin("POST", "/ticket-fields", obj{"name": field, "required_for_closure": true})
		assert.Equal(t, field+" missing_field", a.do("PUT", path, obj{"status": 4}, 400).problem())
		fill["status"] = 4
		a.do("PUT", path, fill, 200)
		a.admin("POST", "/ticket-fields", obj{"name": field, "required_for_closure": false})
	}
}

func TestWorkflowsSetEveryField(t *testing.T) {
	t.Parallel()
	a := open(t)
	a.admin("POST", "/ticket-fields", obj{"name": "site", "field_type": "custom_dropdown", "choices": []string{"Oslo"}})
	a.do("POST", "/groups", obj{"name": "Desk"}, 201)
	set := func(field, value string) freshsim.Action {
		return freshsim.Action{Kind: freshsim.ActionSetField, Field: field, Value: value}
	}
	require.NoError(t, a.sim.AddRule(freshsim.Rule{Name: "all", Events: []freshsim.EventKind{freshsim.EventTicketCreated}, Actions: []freshsim.Action{
		set("status", "Pending"), set("priority", "4"), set("urgency", "High"), set("category", "Access"), set("sub_category", "s"), set("item_category", "i"),
		set("subject", "[{{ticket.id}}] {{ticket.subject}}"), set("resolution_notes", "r"), set("tags", "auto"), set("agent", "admin@desk.example"),
		set("group", "desk"), set("site", "Oslo"),
		set("status", "Nonsense"), set("group", "Nobody"), set("agent", "ghost@example.com"), set("site", "Rome"), set("nothing", "x"),
	}}))
	id := a.ticket(nil)
	r := a.get(fmt.Sprintf("/tickets/%d?include=tags", id))
	got := r.object("ticket")
	for field, want := range map[string]string{
		"status": "3", "priority": "4", "urgency": "3", "category": "Access", "sub_category": "s", "item_category": "i",
		"subject": fmt.Sprintf("[INC-%d] Broken", id), "resolution_notes": "r", "tags": "[auto]",
	} {
		assert.Equal(t, want, fmt.Sprint(got[field]), field)
	}
	assert.Equal(t, "Oslo", r.text("ticket", "custom_fields", "site"))
	assert.NotNil(t, got["responder_id"])
	assert.NotNil(t, got["group_id"])
}

func TestItemsForSomeOnly(t *testing.T) {
	t.Parallel()
	a := open(t)
	in := a.person("In", "in@example.com")
	a.person("Out", "out@example.com")
	group := a.do("POST", "/requester_groups", obj{"name": "Sales"}, 201).id("requester_group", "id")
	a.do("POST", fmt.Sprintf("/requester_groups/%d/members/%d", group, in), nil, 200)
	item := a.admin("POST", "/service-items", obj{
		"name": "Demo tenant", "category": "Sales", "short_description": "s", "description": "d", "requester_group_ids": []int64{group},
	})
	assert.EqualValues(t, 2, item.id("service_item", "group_visibility"))
	found := func(email string) int64 {
		return a.get("/service_catalog/items/search?search_term=DEMO&user_email="+url.QueryEscape(email)).id("meta", "total_items")
	}
	assert.EqualValues(t, 1, found("in@example.com"))
	assert.EqualValues(t, 0, found("out@example.com"))
	assert.NotContains(t, a.browse("out@example.com", "/desk/catalog").raw, "Demo tenant")
	assert.Contains(t, a.browse("in@example.com", "/desk/catalog").raw, "Demo tenant")
	assert.Equal(t, 404, a.browse("out@example.com", fmt.Sprintf("/desk/catalog/%d", item.id("service_item", "display_id"))).status)
}

func TestAttachmentsOfNotesCanBeRemoved(t *testing.T) {
	t.Parallel()
	a := open(t)
	a.ticket(nil)
	note := a.upload("/tickets/1/notes", [][2]string{{"body", "see"}}, map[string][]byte{"a.txt": []byte("a")})
	require.Equal(t, 201, note.status, note.raw)
	path := fmt.Sprintf("/conversations/%d/attachments/%d", note.id("conversation", "id"), note.id("conversation", "attachments", 0, "id"))
	a.do("DELETE", path, nil, 204)
	a.do("DELETE", path, nil, 404)
	assert.Empty(t, a.get("/tickets/1/conversations").list("conversations", 0, "attachments"))
	nested := a.upload("/tickets", [][2]string{
		{"email", "jo@example.com"}, {"subject", "S"}, {"description", "D"}, {"status", "2"}, {"priority", "1"}, {"custom_fields[nope]", "x"},
	}, nil)
	assert.Equal(t, "nope invalid_field", nested.problem())
}

func TestFormsAndContextsOverTheAdminSurface(t *testing.T) {
	t.Parallel()
	a := open(t)
	a.person("Hr", "hr@example.com")
	a.person("Max", "max@example.com")
	a.admin("POST", "/offboarding-form", obj{"name": "cf_hold", "label": "Hold", "field_type": "custom_checkbox"})
	form := obj{"actor_2": "max@example.com", "cf_employee_email": "jo@example.com", "cf_hold": true}
	id := a.admin("POST", "/offboarding-requests", obj{"initiator": "hr@example.com", "fields": form}).id("request", "id")
	a.sim.Advance(time.Minute)
	assert.EqualValues(t, 3, a.get(fmt.Sprintf("/offboarding_requests/%d", id)).id("offboarding_request", "status"))
	r := receive(t)
	require.NoError(t, a.sim.SetRules([]freshsim.Rule{r.hook(freshsim.EventTicketUpdated)}))
	ticket := a.ticket(nil)
	a.admin("POST", fmt.Sprintf("/tickets/%d/offboarding-context", ticket), obj{"fields": form})
	a.sim.Settled()
	assert.Len(t, r.got(), 1)
	got := a.get(fmt.Sprintf("/tickets/%d?include=offboarding_context", ticket))
	assert.EqualValues(t, 18, got.id("ticket", "source"))
	assert.Equal(t, true, got.at("ticket", "offboarding_context", "fields", "cf_hold"))
	a.sim.SetKnobs(func(k *freshsim.Knobs) { k.ChildContext = true })
	again := a.admin("POST", "/offboarding-requests", obj{"initiator": "hr@example.com", "fields": form}).id("request", "id")
	a.sim.Advance(time.Minute)
	parent := a.get(fmt.Sprintf("/offboarding_requests/%d", again)).id("offboarding_request", "ticket_id")
	assert.NotNil(t, a.get(fmt.Sprintf("/tickets/%d?include=offboarding_context", parent+1)).at("ticket", "offboarding_context"))
	for path, body := range map[string]obj{
		"/offboarding-form": {"name": "x"}, "/offboarding-requests": {"initiator": "hr@example.com", "fields": obj{"actor_2": "ghost@example.com"}},
		"/statuses": {"id": 4, "value": "Again"}, "/ticket-fields": {"label": "x"}, "/requester-fields": {"name": "x"}, "/api-keys": {"key": "x", "email": "ghost@example.com"},
	} {
		out, err := a.send("POST", "/admin"+path, body, nil)
		require.NoError(t, err)
		assert.Equal(t, 400, out.status, path)
	}
}

func TestPendingOnboardingDoesNotSurviveAReset(t *testing.T) {
	t.Parallel()
	a := open(t)
	a.do("POST", "/onboarding_requests", obj{"fields": obj{"cf_employee_name": "N", "cf_date_of_joining": "2026-04-01"}}, 201)
	require.NoError(t, a.sim.Reset())
	a.sim.Advance(time.Hour)
	assert.Empty(t, a.get("/tickets").list("tickets"))
}

func TestRulesCanBeReplacedAsAWhole(t *testing.T) {
	t.Parallel()
	r := receive(t)
	a := open(t, func(o *freshsim.Options) { o.Rules = []freshsim.Rule{r.hook(freshsim.EventTicketCreated)} })
	a.ticket(nil)
	a.admin("PUT", "/automator/rules", obj{"rules": []obj{}})
	a.ticket(nil)
	a.sim.Settled()
	assert.Len(t, r.got(), 1)
	require.NoError(t, a.sim.Reset())
	a.ticket(nil)
	a.sim.Settled()
	assert.Len(t, r.got(), 2, "a reset brings the rules of the options back")
}

// TestManyAtOnce runs writers, readers, voters, webhooks and the clock together; the race detector judges, and the
// counts tell that nothing was lost.
func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	r := receive(t)
	b := openBoard(t, 8)
	require.NoError(t, b.sim.SetRules([]freshsim.Rule{r.hook(freshsim.EventNoteAdded)}))
	_, approvals := b.group(1, 0, 1, 2, 3, 4, 5, 6, 7)
	var all sync.WaitGroup
	problems := make(chan error, 64)
	for i := range 8 {
		all.Go(func() {
			for j := range 10 {
				for _, step := range []struct {
					method, path string
					body         any
					status       int
				}{
					{http.MethodPost, b.path + "/notes", obj{"body": fmt.Sprintf("%d %d", i, j)}, 201},
					{http.MethodGet, b.path + "?include=conversations,stats", nil, 200},
					{http.MethodGet, "/tickets/filter?query=" + url.QueryEscape(`"status:2"`), nil, 200},
				} {
					out, err := b.try(step.method, step.path, step.body)
					if err != nil || out.status != step.status {
						problems <- fmt.Errorf("%s %s: %w", step.method, step.path, err)
						return
					}
				}
			}
			if err := b.sim.Decide(approvals[i], freshsim.Decision{Decision: "approved"}); err != nil {
				problems <- err
			}
		})
	}
	all.Go(func() { b.sim.Advance(time.Minute) })
	all.Wait()
	close(problems)
	for err := range problems {
		require.NoError(t, err)
	}
	b.sim.Settled()
	assert.EqualValues(t, 80, b.get(b.path+"/conversations").id("meta", "count"))
	assert.Len(t, r.got(), 80)
	assert.Equal(t, "Approved", b.status())
}

// TestRealClockFiresTimers uses the wall clock: a late webhook and an onboarding ticket come without anybody advancing.
func TestRealClockFiresTimers(t *testing.T) {
	t.Parallel()
	hook := receive(t)
	done := freshsim.Rule{Name: "done", Events: []freshsim.EventKind{freshsim.EventTicketCreated}, Actions: []freshsim.Action{{
		Kind: freshsim.ActionWebhook, Webhook: &freshsim.Webhook{URL: hook.URL},
	}}}
	a := open(t, func(o *freshsim.Options) {
		o.Now, o.OnboardingDelay, o.Rules = time.Now, 10*time.Millisecond, []freshsim.Rule{done}
	})
	a.do("POST", "/onboarding_requests", obj{"fields": obj{"cf_employee_name": "N", "cf_date_of_joining": "2026-04-01"}}, 201)
	require.Eventually(t, func() bool {
		a.sim.Settled()
		return len(hook.got()) == 3
	}, 10*time.Second, 5*time.Millisecond, "the parent and its two children")
}
