package freshservice_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"latchkey/clients/freshservice"
)

const testKey = "k3y-of-the-desk"

// request is what the desk received.
type request struct {
	method, path string
	query        url.Values
	header       http.Header
	body         string
}

// json reads the body as an object.
func (r request) json(t *testing.T) map[string]any {
	t.Helper()
	var m map[string]any
	require.NoError(t, json.Unmarshal([]byte(r.body), &m), "body: %s", r.body)
	return m
}

// desk is a server that answers what a test laid out, and fails the test on any call it did not.
type desk struct {
	t       *testing.T
	server  *httptest.Server
	mu      sync.Mutex
	answers map[string][]http.HandlerFunc
	got     []request
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{t: t, answers: map[string][]http.HandlerFunc{}}
	d.server = httptest.NewServer(d)
	t.Cleanup(d.server.Close)
	return d
}

// ServeHTTP mounts the API below a base path, so that a client that builds absolute paths is caught.
func (d *desk) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		d.t.Errorf("body of %s %s: %v", r.Method, r.URL, err)
	}
	path := strings.TrimPrefix(r.URL.Path, "/base/api/v2")
	d.mu.Lock()
	d.got = append(d.got, request{r.Method, path, r.URL.Query(), r.Header, string(body)})
	queue := d.answers[r.Method+" "+path]
	if len(queue) > 1 {
		d.answers[r.Method+" "+path] = queue[1:]
	}
	d.mu.Unlock()
	if len(queue) == 0 {
		d.t.Errorf("unexpected call %s %s", r.Method, r.URL)
		w.WriteHeader(http.StatusTeapot)
		return
	}
	queue[0](w, r)
}

// on lays out answers for a call, in order; the last one stays.
func (d *desk) on(call string, answers ...http.HandlerFunc) *desk {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.answers[call] = append(d.answers[call], answers...)
	return d
}

// requests is what came in so far.
func (d *desk) requests() []request {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]request(nil), d.got...)
}

// last is the latest request.
func (d *desk) last() request {
	d.t.Helper()
	all := d.requests()
	require.NotEmpty(d.t, all, "nothing was called")
	return all[len(all)-1]
}

// client points at the desk; change adjusts its configuration.
func (d *desk) client(change ...func(*freshservice.Config)) *freshservice.Client {
	d.t.Helper()
	cfg := freshservice.Config{BaseURL: d.server.URL + "/base", APIKey: testKey, AllowPlainHTTP: true}
	for _, c := range change {
		c(&cfg)
	}
	c, err := freshservice.New(cfg)
	require.NoError(d.t, err)
	return c
}

// answer is a JSON answer; headers are name and value in turn.
func answer(status int, body string, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		for i := 0; i < len(headers); i += 2 {
			w.Header().Add(headers[i], headers[i+1])
		}
		w.WriteHeader(status)
		if _, err := io.WriteString(w, body); err != nil {
			panic(http.ErrAbortHandler)
		}
	}
}

// fault gives the typed error behind err.
func fault(t *testing.T, err error) *freshservice.Error {
	t.Helper()
	require.Error(t, err)
	var e *freshservice.Error
	require.ErrorAs(t, err, &e)
	return e
}
