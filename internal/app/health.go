package app

import (
	"context"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

const (
	healthFor    = 2 * time.Second // how long one look at Temporal counts
	healthWithin = 3 * time.Second // how long one look may take
)

// health says whether this process does its work.
type health struct {
	check   func(ctx context.Context) error // is Temporal there?
	started atomic.Bool
	ending  atomic.Bool

	mu  sync.Mutex
	at  time.Time
	err error
}

func (h *health) temporal(ctx context.Context) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.at.IsZero() && time.Since(h.at) < healthFor {
		return h.err
	}
	ctx, cancel := context.WithTimeout(ctx, healthWithin)
	defer cancel()
	h.err, h.at = h.check(ctx), time.Now()
	return h.err
}

// handler serves /healthz, which is yes while the process lives, /readyz, which is yes while it takes tasks, and
// /metrics.
func (h *health) handler(registry *prometheus.Registry) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { plain(w, http.StatusOK, "alive") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		switch {
		case h.ending.Load():
			plain(w, http.StatusServiceUnavailable, "going down")
		case !h.started.Load():
			plain(w, http.StatusServiceUnavailable, "starting")
		case h.temporal(r.Context()) != nil:
			plain(w, http.StatusServiceUnavailable, "Temporal cannot be reached")
		default:
			plain(w, http.StatusOK, "ready")
		}
	})
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	return mux
}

func plain(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text+"\n")
}
