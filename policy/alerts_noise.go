package policy

import (
	"math"
	"strings"
	"time"

	"latchkey/detection"
)

// readInhibit reads which alert mutes which.
func (l *alertLoader) readInhibit(v value) {
	for _, one := range v.items("inhibit") {
		var in detection.Inhibition
		var mutes []string
		one.object("an inhibition", keys{
			"source": func(v value) { in.Source = v.text() },
			"mutes":  func(v value) { mutes = v.texts("mutes") },
			"equal":  func(v value) { in.Equal = fieldNamesOf(v) },
		}, "source", "mutes")
		for _, target := range mutes {
			in.Target = target
			l.places["inhibit "+in.Source+" "+in.Target] = one
			l.set.Inhibit = append(l.set.Inhibit, in)
		}
	}
}

// readMuteTimes reads the times of the week in which less urgent alerts wait.
func (l *alertLoader) readMuteTimes(v value) {
	days := map[string]time.Weekday{}
	var words []string
	for d := time.Sunday; d <= time.Saturday; d++ {
		word := strings.ToLower(d.String()[:3])
		days[word] = d
		words = append(words, word)
	}
	for _, e := range v.entries("mute_times") {
		m := detection.MuteTime{Name: e.key, To: 24 * 60}
		e.value.object("a mute time", keys{
			"zone": func(v value) {
				if zone, err := time.LoadLocation(v.zone()); err == nil {
					m.Zone = zone
				}
			},
			"days": func(v value) {
				for _, day := range v.items("days") {
					m.Days = append(m.Days, days[day.oneOf(words...)])
				}
			},
			"from": func(v value) { m.From = minutesOf(v) },
			"to":   func(v value) { m.To = minutesOf(v) },
		}, "zone")
		if m.From == m.To {
			e.at.problem("the mute time %q begins when it ends", e.key)
		}
		l.set.MuteTimes = append(l.set.MuteTimes, m)
	}
}

// minutesOf reads a time of day as minutes after midnight.
func minutesOf(v value) int {
	at, err := time.Parse("15:04", v.clock())
	if err != nil {
		return 0 // told by clock
	}
	return at.Hour()*60 + at.Minute()
}

// readLimits reads the flood caps and the bounds of what is remembered.
func (l *alertLoader) readLimits(v value) {
	limits := &l.set.Limits
	number := func(into *int) func(value) {
		return func(v value) { *into = l.named(v).whole(1, math.MaxInt32) }
	}
	v.object("limits", keys{
		"incidents_per_rule_and_hour": number(&limits.PerRule),
		"incidents_per_hour":          number(&limits.Over),
		"lateness":                    l.span(&limits.Lateness),
		"stale":                       l.span(&limits.Stale),
		"keys_per_rule":               number(&limits.Keys),
		"open_incidents":              number(&limits.Incidents),
		"remembered_events":           number(&limits.Remembered),
	})
}
