package oktasim_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/simulators/okta/oktasim"
)

// Every act writes the vendor's event type (§7).
func TestActsWriteTheirEvents(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	var uid, gid, aid string
	steps := []struct {
		name string
		act  func()
		want []string
	}{
		{"create", func() { uid = o.user("ada@example.com") }, []string{"user.lifecycle.create", "user.lifecycle.activate"}},
		{"create staged", func() { o.ok("POST", "/users?activate=false", object{"profile": person("b@example.com")}) }, []string{"user.lifecycle.create"}},
		{"update", func() { o.ok("POST", "/users/"+uid, object{"profile": object{"title": "x"}}) }, []string{"user.account.update_profile"}},
		{"update nothing", func() { o.ok("POST", "/users/"+uid, object{"profile": object{"title": "x"}}) }, nil},
		{"group", func() { gid = o.group("Team") }, []string{"group.lifecycle.create"}},
		{"join", func() { o.ok("PUT", "/groups/"+gid+"/users/"+uid, nil) }, []string{"group.user_membership.add"}},
		{"app", func() { aid = o.app("Wiki") }, []string{"application.lifecycle.create"}},
		{"assign", func() { assign(o, aid, uid) }, []string{"application.user_membership.add"}},
		{"assign again", func() { assign(o, aid, uid) }, []string{"application.user_membership.update"}},
		{"unassign", func() { o.ok("DELETE", "/apps/"+aid+"/users/"+uid, nil) }, []string{"application.user_membership.remove"}},
		{"assign group", func() { o.ok("PUT", "/apps/"+aid+"/groups/"+gid, object{}) }, []string{"group.application_assignment.add", "application.user_membership.add"}},
		{"leave", func() { o.ok("DELETE", "/groups/"+gid+"/users/"+uid, nil) }, []string{"group.user_membership.remove", "application.user_membership.remove"}},
		{"suspend", func() { o.ok("POST", "/users/"+uid+"/lifecycle/suspend", nil) }, []string{"user.lifecycle.suspend"}},
		{"unsuspend", func() { o.ok("POST", "/users/"+uid+"/lifecycle/unsuspend", nil) }, []string{"user.lifecycle.unsuspend"}},
		{"sessions", func() { o.ok("DELETE", "/users/"+uid+"/sessions", nil) }, []string{"user.session.clear"}},
		{"factors", func() { o.ok("POST", "/users/"+uid+"/lifecycle/reset_factors", nil) }, []string{"user.mfa.factor.reset_all"}},
		{"reset", func() { o.ok("POST", "/users/"+uid+"/lifecycle/reset_password?sendEmail=true", nil) }, []string{"user.account.reset_password"}},
		{"deactivate", func() { o.ok("POST", "/users/"+uid+"/lifecycle/deactivate", nil) }, []string{"user.lifecycle.deactivate"}},
		{"erase", func() { o.ok("DELETE", "/users/"+uid, nil) }, []string{"user.lifecycle.delete.initiated", "user.lifecycle.delete.completed"}},
		{"reads", func() { o.ok("GET", "/users", nil) }, nil},
		{"refusals", func() { o.want(404, "E0000007", "DELETE", "/users/"+uid, nil) }, nil},
	}
	for _, s := range steps {
		before := len(o.sim.Log())
		s.act()
		have := []string{}
		for _, e := range o.sim.Log()[before:] {
			have = append(have, e.EventType)
		}
		assert.Equal(t, append([]string{}, s.want...), have, s.name)
	}
}

func TestEventsNameWhoActed(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	uid := o.user("ada@example.com")
	o.ok("POST", "/users/"+uid+"/lifecycle/suspend", nil)
	me := o.id(o.ok("GET", "/users/me", nil))
	events := o.ok("GET", "/logs?filter="+escape(`eventType eq "user.lifecycle.suspend"`), nil).list(t)
	require.Len(t, events, 1)
	e := events[0]
	assert.Equal(t, me, dig(t, e, "actor", "id"))
	assert.Equal(t, "admin@example.com", dig(t, e, "actor", "alternateId"))
	assert.Equal(t, o.sim.TokenID(), dig(t, e, "transaction", "detail", "requestApiTokenId"))
	assert.Equal(t, "/api/v1/users/"+uid+"/lifecycle/suspend", dig(t, e, "debugContext", "debugData", "requestUri"))
	assert.Equal(t, "null", dig(t, e, "client", "zone"))
	assert.Equal(t, "2026-03-02T09:30:15.123Z", e["published"], "the log has real milliseconds")
	targets, isList := e["target"].([]any)
	require.True(t, isList)
	assert.Equal(t, uid, dig(t, targets[0], "id"))
	keys := []string{}
	for k := range e {
		keys = append(keys, k)
	}
	assert.ElementsMatch(t, []string{
		"actor", "client", "device", "authenticationContext", "displayMessage", "eventType", "outcome", "published", "securityContext", "severity",
		"debugContext", "legacyEventType", "transaction", "uuid", "version", "request", "target",
	}, keys)
}

// pollLog follows next until a page is empty and returns what it saw and where to go on.
func (o *org) pollLog(path string) (uuids []string, next string) {
	o.t.Helper()
	for {
		g := o.ok("GET", path, nil)
		next = g.link("next")
		require.NotEmpty(o.t, next, "polling always has a next link")
		list := g.list(o.t)
		if len(list) == 0 {
			return uuids, next
		}
		for _, e := range list {
			uuids = append(uuids, fmt.Sprint(e["uuid"]))
		}
		path = next
	}
}

func TestPollingLosesAndDoublesNothing(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	for i := range 5 {
		o.group(fmt.Sprintf("G%d", i))
	}
	seen, next := o.pollLog("/logs?limit=2&since=" + escape("2026-03-01T00:00:00Z"))
	assert.Len(t, seen, 5)
	empty := o.ok("GET", next, nil)
	assert.Equal(t, empty.link("self"), empty.link("next"), "on an empty page self is next")
	assert.Contains(t, next, "since=")
	assert.Regexp(t, `after=\d+_\d+`, next)

	// A late event, published before everything seen, is stored now and so comes next.
	late, err := o.sim.Inject(json.RawMessage(`{"eventType":"security.threat.detected","published":"2026-03-01T12:00:00.000Z"}`))
	require.NoError(t, err)
	o.group("after")
	more, _ := o.pollLog(next)
	require.Len(t, more, 2)
	assert.Equal(t, late, more[0])
	for _, id := range more {
		assert.NotContains(t, seen, id)
	}
}

func TestPollingWithFilterSkipsButGoesOn(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	filter := "/logs?filter=" + escape(`eventType eq "user.lifecycle.create"`)
	_, next := o.pollLog(filter)
	o.group("noise")
	assert.Contains(t, next, "filter=")
	seen, next := o.pollLog(next)
	assert.Empty(t, seen)
	o.user("ada@example.com")
	seen, _ = o.pollLog(next)
	assert.Len(t, seen, 1)
}

func TestBoundedQueriesAreFiniteAndOrdered(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	for i, at := range []string{"2026-03-02T08:00:03Z", "2026-03-02T08:00:01Z", "2026-03-02T08:00:02Z", "2026-03-02T09:00:00Z"} {
		_, err := o.sim.Inject(json.RawMessage(fmt.Sprintf(`{"eventType":"user.session.start","uuid":"u%d","published":%q}`, i, at)))
		require.NoError(t, err)
	}
	path := "/logs?limit=2&since=" + escape("2026-03-02T08:00:00Z") + "&until=" + escape("2026-03-02T09:00:00Z")
	read := func(path string) (uuids []string) {
		for next := path; next != ""; {
			g := o.ok("GET", next, nil)
			for _, e := range g.list(t) {
				uuids = append(uuids, fmt.Sprint(e["uuid"]))
			}
			next = g.link("next")
		}
		return uuids
	}
	assert.Equal(t, []string{"u1", "u2", "u0"}, read(path), "by published, until excluded, no next at the end")
	assert.Equal(t, []string{"u0", "u2", "u1"}, read(path+"&sortOrder=DESCENDING"))
}

func TestLogFilters(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	_, err := o.sim.Inject(json.RawMessage(`{
		"eventType":"user.session.start","uuid":"bad-login","severity":"WARN","outcome":{"result":"FAILURE","reason":"INVALID_CREDENTIALS"},
		"actor":{"id":"00uX","type":"User","alternateId":"eve@example.com","displayName":"Eve"},
		"client":{"ipAddress":"203.0.113.9","geographicalContext":{"country":"Brazil"}},
		"debugContext":{"debugData":{"behaviors":"{Velocity=POSITIVE}"}},
		"target":[{"id":"t1","type":"AppInstance"},{"id":"t2","type":"User"}]}`))
	require.NoError(t, err)
	o.user("ada@example.com")
	matches := map[string]bool{
		`eventType eq "user.session.start"`:                                   true,
		`eventType sw "user.session"`:                                         true,
		`eventType eq "user.session.start" and outcome.result ne "SUCCESS"`:   true,
		`outcome.reason eq "INVALID_CREDENTIALS"`:                             true,
		`target.id eq "t2"`:                                                   true,
		`target.type eq "AppInstance"`:                                        true,
		`client.geographicalContext.country eq "Brazil"`:                      true,
		`client.ipAddress sw "203.0.113."`:                                    true,
		`debugContext.debugData.behaviors co "Velocity=POSITIVE"`:             true,
		`actor.alternateId eq "eve@example.com" and not (severity eq "INFO")`: true,
		`severity eq "ERROR" or target.id eq "t9"`:                            false,
		`outcome.reason pr and severity eq "WARN"`:                            true,
		`outcome.result eq "failure"`:                                         false,
	}
	for filter, want := range matches {
		uuids := []string{}
		for _, e := range o.ok("GET", "/logs?filter="+escape(filter), nil).list(t) {
			uuids = append(uuids, fmt.Sprint(e["uuid"]))
		}
		assert.Equal(t, want, slices.Contains(uuids, "bad-login"), filter)
	}
	assert.Empty(t, o.ok("GET", "/logs?q=EVE+velocity", nil).list(t))
	assert.Len(t, o.ok("GET", "/logs?q=EVE+user.session", nil).list(t), 1)
}

func TestLogErrorsHaveTheirOwnShape(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	tests := []struct{ query, code, text string }{
		{"until=yesterday", "E0000001", "until: must be a valid date-time or empty."},
		{"filter=" + escape(`eventType eqq "x"`), "E0000053", "Unrecognized attribute operator 'eqq' at position 10. Expected: eq,co,sw,pr,gt,ge,lt,le"},
		{"filter=" + escape(`colour eq "x"`), "E0000053", "field is not valid: colour"},
		{"filter=" + escape(`published gt "2026-01-01T00:00:00Z"`), "E0000053", "field is not valid: published"},
		{"filter=" + escape(`debugContext.debugData.url co "x"`), "E0000031", "combination of operator and field"},
		{"since=" + escape("2025-01-01T00:00:00Z"), "E0000053", "180 days"},
		{"limit=many", "E0000053", "limit"},
		{"after=junk", "E0000053", "cursor"},
		{"q=a+b+c+d+e+f+g+h+i+j+k", "E0000001", "keywords"},
	}
	for _, tt := range tests {
		g := o.want(400, tt.code, "GET", "/logs?"+tt.query, nil)
		assert.Contains(t, g.raw, tt.text, tt.query)
		assert.NotContains(t, g.object(t), "errorLink")
		assert.Regexp(t, `^[0-9a-f]{8}-`, g.object(t)["errorId"])
	}
}

func TestLogIsKeptNinetyDays(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	o.group("old")
	since := "/logs?since=" + escape("2026-03-01T00:00:00Z")
	assert.Len(t, o.ok("GET", since, nil).list(t), 1)
	for range 4 {
		o.sim.Advance(23 * 24 * time.Hour)
		o.ok("GET", "/users/me", nil)
	}
	assert.Empty(t, o.ok("GET", since, nil).list(t))
}

func TestLogLag(t *testing.T) {
	t.Parallel()
	o := newOrg(t, func(opts *oktasim.Options) { opts.LogLag = 5 * time.Second })
	o.group("Team")
	assert.Empty(t, o.ok("GET", "/logs", nil).list(t))
	assert.Len(t, o.sim.Log(), 1)
	o.sim.Advance(5 * time.Second)
	assert.Len(t, o.ok("GET", "/logs", nil).list(t), 1)
}

func TestInjectRefusesWhatTheVendorNeverSays(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	for _, raw := range []string{`[]`, `{}`, `{"eventType":"user.made.up"}`, `{"eventType":"user.session.start","published":"noon"}`} {
		_, err := o.sim.Inject(json.RawMessage(raw))
		require.Error(t, err, raw)
	}
}
