package casework_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"latchkey/casework"
	"latchkey/identity"
)

// newcomer is what the ticket says of Ada Byron.
func newcomer() casework.Identifiers {
	return casework.Identifiers{
		Login: "ada.byron@acme.example", Email: "ada.byron@acme.example", SecondEmail: "ada@home.example",
		EmployeeNumber: "4711", FirstName: "Ada", LastName: "Byron",
	}
}

// account is Ada's, as an earlier hire would have left it.
func account(id string, status identity.UserStatus, change ...func(*identity.Person)) identity.Person {
	p := identity.Person{
		OktaUserID: id, Status: status, Login: "ada.byron@acme.example", Email: "ada.byron@acme.example",
		SecondEmail: "ada@home.example", EmployeeNumber: "4711", FirstName: "Ada", LastName: "Byron",
	}
	for _, c := range change {
		c(&p)
	}
	return p
}

func number(n string) func(*identity.Person) {
	return func(p *identity.Person) { p.EmployeeNumber = n }
}

func second(address string) func(*identity.Person) {
	return func(p *identity.Person) { p.SecondEmail = address }
}

func called(first, last string) func(*identity.Person) {
	return func(p *identity.Person) { p.FirstName, p.LastName = first, last }
}

func at(login, email string) func(*identity.Person) {
	return func(p *identity.Person) { p.Login, p.Email = login, email }
}

func TestMatchPersonDecidesEveryRow(t *testing.T) {
	t.Parallel()
	const away = identity.StatusDeprovisioned
	const elsewhere = "old@acme.example"
	tests := map[string]struct {
		found []identity.Person
		kind  casework.MatchKind
		why   string
	}{
		"nobody answers": {nil, casework.MatchNew, "nobody in Okta answers to the employee number, the login, the e-mail address or the personal e-mail address"},

		"number, deactivated":                         {[]identity.Person{account("00u1", away)}, casework.MatchRehire, "the employee number, the login, the e-mail address and the personal e-mail address point to an account (Ada Byron, 00u1, DEPROVISIONED)"},
		"number alone, deactivated":                   {[]identity.Person{account("00u1", away, at(elsewhere, elsewhere), second(""))}, casework.MatchRehire, "the employee number points to an account"},
		"number, deactivated, married since":          {[]identity.Person{account("00u1", away, called("Ada", "King"))}, casework.MatchRehire, "Ada King"},
		"number, deactivated, another person's names": {[]identity.Person{account("00u1", away, called("Charles", "Babbage"))}, casework.MatchUnsure, "neither the first nor the last name"},
		"number, active":                              {[]identity.Person{account("00u1", identity.StatusActive)}, casework.MatchActive, "ACTIVE"},
		"number, waiting for the first sign-in":       {[]identity.Person{account("00u1", identity.StatusProvisioned)}, casework.MatchActive, "PROVISIONED"},
		"number, locked out":                          {[]identity.Person{account("00u1", identity.StatusLockedOut)}, casework.MatchActive, "LOCKED_OUT"},
		"number, staged":                              {[]identity.Person{account("00u1", identity.StatusStaged)}, casework.MatchStaged, "STAGED"},
		"number, suspended":                           {[]identity.Person{account("00u1", identity.StatusSuspended)}, casework.MatchUnsure, "whoever suspended it"},
		"number, no known state":                      {[]identity.Person{account("00u1", "")}, casework.MatchUnsure, "in which state"},

		"login and name, deactivated, no number there":      {[]identity.Person{account("00u1", away, number(""))}, casework.MatchRehire, "the login"},
		"e-mail as the login, deactivated, no number there": {[]identity.Person{account("00u1", away, number(""), at("ADA.BYRON@acme.example", elsewhere))}, casework.MatchRehire, "the e-mail address"},
		"login, deactivated, no number, another name":       {[]identity.Person{account("00u1", away, number(""), called("Ada", "King"))}, casework.MatchUnsure, "the name there is another one"},
		"login, deactivated, no number, no name":            {[]identity.Person{account("00u1", away, number(""), called("", ""))}, casework.MatchUnsure, "an account (00u1, DEPROVISIONED)"},
		"login and name, another number":                    {[]identity.Person{account("00u1", away, number("99"))}, casework.MatchUnsure, "the employee number there is another one"},
		"login and name, active, another number":            {[]identity.Person{account("00u1", identity.StatusActive, number("99"))}, casework.MatchUnsure, "the employee number there is another one"},
		"login and one name, another number":                {[]identity.Person{account("00u1", away, number("99"), called("Ada", "King"))}, casework.MatchNew, "people of another name and employee number"},
		"login, another name and number":                    {[]identity.Person{account("00u1", identity.StatusActive, number("99"), called("Alan", "Byron-Lee"))}, casework.MatchNew, "what is taken belongs to people of another name"},

		"login and name, active, no number there, personal address too": {[]identity.Person{account("00u1", identity.StatusActive, number(""))}, casework.MatchActive, "the personal e-mail address"},
		"login and name, active, no number there":                       {[]identity.Person{account("00u1", identity.StatusActive, number(""), second(""))}, casework.MatchUnsure, "somebody of the same name"},
		"login and name, staged, no number there":                       {[]identity.Person{account("00u1", identity.StatusStaged, number(""), second(""))}, casework.MatchStaged, "STAGED"},
		"login and name, staged, another personal address":              {[]identity.Person{account("00u1", identity.StatusStaged, number(""), second("other@home.example"))}, casework.MatchUnsure, "somebody of the same name"},
		"login and name, suspended, no number there":                    {[]identity.Person{account("00u1", identity.StatusSuspended, number(""))}, casework.MatchUnsure, "whoever suspended it"},

		"personal address only":            {[]identity.Person{account("00u1", away, number(""), at(elsewhere, elsewhere))}, casework.MatchUnsure, "nothing else is the same"},
		"personal address works elsewhere": {[]identity.Person{account("00u1", identity.StatusActive, number(""), at("ada@home.example", "ada@home.example"))}, casework.MatchUnsure, "nothing else is the same"},

		"number here, login there": {
			[]identity.Person{account("00u2", away, at(elsewhere, elsewhere), second("")), account("00u1", identity.StatusActive, number(""), second(""))},
			casework.MatchUnsure, "2 accounts answer: the login and the e-mail address point to an account (Ada Byron, 00u1, ACTIVE); the employee number points to an account (Ada Byron, 00u2, DEPROVISIONED)",
		},
		"several with the number": {[]identity.Person{account("00u1", away), account("00u2", identity.StatusActive)}, casework.MatchUnsure, "2 accounts answer"},
		"number here, login taken by somebody else": {
			[]identity.Person{account("00u1", away, at(elsewhere, elsewhere)), account("00u2", identity.StatusActive, number("99"), called("Alan", "Burns"), second(""))},
			casework.MatchRehire, "00u1",
		},
		"found twice": {[]identity.Person{account("00u1", away), account("00u1", away)}, casework.MatchRehire, "00u1"},
		"somebody who answers to nothing": {
			[]identity.Person{account("00u1", away, number("99"), at(elsewhere, elsewhere), second(""))}, casework.MatchNew, "nobody",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := casework.MatchPerson(newcomer(), tt.found, nil)
			assert.Equal(t, tt.kind, m.Kind, m.Why)
			assert.Contains(t, m.Why, tt.why)
			assert.NotContains(t, m.Why, "@", "no address of anybody")
			switch m.Kind {
			case casework.MatchNew:
				assert.Empty(t, m.Candidates)
				assert.Empty(t, m.Person)
			case casework.MatchUnsure:
				assert.NotEmpty(t, m.Candidates)
				assert.Empty(t, m.Person)
			case casework.MatchRehire, casework.MatchActive, casework.MatchStaged:
				assert.Equal(t, []identity.Person{m.Person}, m.Candidates)
			}
		})
	}
}

func TestMatchPersonCountsOnlyWhatPolicyNames(t *testing.T) {
	t.Parallel()
	byMail := account("00u1", identity.StatusDeprovisioned, number(""), at("old@acme.example", "ada.byron@acme.example"))
	tests := map[string]struct {
		on   []string
		kind casework.MatchKind
	}{
		"the address counts":        {[]string{"employeeNumber", "email"}, casework.MatchRehire},
		"the address does not":      {[]string{"employee_number", "login"}, casework.MatchNew},
		"only the personal address": {[]string{"secondEmail"}, casework.MatchUnsure},
		"everything":                {nil, casework.MatchRehire},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, tt.kind, casework.MatchPerson(newcomer(), []identity.Person{byMail}, tt.on).Kind)
		})
	}
	other := account("00u1", identity.StatusDeprovisioned, number("99"))
	assert.Equal(t, casework.MatchUnsure, casework.MatchPerson(newcomer(), []identity.Person{other}, []string{"email"}).Kind,
		"another number speaks against it even where policy does not match by number")
}

func TestMatchPersonWithoutIdentifiers(t *testing.T) {
	t.Parallel()
	m := casework.MatchPerson(casework.Identifiers{}, []identity.Person{account("00u1", identity.StatusDeprovisioned), {OktaUserID: "00u2"}}, nil)
	assert.Equal(t, casework.MatchNew, m.Kind, "nothing is like nothing")
	assert.Contains(t, m.Why, "names nothing")
}

// Whatever is found: an account is taken only when it is the only one and bears the number or the name, the order does
// not matter, and nobody's address is told.
func TestMatchPersonNeverTakesAStrangersAccount(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		pick := func(label string, of ...string) string { return rapid.SampledFrom(of).Draw(t, label) }
		var found []identity.Person
		for i := range rapid.IntRange(0, 3).Draw(t, "accounts") {
			found = append(found, account("00u"+string(rune('a'+i)), identity.UserStatus(pick("status", "STAGED", "ACTIVE", "SUSPENDED", "DEPROVISIONED", "PROVISIONED")),
				number(pick("number", "", "4711", "99")), called(pick("first", "Ada", "Alan", ""), pick("last", "Byron", "Burns", "")),
				at(pick("login", "ada.byron@acme.example", "x@acme.example"), pick("email", "ada.byron@acme.example", "x@acme.example")),
				second(pick("second", "", "ada@home.example", "x@home.example"))))
		}
		m := casework.MatchPerson(newcomer(), found, nil)
		shuffled := rapid.Permutation(found).Draw(t, "shuffled")
		assert.Equal(t, m, casework.MatchPerson(newcomer(), shuffled, nil))
		assert.NotContains(t, m.Why, "@")
		if m.Person.OktaUserID == "" {
			return
		}
		p := m.Person
		assert.True(t, p.EmployeeNumber == "4711" || (p.EmployeeNumber == "" && p.FirstName == "Ada" && p.LastName == "Byron"), "%+v", p)
		assert.False(t, p.FirstName == "Alan" && p.LastName == "Burns")
		for _, other := range found {
			stranger := other.EmployeeNumber == "99" && other.FirstName != "" && other.LastName != "" && (other.FirstName != "Ada" || other.LastName != "Byron")
			if other.OktaUserID != p.OktaUserID && other.EmployeeNumber == "4711" && !stranger {
				assert.Fail(t, "two accounts bear the number")
			}
		}
		assert.True(t, slices.ContainsFunc(found, func(o identity.Person) bool { return o.OktaUserID == p.OktaUserID }))
	})
}
