package stories_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/casework"
	"latchkey/clients/freshservice"
	"latchkey/contract"
	"latchkey/examples/acme"
	"latchkey/internal/playground"
	"latchkey/internal/testkit"
	"latchkey/simulators/okta/oktasim"
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

func TestABatchIsPausedARowFailsAndIsTriedAgain(t *testing.T) {
	p := server.Playground(t, func(o *playground.Options) {
		o.Edits = map[string][]playground.Edit{"desk.yaml": {{Old: "window: 20", New: "window: 1"}}}
	})
	ctx, stop := testkit.Within(t, 45*time.Second)
	defer stop()
	_, err := p.Okta.SetFault(oktasim.Fault{Kind: oktasim.FaultRefuse, Method: http.MethodPost, Path: "users", First: 1})
	require.NoError(t, err)
	batch, problems, err := p.StartBulk(ctx, casework.Onboarding, newcomers(4), 0)
	require.NoError(t, err)
	require.Empty(t, problems)
	require.NoError(t, p.ApproveBulk(ctx, batch))
	require.NoError(t, p.WaitRow(ctx, batch, 1, casework.StateNeedsAttention))
	_, err = p.SteerBulk(ctx, batch, contract.UpdatePause, "look at row 1")
	require.NoError(t, err)
	_, err = p.SteerRow(ctx, batch, 1, contract.UpdateAbort, "not now")
	require.NoError(t, err)
	state, err := p.WaitBulk(ctx, batch, "heard of row 1", func(s contract.BulkState) bool { return len(s.Running) == 0 })
	require.NoError(t, err)
	assert.Equal(t, []int{1}, state.Tally.Rows)
	assert.Equal(t, 2, state.Next, "nothing starts while it is paused")
	_, err = p.SteerBulk(ctx, batch, contract.UpdateResume, "go on")
	require.NoError(t, err)
	state, err = p.WaitBulk(ctx, batch, "has carried out the rest", func(s contract.BulkState) bool { return s.Tally.Done == 3 })
	require.NoError(t, err)
	assert.Equal(t, contract.BulkRunning, state.Phase, "a failed row keeps it open")
	_, err = p.SteerBulk(ctx, batch, contract.UpdateRetry, "the role was mended")
	require.NoError(t, err)
	state, err = p.WaitBulk(ctx, batch, "ended", func(s contract.BulkState) bool { return s.Phase == contract.BulkEnded })
	require.NoError(t, err)
	assert.Equal(t, contract.BulkTallyResult{Done: 4}, state.Tally)
	for i := range 4 {
		_, ok := p.Okta.User(fmt.Sprintf("noa%d.batchman@acme.example", i+1))
		assert.True(t, ok)
	}
}

func TestABatchOfLeaversTripsTheMassChangeGuardAndIsReleased(t *testing.T) {
	p := server.Playground(t, func(o *playground.Options) {
		o.Edits = map[string][]playground.Edit{"guards.yaml": {{Old: "people: 20", New: "people: 2"}}}
	})
	ctx, stop := testkit.Within(t, 45*time.Second)
	defer stop()
	file := "person,date\n"
	leavers := []string{acme.Ada, acme.Ben, acme.Jonas}
	for _, who := range leavers {
		file += who + "," + yesterday().Format(time.DateOnly) + "\n"
	}
	batch, problems, err := p.StartBulk(ctx, casework.Offboarding, file, 0)
	require.NoError(t, err)
	require.Empty(t, problems)
	require.NoError(t, p.ApproveBulk(ctx, batch))
	state, err := p.WaitBulk(ctx, batch, "waits for the guard", func(s contract.BulkState) bool {
		return s.Tally.Done+s.Tally.Residuals == 2 && len(s.Running) == 1
	})
	require.NoError(t, err)
	require.NoError(t, p.WaitRow(ctx, batch, state.Running[0], casework.StateHeld))
	require.NoError(t, p.Release(ctx, time.Now().Add(time.Hour), "all of them leave"))
	state, err = p.WaitBulk(ctx, batch, "ended", func(s contract.BulkState) bool { return s.Phase == contract.BulkEnded })
	require.NoError(t, err)
	assert.Equal(t, 3, state.Tally.Done+state.Tally.Residuals, "%+v", state)
	for _, who := range leavers {
		user, ok := p.Okta.User(who)
		require.True(t, ok)
		assert.Contains(t, []string{"SUSPENDED", "DEPROVISIONED"}, user.Status)
	}
}
