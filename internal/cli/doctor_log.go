package cli

import (
	"context"
	"fmt"
	"time"

	"go.temporal.io/sdk/client"

	"latchkey/casework"
	"latchkey/internal/config"
	"latchkey/internal/systemlog"
	"latchkey/policy"
)

// logLate is how old a reading of the log may be before it is worth a word.
const logLate = 15 * time.Minute

// lookAtLog says whether the System Log is read, and how far behind that is. Where the policy is at hand and wants no
// alerts, nobody has to read it.
func lookAtLog(ctx context.Context, c client.Client, f *findings) {
	const part = "System Log"
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second) // without a worker nobody answers
	defer cancel()
	state, running, err := systemlog.Read(ctx, c)
	now := time.Now()
	switch {
	case err != nil && running:
		f.warn(part, "no answer", "start a worker that serves workflows")
	case err != nil:
		f.fail(part, err.Error(), runSetup)
	case !running && logUnwanted():
		f.ok(part, "policy has no alert rules or switches them off: nobody reads it")
	case !running:
		f.fail(part, "nobody reads it: no alert can come of it", runSetup+", or start a worker whose policy has alert rules")
	case state.Idle != "":
		f.warn(part, "not read: "+state.Idle, "give the workers a policy with alert rules and a mode")
	case state.Trouble != "":
		f.fail(part, "since "+moment(state.Since)+": "+state.Trouble, "`starter alerts status`, and the checks of Okta below")
	case state.Behind || now.Sub(state.ReadAt) > logLate:
		f.warn(part, fmt.Sprintf("behind: read until %s, last event %s", moment(state.ReadAt), moment(state.LastEvent)), "`starter alerts status`; see the runbook of the System Log")
	case len(state.Gaps) > 0:
		f.warn(part, "read, with "+count(len(state.Gaps), "gap")+"; the last: "+state.Gaps[len(state.Gaps)-1].Why, "`starter alerts status` shows from when to when")
	default:
		f.ok(part, "read until %s, last event %s, %s open", moment(state.ReadAt), age(now, state.LastEvent), count(state.View.Open, "incident"))
	}
}

// logUnwanted says that the policy at hand wants no alerts.
func logUnwanted() bool {
	place, err := config.LoadPolicy()
	if err != nil {
		return false
	}
	p, err := policy.Load(place.Dir)
	return err == nil && (p.Alerts() == nil || p.Mode(casework.SecurityAlert) == casework.ModeOff)
}
