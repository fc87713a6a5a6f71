package freshsim

import (
	"context"
	"crypto/rand"
	"fmt"
	"html/template"
	"net/http"
	"sync"
	"time"
)

// Server is one Freshservice account in memory. Make it with New, end it with Close.
type Server struct {
	opts      Options
	clock     *clock
	routes    *router
	mux       *http.ServeMux
	pages     *template.Template
	automator *automator
	cancel    context.CancelFunc
	done      sync.WaitGroup

	mu     sync.Mutex // guards everything below
	db     *database
	limits *limiter
	faults *faultBox
	counts *counters
	knobs  Knobs
	serial int64 // request ids

	lastOrigin string
	linkKey    []byte // signs attachment links
}

// Knobs are the switches of the account that tests may turn at run time; see PUT /admin/knobs.
type Knobs struct {
	IndexLag                time.Duration
	OnboardingDelay         time.Duration
	PeerStatus              string
	RefuseInactiveApprovers bool
	PriorityMatrix          bool
	// ChildContext puts the onboarding or offboarding form on the child tickets too.
	ChildContext bool
}

// New makes an account. The returned server owns goroutines until Close.
func New(opts Options) (*Server, error) {
	opts, err := opts.withDefaults()
	if err != nil {
		return nil, err
	}
	pages, err := parsePages()
	if err != nil {
		return nil, fmt.Errorf("freshsim: desk pages: %w", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	linkKey := make([]byte, 32)
	if _, err := rand.Read(linkKey); err != nil {
		cancel()
		return nil, fmt.Errorf("freshsim: %w", err)
	}
	s := &Server{linkKey: linkKey, opts: opts, clock: newClock(opts.Now), pages: pages, cancel: cancel}
	s.automator = newAutomator(ctx, s)
	s.routes = newRouter(apiRoutes())
	if err := s.Reset(); err != nil {
		cancel()
		return nil, err
	}
	s.mux = http.NewServeMux()
	s.mux.HandleFunc("/api/v2/", s.serveAPI)
	s.mux.HandleFunc("GET /data/attachments/{id}/{name}", s.serveAttachment)
	s.mountAdmin()
	s.mountDesk()
	s.done.Go(func() { s.clock.run(ctx) })
	return s, nil
}

// Handler serves the account. Anything outside /api/v2, /admin and /desk is a 404 without a body.
func (s *Server) Handler() http.Handler {
	guard := http.NewCrossOriginProtection() // the desk has no login: a foreign page must not post to it
	return guard.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, pattern := s.mux.Handler(r); pattern == "" {
			w.Header().Set("Content-Length", "0")
			w.WriteHeader(http.StatusNotFound)
			return
		}
		s.mux.ServeHTTP(w, r)
	}))
}

// Close ends all deliveries and timers. It is safe to call more than once.
func (s *Server) Close() {
	s.cancel()
	s.done.Wait()
	s.automator.wait()
}

// Reset throws all state away and seeds the account again: records, faults, limits, counters, rules and the delivery
// log. Time stays where it is.
func (s *Server) Reset() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.db = newDatabase(s.clock.now)
	s.limits = newLimiter(s.opts.Limits)
	s.faults = &faultBox{}
	s.counts = newCounters()
	s.knobs = Knobs{
		IndexLag: s.opts.IndexLag, OnboardingDelay: s.opts.OnboardingDelay, PeerStatus: s.opts.PeerStatus,
		RefuseInactiveApprovers: s.opts.RefuseInactiveApprovers, PriorityMatrix: s.opts.PriorityMatrix, ChildContext: s.opts.ChildContext,
	}
	if err := s.seed(); err != nil {
		return err
	}
	s.db.events = nil // a seed raises no workflow
	return s.automator.reset(s.opts.Rules)
}

// Now is the account's time.
func (s *Server) Now() time.Time { return s.clock.now() }

// Advance moves the account's time forward. Timers due on the way (webhook retries, tickets of onboarding requests)
// run at their own time, and their webhook attempts have ended when it returns.
func (s *Server) Advance(d time.Duration) {
	s.automator.wait()
	s.clock.advance(d, s.automator.wait)
	s.automator.wait()
}

// update runs fn on the state and lets the automator answer what it raised.
func (s *Server) update(fn func(db *database)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	fn(s.db)
	s.automator.settle()
}
