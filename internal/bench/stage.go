package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.temporal.io/api/serviceerror"

	"latchkey/clients/freshservice"
	"latchkey/clients/okta"
	"latchkey/contract"
	"latchkey/internal/app"
	"latchkey/internal/config"
	"latchkey/internal/devserver"
	"latchkey/internal/playground"
)

// stage is a playground on a Temporal of its own, with a worker whose calls are counted.
type stage struct {
	*playground.Playground
	okta, desk *counter
	close      []func() error
}

// newStage starts one. The queues are wide open: what is measured is the product, not the bounds that a tenant sets.
func newStage(ctx context.Context, policies string, edits map[string][]playground.Edit) (_ *stage, err error) {
	s := &stage{okta: newCounter(), desk: newCounter()}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	server, err := devserver.Start(ctx, devserver.Options{})
	if err != nil {
		return nil, err
	}
	s.close = append(s.close, server.Close)
	s.Playground, err = playground.Start(ctx, playground.Options{
		Temporal: server.Client, Namespace: server.Namespace, PolicyDir: policies, Edits: edits, NoWorker: true,
	})
	if err != nil {
		return nil, err
	}
	s.close = append(s.close, s.Playground.Close)
	return s, s.startWorker(ctx)
}

// startWorker starts a worker with every role in this process.
func (s *stage) startWorker(ctx context.Context) error {
	const wide = 10_000 // activities a second: no bound
	a, err := app.New(ctx, app.Options{
		Okta:         okta.Config{OrgURL: s.OktaURL, Token: s.Secrets.OktaToken, AllowPlainHTTP: true, Transport: s.okta},
		Freshservice: freshservice.Config{BaseURL: s.DeskURL, APIKey: s.Secrets.DeskKey, AllowPlainHTTP: true, HTTPTransport: s.desk},
		PolicyDir:    s.PolicyDir(), BlobURL: s.BlobURL(), Temporal: s.Temporal,
		Queues: config.Queues{
			OktaPerSecond: wide, FreshservicePerSecond: wide, OktaConcurrency: 50, FreshserviceConcurrency: 50, WorkflowConcurrency: 100, Workers: 1,
		},
	})
	if err != nil {
		return err
	}
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan error, 1)
	go func() { done <- a.Run(running) }()
	s.close = append(s.close, func() error {
		stop()
		return errors.Join(<-done, a.Close())
	})
	return poll(ctx, "the worker to say what policy allows", func() (bool, error) {
		controls, err := s.Controls(ctx)
		return len(controls.Modes) > 0, err
	})
}

// Close stops everything, last started first.
func (s *stage) Close() error {
	var errs []error
	for _, shut := range slices.Backward(s.close) {
		errs = append(errs, shut())
	}
	s.close = nil
	return errors.Join(errs...)
}

// ended waits until a ticket's case has ended for good, its idling included, and returns where it stood.
func (s *stage) ended(ctx context.Context, ticket int64) (contract.CaseStatus, error) {
	id := contract.TicketWorkflowID(ticket)
	err := poll(ctx, fmt.Sprintf("FS-%d to have a case", ticket), func() (bool, error) {
		err := s.Temporal.GetWorkflow(ctx, id, "").Get(ctx, nil)
		if _, missing := errors.AsType[*serviceerror.NotFound](err); missing {
			return false, nil // its webhook is on the way
		}
		return err == nil, err
	})
	if err != nil {
		return contract.CaseStatus{}, err
	}
	status, ok, err := s.Status(ctx, ticket)
	switch {
	case err != nil:
		return status, err
	case !ok || status.Case.Reported == nil:
		return status, fmt.Errorf("FS-%d ended without a report: %s", ticket, status.Summary)
	}
	return status, nil
}

// poll asks until it holds or the context ends.
func poll(ctx context.Context, what string, holds func() (bool, error)) error {
	for {
		ok, err := holds()
		if err != nil || ok {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waited for %s: %w", what, context.Cause(ctx))
		case <-time.After(50 * time.Millisecond):
		}
	}
}
