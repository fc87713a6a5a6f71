package freshsim_test

import (
	"bytes"
	"fmt"
	"maps"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/simulators/freshservice/freshsim"
)

func TestCreatedTicketHasTheVendorsShape(t *testing.T) {
	t.Parallel()
	a := open(t)
	r := a.do("POST", "/tickets", obj{"email": "New.Person@Example.com", "subject": "S", "description": "a < b", "status": 2, "priority": 3, "tags": []string{"x"}}, 201)
	assert.Equal(t, a.http.URL+"/api/v2/tickets/1", r.header.Get("Location"))
	ticket := r.object("ticket")
	assert.Equal(t, "<div>a &lt; b</div>", ticket["description"])
	assert.Equal(t, "a < b", ticket["description_text"])
	assert.Equal(t, []any{"x"}, ticket["tags"])
	assert.NotContains(t, ticket, "deleted")
	assert.NotContains(t, ticket, "approval_status")
	assert.Nil(t, ticket["responder_id"])
	assert.Contains(t, ticket, "responder_id")
	assert.Equal(t, "2026-03-02T10:00:00Z", ticket["created_at"])
	assert.Equal(t, "Incident", ticket["type"])

	requester := a.get(fmt.Sprintf("/requesters/%v", ticket["requester_id"]))
	assert.Equal(t, "new.person@example.com", requester.text("requester", "primary_email"), "an unknown address silently makes a requester")
}

func TestFieldSetsDifferPerView(t *testing.T) {
	t.Parallel()
	a := open(t)
	id := a.ticket(obj{"tags": []string{"one"}})
	view := a.get(fmt.Sprintf("/tickets/%d", id)).object("ticket")
	listed, ok := a.get("/tickets").at("tickets", 0).(obj)
	require.True(t, ok)
	put := a.do("PUT", fmt.Sprintf("/tickets/%d", id), obj{"priority": 2}, 200).object("ticket")
	for field, in := range map[string]struct{ view, list, put bool }{
		"tags":                 {false, false, true},
		"urgency":              {true, false, true},
		"impact":               {true, false, true},
		"attachments":          {true, false, true},
		"approval_status":      {true, false, false},
		"approval_status_name": {true, false, false},
		"sla_policy_id":        {true, false, false},
		"custom_fields":        {true, true, true},
		"requested_for_id":     {true, true, true},
		"deleted":              {true, true, true},
	} {
		for name, got := range map[string]struct {
			m    obj
			want bool
		}{"view": {view, in.view}, "list": {listed, in.list}, "put": {put, in.put}} {
			_, has := got.m[field]
			assert.Equal(t, got.want, has, "%s in %s", field, name)
		}
	}
	assert.Equal(t, "4", fmt.Sprint(view["approval_status"]))
	assert.Equal(t, "Not Requested", view["approval_status_name"])
	tagged := a.get(fmt.Sprintf("/tickets/%d?include=tags,stats,requester", id))
	assert.Equal(t, []any{"one"}, tagged.at("ticket", "tags"))
	assert.Greater(t, tagged.id("ticket", "stats", "ticket_id"), int64(21000000000), "stats show the internal id")
	assert.Equal(t, "jo@example.com", tagged.text("ticket", "requester", "email"))
}

func TestRefusedTickets(t *testing.T) {
	t.Parallel()
	whole := obj{"email": "jo@example.com", "subject": "S", "description": "D", "status": 2, "priority": 1}
	for name, c := range map[string]struct {
		change  obj
		problem string
	}{
		"missing description": {obj{"description": nil}, "description missing_field"},
		"blank subject":       {obj{"subject": " "}, "subject missing_field"},
		"missing status":      {obj{"status": nil}, "status missing_field"},
		"unknown status":      {obj{"status": 99}, "status invalid_value"},
		"text as priority":    {obj{"priority": "1"}, "priority invalid_value"},
		"no requester":        {obj{"email": nil}, ""},
		"bad address":         {obj{"email": "nobody"}, "email invalid_value"},
		"unknown attribute":   {obj{"colour": "red"}, "colour invalid_field"},
		"unknown custom":      {obj{"custom_fields": obj{"nope": 1}}, "nope invalid_field"},
		"service request":     {obj{"type": "Service Request"}, "type invalid_value"},
		"wrong case type":     {obj{"type": "incident"}, "type invalid_value"},
		"tag with colon":      {obj{"tags": []string{"a:b"}}, "tags invalid_value"},
		"tags as text":        {obj{"tags": "a"}, "tags datatype_mismatch"},
		"json attachments":    {obj{"attachments": []string{"x"}}, "attachments invalid_field"},
		"unknown agent":       {obj{"responder_id": 5}, "responder_id invalid_value"},
		"lone due date":       {obj{"due_by": "2026-03-05"}, "fr_due_by missing_field"},
		"phone without name":  {obj{"email": nil, "phone": "1"}, "name missing_field"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := open(t)
			body := maps.Clone(whole)
			for k, v := range c.change {
				if body[k] = v; v == nil {
					delete(body, k)
				}
			}
			r := a.do("POST", "/tickets", body, 400)
			assert.Equal(t, "Validation failed", r.text("description"))
			if c.problem != "" {
				assert.Equal(t, c.problem, r.problem())
			}
			assert.Empty(t, a.get("/tickets").list("tickets"), "a refused call writes nothing")
			assert.Empty(t, a.get("/requesters").list("requesters"), "nor makes a requester")
		})
	}
}

func TestTagsAreReplacedAndCustomFieldsMerged(t *testing.T) {
	t.Parallel()
	a := open(t)
	a.admin("POST", "/ticket-fields", obj{"name": "site", "field_type": "custom_dropdown", "choices": []string{"Oslo", "Rome"}})
	a.admin("POST", "/ticket-fields", obj{"name": "ref", "field_type": "custom_text"})
	id := a.ticket(obj{"tags": []string{"a", "b"}, "custom_fields": obj{"site": "Oslo", "ref": "1"}})
	r := a.do("PUT", fmt.Sprintf("/tickets/%d", id), obj{"tags": []string{"c"}, "custom_fields": obj{"ref": nil}}, 200)
	assert.Equal(t, []any{"c"}, r.at("ticket", "tags"))
	assert.Equal(t, obj{"site": "Oslo", "ref": nil}, r.object("ticket", "custom_fields"))
	bad := a.do("PUT", fmt.Sprintf("/tickets/%d", id), obj{"custom_fields": obj{"site": "Paris"}}, 400)
	assert.Equal(t, "site invalid_value", bad.problem())
	assert.Equal(t, "It should be one of these values: 'Oslo,Rome'", bad.text("errors", 0, "message"))
}

func TestClosureDemandsItsFields(t *testing.T) {
	t.Parallel()
	a := open(t)
	a.admin("POST", "/ticket-fields", obj{"name": "root_cause", "field_type": "custom_text", "required_for_closure": true})
	a.admin("POST", "/ticket-fields", obj{"name": "category", "required_for_closure": true})
	id := a.ticket(nil)
	path := fmt.Sprintf("/tickets/%d", id)
	a.do("PUT", path, obj{"status": 3}, 200)
	for _, status := range []int{4, 5} {
		r := a.do("PUT", path, obj{"status": status}, 400)
		assert.Len(t, r.list("errors"), 2)
		assert.Equal(t, "missing_field", r.text("errors", 0, "code"))
	}
	a.do("PUT", path, obj{"status": 4, "category": "Access", "custom_fields": obj{"root_cause": "x"}}, 200)
	other := a.ticket(nil)
	r := a.do("PUT", fmt.Sprintf("/tickets/%d?bypass_mandatory=true", other), obj{"status": 5}, 200)
	assert.EqualValues(t, 5, r.id("ticket", "status"))
	stats := a.get(path+"?include=stats").object("ticket", "stats")
	assert.Equal(t, "2026-03-02T10:00:00Z", stats["resolved_at"])
	assert.Nil(t, stats["closed_at"])
}

func TestFieldsThatTheFormDemandsFromAgents(t *testing.T) {
	t.Parallel()
	a := open(t)
	a.admin("POST", "/ticket-fields", obj{"name": "site", "field_type": "custom_text", "required_for_agents": true})
	r := a.do("POST", "/tickets", obj{"email": "jo@example.com", "subject": "S", "description": "D", "status": 2, "priority": 1}, 400)
	assert.Equal(t, "site missing_field", r.problem())
	a.ticket(obj{"custom_fields": obj{"site": "Oslo"}})
}

func TestDeleteIsSoftAndRestoreBringsBack(t *testing.T) {
	t.Parallel()
	a := open(t)
	id := a.ticket(nil)
	path := fmt.Sprintf("/tickets/%d", id)
	r := a.do("DELETE", path, nil, 204)
	assert.Empty(t, r.raw)
	assert.Empty(t, a.get("/tickets").list("tickets"))
	assert.Len(t, a.get("/tickets?filter=deleted").list("tickets"), 1)
	assert.Equal(t, true, a.get(path).at("ticket", "deleted"))
	a.do("PUT", path+"/restore", nil, 204)
	assert.Len(t, a.get("/tickets").list("tickets"), 1)
	a.do("GET", path+"/restore", nil, 405)
	a.admin("POST", fmt.Sprintf("/tickets/%d/spam", id), obj{"spam": true})
	assert.Empty(t, a.get("/tickets").list("tickets"))
	assert.Len(t, a.get("/tickets?filter=spam").list("tickets"), 1)
}

func TestListHidesOldTicketsUnlessAsked(t *testing.T) {
	t.Parallel()
	a := open(t)
	old := a.ticket(obj{"subject": "old"})
	a.admin("POST", fmt.Sprintf("/tickets/%d/created-at", old), obj{"created_at": monday().AddDate(0, 0, -31)})
	a.ticket(obj{"subject": "new"})
	assert.Len(t, a.get("/tickets").list("tickets"), 1)
	assert.Len(t, a.get("/tickets?updated_since=2026-01-01").list("tickets"), 2)
	assert.Len(t, a.get("/tickets?updated_since="+url.QueryEscape("2026-03-02T10:00:00Z")).list("tickets"), 1)
}

func TestListParameters(t *testing.T) {
	t.Parallel()
	a := open(t)
	a.ticket(obj{"priority": 1})
	a.ticket(obj{"priority": 4, "email": "kim+x@example.com"})
	a.ticket(obj{"priority": 2})
	ids := func(path string) []int64 {
		r := a.get(path)
		var out []int64
		for i := range r.list("tickets") {
			out = append(out, r.id("tickets", i, "id"))
		}
		return out
	}
	assert.Equal(t, []int64{3, 2, 1}, ids("/tickets"))
	assert.Equal(t, []int64{1, 2, 3}, ids("/tickets?order_type=asc"))
	assert.Equal(t, []int64{2, 3, 1}, ids("/tickets?order_by=priority"))
	assert.Equal(t, []int64{2}, ids("/tickets?email=kim%2Bx%40example.com"))
	assert.Equal(t, []int64{3, 2, 1}, ids("/tickets?type=Incident"))
	assert.Empty(t, ids("/tickets?type=Service+Request"))
	assert.Empty(t, ids("/tickets?filter=watching"))
	for query, problem := range map[string]string{
		"created_since=2026-01-01": "created_since invalid_field",
		"type=service+request":     "type invalid_value",
		"per_page=101":             "per_page invalid_value",
		"per_page=0":               "per_page invalid_value",
		"page=x":                   "page invalid_value",
		"filter=mine":              "filter invalid_value",
		"include=tags":             "include invalid_value",
		"order_by=subject":         "order_by invalid_value",
		"updated_since=yesterday":  "updated_since invalid_value",
		"email=no%40body.example":  "email invalid_value",
	} {
		assert.Equal(t, problem, a.do("GET", "/tickets?"+query, nil, 400).problem(), query)
	}
}

func TestListPagesByLinkAndFilterByTotal(t *testing.T) {
	t.Parallel()
	a := open(t)
	for range 65 {
		a.ticket(obj{"tags": []string{"bulk"}})
	}
	seen, next := 0, a.http.URL+"/api/v2/tickets?email=jo%40example.com"
	for next != "" {
		r := a.get(strings.TrimPrefix(next, a.http.URL+"/api/v2"))
		seen += len(r.list("tickets"))
		link := r.header.Get("Link")
		next = ""
		if link != "" {
			require.True(t, strings.HasSuffix(link, `>; rel="next"`), link)
			next = strings.TrimPrefix(strings.TrimSuffix(link, `>; rel="next"`), "<")
		}
		assert.NotContains(t, r.json, "total")
	}
	assert.Equal(t, 65, seen)
	query := "/tickets/filter?query=" + url.QueryEscape(`"tag:'bulk'"`)
	assert.Empty(t, a.get("/tickets?page=1&per_page=65").header.Get("Link"), "a full last page has no next")
	var sizes []int
	for _, page := range []string{"", "&page=2", "&page=3", "&page=4"} {
		r := a.get(query + page)
		assert.EqualValues(t, 65, r.id("total"))
		assert.Empty(t, r.header.Get("Link"))
		sizes = append(sizes, len(r.list("tickets")))
	}
	assert.Equal(t, []int{30, 30, 5, 0}, sizes)
	assert.Equal(t, "page invalid_value", a.do("GET", query+"&page=41", nil, 400).problem())
}

func TestFilterLagsBehindTheTicket(t *testing.T) {
	t.Parallel()
	a := open(t, func(o *freshsim.Options) { o.IndexLag = 2 * time.Minute })
	id := a.ticket(obj{"tags": []string{"mark"}})
	total := func(q string) int64 { return a.get("/tickets/filter?query=" + url.QueryEscape(`"`+q+`"`)).id("total") }
	assert.EqualValues(t, 0, total("tag:'mark'"))
	assert.Len(t, a.get("/tickets").list("tickets"), 1, "the plain list is fresh")
	a.sim.Advance(2 * time.Minute)
	assert.EqualValues(t, 1, total("tag:'mark'"))
	a.do("PUT", fmt.Sprintf("/tickets/%d", id), obj{"tags": []string{}}, 200)
	assert.EqualValues(t, 1, total("tag:'mark'"), "the old copy still answers")
	a.sim.Advance(2 * time.Minute)
	assert.EqualValues(t, 0, total("tag:'mark'"))
}

func TestChildTickets(t *testing.T) {
	t.Parallel()
	a := open(t)
	parent := a.ticket(nil)
	body := obj{"email": "jo@example.com", "subject": "child", "description": "d", "status": 2, "priority": 1}
	child := a.do("POST", fmt.Sprintf("/tickets/%d/create_child_ticket", parent), body, 201).id("ticket", "id")
	assert.Equal(t, child, a.get(fmt.Sprintf("/tickets/%d?include=related_tickets", parent)).id("ticket", "related_tickets", "child_ids", 0))
	assert.Equal(t, parent, a.get(fmt.Sprintf("/tickets/%d?include=related_tickets", child)).id("ticket", "related_tickets", "parent_id"))
	assert.Equal(t, "parent_ticket_id incompatible_field", a.do("POST", fmt.Sprintf("/tickets/%d/create_child_ticket", child), body, 400).problem())
}

func TestMajorIncidents(t *testing.T) {
	t.Parallel()
	a := open(t)
	path := fmt.Sprintf("/tickets/%d", a.ticket(nil))
	assert.Equal(t, "Major Incident", a.do("PUT", path+"/promote", obj{"type": "Major Incident"}, 200).text("ticket", "type"))
	a.do("PUT", path+"/promote", obj{"type": "Major Incident"}, 400)
	assert.Equal(t, "Incident", a.do("PUT", path+"/demote", nil, 200).text("ticket", "type"))
}

func TestPriorityMatrixOverridesTheCall(t *testing.T) {
	t.Parallel()
	a := open(t, func(o *freshsim.Options) { o.PriorityMatrix = true })
	id := a.ticket(obj{"priority": 1, "urgency": 3, "impact": 3})
	assert.EqualValues(t, 4, a.get(fmt.Sprintf("/tickets/%d", id)).id("ticket", "priority"))
}

func TestDuplicatePostMakesTwoTickets(t *testing.T) {
	t.Parallel()
	a := open(t)
	first, second := a.ticket(nil), a.ticket(nil)
	assert.NotEqual(t, first, second)
	assert.Len(t, a.get("/tickets").list("tickets"), 2)
}

func TestNotesRepliesAndConversations(t *testing.T) {
	t.Parallel()
	a := open(t)
	path := fmt.Sprintf("/tickets/%d", a.ticket(nil))
	note := a.do("POST", path+"/notes", obj{"body": "plain & simple"}, 201)
	assert.Equal(t, true, note.at("conversation", "private"), "private by default")
	assert.Equal(t, "<div>plain &amp; simple</div>", note.text("conversation", "body"))
	assert.Equal(t, "plain & simple", note.text("conversation", "body_text"))
	reply := a.do("POST", path+"/reply", obj{"body": "<p>hello</p>", "cc_emails": []string{"cc@example.com"}}, 201)
	assert.Equal(t, []any{"jo@example.com"}, reply.at("conversation", "to_emails"))
	for range 33 {
		a.do("POST", path+"/notes", obj{"body": "more", "private": false}, 201)
	}
	first := a.get(path + "/conversations")
	assert.Len(t, first.list("conversations"), 30)
	assert.EqualValues(t, 35, first.id("meta", "count"))
	assert.EqualValues(t, 2, first.id("conversations", 0, "source"))
	assert.EqualValues(t, 0, first.id("conversations", 1, "source"))
	assert.NotEmpty(t, first.header.Get("Link"))
	assert.Len(t, a.get(path+"/conversations?page=2").list("conversations"), 5)
	assert.Len(t, a.get(path+"?include=conversations").list("ticket", "conversations"), 10)

	id := note.id("conversation", "id")
	a.do("PUT", fmt.Sprintf("/conversations/%d", id), obj{"body": "edited"}, 200)
	assert.Equal(t, "body incompatible_field", a.do("PUT", fmt.Sprintf("/conversations/%d", reply.id("conversation", "id")), obj{"body": "x"}, 400).problem())
	a.do("DELETE", fmt.Sprintf("/conversations/%d", id), nil, 204)
	a.do("DELETE", fmt.Sprintf("/conversations/%d", id), nil, 404)
	assert.Equal(t, "body missing_field", a.do("POST", path+"/notes", obj{}, 400).problem())
	a.do("POST", "/tickets/999/notes", obj{"body": "x"}, 404)
}

// upload sends a multipart form.
func (a *account) upload(path string, fields [][2]string, files map[string][]byte) *reply {
	a.t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, f := range fields {
		require.NoError(a.t, w.WriteField(f[0], f[1]))
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		part, err := w.CreateFormFile("attachments[]", name)
		require.NoError(a.t, err)
		_, err = part.Write(files[name])
		require.NoError(a.t, err)
	}
	require.NoError(a.t, w.Close())
	r, err := a.send("POST", "/api/v2"+path, b.String(), func(req *http.Request) {
		req.SetBasicAuth(a.key, "X")
		req.Header.Set("Content-Type", w.FormDataContentType())
	})
	require.NoError(a.t, err)
	return r
}

func TestAttachmentsComeByFormAndAreCapped(t *testing.T) {
	t.Parallel()
	a := open(t)
	r := a.upload("/tickets", [][2]string{
		{"email", "jo@example.com"}, {"subject", "S"}, {"description", "D"}, {"status", "2"}, {"priority", "1"}, {"tags[]", "a"}, {"tags[]", "b"},
	}, map[string][]byte{"proof.json": []byte(`{"a":1}`)})
	require.Equal(t, 201, r.status, r.raw)
	assert.Equal(t, []any{"a", "b"}, r.at("ticket", "tags"))
	att := r.object("ticket", "attachments", 0)
	assert.Equal(t, "proof.json", att["name"])
	link, ok := att["attachment_url"].(string)
	require.True(t, ok)
	fetch := func(link string) *reply {
		file, err := a.send("GET", strings.TrimPrefix(link, a.http.URL), nil, nil)
		require.NoError(t, err)
		return file
	}
	file := fetch(link)
	assert.JSONEq(t, `{"a":1}`, file.raw, "the link needs no key")
	assert.Contains(t, file.header.Get("Content-Disposition"), "attachment")
	assert.Equal(t, 403, fetch(strings.Replace(link, "expires=", "expires=9", 1)).status, "a made-up link")
	a.sim.Advance(25 * time.Hour)
	assert.Equal(t, 403, fetch(link).status, "an old link")
	assert.JSONEq(t, `{"a":1}`, a.get(fmt.Sprintf("/attachments/%v", att["id"])).raw)

	big := a.upload("/tickets/1/notes", [][2]string{{"body", "big"}}, map[string][]byte{"big.bin": make([]byte, 40<<20)})
	require.Equal(t, 400, big.status)
	assert.Equal(t, "attachments invalid_size", big.problem())
	note := a.upload("/tickets/1/notes", [][2]string{{"body", "small"}, {"private", "false"}}, map[string][]byte{"s.txt": []byte("hi")})
	require.Equal(t, 201, note.status, note.raw)
	assert.Equal(t, false, note.at("conversation", "private"))
	a.do("DELETE", fmt.Sprintf("/tickets/1/attachments/%v", att["id"]), nil, 204)
	a.do("DELETE", fmt.Sprintf("/tickets/1/attachments/%v", att["id"]), nil, 404)
}

func TestActivitiesGoByToken(t *testing.T) {
	t.Parallel()
	a := open(t)
	path := fmt.Sprintf("/tickets/%d", a.ticket(nil))
	for i := range 24 {
		a.do("POST", path+"/notes", obj{"body": fmt.Sprint(i)}, 201)
	}
	first := a.get(path + "/activities")
	assert.Len(t, first.list("activities"), 20)
	assert.Equal(t, "Ada Admin", first.text("activities", 0, "actor", "name"))
	rest := a.get(strings.TrimPrefix(first.text("next_page_url"), a.http.URL+"/api/v2"))
	assert.Len(t, rest.list("activities"), 5)
	assert.NotContains(t, rest.json, "next_page_url")
	assert.Equal(t, " created the ticket", rest.text("activities", 4, "content"))
}

func TestTasks(t *testing.T) {
	t.Parallel()
	a := open(t)
	path := fmt.Sprintf("/tickets/%d/tasks", a.ticket(nil))
	r := a.do("POST", path, obj{"title": "Call", "due_date": "2026-03-09T10:00:00Z"}, 201)
	assert.Equal(t, "2026-03-02T10:00:00.000Z", r.text("task", "created_at"), "task stamps carry milliseconds")
	one := fmt.Sprintf("%s/%d", path, r.id("task", "id"))
	assert.Nil(t, r.at("task", "closed_at"))
	assert.NotNil(t, a.do("PUT", one, obj{"status": 3}, 200).at("task", "closed_at"))
	assert.Nil(t, a.do("PUT", one, obj{"status": 1}, 200).at("task", "closed_at"))
	assert.Equal(t, "status invalid_value", a.do("PUT", one, obj{"status": 9}, 400).problem())
	assert.Len(t, a.get(path).list("tasks"), 1)
	a.do("DELETE", one, nil, 204)
	a.do("GET", one, nil, 404)
}

func TestTimeEntries(t *testing.T) {
	t.Parallel()
	a := open(t)
	me := a.get("/agents/me").id("agent", "id")
	path := fmt.Sprintf("/tickets/%d/time_entries", a.ticket(nil))
	r := a.do("POST", path, obj{"time_entry": obj{"agent_id": me, "time_spent": "01:30"}}, 201)
	assert.Equal(t, "01:30", r.text("time_entry", "time_spent"))
	assert.Equal(t, true, r.at("time_entry", "billable"))
	assert.Equal(t, "time_entry missing_field", a.do("POST", path, obj{}, 400).problem())
	assert.Equal(t, "time_spent missing_field", a.do("POST", path, obj{"time_entry": obj{"agent_id": me}}, 400).problem())
	one := fmt.Sprintf("%s/%d", path, r.id("time_entry", "id"))
	a.do("PUT", one, obj{"time_entry": obj{"note": "x"}}, 200)
	a.do("DELETE", one, nil, 200)
	assert.Empty(t, a.get(path).list("time_entries"))
}

func TestFormSchemaHoldsTheStatusMap(t *testing.T) {
	t.Parallel()
	a := open(t)
	a.admin("POST", "/statuses", obj{"id": 8, "value": "Waiting on vendor"})
	r := a.get("/ticket_form_fields")
	found := map[string]string{}
	for i, f := range r.list("ticket_fields") {
		field, ok := f.(obj)
		require.True(t, ok)
		if field["field_type"] != "default_status" {
			continue
		}
		for j := range r.list("ticket_fields", i, "choices") {
			found[fmt.Sprint(r.id("ticket_fields", i, "choices", j, "id"))] = r.text("ticket_fields", i, "choices", j, "value")
		}
	}
	assert.Equal(t, map[string]string{"2": "Open", "3": "Pending", "4": "Resolved", "5": "Closed", "8": "Waiting on vendor"}, found)
	path := fmt.Sprintf("/tickets/%d", a.ticket(nil))
	a.do("PUT", path, obj{"status": 8}, 200)
}
