package oktasim

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

const (
	tokenPath       = "/oauth2/v1/token" //nolint:gosec // a path, not a credential
	assertionType   = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
	accessLife      = time.Hour // fixed at the vendor (§1.2)
	assertionMaxAge = time.Hour
)

type oauthClient struct {
	id, name string
	scopes   []string
	roles    []string
	keys     []publicKey
}

type accessToken struct {
	client  string
	scopes  map[string]bool
	expires time.Time
}

// oauthFailure is the error shape of OAuth endpoints: no errorCode (§1.3).
type oauthFailure struct {
	status int
	Code   string `json:"error"`
	Text   string `json:"error_description"`
}

// RegisterClient adds or replaces an OAuth service app. Errors name what is wrong with its keys.
func (s *Server) RegisterClient(client OAuthClient) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.registerClient(client)
}

func (s *Server) registerClient(client OAuthClient) error {
	keys, err := parseKeys(client.Keys)
	if err != nil {
		return fmt.Errorf("client %q: %w", client.ID, err)
	}
	if client.ID == "" {
		return fmt.Errorf("client %q: an id is required", client.Name)
	}
	name, roles := client.Name, client.Roles
	if name == "" {
		name = client.ID
	}
	if len(roles) == 0 {
		roles = []string{roleSuper}
	}
	s.st.clients[client.ID] = &oauthClient{id: client.ID, name: name, scopes: slices.Clone(client.Scopes), roles: slices.Clone(roles), keys: keys}
	return nil
}

// serveToken answers client_credentials with private_key_jwt. Parameters may come in the form or, as okta-sdk-golang v2
// sends them, in the query (§6.3).
func (s *Server) serveToken(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	s.mu.Lock()
	body, failure := s.issueToken(r)
	s.counters.count(r.Method, tokenPath, failure.statusOr(http.StatusOK))
	s.mu.Unlock()
	w.Header().Set("Cache-Control", "no-cache, no-store")
	w.Header().Set("X-Okta-Request-Id", requestID())
	if failure != nil {
		b, err := json.Marshal(failure)
		if err != nil {
			b = []byte(`{"error":"server_error"}`)
		}
		writeRaw(w, failure.status, jsonType, b)
		return
	}
	b, err := json.Marshal(body)
	if err != nil {
		writeRaw(w, http.StatusInternalServerError, jsonType, []byte(`{"error":"server_error"}`))
		return
	}
	writeRaw(w, http.StatusOK, jsonType, b)
}

func (f *oauthFailure) statusOr(other int) int {
	if f == nil {
		return other
	}
	return f.status
}

func oauthFail(status int, code, text string) (object, *oauthFailure) {
	return nil, &oauthFailure{status: status, Code: code, Text: text}
}

func (s *Server) issueToken(r *http.Request) (object, *oauthFailure) {
	if r.Method != http.MethodPost {
		return oauthFail(http.StatusMethodNotAllowed, "invalid_request", "The endpoint does not support the provided HTTP method.")
	}
	if err := r.ParseForm(); err != nil {
		return oauthFail(http.StatusBadRequest, "invalid_request", "The request form could not be parsed.")
	}
	if r.Form.Get("grant_type") == "authorization_code" {
		return s.redeemCode(r)
	}
	if r.Form.Get("grant_type") != "client_credentials" {
		return oauthFail(http.StatusBadRequest, "unsupported_grant_type", "The authorization grant type is not supported by the authorization server.")
	}
	if r.Form.Get("client_assertion_type") != assertionType {
		return oauthFail(http.StatusUnauthorized, "invalid_client", "Client Credentials requests to the Org Authorization Server must use the private_key_jwt token_endpoint_auth_method.")
	}
	now := s.now()
	client, err := s.verifyAssertion(r.Form.Get("client_assertion"), baseURL(r)+tokenPath, now)
	if err != nil {
		return oauthFail(http.StatusUnauthorized, "invalid_client", err.Error())
	}
	wanted := strings.Fields(r.Form.Get("scope"))
	if len(wanted) == 0 {
		return oauthFail(http.StatusBadRequest, "invalid_scope", "The authorization server resource does not have any configured default scopes, 'scope' must be provided.")
	}
	scopes := map[string]bool{}
	for _, scope := range wanted {
		if !slices.Contains(client.scopes, scope) {
			return oauthFail(http.StatusBadRequest, "invalid_scope", "One or more scopes are not configured for the authorization server resource.")
		}
		scopes[scope] = true
	}
	secret := randomText(64)
	s.st.access[secret] = &accessToken{client: client.id, scopes: scopes, expires: now.Add(accessLife)}
	by := act{actor: clientActor(client.id, client.name), clientID: client.id, txType: "WEB", txID: requestID(), now: now}
	s.emit(by, "app.oauth2.token.grant.access_token", logTarget{Type: "AccessToken", ID: "id", DisplayName: "Access Token"})
	return object{"token_type": "Bearer", "expires_in": int(accessLife.Seconds()), "access_token": secret, "scope": strings.Join(wanted, " ")}, nil
}
