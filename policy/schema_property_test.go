package policy_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"latchkey/policy"
)

// odd are values that may stand where another one stood.
func odd() []any {
	return []any{
		true, false, 7, -1, 0.5, "", " ", "text", "off", "true", "none", "closed", "30d", "0s", "1.5h", "18:00", "24:00", "09:00 - 17:00",
		"a@b.example", "UTC", "2027-01-01", "2027-01-01T10:00:00Z", "manager", "person.login", "ticket.subject", "firstName", nil,
		[]any{},
		[]any{"text"},
		[]any{"a@b.example"},
		[]any{7},
		map[string]any{},
		map[string]any{"name": "text"},
		map[string]any{"value": "ticket.subject"},
		map[string]any{"fallback": []any{"owner"}},
		map[string]any{"manager": map[string]any{}},
	}
}

// spot is a place in a document: put sets something else there, cut takes the key away.
type spot struct {
	at  string
	put func(v any)
	cut func()
}

// spots lists the places below a value.
func spots(at string, v any) []spot {
	var list []spot
	switch one := v.(type) {
	case map[string]any:
		for key, child := range one {
			list = append(list, spot{at: at + "/" + key, put: func(v any) { one[key] = v }, cut: func() { delete(one, key) }})
			list = append(list, spots(at+"/"+key, child)...)
		}
		list = append(list, spot{at: at + "/(new)", put: func(v any) { one["name"] = v }, cut: func() { one["limit"] = "3d" }})
	case []any:
		for i, child := range one {
			here := at + "/" + string(rune('a'+i))
			list = append(list, spot{at: here, put: func(v any) { one[i] = v }, cut: func() { one[i] = one[0] }})
			list = append(list, spots(here, child)...)
		}
	}
	slices.SortFunc(list, func(a, b spot) int { return strings.Compare(a.at, b.at) })
	return list
}

// Whatever loads, a schema takes: an editor never marks what is right. The files of the good policy are changed at one
// place each, and the loader decides whether that is still a policy (about one in five is).
func TestNoSchemaRefusesWhatLoads(t *testing.T) {
	t.Parallel()
	schemas, texts := map[string]*jsonschema.Schema{}, map[string][]byte{}
	var files []string
	for _, file := range policy.SchemaFiles() {
		text, err := os.ReadFile(filepath.Join("testdata", "good", file))
		if err != nil {
			continue // tests/*.yaml
		}
		files = append(files, file)
		texts[file], schemas[file] = text, schemaOf(t, file)
	}
	require.Len(t, files, 15)
	check := func(t require.TestingT, file, at string, document any) {
		text, err := json.Marshal(document)
		require.NoError(t, err)
		folder := fstest.MapFS{}
		for name, good := range texts {
			folder[name] = &fstest.MapFile{Data: good}
		}
		folder[file] = &fstest.MapFile{Data: text} // JSON is YAML
		if _, _, err = policy.LoadEarlier(folder); err != nil {
			return
		}
		converted, err := yaml.YAMLToJSON(text)
		require.NoError(t, err)
		instance, err := jsonschema.UnmarshalJSON(strings.NewReader(string(converted)))
		require.NoError(t, err)
		require.NoError(t, schemas[file].Validate(instance), "%s at %s: %s", file, at, text)
	}
	plain := func(t require.TestingT, file string) any {
		var document any
		require.NoError(t, yaml.Unmarshal(texts[file], &document))
		return document
	}
	rapid.Check(t, func(t *rapid.T) {
		file := rapid.SampledFrom(files).Draw(t, "file")
		document := plain(t, file)
		all := spots("", document)
		s := all[rapid.IntRange(0, len(all)-1).Draw(t, "spot")]
		if with := rapid.IntRange(0, len(odd())).Draw(t, "with"); with == len(odd()) {
			s.cut()
		} else {
			s.put(odd()[with])
		}
		check(t, file, s.at, document)
	})
}
