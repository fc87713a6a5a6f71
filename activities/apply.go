package activities

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.temporal.io/sdk/activity"

	"latchkey/casework"
	"latchkey/clients/okta"
	"latchkey/contract"
)

// ApplyChange carries out one change: it asks the guards, reads whether it is so already, and makes the one call that
// changes it. What a guard stops, what was so before and what Okta will not let us do are results; an error means that
// it is not known to be done. After a lost answer the next attempt reads first, so each change leaves one event in
// Okta's System Log.
func (o *Okta) ApplyChange(ctx context.Context, in contract.ApplyInput) (contract.ApplyResult, error) {
	doing := fmt.Sprintf("%s for %s", in.Change.ID, contract.TicketLabel(in.Ticket))
	if in.Ticket == 0 {
		doing = in.Change.ID
	}
	creates := in.Change.Verb == casework.VerbCreateAccount
	ticketless := in.UseCase == casework.ProfileSync
	if (in.Person.OktaUserID == "" && !creates) || in.Change.Verb == "" || in.Ticket <= 0 && !ticketless {
		return contract.ApplyResult{}, o.failed(ctx, "applying a change",
			problemf(casework.Invalid, "a change needs a ticket, a verb and an Okta user"))
	}
	result, err := o.applyChange(ctx, in)
	o.doubt(result, err)
	if err != nil {
		return contract.ApplyResult{}, o.failed(ctx, doing, err)
	}
	if result.At.IsZero() {
		result.At = o.now()
	}
	o.tellGrants(ctx, in, result)
	return result, nil
}

// doubt forgets what planners remember of the org where a change shows that it moved on.
func (o *Okta) doubt(result contract.ApplyResult, err error) {
	if err != nil && (kindOf(err) == casework.NotFound || kindOf(err) == casework.Conflict) ||
		result.Outcome == contract.OutcomeGone || result.Outcome == contract.OutcomeStale {
		o.org.forget()
	}
}

func (o *Okta) applyChange(ctx context.Context, in contract.ApplyInput) (contract.ApplyResult, error) {
	if in.Change.Verb == casework.VerbCreateAccount {
		return o.createAccount(ctx, in)
	}
	user, err := o.Client.GetUser(ctx, in.Person.OktaUserID)
	if goneFromOkta(err) {
		return gone("the account no longer exists in Okta"), nil
	}
	if err != nil {
		return contract.ApplyResult{}, err
	}
	g := &guards{okta: o, in: in, policy: o.Policy.Current(), person: personOf(user), now: o.now()}
	if stop, err := g.ask(ctx); err != nil || stop != nil {
		if err != nil {
			return contract.ApplyResult{}, err
		}
		return *stop, nil
	}
	a := applier{okta: o, in: in, user: user, guards: g}
	if stays, err := a.stillGiven(ctx); err != nil || stays != nil {
		if err != nil {
			return contract.ApplyResult{}, err
		}
		return *stays, nil
	}
	o.intend(ctx, in, user.ID)
	switch in.Change.Verb {
	case casework.VerbSuspend:
		return a.suspend(ctx)
	case casework.VerbUnsuspend:
		return a.unsuspend(ctx)
	case casework.VerbDeactivate:
		return a.deactivate(ctx)
	case casework.VerbEndSessions:
		return a.endSessions(ctx)
	case casework.VerbResetFactors:
		return a.resetFactors(ctx)
	case casework.VerbRevokeRole:
		return a.revokeRole(ctx)
	case casework.VerbClearAttributes:
		return a.clearAttributes(ctx)
	case casework.VerbRemoveMember:
		return a.removeMember(ctx)
	case casework.VerbAddMember:
		return a.addMember(ctx)
	case casework.VerbUnassignApp:
		return a.unassignApp(ctx)
	case casework.VerbAssignApp:
		return a.assignApp(ctx)
	case casework.VerbActivate:
		return a.activate(ctx)
	case casework.VerbMailActivation:
		return a.mailActivation(ctx)
	case casework.VerbUpdateProfile:
		return a.updateProfile(ctx)
	case casework.VerbResetPassword:
		return a.resetPassword(ctx)
	case casework.VerbUnlock:
		return a.unlock(ctx)
	case casework.VerbReactivate:
		return a.reactivate(ctx)
	case casework.VerbResetFactor:
		return a.resetFactor(ctx)
	case casework.VerbCreateAccount: // there is no account to read first
	}
	return contract.ApplyResult{}, problemf(casework.Invalid, "there is no change called %q", in.Change.Verb)
}

// applier carries out one change that no guard stops.
type applier struct {
	okta   *Okta
	in     contract.ApplyInput
	user   okta.User // as read right before the guards
	guards *guards
}

func (a *applier) object() string { return a.in.Change.Object.ID }

func done() contract.ApplyResult { return contract.ApplyResult{Outcome: contract.OutcomeDone} }

func already(format string, args ...any) contract.ApplyResult {
	return contract.ApplyResult{Outcome: contract.OutcomeAlready, Detail: fmt.Sprintf(format, args...)}
}

func gone(detail string) contract.ApplyResult {
	return contract.ApplyResult{Outcome: contract.OutcomeGone, Detail: detail}
}

func leftOver(detail string) contract.ApplyResult {
	return contract.ApplyResult{Outcome: contract.OutcomeLeft, Detail: detail}
}

// wrote is the result of a write: done, or the error.
func wrote(err error) (contract.ApplyResult, error) {
	if err != nil {
		return contract.ApplyResult{}, err
	}
	return done(), nil
}

// tried says whether an earlier attempt of this activity may have sent the write, and since when.
func tried(ctx context.Context) (since time.Time, again bool) {
	if !activity.IsActivity(ctx) {
		return time.Time{}, false
	}
	info := activity.GetInfo(ctx)
	return info.ScheduledTime, info.Attempt > 1
}

// logSkew allows for the distance between Temporal's clock and Okta's.
const logSkew = time.Minute

// logged finds the first event of a type about a person since a time, successful ones only. It is how a change that
// Okta cannot show is read back: sessions, and authenticators that the caller's network does not see.
func (o *Okta) logged(ctx context.Context, eventType, userID string, since time.Time) (okta.LogEvent, bool, error) {
	page, err := o.Client.ListLogs(ctx, okta.LogQuery{
		Since: since, Filter: okta.Eq("eventType", eventType) + " and " + okta.Eq("target.id", userID), Limit: 100,
	})
	if err != nil {
		return okta.LogEvent{}, false, err
	}
	for _, e := range page.Events {
		if e.Outcome.Result == "SUCCESS" {
			return e, true, nil
		}
	}
	return okta.LogEvent{}, false, nil
}

// Okta's names of what it logs for our calls (okta-api.md §7).
const (
	eventSessionClear = "user.session.clear"
	eventFactorReset  = "user.mfa.factor.reset_all"
	eventSuspend      = "user.lifecycle.suspend"
	eventUnsuspend    = "user.lifecycle.unsuspend"
	eventDeactivate   = "user.lifecycle.deactivate"
)

// once runs a write whose effect cannot be read from the person: a second attempt looks for its event first.
func (a *applier) once(ctx context.Context, eventType string, write func() error) (contract.ApplyResult, error) {
	if result, found, err := a.earlier(ctx, eventType); err != nil || found {
		return result, err
	}
	err := write()
	if err != nil && a.user.Status == okta.Deprovisioned && !kindOf(err).Retried() && !errors.Is(err, okta.Unauthorized) {
		return leftOver("Okta does not do this to a deactivated account"), nil
	}
	return wrote(err)
}

// earlier looks in the System Log whether an earlier attempt of this activity did the change. The first attempt has none.
func (a *applier) earlier(ctx context.Context, eventType string) (result contract.ApplyResult, found bool, err error) {
	since, again := tried(ctx)
	if !again {
		return result, false, nil
	}
	event, found, err := a.okta.logged(ctx, eventType, a.user.ID, since.Add(-logSkew))
	if err != nil || !found {
		return result, false, err
	}
	result = already("an earlier try did it: System Log event %s", event.UUID)
	result.At = event.Published.UTC()
	return result, true, nil
}

func (a *applier) endSessions(ctx context.Context) (contract.ApplyResult, error) {
	if a.in.UseCase == casework.CredentialReset {
		return a.sendOnce(ctx, eventSessionClear, nil, func() error { return a.okta.Client.ClearSessions(ctx, a.user.ID, true, true) })
	}
	return a.once(ctx, eventSessionClear, func() error { return a.okta.Client.ClearSessions(ctx, a.user.ID, true, true) })
}

func (a *applier) resetFactors(ctx context.Context) (contract.ApplyResult, error) {
	if a.in.UseCase == casework.CredentialReset {
		return a.sendOnce(ctx, eventFactorReset, nil, func() error { return a.okta.Client.ResetFactors(ctx, a.user.ID) })
	}
	return a.once(ctx, eventFactorReset, func() error { return a.okta.Client.ResetFactors(ctx, a.user.ID) })
}
