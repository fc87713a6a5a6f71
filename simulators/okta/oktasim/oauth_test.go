package oktasim_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/simulators/okta/oktasim"
)

func newTLS(t *testing.T, o *org) *httptest.Server {
	t.Helper()
	web := httptest.NewUnstartedServer(o.sim.Handler())
	web.EnableHTTP2 = true
	web.StartTLS()
	t.Cleanup(web.Close)
	return web
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func encodeJSON(t *testing.T, v any) string {
	t.Helper()
	raw, err := json.Marshal(v)
	require.NoError(t, err)
	return b64(raw)
}

func signRSA(t *testing.T, key *rsa.PrivateKey, claims object) string {
	t.Helper()
	text := encodeJSON(t, object{"alg": "RS256", "kid": "k1"}) + "." + encodeJSON(t, claims)
	sum := sha256.Sum256([]byte(text))
	sig, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	require.NoError(t, err)
	return text + "." + b64(sig)
}

func rsaClient(t *testing.T, id string, scopes ...string) (*rsa.PrivateKey, oktasim.OAuthClient) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	jwks, err := json.Marshal(object{"keys": []object{{"kty": "RSA", "kid": "k1", "n": b64(key.N.Bytes()), "e": b64(big.NewInt(int64(key.E)).Bytes())}}})
	require.NoError(t, err)
	return key, oktasim.OAuthClient{ID: id, Name: "Latchkey service", Scopes: scopes, Keys: jwks}
}

func (o *org) claims(client string) object {
	return object{"iss": client, "sub": client, "aud": o.url + "/oauth2/v1/token", "exp": start.Add(5 * time.Minute).Unix()}
}

func (o *org) askToken(assertion, scope string) got {
	o.t.Helper()
	form := url.Values{
		"grant_type": {"client_credentials"}, "scope": {scope}, "client_assertion": {assertion},
		"client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
	}
	req := o.request("", "POST", "/oauth2/v1/token?"+form.Encode(), nil) // in the query, as okta-sdk-golang does
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := http.DefaultClient.Do(req)
	require.NoError(o.t, err)
	defer func() { _ = resp.Body.Close() }()
	var body json.RawMessage
	require.NoError(o.t, json.NewDecoder(resp.Body).Decode(&body))
	return got{resp.StatusCode, resp.Header, string(body)}
}

func (o *org) accessToken(key *rsa.PrivateKey, client, scope string) string {
	o.t.Helper()
	g := o.askToken(signRSA(o.t, key, o.claims(client)), scope)
	require.Equal(o.t, 200, g.status, g.raw)
	secret, isText := g.object(o.t)["access_token"].(string)
	require.True(o.t, isText)
	return secret
}

func TestServiceAppSignsInAndItsScopesHold(t *testing.T) {
	t.Parallel()
	key, client := rsaClient(t, "0oaClient", "okta.users.read", "okta.users.manage", "okta.groups.read")
	o := newOrg(t, func(opts *oktasim.Options) { opts.Clients = []oktasim.OAuthClient{client} })
	uid := o.user("ada@example.com")
	g := o.askToken(signRSA(t, key, o.claims("0oaClient")), "okta.users.read okta.users.manage")
	require.Equal(t, 200, g.status, g.raw)
	answer := g.object(t)
	assert.Equal(t, "Bearer", answer["token_type"])
	assert.InDelta(t, 3600.0, answer["expires_in"], 0)
	assert.Equal(t, "okta.users.read okta.users.manage", answer["scope"])
	secret, isText := answer["access_token"].(string)
	require.True(t, isText)
	bearer := "Bearer " + secret

	assert.Equal(t, 200, o.callAs(bearer, "POST", "/users/"+uid+"/lifecycle/suspend", nil).status)
	last := o.sim.Log()[len(o.sim.Log())-1]
	assert.Equal(t, "0oaClient", last.ClientID)
	assert.Equal(t, "0oaClient", last.ActorID)
	assert.Empty(t, last.TokenID)

	missing := o.callAs(bearer, "GET", "/groups", nil)
	assert.Equal(t, 403, missing.status)
	assert.Empty(t, missing.raw, "an EMPTY body")
	challenge := missing.header.Get("WWW-Authenticate")
	assert.True(t, strings.HasPrefix(challenge, "Bearer "))
	assert.Contains(t, challenge, `scope="okta.groups.read"`)
	assert.Contains(t, challenge, `error="insufficient_scope"`)
	assert.Contains(t, challenge, `error_description="The access token provided does not contain the required scopes."`)

	o.sim.Advance(61 * time.Minute)
	expired := o.callAs(bearer, "GET", "/users", nil)
	assert.Equal(t, 401, expired.status)
	assert.Contains(t, expired.header.Get("WWW-Authenticate"), `error="invalid_token"`)
}

func TestServiceAppNeedsAnAdminRoleToo(t *testing.T) {
	t.Parallel()
	key, client := rsaClient(t, "0oaReader", "okta.users.read", "okta.users.manage")
	client.Roles = []string{"READ_ONLY_ADMIN"}
	o := newOrg(t, func(opts *oktasim.Options) { opts.Clients = []oktasim.OAuthClient{client} })
	uid := o.user("ada@example.com")
	bearer := "Bearer " + o.accessToken(key, "0oaReader", "okta.users.read okta.users.manage")
	assert.Equal(t, 200, o.callAs(bearer, "GET", "/users/"+uid, nil).status)
	assert.Equal(t, "E0000006", o.callAs(bearer, "POST", "/users/"+uid+"/lifecycle/suspend", nil).code())
}

func TestBadAssertionsAreRefused(t *testing.T) {
	t.Parallel()
	key, client := rsaClient(t, "0oaClient", "okta.users.read")
	stranger, _ := rsaClient(t, "0oaClient")
	o := newOrg(t, func(opts *oktasim.Options) { opts.Clients = []oktasim.OAuthClient{client} })
	with := func(name string, value any) object {
		c := o.claims("0oaClient")
		c[name] = value
		return c
	}
	tests := map[string]string{
		"not a JWT":        "nope",
		"foreign key":      signRSA(t, stranger, o.claims("0oaClient")),
		"unknown client":   signRSA(t, key, o.claims("0oaOther")),
		"other subject":    signRSA(t, key, with("sub", "0oaOther")),
		"wrong audience":   signRSA(t, key, with("aud", "https://example.com")),
		"expired":          signRSA(t, key, with("exp", start.Add(-time.Minute).Unix())),
		"too far ahead":    signRSA(t, key, with("exp", start.Add(2*time.Hour).Unix())),
		"algorithm none":   encodeJSON(t, object{"alg": "none"}) + "." + encodeJSON(t, o.claims("0oaClient")) + ".",
		"algorithm HS256?": encodeJSON(t, object{"alg": "HS256"}) + "." + encodeJSON(t, o.claims("0oaClient")) + "." + b64([]byte("x")),
	}
	for name, assertion := range tests {
		g := o.askToken(assertion, "okta.users.read")
		assert.Equal(t, 401, g.status, name)
		assert.Equal(t, "invalid_client", g.object(t)["error"], name)
	}
	assert.Equal(t, "invalid_scope", o.askToken(signRSA(t, key, o.claims("0oaClient")), "okta.groups.manage").object(t)["error"])
	once := signRSA(t, key, with("jti", "only-once"))
	assert.Equal(t, 200, o.askToken(once, "okta.users.read").status)
	assert.Equal(t, 401, o.askToken(once, "okta.users.read").status, "a jti works once")
}

func TestES256(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	point, err := key.PublicKey.Bytes()
	require.NoError(t, err)
	jwk, err := json.Marshal(object{"kty": "EC", "crv": "P-256", "x": b64(point[1:33]), "y": b64(point[33:])})
	require.NoError(t, err)
	require.NoError(t, o.sim.RegisterClient(oktasim.OAuthClient{ID: "0oaEC", Scopes: []string{"okta.users.read"}, Keys: jwk}))

	text := encodeJSON(t, object{"alg": "ES256"}) + "." + encodeJSON(t, o.claims("0oaEC"))
	sum := sha256.Sum256([]byte(text))
	r, s, err := ecdsa.Sign(rand.Reader, key, sum[:])
	require.NoError(t, err)
	sig := append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
	assert.Equal(t, 200, o.askToken(text+"."+b64(sig), "okta.users.read").status)
	sig[5] ^= 1
	assert.Equal(t, 401, o.askToken(text+"."+b64(sig), "okta.users.read").status)
}
