package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"latchkey/activities"
	"latchkey/casework"
)

const (
	// joiners is how many people join at once, and joinerLeast how many calls each costs at the least in /users*: create
	// with its groups, activate, one read-back. None goes to /apps*, for the groups grant the apps.
	joiners     = 500
	joinerLeast = 3
	// joinersAtOnce is how many are under way at a time, and callsAtOnce how many calls.
	joinersAtOnce = 100
	callsAtOnce   = 20
	// lastWindow is what the calls of the last window may take.
	lastWindow = 10 * time.Second
)

// bound is the least time for so many calls where limit of them go in a minute.
func bound(calls, limit int) time.Duration {
	return time.Minute*time.Duration((calls+limit-1)/limit-1) + lastWindow
}

// joinerLoad is one way to bring 500 people in.
type joinerLoad struct {
	name, what string
	// prepare returns how one person joins.
	prepare func(o *oktaOrg) (func(ctx context.Context, n int) error, error)
	reserve float64 // of the lane, which the bound takes off
	keep    int     // calls left for other workers, which it takes off as well
}

// outcome is what became of a load.
type outcome struct {
	wall   time.Duration
	failed int
	counted
}

// run brings them in and counts.
func (l joinerLoad) run(ctx context.Context, o *oktaOrg, done *atomic.Int32) (outcome, error) {
	join, err := l.prepare(o)
	if err != nil {
		return outcome{}, err
	}
	var failed atomic.Int32
	slots := make(chan struct{}, joinersAtOnce)
	errs := make([]error, joiners)
	var wait sync.WaitGroup
	began := time.Now()
	for i := range joiners {
		wait.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			if err := join(ctx, i); err != nil {
				failed.Add(1)
				errs[i] = err
			}
			done.Add(1)
		})
	}
	wait.Wait()
	wall := time.Since(began)
	if err := ctx.Err(); err != nil {
		return outcome{}, errors.Join(errors.Join(errs...), context.Cause(ctx))
	}
	sum, err := countOkta(ctx, o.address)
	if n := int(failed.Load()); n > 0 && err == nil {
		one := slices.IndexFunc(errs, func(e error) bool { return e != nil })
		return outcome{wall: wall, failed: n, counted: sum}, fmt.Errorf("%s: %d of %d joiners failed, one of them: %w", l.name, n, joiners, errs[one])
	}
	return outcome{wall: wall, counted: sum}, err
}

// joinerLoads are the ways that need no Temporal: the gate alone, the same without it, and a plain script on the SDK.
func joinerLoads() []joinerLoad {
	bulk := activities.DefaultReserves()[casework.PriorityBulk]
	return []joinerLoad{
		{name: "gate", what: "the gate alone, reserve 0", prepare: throughClients(1, 0)},
		{name: "gate_reserve", what: "the gate alone, the reserve of bulk", prepare: throughClients(1, bulk), reserve: bulk},
		{name: "gate3", what: fmt.Sprintf("three gates of %d slots, which know of each other only by the headers, reserve 0", callsAtOnce/3), prepare: throughClients(3, 0), keep: 2 * (callsAtOnce / 3)},
		{name: "bulk_ungated", what: "the same calls without the gate: each 429 waits for the reset that Okta names, spread over five seconds", prepare: throughClients(0, 0)},
		{name: "bulk_sdk_script", what: "a plain script on okta-sdk-golang with its own back-off", prepare: throughSDK},
	}
}

// pause waits unless the context ends.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}

// measureJoiners runs the loads side by side, each against an org of its own: what they do most is wait.
func measureJoiners(ctx context.Context, b *bench) (err error) {
	p, err := buildPrograms(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	loads := joinerLoads()
	outcomes := make([]outcome, len(loads))
	errs := make([]error, len(loads))
	done := make([]atomic.Int32, len(loads))
	var wait sync.WaitGroup
	for i, l := range loads {
		wait.Go(func() {
			o, err := startOrg(ctx, p)
			if err != nil {
				errs[i] = err
				return
			}
			defer func() { errs[i] = errors.Join(errs[i], o.stop()) }()
			if errs[i] = o.findGroups(ctx); errs[i] == nil {
				outcomes[i], errs[i] = l.run(ctx, o, &done[i])
			}
		})
	}
	finished := make(chan struct{})
	go func() { wait.Wait(); close(finished) }()
	for tick := time.NewTicker(time.Second); ; {
		select {
		case <-tick.C:
			var words []string
			for i, l := range loads {
				words = append(words, fmt.Sprintf("%s %d", l.name, done[i].Load()))
			}
			b.step("of %d joiners have joined: %s", joiners, strings.Join(words, ", "))
			continue
		case <-finished:
			tick.Stop()
		}
		break
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	for i, l := range loads {
		l.report(b.report, outcomes[i])
	}
	return nil
}

// report compares a load with its bound.
func (l joinerLoad) report(r *report, o outcome) {
	const limit = 300 // of /users*, workforce, half for a new token
	usable := limit - int(l.reserve*limit+0.5) - l.keep
	least := bound(joiners*joinerLeast, usable)
	wallGoal, refusedGoal := atMost(1.05), atMost(0)
	if !strings.HasPrefix(l.name, "gate") {
		wallGoal, refusedGoal = "", "" // what it is compared with
	}
	r.aim(l.name+"_wall_over_bound", o.wall.Seconds()/least.Seconds(), "ratio", wallGoal,
		"%s: %.0f s for %d joiners; the bound is %.0f s, for %d calls at %d a minute in /users*; it made %d there",
		l.what, o.wall.Seconds(), joiners, least.Seconds(), joiners*joinerLeast, usable, o.users)
	r.aim(l.name+"_429", float64(o.refused), "answers", refusedGoal, "of %d calls, as the org counted them", o.calls)
}
