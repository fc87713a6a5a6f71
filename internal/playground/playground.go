// Package playground is the whole product in one process, with both simulators and the Acme company: what `make demo`
// shows and what the story tests run on. People act here as they would at a desk; the product is the real one.
package playground

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"time"

	"go.temporal.io/sdk/client"
	"gocloud.dev/blob"

	"latchkey/clients/freshservice"
	"latchkey/clients/okta"
	"latchkey/evidence"
	"latchkey/examples/acme"
	"latchkey/internal/app"
	"latchkey/internal/config"
	"latchkey/internal/temporal"
	"latchkey/simulators/freshservice/freshsim"
	"latchkey/simulators/okta/oktasim"
)

// Options is how a playground is set up. Temporal is required.
type Options struct {
	Temporal  client.Client
	Namespace string // default "default"
	// Address is where the Temporal is, for programs that are started as processes of their own (ProcessEnv).
	Address string
	// PolicyDir is the policy folder; empty finds Acme's. It is copied, and the copy hurries (see policies.go).
	PolicyDir string
	Edits     map[string][]Edit // changes to the copy, by file name
	// Listen gives fixed addresses to the simulators and the bridge; empty takes free ports on loopback.
	OktaListen, DeskListen, BridgeListen string
	// WebhookRetry are the pauses between the desk's attempts. Nil means 1, 2 and 3 seconds; empty means no retries.
	WebhookRetry []time.Duration
	// SweepEvery is how often the sweep runs; zero runs no schedule (call Sweep).
	SweepEvery time.Duration
	// NoWorker leaves the worker out, for tests that start one as a process of its own.
	NoWorker bool
	Log      *slog.Logger // nil discards
}

// Playground is a running one. Close it.
type Playground struct {
	Okta     *oktasim.Server
	Desk     *freshsim.Server
	Company  acme.Company
	Temporal client.Client
	Records  *evidence.Store

	OktaURL, DeskURL, BridgeURL string
	Secrets                     Secrets

	options   Options
	tokenID   string               // of Latchkey's credential, as the System Log names it
	portal    *freshservice.Client // what people do on the desk
	dir       string
	policyDir string
	blobs     *blob.Bucket
	bridge    *process
	worker    *process
	closers   []func() error
}

// Secrets are drawn afresh for every playground.
type Secrets struct {
	OktaToken, DeskKey, PortalKey, Webhook string
	ReviewKey, ReviewLinks, ReviewApp      string // of the bridge's review pages
}

// portalAgent is the agent behind whose key people's acts on the desk are placed.
const portalAgent = acme.Tariq

// Start starts everything, in the order in which one needs the other. What was started is closed again when a later
// step fails.
func Start(ctx context.Context, o Options) (*Playground, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.WebhookRetry == nil {
		o.WebhookRetry = []time.Duration{time.Second, 2 * time.Second, 3 * time.Second}
	}
	p := &Playground{options: o, Temporal: o.Temporal, Secrets: Secrets{
		OktaToken: "00" + rand.Text(), DeskKey: rand.Text(), PortalKey: rand.Text(), Webhook: rand.Text(),
		ReviewKey: newReviewKey(), ReviewLinks: rand.Text() + rand.Text(), ReviewApp: rand.Text(),
	}}
	if err := p.start(ctx); err != nil {
		return nil, errors.Join(err, p.Close())
	}
	return p, nil
}

func (p *Playground) start(ctx context.Context) error {
	steps := []func(context.Context) error{p.makeFolders, p.startOkta, p.startDesk, p.startBridge, p.connectWebhooks, p.prepareTemporal}
	if !p.options.NoWorker {
		steps = append(steps, p.StartWorker)
	}
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// makeFolders makes a folder of our own with the policies and the blob store.
func (p *Playground) makeFolders(ctx context.Context) (err error) {
	if p.dir, err = os.MkdirTemp("", "latchkey-"); err != nil {
		return err
	}
	p.closers = append(p.closers, func() error { return os.RemoveAll(p.dir) })
	from := p.options.PolicyDir
	if from == "" {
		if from, err = findPolicies(); err != nil {
			return err
		}
	}
	p.policyDir = filepath.Join(p.dir, "policies")
	if err := copyPolicies(from, p.policyDir, p.options.Edits); err != nil {
		return err
	}
	if p.blobs, err = app.OpenBlobs(ctx, p.BlobURL()); err != nil {
		return err
	}
	p.closers = append(p.closers, p.blobs.Close)
	p.Records = evidence.NewStore(p.blobs)
	p.Company, err = acme.Load()
	return err
}

// BlobURL is the store that the workers share.
func (p *Playground) BlobURL() string { return filepath.Join(p.dir, "blobs") }

// PolicyDir is the folder that the workers read.
func (p *Playground) PolicyDir() string { return p.policyDir }

func (p *Playground) startOkta(ctx context.Context) (err error) {
	if p.Okta, err = oktasim.New(oktasim.Options{ //nolint:contextcheck // it lives until Close, not until this call ends
		Token: "00" + rand.Text(), Seed: &p.Company,
		RuleDelay: 300 * time.Millisecond, FanOutDelay: 300 * time.Millisecond,
	}); err != nil {
		return err
	}
	p.closers = append(p.closers, func() error { p.Okta.Close(); return nil })
	if p.tokenID, err = p.Okta.AddToken(acme.ServiceLatchkey, "Latchkey", p.Secrets.OktaToken); err != nil {
		return err
	}
	p.OktaURL, err = p.serve(ctx, p.options.OktaListen, p.Okta.Handler())
	return err
}

func (p *Playground) startDesk(ctx context.Context) (err error) {
	if p.Desk, err = freshsim.New(freshsim.Options{ //nolint:contextcheck // it lives until Close, not until this call ends
		APIKey: p.Secrets.DeskKey, Seed: &p.Company, WebhookRetry: p.options.WebhookRetry, OnboardingDelay: 200 * time.Millisecond,
	}); err != nil {
		return err
	}
	p.closers = append(p.closers, func() error { p.Desk.Close(); return nil })
	if err := p.Desk.AddAPIKey(p.Secrets.PortalKey, portalAgent, "Account Admin"); err != nil {
		return err
	}
	if p.DeskURL, err = p.serve(ctx, p.options.DeskListen, p.Desk.Handler()); err != nil {
		return err
	}
	p.portal, err = freshservice.New(freshservice.Config{BaseURL: p.DeskURL, APIKey: p.Secrets.PortalKey, AllowPlainHTTP: true})
	return err
}

// serve serves a handler on an address of its own and returns its URL.
func (p *Playground) serve(ctx context.Context, address string, handler http.Handler) (string, error) {
	if address == "" {
		address = "127.0.0.1:0"
	}
	var lc net.ListenConfig
	listener, err := lc.Listen(ctx, "tcp", address)
	if err != nil {
		return "", err
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(listener) }() // ends with Close below
	p.closers = append(p.closers, server.Close)
	return "http://" + listener.Addr().String(), nil
}

// startBridge starts the real bridge.
func (p *Playground) startBridge(ctx context.Context) error {
	listen := p.options.BridgeListen
	if listen == "" {
		listen = "127.0.0.1:0"
	}
	return p.StartBridge(ctx, listen)
}

// StartBridge starts the bridge on an address; the one before has to be stopped.
func (p *Playground) StartBridge(ctx context.Context, listen string) error {
	secret := config.Secrets{config.NewSecret(p.Secrets.Webhook)}
	owner, _ := p.Okta.User(acme.ServiceLatchkey) // of the token: nobody there is nobody to pass over
	b, err := app.NewBridge(ctx, app.BridgeOptions{
		Webhooks: config.Webhooks{Listen: listen, Secrets: secret, OktaSecrets: secret, OktaActors: []string{owner.ID}},
		Reviews:  p.reviews(), Links: p.links(), Blobs: p.blobs,
		Temporal: p.Temporal, Log: p.options.Log,
	})
	if err != nil {
		return err
	}
	p.BridgeURL = "http://" + b.Addr()
	p.bridge = run(b.Run, b.Close) //nolint:contextcheck // it lives until StopBridge
	return p.Okta.RegisterWebApp(oktasim.WebApp{
		ID: reviewApp, Name: "Latchkey reviews", Secret: p.Secrets.ReviewApp, RedirectURIs: []string{p.BridgeURL + "/review/-/callback"},
	})
}

// StopBridge stops the bridge, as a crash or a deploy would.
func (p *Playground) StopBridge() error { return p.bridge.stop() }

// connectWebhooks gives the desk the Workflow Automator rule of docs/freshservice-setup.md.
func (p *Playground) connectWebhooks(context.Context) error {
	return p.Desk.AddRule(WebhookRule(p.BridgeURL, p.Secrets.Webhook))
}

// WebhookRule is the Workflow Automator rule that nudges Latchkey: everything that happens to a ticket, except what
// Latchkey's own agent did.
func WebhookRule(bridgeURL, secret string) freshsim.Rule {
	return freshsim.Rule{
		Name: "Nudge Latchkey",
		Events: []freshsim.EventKind{
			freshsim.EventTicketCreated, freshsim.EventTicketUpdated, freshsim.EventTicketDeleted, freshsim.EventTicketSpam,
			freshsim.EventTicketRestored, freshsim.EventItemUpdated, freshsim.EventApprovalApproved, freshsim.EventApprovalRejected,
			freshsim.EventNoteAdded,
		},
		Conditions: []freshsim.Condition{{Field: "actor", Op: "is_not", Value: acme.ServiceLatchkey}},
		Actions: []freshsim.Action{{Kind: freshsim.ActionWebhook, Webhook: &freshsim.Webhook{
			URL:     bridgeURL + "/webhooks/freshservice",
			Headers: map[string]string{"Authorization": "Bearer " + secret, "Content-Type": "application/json"},
			Body:    `{"event":"{{Triggered event}}","ticket_id":"{{ticket.id}}"}`,
		}}},
	}
}

// prepareTemporal does what `starter setup` does.
func (p *Playground) prepareTemporal(ctx context.Context) error {
	if p.options.Namespace == "" {
		p.options.Namespace = client.DefaultNamespace
	}
	if _, err := temporal.EnsureAttributes(ctx, p.Temporal, p.options.Namespace); err != nil {
		return err
	}
	if p.options.SweepEvery == 0 {
		return nil
	}
	_, err := temporal.EnsureSchedules(ctx, p.Temporal, temporal.Schedules{SweepEvery: p.options.SweepEvery})
	return err
}

// StartWorker starts a worker with every role in this process.
func (p *Playground) StartWorker(ctx context.Context) error {
	a, err := app.New(ctx, app.Options{
		Okta:         okta.Config{OrgURL: p.OktaURL, Token: p.Secrets.OktaToken, AllowPlainHTTP: true},
		Freshservice: freshservice.Config{BaseURL: p.DeskURL, APIKey: p.Secrets.DeskKey, AllowPlainHTTP: true},
		Reviews:      p.reviewKeys(),
		PolicyDir:    p.policyDir, Temporal: p.Temporal, Blobs: p.blobs, PolicyEvery: time.Second, Alerts: config.Alerts{Every: 2 * time.Second},
		Queues: config.Queues{
			OktaPerSecond: 200, FreshservicePerSecond: 200, OktaConcurrency: 20, FreshserviceConcurrency: 20, WorkflowConcurrency: 100, Workers: 1,
		},
		Log: p.options.Log,
	})
	if err != nil {
		return err
	}
	p.worker = run(a.Run, a.Close) //nolint:contextcheck // it lives until StopWorker
	return p.until(ctx, "the worker to say what policy allows", func() (bool, error) {
		controls, err := p.Controls(ctx)
		return len(controls.Modes) > 0, err
	})
}

// StopWorker drains the worker, as a deploy would.
func (p *Playground) StopWorker() error { return p.worker.stop() }

// Close stops everything, last started first.
func (p *Playground) Close() error {
	var errs []error
	if p.worker != nil {
		errs = append(errs, p.worker.stop())
	}
	if p.bridge != nil {
		errs = append(errs, p.bridge.stop())
	}
	for _, shut := range slices.Backward(p.closers) {
		errs = append(errs, shut())
	}
	p.closers = nil
	return errors.Join(errs...)
}

// process is something that runs until it is told to stop.
type process struct {
	cancel context.CancelFunc
	done   chan error
	close  func() error
	ended  bool
}

// run starts it in the background.
func run(body func(context.Context) error, shut func() error) *process {
	ctx, cancel := context.WithCancel(context.Background())
	p := &process{cancel: cancel, done: make(chan error, 1), close: shut}
	go func() { p.done <- body(ctx) }()
	return p
}

// stop ends it and waits; a second time does nothing.
func (p *process) stop() error {
	if p.ended {
		return nil
	}
	p.ended = true
	p.cancel()
	select {
	case err := <-p.done:
		return errors.Join(err, p.close())
	case <-time.After(time.Minute):
		return fmt.Errorf("it did not stop within a minute")
	}
}
