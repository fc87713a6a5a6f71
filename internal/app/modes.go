package app

import (
	"context"
	"errors"
	"time"

	"latchkey/casework"
	"latchkey/contract"
	"latchkey/internal/config"
	"latchkey/internal/systemlog"
	"latchkey/policy"
)

const (
	// reportWithin bounds one report of modes: the controls workflow needs a worker to answer it.
	reportWithin = 10 * time.Second
	// reportAgain is how long a failed report waits.
	reportAgain = 2 * time.Second
)

// watchPolicy tells the controls workflow what policy allows, at the start and whenever it changes: that is how the
// cluster knows since when a use case acts. Only processes that serve workflows report, so that a worker of a vendor's
// queue with an older folder says nothing.
func (a *App) watchPolicy(ctx context.Context) {
	reported, reading := "", false
	ticker := time.NewTicker(a.options.PolicyEvery)
	defer ticker.Stop()
	for {
		p := a.policies.Current()
		a.showPolicy(p)
		if a.has(config.RoleWorkflows) && p.Digest() != reported {
			if !a.reportModes(ctx, p) {
				if !pause(ctx, reportAgain) {
					return
				}
				continue
			}
			reported = p.Digest()
		}
		if a.has(config.RoleWorkflows) && !reading && p.Alerts() != nil && p.Mode(casework.SecurityAlert) != casework.ModeOff {
			reading = a.startLog(ctx)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// startLog makes sure that somebody reads the System Log.
func (a *App) startLog(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, reportWithin)
	defer cancel()
	if err := systemlog.Start(ctx, a.temporal); err != nil {
		a.options.Log.Warn("the reading of the System Log could not be started; trying again", "error", err)
		return false
	}
	return true
}

func (a *App) reportModes(ctx context.Context, p *policy.Policy) bool {
	ctx, cancel := context.WithTimeout(ctx, reportWithin)
	defer cancel()
	since, err := a.cluster.ReportModes(ctx, contract.ModesReport{Modes: p.Modes(), PolicyDigest: p.Digest()})
	if err != nil {
		if ctx.Err() == nil || errors.Is(ctx.Err(), context.DeadlineExceeded) {
			a.options.Log.Warn("the modes could not be reported; trying again", "error", err)
		}
		return false
	}
	a.options.Log.Info("modes reported", "modes", p.Modes(), "since", since.Since, "policy", p.Digest())
	return true
}

// showPolicy puts the policy in force into the metrics.
func (a *App) showPolicy(p *policy.Policy) {
	a.metrics.policy.Reset()
	a.metrics.policy.WithLabelValues(p.Digest()).Set(1)
	broken := 0.0
	if a.policies.Problem() != nil {
		broken = 1
	}
	a.metrics.broken.Set(broken)
}

// pause waits; false means that ctx ended.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
