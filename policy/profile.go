package policy

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"cel.dev/cel-go/common/types"
	"golang.org/x/text/unicode/norm"

	"latchkey/casework"
	"latchkey/identity"
)

// profile is profile.yaml.
type profile struct {
	tables     map[string]any
	manager    *expr
	attributes []*attribute
	logins     []*expr
	domain     string
}

// attribute is one attribute of the Okta profile and where its value comes from.
type attribute struct {
	okta     string
	value    *expr
	required bool
	label    string
	fallback any // nil where policy names no default
}

// Profile works out the attributes of a joiner or a mover, by Okta's names. What a mover's ticket does not answer stays
// as it is: it is not among the values, and neither required nor default applies. Values are text, numbers and
// booleans; text is trimmed and normalised. What is required and not there, or cannot be used, is missing.
func (p *Policy) Profile(f ProfileFacts) (values map[string]any, missing []casework.Missing) {
	vars := p.profileVars(f)
	values = map[string]any{}
	mover := f.UseCase == casework.RoleChange
	for _, a := range p.profile.attributes {
		v, err := a.value.value(vars)
		if err != nil {
			missing = append(missing, a.missing("cannot be worked out from this ticket"))
			continue
		}
		v, why := a.clean(v)
		if v == nil && why == "" && !mover {
			if v = a.fallback; v == nil && a.required {
				why = "is empty"
			}
		}
		switch {
		case why != "":
			missing = append(missing, a.missing(why))
		case v != nil:
			values[a.okta] = v
		}
	}
	return values, missing
}

func (p *Policy) profileVars(f ProfileFacts) map[string]any {
	return map[string]any{
		"fields": answersOf(f.Fields), "subject": personOf(f.Subject), "manager": personOf(f.Manager),
		"use_case": useCaseWord(f.UseCase), "tables": answersOf(p.profile.tables),
	}
}

// ManagerAddress is the e-mail address of the manager to be, in lower case: who ProfileFacts.Manager is looked up by. It
// is empty where policy says nothing or the ticket names no address; a mover's manager then stays.
func (p *Policy) ManagerAddress(f ProfileFacts) string {
	address, err := p.profile.manager.text(p.profileVars(f))
	if err != nil || !isAddress(address) {
		return ""
	}
	return strings.ToLower(address)
}

func (a *attribute) missing(why string) casework.Missing {
	return casework.Missing{Field: a.okta, Label: a.label, Why: why}
}

// clean makes a value fit for Okta, or says why it does not fit. Nothing, or an empty text, is nil.
func (a *attribute) clean(v any) (clean any, why string) {
	if at, is := v.(time.Time); is {
		v = at.Format(time.DateOnly)
	}
	s, is := v.(string)
	if !is {
		if v == nil || !textAttribute(a.okta) {
			return v, ""
		}
		s = plainText(types.DefaultTypeAdapter.NativeToValue(v)) // an employee number that a form holds as a number
	}
	s = norm.NFC.String(strings.TrimSpace(s))
	if s == "" {
		return nil, ""
	}
	if strings.ContainsFunc(s, hidden) {
		return nil, "holds control characters: " + quote(s)
	}
	if most := mostRunes(a.okta); utf8.RuneCountInString(s) > most {
		return nil, fmt.Sprintf("has %d characters, and Okta takes %d: %s", utf8.RuneCountInString(s), most, quote(s))
	}
	switch a.okta {
	case "email", "secondEmail":
		if s = strings.ToLower(s); !isAddress(s) {
			return nil, "is not an e-mail address: " + quote(s)
		}
	case "countryCode":
		if s = strings.ToUpper(s); len(s) != 2 || strings.ContainsFunc(s, func(r rune) bool { return r < 'A' || r > 'Z' }) {
			return nil, "is not a country code of two letters such as DE: " + quote(s)
		}
	case "timezone":
		if _, err := time.LoadLocation(s); err != nil || s == "Local" {
			return nil, "is not a time zone such as Europe/Berlin: " + quote(s)
		}
	}
	return s, ""
}

// hidden characters have no place in a profile: control characters, and those that turn the direction of what follows,
// with which a name can be made to read as another.
func hidden(r rune) bool {
	return unicode.IsControl(r) || r >= '\u202A' && r <= '\u202E' || r >= '\u2066' && r <= '\u2069' || r == utf8.RuneError
}

// textAttribute says whether an attribute is one of Okta's own: all of these are texts (reference: okta-api §3.3). What
// else there is, is the tenant's, of whatever type the tenant's schema says.
func textAttribute(name string) bool {
	return slices.Contains([]string{
		"email", "firstName", "lastName", "middleName", "honorificPrefix", "honorificSuffix", "title", "displayName",
		"nickName", "profileUrl", "secondEmail", "mobilePhone", "primaryPhone", "streetAddress", "city", "state", "zipCode",
		"countryCode", "postalAddress", "preferredLanguage", "locale", "timezone", "userType", "employeeNumber", "costCenter",
		"organization", "division", "department", "managerId", "manager",
	}, name)
}

// mostRunes is the longest value of an attribute: Okta's bound (reference: okta-api §3.3), and for attributes that have
// none of Okta's, ours.
func mostRunes(attribute string) int {
	switch attribute {
	case "firstName", "lastName", "zipCode":
		return 50
	case "email", "secondEmail", "mobilePhone", "primaryPhone":
		return 100
	case "city", "state":
		return 128
	case "postalAddress":
		return 4096
	default:
		return 1024
	}
}

// The most candidates for a login, and the highest number tried for them.
const (
	mostLogins  = 20
	mostNumber  = 200
	longLogin   = 100 // Okta takes 5 to 100 characters (reference: okta-api §3.3)
	shortLogin  = 5
	longMailbox = 64 // before the @ (RFC 5321 §4.5.3.1.1)
)

// Logins lists candidates for a joiner's login in the order of profile.yaml, at most 20: different, in lower case and
// valid as e-mail addresses of plain ASCII. A template that fails, that gives no such address, or that looks at a name
// without a Latin letter is passed over. None means that no login can be made, and a person has to choose one.
func (p *Policy) Logins(values map[string]any) []string {
	text := func(name string) string {
		s, is := values[name].(string)
		if !is {
			return ""
		}
		return s
	}
	vars := map[string]any{"first": text("firstName"), "last": text("lastName"), "values": answersOf(values), "n": 0}
	var list []string
	have := map[string]bool{}
	try := func(e *expr) {
		made, err := e.text(vars)
		if err != nil {
			return
		}
		if login, ok := loginOf(made, p.profile.domain); ok && !have[login] {
			list, have[login] = append(list, login), true
		}
	}
	for _, e := range p.profile.logins {
		if e.mentions("first") && handle(text("firstName")) == "" || e.mentions("last") && handle(text("lastName")) == "" {
			continue // it would make ".zhang", or ".2"
		}
		if !e.numbered() {
			try(e)
			continue
		}
		for n := 2; n <= mostNumber && len(list) < mostLogins; n++ {
			vars["n"] = n
			try(e)
		}
	}
	return list[:min(len(list), mostLogins)]
}

func (e *expr) numbered() bool { return e.mentions("n") }

// loginOf is a login as a template gave it, with the domain where it names none.
func loginOf(made, domain string) (string, bool) {
	login := strings.ToLower(made)
	if !strings.Contains(login, "@") {
		login += "@" + domain
	}
	mailbox, _, _ := strings.Cut(login, "@")
	if strings.ContainsFunc(login, func(r rune) bool { return r <= ' ' || r >= unicode.MaxASCII }) {
		return "", false
	}
	if strings.Trim(mailbox, ".-_") != mailbox {
		return "", false
	}
	return login, isAddress(login) && len(mailbox) <= longMailbox && len(login) >= shortLogin && len(login) <= longLogin
}

// Become is a person once a profile has these values, by Okta's names: what birthright and routes look at before the
// account is made or changed. The person given stays as it was.
func Become(person identity.Person, values map[string]any) identity.Person {
	text := func(into *string, name string) {
		if s, is := values[name].(string); is {
			*into = s
		}
	}
	text(&person.Login, "login")
	text(&person.Email, "email")
	text(&person.SecondEmail, "secondEmail")
	text(&person.FirstName, "firstName")
	text(&person.LastName, "lastName")
	text(&person.Title, "title")
	text(&person.Department, "department")
	text(&person.Location, "city")
	text(&person.EmployeeNumber, "employeeNumber")
	text(&person.TimeZone, "timezone")
	for _, name := range []string{"manager", "managerId", "managerEmail"} { // the last that is an address counts
		if s, is := values[name].(string); is && strings.Contains(s, "@") {
			person.ManagerEmail = s
		}
	}
	attributes := maps.Clone(person.Attributes)
	if attributes == nil {
		attributes = map[string]any{}
	}
	maps.Copy(attributes, values)
	person.Attributes = attributes
	return person
}
