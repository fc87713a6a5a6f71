package policy

import "latchkey/casework"

// sync runs cases of what differs between both sides of one person. What a write would do to access is not part of it:
// that takes Okta's group rules.
func (t *testFile) sync(v value) {
	for _, one := range v.items("sync") {
		var name string
		var okta map[string]any
		desk := map[string]string{}
		var drifts []string
		var list checks
		one.object("a sync case", keys{
			"name": func(v value) { name = v.text() },
			"okta": func(v value) { okta = v.dict() },
			"desk": func(v value) {
				for _, e := range v.entries("desk") {
					desk[e.key] = syncText(e.value.free(e.key))
				}
			},
			"expect": func(v value) {
				v.object("expect", keys{"drifts": list.words("drifts", func() []string { return drifts })})
			},
		}, "name", "expect")
		for _, d := range casework.PlanSync(t.policy.SyncReadings(okta, desk)) {
			drifts = append(drifts, driftWords(d))
		}
		t.run(one, "sync", name, list.list)
	}
}

// driftWords is a drift as a test writes it: "title: write Engineer", or "title: blank" where nothing is written.
func driftWords(d casework.Drift) string {
	words := d.Attribute.Name + ": " + string(d.Kind)
	if d.Kind == casework.DriftWrite || d.Kind == casework.DriftRoleChange {
		words += " " + orNone(d.Wanted)
	}
	return words
}
