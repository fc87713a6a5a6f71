package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	sdk "github.com/okta/okta-sdk-golang/v2/okta"
	"github.com/okta/okta-sdk-golang/v2/okta/query"

	"latchkey/activities"
	"latchkey/casework"
	"latchkey/clients/okta"
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

// oktaOrg is a simulated Okta in a process of its own.
type oktaOrg struct {
	*child
	address, token string
	groups         []string
}

// startOrg starts one with Acme and the limits of a new token in a workforce org.
func startOrg(ctx context.Context, p *programs) (*oktaOrg, error) {
	o := &oktaOrg{token: "00" + randomText()}
	var err error
	o.child, err = p.start("okta", []string{"OKTA_SIM_TOKEN=" + o.token}, "--listen", "127.0.0.1:0", "--seed", "acme",
		"--limits", "workforce", "--token-share", "50")
	if err != nil {
		return nil, err
	}
	if o.address, err = o.url(ctx); err != nil {
		return nil, errors.Join(err, o.stop())
	}
	return o, nil
}

// findGroups looks up the two groups that joiners get, which costs no call of the buckets that count.
func (o *oktaOrg) findGroups(ctx context.Context) error {
	c, err := okta.New(okta.Config{OrgURL: o.address, Token: o.token, AllowPlainHTTP: true})
	if err != nil {
		return err
	}
	page, err := c.ListGroups(ctx, okta.PageRequest{})
	if err != nil {
		return err
	}
	for _, g := range page.Items {
		if g.Type == okta.OktaGroup && len(o.groups) < 2 {
			o.groups = append(o.groups, g.ID)
		}
	}
	if len(o.groups) < 2 {
		return errors.New("Acme has no two groups any more")
	}
	return nil
}

// counted is what the org counted itself.
type counted struct{ calls, refused, users int }

// count asks it.
func (o *oktaOrg) count(ctx context.Context) (counted, error) {
	var list []struct {
		Method   string
		Path     string
		Calls    int
		Statuses map[int]int
	}
	if err := adminCall(ctx, http.MethodGet, o.address+"/admin/counters", nil, &list); err != nil {
		return counted{}, err
	}
	var sum counted
	for _, c := range list {
		sum.calls += c.Calls
		sum.refused += c.Statuses[http.StatusTooManyRequests]
		if okta.BucketOf(c.Method, "/api/v1"+c.Path) == okta.BucketUsers {
			sum.users += c.Calls
		}
	}
	return sum, nil
}

// adminCall speaks to the surface of a simulator that no vendor has.
func adminCall(ctx context.Context, method, url string, in, out any) error {
	var body io.Reader = http.NoBody
	if in != nil {
		raw, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(raw)
	}
	r, err := http.NewRequestWithContext(ctx, method, url, body)
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	raw, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	if answer.StatusCode >= http.StatusBadRequest {
		return fmt.Errorf("%s %s: %s: %s", method, url, answer.Status, raw)
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(raw, out)
}

// joinerLoad is one way to bring 500 people in.
type joinerLoad struct {
	name, what string
	// prepare returns how one person joins.
	prepare func(o *oktaOrg) (func(ctx context.Context, n int) error, error)
	reserve float64 // of the lane, which the bound takes off
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
		return outcome{}, errors.Join(append(errs, context.Cause(ctx))...)
	}
	sum, err := o.count(ctx)
	if n := int(failed.Load()); n > 0 && err == nil {
		one := slices.IndexFunc(errs, func(e error) bool { return e != nil })
		return outcome{wall: wall, failed: n, counted: sum}, fmt.Errorf("%s: %d of %d joiners failed, one of them: %w", l.name, n, joiners, errs[one])
	}
	return outcome{wall: wall, counted: sum}, err
}

// joinerLoads are the ways that need no Temporal: the gate alone, the same without it, and a plain script on the SDK.
func joinerLoads() []joinerLoad {
	return []joinerLoad{
		{name: "gate", what: "the gate alone, reserve 0", prepare: throughClient(true, 0)},
		{name: "gate_reserve", what: "the gate alone, the reserve of bulk", prepare: throughClient(true, activities.DefaultReserves()[casework.PriorityBulk]), reserve: activities.DefaultReserves()[casework.PriorityBulk]},
		{name: "bulk_ungated", what: "the same calls without the gate: each 429 waits for the reset that Okta names, spread over five seconds", prepare: throughClient(false, 0)},
		{name: "bulk_sdk_script", what: "a plain script on okta-sdk-golang with its own back-off", prepare: throughSDK},
	}
}

// person is one joiner's profile.
func person(n int) map[string]any {
	address := fmt.Sprintf("joiner%03d@acme.example", n)
	return map[string]any{"login": address, "email": address, "firstName": "Joiner", "lastName": fmt.Sprintf("Number%03d", n)}
}

// throughClient joins with our own client, whose waits hold no slot: what a refused call does is what Temporal does with
// an activity's NextRetryDelay.
func throughClient(gated bool, reserve float64) func(o *oktaOrg) (func(context.Context, int) error, error) {
	return func(o *oktaOrg) (func(context.Context, int) error, error) {
		config := okta.Config{OrgURL: o.address, Token: o.token, AllowPlainHTTP: true}
		if gated {
			gate := activities.NewOktaGate(activities.GateOptions{Reserves: activities.Reserves{casework.PriorityPeople: reserve}})
			config.Admit, config.OnRate, config.OnLost = gate.Admit, gate.OnRate, gate.OnLost
		}
		c, err := okta.New(config)
		if err != nil {
			return nil, err
		}
		slots := make(chan struct{}, callsAtOnce)
		do := func(ctx context.Context, call func() error) error {
			for {
				slots <- struct{}{}
				err := call()
				<-slots
				refused, is := errors.AsType[*okta.Error](err)
				if !is || refused.Kind != okta.RateLimited {
					return err
				}
				wait := max(time.Until(refused.ResetAt), 100*time.Millisecond)
				if refused.Status == http.StatusTooManyRequests { // as activities/errors.go does
					wait = max(wait, time.Second) + rand.N(5*time.Second) //nolint:gosec // jitter is no secret
				}
				if err := pause(ctx, wait); err != nil {
					return err
				}
			}
		}
		return func(ctx context.Context, n int) error {
			var user okta.User
			steps := []func() error{
				func() (err error) {
					user, err = c.CreateUser(ctx, okta.NewUser{Profile: person(n), GroupIDs: o.groups})
					return err
				},
				func() error { return c.Activate(ctx, user.ID, true) },
				func() error {
					groups, err := c.ListUserGroups(ctx, user.ID)
					if err == nil && len(groups) < len(o.groups) {
						err = fmt.Errorf("joiner %d is in %d groups", n, len(groups))
					}
					return err
				},
			}
			for _, step := range steps {
				if err := do(ctx, step); err != nil {
					return err
				}
			}
			return nil
		}, nil
	}
}

// throughSDK joins as a script would: the SDK waits and tries again by itself, and the script asks again when it gave up.
func throughSDK(o *oktaOrg) (func(context.Context, int) error, error) {
	_, c, err := sdk.NewClient(context.Background(), sdk.WithOrgUrl(o.address), sdk.WithToken(o.token),
		sdk.WithTestingDisableHttpsCheck(true), sdk.WithCache(false))
	if err != nil {
		return nil, err
	}
	slots := make(chan struct{}, callsAtOnce)
	do := func(ctx context.Context, call func() error) error {
		for {
			slots <- struct{}{}
			err := call()
			<-slots // the SDK sleeps inside the call, and so in the slot
			if err == nil || !strings.Contains(err.Error(), "too many requests") || ctx.Err() != nil {
				return err
			}
		}
	}
	return func(ctx context.Context, n int) error {
		profile := sdk.UserProfile(person(n))
		var user *sdk.User
		activate := false
		steps := []func() error{
			func() (err error) {
				user, _, err = c.User.CreateUser(ctx, sdk.CreateUserRequest{Profile: &profile, GroupIds: o.groups}, query.NewQueryParams(query.WithActivate(activate)))
				return err
			},
			func() error {
				_, _, err := c.User.ActivateUser(ctx, user.Id, query.NewQueryParams(query.WithSendEmail(true)))
				return err
			},
			func() error {
				_, _, err := c.User.ListUserGroups(ctx, user.Id)
				return err
			},
		}
		for _, step := range steps {
			if err := do(ctx, step); err != nil {
				return err
			}
		}
		return nil
	}, nil
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
	usable := limit - int(l.reserve*limit+0.5)
	least := bound(joiners*joinerLeast, usable)
	wallGoal, refusedGoal := atMost(1.05), atMost(0)
	if !strings.HasPrefix(l.name, "gate") {
		wallGoal, refusedGoal = "", "" // what it is compared with
	}
	r.aim(l.name+"_wall_over_bound", o.wall.Seconds()/least.Seconds(), "", wallGoal,
		"%s: %.0f s for %d joiners; the bound is %.0f s, for %d calls at %d a minute in /users*; it made %d there",
		l.what, o.wall.Seconds(), joiners, least.Seconds(), joiners*joinerLeast, usable, o.users)
	r.aim(l.name+"_429", float64(o.refused), "answers", refusedGoal, "of %d calls, as the org counted them", o.calls)
}
