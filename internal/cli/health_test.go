package cli_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"

	"latchkey/internal/cli"
)

func TestHealthAsksOneAddress(t *testing.T) {
	t.Parallel()
	mux := http.NewServeMux()
	mux.HandleFunc("/ready", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	mux.HandleFunc("/starting", func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "Temporal cannot be reached", http.StatusServiceUnavailable)
	})
	mux.Handle("/elsewhere", http.RedirectHandler("/ready", http.StatusFound))
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	closed := httptest.NewServer(mux)
	closed.Close()

	for name, test := range map[string]struct {
		args []string
		exit cli.Exit
		says string
	}{
		"an answer in the 200s is well":         {args: []string{"--url", server.URL + "/ready"}, exit: cli.OK},
		"a process that starts is not yet well": {args: []string{"--url", server.URL + "/starting"}, exit: cli.Failed, says: "503 Service Unavailable: Temporal cannot be reached"},
		"a redirect is not followed":            {args: []string{"--url", server.URL + "/elsewhere"}, exit: cli.Failed, says: "302 Found"},
		"nobody there is not well":              {args: []string{"--url", closed.URL}, exit: cli.Failed, says: "no answer"},
		"no address is a mistake of usage":      {exit: cli.Usage, says: "--url"},
		"a path alone is a mistake of usage":    {args: []string{"--url", "/readyz"}, exit: cli.Usage, says: "--url"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out, words bytes.Buffer
			got := cli.Starter(t.Context(), append([]string{"health"}, test.args...), cli.Streams{In: &bytes.Buffer{}, Out: &out, Err: &words})
			assert.Equal(t, test.exit, got, words.String())
			assert.Contains(t, words.String(), test.says)
			assert.Empty(t, out.String(), "health prints no data")
		})
	}
}
