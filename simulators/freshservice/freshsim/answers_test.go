package freshsim

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestAnswersOfEveryFieldType(t *testing.T) {
	t.Parallel()
	choices := []string{"A", "B"}
	number := json.Number("7")
	for name, c := range map[string]struct {
		kind   string
		loose  bool
		sent   any
		stored any
		fits   bool
	}{
		"null always fits":      {"custom_number", false, nil, nil, true},
		"text":                  {"custom_text", false, "x", "x", true},
		"number as text":        {"custom_text", false, number, nil, false},
		"number":                {"custom_number", false, number, int64(7), true},
		"text as number":        {"custom_number", false, "7", nil, false},
		"text as number, form":  {"custom_number", true, "7", int64(7), true},
		"lookup":                {"custom_lookup_bigint", false, number, int64(7), true},
		"decimal":               {"custom_decimal", false, json.Number("1.5"), 1.5, true},
		"bad decimal":           {"custom_decimal", false, "much", nil, false},
		"checkbox":              {"custom_checkbox", false, true, true, true},
		"text as checkbox":      {"custom_checkbox", false, "true", nil, false},
		"checkbox, form":        {"custom_checkbox", true, "false", false, true},
		"dropdown":              {"custom_dropdown", false, "A", "A", true},
		"dropdown, other":       {"custom_dropdown", false, "C", nil, false},
		"dropdown, other case":  {"custom_dropdown", false, "a", nil, false},
		"dropdown, emptied":     {"custom_dropdown", false, "", "", true},
		"many":                  {"custom_multi_select_dropdown", false, []any{"B", "A"}, []any{"B", "A"}, true},
		"many, other":           {"custom_multi_select_dropdown", false, []any{"C"}, nil, false},
		"many, one as text":     {"custom_multi_select_dropdown", false, "A", nil, false},
		"many, a number":        {"custom_multi_select_dropdown", false, []any{number}, nil, false},
		"many lookups":          {"custom_multi_lookup", false, []any{number}, []any{int64(7)}, true},
		"many lookups, boolean": {"custom_multi_lookup", false, []any{true}, nil, false},
		"date":                  {"custom_date", false, "2026-03-02", "2026-03-02", true},
		"date and time":         {"custom_date_time", false, "2026-03-02T10:00:00+05:30", "2026-03-02T10:00:00+05:30", true},
		"bad date":              {"custom_date", false, "02/03/2026", nil, false},
		"date as number":        {"custom_date", false, number, nil, false},
		"url":                   {"custom_url", false, "https://a.example", "https://a.example", true},
		"bad url":               {"custom_url", false, "ftp://a.example", nil, false},
	} {
		stored, problem := checkAnswer(c.kind, choices, c.sent, c.loose)
		assert.Equal(t, c.fits, problem == "", "%s: %s", name, problem)
		assert.Equal(t, c.stored, stored, name)
	}
}

func TestPathsOfFaults(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		pattern, path string
		match         bool
	}{
		{"", "/anything/at/all", true},
		{"/tickets", "/tickets", true},
		{"/tickets", "/tickets/1", false},
		{"/tickets/*", "/tickets/1", true},
		{"/tickets/*", "/tickets", false},
		{"/tickets/{id}/notes", "/tickets/1/notes", true},
		{"/tickets/*/notes", "/tickets/1/reply", false},
		{"/tickets/**", "/tickets", true},
		{"/tickets/**", "/tickets/1/approvals/2", true},
		{"/requesters/**", "/tickets/1", false},
	} {
		assert.Equal(t, c.match, matchPath(c.pattern, c.path), "%s over %s", c.pattern, c.path)
	}
}

func TestTimesThatTheVendorAccepts(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"2026-03-02": "2026-03-02T00:00:00Z", "2026-03-02T10:30": "2026-03-02T10:30:00Z", "2026-03-02T10:30:05": "2026-03-02T10:30:05Z",
		"2026-03-02T10:30:05Z": "2026-03-02T10:30:05Z", "2026-03-02T10:30:05+02": "2026-03-02T08:30:05Z",
		"2026-03-02T10:30:05+0530": "2026-03-02T05:00:05Z", "2026-03-02T10:30:05+05:30": "2026-03-02T05:00:05Z",
	} {
		at, ok := parseTime(in)
		assert.True(t, ok, in)
		assert.Equal(t, want, stamp(at), in)
	}
	for _, bad := range []string{"", "tomorrow", "02-03-2026", "2026-13-01"} {
		_, ok := parseTime(bad)
		assert.False(t, ok, bad)
	}
}
