package stories_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/casework"
	"latchkey/examples/acme"
	"latchkey/internal/playground"
	"latchkey/internal/testkit"
)

// TestApproversApproveThePlanTheySaw changes what an item is while its approval is open: what is granted was approved by
// people who were asked for it.
func TestApproversApproveThePlanTheySaw(t *testing.T) {
	p := server.Playground(t, nil)
	ctx := testkit.Soon(t)
	mark := p.Mark()
	ticket := ask(t, p, "Miro access", acme.Clara)
	_, err := p.WaitState(ctx, ticket, casework.StateAwaitingApproval)
	require.NoError(t, err)
	before, _, err := p.Status(ctx, ticket)
	require.NoError(t, err)
	old := before.Case.Units[0].Plan.Digest

	require.NoError(t, p.EditPolicy("catalogue.yaml", playground.Edit{
		Old: "  miro: {name: Miro, app: Miro,", New: "  miro: {name: Miro, group: VPN Users,",
	}))
	inForce(t, p)
	require.NoError(t, p.Approve(ctx, ticket, acme.Mara, "for Miro"))
	require.Eventually(t, func() bool {
		s, ok, err := p.Status(ctx, ticket)
		return err == nil && ok && s.Case.Units[0].Round == 1 && s.State == casework.StateAwaitingApproval
	}, soon, tick, "asked again")
	settled(t, p, ticket)
	assert.Empty(t, changes(t, p, acme.Clara, mark), "nobody has approved this plan")
	groups, err := p.Approvals(ctx, ticket)
	require.NoError(t, err)
	assert.Len(t, groups, 2)

	require.NoError(t, p.Approve(ctx, ticket, acme.Mara, "for the VPN as well"))
	ends(t, p, ticket, casework.EndDone)
	assert.Equal(t, []string{"group.user_membership.add VPN Users"}, changes(t, p, acme.Clara, mark))
	s, _, err := p.Status(ctx, ticket)
	require.NoError(t, err)
	log := s.Case.Units[0].Log
	require.Len(t, log, 2, "each decision names the plan it was about")
	assert.Equal(t, old, log[0].Digest)
	assert.Equal(t, s.Case.Units[0].Plan.Digest, log[1].Digest)
	assert.NotEqual(t, log[0].Digest, log[1].Digest)
}

// inForce waits until the workers have taken up the policy as it lies in its folder: a request made now is planned by it.
func inForce(t *testing.T, p *playground.Playground) {
	t.Helper()
	require.Eventually(t, func() bool {
		ticket := ask(t, p, "Miro access", acme.Dmitri)
		s, err := p.WaitState(testkit.Soon(t), ticket, casework.StateAwaitingApproval)
		require.NoError(t, err)
		return s.Case.Units[0].Plan.Changes[0].Object.Name == "VPN Users"
	}, soon, tick)
}
