package policy

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
)

// eventTypesText is Okta's catalogue of event types, release 2026.08.1: a type, whether event hooks can deliver it (yes or
// no), and its tags, one a line (alert-rules.md, [CAT]).
//
//go:embed eventtypes/okta.tsv
var eventTypesText string

// eventTypes says of each event type whether event hooks can deliver it.
var eventTypes = sync.OnceValue(func() map[string]bool {
	known := map[string]bool{}
	for line := range strings.Lines(eventTypesText) {
		fields := strings.Split(strings.TrimSpace(line), "\t")
		if len(fields) >= 2 {
			known[fields[0]] = fields[1] == "yes"
		}
	}
	return known
})

// EventType says whether Okta's catalogue has an event type, and whether event hooks can deliver it.
func EventType(name string) (known, hookable bool) {
	hookable, known = eventTypes()[name]
	return known, hookable
}

// nearestTypes are the types of the catalogue that look most like a misspelt one.
func nearestTypes(name string) []string {
	type near struct {
		name string
		far  int
	}
	var list []near
	for known := range eventTypes() {
		if far := distance(strings.ToLower(name), strings.ToLower(known)); far <= max(3, len(name)/4) {
			list = append(list, near{known, far})
		}
	}
	slices.SortFunc(list, func(a, b near) int {
		if a.far != b.far {
			return a.far - b.far
		}
		return strings.Compare(a.name, b.name)
	})
	var names []string
	for _, n := range list[:min(3, len(list))] {
		names = append(names, n.name)
	}
	return names
}

// distance counts the letters to add, drop or replace that make one text of another.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		before := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := before
			if a[i] != b[j] {
				cost++
			}
			before = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
