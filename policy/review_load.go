package policy

import (
	"maps"
	"math"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"latchkey/casework"
	"latchkey/identity"
	"latchkey/review"
)

func reviewDefaults() reviewPolicy {
	return reviewPolicy{ReviewPolicy: ReviewPolicy{
		Mode: casework.ModeObserve, Every: ReviewQuarterly, Hour: "08:00", Kinds: []identity.Kind{identity.KindGroup, identity.KindApp},
		ExcludedGroups: []string{"everyone"}, DormantDays: 90, Pushes: true,
		Employees: ReviewEmployees{Source: ReviewFromDesk, Match: []SyncMatch{SyncByEmail}, Comma: ','},
		Settings: review.Settings{
			Title: "Access review {campaign}", Zone: "UTC", DueDays: 21, DueHour: "17:00", TicketPer: review.TicketPerReviewer,
			RemindDays: []int{7, 3, 1}, EscalateDays: 3, NoResponse: review.NoResponseEscalate, SecondRoundDays: 7,
			ReasonFor: []review.Mark{review.MarkOrphan, review.MarkConflict},
			Stamp:     review.Stamp{Items: 20, Percent: 90, Bulk: 10}, RetainDays: 400,
		},
	}}
}

func loadReview(v value, c *compiler) reviewPolicy {
	r := reviewDefaults()
	silence := false
	v.object("review.yaml", keys{
		"mode": func(v value) {
			r.Mode = casework.Mode(v.oneOf(string(casework.ModeOff), string(casework.ModeObserve), string(casework.ModeAct)))
		},
		"title":     func(v value) { r.Settings.Title = v.text() },
		"schedule":  func(v value) { r.loadSchedule(v) },
		"scope":     func(v value) { r.scope = c.compile(v, scopeGrant, wantBool) },
		"of":        func(v value) { r.loadKinds(v) },
		"exclude":   func(v value) { r.loadExclude(v) },
		"due_days":  func(v value) { r.Settings.DueDays = v.whole(1, 366) },
		"due_hour":  func(v value) { r.Settings.DueHour = v.clock() },
		"owners":    func(v value) { r.loadOwners(v) },
		"reviewers": func(v value) { r.loadReviewers(v, c) },
		"fallback":  func(v value) { r.fallback = loadReviewWho(v) },
		"ticket_per": func(v value) {
			r.Settings.TicketPer = review.TicketPer(v.oneOf(string(review.TicketPerReviewer), string(review.TicketPerUser), string(review.TicketPerGroup)))
		},
		"ask":         func(v value) { r.Ask = v.text() },
		"watch":       func(v value) { r.Watchers = v.addresses("watch") },
		"remind_days": func(v value) { r.Settings.RemindDays = loadDays(v) },
		"escalate":    func(v value) { r.loadEscalate(v) },
		"no_response": func(v value) {
			silence = true
			r.Settings.NoResponse = review.NoResponse(v.oneOf(string(review.NoResponseEscalate), string(review.NoResponseKeep), string(review.NoResponseRevoke)))
		},
		"second_round_days": func(v value) { r.Settings.SecondRoundDays = v.whole(0, 90) },
		"dormant_days":      func(v value) { r.DormantDays = v.whole(0, 3660) },
		"reason_for":        func(v value) { r.Settings.ReasonFor = loadMarks(v) },
		"rubber_stamp":      func(v value) { r.loadStamp(v) },
		"employees":         func(v value) { r.loadEmployees(v, c) },
		"pushes":            func(v value) { r.Pushes = v.flag() },
		"retain_days":       func(v value) { r.Settings.RetainDays = v.whole(30, 3660) },
	})
	r.check(v, silence)
	return r
}

// check holds what belongs together.
func (r *reviewPolicy) check(v value, silence bool) {
	s := r.Settings
	if len(r.rules) == 0 {
		r.rules = []*reviewRule{{name: "everybody's manager", who: []ReviewWho{{Kind: ApproverManager}}}}
	}
	if r.Mode == casework.ModeAct && len(r.fallback) == 0 {
		v.problem("mode: act needs fallback: who reviews when the one meant is missing, inactive or the person reviewed; name two people, so that one can review the other")
	}
	if slices.ContainsFunc(s.RemindDays, func(d int) bool { return d >= s.DueDays }) {
		v.problem("remind_days are days before the due day, and the campaign is open for %d days", s.DueDays)
	}
	if s.EscalateDays >= s.DueDays {
		v.problem("escalate lets others in %d days before the due day, and the campaign is open for %d days", s.EscalateDays, s.DueDays)
	}
	if s.NoResponse == review.NoResponseEscalate && silence && s.SecondRoundDays == 0 {
		v.problem("no_response: escalate opens a second round, and second_round_days is 0; give it days, or write keep")
	}
	if s.NoResponse == review.NoResponseEscalate && len(r.escalate) == 0 {
		r.escalate = r.fallback
	}
}

func (r *reviewPolicy) loadSchedule(v value) {
	v.object("schedule", keys{
		"every": func(v value) {
			r.Every = ReviewEvery(v.oneOf(string(ReviewMonthly), string(ReviewQuarterly), string(ReviewHalfYearly), string(ReviewYearly), string(ReviewNever)))
		},
		"hour": func(v value) { r.Hour = v.clock() },
		"zone": func(v value) { r.Settings.Zone = v.zone() },
	})
}

func (r *reviewPolicy) loadKinds(v value) {
	named := map[identity.Kind]bool{}
	list := v.items("of")
	for _, one := range list {
		switch one.oneOf("groups", "apps") {
		case "groups":
			named[identity.KindGroup] = true
		case "apps":
			named[identity.KindApp] = true
		}
	}
	if v.sequence() && len(list) == 0 {
		v.problem("of names nothing to review; allowed: groups, apps")
	}
	r.Kinds = slices.DeleteFunc([]identity.Kind{identity.KindGroup, identity.KindApp}, func(k identity.Kind) bool { return !named[k] })
}

func (r *reviewPolicy) loadExclude(v value) {
	patterns := func(what string, into *[]string) func(value) {
		return func(v value) {
			*into = nil
			for _, name := range v.texts(what) {
				*into = append(*into, strings.ToLower(name))
			}
		}
	}
	v.object("exclude", keys{"groups": patterns("groups", &r.ExcludedGroups), "apps": patterns("apps", &r.ExcludedApps)})
}

func (r *reviewPolicy) loadOwners(v value) {
	for _, one := range v.items("owners") {
		var names []reviewOwner
		email := ""
		take := func(kind identity.Kind, what string) func(value) {
			return func(v value) {
				for _, name := range v.texts(what) {
					names = append(names, reviewOwner{kind: kind, pattern: strings.ToLower(name)})
				}
			}
		}
		one.object("an owner", keys{
			"apps": take(identity.KindApp, "apps"), "groups": take(identity.KindGroup, "groups"),
			"owner": func(v value) { email = v.address() },
		}, "owner")
		if one.mapping() && len(names) == 0 {
			one.problem("an owner owns apps or groups: name them, * stands for anything")
		}
		for _, n := range names {
			n.email = email
			r.owners = append(r.owners, n)
		}
	}
}

func (r *reviewPolicy) loadReviewers(v value, c *compiler) {
	for _, one := range v.items("reviewers") {
		rule := &reviewRule{}
		one.object("a rule of reviewers", keys{
			"name": func(v value) { rule.name = v.text() },
			"when": func(v value) { rule.when = c.compile(v, scopeGrant, wantBool) },
			"who":  func(v value) { rule.who = loadReviewWho(v) },
		}, "name", "who")
		if rule.name != "" && slices.ContainsFunc(r.rules, func(o *reviewRule) bool { return o.name == rule.name }) {
			one.problem("a second rule is called %q; give each rule a name of its own", rule.name)
		}
		r.rules = append(r.rules, rule)
	}
}

// loadReviewWho reads a list of reviewers: a word (`manager`), or {person: address}.
func loadReviewWho(v value) []ReviewWho {
	var list []ReviewWho
	v.named("who_reviews", func(v value) {
		for _, one := range v.items("a list of reviewers") {
			if one.mapping() {
				w := ReviewWho{Kind: ApproverPerson}
				one.object("a reviewer", keys{"person": func(v value) { w.Email = v.address() }}, "person")
				list = append(list, w)
				continue
			}
			word := one.oneOf(string(ApproverManager), string(ApproverOwner), string(ApproverDepartmentHead))
			list = append(list, ReviewWho{Kind: ApproverKind(word)})
		}
		if v.sequence() && len(list) == 0 {
			v.problem("a list of reviewers names nobody")
		}
	})
	return list
}

func (r *reviewPolicy) loadEscalate(v value) {
	v.object("escalate", keys{
		"days": func(v value) { r.Settings.EscalateDays = v.whole(-1, 366) },
		"to":   func(v value) { r.escalate = loadReviewWho(v) },
	}, "to")
}

// loadDays reads days before the due day, and orders them so that the earliest reminder comes first.
func loadDays(v value) []int {
	named := map[int]bool{}
	for _, one := range v.items("remind_days") {
		named[one.whole(0, 366)] = true
	}
	days := slices.Sorted(maps.Keys(named))
	slices.Reverse(days)
	return days
}

func loadMarks(v value) []review.Mark {
	words := make([]string, 0, len(review.Marks()))
	for _, m := range review.Marks() {
		words = append(words, string(m))
	}
	named := map[review.Mark]bool{}
	for _, one := range v.items("reason_for") {
		named[review.Mark(one.oneOf(words...))] = true
	}
	return slices.DeleteFunc(review.Marks(), func(m review.Mark) bool { return !named[m] })
}

func (r *reviewPolicy) loadStamp(v value) {
	v.object("rubber_stamp", keys{
		"items":   func(v value) { r.Settings.Stamp.Items = v.whole(1, math.MaxInt) },
		"percent": func(v value) { r.Settings.Stamp.Percent = v.whole(1, 100) },
		"bulk":    func(v value) { r.Settings.Stamp.Bulk = v.whole(2, math.MaxInt) },
	})
}

// reviewColumns are what is read of an employees' export.
func reviewColumns() []string { return []string{"email", "employee_number", "manager", "department"} }

func (r *reviewPolicy) loadEmployees(v value, c *compiler) {
	e := &r.Employees
	v.object("employees", keys{
		"source": func(v value) { e.Source = ReviewSource(v.oneOf(string(ReviewFromDesk), string(ReviewFromCSV))) },
		"match":  func(v value) { e.Match = loadSyncMatch(v) },
		"number": func(v value) {
			e.Number = v.text()
			if e.Number != "" && !customField.MatchString(e.Number) {
				v.problem("has to be custom.NAME, a custom field of requesters and agents, found %s", v.kind())
			}
		},
		"path": func(v value) { e.Path = v.text() },
		"blob": func(v value) { e.Blob = v.text() },
		"comma": func(v value) {
			text := v.oneOf(",", ";", "|", "tab")
			if e.Comma, _ = utf8.DecodeRuneInString(text); text == "tab" {
				e.Comma = '\t'
			}
		},
		"columns": func(v value) {
			e.Columns = map[string]string{}
			known := keys{}
			for _, name := range reviewColumns() {
				known[name] = func(v value) { e.Columns[name] = v.text() }
			}
			v.object("columns", known)
		},
		"active": func(v value) { r.active = c.compile(v, scopeRow, wantBool) },
	}, "source")
	if !v.mapping() {
		return
	}
	csv := e.Source == ReviewFromCSV
	switch {
	case csv && (e.Path == "") == (e.Blob == ""):
		v.problem("source: csv needs path, a file that every worker sees, or blob, a key of the blob store: one of the two")
	case csv && r.active == nil:
		v.problem(`source: csv needs active: which rows are active employees, such as row.Status == "Active"`)
	case csv && slices.ContainsFunc(e.Match, func(m SyncMatch) bool { return e.Columns[string(m)] == "" }):
		v.problem("match names a column that columns does not map: %v", e.Match)
	case !csv && (e.Path != "" || e.Blob != "" || r.active != nil || len(e.Columns) > 0):
		v.problem("path, blob, columns and active belong to source: csv")
	}
}

// ReviewStarts is when the campaign of a period begins by itself: the first day of the period that At lies in, at
// policy's hour; zero when campaigns are started by hand.
func (p *Policy) ReviewStarts(at time.Time) time.Time {
	r := p.review
	zone, err := time.LoadLocation(r.Settings.Zone)
	hour, hourErr := time.Parse("15:04", r.Hour)
	if err != nil || hourErr != nil || r.Every == ReviewNever {
		return time.Time{}
	}
	at = at.In(zone)
	months := map[ReviewEvery]int{ReviewMonthly: 1, ReviewQuarterly: 3, ReviewHalfYearly: 6, ReviewYearly: 12}[r.Every]
	first := (int(at.Month())-1)/months*months + 1
	return time.Date(at.Year(), time.Month(first), 1, hour.Hour(), hour.Minute(), 0, 0, zone).UTC()
}
