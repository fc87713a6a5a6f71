package architecture_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// rule is one line of the design's table of rooms.
type rule struct {
	may []string // rooms it may import; what these may import it may name as well, because its values pass through
	// foreign are the modules outside the standard library that it may import; nil is none, and anyModule any.
	foreign []string
	// never are packages it may not import whatever else is allowed.
	never []string
}

const anyModule = "*"

// rules is the design's table (§3). Exceptions are named where they are made.
func rules() map[string]rule {
	temporal := []string{"go.temporal.io"}
	vendors := rule{foreign: []string{anyModule}, never: temporal}
	return map[string]rule{
		"identity":      {},
		"casework":      {may: []string{"identity"}},
		"approval":      {},
		"detection":     {may: []string{"identity"}},
		"review":        {may: []string{"identity"}, foreign: []string{"gocloud.dev"}, never: temporal}, // docs/decisions/0017
		"contract":      {may: []string{"identity", "casework", "approval", "detection", "review"}},
		"policy":        {may: []string{"identity", "approval", "detection", "casework", "review"}, foreign: []string{anyModule}, never: temporal}, // casework: docs/decisions/0001
		"evidence":      {may: []string{"identity", "casework", "review"}, foreign: []string{anyModule}, never: temporal},
		"clients":       vendors,
		"activities":    {may: []string{"contract", "policy", "evidence", "clients", "detection", "activities"}, foreign: []string{anyModule}},
		"workflows":     {may: []string{"contract", "casework"}, foreign: temporal, never: []string{"net", "os", "math/rand", "database", "syscall"}},
		"bridge":        {may: []string{"contract", "evidence"}, foreign: []string{anyModule}, never: temporal},
		"simulators":    {may: []string{"examples/acme"}},
		"examples/acme": {},
		"worker":        {may: []string{"internal"}},
		"starter":       {may: []string{"internal"}},
		"internal":      {may: []string{anyModule}, foreign: []string{anyModule}},
	}
}

// roomOf finds the rule of a package: the longest room it lies in.
func roomOf(room string) (string, bool) {
	best := ""
	for name := range rules() {
		if within(room, name) && len(name) > len(best) {
			best = name
		}
	}
	return best, best != ""
}

// allowed is every room that a room may name: those of its line, and what these may name.
func allowed(name string) []string {
	var list []string
	todo := slices.Clone(rules()[name].may)
	for len(todo) > 0 {
		next := todo[0]
		todo = todo[1:]
		if slices.Contains(list, next) {
			continue
		}
		list = append(list, next)
		if next != "internal" { // wiring is not passed through
			todo = append(todo, rules()[next].may...)
		}
	}
	return list
}

func TestArrowsOnlyPointDown(t *testing.T) {
	t.Parallel()
	for _, p := range ours(t) {
		name, known := roomOf(p.room())
		if !assert.True(t, known, "%s lies in no room of the design's table: add its line to rules(), or move it", p.ImportPath) {
			continue
		}
		may := allowed(name)
		for _, imported := range p.Imports {
			if !isOurs(imported) {
				continue
			}
			to := strings.TrimPrefix(imported, module+"/")
			fine := within(to, name) || slices.ContainsFunc(may, func(m string) bool { return m == anyModule || within(to, m) })
			assert.True(t, fine, "%s imports %s; %s may import %v", p.ImportPath, imported, name, may)
		}
	}
}

func TestForeignModulesStayInTheirRooms(t *testing.T) {
	t.Parallel()
	all := packages(t)
	for _, p := range ours(t) {
		name, known := roomOf(p.room())
		if !known {
			continue // told by TestArrowsOnlyPointDown
		}
		r := rules()[name]
		for _, imported := range p.Imports {
			for _, never := range r.never {
				assert.False(t, within(imported, never), "%s imports %s, which has no place in %s", p.ImportPath, imported, name)
			}
			foreign := !isOurs(imported) && imported != "C" && !all[imported].Standard
			if foreign {
				fine := slices.ContainsFunc(r.foreign, func(m string) bool { return m == anyModule || within(imported, m) })
				assert.True(t, fine, "%s imports %s; of foreign modules %s may import %v", p.ImportPath, imported, name, r.foreign)
			}
		}
	}
}

// Below the workflows nothing may reach the outside world either: what a workflow calls runs in the workflow.
func TestWorkflowsReachTheOutsideThroughActivitiesOnly(t *testing.T) {
	t.Parallel()
	p, ok := packages(t)[module+"/workflows"]
	require.True(t, ok, "there is no package workflows")
	for _, dep := range p.Deps {
		if !isOurs(dep) {
			continue
		}
		for _, room := range []string{"activities", "clients", "policy", "bridge", "evidence", "internal", "simulators", "examples"} {
			assert.False(t, within(dep, module+"/"+room), "workflows reach %s by way of what they import", dep)
		}
		for _, outside := range []string{"net", "os", "math/rand", "database", "syscall"} {
			for _, imported := range packages(t)[dep].Imports {
				assert.False(t, within(imported, outside), "%s, which workflows call, imports %s", dep, imported)
			}
		}
	}
}

// The simulators are met over HTTP. Only what starts them for people and for tests may link them.
func TestOnlyDemoAndTestsStartTheSimulators(t *testing.T) {
	t.Parallel()
	starters := []string{"simulators", "internal/playground", "internal/demo", "internal/testkit"}
	for _, p := range ours(t) {
		if slices.ContainsFunc(starters, func(s string) bool { return within(p.room(), s) }) {
			continue
		}
		for _, imported := range p.Imports {
			assert.False(t, within(imported, module+"/simulators"), "%s imports %s: meet it over HTTP, or start it through internal/playground", p.ImportPath, imported)
		}
	}
}

// Clients of two vendors know nothing of each other.
func TestClientsAreAlone(t *testing.T) {
	t.Parallel()
	seen := 0
	for _, p := range ours(t) {
		if !within(p.room(), "clients") {
			continue
		}
		seen++
		for _, imported := range p.Imports {
			assert.False(t, isOurs(imported), "%s imports %s", p.ImportPath, imported)
		}
	}
	assert.GreaterOrEqual(t, seen, 2, "the clients were not found")
}

// The mains are a greeting: they import nothing but the standard library and internal/cli.
func TestMainsAreAGreeting(t *testing.T) {
	t.Parallel()
	for _, main := range []string{"worker", "starter"} {
		p, ok := packages(t)[module+"/"+main]
		if !assert.True(t, ok, "there is no program %s", main) {
			continue
		}
		assert.Equal(t, []string{"main.go"}, p.GoFiles, main)
		for _, imported := range p.Imports {
			assert.True(t, packages(t)[imported].Standard || imported == module+"/internal/cli", "%s imports %s", main, imported)
		}
	}
}
