package bridge

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// readyFor is how long one look at Temporal counts, so that probes cost Temporal next to nothing.
	readyFor = 2 * time.Second
	// readyWithin bounds one look.
	readyWithin = 3 * time.Second
)

// readiness remembers the last look at Temporal.
type readiness struct {
	temporal Temporal
	now      func() time.Time
	draining atomic.Bool

	mu  sync.Mutex
	at  time.Time
	err error
}

func (r *readiness) check(ctx context.Context) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.at.IsZero() && r.now().Sub(r.at) < readyFor {
		return r.err
	}
	ctx, cancel := context.WithTimeout(ctx, readyWithin)
	defer cancel()
	r.err, r.at = r.temporal.Ready(ctx), r.now()
	return r.err
}

// readyz says whether a webhook would be accepted now.
func (b *Bridge) readyz(w http.ResponseWriter, r *http.Request) {
	if b.ready.draining.Load() {
		refuse(w, http.StatusServiceUnavailable, "going down")
		return
	}
	if err := b.ready.check(r.Context()); err != nil {
		b.log.WarnContext(r.Context(), "temporal cannot be reached", "error", err)
		refuse(w, http.StatusServiceUnavailable, "Temporal cannot be reached")
		return
	}
	say(w, http.StatusOK, "ready")
}
