package policy

import (
	"math"
	"slices"
	"time"

	"latchkey/approval"
)

// approvals is approvals.yaml.
type approvals struct {
	ban      []string
	routes   []*route
	absences []Absence
}

// route is one entry of approvals.yaml: when it applies, and its chain. Approvers that are expressions are worked out
// when the route is taken.
type route struct {
	name        string
	when        *expr
	mode        approval.Mode
	reason      string
	stage       *expr
	levels      []level
	allowRepeat bool
	ban         []string
	include     string // the route whose levels come before these
	includeAt   value
}

type level struct {
	RouteLevel // its Calendar is not frozen yet
	groups     []group
	escalateTo []approver
	reassignTo []approver
}

type group struct {
	RouteGroup
	who []approver
}

type approver struct {
	Approvers
	expression *expr
	fallback   []approver
}

const defaultReminders = 3

func loadApprovals(v value, c *compiler) approvals {
	var a approvals
	var times calendars
	var routes []value // read when the calendars are known, wherever they stand
	v.object("approvals.yaml", keys{
		"ban":       func(v value) { a.ban = v.addresses("ban") },
		"absences":  func(v value) { a.absences = loadAbsences(v) },
		"calendars": func(v value) { times = loadCalendars(v) },
		"routes":    func(v value) { routes = v.items("routes") },
	}, "routes")
	for _, one := range routes {
		r := loadRoute(one, c, times)
		if r.name != "" && slices.ContainsFunc(a.routes, func(b *route) bool { return b.name == r.name }) {
			one.problem("a second route is called %q; give each route a name of its own", r.name)
		}
		a.routes = append(a.routes, r)
	}
	includeRoutes(a.routes)
	return a
}

func loadRoute(v value, c *compiler, times calendars) *route {
	r := &route{mode: approval.ModeLevels}
	staged := false
	var calendar *approval.Calendar
	var levels []value // read when the calendar of the route is known
	v.object("a route", keys{
		"name":         func(v value) { r.name = v.text() },
		"when":         func(v value) { r.when = c.compile(v, scopeRoute, wantBool) },
		"reason":       func(v value) { r.reason = v.text() },
		"stage":        func(v value) { r.stage, staged = c.compile(v, scopeRoute, wantBool), true },
		"allow_repeat": func(v value) { r.allowRepeat = v.flag() },
		"ban":          func(v value) { r.ban = v.addresses("ban") },
		"mode": func(v value) {
			r.mode = approval.Mode(v.oneOf(string(approval.ModeLevels), string(approval.ModeDesk), string(approval.ModeStage), string(approval.ModeNone)))
		},
		"calendar": func(v value) { calendar = times.pick(v) },
		"include":  func(v value) { r.include, r.includeAt = v.text(), v },
		"levels":   func(v value) { levels = v.items("levels") },
	}, "name")
	if !v.mapping() {
		return r
	}
	for _, one := range levels {
		l := loadLevel(one, c, times, calendar)
		if slices.ContainsFunc(r.levels, func(b level) bool { return b.Name == l.Name }) {
			one.problem("a second level is called %q; give each level a name of its own", l.Name)
		}
		r.levels = append(r.levels, l)
	}
	switch r.mode {
	case approval.ModeLevels:
		if len(r.levels) == 0 && r.include == "" {
			v.problem("a route of mode levels needs levels; a route that asks nobody says mode: none and a reason")
		}
	case approval.ModeStage:
		if !staged {
			v.problem("a route of mode stage needs stage: an expression that holds once the ticket has reached the stage")
		}
	case approval.ModeNone:
		if r.reason == "" {
			v.problem("a route of mode none needs a reason: why nobody has to approve")
		}
	case approval.ModeDesk:
	}
	if r.mode != approval.ModeLevels && len(r.levels) > 0 {
		v.problem("levels belongs to mode: levels, and this route has mode: %s", r.mode)
	}
	if r.mode != approval.ModeLevels && r.include != "" {
		v.problem("include belongs to mode: levels, and this route has mode: %s", r.mode)
		r.include = ""
	}
	if r.mode != approval.ModeStage && staged {
		v.problem("stage belongs to mode: stage, and this route has mode: %s", r.mode)
	}
	return r
}

func loadLevel(v value, c *compiler, times calendars, calendar *approval.Calendar) level {
	l := level{RouteLevel: RouteLevel{RemindMax: defaultReminders, Calendar: calendar}}
	given := map[string]value{} // the durations, read when the calendar is known
	spans := map[string]*time.Duration{
		"remind_after": &l.RemindAfter, "escalate_after": &l.EscalateAfter, "expire_after": &l.ExpireAfter,
	}
	known := keys{
		"name":        func(v value) { l.Name = v.text() },
		"calendar":    func(v value) { l.Calendar = times.pick(v) },
		"remind_max":  func(v value) { l.RemindMax = v.whole(0, 100) },
		"escalate_to": func(v value) { l.escalateTo = loadWho(v, c, 0) },
		"reassign_to": func(v value) { l.reassignTo = loadWho(v, c, 0) },
		"groups": func(v value) {
			for _, one := range v.items("groups") {
				g := loadGroup(one, c)
				if slices.ContainsFunc(l.groups, func(b group) bool { return b.Name == g.Name }) {
					one.problem("a second group is called %q; give each group of a level a name of its own", g.Name)
				}
				l.groups = append(l.groups, g)
			}
			if v.sequence() && len(l.groups) == 0 {
				v.problem("a level needs at least one group of approvers")
			}
		},
	}
	for key := range spans {
		known[key] = func(v value) { given[key] = v }
	}
	v.object("a level", known, "name", "groups")
	for key, v := range given {
		*spans[key] = v.workSpan(l.Calendar)
	}
	if (l.EscalateAfter > 0) != (len(l.escalateTo) > 0) {
		v.problem("escalate_after and escalate_to belong together: when, and to whom")
	}
	if l.ExpireAfter > 0 && l.EscalateAfter >= l.ExpireAfter {
		v.problem("escalate_after (%s) has to come before expire_after (%s)", l.EscalateAfter, l.ExpireAfter)
	}
	return l
}

func loadGroup(v value, c *compiler) group {
	g := group{RouteGroup: RouteGroup{Rule: approval.RuleEveryone}}
	v.object("a group of approvers", keys{
		"name": func(v value) { g.Name = v.text() },
		"rule": func(v value) {
			g.Rule = approval.Rule(v.oneOf(string(approval.RuleEveryone), string(approval.RuleAnyone), string(approval.RuleMajority),
				string(approval.RuleFirst), string(approval.RuleQuorum)))
		},
		"need": func(v value) { g.Need = v.whole(1, math.MaxInt) },
		"deny": func(v value) { g.Deny = v.whole(1, math.MaxInt) },
		"who":  func(v value) { g.who = loadWho(v, c, 0) },
	}, "name", "who")
	if g.Rule == approval.RuleQuorum && g.Need == 0 {
		v.problem("rule: quorum needs need: how many approvals approve")
	}
	if g.Rule != approval.RuleQuorum && (g.Need > 0 || g.Deny > 0) {
		v.problem("need and deny belong to rule: quorum, and this group has rule: %s", g.Rule)
	}
	return g
}

// loadWho reads a list of approvers: a word (`manager`), or one key with its value (`person: ada@acme.example`).
func loadWho(v value, c *compiler, depth int) (list []approver) {
	v.named("approvers", func(v value) { list = loadApprovers(v, c, depth) })
	return list
}

func loadApprovers(v value, c *compiler, depth int) []approver {
	const deepest = 3
	if depth > deepest {
		v.problem("a fallback may have a fallback %d times, not more", deepest)
		return nil
	}
	var list []approver
	entries := v.items("a list of approvers")
	if v.sequence() && len(entries) == 0 {
		v.problem("a list of approvers names nobody")
	}
	for _, one := range entries {
		if one.mapping() {
			list = append(list, loadApprover(one, c, depth))
			continue
		}
		kinds := []string{
			string(ApproverManager), string(ApproverSecondManager), string(ApproverOwner), string(ApproverDepartmentHead),
		}
		if k := one.oneOf(kinds...); k != "" {
			list = append(list, approver{Approvers: Approvers{Kind: ApproverKind(k)}})
		}
	}
	return list
}

func loadApprover(v value, c *compiler, depth int) approver {
	var a approver
	named := 0
	// read takes the value as it is, or a mapping with it under `key` and with a fallback.
	read := func(kind ApproverKind, key string, take func(value)) func(value) {
		return func(v value) {
			named++
			a.Kind = kind
			if !v.mapping() {
				if key == "" {
					v.problem("%s takes {fallback: [...]}, or stands alone as a word", kind)
					return
				}
				take(v)
				return
			}
			known := keys{"fallback": func(v value) { a.fallback = loadWho(v, c, depth+1) }}
			if key != "" {
				known[key] = take
				if kind != ApproverDepartmentHead {
					v.object(string(kind), known, key)
					return
				}
			}
			v.object(string(kind), known)
		}
	}
	v.object("an approver", keys{
		string(ApproverManager):        read(ApproverManager, "", nil),
		string(ApproverSecondManager):  read(ApproverSecondManager, "", nil),
		string(ApproverOwner):          read(ApproverOwner, "", nil),
		string(ApproverDepartmentHead): read(ApproverDepartmentHead, "department", func(v value) { a.Value = v.text() }),
		string(ApproverAgentGroup):     read(ApproverAgentGroup, "name", func(v value) { a.Value = v.text() }),
		string(ApproverPerson):         read(ApproverPerson, "email", func(v value) { a.Value = v.address() }),
		string(ApproverField): read(ApproverField, "name", func(v value) {
			a.Value = v.text()
			c.fields = append(c.fields, fieldUse{name: a.Value, at: v})
		}),
		"expression": read(ApproverPerson, "value", func(v value) {
			a.expression = c.compile(v, scopeRoute, wantValue)
		}),
	})
	if named > 1 {
		v.problem("one entry names one kind of approver; begin a new entry (-) for the next")
	}
	return a
}
