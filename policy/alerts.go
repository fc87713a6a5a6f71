package policy

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"time"

	"latchkey/detection"
)

// Alerts are the rules of a folder of alert rules, checked against Okta's catalogue of event types.
type Alerts struct {
	digest string
	engine *detection.Engine
	set    detection.Set
	rules  map[string]AlertRule
}

// AlertRule is what policy says of a rule beside what it looks for.
type AlertRule struct {
	ID         string
	Name       string
	Why        string
	Severity   detection.Severity
	Wait       time.Duration // how long a new incident waits for more before it is opened at the desk; 0 leaves it to alerts.yaml
	Quiet      time.Duration // how long it stays open after its last event
	FirstSteps []string      // for the responder
	Types      []string      // event types that it looks at
	PollOnly   []string      // those of them that event hooks cannot deliver
}

// Digest is the SHA-256 over the files, as lower-case hex. Tests are not part of it.
func (a *Alerts) Digest() string { return a.digest }

// Engine is the engine of the rules.
func (a *Alerts) Engine() *detection.Engine { return a.engine }

// Set is what the engine was made of.
func (a *Alerts) Set() detection.Set { return a.set }

// Rule finds a rule.
func (a *Alerts) Rule(id string) (AlertRule, bool) {
	r, ok := a.rules[id]
	return r, ok
}

// Rules lists the rules by their IDs.
func (a *Alerts) Rules() []AlertRule {
	list := make([]AlertRule, 0, len(a.rules))
	for _, id := range slices.Sorted(maps.Keys(a.rules)) {
		list = append(list, a.rules[id])
	}
	return list
}

// Hookable lists the event types that rules look at and that event hooks can deliver.
func (a *Alerts) Hookable() []string {
	return slices.DeleteFunc(a.engine.Types(), func(t string) bool {
		_, hookable := EventType(t)
		return !hookable
	})
}

// Alerts are the rules of the folder alerts/ of the policy; nil where there is none.
func (p *Policy) Alerts() *Alerts { return p.alerts }

// LoadAlerts reads a folder of alert rules: every *.yaml file in it. Whatever is wrong in any of them comes back in one
// error, ordered by file and line, each part a *LoadError (Problems).
func LoadAlerts(dir string) (*Alerts, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open the folder of alert rules: %w", err)
	}
	defer root.Close()
	return loadAlerts(root)
}

func loadAlerts(root *os.Root) (*Alerts, error) {
	names, err := fs.Glob(root.FS(), "*.yaml")
	if err != nil {
		return nil, fmt.Errorf("list alert rules: %w", err)
	}
	f := files{}
	for _, name := range names {
		if f[name], err = root.ReadFile(name); err != nil {
			return nil, fmt.Errorf("read alert rules: %w", err)
		}
	}
	if len(names) == 0 {
		found := &problems{}
		found.add(".", 0, 0, "the folder holds no *.yaml file with alert rules")
		return nil, found.err()
	}
	return readAlerts(f)
}

// readAlerts makes rules of the files of a folder.
func readAlerts(f files) (*Alerts, error) {
	found := &problems{}
	c, err := newEventCompiler()
	if err != nil {
		return nil, err
	}
	l := &alertLoader{compiler: c, thresholds: map[string]*threshold{}, rules: map[string]AlertRule{}, places: map[string]value{}}
	l.load(f, found)
	if err := found.err(); err != nil {
		return nil, err
	}
	engine, err := detection.New(l.set)
	if err != nil {
		return nil, err
	}
	return &Alerts{digest: f.digest(), engine: engine, set: l.set, rules: l.rules}, nil
}
