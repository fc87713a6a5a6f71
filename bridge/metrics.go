package bridge

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// eventTypesMost bounds the label of okta_events_total: Okta has several hundred types, and a hook at most 300.
const eventTypesMost = 400

// metrics counts what came in and what was answered.
type metrics struct {
	answers *prometheus.CounterVec
	seconds *prometheus.HistogramVec
	events  *prometheus.CounterVec

	mu    sync.Mutex
	types map[string]bool
}

func newMetrics(r prometheus.Registerer) (*metrics, error) {
	m := &metrics{
		answers: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "latchkey_webhooks_total", Help: "Webhook calls by path and by the status that was answered.",
		}, []string{"path", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "latchkey_webhook_seconds", Help: "Time until a webhook call was answered.",
			Buckets: []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
		}, []string{"path"}),
		events: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "latchkey_okta_events_total", Help: "Events that Okta's event hooks delivered, by type.",
		}, []string{"type"}),
		types: map[string]bool{},
	}
	for _, c := range []prometheus.Collector{m.answers, m.seconds, m.events} {
		if err := r.Register(c); err != nil {
			return nil, fmt.Errorf("bridge: registering metrics: %w", err)
		}
	}
	return m, nil
}

// oktaEvent counts one event. Types that are none, and those beyond the bound, count as "other".
func (m *metrics) oktaEvent(kind string) {
	m.mu.Lock()
	if !m.types[kind] {
		if len(m.types) < eventTypesMost && eventType(kind) {
			m.types[kind] = true
		} else {
			kind = "other"
		}
	}
	m.mu.Unlock()
	m.events.WithLabelValues(kind).Inc()
}

// eventType says whether a text looks like one of Okta's event types, such as "user.session.start".
func eventType(text string) bool {
	if text == "" || len(text) > 120 {
		return false
	}
	return strings.Trim(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") == ""
}

// measured counts the answers of a handler.
func (b *Bridge) measured(path string, next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		seen := &statusWriter{ResponseWriter: w, status: http.StatusOK}
		next(seen, r)
		b.metrics.answers.WithLabelValues(path, strconv.Itoa(seen.status)).Inc()
		b.metrics.seconds.WithLabelValues(path).Observe(time.Since(began).Seconds())
	}
}

// statusWriter remembers the status that was answered.
type statusWriter struct {
	http.ResponseWriter
	status int
}

// WriteHeader implements http.ResponseWriter.
func (s *statusWriter) WriteHeader(status int) {
	s.status = status
	s.ResponseWriter.WriteHeader(status)
}

// Unwrap lets http.ResponseController and http.MaxBytesReader reach the writer below.
func (s *statusWriter) Unwrap() http.ResponseWriter { return s.ResponseWriter }
