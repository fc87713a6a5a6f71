package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"

	sdk "github.com/okta/okta-sdk-golang/v2/okta"
	"github.com/okta/okta-sdk-golang/v2/okta/query"

	"latchkey/activities"
	"latchkey/casework"
	"latchkey/clients/okta"
)

// person is one joiner's profile.
func person(n int) map[string]any {
	address := fmt.Sprintf("joiner%03d@acme.example", n)
	return map[string]any{"login": address, "email": address, "firstName": "Joiner", "lastName": fmt.Sprintf("Number%03d", n)}
}

// throughClients joins with our own client, in as many processes as there are gates; none is one process without a gate.
// A refused call holds no slot while it waits: that is what Temporal does with an activity's NextRetryDelay.
func throughClients(gates int, reserve float64) func(o *oktaOrg) (func(context.Context, int) error, error) {
	return func(o *oktaOrg) (func(context.Context, int) error, error) {
		processes := make([]*process, max(gates, 1))
		for i := range processes {
			p, err := newProcess(o, gates, reserve)
			if err != nil {
				return nil, err
			}
			processes[i] = p
		}
		do := func(ctx context.Context, call func(c *okta.Client) error) error {
			return processes[rand.IntN(len(processes))].do(ctx, call) //nolint:gosec // whoever polls first takes a task
		}
		return func(ctx context.Context, n int) error {
			var user okta.User
			steps := []func(c *okta.Client) error{
				func(c *okta.Client) (err error) {
					user, err = c.CreateUser(ctx, okta.NewUser{Profile: person(n), GroupIDs: o.groups})
					return err
				},
				func(c *okta.Client) error { return c.Activate(ctx, user.ID, true) },
				func(c *okta.Client) error {
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

// process is a worker without a Temporal: a client with its gate, and slots.
type process struct {
	client *okta.Client
	slots  chan struct{}
}

func newProcess(o *oktaOrg, gates int, reserve float64) (*process, error) {
	slots := callsAtOnce / max(gates, 1)
	config := okta.Config{OrgURL: o.address, Token: o.token, AllowPlainHTTP: true}
	if gates > 0 {
		gate := activities.NewOktaGate(activities.GateOptions{
			Reserves: activities.Reserves{casework.PriorityPeople: reserve}, Elsewhere: (gates - 1) * slots, Workers: gates,
		})
		config.Admit, config.OnRate, config.OnLost = gate.Admit, gate.OnRate, gate.OnLost
	}
	c, err := okta.New(config)
	return &process{client: c, slots: make(chan struct{}, slots)}, err
}

// do makes a call until it is answered.
func (p *process) do(ctx context.Context, call func(c *okta.Client) error) error {
	for {
		p.slots <- struct{}{}
		err := call(p.client)
		<-p.slots
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
