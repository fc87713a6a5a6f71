package policy

import "latchkey/casework"

func loadAlerting(v value) alerting {
	a := alerting{mode: casework.ModeObserve}
	v.object("alerts.yaml", keys{
		"mode": func(v value) {
			a.mode = casework.Mode(v.oneOf(string(casework.ModeOff), string(casework.ModeObserve), string(casework.ModeAct)))
		},
	})
	return a
}
