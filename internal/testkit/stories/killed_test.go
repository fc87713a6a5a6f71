package stories_test

import (
	"net/http"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/casework"
	"latchkey/examples/acme"
	"latchkey/internal/playground"
	"latchkey/internal/testkit"
	"latchkey/simulators/okta/oktasim"
)

func TestABridgeKilledDuringABurstLosesNoTicket(t *testing.T) {
	p := server.Playground(t, func(o *playground.Options) { o.WebhookRetry = []time.Duration{} })
	ctx := testkit.Soon(t)
	require.NoError(t, p.StopBridge())
	address := strings.TrimPrefix(p.BridgeURL, "http://")
	bridge := testkit.Program(t, "starter", append(p.ProcessEnv(), "LATCHKEY_WEBHOOK_SECRETS="+p.Secrets.Webhook), "serve", "--listen", address)
	require.Eventually(t, func() bool { return healthy(t, p.BridgeURL) }, soon, tick)

	who := people(t, p, 50)
	tickets := make([]int64, len(who))
	var burst sync.WaitGroup
	killed := false
	for i, login := range who {
		if i == 12 {
			kill(t, bridge)
			killed = true
		}
		burst.Go(func() {
			ticket, err := p.Ask(ctx, "VPN access", login, "", map[string]any{"business_justification": "travel"})
			assert.NoError(t, err)
			tickets[i] = ticket
		})
	}
	burst.Wait()
	require.True(t, killed)
	p.Desk.Settled()
	lost := 0
	for _, d := range p.Desk.Deliveries() {
		if d.State != "delivered" {
			lost++
		}
	}
	require.Positive(t, lost, "the bridge was down for part of the burst")

	res, err := p.Sweep(ctx)
	require.NoError(t, err)
	assert.Positive(t, res.Started)
	for _, ticket := range tickets {
		_, err := p.WaitState(ctx, ticket, casework.StateAwaitingApproval)
		require.NoError(t, err)
	}
}

func TestAWorkerKilledBetweenOktasCommitAndItsCompletionHasOneEffect(t *testing.T) {
	p := server.Playground(t, func(o *playground.Options) { o.NoWorker = true })
	ctx := testkit.Soon(t)
	// Okta does the suspend at once and answers seconds later: the worker dies in between.
	_, err := p.Okta.SetFault(oktasim.Fault{
		Kind: oktasim.FaultAnswerLate, Method: http.MethodPost, Path: "/users/*/lifecycle/suspend", First: 1, Delay: oktasim.Duration(20 * time.Second),
	})
	require.NoError(t, err)
	worker := testkit.Program(t, "worker", p.ProcessEnv(), "--listen", "off")
	require.Eventually(t, func() bool {
		c, err := p.Controls(ctx)
		return err == nil && len(c.Modes) > 0
	}, soon, tick)

	mark := p.Mark()
	ticket, err := p.Leaver(ctx, acme.Farah, acme.Ada, yesterday(), nil)
	require.NoError(t, err)
	require.NoError(t, p.Approve(ctx, ticket, managerOf(t, p, acme.Ada), "ok"))
	require.Eventually(t, func() bool { return len(changes(t, p, acme.Ada, mark)) > 0 }, soon, 20*time.Millisecond, "Okta has committed")
	kill(t, worker)
	assert.Equal(t, []string{"user.lifecycle.suspend"}, changes(t, p, acme.Ada, mark), "nothing else was done before the kill")

	require.NoError(t, p.StartWorker(ctx))
	long, cancel := testkit.Within(t, 4*time.Minute) // the killed attempt's own time has to run out first
	defer cancel()
	res, err := p.WaitEnd(long, ticket)
	require.NoError(t, err)
	assert.Equal(t, casework.EndDone, res.End)
	done := changes(t, p, acme.Ada, mark) // fails on anything done twice
	assert.Equal(t, "user.lifecycle.suspend", done[0])
}

// kill ends a process as a crash would.
func kill(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	require.NoError(t, cmd.Process.Kill())
	_ = cmd.Wait() // it says that it was killed
}

func healthy(t *testing.T, url string) bool {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"/readyz", http.NoBody)
	require.NoError(t, err)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return false
	}
	return answer.Body.Close() == nil && answer.StatusCode == http.StatusOK
}
