// Command histories plays the product's stories on a playground and saves the history of every workflow it names into
// workflows/testdata/histories, as <Workflow>.<scenario>.v1.json. A file that exists is never written again: it stands
// for a version that ran, and the tests replay it for as long as a history of that version may be open. `make
// histories` runs it after a workflow or a scenario was added.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"sync"
	"time"

	"latchkey/internal/devserver"
	"latchkey/internal/playground"
)

// scenarioTime bounds one scenario, its Temporal and its playground included.
const scenarioTime = 3 * time.Minute

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stderr)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "histories:", err)
		os.Exit(1)
	}
}

// recorder saves histories into a folder.
type recorder struct {
	dir string
	mu  sync.Mutex
	out io.Writer
}

func run(ctx context.Context, args []string, out io.Writer) error {
	r := &recorder{out: out}
	flags := flag.NewFlagSet("histories", flag.ContinueOnError)
	flags.SetOutput(out)
	flags.StringVar(&r.dir, "dir", filepath.Join("workflows", "testdata", "histories"), "where histories are kept")
	only := flags.String("only", "", "play this scenario alone")
	atOnce := flags.Int("at-once", 2, "how many scenarios run at the same time")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if err := os.MkdirAll(r.dir, 0o750); err != nil {
		return err
	}
	var missing []scenario
	for _, s := range scenarios() {
		if (*only == "" || s.name == *only) && !r.all(s.saves) {
			missing = append(missing, s)
		}
	}
	if len(missing) == 0 {
		r.say("nothing to do: every history is there")
	}
	return r.playAll(ctx, missing, max(*atOnce, 1))
}

// playAll plays scenarios, so many at once, and goes on after one that failed: what could be saved is saved.
func (r *recorder) playAll(ctx context.Context, list []scenario, atOnce int) error {
	var wait sync.WaitGroup
	errs := make([]error, len(list))
	slots := make(chan struct{}, atOnce)
	for i, s := range list {
		slots <- struct{}{}
		wait.Go(func() {
			defer func() { <-slots }()
			if err := r.play(ctx, s); err != nil {
				errs[i] = fmt.Errorf("%s: %w", s.name, err)
				r.say("%v", errs[i])
			}
		})
	}
	wait.Wait()
	return errors.Join(errs...)
}

// all says whether every one of the histories is there.
func (r *recorder) all(names []string) bool {
	for _, name := range names {
		if !r.has(name) {
			return false
		}
	}
	return true
}

func (r *recorder) say(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	fmt.Fprintf(r.out, format+"\n", args...)
}

// play runs one scenario on a Temporal of its own, so that nothing else is in its histories.
func (r *recorder) play(ctx context.Context, s scenario) (err error) {
	ctx, cancel := context.WithTimeout(ctx, scenarioTime)
	defer cancel()
	server, err := devserver.Start(ctx, devserver.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.Close()) }()
	o := playground.Options{Temporal: server.Client, Namespace: server.Namespace, Edits: s.edits}
	p, err := playground.Start(ctx, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	if err := s.play(ctx, &player{Playground: p, recorder: r}); err != nil {
		return err
	}
	if !r.all(s.saves) {
		return fmt.Errorf("it ran, and did not save all of %v", s.saves)
	}
	return nil
}
