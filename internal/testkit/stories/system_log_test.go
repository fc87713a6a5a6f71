package stories_test

import (
	"context"
	"encoding/json"
	"fmt"
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

// wrongPasswords has somebody type wrong passwords.
func wrongPasswords(t *testing.T, p *playground.Playground, login string, times int) {
	t.Helper()
	user, ok := p.Okta.User(login)
	require.True(t, ok)
	for range times {
		raw, err := json.Marshal(map[string]any{
			"eventType": "user.session.start", "outcome": map[string]any{"result": "FAILURE", "reason": "INVALID_CREDENTIALS"},
			"actor": map[string]any{"id": user.ID, "type": "User", "alternateId": login}, "client": map[string]any{"ipAddress": "192.0.2.7"},
		})
		require.NoError(t, err)
		_, err = p.Okta.Inject(raw)
		require.NoError(t, err)
	}
}

// incidents lists the incidents that were told of an alert, by rule, and how often each was told to open.
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
}
