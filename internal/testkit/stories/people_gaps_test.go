package stories_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/casework"
	"latchkey/clients/freshservice"
	"latchkey/examples/acme"
	"latchkey/internal/playground"
	"latchkey/internal/testkit"
)

func TestAManagerWhoIsNotThereIsStoodInForByWhomPolicyNames(t *testing.T) {
	p := server.Playground(t, nil)
	ctx := testkit.Soon(t)
	ticket, err := p.Ask(ctx, "Employee onboarding", acme.Farah, "", newcomer("Noa", "Lindqvist", map[string]any{"manager_email": "nobody@acme.example"}))
	require.NoError(t, err)
	approveAll(t, p, ticket)
	ends(t, p, ticket, casework.EndDone)
	user, ok := p.Okta.User(noa)
	require.True(t, ok)
	assert.Equal(t, acme.Farah, user.Profile["managerId"])
	assert.True(t, says(t, p, ticket, "fallback stands in"), "the ticket says that it is not the manager of the form")
}

// says looks for words in the notes of a ticket.
func says(t *testing.T, p *playground.Playground, ticket int64, words string) bool {
	t.Helper()
	notes, err := p.Notes(testkit.Soon(t), ticket)
	require.NoError(t, err)
	return slices.ContainsFunc(notes, func(n freshservice.Conversation) bool { return strings.Contains(n.BodyText, words) })
}

func TestAManagerWhoIsNotThereIsAskedForWherePolicyNamesNobody(t *testing.T) {
	p := server.Playground(t, func(o *playground.Options) {
		o.Edits = map[string][]playground.Edit{"onboarding.yaml": {{Old: "manager_fallback: farah.nasser@acme.example\n", New: ""}}}
	})
	ctx := testkit.Soon(t)
	ticket, err := p.Ask(ctx, "Employee onboarding", acme.Farah, "", newcomer("Noa", "Lindqvist", map[string]any{"manager_email": "nobody@acme.example"}))
	require.NoError(t, err)
	_, err = p.WaitState(ctx, ticket, casework.StateNeedsInformation)
	require.NoError(t, err)
	require.Equal(t, 1, notesWith(t, p, ticket, ".missing."))
	assert.True(t, says(t, p, ticket, "Manager has no usable account in Okta"))
	assert.Empty(t, status(p), "nothing is made before it is known")

	require.NoError(t, p.Answer(ctx, ticket, map[string]any{"manager_email": acme.Mara}))
	approveAll(t, p, ticket)
	ends(t, p, ticket, casework.EndDone)
	user, ok := p.Okta.User(noa)
	require.True(t, ok)
	assert.Equal(t, acme.Mara, user.Profile["managerId"])
}

func TestAMoversImportedGroupIsNeverTouchedAndTheReasonIsSaid(t *testing.T) {
	p := server.Playground(t, func(o *playground.Options) {
		o.Edits = map[string][]playground.Edit{"birthright.yaml": {{Old: "  default: keep", New: "  default: revoke"}}}
	})
	ctx := testkit.Soon(t)
	const imported = "GitHub Legacy Contributors"
	group, ok := p.Okta.GroupID(imported)
	require.True(t, ok)
	require.NoError(t, p.Okta.Import(group, acme.Ben, true))
	p.Okta.Settle()
	mark := p.Mark()
	ticket, err := p.Ask(ctx, "Role change", acme.Farah, "", map[string]any{
		"employee_email": acme.Ben, "new_department": "Marketing", "new_title": "Marketing Analyst", "effective_date": yesterday().Format(time.DateOnly),
	})
	require.NoError(t, err)
	approveAll(t, p, ticket)
	res := ends(t, p, ticket, casework.EndDone, casework.EndResiduals)
	ben, ok := p.Okta.User(acme.Ben)
	require.True(t, ok)
	assert.Contains(t, groupNames(ben), imported)
	assert.Equal(t, "Marketing", ben.Profile["department"], "the rest of the move went through")
	for _, line := range changes(t, p, acme.Ben, mark) {
		assert.NotContains(t, line, imported)
	}
	found := false
	for _, left := range res.Left {
		if left.Object.Name == imported {
			found = true
			assert.True(t, left.Expected)
			assert.NotEmpty(t, left.Owner)
			assert.Contains(t, left.Why, "mastered outside Okta")
		}
	}
	assert.True(t, found, "%v", res.Left)
}
