package freshsim_test

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"latchkey/simulators/freshservice/freshsim"
)

const apiKey = "test-key"

// monday is when every test begins.
func monday() time.Time { return time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC) }

// account is a running simulator with a client for it.
type account struct {
	t    *testing.T
	sim  *freshsim.Server
	http *httptest.Server
	key  string
}

// open starts an account whose clock stands still until it is advanced.
func open(t *testing.T, change ...func(*freshsim.Options)) *account {
	t.Helper()
	opts := freshsim.Options{APIKey: apiKey, Now: monday}
	for _, c := range change {
		c(&opts)
	}
	sim, err := freshsim.New(opts)
	require.NoError(t, err)
	srv := httptest.NewServer(sim.Handler())
	t.Cleanup(func() {
		srv.Close()
		sim.Close()
	})
	return &account{t: t, sim: sim, http: srv, key: apiKey}
}

// reply is an answer with its body decoded.
type reply struct {
	t      *testing.T
	status int
	header http.Header
	raw    string
	json   any
}

// try sends a call below /api/v2 and reports a broken connection as an error.
func (a *account) try(method, path string, body any) (*reply, error) {
	a.t.Helper()
	return a.send(method, "/api/v2"+path, body, func(r *http.Request) { r.SetBasicAuth(a.key, "X") })
}

func (a *account) send(method, path string, body any, change func(*http.Request)) (*reply, error) {
	a.t.Helper()
	var reader io.Reader
	if body != nil {
		if s, ok := body.(string); ok {
			reader = strings.NewReader(s)
		} else {
			raw, err := json.Marshal(body)
			require.NoError(a.t, err)
			reader = bytes.NewReader(raw)
		}
	}
	req, err := http.NewRequestWithContext(a.t.Context(), method, a.http.URL+path, reader)
	require.NoError(a.t, err)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if change != nil {
		change(req)
	}
	resp, err := a.http.Client().Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { require.NoError(a.t, resp.Body.Close()) }()
	raw, err := io.ReadAll(resp.Body)
	require.NoError(a.t, err)
	out := &reply{t: a.t, status: resp.StatusCode, header: resp.Header, raw: string(raw)}
	if strings.HasPrefix(resp.Header.Get("Content-Type"), "application/json") {
		dec := json.NewDecoder(bytes.NewReader(raw))
		dec.UseNumber()
		require.NoError(a.t, dec.Decode(&out.json), "body of %s %s: %s", method, path, raw)
	}
	return out, nil
}

// do sends a call and demands a status.
func (a *account) do(method, path string, body any, status int) *reply {
	a.t.Helper()
	r, err := a.try(method, path, body)
	require.NoError(a.t, err)
	require.Equal(a.t, status, r.status, "%s %s: %s", method, path, r.raw)
	return r
}

func (a *account) get(path string) *reply { a.t.Helper(); return a.do(http.MethodGet, path, nil, 200) }

// admin calls our own surface and demands 200.
func (a *account) admin(method, path string, body any) *reply {
	a.t.Helper()
	r, err := a.send(method, "/admin"+path, body, nil)
	require.NoError(a.t, err)
	require.Equal(a.t, 200, r.status, "%s /admin%s: %s", method, path, r.raw)
	return r
}

// at walks keys and indexes into the body.
func (r *reply) at(path ...any) any {
	r.t.Helper()
	v := r.json
	for _, step := range path {
		switch step := step.(type) {
		case string:
			m, ok := v.(map[string]any)
			require.True(r.t, ok, "no object at %v in %s", path, r.raw)
			require.Contains(r.t, m, step, "in %s", r.raw)
			v = m[step]
		case int:
			l, ok := v.([]any)
			require.True(r.t, ok && step < len(l), "no element %v in %s", path, r.raw)
			v = l[step]
		}
	}
	return v
}

func (r *reply) id(path ...any) int64 {
	r.t.Helper()
	n, ok := r.at(path...).(json.Number)
	require.True(r.t, ok, "no number at %v in %s", path, r.raw)
	i, err := n.Int64()
	require.NoError(r.t, err)
	return i
}

func (r *reply) text(path ...any) string {
	r.t.Helper()
	s, ok := r.at(path...).(string)
	require.True(r.t, ok, "no text at %v in %s", path, r.raw)
	return s
}

func (r *reply) list(path ...any) []any {
	r.t.Helper()
	l, ok := r.at(path...).([]any)
	require.True(r.t, ok, "no list at %v in %s", path, r.raw)
	return l
}

func (r *reply) object(path ...any) map[string]any {
	r.t.Helper()
	m, ok := r.at(path...).(map[string]any)
	require.True(r.t, ok, "no object at %v in %s", path, r.raw)
	return m
}

// problem gives field and code of the only validation error.
func (r *reply) problem() string {
	r.t.Helper()
	require.Len(r.t, r.list("errors"), 1, r.raw)
	return r.text("errors", 0, "field") + " " + r.text("errors", 0, "code")
}

// obj keeps bodies short.
type obj = map[string]any

// ticket creates an incident and gives its id.
func (a *account) ticket(more obj) int64 {
	a.t.Helper()
	body := obj{"email": "jo@example.com", "subject": "Broken", "description": "It is broken", "status": 2, "priority": 1}
	maps.Copy(body, more)
	return a.do("POST", "/tickets", body, 201).id("ticket", "id")
}

// person creates a requester and gives its id.
func (a *account) person(first, email string) int64 {
	a.t.Helper()
	return a.do("POST", "/requesters", obj{"first_name": first, "primary_email": email}, 201).id("requester", "id")
}
