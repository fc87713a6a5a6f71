package freshsim_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/simulators/freshservice/freshsim"
)

func TestAuthentication(t *testing.T) {
	t.Parallel()
	a := open(t)
	for name, c := range map[string]struct {
		change func(*http.Request)
		code   string
	}{
		"nothing":         {func(*http.Request) {}, "invalid_credentials"},
		"wrong key":       {func(r *http.Request) { r.SetBasicAuth("other", "X") }, "invalid_credentials"},
		"key as password": {func(r *http.Request) { r.SetBasicAuth("", apiKey) }, "invalid_credentials"},
		"bearer":          {func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+apiKey) }, "invalid_credentials"},
		"password login":  {func(r *http.Request) { r.SetBasicAuth("admin@desk.example", "pw") }, "unsupported_authentication_type"},
	} {
		r, err := a.send("GET", "/api/v2/tickets", nil, c.change)
		require.NoError(t, err)
		assert.Equal(t, 401, r.status, name)
		assert.Equal(t, c.code, r.text("code"), name)
	}
	r, err := a.send("GET", "/api/v2/tickets", nil, func(r *http.Request) { r.SetBasicAuth(apiKey, "anything at all") })
	require.NoError(t, err)
	assert.Equal(t, 200, r.status)
	r, err = a.send("GET", "/api/v2/nowhere", nil, nil)
	require.NoError(t, err)
	assert.Equal(t, 401, r.status, "authentication comes first")
}

func TestRolesLimitWhatAKeyMayDo(t *testing.T) {
	t.Parallel()
	a := open(t)
	a.person("Rita", "rita@example.com")
	for role, allowed := range map[string]struct{ ticket, person, agent int }{
		"Admin":         {201, 201, 201},
		"SD Supervisor": {201, 201, 403},
		"SD Agent":      {201, 403, 403},
		"Read Only":     {403, 403, 403},
	} {
		a.key = apiKey
		a.admin("POST", "/api-keys", obj{"key": "k-" + role, "email": "rita@example.com", "role": role})
		a.key = "k-" + role
		a.get("/tickets")
		a.do("POST", "/tickets", obj{"email": "jo@example.com", "subject": "S", "description": "D", "status": 2, "priority": 1}, allowed.ticket)
		a.do("POST", "/requesters", obj{"first_name": "P", "primary_email": strings.ReplaceAll(role, " ", "") + "@example.com"}, allowed.person)
		r := a.do("POST", "/groups", obj{"name": role}, allowed.agent)
		if allowed.agent == 403 {
			assert.Equal(t, "access_denied", r.text("code"))
		}
	}
}

func TestDeactivatedAgentsKeyStopsWorking(t *testing.T) {
	t.Parallel()
	a := open(t)
	id := a.person("Rita", "rita@example.com")
	a.admin("POST", "/api-keys", obj{"key": "rita", "email": "rita@example.com"})
	r := a.do("DELETE", fmt.Sprintf("/agents/%d", id), nil, 200)
	assert.Equal(t, false, r.at("agent", "active"))
	a.key = "rita"
	a.do("GET", "/tickets", nil, 401)
}

func TestUnknownPathsMethodsAndTypes(t *testing.T) {
	t.Parallel()
	a := open(t)
	for _, path := range []string{"/nowhere", "/tickets/7", "/tickets/abc", "/tickets/0", "/requesters/1", "/tickets/1/approvals", "/service_catalog/items/x"} {
		r := a.do("GET", path, nil, 404)
		assert.Empty(t, r.raw, path)
		assert.Equal(t, "0", r.header.Get("Content-Length"), path)
	}
	r := a.do("PUT", "/tickets", obj{}, 405)
	assert.Equal(t, "GET, POST", r.header.Get("Allow"))
	auth := func(more func(*http.Request)) func(*http.Request) {
		return func(r *http.Request) { r.SetBasicAuth(apiKey, "X"); more(r) }
	}
	for status, change := range map[int]func(*http.Request){
		406: func(r *http.Request) { r.Header.Set("Accept", "application/xml") },
		415: func(r *http.Request) { r.Header.Set("Content-Type", "application/xml") },
	} {
		got, err := a.send("POST", "/api/v2/tickets", "<ticket/>", auth(change))
		require.NoError(t, err)
		assert.Equal(t, status, got.status)
	}
	for _, body := range []string{"{", "[]", "null", `{"a":1}{}`, `"x"`} {
		got := a.do("POST", "/tickets", body, 400)
		assert.Equal(t, "invalid_json", got.text("code"), body)
	}
	out, err := a.send("GET", "/elsewhere", nil, nil)
	require.NoError(t, err)
	assert.Equal(t, 404, out.status)
	assert.Empty(t, out.raw)
}

func TestHeadersOfRealTraffic(t *testing.T) {
	t.Parallel()
	a := open(t)
	r := a.get("/groups")
	assert.Equal(t, "application/json; charset=utf-8", r.header.Get("Content-Type"))
	assert.Equal(t, "latest=v2; requested=v2", r.header.Get("X-Freshservice-Api-Version"))
	assert.NotEqual(t, r.header.Get("X-Request-Id"), a.get("/groups").header.Get("X-Request-Id"))
	assert.Empty(t, r.header.Get("X-Ratelimit-Total"), "limits are off")
}

func TestLimitsOfEveryPlan(t *testing.T) {
	t.Parallel()
	for plan, want := range map[string]struct{ overall, list, ticket string }{
		"starter": {"100", "40", "50"}, "growth": {"200", "70", "80"}, "pro": {"400", "120", "140"}, "enterprise": {"500", "140", "160"},
	} {
		a := open(t, func(o *freshsim.Options) { o.Limits = plan })
		total := func(path string) string { return a.get(path).header.Get("X-Ratelimit-Total") }
		assert.Equal(t, want.overall, total("/groups"), plan)
		for _, path := range []string{"/tickets", "/agents", "/requesters"} {
			assert.Equal(t, want.list, total(path), plan+path)
		}
		a.ticket(nil)
		assert.Equal(t, want.ticket, total("/tickets/1"), plan)
	}
}

func TestSubLimitIsSpentAloneAndRenewedEachMinute(t *testing.T) {
	t.Parallel()
	a := open(t, func(o *freshsim.Options) { o.Limits = "starter" })
	a.sim.Advance(20 * time.Second)
	for i := range 40 {
		r := a.get("/tickets")
		assert.Equal(t, fmt.Sprint(39-i), r.header.Get("X-Ratelimit-Remaining"))
	}
	r := a.do("GET", "/tickets", nil, 429)
	assert.Equal(t, "41", r.header.Get("Retry-After"))
	assert.Empty(t, r.raw)
	a.get("/agents")
	assert.Equal(t, "58", a.get("/groups").header.Get("X-Ratelimit-Remaining"), "refused calls are not charged")
	a.sim.Advance(41 * time.Second)
	a.get("/tickets")
}

func TestOverallLimitCountsFailuresToo(t *testing.T) {
	t.Parallel()
	a := open(t, func(o *freshsim.Options) { o.Limits = "starter" })
	for range 100 {
		a.do("GET", "/nowhere", nil, 404)
	}
	a.do("GET", "/groups", nil, 429)
	a.do("POST", "/tickets", obj{}, 429)
}

func TestIncludesCostCredits(t *testing.T) {
	t.Parallel()
	a := open(t, func(o *freshsim.Options) { o.Limits = "enterprise" })
	id := a.ticket(nil)
	for path, want := range map[string]string{
		fmt.Sprintf("/tickets/%d", id):                              "1",
		fmt.Sprintf("/tickets/%d?include=stats", id):                "2",
		fmt.Sprintf("/tickets/%d?include=stats,tags,requester", id): "4",
		"/tickets":                         "1",
		"/tickets?include=stats":           "3",
		"/tickets?include=stats,requester": "5",
	} {
		assert.Equal(t, want, a.get(path).header.Get("X-Ratelimit-Used-Currentrequest"), path)
	}
}

func (a *account) fault(f freshsim.Fault) string {
	a.t.Helper()
	id, err := a.sim.AddFault(f)
	require.NoError(a.t, err)
	return id
}

func TestAnswerLostCommitsOnceAndLetsTheRetryThrough(t *testing.T) {
	t.Parallel()
	a := open(t)
	path := fmt.Sprintf("/tickets/%d/notes", a.ticket(nil))
	a.fault(freshsim.Fault{Kind: freshsim.FaultAnswerLost, Method: "write", Once: true})
	for _, body := range []string{"one", "two"} {
		_, err := a.try("POST", path, obj{"body": body})
		require.Error(t, err, "the first answer of each distinct write is lost")
		a.do("POST", path, obj{"body": body}, 201)
	}
	a.get(path[:len(path)-len("/notes")])
	assert.Len(t, a.get(strings.TrimSuffix(path, "notes")+"conversations").list("conversations"), 4, "both attempts were committed")
	assert.Equal(t, 2, a.sim.Faults()[0].Hits)
}

func TestRefusingFaultsCommitNothing(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault  freshsim.Fault
		status int
		check  func(t *testing.T, r *reply)
	}{
		"rate limited": {freshsim.Fault{Kind: freshsim.FaultRateLimited, RetryAfterSeconds: 7}, 429, func(t *testing.T, r *reply) {
			t.Helper()
			assert.Equal(t, "7", r.header.Get("Retry-After"))
		}},
		"server error": {freshsim.Fault{Kind: freshsim.FaultServerError}, 500, func(t *testing.T, r *reply) {
			t.Helper()
			assert.NotEmpty(t, r.text("message"))
		}},
		"edge error": {freshsim.Fault{Kind: freshsim.FaultServerError, Status: 503, HTML: true}, 503, func(t *testing.T, r *reply) {
			t.Helper()
			assert.Contains(t, r.header.Get("Content-Type"), "text/html")
			assert.Contains(t, r.raw, "<html>")
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := open(t)
			c.fault.Times = 1
			a.fault(c.fault)
			body := obj{"email": "jo@example.com", "subject": "S", "description": "D", "status": 2, "priority": 1}
			r := a.do("POST", "/tickets", body, c.status)
			c.check(t, r)
			assert.Empty(t, a.get("/tickets").list("tickets"))
			a.do("POST", "/tickets", body, 201)
		})
	}
}

func TestFaultsMatchMethodPathSkipAndTimes(t *testing.T) {
	t.Parallel()
	a := open(t)
	id := a.ticket(nil)
	one := fmt.Sprintf("/tickets/%d", id)
	a.fault(freshsim.Fault{Kind: freshsim.FaultServerError, Method: "GET", Path: "/tickets/*", Skip: 1, Times: 2})
	a.get(one)
	a.do("GET", one, nil, 500)
	a.get("/tickets")
	a.get(one + "/conversations")
	a.do("PUT", one, obj{"priority": 2}, 200)
	a.do("GET", one, nil, 500)
	a.get(one)
	assert.True(t, a.sim.ClearFaults(""))
	rest := a.fault(freshsim.Fault{Kind: freshsim.FaultServerError, Path: "/tickets/**"})
	a.do("GET", one+"/conversations", nil, 500)
	a.get("/groups")
	assert.True(t, a.sim.ClearFaults(rest))
	assert.False(t, a.sim.ClearFaults(rest))
	a.get(one)
}

func TestSlowAnswerStillActs(t *testing.T) {
	t.Parallel()
	a := open(t)
	a.fault(freshsim.Fault{Kind: freshsim.FaultSlow, DelayMillis: 30})
	a.fault(freshsim.Fault{Kind: freshsim.FaultServerError, Status: 502})
	a.do("GET", "/groups", nil, 502)
	for _, f := range a.sim.Faults() {
		assert.Equal(t, 1, f.Hits, "both struck: %s", f.Kind)
	}
	a.sim.ClearFaults("")
	a.fault(freshsim.Fault{Kind: freshsim.FaultSlow, DelayMillis: 1, Times: 1})
	a.ticket(nil)
	assert.Len(t, a.get("/tickets").list("tickets"), 1)
}

func TestStaleReadRepeatsTheFormerAnswer(t *testing.T) {
	t.Parallel()
	a := open(t)
	one := fmt.Sprintf("/tickets/%d", a.ticket(nil))
	a.fault(freshsim.Fault{Kind: freshsim.FaultStaleRead, Path: "/tickets/*", DelayMillis: 60_000})
	a.get(one)
	a.do("PUT", one, obj{"status": 3}, 200)
	assert.EqualValues(t, 2, a.get(one).id("ticket", "status"), "stale")
	a.sim.Advance(time.Minute)
	assert.EqualValues(t, 3, a.get(one).id("ticket", "status"))
}

func TestFaultsOverTheAdminSurface(t *testing.T) {
	t.Parallel()
	a := open(t)
	id := a.admin("POST", "/faults", obj{"kind": "server_error", "status": 502}).text("id")
	a.do("GET", "/groups", nil, 502)
	assert.EqualValues(t, 1, a.admin("GET", "/faults", nil).id("faults", 0, "hits"))
	a.admin("DELETE", "/faults/"+id, nil)
	a.get("/groups")
	for _, bad := range []obj{{"kind": "gremlins"}, {"kind": "server_error", "status": 200}, {"kind": "slow", "delay_millis": -1}, {"kind": "slow", "for": 1}} {
		r, err := a.send("POST", "/admin/faults", bad, nil)
		require.NoError(t, err)
		assert.Equal(t, 400, r.status)
	}
	r, err := a.send("DELETE", "/admin/faults/fault-9", nil, nil)
	require.NoError(t, err)
	assert.Equal(t, 404, r.status)
}

func TestAdminClockKnobsCountersAndReset(t *testing.T) {
	t.Parallel()
	a := open(t)
	a.admin("POST", "/clock/advance", obj{"duration": "90m"})
	assert.Equal(t, "2026-03-02T11:30:00Z", a.admin("POST", "/clock/advance", obj{"seconds": 0}).text("now"))
	a.admin("PUT", "/knobs", obj{"index_lag_millis": 60000})
	a.ticket(obj{"tags": []string{"x"}})
	assert.EqualValues(t, 0, a.get("/tickets/filter?query="+url.QueryEscape(`"tag:'x'"`)).id("total"))
	assert.Equal(t, "peer_responded", a.admin("GET", "/knobs", nil).text("peer_status"))
	a.get("/tickets/1")
	counts := map[string]int64{}
	r := a.admin("GET", "/requests", nil)
	for i := range r.list("requests") {
		counts[r.text("requests", i, "route")] = r.id("requests", i, "count")
	}
	assert.Equal(t, map[string]int64{"GET /tickets/filter": 1, "GET /tickets/{id}": 1, "POST /tickets": 1}, counts)
	a.admin("DELETE", "/requests", nil)
	assert.Empty(t, a.admin("GET", "/requests", nil).list("requests"))
	assert.EqualValues(t, 1, a.admin("GET", "/state?full=true", nil).id("all_tickets", 0, "ticket", "id"))
	a.admin("GET", "/tickets/1", nil)
	a.admin("POST", "/reset", nil)
	assert.EqualValues(t, 0, a.admin("GET", "/state", nil).id("tickets"))
	assert.Equal(t, "2026-03-02T11:30:00Z", a.admin("GET", "/clock", nil).text("now"), "time stays")
	back, err := a.send("POST", "/admin/clock/advance", obj{"seconds": -1}, nil)
	require.NoError(t, err)
	assert.Equal(t, 400, back.status)
}

func TestForeignPagesCannotPostToTheDesk(t *testing.T) {
	t.Parallel()
	a := open(t)
	for _, path := range []string{"/desk/new", "/admin/reset"} {
		r, err := a.send("POST", path, nil, func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") })
		require.NoError(t, err)
		assert.Equal(t, 403, r.status, path)
	}
}

func TestOptionsThatMakeNoSense(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]freshsim.Options{
		"no key": {}, "limits": {APIKey: "k", Limits: "gold"}, "peer": {APIKey: "k", PeerStatus: "gone"}, "rule": {APIKey: "k", Rules: []freshsim.Rule{{}}},
	} {
		_, err := freshsim.New(o)
		require.Error(t, err, name)
	}
}
