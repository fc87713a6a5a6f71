package temporal_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/internal/temporal"
)

type collector = assert.CollectT

// environment is an environment of its own.
type environment map[string]string

func (e environment) Environ() []string {
	var all []string
	for name, value := range e {
		all = append(all, name+"="+value)
	}
	return all
}

func (e environment) LookupEnv(name string) (string, bool) {
	value, ok := e[name]
	return value, ok
}

func mustZone(t *testing.T, name string) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation(name)
	require.NoError(t, err)
	return zone
}

func TestConnectionSettingsAreThoseOfTheTemporalCommand(t *testing.T) {
	t.Parallel()
	o, err := temporal.ClientOptions(temporal.Options{NoFile: true, Env: environment{
		"TEMPORAL_ADDRESS": "temporal.example.com:7233", "TEMPORAL_NAMESPACE": "itops", "TEMPORAL_API_KEY": "key",
	}})
	require.NoError(t, err)
	require.Equal(t, "temporal.example.com:7233", o.HostPort)
	require.Equal(t, "itops", o.Namespace)
	require.NotNil(t, o.ConnectionOptions.TLS, "an API key goes over TLS only")

	o, err = temporal.ClientOptions(temporal.Options{NoFile: true, Env: environment{}})
	require.NoError(t, err)
	require.Equal(t, temporal.DefaultAddress, o.HostPort)
	require.Equal(t, "default", o.Namespace)
}

func TestAServerThatDoesNotAnswerIsNamed(t *testing.T) {
	t.Parallel()
	_, err := temporal.Dial(t.Context(), temporal.Options{NoFile: true, Within: 500 * time.Millisecond, Env: environment{
		"TEMPORAL_ADDRESS": "127.0.0.1:1", "TEMPORAL_NAMESPACE": "itops",
	}})
	var unreachable *temporal.UnreachableError
	require.ErrorAs(t, err, &unreachable)
	require.Equal(t, "127.0.0.1:1", unreachable.Address)
	require.ErrorContains(t, err, "TEMPORAL_ADDRESS")
	require.True(t, temporal.IsUnreachable(err))
}

func TestMetricsOfTheSDKAreServed(t *testing.T) {
	t.Parallel()
	registry := prometheus.NewRegistry()
	handler, err := temporal.NewMetrics(registry, nil)
	require.NoError(t, err)
	handler.WithTags(map[string]string{"activity_type": "ApplyChange"}).Counter("temporal_activity_execution_failed").Inc(2)
	handler.WithTags(map[string]string{"task_queue": "okta"}).Gauge("temporal_num_pollers").Update(3)
	handler.Timer("temporal_activity_execution_latency").Record(2 * time.Second)

	w := httptest.NewRecorder()
	promhttp.HandlerFor(registry, promhttp.HandlerOpts{}).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	page, err := io.ReadAll(w.Body)
	require.NoError(t, err)
	require.Contains(t, string(page), `temporal_activity_execution_failed_total{activity_type="ApplyChange"} 2`)
	require.Contains(t, string(page), `temporal_num_pollers{task_queue="okta"} 3`)
	require.Contains(t, string(page), `temporal_activity_execution_latency_seconds_bucket{le="2.5"} 1`)
}
