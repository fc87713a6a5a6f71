package stories_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"latchkey/casework"
	"latchkey/clients/freshservice"
	"latchkey/contract"
	"latchkey/examples/acme"
	"latchkey/internal/playground"
	"latchkey/internal/testkit"
	"latchkey/simulators/okta/oktasim"
)

func TestADayWithNothingToSayGetsNoDigest(t *testing.T) {
	p := server.Playground(t, nil)
	ticket := ask(t, p, "VPN access", acme.Ben)
	_, err := p.WaitState(testkit.Soon(t), ticket, casework.StateAwaitingApproval)
	require.NoError(t, err)
	listedAs(t, p, ticket, casework.StateAwaitingApproval)
	digest(t, p)
	assert.Empty(t, digests(t, p, ticket))
}

func TestTheDigestListsAParkedCaseOnceADay(t *testing.T) {
	p := server.Playground(t, nil)
	ctx := testkit.Soon(t)
	oktaFault(t, p, oktasim.Fault{ID: "refused", Kind: oktasim.FaultRefuse, Method: "write", Objects: []string{acme.Ada}})
	ticket, err := p.Leaver(ctx, acme.Farah, acme.Ada, yesterday(), nil)
	require.NoError(t, err)
	require.NoError(t, p.Approve(ctx, ticket, managerOf(t, p, acme.Ada), "ok"))
	_, err = p.WaitState(ctx, ticket, casework.StateNeedsAttention)
	require.NoError(t, err)
	listedAs(t, p, ticket, casework.StateNeedsAttention)
	settled(t, p, ticket)
	assert.Equal(t, 1, notesWith(t, p, ticket, ".parked."))
	digest(t, p)
	digest(t, p)
	found := digests(t, p, ticket)
	require.Len(t, found, 1)
	assert.Contains(t, found[0].Description, fmt.Sprintf("ticket %d: Offboarding, needs attention", ticket))

	// Whoever mends it sends retry, and the case goes on.
	p.Okta.ClearFault("refused")
	_, err = p.Command(ctx, ticket, contract.UpdateRetry, contract.OperatorCommand{Operator: contract.Operator{By: "operator", Reason: "permission given"}})
	require.NoError(t, err)
	ends(t, p, ticket, casework.EndDone)
}

// digest writes the daily digest now, as the schedule would.
func digest(t *testing.T, p *playground.Playground) {
	t.Helper()
	ctx := testkit.Soon(t)
	run, err := p.Temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{TaskQueue: contract.QueueLatchkey}, contract.WorkflowDigest)
	require.NoError(t, err)
	require.NoError(t, run.Get(ctx, nil))
}

// digests lists the digests among the tickets made after one.
func digests(t *testing.T, p *playground.Playground, after int64) []freshservice.Ticket {
	t.Helper()
	var found []freshservice.Ticket
	for n := after + 1; n <= after+5; n++ {
		got, err := p.Ticket(testkit.Soon(t), n)
		if err == nil && strings.Contains(got.Subject, "latchkey-digest-") {
			found = append(found, got)
		}
	}
	return found
}
