package activities_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/approval"
	"latchkey/casework"
	"latchkey/clients/freshservice"
	"latchkey/contract"
	"latchkey/examples/acme"
	"latchkey/identity"
)

// routeReset asks who approves a reset of somebody, with terms as the planner found them.
func (w *deskWorld) routeReset(t *testing.T, ticket int64, terms casework.ResetTerms) (contract.RouteApprovalResult, error) {
	t.Helper()
	request := w.read(t, ticket).Request
	require.Equal(t, casework.CredentialReset, request.UseCase)
	plan := casework.Seal(casework.Plan{
		UseCase: request.UseCase, Reset: &terms,
		Person:  identity.Person{OktaUserID: "00u1", Email: request.Subject, Status: identity.StatusActive},
		Changes: []casework.Change{{Verb: casework.VerbResetPassword, Object: identity.Entitlement{Kind: identity.KindAccount, ID: "00u1"}}},
	})
	out, _, err := do[contract.RouteApprovalResult](t, w, w.desk.RouteApproval, contract.RouteApprovalInput{
		Request: request, Unit: contract.Unit{Key: "plan", Title: "Sign-in", Plan: plan},
	})
	return out, err
}

func (w *deskWorld) passwordForm(t *testing.T, by, whose string) int64 {
	t.Helper()
	answers := freshservice.Fields{"reason": "I forgot it"}
	if whose != "" {
		answers["account_email"] = whose
	}
	return w.request(t, "Password reset", by, answers).ID
}

func TestNoRouteTakesAwayWhatAResetNeeds(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	ticket := w.passwordForm(t, acme.Ben, "")
	free, err := w.routeReset(t, ticket, casework.ResetTerms{Asker: "00u1"})
	require.NoError(t, err)
	assert.Equal(t, approval.ModeNone, free.Chain.Mode, "a route may ask nobody for one's own password")

	out, err := w.routeReset(t, ticket, casework.ResetTerms{Asker: "00u1", Manager: "authenticators", Privileged: "an administrator"})
	require.NoError(t, err)
	require.Equal(t, approval.ModeLevels, out.Chain.Mode)
	require.Len(t, out.Chain.Levels, 2)
	assert.Equal(t, []string{acme.Mara}, emails(out.Chain.Levels[0].Groups[0].Approvers))
	assert.Equal(t, 24*time.Hour, out.Chain.Levels[0].ExpireAfter)
	two := out.Chain.Levels[1].Groups[0]
	assert.Equal(t, []string{acme.Grace, acme.Hiro}, emails(two.Approvers))
	assert.Equal(t, 2, two.Need)
	var banned []string
	for _, b := range out.Bans {
		banned = append(banned, b.Email)
	}
	assert.Contains(t, banned, acme.Ben)
}

func TestARouteAddsToWhatAResetNeeds(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	out, err := w.routeReset(t, w.passwordForm(t, acme.Hannah, ""), casework.ResetTerms{Asker: "00u1", Manager: "authenticators"})
	require.NoError(t, err)
	var names []string
	for _, l := range out.Chain.Levels {
		names = append(names, l.Name)
	}
	assert.Equal(t, []string{"Manager", "Head"}, names)
}

// The manager who asks for one of theirs does not approve it: the fallback does.
func TestAManagerWhoAsksDoesNotApprove(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	out, err := w.routeReset(t, w.passwordForm(t, acme.Mara, acme.Ben), casework.ResetTerms{Asker: "00u2", Manager: "somebody else asks"})
	require.NoError(t, err)
	assert.Equal(t, []string{acme.Rosa}, emails(out.Chain.Levels[0].Groups[0].Approvers))
}

func TestTooFewApproversOpenNoLevel(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	// Grace asks for her own account: she is struck out, and of three named only one is left who can be asked.
	_, err := w.routeReset(t, w.passwordForm(t, acme.Grace, ""), casework.ResetTerms{Asker: "00u1", Privileged: "an administrator"})
	require.Error(t, err)
	assert.Equal(t, casework.Invalid, kind(err))
	assert.Contains(t, err.Error(), "only 1 of those named")
	noAddress(t, err.Error())
}

func TestAFormPlacedForSomebodyElseIsAboutThem(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	ticket, err := w.client.PlaceRequest(t.Context(), w.itemID(t, "Password reset"), freshservice.PlaceRequest{
		Email: acme.Mara, RequestedFor: acme.Ben, CustomFields: freshservice.Fields{"reason": "I forgot it"},
	})
	require.NoError(t, err)
	read := w.read(t, ticket.ID)
	assert.Equal(t, acme.Ben, read.Request.Subject)
	assert.Equal(t, acme.Mara, read.Request.Ticket.Requester.Email)
}

func TestWordsOfATicketAreReadWithoutWhatTheyQuote(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	write := func(subject, html string) casework.Request {
		ticket, err := w.client.CreateTicket(t.Context(), freshservice.NewTicket{
			RequesterID: w.person(t, acme.Ben).ID, Subject: subject, Description: html, Type: freshservice.TypeIncident,
			Status: freshservice.StatusOpen, Priority: freshservice.PriorityLow, Source: freshservice.SourceEmail,
		})
		require.NoError(t, err)
		return w.read(t, ticket.ID).Request
	}
	asked := write("Help", "<div>Hello,<br>I forgot my <b>password</b>.</div>")
	assert.Equal(t, casework.CredentialReset, asked.UseCase)
	require.NotNil(t, asked.Reset)
	assert.Equal(t, []casework.ResetKind{casework.ResetPassword}, asked.Reset.Kinds)
	assert.Equal(t, acme.Ben, asked.Subject)

	quoted := write("Re: your ticket", "<div>Thank you.</div><blockquote><div>please reset my password</div></blockquote>")
	assert.Empty(t, quoted.UseCase)
	only := write("Re: your ticket", "<blockquote>please reset my password</blockquote>")
	assert.Empty(t, only.UseCase)
}

func TestSecurityIsAskedOnceAboutACase(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	in := contract.AskSecurityInput{Ticket: 7, Person: "Ben Whitaker", Why: "a new authenticator <b>", At: w.sim.Now()}
	first, _, err := do[contract.AskSecurityResult](t, w, w.desk.AskSecurity, in)
	require.NoError(t, err)
	again, _, err := do[contract.AskSecurityResult](t, w, w.desk.AskSecurity, in)
	require.NoError(t, err)
	assert.Equal(t, first, again)
	ticket, err := w.client.GetTicket(t.Context(), first.Ticket)
	require.NoError(t, err)
	assert.Contains(t, ticket.Description, "a new authenticator &lt;b&gt;")
	assert.Equal(t, freshservice.PriorityUrgent, ticket.Priority)
	assert.NotZero(t, ticket.GroupID)
	assert.Empty(t, w.read(t, first.Ticket).Request.UseCase, "what Latchkey wrote itself asks for nothing by its words")
}
