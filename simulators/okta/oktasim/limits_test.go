package oktasim_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/simulators/okta/oktasim"
)

func limited(plan string, share int) func(*oktasim.Options) {
	return func(opts *oktasim.Options) { opts.Limits, opts.TokenShare = plan, share }
}

type quota struct{ limit, remaining string }

func quotaOf(g got) quota {
	return quota{g.header.Get("X-Rate-Limit-Limit"), g.header.Get("X-Rate-Limit-Remaining")}
}

func TestLimitsCountDownToA429AndReset(t *testing.T) {
	t.Parallel()
	o := newOrg(t, limited("integrator", 50))
	for i := range 10 { // 20 a minute for /apps*, half of it for one token
		g := o.ok("GET", "/apps", nil)
		assert.Equal(t, quota{"10", strconv.Itoa(9 - i)}, quotaOf(g))
		assert.Equal(t, strconv.FormatInt(start.Add(time.Minute).Unix(), 10), g.header.Get("X-Rate-Limit-Reset"), "counted from the first request")
	}
	g := o.want(429, "E0000047", "GET", "/apps", nil)
	assert.Equal(t, quota{"10", "0"}, quotaOf(g))
	assert.Equal(t, "API call exceeded rate limit due to too many requests.", g.object(t)["errorSummary"])
	assert.Empty(t, g.header.Get("Retry-After"))
	assert.Contains(t, o.events(), "system.org.rate_limit.violation")
	o.sim.Advance(59 * time.Second)
	o.want(429, "E0000047", "GET", "/apps", nil)
	o.sim.Advance(time.Second)
	assert.Equal(t, quota{"10", "9"}, quotaOf(o.ok("GET", "/apps", nil)))
}

func TestRefusedCallsChangeNothing(t *testing.T) {
	t.Parallel()
	o := newOrg(t, limited("integrator", 1)) // one call a minute per bucket
	o.ok("GET", "/groups", nil)
	o.want(429, "E0000047", "POST", "/groups", object{"profile": object{"name": "Team"}})
	_, found := o.sim.GroupID("Team")
	assert.False(t, found)
}

// Requests that share a countdown, and those that do not (§6.1).
func TestBuckets(t *testing.T) {
	t.Parallel()
	o := newOrg(t, limited("workforce", 100))
	uid, gid, aid := o.user("ada@example.com"), o.group("Team"), o.app("Wiki")
	tests := []struct {
		method, path string
		limit        string
	}{
		{"GET", "/users", "600"},
		{"GET", "/users/" + uid, "2000"},
		{"POST", "/users/" + uid, "600"},
		{"GET", "/users/" + uid + "/groups", "600"},
		{"GET", "/groups", "500"},
		{"GET", "/groups/" + gid, "1000"},
		{"GET", "/groups/" + gid + "/users", "500"},
		{"GET", "/groups/rules", "500"},
		{"GET", "/apps/" + aid, "500"},
		{"GET", "/apps/" + aid + "/users", "100"},
		{"GET", "/logs", "120"},
		{"GET", "/eventHooks", "1000"},
		{"GET", "/meta/schemas/user/default", "1000"},
		{"GET", "/iam/assignees/users", "1200"},
	}
	for _, tt := range tests {
		body := any(nil)
		if tt.method == "POST" {
			body = object{"profile": object{}}
		}
		assert.Equal(t, tt.limit, o.ok(tt.method, tt.path, body).header.Get("X-Rate-Limit-Limit"), tt.path)
	}
	before := quotaOf(o.ok("GET", "/users/"+uid+"/groups", nil))
	after := quotaOf(o.ok("POST", "/users/"+uid+"/lifecycle/suspend", nil))
	left := func(q quota) int { n, _ := strconv.Atoi(q.remaining); return n }
	assert.Equal(t, left(before)-1, left(after), "lifecycle shares with the other /users/{id}/* calls")
}

func TestOtherToolsEatTheSameBucket(t *testing.T) {
	t.Parallel()
	o := newOrg(t, limited("integrator", 100))
	assert.Equal(t, quota{"20", "19"}, quotaOf(o.ok("GET", "/apps", nil)))
	o.sim.Consume("/api/v1/apps*", 15)
	assert.Equal(t, quota{"20", "3"}, quotaOf(o.ok("GET", "/apps", nil)))
}

func TestTokensHaveSharesOfTheirOwn(t *testing.T) {
	t.Parallel()
	o := newOrg(t, limited("integrator", 50))
	_, err := o.sim.AddToken("admin@example.com", "second", "second")
	require.NoError(t, err)
	for range 10 {
		o.ok("GET", "/apps", nil)
	}
	o.want(429, "E0000047", "GET", "/apps", nil)
	assert.Equal(t, 200, o.callAs("SSWS second", "GET", "/apps", nil).status, "the other half is free")

	me := o.sim.TokenID()
	l := o.ok("POST", "/principal-rate-limits", object{"principalId": me, "principalType": "SSWS_TOKEN", "defaultPercentage": 80, "defaultConcurrencyPercentage": 50}).object(t)
	assert.InDelta(t, 80.0, l["defaultPercentage"], 0)
	assert.Equal(t, quota{"16", "5"}, quotaOf(o.ok("GET", "/apps", nil)))
	assert.Len(t, o.ok("GET", "/principal-rate-limits?filter="+escape(`principalType eq "SSWS_TOKEN"`), nil).list(t), 1)
	assert.Empty(t, o.ok("GET", "/principal-rate-limits?filter="+escape(`principalType eq "OAUTH_CLIENT"`), nil).list(t))
}

func TestOffSendsHeadersAndRefusesNothing(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	for range 110 {
		assert.Equal(t, quota{"100", "99"}, quotaOf(o.ok("GET", "/apps", nil)))
	}
}

func TestConcurrencyLimit(t *testing.T) {
	t.Parallel()
	o := newOrg(t, func(opts *oktasim.Options) { opts.Concurrency = 1 })
	_, err := o.sim.SetFault(oktasim.Fault{Kind: oktasim.FaultSlow, Path: "/groups", Delay: oktasim.Duration(time.Hour)})
	require.NoError(t, err)
	held := o.request("SSWS "+token, "GET", "/groups", nil)
	go func() {
		resp, err := (&clientWithoutPool{}).do(held)
		if err == nil {
			_ = resp.Body.Close()
		}
	}()
	require.Eventually(t, func() bool {
		g := o.call("GET", "/users", nil)
		return g.status == 429 && quotaOf(g) == quota{"0", "0"}
	}, 10*time.Second, 10*time.Millisecond)
	assert.Contains(t, o.events(), "core.concurrency.org.limit.violation")
}
