package oktasim

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// settleEvery is how often due background work (rules, fan-out, index) is done when no request comes by to do it.
const settleEvery = 20 * time.Millisecond

// Server is one simulated org. Make it with New and stop it with Close.
type Server struct {
	opts   Options
	routes *router

	mu        sync.Mutex
	st        *state
	offset    time.Duration // the admin API moved the clock by this much
	jobs      jobQueue
	log       eventLog
	mails     []Mail
	faults    faultSet
	snapshots []snapshot
	buckets   limiter
	counters  counters
	base      string // address of the latest request
	deliverer *deliverer
	web       webSignIn // web applications and who is signing in to them; settings, so Reset leaves them

	inFlight atomic.Int64
	stop     chan struct{}
	stopOnce sync.Once
	done     sync.WaitGroup
}

// New makes an org. It fails on options that make no sense and on a seed that contradicts itself.
func New(opts Options) (*Server, error) {
	if err := opts.applyDefaults(); err != nil {
		return nil, fmt.Errorf("okta simulator: %w", err)
	}
	s := &Server{opts: opts, routes: newRouter(routeTable()), stop: make(chan struct{})}
	s.deliverer = newDeliverer(opts.HookClient)
	s.base = strings.TrimSuffix(opts.BaseURL, "/")
	if err := s.Reset(); err != nil {
		return nil, fmt.Errorf("okta simulator: %w", err)
	}
	s.done.Add(2)
	go s.settleLoop()
	go func() {
		defer s.done.Done()
		s.deliverer.run(s)
	}()
	return s, nil
}

// Close stops the background work. Requests still work afterwards; hooks are no longer delivered.
func (s *Server) Close() {
	s.stopOnce.Do(func() {
		close(s.stop)
		s.deliverer.close()
	})
	s.done.Wait()
}

// Reset puts the org back to its seed: state, log, mails, faults, counters, limits and clock. Settings stay.
func (s *Server) Reset() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.offset, s.jobs, s.log, s.mails, s.faults, s.snapshots = 0, jobQueue{}, eventLog{}, nil, faultSet{}, nil
	s.buckets, s.counters = limiter{}, counters{}
	return s.seed()
}

// Handler serves the vendor's paths and the admin surface.
func (s *Server) Handler() http.Handler { return http.HandlerFunc(s.serve) }

// now is the org's clock. Callers hold the lock.
func (s *Server) now() time.Time { return s.opts.Now().Add(s.offset).UTC() }

// Advance moves the org's clock ahead and does all work that became due. Negative values are ignored.
func (s *Server) Advance(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.offset += max(d, 0)
	s.settle()
}

// Settle does all outstanding background work now, whatever its delay: rules, fan-out, index, log.
func (s *Server) Settle() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settleAll()
}

func (s *Server) settleLoop() {
	defer s.done.Done()
	tick := time.NewTicker(settleEvery)
	defer tick.Stop()
	for {
		select {
		case <-s.stop:
			return
		case <-tick.C:
			s.mu.Lock()
			s.settle()
			s.mu.Unlock()
		}
	}
}
