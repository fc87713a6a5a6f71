package activities

import (
	"strings"

	"latchkey/clients/okta"
	"latchkey/identity"
)

// withheld are private contact data: policy may look at them, histories and records do not get them.
func withheld(name string) bool {
	switch name {
	case "mobilePhone", "primaryPhone", "secondEmail", "streetAddress", "postalAddress", "zipCode":
		return true
	}
	return false
}

// discreet is a person as histories may hold them.
func discreet(p identity.Person) identity.Person {
	attributes := make(map[string]any, len(p.Attributes))
	for name, v := range p.Attributes {
		if !withheld(name) {
			attributes[name] = v
		}
	}
	p.Attributes, p.SecondEmail = attributes, ""
	return p
}

// personOf is an account in the field's words, whole.
func personOf(u okta.User) identity.Person {
	p := identity.Person{
		OktaUserID: u.ID, Status: identity.UserStatus(u.Status), Login: u.Login(), Email: u.Email(),
		FirstName: u.Attr("firstName"), LastName: u.Attr("lastName"), Title: u.Attr("title"),
		Department: u.Attr("department"), Location: u.Attr("city"), EmployeeNumber: u.Attr("employeeNumber"),
		TimeZone: u.Attr("timezone"), SecondEmail: u.Attr("secondEmail"), Attributes: map[string]any{},
	}
	// Okta's manager attributes are plain strings without a check (okta-api.md §3.3); only an address names a person.
	for _, name := range []string{"managerEmail", "managerId", "manager"} {
		if v := u.Attr(name); strings.Contains(v, "@") {
			p.ManagerEmail = v
			break
		}
	}
	for name, v := range u.Profile {
		if v != nil {
			p.Attributes[name] = v
		}
	}
	return p
}

// pick narrows the accounts that answer to an address to the one that is meant: where exactly one of them still lives,
// deactivated ones are former accounts of the same person. The count of those passed over is returned.
func pick(found []okta.User) (chosen []okta.User, former int) {
	var live []okta.User
	for _, u := range found {
		if u.Status != okta.Deprovisioned {
			live = append(live, u)
		}
	}
	if len(live) == 1 {
		return live, len(found) - 1
	}
	return found, 0
}
