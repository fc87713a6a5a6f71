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

func TestAProtectedLeaverWithoutTheTwoIsNeverTouched(t *testing.T) {
	p := server.Playground(t, nil)
	ctx := testkit.Soon(t)
	writes := p.Okta.Writes()
	ticket, err := p.Leaver(ctx, acme.Farah, acme.Viktor, yesterday(), nil)
	require.NoError(t, err)
	require.NoError(t, p.Approve(ctx, ticket, acme.Grace, "yes"))
	settled(t, p, ticket)
	require.NoError(t, p.Reject(ctx, ticket, acme.Eleanor, "he stays"))
	ends(t, p, ticket, casework.EndRejected)
	assert.Equal(t, writes, p.Okta.Writes())
	resolved(t, p, ticket)
}

func TestAnEmergencyAboutAProtectedPersonWaitsForTheTwoAsWell(t *testing.T) {
	p := server.Playground(t, nil)
	ctx := testkit.Soon(t)
	writes := p.Okta.Writes()
	ticket, err := p.Leaver(ctx, acme.Grace, acme.Viktor, yesterday(), map[string]any{"emergency": true})
	require.NoError(t, err)
	_, err = p.WaitState(ctx, ticket, casework.StateAwaitingApproval)
	require.NoError(t, err)
	settled(t, p, ticket)
	assert.Equal(t, writes, p.Okta.Writes())
}

func TestTheLastAdministratorWaitsForAnother(t *testing.T) {
	p := server.Playground(t, func(o *playground.Options) {
		o.Edits = map[string][]playground.Edit{"guards.yaml": {{Old: "last_admins: 2", New: "last_admins: 9"}}}
	})
	ctx := testkit.Soon(t)
	writes := p.Okta.Writes()
	ticket, err := p.Leaver(ctx, acme.Farah, acme.Viktor, yesterday(), nil)
	require.NoError(t, err)
	require.NoError(t, p.Approve(ctx, ticket, acme.Grace, "yes"))
	require.NoError(t, p.Approve(ctx, ticket, acme.Eleanor, "yes"))
	require.NoError(t, p.Approve(ctx, ticket, managerOf(t, p, acme.Viktor), "yes"))
	s, err := p.WaitState(ctx, ticket, casework.StateHeld)
	require.NoError(t, err)
	assert.Contains(t, s.Problem, "last admin")
	assert.Equal(t, writes, p.Okta.Writes())
	require.NoError(t, p.EditPolicy("guards.yaml", playground.Edit{Old: "last_admins: 9", New: "last_admins: 2"}))
	ends(t, p, ticket, casework.EndDone, casework.EndResiduals)
	user, ok := p.Okta.User(acme.Viktor)
	require.True(t, ok)
	assert.Equal(t, "DEPROVISIONED", user.Status)
	assert.Empty(t, user.AdminRoles)
}
