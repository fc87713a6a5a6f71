package activities_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"latchkey/casework"
	"latchkey/clients/freshservice"
	"latchkey/contract"
	"latchkey/evidence"
	"latchkey/examples/acme"
	"latchkey/simulators/freshservice/freshsim"
)

func TestReadRequestNormalisesAnAccessRequest(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	ticket := w.salesforce(t)

	out := w.read(t, ticket.ID)

	require.Empty(t, out.Missing)
	r := out.Request
	require.Equal(t, casework.AccessRequest, r.UseCase)
	require.Equal(t, casework.ModeAct, r.Mode)
	require.Equal(t, "access-form", r.Rule)
	require.Equal(t, "To see my accounts", r.Reason)
	require.Len(t, r.Items, 1)
	require.Equal(t, "salesforce", r.Items[0].Catalogue)
	require.Equal(t, acme.Ben, r.Items[0].Beneficiary)
	require.Equal(t, ticket.ID, r.Ticket.Number)
	require.Equal(t, "Open", r.Ticket.StatusName)
	require.Equal(t, "Ben Whitaker", r.Ticket.Requester.Name)
	require.Equal(t, acme.Ben, r.Ticket.Requester.Email)
	require.Equal(t, "not_requested", r.Ticket.DeskOutcome)
	require.Equal(t, w.url+"/a/tickets/"+strconv.FormatInt(ticket.ID, 10), r.Ticket.URL)
	require.False(t, r.Ticket.Closed || r.Ticket.Gone || r.Ticket.Pending)
	require.Equal(t, w.desk.Policy.Current().Digest(), r.PolicyDigest)
	require.Equal(t, time.Hour, out.Times.Idle)
	require.Zero(t, out.Runs)
}

func TestReadRequestNamesWhatIsMissing(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	ticket := w.request(t, "Employee offboarding", acme.Farah, freshservice.Fields{
		"employee_email": "not an address", "separation_type": "Voluntary separation",
	})
	out := w.read(t, ticket.ID)
	require.Equal(t, casework.Offboarding, out.Request.UseCase)
	var labels []string
	for _, m := range out.Missing {
		labels = append(labels, m.Label)
	}
	require.ElementsMatch(t, []string{"Employee e-mail", "Last working day"}, labels)
}

func TestReadRequestReadsAnOffboardingRequestAsOneCase(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t, func(o *freshsim.Options) { o.ChildContext = true })
	manager := w.person(t, acme.Noemi)
	filed, err := w.client.CreateBoardingRequest(t.Context(), freshservice.Offboarding, 0, freshservice.Fields{
		"actor_2": manager.ID, "cf_employee_email": acme.Ada, "cf_separation_type": "Voluntary Separation",
		"cf_last_working_date_date": "2027-03-04",
	})
	require.NoError(t, err)
	w.sim.Advance(time.Minute)
	tickets, err := w.client.BoardingTickets(t.Context(), freshservice.Offboarding, filed.ID)
	require.NoError(t, err)
	require.Greater(t, len(tickets), 1)

	for _, ticket := range tickets {
		out := w.read(t, ticket.ID)
		if !ticket.Parent {
			require.Empty(t, out.Request.UseCase, "the ticket of a step, %q", ticket.Subject)
			continue
		}
		require.Equal(t, "offboarding-request", out.Request.Rule)
		require.Equal(t, acme.Ada, out.Request.Subject)
		require.Equal(t, "2027-03-04T18:00", out.Request.LocalEffective, "the desk answers with the day first")
		require.Empty(t, out.Missing)
	}
}

func TestReadRequestLetsOnlySecurityCallAnEmergency(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	answers := freshservice.Fields{
		"employee_email": acme.Emil, "separation_type": "Involuntary separation", "emergency": true, "last_working_day": "2027-03-04",
	}
	security := w.read(t, w.request(t, "Employee offboarding", acme.Grace, answers).ID)
	require.True(t, security.Request.Emergency)
	anybody := w.read(t, w.request(t, "Employee offboarding", acme.Ben, answers).ID)
	require.False(t, anybody.Request.Emergency)
	require.NotEmpty(t, anybody.Request.EmergencyRefused)
}

func TestReadRequestGivesARequestForSomebodyElseToThem(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	ticket, err := w.client.PlaceRequest(t.Context(), w.itemID(t, "Salesforce access"), freshservice.PlaceRequest{
		Email: acme.Mara, RequestedFor: acme.Gabriela, CustomFields: answersFor("Salesforce access"),
	})
	require.NoError(t, err)
	out := w.read(t, ticket.ID)
	require.Equal(t, acme.Gabriela, out.Request.Items[0].Beneficiary)
	require.Equal(t, acme.Mara, out.Request.Ticket.Requester.Email)
}

func TestReadRequestSpendsOneCallOnATicketThatNoRuleCanWant(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	w.read(t, w.salesforce(t).ID) // the lists that are kept
	printer, err := w.client.CreateTicket(t.Context(), freshservice.NewTicket{
		Email: acme.Ben, Subject: "The printer is on fire", Description: "help", Status: 2, Priority: 2, Type: "Incident",
		CustomFields: freshservice.Fields{"closure_code": "Done"}, Tags: []string{"printer"}, Category: "Hardware",
	})
	require.NoError(t, err)

	var out contract.ReadRequestResult
	made := w.calls(t, func() { out = w.read(t, printer.ID) })

	require.Empty(t, out.Request.UseCase)
	require.Equal(t, "The printer is on fire", out.Request.Ticket.Subject)
	require.Equal(t, map[string]int{"GET /tickets/{id}": 1}, made)
}

func TestReadRequestSeesATicketEnd(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	require.True(t, w.read(t, 4711).Request.Ticket.Gone, "never was")

	deleted := w.salesforce(t)
	require.NoError(t, w.client.DeleteTicket(t.Context(), deleted.ID))
	require.True(t, w.read(t, deleted.ID).Request.Ticket.Gone)

	spam := w.salesforce(t)
	w.admin(t, "/tickets/"+strconv.FormatInt(spam.ID, 10)+"/spam", map[string]bool{"spam": true})
	require.True(t, w.read(t, spam.ID).Request.Ticket.Gone)

	closed := w.salesforce(t)
	status := freshservice.StatusClosed
	_, err := w.client.UpdateTicket(t.Context(), closed.ID, freshservice.TicketUpdate{
		Status: &status, CustomFields: freshservice.Fields{"closure_code": "Withdrawn"},
	})
	require.NoError(t, err)
	out := w.read(t, closed.ID)
	require.True(t, out.Request.Ticket.Closed)
	require.Equal(t, casework.AccessRequest, out.Request.UseCase)
}

func TestReadRequestKeepsWhatTheTicketWasClassifiedAs(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	ticket := w.salesforce(t)
	in := contract.ReadRequestInput{Ticket: ticket.ID, UseCase: casework.Offboarding, Rule: "offboarding-form"}
	out, _, err := do[contract.ReadRequestResult](t, w, w.desk.ReadRequest, in)
	require.NoError(t, err)
	require.Equal(t, casework.Offboarding, out.Request.UseCase)
}

func TestReadRequestHoldsBackABacklog(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	ticket := w.salesforce(t)
	w.sim.Advance(time.Hour)
	w.cluster.since = w.sim.Now() // the use case enters act now, an hour after the ticket

	require.True(t, w.read(t, ticket.ID).Request.Backlog)
	require.Len(t, w.cluster.reports, 1)
	require.Equal(t, casework.ModeAct, w.cluster.reports[0].Modes[casework.AccessRequest])

	named := contract.ReadRequestInput{Ticket: ticket.ID, Named: &contract.Operator{By: "ada", Reason: "wanted"}}
	out, _, err := do[contract.ReadRequestResult](t, w, w.desk.ReadRequest, named)
	require.NoError(t, err)
	require.False(t, out.Request.Backlog)

	reported := len(w.cluster.reports)
	w.cluster.controls = contract.Controls{
		Since: map[casework.UseCase]time.Time{casework.AccessRequest: w.sim.Now()},
		Modes: w.desk.Policy.Current().Modes(),
	}
	w.sim.Advance(time.Minute)
	require.False(t, w.read(t, w.salesforce(t).ID).Request.Backlog)
	require.Len(t, w.cluster.reports, reported, "the controls workflow knows already")
}

func TestReadRequestShowsWhatEarlierRunsDid(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	ticket := w.salesforce(t)
	for run, end := range []string{"rejected", "done"} {
		_, err := w.records.Put(t.Context(), evidence.Record{Ticket: ticket.ID, Run: run, End: end, Summary: end + " before"})
		require.NoError(t, err)
	}
	out := w.read(t, ticket.ID)
	require.Equal(t, 2, out.Runs)
	require.Equal(t, casework.EndDone, out.Earlier.End)
	require.Equal(t, evidence.Key(ticket.ID, 1), out.Earlier.Key)
	require.Equal(t, "done before", out.Earlier.Summary)
}

func TestReadRequestRetriesWhatPassesAndAlarmsAboutTheCredential(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	ticket := w.salesforce(t)
	w.fault(t, freshsim.Fault{Kind: freshsim.FaultServerError, Status: 503, HTML: true, Times: 2})
	require.Equal(t, casework.AccessRequest, w.read(t, ticket.ID).Request.UseCase)

	w.desk.Client = w.newClient(t, "a key that was revoked")
	_, attempts, err := do[contract.ReadRequestResult](t, w, w.desk.ReadRequest, contract.ReadRequestInput{Ticket: ticket.ID})
	require.Equal(t, casework.Unauthorized, failureKind(t, err))
	require.Equal(t, 1, attempts)
	require.Len(t, w.cluster.alarms, 1)
	require.NotContains(t, err.Error(), "a key that was revoked")
}

func TestReadRequestMarksBreakGlassForWhomPolicyNames(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	read := func(item, who string, answers map[string]any) contract.ReadRequestResult {
		placed, err := w.client.PlaceRequest(t.Context(), w.itemID(t, item), freshservice.PlaceRequest{Email: who, CustomFields: answers})
		require.NoError(t, err)
		return w.read(t, placed.ID)
	}
	glass := "Production incident access"
	allowed := read(glass, acme.Ben, answersFor(glass))
	require.NotNil(t, allowed.Request.Items[0].BreakGlass)
	require.Equal(t, "department Sales", allowed.Request.Items[0].BreakGlass.Why)
	require.Empty(t, allowed.Missing)

	other := read(glass, acme.Emil, answersFor(glass))
	require.Nil(t, other.Request.Items[0].BreakGlass)
	require.Contains(t, other.Request.Items[0].BreakGlassRefused, "policy does not let the requester")

	placed, err := w.client.PlaceRequest(t.Context(), w.itemID(t, glass), freshservice.PlaceRequest{
		Email: acme.Ben, RequestedFor: acme.Clara, CustomFields: answersFor(glass),
	})
	require.NoError(t, err)
	colleague := w.read(t, placed.ID)
	require.Equal(t, acme.Clara, colleague.Request.Items[0].Beneficiary)
	require.Nil(t, colleague.Request.Items[0].BreakGlass)
	require.Contains(t, colleague.Request.Items[0].BreakGlassRefused, "for the requester alone")

	ordinary := read("Salesforce access", acme.Ben, answersFor("Salesforce access"))
	require.Nil(t, ordinary.Request.Items[0].BreakGlass)
	require.Empty(t, ordinary.Request.Items[0].BreakGlassRefused)
}

func TestRouteApprovalOfAReviewNamesWhoIsTold(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	placed, err := w.client.PlaceRequest(t.Context(), w.itemID(t, "Production incident access"), freshservice.PlaceRequest{
		Email: acme.Ben, CustomFields: answersFor("Production incident access"),
	})
	require.NoError(t, err)
	read := w.read(t, placed.ID)
	unit := contract.Unit{Key: read.Request.Items[0].Key, Title: "glass"}
	unit.Plan.BreakGlass = read.Request.Items[0].BreakGlass
	out, _, err := do[contract.RouteApprovalResult](t, w, w.desk.RouteApproval, contract.RouteApprovalInput{Request: read.Request, Unit: unit})
	require.NoError(t, err)
	require.Contains(t, out.Chain.Reason, "review")
	require.Contains(t, out.Tell, "grace.achterberg@acme.example")
	unit.Plan.BreakGlass = nil
	out, _, err = do[contract.RouteApprovalResult](t, w, w.desk.RouteApproval, contract.RouteApprovalInput{Request: read.Request, Unit: unit})
	require.NoError(t, err)
	require.Contains(t, out.Chain.Reason, "standard")
	require.Empty(t, out.Tell)
}
