package activities

import (
	"context"
	"errors"
	"slices"
	"time"

	"go.temporal.io/sdk/activity"

	"latchkey/casework"
	"latchkey/clients/okta"
	"latchkey/contract"
)

// Okta's names of what it logs for resets (okta-api.md §7).
const (
	eventPasswordReset = "user.account.reset_password"
	eventUnlock        = "user.account.unlock_by_admin"
)

// logSettle is how long the System Log is given to show a write whose answer was lost. A mail goes out again only when
// the log does not show the first one by then.
const logSettle = 30 * time.Second

// logFresh is how soon after the case began to change things a first attempt needs no look into the System Log.
const logFresh = time.Minute

func stale(status okta.UserStatus) contract.ApplyResult {
	return contract.ApplyResult{Outcome: contract.OutcomeStale, Detail: "the account is " + string(status) + " meanwhile"}
}

// resetPassword makes the old password void and has Okta mail the link: sendEmail=true, so that the link passes nobody
// else's hands (okta-api.md §3.4).
func (a *applier) resetPassword(ctx context.Context) (contract.ApplyResult, error) {
	legal := []okta.UserStatus{okta.Active, okta.PasswordExpired, okta.LockedOut, okta.Recovery}
	if !slices.Contains(legal, a.user.Status) {
		return stale(a.user.Status), nil
	}
	return a.sendOnce(ctx, eventPasswordReset, a.statusMoved, func() error { return a.okta.Client.ResetPassword(ctx, a.user.ID, true) })
}

// unlock frees a locked account. On an active one it ends a block on unknown devices, which Okta does not show: that
// there was none is fine.
func (a *applier) unlock(ctx context.Context) (contract.ApplyResult, error) {
	switch status := a.user.Status; {
	case status == okta.LockedOut:
	case status != okta.Active:
		return stale(status), nil
	case a.in.Change.Before == string(okta.LockedOut):
		return a.unlockedBefore(ctx)
	}
	return a.sendOnce(ctx, eventUnlock, nil, func() error { return a.okta.Client.Unlock(ctx, a.user.ID) })
}

// unlockedBefore is the result for an account that was locked when it was planned and is not any more: by an earlier try
// of ours whose answer was lost, or by somebody else.
func (a *applier) unlockedBefore(ctx context.Context) (contract.ApplyResult, error) {
	if result, found, err := a.ours(ctx, eventUnlock); err != nil || found {
		return result, err
	}
	return already("the account is %s", a.user.Status), nil
}

// reactivate has Okta mail the activation link again.
func (a *applier) reactivate(ctx context.Context) (contract.ApplyResult, error) {
	switch status := a.user.Status; {
	case status == okta.Active:
		return already("the account has been activated"), nil
	case status != okta.Provisioned:
		return stale(status), nil
	}
	return a.sendOnce(ctx, eventReactivate, nil, func() error { return a.okta.Client.Reactivate(ctx, a.user.ID, true) })
}

// resetFactor removes one authenticator. Removing one of Okta Verify's removes its siblings (okta-api.md §3.9), so one
// that is gone is success.
func (a *applier) resetFactor(ctx context.Context) (contract.ApplyResult, error) {
	factors, err := a.okta.Client.ListFactors(ctx, a.user.ID)
	if err != nil {
		return contract.ApplyResult{}, err
	}
	there := false
	for _, f := range factors {
		there = there || f.ID == a.object()
	}
	if !there {
		return already("it is not enrolled any more"), nil
	}
	if err := a.okta.Client.DeleteFactor(ctx, a.user.ID, a.object()); !goneFromOkta(err) {
		return wrote(err)
	}
	return already("it is not enrolled any more"), nil
}

// statusMoved says whether the account shows a password reset of this case: it is in recovery since the case began.
func (a *applier) statusMoved() (string, bool) {
	since := a.in.Since
	if since.IsZero() || a.user.Status != okta.Recovery || a.user.StatusChanged.Before(since) {
		return "", false
	}
	return "the account is in recovery since the case began", true
}

// sendOnce runs a write that mails somebody, or that Okta cannot show otherwise. What this case did before is found by
// the state of the account (so, may be nil) or in the System Log, over whatever attempts and activities it took; a write
// whose answer was lost is not sent again before the log had time to show it.
func (a *applier) sendOnce(ctx context.Context, eventType string, so func() (string, bool), write func() error) (contract.ApplyResult, error) {
	_, again := tried(ctx)
	if since := a.in.Since; again || !since.IsZero() && a.okta.now().Sub(since) > logFresh {
		if result, found, err := a.ours(ctx, eventType); err != nil || found {
			return result, err
		}
		if so != nil && again {
			if words, is := so(); is {
				return contract.ApplyResult{Outcome: contract.OutcomeDone, Detail: "an earlier try did it: " + words}, nil
			}
		}
		if err := a.waitForLog(ctx, eventType); err != nil {
			return contract.ApplyResult{}, err
		}
	}
	err := write()
	switch {
	case errors.Is(err, okta.Ambiguous) && activity.IsActivity(ctx):
		activity.RecordHeartbeat(ctx, lostWrite{What: eventType, At: a.okta.now()})
	case okta.NotLockedOut(err):
		return already("the account is not locked out"), nil
	case okta.MasteredElsewhere(err):
		return leftOver("another system masters the account; the reset has to be done there"), nil
	case okta.NotActive(err):
		return contract.ApplyResult{Outcome: contract.OutcomeStale, Detail: "Okta does not allow it in the account's present status"}, nil
	}
	return wrote(err)
}

// ours finds what this case did, in the System Log.
func (a *applier) ours(ctx context.Context, eventType string) (result contract.ApplyResult, found bool, err error) {
	since, _ := tried(ctx)
	if !a.in.Since.IsZero() {
		since = a.in.Since
	}
	event, found, err := a.okta.loggedByUs(ctx, eventType, a.user.ID, since.Add(-logSkew))
	if err != nil || !found {
		return result, false, err
	}
	return contract.ApplyResult{
		Outcome: contract.OutcomeDone, Detail: "an earlier try did it: System Log event " + event.UUID, At: event.Published.UTC(),
	}, true, nil
}

// waitForLog is Ambiguous while the log may still show what an earlier attempt sent.
func (a *applier) waitForLog(ctx context.Context, what string) error {
	if !activity.IsActivity(ctx) || !activity.HasHeartbeatDetails(ctx) {
		return nil
	}
	var lost lostWrite
	if err := activity.GetHeartbeatDetails(ctx, &lost); err != nil || lost.What != what {
		return nil //nolint:nilerr // details of another shape are about another write
	}
	if waited := a.okta.now().Sub(lost.At); waited < logSettle {
		activity.RecordHeartbeat(ctx, lost) // the next attempt has to know as well
		return problemf(casework.Ambiguous, "it was sent %s ago and the System Log does not show it yet; it is sent again when the log had %s",
			waited.Round(time.Second), logSettle)
	}
	return nil
}

// loggedByUs finds the first event of a type about a person since a time that our own credential caused.
func (o *Okta) loggedByUs(ctx context.Context, eventType, userID string, since time.Time) (okta.LogEvent, bool, error) {
	me, err := o.own(ctx)
	if err != nil {
		return okta.LogEvent{}, false, err
	}
	page, err := o.Client.ListLogs(ctx, okta.LogQuery{
		Since: since, Filter: okta.Eq("eventType", eventType) + " and " + okta.Eq("target.id", userID), Limit: 100,
	})
	if err != nil {
		return okta.LogEvent{}, false, err
	}
	for _, e := range page.Events {
		mine := e.Actor.ID == me
		if me == "" { // a service app: whoever else resets by hand is a user
			mine = e.Actor.Type != "User"
		}
		if mine && e.Outcome.Result == "SUCCESS" {
			return e, true, nil
		}
	}
	return okta.LogEvent{}, false, nil
}
