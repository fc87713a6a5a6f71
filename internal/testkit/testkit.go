// Package testkit gives story tests a playground on a real Temporal, one server for a whole test binary, and the few
// words they need.
package testkit

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"
	"google.golang.org/protobuf/types/known/durationpb"

	"latchkey/internal/devserver"
	"latchkey/internal/playground"
)

// Server is the Temporal of a test binary.
type Server struct {
	*devserver.Server
	n atomic.Int64
}

// Main runs a test binary with a Temporal of its own: func TestMain(m *testing.M) { testkit.Main(m, &server) }. With
// -short it runs without one, and stories are skipped by Playground.
func Main(m *testing.M, server **Server) {
	sideBySide()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Minute)
	found, err := devserver.Start(ctx, devserver.Options{Finder: devserver.Finder{Dir: root()}, Log: logger()})
	if err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "testkit:", err)
		cancel()
		os.Exit(1)
	}
	*server = &Server{Server: found}
	code := m.Run()
	if programs.dir != "" {
		_ = os.RemoveAll(programs.dir) // a leftover below the temporary folder harms nobody
	}
	if err := found.Close(); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "testkit:", err)
	}
	cancel()
	os.Exit(code)
}

// atOnce is how many stories are told side by side: they wait for timers far more than they work.
const atOnce = 6

// sideBySide tells more stories at once than the machine has cores, unless -parallel was given.
func sideBySide() {
	flag.Parse()
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "test.parallel" })
	if !given {
		_ = flag.Set("test.parallel", strconv.Itoa(atOnce)) // it is there in every test binary
	}
}

// root is the top of the checkout: where bin/ is.
func root() string {
	for dir := "."; ; dir += "/.." {
		if _, err := os.Stat(dir + "/go.mod"); err == nil {
			return dir
		}
		if len(dir) > 60 {
			return "."
		}
	}
}

// logger discards, unless LATCHKEY_TEST_LOG asks for everything: stories make trouble on purpose, and what counts is what
// the simulators recorded.
func logger() *slog.Logger {
	if os.Getenv("LATCHKEY_TEST_LOG") == "" {
		return slog.New(slog.DiscardHandler)
	}
	return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// Playground starts a playground in a namespace of its own, so that stories do not meet and may be told side by side.
func (s *Server) Playground(t *testing.T, set func(*playground.Options)) *playground.Playground {
	t.Helper()
	t.Parallel()
	namespace := fmt.Sprintf("story-%d-%d", os.Getpid(), s.n.Add(1))
	c := s.namespace(t, namespace)
	o := playground.Options{Temporal: c, Namespace: namespace, Address: s.Address, Log: logger()}
	if set != nil {
		set(&o)
	}
	p, err := playground.Start(t.Context(), o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, p.Close()) })
	return p
}

// namespace makes a namespace and a client for it.
func (s *Server) namespace(t *testing.T, name string) client.Client {
	t.Helper()
	_, err := s.Client.WorkflowService().RegisterNamespace(t.Context(), &workflowservice.RegisterNamespaceRequest{
		Namespace: name, WorkflowExecutionRetentionPeriod: durationpb.New(24 * time.Hour),
	})
	require.NoError(t, err)
	options := client.Options{HostPort: s.Address, Namespace: name, Logger: log.NewStructuredLogger(logger())}
	var c client.Client
	require.Eventually(t, func() bool { // a new namespace takes a moment to be known everywhere
		c, err = client.DialContext(t.Context(), options)
		if err != nil {
			return false
		}
		_, err = c.WorkflowService().DescribeNamespace(t.Context(), &workflowservice.DescribeNamespaceRequest{Namespace: name})
		return err == nil
	}, 20*time.Second, 100*time.Millisecond)
	t.Cleanup(c.Close)
	return c
}

// Soon is a context for a whole story. Its bound is for a story that hangs, not for a slow machine.
func Soon(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// Within is a context for a step that may take longer.
func Within(t *testing.T, d time.Duration) (context.Context, context.CancelFunc) {
	t.Helper()
	return context.WithTimeout(t.Context(), d)
}
