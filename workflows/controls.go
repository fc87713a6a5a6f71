package workflows

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.temporal.io/sdk/workflow"

	"latchkey/casework"
	"latchkey/contract"
)

// controlsRun is how long one run of the controls lasts before it continues as new at a quiet moment.
const controlsRun = 24 * time.Hour

// Controls holds what every worker asks before it writes: freezes, since when each use case may act, the mass-change
// guard's count and the alarms. There is one in a namespace, so freezing means the whole cluster. It never ends.
func Controls(ctx workflow.Context, in contract.Controls) error {
	k := &controls{Controls: in}
	k.alarms = workflow.GetSignalChannelWithOptions(ctx, contract.SignalAlarm, workflow.SignalChannelOptions{Description: "From an activity: a vendor refuses our own credential."})
	must(workflow.SetQueryHandlerWithOptions(ctx, contract.QueryControls, func() (contract.Controls, error) { return k.Controls, nil },
		workflow.QueryHandlerOptions{Description: "Freezes, modes, the mass-change guard and alarms."}))
	k.takeOrders(ctx)
	k.publish(ctx)
	began := workflow.Now(ctx)
	for {
		scope, cancel := workflow.WithCancel(ctx)
		_, err := workflow.AwaitWithOptions(scope, workflow.AwaitOptions{
			Timeout: time.Hour, TimerOptions: workflow.TimerOptions{Summary: "Tidy up the controls"},
		}, func() bool { return k.alarms.Len() > 0 || k.tooLong(ctx) })
		cancel()
		if err != nil {
			return err
		}
		k.hearAlarms(ctx)
		k.tidy(workflow.Now(ctx))
		k.publish(ctx)
		if k.tooLong(ctx) || workflow.Now(ctx).Sub(began) >= controlsRun {
			if err := workflow.Await(ctx, func() bool { return workflow.AllHandlersFinished(ctx) }); err != nil {
				return err
			}
			if k.alarms.Len() == 0 {
				return workflow.NewContinueAsNewError(ctx, contract.WorkflowControls, k.Controls)
			}
		}
	}
}

// controls is the state of the controls workflow.
type controls struct {
	contract.Controls
	alarms workflow.ReceiveChannel
}

// tooLong says that the history should end soon.
func (k *controls) tooLong(ctx workflow.Context) bool {
	info := workflow.GetInfo(ctx)
	return info.GetContinueAsNewSuggested() || info.GetCurrentHistoryLength() > continueAfter
}

// takeOrders registers the updates.
func (k *controls) takeOrders(ctx workflow.Context) {
	named := func(_ workflow.Context, cmd contract.FreezeCommand) error {
		if err := named(cmd.Operator); err != nil {
			return err
		}
		if cmd.UseCase != "" && !slices.Contains(casework.UseCases(), casework.UseCase(cmd.UseCase)) {
			return fmt.Errorf("no use case %q; known are %v, or leave it out for all", cmd.UseCase, casework.UseCases())
		}
		return nil
	}
	must(workflow.SetUpdateHandlerWithOptions(ctx, contract.UpdateFreeze,
		func(ctx workflow.Context, cmd contract.FreezeCommand) (contract.CommandResult, error) {
			return k.freeze(ctx, cmd), nil
		},
		workflow.UpdateHandlerOptions{Validator: named, Description: "Stop every write to Okta, or those of one use case, in the whole cluster."}))
	must(workflow.SetUpdateHandlerWithOptions(ctx, contract.UpdateThaw,
		func(ctx workflow.Context, cmd contract.FreezeCommand) (contract.CommandResult, error) {
			return k.thaw(ctx, cmd), nil
		},
		workflow.UpdateHandlerOptions{Validator: named, Description: "Let writes go on."}))
	must(workflow.SetUpdateHandlerWithOptions(ctx, contract.UpdateRelease,
		func(ctx workflow.Context, cmd contract.ReleaseCommand) (contract.CommandResult, error) {
			return k.release(ctx, cmd), nil
		},
		workflow.UpdateHandlerOptions{
			Validator: func(ctx workflow.Context, cmd contract.ReleaseCommand) error {
				if cmd.By == "" || cmd.Reason == "" {
					return errors.New(`say who you are and why: {"by":"…","reason":"…","until":"…"}`)
				}
				if !cmd.Until.After(workflow.Now(ctx)) {
					return errors.New(`"until" has to be a time to come: the guard is back after it`)
				}
				return nil
			},
			Description: "Let held cases pass the mass-change guard until a time.",
		}))
	must(workflow.SetUpdateHandlerWithOptions(ctx, contract.UpdateModes,
		func(ctx workflow.Context, report contract.ModesReport) (contract.ModesSince, error) {
			return k.modes(ctx, report), nil
		},
		workflow.UpdateHandlerOptions{Description: "From a worker: what policy allows now."}))
	must(workflow.SetUpdateHandlerWithOptions(ctx, contract.UpdateAdmit,
		func(ctx workflow.Context, ask contract.AdmitRequest) (contract.AdmitVerdict, error) {
			return k.admit(ctx, ask), nil
		},
		workflow.UpdateHandlerOptions{
			Validator: func(_ workflow.Context, ask contract.AdmitRequest) error {
				if ask.OktaUserID == "" || ask.Limit < 1 || ask.Window <= 0 {
					return errors.New("admit needs a person, a limit of at least 1 and a window")
				}
				return nil
			},
			Description: "From a worker: may this person's access shrink now?",
		}))
}

// freeze adds an order; the same order again changes nothing.
func (k *controls) freeze(ctx workflow.Context, cmd contract.FreezeCommand) contract.CommandResult {
	for _, f := range k.Frozen {
		if f.UseCase == cmd.UseCase {
			return contract.CommandResult{Text: scopeWords(cmd.UseCase) + " was frozen before, by " + f.By.By + ": " + f.By.Reason}
		}
	}
	k.Frozen = append(k.Frozen, contract.Freeze{UseCase: cmd.UseCase, By: cmd.Operator, At: workflow.Now(ctx)})
	k.publish(ctx)
	return contract.CommandResult{Text: scopeWords(cmd.UseCase) + " is frozen: no worker writes to Okta before its next change."}
}

// thaw takes orders away; thawing everything takes all of them.
func (k *controls) thaw(ctx workflow.Context, cmd contract.FreezeCommand) contract.CommandResult {
	before := len(k.Frozen)
	k.Frozen = slices.DeleteFunc(k.Frozen, func(f contract.Freeze) bool { return cmd.UseCase == "" || f.UseCase == cmd.UseCase })
	k.publish(ctx)
	switch {
	case before == len(k.Frozen) && before > 0:
		return contract.CommandResult{Text: "Nothing to thaw for " + scopeWords(cmd.UseCase) + "; everything is still frozen by another order."}
	case before == len(k.Frozen):
		return contract.CommandResult{Text: "Nothing was frozen."}
	case len(k.Frozen) > 0:
		return contract.CommandResult{Text: scopeWords(cmd.UseCase) + " is thawed; another order still stands."}
	}
	return contract.CommandResult{Text: scopeWords(cmd.UseCase) + " is thawed."}
}

// scopeWords names what an order is about.
func scopeWords(useCase string) string {
	if useCase == "" {
		return "Everything"
	}
	return useCase
}

// release lets held cases pass until a time.
func (k *controls) release(ctx workflow.Context, cmd contract.ReleaseCommand) contract.CommandResult {
	k.Release, k.Tripped = &cmd, nil
	k.publish(ctx)
	return contract.CommandResult{Text: "The mass-change guard lets cases pass until " + cmd.Until.UTC().Format("2006-01-02 15:04 MST") + "."}
}

// modes remembers when a use case entered act, so that switching on never executes a backlog.
func (k *controls) modes(ctx workflow.Context, report contract.ModesReport) contract.ModesSince {
	if k.Since == nil {
		k.Since = map[casework.UseCase]time.Time{}
	}
	if k.Modes == nil {
		k.Modes = map[casework.UseCase]casework.Mode{}
	}
	for _, useCase := range casework.UseCases() {
		mode, ok := report.Modes[useCase]
		if !ok {
			continue
		}
		if mode == casework.ModeAct && k.Modes[useCase] != casework.ModeAct {
			// Freshservice tells time in whole seconds: a ticket filed in this very second is not older.
			k.Since[useCase] = workflow.Now(ctx).Truncate(time.Second)
		}
		if mode != casework.ModeAct {
			delete(k.Since, useCase)
		}
		k.Modes[useCase] = mode
	}
	k.publish(ctx)
	return contract.ModesSince{Since: k.Since}
}

// admit counts people whose access shrinks within the window. The same person and ticket counts once.
func (k *controls) admit(ctx workflow.Context, ask contract.AdmitRequest) contract.AdmitVerdict {
	now := workflow.Now(ctx)
	people := map[string]bool{}
	oldest := now
	for _, s := range k.Shrinks {
		if now.Sub(s.At) >= ask.Window {
			continue
		}
		if s.OktaUserID == ask.OktaUserID && s.Ticket == ask.Ticket {
			return contract.AdmitVerdict{Admitted: true, Count: len(k.Shrinks), Limit: ask.Limit}
		}
		people[s.OktaUserID] = true
		if s.At.Before(oldest) {
			oldest = s.At
		}
	}
	people[ask.OktaUserID] = true
	verdict := contract.AdmitVerdict{Admitted: true, Count: len(people), Limit: ask.Limit}
	released := k.Release != nil && now.Before(k.Release.Until)
	if len(people) > ask.Limit && !released {
		verdict.Admitted, verdict.RetryAt = false, oldest.Add(ask.Window)
		if k.Tripped == nil {
			verdict.First = true
			k.Tripped = &contract.Tripped{At: now, Count: len(people), Limit: ask.Limit}
			k.publish(ctx)
		}
		return verdict
	}
	k.Shrinks = append(k.Shrinks, contract.Shrink{OktaUserID: ask.OktaUserID, Ticket: ask.Ticket, At: now})
	k.publish(ctx)
	return verdict
}

// shrinkMemory is how long a shrink is remembered: no guard's window is longer.
const shrinkMemory = 24 * time.Hour

// tidy forgets what no longer matters.
func (k *controls) tidy(now time.Time) {
	k.Shrinks = slices.DeleteFunc(k.Shrinks, func(s contract.Shrink) bool { return now.Sub(s.At) > shrinkMemory })
	k.Alarms = slices.DeleteFunc(k.Alarms, func(a contract.Alarm) bool { return now.Sub(a.Last) > shrinkMemory })
	if k.Release != nil && now.After(k.Release.Until) {
		k.Release = nil
	}
	if k.Tripped != nil && now.Sub(k.Tripped.At) > time.Hour {
		k.Tripped = nil // a guard that trips again asks again
	}
}

// hearAlarms folds repeats of one vendor's alarm within the hour into one.
func (k *controls) hearAlarms(ctx workflow.Context) {
	var signal contract.AlarmSignal
	for k.alarms.ReceiveAsync(&signal) {
		now := workflow.Now(ctx)
		i := slices.IndexFunc(k.Alarms, func(a contract.Alarm) bool { return a.Vendor == signal.Vendor && now.Sub(a.Last) < time.Hour })
		if i < 0 {
			k.Alarms = append(k.Alarms, contract.Alarm{Vendor: signal.Vendor, Text: signal.Text, At: now, Last: now, Count: 1})
			workflow.GetLogger(ctx).Error("our own credential is refused", "vendor", signal.Vendor, "text", signal.Text)
		} else {
			k.Alarms[i].Last, k.Alarms[i].Count = now, k.Alarms[i].Count+1
		}
		signal = contract.AlarmSignal{}
	}
}

// publish shows the controls to operators.
func (k *controls) publish(ctx workflow.Context) {
	var b strings.Builder
	if len(k.Frozen) == 0 {
		b.WriteString("Nothing is frozen.\n")
	}
	for _, f := range k.Frozen {
		fmt.Fprintf(&b, "**Frozen: %s**, by %s since %s: %s\n", scopeWords(f.UseCase), plain(f.By.By), f.At.UTC().Format("2006-01-02 15:04 MST"), plain(f.By.Reason))
	}
	if k.Tripped != nil {
		fmt.Fprintf(&b, "\n**The mass-change guard holds cases**: %d people within the window, %d allowed. Release it with `starter guard release`, or wait.\n", k.Tripped.Count, k.Tripped.Limit)
	}
	for _, useCase := range casework.UseCases() {
		if mode, ok := k.Modes[useCase]; ok {
			fmt.Fprintf(&b, "\n- %s: %s", useCase, mode)
			if since, ok := k.Since[useCase]; ok {
				fmt.Fprintf(&b, " since %s", since.UTC().Format("2006-01-02 15:04 MST"))
			}
		}
	}
	for _, a := range k.Alarms {
		fmt.Fprintf(&b, "\n\n**Alarm, %s**: %s (%d times, last %s)", a.Vendor, plain(a.Text), a.Count, a.Last.UTC().Format("2006-01-02 15:04 MST"))
	}
	workflow.SetCurrentDetails(ctx, clip(b.String(), detailsLimit))
}
