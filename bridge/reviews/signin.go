package reviews

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"latchkey/review"
)

// OIDC is the web application in Okta through which reviewers sign in: authorization code with PKCE. Its redirect URI
// is URL + "/review/-/callback". The subject of Okta's ID tokens is the user's ID (of the org authorization server).
type OIDC struct {
	Issuer, ClientID, ClientSecret string
	HTTP                           *http.Client // nil is one with a time limit
}

const (
	signInCookie = "signin"
	signInLife   = 10 * time.Minute
	oidcWithin   = 8 * time.Second
)

// signIn speaks with the issuer. What it publishes is read at the first sign-in: the bridge starts without it.
type signIn struct {
	o        OIDC
	redirect string
	mu       sync.Mutex
	provider *oidc.Provider
}

func newSignIn(o OIDC, redirect string) *signIn {
	if o.HTTP == nil {
		o.HTTP = &http.Client{Timeout: oidcWithin}
	}
	return &signIn{o: o, redirect: redirect}
}

// known reads what the issuer publishes, once. Its keys are read again when one is not known.
func (s *signIn) known(ctx context.Context) (*oidc.Provider, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.provider != nil {
		return s.provider, nil
	}
	// Keys are fetched long after this call: the provider keeps the context, so it may not end with the call.
	found, err := oidc.NewProvider(oidc.ClientContext(context.WithoutCancel(ctx), s.o.HTTP), s.o.Issuer)
	if err != nil {
		return nil, fmt.Errorf("reading what the issuer publishes: %w", err)
	}
	s.provider = found
	return found, nil
}

func (s *signIn) config(p *oidc.Provider) *oauth2.Config {
	endpoint := p.Endpoint()
	endpoint.AuthStyle = oauth2.AuthStyleInHeader // client_secret_basic, Okta's default for a web application
	return &oauth2.Config{
		ClientID: s.o.ClientID, ClientSecret: s.o.ClientSecret, Endpoint: endpoint, RedirectURL: s.redirect,
		Scopes: []string{oidc.ScopeOpenID, "profile"},
	}
}

// underway is a sign-in that has begun. It rides in a sealed cookie, so only the browser that began it can end it.
type underway struct {
	State    string `json:"s"`
	Nonce    string `json:"n"`
	Verifier string `json:"v"`
	To       string `json:"t"`
}

// beginSignIn sends the browser to the issuer.
func (p *Pages) beginSignIn(w http.ResponseWriter, r *http.Request) {
	to := ourPath(r.URL.Query().Get("to"))
	if p.signIn == nil || to == "" {
		p.sayNoPage(w, r)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), oidcWithin)
	defer cancel()
	provider, err := p.signIn.known(ctx)
	if err != nil {
		p.saySignInAway(w, r, err)
		return
	}
	u := underway{State: review.NewID(), Nonce: review.NewID(), Verifier: oauth2.GenerateVerifier(), To: to}
	if err := p.setCookie(w, signInCookie, u, signInLife); err != nil {
		p.saySignInAway(w, r, err)
		return
	}
	http.Redirect(w, r, p.signIn.config(provider).AuthCodeURL(u.State, oidc.Nonce(u.Nonce), oauth2.S256ChallengeOption(u.Verifier)), http.StatusSeeOther)
}

// endSignIn takes the code that the issuer sent back with, and opens a session for whom the ID token names.
func (p *Pages) endSignIn(w http.ResponseWriter, r *http.Request) {
	if p.signIn == nil {
		p.sayNoPage(w, r)
		return
	}
	var u underway
	err := p.readCookie(r, signInCookie, &u)
	p.dropCookie(w, signInCookie) // one try each
	query := r.URL.Query()
	if err != nil || subtle.ConstantTimeCompare([]byte(query.Get("state")), []byte(u.State)) != 1 {
		p.say(w, r, http.StatusForbidden, notice{Title: "You are not signed in", Text: "This sign-in was not begun in this browser, or took longer than ten minutes. Open the page again by the link in your ticket."})
		return
	}
	if query.Get("error") != "" {
		p.log.InfoContext(r.Context(), "the issuer refused a sign-in", "error", word(query.Get("error")))
		p.say(w, r, http.StatusForbidden, notice{Title: "You are not signed in", Text: "Okta did not let you in to this application. Ask your IT team to assign it to you."})
		return
	}
	ctx, cancel := context.WithTimeout(oidc.ClientContext(r.Context(), p.signIn.o.HTTP), oidcWithin)
	defer cancel()
	s, err := p.signIn.redeem(ctx, query.Get("code"), u, p.now)
	switch {
	case errors.Is(err, errIdentity):
		p.log.WarnContext(r.Context(), "a sign-in was refused", "error", err)
		p.say(w, r, http.StatusForbidden, notice{Title: "You are not signed in", Text: "What Okta said about you could not be verified. Open the page again by the link in your ticket."})
		return
	case err != nil:
		p.saySignInAway(w, r, err)
		return
	}
	if err := p.begin(w, s, sessionLife); err != nil {
		p.saySignInAway(w, r, err)
		return
	}
	http.Redirect(w, r, u.To, http.StatusSeeOther)
}

// errIdentity is returned for a code or a token that does not hold.
var errIdentity = errors.New("the sign-in does not hold")

// redeem changes the code for an ID token and reads who it names.
func (s *signIn) redeem(ctx context.Context, code string, u underway, now func() time.Time) (session, error) {
	provider, err := s.known(ctx)
	if err != nil {
		return session{}, err
	}
	tokens, err := s.config(provider).Exchange(ctx, code, oauth2.VerifierOption(u.Verifier))
	if err != nil {
		if refused, ok := errors.AsType[*oauth2.RetrieveError](err); ok && refused.Response.StatusCode < http.StatusInternalServerError {
			return session{}, fmt.Errorf("%w: the code was refused (%s)", errIdentity, word(refused.ErrorCode))
		}
		return session{}, errors.New("the issuer gave no token") // the cause may hold what was sent
	}
	text, ok := tokens.Extra("id_token").(string)
	if !ok {
		return session{}, fmt.Errorf("%w: there is no ID token", errIdentity)
	}
	token, err := provider.Verifier(&oidc.Config{ClientID: s.o.ClientID, Now: now}).Verify(ctx, text)
	if err != nil {
		return session{}, fmt.Errorf("%w: %w", errIdentity, err)
	}
	var claims struct {
		Name string `json:"name"`
	}
	switch {
	case subtle.ConstantTimeCompare([]byte(token.Nonce), []byte(u.Nonce)) != 1:
		return session{}, fmt.Errorf("%w: the nonce is another one", errIdentity)
	case review.CheckID(token.Subject) != nil:
		return session{}, fmt.Errorf("%w: the subject is no user ID of Okta's: use the org authorization server as issuer", errIdentity)
	case token.Claims(&claims) != nil:
		return session{}, fmt.Errorf("%w: the claims are not readable", errIdentity)
	}
	return session{User: token.Subject, Name: claims.Name, Via: review.ViaSignIn}, nil
}

// signOut ends the session in this browser.
func (p *Pages) signOut(w http.ResponseWriter, r *http.Request) {
	if s := p.session(r); s != nil && !p.rightToken(r, s) {
		p.sayForeign(w, r)
		return
	}
	p.dropCookie(w, sessionCookie)
	p.say(w, r, http.StatusOK, notice{Title: "You are signed out", Text: "What you saved is kept. To go on, open the page again by the link in your ticket."})
}

func (p *Pages) saySignInAway(w http.ResponseWriter, r *http.Request, err error) {
	p.log.ErrorContext(r.Context(), "a sign-in failed", "error", err)
	w.Header().Set("Retry-After", "30")
	p.say(w, r, http.StatusServiceUnavailable, notice{Title: "Signing in does not work just now", Text: "Okta or this service did not answer. Try again in a moment; nothing is lost."})
}

// ourPath is a path of ours to go back to; empty for anything else.
func ourPath(to string) string {
	if !strings.HasPrefix(to, prefix) || strings.ContainsAny(to, "\\\r\n") || strings.Contains(to, "//") || len(to) > 1000 {
		return ""
	}
	campaign, _, _ := strings.Cut(strings.TrimPrefix(to, prefix), "/")
	campaign, _, _ = strings.Cut(campaign, "?")
	if review.CheckCampaign(campaign) != nil {
		return ""
	}
	return to
}

// word is a text from outside as it may stand in a log.
func word(text string) string {
	keep := func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_.", r) {
			return r
		}
		return '_'
	}
	return strings.Map(keep, text[:min(len(text), 64)])
}
