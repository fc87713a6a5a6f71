package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	"latchkey/contract"
	"latchkey/internal/devserver"
	"latchkey/internal/playground"
	"latchkey/internal/systemlog"
	"latchkey/policy"
)

// measureAlerts has a worker of its own read a day's System Log from an Okta of its own, with the default pack, and open
// incidents: once with few events and once with many, so that the growth of its memory shows.
func measureAlerts(ctx context.Context, b *bench) (err error) {
	dir, err := os.MkdirTemp("", "latchkey-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	b.step("building the worker and the simulator")
	build := exec.CommandContext(ctx, "go", "build", "-o", dir, "./worker", "./simulators/okta")
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("build: %w: %s", err, out)
	}
	small, err := readAlerts(ctx, b, dir, alertSmall)
	if err != nil {
		return fmt.Errorf("%d events: %w", alertSmall, err)
	}
	large, err := readAlerts(ctx, b, dir, alertEvents)
	if err != nil {
		return fmt.Errorf("%d events: %w", alertEvents, err)
	}
	b.report.add("alerts_events_per_s", alertEvents/large.took.Seconds(), "1/s",
		"%d events of %d people from /logs, %d rules, %d pages each with a checkpoint, %d incidents opened on the desk", alertEvents, alertPeople, large.rules, large.pages, large.incidents)
	b.report.add("alerts_peak_rss_mib", large.peak, "MiB", "the worker process, %d events and the incidents of them", alertEvents)
	b.report.add("alerts_rss_growth", large.peak/small.peak, "", "the same at %d events over that at %d (%.0f MiB)", alertEvents, alertSmall, small.peak)
	return nil
}

// alertRun is what one run showed.
type alertRun struct {
	took      time.Duration
	peak      float64 // MiB
	pages     int
	rules     int
	incidents int
}

// readAlerts runs one worker over so many events, on a Temporal and a desk of its own.
func readAlerts(ctx context.Context, b *bench, dir string, events int) (r alertRun, err error) {
	server, err := devserver.Start(ctx, devserver.Options{})
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, server.Close()) }()
	p, err := playground.Start(ctx, playground.Options{
		Temporal: server.Client, Namespace: server.Namespace, Address: server.Address, PolicyDir: b.policies, NoWorker: true,
	})
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	okta, stop, err := startOkta(ctx, dir, p.Secrets.OktaToken)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, stop()) }()
	b.step("%d events into the log", events)
	for batch := range slices.Chunk(logEvents(events, time.Now().Add(-time.Minute)), 500) {
		if err := postEvents(ctx, okta, batch); err != nil {
			return r, err
		}
	}
	b.step("%d events: reading", events)
	worker, err := startWorker(ctx, p, dir, okta)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, end(worker)) }()
	if err := poll(ctx, "the first page", func() (bool, error) { n, err := logCalls(ctx, okta); return n > 0, err }); err != nil {
		return r, err
	}
	began := time.Now()
	var state contract.LogState
	err = poll(ctx, "the log to be read", func() (bool, error) {
		var running bool
		state, running, err = systemlog.Read(ctx, server.Client)
		return running && state.Events >= events && !state.Behind, nil
	})
	if err != nil {
		return r, err
	}
	r.took, r.pages = time.Since(began), state.Pages
	b.step("%d events: opening incidents", events)
	err = poll(ctx, "incidents on the desk", func() (bool, error) {
		r.incidents = deskTickets(p)
		return r.incidents >= events/attackEvery, nil // each attack is one
	})
	if err != nil {
		return r, fmt.Errorf("%w: %d of %d are open", err, r.incidents, events/attackEvery)
	}
	if r.peak, err = peakOf(worker.Process.Pid); err != nil {
		return r, err
	}
	if n := len(state.Gaps); n > 0 || state.Malformed > 0 || state.Repeated > 0 {
		return r, fmt.Errorf("the log was not read as it is: %d gaps, %d malformed, %d repeated", n, state.Malformed, state.Repeated)
	}
	rules, err := policy.LoadAlerts(filepath.Join(b.policies, "alerts"))
	if err != nil {
		return r, err
	}
	r.rules = len(rules.Rules())
	return r, nil
}
