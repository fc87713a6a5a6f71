package stories_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/casework"
	"latchkey/examples/acme"
	"latchkey/internal/testkit"
)

func TestAMoverGetsTheNewRoleAndRulesAreLeftToDoTheirPart(t *testing.T) {
	p := server.Playground(t, nil)
	ctx := testkit.Soon(t)
	before, ok := p.Okta.User(acme.Ben)
	require.True(t, ok)
	require.Contains(t, groupNames(before), "Sales Department", "a rule keeps it")
	ticket, err := p.Ask(ctx, "Role change", acme.Farah, "", map[string]any{
		"employee_email": acme.Ben, "new_department": "Marketing", "new_title": "Marketing Analyst", "effective_date": yesterday().Format(time.DateOnly),
	})
	require.NoError(t, err)
	approveAll(t, p, ticket)
	res := ends(t, p, ticket, casework.EndDone, casework.EndResiduals)
	for _, left := range res.Left {
		assert.True(t, left.Expected, "%s: %s", left.Object.Label(), left.Why)
	}
	after, ok := p.Okta.User(acme.Ben)
	require.True(t, ok)
	assert.Equal(t, "Marketing", after.Profile["department"])
	assert.Subset(t, groupNames(after), []string{"Marketing Department", "Data Analysts", "All Employees"})
	assert.NotContains(t, groupNames(after), "Sales Department")
	assert.Empty(t, p.Okta.RuleExclusions("Department Sales"), "nobody was struck off a rule")
	resolved(t, p, ticket)
}

func TestALeaverBeginsWhileAMoverWaits(t *testing.T) {
	p := server.Playground(t, nil)
	ctx := testkit.Soon(t)
	mover, err := p.Ask(ctx, "Role change", acme.Farah, "", map[string]any{
		"employee_email": acme.Ada, "new_department": "Sales", "effective_date": yesterday().Format(time.DateOnly),
	})
	require.NoError(t, err)
	_, err = p.WaitState(ctx, mover, casework.StateAwaitingApproval)
	require.NoError(t, err)
	leaver, err := p.Leaver(ctx, acme.Farah, acme.Ada, yesterday(), nil)
	require.NoError(t, err)
	require.NoError(t, p.Approve(ctx, leaver, managerOf(t, p, acme.Ada), "good luck"))
	ends(t, p, leaver, casework.EndDone)
	approveAll(t, p, mover)
	ends(t, p, mover, casework.EndLeaver, casework.EndInactive)
	ada, ok := p.Okta.User(acme.Ada)
	require.True(t, ok)
	assert.Equal(t, "DEPROVISIONED", ada.Status)
	assert.Empty(t, ada.Groups)
}
