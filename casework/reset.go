package casework

import (
	"slices"
	"strconv"
	"time"
)

// ResetKind is one thing that a credential reset may be asked for.
type ResetKind string

// The kinds.
const (
	ResetPassword   ResetKind = "password"   // a new password
	ResetUnlock     ResetKind = "unlock"     // a locked account
	ResetActivation ResetKind = "activation" // the activation mail again
	ResetOneFactor  ResetKind = "factor"     // one authenticator
	ResetAllFactors ResetKind = "factors"    // all authenticators
)

// ResetKinds lists them in a fixed order.
func ResetKinds() []ResetKind {
	return []ResetKind{ResetPassword, ResetUnlock, ResetActivation, ResetOneFactor, ResetAllFactors}
}

// OfFactors says whether the kind is about authenticators.
func (k ResetKind) OfFactors() bool { return k == ResetOneFactor || k == ResetAllFactors }

// ResetAsk is what a ticket asks for, as intake read it.
type ResetAsk struct {
	Kinds []ResetKind `json:"kinds,omitempty"` // in the order of ResetKinds
	// Factor is the authenticator in the words of the form; empty where the ticket names none.
	Factor string `json:"factor,omitempty"`
	// Types are Okta's factor types for that word, from policy.
	Types []string `json:"types,omitempty"`
	// Sessions asks for sessions and tokens to be ended as well.
	Sessions bool `json:"sessions,omitempty"`
	// Form is the requested item of the catalogue that was filled in; empty for a ticket in plain words.
	Form string `json:"form,omitempty"`
	// Attested says that policy vouches for the form, and that the ticket shows nothing against it.
	Attested bool `json:"attested,omitempty"`
	// Found are the words of the ticket that intake went by.
	Found []string `json:"found,omitempty"`
	// Unsure says why a person has to look; empty is sure.
	Unsure string `json:"unsure,omitempty"`
	// LeaveRefused is policy's: a refused ticket stays open for a person.
	LeaveRefused bool `json:"leave_refused,omitempty"`
}

// Has says whether one of the kinds is asked for.
func (a ResetAsk) Has(kinds ...ResetKind) bool {
	return slices.ContainsFunc(a.Kinds, func(k ResetKind) bool { return slices.Contains(kinds, k) })
}

// ResetTerms is what a credential reset needs beside its changes: approvals that no route of policy can take away, and
// who asked. It is part of what approvers judge.
type ResetTerms struct {
	// Asker is the Okta user who asked; the person themselves or somebody else.
	Asker string `json:"asker"`
	// Manager says why the person's manager has to approve; empty is not needed.
	Manager string `json:"manager,omitempty"`
	// Privileged says why two people whom policy names have to approve; empty is not needed.
	Privileged string `json:"privileged,omitempty"`
	// Tell are addresses beside the owner's own that hear of the reset.
	Tell []string `json:"tell,omitempty"`
	// EnrolRemind is how long after a reset of authenticators a person who enrolled none is reminded; zero is never.
	EnrolRemind time.Duration `json:"enrol_remind,omitempty"`
	// Kinds are what the firewall counts.
	Kinds []ResetKind `json:"kinds,omitempty"`
}

// ForSomebodyElse says whether the person did not ask themselves.
func (t ResetTerms) ForSomebodyElse(person string) bool { return t.Asker != person }

func (t ResetTerms) acts() []string {
	list := []string{"asked by " + t.Asker}
	if t.Manager != "" {
		list = append(list, "needs the manager")
	}
	if t.Privileged != "" {
		list = append(list, "needs two people")
	}
	return list
}

// ResetRole says as what somebody counts in a reset.
type ResetRole string

// The roles: whose account it is, and who asked.
const (
	ResetTarget    ResetRole = "target"
	ResetRequester ResetRole = "requester"
)

// ResetMark is one reset that the firewall let through, in the books of one person.
type ResetMark struct {
	Ticket int64       `json:"ticket"`
	Run    int         `json:"run,omitempty"`
	Role   ResetRole   `json:"role"`
	Kinds  []ResetKind `json:"kinds"`
	At     time.Time   `json:"at"`
	// Keep is until when the mark matters; it may be forgotten afterwards.
	Keep time.Time `json:"keep"`
}

// ResetLimits is policy's firewall for one role. Zero values limit nothing.
type ResetLimits struct {
	CoolDown time.Duration `json:"cool_down,omitempty"` // between two resets of the same kind of one target
	Most     int           `json:"most,omitempty"`      // resets within the window
	Window   time.Duration `json:"window,omitempty"`
}

// Keep is how long a mark matters under these limits.
func (l ResetLimits) Keep() time.Duration { return max(l.CoolDown, l.Window) }

// ResetVerdict is the firewall's answer.
type ResetVerdict struct {
	Admitted bool      `json:"admitted"`
	Why      string    `json:"why,omitempty"`
	RetryAt  time.Time `json:"retry_at,omitzero"`
}

// JudgeReset says whether one more reset may go on, given those that went before. A reset that was let through before,
// by ticket, run and role, is let through again: the answer to the first asking may have been lost.
func JudgeReset(marks []ResetMark, ask ResetMark, limits ResetLimits) ResetVerdict {
	var counted []time.Time
	for _, m := range marks {
		if m.Role != ask.Role {
			continue
		}
		if m.Ticket == ask.Ticket && m.Run == ask.Run {
			return ResetVerdict{Admitted: true}
		}
		if ends := m.At.Add(limits.CoolDown); limits.CoolDown > 0 && ask.At.Before(ends) && sameKind(m.Kinds, ask.Kinds) {
			return ResetVerdict{RetryAt: ends, Why: "a reset of the same kind was done at " + moment(m.At) + ", and policy wants " + Span(limits.CoolDown) + " between two"}
		}
		if limits.Window > 0 && ask.At.Sub(m.At) < limits.Window {
			counted = append(counted, m.At)
		}
	}
	if limits.Most <= 0 || len(counted) < limits.Most {
		return ResetVerdict{Admitted: true}
	}
	slices.SortFunc(counted, time.Time.Compare)
	oldest := counted[len(counted)-limits.Most]
	whose := "of this account"
	if ask.Role == ResetRequester {
		whose = "that this person asked for"
	}
	return ResetVerdict{RetryAt: oldest.Add(limits.Window), Why: plural(len(counted), "reset") + " " + whose + " within " + Span(limits.Window) + ", which is as many as policy allows"}
}

// sameKind says whether two resets overlap: a password and a locked account are one matter, authenticators another.
func sameKind(a, b []ResetKind) bool {
	group := func(k ResetKind) string {
		if k.OfFactors() {
			return "factors"
		}
		return "password"
	}
	return slices.ContainsFunc(a, func(x ResetKind) bool {
		return slices.ContainsFunc(b, func(y ResetKind) bool { return group(x) == group(y) })
	})
}

// Marked is the books with one more mark, without those that no longer matter.
func Marked(marks []ResetMark, mark ResetMark) []ResetMark {
	kept := KeptMarks(marks, mark.At)
	there := slices.ContainsFunc(kept, func(m ResetMark) bool {
		return m.Role == mark.Role && m.Ticket == mark.Ticket && m.Run == mark.Run
	})
	if there {
		return kept
	}
	return append(kept, mark)
}

// KeptMarks are those that still matter.
func KeptMarks(marks []ResetMark, now time.Time) []ResetMark {
	return slices.DeleteFunc(slices.Clone(marks), func(m ResetMark) bool { return !now.Before(m.Keep) })
}

func moment(at time.Time) string { return at.UTC().Format("2006-01-02 15:04 MST") }

func plural(n int, what string) string {
	if n == 1 {
		return "one " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}
