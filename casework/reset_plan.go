package casework

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"latchkey/identity"
)

// ResetFacts is everything the planner of a credential reset looks at.
type ResetFacts struct {
	Request Request
	// Subject are the accounts that answer to the address of the person it is about; Asker those of the requester's.
	Subject, Asker []identity.Person
	// Protected and AskerProtected say why policy never touches the account; empty is not protected.
	Protected, AskerProtected string
	// Factors are the person's enrolments, where authenticators are asked for.
	Factors []ResetFactor
	// Privileged says why the account is privileged; empty is not.
	Privileged string
	// PrivilegedApprovers says that policy names enough people to approve for privileged accounts.
	PrivilegedApprovers bool
	// MailLocked says why the person cannot open mail of Okta's; empty is that they can.
	MailLocked string
	// Tell are the addresses that policy has told of a reset, beside the owner's own.
	Tell []string
	// EnrolRemind is policy's (ResetTerms).
	EnrolRemind time.Duration
	// Trips says what in the System Log speaks against a reset now (JudgeSigns); empty is nothing.
	Trips string
	// Target and Asked are what the firewall says as things are, of the account and of who asks.
	Target, Asked ResetVerdict
	PolicyDigest  string
}

// ResetFactor is one enrolment, with Okta's factor type.
type ResetFactor struct {
	Entitlement identity.Entitlement
	Type        string
}

// ResetDecision is a sealed plan, or a clear end that needs none, and why.
type ResetDecision struct {
	Plan Plan
	End  End
	Why  string
	// Alarm is what security has to hear of a reset that is held.
	Alarm string
}

// PlanReset decides a credential reset. Who asks and for whom comes first, then what the account's status makes of the
// wish (docs/runbooks/credential-reset.md has the table), then whether it may be now.
func PlanReset(f ResetFacts) ResetDecision {
	ask := f.Request.Reset
	switch {
	case ask == nil || len(ask.Kinds) == 0 && ask.Unsure == "":
		return handOver("the ticket does not say what is to be reset")
	case ask.Unsure != "":
		return handOver(ask.Unsure)
	}
	if end := wellKnown(f); end.End != "" {
		return end
	}
	r := resetPlan{facts: f, ask: *ask, person: f.Subject[0]}
	r.plan = Plan{UseCase: CredentialReset, Person: r.person, PolicyDigest: f.PolicyDigest}
	if end := r.changes(); end.End != "" {
		return end
	}
	if end := r.allowed(); end.End != "" {
		return end
	}
	r.terms()
	return ResetDecision{Plan: Seal(r.plan)}
}

// wellKnown ends what asks about nobody, or is asked by nobody that Okta knows as an active person.
func wellKnown(f ResetFacts) ResetDecision {
	if f.Request.Subject == "" {
		return ResetDecision{End: EndUnknownPerson, Why: "the ticket does not say whose account it is about"}
	}
	switch n := len(f.Subject); n {
	case 0:
		return ResetDecision{End: EndUnknownPerson, Why: "nobody in Okta has the address " + f.Request.Subject}
	case 1:
	default:
		return ResetDecision{End: EndSeveralPeople, Why: fmt.Sprintf("%d accounts in Okta have the address %s; say which one is meant", n, f.Request.Subject)}
	}
	person := f.Subject[0]
	if f.Protected != "" {
		return ResetDecision{End: EndProtected, Why: fmt.Sprintf("policy protects the account of %s: %s", person.DisplayName(), f.Protected)}
	}
	switch n := len(f.Asker); n {
	case 0:
		return refuse("the requester's e-mail address on the ticket is not that of any account in Okta")
	case 1:
	default:
		return refuse(fmt.Sprintf("the requester's e-mail address is that of %d accounts in Okta", n))
	}
	asker := f.Asker[0]
	if asker.OktaUserID == person.OktaUserID {
		return ResetDecision{}
	}
	switch {
	case asker.Status != identity.StatusActive:
		return refuse(fmt.Sprintf("whoever asks for somebody else needs an active account, and the requester's is %s", asker.Status))
	case f.AskerProtected != "":
		return refuse("policy protects the requester's account (" + f.AskerProtected + "): it asks for nobody")
	}
	return ResetDecision{}
}

type resetPlan struct {
	facts  ResetFacts
	ask    ResetAsk
	person identity.Person
	plan   Plan
}

// changes is the table of statuses: what becomes of the wishes.
func (r *resetPlan) changes() ResetDecision {
	switch r.person.Status {
	case identity.StatusSuspended:
		return handOver("the account is suspended: whoever suspended it has to say whether it opens again")
	case identity.StatusDeprovisioned:
		return handOver("the account is deactivated: bringing it back is a rehire, not a reset")
	case identity.StatusStaged:
		return handOver("the account is staged: it opens on the first day, by the onboarding")
	case identity.StatusProvisioned, identity.StatusActive, identity.StatusRecovery, identity.StatusPasswordExpired,
		identity.StatusLockedOut:
	default:
		return handOver(fmt.Sprintf("Okta gives the account the status %q, which has no action", r.person.Status))
	}
	already := r.signIn()
	if end := r.factors(); end.End != "" {
		return end
	}
	if len(r.plan.Changes) == 0 {
		return ResetDecision{End: EndAlready, Why: already}
	}
	if r.ask.Sessions {
		r.add(Change{
			Verb: VerbEndSessions, Before: "unknown: Okta does not list them", After: "none",
			Object: identity.Entitlement{Kind: identity.KindSession, ID: r.person.OktaUserID, Name: "sessions and OAuth tokens"},
			Reason: "whoever else holds one is signed out",
		})
	}
	return ResetDecision{}
}

// signIn plans the one change that lets the person sign in again. It says why there is none.
func (r *resetPlan) signIn() (already string) {
	if !r.ask.Has(ResetPassword, ResetUnlock, ResetActivation) {
		return ""
	}
	status, name := r.person.Status, r.person.DisplayName()
	mail := func(verb Verb, after identity.UserStatus, reason string) {
		r.add(Change{Verb: verb, Object: r.account(), Before: string(status), After: string(after), Reason: reason})
	}
	switch status {
	case identity.StatusProvisioned:
		mail(VerbReactivate, status, "the account has not been activated yet: Okta mails the activation link again")
	case identity.StatusPasswordExpired:
		mail(VerbResetPassword, identity.StatusRecovery, "the password has expired: Okta mails a link for a new one")
	case identity.StatusRecovery:
		mail(VerbResetPassword, identity.StatusRecovery, "a reset is under way: Okta mails a new link")
	case identity.StatusLockedOut:
		if r.ask.Has(ResetPassword) {
			mail(VerbResetPassword, identity.StatusRecovery, "locked out, and a new password was asked for: Okta mails a link, and the lock ends with it")
		} else {
			r.add(Change{Verb: VerbUnlock, Object: r.account(), Before: string(status), After: string(identity.StatusActive), Reason: "the account is locked out"})
		}
	case identity.StatusActive:
		switch {
		case r.ask.Has(ResetPassword):
			mail(VerbResetPassword, identity.StatusRecovery, "Okta mails a link for a new password")
		case r.ask.Has(ResetUnlock):
			r.add(Change{
				Verb: VerbUnlock, Object: r.account(), Before: string(status), After: string(status),
				Reason: "the account is active; unlocking ends a block on unknown devices, which Okta does not show",
			})
		default:
			return "the account of " + name + " is activated already; whoever forgot the password asks for a new one"
		}
	case identity.StatusStaged, identity.StatusSuspended, identity.StatusDeprovisioned: // answered before
	}
	return ""
}

// factors plans authenticators: all of them, or those of the asked type that Okta shows.
func (r *resetPlan) factors() ResetDecision {
	switch {
	case r.ask.Has(ResetAllFactors):
		var before []string
		for _, g := range r.facts.Factors {
			before = append(before, g.Entitlement.Name)
		}
		seen := strings.Join(before, ", ")
		if seen == "" {
			seen = "none that Latchkey can see" // Okta lists only those the caller's network zone allows (okta-api.md §3.9)
		}
		r.add(Change{
			Verb: VerbResetFactors, Before: seen, After: "none",
			Object: identity.Entitlement{Kind: identity.KindFactor, ID: r.person.OktaUserID, Name: "all authenticators"},
			Reason: "the person enrols again at the next sign-in",
		})
	case r.ask.Has(ResetOneFactor):
		if len(r.ask.Types) == 0 {
			return handOver("the ticket does not say which authenticator is meant")
		}
		found := false
		for _, g := range r.facts.Factors {
			if !slices.Contains(r.ask.Types, g.Type) {
				continue
			}
			found = true
			r.add(Change{
				Verb: VerbResetFactor, Object: g.Entitlement, Before: "enrolled", After: "removed",
				Reason: "asked for as " + r.ask.Factor + "; the person enrols again",
			})
		}
		if !found && len(r.plan.Changes) == 0 {
			return ResetDecision{End: EndAlready, Why: "no " + r.ask.Factor + " is enrolled that Latchkey can see; ask for all authenticators to be reset if one still asks for it"}
		}
		if !found {
			r.plan.Notes = append(r.plan.Notes, "No "+r.ask.Factor+" is enrolled that Latchkey can see.")
		}
	}
	return ResetDecision{}
}

func (r *resetPlan) account() identity.Entitlement {
	return identity.Entitlement{Kind: identity.KindAccount, ID: r.person.OktaUserID, Name: r.person.DisplayName()}
}

func (r *resetPlan) add(c Change) {
	c.Phase, c.ID = PhaseReset, ChangeID(c.Verb, c.Object)
	r.plan.Changes = append(r.plan.Changes, c)
}

// allowed ends what may not be, or not now.
func (r *resetPlan) allowed() ResetDecision {
	mails := slices.ContainsFunc(r.plan.Changes, func(c Change) bool { return c.Verb == VerbResetPassword || c.Verb == VerbReactivate })
	if mails && r.facts.MailLocked != "" {
		return handOver(r.facts.MailLocked)
	}
	if r.facts.Trips != "" {
		d := handOver("it is held, because " + r.facts.Trips + "; security looks at it first")
		d.Alarm = r.facts.Trips
		return d
	}
	if r.facts.Privileged != "" && !r.facts.PrivilegedApprovers {
		return handOver(fmt.Sprintf("the account is privileged (%s), and policy names too few people who could approve a reset", r.facts.Privileged))
	}
	for _, verdict := range []ResetVerdict{r.facts.Target, r.facts.Asked} {
		if !verdict.Admitted {
			return refuse(RefusedWords(verdict))
		}
	}
	return ResetDecision{}
}

// RefusedWords is a verdict of the firewall for people.
func RefusedWords(v ResetVerdict) string {
	if v.RetryAt.IsZero() {
		return v.Why
	}
	return v.Why + "; try again after " + moment(v.RetryAt)
}

// terms says which approvals the reset needs whatever the routes of policy say.
func (r *resetPlan) terms() {
	t := &ResetTerms{Asker: r.facts.Asker[0].OktaUserID, Kinds: r.ask.Kinds, Privileged: r.facts.Privileged, Tell: r.facts.Tell, EnrolRemind: r.facts.EnrolRemind}
	switch {
	case t.ForSomebodyElse(r.person.OktaUserID):
		t.Manager = "it was asked for by somebody else"
	case r.ask.Has(ResetOneFactor, ResetAllFactors) && !r.ask.Attested:
		t.Manager = "authenticators are reset, and nothing attests that the person themselves signed in to ask"
	}
	r.plan.Reset = t
	if words := strings.Join(r.ask.Found, "; "); words != "" {
		r.plan.Notes = append(r.plan.Notes, "Read from the ticket's own words: "+cut(words, 300)+".")
	}
	if t.Manager != "" {
		r.plan.Notes = append(r.plan.Notes, "The person's manager has to approve: "+t.Manager+".")
	}
	if t.Privileged != "" {
		r.plan.Notes = append(r.plan.Notes, "The account is privileged ("+t.Privileged+"): two people whom policy names have to approve.")
	}
}

func handOver(why string) ResetDecision { return ResetDecision{End: EndHandedOver, Why: why} }

func refuse(why string) ResetDecision { return ResetDecision{End: EndRefused, Why: why} }

// cut keeps the beginning of a text that somebody wrote.
func cut(text string, most int) string {
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return text
}
