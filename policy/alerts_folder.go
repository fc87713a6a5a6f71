package policy

import (
	"os"
	"path/filepath"
)

// alertCases runs the tests of the policy's alert rules. A folder of rules without tests gives none: `starter alerts
// test` is what says so.
func (p *Policy) alertCases(dir string) ([]CaseReport, error) {
	if p.alerts == nil {
		return nil, nil
	}
	folder := filepath.Join(dir, dirAlerts)
	if _, err := os.Stat(filepath.Join(folder, dirTests)); os.IsNotExist(err) {
		return nil, nil
	}
	report, err := RunAlertTests(folder)
	for i := range report.Cases {
		report.Cases[i].File = dirAlerts + "/" + report.Cases[i].File
	}
	return report.Cases, err
}
