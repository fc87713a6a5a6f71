package freshservice_test

import (
	"fmt"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/clients/freshservice"
	"latchkey/examples/acme"
	"latchkey/simulators/freshservice/freshsim"
)

// account starts a simulated account with a few people and gives a client for it.
func account(t *testing.T, change func(*freshsim.Options), config ...func(*freshservice.Config)) (*freshsim.Server, *freshservice.Client) {
	t.Helper()
	opts := freshsim.Options{APIKey: testKey, Seed: &acme.Company{
		Name: "Acme", Domain: "acme.example",
		Departments: []acme.Department{{Name: "Sales", HeadEmail: "hana@acme.example"}},
		Locations:   []acme.Location{{Name: "Berlin", City: "Berlin", Country: "DE", TimeZone: "Europe/Berlin", DeskTimeZone: "Berlin"}},
		People: []acme.Person{
			{EmployeeNumber: "1", FirstName: "Hana", LastName: "Head", Email: "hana@acme.example", Department: "Sales", Location: "Berlin"},
			{EmployeeNumber: "2", FirstName: "Ann", LastName: "Lee", Email: "ann@acme.example", Department: "Sales", Location: "Berlin", ManagerEmail: "hana@acme.example"},
			{EmployeeNumber: "3", FirstName: "Ivo", LastName: "Tech", Email: "ivo@acme.example", Agent: true, DeskRole: "SD Agent"},
		},
		AgentGroups: []acme.AgentGroup{{Name: "IT", Members: []string{"ivo@acme.example"}}},
		Items: []acme.ServiceItem{{Name: "App access", Category: "Access", Fields: []acme.ItemField{
			{Name: "application", Label: "Application", Type: "custom_dropdown", Required: true, Choices: []string{"Wiki", "Mail"}},
		}}},
	}}
	if change != nil {
		change(&opts)
	}
	sim, err := freshsim.New(opts)
	require.NoError(t, err)
	t.Cleanup(sim.Close)
	server := httptest.NewServer(sim.Handler())
	t.Cleanup(server.Close)
	cfg := freshservice.Config{BaseURL: server.URL, APIKey: testKey, AllowPlainHTTP: true}
	for _, c := range config {
		c(&cfg)
	}
	c, err := freshservice.New(cfg)
	require.NoError(t, err)
	return sim, c
}

func person(t *testing.T, c *freshservice.Client, email string) freshservice.Person {
	t.Helper()
	p, err := c.FindPersonByEmail(t.Context(), email)
	require.NoError(t, err)
	return p
}

func TestARequestIsPlacedApprovedAndDelivered(t *testing.T) {
	t.Parallel()
	sim, c := account(t, nil)
	hana, ann, ivo := person(t, c, "hana@acme.example"), person(t, c, "Ann@acme.example"), person(t, c, "ivo@acme.example")
	assert.True(t, ivo.IsAgent)
	assert.False(t, ann.IsAgent)
	assert.Equal(t, hana.ID, ann.ReportingManagerID)
	zone, ok := ann.IANA()
	assert.True(t, ok)
	assert.Equal(t, "Europe/Berlin", zone)

	items, err := c.ListItems(t.Context(), 0)
	require.NoError(t, err)
	require.Len(t, items, 1)
	item, err := c.GetItem(t.Context(), items[0].DisplayID)
	require.NoError(t, err)
	require.Len(t, item.CustomFields, 1)
	assert.Len(t, item.CustomFields[0].Choices, 2)

	_, err = c.PlaceRequest(t.Context(), item.DisplayID, freshservice.PlaceRequest{Email: ann.Email})
	require.ErrorIs(t, err, freshservice.Invalid, "a mandatory answer is missing")
	assert.Contains(t, err.Error(), "application")

	sr, err := c.PlaceRequest(t.Context(), item.DisplayID, freshservice.PlaceRequest{
		Email: ann.Email, CustomFields: freshservice.Fields{"application": "Wiki"},
	})
	require.NoError(t, err)
	assert.Equal(t, freshservice.TypeServiceRequest, sr.Type)
	assert.Equal(t, freshservice.ApprovalNotRequested, sr.ApprovalStatus)

	ticket, err := c.GetTicket(t.Context(), sr.ID, freshservice.IncludeRequester, freshservice.IncludeTags)
	require.NoError(t, err)
	assert.Equal(t, freshservice.ApprovalNotRequested, ticket.ApprovalStatus, "a number here, a text there")
	assert.Equal(t, ann.ID, ticket.RequesterID)
	assert.Equal(t, "ann@acme.example", ticket.Requester.Email)

	asked, err := c.RequestedItems(t.Context(), sr.ID)
	require.NoError(t, err)
	require.Len(t, asked, 1)
	assert.Equal(t, "Wiki", asked[0].CustomFields.Text("application"))
	assert.Equal(t, item.DisplayID, asked[0].ServiceItemID)

	group, err := c.CreateApprovalGroup(t.Context(), sr.ID, freshservice.NewApprovalGroup{
		Name: "level 1", Rule: freshservice.RuleEveryone, ApproverIDs: []int64{hana.ID, ivo.ID}, EmailContent: "<p>plan</p>",
	})
	require.NoError(t, err)
	assert.Equal(t, freshservice.ApprovalRequested, group.Status)
	_, err = c.SetChainRule(t.Context(), sr.ID, freshservice.RuleEveryone)
	require.NoError(t, err)
	approvals, err := c.ListApprovals(t.Context(), sr.ID)
	require.NoError(t, err)
	require.Len(t, approvals, 2)
	open, total, err := c.ListApprovalsByStatus(t.Context(), "ticket", freshservice.ApprovalRequested)
	require.NoError(t, err)
	assert.Equal(t, 2, total)
	assert.Equal(t, sr.ID, open[0].ParentID)

	require.NoError(t, c.RemindApprover(t.Context(), sr.ID, approvals[0].ID))
	for _, a := range approvals {
		require.NoError(t, sim.Decide(a.ID, freshsim.Decision{Decision: "approved", Remark: "fine"}))
	}
	one, err := c.GetApproval(t.Context(), sr.ID, approvals[0].ID)
	require.NoError(t, err)
	assert.Equal(t, freshservice.ApprovalApproved, one.Status)
	assert.Equal(t, "fine", one.Remark)
	ticket, err = c.GetTicket(t.Context(), sr.ID)
	require.NoError(t, err)
	assert.Equal(t, freshservice.ApprovalApproved, ticket.ApprovalStatus)
	_, err = c.CancelApproval(t.Context(), sr.ID, approvals[0].ID)
	require.Error(t, err, "what is decided cannot be withdrawn")

	further, err := c.CreateApprovalGroup(t.Context(), sr.ID, freshservice.NewApprovalGroup{Name: "level 2", Rule: freshservice.RuleAnyone, ApproverIDs: []int64{hana.ID}})
	require.NoError(t, err)
	assert.Equal(t, 2, further.Level)
	_, err = c.CancelApprovalGroup(t.Context(), sr.ID, further.ID)
	require.NoError(t, err)
	groups, err := c.ListApprovalGroups(t.Context(), sr.ID)
	require.NoError(t, err)
	require.Len(t, groups, 2)

	done, err := c.UpdateRequestedItem(t.Context(), sr.ID, asked[0].ID, freshservice.RequestedItemUpdate{Stage: freshservice.StageFulfilled})
	require.NoError(t, err)
	assert.Equal(t, freshservice.StageFulfilled, done.Stage)
}

func TestTheTicketsOfAnAccount(t *testing.T) {
	t.Parallel()
	_, c := account(t, nil)
	ann := person(t, c, "ann@acme.example")
	for i := range 5 {
		_, err := c.CreateTicket(t.Context(), freshservice.NewTicket{
			RequesterID: ann.ID, Subject: fmt.Sprintf("ticket %d", i), Description: "<p>hello &amp; bye</p>", Status: freshservice.StatusOpen,
			Priority: freshservice.PriorityLow, Tags: []string{"marker-1"},
		})
		require.NoError(t, err)
	}
	var ids []int64
	for page := 1; ; page++ {
		got, err := c.ListTickets(t.Context(), freshservice.TicketList{UpdatedSince: time.Now().Add(-time.Hour), PerPage: 2, Page: page, OrderBy: "created_at", OrderType: "asc"})
		require.NoError(t, err)
		for _, ticket := range got.Items {
			ids = append(ids, ticket.ID)
			assert.Nil(t, ticket.Tags, "lists show no tags")
			assert.Empty(t, ticket.ApprovalStatus)
		}
		if !got.HasNext {
			break
		}
	}
	require.Len(t, ids, 5)

	term, err := freshservice.FilterTerm("tag", ":", "marker-1")
	require.NoError(t, err)
	filtered, err := c.FilterTickets(t.Context(), term, 1)
	require.NoError(t, err)
	assert.Equal(t, 5, filtered.Total)
	assert.False(t, filtered.HasNext)

	id := ids[0]
	ticket, err := c.UpdateTicket(t.Context(), id, freshservice.TicketUpdate{Status: new(freshservice.StatusPending), Tags: new([]string{"a", "b"})})
	require.NoError(t, err)
	assert.Equal(t, freshservice.StatusPending, ticket.Status)
	assert.ElementsMatch(t, []string{"a", "b"}, ticket.Tags)
	assert.Equal(t, "hello & bye", freshservice.HTMLToText(ticket.Description))
	_, err = c.UpdateTicket(t.Context(), id, freshservice.TicketUpdate{Status: new(99)})
	require.ErrorIs(t, err, freshservice.Invalid)
	f, ok := fault(t, err).Field("status")
	assert.True(t, ok)
	assert.Contains(t, f.Message, "2", "what is allowed")

	note, err := c.AddNote(t.Context(), id, freshservice.Note{BodyHTML: "<p>one</p>", Private: true, Attachments: []freshservice.File{{Name: "record.json", ContentType: "application/json", Content: []byte("{}")}}})
	require.NoError(t, err)
	require.Len(t, note.Attachments, 1)
	assert.Equal(t, "record.json", note.Attachments[0].Name)
	_, err = c.Reply(t.Context(), id, freshservice.Reply{BodyHTML: "<p>two</p>"})
	require.NoError(t, err)
	talk, err := c.ListConversations(t.Context(), id)
	require.NoError(t, err)
	require.Len(t, talk, 2)
	assert.True(t, talk[0].Private)
	assert.False(t, talk[1].Private)
	logged, err := c.ListTicketActivities(t.Context(), id)
	require.NoError(t, err)
	assert.NotEmpty(t, logged)

	task, err := c.CreateTask(t.Context(), id, freshservice.TaskInput{Title: new("Collect the badge"), Description: new("x"), Status: new(freshservice.TaskOpen)})
	require.NoError(t, err)
	task, err = c.UpdateTask(t.Context(), id, task.ID, freshservice.TaskInput{Status: new(freshservice.TaskCompleted)})
	require.NoError(t, err)
	assert.False(t, task.ClosedAt.IsZero())
	require.NoError(t, c.DeleteTask(t.Context(), id, task.ID))
	_, err = c.GetTask(t.Context(), id, task.ID)
	require.ErrorIs(t, err, freshservice.NotFound)

	child, err := c.CreateChildTicket(t.Context(), id, freshservice.NewTicket{RequesterID: ann.ID, Subject: "child", Description: "d", Status: 2, Priority: 1})
	require.NoError(t, err)
	related, err := c.GetTicket(t.Context(), id, freshservice.IncludeRelatedTickets)
	require.NoError(t, err)
	assert.Equal(t, []int64{child.ID}, related.RelatedTickets.ChildIDs)

	require.NoError(t, c.DeleteTicket(t.Context(), ids[1]))
	gone, err := c.GetTicket(t.Context(), ids[1])
	require.NoError(t, err)
	assert.True(t, gone.Deleted)
	require.NoError(t, c.RestoreTicket(t.Context(), ids[1]))

	fields, err := c.TicketFields(t.Context())
	require.NoError(t, err)
	assert.Equal(t, "Pending", freshservice.StatusNames(fields)[freshservice.StatusPending])
}

func TestThePeopleOfAnAccount(t *testing.T) {
	t.Parallel()
	_, c := account(t, nil)
	me, err := c.Me(t.Context())
	require.NoError(t, err)
	assert.True(t, me.IsAgent)

	ann, ivo := person(t, c, "ann@acme.example"), person(t, c, "ivo@acme.example")
	for _, p := range []freshservice.Person{ann, ivo} {
		got, err := c.GetPerson(t.Context(), p.ID)
		require.NoError(t, err)
		assert.Equal(t, p.IsAgent, got.IsAgent)
	}
	_, err = c.GetPerson(t.Context(), 99999999)
	require.ErrorIs(t, err, freshservice.NotFound)
	_, err = c.FindPersonByEmail(t.Context(), "nobody@acme.example")
	require.ErrorIs(t, err, freshservice.NotFound)

	_, err = c.UpdateRequester(t.Context(), ann.ID, freshservice.PersonInput{CanSeeAllTickets: new(true)})
	require.NoError(t, err)
	ann, err = c.UpdateRequester(t.Context(), ann.ID, freshservice.PersonInput{JobTitle: new("CFO")})
	require.NoError(t, err)
	assert.Equal(t, "CFO", ann.JobTitle)
	require.NotNil(t, ann.CanSeeAllTickets)
	assert.True(t, *ann.CanSeeAllTickets, "an update of the title takes no sight away")

	_, err = c.CreateRequester(t.Context(), freshservice.PersonInput{FirstName: new("Ann"), Email: new("ann@acme.example")})
	require.ErrorIs(t, err, freshservice.Conflict)

	d, err := c.FindDepartmentByName(t.Context(), "sales")
	require.NoError(t, err)
	assert.Equal(t, []int64{d.ID}, ann.DepartmentIDs)
	l, err := c.FindLocationByName(t.Context(), "Berlin")
	require.NoError(t, err)
	l, err = c.GetLocation(t.Context(), l.ID)
	require.NoError(t, err)
	assert.Equal(t, l.ID, ann.LocationID)
	groups, err := c.ListGroups(t.Context())
	require.NoError(t, err)
	require.Len(t, groups, 1)
	group, err := c.GetGroup(t.Context(), groups[0].ID)
	require.NoError(t, err)
	assert.Equal(t, []int64{ivo.ID}, group.Members)
	roles, err := c.ListRoles(t.Context())
	require.NoError(t, err)
	assert.NotEmpty(t, roles)

	require.NoError(t, c.DeactivateRequester(t.Context(), ann.ID))
	ann, err = c.GetPerson(t.Context(), ann.ID)
	require.NoError(t, err)
	assert.False(t, ann.Active)
}

func TestAnOnboardingsTicketComesLater(t *testing.T) {
	t.Parallel()
	sim, c := account(t, func(o *freshsim.Options) { o.OnboardingDelay = time.Hour })
	form, err := c.BoardingForm(t.Context(), freshservice.Onboarding)
	require.NoError(t, err)
	assert.NotEmpty(t, form)
	made, err := c.CreateBoardingRequest(t.Context(), freshservice.Onboarding, 0, freshservice.Fields{
		"cf_employee_name": "New Hire", "cf_job_title": "Rep", "cf_date_of_joining": "2026-04-03", "cf_department": "Sales", "cf_location": "Berlin",
	})
	require.NoError(t, err)
	assert.Zero(t, made.TicketID)
	sim.Advance(2 * time.Hour)
	got, err := c.GetBoardingRequest(t.Context(), freshservice.Onboarding, made.ID)
	require.NoError(t, err)
	require.NotZero(t, got.TicketID)
	ticket, err := c.GetTicket(t.Context(), got.TicketID, freshservice.IncludeOnboarding)
	require.NoError(t, err)
	assert.Equal(t, freshservice.SourceOnboarding, ticket.Source)
	require.NotNil(t, ticket.OnboardingContext)
	day, ok := ticket.OnboardingContext.Fields.Date("cf_date_of_joining")
	assert.True(t, ok)
	assert.Equal(t, "2026-04-03", day.Format(time.DateOnly), "sent with the year first, answered with the day first")
	assert.Equal(t, "Sales", ticket.OnboardingContext.Text("cf_department"))
	tickets, err := c.BoardingTickets(t.Context(), freshservice.Onboarding, made.ID)
	require.NoError(t, err)
	assert.NotEmpty(t, tickets)
}

func TestTheSimulatorsTrouble(t *testing.T) {
	t.Parallel()
	var facts []freshservice.RateFacts
	sim, c := account(t, func(o *freshsim.Options) { o.Limits = freshsim.LimitsStarter }, func(cfg *freshservice.Config) {
		cfg.OnRate = func(f freshservice.RateFacts) { facts = append(facts, f) }
	})
	ann := person(t, c, "ann@acme.example")
	ticket, err := c.CreateTicket(t.Context(), freshservice.NewTicket{RequesterID: ann.ID, Subject: "s", Description: "d", Status: 2, Priority: 1})
	require.NoError(t, err)
	latest := facts[len(facts)-1]
	assert.Equal(t, freshservice.BucketCreateTicket, latest.Bucket)
	assert.Equal(t, 50, latest.Total)

	for name, tt := range map[string]struct {
		fault freshsim.Fault
		want  freshservice.Kind
	}{
		"limited":     {freshsim.Fault{Kind: freshsim.FaultRateLimited, RetryAfterSeconds: 9}, freshservice.RateLimited},
		"broken":      {freshsim.Fault{Kind: freshsim.FaultServerError}, freshservice.Unavailable},
		"edge page":   {freshsim.Fault{Kind: freshsim.FaultServerError, HTML: true, Status: 503}, freshservice.Unavailable},
		"gateway":     {freshsim.Fault{Kind: freshsim.FaultServerError, HTML: true, Status: 504}, freshservice.Ambiguous},
		"answer lost": {freshsim.Fault{Kind: freshsim.FaultAnswerLost}, freshservice.Ambiguous},
	} {
		tt.fault.Path = "/tickets/*/notes"
		id, err := sim.AddFault(tt.fault)
		require.NoError(t, err)
		_, err = c.AddNote(t.Context(), ticket.ID, freshservice.Note{BodyHTML: "<p>" + name + "</p>"})
		require.ErrorIs(t, err, tt.want, name)
		if tt.want == freshservice.RateLimited {
			assert.Equal(t, 9*time.Second, fault(t, err).RetryAfter)
		}
		require.True(t, sim.ClearFaults(id))
	}
	talk, err := c.ListConversations(t.Context(), ticket.ID)
	require.NoError(t, err)
	require.Len(t, talk, 1, "only the note whose answer was lost was written")
	assert.Contains(t, talk[0].Body, "answer lost")

	wrong, err := freshservice.New(freshservice.Config{BaseURL: c.TicketURL(0)[:len(c.TicketURL(0))-len("/a/tickets/0")], APIKey: "wrong", AllowPlainHTTP: true})
	require.NoError(t, err)
	_, err = wrong.Me(t.Context())
	require.ErrorIs(t, err, freshservice.Unauthorized)
}
