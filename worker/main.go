// Command worker serves Latchkey's task queues: workflows, and the activities that call Okta and Freshservice. Any
// number of them may run. SIGTERM and SIGINT drain it.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"latchkey/internal/cli"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	code := cli.Worker(ctx, os.Args[1:], cli.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr})
	stop()
	os.Exit(int(code))
}
