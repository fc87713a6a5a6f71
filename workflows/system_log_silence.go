package workflows

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"go.temporal.io/sdk/workflow"

	"latchkey/contract"
	"latchkey/detection"
)

const (
	silencesMost   = 200
	silenceLongest = 90 * 24 * time.Hour
)

// takeSilences registers the updates about silences.
func (l *systemLog) takeSilences(ctx workflow.Context) {
	must(workflow.SetUpdateHandlerWithOptions(ctx, contract.UpdateSilence,
		func(ctx workflow.Context, cmd contract.SilenceCommand) (contract.SilenceResult, error) {
			return l.silence(ctx, cmd), nil
		},
		workflow.UpdateHandlerOptions{Validator: l.checkSilence, Description: "Keep alerts quiet that all matchers match, until a time."}))
	must(workflow.SetUpdateHandlerWithOptions(ctx, contract.UpdateExpireSilence,
		func(ctx workflow.Context, cmd contract.ExpireSilenceCommand) (contract.CommandResult, error) {
			l.order(contract.LogOrder{Expire: cmd.ID})
			l.publish(ctx)
			return contract.CommandResult{Text: "Silence " + cmd.ID + " ends now; what it kept quiet is judged again."}, nil
		},
		workflow.UpdateHandlerOptions{
			Validator: func(ctx workflow.Context, cmd contract.ExpireSilenceCommand) error {
				if err := named(cmd.Operator); err != nil {
					return err
				}
				if !slices.ContainsFunc(l.Standing(workflow.Now(ctx)), func(s detection.Silence) bool { return s.ID == cmd.ID }) {
					return fmt.Errorf("no silence %q stands; `starter silence list` shows those that do", cmd.ID)
				}
				return nil
			},
			Description: "End a silence early.",
		}))
}

// checkSilence refuses a silence that would never end, that matches everything or that says nobody's name.
func (l *systemLog) checkSilence(ctx workflow.Context, cmd contract.SilenceCommand) error {
	if err := named(cmd.Operator); err != nil {
		return err
	}
	now := workflow.Now(ctx)
	switch {
	case len(cmd.Matchers) == 0:
		return errors.New(`a silence needs a matcher, such as rule=brute_force or ip=192.0.2.7`)
	case !cmd.Until.After(now):
		return errors.New(`"until" has to be a time to come`)
	case cmd.Until.Sub(now) > silenceLongest:
		return fmt.Errorf("a silence may last %d days at most: one that is to stay is a matter of the rules", int(silenceLongest.Hours()/24))
	case len(l.Standing(now)) >= silencesMost:
		return fmt.Errorf("%d silences stand, and that is the most: expire one, or change the rules", silencesMost)
	}
	return l.silenceOf(ctx, cmd).Check()
}

func (l *systemLog) silenceOf(ctx workflow.Context, cmd contract.SilenceCommand) detection.Silence {
	now := workflow.Now(ctx).UTC()
	return detection.Silence{
		ID:       fmt.Sprintf("s%s-%d", now.Format("20060102"), l.Ordered+1),
		Matchers: cmd.Matchers, Author: cmd.By, Reason: cmd.Reason, From: now.Truncate(time.Second), Until: cmd.Until.UTC(),
	}
}

// silence orders a silence. It counts from the next page on, which is read at once.
func (l *systemLog) silence(ctx workflow.Context, cmd contract.SilenceCommand) contract.SilenceResult {
	s := l.silenceOf(ctx, cmd)
	l.order(contract.LogOrder{Silence: &s})
	l.publish(ctx)
	return contract.SilenceResult{ID: s.ID, Text: "Silence " + s.ID + " stands until " + s.Until.Format("2006-01-02 15:04 MST") + "."}
}
