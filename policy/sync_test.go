package policy_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/casework"
	"latchkey/identity"
	"latchkey/policy"
)

func TestSyncReadingsStandNextToEachOther(t *testing.T) {
	t.Parallel()
	p := good(t)
	readings := p.SyncReadings(
		map[string]any{"firstName": " Ada ", "title": "Engineer", "department": "Sales", "mobilePhone": "+49301", "employeeNumber": "a17"},
		map[string]string{"first_name": "Ada", "job_title": "Analyst", "department": "Finance", "mobile_phone_number": "+49 30 2", "custom.employee_number": "A17"},
	)
	got := map[string][2]string{}
	for _, r := range readings {
		require.Empty(t, r.Unusable)
		got[r.Attribute.Name] = [2]string{r.Wanted, r.Has}
	}
	assert.Equal(t, map[string][2]string{
		"first name": {"Ada", "Ada"}, "last name": {"", ""}, "title": {"Engineer", "Analyst"}, "department": {"Finance", "Sales"},
		"mobile": {"+49302", "+49301"}, "number": {"A17", "A17"},
	}, got)
	kinds := map[string]casework.DriftKind{}
	for _, d := range casework.PlanSync(readings) {
		kinds[d.Attribute.Name] = d.Kind
	}
	assert.Equal(t, map[string]casework.DriftKind{
		"title": casework.DriftWrite, "department": casework.DriftRoleChange, "mobile": casework.DriftWrite,
	}, kinds)
}

func TestWhatOktaWouldRefuseIsNotWanted(t *testing.T) {
	t.Parallel()
	p := good(t)
	for _, r := range p.SyncReadings(nil, map[string]string{"mobile_phone_number": "\u202e123"}) {
		if r.Attribute.Name == "mobile" {
			assert.Contains(t, r.Unusable, "control characters")
		}
	}
}

func TestSyncDefaultsAndMode(t *testing.T) {
	t.Parallel()
	p, err := policy.Load(folder(t, map[string]string{"sync.yaml": "{}\n"}))
	require.NoError(t, err)
	s := p.Sync()
	assert.Equal(t, casework.ModeObserve, p.Mode(casework.ProfileSync), "a new installation only looks")
	assert.Equal(t, []policy.SyncMatch{policy.SyncByEmail}, s.Match)
	assert.Equal(t, 24*time.Hour, s.Every)
	assert.Equal(t, 90*24*time.Hour, s.KeepReports)
	assert.Equal(t, policy.MissingReport, s.OnDesk)
	assert.Equal(t, policy.AccessRoleChange, s.Access)
	p, err = policy.Load(folder(t, map[string]string{"sync.yaml": "mode: act\n"}))
	require.NoError(t, err)
	assert.Equal(t, casework.ModeAct, p.Mode(casework.ProfileSync))
	assert.Equal(t, casework.ModeAct, p.Modes()[casework.ProfileSync])
}

func TestWhoTakesPartInASync(t *testing.T) {
	t.Parallel()
	p := good(t)
	person := identity.Person{Status: identity.StatusActive, Attributes: map[string]any{"userType": "Employee"}}
	assert.True(t, p.Syncs(person))
	person.Status = identity.StatusDeprovisioned
	assert.False(t, p.Syncs(person), "an account that is shut")
	person.Status, person.Attributes = identity.StatusActive, map[string]any{"userType": "Service"}
	assert.False(t, p.Syncs(person), "a service account")
}

func TestSyncMapsThatAreRefused(t *testing.T) {
	t.Parallel()
	const one = "attributes:\n  - {name: a, owner: okta, okta: title, desk: job_title}\n"
	for name, test := range map[string]struct{ text, want string }{
		"unknown key":           {"modes: act\n", `sync.yaml:1:1: unknown key "modes" in sync.yaml; allowed: attributes, every, keep_reports, match, missing, mode, people, role_change`},
		"one field twice":       {one + "  - {name: b, owner: desk, okta: nickName, desk: job_title}\n", "sync.yaml:3:5: a and b both map job_title of the desk"},
		"one attribute twice":   {one + "  - {name: b, owner: desk, okta: title, desk: language}\n", "a and b both map title of Okta"},
		"one name twice":        {one + "  - {name: a, owner: desk, okta: nickName, desk: language}\n", `a second attribute is called "a"`},
		"a transform that lags": {"attributes: [{name: a, owner: okta, okta: title, desk: job_title, to_okta: value}]\n", "Okta owns a, so nothing of it is written to Okta"},
		"a look at others":      {"attributes: [{name: a, owner: okta, okta: title, desk: job_title, to_desk: person.title}]\n", "bad expression"},
		"who somebody is":       {"attributes: [{name: a, owner: okta, okta: login, desk: job_title}]\n", "login says who somebody is"},
		"unknown field":         {"attributes: [{name: a, owner: okta, okta: title, desk: titel}]\n", `unknown value "titel"; allowed: address, department`},
		"a role of Okta's":      {one + "role_change: {attributes: [a]}\n", "a is owned by Okta, so a sync never writes it there"},
		"a role of nobody's":    {one + "role_change: {attributes: [b]}\n", `no attribute is called "b"`},
		"a number unmapped":     {one + "match: [employee_number]\n", "no attribute maps employeeNumber"},
		"created in Okta":       {"missing: {in_okta: create}\n", `unknown value "create"; allowed: report, ignore`},
		"a form without":        {one + "role_change: {request: {item: I, by: hr@acme.example, fields: {a: today}}}\n", "a request needs a field for person, and one for an attribute"},
		"a form of nothing":     {one + "role_change: {request: {item: I, by: hr@acme.example, fields: {a: a}}}\n", `the field a is answered with "a", which is neither person nor today`},
		"too often":             {"every: 1m\n", "has to be 5m or more"},
		"kept for an hour":      {"keep_reports: 1h\n", "has to be kept for 1d or longer"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := policy.Load(folder(t, map[string]string{"sync.yaml": test.text}))
			require.ErrorContains(t, err, test.want)
		})
	}
}
