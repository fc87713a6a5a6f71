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

// mailed says where the activation of a rehire is mailed to: the addresses that the account has until then.
func (j *joiner) mailed() {
	for _, name := range []string{"email", "secondEmail"} {
		if want := j.facts.Profile[name]; !empty(want) && !sameAttribute(want, j.facts.Access.Person.Attributes[name]) {
			j.note("Okta mails the activation to the addresses that the account has at that moment; it gets the new ones right after, and the mail has to be sent again from Okta.")
			return
		}
	}
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
