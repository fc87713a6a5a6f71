package app

import (
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"latchkey/clients/freshservice"
	"latchkey/clients/okta"
	"latchkey/detection"
)

// metrics is what a worker counts beside the SDK's own.
type metrics struct {
	limit     *prometheus.GaugeVec
	remaining *prometheus.GaugeVec
	answers   *prometheus.CounterVec
	limited   *prometheus.CounterVec
	policy    *prometheus.GaugeVec
	broken    prometheus.Gauge
	hits      *prometheus.CounterVec
	events    prometheus.Counter
	lastEvent prometheus.Gauge
}

func newMetrics(into *prometheus.Registry) (*metrics, error) {
	labels := []string{"vendor", "bucket"}
	m := &metrics{
		limit:     prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "latchkey_budget_limit", Help: "Calls a minute that the vendor allows in a bucket, as last seen."}, labels),
		remaining: prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "latchkey_budget_remaining", Help: "Of them, left in the minute of the last answer."}, labels),
		answers:   prometheus.NewCounterVec(prometheus.CounterOpts{Name: "latchkey_vendor_answers_total", Help: "Answers of a vendor that carried rate facts."}, labels),
		limited:   prometheus.NewCounterVec(prometheus.CounterOpts{Name: "latchkey_vendor_limited_total", Help: "Answers 429 of a vendor."}, labels),
		policy:    prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "latchkey_policy_info", Help: "1 for the policy in force, by digest."}, []string{"digest"}),
		broken:    prometheus.NewGauge(prometheus.GaugeOpts{Name: "latchkey_policy_broken", Help: "1 while the policy folder does not load and the last good one stays in force."}),
		hits:      prometheus.NewCounterVec(prometheus.CounterOpts{Name: "latchkey_alert_hits_total", Help: "Events of the System Log that an alert rule fits, by rule and what became of them."}, []string{"rule", "outcome"}),
		events:    prometheus.NewCounter(prometheus.CounterOpts{Name: "latchkey_log_events_total", Help: "Events of the System Log that this process read."}),
		lastEvent: prometheus.NewGauge(prometheus.GaugeOpts{Name: "latchkey_log_last_event_seconds", Help: "When the latest event that this process read was published, as Unix time."}),
	}
	for _, c := range []prometheus.Collector{
		m.limit, m.remaining, m.answers, m.limited, m.policy, m.broken, m.hits, m.events, m.lastEvent,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	} {
		if err := into.Register(c); err != nil {
			return nil, fmt.Errorf("app: registering metrics: %w", err)
		}
	}
	return m, nil
}

func (m *metrics) okta(f okta.RateFacts) {
	bucket := string(f.Bucket)
	m.answers.WithLabelValues("okta", bucket).Inc()
	if f.Status == 429 {
		m.limited.WithLabelValues("okta", bucket).Inc()
	}
	if f.Limit > 0 {
		m.limit.WithLabelValues("okta", bucket).Set(float64(f.Limit))
		m.remaining.WithLabelValues("okta", bucket).Set(float64(f.Remaining))
	}
}

func (m *metrics) desk(f freshservice.RateFacts) {
	m.answers.WithLabelValues("freshservice", f.Bucket).Inc()
	if f.Limited {
		m.limited.WithLabelValues("freshservice", f.Bucket).Inc()
	}
	if f.Total > 0 {
		m.limit.WithLabelValues("freshservice", f.Bucket).Set(float64(f.Total))
		m.remaining.WithLabelValues("freshservice", f.Bucket).Set(float64(f.Remaining))
	}
}

// Page implements activities.LogMeter. Rules are those of the policy and outcomes a fixed list, so labels are bounded.
func (m *metrics) Page(events int, lastEvent time.Time, hits map[string]map[detection.Outcome]int) {
	m.events.Add(float64(events))
	if !lastEvent.IsZero() {
		m.lastEvent.Set(float64(lastEvent.Unix()))
	}
	for rule, outcomes := range hits {
		for outcome, n := range outcomes {
			m.hits.WithLabelValues(rule, string(outcome)).Add(float64(n))
		}
	}
}
