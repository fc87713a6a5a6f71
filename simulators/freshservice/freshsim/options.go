package freshsim

import (
	"fmt"
	"log/slog"
	"slices"
	"time"

	"latchkey/examples/acme"
)

// Plan names for Options.Limits, as Freshservice sells them; "off" counts nothing and sends no rate-limit header.
const (
	LimitsOff        = "off"
	LimitsStarter    = "starter"
	LimitsGrowth     = "growth"
	LimitsPro        = "pro"
	LimitsEnterprise = "enterprise"
)

// Names for Options.PeerStatus: what becomes of an unanswered approval when its group or chain ends without it.
const (
	// PeerResponded gives status 5 "peer_responded", the name that the vendor's app SDK lists (reference §6.2).
	PeerResponded = "peer_responded"
	// PeerRequested leaves the approval "requested" although it can no longer be answered.
	PeerRequested = "requested"
	// PeerCancelled gives status 3 "cancelled".
	PeerCancelled = "cancelled"
)

// Options configures a Server. The zero value with an APIKey is a fresh account with one admin agent.
type Options struct {
	// APIKey belongs to the admin agent and is required. The Basic password is ignored, as at the vendor.
	APIKey string
	// Seed fills the account with a company; nil gives a fresh account.
	Seed *acme.Company
	// Limits is one of the Limits names; empty means LimitsOff.
	Limits string
	// Now is the wall clock; nil means time.Now. The server adds what Advance was given.
	Now func() time.Time
	// BaseURL is written into Link, Location and ticket addresses, without a trailing slash; empty means the scheme
	// and host of each request.
	BaseURL string
	// IndexLag is how long a write stays invisible to filter and query endpoints; default 0.
	IndexLag time.Duration
	// WebhookRetry holds the pauses before each further attempt; nil means 3, 5, 9 and 17 minutes (reference §9.1),
	// an empty slice means one attempt only.
	WebhookRetry []time.Duration
	// WebhookTimeout bounds one attempt in real time; default 15 s (reference §9.1).
	WebhookTimeout time.Duration
	// WebhookHourlyCap is the most webhook calls in an hour; default 1000 (reference §9.1). Excess is dropped and logged.
	WebhookHourlyCap int
	// OnboardingDelay is how long an onboarding or offboarding request keeps `ticket_id: null`; default 2 s.
	OnboardingDelay time.Duration
	// Rules are Workflow Automator rules present from the start and after a reset.
	Rules []Rule
	// PeerStatus is one of the Peer names; empty means PeerResponded.
	PeerStatus string
	// RefuseInactiveApprovers answers 400 when an approval names a deactivated person; the default accepts silently.
	RefuseInactiveApprovers bool
	// PriorityMatrix overrides the priority of a call by urgency and impact (reference §4.2).
	PriorityMatrix bool
	// ChildContext puts the onboarding or offboarding form on the child tickets of a request too; the default is the
	// parent ticket only. No source tells which the vendor does.
	ChildContext bool
	// Logger receives one debug line per call; nil discards.
	Logger *slog.Logger
}

// defaultWebhookRetry is the vendor's schedule (reference §9.1). Each pause counts from the end of the former attempt.
func defaultWebhookRetry() []time.Duration {
	return []time.Duration{3 * time.Minute, 5 * time.Minute, 9 * time.Minute, 17 * time.Minute}
}

// withDefaults fills what was left empty and refuses what has no meaning.
func (o Options) withDefaults() (Options, error) {
	if o.APIKey == "" {
		return o, fmt.Errorf("freshsim: an API key is required; give Options.APIKey or --api-key")
	}
	if o.Limits == "" {
		o.Limits = LimitsOff
	}
	if _, ok := planLimits()[o.Limits]; !ok && o.Limits != LimitsOff {
		return o, fmt.Errorf("freshsim: limits %q is unknown; use off, starter, growth, pro or enterprise", o.Limits)
	}
	if o.PeerStatus == "" {
		o.PeerStatus = PeerResponded
	}
	if !slices.Contains([]string{PeerResponded, PeerRequested, PeerCancelled}, o.PeerStatus) {
		return o, fmt.Errorf("freshsim: peer status %q is unknown; use %s, %s or %s", o.PeerStatus, PeerResponded, PeerRequested, PeerCancelled)
	}
	if o.WebhookRetry == nil {
		o.WebhookRetry = defaultWebhookRetry()
	}
	if o.WebhookTimeout <= 0 {
		o.WebhookTimeout = 15 * time.Second
	}
	if o.WebhookHourlyCap <= 0 {
		o.WebhookHourlyCap = 1000
	}
	if o.OnboardingDelay <= 0 {
		o.OnboardingDelay = 2 * time.Second
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return o, nil
}
