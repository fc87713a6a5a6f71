package stories_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.temporal.io/api/workflowservice/v1"

	"latchkey/casework"
	"latchkey/contract"
	"latchkey/examples/acme"
	"latchkey/internal/playground"
	"latchkey/internal/testkit"
	"latchkey/simulators/freshservice/freshsim"
)

func TestHoweverWebhooksMisbehaveThereIsOneCase(t *testing.T) {
	t.Parallel()
	for name, tr := range map[string]struct {
		trouble freshsim.WebhookTrouble
		every   time.Duration // of the sweep, where webhooks are lost
		shows   func([]freshsim.Delivery) bool
	}{
		"duplicates": {trouble: freshsim.WebhookTrouble{Duplicate: 3}, shows: func(all []freshsim.Delivery) bool {
			return slices.ContainsFunc(all, func(d freshsim.Delivery) bool { return d.Copy && d.State == freshsim.DeliveryDelivered })
		}},
		"late":                  {trouble: freshsim.WebhookTrouble{LateMillis: 1500}, shows: late},
		"reordered":             {trouble: freshsim.WebhookTrouble{Reorder: true}, shows: reordered},
		"late, twice, in pairs": {trouble: freshsim.WebhookTrouble{LateMillis: 800, Duplicate: 1, Reorder: true}, shows: late},
		"every second is lost":  {trouble: freshsim.WebhookTrouble{LoseEvery: 2, NoRetry: true}, every: 5 * time.Second, shows: lost},
		"every one is lost":     {trouble: freshsim.WebhookTrouble{Lose: -1}, every: 5 * time.Second, shows: lost},
	} {
		t.Run(name, func(t *testing.T) {
			p := server.Playground(t, func(o *playground.Options) { o.SweepEvery = tr.every })
			p.Desk.SetWebhookTrouble(tr.trouble)
			ctx := testkit.Soon(t)
			mark := p.Mark()
			access := ask(t, p, "Tableau access", acme.Ben)
			leaver, err := p.Leaver(ctx, acme.Farah, acme.Ada, yesterday(), nil)
			require.NoError(t, err)
			require.NoError(t, p.Approve(ctx, leaver, managerOf(t, p, acme.Ada), "ok"))
			require.NoError(t, p.Approve(ctx, access, acme.Mara, "ok"))
			require.NoError(t, p.Approve(ctx, access, acme.Omar, "ok"))
			ends(t, p, access, casework.EndDone)
			ends(t, p, leaver, casework.EndDone)
			assert.True(t, tr.shows(p.Desk.Deliveries()), "the webhooks misbehaved")
			assert.Equal(t, []string{"application.user_membership.add Tableau"}, changes(t, p, acme.Ben, mark))
			changes(t, p, acme.Ada, mark)
			oneOfEverything(t, p, access, 2)
			oneOfEverything(t, p, leaver, 1)
			oneCase(t, p, access)
			oneCase(t, p, leaver)
		})
	}
}

func late(all []freshsim.Delivery) bool {
	return slices.ContainsFunc(all, func(d freshsim.Delivery) bool {
		return len(d.Attempts) > 0 && d.Attempts[0].At.Sub(d.Created) >= 500*time.Millisecond
	})
}

// reordered says that a webhook overtook one that was made before it.
func reordered(all []freshsim.Delivery) bool {
	return slices.ContainsFunc(all, func(a freshsim.Delivery) bool {
		return len(a.Attempts) > 0 && slices.ContainsFunc(all, func(b freshsim.Delivery) bool {
			return b.ID > a.ID && len(b.Attempts) > 0 && b.Attempts[0].At.Before(a.Attempts[0].At)
		})
	})
}

func lost(all []freshsim.Delivery) bool {
	return slices.ContainsFunc(all, func(d freshsim.Delivery) bool { return d.State == freshsim.DeliveryLost })
}

// oneCase expects a ticket to have had one run that read it first and one that did the work.
func oneCase(t *testing.T, p *playground.Playground, ticket int64) {
	t.Helper()
	require.EventuallyWithT(t, func(c *assert.CollectT) { // what is listed trails behind
		page, err := p.Temporal.ListWorkflow(t.Context(), &workflowservice.ListWorkflowExecutionsRequest{
			Query: fmt.Sprintf("WorkflowId = '%s'", contract.TicketWorkflowID(ticket)),
		})
		require.NoError(c, err)
		var types []string
		for _, e := range page.GetExecutions() {
			types = append(types, e.GetType().GetName())
		}
		assert.Len(c, types, 2, "%v", types)
		assert.Contains(c, types, contract.WorkflowIntake)
	}, soon, tick)
}

func TestASweepFindsWhatNoWebhookBrought(t *testing.T) {
	p := server.Playground(t, nil)
	p.Desk.SetWebhookTrouble(freshsim.WebhookTrouble{Lose: -1})
	ctx := testkit.Soon(t)
	mark := p.Mark()
	kept, deleted := ask(t, p, "VPN access", acme.Ben), ask(t, p, "VPN access", acme.Clara)
	res, err := p.Sweep(ctx)
	require.NoError(t, err)
	assert.Equal(t, 2, res.Started, "tickets")
	for _, ticket := range []int64{kept, deleted} {
		_, err = p.WaitState(ctx, ticket, casework.StateAwaitingApproval)
		require.NoError(t, err)
		settled(t, p, ticket)
		listedAs(t, p, ticket, casework.StateAwaitingApproval)
	}
	_, err = p.Sweep(ctx) // it has seen the open approvals
	require.NoError(t, err)
	settled(t, p, kept)

	require.NoError(t, p.Approve(ctx, kept, acme.Mara, "ok"))
	require.NoError(t, p.Delete(ctx, deleted))
	settled(t, p, kept)
	assert.Empty(t, changes(t, p, acme.Ben, mark), "nobody has told the case")
	_, err = p.Sweep(ctx)
	require.NoError(t, err)
	ends(t, p, kept, casework.EndDone)
	ends(t, p, deleted, casework.EndCancelled)
	assert.Len(t, changes(t, p, acme.Ben, mark), 1)
	assert.Empty(t, changes(t, p, acme.Clara, mark))
}

// listedAs waits until Temporal's visibility store shows a ticket's case in a state: sweep and digest read it there.
func listedAs(t *testing.T, p *playground.Playground, ticket int64, state casework.State) {
	t.Helper()
	require.Eventually(t, func() bool {
		n, err := p.Temporal.CountWorkflow(t.Context(), &workflowservice.CountWorkflowExecutionsRequest{
			Query: fmt.Sprintf("WorkflowId = '%s' AND %s = '%s' AND ExecutionStatus = 'Running'",
				contract.TicketWorkflowID(ticket), contract.AttrState, state),
		})
		return err == nil && n.GetCount() == 1
	}, soon, tick)
}
