package oktasim

import (
	"net/http"
	"strings"
	"time"
)

// principal is who makes a call.
type principal struct {
	kind    string // "SSWS_TOKEN" or "OAUTH_CLIENT", the vendor's principalType
	id      string // id of the token or client: rate limits count per id
	userID  string // owner of an SSWS token
	scopes  map[string]bool
	roles   []string
	display string
}

const (
	kindToken  = "SSWS_TOKEN"
	kindClient = "OAUTH_CLIENT"
)

// tokenIdle is how long an unused SSWS token lives (§1.1).
const tokenIdle = 30 * 24 * time.Hour

// apiToken is an SSWS token. It has the admin rights its owner has now, and dies with the owner.
type apiToken struct {
	id       string
	name     string
	owner    string
	lastUsed time.Time
}

// authenticate says who calls, or refuses as the vendor does (§1).
func (s *Server) authenticate(c *call) (*principal, error) {
	scheme, secret, _ := strings.Cut(c.req.Header.Get("Authorization"), " ")
	switch {
	case strings.EqualFold(scheme, "SSWS"):
		return s.authenticateToken(c, secret)
	case strings.EqualFold(scheme, "Bearer"):
		return s.authenticateBearer(c, secret)
	}
	return nil, fail(http.StatusForbidden, "E0000005", "Invalid session")
}

func (s *Server) authenticateToken(c *call, secret string) (*principal, error) {
	tok, found := s.st.tokens[strings.TrimSpace(secret)]
	if !found || c.now.Sub(tok.lastUsed) > tokenIdle {
		return nil, invalidToken()
	}
	owner, found := s.st.users[tok.owner]
	if !found || owner.status == statusDeprovisioned || owner.status == statusSuspended {
		return nil, invalidToken()
	}
	used := *tok
	used.lastUsed = c.now
	s.st.tokens[strings.TrimSpace(secret)] = &used
	return &principal{kind: kindToken, id: tok.id, userID: owner.id, roles: s.st.roleTypesOf(owner.id), display: owner.displayName()}, nil
}

func (s *Server) authenticateBearer(c *call, secret string) (*principal, error) {
	tok, found := s.st.access[secret]
	if !found {
		return nil, fail(http.StatusForbidden, "E0000005", "Invalid session")
	}
	if c.now.After(tok.expires) {
		e := fail(http.StatusUnauthorized, "E0000011", "Invalid token provided")
		e.empty = true
		e.header = http.Header{"Www-Authenticate": {`Bearer authorization_uri="` + c.base + `/oauth2/v1/authorize", realm="` + c.base +
			`", error="invalid_token", error_description="The access token is invalid or has expired."`}}
		return nil, e
	}
	client := s.st.clients[tok.client]
	return &principal{kind: kindClient, id: tok.client, scopes: tok.scopes, roles: client.roles, display: client.name}, nil
}

// permit checks scope, admin role and refusal faults, in this order (§1.2).
func (s *Server) permit(c *call, f fault) error {
	if c.who.kind == kindClient && !c.who.scopes[c.route.oauthScope()] {
		// Manage does not imply read at the vendor: each scope is granted by itself.
		e := fail(http.StatusForbidden, "", "insufficient_scope")
		e.empty = true
		e.header = http.Header{"Www-Authenticate": {`Bearer authorization_uri="` + c.base + `/oauth2/v1/authorize", realm="` + c.base +
			`", scope="` + c.route.oauthScope() + `", error="insufficient_scope", error_description="The access token provided does not contain the required scopes.", resource="` + c.path + `"`}}
		return e
	}
	if !mayDo(c.who.roles, c.route.power, c.req.Method) {
		return denied()
	}
	if f.refuse || c.req.Method != http.MethodGet && s.faults.refuses(c) {
		return denied()
	}
	return nil
}
