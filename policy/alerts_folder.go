package policy

import (
	"os"
	"path/filepath"
	"strings"
)

// dirAlerts is the folder of alert rules in a policy folder. A policy without one has no alert rules.
const dirAlerts = "alerts"

// Alerts are the alert rules of the policy's folder alerts/; nil when it has none: then nobody reads the log.
func (p *Policy) Alerts() *Alerts { return p.alerts }

// alertFiles are the files of the folder of alert rules, by their names in it.
func (f files) alertFiles() files {
	found := files{}
	for name, text := range f {
		if short, is := strings.CutPrefix(name, dirAlerts+"/"); is {
			found[short] = text
		}
	}
	return found
}

// readAlerts reads the folder of alert rules as LoadAlerts does, as part of a policy.
func (p *Policy) readAlerts(f files, found *problems) error {
	rules := f.alertFiles()
	if len(rules) == 0 {
		return nil
	}
	c, err := newEventCompiler()
	if err != nil {
		return err
	}
	own := &problems{}
	a, err := buildAlerts(rules, c, own)
	for _, one := range own.list {
		one.File = dirAlerts + "/" + one.File
		found.list = append(found.list, one)
	}
	if len(own.list) > 0 {
		return nil
	}
	p.alerts = a
	return err
}

// runAlertTests adds the tests of the policy's alert rules to a report.
func (r *Report) runAlertTests(dir string, p *Policy) error {
	if p.alerts == nil {
		return nil
	}
	folder := filepath.Join(dir, dirAlerts)
	if _, err := os.Stat(filepath.Join(folder, dirTests)); err != nil {
		return nil //nolint:nilerr // rules without tests: `starter alerts test` says so
	}
	alerts, err := RunAlertTests(folder)
	for _, c := range alerts.Cases {
		c.File = dirAlerts + "/" + c.File
		r.Cases = append(r.Cases, c)
	}
	return err
}
