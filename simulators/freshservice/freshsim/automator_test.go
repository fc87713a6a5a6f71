package freshsim_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/simulators/freshservice/freshsim"
)

// receiver is a webhook endpoint that answers as it is told and keeps what came.
type receiver struct {
	*httptest.Server

	mu     sync.Mutex
	bodies []string
	header []http.Header
	answer []int // statuses to give in turn; 202 when it runs out
}

func receive(t *testing.T, answers ...int) *receiver {
	t.Helper()
	r := &receiver{answer: answers}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		raw, err := io.ReadAll(req.Body)
		if err != nil {
			raw = []byte(err.Error())
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		r.bodies = append(r.bodies, string(raw))
		r.header = append(r.header, req.Header.Clone())
		status := http.StatusAccepted
		if len(r.answer) > 0 {
			status, r.answer = r.answer[0], r.answer[1:]
		}
		w.WriteHeader(status)
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) got() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.bodies)
}

// hook posts the ticket number and the event to the receiver.
func (r *receiver) hook(events ...freshsim.EventKind) freshsim.Rule {
	return freshsim.Rule{Name: "nudge", Events: events, Actions: []freshsim.Action{{Kind: freshsim.ActionWebhook, Webhook: &freshsim.Webhook{
		URL: r.URL + "/hook", Body: `{"ticket":"{{ticket.id_numeric}}","event":"{{Triggered event}}"}`,
	}}}}
}

func nudge(ticket int64, event string) string {
	return fmt.Sprintf(`{"ticket":"%d","event":"%s"}`, ticket, event)
}

func TestEveryEventFiresItsWebhook(t *testing.T) {
	t.Parallel()
	r := receive(t)
	b := openBoard(t, 2)
	rule := r.hook(freshsim.EventKinds()...)
	require.NoError(t, b.sim.SetRules([]freshsim.Rule{rule}))
	for _, step := range []struct {
		event string
		act   func()
	}{
		{"ticket_updated", func() { b.do("PUT", b.path, obj{"priority": 3}, 200) }},
		{"note_added", func() { b.do("POST", b.path+"/notes", obj{"body": "x"}, 201) }},
		{"reply_added", func() { b.do("POST", b.path+"/reply", obj{"body": "x"}, 201) }},
		{"approval_requested", func() { b.group(1, 0) }},
		{"ticket_deleted", func() { b.do("DELETE", b.path, nil, 204) }},
		{"ticket_restored", func() { b.do("PUT", b.path+"/restore", nil, 204) }},
		{"ticket_spam", func() { b.admin("POST", b.path+"/spam", nil) }},
	} {
		before := len(r.got())
		step.act()
		b.sim.Settled()
		assert.Equal(t, []string{nudge(b.id, step.event)}, r.got()[before:], step.event)
	}
	before := len(r.got())
	b.ticket(nil)
	b.sim.Settled()
	assert.Equal(t, []string{nudge(2, "ticket_created")}, r.got()[before:])
	b.do("PUT", b.path, obj{"priority": 3}, 200)
	b.sim.Settled()
	assert.Len(t, r.got(), before+1, "an update that changes nothing tells nobody")
}

func TestApprovalEvents(t *testing.T) {
	t.Parallel()
	r := receive(t)
	b := openBoard(t, 2)
	_, approvals := b.group(1, 0, 1)
	require.NoError(t, b.sim.SetRules([]freshsim.Rule{r.hook(
		freshsim.EventApprovalApproved, freshsim.EventApprovalRejected, freshsim.EventApprovalCancelled, freshsim.EventApprovalStatusChanged)}))
	b.vote(approvals[0], "approved")
	b.sim.Settled()
	assert.Equal(t, []string{nudge(b.id, "approval_approved")}, r.got(), "the chain has not ended")
	b.vote(approvals[1], "rejected")
	b.sim.Settled()
	assert.ElementsMatch(t, []string{nudge(b.id, "approval_approved"), nudge(b.id, "approval_rejected"), nudge(b.id, "approval_status_changed")}, r.got())
}

func TestConditions(t *testing.T) {
	t.Parallel()
	type condition = freshsim.Condition
	for name, c := range map[string]struct {
		when  condition
		fires bool
	}{
		"is":                   {condition{Field: "status", Op: "is", Value: "pending"}, true},
		"is, otherwise":        {condition{Field: "status", Op: "is", Value: "Open"}, false},
		"is not":               {condition{Field: "type", Op: "is_not", Value: "Service Request"}, true},
		"in":                   {condition{Field: "priority", Op: "in", Values: []string{"Low", "High"}}, true},
		"in, otherwise":        {condition{Field: "priority", Op: "in", Values: []string{"Urgent"}}, false},
		"contains":             {condition{Field: "subject", Op: "contains", Value: "BROK"}, true},
		"changed":              {condition{Field: "status", Op: "changed"}, true},
		"changed, otherwise":   {condition{Field: "priority", Op: "changed"}, false},
		"changed to":           {condition{Field: "status", Op: "changed_to", Value: "Pending"}, true},
		"changed to otherwise": {condition{Field: "status", Op: "changed_to", Value: "Resolved"}, false},
		"changed from":         {condition{Field: "status", Op: "changed_from", Value: "Open"}, true},
		"present":              {condition{Field: "actor", Op: "present"}, true},
		"absent":               {condition{Field: "agent", Op: "absent"}, true},
		"custom field":         {condition{Field: "site", Op: "is", Value: "Oslo"}, true},
		"requester":            {condition{Field: "requester", Op: "is", Value: "jo@example.com"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := receive(t)
			a := open(t)
			a.admin("POST", "/ticket-fields", obj{"name": "site"})
			rule := r.hook(freshsim.EventTicketUpdated)
			rule.Conditions = []condition{c.when}
			require.NoError(t, a.sim.SetRules([]freshsim.Rule{rule}))
			id := a.ticket(obj{"custom_fields": obj{"site": "Oslo"}})
			a.do("PUT", fmt.Sprintf("/tickets/%d", id), obj{"status": 3}, 200)
			a.sim.Settled()
			assert.Equal(t, c.fires, len(r.got()) == 1)
		})
	}
}

func TestRetriesFollowTheVendorsScheduleThenStop(t *testing.T) {
	t.Parallel()
	r := receive(t, 500, 503, 404, 429, 500)
	a := open(t)
	require.NoError(t, a.sim.SetRules([]freshsim.Rule{r.hook(freshsim.EventTicketCreated)}))
	a.ticket(nil)
	a.sim.Settled()
	for i, pause := range []time.Duration{3 * time.Minute, 5 * time.Minute, 9 * time.Minute, 17 * time.Minute} {
		assert.Len(t, r.got(), i+1)
		a.sim.Advance(pause - time.Second)
		assert.Len(t, r.got(), i+1, "not before its time")
		a.sim.Advance(time.Second)
		assert.Len(t, r.got(), i+2)
	}
	a.sim.Advance(24 * time.Hour)
	assert.Len(t, r.got(), 5, "five attempts, then dropped")
	log := a.sim.Deliveries()
	require.Len(t, log, 1)
	assert.Equal(t, freshsim.DeliveryFailed, log[0].State)
	var at []string
	for _, try := range log[0].Attempts {
		at = append(at, try.At.Format("15:04"))
	}
	assert.Equal(t, []string{"10:00", "10:03", "10:08", "10:17", "10:34"}, at)
}

func TestOneLongAdvanceRunsEveryRetryAtItsOwnTime(t *testing.T) {
	t.Parallel()
	r := receive(t, 500, 500, 200)
	a := open(t)
	require.NoError(t, a.sim.SetRules([]freshsim.Rule{r.hook(freshsim.EventTicketCreated)}))
	a.ticket(nil)
	a.sim.Advance(2 * time.Hour)
	log := a.sim.Deliveries()
	require.Len(t, log, 1)
	assert.Equal(t, freshsim.DeliveryDelivered, log[0].State)
	require.Len(t, log[0].Attempts, 3)
	assert.Equal(t, monday().Add(8*time.Minute), log[0].Attempts[2].At)
	assert.Equal(t, monday().Add(2*time.Hour), a.sim.Now())
}

func TestUnreachableAndSlowReceiversAreRetried(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	slow := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, req *http.Request) {
		select {
		case <-release:
		case <-req.Context().Done():
		}
	}))
	defer slow.Close()
	defer close(release)
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	for _, target := range []string{slow.URL, gone.URL} {
		a := open(t, func(o *freshsim.Options) {
			o.WebhookTimeout = 50 * time.Millisecond
			o.WebhookRetry = []time.Duration{time.Second}
		})
		rule := freshsim.Rule{Name: "n", Events: []freshsim.EventKind{freshsim.EventTicketCreated}, Actions: []freshsim.Action{{
			Kind: freshsim.ActionWebhook, Webhook: &freshsim.Webhook{URL: target},
		}}}
		require.NoError(t, a.sim.SetRules([]freshsim.Rule{rule}))
		a.ticket(nil)
		a.sim.Advance(time.Second)
		log := a.sim.Deliveries()
		require.Len(t, log, 1)
		assert.Equal(t, freshsim.DeliveryFailed, log[0].State)
		require.Len(t, log[0].Attempts, 2)
		assert.Zero(t, log[0].Attempts[0].Status)
		assert.NotEmpty(t, log[0].Attempts[0].Error)
	}
}

func TestEmptyRetryScheduleMeansOneAttempt(t *testing.T) {
	t.Parallel()
	r := receive(t, 500)
	a := open(t, func(o *freshsim.Options) { o.WebhookRetry = []time.Duration{} })
	require.NoError(t, a.sim.SetRules([]freshsim.Rule{r.hook(freshsim.EventTicketCreated)}))
	a.ticket(nil)
	a.sim.Advance(time.Hour)
	assert.Len(t, r.got(), 1)
}

func TestHourlyBudget(t *testing.T) {
	t.Parallel()
	r := receive(t)
	a := open(t, func(o *freshsim.Options) { o.WebhookHourlyCap = 3 })
	require.NoError(t, a.sim.SetRules([]freshsim.Rule{r.hook(freshsim.EventTicketCreated)}))
	for range 5 {
		a.ticket(nil)
	}
	a.sim.Settled()
	assert.Len(t, r.got(), 3)
	assert.Equal(t, freshsim.DeliveryCapped, a.sim.Deliveries()[4].State)
	a.sim.Advance(time.Hour)
	a.ticket(nil)
	a.sim.Settled()
	assert.Len(t, r.got(), 4)
}

func TestWebhookTroubles(t *testing.T) {
	t.Parallel()
	first, second := nudge(1, "ticket_created"), nudge(2, "ticket_created")
	for name, c := range map[string]struct {
		trouble freshsim.WebhookTrouble
		advance time.Duration
		want    []string
	}{
		"none":             {freshsim.WebhookTrouble{}, 0, []string{first, second}},
		"duplicate":        {freshsim.WebhookTrouble{Duplicate: 1}, 0, []string{first, first, second, second}},
		"late, not yet":    {freshsim.WebhookTrouble{LateMillis: 60000}, 59 * time.Second, nil},
		"late":             {freshsim.WebhookTrouble{LateMillis: 60000}, time.Minute, []string{first, second}},
		"reordered":        {freshsim.WebhookTrouble{Reorder: true}, 0, []string{second, first}},
		"lose one":         {freshsim.WebhookTrouble{Lose: 1}, 0, []string{second}},
		"lose all":         {freshsim.WebhookTrouble{Lose: -1}, 0, nil},
		"lose every other": {freshsim.WebhookTrouble{LoseEvery: 2}, 0, []string{first}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := receive(t)
			a := open(t)
			require.NoError(t, a.sim.SetRules([]freshsim.Rule{r.hook(freshsim.EventTicketCreated)}))
			a.admin("PUT", "/automator/trouble", c.trouble)
			a.ticket(nil)
			if name != "reordered" {
				a.sim.Settled()
			}
			a.ticket(nil)
			a.sim.Settled()
			a.sim.Advance(c.advance)
			got := r.got()
			if name == "late" { // both were due at once
				slices.Sort(got)
			}
			assert.Equal(t, c.want, slices.Clip(got))
		})
	}
}

func TestReorderedWebhookWithoutFollowerGoesAlone(t *testing.T) {
	t.Parallel()
	r := receive(t)
	a := open(t)
	require.NoError(t, a.sim.SetRules([]freshsim.Rule{r.hook(freshsim.EventTicketCreated)}))
	a.sim.SetWebhookTrouble(freshsim.WebhookTrouble{Reorder: true})
	a.ticket(nil)
	a.sim.Settled()
	assert.Empty(t, r.got())
	a.sim.Advance(time.Second)
	assert.Len(t, r.got(), 1)
}

func TestTemplates(t *testing.T) {
	t.Parallel()
	r := receive(t)
	a, access, _ := shop(t)
	manager := a.person("Max", "max@example.com")
	a.do("POST", "/requesters", obj{"first_name": "Jo", "last_name": `O"Hara`, "primary_email": "jo@example.com", "reporting_manager_id": manager}, 201)
	ri := fmt.Sprintf("ticket.ri_%d_cf_", access)
	for template, want := range map[string]string{
		"{{ticket.id_numeric}}":                              "<id>",
		"{{ ticket.id }}":                                    "SR-<id>",
		"{{ticket.ticket_type}}":                             "Service Request",
		"{{ticket.status}}/{{ticket.priority}}":              "Open/Medium",
		"{{ticket.requester.name}}":                          `Jo O"Hara`,
		"{{ticket.requester.name | json}}":                   `Jo O\"Hara`,
		"{{ticket.requester.email}}":                         "jo@example.com",
		"{{ticket.actual_requester.reporting_manager.name}}": "Max",
		"{{" + ri + "application}}":                          "GitHub",
		"{{" + ri + "until_iso}}":                            "2026-05-01T00:00:00Z",
		"{{" + ri + "until_iso | date: '%Y'}}":               "2026",
		"[{{ticket.agent.name}}{{nothing.known}}]":           "[]",
		"{{ticket.created_at_iso}}":                          "2026-03-02T10:00:00Z",
		"{{ticket.category | downcase}}":                     "access",
		"{{ticket.group.name | default: 'none'}}":            "none",
	} {
		require.NoError(t, a.sim.SetRules([]freshsim.Rule{{Name: "t", Events: []freshsim.EventKind{freshsim.EventTicketCreated}, Actions: []freshsim.Action{{
			Kind: freshsim.ActionWebhook, Webhook: &freshsim.Webhook{URL: r.URL, Body: template},
		}}}}))
		id := a.do("POST", place(access), obj{"email": "jo@example.com", "custom_fields": obj{"application": "GitHub", "cost_centre": "1", "until": "2026-05-01"}}, 201).id("service_request", "id")
		a.sim.Settled()
		got := r.got()
		assert.Equal(t, strings.ReplaceAll(want, "<id>", fmt.Sprint(id)), got[len(got)-1], template)
	}
}

func TestSimpleContentIsWrapped(t *testing.T) {
	t.Parallel()
	r := receive(t)
	a := open(t)
	require.NoError(t, a.sim.SetRules([]freshsim.Rule{{Name: "s", Events: []freshsim.EventKind{freshsim.EventTicketCreated}, Actions: []freshsim.Action{{
		Kind: freshsim.ActionWebhook, Webhook: &freshsim.Webhook{URL: r.URL, Simple: []string{"ticket_id", "ticket_status", "triggered_event"}},
	}}}}))
	a.ticket(nil)
	a.sim.Settled()
	require.Len(t, r.got(), 1)
	assert.JSONEq(t, `{"freshservice_webhook":{"ticket_id":1,"ticket_status":"Open","triggered_event":"ticket_created"}}`, r.got()[0])
}

func TestSecretsGoToTheReceiverAndNowhereElse(t *testing.T) {
	t.Parallel()
	r := receive(t)
	a := open(t)
	a.admin("POST", "/automator/rules", obj{"name": "s", "events": []string{"ticket_created"}, "actions": []obj{
		{"kind": "webhook", "webhook": obj{"url": r.URL, "headers": obj{"X-Desk-Secret": "s3cret"}}},
		{"kind": "webhook", "webhook": obj{"url": r.URL, "username": "desk", "password": "s3cret"}},
	}})
	a.ticket(nil)
	a.sim.Settled()
	r.mu.Lock()
	var seen []string
	for _, h := range r.header {
		user, pass, ok := (&http.Request{Header: h}).BasicAuth()
		seen = append(seen, fmt.Sprintf("%s %s %s %t", h.Get("X-Desk-Secret"), user, pass, ok))
	}
	r.mu.Unlock()
	assert.ElementsMatch(t, []string{"s3cret   false", " desk s3cret true"}, seen)
	for _, path := range []string{"/automator/rules", "/automator/deliveries"} {
		assert.NotContains(t, a.admin("GET", path, nil).raw, "s3cret", path)
	}
}

func TestRuleActionsActAfterTheAnswerAndDoNotLoopForEver(t *testing.T) {
	t.Parallel()
	b := openBoard(t, 1)
	require.NoError(t, b.sim.SetRules([]freshsim.Rule{
		{Name: "triage", Events: []freshsim.EventKind{freshsim.EventTicketCreated}, Actions: []freshsim.Action{
			{Kind: freshsim.ActionSetField, Field: "status", Value: "Pending"},
			{Kind: freshsim.ActionNote, Note: &freshsim.NoteAction{Body: "Hello {{ticket.requester.name}}", Private: true}},
			{Kind: freshsim.ActionApproval, Approval: &freshsim.ApprovalAction{Name: "Desk", Rule: 2, Approvers: []string{"approver0@example.com", "ghost@example.com"}}},
		}},
		{
			Name: "ping", Events: []freshsim.EventKind{freshsim.EventTicketUpdated}, Conditions: []freshsim.Condition{{Field: "priority", Op: "is", Value: "Low"}},
			Actions: []freshsim.Action{{Kind: freshsim.ActionSetField, Field: "priority", Value: "High"}},
		},
		{
			Name: "pong", Events: []freshsim.EventKind{freshsim.EventTicketUpdated}, Conditions: []freshsim.Condition{{Field: "priority", Op: "is", Value: "High"}},
			Actions: []freshsim.Action{{Kind: freshsim.ActionSetField, Field: "priority", Value: "Low"}},
		},
	}))
	r := b.do("POST", "/tickets", obj{"email": "jo@example.com", "subject": "S", "description": "D", "status": 2, "priority": 2}, 201)
	assert.EqualValues(t, 2, r.id("ticket", "status"), "the answer shows the ticket before its workflows")
	path := fmt.Sprintf("/tickets/%d", r.id("ticket", "id"))
	after := b.get(path)
	assert.EqualValues(t, 3, after.id("ticket", "status"))
	assert.Equal(t, "Requested", after.text("ticket", "approval_status_name"))
	assert.Equal(t, "Hello jo", b.get(path+"/conversations").text("conversations", 0, "body_text"))
	assert.Equal(t, "Ticket Workflow", b.get(path+"/activities").text("activities", 0, "actor", "name"))
	b.do("PUT", path, obj{"priority": 1}, 200) // ping and pong would never end
}

func TestDeskApproversByRole(t *testing.T) {
	t.Parallel()
	b := openBoard(t, 3)
	dept := b.do("POST", "/departments", obj{"name": "Sales", "head_user_id": b.people[1]}, 201).id("department", "id")
	b.do("POST", "/requesters", obj{"first_name": "Jan", "primary_email": "jan@example.com", "reporting_manager_id": b.people[0], "department_ids": []int64{dept}}, 201)
	me := b.get("/agents/me").id("agent", "id")
	b.do("POST", "/groups", obj{"name": "Owners", "members": []int64{me}}, 201)
	require.NoError(t, b.sim.AddRule(freshsim.Rule{Name: "a", Events: []freshsim.EventKind{freshsim.EventTicketCreated}, Actions: []freshsim.Action{{
		Kind: freshsim.ActionApproval, Approval: &freshsim.ApprovalAction{Rule: 1, Approvers: []string{"manager", "department_head", "group:owners", "manager"}},
	}}}))
	id := b.ticket(obj{"email": "jan@example.com"})
	r := b.get(fmt.Sprintf("/tickets/%d/approvals", id))
	var who []int64
	for i := range r.list("approvals") {
		who = append(who, r.id("approvals", i, "approver_id"))
	}
	assert.Equal(t, []int64{b.people[0], b.people[1], me}, who)
}

func TestRulesThatMakeNoSenseAreRefused(t *testing.T) {
	t.Parallel()
	a := open(t)
	hook := []obj{{"kind": "webhook", "webhook": obj{"url": "http://127.0.0.1:1"}}}
	for name, rule := range map[string]obj{
		"no name":            {"events": []string{"ticket_created"}, "actions": hook},
		"unknown event":      {"name": "x", "events": []string{"ticket_born"}, "actions": hook},
		"unknown action":     {"name": "x", "events": []string{"ticket_created"}, "actions": []obj{{"kind": "sing"}}},
		"relative url":       {"name": "x", "events": []string{"ticket_created"}, "actions": []obj{{"kind": "webhook", "webhook": obj{"url": "/hook"}}}},
		"unknown method":     {"name": "x", "events": []string{"ticket_created"}, "actions": []obj{{"kind": "webhook", "webhook": obj{"url": "http://a", "method": "BREW"}}}},
		"unknown operator":   {"name": "x", "events": []string{"ticket_created"}, "conditions": []obj{{"field": "status", "op": "likes"}}, "actions": hook},
		"unknown key":        {"name": "x", "events": []string{"ticket_created"}, "actions": hook, "when": "always"},
		"approvers missing":  {"name": "x", "events": []string{"ticket_created"}, "actions": []obj{{"kind": "send_for_approval", "approval": obj{"rule": 1}}}},
		"webhook without it": {"name": "x", "events": []string{"ticket_created"}, "actions": []obj{{"kind": "webhook"}}},
	} {
		r, err := a.send("POST", "/admin/automator/rules", rule, nil)
		require.NoError(t, err)
		assert.Equal(t, 400, r.status, name)
	}
	assert.Empty(t, a.admin("GET", "/automator/rules", nil).list("rules"))
}
