package devserver_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"latchkey/internal/devserver"
	"latchkey/internal/temporal"
)

// TestAStartedServerIsReadyForLatchkey starts the real one, whatever the finding order gives on this machine.
func TestAStartedServerIsReadyForLatchkey(t *testing.T) {
	t.Parallel()
	server, err := devserver.Start(t.Context(), devserver.Options{Finder: devserver.Finder{Dir: "../.."}})
	require.NoError(t, err)
	missing, err := temporal.MissingAttributes(t.Context(), server.Client, server.Namespace)
	require.NoError(t, err)
	require.Empty(t, missing)

	require.NoError(t, server.Close())
	if server.Source == devserver.SourceAddress {
		return // it is not ours to stop
	}
	_, err = client.DialContext(t.Context(), client.Options{HostPort: server.Address, ConnectionOptions: client.ConnectionOptions{GetSystemInfoTimeout: time.Second}})
	require.Error(t, err, "the server is still there")
}
