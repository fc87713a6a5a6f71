// Command freshservice serves a simulated Freshservice: the REST API under /api/v2, a desk for people under /desk, and
// a control surface for tests under /admin.
//
//	go run ./simulators/freshservice --listen 127.0.0.1:8081 --api-key K --seed acme --limits enterprise
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"latchkey/examples/acme"
	"latchkey/simulators/freshservice/freshsim"
)

func main() { os.Exit(serve(os.Args[1:], os.Stderr)) }

// serve runs until a signal comes and gives the exit code.
func serve(args []string, w io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	switch err := run(ctx, args, w); {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		fmt.Fprintln(w, "freshservice:", err)
		return 1
	}
	return 0
}

// settings are what the flags say.
type settings struct {
	listen, apiKey, seed, limits, cert, key, baseURL, rules string
	verbose                                                 bool
}

// parse reads the flags; the API key may also come from FRESHSERVICE_API_KEY so that it need not show in a process list.
func parse(args []string, w io.Writer) (settings, error) {
	var o settings
	fs := flag.NewFlagSet("freshservice", flag.ContinueOnError)
	fs.SetOutput(w)
	fs.StringVar(&o.listen, "listen", "127.0.0.1:8081", "address to listen on")
	fs.StringVar(&o.apiKey, "api-key", os.Getenv("FRESHSERVICE_API_KEY"), "API key of the admin agent (default $FRESHSERVICE_API_KEY)")
	fs.StringVar(&o.seed, "seed", "none", "none or acme")
	fs.StringVar(&o.limits, "limits", freshsim.LimitsOff, "off, starter, growth, pro or enterprise")
	fs.StringVar(&o.cert, "tls-cert", "", "certificate file; serves HTTPS together with --tls-key")
	fs.StringVar(&o.key, "tls-key", "", "key file of the certificate")
	fs.StringVar(&o.baseURL, "base-url", "", "address that links are written with (default: the address of each request)")
	fs.StringVar(&o.rules, "rules", "", "file with Workflow Automator rules, a JSON list")
	fs.BoolVar(&o.verbose, "verbose", false, "one line per call on stderr")
	if err := fs.Parse(args); err != nil {
		return o, err
	}
	if fs.NArg() > 0 {
		return o, fmt.Errorf("unexpected argument %q", fs.Arg(0))
	}
	if (o.cert == "") != (o.key == "") {
		return o, fmt.Errorf("--tls-cert and --tls-key go together")
	}
	return o, nil
}

// run serves until ctx ends.
func run(ctx context.Context, args []string, w io.Writer) error {
	o, err := parse(args, w)
	if err != nil {
		return err
	}
	opts := freshsim.Options{APIKey: o.apiKey, Limits: o.limits, BaseURL: o.baseURL}
	if o.verbose {
		opts.Logger = slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	if o.rules != "" {
		if opts.Rules, err = readRules(o.rules); err != nil {
			return err
		}
	}
	switch o.seed {
	case "none":
	case "acme":
		company, err := acme.Load()
		if err != nil {
			return err
		}
		opts.Seed = &company
	default:
		return fmt.Errorf("seed %q is unknown; use none or acme", o.seed)
	}
	sim, err := freshsim.New(opts) //nolint:contextcheck // the account lives until Close
	if err != nil {
		return err
	}
	defer sim.Close()
	var lc net.ListenConfig
	listener, err := lc.Listen(ctx, "tcp", o.listen)
	if err != nil {
		return err
	}
	scheme := "http"
	if o.cert != "" {
		scheme = "https"
	}
	server := &http.Server{Handler: sim.Handler(), ReadHeaderTimeout: 10 * time.Second}
	fmt.Fprintf(w, "freshservice: %s://%s/desk for people, /api/v2 for clients, /admin for tests\n", scheme, listener.Addr())
	failed := make(chan error, 1)
	go func() {
		if o.cert != "" {
			failed <- server.ServeTLS(listener, o.cert, o.key)
			return
		}
		failed <- server.Serve(listener)
	}()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	shutdown, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	return server.Shutdown(shutdown)
}

// readRules reads a strict JSON list of rules.
func readRules(path string) ([]freshsim.Rule, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	dec := json.NewDecoder(f)
	dec.DisallowUnknownFields()
	var rules []freshsim.Rule
	if err := dec.Decode(&rules); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return rules, nil
}
