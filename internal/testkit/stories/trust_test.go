package stories_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/casework"
	"latchkey/contract"
	"latchkey/examples/acme"
	"latchkey/internal/playground"
	"latchkey/internal/testkit"
)

func TestAWebhookWithTheRightSecretThatClaimsAnApprovalGrantsNothing(t *testing.T) {
	p := server.Playground(t, nil)
	ctx := testkit.Soon(t)
	writes := p.Okta.Writes()
	ticket := ask(t, p, "Tableau access", acme.Ben)
	_, err := p.WaitState(ctx, ticket, casework.StateAwaitingApproval)
	require.NoError(t, err)
	label := contract.TicketLabel(ticket)[3:]
	for body, status := range map[string]int{
		`{"event":"approval_approved","ticket_id":"SR-` + label + `"}`:                                      http.StatusAccepted,
		`{"event":"approved","ticket_id":` + label + `,"delivery":"x"}`:                                     http.StatusAccepted,
		`{"event":"approved","ticket_id":"` + label + `","approved_by":"mara.delacroix@acme.example"}`:      http.StatusBadRequest,
		`{"freshservice_webhook":{"ticket_id":"SR-` + label + `","ticket_approval_status":"Approved"}}`:     http.StatusAccepted,
		`{"event":"approval","ticket_id":"SR-` + label + `","decision":"approved","level":2,"votes":[1,2]}`: http.StatusBadRequest,
	} {
		assert.Equal(t, status, webhook(t, p, p.Secrets.Webhook, body), body)
	}
	assert.Equal(t, http.StatusUnauthorized, webhook(t, p, "wrong", `{"ticket_id":"`+label+`"}`))
	settled(t, p, ticket)
	s, _, err := p.Status(ctx, ticket)
	require.NoError(t, err)
	assert.Equal(t, casework.StateAwaitingApproval, s.State)
	assert.Empty(t, s.Case.Units[0].Log)
	assert.Equal(t, writes, p.Okta.Writes(), "no write to Okta")

	// The same words of a ticket that does not exist, and of one that nobody wants, start nothing that acts.
	assert.Equal(t, http.StatusAccepted, webhook(t, p, p.Secrets.Webhook, `{"event":"approved","ticket_id":"SR-99999"}`))
	settled(t, p, 99999)
	assert.Equal(t, writes, p.Okta.Writes(), "no write to Okta")
}

func TestAnUpdateThatReassignsALevelToItsSenderGrantsNothing(t *testing.T) {
	p := server.Playground(t, nil)
	ctx := testkit.Soon(t)
	writes := p.Okta.Writes()
	ticket := ask(t, p, "Tableau access", acme.Clara)
	_, err := p.WaitState(ctx, ticket, casework.StateAwaitingApproval)
	require.NoError(t, err)
	for _, to := range []string{acme.Clara, acme.Jonas, "nobody@acme.example"} {
		_, err = p.Command(ctx, ticket, contract.UpdateReassign, contract.ReassignCommand{
			Operator: contract.Operator{By: to, Reason: "I may"}, To: to,
		})
		require.ErrorContains(t, err, "policy does not allow", to)
	}
	s, _, err := p.Status(ctx, ticket)
	require.NoError(t, err)
	assert.Equal(t, casework.StateAwaitingApproval, s.State)
	assert.Empty(t, s.Case.Units[0].Extra)
	assert.Equal(t, writes, p.Okta.Writes())
}

func TestReassignToSomebodyPolicyAllowsLetsThemAnswer(t *testing.T) {
	p := server.Playground(t, nil)
	ctx := testkit.Soon(t)
	ticket := ask(t, p, "Miro access", acme.Clara)
	_, err := p.WaitState(ctx, ticket, casework.StateAwaitingApproval)
	require.NoError(t, err)
	_, err = p.Command(ctx, ticket, contract.UpdateReassign, contract.ReassignCommand{
		Operator: contract.Operator{By: "operator", Reason: "Mara is away"}, To: acme.Rosa,
	})
	require.NoError(t, err)
	require.NoError(t, p.Approve(ctx, ticket, acme.Rosa, "for Mara"))
	ends(t, p, ticket, casework.EndDone)
}

// webhook posts a body to the bridge and returns the status of the answer.
func webhook(t *testing.T, p *playground.Playground, secret, body string) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.BridgeURL+"/webhooks/freshservice", strings.NewReader(body))
	require.NoError(t, err)
	request.Header.Set("Authorization", "Bearer "+secret)
	request.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	return answer.StatusCode
}
