package policy_test

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/casework"
	"latchkey/identity"
	"latchkey/policy"
)

var now = time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)

// rule makes a policy whose only intake rule is a leaver's, with further keys.
func rule(t *testing.T, more string) *policy.Policy {
	t.Helper()
	p, err := policy.Load(folder(t, map[string]string{"intake.yaml": `
use_cases: {offboarding: {mode: act}}
rules:
  - name: r
    use_case: offboarding
    when: ticket.source == 18
    subject: {value: ticket.custom.who, label: Who leaves}
` + more}))
	require.NoError(t, err)
	return p
}

func asked(custom map[string]any) policy.IntakeFacts {
	return policy.IntakeFacts{
		Ticket:    policy.TicketFacts{ID: 7, Source: 18, Subject: "Leaver", Custom: custom},
		Requester: policy.PersonFacts{Person: identity.Person{Email: "hr@acme.example", DeskID: 5}, Groups: []string{"HR"}},
		Now:       now,
	}
}

func TestDatesOfTickets(t *testing.T) {
	t.Parallel()
	p := rule(t, "    effective: {date: ticket.custom.day, time: ticket.custom.hour, label: Last day}\n")
	tests := map[string]struct {
		day, hour any
		local     string
		at        string
		missing   string
	}{
		"a day":                        {"2026-12-04", nil, "2026-12-04T18:00", "", ""},
		"a day as requests answer":     {"04-12-2026", nil, "2026-12-04T18:00", "", ""},
		"a day and an hour":            {"2026-12-04", "17:30", "2026-12-04T17:30", "", ""},
		"an hour with seconds":         {"2026-12-04", "17:30:00", "2026-12-04T17:30", "", ""},
		"an hour in American":          {"2026-12-04", "5:30 pm", "2026-12-04T17:30", "", ""},
		"an hour as a number":          {"2026-12-04", float64(9), "2026-12-04T09:00", "", ""},
		"a moment in somebody's zone":  {"2026-12-04T18:00", nil, "2026-12-04T18:00", "", ""},
		"a moment":                     {"2026-12-04T18:00:00+01:00", nil, "", "2026-12-04T17:00:00Z", ""},
		"a moment in UTC":              {"2026-12-04T17:00:00Z", nil, "", "2026-12-04T17:00:00Z", ""},
		"midnight in UTC is the day":   {"2026-12-04T00:00:00Z", nil, "2026-12-04T18:00", "", ""},
		"and takes an hour":            {"2026-12-04T00:00:00Z", "12:00", "2026-12-04T12:00", "", ""},
		"an hour beside a moment wins": {"2026-12-04T17:00:00+01:00", "12:00", "2026-12-04T12:00", "", ""},
		"midnight elsewhere is meant":  {"2026-12-04T00:00:00+01:00", nil, "", "2026-12-03T23:00:00Z", ""},
		"nothing":                      {nil, nil, "", "", "is empty"},
		"blanks":                       {"  ", nil, "", "", "is empty"},
		"words":                        {"soon", nil, "", "", `is not a date such as 2026-12-04 or 04-12-2026: "soon"`},
		"an impossible day":            {"31-02-2026", nil, "", "", `is not a date such as 2026-12-04 or 04-12-2026: "31-02-2026"`},
		"a number":                     {float64(20261204), nil, "", "", `is not a date: "2.0261204e+07"`},
		"an hour in words":             {"2026-12-04", "noon", "", "", `is not a time of day such as 18:00: "noon"`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, err := p.Classify(asked(map[string]any{"who": "ada@acme.example", "day": tt.day, "hour": tt.hour}))
			require.NoError(t, err)
			assert.Equal(t, tt.local, c.LocalEffective)
			at := ""
			if !c.EffectiveAt.IsZero() {
				at = c.EffectiveAt.UTC().Format(time.RFC3339)
			}
			assert.Equal(t, tt.at, at)
			if tt.missing == "" {
				assert.Empty(t, c.Missing)
				assert.NotEmpty(t, c.EffectiveText)
				return
			}
			require.Len(t, c.Missing, 1)
			assert.Equal(t, tt.missing, c.Missing[0].Why)
			assert.Equal(t, "Last day", c.Missing[0].Label)
		})
	}
}

func TestAtOnceWherePolicySaysSo(t *testing.T) {
	t.Parallel()
	p := rule(t, "    effective: {now: true}\n")
	c, err := p.Classify(asked(map[string]any{"who": "ada@acme.example"}))
	require.NoError(t, err)
	assert.Empty(t, c.Missing)
	assert.Empty(t, c.LocalEffective)
	assert.True(t, c.EffectiveAt.IsZero())
}

func TestWhatCannotBeUsedIsAskedFor(t *testing.T) {
	t.Parallel()
	p := rule(t, `    effective: {now: true}
    fields:
      mail: {value: ticket.custom.mail, type: email, label: Forward to}
      kind: {value: ticket.custom.kind, type: choice, allowed: [Yes Men, No Men], required: true}
      count: {value: ticket.custom.count, type: number}
      told: {value: ticket.custom.told, type: boolean}
      since: {value: ticket.custom.since, type: date}
      broken: {value: ticket.custom.count.startsWith("x")}
      name: {value: ticket.custom.manager}
`)
	c, err := p.Classify(asked(map[string]any{
		"who": "bob", "mail": "nobody", "kind": "maybe", "count": "many", "told": "perhaps", "since": "ever",
		"manager": map[string]any{"id": 5, "name": "Mary"},
	}))
	require.NoError(t, err)
	assert.Equal(t, []casework.Missing{
		{Field: "subject", Label: "Who leaves", Why: `is not an e-mail address: "bob"`},
		{Field: "mail", Label: "Forward to", Why: `is not an e-mail address: "nobody"`},
		{Field: "kind", Label: "kind", Why: `"maybe" is none of Yes Men, No Men`},
		{Field: "count", Label: "count", Why: `is not a number: "many"`},
		{Field: "told", Label: "told", Why: `is not yes or no: "perhaps"`},
		{Field: "since", Label: "since", Why: `is not a date such as 2026-12-04 or 04-12-2026: "ever"`},
	}, c.Missing)
	assert.Equal(t, map[string]any{"broken": "false", "name": "Mary"}, c.Fields)

	c, err = p.Classify(asked(map[string]any{
		"who": " Ada.Byron@acme.example ", "kind": "no men", "count": json.Number("3"), "told": true, "since": "04-12-2026",
	}))
	require.NoError(t, err)
	assert.Equal(t, "ada.byron@acme.example", c.Subject)
	assert.Equal(t, []casework.Missing{{Field: "broken", Label: "broken", Why: "cannot be read from this ticket"}}, c.Missing,
		"a text function on a number")
	assert.Equal(t, map[string]any{"kind": "No Men", "count": 3.0, "told": true, "since": "2026-12-04T00:00:00Z"}, c.Fields)
}

func TestWhoMayCallAnEmergency(t *testing.T) {
	t.Parallel()
	nobody := "policy would let anybody call this emergency: its rule does not depend on the requester"
	notYou := "policy does not let the requester call an emergency"
	tests := map[string]struct {
		allowed string
		groups  []string
		refused string
	}{
		"a group that policy names":         {`"Security" in requester.groups`, []string{"Security"}, ""},
		"anyone else":                       {`"Security" in requester.groups`, []string{"HR"}, notYou},
		"with a source it is narrower":      {`"Security" in requester.groups && ticket.source == 18`, []string{"Security"}, ""},
		"or a source is not enough":         {`"Security" in requester.groups || ticket.source == 18`, []string{"Security"}, nobody},
		"a requester named for show":        {`requester.email != "x" && ticket.source == 18`, []string{"Security"}, nobody},
		"everybody but some":                {`!("Interns" in requester.groups)`, []string{"Security"}, nobody},
		"what the ticket says":              {`requester.groups.exists(g, g == ticket.custom.group) && ticket.custom.group == "Security"`, []string{"Security"}, ""},
		"the ticket cannot name its group":  {`requester.groups.exists(g, g == ticket.custom.group)`, []string{"HR"}, notYou},
		"an expression that fails to say":   {`requester.groups[9] == "Security"`, []string{"Security"}, notYou},
		"an address that the ticket repeat": {`requester.email == ticket.custom.me`, nil, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := rule(t, "    effective: {date: ticket.custom.day}\n    emergency:\n      when: ticket.custom.emergency == true\n      allowed: '"+tt.allowed+"'\n")
			f := asked(map[string]any{"who": "ada@acme.example", "emergency": true, "group": "Security", "me": "hr@acme.example"})
			f.Requester.Groups = tt.groups
			c, err := p.Classify(f)
			require.NoError(t, err)
			assert.Equal(t, tt.refused, c.EmergencyRefused)
			assert.Equal(t, tt.refused == "", c.Emergency)
			if c.Emergency {
				assert.Empty(t, c.Missing, "an emergency needs no date")
			} else {
				assert.Len(t, c.Missing, 1, "without one the date is asked for")
			}

			f.Ticket.Custom["emergency"] = "true" // a text is not the box that was ticked
			c, err = p.Classify(f)
			require.NoError(t, err)
			assert.False(t, c.Emergency)
			assert.Empty(t, c.EmergencyRefused)
		})
	}
}

func TestUnknownRequesterCallsNoEmergency(t *testing.T) {
	t.Parallel()
	p := rule(t, "    effective: {now: true}\n    emergency: {when: ticket.source == 18, allowed: '\"Security\" in requester.groups'}\n")
	f := asked(map[string]any{"who": "ada@acme.example"})
	f.Requester = policy.PersonFacts{Groups: []string{"Security"}}
	c, err := p.Classify(f)
	require.NoError(t, err)
	assert.False(t, c.Emergency)
	assert.Equal(t, "nobody knows who the requester is", c.EmergencyRefused)
}

func TestModesDecideWhatIsLeftAlone(t *testing.T) {
	t.Parallel()
	off, err := policy.Load(folder(t, map[string]string{"intake.yaml": `
use_cases: {offboarding: {mode: off}}
rules:
  - {name: leavers, use_case: offboarding, when: ticket.source == 18, subject: ticket.custom.who, effective: {now: true}}
  - {name: all, use_case: access_request, when: ticket.id > 0, items: {each: ticket, name: ticket.subject}}
`}))
	require.NoError(t, err)
	c, err := off.Classify(asked(map[string]any{"who": "ada@acme.example"}))
	require.NoError(t, err)
	assert.Equal(t, policy.Classification{Rule: "leavers", Mode: casework.ModeOff}, c, "no later rule takes it")

	c, err = off.ReadAs(asked(map[string]any{"who": "ada@acme.example"}), casework.Offboarding, "leavers")
	require.NoError(t, err)
	assert.Equal(t, casework.Offboarding, c.UseCase, "a case that runs is still read")
	assert.Equal(t, casework.ModeOff, c.Mode)
	assert.Equal(t, map[casework.UseCase]casework.Mode{
		casework.Offboarding: casework.ModeOff, casework.AccessRequest: casework.ModeObserve,
		casework.Onboarding: casework.ModeObserve, casework.RoleChange: casework.ModeObserve,
		casework.CredentialReset: casework.ModeObserve,
		casework.ProfileSync:     casework.ModeObserve, casework.SecurityAlert: casework.ModeObserve, casework.AccessReview: casework.ModeAct,
	}, off.Modes())
}

func TestReadAsKeepsTheRuleThatTookIt(t *testing.T) {
	t.Parallel()
	p := good(t)
	f := policy.IntakeFacts{Now: now, Ticket: policy.TicketFacts{
		Source:      2, // edited: no rule wants it any more
		Offboarding: map[string]any{"cf_employee_email": "ada@acme.example", "cf_date_of_leaving": "04-12-2026"},
	}}
	c, err := p.Classify(f)
	require.NoError(t, err)
	assert.Empty(t, c.UseCase)

	c, err = p.ReadAs(f, casework.Offboarding, "offboarding-request")
	require.NoError(t, err)
	assert.Equal(t, "ada@acme.example", c.Subject)
	assert.Equal(t, "offboarding-request", c.Rule)

	c, err = p.ReadAs(f, casework.Offboarding, "a rule that is gone")
	require.NoError(t, err)
	assert.Equal(t, "offboarding-request", c.Rule, "the first of the use case")

	empty, err := policy.Load(folder(t, map[string]string{"intake.yaml": "rules: []\n"}))
	require.NoError(t, err)
	_, err = empty.ReadAs(f, casework.Offboarding, "offboarding-request")
	require.EqualError(t, err, `intake.yaml has no rule for offboarding any more (the ticket was taken by "offboarding-request"): add one`)
}

func TestPrefilterIsSureOrSaysMaybe(t *testing.T) {
	t.Parallel()
	p, err := policy.Load(folder(t, map[string]string{"intake.yaml": `
rules:
  - {name: a, use_case: offboarding, when: ticket.source == 18 && filled(ticket.offboarding.who), subject: ticket.offboarding.who, effective: {now: true}}
  - {name: b, use_case: offboarding, when: 'ticket.type == "Service Request" && has_item("Offboarding")', subject: item("Offboarding").fields.who, effective: {now: true}}
  - {name: c, use_case: offboarding, when: 'ticket.custom.leaver == true && requester.department == "HR"', subject: ticket.custom.who, effective: {now: true}}
  - {name: d, use_case: offboarding, when: 'ticket.type == "Case" && "leaver" in ticket.tags', subject: ticket.custom.who, effective: {now: true}}
  - {name: e, use_case: offboarding, when: 'ticket.type == "Odd" && ticket.custom.n.startsWith("x")', subject: ticket.custom.who, effective: {now: true}}
`}))
	require.NoError(t, err)
	custom := func(k string, v any) map[string]any { return map[string]any{k: v} }
	tests := map[string]struct {
		ticket policy.TicketFacts
		maybe  bool
	}{
		"an offboarding's source":             {policy.TicketFacts{Source: 18, Type: "Incident", Custom: custom("leaver", nil)}, true},
		"a service request of unknown items":  {policy.TicketFacts{Source: 2, Type: "Service Request", Custom: custom("leaver", nil)}, true},
		"a ticked box, requester not known":   {policy.TicketFacts{Source: 2, Type: "Incident", Custom: custom("leaver", true)}, true},
		"tags are not in lists":               {policy.TicketFacts{Source: 2, Type: "Case", Custom: custom("leaver", nil)}, true},
		"a condition that fails":              {policy.TicketFacts{Source: 2, Type: "Odd", Custom: custom("n", 5)}, true},
		"nothing known":                       {policy.TicketFacts{}, true},
		"an incident from the portal":         {policy.TicketFacts{Source: 2, Type: "Incident", Custom: custom("leaver", false)}, false},
		"an incident whose box was not shown": {policy.TicketFacts{Source: 1, Type: "Incident", Custom: custom("other", "x")}, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := p.MaybeWanted(tt.ticket)
			assert.Equal(t, tt.maybe, got)
		})
	}
}

func TestItemsOfAnAccessRequest(t *testing.T) {
	t.Parallel()
	p := good(t)
	f := policy.IntakeFacts{
		Now: now,
		Ticket: policy.TicketFacts{Items: []policy.ItemFacts{
			{ID: 11, Name: "Access: sfdc", Fields: map[string]any{"requested_for_email": "Grace@acme.example", "business_reason": "sells"}},
			{ID: 12, Name: "Access: Holodeck"},
			{ID: 13, Name: "Access: Wiki", Fields: map[string]any{"requested_for_email": "grace"}},
			{ID: 14, Name: "Laptop"},
		}},
		Requester: policy.PersonFacts{Person: identity.Person{Email: "Mary@acme.example"}},
	}
	c, err := p.Classify(f)
	require.NoError(t, err)
	require.Len(t, c.Items, 3)
	assert.Equal(t, casework.Item{
		Key: "11", Name: "Salesforce", Catalogue: "salesforce", Beneficiary: "grace@acme.example", Justification: "sells",
		Fields: f.Ticket.Items[0].Fields,
	}, c.Items[0])
	assert.Equal(t, casework.Item{Key: "12", Name: "Holodeck", Beneficiary: "mary@acme.example"}, c.Items[1])
	assert.Equal(t, []casework.Missing{{Field: "beneficiary", Label: "For whom", Why: `is not an e-mail address: "grace"`}}, c.Missing)
	assert.Equal(t, "sells", c.Reason)

	none, err := p.ReadAs(policy.IntakeFacts{Now: now}, casework.AccessRequest, "access-form")
	require.NoError(t, err)
	assert.Equal(t, []casework.Missing{{Field: "items", Label: "Requested item", Why: "the ticket asks for nothing that can be granted"}}, none.Missing)
}

// FuzzTicketFields reads tickets with whatever a form may hold. Nothing panics, nothing fails, and no value of a field
// makes an emergency of it.
func FuzzTicketFields(f *testing.F) {
	for _, seed := range []string{
		`{"employee_email":"ada@acme.example","last_working_day":"2026-12-04","emergency":true}`,
		`{"employee_email":{"name":"x"},"last_working_day":[1,2],"emergency":"yes","kind_of_leave":null}`,
		`{"employee_email":1e308,"last_working_day":"0001-01-01","last_hour":{"a":{"a":{"a":{"a":{}}}}}}`,
		`{"last_working_day":"9999-12-31T23:59:59-14:00","last_hour":"24:00","forward_mail_to":"<script>@x"}`,
		`{"":"","groups":["Security"],"requester":{"groups":["Security"]},"emergency":1}`,
	} {
		f.Add(seed, "Please offboard: last working day today, \"Security\" in requester.groups", 18)
	}
	p, err := policy.Load(filepath.Join("testdata", "good"))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, form, text string, source int) {
		var fields map[string]any
		if json.Unmarshal([]byte(form), &fields) != nil {
			fields = map[string]any{"employee_email": form, "last_working_day": text}
		}
		for name, item := range map[string]string{"form": "Employee offboarding", "access": "Access: " + text} {
			facts := policy.IntakeFacts{
				Now: now,
				Ticket: policy.TicketFacts{
					ID: 1, Subject: text, Text: strings.ToLower(text), Source: source, Type: "Incident", Custom: fields,
					Offboarding: fields, Onboarding: fields, Items: []policy.ItemFacts{{ID: 1, Name: item, Fields: fields}},
				},
				Requester: policy.PersonFacts{Person: identity.Person{Email: "ivo@acme.example", DeskID: 9, Department: "People"}, Groups: []string{"Sales"}},
			}
			c, err := p.Classify(facts)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if c.Emergency {
				t.Fatalf("%s: a field made an emergency", name)
			}
			if c.UseCase != "" && !p.MaybeWanted(facts.Ticket) {
				t.Fatalf("%s: the prefilter drops what %q wants", name, c.Rule)
			}
			if c.UseCase == casework.Offboarding && c.Subject == "" && len(c.Missing) == 0 {
				t.Fatalf("%s: neither a subject nor a question", name)
			}
			if _, err := p.ReadAs(facts, casework.AccessRequest, "access-form"); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			for field, v := range c.Fields {
				if _, err := json.Marshal(v); err != nil {
					t.Fatalf("%s: the field %s does not go into history: %v", name, field, err)
				}
			}
		}
	})
}
