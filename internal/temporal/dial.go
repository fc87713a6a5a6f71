// Package temporal is how every process reaches Temporal and what it keeps there: the connection, the search
// attributes, the schedules, and the SDK's metrics in Prometheus' words.
//
// The connection is configured by the same variables and profile file as the `temporal` command: TEMPORAL_ADDRESS,
// TEMPORAL_NAMESPACE, TEMPORAL_API_KEY, TEMPORAL_TLS_…, TEMPORAL_PROFILE, TEMPORAL_CONFIG_FILE.
package temporal

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/contrib/envconfig"
	"go.temporal.io/sdk/log"
	"google.golang.org/grpc/codes"
)

// DefaultAddress is where Temporal is looked for when nothing says otherwise, as with the `temporal` command.
const DefaultAddress = "localhost:7233"

// defaultWithin bounds a dial: a person or a process supervisor waits for the answer.
const defaultWithin = 10 * time.Second

// Options is how to dial. The zero value reads everything from the environment.
type Options struct {
	// Env replaces the process' environment, for tests.
	Env envconfig.EnvLookup
	// NoFile ignores the profile file.
	NoFile   bool
	Log      *slog.Logger          // nil discards
	Metrics  client.MetricsHandler // nil counts nothing
	Identity string                // as the Temporal UI shows it; empty leaves it to the SDK
	Within   time.Duration         // default 10 s
}

// UnreachableError says that Temporal did not answer, where it was looked for, and what to set.
type UnreachableError struct {
	Address   string
	Namespace string
	Err       error
}

// Error implements error.
func (e *UnreachableError) Error() string {
	return fmt.Sprintf("no Temporal answers at %s (namespace %s): %v; set TEMPORAL_ADDRESS to where it is, or start one with `temporal server start-dev`",
		e.Address, e.Namespace, e.Err)
}

// Unwrap gives the cause.
func (e *UnreachableError) Unwrap() error { return e.Err }

// DeniedError says that Temporal answered and refused our credential.
type DeniedError struct {
	Address   string
	Namespace string
	Err       error
}

// Error implements error.
func (e *DeniedError) Error() string {
	return fmt.Sprintf("Temporal at %s refuses the credential for namespace %s: %v; check TEMPORAL_API_KEY, or TEMPORAL_TLS_CLIENT_CERT_PATH and its key",
		e.Address, e.Namespace, e.Err)
}

// Unwrap gives the cause.
func (e *DeniedError) Unwrap() error { return e.Err }

// denied says whether the server refused who we are or what we may do.
func denied(err error) bool {
	var answered serviceerror.ServiceError
	if !errors.As(err, &answered) {
		return false
	}
	code := answered.Status().Code()
	return code == codes.Unauthenticated || code == codes.PermissionDenied
}

// ClientOptions reads the address, the namespace and the credentials that are in force.
func ClientOptions(o Options) (client.Options, error) {
	options, err := envconfig.LoadClientOptions(envconfig.LoadClientOptionsRequest{EnvLookup: o.Env, DisableFile: o.NoFile})
	if err != nil {
		return client.Options{}, fmt.Errorf("temporal: the connection settings cannot be used (TEMPORAL_… variables, or the profile file): %w", err)
	}
	if options.HostPort == "" {
		options.HostPort = DefaultAddress
	}
	if options.Namespace == "" {
		options.Namespace = client.DefaultNamespace
	}
	logger := o.Log
	if logger == nil {
		logger = slog.New(slog.DiscardHandler)
	}
	options.Logger = log.NewStructuredLogger(logger)
	options.MetricsHandler = o.Metrics
	options.Identity = o.Identity
	return options, nil
}

// Connection is a client and where it leads. The client is a field and not embedded, because the SDK takes nothing but its
// own type for a worker.
type Connection struct {
	Client    client.Client
	Address   string
	Namespace string
}

// Dial connects, and fails at once with *UnreachableError where nobody answers.
func Dial(ctx context.Context, o Options) (*Connection, error) {
	options, err := ClientOptions(o)
	if err != nil {
		return nil, err
	}
	within := o.Within
	if within == 0 {
		within = defaultWithin
	}
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	c, err := client.DialContext(ctx, options)
	switch {
	case denied(err):
		return nil, &DeniedError{Address: options.HostPort, Namespace: options.Namespace, Err: err}
	case err != nil:
		return nil, &UnreachableError{Address: options.HostPort, Namespace: options.Namespace, Err: err}
	}
	return &Connection{Client: c, Address: options.HostPort, Namespace: options.Namespace}, nil
}

// Check asks the server whether it is healthy.
func Check(ctx context.Context, c client.Client) error {
	_, err := c.CheckHealth(ctx, &client.CheckHealthRequest{})
	return err
}

// IsDenied says whether an error means that Temporal refused our credential.
func IsDenied(err error) bool {
	var refused *DeniedError
	return errors.As(err, &refused) || denied(err)
}

// IsUnreachable says whether an error means that Temporal did not answer.
func IsUnreachable(err error) bool {
	var unreachable *UnreachableError
	var unavailable *serviceerror.Unavailable
	return errors.As(err, &unreachable) || errors.As(err, &unavailable)
}

// Lazy makes a connection that is tried at its first use, for a process that has to be up while Temporal is not.
func Lazy(o Options) (*Connection, error) {
	options, err := ClientOptions(o)
	if err != nil {
		return nil, err
	}
	c, err := client.NewLazyClient(options)
	if err != nil {
		return nil, fmt.Errorf("temporal: the connection settings cannot be used: %w", err)
	}
	return &Connection{Client: c, Address: options.HostPort, Namespace: options.Namespace}, nil
}
