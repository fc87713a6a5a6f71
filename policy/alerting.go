package policy

import "latchkey/casework"

// alerting is alerts.yaml.
type alerting struct {
	mode casework.Mode
}

// setAlertMode makes the mode of alerts.yaml the mode of the use case: operators ask for it as for any other.
func (p *Policy) setAlertMode() {
	if p.intake.modes == nil { // intake.yaml was not read
		p.intake.modes = map[casework.UseCase]casework.Mode{}
	}
	p.intake.modes[casework.SecurityAlert] = p.alerting.mode
}
