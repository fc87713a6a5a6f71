package oktasim

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// The org authorization server signs people in to applications: authorization code, with PKCE where the application
// asks for it. Its issuer is the org's own address, and the subject of its ID tokens is the user's ID
// [D docs/api/openapi/okta-oauth/oauth/orgas; guides/implement-grant-type/authcodepkce].
const (
	discoveryPath = "/.well-known/openid-configuration"
	authorizePath = "/oauth2/v1/authorize"
	keysPath      = "/oauth2/v1/keys"
	userinfoPath  = "/oauth2/v1/userinfo"

	codeLife    = 300 * time.Second // [D guides/implement-grant-type/authcode: "valid for 300 seconds"]
	idTokenLife = time.Hour
)

// WebApp is an OIDC web application that people sign in to.
type WebApp struct {
	ID           string   `json:"id"`     // client_id
	Name         string   `json:"name"`   // as the sign-in page and the System Log name it
	Secret       string   `json:"secret"` // client_secret
	RedirectURIs []string `json:"redirect_uris"`
	// Users are the IDs or logins of those to whom it is assigned; empty means everybody.
	Users []string `json:"users"`
}

// webSignIn is what the server remembers of people signing in. Guarded by Server.mu, except keys.
type webSignIn struct {
	apps   map[string]WebApp
	codes  map[string]*authCode
	access map[string]*personToken // by secret

	once sync.Once
	key  *rsa.PrivateKey
	err  error
}

// authCode is a code that was handed out and not yet redeemed.
type authCode struct {
	app, redirect, user, nonce, challenge, scope string
	authTime, expires                            time.Time
}

type personToken struct {
	user    string
	scopes  []string
	expires time.Time
}

// RegisterWebApp adds or replaces a web application.
func (s *Server) RegisterWebApp(app WebApp) error {
	if app.ID == "" || app.Secret == "" || len(app.RedirectURIs) == 0 {
		return fmt.Errorf("web app %q: an id, a secret and a redirect URI are required", app.Name)
	}
	for _, to := range app.RedirectURIs {
		if u, err := url.Parse(to); err != nil || u.Host == "" || u.Fragment != "" {
			return fmt.Errorf("web app %q: %q is no redirect URI", app.ID, to)
		}
	}
	if app.Name == "" {
		app.Name = app.ID
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.web.apps == nil {
		s.web.apps = map[string]WebApp{}
	}
	s.web.apps[app.ID] = app
	return nil
}

// signingKey is the org's key, made when it is first needed.
func (w *webSignIn) signingKey() (*rsa.PrivateKey, error) {
	w.once.Do(func() { w.key, w.err = rsa.GenerateKey(rand.Reader, 2048) })
	return w.key, w.err
}

// keyID names a key in the form of Okta's: 43 characters of base64url.
func keyID(key *rsa.PrivateKey) string {
	sum := sha256.Sum256(key.N.Bytes())
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

func (s *Server) serveDiscovery(w http.ResponseWriter, r *http.Request) {
	base := baseURL(r)
	rep := &reply{status: http.StatusOK, header: http.Header{"Cache-Control": {"max-age=86400, must-revalidate"}}}
	rep.setJSON(object{
		"issuer": base, "authorization_endpoint": base + authorizePath, "token_endpoint": base + tokenPath,
		"userinfo_endpoint": base + userinfoPath, "jwks_uri": base + keysPath,
		"response_types_supported": []string{"code"}, "response_modes_supported": []string{"query"},
		"grant_types_supported": []string{"authorization_code", "client_credentials"}, "subject_types_supported": []string{"public"},
		"id_token_signing_alg_values_supported": []string{"RS256"},
		"scopes_supported":                      []string{"openid", "profile", "email"},
		"token_endpoint_auth_methods_supported": []string{"client_secret_basic", "client_secret_post", "private_key_jwt"},
		"claims_supported":                      []string{"iss", "ver", "sub", "aud", "iat", "exp", "jti", "auth_time", "amr", "idp", "nonce", "name", "preferred_username", "email", "at_hash"},
		"code_challenge_methods_supported":      []string{"S256"},
	})
	rep.write(w)
}

func (s *Server) serveKeys(w http.ResponseWriter, _ *http.Request) {
	key, err := s.web.signingKey()
	if err != nil {
		writeRaw(w, http.StatusInternalServerError, jsonType, []byte(`{"error":"server_error"}`))
		return
	}
	rep := &reply{status: http.StatusOK, header: http.Header{"Cache-Control": {"max-age=3600"}}}
	rep.setJSON(object{"keys": []object{{
		"kty": "RSA", "alg": "RS256", "use": "sig", "kid": keyID(key), "n": base64.RawURLEncoding.EncodeToString(key.N.Bytes()),
		"e": base64.RawURLEncoding.EncodeToString(big.NewInt(int64(key.E)).Bytes()),
	}}})
	rep.write(w)
}

// request is an authorization request that has been looked at.
type authRequest struct {
	app       WebApp
	redirect  string
	state     string
	nonce     string
	challenge string
	scope     string
}

// errUnsafe is returned for a request that may not be answered by going back: nobody knows to whom.
var errUnsafe = errors.New("unknown application or redirect URI")

// backError is an error that goes back to the application.
type backError struct{ code, text string }

func (e *backError) Error() string { return e.code + ": " + e.text }

// readAuthRequest checks an authorization request as Okta does: first whether it may be answered at all.
func (s *Server) readAuthRequest(q url.Values) (authRequest, error) {
	s.mu.Lock()
	app, known := s.web.apps[q.Get("client_id")]
	s.mu.Unlock()
	r := authRequest{
		app: app, redirect: q.Get("redirect_uri"), state: q.Get("state"), nonce: q.Get("nonce"), challenge: q.Get("code_challenge"), scope: q.Get("scope"),
	}
	if !known || !slices.Contains(app.RedirectURIs, r.redirect) {
		return r, errUnsafe
	}
	switch {
	case r.state == "":
		return r, &backError{"invalid_request", "The authentication request has an invalid 'state' parameter."}
	case q.Get("response_type") != "code":
		return r, &backError{"unsupported_response_type", "The response type is not supported by the authorization server."}
	case !slices.Contains(strings.Fields(r.scope), "openid"):
		return r, &backError{"invalid_scope", "The authentication request has an invalid 'scope' parameter."}
	case r.challenge != "" && q.Get("code_challenge_method") != "S256":
		return r, &backError{"invalid_request", "The value of the 'code_challenge_method' parameter is invalid."}
	case r.challenge != "" && len(r.challenge) != 43:
		return r, &backError{"invalid_request", "The value of the 'code_challenge' parameter is invalid."}
	case q.Get("prompt") == "none":
		return r, &backError{"login_required", "The client specified not to prompt, but the user is not logged in."}
	}
	return r, nil
}

// back is where an answer goes.
func (r authRequest) back(values url.Values) string {
	values.Set("state", r.state)
	sep := "?"
	if strings.Contains(r.redirect, "?") {
		sep = "&"
	}
	return r.redirect + sep + values.Encode()
}

// serveAuthorize sends a browser to the sign-in page, or back with what is wrong.
func (s *Server) serveAuthorize(w http.ResponseWriter, r *http.Request) {
	request, err := s.readAuthRequest(r.URL.Query())
	if s.authorizeFailed(w, r, request, err) {
		return
	}
	http.Redirect(w, r, signInPath+"?"+r.URL.RawQuery, http.StatusFound) //nolint:gosec // a path of ours
}

// authorizeFailed answers a request that is wrong. Without a known redirect URI the vendor shows a page and goes nowhere.
func (s *Server) authorizeFailed(w http.ResponseWriter, r *http.Request, request authRequest, err error) bool {
	wrong, goesBack := errors.AsType[*backError](err)
	switch {
	case err == nil:
		return false
	case goesBack:
		http.Redirect(w, r, request.back(url.Values{"error": {wrong.code}, "error_description": {wrong.text}}), http.StatusFound) //nolint:gosec // one of the application's redirect URIs
	default:
		s.signInPage(w, http.StatusBadRequest, signInView{Problem: "400 Bad Request: the 'client_id' is not known, or the 'redirect_uri' is not a Login redirect URI in the client app settings."})
	}
	return true
}

// redeemCode answers grant_type authorization_code at the token endpoint. Callers hold the lock.
func (s *Server) redeemCode(r *http.Request) (object, *oauthFailure) {
	id, secret, basic := r.BasicAuth()
	if basic { // both are form-encoded within (RFC 6749 §2.3.1)
		id, secret = unescaped(id), unescaped(secret)
	} else {
		id, secret = r.PostForm.Get("client_id"), r.PostForm.Get("client_secret")
	}
	app, known := s.web.apps[id]
	if !known || subtle.ConstantTimeCompare([]byte(app.Secret), []byte(secret)) != 1 {
		return oauthFail(http.StatusUnauthorized, "invalid_client", "The client secret supplied for a confidential client is invalid.")
	}
	code, found := s.web.codes[r.PostForm.Get("code")]
	delete(s.web.codes, r.PostForm.Get("code")) // one try each
	now := s.now()
	if !found || code.app != id || code.redirect != r.PostForm.Get("redirect_uri") || !now.Before(code.expires) {
		return oauthFail(http.StatusBadRequest, "invalid_grant", "The authorization code is invalid or has expired.")
	}
	if !provesPKCE(code.challenge, r.PostForm.Get("code_verifier")) {
		return oauthFail(http.StatusBadRequest, "invalid_grant", "PKCE verification failed.")
	}
	u, there := s.st.users[code.user]
	if !there || u.status != statusActive {
		return oauthFail(http.StatusBadRequest, "invalid_grant", "The authorization code is invalid or has expired.")
	}
	access := randomText(64)
	token, err := s.idToken(baseURL(r), code, u, access, now)
	if err != nil {
		return oauthFail(http.StatusInternalServerError, "server_error", "The ID token could not be made.")
	}
	if s.web.access == nil {
		s.web.access = map[string]*personToken{}
	}
	s.web.access[access] = &personToken{user: u.id, scopes: strings.Fields(code.scope), expires: now.Add(accessLife)}
	s.st.oauthTokens[u.id]++
	by := act{actor: clientActor(app.ID, app.Name), clientID: app.ID, txType: "WEB", txID: requestID(), now: now}
	s.emit(by, "app.oauth2.token.grant.id_token", u.target(), logTarget{Type: "id_token", ID: "id", DisplayName: "ID Token"})
	return object{
		"token_type": "Bearer", "expires_in": int(accessLife.Seconds()), "access_token": access, "scope": code.scope, "id_token": token,
	}, nil
}

func unescaped(text string) string {
	if plain, err := url.QueryUnescape(text); err == nil {
		return plain
	}
	return text
}

// provesPKCE checks a verifier against the challenge that the code was asked with. Without a challenge none may come.
func provesPKCE(challenge, verifier string) bool {
	if challenge == "" {
		return verifier == ""
	}
	sum := sha256.Sum256([]byte(verifier))
	return subtle.ConstantTimeCompare([]byte(base64.RawURLEncoding.EncodeToString(sum[:])), []byte(challenge)) == 1
}
