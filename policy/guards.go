package policy

import (
	"slices"
	"strings"
	"time"

	"latchkey/casework"
	"latchkey/identity"
)

// A guard whose expression cannot be evaluated guards: it is better to hold a change than to make one that policy may
// forbid. The reason then says so.
const unevaluated = " (the expression of this entry could not be evaluated for this person, so it applies)"

// ProtectedAccount says whether policy protects an account, by login, e-mail address, Okta ID or expression.
func (p *Policy) ProtectedAccount(person identity.Person) (Protection, bool) {
	for _, g := range p.guards.accounts {
		if is, note := g.is(person); is {
			return Protection{Why: g.Why + note, Who: g.Who}, true
		}
	}
	return Protection{}, false
}

// ProtectedGroup says whether policy protects a group, by its name whatever the case. Protected groups refuse grants.
func (p *Policy) ProtectedGroup(name string) (Protection, bool) {
	for _, g := range p.guards.groups {
		if wild(g.pattern, strings.ToLower(strings.TrimSpace(name))) {
			return g.Protection, true
		}
	}
	return Protection{}, false
}

// ProtectedApprovers names who may approve a protected leaver, and how many different people have to; at least two.
// Nobody named means that nobody can.
func (p *Policy) ProtectedApprovers() (emails []string, need int) {
	return slices.Clone(p.guards.approvers), p.guards.need
}

// LegalHold says whether the whole account is held now.
func (p *Policy) LegalHold(person identity.Person, now time.Time) (casework.Kept, bool) {
	for _, h := range p.guards.holds {
		if ended(h.until, now) {
			continue
		}
		if is, note := h.is(person); is {
			account := identity.Entitlement{Kind: identity.KindAccount, ID: person.OktaUserID, Name: person.DisplayName()}
			return casework.Kept{Object: account, Why: h.Why + note, Who: h.Who, Until: h.until}, true
		}
	}
	return casework.Kept{}, false
}

// Keep says whether the keep-list keeps a grant of a person now.
func (p *Policy) Keep(person identity.Person, grant identity.Grant, now time.Time) (casework.Kept, bool) {
	for _, k := range p.guards.keep {
		if ended(k.until, now) || !k.names(grant.Entitlement) {
			continue
		}
		holds, err := k.when.holds(map[string]any{"person": personOf(PersonFacts{Person: person}), "grant": grantOf(grant)})
		why := k.Why
		if err != nil {
			holds, why = true, why+unevaluated
		}
		if holds {
			return casework.Kept{Object: grant.Entitlement, Why: why, Who: k.Who, Until: k.until}, true
		}
	}
	return casework.Kept{}, false
}

// MassChange is the guard against a feed gone mad.
func (p *Policy) MassChange() MassChange { return p.guards.mass }

// LastAdmins is the fewest super administrators that have to remain; 2 unless policy says otherwise.
func (p *Policy) LastAdmins() int { return p.guards.lastAdmins }

func (w whose) is(person identity.Person) (is bool, note string) {
	match := func(want string, have ...string) bool {
		return want != "" && slices.ContainsFunc(have, func(h string) bool { return strings.EqualFold(want, h) })
	}
	if match(w.login, person.Login) || match(w.email, person.Email, person.Login, person.SecondEmail) ||
		w.oktaID != "" && w.oktaID == person.OktaUserID {
		return true, ""
	}
	if w.when == nil {
		return false, ""
	}
	holds, err := w.when.holds(map[string]any{"person": personOf(PersonFacts{Person: person})})
	if err != nil {
		return true, unevaluated
	}
	return holds, ""
}

func (k keepGuard) names(e identity.Entitlement) bool {
	if k.kind == "" {
		return true // only the expression chooses
	}
	if k.kind != e.Kind {
		return false
	}
	if k.id != "" {
		return k.id == e.ID
	}
	return wild(k.name, strings.ToLower(e.Name))
}

func ended(until, now time.Time) bool { return !until.IsZero() && now.After(until) }

// wild matches a pattern in which * stands for any run of characters.
func wild(pattern, s string) bool {
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 {
		return pattern == s
	}
	if !strings.HasPrefix(s, parts[0]) {
		return false
	}
	s = s[len(parts[0]):]
	last := parts[len(parts)-1]
	for _, part := range parts[1 : len(parts)-1] {
		at := strings.Index(s, part)
		if at < 0 {
			return false
		}
		s = s[at+len(part):]
	}
	return strings.HasSuffix(s, last)
}
