package devserver

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/testsuite"

	"latchkey/internal/temporal"
)

const (
	// downloadWithin bounds the SDK's download and the start that follows it.
	downloadWithin = 3 * time.Minute
	// startWithin bounds the start of a program that is there.
	startWithin = time.Minute
	// stopWithin bounds the wait for a server that was told to stop.
	stopWithin = 15 * time.Second
)

// Options is how to start a server. The zero value finds one and starts it in memory, on a free port, without the UI.
type Options struct {
	Finder    Finder
	Namespace string // default "default"
	UI        bool
	UIPort    int    // 0 is a free one
	DBFile    string // empty keeps everything in memory
	// Output is where the server's own words go; nil discards them.
	Output io.Writer
	// Metrics and Identity are for the client.
	Metrics  client.MetricsHandler
	Identity string
	Log      *slog.Logger // nil discards
}

// Server is a Temporal to work with: one that was started, or one that ran already.
type Server struct {
	Source    Source
	Client    client.Client
	Address   string
	Namespace string
	UIURL     string // empty when there is no UI that we started

	started *testsuite.DevServer
}

// DynamicConfig are the server's settings that Latchkey wants where it owns the server, each as KEY=JSON.
func DynamicConfig() []string {
	return []string{
		// Priority needs the newer matcher; it is the default from server 1.32 on (temporal.md §1.10).
		"matching.useNewMatcher=true",
		// A case continues as new into its use case under the same ID, at once (design: section 4).
		`history.workflowIdReuseMinimalInterval="0s"`,
		// One partition makes a queue's rate exact (temporal.md §10).
		"matching.numTaskqueueReadPartitions=1",
		"matching.numTaskqueueWritePartitions=1",
		// New search attributes are known at once.
		"system.forceSearchAttributesCacheRefreshOnRead=true",
	}
}

// Start finds a Temporal, starts it where it is a program, and makes sure of the search attributes. Close stops what was
// started, and leaves a server that ran already alone.
func Start(ctx context.Context, o Options) (*Server, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Finder.Log == nil {
		o.Finder.Log = o.Log
	}
	found, err := o.Finder.Find(ctx)
	if err != nil {
		return nil, err
	}
	if found.Source == SourceAddress {
		return join(ctx, o)
	}
	s, err := run(ctx, o, found)
	if err != nil && found.Source == SourceDownload && ctx.Err() == nil {
		o.Log.Warn("the downloaded temporal does not run", "error", err)
		if found, err = o.Finder.built(ctx); err != nil {
			return nil, err
		}
		s, err = run(ctx, o, found)
	}
	return s, err
}

// join uses the server that the environment names.
func join(ctx context.Context, o Options) (*Server, error) {
	c, err := temporal.Dial(ctx, temporal.Options{Log: o.Log, Metrics: o.Metrics, Identity: o.Identity})
	if err != nil {
		return nil, err
	}
	if _, err := temporal.EnsureAttributes(ctx, c.Client, c.Namespace); err != nil {
		c.Client.Close()
		return nil, err
	}
	return &Server{Source: SourceAddress, Client: c.Client, Address: c.Address, Namespace: c.Namespace}, nil
}

// run starts a program and waits until it answers.
func run(ctx context.Context, o Options, found Found) (*Server, error) {
	namespace := o.Namespace
	if namespace == "" {
		namespace = client.DefaultNamespace
	}
	output := o.Output
	if output == nil {
		null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
		if err != nil {
			return nil, fmt.Errorf("devserver: %w", err)
		}
		defer null.Close()
		output = null // a file, so that waiting for the child waits for nothing else
	}
	options := testsuite.DevServerOptions{
		ExistingPath: found.Path,
		ClientOptions: &client.Options{
			Namespace: namespace, Logger: log.NewStructuredLogger(quiet(o.Log)), MetricsHandler: o.Metrics, Identity: o.Identity,
		},
		DBFilename: o.DBFile, EnableUI: o.UI, LogLevel: "error", LogFormat: "json",
		SearchAttributes: temporal.DevServerAttributes(), Stdout: output, Stderr: output,
	}
	for _, setting := range DynamicConfig() {
		options.ExtraArgs = append(options.ExtraArgs, "--dynamic-config-value", setting)
	}
	s := &Server{Source: found.Source, Namespace: namespace}
	if o.UI {
		port, err := freePort(ctx, o.UIPort)
		if err != nil {
			return nil, err
		}
		options.UIPort = strconv.Itoa(port)
		s.UIURL = "http://" + net.JoinHostPort("localhost", options.UIPort)
	}
	within := startWithin
	if found.Path == "" {
		bin := filepath.Join(o.Finder.filled().Dir, "bin")
		if err := os.MkdirAll(bin, 0o750); err != nil {
			return nil, fmt.Errorf("devserver: %w", err)
		}
		options.CachedDownload = testsuite.CachedDownload{DestDir: bin}
		within = downloadWithin
	}
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	started, err := testsuite.StartDevServer(ctx, options)
	if err != nil {
		return nil, fmt.Errorf("devserver: starting temporal (from %s): %w", found.Source, err)
	}
	s.started, s.Client, s.Address = started, started.Client(), started.FrontendHostPort()
	return s, nil
}

// Close stops the server if it was started here, and lets go of the client.
func (s *Server) Close() error {
	s.Client.Close()
	if s.started == nil {
		return nil
	}
	stopped := make(chan error, 1)
	go func() { stopped <- s.started.Stop() }()
	select {
	case err := <-stopped:
		if errors.Is(err, os.ErrProcessDone) {
			return nil
		}
		return err
	case <-time.After(stopWithin):
		return fmt.Errorf("devserver: temporal did not stop within %s", stopWithin)
	}
}

// freePort is the wanted port, or one that is free now.
func freePort(ctx context.Context, wanted int) (int, error) {
	if wanted != 0 {
		return wanted, nil
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("devserver: looking for a free port: %w", err)
	}
	defer listener.Close()
	address, ok := listener.Addr().(*net.TCPAddr)
	if !ok {
		return 0, fmt.Errorf("devserver: %s is no TCP address", listener.Addr())
	}
	return address.Port, nil
}

// quiet keeps warnings and worse: the SDK tells every step of the start.
func quiet(l *slog.Logger) *slog.Logger { return slog.New(louder{l.Handler()}) }

// louder passes on what is at least a warning.
type louder struct{ slog.Handler }

// Enabled implements slog.Handler.
func (h louder) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && h.Handler.Enabled(ctx, level)
}

// WithAttrs implements slog.Handler.
func (h louder) WithAttrs(attrs []slog.Attr) slog.Handler { return louder{h.Handler.WithAttrs(attrs)} }

// WithGroup implements slog.Handler.
func (h louder) WithGroup(name string) slog.Handler { return louder{h.Handler.WithGroup(name)} }
