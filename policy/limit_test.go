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

func TestACatalogueItemLimitsTheTime(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	p, err := policy.Load(folder(t, map[string]string{"catalogue.yaml": `
items:
  full: {name: Full, group: A, limit: {default: 30d, most: 90d, notice: 3d}}
  bare: {name: Bare, group: B, limit: 4h}
  half: {name: Half, group: C, limit: {default: 7d}}
  free: {name: Free, group: D}
`, "tests/leavers.yaml": "", "tests/access.yaml": ""}))
	require.NoError(t, err)
	for key, want := range map[string]casework.TimeLimit{
		"full": {Default: 30 * day, Most: 90 * day, Notice: 3 * day},
		"bare": {Default: 4 * time.Hour, Most: 4 * time.Hour},
		"half": {Default: 7 * day, Most: 7 * day},
		"free": {},
	} {
		item, ok := p.Item(key)
		require.True(t, ok, key)
		assert.Equal(t, want, item.Limit, key)
	}
}

func TestAWrongLimitIsRefusedWithItsPlace(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"limit: 0s":                       "catalogue.yaml:2:44: has to be a duration above zero",
		"limit: {most: 3d}":               `catalogue.yaml:2:44: limit lacks "default"`,
		"limit: {default: 3d, most: 1d}":  "default is longer than most",
		"limit: {default: soon}":          "has to be a duration above zero such as 30d",
		"limit: {default: 3d, least: 1d}": `unknown key "least" in limit; allowed: default, most, notice`,
	} {
		_, err := policy.Load(folder(t, map[string]string{"catalogue.yaml": "items:\n  salesforce: {name: S, app: S,     " + text + "}\n"}))
		require.Error(t, err, text)
		assert.Contains(t, err.Error(), want, text)
	}
}

func TestAnItemIsAskedForFromAndUntil(t *testing.T) {
	t.Parallel()
	p, err := policy.Load(folder(t, map[string]string{"intake.yaml": `
use_cases: {access_request: {mode: act}}
rules:
  - name: form
    use_case: access_request
    when: 'ticket.items.exists(i, i.name == "Salesforce")'
    items:
      days: item.fields.days
      from: item.fields.start
      until: item.fields.end
`, "tests/leavers.yaml": "", "tests/access.yaml": ""}))
	require.NoError(t, err)
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	for name, test := range map[string]struct {
		fields      map[string]any
		days        float64
		from, until string
		missing     string
	}{
		"nothing said":                  {fields: map[string]any{"days": "", "end": nil}},
		"a number":                      {fields: map[string]any{"days": 7}, days: 7},
		"a text":                        {fields: map[string]any{"days": " 0.5 "}, days: 0.5},
		"no number":                     {fields: map[string]any{"days": "a week"}, missing: "is not a number of days"},
		"no days":                       {fields: map[string]any{"days": 0}, missing: "is not a number of days"},
		"not a number at all":           {fields: map[string]any{"days": "NaN"}, missing: "is not a number of days"},
		"a day is included":             {fields: map[string]any{"end": "2026-12-31"}, until: "2027-01-01T00:00"},
		"a day begins at its beginning": {fields: map[string]any{"start": "2026-12-01"}, from: "2026-12-01T00:00"},
		"an hour":                       {fields: map[string]any{"end": "2026-12-31T18:00"}, until: "2026-12-31T18:00"},
		"an instant":                    {fields: map[string]any{"end": "2026-12-31T18:00:00+01:00"}, until: "2026-12-31T17:00:00Z"},
		"no date":                       {fields: map[string]any{"end": "Christmas"}, missing: "is not a date"},
		"passed":                        {fields: map[string]any{"end": "2026-11-20"}, until: "2026-11-21T00:00", missing: "has passed already"},
		"backwards":                     {fields: map[string]any{"start": "2026-12-05", "end": "2026-12-01"}, from: "2026-12-05T00:00", until: "2026-12-02T00:00", missing: "is not after its beginning"},
		"far ahead":                     {fields: map[string]any{"start": "2029-01-01"}, from: "2029-01-01T00:00", missing: "more than a year ahead"},
	} {
		c, err := p.Classify(policy.IntakeFacts{
			Ticket:    policy.TicketFacts{Items: []policy.ItemFacts{{ID: 1, Name: "Salesforce", Fields: test.fields}}},
			Requester: policy.PersonFacts{Person: identity.Person{Email: "ada@acme.example"}}, Now: now,
		})
		require.NoError(t, err, name)
		require.Len(t, c.Items, 1, name)
		assert.InDelta(t, test.days, c.Items[0].Days, 0, name)
		assert.Equal(t, test.from, c.Items[0].From, name)
		assert.Equal(t, test.until, c.Items[0].Until, name)
		if test.missing == "" {
			assert.Empty(t, c.Missing, name)
		} else if assert.NotEmpty(t, c.Missing, name) {
			assert.Contains(t, c.Missing[0].Why, test.missing, name)
		}
	}
}
