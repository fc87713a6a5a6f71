package policy

import (
	"slices"
	"strings"
	"time"
)

// OnboardingPolicy is onboarding.yaml without its tasks, defaults filled in.
type OnboardingPolicy struct {
	ActivateTime    string        // "08:00": the hour of the first day when the ticket names only a day
	DefaultZone     string        // IANA, when the person's zone is not known
	CreateAhead     time.Duration // before the start, when the staged account is made; zero is right after the approval
	MatchOn         []Match       // what tells that somebody is known already
	Rehire          Rehire
	ManagerFallback string // e-mail address, where the form's manager cannot be found; empty asks on the ticket
	Answers         AnswersPolicy
}

// AnswersPolicy says whose private note on the ticket answers whether a joiner is somebody whom Okta knows. The zero value
// lets nobody.
type AnswersPolicy struct {
	People    []string // e-mail addresses of agents
	Groups    []string // agent groups
	Requester bool     // whoever filed the ticket may, if they are one of these
}

// Words names them for people; empty is nobody.
func (a AnswersPolicy) Words() string {
	who := make([]string, 0, len(a.Groups)+len(a.People))
	for _, g := range a.Groups {
		who = append(who, "the group "+g)
	}
	who = append(who, a.People...)
	if len(who) == 0 {
		return ""
	}
	words := "somebody of " + strings.Join(who, ", ")
	if !a.Requester {
		words += " (other than whoever filed this ticket)"
	}
	return words
}

// Match is an attribute by which a joiner is recognised as somebody Okta knows.
type Match string

// The attributes to match on.
const (
	MatchLogin          Match = "login"
	MatchEmail          Match = "email"
	MatchEmployeeNumber Match = "employee_number"
	MatchSecondEmail    Match = "second_email"
)

// Matches lists them in the order in which they are looked at.
func Matches() []Match {
	return []Match{MatchLogin, MatchEmail, MatchEmployeeNumber, MatchSecondEmail}
}

// Rehire is what becomes of a joiner whose former account is found.
type Rehire string

// What a rehire may do.
const (
	RehireReactivate Rehire = "reactivate" // the former account is brought back and reconciled
	RehireAsk        Rehire = "ask"        // a person decides on the ticket
)

// TaskPolicy is a child task of an onboarding: what is not Okta.
type TaskPolicy struct {
	Name        string
	Title       string
	Description string
	Group       string // agent group
	Gates       Gate
	Due         time.Duration // before the start; zero is at the start
}

// Gate is what waits for a task.
type Gate string

// What may wait for a task.
const (
	GateActivation Gate = "activation" // the account is not activated before the task is done
	GateResolve    Gate = "resolve"    // the ticket is not resolved before
	GateNothing    Gate = "nothing"    // nothing waits
)

// MoverPolicy is mover.yaml, defaults filled in.
type MoverPolicy struct {
	Overlap     time.Duration // how long old access stays beside the new one; zero is not at all
	DefaultTime string        // "08:00": the hour when the ticket names only a day
	DefaultZone string        // IANA, when the person's zone is not known
}

type onboarding struct {
	OnboardingPolicy
	tasks []*task
}

type task struct {
	TaskPolicy
	when *expr
}

// Onboarding is onboarding.yaml without its tasks, defaults filled in.
func (p *Policy) Onboarding() OnboardingPolicy {
	o := p.onboarding.OnboardingPolicy
	o.MatchOn = slices.Clone(o.MatchOn)
	o.Answers.People, o.Answers.Groups = slices.Clone(o.Answers.People), slices.Clone(o.Answers.Groups)
	return o
}

// Mover is mover.yaml, defaults filled in.
func (p *Policy) Mover() MoverPolicy { return p.mover }

// Tasks lists the child tasks of an onboarding in the order of the file. One whose condition cannot be evaluated is
// opened: a task too many is closed by hand, one that is forgotten is found on the first day.
func (p *Policy) Tasks(f TaskFacts) []TaskPolicy {
	vars := map[string]any{"fields": answersOf(f.Fields), "person": personOf(f.Person)}
	var list []TaskPolicy
	for _, t := range p.onboarding.tasks {
		if holds, err := t.when.holds(vars); holds || err != nil {
			list = append(list, t.TaskPolicy)
		}
	}
	return list
}

func loadOnboarding(v value, c *compiler) onboarding {
	o := onboarding{OnboardingPolicy: OnboardingPolicy{
		ActivateTime: "08:00", DefaultZone: "UTC", MatchOn: Matches(), Rehire: RehireReactivate,
	}}
	v.object("onboarding.yaml", keys{
		"activate_time": func(v value) { o.ActivateTime = v.clock() },
		"default_zone":  func(v value) { o.DefaultZone = v.zone() },
		"create_ahead":  func(v value) { o.CreateAhead = v.span() },
		"match_on":      func(v value) { o.MatchOn = loadMatches(v) },
		"rehire": func(v value) {
			o.Rehire = Rehire(v.oneOf(string(RehireReactivate), string(RehireAsk)))
		},
		"manager_fallback": func(v value) { o.ManagerFallback = v.address() },
		"answers":          func(v value) { o.Answers = loadAnswers(v) },
		"tasks": func(v value) {
			for _, one := range v.items("tasks") {
				t := loadTask(one, c)
				if t.Name != "" && slices.ContainsFunc(o.tasks, func(b *task) bool { return b.Name == t.Name }) {
					one.problem("a second task is called %q; give each task a name of its own", t.Name)
				}
				o.tasks = append(o.tasks, t)
			}
		},
	})
	return o
}

func loadAnswers(v value) AnswersPolicy {
	var a AnswersPolicy
	v.object("answers", keys{
		"people":    func(v value) { a.People = v.addresses("people") },
		"groups":    func(v value) { a.Groups = v.texts("groups") },
		"requester": func(v value) { a.Requester = v.flag() },
	})
	if v.mapping() && len(a.People) == 0 && len(a.Groups) == 0 {
		v.problem("answers names nobody; name people or groups, or leave it out")
	}
	return a
}

func loadMatches(v value) []Match {
	words := make([]string, 0, len(Matches()))
	for _, m := range Matches() {
		words = append(words, string(m))
	}
	named := map[Match]bool{}
	all := v.items("match_on")
	for _, one := range all {
		named[Match(one.oneOf(words...))] = true
	}
	if v.sequence() && len(all) == 0 {
		v.problem("match_on names nothing, so nobody would be recognised; allowed: %v", words)
	}
	return slices.DeleteFunc(Matches(), func(m Match) bool { return !named[m] })
}

func loadTask(v value, c *compiler) *task {
	t := &task{TaskPolicy: TaskPolicy{Gates: GateNothing}}
	v.object("a task", keys{
		"name":        func(v value) { t.Name = v.text() },
		"title":       func(v value) { t.Title = v.text() },
		"description": func(v value) { t.Description = v.text() },
		"group":       func(v value) { t.Group = v.text() },
		"when":        func(v value) { t.when = c.compile(v, scopeTask, wantBool) },
		"gates": func(v value) {
			t.Gates = Gate(v.oneOf(string(GateActivation), string(GateResolve), string(GateNothing)))
		},
		"due": func(v value) { t.Due = v.span() },
	}, "name", "title", "group")
	return t
}

func loadMover(v value) MoverPolicy {
	m := MoverPolicy{DefaultTime: "08:00", DefaultZone: "UTC"}
	v.object("mover.yaml", keys{
		"overlap":      func(v value) { m.Overlap = v.span() },
		"default_time": func(v value) { m.DefaultTime = v.clock() },
		"default_zone": func(v value) { m.DefaultZone = v.zone() },
	})
	return m
}
