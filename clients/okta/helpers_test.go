package okta_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/clients/okta"
)

const (
	testToken = "00SecretTokenOfTheOrg"
	testUser  = "00u1a2b3c4d5e6f7g8h9"
	testGroup = "00g1a2b3c4d5e6f7g8h9"
	testApp   = "0oa1a2b3c4d5e6f7g8h9"
)

// org is a tiny Okta mounted under a path of its own, as behind a gateway, which notes each request it gets.
type org struct {
	*httptest.Server
	mu    sync.Mutex
	calls []recorded
}

type recorded struct {
	method, path, query, body string // path is escaped, below the base path
	header                    http.Header
}

// newOrg serves handler under /tenant; the handler sees paths without it.
func newOrg(t *testing.T, handler http.HandlerFunc) *org {
	t.Helper()
	o := &org{}
	o.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path, ok := strings.CutPrefix(r.URL.EscapedPath(), "/tenant")
		if !ok {
			http.Error(w, "outside the base path", http.StatusTeapot)
			return
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		o.mu.Lock()
		o.calls = append(o.calls, recorded{r.Method, path, r.URL.RawQuery, string(body), r.Header.Clone()})
		o.mu.Unlock()
		r.URL.Path, r.URL.RawPath = path, path
		r.Body = io.NopCloser(strings.NewReader(string(body)))
		handler(w, r)
	}))
	t.Cleanup(o.Close)
	return o
}

// seen is a copy of the requests so far.
func (o *org) seen() []recorded {
	o.mu.Lock()
	defer o.mu.Unlock()
	return append([]recorded(nil), o.calls...)
}

// client makes a client of the org; edit may change its settings.
func (o *org) client(t *testing.T, edit func(*okta.Config)) *okta.Client {
	t.Helper()
	cfg := okta.Config{OrgURL: o.URL + "/tenant", Token: testToken, AllowPlainHTTP: true}
	if edit != nil {
		edit(&cfg)
	}
	c, err := okta.New(cfg)
	require.NoError(t, err)
	return c
}

// answer writes JSON.
func answer(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body)
}

// refusal writes an error as Okta does.
func refusal(w http.ResponseWriter, status int, code, summary string, causes ...string) {
	type cause struct {
		Summary string `json:"errorSummary"`
	}
	list := []cause{}
	for _, c := range causes {
		list = append(list, cause{c})
	}
	w.Header().Set("X-Okta-Request-Id", "a1b2c3")
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{
		"errorCode": code, "errorSummary": summary, "errorLink": code, "errorId": "oae123", "errorCauses": list,
	})
}

// failure is the *okta.Error in err.
func failure(t *testing.T, err error) *okta.Error {
	t.Helper()
	require.Error(t, err)
	var e *okta.Error
	require.ErrorAs(t, err, &e)
	return e
}

// requireKind checks the kind in both ways it can be asked for.
func requireKind(t *testing.T, want okta.Kind, err error) *okta.Error {
	t.Helper()
	e := failure(t, err)
	require.Equal(t, want, e.Kind, "%v", err)
	assert.ErrorIs(t, err, want)
	return e
}

// checkKind is requireKind where the error is not looked at further.
func checkKind(t *testing.T, want okta.Kind, err error) {
	t.Helper()
	e := requireKind(t, want, err)
	assert.NotEmpty(t, e.Op, "an error names what failed")
}
