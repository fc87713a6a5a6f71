package config

import (
	"fmt"
	"io"
	"log/slog"
	"time"
)

// Logging is how a process speaks of itself.
type Logging struct {
	Level  string `envconfig:"LATCHKEY_LOG_LEVEL" default:"info"`  // debug, info, warn or error
	Format string `envconfig:"LATCHKEY_LOG_FORMAT" default:"json"` // json or text
}

func (l Logging) check(found *problems) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(l.Level)); err != nil {
		found.add("LATCHKEY_LOG_LEVEL", "%q is not debug, info, warn or error", l.Level)
	}
	if l.Format != "json" && l.Format != "text" {
		found.add("LATCHKEY_LOG_FORMAT", "%q is not json or text", l.Format)
	}
}

// Logger writes to w as the settings say.
func (l Logging) Logger(w io.Writer) *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(l.Level)) // checked at load; the zero level is info
	options := &slog.HandlerOptions{Level: level}
	if l.Format == "text" {
		return slog.New(slog.NewTextHandler(w, options))
	}
	return slog.New(slog.NewJSONHandler(w, options))
}

// Storage is where large data and the evidence are kept.
type Storage struct {
	// BlobURL is a gocloud.dev/blob URL: file:///var/lib/latchkey, s3://bucket?region=eu-central-1, mem:// for a trial.
	// Empty means the folder latchkey-data under the working folder. All workers share one.
	BlobURL string `envconfig:"LATCHKEY_BLOB_URL"`
}

// Policy is where the policy folder is.
type Policy struct {
	Dir string `envconfig:"LATCHKEY_POLICY_DIR"`
}

func (p Policy) check(found *problems) {
	if p.Dir == "" {
		found.add("LATCHKEY_POLICY_DIR", "is not set: the folder with intake.yaml and the other policy files")
	}
}

// Queues is how fast and how wide the workers of a cluster go. The rates count for the whole cluster, so all workers
// have to be given the same (docs/operations.md).
type Queues struct {
	OktaPerSecond           float64 `envconfig:"LATCHKEY_OKTA_PER_SECOND" default:"10"`        // activities started a second on the queue okta
	FreshservicePerSecond   float64 `envconfig:"LATCHKEY_FRESHSERVICE_PER_SECOND" default:"5"` // and on the queue freshservice
	OktaConcurrency         int     `envconfig:"LATCHKEY_OKTA_CONCURRENCY" default:"10"`       // activities at once in this process
	FreshserviceConcurrency int     `envconfig:"LATCHKEY_FRESHSERVICE_CONCURRENCY" default:"10"`
	WorkflowConcurrency     int     `envconfig:"LATCHKEY_WORKFLOW_CONCURRENCY" default:"100"` // workflow tasks at once in this process
	// Workers is how many worker processes the cluster has: the gates leave room for the calls of the others.
	Workers int `envconfig:"LATCHKEY_WORKERS" default:"1"`
}

func (q Queues) check(found *problems) {
	for name, n := range map[string]float64{
		"LATCHKEY_OKTA_PER_SECOND": q.OktaPerSecond, "LATCHKEY_FRESHSERVICE_PER_SECOND": q.FreshservicePerSecond,
		"LATCHKEY_OKTA_CONCURRENCY": float64(q.OktaConcurrency), "LATCHKEY_FRESHSERVICE_CONCURRENCY": float64(q.FreshserviceConcurrency),
		"LATCHKEY_WORKERS": float64(q.Workers),
	} {
		if n <= 0 {
			found.add(name, "is %v: it has to be more than 0", n)
		}
	}
	if q.WorkflowConcurrency < 2 { // the SDK rejects 1: one slot is kept for the sticky queue
		found.add("LATCHKEY_WORKFLOW_CONCURRENCY", "is %d: it has to be at least 2", q.WorkflowConcurrency)
	}
}

// Worker is everything a worker process is told.
type Worker struct {
	Okta         Okta
	Freshservice Freshservice
	Storage      Storage
	Policy       Policy
	Queues       Queues
	Alerts       Alerts
	Incidents    Incidents
	Reviews      ReviewKeys
	Logging      Logging
	Process      Process
}

// Process is what every worker process has.
type Process struct {
	Roles    []string      `envconfig:"LATCHKEY_ROLES"`                   // workflows, okta, freshservice; empty means all
	Listen   string        `envconfig:"LATCHKEY_LISTEN" default:":9090"`  // of /healthz, /readyz and /metrics; "off" listens nowhere
	Identity string        `envconfig:"LATCHKEY_IDENTITY"`                // as the Temporal UI shows it; empty means host and process
	StopWait time.Duration `envconfig:"LATCHKEY_STOP_WAIT" default:"25s"` // for running activities at a stop; below the pod's grace period
}

// Bridge is everything `starter serve` is told.
type Bridge struct {
	Webhooks Webhooks
	Reviews  Reviews
	Links    ReviewLinks
	Storage  Storage // packets and answers; read when review pages are served
	Logging  Logging
}

// Webhooks is who may call, and how often.
type Webhooks struct {
	Listen      string  `envconfig:"LATCHKEY_LISTEN" default:":8080"`
	Secrets     Secrets `envconfig:"LATCHKEY_WEBHOOK_SECRETS"`   // what Freshservice may present; two at once to replace one
	OktaSecrets Secrets `envconfig:"LATCHKEY_OKTA_HOOK_SECRETS"` // what Okta's event hooks may present
	// OktaActors are the IDs under which our own credential shows in Okta's events (a client ID, or who owns the token):
	// what they did nudges no profile sync.
	OktaActors     []string `envconfig:"LATCHKEY_OKTA_ACTORS"`
	PerSecond      float64  `envconfig:"LATCHKEY_WEBHOOK_PER_SECOND" default:"50"`
	Burst          int      `envconfig:"LATCHKEY_WEBHOOK_BURST" default:"200"`
	TrustedProxies int      `envconfig:"LATCHKEY_TRUSTED_PROXIES" default:"0"` // proxies of our own that append to X-Forwarded-For
}

// SecretLeast is the shortest webhook secret that is accepted, in bytes.
const SecretLeast = 16

func (w Webhooks) check(found *problems) {
	if len(w.Secrets) == 0 {
		found.add("LATCHKEY_WEBHOOK_SECRETS", "is not set: the secret that Freshservice sends, at least %d characters, such as the output of `openssl rand -hex 32`", SecretLeast)
	}
	for name, list := range map[string]Secrets{"LATCHKEY_WEBHOOK_SECRETS": w.Secrets, "LATCHKEY_OKTA_HOOK_SECRETS": w.OktaSecrets} {
		for i, s := range list {
			if len(s.value) < SecretLeast {
				found.add(name, "secret %d has %d characters: at least %d are needed", i+1, len(s.value), SecretLeast)
			}
		}
	}
	if w.PerSecond <= 0 || w.Burst <= 0 {
		found.add("LATCHKEY_WEBHOOK_PER_SECOND", "and LATCHKEY_WEBHOOK_BURST have to be more than 0")
	}
	if w.TrustedProxies < 0 {
		found.add("LATCHKEY_TRUSTED_PROXIES", "is negative: how many proxies of our own stand in front, 0 for none")
	}
}

// Schedules is how often the sweep runs.
type Schedules struct {
	SweepEvery time.Duration `envconfig:"LATCHKEY_SWEEP_EVERY" default:"1m"`
}

func (s Schedules) check(found *problems) {
	if s.SweepEvery < 5*time.Second || s.SweepEvery > 24*time.Hour {
		found.add("LATCHKEY_SWEEP_EVERY", "is %s: between 5s and 24h", s.SweepEvery)
	}
}

// Role is a part of the work a process may take.
const (
	RoleWorkflows    = "workflows"
	RoleOkta         = "okta"
	RoleFreshservice = "freshservice"
)

// Roles lists them.
func Roles() []string { return []string{RoleWorkflows, RoleOkta, RoleFreshservice} }

// ParseRoles checks names of roles; none means all.
func ParseRoles(names []string) ([]string, error) {
	if len(names) == 0 {
		return Roles(), nil
	}
	for _, name := range names {
		switch name {
		case RoleWorkflows, RoleOkta, RoleFreshservice:
		default:
			return nil, fmt.Errorf("no role %q; known are workflows, okta and freshservice", name)
		}
	}
	return names, nil
}

// DefaultQueues are the settings that Queues has when no variable is set.
func DefaultQueues() Queues {
	return Queues{
		OktaPerSecond: 10, FreshservicePerSecond: 5, OktaConcurrency: 10, FreshserviceConcurrency: 10,
		WorkflowConcurrency: 100, Workers: 1,
	}
}
