package oktasim

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"latchkey/examples/acme"
)

// Rate-limit plans accepted in Options.Limits, named as in Okta's last public table (§6.1).
const (
	LimitsOff        = "off"
	LimitsWorkforce  = "workforce"
	LimitsEnterprise = "enterprise"
	LimitsIntegrator = "integrator"
)

// Options configures a Server. The zero value is a fresh org without limits whose writes are visible at once.
type Options struct {
	// Token is the SSWS API token of the org's first admin. Empty means no SSWS token exists (OAuth only).
	Token string
	// Seed fills the org with a company. Nil is a fresh account: the groups Everyone and Okta Administrators, the admin
	// who owns the token, the default user type and schema.
	Seed *acme.Company
	// Limits is the rate-limit plan, one of the Limits constants. Empty means off: the headers are sent, nothing is refused.
	Limits string
	// TokenShare is the part of each bucket, in percent, that one credential may use: 1 to 100. Zero means 50, Okta's
	// default for new tokens (§1.1). Ignored while Limits is off.
	TokenShare int
	// Concurrency caps requests in flight at once. Zero means the plan's own cap; off has none.
	Concurrency int
	// Now is the clock. Nil means time.Now. The admin API can move the org's clock ahead of it.
	Now func() time.Time
	// RuleDelay is how long group rules take to notice a change. Zero means at once.
	RuleDelay time.Duration
	// FanOutDelay is how long group-to-app assignment, and the removal of apps after deactivation, take. Zero means at once.
	FanOutDelay time.Duration
	// SearchLag is how long lists and searches of users trail behind writes; reads by id never do. Zero means not at all.
	SearchLag time.Duration
	// ActivationDelay is how long a user is in transition after activation: transitioningToStatus is shown, and writes to
	// the user answer 409 E0000112 (§3.1). Zero means not at all.
	ActivationDelay time.Duration
	// LogLag is how long an event takes to appear in /logs. Zero means at once.
	LogLag time.Duration
	// HookClient sends event hook verifications and deliveries. Nil means a client with the vendor's timeout of 3 seconds.
	HookClient *http.Client
	// HTTPHooks accepts hook URIs with plain http to any host. Loopback hosts may always use http (the vendor: never).
	HTTPHooks bool
	// Clients are OAuth service apps that may ask for tokens by private_key_jwt.
	Clients []OAuthClient
	// OwnerLogin names the admin who owns Token. Empty means "okta.owner@<domain of the seed>", or "admin@example.com".
	OwnerLogin string
	// BaseURL is the org's address in links made without a request at hand, such as hook deliveries. Empty means the
	// address of the latest request.
	BaseURL string
}

// OAuthClient is a service app that signs its own assertions (§1.2).
type OAuthClient struct {
	ID     string   `json:"id"`     // client_id; also the app's name in the System Log when Name is empty
	Name   string   `json:"name"`   // display name
	Scopes []string `json:"scopes"` // granted scopes, such as okta.users.read
	Roles  []string `json:"roles"`  // admin roles of the app; empty means SUPER_ADMIN
	// Keys is a JWK Set ({"keys":[…]}) or a single JWK with the public keys, RSA or EC P-256.
	Keys json.RawMessage `json:"jwks"`
}

func (o *Options) applyDefaults() error {
	if o.Limits == "" {
		o.Limits = LimitsOff
	}
	if _, ok := plans[o.Limits]; !ok {
		return fmt.Errorf("limits %q: want off, workforce, enterprise or integrator", o.Limits)
	}
	if o.TokenShare == 0 {
		o.TokenShare = 50
	}
	if o.TokenShare < 1 || o.TokenShare > 100 {
		return fmt.Errorf("token share %d: want 1 to 100 percent", o.TokenShare)
	}
	if o.RuleDelay < 0 || o.FanOutDelay < 0 || o.SearchLag < 0 || o.LogLag < 0 || o.ActivationDelay < 0 {
		return errors.New("delays and lags must not be negative")
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.HookClient == nil {
		o.HookClient = &http.Client{Timeout: hookTimeout}
	}
	if o.OwnerLogin == "" {
		o.OwnerLogin = "admin@example.com"
		if o.Seed != nil && o.Seed.Domain != "" {
			o.OwnerLogin = "okta.owner@" + o.Seed.Domain
		}
	}
	return nil
}
