package policy_test

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/policy"
)

const schemaDir = "../docs/schemas"

// schemaOf compiles the schema that the loader of a file draws.
func schemaOf(t *testing.T, file string) *jsonschema.Schema {
	t.Helper()
	drawn, err := policy.Schema(file)
	require.NoError(t, err)
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(drawn))
	require.NoError(t, err)
	c := jsonschema.NewCompiler()
	require.NoError(t, c.AddResource(policy.SchemaName(file), document))
	compiled, err := c.Compile(policy.SchemaName(file))
	require.NoError(t, err)
	return compiled
}

// instance is a YAML file as an editor's validator sees it.
func instance(t *testing.T, text string) any {
	t.Helper()
	converted, err := yaml.YAMLToJSON([]byte(text))
	require.NoError(t, err)
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(converted))
	require.NoError(t, err)
	return document
}

// The schemas in docs/ are what the loaders draw: `starter policy schema --out docs/schemas` writes them again.
func TestSchemasOfTheManualAreThoseOfTheLoaders(t *testing.T) {
	t.Parallel()
	want := map[string]bool{}
	for _, file := range policy.SchemaFiles() {
		drawn, err := policy.Schema(file)
		require.NoError(t, err)
		again, err := policy.Schema(file)
		require.NoError(t, err)
		require.Equal(t, string(drawn), string(again), "%s: the same each time", file)
		kept, err := os.ReadFile(filepath.Join(schemaDir, policy.SchemaName(file)))
		require.NoError(t, err)
		assert.Equal(t, string(kept), string(drawn), "%s: run `starter policy schema --out docs/schemas`", file)
		want[policy.SchemaName(file)] = true
	}
	have, err := os.ReadDir(schemaDir)
	require.NoError(t, err)
	for _, one := range have {
		assert.True(t, want[one.Name()], "%s is no schema of a policy file", one.Name())
	}
}

// Whatever loads, a schema takes.
func TestSchemasTakeWhatLoads(t *testing.T) {
	t.Parallel()
	for _, dir := range []string{"testdata/good", "../examples/acme/policies"} {
		files := 0
		err := fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
			if err == nil && d.IsDir() && name == "alerts" {
				return fs.SkipDir // alert rules are a folder of their own, with a loader of their own
			}
			if err != nil || d.IsDir() || filepath.Ext(name) != ".yaml" {
				return err
			}
			text, err := fs.ReadFile(os.DirFS(dir), name)
			if err != nil {
				return err
			}
			files++
			assert.NoError(t, schemaOf(t, name).Validate(instance(t, string(text))), "%s/%s", dir, name)
			return nil
		})
		require.NoError(t, err)
		assert.GreaterOrEqual(t, files, len(policy.SchemaFiles()), dir)
	}
	for _, file := range policy.SchemaFiles() {
		if err := schemaOf(t, file).Validate(instance(t, "{}")); err != nil {
			_, err := policy.Load(folder(t, map[string]string{file: "{}", "tests/leavers.yaml": "", "tests/access.yaml": "", "tests/people.yaml": ""}))
			assert.ErrorContains(t, err, "lacks", "%s: a schema asks for what the loader asks for", file)
		}
	}
}

// Acme's files name their schema, so an editor checks them while they are written.
func TestPoliciesOfAcmeNameTheirSchemas(t *testing.T) {
	t.Parallel()
	const dir = "../examples/acme/policies"
	for _, pattern := range []string{"*.yaml", "tests/*.yaml"} {
		found, err := fs.Glob(os.DirFS(dir), pattern)
		require.NoError(t, err)
		require.NotEmpty(t, found)
		for _, name := range found {
			text, err := os.ReadFile(filepath.Join(dir, name))
			require.NoError(t, err)
			first, _, _ := strings.Cut(string(text), "\n")
			named, is := strings.CutPrefix(first, "# yaml-language-server: $schema=")
			require.True(t, is, name)
			target, err := filepath.Abs(filepath.Join(dir, filepath.Dir(name), named))
			require.NoError(t, err)
			want, err := filepath.Abs(filepath.Join(schemaDir, policy.SchemaName(name)))
			require.NoError(t, err)
			assert.Equal(t, want, target, name)
		}
	}
}

func TestSchemasRefuseWhatDoesNotLoad(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ file, text string }{
		"unknown key":                  {"offboarding.yaml", "ends: deactivate"},
		"unknown word":                 {"offboarding.yaml", "end: delete"},
		"no mapping":                   {"offboarding.yaml", "- end"},
		"no duration":                  {"offboarding.yaml", "deactivate_after: 30 days"},
		"no time of day":               {"offboarding.yaml", `default_time: "25:00"`},
		"number for a text":            {"offboarding.yaml", "clear_attributes: [1]"},
		"too small":                    {"offboarding.yaml", "emergency_cap: 0"},
		"unknown owner":                {"offboarding.yaml", "residual_owner: {group_pull: Somebody}"},
		"no value":                     {"offboarding.yaml", "end:"},
		"empty file key":               {"mover.yaml", "overlap: ''"},
		"negative duration":            {"mover.yaml", "overlap: -1h"},
		"no rules":                     {"intake.yaml", "use_cases: {offboarding: {mode: act}}"},
		"unknown use case":             {"intake.yaml", "rules: []\nuse_cases: {sabbatical: {mode: act}}"},
		"unknown mode":                 {"intake.yaml", "rules: []\nuse_cases: {offboarding: {mode: on_fire}}"},
		"rule without a condition":     {"intake.yaml", "rules: [{name: a, use_case: offboarding}]"},
		"subject without a value":      {"intake.yaml", "rules: [{name: a, use_case: offboarding, when: 'true', subject: {label: x}, effective: {now: true}}]"},
		"unknown type of a field":      {"intake.yaml", "rules: [{name: a, use_case: offboarding, when: 'true', subject: ticket.subject, effective: {now: true}, fields: {f: {value: ticket.subject, type: colour}}}]"},
		"condition that is no text":    {"birthright.yaml", "rules: [{name: a, when: true, groups: [A], reason: r}]"},
		"birthright without a reason":  {"birthright.yaml", "rules: [{name: a, when: 'true', groups: [A]}]"},
		"group without a name":         {"birthright.yaml", "rules: [{name: a, when: 'true', groups: [{id: 00g1}], reason: r}]"},
		"unknown disposition":          {"birthright.yaml", "beyond: {default: burn}"},
		"unknown risk":                 {"catalogue.yaml", "items: {a: {group: A, risk: extreme}}"},
		"limit of nothing":             {"catalogue.yaml", "items: {a: {group: A, limit: 0s}}"},
		"limit without a default":      {"catalogue.yaml", "items: {a: {group: A, limit: {most: 3d}}}"},
		"break-glass without an end":   {"catalogue.yaml", "items: {a: {group: A, break_glass: {who: [{department: D}], tell: [owner]}}}"},
		"break-glass for anybody":      {"catalogue.yaml", "items: {a: {group: A, break_glass: {for: 1h, tell: [owner]}}}"},
		"break-glass told to nobody":   {"catalogue.yaml", "items: {a: {group: A, break_glass: {for: 1h, who: [{department: D}]}}}"},
		"break-glass by an unknown":    {"catalogue.yaml", "items: {a: {group: A, break_glass: {for: 1h, who: [{team: D}], tell: [owner]}}}"},
		"owner without an address":     {"catalogue.yaml", "items: {a: {group: A, owner: Olga}}"},
		"unknown approver":             {"approvals.yaml", "routes: [{name: a, levels: [{name: b, groups: [{name: c, who: [boss]}]}]}]"},
		"unknown approver deep inside": {"approvals.yaml", "routes: [{name: a, levels: [{name: b, groups: [{name: c, who: [manager: {fallback: [owner: {fallback: [boss]}]}]}]}]}]"},
		"manager with a text":          {"approvals.yaml", "routes: [{name: a, levels: [{name: b, groups: [{name: c, who: [manager: Ada]}]}]}]"},
		"person without an address":    {"approvals.yaml", "routes: [{name: a, levels: [{name: b, groups: [{name: c, who: [person: Ada]}]}]}]"},
		"unknown rule":                 {"approvals.yaml", "routes: [{name: a, levels: [{name: b, groups: [{name: c, rule: some, who: [manager]}]}]}]"},
		"no hours":                     {"approvals.yaml", "calendars: {a: {zone: UTC, hours: {mon: nine to five}}}\nroutes: [{name: a, mode: desk}]"},
		"no holiday":                   {"approvals.yaml", "calendars: {a: {zone: UTC, hours: {mon: 09:00-17:00}, holidays: [{date: Christmas, name: c}]}}\nroutes: [{name: a, mode: desk}]"},
		"absence without an end":       {"approvals.yaml", "absences: [{who: a@b.example, instead: c@b.example, from: 2026-12-01, why: w}]\nroutes: [{name: a, mode: desk}]"},
		"guard without a reason":       {"guards.yaml", "protected: {groups: [{name: A, who: w}]}"},
		"hold until some day":          {"guards.yaml", "legal_hold: [{email: a@b.example, why: w, who: w, until: spring}]"},
		"percent of more than all":     {"guards.yaml", "mass_change: {percent: 101}"},
		"one approver of protected":    {"guards.yaml", "protected: {approvers: {people: [a@b.example], need: 1}}"},
		"pair of one":                  {"duties.yaml", "pairs: [{name: a, one: {group: A}, effect: warn, why: w}]"},
		"half with a role":             {"duties.yaml", "pairs: [{name: a, one: {group: A}, other: {role: B}, effect: warn, why: w}]"},
		"table of numbers":             {"profile.yaml", "tables: {country: {Berlin: 49}}"},
		"attribute without a value":    {"profile.yaml", "attributes: [{okta: title}]"},
		"default that is a list":       {"profile.yaml", "attributes: [{okta: title, value: fields.title, default: [a]}]"},
		"domain with an address":       {"profile.yaml", "domain: a@acme.example"},
		"unknown gate":                 {"onboarding.yaml", "tasks: [{name: a, title: t, group: g, gates: coffee}]"},
		"unknown attribute to match":   {"onboarding.yaml", "match_on: [shoe_size]"},
		"status of Freshservice":       {"desk.yaml", "statuses: {waiting: 1}"},
		"closed that is no list":       {"desk.yaml", "statuses: {closed: 4}"},
		"test that expects nothing":    {"tests/a.yaml", "intake: [{name: a, ticket: {}}]"},
		"test of an unknown kind":      {"tests/a.yaml", "weather: []"},
		"test with an unknown fact":    {"tests/a.yaml", "intake: [{name: a, ticket: {colour: red}, expect: {rule: a}}]"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Error(t, schemaOf(t, tt.file).Validate(instance(t, tt.text)))
			_, err := policy.RunTests(folder(t, map[string]string{tt.file: tt.text}))
			assert.NotEmpty(t, policy.Problems(err), "the loader refuses it as well")
		})
	}
}

// What an editor shows: the variables of an expression, the words of a choice.
func TestSchemasTellWhatIsAllowed(t *testing.T) {
	t.Parallel()
	drawn, err := policy.Schema("birthright.yaml")
	require.NoError(t, err)
	assert.Contains(t, string(drawn), "Variables: grant, person.")
	var words bytes.Buffer
	require.NoError(t, json.Compact(&words, drawn))
	assert.Contains(t, words.String(), `"default":{"enum":["keep","revoke","ask"]}`)
	_, err = policy.Schema("birthrights.yaml")
	assert.ErrorContains(t, err, `no policy file is called "birthrights.yaml"; there are intake.yaml, `)
}
