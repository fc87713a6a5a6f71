package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"latchkey/simulators/okta/oktasim"
)

const (
	headerTimeout   = 10 * time.Second
	shutdownTimeout = 5 * time.Second
)

// serve runs the org until ctx ends.
func serve(ctx context.Context, s *settings, stderr io.Writer, ready func(addr string)) error {
	org, err := oktasim.New(s.options) //nolint:contextcheck // the org lives until Close, not until a request ends
	if err != nil {
		return err
	}
	defer org.Close()
	for _, app := range s.webApps {
		if err := org.RegisterWebApp(app); err != nil {
			return err
		}
	}

	var lc net.ListenConfig
	ln, err := lc.Listen(ctx, "tcp", s.listen)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	srv := &http.Server{Handler: org.Handler(), ReadHeaderTimeout: headerTimeout}
	failed := make(chan error, 1)
	scheme := "http"
	if s.tlsCert != "" {
		scheme = "https"
	}
	go func() {
		if s.tlsCert != "" {
			failed <- srv.ServeTLS(ln, s.tlsCert, s.tlsKey)
			return
		}
		failed <- srv.Serve(ln)
	}()
	sum := org.Summary()
	_, _ = fmt.Fprintf(stderr, "okta: %s://%s serves %d users, %d groups, %d apps; limits %s; admin surface under /admin\n",
		scheme, ln.Addr(), sum.People(), sum.Groups, sum.Apps, s.options.Limits)
	if ready != nil {
		ready(ln.Addr().String())
	}

	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTimeout)
	defer cancel()
	if err := srv.Shutdown(stopping); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("shut down: %w", err)
	}
	return nil
}
