package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"gocloud.dev/blob"

	"latchkey/activities"
	"latchkey/clients/freshservice"
	"latchkey/clients/okta"
	"latchkey/internal/temporal"
	"latchkey/policy"
)

// App is a worker process: one worker for each role. Make it with New, run it once with Run, and Close it.
type App struct {
	options  Options
	temporal client.Client
	blobs    *blob.Bucket
	policies *policy.Store
	cluster  activities.Cluster
	metrics  *metrics
	health   *health
	listener net.Listener
	workers  []worker.Worker
	fatal    chan error
	opened   []func() error // what Close closes, last opened first
	closing  sync.Once
}

// New checks the options, loads the policy and makes the clients; it reaches Temporal, but neither vendor. The address
// of the health server is taken here, so that Addr is known.
func New(ctx context.Context, options Options) (*App, error) {
	options, err := options.filled()
	if err != nil {
		return nil, err
	}
	a := &App{options: options, fatal: make(chan error, 4)}
	if err := a.open(ctx); err != nil {
		return nil, errors.Join(err, a.Close())
	}
	return a, nil
}

func (a *App) open(ctx context.Context) (err error) {
	o := a.options
	if a.policies, err = policy.Open(o.PolicyDir, o.Log); err != nil {
		return fmt.Errorf("app: the policy in %s does not load (starter policy check says the same): %w", o.PolicyDir, err)
	}
	if a.metrics, err = newMetrics(o.Registry); err != nil {
		return err
	}
	if a.blobs = o.Blobs; a.blobs == nil {
		if a.blobs, err = OpenBlobs(ctx, o.BlobURL); err != nil {
			return err
		}
		a.opened = append(a.opened, a.blobs.Close)
	}
	if a.temporal = o.Temporal; a.temporal == nil {
		counted, err := temporal.NewMetrics(o.Registry, o.Log)
		if err != nil {
			return err
		}
		c, err := temporal.Dial(ctx, temporal.Options{Log: o.Log, Metrics: counted, Identity: o.Identity})
		if err != nil {
			return err
		}
		a.temporal = c.Client
		a.opened = append(a.opened, func() error { c.Client.Close(); return nil })
	}
	a.cluster = activities.NewCluster(a.temporal)
	a.health = &health{check: func(ctx context.Context) error { return temporal.Check(ctx, a.temporal) }}
	if o.Listen != "" {
		if a.listener, err = listen(ctx, o.Listen); err != nil {
			return err
		}
		a.opened = append(a.opened, func() error { return ignoreClosed(a.listener.Close()) })
	}
	for _, role := range o.Roles {
		w, err := a.worker(role)
		if err != nil {
			return err
		}
		a.workers = append(a.workers, w)
	}
	return nil
}

// Addr is where the health server listens; empty without one.
func (a *App) Addr() string {
	if a.listener == nil {
		return ""
	}
	return a.listener.Addr().String()
}

// Policies is the store that the activities ask.
func (a *App) Policies() *policy.Store { return a.policies }

// Run takes tasks until ctx ends, then drains: it takes no new ones, gives running activities StopWait to end, and
// returns nil. It returns early with an error when a worker cannot go on.
func (a *App) Run(ctx context.Context) error {
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	var running sync.WaitGroup
	defer running.Wait()
	defer stop()
	served := make(chan error, 1)
	if a.listener != nil {
		running.Go(func() { served <- serve(background, a.listener, a.health.handler(a.options.Registry), a.options.Log) })
	}
	for i, w := range a.workers {
		if err := w.Start(); err != nil {
			a.stop(a.workers[:i])
			return fmt.Errorf("app: starting the worker for %s: %w", a.options.Roles[i], err)
		}
	}
	a.health.started.Store(true)
	a.options.Log.Info("taking tasks", "roles", a.options.Roles, "health", a.Addr(), "policy", a.policies.Current().Digest())
	watching, unwatch := context.WithCancel(ctx)
	running.Go(func() { a.watchPolicy(watching) })
	defer unwatch()

	var err error
	select {
	case <-ctx.Done():
	case err = <-a.fatal:
	case err = <-served:
	}
	a.health.ending.Store(true)
	a.options.Log.Info("draining", "at_most", a.options.StopWait)
	unwatch()
	a.stop(a.workers)
	a.options.Log.Info("drained")
	return err
}

// stop stops workers side by side: each waits for its own activities.
func (a *App) stop(workers []worker.Worker) {
	var all sync.WaitGroup
	for _, w := range workers {
		all.Go(w.Stop)
	}
	all.Wait()
}

// Close lets go of what New opened. Call it after Run has returned; more than once does nothing more.
func (a *App) Close() (err error) {
	a.closing.Do(func() {
		for _, shut := range slices.Backward(a.opened) {
			err = errors.Join(err, shut())
		}
	})
	return err
}

func ignoreClosed(err error) error {
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// oktaClient is the client with this process' gate in front.
func (a *App) oktaClient() (*okta.Client, *activities.OktaGate, error) {
	gate := activities.NewOktaGate(a.gateOptions(a.options.Queues.OktaConcurrency, a.options.Queues.OktaPerSecond))
	c := a.options.Okta
	c.Admit, c.OnLost = gate.Admit, gate.OnLost
	c.OnRate = func(f okta.RateFacts) { gate.OnRate(f); a.metrics.okta(f) }
	client, err := okta.New(c)
	return client, gate, err
}

// deskClient is the client with this process' gate in front.
func (a *App) deskClient() (*freshservice.Client, *activities.DeskGate, error) {
	gate := activities.NewDeskGate(a.gateOptions(a.options.Queues.FreshserviceConcurrency, a.options.Queues.FreshservicePerSecond))
	c := a.options.Freshservice
	c.Admit, c.OnLost = gate.Admit, gate.OnLost
	c.OnRate = func(f freshservice.RateFacts) { gate.OnRate(f); a.metrics.desk(f) }
	client, err := freshservice.New(c)
	return client, gate, err
}

// gateOptions is how careful a gate is on a queue of that many slots a process: the calls that the other workers can have
// in flight are one a slot.
func (a *App) gateOptions(concurrency int, perSecond float64) activities.GateOptions {
	workers := a.options.Queues.Workers
	return activities.GateOptions{
		Elsewhere: max(workers-1, 0) * concurrency, Workers: workers, PerSecond: perSecond, Reserves: a.options.Reserves,
	}
}

// has says whether the process serves a role.
func (a *App) has(role string) bool { return slices.Contains(a.options.Roles, role) }
