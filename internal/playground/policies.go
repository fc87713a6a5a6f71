package playground

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// faster is a comment that names the value a setting has in the demo, so that nobody waits for days:
// `expire_after: 14d # in the demo: 20s`.
var faster = regexp.MustCompile(`(:\s*)\S+(\s*# in the demo: )(\S+)\s*$`)

// waits is where a route or a level says in which calendar its times count. Seconds of working time would not pass at
// night or on a Sunday, so here every hour counts.
var waits = regexp.MustCompile(`(\bcalendar:\s*)("[^"]*"|[\w-]+)`)

// copyPolicies copies a policy folder, gives every setting that names one its value for the demo and lets no calendar
// hold anything up; the tests beside the policies follow. replace changes whole texts afterwards, by file name; each old text has to be there.
func copyPolicies(from, to string, replace map[string][]Edit) error {
	return copyFolder(from, to, hurry, replace)
}

// copyFolder copies a policy folder, changing each text.
func copyFolder(from, to string, change func(string) string, replace map[string][]Edit) error {
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		target := filepath.Join(to, name)
		if d.IsDir() {
			return os.MkdirAll(target, 0o750)
		}
		raw, err := os.ReadFile(path) //nolint:gosec // a folder that the caller named
		if err != nil {
			return err
		}
		text, err := edited(name, change(string(raw)), replace[name])
		if err != nil {
			return err
		}
		return os.WriteFile(target, []byte(text), 0o600)
	})
}

// Edit replaces a text in a policy file.
type Edit struct{ Old, New string }

// hurry applies the demo's values.
func hurry(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = faster.ReplaceAllString(line, "${1}${3}")
	}
	return waits.ReplaceAllString(strings.Join(lines, "\n"), "${1}none")
}

// edited applies edits and refuses one that finds nothing.
func edited(name, text string, edits []Edit) (string, error) {
	for _, e := range edits {
		if !strings.Contains(text, e.Old) {
			return "", fmt.Errorf("%s has no text %q to replace", name, e.Old)
		}
		text = strings.Replace(text, e.Old, e.New, 1)
	}
	return text, nil
}

// EditPolicy changes the policy that the playground runs on, as an operator would edit the file. Workers take it up
// within seconds.
func (p *Playground) EditPolicy(file string, edits ...Edit) error {
	path := filepath.Join(p.policyDir, file)
	raw, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	text, err := edited(file, string(raw), edits)
	if err != nil {
		return err
	}
	return os.WriteFile(path, []byte(text), 0o600) //nolint:gosec // our own copy
}

// findPolicies looks for Acme's policies from the working folder upwards, so that tests in any room find them.
func findPolicies() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		candidate := filepath.Join(dir, "examples", "acme", "policies")
		if _, err := os.Stat(filepath.Join(candidate, "intake.yaml")); err == nil {
			return candidate, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errors.New("no examples/acme/policies here or above: run it in a checkout of Latchkey, or name a policy folder")
		}
		dir = parent
	}
}
