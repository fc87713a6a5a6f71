package bridge

import (
	"context"
	"net/http"
	"sync"
	"time"
)

// wakeEvery is the least time between two nudges of the log. The log itself waits longer than that before it reads, so
// what comes in between is read with what came before.
const wakeEvery = time.Second

// waker bounds how often the log is nudged. The zero value is ready.
type waker struct {
	mu   sync.Mutex
	last time.Time
}

// due says whether a nudge is worth sending now.
func (k *waker) due(now time.Time) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	if !k.last.IsZero() && now.Sub(k.last) < wakeEvery && !now.Before(k.last) {
		return false
	}
	k.last = now
	return true
}

// wakeLog has the System Log read now, because something is in it. A delivery never fails for it: a nudge that is lost
// costs the time until the next poll, and the log loses nothing.
func (b *Bridge) wakeLog(r *http.Request, events int) {
	if events == 0 || !b.waker.due(b.now()) {
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), acceptWithin)
	defer cancel()
	if err := b.temporal.WakeLog(ctx); err != nil {
		b.log.WarnContext(r.Context(), "the log could not be nudged; it is read at its next poll", "error", err)
	}
}
