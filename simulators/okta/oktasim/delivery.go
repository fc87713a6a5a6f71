package oktasim

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"
)

// Delivery is one attempt to hand events to a hook.
type Delivery struct {
	At       time.Time `json:"at"`
	HookID   string    `json:"hookId"`
	EventID  string    `json:"eventId"` // of the delivery; its retry has the same
	UUIDs    []string  `json:"uuids"`   // of the events inside
	Attempt  int       `json:"attempt"` // 1, or 2 for the one retry
	Status   int       `json:"status"`  // 0 when no answer came
	Problem  string    `json:"problem,omitempty"`
	Injected FaultKind `json:"injected,omitempty"` // the fault that made it so
}

// pending is a delivery that has not been sent.
type pending struct {
	hook    *hook
	eventID string
	event   *logEvent
	fault   FaultKind
}

// deliverer sends hook deliveries one after the other, off the server's lock.
type deliverer struct {
	client *http.Client
	ctx    context.Context //nolint:containedctx // the life of the background sender, ended by close
	cancel context.CancelFunc

	mu    sync.Mutex
	queue []pending
	held  []pending // hook-reorder: goes out after the next one
	sent  []Delivery
	wake  chan struct{}
}

func newDeliverer(client *http.Client) *deliverer {
	ctx, cancel := context.WithCancel(context.Background())
	return &deliverer{client: client, ctx: ctx, cancel: cancel, wake: make(chan struct{}, 1)}
}

func (d *deliverer) close() { d.cancel() }

func (d *deliverer) push(items ...pending) {
	d.mu.Lock()
	d.queue = append(d.queue, items...)
	d.queue = append(d.queue, d.held...)
	d.held = nil
	d.mu.Unlock()
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

// forget drops what was sent and what is waiting.
func (d *deliverer) forget() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.queue, d.held, d.sent = nil, nil, nil
}

func (d *deliverer) hold(p pending) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.held = append(d.held, p)
}

func (d *deliverer) record(one Delivery) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.sent = append(d.sent, one)
}

// Deliveries returns every attempt so far, oldest first, those that a fault lost included.
func (s *Server) Deliveries() []Delivery {
	s.deliverer.mu.Lock()
	defer s.deliverer.mu.Unlock()
	return append([]Delivery{}, s.deliverer.sent...)
}

// offerToHooks queues the event for each ACTIVE and VERIFIED hook that subscribed to its type.
func (s *Server) offerToHooks(ev *logEvent) {
	for _, id := range s.st.hookIDs.all() {
		h := s.st.hooks[id]
		if h.status != ruleActive || h.verification != "VERIFIED" || !slices.Contains(h.items, ev.EventType) {
			continue
		}
		s.dispatch(pending{hook: h, eventID: newUUID(), event: ev.clone()})
	}
}

// dispatch applies the hook faults: lost, twice, late, out of order.
func (s *Server) dispatch(p pending) {
	copies := []pending{p}
	var delay time.Duration
	for _, f := range s.faults.list {
		if !f.isHook() || !s.faults.fires(f, "") {
			continue
		}
		p.fault = f.Kind
		switch f.Kind {
		case FaultHookLost:
			s.deliverer.record(Delivery{At: s.now(), HookID: p.hook.id, EventID: p.eventID, UUIDs: []string{p.event.UUID}, Injected: f.Kind})
			return
		case FaultHookDuplicate:
			copies = append(copies, p)
		case FaultHookLate:
			delay += time.Duration(f.Delay)
		case FaultHookReorder:
			s.deliverer.hold(p)
			return
		case FaultRateLimit, FaultConcurrency, FaultStatus, FaultSlow, FaultAnswerLost, FaultAnswerLate, FaultConnectionCut, FaultStale, FaultRefuse:
			// these are about requests, not deliveries
		}
	}
	if delay > 0 {
		s.later(delay, "", func(s *Server) { s.deliverer.push(copies...) })
		return
	}
	s.deliverer.push(copies...)
}

func (d *deliverer) run(s *Server) {
	for {
		select {
		case <-d.ctx.Done():
			return
		case <-d.wake:
		}
		for {
			d.mu.Lock()
			if len(d.queue) == 0 {
				d.mu.Unlock()
				break
			}
			p := d.queue[0]
			d.queue = d.queue[1:]
			d.mu.Unlock()
			d.deliver(s, p)
			if d.ctx.Err() != nil {
				return
			}
		}
	}
}

// deliver posts the event, and once more after a timeout or a 5xx; nothing else is retried (§8). Only failed deliveries are
// logged.
func (d *deliverer) deliver(s *Server, p pending) {
	s.mu.Lock()
	base := s.base
	s.mu.Unlock()
	body, err := json.Marshal(hookPayload(base, p))
	if err != nil {
		d.record(Delivery{At: p.event.at, HookID: p.hook.id, EventID: p.eventID, Problem: err.Error()})
		return
	}
	for attempt := 1; attempt <= 2; attempt++ {
		status, again, problem := d.post(p.hook, body)
		s.mu.Lock()
		now := s.now()
		s.mu.Unlock()
		d.record(Delivery{At: now, HookID: p.hook.id, EventID: p.eventID, UUIDs: []string{p.event.UUID}, Attempt: attempt, Status: status, Problem: problem, Injected: p.fault})
		if problem == "" {
			return
		}
		if !again || d.ctx.Err() != nil {
			break
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.emitOutcome(systemAct(s.now()), "event_hook.delivery", "FAILURE", "The event hook endpoint did not accept the delivery", p.hook.target())
}

// post sends one attempt. again says whether the vendor would retry.
func (d *deliverer) post(h *hook, body []byte) (status int, again bool, problem string) {
	ctx, cancel := context.WithTimeout(d.ctx, hookTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, h.uri, bytes.NewReader(body))
	if err != nil {
		return 0, false, err.Error()
	}
	req.Header.Set("Content-Type", jsonType)
	h.setHeaders(req)
	resp, err := d.client.Do(req)
	if err != nil {
		return 0, true, "no answer: " + withoutURL(err)
	}
	defer func() { _ = resp.Body.Close() }()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10)) // lets the connection be used again
	if resp.StatusCode >= 200 && resp.StatusCode < 300 {
		return resp.StatusCode, false, ""
	}
	return resp.StatusCode, resp.StatusCode >= 500, "status " + resp.Status
}

// withoutURL drops the address, which may hold a secret, from a client error.
func withoutURL(err error) string {
	inner := err
	for {
		next := errors.Unwrap(inner)
		if next == nil {
			return inner.Error()
		}
		inner = next
	}
}

func (h *hook) setHeaders(req *http.Request) {
	req.Header.Set("Accept", jsonType)
	for _, extra := range h.headers {
		req.Header.Set(extra.Key, extra.Value)
	}
	if h.auth != nil && h.auth.Value != "" {
		req.Header.Set(h.auth.Key, h.auth.Value)
	}
}

// challenge is the only GET the vendor sends: the endpoint must echo the header in JSON, within the timeout, with one retry.
func (d *deliverer) challenge(ctx context.Context, h *hook, value string) bool {
	for range 2 {
		if d.challengeOnce(ctx, h, value) {
			return true
		}
	}
	return false
}

func (d *deliverer) challengeOnce(ctx context.Context, h *hook, value string) bool {
	ctx, cancel := context.WithTimeout(ctx, hookTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, h.uri, http.NoBody)
	if err != nil {
		return false
	}
	h.setHeaders(req)
	req.Header.Set("X-Okta-Verification-Challenge", value)
	resp, err := d.client.Do(req)
	if err != nil {
		return false
	}
	defer func() { _ = resp.Body.Close() }()
	var body struct {
		Verification string `json:"verification"`
	}
	err = json.NewDecoder(io.LimitReader(resp.Body, 64<<10)).Decode(&body)
	return err == nil && resp.StatusCode == http.StatusOK && body.Verification == value
}

// hookPayload is the body of a delivery. Its events put ipChain inside client and add insertionTimestamp (§8).
func hookPayload(base string, p pending) object {
	event, isObject := p.event.asObject().(map[string]any)
	if !isObject {
		event = object{}
	}
	if client, isObject := event["client"].(map[string]any); isObject {
		if request, isObject := event["request"].(map[string]any); isObject {
			client["ipChain"] = request["ipChain"]
		}
	}
	event["insertionTimestamp"] = p.event.Published
	return object{
		"eventType": "com.okta.event_hook", "eventTypeVersion": "1.0", "cloudEventsVersion": "0.1", "eventId": p.eventID,
		"source": fmt.Sprintf("%s/api/v1/eventHooks/%s", base, p.hook.id), "eventTime": p.event.Published, "contentType": jsonType,
		"data": object{"events": []any{event}},
	}
}
