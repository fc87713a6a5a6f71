package oktasim_test

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"latchkey/simulators/okta/oktasim"
)

const token = "test-token"

// org is a simulated org behind a real HTTP server, with a client that speaks as its admin.
type org struct {
	t   *testing.T
	sim *oktasim.Server
	url string
}

// start is the moment a test org's clock begins. It stands still but for Advance.
var start = time.Date(2026, 3, 2, 9, 30, 15, 123_000_000, time.UTC)

func newOrg(t *testing.T, change ...func(*oktasim.Options)) *org {
	t.Helper()
	opts := oktasim.Options{Token: token, Now: func() time.Time { return start }}
	for _, f := range change {
		f(&opts)
	}
	sim, err := oktasim.New(opts)
	require.NoError(t, err)
	web := httptest.NewServer(sim.Handler())
	t.Cleanup(func() {
		web.Close()
		sim.Close()
	})
	return &org{t: t, sim: sim, url: web.URL}
}

// got is one answer.
type got struct {
	status int
	header http.Header
	raw    string
}

func (g got) object(t *testing.T) map[string]any {
	t.Helper()
	var v map[string]any
	require.NoError(t, json.Unmarshal([]byte(g.raw), &v), g.raw)
	return v
}

func (g got) list(t *testing.T) []map[string]any {
	t.Helper()
	var v []map[string]any
	require.NoError(t, json.Unmarshal([]byte(g.raw), &v), g.raw)
	return v
}

// code is the vendor's error code of the answer.
func (g got) code() string {
	var v struct {
		Code string `json:"errorCode"`
	}
	if json.Unmarshal([]byte(g.raw), &v) != nil {
		return ""
	}
	return v.Code
}

// causes are the error causes of the answer, joined by "; ".
func (g got) causes() string {
	var v struct {
		Causes []struct {
			Summary string `json:"errorSummary"`
		} `json:"errorCauses"`
	}
	if json.Unmarshal([]byte(g.raw), &v) != nil {
		return ""
	}
	var all []string
	for _, c := range v.Causes {
		all = append(all, c.Summary)
	}
	return strings.Join(all, "; ")
}

var linkForm = regexp.MustCompile(`^<([^>]+)>; rel="([a-z]+)"$`)

// link returns the address of one Link line. Lines that hold more than one link do not match and count as missing.
func (g got) link(rel string) string {
	for _, line := range g.header.Values("Link") {
		if m := linkForm.FindStringSubmatch(line); m != nil && m[2] == rel {
			return m[1]
		}
	}
	return ""
}

// call sends one request as the admin. path is below /api/v1 or a full address; body is JSON text, or a value to encode.
func (o *org) call(method, path string, body any) got {
	o.t.Helper()
	return o.callAs("SSWS "+token, method, path, body)
}

func (o *org) callAs(authorization, method, path string, body any) got {
	o.t.Helper()
	g, err := o.try(authorization, method, path, body)
	require.NoError(o.t, err)
	return g
}

// try is call for requests whose answer may be lost.
func (o *org) try(authorization, method, path string, body any) (got, error) {
	o.t.Helper()
	req := o.request(authorization, method, path, body)
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		return got{}, err
	}
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(resp.Body)
	return got{resp.StatusCode, resp.Header, string(raw)}, err
}

func (o *org) request(authorization, method, path string, body any) *http.Request {
	o.t.Helper()
	var reader io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		reader = strings.NewReader(b)
	default:
		raw, err := json.Marshal(b)
		require.NoError(o.t, err)
		reader = bytes.NewReader(raw)
	}
	if strings.HasPrefix(path, "/") && !strings.HasPrefix(path, "/admin") && !strings.HasPrefix(path, "/oauth2") {
		path = "/api/v1" + path
	}
	if strings.HasPrefix(path, "/") {
		path = o.url + path
	}
	req, err := http.NewRequestWithContext(o.t.Context(), method, path, reader)
	require.NoError(o.t, err)
	if authorization != "" {
		req.Header.Set("Authorization", authorization)
	}
	if reader != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	return req
}

// want sends a request and demands a status and, for errors, a code.
func (o *org) want(status int, code, method, path string, body any) got {
	o.t.Helper()
	g := o.call(method, path, body)
	require.Equal(o.t, status, g.status, "%s %s: %s", method, path, g.raw)
	require.Equal(o.t, code, g.code(), "%s %s: %s", method, path, g.raw)
	return g
}

func (o *org) ok(method, path string, body any) got {
	o.t.Helper()
	g := o.call(method, path, body)
	require.Contains(o.t, []int{200, 201, 202, 204}, g.status, "%s %s: %s", method, path, g.raw)
	return g
}

type object = map[string]any

func person(login string) object {
	return object{"login": login, "email": login, "firstName": "Ada", "lastName": "Lovelace"}
}

// user creates an ACTIVE person and returns the id.
func (o *org) user(login string, more ...object) string {
	o.t.Helper()
	profile := person(login)
	for _, m := range more {
		maps.Copy(profile, m)
	}
	body := object{"profile": profile, "credentials": object{"password": object{"value": "Correct-horse-9"}}}
	return o.id(o.ok("POST", "/users", body))
}

func (o *org) id(g got) string {
	o.t.Helper()
	id, isText := g.object(o.t)["id"].(string)
	require.True(o.t, isText, g.raw)
	return id
}

func (o *org) group(name string) string {
	o.t.Helper()
	return o.id(o.ok("POST", "/groups", object{"profile": object{"name": name}}))
}

func (o *org) app(label string, more ...object) string {
	o.t.Helper()
	body := object{"label": label, "name": "bookmark", "signOnMode": "BOOKMARK"}
	for _, m := range more {
		maps.Copy(body, m)
	}
	return o.id(o.ok("POST", "/apps", body))
}

func (o *org) rule(name, expression string, groups ...string) string {
	o.t.Helper()
	id := o.id(o.ok("POST", "/groups/rules", ruleBody(name, expression, groups...)))
	o.ok("POST", "/groups/rules/"+id+"/lifecycle/activate", nil)
	return id
}

func ruleBody(name, expression string, groups ...string) object {
	return object{
		"type": "group_rule", "name": name,
		"conditions": object{"expression": object{"type": "urn:okta:expression:1.0", "value": expression}},
		"actions":    object{"assignUserToGroups": object{"groupIds": groups}},
	}
}

func (o *org) status(id string) string {
	o.t.Helper()
	s, isText := o.ok("GET", "/users/"+id, nil).object(o.t)["status"].(string)
	require.True(o.t, isText)
	return s
}

// logins of a list of users, in order.
func logins(t *testing.T, g got) []string {
	t.Helper()
	out := []string{}
	for _, u := range g.list(t) {
		profile, isObject := u["profile"].(map[string]any)
		require.True(t, isObject)
		login, isText := profile["login"].(string)
		require.True(t, isText)
		out = append(out, login)
	}
	return out
}

// ids of a list, in order.
func ids(t *testing.T, g got) []string {
	t.Helper()
	out := []string{}
	for _, v := range g.list(t) {
		id, isText := v["id"].(string)
		require.True(t, isText)
		out = append(out, id)
	}
	return out
}

// names of a person's groups, Everyone left out.
func (o *org) groupsOf(login string) []string {
	o.t.Helper()
	v, found := o.sim.User(login)
	require.True(o.t, found, login)
	out := []string{}
	for _, g := range v.Groups {
		out = append(out, g.Name)
	}
	return out
}

// appsOf lists a person's apps as label:SCOPE.
func (o *org) appsOf(login string) []string {
	o.t.Helper()
	v, found := o.sim.User(login)
	require.True(o.t, found, login)
	out := []string{}
	for _, a := range v.Apps {
		out = append(out, a.Label+":"+a.Scope)
	}
	return out
}

// events are the types in the log, oldest first.
func (o *org) events() []string {
	out := []string{}
	for _, e := range o.sim.Log() {
		out = append(out, e.EventType)
	}
	return out
}

func escape(text string) string { return url.QueryEscape(text) }

// dig follows keys into an object.
func dig(t *testing.T, v any, keys ...string) any {
	t.Helper()
	for _, k := range keys {
		m, isObject := v.(map[string]any)
		require.True(t, isObject, "%s is not inside an object", k)
		v = m[k]
	}
	return v
}
