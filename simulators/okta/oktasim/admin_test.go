package oktasim_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/simulators/okta/oktasim"
)

// admin calls our own surface, which takes no credentials.
func (o *org) admin(method, path string, body any) got {
	o.t.Helper()
	g := o.callAs("", method, "/admin/"+path, body)
	require.Equal(o.t, 200, g.status, "%s %s: %s", method, path, g.raw)
	return g
}

func TestAdminSeesEverything(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	uid, gid := o.user("ada@example.com", object{"department": "Sales"}), o.group("Sales")
	o.rule("Sales people", `user.department=="Sales"`, gid)
	assert.Contains(t, o.admin("POST", "users/ada@example.com/sign-in", nil).raw, "sessionId")
	view := o.admin("GET", "users/ada@example.com", nil).object(t)
	assert.Equal(t, uid, view["id"])
	assert.Contains(t, o.admin("GET", "users/"+uid, nil).raw, "Sales people")
	assert.Len(t, view["sessions"], 1)
	assert.Equal(t, 404, o.callAs("", "GET", "/admin/users/nobody", nil).status)
	state := o.admin("GET", "state", nil).object(t)
	assert.InDelta(t, 2.0, state["memberships"], 0, "Sales, and the owner in Okta Administrators")

	assert.JSONEq(t, `[]`, o.admin("GET", "mails", nil).raw)
	assert.JSONEq(t, `[]`, o.admin("GET", "hooks/deliveries", nil).raw)
	assert.Contains(t, dig(t, o.admin("GET", "limits", nil).object(t), "buckets"), "/api/v1/apps*")

	full := o.admin("GET", "log", nil).list(t)
	assert.Len(t, full, len(o.sim.Log()))
	assert.Len(t, o.admin("GET", "log?eventType=group.user_membership.add", nil).list(t), 1)
	o.ok("POST", "/users?activate=true", object{"profile": person("mail@example.com")})
	assert.Len(t, o.admin("GET", "mails", nil).list(t), 1)

	before := o.admin("GET", "counters", nil).list(t)
	assert.NotEmpty(t, before)
	o.admin("DELETE", "counters", nil)
	o.ok("GET", "/users/"+uid, nil)
	o.call("GET", "/users/nobody", nil)
	assert.Zero(t, o.sim.Writes())
	counts := o.sim.Counters()
	require.Len(t, counts, 1)
	assert.Equal(t, oktasim.Count{Method: "GET", Path: "/users/{user}", Calls: 2, Statuses: map[int]int{200: 1, 404: 1}}, counts[0])
}

func TestAdminSetsKnobs(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	id := o.admin("POST", "faults", object{"kind": "rate-limit", "path": "/users/*", "first": 1}).object(t)["id"]
	o.want(429, "E0000047", "GET", "/users/me", nil)
	o.ok("GET", "/users/me", nil)
	list := o.admin("GET", "faults", nil).list(t)
	require.Len(t, list, 1)
	assert.InDelta(t, 1.0, list[0]["hits"], 0)
	o.admin("DELETE", "faults/"+fmt.Sprint(id), nil)
	assert.Empty(t, o.admin("GET", "faults", nil).list(t))

	set := o.admin("POST", "settings", object{"search_lag": "30s", "rule_delay": "1m"}).object(t)
	assert.Equal(t, "30s", set["search_lag"])
	assert.Equal(t, "0s", set["fan_out_delay"])
	o.user("lag@example.com")
	find := "/users?search=" + escape(`profile.login eq "lag@example.com"`)
	assert.Empty(t, o.ok("GET", find, nil).list(t))
	o.admin("POST", "clock", object{"advance": "30s"})
	assert.Len(t, o.ok("GET", find, nil).list(t), 1)

	o.admin("POST", "users/lag@example.com/status", object{"status": "LOCKED_OUT"})
	assert.Equal(t, "LOCKED_OUT", o.status("lag@example.com"))
	assert.Contains(t, o.events(), "user.account.lock")
	o.admin("POST", "tokens", object{"owner": "admin@example.com", "name": "two", "token": "two"})
	assert.Equal(t, 200, o.callAs("SSWS two", "GET", "/users/me", nil).status)
	o.admin("POST", "log", object{"eventType": "security.threat.detected", "severity": "WARN"})
	assert.Contains(t, o.events(), "security.threat.detected")

	assert.Positive(t, o.sim.Writes())
	o.admin("POST", "reset", object{})
	o.want(404, "E0000007", "GET", "/users/lag@example.com", nil)
	assert.Empty(t, o.events())
}

func TestAdminRefusesWhatItDoesNotUnderstand(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	for path, body := range map[string]any{
		"faults":                         object{"kind": "rate-limit", "patth": "/users"},
		"clock":                          object{"advance": "soon"},
		"limits":                         object{"bucket": "/api/v1/nothing", "count": 1},
		"users/admin@example.com/status": object{"status": "HAPPY"},
		"tokens":                         object{"owner": "nobody", "token": "x"},
		"clients":                        object{"id": "x", "jwks": object{}},
		"log":                            object{"eventType": "made.up"},
	} {
		g := o.callAs("", "POST", "/admin/"+path, body)
		assert.Equal(t, 400, g.status, path)
		assert.NotEmpty(t, g.object(t)["error"], path)
	}
	assert.Equal(t, 404, o.callAs("", "GET", "/admin/nothing", nil).status)
	assert.Equal(t, 405, o.callAs("", "GET", "/admin/reset", nil).status)
}

func TestAdminSurfaceIsBeyondLimitsAndFaults(t *testing.T) {
	t.Parallel()
	o := newOrg(t, limited("integrator", 1))
	_, err := o.sim.SetFault(oktasim.Fault{Kind: oktasim.FaultStatus, Status: 503})
	require.NoError(t, err)
	for range 5 {
		o.admin("GET", "state", nil)
	}
}

func TestBackgroundWorkHappensWithoutRequests(t *testing.T) {
	t.Parallel()
	o := newOrg(t, func(opts *oktasim.Options) { opts.Now, opts.RuleDelay = nil, 30*time.Millisecond })
	gid := o.group("Sales")
	o.user("ada@example.com", object{"department": "Sales"})
	o.rule("Sales people", `user.department=="Sales"`, gid)
	require.Eventually(t, func() bool {
		for _, e := range o.sim.Log() { // Log does no work itself
			if e.EventType == "group.user_membership.add" {
				return true
			}
		}
		return false
	}, 10*time.Second, 10*time.Millisecond)
}
