package stories_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/casework"
	"latchkey/clients/freshservice"
	"latchkey/contract"
	"latchkey/examples/acme"
	"latchkey/internal/testkit"
)

const newcomersHead = "first_name,last_name,personal_email,title,department,location,manager_email,employment_type,date\n"

// newcomers is a file of joiners of the sales department.
func newcomers(n int) string {
	file := newcomersHead
	for i := range n {
		file += fmt.Sprintf("Noa%d,Batchman,noa%d@home.example,Account Executive,Sales,Berlin,%s,Employee,%s\n", i+1, i+1, acme.Mara, yesterday().Format(time.DateOnly))
	}
	return file
}

func TestAFileOnboardsPeopleOnceItsBatchIsApproved(t *testing.T) {
	p := server.Playground(t, nil)
	ctx, stop := testkit.Within(t, 20*time.Second)
	defer stop()
	_, problems, err := p.StartBulk(ctx, casework.Onboarding, strings.Replace(newcomers(3), "noa2@home.example", "not an address", 1), 0)
	require.NoError(t, err)
	require.Len(t, problems, 1)
	assert.Contains(t, problems[0].String(), "line 3")

	batch, problems, err := p.StartBulk(ctx, casework.Onboarding, newcomers(3), 0)
	require.NoError(t, err)
	require.Empty(t, problems)
	_, err = p.WaitBulk(ctx, batch, "waits for approval", func(s contract.BulkState) bool { return s.Phase == contract.BulkApproving })
	require.NoError(t, err)
	assert.Zero(t, p.Okta.Writes())
	require.NoError(t, p.ApproveBulk(ctx, batch))
	state, err := p.WaitBulk(ctx, batch, "ended", func(s contract.BulkState) bool { return s.Phase == contract.BulkEnded })
	require.NoError(t, err)
	assert.Equal(t, 3, state.Tally.Done, "%+v", state)
	for i := range 3 {
		user, ok := p.Okta.User(fmt.Sprintf("noa%d.batchman@acme.example", i+1))
		require.True(t, ok)
		assert.Equal(t, "PROVISIONED", user.Status)
	}
	ticket, err := p.Ticket(ctx, state.Ticket)
	require.NoError(t, err)
	assert.Equal(t, freshservice.StatusResolved, ticket.Status)
}
