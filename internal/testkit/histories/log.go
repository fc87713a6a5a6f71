package main

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"latchkey/contract"
	"latchkey/detection"
	"latchkey/examples/acme"
	"latchkey/internal/systemlog"
)

// logScenarios are about the reading of the System Log.
func logScenarios() []scenario { return []scenario{logBruteForce()} }

// logBruteForce is a log that is nudged, silenced, and tells of one incident.
func logBruteForce() scenario {
	s := scenario{name: "log_brute_force", saves: []string{"SystemLog.brute_force"}}
	s.play = func(ctx context.Context, p *player) error {
		if _, err := p.logRead(ctx, time.Now()); err != nil {
			return err
		}
		by := contract.Operator{By: "ada@desk", Reason: "a rehearsal"}
		silenced, err := systemlog.Update[contract.SilenceResult](ctx, p.Temporal, contract.UpdateSilence, contract.SilenceCommand{
			Operator: by, Matchers: []detection.Matcher{{Field: "rule", Op: detection.OpEqual, Value: "password_spray"}}, Until: time.Now().Add(time.Hour),
		})
		if err != nil {
			return err
		}
		user, _ := p.Okta.User(acme.Ada) // seeded
		for range 12 {
			raw, err := json.Marshal(map[string]any{
				"eventType": "user.session.start", "outcome": map[string]any{"result": "FAILURE", "reason": "INVALID_CREDENTIALS"},
				"actor": map[string]any{"id": user.ID, "type": "User", "alternateId": acme.Ada},
			})
			if err != nil {
				return err
			}
			if _, err := p.Okta.Inject(raw); err != nil {
				return err
			}
		}
		if err := systemlog.Wake(ctx, p.Temporal); err != nil {
			return err
		}
		state, err := p.logRead(ctx, time.Now())
		if err != nil {
			return err
		}
		if state.View.Open != 1 {
			return errors.New("the brute force opened no incident")
		}
		if _, err := systemlog.Update[contract.CommandResult](ctx, p.Temporal, contract.UpdateExpireSilence, contract.ExpireSilenceCommand{Operator: by, ID: silenced.ID}); err != nil {
			return err
		}
		if _, err := p.logRead(ctx, time.Now()); err != nil {
			return err
		}
		return p.keep(ctx, contract.SystemLogID, s.saves[0])
	}
	return s
}

// logRead waits until the log was read to its end after a moment.
func (p *player) logRead(ctx context.Context, after time.Time) (contract.LogState, error) {
	for {
		state, running, err := systemlog.Read(ctx, p.Temporal)
		if err == nil && running && state.ReadAt.After(after) && !state.Behind {
			return state, nil
		}
		select {
		case <-ctx.Done():
			return state, errors.Join(ctx.Err(), err)
		case <-time.After(100 * time.Millisecond):
		}
	}
}
