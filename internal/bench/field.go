package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"

	"latchkey/clients/freshservice"
	"latchkey/contract"
	"latchkey/examples/acme"
	"latchkey/internal/devserver"
	"latchkey/internal/playground"
)

// field is a small cluster: Temporal, both simulators, workers and the bridge, each a process of its own.
type field struct {
	programs *programs
	server   *devserver.Server
	temporal client.Client
	company  acme.Company

	oktaURL, deskURL, bridgeURL     string
	token, deskKey, portalKey, hook string
	portal                          *freshservice.Client // what people do on the desk
	workers                         []*child
	okta, desk, bridge              *child
	dir, policies                   string
	itemIDs                         map[string]int64
	close                           []func() error
}

// fieldOptions is how a field is laid out.
type fieldOptions struct {
	edits    map[string][]playground.Edit // of Acme's policies
	okta     []string                     // further flags of the simulators
	desk     []string
	workers  int
	settings []string // of the workers, beyond wide open queues: NAME=value
	bridge   bool
	webhooks bool // the desk calls the bridge about every ticket
}

// newField starts everything; from is the policy folder.
func newField(ctx context.Context, from string, o fieldOptions) (_ *field, err error) {
	f := &field{token: "00" + randomText(), deskKey: randomText(), portalKey: randomText(), hook: randomText(), itemIDs: map[string]int64{}}
	defer func() {
		if err != nil {
			err = errors.Join(err, f.Close())
		}
	}()
	for _, step := range []func(context.Context, string, fieldOptions) error{
		f.prepare, f.startTemporal, f.startOkta, f.startDesk, f.startBridge, f.startWorkers,
	} {
		if err := step(ctx, from, o); err != nil {
			return nil, err
		}
	}
	return f, nil
}

func (f *field) prepare(ctx context.Context, from string, o fieldOptions) (err error) {
	if f.programs, err = buildPrograms(ctx); err != nil {
		return err
	}
	f.close = append(f.close, f.programs.Close)
	if f.dir, err = os.MkdirTemp("", "latchkey-field-"); err != nil {
		return err
	}
	f.close = append(f.close, func() error { return os.RemoveAll(f.dir) })
	f.policies = filepath.Join(f.dir, "policies")
	if err := playground.CopyPolicies(from, f.policies, o.edits); err != nil {
		return err
	}
	f.company, err = acme.Load()
	return err
}

func (f *field) startTemporal(ctx context.Context, _ string, _ fieldOptions) (err error) {
	if f.server, err = devserver.Start(ctx, devserver.Options{}); err != nil {
		return err
	}
	f.temporal = f.server.Client
	f.close = append(f.close, f.server.Close)
	return nil
}

func (f *field) startOkta(ctx context.Context, _ string, o fieldOptions) (err error) {
	f.okta, err = f.programs.start("okta", []string{"OKTA_SIM_TOKEN=00" + randomText()}, slices.Concat(
		[]string{"--listen", "127.0.0.1:0", "--seed", "acme"}, o.okta)...)
	if err != nil {
		return err
	}
	f.close = append(f.close, f.okta.stop)
	if f.oktaURL, err = f.okta.url(ctx); err != nil {
		return err
	}
	return adminCall(ctx, http.MethodPost, f.oktaURL+"/admin/tokens", map[string]string{
		"owner": acme.ServiceLatchkey, "name": "Latchkey", "token": f.token,
	}, nil)
}

func (f *field) startDesk(ctx context.Context, _ string, o fieldOptions) (err error) {
	f.desk, err = f.programs.start("freshservice", []string{"FRESHSERVICE_API_KEY=" + f.deskKey}, slices.Concat(
		[]string{"--listen", "127.0.0.1:0", "--seed", "acme"}, o.desk)...)
	if err != nil {
		return err
	}
	f.close = append(f.close, f.desk.stop)
	if f.deskURL, err = f.desk.url(ctx); err != nil {
		return err
	}
	err = adminCall(ctx, http.MethodPost, f.deskURL+"/admin/api-keys", map[string]string{
		"key": f.portalKey, "email": acme.Tariq, "role": "Account Admin",
	}, nil)
	if err != nil {
		return err
	}
	if f.portal, err = freshservice.New(freshservice.Config{BaseURL: f.deskURL, APIKey: f.portalKey, AllowPlainHTTP: true}); err != nil {
		return err
	}
	items, err := f.portal.ListItems(ctx, 0)
	for _, item := range items {
		f.itemIDs[item.Name] = item.DisplayID
	}
	return err
}

// startBridge starts `starter serve`.
func (f *field) startBridge(ctx context.Context, _ string, o fieldOptions) error {
	if !o.bridge {
		return nil
	}
	listen, err := freeAddress(ctx)
	if err != nil {
		return err
	}
	const unbounded = 1 << 30
	f.bridge, err = f.programs.start("starter", slices.Concat(f.temporalEnv(), []string{
		"LATCHKEY_LISTEN=" + listen, "LATCHKEY_WEBHOOK_SECRETS=" + f.hook, "LATCHKEY_LOG_LEVEL=error",
		"LATCHKEY_WEBHOOK_PER_SECOND=" + strconv.Itoa(unbounded), "LATCHKEY_WEBHOOK_BURST=" + strconv.Itoa(unbounded),
	}), "serve")
	if err != nil {
		return err
	}
	f.close = append(f.close, f.bridge.stop)
	f.bridgeURL = "http://" + listen
	err = poll(ctx, "the bridge to be ready", func() (bool, error) { return f.bridge.answers(ctx, f.bridgeURL+"/readyz") })
	if err != nil || !o.webhooks {
		return err
	}
	return f.connectWebhooks(ctx)
}

// connectWebhooks gives the desk the rule of docs/freshservice-setup.md.
func (f *field) connectWebhooks(ctx context.Context) error {
	return adminCall(ctx, http.MethodPost, f.deskURL+"/admin/automator/rules", playground.WebhookRule(f.bridgeURL, f.hook), nil)
}

// startWorkers starts the workers, with queues that are wide open unless a setting says otherwise, and waits until they
// have said what policy allows.
func (f *field) startWorkers(ctx context.Context, _ string, o fieldOptions) error {
	for range o.workers {
		if err := f.startWorker(o.settings...); err != nil {
			return err
		}
	}
	if o.workers == 0 {
		return nil
	}
	return poll(ctx, "the worker to say what policy allows", func() (bool, error) {
		for _, w := range f.workers {
			select {
			case <-w.done:
				return false, w.failed()
			default:
			}
		}
		return f.knowsModes(ctx)
	})
}

func (f *field) startWorker(settings ...string) error {
	w, err := f.programs.start("worker", slices.Concat(f.temporalEnv(), []string{
		"OKTA_ORG_URL=" + f.oktaURL, "OKTA_API_TOKEN=" + f.token, "OKTA_ALLOW_HTTP=true",
		"FRESHSERVICE_URL=" + f.deskURL, "FRESHSERVICE_API_KEY=" + f.deskKey, "FRESHSERVICE_ALLOW_HTTP=true",
		"LATCHKEY_POLICY_DIR=" + f.policies, "LATCHKEY_BLOB_URL=" + filepath.Join(f.dir, "blobs"),
		"LATCHKEY_LISTEN=off", "LATCHKEY_LOG_LEVEL=error", "LATCHKEY_STOP_WAIT=5s",
		"LATCHKEY_OKTA_PER_SECOND=10000", "LATCHKEY_FRESHSERVICE_PER_SECOND=10000",
		"LATCHKEY_OKTA_CONCURRENCY=20", "LATCHKEY_FRESHSERVICE_CONCURRENCY=20",
	}, settings))
	if err != nil {
		return err
	}
	f.workers = append(f.workers, w)
	f.close = append(f.close, w.stop)
	return nil
}

func (f *field) temporalEnv() []string {
	return []string{"TEMPORAL_ADDRESS=" + f.server.Address, "TEMPORAL_NAMESPACE=" + f.server.Namespace}
}

// knowsModes says whether the controls know what policy allows.
func (f *field) knowsModes(ctx context.Context) (bool, error) {
	var controls contract.Controls
	value, err := f.temporal.QueryWorkflow(ctx, contract.ControlsID, "", contract.QueryControls)
	if err != nil {
		_, missing := errors.AsType[*serviceerror.NotFound](err)
		_, notYet := errors.AsType[*serviceerror.WorkflowNotReady](err)
		_, late := errors.AsType[*serviceerror.DeadlineExceeded](err)
		if missing || notYet || late && ctx.Err() == nil {
			return false, nil
		}
		return false, err
	}
	err = value.Get(&controls)
	return len(controls.Modes) > 0, err
}

// ask places a request for a catalogue item as a person would.
func (f *field) ask(ctx context.Context, item, by string, answers map[string]any) (int64, error) {
	id, ok := f.itemIDs[item]
	if !ok {
		return 0, fmt.Errorf("the desk has no item %q", item)
	}
	t, err := f.portal.PlaceRequest(ctx, id, freshservice.PlaceRequest{Email: by, CustomFields: answers})
	return t.ID, err
}

// Close stops everything, last started first.
func (f *field) Close() error {
	var errs []error
	for _, shut := range slices.Backward(f.close) {
		errs = append(errs, shut())
	}
	f.close = nil
	return errors.Join(errs...)
}

// answers says whether a path answers 200; a child that ended is an error.
func (c *child) answers(ctx context.Context, url string) (bool, error) {
	select {
	case <-c.done:
		return false, c.failed()
	default:
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return false, err
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return false, nil // it does not listen yet
	}
	return answer.StatusCode == http.StatusOK, answer.Body.Close()
}

// freeAddress is a loopback address that is free now.
func freeAddress(ctx context.Context) (string, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}
