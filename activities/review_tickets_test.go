package activities_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/clients/freshservice"
	"latchkey/contract"
	"latchkey/identity"
	"latchkey/review"
)

const nadia = "omar.haddad@acme.example" // a manager of Acme's who is no agent

// packetOf puts three items about two people before a reviewer, and its packet into the store.
func (w *reviewWorld) packetOf(t *testing.T, email string) review.PacketRef {
	t.Helper()
	who := review.Reviewer{ID: "00uREVIEWER", Name: "Omar Haddad", Email: email, Why: "manager of Mira Holm"}
	group := func(id string) identity.Entitlement {
		return identity.Entitlement{Kind: identity.KindGroup, ID: id, Name: id}
	}
	packet := review.Packet{Campaign: "2026-Q4", Reviewer: who, Items: []review.Item{
		{ID: "i1", Person: review.Person{OktaUserID: "00u1", Name: "Mira <b>Holm</b>"}, Object: group("g1")},
		{ID: "i2", Person: review.Person{OktaUserID: "00u1", Name: "Mira <b>Holm</b>"}, Object: group("g2")},
		{ID: "i3", Person: review.Person{OktaUserID: "00u2", Name: "Juno Park"}, Object: group("g1")},
	}}
	raw, err := json.Marshal(packet)
	require.NoError(t, err)
	key := review.PacketKey("2026-Q4", who.ID)
	require.NoError(t, w.blobs.WriteAll(t.Context(), key, raw, nil))
	return review.PacketRef{Reviewer: who, Key: key, Items: 3, People: 2, Objects: 2}
}

func (w *reviewWorld) opening(t *testing.T, email string, per review.TicketPer) contract.ReviewOpenTicketsInput {
	t.Helper()
	return contract.ReviewOpenTicketsInput{
		Campaign: "2026-Q4", Title: "Acme access review 2026-Q4", Packet: w.packetOf(t, email), Per: per,
		Begun: w.desk.sim.Now(), Due: w.desk.sim.Now().Add(21 * 24 * time.Hour),
	}
}

func TestAReviewersTicketIsTheirOwnAndOpenedOnceWhateverGoesWrong(t *testing.T) {
	t.Parallel()
	for name, fault := range writeFaults() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newReviewWorld(t, nil)
			w.desk.desk.ReviewURL = "https://latchkey.acme.example"
			in := w.opening(t, nadia, review.TicketPerReviewer)
			w.desk.fault(t, fault)
			first, _, err := do[contract.ReviewTicketsResult](t, w.desk, w.desk.desk.ReviewOpenTickets, in)
			require.NoError(t, err)
			w.desk.sim.ClearFaults("")
			require.NoError(t, w.blobs.Delete(t.Context(), "reviews/2026-Q4/tickets/00uREVIEWER.json"), "as if the memory had been lost with the answer")
			second, _, err := do[contract.ReviewTicketsResult](t, w.desk, w.desk.desk.ReviewOpenTickets, in)
			require.NoError(t, err)
			require.Equal(t, first, second)
			require.Equal(t, 1, first.Count)
			ticket := w.desk.ticket(t, first.First)
			assert.Equal(t, w.desk.person(t, nadia).ID, ticket.RequesterID, "the reviewer is the requester")
			assert.Contains(t, ticket.Description, "3 items of 2 people")
			assert.Contains(t, ticket.Description, `href="https://latchkey.acme.example/review/2026-Q4"`, "the link names the campaign only")
		})
	}
}

func TestARequestersTicketWithOurMarkerInItsSubjectIsNotOurs(t *testing.T) {
	t.Parallel()
	w := newReviewWorld(t, nil)
	in := w.opening(t, nadia, review.TicketPerReviewer)
	forged, err := w.desk.client.CreateTicket(t.Context(), freshservice.NewTicket{
		RequesterID: w.desk.person(t, nadia).ID, Subject: "mine [latchkey-review-2026-Q4-00uREVIEWER]", Description: "x",
		Status: freshservice.StatusOpen, Priority: freshservice.PriorityLow, Type: freshservice.TypeIncident,
	})
	require.NoError(t, err)
	res, _, err := do[contract.ReviewTicketsResult](t, w.desk, w.desk.desk.ReviewOpenTickets, in)
	require.NoError(t, err)
	assert.NotEqual(t, forged.ID, res.First)
}

func TestTicketsAreCutAsPolicySays(t *testing.T) {
	t.Parallel()
	for per, want := range map[review.TicketPer][]string{
		review.TicketPerReviewer: {"Acme access review 2026-Q4"},
		review.TicketPerUser:     {"Acme access review 2026-Q4: Mira <b>Holm</b>", "Acme access review 2026-Q4: Juno Park"},
		review.TicketPerGroup:    {"Acme access review 2026-Q4: group g1", "Acme access review 2026-Q4: group g2"},
	} {
		t.Run(string(per), func(t *testing.T) {
			t.Parallel()
			w := newReviewWorld(t, nil)
			in := w.opening(t, nadia, per)
			res, _, err := do[contract.ReviewTicketsResult](t, w.desk, w.desk.desk.ReviewOpenTickets, in)
			require.NoError(t, err)
			require.Equal(t, len(want), res.Count)
			for i, subject := range want {
				ticket := w.desk.ticket(t, res.First+int64(i))
				assert.Contains(t, ticket.Subject, subject)
				assert.NotContains(t, ticket.Description, "<b>Holm", "names are data")
			}
		})
	}
}

func TestAReviewerWhomTheDeskDoesNotKnowIsTheCampaignTeamsToTell(t *testing.T) {
	t.Parallel()
	w := newReviewWorld(t, nil)
	res, _, err := do[contract.ReviewTicketsResult](t, w.desk, w.desk.desk.ReviewOpenTickets, w.opening(t, "nobody@acme.example", review.TicketPerReviewer))
	require.NoError(t, err)
	ticket := w.desk.ticket(t, res.First)
	assert.Contains(t, ticket.Subject, "the desk does not know Omar Haddad")
	assert.NotZero(t, ticket.GroupID)
}

func TestReviewersAreToldOnceAWordAndTheLastResolves(t *testing.T) {
	t.Parallel()
	w := newReviewWorld(t, nil)
	in := w.opening(t, nadia, review.TicketPerUser)
	res, _, err := do[contract.ReviewTicketsResult](t, w.desk, w.desk.desk.ReviewOpenTickets, in)
	require.NoError(t, err)
	require.NoError(t, w.desk.client.DeleteTicket(t.Context(), res.First), "one of both was deleted by a person")
	for i, word := range []contract.ReviewWord{contract.ReviewReminder, contract.ReviewLetIn, contract.ReviewSecondRound, contract.ReviewClosed} {
		for range 2 {
			_, _, err := do[struct{}](t, w.desk, w.desk.desk.ReviewTell, contract.ReviewTellInput{
				Campaign: "2026-Q4", Title: in.Title, Word: word, Key: fmt.Sprint(word), Due: in.Due,
				Counts: contract.ReviewerCounts{Reviewer: in.Packet.Reviewer, Items: 3, Certified: 1},
				LetIn:  &review.Reviewer{ID: "00uH", Name: "Head <i>", Email: "head@acme.example"},
			})
			require.NoError(t, err)
		}
		require.Len(t, w.desk.conversations(t, res.First+1), i+1, "each word once")
	}
	said := w.desk.conversations(t, res.First+1)
	assert.Contains(t, said[1].Body, "Head &lt;i&gt;")
	assert.Contains(t, said[3].Body, "Without an answer: 2")
	assert.Equal(t, freshservice.StatusResolved, w.desk.ticket(t, res.First+1).Status)
}

func TestACampaignsTicketIsReportedOnceWithATaskForEachSource(t *testing.T) {
	t.Parallel()
	w := newReviewWorld(t, nil)
	opened, _, err := do[contract.ReviewTicketResult](t, w.desk, w.desk.desk.ReviewCampaignTicket, contract.ReviewCampaignTicketInput{
		Campaign: "2026-Q4", Title: "Acme access review 2026-Q4", Begun: w.desk.sim.Now(),
	})
	require.NoError(t, err)
	in := contract.ReviewReportInput{
		Ticket: opened.Ticket, Campaign: "2026-Q4", Title: "Acme access review 2026-Q4",
		Evidence: contract.ReviewEvidenceResult{Manifest: "m", Digest: "abcdef0123456789", Counts: contract.ReviewCounts{Items: 3, Certified: 1, Revoked: 2, Gone: 1, Left: 1}},
		Sources:  []contract.ReviewSource{{Object: "app Salesforce", Owner: "application owner of Salesforce", Why: "it comes with Sales", People: 2}},
	}
	for range 2 {
		_, _, err := do[struct{}](t, w.desk, w.desk.desk.ReviewReport, in)
		require.NoError(t, err)
	}
	require.Len(t, w.desk.conversations(t, opened.Ticket), 1)
	tasks, err := w.desk.client.ListTasks(t.Context(), opened.Ticket)
	require.NoError(t, err)
	require.Len(t, tasks, 1)
	assert.Contains(t, tasks[0].Title, "app Salesforce")
	assert.Equal(t, freshservice.StatusPending, w.desk.ticket(t, opened.Ticket).Status, "something is left to do")
	in.Sources, in.Evidence.Counts.Left = nil, 0
	_, _, err = do[struct{}](t, w.desk, w.desk.desk.ReviewReport, in)
	require.NoError(t, err)
	assert.Equal(t, freshservice.StatusResolved, w.desk.ticket(t, opened.Ticket).Status)
}
