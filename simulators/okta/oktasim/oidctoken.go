package oktasim

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// idToken says who signed in, signed with RS256 by the org's key.
func (s *Server) idToken(issuer string, code *authCode, u *user, access string, now time.Time) (string, error) {
	key, err := s.web.signingKey()
	if err != nil {
		return "", fmt.Errorf("making the org's key: %w", err)
	}
	sum := sha256.Sum256([]byte(access))
	claims := object{
		"sub": u.id, "ver": 1, "iss": issuer, "aud": code.app, "iat": now.Unix(), "exp": now.Add(idTokenLife).Unix(), "jti": "ID." + randomText(43),
		"amr": []string{"pwd"}, "idp": s.st.orgID, "auth_time": code.authTime.Unix(), "at_hash": base64.RawURLEncoding.EncodeToString(sum[:16]),
	}
	if code.nonce != "" {
		claims["nonce"] = code.nonce
	}
	personClaims(claims, u, strings.Fields(code.scope))
	return signJWT(key, claims)
}

// personClaims adds what the scopes ask for.
func personClaims(claims object, u *user, scopes []string) {
	if slices.Contains(scopes, "profile") {
		claims["name"], claims["preferred_username"] = u.displayName(), u.login()
		claims["given_name"], claims["family_name"] = u.text("firstName"), u.text("lastName")
	}
	if slices.Contains(scopes, "email") {
		claims["email"], claims["email_verified"] = u.text("email"), true
	}
}

func signJWT(key *rsa.PrivateKey, claims object) (string, error) {
	head, err := json.Marshal(object{"alg": "RS256", "kid": keyID(key)})
	if err != nil {
		return "", err
	}
	body, err := json.Marshal(claims)
	if err != nil {
		return "", err
	}
	text := base64.RawURLEncoding.EncodeToString(head) + "." + base64.RawURLEncoding.EncodeToString(body)
	sum := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	if err != nil {
		return "", err
	}
	return text + "." + base64.RawURLEncoding.EncodeToString(signature), nil
}

// serveUserinfo says who an access token is about.
func (s *Server) serveUserinfo(w http.ResponseWriter, r *http.Request) {
	secret, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	s.mu.Lock()
	token, known := s.web.access[secret]
	var claims object
	if known && s.now().Before(token.expires) {
		if u, there := s.st.users[token.user]; there && u.status == statusActive {
			claims = object{"sub": u.id}
			personClaims(claims, u, token.scopes)
		}
	}
	s.mu.Unlock()
	rep := &reply{status: http.StatusOK, header: http.Header{"Cache-Control": {"no-cache, no-store"}}}
	if claims == nil {
		rep.status = http.StatusUnauthorized
		rep.header.Set("WWW-Authenticate", `Bearer error="invalid_token", error_description="The access token is invalid."`)
		rep.write(w)
		return
	}
	rep.setJSON(claims)
	rep.write(w)
}
