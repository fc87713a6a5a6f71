package app_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"

	"latchkey/contract"
	"latchkey/internal/app"
	"latchkey/internal/config"
)

const secret = "the-secret-of-these-tests"

func serveBridge(t *testing.T, c client.Client) (address string) {
	t.Helper()
	b, err := app.NewBridge(t.Context(), app.BridgeOptions{
		Temporal: c, Webhooks: config.Webhooks{Listen: "127.0.0.1:0", Secrets: config.Secrets{config.NewSecret(secret)}},
	})
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- b.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		require.NoError(t, <-ended)
		require.NoError(t, b.Close())
	})
	return b.Addr()
}

func send(t *testing.T, address, body string) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+address+"/webhooks/freshservice", strings.NewReader(body))
	require.NoError(t, err)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer "+secret)
	answer, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	return answer.StatusCode
}

func TestAWebhookThatClaimsAnApprovalOnlyNudges(t *testing.T) {
	t.Parallel()
	c := server(t)
	address := serveBridge(t, c)
	for _, body := range []string{
		`{"event":"ticket_created","ticket_id":"SR-12"}`,
		`{"event":"approval_approved","ticket_id":"#SR-12"}`,
		`{"freshservice_webhook":{"ticket_id":12,"approval_status":"approved","approver":"mallory@example.com"}}`,
	} {
		require.Equal(t, http.StatusAccepted, send(t, address, body))
	}
	require.Equal(t, http.StatusBadRequest, send(t, address, `{"ticket_id":12,"approved":true}`))

	// One case, and all that it was told is to look.
	history := c.GetWorkflowHistory(t.Context(), contract.TicketWorkflowID(12), "", false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	started, nudges := 0, 0
	for history.HasNext() {
		event, err := history.Next()
		require.NoError(t, err)
		if a := event.GetWorkflowExecutionStartedEventAttributes(); a != nil {
			started++
			require.Equal(t, contract.WorkflowIntake, a.GetWorkflowType().GetName())
			require.Len(t, a.GetInput().GetPayloads(), 1)
			require.JSONEq(t, `{"ticket":12}`, string(a.GetInput().GetPayloads()[0].GetData()))
		}
		if a := event.GetWorkflowExecutionSignaledEventAttributes(); a != nil {
			nudges++
			require.Equal(t, contract.SignalNudge, a.GetSignalName())
			for _, p := range a.GetInput().GetPayloads() {
				require.Contains(t, []string{"", "null"}, string(p.GetData()))
			}
		}
	}
	require.Equal(t, 1, started)
	require.Equal(t, 3, nudges)
}

func TestABridgeIsUpWhileTemporalIsNot(t *testing.T) {
	t.Parallel()
	c, err := client.NewLazyClient(client.Options{HostPort: "127.0.0.1:1"})
	require.NoError(t, err)
	t.Cleanup(c.Close)
	address := serveBridge(t, c)
	require.Equal(t, http.StatusServiceUnavailable, send(t, address, `{"ticket_id":12}`))
	status, _ := get(address, "/readyz")
	require.Equal(t, http.StatusServiceUnavailable, status)
	status, _ = get(address, "/healthz")
	require.Equal(t, http.StatusOK, status)
}
