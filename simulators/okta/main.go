// Command okta is the simulated Okta org as a program: any Okta client can be pointed at it.
//
//	go run ./simulators/okta --listen 127.0.0.1:8080 --token secret --seed acme
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// Exit codes.
const (
	exitOK    = 0
	exitError = 1
	exitUsage = 2
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stderr, nil)
	stop()
	os.Exit(code)
}

// run is main without the process: it serves until ctx ends. ready, when given, gets the address once it listens.
func run(ctx context.Context, args []string, stderr io.Writer, ready func(addr string)) int {
	s, err := parseFlags(args, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return exitOK
	case err != nil:
		_, _ = fmt.Fprintln(stderr, "okta:", err)
		return exitUsage
	}
	if err := serve(ctx, s, stderr, ready); err != nil {
		_, _ = fmt.Fprintln(stderr, "okta:", err)
		return exitError
	}
	return exitOK
}
