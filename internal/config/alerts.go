package config

import (
	"net/url"
	"time"
)

// Alerts is how Okta's System Log is read.
type Alerts struct {
	Every    time.Duration `envconfig:"LATCHKEY_ALERTS_POLL" default:"20s"`     // between polls; an event hook's nudge cuts it short
	LookBack time.Duration `envconfig:"LATCHKEY_ALERTS_LOOK_BACK" default:"0s"` // how far back the very first reading begins
	// MonitorURL is sent the counts of each hour as JSON; empty sends them nowhere but to the log and /metrics.
	MonitorURL   string `envconfig:"LATCHKEY_ALERTS_MONITOR_URL"`
	MonitorToken Secret `envconfig:"LATCHKEY_ALERTS_MONITOR_TOKEN"` // its bearer token
}

// logKept is how long Okta keeps its log.
const logKept = 90 * 24 * time.Hour

func (a Alerts) check(found *problems) {
	if a.Every < 2*time.Second || a.Every > time.Hour {
		found.add("LATCHKEY_ALERTS_POLL", "is %s: between 2s and 1h", a.Every)
	}
	if a.LookBack < 0 || a.LookBack > logKept {
		found.add("LATCHKEY_ALERTS_LOOK_BACK", "is %s: between 0s and 2160h, for Okta keeps 90 days", a.LookBack)
	}
	if a.MonitorURL != "" {
		if u, err := url.Parse(a.MonitorURL); err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
			found.add("LATCHKEY_ALERTS_MONITOR_URL", "is no http or https address")
		}
	}
}
