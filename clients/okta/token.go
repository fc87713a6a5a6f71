package okta

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

const (
	tokenPath     = "/oauth2/v1/token" //nolint:gosec // a path, not a credential
	assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
	assertionLife = 5 * time.Minute // Okta allows an hour; ours is used at once
	// tokenMargin is how long before its end a token is no longer used, so that none ends on its way.
	tokenMargin = time.Minute
)

// grant is one access token. fresh says that the call it is handed to made us fetch it.
type grant struct {
	token   string
	expires time.Time
	fresh   bool
}

// tokenSource fetches access tokens by private_key_jwt and keeps the latest. The SDK's own ignores the caller's
// context, keeps a refused token and writes the assertion into the URL (okta-api.md §6.3).
type tokenSource struct {
	cfg    Config
	signer jose.Signer
	turn   chan struct{} // holds one element: whoever has it may touch kept. A mutex would not honour a context.
	kept   *grant
	sender *transport // sends token calls without a gate or a token of their own
}

func newTokenSource(cfg Config) (*tokenSource, error) {
	o := cfg.OAuth
	switch {
	case o.ClientID == "":
		return nil, errors.New("okta: OAuth.ClientID is empty")
	case len(o.Scopes) == 0:
		return nil, errors.New("okta: OAuth.Scopes is empty: name the scopes granted to the app, such as okta.users.read")
	}
	key, err := parseKey(o.PrivateKey)
	if err != nil {
		return nil, err
	}
	options := (&jose.SignerOptions{}).WithType("JWT")
	if o.KeyID != "" {
		options = options.WithHeader(jose.HeaderKey("kid"), o.KeyID)
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: key}, options)
	if err != nil {
		return nil, errors.New("okta: OAuth.PrivateKey cannot sign RS256")
	}
	s := &tokenSource{cfg: cfg, signer: signer, turn: make(chan struct{}, 1), sender: &transport{cfg: cfg, base: cfg.Transport}}
	s.turn <- struct{}{}
	return s, nil
}

// parseKey reads an RSA key. Its errors never quote the input.
func parseKey(text string) (*rsa.PrivateKey, error) {
	block, _ := pem.Decode([]byte(strings.ReplaceAll(text, `\n`, "\n")))
	if block == nil {
		return nil, errors.New("okta: OAuth.PrivateKey is not PEM: want -----BEGIN PRIVATE KEY----- or -----BEGIN RSA PRIVATE KEY-----")
	}
	var parsed any
	var err error
	switch block.Type {
	case "RSA PRIVATE KEY":
		parsed, err = x509.ParsePKCS1PrivateKey(block.Bytes)
	case "PRIVATE KEY":
		parsed, err = x509.ParsePKCS8PrivateKey(block.Bytes)
	default:
		return nil, fmt.Errorf("okta: OAuth.PrivateKey is a PEM block of type %q: want PRIVATE KEY or RSA PRIVATE KEY", block.Type)
	}
	if err != nil {
		return nil, errors.New("okta: OAuth.PrivateKey is damaged: its PEM block does not hold a key")
	}
	key, ok := parsed.(*rsa.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("okta: OAuth.PrivateKey is a %T: want an RSA key", parsed)
	}
	if key.N.BitLen() < 2048 {
		return nil, fmt.Errorf("okta: OAuth.PrivateKey has %d bits: want 2048 or more", key.N.BitLen())
	}
	return key, nil
}

// get gives a token that is good for a minute or more, fetching one if need be. One caller fetches while the others
// wait for it. The error is an *Error of the call that needs the token.
func (s *tokenSource) get(ctx context.Context, forCall *call) (*grant, error) {
	select {
	case <-s.turn:
	case <-ctx.Done():
		return nil, forCall.lost(ctx, ctx.Err())
	}
	defer func() { s.turn <- struct{}{} }()
	if s.kept != nil && s.cfg.Now().Before(s.kept.expires) {
		return &grant{token: s.kept.token, expires: s.kept.expires}, nil
	}
	s.kept = nil
	fetched, err := s.fetch(ctx)
	if err != nil {
		err.Op = forCall.op + ", getting an access token"
		return nil, err
	}
	s.kept = fetched
	return &grant{token: fetched.token, expires: fetched.expires, fresh: true}, nil
}

// refused drops a token that Okta did not accept. Where it was an older one, the failure is Unavailable: the next try
// fetches a new one, and only if that is refused too is the credential in doubt. A missing scope stays what it is.
func (s *tokenSource) refused(ctx context.Context, g *grant, failure *Error) *Error {
	if failure.Code == "insufficient_scope" {
		return failure
	}
	select {
	case <-s.turn:
		if s.kept != nil && s.kept.token == g.token {
			s.kept = nil
		}
		s.turn <- struct{}{}
	case <-ctx.Done(): // somebody is fetching, so a new one replaces it anyway
	}
	if !g.fresh {
		failure.Kind = Unavailable
		failure.Summary = "the access token was no longer accepted and has been dropped: " + failure.Summary
	}
	return failure
}

// fetch asks for a token. Its failures are never Ambiguous: asking twice harms nobody.
func (s *tokenSource) fetch(ctx context.Context) (*grant, *Error) {
	c := newCall("", http.MethodPost, tokenPath)
	c.wantsBody = true
	assertion, err := s.assertion()
	if err != nil {
		return nil, c.fail(Unauthorized, "the private key could not sign")
	}
	form := url.Values{
		"grant_type":            {"client_credentials"},
		"scope":                 {strings.Join(s.cfg.OAuth.Scopes, " ")},
		"client_assertion_type": {assertionType},
		"client_assertion":      {assertion},
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.cfg.OrgURL+tokenPath, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, c.fail(Invalid, "the token request could not be built: check OrgURL")
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Accept", "application/json")
	asked := s.cfg.Now()
	answer, failure := s.sender.send(request, c)
	if failure == nil {
		failure = s.sender.judge(c, answer)
	}
	if failure != nil {
		return nil, tokenRefusal(failure)
	}
	var body struct {
		Type      string `json:"token_type"`
		Token     string `json:"access_token"`
		ExpiresIn int    `json:"expires_in"`
	}
	switch err := json.Unmarshal(answer.body, &body); {
	case err != nil || body.Token == "" || body.ExpiresIn <= 0:
		return nil, c.fail(Unavailable, "the token endpoint's answer holds no token")
	case !strings.EqualFold(body.Type, "Bearer"):
		return nil, c.fail(Unauthorized, "the app hands out tokens of another type than Bearer: turn off \"Require DPoP header in token requests\"")
	}
	life := time.Duration(body.ExpiresIn) * time.Second
	return &grant{token: body.Token, expires: asked.Add(life - min(tokenMargin, life/2))}, nil
}

// tokenRefusal sorts the token endpoint's refusals: what Okta has against our assertion concerns our credential.
func tokenRefusal(e *Error) *Error {
	switch {
	case e.Kind == Ambiguous:
		e.Kind, e.Summary = Unavailable, strings.Replace(e.Summary, "the change was sent but ", "", 1)
	case e.Code == "invalid_dpop_proof" || e.Code == "use_dpop_nonce":
		e.Summary = "turn off \"Require DPoP header in token requests\" in the app"
	case e.Status >= 400 && e.Status < 500 && e.Kind != RateLimited && e.Kind != Unavailable:
		e.Kind = Unauthorized
	}
	return e
}

// assertion is the signed JWT by which the app proves who it is (okta-api.md §1.2).
func (s *tokenSource) assertion() (string, error) {
	now := s.cfg.Now()
	return jwt.Signed(s.signer).Claims(struct {
		Issuer   string `json:"iss"`
		Subject  string `json:"sub"`
		Audience string `json:"aud"` // one string: jwt.Claims would write a list
		IssuedAt int64  `json:"iat"`
		Expiry   int64  `json:"exp"`
		ID       string `json:"jti"`
	}{
		s.cfg.OAuth.ClientID, s.cfg.OAuth.ClientID, s.cfg.OrgURL + tokenPath, now.Unix(), now.Add(assertionLife).Unix(), rand.Text(),
	}).Serialize()
}
