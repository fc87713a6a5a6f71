package activities

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"latchkey/casework"
	"latchkey/contract"
	"latchkey/identity"
	"latchkey/policy"
)

// guards asks everything that may stop a change, freshly and right before it. They are asked in the order in which the
// widest stop comes first; the first that stops wins. What stops is a result, never an error: it wrote nothing.
type guards struct {
	okta   *Okta
	in     contract.ApplyInput
	policy *policy.Policy
	person identity.Person // as Okta shows it now
	now    time.Time
}

// ask returns the result of the guard that stops the change, or nil.
func (g *guards) ask(ctx context.Context) (*contract.ApplyResult, error) {
	controls, err := g.okta.Cluster.Controls(ctx)
	if err != nil {
		return g.hold(contract.GuardFreeze, time.Time{}, "whether writes are frozen could not be asked, so nothing is written; it is asked again"), nil //nolint:nilerr // a guard that cannot be asked holds
	}
	for _, guard := range []func(context.Context, contract.Controls) (*contract.ApplyResult, error){
		g.mode, g.freeze, g.ourself, g.protected, g.legalHold, g.keepList, g.leaverWins, g.noTurn, g.emergencyCap, g.lastAdmin, g.massChange, g.breakGlass,
		g.resetApproved, g.resetFirewall,
	} {
		if stop, err := guard(ctx, controls); stop != nil || err != nil {
			return stop, err
		}
	}
	return nil, nil // no guard stops it
}

func (g *guards) hold(guard string, until time.Time, format string, args ...any) *contract.ApplyResult {
	return &contract.ApplyResult{Outcome: contract.OutcomeHeld, Guard: guard, Until: until, At: g.now, Detail: fmt.Sprintf(format, args...)}
}

func (g *guards) refuse(guard, format string, args ...any) *contract.ApplyResult {
	return &contract.ApplyResult{Outcome: contract.OutcomeRefused, Guard: guard, At: g.now, Detail: fmt.Sprintf(format, args...)}
}

// mode lets nothing through unless the use case may act, and a ticket from before it could act only when a person named
// it: switching on never executes a backlog.
func (g *guards) mode(ctx context.Context, controls contract.Controls) (*contract.ApplyResult, error) {
	useCase := g.in.UseCase
	if mode := g.policy.Mode(useCase); mode != casework.ModeAct {
		return g.hold(contract.GuardMode, time.Time{}, "policy sets %s to %s; only act changes Okta", useCase, mode), nil
	}
	since := controls.Since[useCase]
	switch mode := controls.Modes[useCase]; mode {
	case casework.ModeAct:
	case "": // nobody has told the cluster yet: it begins to act now
		answer, err := g.okta.Cluster.ReportModes(ctx, contract.ModesReport{
			Modes: map[casework.UseCase]casework.Mode{useCase: casework.ModeAct}, PolicyDigest: g.policy.Digest(),
		})
		if err != nil {
			return g.hold(contract.GuardMode, time.Time{}, "since when %s may act could not be asked, so nothing is written; it is asked again", useCase), nil //nolint:nilerr // a guard that cannot be asked holds
		}
		since = answer.Since[useCase]
	case casework.ModeObserve, casework.ModeOff:
		return g.hold(contract.GuardMode, time.Time{}, "this worker's policy lets %s act and the cluster was told %s; give all workers the same policy", useCase, mode), nil
	}
	if !g.in.Named && (since.IsZero() || g.in.Created.Before(since)) {
		return g.hold(contract.GuardBacklog, time.Time{}, "the ticket is older than the moment %s entered act; a person runs it with: starter start %d", useCase, g.in.Ticket), nil
	}
	return nil, nil // no stop
}

func (g *guards) freeze(_ context.Context, controls contract.Controls) (*contract.ApplyResult, error) {
	if f, frozen := controls.FrozenFor(g.in.UseCase); frozen {
		return g.hold(contract.GuardFreeze, time.Time{}, "%s froze writes to Okta: %s", f.By.By, f.By.Reason), nil
	}
	return nil, nil // no stop
}

// ourself never touches the account that owns our own credential, whether or not policy protects it: without it every
// call is refused, and nobody is left to undo it (okta-api.md §10.15).
func (g *guards) ourself(ctx context.Context, _ contract.Controls) (*contract.ApplyResult, error) {
	id, err := g.okta.own(ctx)
	if err != nil || id == "" || id != g.person.OktaUserID {
		return nil, err
	}
	return g.refuse(contract.GuardProtected, "this account owns Latchkey's own credential; give Latchkey another one first"), nil
}

// protected refuses to give a protected account or group anything, and touches a protected leaver only when enough of
// the people that policy names have approved. Opening an account again that an emergency shut is always allowed.
func (g *guards) protected(context.Context, contract.Controls) (*contract.ApplyResult, error) {
	change := g.in.Change
	given := change.With
	if change.Verb == casework.VerbAddMember {
		given = append(slices.Clone(given), change.Object)
	}
	for _, group := range given {
		if p, ok := g.policy.ProtectedGroup(group.Name); ok {
			return g.refuse(contract.GuardProtected, "policy gives %s to nobody: %s%s", group.Label(), p.Why, decidedBy(p.Who)), nil
		}
	}
	p, ok := g.policy.ProtectedAccount(g.person)
	if !ok || g.in.Undo {
		return nil, nil // no stop
	}
	if g.in.UseCase != casework.Offboarding {
		return g.refuse(contract.GuardProtected, "policy protects this account: %s%s", p.Why, decidedBy(p.Who)), nil
	}
	named, need := g.policy.ProtectedApprovers()
	var approved []string
	for _, d := range g.in.Deciders {
		d = strings.ToLower(d)
		if !slices.Contains(approved, d) && slices.ContainsFunc(named, func(n string) bool { return strings.EqualFold(n, d) }) {
			approved = append(approved, d)
		}
	}
	if need = max(need, 1); len(approved) < need {
		return g.refuse(contract.GuardProtected, "policy protects this account: %s%s; %d of %d approvals by the people it names are in",
			p.Why, decidedBy(p.Who), len(approved), need), nil
	}
	return nil, nil // no stop
}

// legalHold keeps everything that holds data. Shutting the door by suspending, ending sessions, resetting
// authenticators and revoking roles lose none and go on.
func (g *guards) legalHold(context.Context, contract.Controls) (*contract.ApplyResult, error) {
	switch g.in.Change.Verb {
	case casework.VerbDeactivate, casework.VerbRemoveMember, casework.VerbUnassignApp, casework.VerbClearAttributes:
	case casework.VerbSuspend, casework.VerbUnsuspend, casework.VerbEndSessions, casework.VerbResetFactors,
		casework.VerbRevokeRole, casework.VerbAddMember, casework.VerbAssignApp, casework.VerbCreateAccount, casework.VerbActivate,
		casework.VerbMailActivation, casework.VerbUpdateProfile, casework.VerbResetPassword, casework.VerbUnlock, casework.VerbReactivate, casework.VerbResetFactor:
		return nil, nil // no stop
	}
	if k, ok := g.policy.LegalHold(g.person, g.now); ok {
		return g.hold(contract.GuardHold, k.Until, "legal hold: %s%s%s", k.Why, decidedBy(k.Who), untilWords(k.Until)), nil
	}
	return nil, nil // no stop
}

// keepList refuses what the keep-list keeps: it is named when the case ends, and a later run takes it.
func (g *guards) keepList(context.Context, contract.Controls) (*contract.ApplyResult, error) {
	change := g.in.Change
	if change.Verb != casework.VerbRemoveMember && change.Verb != casework.VerbUnassignApp {
		return nil, nil // no stop
	}
	grant := identity.Grant{Entitlement: change.Object, Origin: change.Origin}
	if k, ok := g.policy.Keep(g.person, grant, g.now); ok {
		return g.refuse(contract.GuardKeep, "the keep-list keeps it: %s%s%s", k.Why, decidedBy(k.Who), untilWords(k.Until)), nil
	}
	return nil, nil // no stop
}

// leaverWins gives nothing to somebody whose leaver began, nor to an account that is shut. Taking an emergency back
// opens the account that this case shut, unless another leaver of the same person stands.
func (g *guards) leaverWins(ctx context.Context, _ contract.Controls) (*contract.ApplyResult, error) {
	if !g.in.Change.Verb.Grants() && g.in.UseCase != casework.CredentialReset {
		return nil, nil // no stop
	}
	if !g.opens() && !g.person.Status.CanSignIn() {
		return g.refuse(contract.GuardLeaver, "the account is %s meanwhile, so nothing is given to it", g.person.Status), nil
	}
	if g.person.OktaUserID == "" {
		return nil, nil // an account that is not there yet has no leaver
	}
	turns, err := g.okta.Cluster.Turns(ctx, g.person.OktaUserID)
	if err != nil {
		return g.hold(contract.GuardLeaver, time.Time{}, "whether a leaver began could not be asked, so nothing is given; it is asked again"), nil //nolint:nilerr // a guard that cannot be asked holds
	}
	if turns.Leaver != 0 && turns.Leaver != g.in.Ticket {
		return g.refuse(contract.GuardLeaver, "a leaver for the same person began with %s, so nothing more is given", contract.TicketLabel(turns.Leaver)), nil
	}
	return nil, nil // no stop
}

// noTurn keeps a sync out of the way of a case about the same person: a sync takes no turn, it comes back.
func (g *guards) noTurn(ctx context.Context, _ contract.Controls) (*contract.ApplyResult, error) {
	if g.in.UseCase != casework.ProfileSync {
		return nil, nil // no stop
	}
	turns, err := g.okta.Cluster.Turns(ctx, g.person.OktaUserID)
	switch {
	case err != nil:
		return g.hold(contract.GuardTurn, time.Time{}, "whether a case about this person is under way could not be asked, so nothing is written; it is asked again"), nil //nolint:nilerr // a guard that cannot be asked holds
	case turns.Holder != nil:
		return g.hold(contract.GuardTurn, time.Time{}, "a case about this person is under way: %s", turns.Holder.WorkflowID()), nil
	}
	return nil, nil // no stop
}

// opens says whether the change is meant for an account that is shut: a suspension is lifted, a former colleague comes
// back (a rehire's profile is set once the account is active).
func (g *guards) opens() bool {
	return g.in.Change.Verb == casework.VerbUnsuspend || g.in.Change.Verb == casework.VerbActivate
}

func decidedBy(who string) string {
	if who == "" {
		return ""
	}
	return " (decided by " + who + ")"
}

func untilWords(until time.Time) string {
	if until.IsZero() {
		return ", without an end"
	}
	return ", until " + until.UTC().Format("2006-01-02 15:04 MST")
}
