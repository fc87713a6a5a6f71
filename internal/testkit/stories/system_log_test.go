package stories_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.temporal.io/api/workflowservice/v1"

	"latchkey/contract"
	"latchkey/examples/acme"
	"latchkey/internal/playground"
	"latchkey/internal/systemlog"
	"latchkey/internal/testkit"
	"latchkey/simulators/okta/oktasim"
)

// logRead waits until the log was read to the end once more.
func logRead(ctx context.Context, t *testing.T, p *playground.Playground) contract.LogState {
	t.Helper()
	after := time.Now()
	var state contract.LogState
	require.Eventually(t, func() bool {
		now, running, err := systemlog.Read(ctx, p.Temporal)
		state = now
		return err == nil && running && now.ReadAt.After(after) && !now.Behind
	}, soon, tick, "the log is read")
	return state
}

// signIn puts a sign-in of somebody into the log.
func signIn(t *testing.T, p *playground.Playground, login, outcome, reason, ip string) {
	t.Helper()
	user, ok := p.Okta.User(login)
	require.True(t, ok)
	raw, err := json.Marshal(map[string]any{
		"eventType": "user.session.start", "outcome": map[string]any{"result": outcome, "reason": reason},
		"actor": map[string]any{"id": user.ID, "type": "User", "alternateId": login}, "client": map[string]any{"ipAddress": ip},
	})
	require.NoError(t, err)
	_, err = p.Okta.Inject(raw)
	require.NoError(t, err)
}

// wrongPasswords has somebody type wrong passwords.
func wrongPasswords(t *testing.T, p *playground.Playground, login string, times int) {
	t.Helper()
	for range times {
		signIn(t, p, login, "FAILURE", "INVALID_CREDENTIALS", "192.0.2.7")
	}
}

// incidents lists the incidents that were told of an alert.
func incidents(ctx context.Context, t *testing.T, p *playground.Playground) []string {
	t.Helper()
	list, err := p.Temporal.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{Query: "WorkflowId STARTS_WITH 'alert/'"})
	require.NoError(t, err)
	var ids []string
	for _, e := range list.GetExecutions() {
		ids = append(ids, e.GetExecution().GetWorkflowId())
	}
	return ids
}

func TestABruteForceBecomesOneIncident(t *testing.T) {
	p := server.Playground(t, nil)
	ctx := testkit.Soon(t)
	logRead(ctx, t, p)
	wrongPasswords(t, p, acme.Ada, 12)
	state := logRead(ctx, t, p)
	require.Eventually(t, func() bool { return len(incidents(ctx, t, p)) == 1 }, soon, tick)
	assert.Contains(t, incidents(ctx, t, p)[0], "alert/brute_force/")
	assert.Equal(t, 1, state.View.Open, fmt.Sprint(state))
	require.Eventually(t, func() bool { return tickets(p) == 1 }, soon, tick, fmt.Sprint(p.Desk.Requests()))
}

func TestAWorkerKilledInABurstOpensTheSameIncidentsOnce(t *testing.T) {
	p := server.Playground(t, func(o *playground.Options) { o.NoWorker = true })
	ctx, cancel := testkit.Within(t, 6*time.Minute) // killed attempts have to run out of their own time
	defer cancel()
	worker := testkit.Program(t, "worker", p.ProcessEnv(), "--listen", "off")
	logRead(ctx, t, p)

	const attacked, tries, noise = 12, 12, 4_000
	who := people(t, p, attacked+10)
	for i := range noise { // the tries of twelve attacks among the sign-ins of others, over several pages
		signIn(t, p, who[attacked+i%10], "SUCCESS", "", "198.51.100.1")
		if i%(noise/(attacked*tries)) == 0 && i/(noise/(attacked*tries)) < attacked*tries {
			signIn(t, p, who[i/(noise/(attacked*tries))%attacked], "FAILURE", "INVALID_CREDENTIALS", fmt.Sprintf("203.0.113.%d", i/(noise/(attacked*tries))%attacked))
		}
	}
	_, err := p.Okta.SetFault(oktasim.Fault{Kind: oktasim.FaultAnswerLate, Method: http.MethodGet, Path: "/logs", Delay: oktasim.Duration(300 * time.Millisecond)})
	require.NoError(t, err)
	p.Okta.ResetCounters()
	for _, pages := range []int{2, 5} { // dead in the middle of catching up, and its successor too
		require.Eventually(t, func() bool { return logCalls(p) >= pages }, 3*time.Minute, 10*time.Millisecond)
		kill(t, worker)
		worker = testkit.Program(t, "worker", p.ProcessEnv(), "--listen", "off")
	}
	p.Okta.ClearFaults()
	var state contract.LogState
	require.Eventually(t, func() bool {
		state, _, err = systemlog.Read(ctx, p.Temporal)
		return err == nil && !state.Behind && state.Events >= noise+attacked*tries
	}, 4*time.Minute, tick)
	assert.Equal(t, noise+attacked*tries, state.Events, "each event counts once, whatever was read twice")
	assert.Equal(t, attacked, state.View.Open)
	require.Eventually(t, func() bool { return tickets(p) >= attacked }, soon, tick)
	ids := incidents(ctx, t, p)
	require.Len(t, ids, attacked)
	events := 0
	for _, id := range ids {
		value, err := p.Temporal.QueryWorkflow(ctx, id, "", contract.QueryAlert)
		require.NoError(t, err)
		var incident contract.AlertState
		require.NoError(t, value.Get(&incident))
		assert.Equal(t, "brute_force", incident.Key.Rule)
		assert.Equal(t, tries, incident.Events, id)
		events += incident.Events
	}
	assert.Equal(t, attacked*tries, events)
	assert.Equal(t, attacked, tickets(p), "one ticket an incident")
}

// logCalls is how often the log was asked for.
func logCalls(p *playground.Playground) int {
	for _, c := range p.Okta.Counters() {
		if c.Path == "/logs" {
			return c.Calls
		}
	}
	return 0
}

// tickets is how many were filed on the desk by its API.
func tickets(p *playground.Playground) int {
	for _, r := range p.Desk.Requests() {
		if r.Route == "POST /tickets" {
			return r.Count
		}
	}
	return 0
}

func TestALeaversChangesAreTheCasesAndNobodysAlert(t *testing.T) {
	p := server.Playground(t, nil)
	ctx := testkit.Soon(t)
	logRead(ctx, t, p)
	ticket, err := p.Leaver(ctx, acme.Farah, acme.Ada, yesterday(), nil)
	require.NoError(t, err)
	require.NoError(t, p.Approve(ctx, ticket, managerOf(t, p, acme.Ada), "ok"))
	_, err = p.WaitEnd(ctx, ticket)
	require.NoError(t, err)
	state := logRead(ctx, t, p)
	assert.Positive(t, state.Own)
	assert.Zero(t, state.View.Open)
	assert.Empty(t, incidents(ctx, t, p))
}
