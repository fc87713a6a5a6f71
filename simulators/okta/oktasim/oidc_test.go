package oktasim_test

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"math/big"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/simulators/okta/oktasim"
)

const (
	webID     = "0oaWEB"
	webSecret = "a secret: with/odd+characters"
	callback  = "https://app.example.com/callback"
	verifier  = "a-verifier-of-at-least-forty-three-characters-in-all"
)

func challengeOf(v string) string {
	sum := sha256.Sum256([]byte(v))
	return b64(sum[:])
}

// web is a web application of an org, and a browser that follows nothing by itself.
type web struct {
	*org
	browser *http.Client
}

func newWeb(t *testing.T, change ...func(*oktasim.WebApp)) *web {
	t.Helper()
	o := newOrg(t)
	app := oktasim.WebApp{ID: webID, Name: "Reviews", Secret: webSecret, RedirectURIs: []string{callback}}
	for _, f := range change {
		f(&app)
	}
	require.NoError(t, o.sim.RegisterWebApp(app))
	return &web{org: o, browser: &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

func (w *web) asks(change ...string) url.Values {
	q := url.Values{
		"client_id": {webID}, "redirect_uri": {callback}, "response_type": {"code"}, "scope": {"openid profile"}, "state": {"s1"}, "nonce": {"n1"},
		"code_challenge": {challengeOf(verifier)}, "code_challenge_method": {"S256"},
	}
	for i := 0; i+1 < len(change); i += 2 {
		q.Set(change[i], change[i+1])
	}
	return q
}

func (w *web) send(r *http.Request, err error) got {
	w.t.Helper()
	require.NoError(w.t, err)
	answer, err := w.browser.Do(r)
	require.NoError(w.t, err)
	defer func() { _ = answer.Body.Close() }()
	raw, err := io.ReadAll(answer.Body)
	require.NoError(w.t, err)
	return got{answer.StatusCode, answer.Header, string(raw)}
}

func (w *web) get(path string) got {
	return w.send(http.NewRequestWithContext(w.t.Context(), http.MethodGet, w.url+path, nil))
}

func (w *web) postForm(path string, form url.Values, basic bool) got {
	r, err := http.NewRequestWithContext(w.t.Context(), http.MethodPost, w.url+path, strings.NewReader(form.Encode()))
	require.NoError(w.t, err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if basic {
		r.SetBasicAuth(url.QueryEscape(webID), url.QueryEscape(webSecret))
	}
	return w.send(r, nil)
}

func (w *web) signsIn(login string, asks url.Values) got {
	return w.postForm("/desk/sign-in", url.Values{"request": {asks.Encode()}, "login": {login}}, false)
}

// back is where an answer sends the browser.
func (w *web) back(g got) url.Values {
	w.t.Helper()
	require.Contains(w.t, []int{http.StatusFound, http.StatusSeeOther}, g.status, g.raw)
	require.True(w.t, strings.HasPrefix(g.header.Get("Location"), callback+"?"), g.header.Get("Location"))
	u, err := url.Parse(g.header.Get("Location"))
	require.NoError(w.t, err)
	require.Equal(w.t, "s1", u.Query().Get("state"))
	return u.Query()
}

func (w *web) redeems(code string, change ...string) got {
	form := url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {callback}, "code_verifier": {verifier}}
	for i := 0; i+1 < len(change); i += 2 {
		form.Set(change[i], change[i+1])
	}
	return w.postForm("/oauth2/v1/token", form, true)
}

func TestAPersonSignsInToAWebApp(t *testing.T) {
	t.Parallel()
	w := newWeb(t)
	id := w.user("ada@example.com")
	first := w.get("/oauth2/v1/authorize?" + w.asks().Encode())
	require.Equal(t, http.StatusFound, first.status)
	sheet := w.get(first.header.Get("Location"))
	require.Equal(t, http.StatusOK, sheet.status)
	require.Contains(t, sheet.raw, `<option value="ada@example.com">`)
	code := w.back(w.signsIn("ada@example.com", w.asks())).Get("code")
	require.NotEmpty(t, code)
	tokens := w.redeems(code)
	require.Equal(t, http.StatusOK, tokens.status, tokens.raw)
	claims := w.verified(tokens.object(t)["id_token"].(string)) //nolint:errcheck,forcetypeassert // a test
	assert.Equal(t, id, claims["sub"])
	assert.Equal(t, w.url, claims["iss"])
	assert.Equal(t, webID, claims["aud"])
	assert.Equal(t, "n1", claims["nonce"])
	assert.Equal(t, "ada@example.com", claims["preferred_username"])
	assert.NotContains(t, claims, "email", "nobody asked for it")
	assert.InDelta(t, float64(start.Add(time.Hour).Unix()), claims["exp"], 0)

	info := w.callAs("Bearer "+tokens.object(t)["access_token"].(string), "GET", w.url+"/oauth2/v1/userinfo", nil) //nolint:errcheck,forcetypeassert // a test
	assert.Equal(t, id, info.object(t)["sub"])
	assert.Equal(t, http.StatusUnauthorized, w.callAs("Bearer nobody", "GET", w.url+"/oauth2/v1/userinfo", nil).status)

	again := w.redeems(code)
	assert.Equal(t, http.StatusBadRequest, again.status, "a code is good once")
	assert.Equal(t, "invalid_grant", again.object(t)["error"])
}

// verified checks an ID token with the keys that the org publishes.
func (w *web) verified(token string) map[string]any {
	w.t.Helper()
	parts := strings.Split(token, ".")
	require.Len(w.t, parts, 3)
	var set struct {
		Keys []struct {
			N string `json:"n"`
			E string `json:"e"`
		} `json:"keys"`
	}
	require.NoError(w.t, json.Unmarshal([]byte(w.get("/oauth2/v1/keys").raw), &set))
	n, err := base64.RawURLEncoding.DecodeString(set.Keys[0].N)
	require.NoError(w.t, err)
	e, err := base64.RawURLEncoding.DecodeString(set.Keys[0].E)
	require.NoError(w.t, err)
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	require.NoError(w.t, err)
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	key := &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: int(new(big.Int).SetBytes(e).Int64())}
	require.NoError(w.t, rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], signature))
	raw, err := base64.RawURLEncoding.DecodeString(parts[1])
	require.NoError(w.t, err)
	var claims map[string]any
	require.NoError(w.t, json.Unmarshal(raw, &claims))
	return claims
}

func TestARequestFromNowhereGoesNowhere(t *testing.T) {
	t.Parallel()
	w := newWeb(t)
	for _, asks := range []url.Values{
		w.asks("redirect_uri", "https://evil.example.com/callback"), w.asks("redirect_uri", callback+"/more"), w.asks("redirect_uri", ""), w.asks("client_id", "0oaOTHER"),
	} {
		g := w.get("/oauth2/v1/authorize?" + asks.Encode())
		assert.Equal(t, http.StatusBadRequest, g.status)
		assert.Empty(t, g.header.Get("Location"))
		assert.Equal(t, http.StatusBadRequest, w.signsIn("ada@example.com", asks).status)
	}
}

func TestAWrongRequestGoesBackWithAnError(t *testing.T) {
	t.Parallel()
	w := newWeb(t)
	for want, asks := range map[string]url.Values{
		"unsupported_response_type": w.asks("response_type", "token"), "invalid_scope": w.asks("scope", "profile"),
		"invalid_request": w.asks("code_challenge_method", "plain"), "login_required": w.asks("prompt", "none"),
	} {
		assert.Equal(t, want, w.back(w.get("/oauth2/v1/authorize?"+asks.Encode())).Get("error"))
	}
}

func TestOnlyActivePeopleToWhomItIsAssignedSignIn(t *testing.T) {
	t.Parallel()
	w := newWeb(t, func(a *oktasim.WebApp) { a.Users = []string{"Ada@example.com", "eve@example.com"} })
	w.user("ada@example.com")
	w.user("ben@example.com")
	w.user("eve@example.com")
	require.NoError(t, w.sim.SetStatus("eve@example.com", "SUSPENDED"))
	assert.NotEmpty(t, w.back(w.signsIn("ada@example.com", w.asks())).Get("code"))
	assert.Equal(t, "access_denied", w.back(w.signsIn("ben@example.com", w.asks())).Get("error"))
	for _, login := range []string{"eve@example.com", "nobody@example.com", ""} {
		g := w.signsIn(login, w.asks())
		assert.Equal(t, http.StatusUnauthorized, g.status)
		assert.Contains(t, g.raw, "Unable to sign in")
	}
}

func TestACodeThatDoesNotHoldIsRefused(t *testing.T) {
	t.Parallel()
	w := newWeb(t)
	w.user("ada@example.com")
	code := func() string { return w.back(w.signsIn("ada@example.com", w.asks())).Get("code") }
	refused := func(g got, want string) {
		t.Helper()
		assert.Contains(t, []int{http.StatusBadRequest, http.StatusUnauthorized}, g.status)
		assert.Equal(t, want, g.object(t)["error"])
	}
	refused(w.redeems("made-up"), "invalid_grant")
	refused(w.redeems(code(), "code_verifier", verifier+"x"), "invalid_grant")
	refused(w.redeems(code(), "code_verifier", ""), "invalid_grant")
	refused(w.redeems(code(), "redirect_uri", callback+"2"), "invalid_grant")
	refused(w.postForm("/oauth2/v1/token", url.Values{
		"grant_type": {"authorization_code"}, "code": {code()}, "redirect_uri": {callback}, "code_verifier": {verifier}, "client_id": {webID}, "client_secret": {"wrong"},
	}, false), "invalid_client")
	late := code()
	w.sim.Advance(5 * time.Minute)
	refused(w.redeems(late), "invalid_grant")
	shut := code()
	require.NoError(t, w.sim.SetStatus("ada@example.com", "SUSPENDED"))
	refused(w.redeems(shut), "invalid_grant")
}
