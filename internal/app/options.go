// Package app is a running Latchkey: the worker with its roles and gates, and the bridge, each startable by a test in
// process. Nothing here exits the process or listens to signals: that is for the mains.
package app

import (
	"errors"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.temporal.io/sdk/client"
	"gocloud.dev/blob"

	"latchkey/activities"
	"latchkey/clients/freshservice"
	"latchkey/clients/okta"
	"latchkey/internal/config"
)

// Options is everything a worker process is told. PolicyDir is required, and of the vendors what the roles need.
type Options struct {
	// Roles are the queues to serve (config.RoleWorkflows and the others); empty means all.
	Roles []string
	// Okta and Freshservice say how to reach the vendors; the gates are put in by New.
	Okta         okta.Config
	Freshservice freshservice.Config
	PolicyDir    string
	// Queues is how fast and how wide; the zero value takes the defaults of the environment's settings.
	Queues config.Queues
	// Alerts is how the System Log is read; the zero value takes the defaults.
	Alerts config.Alerts
	// Incidents is what incidents link to and where their notices go.
	Incidents config.Incidents
	// Reviews is whose review decisions count.
	Reviews config.ReviewKeys

	// Temporal is the client to use, and is left open by Close. Nil dials by the environment.
	Temporal client.Client
	// Blobs is the store to use, and is left open by Close. Nil opens BlobURL.
	Blobs   *blob.Bucket
	BlobURL string

	// Listen is the address of /healthz, /readyz and /metrics; empty listens nowhere. Port 0 takes a free one.
	Listen string
	// Identity is how the Temporal UI shows this process; empty leaves it to the SDK.
	Identity string
	// StopWait is how long running activities may take to end when the process stops. Default 25 s.
	StopWait time.Duration
	// PolicyEvery is how often the policy folder is looked at, so that a change of modes reaches the cluster. Default 5 s.
	PolicyEvery time.Duration
	Registry    *prometheus.Registry // nil makes one
	Log         *slog.Logger         // nil discards
}

// FromConfig makes options of a worker's settings.
func FromConfig(c config.Worker, log *slog.Logger) Options {
	o := Options{
		Roles: c.Process.Roles, Okta: c.Okta.Client(), Freshservice: c.Freshservice.Client(), PolicyDir: c.Policy.Dir,
		Queues: c.Queues, Reviews: c.Reviews, BlobURL: c.Storage.BlobURL, Listen: c.Process.Listen, Identity: c.Process.Identity,
		StopWait: c.Process.StopWait, Log: log, Alerts: c.Alerts, Incidents: c.Incidents,
	}
	if o.Listen == "off" {
		o.Listen = ""
	}
	return o
}

// filled puts in the defaults.
func (o Options) filled() (Options, error) {
	roles, err := config.ParseRoles(o.Roles)
	if err != nil {
		return o, err
	}
	o.Roles = roles
	if o.PolicyDir == "" {
		return o, errors.New("app: no policy folder given: set LATCHKEY_POLICY_DIR")
	}
	if o.Queues == (config.Queues{}) {
		o.Queues = config.DefaultQueues()
	}
	if o.StopWait == 0 {
		o.StopWait = 25 * time.Second
	}
	if o.PolicyEvery == 0 {
		o.PolicyEvery = 5 * time.Second
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Registry == nil {
		o.Registry = prometheus.NewRegistry()
	}
	return o, nil
}

// Monitor is where the hourly counts of alerts go beside the log.
func (o Options) Monitor() *activities.Monitor {
	if o.Alerts.MonitorURL == "" {
		return nil
	}
	return &activities.Monitor{URL: o.Alerts.MonitorURL, Token: o.Alerts.MonitorToken.Reveal()}
}
