package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"latchkey/bridge"
)

const (
	bridgeFor     = 4 * time.Second
	bridgeCallers = 32
)

// fakeTemporal takes every nudge at once, so that what is measured is the bridge alone.
type fakeTemporal struct{ nudges atomic.Int64 }

// Nudge implements bridge.Temporal.
func (f *fakeTemporal) Nudge(context.Context, int64) error {
	f.nudges.Add(1)
	return nil
}

// Ready implements bridge.Temporal.
func (f *fakeTemporal) NudgePerson(context.Context, string) error { return nil }

func (f *fakeTemporal) NudgeRequester(context.Context, int64) error { return nil }

func (f *fakeTemporal) WakeLog(context.Context) error { return nil }

func (f *fakeTemporal) Ready(context.Context) error { return nil }

// measureBridge sends webhooks as fast as the bridge takes them.
func measureBridge(ctx context.Context, b *bench) error {
	const unbounded = 1 << 30
	secret, fake := rand.Text(), &fakeTemporal{}
	front, err := bridge.New(bridge.Options{Temporal: fake, WebhookSecrets: []string{secret}, PerSecond: unbounded, Burst: unbounded})
	if err != nil {
		return err
	}
	server := httptest.NewServer(front.Handler())
	defer server.Close()
	caller := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: bridgeCallers}, Timeout: 10 * time.Second}
	defer caller.CloseIdleConnections()

	b.step("%d callers for %s", bridgeCallers, bridgeFor)
	var wait sync.WaitGroup
	took := make([][]time.Duration, bridgeCallers)
	errs := make([]error, bridgeCallers)
	began := time.Now()
	for i := range bridgeCallers {
		wait.Go(func() {
			for n := 1; errs[i] == nil && time.Since(began) < bridgeFor && ctx.Err() == nil; n++ {
				sent := time.Now()
				errs[i] = webhook(ctx, caller, server.URL, secret, i*1_000_000+n)
				took[i] = append(took[i], time.Since(sent))
			}
		})
	}
	wait.Wait()
	wall := time.Since(began)
	if err := errors.Join(slices.Concat(errs, []error{ctx.Err()})...); err != nil {
		return err
	}
	all := slices.Sorted(slices.Values(slices.Concat(took...)))
	if got := int(fake.nudges.Load()); got != len(all) {
		return fmt.Errorf("%d webhooks were accepted and %d nudges arrived", len(all), got)
	}
	b.report.add("bridge_accepted_per_s", float64(len(all))/wall.Seconds(), "webhooks/s", "%d callers on this machine, a Temporal that takes everything at once; each was one nudge", bridgeCallers)
	b.report.add("bridge_alone_p50_ms", milliseconds(all[len(all)/2]), "ms", "as the caller sees it, at that rate")
	b.report.add("bridge_alone_p99_ms", milliseconds(all[len(all)*99/100]), "ms", "as the caller sees it, at that rate")
	return nil
}

// webhook sends one as the Workflow Automator does and expects 202.
func webhook(ctx context.Context, caller *http.Client, url, secret string, ticket int) error {
	body := fmt.Sprintf(`{"event":"ticket.updated","ticket_id":"SR-%d"}`, ticket)
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/webhooks/freshservice", strings.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer "+secret)
	r.Header.Set("Content-Type", "application/json")
	answer, err := caller.Do(r)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, answer.Body)
	if answer.StatusCode != http.StatusAccepted {
		err = errors.Join(err, fmt.Errorf("the bridge answered %s", answer.Status))
	}
	return errors.Join(err, answer.Body.Close())
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
