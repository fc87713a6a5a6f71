package policy

import (
	"os"
	"path/filepath"
)

// runAlertTests adds the tests of the policy's alert rules to a report. A folder of rules without tests adds none:
// `starter alerts test` is what says so.
func (r *Report) runAlertTests(dir string, p *Policy) error {
	if p.alerts == nil {
		return nil
	}
	folder := filepath.Join(dir, dirAlerts)
	if _, err := os.Stat(filepath.Join(folder, dirTests)); os.IsNotExist(err) {
		return nil
	}
	alerts, err := RunAlertTests(folder)
	for _, c := range alerts.Cases {
		c.File = dirAlerts + "/" + c.File
		r.Cases = append(r.Cases, c)
	}
	return err
}
