package stories_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/casework"
	"latchkey/examples/acme"
	"latchkey/internal/playground"
	"latchkey/internal/testkit"
)

// TestSomebodyStandsInForAManagerWhoWentAway has the manager leave while the approval is open: it is the next reminder
// that finds it out.
func TestSomebodyStandsInForAManagerWhoWentAway(t *testing.T) {
	p := server.Playground(t, nil)
	ctx := testkit.Soon(t)
	mark := p.Mark()
	ticket := ask(t, p, "Tableau access", acme.Ben)
	_, err := p.WaitState(ctx, ticket, casework.StateAwaitingApproval)
	require.NoError(t, err)
	require.NoError(t, p.EditPolicy("approvals.yaml", playground.Edit{
		Old: "absences:\n",
		New: "absences:\n  - {who: " + acme.Mara + ", from: 2026-01-01, until: 2099-12-31, instead: " + acme.Clara + ", why: on leave}\n",
	}))
	require.NoError(t, p.Approve(ctx, ticket, acme.Clara, "for Mara"))
	require.NoError(t, p.Approve(ctx, ticket, acme.Omar, "yes"))
	ends(t, p, ticket, casework.EndDone)
	assert.Equal(t, []string{"application.user_membership.add Tableau"}, changes(t, p, acme.Ben, mark))
	resolved(t, p, ticket)

	s, _, err := p.Status(ctx, ticket)
	require.NoError(t, err)
	log := s.Case.Units[0].Log
	require.NotEmpty(t, log)
	assert.Equal(t, acme.Clara, log[0].By.Email)
	assert.Equal(t, acme.Mara, log[0].For.Email)
	assert.True(t, log[0].Counted)
	groups, err := p.Approvals(ctx, ticket)
	require.NoError(t, err)
	var names []string
	for _, g := range groups {
		names = append(names, g.Name)
	}
	assert.Contains(t, strings.Join(names, "\n"), "manager stand-in (2)")
}
