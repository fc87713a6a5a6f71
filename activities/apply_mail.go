package activities

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.temporal.io/sdk/activity"

	"latchkey/clients/okta"
	"latchkey/contract"
	"latchkey/identity"
)

// Okta's names of the events around an activation mail (okta-api.md §7).
const (
	eventReactivate    = "user.lifecycle.reactivate"
	eventUpdateProfile = "user.account.update_profile"
)

// mailSends is how often one change may have Okta mail the activation. A second time is only tried when the answer of
// the first was lost and the System Log does not show it yet; a person who gets two mails uses the newer.
const mailSends = 3

// mailActivation has Okta mail the activation of an account that was activated silently. Neither the account's status
// nor its times say whether the mail went out (okta-api.md §3.4: reactivate leaves the status), so the System Log is
// asked, also at the first try. The log may trail: a try that has no answer counts, and after mailSends of them a person
// is told to look. Nothing is mailed unless the account bears the addresses it is meant for.
func (a *applier) mailActivation(ctx context.Context) (contract.ApplyResult, error) {
	if begun, how := hasBegun(identity.UserStatus(a.user.Status)); begun {
		return already("the account is %s: %s", a.user.Status, how), nil
	}
	if identity.UserStatus(a.user.Status) != identity.StatusProvisioned {
		return leftOver(fmt.Sprintf("the account is %s, so there is no activation to mail", a.user.Status)), nil
	}
	for _, name := range slices.Sorted(maps.Keys(a.in.Change.Values)) {
		if !sameValue(a.in.Change.Values[name], a.user.Profile[name]) {
			return leftOver("the account does not bear the address of the ticket (" + name + "), so nothing was mailed: set it, then resend the activation from Okta"), nil
		}
	}
	event, sent, err := a.okta.activationMailed(ctx, a.user)
	if err != nil {
		return contract.ApplyResult{}, err
	}
	if sent {
		result := already("Okta mailed the activation: System Log event %s", event.UUID)
		result.At = event.Published.UTC()
		return result, nil
	}
	sends := sendsBefore(ctx)
	if sends >= mailSends {
		return leftOver(fmt.Sprintf("Okta was asked %d times to mail the activation and never said that it did: ask the person, and resend it from Okta if nothing came", sends)), nil
	}
	if err := beat(ctx, sends+1); err != nil { // before the call: its answer may be lost
		return contract.ApplyResult{}, err
	}
	err = a.okta.Client.Reactivate(ctx, a.user.ID, true)
	if err == nil || !errors.Is(err, okta.Denied) {
		return wrote(err)
	}
	now, readErr := a.okta.Client.GetUser(ctx, a.user.ID) // refused in another status (E0000038): somebody was faster
	if readErr != nil {
		return contract.ApplyResult{}, readErr
	}
	if begun, how := hasBegun(identity.UserStatus(now.Status)); begun {
		return already("the account is %s: %s", now.Status, how), nil
	}
	return contract.ApplyResult{}, err
}

// hasBegun says whether an account in this status needs no activation mail any more, and why.
func hasBegun(status identity.UserStatus) (begun bool, how string) {
	switch status {
	case identity.StatusActive, identity.StatusPasswordExpired, identity.StatusLockedOut:
		return true, "it has a way to sign in, and needs no activation mail"
	case identity.StatusRecovery:
		return true, "Okta mails whoever resets a password"
	case identity.StatusStaged, identity.StatusProvisioned, identity.StatusSuspended, identity.StatusDeprovisioned:
	}
	return false, ""
}

// activationMailed finds the activation mail of an account in the System Log: sent since its status last changed, which
// is when it was activated, and after the last change of its profile, which may have been of the address.
func (o *Okta) activationMailed(ctx context.Context, user okta.User) (event okta.LogEvent, sent bool, err error) {
	kinds := []string{okta.Eq("eventType", eventReactivate), okta.Eq("eventType", eventUpdateProfile)}
	filter := okta.Eq("target.id", user.ID) + " and (" + strings.Join(kinds, " or ") + ")"
	page, err := o.Client.ListLogs(ctx, okta.LogQuery{Since: user.StatusChanged, Filter: filter}) // a poll: the bounded reading leaves out what arrives late
	if err != nil {
		return event, false, err
	}
	for _, e := range page.Events { // by arrival, which may differ from the order in which things happened
		if e.Outcome.Result == "SUCCESS" && !e.Published.Before(event.Published) {
			event = e
		}
	}
	return event, event.Type == eventReactivate, nil
}

// sendsBefore is how often earlier attempts of this activity asked Okta for the mail.
func sendsBefore(ctx context.Context) int {
	var sends int
	if activity.IsActivity(ctx) && activity.HasHeartbeatDetails(ctx) && activity.GetHeartbeatDetails(ctx, &sends) == nil {
		return sends
	}
	return 0
}
