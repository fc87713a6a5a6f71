package policy_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/policy"
)

func TestPeopleFilesAreRefusedWithPlaceAndWayOut(t *testing.T) {
	t.Parallel()
	const newcomer = "rules:\n  - name: r\n    use_case: onboarding\n    when: ticket.source == 13\n"
	const mover = "rules:\n  - name: r\n    use_case: role_change\n    when: ticket.source == 13\n"
	tests := map[string]struct {
		file, text string
		want       []string
	}{
		"birthright, unknown key":   {"birthright.yaml", "rules:\n  - {name: r, when: 'true', gruops: [X], reason: y}\n", []string{`birthright.yaml:2:5: a birthright rule needs groups or apps: what it gives`, `birthright.yaml:2:29: unknown key "gruops" in a birthright rule; allowed: apps, groups, name, reason, when`}},
		"birthright, no reason":     {"birthright.yaml", "rules:\n  - {name: r, when: 'true', groups: [X]}\n", []string{`birthright.yaml:2:5: a birthright rule lacks "reason"; it takes: apps, groups, name, reason, when`}},
		"birthright, misspelt":      {"birthright.yaml", "rules:\n  - {name: r, when: person.departmant == \"X\", groups: [X], reason: y}\n", []string{`birthright.yaml:2:27: bad expression: undefined field 'departmant'; person has: active, attributes, department, `}},
		"birthright, no grant here": {"birthright.yaml", "rules:\n  - {name: r, when: grant.kind == \"app\", groups: [X], reason: y}\n", []string{`birthright.yaml:2:21: bad expression: undeclared reference to 'grant' (in container ''); known here: person and the functions`}},
		"birthright, same name":     {"birthright.yaml", "rules:\n  - {name: r, when: 'true', groups: [X], reason: y}\n  - {name: r, when: 'true', groups: [Y], reason: y}\n", []string{`birthright.yaml:3:5: a second rule is called "r"; give each rule a name of its own`}},
		"birthright, twice":         {"birthright.yaml", "rules:\n  - {name: r, when: 'true', groups: [X, x], reason: y}\n", []string{`birthright.yaml:2:41: "x" is named twice`}},
		"beyond, unknown word":      {"birthright.yaml", "beyond: {default: drop}\n", []string{`birthright.yaml:1:19: unknown value "drop"; allowed: keep, revoke, ask`}},
		"beyond, no answer":         {"birthright.yaml", "beyond:\n  rules:\n    - {name: r, reason: y}\n", []string{`birthright.yaml:3:7: a rule of beyond lacks "then"; it takes: name, reason, then, when`}},
		"beyond, same name":         {"birthright.yaml", "beyond:\n  rules:\n    - {name: r, then: ask, reason: y}\n    - {name: r, then: keep, reason: y}\n", []string{`birthright.yaml:4:7: a second rule of beyond is called "r"; give each rule a name of its own`}},

		"duties, one half":       {"duties.yaml", "pairs:\n  - {name: p, one: {group: X}, effect: warn, why: y}\n", []string{`duties.yaml:2:5: a pair lacks "other"; it takes: effect, name, one, other, why`}},
		"duties, twice the same": {"duties.yaml", "pairs:\n  - {name: p, one: {group: X}, other: {group: x}, effect: warn, why: y}\n", []string{`duties.yaml:2:5: both halves of the pair are group X; a pair is of two different ones`}},
		"duties, an empty half":  {"duties.yaml", "pairs:\n  - {name: p, one: {}, other: {group: x}, effect: warn, why: y}\n", []string{`duties.yaml:2:20: half of a pair names one of group and app`}},
		"duties, a role":         {"duties.yaml", "pairs:\n  - {name: p, one: {role: X}, other: {group: x}, effect: warn, why: y}\n", []string{`duties.yaml:2:20: half of a pair names one of group and app`, `duties.yaml:2:21: unknown key "role" in half of a pair; allowed: app, group`}},
		"duties, unknown effect": {"duties.yaml", "pairs:\n  - {name: p, one: {app: X}, other: {group: x}, effect: forbid, why: y}\n", []string{`duties.yaml:2:57: unknown value "forbid"; allowed: record, warn, block`}},
		"duties, same name":      {"duties.yaml", "pairs:\n  - {name: p, one: {app: X}, other: {group: x}, effect: warn, why: y}\n  - {name: p, one: {app: X}, other: {group: z}, effect: warn, why: y}\n", []string{`duties.yaml:3:5: a second pair is called "p"; give each pair a name of its own`}},

		"profile, login is made":       {"profile.yaml", "attributes:\n  - {okta: login, value: subject.login}\n", []string{`profile.yaml:2:12: login is no attribute to map; the templates below login: make it`}},
		"profile, no attribute's name": {"profile.yaml", "attributes:\n  - {okta: first name, value: subject.login}\n", []string{`profile.yaml:2:12: has to be the name of an attribute in Okta's profile such as firstName, found the text "first name"`}},
		"profile, twice":               {"profile.yaml", "attributes:\n  - {okta: title, value: subject.title}\n  - {okta: title, value: subject.title}\n", []string{`profile.yaml:3:5: a second entry sets title; each attribute has one`}},
		"profile, unknown table":       {"profile.yaml", "attributes:\n  - {okta: city, value: 'tables.citty[subject.location]'}\ntables: {city: {A: B}}\n", []string{`profile.yaml:2:25: no table is called "citty"; tables are: city`}},
		"profile, table in brackets":   {"profile.yaml", "attributes:\n  - {okta: city, value: 'tables[\"x\"][subject.location]'}\n", []string{`profile.yaml:2:25: no table is called "x"; tables are: `}},
		"profile, misspelt field":      {"profile.yaml", "attributes:\n  - {okta: city, value: fields.ofice}\n", []string{`profile.yaml:2:25: no rule of intake.yaml reads a field "ofice"; fields are: department, first_name, forward_mail_to, kind, `}},
		"profile, a default of lists":  {"profile.yaml", "attributes:\n  - {okta: city, value: subject.location, default: [a]}\n", []string{`profile.yaml:2:52: has to be a text, a number or true or false, found a list`}},
		"profile, a table of lists":    {"profile.yaml", "tables: {city: {A: [b]}}\n", []string{`profile.yaml:1:20: has to be a text, found a list; put it in quotes if it is one`}},
		"profile, tables of nothing":   {"profile.yaml", "tables: city\n", []string{`profile.yaml:1:9: tables has to be a mapping (key: value), found the text "city"`}},
		"login, no domain":             {"profile.yaml", "login: [handle(first)]\n", []string{`profile.yaml:1:1: login needs domain: what follows the @ where a template does not say`}},
		"login, no mail domain":        {"profile.yaml", "login: [handle(first)]\ndomain: acme\n", []string{`profile.yaml:1:1: login needs domain: what follows the @ where a template does not say`, `profile.yaml:2:9: has to be a mail domain such as acme.example, found the text "acme"`}},
		"login, a number":              {"profile.yaml", "login: [n + 1]\ndomain: acme.example\n", []string{`profile.yaml:1:9: the expression gives a whole number where a text is needed; string(x) makes one`}},
		"login, numbered first":        {"profile.yaml", "login: ['first + string(n)', first]\ndomain: acme.example\n", []string{`profile.yaml:1:9: a template with n never ends, so it has to be the last one`}},
		"login, no fields here":        {"profile.yaml", "login: [text(fields.first_name)]\ndomain: acme.example\n", []string{`profile.yaml:1:14: bad expression: undeclared reference to 'fields' (in container ''); known here: first, last, n, values and the functions`}},

		"onboarding, matches nothing": {"onboarding.yaml", "match_on: []\n", []string{`onboarding.yaml:1:11: match_on names nothing, so nobody would be recognised; allowed: [login email employee_number second_email]`}},
		"onboarding, matches a name":  {"onboarding.yaml", "match_on: [name]\n", []string{`onboarding.yaml:1:12: unknown value "name"; allowed: login, email, employee_number, second_email`}},
		"onboarding, unknown rehire":  {"onboarding.yaml", "rehire: never\n", []string{`onboarding.yaml:1:9: unknown value "never"; allowed: reactivate, ask`}},
		"onboarding, no address":      {"onboarding.yaml", "manager_fallback: hr\n", []string{`onboarding.yaml:1:19: has to be an e-mail address, found the text "hr"`}},
		"onboarding, no hour":         {"onboarding.yaml", "activate_time: 8\n", []string{`onboarding.yaml:1:16: has to be a time of day in quotes such as "18:00", found the number 8`}},
		"a task for nobody":           {"onboarding.yaml", "tasks:\n  - {name: t, title: T}\n", []string{`onboarding.yaml:2:5: a task lacks "group"; it takes: description, due, gates, group, name, title, when`}},
		"a task that gates the sky":   {"onboarding.yaml", "tasks:\n  - {name: t, title: T, group: G, gates: sky}\n", []string{`onboarding.yaml:2:42: unknown value "sky"; allowed: activation, resolve, nothing`}},
		"a task twice":                {"onboarding.yaml", "tasks:\n  - {name: t, title: T, group: G}\n  - {name: t, title: T, group: G}\n", []string{`onboarding.yaml:3:5: a second task is called "t"; give each task a name of its own`}},
		"a task of an unknown field":  {"onboarding.yaml", "tasks:\n  - {name: t, title: T, group: G, when: fields.laptop == true}\n", []string{`onboarding.yaml:2:41: no rule of intake.yaml reads a field "laptop"; fields are: `}},
		"mover, no duration":          {"mover.yaml", "overlap: a week\n", []string{`mover.yaml:1:10: has to be a duration such as 30d, 36h, 1d12h, 90m or 0s, found the text "a week"`}},
		"mover, unknown key":          {"mover.yaml", "overlaps: 7d\n", []string{`mover.yaml:1:1: unknown key "overlaps" in mover.yaml; allowed: default_time, default_zone, overlap`}},

		"a joiner of no day":     {"intake.yaml", newcomer, []string{`intake.yaml:3:15: an onboarding rule needs effective: where the first working day is found, or {now: true}`}},
		"a joiner with account":  {"intake.yaml", newcomer + "    effective: {now: true}\n    subject: ticket.subject\n", []string{`intake.yaml:3:15: subject is somebody who has an account; an onboarding rule reads who joins with fields`}},
		"a joiner asks for apps": {"intake.yaml", newcomer + "    effective: {now: true}\n    items: {each: ticket, name: ticket.subject}\n", []string{`intake.yaml:3:15: items belongs to access_request and emergency to offboarding; neither to onboarding`}},
		"a mover of nobody":      {"intake.yaml", mover, []string{`intake.yaml:3:15: a role_change rule needs subject: the e-mail address of the person who moves`, `intake.yaml:3:15: a role_change rule needs effective: where the day of the change is found, or {now: true}`}},

		"an approver of no field": {"approvals.yaml", "routes:\n  - {name: r, levels: [{name: a, groups: [{name: b, who: [{field: boss}]}]}]}\n", []string{`approvals.yaml:2:67: no rule of intake.yaml reads a field "boss"; fields are: `}},
		"a route of no field":     {"approvals.yaml", "routes:\n  - {name: r, mode: desk, when: filled(fields.boss)}\n", []string{`approvals.yaml:2:33: no rule of intake.yaml reads a field "boss"; fields are: `}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := policy.Load(folder(t, map[string]string{tt.file: tt.text}))
			var got []string
			for _, p := range policy.Problems(err) {
				got = append(got, p.Error())
			}
			require.Len(t, got, len(tt.want), "%s", strings.Join(got, "\n"))
			for i := range got {
				assert.True(t, strings.HasPrefix(got[i], tt.want[i]), "want %s\ngot  %s", tt.want[i], got[i])
			}
		})
	}
}

func TestFailedCasesAboutPeopleSayWhatCame(t *testing.T) {
	t.Parallel()
	r, err := policy.RunTests(folder(t, map[string]string{"tests/people.yaml": `
birthright:
  - name: wrong about rights
    person: {department: Sales, attributes: {userType: Contractor}}
    grant: {group: Project Aurora}
    expect: {gives: [], reasons: {Sales: everybody, Gong: sells}, error: true, beyond: revoke, why: no reason}
duties:
  - name: wrong about duties
    held: [{group: Auditors}, {group: Ledger Writers}]
    expect: {conflicts: ["writes and audits: block"]}
profile:
  - name: wrong about a joiner
    use_case: onboarding
    fields: {first_name: Ada}
    expect:
      values: {firstName: Eve, lastName: Byron}
      only: [firstName]
      missing: []
      logins: [ada@acme.example]
      tasks: []
      gives: []
`}))
	require.NoError(t, err)
	var got []string
	for _, c := range r.Failed() {
		for _, p := range c.Problems {
			got = append(got, c.Kind+" "+p)
		}
	}
	assert.Equal(t, []string{
		"birthright line 6: gives: want [], got [group Sales (sales) group Production Readers (sales) app Salesforce (sales)]",
		`birthright line 6: reason of Sales: want a text with "everybody", got "Sales works with it"`,
		`birthright line 6: reason of Gong: want a text with "sells", got "not given"`,
		"birthright line 6: error: want true, got false",
		"birthright line 6: beyond: want revoke, got keep",
		`birthright line 6: why: want a text with "no reason", got "no rule of policy names it, and what is not named is kept"`,
		"duties line 10: conflicts: want [writes and audits: block], got [writes and audits: record]",
		"profile line 16: value of firstName: want Eve, got Ada",
		"profile line 16: value of lastName: want Byron, got nothing (there are [city countryCode displayName firstName timezone userType])",
		"profile line 17: only: want [firstName], got [city countryCode displayName firstName timezone userType]",
		"profile line 18: missing: want [], got [lastName secondEmail title department]",
		"profile line 19: logins: want [ada@acme.example], got []",
		"profile line 20: tasks: want [], got [laptop badge]",
		"profile line 21: gives: want [], got [group Staff (everybody) app Payslips Online (everybody)]",
	}, got)
}

func TestCasesAboutPeopleAreStrict(t *testing.T) {
	t.Parallel()
	_, err := policy.RunTests(folder(t, map[string]string{"tests/people.yaml": `
birthright:
  - {name: no grant, person: {}, expect: {beyond: keep}}
profile:
  - {name: a leaver, ticket: {source: 18, offboarding: {cf_employee_email: a@b.example}}, expect: {missing: []}}
duties:
  - {name: nothing, held: [], expect: {}}
`}))
	var got []string
	for _, p := range policy.Problems(err) {
		got = append(got, p.Error())
	}
	assert.Equal(t, []string{
		`tests/people.yaml:3:5: the case "no grant" expects what becomes of a grant, and names none`,
		`tests/people.yaml:5:5: the ticket of the case "a leaver" is no joiner's and no mover's: intake reads it as offboarding`,
		`tests/people.yaml:7:5: the case "nothing" expects nothing; write what it expects`,
	}, got)
}
