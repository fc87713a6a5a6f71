package bridge

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

const (
	// maxBody bounds one webhook's body in bytes.
	maxBody = 64 << 10
	// acceptWithin bounds the hand-over to Temporal. Freshservice gives up on an answer after 15 s
	// (freshservice-api.md §9.1), so a slow Temporal still gets a 503 out in time.
	acceptWithin = 8 * time.Second
	// retryAfter is what a 503 asks of a sender that honours it, in seconds.
	retryAfter = "30"
)

// Temporal is what the bridge asks of Temporal.
type Temporal interface {
	// Nudge makes the ticket's case read its ticket again and starts one where none runs. A nil error means that
	// Temporal has accepted it durably.
	Nudge(ctx context.Context, ticket int64) error
	// NudgePerson makes the profile sync of an account in Okta compare again, and NudgeRequester that of whoever has this
	// number on the desk.
	NudgePerson(ctx context.Context, oktaUserID string) error
	NudgeRequester(ctx context.Context, deskID int64) error
	// WakeLog has the System Log read now, where somebody reads it.
	WakeLog(ctx context.Context) error
	// Ready says whether Temporal can be reached now.
	Ready(ctx context.Context) error
}

// Options is everything a Bridge needs. Temporal and at least one webhook secret are required.
type Options struct {
	Temporal Temporal
	// WebhookSecrets are what Freshservice may present. Several at once let a secret be replaced without losing a call.
	WebhookSecrets []string
	// OktaSecrets are what Okta may present as the whole value of Authorization. Without one, events are refused; the
	// challenge is still answered.
	OktaSecrets []string
	// OktaActors are the IDs under which our own credential shows in Okta's events: a client ID, or the ID of the token's
	// owner. What they did to a profile nudges nobody.
	OktaActors []string
	// PerSecond and Burst bound the accepted calls of one source address. Zero means 50 and 200.
	PerSecond float64
	Burst     int
	// RefusedPerMinute and RefusedBurst bound how often one source address may present a wrong secret before it is told
	// to wait. A right secret is never held up by wrong ones. Zero means 30 and 20.
	RefusedPerMinute float64
	RefusedBurst     int
	// TrustedProxies is how many proxies of our own stand in front, each of which appends to X-Forwarded-For. Zero
	// believes no header: the source is whoever connected.
	TrustedProxies int
	// Reviews serves the pages under /review/ (package reviews). Nil answers that they are not switched on.
	Reviews http.Handler
	// Registry holds the metrics that /metrics shows. Nil makes a new one.
	Registry *prometheus.Registry
	Log      *slog.Logger     // nil discards
	Now      func() time.Time // nil is time.Now
}

// Bridge answers webhooks. It is safe for concurrent use.
type Bridge struct {
	temporal Temporal
	webhooks secrets
	okta     secrets
	// ourselves are Options.OktaActors.
	ourselves []string
	sources   sources
	reviews   http.Handler
	metrics   *metrics
	registry  *prometheus.Registry
	ready     *readiness
	waker     waker
	now       func() time.Time
	log       *slog.Logger
}

// New checks the options and makes a Bridge.
func New(o Options) (*Bridge, error) {
	switch {
	case o.Temporal == nil:
		return nil, errors.New("bridge: no Temporal given")
	case len(o.WebhookSecrets) == 0:
		return nil, errors.New("bridge: no webhook secret given: without one anybody could nudge cases; set LATCHKEY_WEBHOOK_SECRETS")
	}
	webhooks, err := newSecrets(o.WebhookSecrets)
	if err != nil {
		return nil, err
	}
	okta, err := newSecrets(o.OktaSecrets)
	if err != nil {
		return nil, err
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Registry == nil {
		o.Registry = prometheus.NewRegistry()
	}
	m, err := newMetrics(o.Registry)
	if err != nil {
		return nil, err
	}
	return &Bridge{
		temporal: o.Temporal, webhooks: webhooks, okta: okta, ourselves: o.OktaActors, sources: newSources(o), reviews: o.Reviews, metrics: m,
		registry: o.Registry, ready: &readiness{temporal: o.Temporal, now: o.Now}, now: o.Now, log: o.Log,
	}, nil
}

// Handler serves every path of the bridge.
func (b *Bridge) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /webhooks/freshservice", b.measured("freshservice", b.freshservice))
	mux.HandleFunc("GET /webhooks/okta", b.measured("okta_challenge", b.oktaChallenge))
	mux.HandleFunc("POST /webhooks/okta", b.measured("okta", b.oktaEvents))
	mux.HandleFunc("/review/", b.measured("review", b.review))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { say(w, http.StatusOK, "alive") })
	mux.HandleFunc("GET /readyz", b.readyz)
	mux.Handle("GET /metrics", promhttp.HandlerFor(b.registry, promhttp.HandlerOpts{}))
	return mux
}

// Drain makes /readyz say no from now on, so that a load balancer sends nothing more while open calls are answered.
func (b *Bridge) Drain() { b.ready.draining.Store(true) }
