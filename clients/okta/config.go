package okta

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	defaultTimeout  = 30 * time.Second
	defaultMaxBytes = 32 << 20
	defaultAgent    = "latchkey"
	// maxIdle connections stay open to the one host we call; Go's default of 2 makes busy workers connect anew each time.
	maxIdle = 64
)

// Config is everything a Client needs. Exactly one of Token and OAuth is set.
type Config struct {
	// OrgURL is the org's address such as "https://acme.okta.com", without "-admin". A path before /api is kept.
	OrgURL string
	// Token is an SSWS API token. It has the rights of the person who made it and dies with that person's account.
	Token string
	// OAuth is a service app that signs with a private key: the better choice.
	OAuth *OAuth
	// AllowPlainHTTP permits an OrgURL with http://, for simulators. The credential then travels in the open.
	AllowPlainHTTP bool

	// Timeout bounds one call, its token call and the reading of its answer included. Zero means 30 seconds.
	Timeout time.Duration
	// MaxBytes bounds one answer's body. Zero means 32 MiB.
	MaxBytes int64
	// UserAgent is added to the SDK's own. Empty means "latchkey".
	UserAgent string
	// Transport sends the requests. Nil means a copy of http.DefaultTransport. It is wrapped, never changed.
	Transport http.RoundTripper

	// OnRate is told the facts of every answer that carries them, before the call returns. It must not block.
	OnRate func(RateFacts)
	// Admit is asked before each call to the management API (not before token calls). An error stops the call: it is
	// returned as an Error of kind RateLimited, with the time to come back if the error is an *OverBudget.
	Admit func(ctx context.Context, bucket Bucket) error
	// OnLost is told of each admitted call that ended without rate facts: no answer came, or one without the headers. sent
	// says whether it may have reached Okta, and so have been counted there. Every admitted call ends in exactly one of
	// OnRate and OnLost. It must not block.
	OnLost func(bucket Bucket, sent bool)
	// Now is the clock. Nil means time.Now.
	Now func() time.Time
}

// OAuth is a service app that gets access tokens by private_key_jwt (okta-api.md §1.2). Its "Require DPoP" switch must
// be off, and it needs an admin role beside its scopes.
type OAuth struct {
	ClientID string
	// KeyID is the "kid" of the key in the app. It may be empty while the app has one key.
	KeyID string
	// PrivateKey is an RSA key in PEM, PKCS#1 or PKCS#8, of at least 2048 bits. Line ends may be written as \n.
	PrivateKey string
	Scopes     []string
}

// String hides the credential.
func (c Config) String() string {
	mode := "API token"
	if c.OAuth != nil {
		mode = "OAuth client " + c.OAuth.ClientID
	}
	return fmt.Sprintf("okta.Config{%s, %s}", c.OrgURL, mode)
}

// GoString hides the credential.
func (c Config) GoString() string { return c.String() }

// String hides the private key.
func (o OAuth) String() string { return "okta.OAuth{client " + o.ClientID + "}" }

// GoString hides the private key.
func (o OAuth) GoString() string { return o.String() }

// complete checks the settings and fills in the defaults. The result is a copy.
func (c Config) complete() (Config, error) {
	if c.OrgURL == "" {
		return c, errors.New("okta: OrgURL is empty: set it to the org's address, such as https://acme.okta.com")
	}
	u, err := url.Parse(c.OrgURL)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return c, errors.New("okta: OrgURL is no plain address: want https://host, such as https://acme.okta.com")
	}
	switch {
	case u.Scheme == "https":
	case u.Scheme == "http" && c.AllowPlainHTTP:
	case u.Scheme == "http":
		return c, errors.New("okta: OrgURL starts with http://, which shows the credential to the network: use https:// (AllowPlainHTTP is for simulators)")
	default:
		return c, fmt.Errorf("okta: OrgURL starts with %q: want https://", u.Scheme)
	}
	if before, after, found := strings.Cut(u.Hostname(), "-admin."); found {
		return c, fmt.Errorf("okta: OrgURL names the admin console: use %s.%s", before, after)
	}
	c.OrgURL = strings.TrimRight(u.String(), "/")
	if (c.Token == "") == (c.OAuth == nil) {
		return c, errors.New("okta: set either Token (an API token) or OAuth (a service app's private key), not both and not neither")
	}
	if strings.ContainsAny(c.Token, " \t\r\n") {
		return c, errors.New("okta: Token contains white space: give the bare token, without \"SSWS\"")
	}
	if c.Timeout < 0 || c.MaxBytes < 0 {
		return c, errors.New("okta: Timeout and MaxBytes must not be negative")
	}
	if c.Timeout == 0 {
		c.Timeout = defaultTimeout
	}
	if c.MaxBytes == 0 {
		c.MaxBytes = defaultMaxBytes
	}
	if c.UserAgent == "" {
		c.UserAgent = defaultAgent
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.OnRate == nil {
		c.OnRate = func(RateFacts) {}
	}
	if c.OnLost == nil {
		c.OnLost = func(Bucket, bool) {}
	}
	if c.Admit == nil {
		c.Admit = func(context.Context, Bucket) error { return nil }
	}
	if c.Transport == nil {
		c.Transport = ownTransport()
	}
	return c, nil
}

// ownTransport is a copy of the default transport, so that closing our idle connections closes nobody else's.
func ownTransport() http.RoundTripper {
	if t, ok := http.DefaultTransport.(*http.Transport); ok {
		own := t.Clone()
		own.MaxIdleConnsPerHost = maxIdle
		return own
	}
	return &http.Transport{Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true}
}
