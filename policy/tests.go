package policy

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"latchkey/casework"
)

// Report is the outcome of the tests beside a policy.
type Report struct {
	Digest string // of the policy that was tested
	Cases  []CaseReport
}

// CaseReport is one test case.
type CaseReport struct {
	File     string // "tests/leavers.yaml"
	Line     int
	Kind     string // intake, route, guard, absence, break-glass, birthright, duties, profile, sync, review or alert
	Name     string
	Problems []string // what was expected and what came instead; empty when the case passed
}

// Failed lists the cases that did not pass.
func (r Report) Failed() []CaseReport {
	return slices.DeleteFunc(slices.Clone(r.Cases), func(c CaseReport) bool { return len(c.Problems) == 0 })
}

// OK says that there was at least one case and that all of them passed.
func (r Report) OK() bool { return len(r.Cases) > 0 && len(r.Failed()) == 0 }

// RunTests loads the policy of a folder and runs the YAML files of its tests/ against it, with the evaluator that
// production uses. The error is about a policy or a test file that does not load; failed cases are in the report.
func RunTests(dir string) (Report, error) {
	p, err := Load(dir)
	if err != nil {
		return Report{}, err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return Report{}, fmt.Errorf("open policy folder: %w", err)
	}
	defer root.Close()
	names, err := fs.Glob(root.FS(), dirTests+"/*.yaml")
	if err != nil {
		return Report{}, fmt.Errorf("list policy tests: %w", err)
	}
	found := &problems{}
	report := Report{Digest: p.Digest()}
	for _, name := range names {
		text, err := root.ReadFile(name)
		if err != nil {
			return Report{}, fmt.Errorf("read policy test: %w", err)
		}
		v, ok := parse(name, text, found)
		if !ok {
			continue
		}
		t := testFile{policy: p, file: name}
		t.read(v)
		report.Cases = append(report.Cases, t.cases...)
	}
	if err := found.err(); err != nil {
		return report, err
	}
	alerts, err := p.alertCases(dir)
	report.Cases = append(report.Cases, alerts...)
	return report, err
}

// testFile runs the cases of one file while it is read.
type testFile struct {
	policy *Policy
	file   string
	cases  []CaseReport
}

// read reads the file, and so runs its cases.
func (t *testFile) read(v value) {
	v.object(path.Base(t.file), keys{
		"intake": t.intake, "routes": t.routes, "guards": t.guards, "absences": t.absences,
		"break_glass": t.breakGlass, "birthright": t.birthright, "duties": t.duties,
		"profile": t.profile, "sync": t.sync, "reviews": t.reviews,
	})
}

// run records a case. A case that expects nothing is a problem of the file: it could not fail.
func (t *testFile) run(v value, kind, name string, checks []check) {
	c := CaseReport{File: t.file, Line: v.line, Kind: kind, Name: name}
	if v.mapping() && len(checks) == 0 {
		v.problem("the case %q expects nothing; write what it expects", name)
	}
	for _, one := range checks {
		if got := one.got(); got != one.want {
			c.Problems = append(c.Problems, fmt.Sprintf("line %d: %s: want %s, got %s", one.line, one.what, one.want, got))
		}
	}
	t.cases = append(t.cases, c)
}

// check is one expectation, in words; got is asked only when the whole case was read.
type check struct {
	line int
	what string
	want string
	got  func() string
}

// checks collects expectations of a case as its `expect` is read.
type checks struct{ list []check }

func (c *checks) add(v value, what, want string, got func() string) {
	c.list = append(c.list, check{line: v.line, what: what, want: want, got: got})
}

func (c *checks) flag(what string, got func() bool) func(value) {
	return func(v value) {
		c.add(v, what, fmt.Sprint(v.flag()), func() string { return fmt.Sprint(got()) })
	}
}

func (c *checks) word(what string, got func() string) func(value) {
	return func(v value) {
		want := fmt.Sprint(v.free(what))
		c.add(v, what, want, func() string { return orNone(got()) })
	}
}

// part expects a text to hold another.
func (c *checks) part(what string, got func() string) func(value) {
	return func(v value) {
		want := v.text()
		c.add(v, what, "a text with "+quote(want), func() string {
			if s := got(); !strings.Contains(strings.ToLower(s), strings.ToLower(want)) {
				return quote(s)
			}
			return "a text with " + quote(want)
		})
	}
}

// list expects words in order.
func (c *checks) words(what string, got func() []string) func(value) {
	return func(v value) {
		want := fmt.Sprint(v.texts(what))
		c.add(v, what, want, func() string { return fmt.Sprint(got()) })
	}
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

func useCaseOrNone(u casework.UseCase) string {
	if u == "" {
		return "none"
	}
	return useCaseWord(u)
}
