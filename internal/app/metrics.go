package app

import (
	"fmt"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"latchkey/clients/freshservice"
	"latchkey/clients/okta"
)

// metrics is what a worker counts beside the SDK's own.
type metrics struct {
	limit     *prometheus.GaugeVec
	remaining *prometheus.GaugeVec
	answers   *prometheus.CounterVec
	limited   *prometheus.CounterVec
	policy    *prometheus.GaugeVec
	broken    prometheus.Gauge
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
	}
	for _, c := range []prometheus.Collector{
		m.limit, m.remaining, m.answers, m.limited, m.policy, m.broken,
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
