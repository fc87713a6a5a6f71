package app

import (
	"context"
	"errors"
	"log/slog"
	"net"

	"github.com/prometheus/client_golang/prometheus"
	"go.temporal.io/sdk/client"
	"gocloud.dev/blob"

	"latchkey/activities/nudge"
	"latchkey/bridge"
	"latchkey/internal/config"
	"latchkey/internal/systemlog"
	"latchkey/internal/temporal"
)

// BridgeOptions is everything `starter serve` is told.
type BridgeOptions struct {
	Webhooks config.Webhooks
	// Reviews and Links are the review pages; without a signing key there are none. They read Blobs, or open BlobURL. An
	// empty Links.URL is where the bridge listens, which is of use within one machine only.
	Reviews config.Reviews
	Links   config.ReviewLinks
	Blobs   *blob.Bucket // left open by Close
	BlobURL string
	// Temporal is the client to use, and is left open by Close. Nil connects by the environment, and keeps trying: a
	// bridge that starts before its Temporal answers 503 until it is there.
	Temporal client.Client
	Identity string
	Registry *prometheus.Registry // nil makes one
	Log      *slog.Logger         // nil discards
}

// Bridge is a running bridge. Make it with NewBridge, run it once with Run, and Close it.
type Bridge struct {
	bridge   *bridge.Bridge
	listener net.Listener
	log      *slog.Logger
	close    func()
}

// NewBridge checks the options and opens the port, so that Addr is known.
func NewBridge(ctx context.Context, o BridgeOptions) (*Bridge, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Registry == nil {
		o.Registry = prometheus.NewRegistry()
	}
	b := &Bridge{log: o.Log, close: func() {}}
	c := o.Temporal
	if c == nil {
		counted, err := temporal.NewMetrics(o.Registry, o.Log)
		if err != nil {
			return nil, err
		}
		lazy, err := temporal.Lazy(temporal.Options{Log: o.Log, Metrics: counted, Identity: o.Identity})
		if err != nil {
			return nil, err
		}
		c, b.close = lazy.Client, lazy.Client.Close
	}
	var err error
	if b.listener, err = listen(ctx, o.Webhooks.Listen); err != nil {
		return nil, errors.Join(err, b.Close())
	}
	if o.Links.URL == "" {
		o.Links.URL = "http://" + b.Addr()
	}
	pages, err := b.reviews(ctx, o, c)
	if err != nil {
		return nil, errors.Join(err, b.Close())
	}
	b.bridge, err = bridge.New(bridge.Options{
		Temporal: door{c}, WebhookSecrets: o.Webhooks.Secrets.Reveal(), OktaSecrets: o.Webhooks.OktaSecrets.Reveal(),
		OktaActors: o.Webhooks.OktaActors,
		PerSecond:  o.Webhooks.PerSecond, Burst: o.Webhooks.Burst, TrustedProxies: o.Webhooks.TrustedProxies,
		Reviews: pages, Registry: o.Registry, Log: o.Log,
	})
	if err != nil {
		return nil, errors.Join(err, b.Close())
	}
	return b, nil
}

// Addr is where the bridge listens.
func (b *Bridge) Addr() string { return b.listener.Addr().String() }

// Run answers until ctx ends, then lets open calls finish and returns nil.
func (b *Bridge) Run(ctx context.Context) error {
	b.log.Info("the bridge listens", "address", b.Addr())
	stop := context.AfterFunc(ctx, b.bridge.Drain)
	defer stop()
	return serve(ctx, b.listener, b.bridge.Handler(), b.log)
}

// Close lets go of what NewBridge opened. Call it after Run has returned.
func (b *Bridge) Close() error {
	b.close()
	if b.listener == nil {
		return nil
	}
	return ignoreClosed(b.listener.Close())
}

// door is Temporal as the bridge sees it.
type door struct{ client client.Client }

// Nudge implements bridge.Temporal.
func (d door) Nudge(ctx context.Context, ticket int64) error {
	return nudge.Ticket(ctx, d.client, ticket, nil)
}

// NudgePerson implements bridge.Temporal. What is no ID of Okta's is nobody's sync: sending it again would not help.
func (d door) NudgePerson(ctx context.Context, oktaUserID string) error {
	err := nudge.Person(ctx, d.client, oktaUserID)
	if errors.Is(err, nudge.ErrOktaID) {
		return nil
	}
	return err
}

// NudgeRequester implements bridge.Temporal.
func (d door) NudgeRequester(ctx context.Context, deskID int64) error {
	return nudge.Requester(ctx, d.client, deskID)
}

// WakeLog implements bridge.Temporal.
func (d door) WakeLog(ctx context.Context) error { return systemlog.Wake(ctx, d.client) }

// Ready implements bridge.Temporal.
func (d door) Ready(ctx context.Context) error { return temporal.Check(ctx, d.client) }
