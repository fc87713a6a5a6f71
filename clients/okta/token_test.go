package okta_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/clients/okta"
)

var testKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

func pkcs1(t *testing.T) string {
	t.Helper()
	return string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(testKey())}))
}

func pkcs8(t *testing.T, key any) string {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

const tokenPath = "/oauth2/v1/token"

// tokenOrg hands out the tokens token-1, token-2, … and passes other calls to api.
func tokenOrg(t *testing.T, api http.HandlerFunc) (o *org, minted *atomic.Int64) {
	t.Helper()
	minted = &atomic.Int64{}
	o = newOrg(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == tokenPath {
			answer(w, http.StatusOK, fmt.Sprintf(`{"token_type":"Bearer","expires_in":3600,"access_token":"token-%d","scope":"x"}`, minted.Add(1)))
			return
		}
		api(w, r)
	})
	return o, minted
}

func (o *org) app(t *testing.T, edit func(*okta.Config)) *okta.Client {
	t.Helper()
	return o.client(t, func(cfg *okta.Config) {
		cfg.Token = ""
		cfg.OAuth = &okta.OAuth{ClientID: "0oaclient", KeyID: "kid-1", PrivateKey: pkcs8(t, testKey()), Scopes: []string{"okta.users.read", "okta.users.manage"}}
		if edit != nil {
			edit(cfg)
		}
	})
}

func ok(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusOK, userJSON) }

func TestTheAppProvesItselfWithASignedAssertion(t *testing.T) {
	t.Parallel()
	for name, key := range map[string]string{
		"PKCS#1":                pkcs1(t),
		"PKCS#8":                pkcs8(t, testKey()),
		"line ends written out": strings.ReplaceAll(pkcs8(t, testKey()), "\n", `\n`),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o, minted := tokenOrg(t, ok)
			c := o.app(t, func(cfg *okta.Config) { cfg.OAuth.PrivateKey = key })
			for range 3 {
				_, err := c.GetUser(t.Context(), testUser)
				require.NoError(t, err)
			}
			assert.Equal(t, int64(1), minted.Load(), "a token is kept")
			calls := o.seen()
			require.Len(t, calls, 4)
			ask := calls[0]
			assert.Equal(t, tokenPath, ask.path)
			assert.Empty(t, ask.query, "the assertion must not stand in a URL")
			assert.Empty(t, ask.header.Get("Authorization"))
			form, err := url.ParseQuery(ask.body)
			require.NoError(t, err)
			assert.Equal(t, "client_credentials", form.Get("grant_type"))
			assert.Equal(t, "okta.users.read okta.users.manage", form.Get("scope"))
			assert.Equal(t, "urn:ietf:params:oauth:client-assertion-type:jwt-bearer", form.Get("client_assertion_type"))

			parsed, err := jwt.ParseSigned(form.Get("client_assertion"), []jose.SignatureAlgorithm{jose.RS256})
			require.NoError(t, err)
			assert.Equal(t, "kid-1", parsed.Headers[0].KeyID)
			claims := map[string]any{}
			require.NoError(t, parsed.Claims(testKey().Public(), &claims), "the signature must hold")
			assert.Equal(t, "0oaclient", claims["iss"])
			assert.Equal(t, "0oaclient", claims["sub"])
			assert.Equal(t, o.URL+"/tenant"+tokenPath, claims["aud"])
			assert.NotEmpty(t, claims["jti"])
			issued, isNumber := claims["iat"].(float64)
			require.True(t, isNumber)
			assert.InDelta(t, issued+300, claims["exp"], 0)
			for _, call := range calls[1:] {
				assert.Equal(t, "Bearer token-1", call.header.Get("Authorization"))
			}
		})
	}
}

func TestManyCallersShareOneToken(t *testing.T) {
	t.Parallel()
	o, minted := tokenOrg(t, ok)
	c := o.app(t, nil)
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			_, err := c.GetUser(t.Context(), testUser)
			assert.NoError(t, err)
		})
	}
	wg.Wait()
	assert.Equal(t, int64(1), minted.Load())
}

func TestATokenIsRenewedBeforeItEnds(t *testing.T) {
	t.Parallel()
	o, minted := tokenOrg(t, ok)
	now := time.Now()
	c := o.app(t, func(cfg *okta.Config) { cfg.Now = func() time.Time { return now } })
	for _, step := range []struct {
		pass time.Duration
		want int64
	}{{0, 1}, {58 * time.Minute, 1}, {90 * time.Second, 2}} {
		now = now.Add(step.pass)
		_, err := c.GetUser(t.Context(), testUser)
		require.NoError(t, err)
		assert.Equal(t, step.want, minted.Load())
	}
}

func TestARefusedTokenIsDropped(t *testing.T) {
	t.Parallel()
	for name, refuse := range map[string]http.HandlerFunc{
		"expired": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("WWW-Authenticate", `Bearer error="invalid_token", error_description="The token has expired."`)
			w.WriteHeader(http.StatusUnauthorized)
		},
		"unknown": func(w http.ResponseWriter, _ *http.Request) { refusal(w, 403, "E0000005", "Invalid session") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var bad atomic.Value
			bad.Store("Bearer none")
			o, minted := tokenOrg(t, func(w http.ResponseWriter, r *http.Request) {
				if r.Header.Get("Authorization") == bad.Load() {
					refuse(w, r)
					return
				}
				ok(w, r)
			})
			c := o.app(t, nil)
			_, err := c.GetUser(t.Context(), testUser)
			require.NoError(t, err)

			bad.Store("Bearer token-1") // revoked meanwhile
			_, err = c.GetUser(t.Context(), testUser)
			e := requireKind(t, okta.Unavailable, err)
			assert.Contains(t, e.Summary, "dropped")
			_, err = c.GetUser(t.Context(), testUser)
			require.NoError(t, err, "the next try has a new token")
			assert.Equal(t, int64(2), minted.Load())
		})
	}
	t.Run("a fresh one that is refused puts the credential in doubt", func(t *testing.T) {
		t.Parallel()
		o, minted := tokenOrg(t, func(w http.ResponseWriter, _ *http.Request) { refusal(w, 403, "E0000005", "Invalid session") })
		c := o.app(t, nil)
		for range 2 {
			_, err := c.GetUser(t.Context(), testUser)
			checkKind(t, okta.Unauthorized, err)
		}
		assert.Equal(t, int64(2), minted.Load())
	})
	t.Run("a missing scope and a missing feature do not drop it", func(t *testing.T) {
		t.Parallel()
		o, minted := tokenOrg(t, func(w http.ResponseWriter, r *http.Request) {
			if strings.Contains(r.URL.Path, "/groups/") {
				w.Header().Set("WWW-Authenticate", `Bearer scope="okta.groups.read", error="insufficient_scope"`)
				w.WriteHeader(http.StatusForbidden)
				return
			}
			refusal(w, 401, "E0000015", "You do not have permission to access the feature you are requesting")
		})
		c := o.app(t, nil)
		for range 2 {
			_, err := c.GetGroup(t.Context(), testGroup)
			checkKind(t, okta.Unauthorized, err)
			_, err = c.GetUser(t.Context(), testUser)
			checkKind(t, okta.Denied, err)
		}
		assert.Equal(t, int64(1), minted.Load())
	})
}

func TestTheTokenCallFailsByKind(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		handler http.HandlerFunc
		want    okta.Kind
		says    string
	}{
		"a key Okta does not know": {func(w http.ResponseWriter, _ *http.Request) {
			answer(w, 401, `{"error":"invalid_client","error_description":"The client_assertion token has an invalid signature."}`)
		}, okta.Unauthorized, "invalid_client"},
		"a scope that is not granted": {func(w http.ResponseWriter, _ *http.Request) {
			answer(w, 400, `{"error":"invalid_scope","error_description":"One or more scopes are not configured."}`)
		}, okta.Unauthorized, "invalid_scope"},
		"DPoP switched on": {func(w http.ResponseWriter, _ *http.Request) {
			answer(w, 400, `{"error":"invalid_dpop_proof","error_description":"The DPoP proof JWT header is missing."}`)
		}, okta.Unauthorized, "Require DPoP"},
		"a DPoP token": {func(w http.ResponseWriter, _ *http.Request) {
			answer(w, 200, `{"token_type":"DPoP","expires_in":3600,"access_token":"x"}`)
		}, okta.Unauthorized, "Require DPoP"},
		"no token in the answer": {func(w http.ResponseWriter, _ *http.Request) { answer(w, 200, `{}`) }, okta.Unavailable, "no token"},
		"a page": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			answer(w, 200, `<html>`)
		}, okta.Unavailable, "not JSON"},
		"an error of Okta's": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) }, okta.Unavailable, "500"},
		"a lost answer":      {hangUp, okta.Unavailable, "no answer came"},
		"too many":           {func(w http.ResponseWriter, _ *http.Request) { refusal(w, 429, "E0000047", "too many") }, okta.RateLimited, "E0000047"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOrg(t, tt.handler)
			e := requireKind(t, tt.want, o.app(t, nil).Suspend(t.Context(), testUser))
			assert.Contains(t, e.Error(), tt.says)
			assert.Contains(t, e.Error(), "Suspend")
			calls := o.seen()
			require.Len(t, calls, 1, "one token call, and the change was never sent")
			form, err := url.ParseQuery(calls[0].body)
			require.NoError(t, err)
			assert.NotContains(t, e.Error(), form.Get("client_assertion"))
		})
	}
}

func TestTheContextEndsATokenCallAndTheWaitForOne(t *testing.T) {
	t.Parallel()
	arrived, release := make(chan struct{}, 8), make(chan struct{})
	o := newOrg(t, func(_ http.ResponseWriter, _ *http.Request) {
		arrived <- struct{}{}
		<-release
	})
	t.Cleanup(func() { close(release) })
	c := o.app(t, nil)
	first, stopFirst := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- c.Suspend(first, testUser) }()
	<-arrived // the first caller is fetching, so a second must wait

	second, stopSecond := context.WithCancel(t.Context())
	stopSecond()
	err := c.Suspend(second, testUser)
	checkKind(t, okta.Unavailable, err)
	require.ErrorIs(t, err, context.Canceled)

	stopFirst()
	err = <-done
	checkKind(t, okta.Unavailable, err)
	require.ErrorIs(t, err, context.Canceled)
}

func TestSettingsAreChecked(t *testing.T) {
	t.Parallel()
	weak, err := rsa.GenerateKey(rand.Reader, 1024)
	require.NoError(t, err)
	elliptical, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	app := func(key string) *okta.OAuth {
		return &okta.OAuth{ClientID: "0oa", PrivateKey: key, Scopes: []string{"okta.users.read"}}
	}
	tests := map[string]struct {
		cfg  okta.Config
		says string
	}{
		"no address":         {okta.Config{Token: "t"}, "OrgURL is empty"},
		"no address at all":  {okta.Config{Token: "t", OrgURL: "acme"}, "no plain address"},
		"with a query":       {okta.Config{Token: "t", OrgURL: "https://a.okta.com?x=1"}, "no plain address"},
		"with a password":    {okta.Config{Token: "t", OrgURL: "https://u:p@a.okta.com"}, "no plain address"},
		"plain HTTP":         {okta.Config{Token: "t", OrgURL: "http://a.okta.com"}, "http://"},
		"another scheme":     {okta.Config{Token: "t", OrgURL: "ftp://a.okta.com"}, "want https://"},
		"the admin console":  {okta.Config{Token: "t", OrgURL: "https://acme-admin.okta.com"}, "use acme.okta.com"},
		"no credential":      {okta.Config{OrgURL: "https://a.okta.com"}, "either Token"},
		"two credentials":    {okta.Config{OrgURL: "https://a.okta.com", Token: "t", OAuth: app("")}, "either Token"},
		"a scheme and token": {okta.Config{OrgURL: "https://a.okta.com", Token: "SSWS t"}, "bare token"},
		"a negative timeout": {okta.Config{OrgURL: "https://a.okta.com", Token: "t", Timeout: -1}, "negative"},
		"no key":             {okta.Config{OrgURL: "https://a.okta.com", OAuth: app("secretnonsense")}, "not PEM"},
		"a weak key":         {okta.Config{OrgURL: "https://a.okta.com", OAuth: app(pkcs8(t, weak))}, "1024 bits"},
		"an EC key":          {okta.Config{OrgURL: "https://a.okta.com", OAuth: app(pkcs8(t, elliptical))}, "want an RSA key"},
		"a damaged key":      {okta.Config{OrgURL: "https://a.okta.com", OAuth: app("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")}, "damaged"},
		"a public key":       {okta.Config{OrgURL: "https://a.okta.com", OAuth: app("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n")}, `"PUBLIC KEY"`},
		"no client":          {okta.Config{OrgURL: "https://a.okta.com", OAuth: &okta.OAuth{Scopes: []string{"x"}}}, "ClientID"},
		"no scopes":          {okta.Config{OrgURL: "https://a.okta.com", OAuth: &okta.OAuth{ClientID: "x"}}, "Scopes"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := okta.New(tt.cfg)
			require.ErrorContains(t, err, tt.says)
			assert.NotContains(t, err.Error(), "secretnonsense")
		})
	}
}

func TestSettingsPrintWithoutSecrets(t *testing.T) {
	t.Parallel()
	cfg := okta.Config{OrgURL: "https://a.okta.com", Token: testToken}
	withApp := okta.Config{OrgURL: "https://a.okta.com", OAuth: &okta.OAuth{ClientID: "0oa", PrivateKey: testToken}}
	for _, v := range []any{cfg, &cfg, withApp, *withApp.OAuth, withApp.OAuth, okta.NewEventHook{Name: "n", Secret: testToken}} {
		for _, format := range []string{"%v", "%+v", "%#v", "%s"} {
			assert.NotContains(t, fmt.Sprintf(format, v), testToken)
		}
	}
}
