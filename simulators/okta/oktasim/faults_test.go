package oktasim_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/simulators/okta/oktasim"
)

// clientWithoutPool opens a connection per request and never retries by itself.
type clientWithoutPool struct{}

func (*clientWithoutPool) do(req *http.Request) (*http.Response, error) {
	return (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(req)
}

func (o *org) fault(f oktasim.Fault) string {
	o.t.Helper()
	id, err := o.sim.SetFault(f)
	require.NoError(o.t, err)
	return id
}

func TestAnswerLostHitsEveryWriteOnceAndItsRetrySucceeds(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	uid, gid := o.user("ada@example.com"), o.group("Team")
	id := o.fault(oktasim.Fault{Kind: oktasim.FaultAnswerLost, Method: "write", First: 1, PerWrite: true})
	writes := []struct {
		method, path string
		body         any
	}{
		{"POST", "/users/" + uid + "/lifecycle/suspend", nil},
		{"PUT", "/groups/" + gid + "/users/" + uid, nil},
		{"POST", "/groups", object{"profile": object{"name": "A"}}},
		{"POST", "/groups", object{"profile": object{"name": "B"}}},
		{"DELETE", "/users/" + uid + "/sessions", nil},
	}
	for i, w := range writes {
		before := len(o.sim.Log())
		_, err := o.try("SSWS "+token, w.method, w.path, w.body)
		require.Error(t, err, w.path)
		assert.Len(t, o.sim.Log(), before+1, "committed: %s", w.path)
		_, err = o.try("SSWS "+token, w.method, w.path, w.body)
		require.NoError(t, err, "the second attempt is answered: %s", w.path)
		assert.Equal(t, i+1, o.sim.FaultHits()[id])
	}
	o.ok("GET", "/users", nil) // reads are not touched
	assert.Equal(t, "SUSPENDED", o.status(uid))
}

func TestRefusedWritesAreAnswered(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	o.fault(oktasim.Fault{Kind: oktasim.FaultAnswerLost, Method: "write"})
	o.want(400, "E0000001", "POST", "/groups", object{"profile": object{"name": ""}})
}

func TestConnectionCutCommitsNothing(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	o.fault(oktasim.Fault{Kind: oktasim.FaultConnectionCut, Method: "POST", Path: "/groups", First: 1})
	_, err := o.try("SSWS "+token, "POST", "/groups", object{"profile": object{"name": "Team"}})
	require.Error(t, err)
	_, found := o.sim.GroupID("Team")
	assert.False(t, found)
	o.group("Team")
}

func TestStatusFaults(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	for status, code := range map[int]string{500: "E0000009", 502: "E0000009", 503: "E0000010"} {
		id := o.fault(oktasim.Fault{Kind: oktasim.FaultStatus, Status: status, Path: "/users/**"})
		g := o.want(status, code, "GET", "/users/me", nil)
		assert.NotEmpty(t, g.header.Get("X-Okta-Request-Id"))
		o.ok("GET", "/groups", nil)
		o.sim.ClearFault(id)
		o.ok("GET", "/users/me", nil)
	}
	for status, code := range map[int]string{423: "E0000239", 409: "E0000112", 401: "E0000011", 403: "E0000006", 400: "E0000001"} {
		id := o.fault(oktasim.Fault{Kind: oktasim.FaultStatus, Status: status, Path: "/groups/rules"})
		o.want(status, code, "POST", "/groups/rules", nil)
		o.sim.ClearFault(id)
	}
	id := o.fault(oktasim.Fault{Kind: oktasim.FaultStatus, Status: 409, Code: "E0000268"})
	o.want(409, "E0000268", "POST", "/users/me/roles", nil)
	o.sim.ClearFault(id)
	o.fault(oktasim.Fault{Kind: oktasim.FaultStatus, Status: 502, HTML: true})
	g := o.call("GET", "/users", nil)
	assert.Equal(t, 502, g.status)
	assert.Equal(t, "text/html", g.header.Get("Content-Type"))
	assert.Contains(t, g.raw, "<html>")
}

func TestRateLimitFaults(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	o.fault(oktasim.Fault{Kind: oktasim.FaultRateLimit, Path: "/users/*/groups", Every: 3})
	have := []int{}
	for range 6 {
		have = append(have, o.call("GET", "/users/me/groups", nil).status)
	}
	assert.Equal(t, []int{200, 200, 429, 200, 200, 429}, have, "every third")
	o.sim.ClearFaults()
	o.fault(oktasim.Fault{Kind: oktasim.FaultConcurrency, First: 1})
	assert.Equal(t, quota{"0", "0"}, quotaOf(o.want(429, "E0000047", "GET", "/users", nil)))
	o.ok("GET", "/users", nil)
}

func TestSlowFaultWaitsAndGivesUpWithItsCaller(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	o.fault(oktasim.Fault{Kind: oktasim.FaultSlow, Method: "POST", Delay: oktasim.Duration(time.Hour)})
	req := o.request("SSWS "+token, "POST", "/groups", object{"profile": object{"name": "Team"}})
	client := &http.Client{Timeout: 50 * time.Millisecond, Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err == nil {
		_ = resp.Body.Close()
	}
	require.Error(t, err)
	o.ok("GET", "/groups", nil)
	_, found := o.sim.GroupID("Team")
	assert.False(t, found, "nothing was done before the wait was over")
}

func TestStaleReadsShowThePast(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	uid, gid := o.user("ada@example.com"), o.group("Team")
	o.sim.Advance(time.Minute)
	o.fault(oktasim.Fault{Kind: oktasim.FaultStale, Method: "GET", Path: "/users/**", Delay: oktasim.Duration(5 * time.Second)})
	o.ok("POST", "/users/"+uid+"/lifecycle/suspend", nil)
	o.ok("PUT", "/groups/"+gid+"/users/"+uid, nil)
	assert.Equal(t, "ACTIVE", o.status(uid))
	assert.Len(t, o.ok("GET", "/users/"+uid+"/groups", nil).list(t), 1)
	assert.Len(t, o.ok("GET", "/groups/"+gid+"/users", nil).list(t), 1, "other paths are fresh")
	o.sim.Advance(3 * time.Second)
	o.ok("POST", "/users/"+uid+"/lifecycle/unsuspend", nil)
	o.sim.Advance(3 * time.Second)
	assert.Equal(t, "SUSPENDED", o.status(uid), "as it was five seconds ago")
	assert.Len(t, o.ok("GET", "/users/"+uid+"/groups", nil).list(t), 2)
	o.sim.Advance(3 * time.Second)
	assert.Equal(t, "ACTIVE", o.status(uid))
	o.want(400, "E0000001", "POST", "/users/"+uid+"/lifecycle/unsuspend", nil) // writes always see the present
}

func TestNamedObjectsRefuseWrites(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	uid, gid, aid := o.user("ada@example.com"), o.group("Protected"), o.app("Vault")
	other := o.user("bob@example.com")
	o.fault(oktasim.Fault{Kind: oktasim.FaultRefuse, Objects: []string{"Protected", "Vault", "bob@example.com"}})
	o.want(403, "E0000006", "PUT", "/groups/"+gid+"/users/"+uid, nil)
	o.want(403, "E0000006", "POST", "/apps/"+aid+"/users", object{"id": uid})
	o.want(403, "E0000006", "POST", "/users/"+other+"/lifecycle/suspend", nil)
	o.want(403, "E0000006", "POST", "/users/bob/lifecycle/suspend", nil)
	o.ok("GET", "/groups/"+gid, nil)
	o.ok("POST", "/users/"+uid+"/lifecycle/suspend", nil)
}

func TestFaultsThatMakeNoSenseAreRefused(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	for _, f := range []oktasim.Fault{
		{},
		{Kind: "gremlins"},
		{Kind: oktasim.FaultStatus},
		{Kind: oktasim.FaultStatus, Status: 200},
		{Kind: oktasim.FaultSlow},
		{Kind: oktasim.FaultStale},
		{Kind: oktasim.FaultRateLimit, First: -1},
	} {
		_, err := o.sim.SetFault(f)
		require.Error(t, err, "%+v", f)
	}
}

func TestAnswerLostWorksOverHTTP2(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	web := newTLS(t, o)
	o.fault(oktasim.Fault{Kind: oktasim.FaultAnswerLost, Method: "write", First: 1})
	req := o.request("SSWS "+token, "POST", web.URL+"/api/v1/groups", object{"profile": object{"name": "Team"}})
	resp, err := web.Client().Do(req)
	if err == nil {
		_ = resp.Body.Close()
	}
	require.Error(t, err)
	_, found := o.sim.GroupID("Team")
	assert.True(t, found)
}
