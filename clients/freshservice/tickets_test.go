package freshservice_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/clients/freshservice"
)

func TestTheApprovalStatusIsReadInEveryShape(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]freshservice.ApprovalStatus{
		`null`:                        "",
		`0`:                           freshservice.ApprovalRequested,
		`1`:                           freshservice.ApprovalApproved,
		`"2"`:                         freshservice.ApprovalRejected,
		`4`:                           freshservice.ApprovalNotRequested,
		`5`:                           freshservice.ApprovalPeerResponded,
		`"not_requested"`:             freshservice.ApprovalNotRequested,
		`"Not Requested"`:             freshservice.ApprovalNotRequested,
		`"Canceled"`:                  freshservice.ApprovalCancelled,
		`{"id":0,"name":"requested"}`: freshservice.ApprovalRequested,
		`{"id":1,"name":"requested"}`: freshservice.ApprovalRequested, // the name is the truth: reference §6.2
		`{"id":3}`:                    freshservice.ApprovalCancelled,
	} {
		d := newDesk(t).on("GET /tickets/7", answer(200, `{"ticket":{"id":7,"approval_status":`+raw+`}}`))
		got, err := d.client().GetTicket(t.Context(), 7)
		require.NoError(t, err, raw)
		assert.Equal(t, want, got.ApprovalStatus, raw)
	}
	for _, raw := range []string{`9`, `[1]`} {
		d := newDesk(t).on("GET /tickets/7", answer(200, `{"ticket":{"id":7,"approval_status":`+raw+`}}`))
		_, err := d.client().GetTicket(t.Context(), 7)
		require.ErrorIs(t, err, freshservice.Invalid, "an unknown state must not read as some state: %s", raw)
	}
}

func TestATicketIsReadInWhateverShapeItComes(t *testing.T) {
	t.Parallel()
	want := freshservice.Ticket{
		ID: 12, Subject: "Laptop", Status: 2, Priority: 3, RequesterID: 21000418005, Category: "42", Spam: true,
		CCEmails:  []string{"a@acme.test"},
		CreatedAt: time.Date(2026, 3, 1, 8, 30, 0, 0, time.UTC),
		DueBy:     time.Date(2026, 3, 2, 8, 30, 0, 0, time.UTC),
		CustomFields: freshservice.Fields{
			"employee_number": "00042", "badge": int64(21000418005), "share": 1.5, "none": nil,
			"apps": []any{"a", int64(2)},
		},
	}
	const fields = `"custom_fields":{"employee_number":"00042","badge":21000418005,"share":1.5,"none":null,"apps":["a",2]}`
	for name, body := range map[string]string{
		"as documented": `{"ticket":{"id":12,"subject":"Laptop","status":2,"priority":3,"requester_id":21000418005,"category":"42","spam":true,"cc_emails":["a@acme.test"],
			"created_at":"2026-03-01T08:30:00Z","due_by":"2026-03-02T08:30:00Z","responder_id":null,"tags":null,"brand_new":{"x":1},` + fields + `}}`,
		"numbers and texts swapped": `{"ticket":{"id":"12","subject":"Laptop","status":"2","priority":3.0,"requester_id":"21000418005","category":42,"spam":"true","cc_emails":"a@acme.test",
			"created_at":"2026-03-01T08:30:00.000Z","due_by":"2026-03-02T14:00:00+05:30","responder_id":"",` + fields + `}}`,
		"plural root":           `{"tickets":[{"id":12,"subject":"Laptop","status":2,"priority":3,"requester_id":21000418005,"category":"42","spam":1,"cc_emails":["a@acme.test"],"created_at":"2026-03-01 08:30:00 UTC","due_by":"2026-03-02T10:30:00+0200",` + fields + `}]}`,
		"plural root, one item": `{"tickets":{"id":12,"subject":"Laptop","status":2,"priority":3,"requester_id":21000418005,"category":"42","spam":true,"cc_emails":["a@acme.test"],"created_at":"2026-03-01T08:30Z","due_by":"2026-03-02T08:30:00",` + fields + `}}`,
		"another root":          `{"incident":{"id":12,"subject":"Laptop","status":2,"priority":3,"requester_id":21000418005,"category":"42","spam":true,"cc_emails":["a@acme.test"],"created_at":"2026-03-01T08:30:00Z","due_by":"2026-03-02T08:30:00Z",` + fields + `}}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t).on("GET /tickets/12", answer(200, body))
			got, err := d.client().GetTicket(t.Context(), 12)
			require.NoError(t, err)
			assert.True(t, want.DueBy.Equal(got.DueBy), "due by %s", got.DueBy)
			got.DueBy = want.DueBy
			assert.Equal(t, want, got)
		})
	}
}

func TestIncludesBringWhatAPlainViewHides(t *testing.T) {
	t.Parallel()
	d := newDesk(t).on("GET /tickets/7", answer(200, `{"ticket":{"id":7,"tags":[],
		"requester":{"id":3,"name":"Jane Doe","email":"jane@acme.test","mobile":null,"phone":5551234},
		"stats":{"ticket_id":21003880128,"closed_at":null,"resolved_at":"2026-03-01T08:30:00Z"},
		"related_tickets":{"child_ids":[8,9]},
		"onboarding_context":{"fields":{"cf_employee_name":"Ann Lee","cf_date_of_joining":"03-04-2026","cf_department":11,"msf_apps":["Mail","Wiki"]},
			"lookup_values":{"cf_department":{"id":11,"name":"Sales"},"cf_reporting_manager":{"id":4,"first_name":"Bo","last_name":"Ray","email":"bo@acme.test"}}}}}`))
	got, err := d.client().GetTicket(t.Context(), 7, freshservice.IncludeRequester, freshservice.IncludeTags, freshservice.IncludeOnboarding)
	require.NoError(t, err)
	assert.Equal(t, "requester,tags,onboarding_context", d.last().query.Get("include"))
	assert.Equal(t, "5551234", got.Requester.Phone)
	assert.NotNil(t, got.Tags, "shown and empty is not the same as not shown")
	assert.True(t, got.Stats.ClosedAt.IsZero())
	assert.Equal(t, 2026, got.Stats.ResolvedAt.Year())
	assert.Equal(t, []int64{8, 9}, got.RelatedTickets.ChildIDs)

	form := got.OnboardingContext
	joining, ok := form.Fields.Date("cf_date_of_joining")
	assert.True(t, ok)
	assert.Equal(t, "2026-04-03", joining.Format(time.DateOnly), "the day comes first")
	assert.Equal(t, "Sales", form.Text("cf_department"))
	assert.Equal(t, "Ann Lee", form.Text("cf_employee_name"))
	assert.Equal(t, "Bo Ray", form.Text("cf_reporting_manager"))
	assert.Equal(t, "bo@acme.test", form.Email("cf_reporting_manager"))
	assert.Empty(t, form.Email("cf_employee_name"))
	assert.Equal(t, []string{"Mail", "Wiki"}, form.Fields.Texts("msf_apps"))
	assert.Nil(t, got.OffboardingContext)
}

func TestAnUpdateSendsOnlyWhatItSets(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		update freshservice.TicketUpdate
		want   string
	}{
		"one field":       {freshservice.TicketUpdate{Status: new(3)}, `{"status":3}`},
		"a field cleared": {freshservice.TicketUpdate{Subject: new("")}, `{"subject":""}`},
		"no tags left":    {freshservice.TicketUpdate{Tags: new([]string(nil))}, `{"tags":[]}`},
		"tags replaced":   {freshservice.TicketUpdate{Tags: new([]string{"a"})}, `{"tags":["a"]}`},
		"unassigned":      {freshservice.TicketUpdate{ResponderID: new(int64(0)), GroupID: new(int64(9))}, `{"responder_id":null,"group_id":9}`},
		"custom fields":   {freshservice.TicketUpdate{CustomFields: freshservice.Fields{"outcome": "done"}}, `{"custom_fields":{"outcome":"done"}}`},
		"due dates in UTC": {
			freshservice.TicketUpdate{DueBy: new(time.Date(2026, 3, 1, 1, 0, 0, 0, time.FixedZone("", 3600)))},
			`{"due_by":"2026-03-01T00:00:00Z"}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t).on("PUT /tickets/7", answer(200, `{"ticket":{"id":7}}`))
			_, err := d.client().UpdateTicket(t.Context(), 7, tt.update)
			require.NoError(t, err)
			assert.JSONEq(t, tt.want, d.last().body)
			assert.Empty(t, d.last().query)
		})
	}
	d := newDesk(t)
	_, err := d.client().UpdateTicket(t.Context(), 7, freshservice.TicketUpdate{BypassMandatory: true})
	require.ErrorIs(t, err, freshservice.Invalid, "an empty update is a mistake")
}

func TestMandatoryFieldsAreBypassedOnlyOnRequest(t *testing.T) {
	t.Parallel()
	d := newDesk(t).on("PUT /tickets/7", answer(200, `{"ticket":{"id":7}}`))
	_, err := d.client().UpdateTicket(t.Context(), 7, freshservice.TicketUpdate{Status: new(4), BypassMandatory: true})
	require.NoError(t, err)
	assert.Equal(t, "true", d.last().query.Get("bypass_mandatory"))
}

func TestANewTicketIsLowerCasedAndPlacedInItsWorkspace(t *testing.T) {
	t.Parallel()
	d := newDesk(t).on("POST /tickets", answer(201, `{"ticket":{"id":9,"tags":["m"]}}`)).
		on("POST /tickets/7/create_child_ticket", answer(201, `{"ticket":{"id":10}}`))
	c := d.client(func(cfg *freshservice.Config) { cfg.WorkspaceID = 2 })
	got, err := c.CreateTicket(t.Context(), freshservice.NewTicket{
		Email: " Jane@Acme.test ", Subject: "s", Description: "<b>d</b>", Status: 2, Priority: 1, Tags: []string{"m"},
		DueBy: new(time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)),
	})
	require.NoError(t, err)
	assert.Equal(t, []string{"m"}, got.Tags)
	assert.JSONEq(t, `{"email":"jane@acme.test","subject":"s","description":"<b>d</b>","status":2,"priority":1,"tags":["m"],
		"workspace_id":2,"due_by":"2026-03-01T00:00:00Z"}`, d.last().body)

	_, err = c.CreateChildTicket(t.Context(), 7, freshservice.NewTicket{RequesterID: 3, Subject: "s", Status: 2, Priority: 1, WorkspaceID: 5})
	require.NoError(t, err)
	assert.JSONEq(t, `{"requester_id":3,"subject":"s","description":"","status":2,"priority":1,"workspace_id":5}`, d.last().body)
}

func TestTheBinTakesAndGivesBack(t *testing.T) {
	t.Parallel()
	d := newDesk(t).on("DELETE /tickets/7", answer(204, ``)).on("PUT /tickets/7/restore", answer(204, ``))
	require.NoError(t, d.client().DeleteTicket(t.Context(), 7))
	require.NoError(t, d.client().RestoreTicket(t.Context(), 7))
	assert.Empty(t, d.last().body)
}
