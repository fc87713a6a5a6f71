package policy

// absences runs cases of who stands in for whom.
func (t *testFile) absences(v value) {
	for _, one := range v.items("absences") {
		now := testNow()
		var name, who, instead, why string
		var list checks
		one.object("an absence case", keys{
			"name": func(v value) { name = v.text() },
			"who":  func(v value) { who = v.address() },
			"now":  func(v value) { now = v.instant() },
			"expect": func(v value) {
				v.object("expect", keys{
					"instead": list.word("instead", func() string { return instead }),
					"why":     list.word("why", func() string { return why }),
				})
			},
		}, "name", "who", "expect")
		found, absence, _ := t.policy.StandIn(who, now)
		instead, why = found, absence.Why
		t.run(one, "absence", name, list.list)
	}
}
