package activities_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/activities"
	"latchkey/casework"
	"latchkey/clients/freshservice"
	"latchkey/contract"
	"latchkey/detection"
	"latchkey/examples/acme"
	"latchkey/policy"
	"latchkey/simulators/freshservice/freshsim"
)

// evil is what an event may hold where an attacker chose it.
const evil = `<img src=x onerror=alert(1)>"'` + "\u202e\x00\n|*_"

var bruteForceKey = detection.Key{
	Rule: "brute_force", Hash: "0123456789abcdef0123456789abcdef",
	Parts: []detection.KeyPart{{Name: "subject", Value: "00u8k2m4qRtYwX1Zb5d7"}},
}

// alertWorld is a desk whose policy acts on alerts.
func alertDesk(t *testing.T, alerts string, adjust ...func(*freshsim.Options)) *deskWorld {
	t.Helper()
	w := newDeskWorld(t, adjust...)
	dir := t.TempDir()
	require.NoError(t, os.CopyFS(dir, os.DirFS("testdata/desk")))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "alerts.yaml"), []byte(alerts), 0o600))
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "alerts"), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "alerts", "rules.yaml"), []byte(`rules:
  brute_force:
    name: Brute force
    why: Many wrong passwords for one person in a short time.
    severity: S3
    on: [user.session.start]
    key: [subject]
    first_steps: [Look whether the same address tried other people.]
`), 0o600))
	p, err := policy.Load(dir)
	require.NoError(t, err)
	w.desk.Policy = fixedPolicy{p}
	w.desk.Links = activities.Links{OktaAdmin: "https://acme-admin.okta.example", TemporalUI: "https://temporal.example/"}
	return w
}

func (w *deskWorld) alertRoute(t *testing.T, severity detection.Severity) contract.AlertRoute {
	t.Helper()
	r, err := w.desk.RouteAlert(t.Context(), contract.RouteAlertInput{Key: bruteForceKey, Severity: severity})
	require.NoError(t, err)
	return r
}

func (w *deskWorld) crossing(t *testing.T, opening uint64) contract.OpenIncidentInput {
	t.Helper()
	at := w.sim.Now().UTC().Truncate(time.Second)
	return contract.OpenIncidentInput{Opening: opening, Began: at, Facts: contract.IncidentFacts{
		Workflow: contract.AlertWorkflowID(bruteForceKey), Key: bruteForceKey, Severity: detection.S3, Route: w.alertRoute(t, detection.S3),
		Events: 12, Added: 12, First: at.Add(-5 * time.Minute), Last: at,
		Evidence: []detection.Evidence{
			{UUID: "5b0c7d1e-9f43-11f0-8a35-6d1f0c2b7a90", At: at, Type: "user.session.start", Outcome: "FAILURE", Reason: "INVALID_CREDENTIALS", Subject: "00u8k2m4qRtYwX1Zb5d7", Login: "mira.holt@acme.example", IP: "203.0.113.77", City: "Porto" + evil, Country: "Portugal", Agent: "CHROME on Windows 10", Device: "mira's laptop", Risk: "HIGH"},
			{UUID: "2", At: at, Type: "user.session.start", Outcome: "FAILURE", Reason: "UNKNOWN_USER", IP: "203.0.113.77"},
		},
	}}
}

const acting = "mode: act\ncommon: {group: Security Operations, category: Security, tags: [okta]}\n"

// incidents are the tickets of incidents that are at the desk.
func (w *deskWorld) incidents(t *testing.T) []freshservice.Ticket {
	t.Helper()
	var all []freshservice.Ticket
	page, err := w.client.ListTickets(t.Context(), freshservice.TicketList{UpdatedSince: w.sim.Now().Add(-240 * time.Hour), PerPage: 100})
	require.NoError(t, err)
	for _, one := range page.Items {
		if strings.Contains(one.Subject, "[latchkey-alert-") {
			ticket, err := w.client.GetTicket(t.Context(), one.ID, "tags")
			require.NoError(t, err)
			all = append(all, ticket)
		}
	}
	return all
}

func TestAnIncidentSaysWhatAResponderNeeds(t *testing.T) {
	t.Parallel()
	w := alertDesk(t, acting)
	out, attempts, err := do[contract.OpenIncidentResult](t, w, w.desk.OpenIncident, w.crossing(t, 7))
	require.NoError(t, err)
	assert.Equal(t, 1, attempts)
	all := w.incidents(t)
	require.Len(t, all, 1)
	ticket := all[0]
	assert.Equal(t, out.Ticket, ticket.ID)
	assert.Equal(t, w.client.TicketURL(ticket.ID), out.URL)
	assert.Equal(t, "S3 Brute force: mira.holt@acme.example [latchkey-alert-0123456789ab-7]", ticket.Subject)
	assert.Equal(t, []int{2, 2, 2, freshservice.SourceAlert}, []int{ticket.Priority, ticket.Urgency, ticket.Impact, ticket.Source})
	assert.Equal(t, "Security", ticket.Category)
	assert.ElementsMatch(t, []string{"latchkey-alert-0123456789ab-7", "okta"}, ticket.Tags)
	group, err := w.client.GetGroup(t.Context(), ticket.GroupID)
	require.NoError(t, err)
	assert.Equal(t, "Security Operations", group.Name)
	for _, part := range []string{
		"Many wrong passwords for one person", "12 events", "203.0.113.77", "Portugal", "CHROME on Windows 10", "HIGH", "FAILURE, INVALID_CREDENTIALS",
		"Look whether the same address tried other people.", "and 10 more events.",
		`https://acme-admin.okta.example/report/system_log_2?`, "target.id%20eq%20%2200u8k2m4qRtYwX1Zb5d7%22",
		`https://temporal.example/namespaces/default-test-namespace/workflows/alert%2Fbrute_force%2F0123456789abcdef0123456789abcdef`,
		"an unknown user (what was typed is not shown)",
	} {
		assert.Contains(t, ticket.Description, part)
	}
}

func TestWhatAnAttackerWritesIsOnlyText(t *testing.T) {
	t.Parallel()
	w := alertDesk(t, acting)
	in := w.crossing(t, 7)
	e := &in.Facts.Evidence[0]
	e.Login, e.Agent, e.Device, e.App, e.Type, e.Outcome, e.Reason, e.Risk, e.IP = evil, strings.Repeat(evil, 500), evil, evil, evil, evil, evil, evil, evil
	in.Facts.Key.Parts = []detection.KeyPart{{Name: "ip", Value: `1" or actor.id sw "0`}, {Name: "login", Value: "hunter2"}}
	in.Facts.Route.Tags = nil
	_, _, err := do[contract.OpenIncidentResult](t, w, w.desk.OpenIncident, in)
	require.NoError(t, err)
	ticket := w.incidents(t)[0]
	assert.NotContains(t, ticket.Description, "<img")
	assert.NotContains(t, ticket.Description, "\u202e")
	assert.NotContains(t, ticket.Subject+ticket.Description, "hunter2", "what was typed into the box of the login may be a password")
	assert.NotContains(t, ticket.Description, "actor.id%20sw")
	assert.Less(t, len(ticket.Description), 20_000)
	assert.LessOrEqual(t, len([]rune(ticket.Subject)), 255)
	assert.Contains(t, ticket.Description, "system_log_2?", "found by the events themselves")
}

func TestOneIncidentWhateverHappensToTheAnswer(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]freshsim.Fault{
		"lost answer":  {Kind: freshsim.FaultAnswerLost, Method: "POST", Times: 2},
		"server error": {Kind: freshsim.FaultServerError, Status: 503, Method: "POST", Times: 2},
		"read fails":   {Kind: freshsim.FaultServerError, Status: 500, Method: "GET", Times: 3},
		"rate limited": {Kind: freshsim.FaultRateLimited, Times: 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := alertDesk(t, acting)
			w.fault(t, fault)
			out, _, err := do[contract.OpenIncidentResult](t, w, w.desk.OpenIncident, w.crossing(t, 7))
			require.NoError(t, err)
			assert.Positive(t, out.Ticket)
			assert.Len(t, w.incidents(t), 1)
		})
	}
}

func TestAFurtherAttemptAndAnotherWorkerFindTheTicket(t *testing.T) {
	t.Parallel()
	w := alertDesk(t, acting)
	in := w.crossing(t, 7)
	first, _, err := do[contract.OpenIncidentResult](t, w, w.desk.OpenIncident, in)
	require.NoError(t, err)
	again, _, err := do[contract.OpenIncidentResult](t, w, (&activities.Desk{
		Client: w.newClient(t, deskKey), Policy: w.desk.Policy, Cluster: w.cluster, Records: w.records, Blobs: w.blobs, Now: w.sim.Now,
	}).OpenIncident, in)
	require.NoError(t, err)
	assert.Equal(t, first.Ticket, again.Ticket)
	next, _, err := do[contract.OpenIncidentResult](t, w, w.desk.OpenIncident, w.crossing(t, 9))
	require.NoError(t, err)
	assert.NotEqual(t, first.Ticket, next.Ticket, "a later crossing of the key is another incident")
}

// Two attempts that look at the same moment both see no ticket, and both open one.
func TestDoublesOfOneMomentBecomeOne(t *testing.T) {
	t.Parallel()
	w := alertDesk(t, acting)
	in := w.crossing(t, 7)
	first, _, err := do[contract.OpenIncidentResult](t, w, w.desk.OpenIncident, in)
	require.NoError(t, err)
	me, err := w.client.Me(t.Context())
	require.NoError(t, err)
	there := w.incidents(t)[0]
	double, err := w.client.CreateTicket(t.Context(), freshservice.NewTicket{
		RequesterID: me.ID, Subject: there.Subject, Description: there.Description, Status: 2, Priority: 2, Type: freshservice.TypeIncident,
	})
	require.NoError(t, err)
	out, _, err := do[contract.OpenIncidentResult](t, w, w.desk.OpenIncident, in)
	require.NoError(t, err)
	assert.Equal(t, first.Ticket, out.Ticket, "the oldest stays")
	resolved, err := w.client.GetTicket(t.Context(), double.ID)
	require.NoError(t, err)
	assert.Equal(t, 4, resolved.Status)
	said, err := w.client.ListConversations(t.Context(), double.ID)
	require.NoError(t, err)
	require.Len(t, said, 1)
	assert.Contains(t, said[0].BodyText, fmt.Sprintf("a double of ticket %d", first.Ticket))
}

func TestWhatTheFormDoesNotHaveIsLeftOutAndNamed(t *testing.T) {
	t.Parallel()
	w := alertDesk(t, "mode: act\ncommon: {group: Blue Team}\n")
	out, _, err := do[contract.OpenIncidentResult](t, w, w.desk.OpenIncident, w.crossing(t, 7))
	require.NoError(t, err)
	assert.Equal(t, []string{`the group "Blue Team", which is not there`}, out.Left)
	assert.Zero(t, w.incidents(t)[0].GroupID)
}

func TestWithoutActingNothingIsOpened(t *testing.T) {
	t.Parallel()
	w := alertDesk(t, "mode: observe\n")
	out, _, err := do[contract.OpenIncidentResult](t, w, w.desk.OpenIncident, w.crossing(t, 7))
	require.NoError(t, err)
	assert.True(t, out.Observed)
	assert.Empty(t, w.incidents(t))
}

// opened is a desk with one incident on it.
func openedDesk(t *testing.T) (*deskWorld, contract.OpenIncidentInput, int64) {
	t.Helper()
	w := alertDesk(t, acting)
	in := w.crossing(t, 7)
	out, _, err := do[contract.OpenIncidentResult](t, w, w.desk.OpenIncident, in)
	require.NoError(t, err)
	return w, in, out.Ticket
}

func TestANoteIsWrittenOnceAndRaisesOnlyUpward(t *testing.T) {
	t.Parallel()
	w, in, ticket := openedDesk(t)
	urgent := 4
	_, err := w.client.UpdateTicket(t.Context(), ticket, freshservice.TicketUpdate{Priority: &urgent}) // a person did
	require.NoError(t, err)
	facts := in.Facts
	facts.Severity, facts.Was, facts.Route, facts.Added = detection.S2, detection.S3, w.alertRoute(t, detection.S2), 3
	tell := contract.TellIncidentInput{Ticket: ticket, Key: "alert.0123.7.0", Facts: facts, Raise: true}
	w.fault(t, freshsim.Fault{Kind: freshsim.FaultAnswerLost, Method: "POST", Times: 1})
	out, attempts, err := do[contract.TellIncidentResult](t, w, w.desk.TellIncident, tell)
	require.NoError(t, err)
	assert.Greater(t, attempts, 1)
	said, err := w.client.ListConversations(t.Context(), ticket)
	require.NoError(t, err)
	require.Len(t, said, 1, "once, though the answer was lost")
	assert.True(t, said[0].Private)
	assert.Contains(t, said[0].BodyText, "Raised from S3 to S2.")
	assert.Equal(t, said[0].ID, out.Note)
	now, err := w.client.GetTicket(t.Context(), ticket)
	require.NoError(t, err)
	assert.Equal(t, []int{4, 3, 2}, []int{now.Priority, now.Urgency, now.Impact}, "what a person set higher stays")
}

func TestOneNoteIsKeptUpToDate(t *testing.T) {
	t.Parallel()
	w, in, ticket := openedDesk(t)
	tell := contract.TellIncidentInput{Ticket: ticket, Key: "alert.0123.7.50", Facts: in.Facts}
	tell.Facts.Rolling = true
	first, _, err := do[contract.TellIncidentResult](t, w, w.desk.TellIncident, tell)
	require.NoError(t, err)
	tell.Summary, tell.Facts.Events = first.Note, 500
	again, _, err := do[contract.TellIncidentResult](t, w, w.desk.TellIncident, tell)
	require.NoError(t, err)
	assert.Equal(t, first.Note, again.Note)
	said, err := w.client.ListConversations(t.Context(), ticket)
	require.NoError(t, err)
	require.Len(t, said, 1)
	assert.Contains(t, said[0].BodyText, "500 events in all")

	require.NoError(t, w.client.DeleteConversation(t.Context(), first.Note))
	w.sim.Advance(time.Minute)
	anew, _, err := do[contract.TellIncidentResult](t, w, w.desk.TellIncident, tell)
	require.NoError(t, err)
	assert.NotEqual(t, first.Note, anew.Note, "somebody deleted it: it is written anew")
}

func TestAClosedTicketIsLeftAloneUntilItIsOpenedAgain(t *testing.T) {
	t.Parallel()
	w, in, ticket := openedDesk(t)
	closed := 5
	_, err := w.client.UpdateTicket(t.Context(), ticket, freshservice.TicketUpdate{Status: &closed, CustomFields: freshservice.Fields{"closure_code": "Done"}})
	require.NoError(t, err)
	tell := contract.TellIncidentInput{Ticket: ticket, Key: "k", Facts: in.Facts, Raise: true}
	out, _, err := do[contract.TellIncidentResult](t, w, w.desk.TellIncident, tell)
	require.NoError(t, err)
	assert.True(t, out.Closed)
	said, err := w.client.ListConversations(t.Context(), ticket)
	require.NoError(t, err)
	assert.Empty(t, said)

	tell.Facts.Reopened = true
	out, _, err = do[contract.TellIncidentResult](t, w, w.desk.ReopenIncident, tell)
	require.NoError(t, err)
	assert.False(t, out.Closed)
	now, err := w.client.GetTicket(t.Context(), ticket)
	require.NoError(t, err)
	assert.Equal(t, 2, now.Status)
	require.NoError(t, w.client.DeleteTicket(t.Context(), ticket))
	out, _, err = do[contract.TellIncidentResult](t, w, w.desk.ReopenIncident, tell)
	require.NoError(t, err)
	assert.True(t, out.Gone)
	look, _, err := do[contract.TellIncidentResult](t, w, w.desk.LookIncident, contract.LookIncidentInput{Ticket: 424242})
	require.NoError(t, err)
	assert.True(t, look.Gone)
}

func TestAQuietIncidentIsResolvedOnlyWhileNobodyHasTakenIt(t *testing.T) {
	t.Parallel()
	grace := acme.Grace
	for name, test := range map[string]struct {
		touch  func(*testing.T, *deskWorld, int64)
		how    contract.AlertClose
		closed bool
	}{
		"untouched": {nil, contract.CloseUntouched, true},
		"never":     {nil, contract.CloseNever, false},
		"taken": {func(t *testing.T, w *deskWorld, n int64) {
			t.Helper()
			id := w.person(t, grace).ID
			_, err := w.client.UpdateTicket(t.Context(), n, freshservice.TicketUpdate{ResponderID: &id})
			require.NoError(t, err)
		}, contract.CloseUntouched, false},
		"taken, always": {func(t *testing.T, w *deskWorld, n int64) {
			t.Helper()
			id := w.person(t, grace).ID
			_, err := w.client.UpdateTicket(t.Context(), n, freshservice.TicketUpdate{ResponderID: &id})
			require.NoError(t, err)
		}, contract.CloseAlways, true},
		"somebody said something": {func(t *testing.T, w *deskWorld, n int64) {
			t.Helper()
			id := w.person(t, grace).ID
			_, err := w.client.AddNote(t.Context(), n, freshservice.Note{BodyHTML: "looking", Private: true, UserID: id})
			require.NoError(t, err)
		}, contract.CloseUntouched, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, in, ticket := openedDesk(t)
			if test.touch != nil {
				test.touch(t, w, ticket)
			}
			facts := in.Facts
			facts.Quiet = true
			w.fault(t, freshsim.Fault{Kind: freshsim.FaultAnswerLost, Method: "PUT", Times: 1})
			out, _, err := do[contract.TellIncidentResult](t, w, w.desk.CloseIncident, contract.CloseIncidentInput{Ticket: ticket, Key: "q", Facts: facts, How: test.how})
			require.NoError(t, err)
			assert.Equal(t, test.closed, out.Closed)
			assert.NotZero(t, out.Note)
			now, err := w.client.GetTicket(t.Context(), ticket)
			require.NoError(t, err)
			assert.Equal(t, test.closed, now.Status == 4)
			said, err := w.client.ListConversations(t.Context(), ticket)
			require.NoError(t, err)
			said = slices.DeleteFunc(said, func(c freshservice.Conversation) bool {
				return !strings.Contains(c.BodyText, "Nothing came for") && !strings.Contains(c.BodyText, "nothing came for")
			})
			assert.Len(t, said, 1)
		})
	}
}

func TestTheReportIsKept(t *testing.T) {
	t.Parallel()
	w := alertDesk(t, acting)
	s := contract.AlertState{Key: bruteForceKey, Opening: 7, Events: 12}
	_, _, err := do[any](t, w, w.desk.ReportIncident, contract.ReportIncidentInput{State: s})
	require.NoError(t, err)
	s.End = contract.AlertEndQuiet
	_, _, err = do[any](t, w, w.desk.ReportIncident, contract.ReportIncidentInput{State: s})
	require.NoError(t, err)
	for _, part := range []string{"opened", "ended"} {
		raw, err := w.blobs.ReadAll(t.Context(), "alerts/brute_force/0123456789abcdef0123456789abcdef/7-"+part+".json")
		require.NoError(t, err)
		var back contract.AlertState
		require.NoError(t, json.Unmarshal(raw, &back)) //nolint:musttag // as it is written
		assert.Equal(t, 12, back.Events)
	}
	_, _, err = do[any](t, w, w.desk.ReportIncident, contract.ReportIncidentInput{})
	assert.Equal(t, casework.Invalid, failureKind(t, err))
}

func TestATicketOfAnIncidentIsHandedOverAndNoCase(t *testing.T) {
	t.Parallel()
	w, _, ticket := openedDesk(t)
	read := w.read(t, ticket)
	assert.Equal(t, contract.AlertWorkflowID(bruteForceKey), read.Incident)
	assert.Empty(t, read.Request.UseCase)
	closed := 5
	_, err := w.client.UpdateTicket(t.Context(), ticket, freshservice.TicketUpdate{Status: &closed, CustomFields: freshservice.Fields{"closure_code": "Done"}})
	require.NoError(t, err)
	w.sweep(t)
	assert.Contains(t, w.cluster.incidents, contract.AlertWorkflowID(bruteForceKey), "the sweep finds what no webhook brought")
	w.sim.Advance(10 * time.Minute)
	w.sweep(t)
	w.cluster.incidents = nil
	w.sim.Advance(10 * time.Minute)
	w.sweep(t)
	assert.Empty(t, w.cluster.incidents, "once for a change")
	require.NoError(t, w.client.DeleteTicket(t.Context(), ticket))
	w.sweep(t)
	assert.NotEmpty(t, w.cluster.incidents)
}

func TestOnlyOurOwnTicketIsAnIncident(t *testing.T) {
	t.Parallel()
	w, _, ticket := openedDesk(t)
	ours, err := w.client.GetTicket(t.Context(), ticket)
	require.NoError(t, err)
	for name, made := range map[string]freshservice.NewTicket{
		"somebody else's":          {RequesterID: w.person(t, acme.Ben).ID, Subject: ours.Subject, Description: ours.Description},
		"another in the text":      {RequesterID: ours.RequesterID, Subject: ours.Subject, Description: strings.ReplaceAll(ours.Description, "0123456789abcdef", "fedcba9876543210")},
		"no marker in the text":    {RequesterID: ours.RequesterID, Subject: ours.Subject, Description: "please"},
		"a case's in the text":     {RequesterID: ours.RequesterID, Subject: ours.Subject, Description: "latchkey:incident/ticket/FS-1"},
		"no marker in the subject": {RequesterID: ours.RequesterID, Subject: "hello", Description: ours.Description},
	} {
		made.Status, made.Priority, made.Type = 2, 2, freshservice.TypeIncident
		other, err := w.client.CreateTicket(t.Context(), made)
		require.NoError(t, err, name)
		assert.Empty(t, w.read(t, other.ID).Incident, name)
	}
}
