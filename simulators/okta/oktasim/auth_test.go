package oktasim_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/simulators/okta/oktasim"
)

func TestRefusesStrangersAsTheVendorDoes(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	tests := []struct {
		name, authorization string
		status              int
		code, challenge     string
	}{
		{"bad SSWS token", "SSWS nope", 401, "E0000011", "SSWS"},
		{"garbage bearer", "Bearer nope", 403, "E0000005", ""},
		{"no credentials", "", 403, "E0000005", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			g, err := o.try(tt.authorization, "GET", "/users", nil)
			require.NoError(t, err)
			assert.Equal(t, tt.status, g.status)
			assert.Equal(t, tt.code, g.code())
			assert.Equal(t, tt.challenge, g.header.Get("WWW-Authenticate"))
			assert.Empty(t, g.header.Get("X-Rate-Limit-Limit"), "a 401 carries no rate-limit headers")
			e := g.object(t)
			assert.Equal(t, tt.code, e["errorLink"])
			assert.Equal(t, []any{}, e["errorCauses"])
			assert.Regexp(t, `^oae.{22}$`, e["errorId"])
		})
	}
}

func TestEveryAnswerCarriesTheVendorsHeaders(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	id := o.user("ada@example.com")
	for _, g := range []got{
		o.ok("GET", "/users/"+id, nil), o.want(404, "E0000007", "GET", "/users/nobody", nil), o.ok("DELETE", "/users/"+id+"/sessions", nil),
	} {
		assert.Regexp(t, `^[0-9a-f]{32}$`, g.header.Get("X-Okta-Request-Id"))
		for _, name := range []string{"X-Rate-Limit-Limit", "X-Rate-Limit-Remaining", "X-Rate-Limit-Reset"} {
			assert.Regexp(t, `^\d+$`, g.header.Get(name), name)
		}
		_, err := time.Parse(http.TimeFormat, g.header.Get("Date"))
		require.NoError(t, err)
		assert.Equal(t, "no-cache, no-store", g.header.Get("Cache-Control"))
		if g.status == 204 {
			assert.Empty(t, g.header.Get("Content-Type"))
			assert.Empty(t, g.raw)
		} else {
			assert.Equal(t, "application/json", g.header.Get("Content-Type"))
		}
	}
}

func TestTokenDiesWithItsOwner(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	id := o.user("helper@example.com")
	o.ok("POST", "/users/"+id+"/roles", object{"type": "SUPER_ADMIN"})
	tokenID, err := o.sim.AddToken("helper@example.com", "second", "second-token")
	require.NoError(t, err)
	require.Equal(t, 200, o.callAs("SSWS second-token", "GET", "/users/me", nil).status)

	o.ok("POST", "/users/"+id+"/lifecycle/deactivate", nil)

	g := o.callAs("SSWS second-token", "GET", "/users/me", nil)
	assert.Equal(t, 401, g.status)
	assert.Equal(t, "E0000011", g.code())
	last := o.sim.Log()[len(o.sim.Log())-1]
	assert.Equal(t, "system.api_token.revoke", last.EventType)
	assert.Equal(t, []string{tokenID}, last.TargetIDs)
}

func TestTokenExpiresAfterThirtyIdleDays(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	for range 3 { // each call renews it
		o.sim.Advance(29 * 24 * time.Hour)
		o.ok("GET", "/users/me", nil)
	}
	o.sim.Advance(31 * 24 * time.Hour)
	o.want(401, "E0000011", "GET", "/users/me", nil)
}

func TestTokenHasTheRightsItsOwnerHasNow(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	id := o.user("desk@example.com")
	gid := o.group("Team")
	_, err := o.sim.AddToken("desk@example.com", "desk", "desk-token")
	require.NoError(t, err)
	as := func(method, path string) got { return o.callAs("SSWS desk-token", method, path, nil) }

	assert.Equal(t, "E0000006", as("GET", "/users/me").code(), "no role at all")
	role := o.id(o.ok("POST", "/users/"+id+"/roles", object{"type": "HELP_DESK_ADMIN"}))
	assert.Equal(t, 200, as("GET", "/users/"+id).status)
	assert.Equal(t, 200, as("POST", "/users/"+id+"/lifecycle/reset_factors").status)
	assert.Equal(t, "E0000006", as("POST", "/users/"+id+"/lifecycle/suspend").code())
	assert.Equal(t, "E0000006", as("PUT", "/groups/"+gid+"/users/"+id).code())
	assert.Equal(t, "E0000006", as("GET", "/logs").code())
	o.ok("DELETE", "/users/"+id+"/roles/"+role, nil)
	assert.Equal(t, "E0000006", as("GET", "/users/"+id).code())
}

func TestUnknownPathsAndMethods(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	id := o.user("ada@example.com")
	foreign := o.call("POST", "/users/"+id+"/lifecycle/vanish", nil)
	assert.Equal(t, 404, foreign.status)
	assert.JSONEq(t, `{"status":404,"message":"Resource not found"}`, foreign.raw)
	o.want(404, "E0000008", "GET", "/nonsense", nil)
	o.want(401, "E0000015", "GET", "/users/"+id+"/blocks", nil)
	o.want(405, "E0000022", "PATCH", "/users/"+id, nil)
	o.want(405, "E0000022", "DELETE", "/groups", nil)
	o.want(405, "E0000022", "POST", "/logs", object{})
	page := o.callAs("", "GET", o.url+"/login", nil)
	assert.Equal(t, 404, page.status)
	assert.Contains(t, page.header.Get("Content-Type"), "text/html")
}

func TestBodiesMustBeJSON(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	o.want(400, "E0000003", "POST", "/users", `{"profile":`)
	o.want(400, "E0000003", "POST", "/users", `{} {}`)
	o.want(400, "E0000003", "POST", "/users", nil)
	for kind, code := range map[string]string{"text/plain": "E0000019", "": "E0000018"} {
		req := o.request("SSWS "+token, "POST", "/groups", `{}`)
		req.Header.Del("Content-Type")
		if kind != "" {
			req.Header.Set("Content-Type", kind)
		}
		resp, err := http.DefaultClient.Do(req)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		assert.Equal(t, 400, resp.StatusCode, code)
	}
}

func TestOptionsThatMakeNoSenseAreRefused(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string]oktasim.Options{
		"unknown plan":   {Limits: "platinum"},
		"share too big":  {TokenShare: 101},
		"negative delay": {RuleDelay: -1},
		"bad key":        {Clients: []oktasim.OAuthClient{{ID: "x", Keys: []byte(`{"kty":"oct"}`)}}},
	} {
		_, err := oktasim.New(opts)
		require.Error(t, err, name)
	}
}
