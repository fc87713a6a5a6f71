package casework

import (
	"maps"
	"strings"

	"latchkey/identity"
)

// profile sets what the account does not say yet. An account that exists keeps its login.
func (j *joiner) profile(reason string) {
	c := profileUpdate(j.facts.Profile, j.facts.Access.Person.Attributes, "login")
	if now := j.facts.Access.Person.Login; now != "" && !strings.EqualFold(now, textOf(j.facts.Profile, "login")) {
		j.note("The account keeps its login.")
	}
	if c == nil {
		return
	}
	c.Reason = reason
	j.plan.Changes = append(j.plan.Changes, *c)
}

// newAddresses are the addresses that a rehire's account does not bear yet, by attribute.
func (j *joiner) newAddresses() map[string]any {
	addresses := map[string]any{}
	for _, name := range []string{"email", "secondEmail"} {
		if want := j.facts.Profile[name]; !empty(want) && !sameAttribute(want, j.facts.Access.Person.Attributes[name]) {
			addresses[name] = want
		}
	}
	return addresses
}

// mail has Okta mail the activation of a rehire that was activated silently, once the account bears its new addresses.
func (j *joiner) mail() {
	addresses := j.newAddresses()
	if len(addresses) == 0 {
		return
	}
	object := j.newcomer()
	j.plan.Changes = append(j.plan.Changes, Change{
		ID: ChangeID(VerbMailActivation, object), Phase: PhaseActivate, Verb: VerbMailActivation, Object: object,
		Before: "no mail", After: "mailed", Values: addresses,
		Reason: "Okta mails to the addresses that an account has at that moment, and until its profile was set they were those of an earlier time",
	})
}

// wanted is the person as the plan makes them: the account, if there is one, with the wanted profile.
func wanted(account identity.Person, profile map[string]any) identity.Person {
	p := account
	p.Attributes = maps.Clone(account.Attributes)
	if p.Attributes == nil {
		p.Attributes = map[string]any{}
	}
	maps.Copy(p.Attributes, profile)
	for name, field := range map[string]*string{
		"email": &p.Email, "firstName": &p.FirstName, "lastName": &p.LastName, "title": &p.Title, "department": &p.Department,
		"city": &p.Location, "employeeNumber": &p.EmployeeNumber, "timezone": &p.TimeZone,
	} {
		if v := textOf(profile, name); v != "" {
			*field = v
		}
	}
	for _, name := range []string{"managerEmail", "managerId", "manager"} { // plain texts at Okta (reference §3.3)
		if v := textOf(profile, name); strings.Contains(v, "@") {
			p.ManagerEmail = v
			break
		}
	}
	if p.Login == "" {
		p.Login = textOf(profile, "login")
	}
	p.Attributes["login"] = p.Login
	return p
}
