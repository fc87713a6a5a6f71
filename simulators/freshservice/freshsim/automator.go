package freshsim

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// Delivery states.
const (
	DeliveryPending   = "pending"   // an attempt is under way or a retry is set
	DeliveryDelivered = "delivered" // answered with 2xx or 3xx
	DeliveryFailed    = "failed"    // every attempt failed; dropped
	DeliveryCapped    = "capped"    // beyond the hourly budget; never sent
	DeliveryLost      = "lost"      // swallowed by the trouble knob; never sent
)

// Delivery is one webhook of the execution log. Headers are not kept: they carry secrets.
type Delivery struct {
	ID       int64     `json:"id"`
	Rule     string    `json:"rule"`
	Event    EventKind `json:"event"`
	Ticket   int64     `json:"ticket"`
	Method   string    `json:"method"`
	URL      string    `json:"url"`
	Body     string    `json:"body"`
	State    string    `json:"state"`
	Attempts []Attempt `json:"attempts"`
	Created  time.Time `json:"created"`
	// Copy marks a duplicate made by the trouble knob.
	Copy bool `json:"copy"`

	headers http.Header
}

// Attempt is one try of a delivery; Status 0 means that no answer came.
type Attempt struct {
	At     time.Time `json:"at"`
	Status int       `json:"status"`
	Error  string    `json:"error,omitempty"`
}

// WebhookTrouble makes webhooks misbehave. The zero value is none.
type WebhookTrouble struct {
	// Duplicate sends every webhook this many further times.
	Duplicate int `json:"duplicate"`
	// LateMillis holds the first attempt back, in milliseconds of account time.
	LateMillis int `json:"late_millis"`
	// Reorder sends webhooks in pairs, the later one first. A webhook without a follower goes after a second.
	Reorder bool `json:"reorder"`
	// Lose swallows the next so many webhooks; -1 swallows all.
	Lose int `json:"lose"`
	// LoseEvery swallows every n-th webhook; 0 none.
	LoseEvery int `json:"lose_every"`
	// NoRetry gives each webhook one attempt only.
	NoRetry bool `json:"no_retry"`
}

// maxDeliveries bounds the execution log; the oldest tenth goes when it is full.
const maxDeliveries = 10_000

// reorderWindow is how long a reordered webhook waits for a follower.
const reorderWindow = time.Second

// automator runs rules and delivers webhooks, each on its own goroutine and never on the caller's: fire and forget
// (reference §9.1). Its mutex is taken after the server's, never before.
type automator struct {
	s      *Server
	ctx    context.Context //nolint:containedctx // the life of the server, which ends deliveries
	client *http.Client

	mu       sync.Mutex
	idle     *sync.Cond
	running  int
	rules    []Rule
	log      []*Delivery
	trouble  WebhookTrouble
	held     *Delivery
	seen     int // webhooks since LoseEvery was set
	hour     time.Time
	hourUsed int
	serial   int64
	era      int // counts resets: retries of a former era are dropped
}

func newAutomator(ctx context.Context, s *Server) *automator {
	a := &automator{s: s, ctx: ctx, client: &http.Client{
		Timeout:       s.opts.WebhookTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }, // 3xx counts as taken
	}}
	a.idle = sync.NewCond(&a.mu)
	return a
}

// reset drops the log, pending retries and troubles, and sets the rules.
func (a *automator) reset(rules []Rule) error {
	for _, r := range rules {
		if err := r.Check(); err != nil {
			return err
		}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.rules, a.log, a.trouble, a.held, a.seen, a.hourUsed, a.era = slices.Clone(rules), nil, WebhookTrouble{}, nil, 0, 0, a.era+1
	return nil
}

func (a *automator) rulesNow() []Rule {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.rules
}

// wait returns when no attempt is under way. Set retries and held webhooks do not count.
func (a *automator) wait() {
	a.mu.Lock()
	defer a.mu.Unlock()
	for a.running > 0 {
		a.idle.Wait()
	}
}

// send renders a webhook at the moment of its event and hands it to delivery. The caller holds the server's mutex.
func (a *automator) send(db *database, r Rule, hook Webhook, e event) {
	origin := a.s.origin(nil)
	d := &Delivery{
		Rule: r.Name, Event: e.kind, Ticket: e.ticket.id, Method: hook.Method, URL: db.render(hook.URL, e, origin),
		State: DeliveryPending, Created: a.s.clock.now().UTC(), Attempts: []Attempt{}, headers: http.Header{},
	}
	if d.Method == "" {
		d.Method = http.MethodPost
	}
	switch {
	case len(hook.Simple) > 0:
		d.Body = db.simpleContent(hook.Simple, e, origin)
	case d.Method != http.MethodGet:
		d.Body = db.render(hook.Body, e, origin)
	}
	d.headers.Set("Content-Type", "application/json")
	d.headers.Set("User-Agent", "Freshservice")
	for name, value := range hook.Headers {
		d.headers.Set(name, db.render(value, e, origin))
	}
	if hook.Username != "" {
		d.headers.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(hook.Username+":"+hook.Password)))
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	for i := range 1 + a.trouble.Duplicate {
		c := *d
		c.Copy = i > 0
		a.dispatch(&c)
	}
}

// dispatch applies the hourly budget and the troubles, then starts the first attempt. The caller holds a.mu.
func (a *automator) dispatch(d *Delivery) {
	a.serial++
	d.ID = a.serial
	if len(a.log) >= maxDeliveries {
		a.log = slices.Delete(a.log, 0, maxDeliveries/10)
	}
	a.log = append(a.log, d)
	if hour := d.Created.Truncate(time.Hour); !hour.Equal(a.hour) {
		a.hour, a.hourUsed = hour, 0
	}
	a.seen++
	switch {
	case a.hourUsed >= a.s.opts.WebhookHourlyCap:
		d.State = DeliveryCapped
		return
	case a.trouble.Lose != 0:
		if a.trouble.Lose > 0 {
			a.trouble.Lose--
		}
		d.State = DeliveryLost
		return
	case a.trouble.LoseEvery > 0 && a.seen%a.trouble.LoseEvery == 0:
		d.State = DeliveryLost
		return
	}
	a.hourUsed++
	switch {
	case a.trouble.LateMillis > 0:
		era := a.era
		a.s.clock.after(time.Duration(a.trouble.LateMillis)*time.Millisecond, func() {
			a.mu.Lock()
			defer a.mu.Unlock()
			if a.era == era {
				a.start(d)
			}
		})
	case a.trouble.Reorder && a.held == nil:
		a.held = d
		a.s.clock.after(reorderWindow, func() {
			a.mu.Lock()
			defer a.mu.Unlock()
			if a.held == d {
				a.held = nil
				a.start(d)
			}
		})
	case a.trouble.Reorder:
		first := a.held
		a.held = nil
		a.start(d, first)
	default:
		a.start(d)
	}
}

// start attempts deliveries one after the other on a goroutine of its own. The caller holds a.mu.
func (a *automator) start(all ...*Delivery) {
	a.running++
	era := a.era
	go func() {
		for _, d := range all {
			a.attempt(d, era)
		}
		a.mu.Lock()
		defer a.mu.Unlock()
		if a.running--; a.running == 0 {
			a.idle.Broadcast()
		}
	}()
}

// attempt posts once. On failure the next attempt is set by the clock, or the delivery is dropped.
func (a *automator) attempt(d *Delivery, era int) {
	status, err := a.post(d)
	a.mu.Lock()
	defer a.mu.Unlock()
	try := Attempt{At: a.s.clock.now().UTC(), Status: status}
	if err != nil {
		try.Error = err.Error()
	}
	d.Attempts = append(d.Attempts, try)
	pauses := a.s.opts.WebhookRetry
	switch n := len(d.Attempts); {
	case status >= 200 && status < 400:
		d.State = DeliveryDelivered
	case a.trouble.NoRetry || n > len(pauses) || a.era != era || a.ctx.Err() != nil:
		d.State = DeliveryFailed
	default:
		a.s.clock.after(pauses[n-1], func() {
			a.mu.Lock()
			defer a.mu.Unlock()
			if a.era == era {
				a.start(d)
			}
		})
	}
}

func (a *automator) post(d *Delivery) (int, error) {
	req, err := http.NewRequestWithContext(a.ctx, d.Method, d.URL, strings.NewReader(d.Body))
	if err != nil {
		return 0, fmt.Errorf("webhook request: %w", err)
	}
	req.Header = d.headers.Clone()
	resp, err := a.client.Do(req)
	if err != nil {
		return 0, err
	}
	defer func() {
		_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 1<<16))
		_ = resp.Body.Close()
	}()
	return resp.StatusCode, nil
}

// SetRules replaces all workflow rules.
func (s *Server) SetRules(rules []Rule) error {
	for _, r := range rules {
		if err := r.Check(); err != nil {
			return err
		}
	}
	s.automator.mu.Lock()
	defer s.automator.mu.Unlock()
	s.automator.rules = slices.Clone(rules)
	return nil
}

// SetWebhookTrouble replaces the webhook troubles.
func (s *Server) SetWebhookTrouble(t WebhookTrouble) {
	s.automator.mu.Lock()
	defer s.automator.mu.Unlock()
	s.automator.trouble, s.automator.seen = t, 0
}

// Deliveries is the execution log, oldest first.
func (s *Server) Deliveries() []Delivery {
	s.automator.mu.Lock()
	defer s.automator.mu.Unlock()
	out := make([]Delivery, 0, len(s.automator.log))
	for _, d := range s.automator.log {
		c := *d
		c.Attempts = slices.Clone(d.Attempts)
		c.headers = nil
		out = append(out, c)
	}
	return out
}

// Settled waits until no webhook attempt is under way. Retries that are set for later do not count.
func (s *Server) Settled() { s.automator.wait() }
