// Package demo runs every use case for real in one process and says what happened: a Temporal, both simulators with the
// Acme company, a worker and the bridge. People ask and answer on the simulated desk; what Okta and the tickets say
// afterwards is checked, not assumed.
package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"latchkey/internal/devserver"
	"latchkey/internal/playground"
)

// FaultAnswerLost makes both vendors lose the answer to the first attempt of every write, after doing it.
const FaultAnswerLost = "answer-lost"

// Options is how to run the demo.
type Options struct {
	// Keep stays up after the stories until the context ends, so that a person can look around.
	Keep bool
	// Faults is empty or FaultAnswerLost.
	Faults string
	// Out gets the account of what happened; Terminal says that it is one, so progress may be redrawn in place.
	Out      io.Writer
	Terminal bool
	Log      *slog.Logger // nil discards
}

// ErrStories is returned when a story did not end as it should; which one and why has been printed.
var ErrStories = errors.New("not every story ended as it should")

// Run runs the demo. It returns ErrStories when a story went wrong, and any other error when it could not be told.
func Run(ctx context.Context, o Options) (err error) {
	if o.Faults != "" && o.Faults != FaultAnswerLost {
		return fmt.Errorf("no faults %q: there is %s, or none", o.Faults, FaultAnswerLost)
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	began := time.Now()
	t := &teller{out: o.Out, terminal: o.Terminal}
	t.say("Starting Temporal, both simulators with the Acme company, a worker and the bridge …")
	server, err := devserver.Start(ctx, devserver.Options{UI: true, Log: o.Log, Finder: devserver.Finder{Log: slog.New(slog.NewTextHandler(o.Out, nil))}})
	if err != nil {
		return err
	}
	defer server.Close()
	p, err := playground.Start(ctx, playground.Options{
		Temporal: server.Client, Namespace: server.Namespace, SweepEvery: 10 * time.Second, Log: o.Log,
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	if o.Faults == FaultAnswerLost {
		if err := p.LoseAnswers(); err != nil {
			return err
		}
		t.say("Both vendors lose the answer to the first attempt of every write.")
	}
	t.say("Ready after %s.\n", time.Since(began).Round(100*time.Millisecond))

	s := &stage{Playground: p, teller: t}
	told := s.tellAll(ctx)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	t.summary(told, time.Since(began))
	t.addresses(p, server.UIURL, server.Address)
	if o.Keep {
		t.say("Staying up. Ctrl-C ends it.")
		<-ctx.Done()
	}
	for _, story := range told {
		if story.err != nil {
			return ErrStories
		}
	}
	return nil
}
