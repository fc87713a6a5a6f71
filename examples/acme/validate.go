package acme

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // a bare container has no zone data, and the locations are checked there too
	"unicode/utf8"
)

// Validate says everything that is wrong with the company, as one joined error: names that are used twice, references
// that lead nowhere, managers that go in a circle, choices and numbers that a vendor would refuse. The
// order of the problems is stable.
func (c Company) Validate() error {
	k := &checker{
		departments: names(c.Departments, func(d Department) string { return d.Name }),
		locations:   names(c.Locations, func(l Location) string { return l.Name }),
		groups:      names(c.Groups, func(g Group) string { return g.Name }),
		apps:        names(c.Apps, func(a App) string { return a.Label }),
		emails:      names(c.People, func(p Person) string { return p.Email }),
	}
	k.unique("department", k.departments)
	k.unique("location", k.locations)
	k.unique("group", k.groups)
	k.unique("app", k.apps)
	k.unique("rule", names(c.Rules, func(r GroupRule) string { return r.Name }))
	k.unique("agent group", names(c.AgentGroups, func(g AgentGroup) string { return g.Name }))
	k.unique("service item", names(c.Items, func(i ServiceItem) string { return i.Name }))
	k.checkPlaces(c)
	k.checkPeople(c)
	k.checkManagers(c)
	k.checkAccess(c)
	k.checkDesk(c)
	return errors.Join(k.problems...)
}

// checker gathers problems. Its maps count how often a name occurs.
type checker struct {
	departments, locations, groups, apps, emails map[string]int

	problems []error
}

func names[T any](things []T, name func(T) string) map[string]int {
	count := make(map[string]int, len(things))
	for _, thing := range things {
		count[name(thing)]++
	}
	return count
}

func (k *checker) report(format string, args ...any) {
	k.problems = append(k.problems, fmt.Errorf(format, args...))
}

func (k *checker) unique(what string, count map[string]int) {
	for _, name := range slices.Sorted(maps.Keys(count)) {
		if name == "" {
			k.report("a %s has no name", what)
		}
		if n := count[name]; n > 1 {
			k.report("%s %q occurs %d times", what, name, n)
		}
	}
}

// resolve wants every name to occur in count.
func (k *checker) resolve(who, what string, count map[string]int, wanted ...string) {
	for _, name := range wanted {
		if count[name] == 0 {
			k.report("%s names %s %q, which does not exist", who, what, name)
		}
	}
	if len(names(wanted, func(s string) string { return s })) != len(wanted) {
		k.report("%s names a %s twice", who, what)
	}
}

// person wants the address to be exactly one person's.
func (k *checker) person(who, email string) {
	switch n := k.emails[email]; n {
	case 1:
	case 0:
		k.report("%s names %q, whom nobody knows", who, email)
	default:
		k.report("%s names %q, an address that %d people share", who, email, n)
	}
}

func (k *checker) checkPlaces(c Company) {
	for _, d := range c.Departments {
		who := "department " + d.Name
		k.person(who, d.HeadEmail)
		if head, ok := c.PersonByEmail(d.HeadEmail); ok && head.Department != d.Name {
			k.report("%s has a head who works in %q", who, head.Department)
		}
	}
	zones := make(map[string]string)
	for _, l := range c.Locations {
		if _, err := time.LoadLocation(l.TimeZone); err != nil || l.TimeZone == "" || l.TimeZone == "Local" {
			k.report("location %s: %q is no IANA time zone", l.Name, l.TimeZone)
		}
		if other, taken := zones[l.TimeZone]; taken {
			k.report("locations %s and %s share a time zone", l.Name, other)
		}
		zones[l.TimeZone] = l.Name
		if len(l.Country) != 2 || l.City == "" || l.DeskTimeZone == "" {
			k.report("location %s lacks its city, its two-letter country or its desk time zone", l.Name)
		}
	}
}

// Okta's limits on profile attributes: login and email 5..100 characters, firstName and lastName 1..50
// (default user schema, https://developer.okta.com/docs/reference/api/schemas/).
const (
	minAddress = 5
	maxAddress = 100
	maxName    = 50
)

var userStatuses = []string{
	"STAGED", "PROVISIONED", "ACTIVE", "RECOVERY", "PASSWORD_EXPIRED", "LOCKED_OUT", "SUSPENDED", "DEPROVISIONED",
}

var userTypes = []string{UserTypeEmployee, UserTypeContractor, UserTypeService, UserTypeBreakGlass}

var deskRoles = []string{"Account Admin", "SD Supervisor", "SD Agent"}

var factorTypes = []string{
	"call", "email", "push", "question", "signed_nonce", "sms", "token", "token:hardware", "token:hotp",
	"token:software:totp", "u2f", "web", "webauthn",
}

func (k *checker) checkPeople(c Company) {
	k.unique("login", names(c.People, func(p Person) string { return p.Login }))
	k.unique("employee number", names(c.People, func(p Person) string { return p.EmployeeNumber }))
	for _, p := range c.People {
		k.checkPerson(c, p)
	}
}

func (k *checker) checkPerson(c Company, p Person) {
	who := p.Login
	for _, address := range []string{p.Email, p.Login} {
		_, domain, _ := strings.Cut(address, "@")
		if len(address) < minAddress || len(address) > maxAddress || domain != c.Domain ||
			address != strings.ToLower(address) {
			k.report("%s: %q is no lower-case address of %s with %d to %d characters",
				who, address, c.Domain, minAddress, maxAddress)
		}
	}
	for _, name := range []string{p.FirstName, p.LastName} {
		if n := utf8.RuneCountInString(name); n == 0 || n > maxName || !utf8.ValidString(name) {
			k.report("%s: %q is no name of 1 to %d characters", who, name, maxName)
		}
	}
	k.oneOf(who, "user type", p.UserType, userTypes)
	k.oneOf(who, "status", p.Status, userStatuses)
	for _, factor := range p.Factors {
		k.oneOf(who, "factor", factor, factorTypes)
	}
	if p.Agent != (p.DeskRole != "") {
		k.report("%s: an agent has a desk role and nobody else has one", who)
	}
	if p.Agent {
		k.oneOf(who, "desk role", p.DeskRole, deskRoles)
	}
	if p.Human() {
		k.resolve(who, "department", k.departments, p.Department)
		k.resolve(who, "location", k.locations, p.Location)
	}
	if p.Title == "" {
		k.report("%s has no title", who)
	}
	k.resolve(who, "group", k.groups, p.Groups...)
	k.resolve(who, "app", k.apps, p.Apps...)
	for _, name := range p.Groups {
		if c.ruleManaged(name) {
			k.report("%s is listed in %q, which a rule manages", who, name)
		}
	}
	if p.Status == "DEPROVISIONED" && (len(p.Apps) > 0 || len(p.Factors) > 0) {
		k.report("%s is deactivated and can hold neither apps nor factors", who)
	}
}

func (k *checker) oneOf(who, what, value string, allowed []string) {
	if !slices.Contains(allowed, value) {
		k.report("%s: %s %q is none of %s", who, what, value, strings.Join(allowed, ", "))
	}
}

// checkManagers wants one tree: exactly one person without a manager, and everybody else below.
func (k *checker) checkManagers(c Company) {
	var tops []string
	for _, p := range c.People {
		if p.ManagerEmail == "" {
			tops = append(tops, p.Email)
			continue
		}
		k.person(p.Login+"'s manager", p.ManagerEmail)
		if manager, ok := c.PersonByEmail(p.ManagerEmail); ok && (!manager.Human() || manager.Status != "ACTIVE") {
			k.report("%s's manager %s is not an active person", p.Login, manager.Email)
		}
		if chain := c.Managers(p); len(chain) > 0 && chain[len(chain)-1].ManagerEmail != "" {
			k.report("%s: the managers above go in a circle or end in the void", p.Login)
		}
	}
	if len(tops) != 1 {
		k.report("one person has no manager; here it is %d: %s", len(tops), strings.Join(tops, ", "))
	}
}
