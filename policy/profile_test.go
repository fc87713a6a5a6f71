package policy_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/casework"
	"latchkey/identity"
	"latchkey/policy"
)

func joiner(changed map[string]any) policy.ProfileFacts {
	fields := map[string]any{
		"first_name": "ADA", "last_name": "BYRON", "private_email": "Ada@Home.example", "title": " Engineer ",
		"department": "Engineering", "office": "London",
	}
	maps.Copy(fields, changed)
	return policy.ProfileFacts{UseCase: casework.Onboarding, Fields: fields}
}

func TestProfileOfAJoiner(t *testing.T) {
	t.Parallel()
	f := joiner(nil)
	f.Manager = policy.PersonFacts{Person: identity.Person{Login: "mara@acme.example"}}
	values, missing := good(t).Profile(f)
	assert.Empty(t, missing)
	assert.Equal(t, map[string]any{
		"firstName": "Ada", "lastName": "Byron", "secondEmail": "ada@home.example", "title": "Engineer",
		"department": "Engineering", "city": "London", "countryCode": "GB", "timezone": "Europe/London",
		"managerId": "mara@acme.example", "userType": "Employee", "displayName": "Ada Byron",
	}, values)
}

func TestProfileAsksAndFillsIn(t *testing.T) {
	t.Parallel()
	p := good(t)
	tests := map[string]struct {
		changed map[string]any
		want    []casework.Missing
		values  map[string]any // some of them
	}{
		"defaults of a joiner":  {map[string]any{"office": nil}, nil, map[string]any{"city": "Berlin", "countryCode": "DE", "timezone": "Europe/Berlin"}},
		"required and empty":    {map[string]any{"private_email": " "}, []casework.Missing{{Field: "secondEmail", Label: "Private e-mail", Why: "is empty"}}, nil},
		"no address":            {map[string]any{"private_email": "ada at home"}, []casework.Missing{{Field: "secondEmail", Label: "Private e-mail", Why: `is not an e-mail address: "ada at home"`}}, nil},
		"a line break":          {map[string]any{"title": "Engineer\nAdmin"}, []casework.Missing{{Field: "title", Label: "Job title", Why: `holds control characters: "Engineer\nAdmin"`}}, nil},
		"text that turns round": {map[string]any{"title": "a\u202Eb"}, []casework.Missing{{Field: "title", Label: "Job title", Why: `holds control characters: "a\u202eb"`}}, nil},
		"as long as Okta takes": {map[string]any{"last_name": strings.Repeat("Ü", 50)}, nil, map[string]any{"lastName": "Ü" + strings.Repeat("ü", 49)}},
		"longer":                {map[string]any{"last_name": strings.Repeat("x", 51)}, []casework.Missing{{Field: "lastName", Label: "Last name", Why: `has 51 characters, and Okta takes 50: "X` + strings.Repeat("x", 50) + `"`}}, nil},
		"composed letters":      {map[string]any{"last_name": "Lopu\u0301z"}, nil, map[string]any{"lastName": "Lopúz"}},
		"several at once": {map[string]any{"title": nil, "department": nil}, []casework.Missing{
			{Field: "title", Label: "Job title", Why: "is empty"}, {Field: "department", Label: "Department", Why: "is empty"},
		}, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			values, missing := p.Profile(joiner(tt.changed))
			assert.Equal(t, tt.want, missing)
			for attribute, want := range tt.values {
				assert.Equal(t, want, values[attribute], attribute)
			}
			for _, m := range missing {
				assert.NotContains(t, values, m.Field)
			}
		})
	}
}

func TestProfileOfAMoverChangesOnlyWhatIsAnswered(t *testing.T) {
	t.Parallel()
	values, missing := good(t).Profile(policy.ProfileFacts{
		UseCase: casework.RoleChange,
		Fields:  map[string]any{"department": "Sales", "new_manager": "rosa@acme.example"},
		Subject: policy.PersonFacts{Person: identity.Person{Attributes: map[string]any{"displayName": "Countess Ada"}}},
	})
	assert.Empty(t, missing, "a mover is not asked for a first name")
	assert.Equal(t, map[string]any{"department": "Sales", "managerId": "rosa@acme.example", "displayName": "Countess Ada"}, values)
}

func TestManagerAddress(t *testing.T) {
	t.Parallel()
	p := good(t)
	for given, want := range map[any]string{"Rosa@acme.example": "rosa@acme.example", "Rosa": "", nil: "", int64(7): ""} {
		assert.Equal(t, want, p.ManagerAddress(policy.ProfileFacts{Fields: map[string]any{"new_manager": given}}), "%v", given)
	}
	empty, err := policy.Load(folder(t, map[string]string{"profile.yaml": "{}\n"}))
	require.NoError(t, err)
	assert.Empty(t, empty.ManagerAddress(policy.ProfileFacts{Fields: map[string]any{"new_manager": "rosa@acme.example"}}))
}

func TestProfileRefusesWhatOktaWould(t *testing.T) {
	t.Parallel()
	for attribute, tt := range map[string]struct{ good, want, bad string }{
		"countryCode": {"de", "DE", "Germany"},
		"timezone":    {"Asia/Kolkata", "Asia/Kolkata", "Bangalore"},
		"email":       {"Ada@acme.example", "ada@acme.example", "Ada <ada@acme.example>"},
		"city":        {strings.Repeat("x", 128), strings.Repeat("x", 128), strings.Repeat("x", 129)},
		"costCenter":  {strings.Repeat("x", 1024), strings.Repeat("x", 1024), strings.Repeat("x", 1025)},
	} {
		p, err := policy.Load(folder(t, map[string]string{
			"profile.yaml": "attributes:\n  - {okta: " + attribute + ", value: subject.title}\n",
		}))
		require.NoError(t, err)
		facts := func(s string) policy.ProfileFacts {
			return policy.ProfileFacts{Subject: policy.PersonFacts{Person: identity.Person{Title: s}}}
		}
		values, missing := p.Profile(facts(tt.good))
		assert.Empty(t, missing, attribute)
		assert.Equal(t, tt.want, values[attribute])
		values, missing = p.Profile(facts(tt.bad))
		assert.Len(t, missing, 1, attribute)
		assert.Empty(t, values)
	}
}

func TestProfileKeepsNumbersAndDaysAndReportsWhatFails(t *testing.T) {
	t.Parallel()
	p, err := policy.Load(folder(t, map[string]string{"profile.yaml": `
attributes:
  - {okta: level, value: subject.attributes.level}
  - {okta: remote, value: subject.attributes.remote, default: false}
  - {okta: since, value: 'timestamp("2026-04-01T00:00:00Z")'}
  - {okta: grade, value: subject.attributes.level + 1, label: Grade}
  - {okta: costCenter, value: subject.attributes.level}
`}))
	require.NoError(t, err)
	facts := policy.ProfileFacts{Subject: policy.PersonFacts{Person: identity.Person{Attributes: map[string]any{"level": int64(4)}}}}
	values, missing := p.Profile(facts)
	assert.Empty(t, missing)
	assert.Equal(t, map[string]any{"level": int64(4), "remote": false, "since": "2026-04-01", "grade": int64(5), "costCenter": "4"}, values, "Okta's own attributes are texts")
	facts.Subject.Person.Attributes["level"] = "four"
	values, missing = p.Profile(facts)
	assert.Equal(t, []casework.Missing{{Field: "grade", Label: "Grade", Why: "cannot be worked out from this ticket"}}, missing)
	assert.Equal(t, "four", values["level"])
}

func TestLogins(t *testing.T) {
	t.Parallel()
	p := good(t)
	tests := map[string]struct {
		first, last string
		want        []string // the first of them
		count       int
	}{
		"plain":              {"Ada", "Byron", []string{"ada.byron@acme.example", "a.byron@acme.example", "ada.byron2@acme.example", "ada.byron3@acme.example"}, 20},
		"marks and blanks":   {"Aylin Şeyma", "Ağaoğlu-Ødegård", []string{"aylin-seyma.agaoglu-odegard@acme.example", "a.agaoglu-odegard@acme.example"}, 20},
		"an apostrophe":      {"Niamh", "O’Sullivan", []string{"niamh.osullivan@acme.example"}, 20},
		"sharp s":            {"Jörg", "Weiß", []string{"jorg.weiss@acme.example"}, 20},
		"one letter":         {"A", "Byron", []string{"a.byron@acme.example", "a.byron2@acme.example"}, 20},
		"no Latin letters":   {"李", "张", nil, 0},
		"half of it":         {"李", "Zhang", nil, 0},
		"nothing":            {"", "", nil, 0},
		"far too long":       {strings.Repeat("a", 50), strings.Repeat("b", 50), []string{"a." + strings.Repeat("b", 50) + "@acme.example"}, 1},
		"words to break out": {"Ada\"<", "Byron>,x", []string{"ada.byronx@acme.example"}, 20},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := p.Logins(map[string]any{"firstName": tt.first, "lastName": tt.last})
			require.Len(t, got, tt.count, "%v", got)
			if len(tt.want) > 0 {
				assert.Equal(t, tt.want, got[:len(tt.want)])
			}
			seen := map[string]bool{}
			for _, login := range got {
				assert.Regexp(t, `^[a-z0-9][a-z0-9._-]*@acme\.example$`, login)
				assert.False(t, seen[login], login)
				seen[login] = true
			}
		})
	}
}

func TestALoginMayNameItsOwnDomain(t *testing.T) {
	t.Parallel()
	p, err := policy.Load(folder(t, map[string]string{"profile.yaml": `
login:
  - 'handle(first) + (values.userType == "Contractor" ? "@ext.acme.example" : "")'
  - text(values.employeeNumber)
domain: Acme.Example
`}))
	require.NoError(t, err)
	assert.Equal(t, []string{"ada@ext.acme.example", "a77@acme.example"},
		p.Logins(map[string]any{"firstName": "Ada", "userType": "Contractor", "employeeNumber": "A77"}))
	assert.Equal(t, []string{"ada@acme.example"}, p.Logins(map[string]any{"firstName": "Ada"}))
}

func TestBecome(t *testing.T) {
	t.Parallel()
	was := identity.Person{
		OktaUserID: "00u1", Title: "Clerk", Department: "Finance", ManagerEmail: "gareth@acme.example",
		Attributes: map[string]any{"userType": "Employee", "title": "Clerk"},
	}
	got := policy.Become(was, map[string]any{
		"title": "Account Executive", "city": "Berlin", "managerId": "mara@acme.example", "manager": "Mara Lindqvist",
		"secondEmail": "x@home.example", "timezone": "Europe/Berlin", "firstName": "Ada", "lastName": "B", "employeeNumber": "A1",
		"login": "a@acme.example", "email": "b@acme.example",
	})
	assert.Equal(t, identity.Person{
		OktaUserID: "00u1", Title: "Account Executive", Department: "Finance", Location: "Berlin", ManagerEmail: "mara@acme.example",
		SecondEmail: "x@home.example", TimeZone: "Europe/Berlin", FirstName: "Ada", LastName: "B", EmployeeNumber: "A1",
		Login: "a@acme.example", Email: "b@acme.example",
		Attributes: map[string]any{
			"userType": "Employee", "title": "Account Executive", "city": "Berlin", "managerId": "mara@acme.example",
			"manager": "Mara Lindqvist", "secondEmail": "x@home.example", "timezone": "Europe/Berlin", "firstName": "Ada",
			"lastName": "B", "employeeNumber": "A1", "login": "a@acme.example", "email": "b@acme.example",
		},
	}, got)
	assert.Equal(t, "Clerk", was.Attributes["title"], "the person given stays as it was")
}

func TestTransforms(t *testing.T) {
	t.Parallel()
	for expression, want := range map[string]any{
		`title_case("ada o'sullivan-byron")`:     "Ada O'Sullivan-Byron",
		`title_case("ÁGNES SZŐKE")`:              "Ágnes Szőke",
		`title_case("women's team 2nd")`:         "Women's Team 2nd",
		`title_case("Joost de Vries")`:           "Joost de Vries",
		`ascii("Łukasz Wiśniewski, Æsir – ŋ 李")`: "Lukasz Wisniewski, AEsir - n",
		`lower("ÄÖ")`:                            "äö",
		`upper("šárka")`:                         "ŠÁRKA",
		`handle("Te Ariki (jr)")`:                "te-ariki-jr",
		`first_name("Carmen Ruiz Ortega")`:       "Carmen",
		`last_name("Carmen  Ruiz Ortega")`:       "Ruiz Ortega",
		`first_name("Okonkwo, Ada Ngozi")`:       "Ada Ngozi",
		`last_name("Okonkwo, Ada")`:              "Okonkwo",
		`last_name("Cher")`:                      nil,
		`first_name(subject.attributes.nothing)`: nil,
		`lower(subject.attributes.nothing)`:      nil,
	} {
		p, err := policy.Load(folder(t, map[string]string{
			"profile.yaml": "attributes:\n  - okta: x\n    value: >-\n      " + expression + "\n",
		}))
		require.NoError(t, err, expression)
		values, missing := p.Profile(policy.ProfileFacts{})
		assert.Empty(t, missing)
		assert.Equal(t, want, values["x"], expression)
	}
}
