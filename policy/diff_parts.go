package policy

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// PartChange is a part of a policy's files that differs: an entry that has a name, such as a route or an item of the
// catalogue, or a key of a file.
type PartChange struct {
	File   string      `json:"file"`
	Part   string      `json:"part,omitempty"` // "routes"; empty for a text
	Name   string      `json:"name,omitempty"` // of an entry
	Change PartEffect  `json:"change"`
	Keys   []KeyChange `json:"keys,omitempty"` // of an entry that changed
}

// PartEffect is how a part differs.
type PartEffect string

// The ways to differ. Reordered is about lists of which the first entry that applies counts.
const (
	PartAdded     PartEffect = "added"
	PartRemoved   PartEffect = "removed"
	PartChanged   PartEffect = "changed"
	PartReordered PartEffect = "reordered"
)

// KeyChange is one key of an entry; nil where a side does not have it.
type KeyChange struct {
	Key    string `json:"key"`
	Before any    `json:"before"`
	After  any    `json:"after"`
}

// namedPart is a list or a mapping of entries that have names.
type namedPart struct {
	key     string // what names an entry of a list; empty for a mapping
	ordered bool   // the first entry that applies counts
}

// namedParts are those of each file, by path. What is not here is compared as a whole.
func namedParts() map[string]map[string]namedPart {
	return map[string]map[string]namedPart{
		fileIntake:     {"rules": {key: "name", ordered: true}},
		fileOnboarding: {"tasks": {key: "name"}},
		fileProfile:    {"attributes": {key: "okta"}, "tables": {}},
		fileBirthright: {"rules": {key: "name"}, "beyond.rules": {key: "name", ordered: true}},
		fileDuties:     {"pairs": {key: "name"}},
		fileCatalogue:  {"items": {}},
		fileApprovals:  {"routes": {key: "name", ordered: true}, "calendars": {}},
	}
}

// partChanges compares the files of two policies that load.
func partChanges(before, after files) []PartChange {
	var list []PartChange
	for _, name := range policyFiles() {
		was, is := plainFile(name, before[name]), plainFile(name, after[name])
		if name == fileIntake { // the modes are a matter of their own
			delete(was, "use_cases")
			delete(is, "use_cases")
		}
		list = append(list, compareMappings(name, "", was, is)...)
	}
	for _, name := range slices.Sorted(maps.Keys(union(before, after))) {
		was, had := before[name]
		is, has := after[name]
		if strings.Contains(name, "/") && (had != has || string(was) != string(is)) {
			list = append(list, PartChange{File: name, Change: effectOf(had, has)})
		}
	}
	return list
}

// plainFile is a file as plain values.
func plainFile(name string, text []byte) map[string]any {
	v, ok := parse(name, text, &problems{})
	if !ok {
		return map[string]any{}
	}
	plain, _ := v.free(name).(map[string]any)
	return plain
}

// compareMappings compares the keys of a file, or of a part of it that holds named parts.
func compareMappings(file, path string, before, after map[string]any) []PartChange {
	var list []PartChange
	parts := namedParts()[file]
	for _, key := range slices.Sorted(maps.Keys(union(before, after))) {
		at := strings.TrimPrefix(path+"."+key, ".")
		was, had := before[key]
		is, has := after[key]
		part, named := parts[at]
		switch {
		case named:
			list = append(list, compareEntries(file, at, part, was, is)...)
		case holdsParts(parts, at):
			inner, _ := was.(map[string]any)
			innerNow, _ := is.(map[string]any)
			list = append(list, compareMappings(file, at, inner, innerNow)...)
		case had != has || !reflect.DeepEqual(was, is):
			list = append(list, PartChange{
				File: file, Part: at, Change: effectOf(had, has), Keys: keyChanges(was, is),
			})
		}
	}
	return list
}

func holdsParts(parts map[string]namedPart, path string) bool {
	for name := range parts {
		if strings.HasPrefix(name, path+".") {
			return true
		}
	}
	return false
}

// compareEntries compares entries by name.
func compareEntries(file, path string, part namedPart, before, after any) []PartChange {
	was, order := part.entries(before)
	is, orderNow := part.entries(after)
	var list []PartChange
	for _, name := range slices.Sorted(maps.Keys(union(was, is))) {
		old, had := was[name]
		now, has := is[name]
		if had != has || !reflect.DeepEqual(old, now) {
			c := PartChange{File: file, Part: path, Name: name, Change: effectOf(had, has)}
			if had && has {
				c.Keys = keyChanges(old, now)
			}
			list = append(list, c)
		}
	}
	missing := func(in map[string]any) func(string) bool {
		return func(name string) bool { _, there := in[name]; return !there }
	}
	if part.ordered && !slices.Equal(slices.DeleteFunc(order, missing(is)), slices.DeleteFunc(orderNow, missing(was))) {
		list = append(list, PartChange{File: file, Part: path, Change: PartReordered})
	}
	return list
}

// entries are the entries by name, and the names in order.
func (n namedPart) entries(part any) (map[string]any, []string) {
	if n.key == "" {
		m, _ := part.(map[string]any)
		return m, nil
	}
	m, order := map[string]any{}, []string{}
	list, _ := part.([]any)
	for _, one := range list {
		if e, is := one.(map[string]any); is {
			name := fmt.Sprint(e[n.key])
			m[name], order = e, append(order, name)
		}
	}
	return m, order
}

// keyChanges says which keys of a mapping differ; for anything else it is the value itself, under no key.
func keyChanges(before, after any) []KeyChange {
	was, isMapping := before.(map[string]any)
	is, isMappingNow := after.(map[string]any)
	if !isMapping && !isMappingNow {
		return []KeyChange{{Before: before, After: after}}
	}
	var list []KeyChange
	for _, key := range slices.Sorted(maps.Keys(union(was, is))) {
		if !reflect.DeepEqual(was[key], is[key]) {
			list = append(list, KeyChange{Key: key, Before: was[key], After: is[key]})
		}
	}
	return list
}

func effectOf(had, has bool) PartEffect {
	switch {
	case !had:
		return PartAdded
	case !has:
		return PartRemoved
	default:
		return PartChanged
	}
}

// union has the keys of both.
func union[M ~map[string]V, V any](a, b M) M {
	all := maps.Clone(a)
	if all == nil {
		all = M{}
	}
	maps.Copy(all, b)
	return all
}
