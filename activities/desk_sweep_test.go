package activities_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"latchkey/activities"
	"latchkey/casework"
	"latchkey/clients/freshservice"
	"latchkey/contract"
	"latchkey/examples/acme"
	"latchkey/simulators/freshservice/freshsim"
)

func (w *deskWorld) sweep(t *testing.T) contract.SweepResult {
	t.Helper()
	w.sim.Advance(time.Second) // the desk's times are in whole seconds
	out, _, err := do[contract.SweepResult](t, w, w.desk.SweepTickets, contract.SweepInput{Now: w.sim.Now()})
	require.NoError(t, err)
	return out
}

// incident files a ticket in plain words.
func (w *deskWorld) incident(t *testing.T, subject string) freshservice.Ticket {
	t.Helper()
	ticket, err := w.client.CreateTicket(t.Context(), freshservice.NewTicket{
		RequesterID: w.person(t, acme.Ben).ID, Subject: subject, Description: "please", Status: 2, Priority: 2, Type: "Incident",
		Category: "Hardware", Tags: []string{"x"}, CustomFields: freshservice.Fields{"closure_code": "Done"},
	})
	require.NoError(t, err)
	return ticket
}

func TestSweepStartsWantedTicketsWithoutACase(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	var wanted []int64
	for i := range 5 {
		wanted = append(wanted, w.incident(t, fmt.Sprintf("Access to Salesforce, please (%d)", i)).ID)
		w.incident(t, "The printer is on fire")
	}
	wanted = append(wanted, w.salesforce(t).ID)

	out := w.sweep(t)

	require.ElementsMatch(t, wanted, w.cluster.started)
	require.Equal(t, 6, out.Started)
	require.Equal(t, 11, out.Read)
	require.Empty(t, w.cluster.nudged)

	w.cluster.forget()
	w.sim.Advance(time.Minute)
	again := w.sweep(t)
	require.Equal(t, 6, again.Started+again.Nudged, "a change that was fresh is nudged once more: the case may have read too early")
	require.Zero(t, w.sweep(t).Started+w.sweep(t).Nudged, "what was nudged is not nudged again")
}

func TestSweepFindsASecondChangeOfTheSameSecond(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	ticket := w.salesforce(t)
	_, _, err := do[contract.SweepResult](t, w, w.desk.SweepTickets, contract.SweepInput{Now: w.sim.Now()})
	require.NoError(t, err)
	w.cluster.runs(activities.OpenCase{Ticket: ticket.ID, State: casework.StateAwaitingApproval})
	w.cluster.forget()
	require.NoError(t, w.client.DeleteTicket(t.Context(), ticket.ID)) // its time has not moved by a whole second

	require.Equal(t, 1, w.sweep(t).Nudged)
	require.Equal(t, []int64{ticket.ID}, w.cluster.nudged)
}

func TestSweepFindsEveryTicketOfABurstOverSeveralPages(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	for i := range 230 {
		w.incident(t, fmt.Sprintf("Access to Salesforce, please (%d)", i))
		if i%50 == 0 {
			w.sim.Advance(time.Second)
		}
	}
	out := w.sweep(t)
	require.Len(t, w.cluster.started, 230)
	require.Equal(t, 230, out.Started)
}

func TestSweepCatchesUpAfterAnOutageOfAnyLength(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	w.sweep(t)
	w.sim.Advance(time.Hour)
	old := w.incident(t, "Access to Salesforce, please")
	w.sim.Advance(90 * 24 * time.Hour) // the vendor hides what is older than 30 days unless asked

	out := w.sweep(t)

	require.Equal(t, []int64{old.ID}, w.cluster.started)
	require.WithinDuration(t, w.sim.Now().Add(-90*24*time.Hour), out.Since, 2*time.Hour)
}

func TestSweepIsRepeatedFromWhereTheLastWholeOneBegan(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	w.sweep(t)
	ticket := w.incident(t, "Access to Salesforce, please")
	w.cluster.down = errTemporalDown
	_, _, err := once[contract.SweepResult](t, w.desk.SweepTickets, contract.SweepInput{Now: w.sim.Now()}, nil)
	require.Equal(t, casework.Unavailable, failureKind(t, err))
	w.cluster.down = nil
	w.sim.Advance(40 * 24 * time.Hour)
	w.sweep(t)
	require.Equal(t, []int64{ticket.ID}, w.cluster.started)
}

func TestSweepGoesOnFromItsHeartbeat(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	for i := range 150 {
		w.incident(t, fmt.Sprintf("Access to Salesforce, please (%d)", i))
		w.sim.Advance(time.Second)
	}
	in := contract.SweepInput{Now: w.sim.Now()}
	w.fault(t, freshsim.Fault{Kind: freshsim.FaultServerError, Method: "GET", Path: "/tickets", Skip: 1, Times: 1})
	_, details, err := once[contract.SweepResult](t, w.desk.SweepTickets, in, nil)
	require.Error(t, err)
	require.Len(t, w.cluster.started, 100)
	require.NotEmpty(t, details)

	out, _, err := once[contract.SweepResult](t, w.desk.SweepTickets, in, details)
	require.NoError(t, err)
	require.Len(t, w.cluster.started, 150)
	require.Equal(t, 150, out.Started)
	require.Empty(t, w.cluster.nudged, "nobody was nudged twice")

	stale := json.RawMessage(`{"started":"2020-01-01T00:00:00Z","listed":true}`) // of another sweep
	_, _, err = once[contract.SweepResult](t, w.desk.SweepTickets, contract.SweepInput{Now: w.sim.Now()}, stale)
	require.NoError(t, err)
}

func TestSweepNudgesACaseWhoseTicketChangedOrEnded(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	changed, closed, deleted, spam, quiet := w.salesforce(t), w.salesforce(t), w.salesforce(t), w.salesforce(t), w.salesforce(t)
	w.sweep(t)
	require.Len(t, w.cluster.started, 5)
	w.sim.Advance(time.Minute)
	w.sweep(t) // once more, after the change has settled
	w.cluster.forget()

	subject, status := "now about something else", freshservice.StatusClosed
	_, err := w.client.UpdateTicket(t.Context(), changed.ID, freshservice.TicketUpdate{Subject: &subject})
	require.NoError(t, err)
	_, err = w.client.UpdateTicket(t.Context(), closed.ID, freshservice.TicketUpdate{
		Status: &status, CustomFields: freshservice.Fields{"closure_code": "Withdrawn"},
	})
	require.NoError(t, err)
	require.NoError(t, w.client.DeleteTicket(t.Context(), deleted.ID))
	w.admin(t, fmt.Sprintf("/tickets/%d/spam", spam.ID), map[string]bool{"spam": true})

	out := w.sweep(t)

	require.ElementsMatch(t, []int64{changed.ID, closed.ID, deleted.ID, spam.ID}, w.cluster.nudged)
	require.NotContains(t, w.cluster.nudged, quiet.ID)
	require.Equal(t, 4, out.Nudged)
	require.Empty(t, w.cluster.started)
}

func TestSweepStartsNothingForAClosedTicketWithoutACase(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	closed := w.salesforce(t)
	status := freshservice.StatusClosed
	_, err := w.client.UpdateTicket(t.Context(), closed.ID, freshservice.TicketUpdate{
		Status: &status, CustomFields: freshservice.Fields{"closure_code": "Withdrawn"},
	})
	require.NoError(t, err)
	require.Zero(t, w.sweep(t).Started)
	require.Empty(t, w.cluster.started)
}

func TestSweepNudgesACaseWhoseApprovalWasAnswered(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	answered, waiting := w.routeOne(t, "Salesforce access", acme.Ben), w.routeOne(t, "Salesforce access", acme.Clara)
	for _, r := range []routed{answered, waiting} {
		w.openLevel(t, r.open())
		w.cluster.runs(activities.OpenCase{Ticket: r.ticket, State: casework.StateAwaitingApproval})
	}
	w.sweep(t)
	w.sim.Advance(time.Minute)
	w.sweep(t)
	w.cluster.forget()
	require.Zero(t, w.sweep(t).Answers)
	require.Empty(t, w.cluster.nudged)
	w.decide(t, answered.ticket, acme.Mara, approve())
	backdate(t, w, answered.ticket) // the answer alone has to be seen, though the ticket did not move
	out := w.sweep(t)
	require.Equal(t, 1, out.Answers)
	require.Equal(t, []int64{answered.ticket}, w.cluster.nudged)

	require.Equal(t, 1, w.sweep(t).Answers, "once more: the case may have read too early")
	w.cluster.forget()
	require.Zero(t, w.sweep(t).Answers)
	require.Empty(t, w.cluster.nudged)
}

// backdate takes the ticket's own change out of the sweep's sight.
func backdate(t *testing.T, w *deskWorld, ticket int64) {
	t.Helper()
	w.admin(t, fmt.Sprintf("/tickets/%d/created-at", ticket), map[string]time.Time{"created_at": w.sim.Now().AddDate(0, -2, 0)})
}

func TestSweepNudgesACaseItHasNotLookedAtBefore(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	r := w.routeOne(t, "Salesforce access", acme.Ben)
	w.sweep(t)
	w.cluster.forget()
	// Asked and answered between two sweeps: no approval is open, as before.
	w.openLevel(t, r.open())
	w.decide(t, r.ticket, acme.Mara, approve())
	backdate(t, w, r.ticket)
	w.cluster.runs(activities.OpenCase{Ticket: r.ticket, State: casework.StateAwaitingApproval})

	require.Equal(t, 1, w.sweep(t).Answers)
	require.Equal(t, []int64{r.ticket}, w.cluster.nudged)
}

func TestSweepSurvivesTrouble(t *testing.T) {
	t.Parallel()
	faults := writeFaults()
	faults["stale lists"] = staleFault("/tickets")
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newDeskWorld(t)
			ticket := w.incident(t, "Access to Salesforce, please")
			w.fault(t, fault)
			w.sweep(t)
			require.Equal(t, []int64{ticket.ID}, w.cluster.started)
		})
	}
}

func TestSweepBeginsAgainWhenItsStateIsSpoilt(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	require.NoError(t, w.blobs.WriteAll(t.Context(), "sweep/state.json", []byte("{"), nil))
	ticket := w.incident(t, "Access to Salesforce, please")
	w.sweep(t)
	require.Equal(t, []int64{ticket.ID}, w.cluster.started)
}

// refusing answers 400 for the calls that match, as an account does that knows less than others.
type refusing struct {
	match func(*http.Request) bool
	field string
}

func (r refusing) RoundTrip(req *http.Request) (*http.Response, error) {
	if !r.match(req) {
		return http.DefaultTransport.RoundTrip(req)
	}
	body := fmt.Sprintf(`{"description":"Validation failed","errors":[{"field":%q,"message":"Unexpected/invalid field in request","code":"invalid_field"}]}`, r.field)
	return &http.Response{
		StatusCode: http.StatusBadRequest, Status: "400 Bad Request", Header: http.Header{"Content-Type": {"application/json"}},
		Body: io.NopCloser(strings.NewReader(body)), Request: req, ProtoMajor: 1, ProtoMinor: 1,
	}, nil
}

func (w *deskWorld) refuses(t *testing.T, field string, match func(*http.Request) bool) {
	t.Helper()
	c, err := freshservice.New(freshservice.Config{
		BaseURL: w.url, APIKey: deskKey, AllowPlainHTTP: true, Now: w.sim.Now, HTTPTransport: refusing{match, field},
	})
	require.NoError(t, err)
	w.desk.Client = c
}

func TestSweepManagesWithoutAnOrder(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	for i := range 130 {
		w.incident(t, fmt.Sprintf("Access to Salesforce, please (%d)", i))
	}
	w.refuses(t, "order_by", func(r *http.Request) bool { return r.URL.Query().Has("order_by") })
	require.Equal(t, 130, w.sweep(t).Started)
}

func TestSweepManagesWithoutTheListOfAllApprovals(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	r := w.routeOne(t, "Salesforce access", acme.Ben)
	w.openLevel(t, r.open())
	w.cluster.runs(activities.OpenCase{Ticket: r.ticket, State: casework.StateAwaitingApproval})
	w.refuses(t, "page", func(r *http.Request) bool { return r.URL.Path == "/api/v2/approvals" })
	w.sweep(t)
	w.cluster.forget()
	w.decide(t, r.ticket, acme.Mara, approve())
	backdate(t, w, r.ticket)
	require.Equal(t, 1, w.sweep(t).Answers)
}

func TestSweepTellsTheControlsWhichModesArePolicy(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	w.sweep(t)
	require.Len(t, w.cluster.reports, 1)
	require.Equal(t, w.desk.Policy.Current().Modes(), w.cluster.reports[0].Modes)
	w.cluster.controls.Modes = w.desk.Policy.Current().Modes()
	w.sweep(t)
	require.Len(t, w.cluster.reports, 1)
}

func TestSweepKeepsItsHeartbeatSmallAfterALongOutage(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	w.sweep(t)
	for i := range 320 {
		w.incident(t, fmt.Sprintf("Access to Salesforce, please (%d)", i))
		w.sim.Advance(2 * time.Second)
	}
	w.sim.Advance(5 * 24 * time.Hour)
	_, details, err := once[contract.SweepResult](t, w.desk.SweepTickets, contract.SweepInput{Now: w.sim.Now()}, nil)
	require.NoError(t, err)
	require.Len(t, w.cluster.started, 320)
	require.Less(t, len(details), 8<<10, "%s", details)
}

func TestSweepHasOpenLevelsLookedAtWhenAbsencesWereEdited(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	w.cluster.runs(activities.OpenCase{Ticket: 41, State: casework.StateAwaitingApproval})
	w.cluster.runs(activities.OpenCase{Ticket: 42, State: casework.StateApplying})
	for range 3 {
		w.sweep(t) // nothing is new any more
	}
	w.cluster.forget()
	require.Zero(t, w.sweep(t).Absences)

	w.editPolicy(t, "approvals.yaml", "routes:\n", "absences:\n  - {who: mara.delacroix@acme.example, from: 2026-01-01, until: 2099-12-31, instead: rosa.ferreira@acme.example, why: on leave}\nroutes:\n")
	require.Equal(t, 1, w.sweep(t).Absences)
	require.Equal(t, []int64{41}, w.cluster.nudged, "a case that awaits nobody has nobody to ask")
	require.Equal(t, 1, w.sweep(t).Absences, "once more: the worker that looked may have had the policy of before")
	require.Zero(t, w.sweep(t).Absences)
}
