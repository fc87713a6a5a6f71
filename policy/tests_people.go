package policy

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"latchkey/casework"
	"latchkey/identity"
)

// birthright runs cases of what a person's attributes give, and of what becomes of a grant beside it.
func (t *testFile) birthright(v value) {
	for _, one := range v.items("birthright") {
		var name string
		var person PersonFacts
		var grant identity.Grant
		var granted, expectsBeyond bool
		var rights []casework.Right
		var failed error
		var then casework.Disposition
		var why string
		var list checks
		one.object("a birthright case", keys{
			"name":   func(v value) { name = v.text() },
			"person": func(v value) { person = v.personFacts("person") },
			"grant":  func(v value) { grant, granted = v.grantFacts(), true },
			"expect": func(v value) {
				v.object("expect", keys{
					"gives":   list.words("gives", func() []string { return rightWords(rights) }),
					"reasons": func(v value) { expectReasons(v, &list, &rights) },
					"error":   list.flag("error", func() bool { return failed != nil }),
					"beyond": func(v value) {
						expectsBeyond = true
						list.word("beyond", func() string { return string(then) })(v)
					},
					"why": list.part("why", func() string { return why }),
				})
			},
		}, "name", "person", "expect")
		if one.mapping() && expectsBeyond && !granted {
			one.problem("the case %q expects what becomes of a grant, and names none", name)
		}
		rights, failed = t.policy.Birthright(person)
		then, why = t.policy.Beyond(person, grant)
		t.run(one, "birthright", name, list.list)
	}
}

// rightWords writes rights as a test does: "group Sales Department (sales)".
func rightWords(rights []casework.Right) []string {
	var list []string
	for _, r := range rights {
		list = append(list, fmt.Sprintf("%s (%s)", r.Entitlement.Label(), r.Rule))
	}
	return list
}

// expectReasons expects a part of the reason of single rights, by the name of the entitlement.
func expectReasons(v value, list *checks, rights *[]casework.Right) {
	for _, e := range v.entries("reasons") {
		list.part("reason of "+e.key, func() string {
			for _, r := range *rights {
				if strings.EqualFold(r.Entitlement.Name, e.key) {
					return r.Reason
				}
			}
			return "not given"
		})(e.value)
	}
}

// duties runs cases of separation of duties.
func (t *testFile) duties(v value) {
	for _, one := range v.items("duties") {
		var name string
		var held []identity.Entitlement
		var found []casework.DutyConflict
		var list checks
		one.object("a case of duties", keys{
			"name": func(v value) { name = v.text() },
			"held": func(v value) {
				for _, h := range v.items("held") {
					held = append(held, h.grantFacts().Entitlement)
				}
			},
			"expect": func(v value) {
				v.object("expect", keys{
					"conflicts": list.words("conflicts", func() []string {
						var words []string
						for _, c := range found {
							words = append(words, c.Name+": "+string(c.Effect))
						}
						return words
					}),
				})
			},
		}, "name", "held", "expect")
		found = t.policy.DutyConflicts(held)
		t.run(one, "duties", name, list.list)
	}
}

// profile runs cases of the attribute mapping, the logins and the tasks of a joiner or a mover. A case gives the fields
// that intake extracted, or a ticket that intake reads first.
func (t *testFile) profile(v value) {
	for _, one := range v.items("profile") {
		var name string
		var f ProfileFacts
		var ticket *TicketFacts
		var values map[string]any
		var missing []casework.Missing
		var logins, tasks []string
		var rights []casework.Right
		var list checks
		one.object("a profile case", keys{
			"name":     func(v value) { name = v.text() },
			"use_case": func(v value) { f.UseCase = v.useCase() },
			"ticket": func(v value) {
				facts := v.ticketFacts()
				ticket = &facts
			},
			"fields":  func(v value) { f.Fields = v.dict() },
			"subject": func(v value) { f.Subject = v.personFacts("subject") },
			"manager": func(v value) { f.Manager = v.personFacts("manager") },
			"expect": func(v value) {
				v.object("expect", keys{
					"values": func(v value) { expectValues(v, &list, &values) },
					"only": list.words("only", func() []string {
						return slices.Sorted(maps.Keys(values))
					}),
					"missing": list.words("missing", func() []string { return missingWords(missing) }),
					"logins":  func(v value) { expectFirst(v, &list, "logins", &logins) },
					"tasks":   list.words("tasks", func() []string { return tasks }),
					"gives":   list.words("gives", func() []string { return rightWords(rights) }),
				})
			},
		}, "name", "expect")
		if ticket != nil {
			c, err := t.policy.Classify(IntakeFacts{Ticket: *ticket, Now: testNow()})
			if err == nil && c.UseCase != casework.Onboarding && c.UseCase != casework.RoleChange {
				one.problem("the ticket of the case %q is no joiner's and no mover's: intake reads it as %s", name, useCaseOrNone(c.UseCase))
			}
			f.UseCase, f.Fields, missing = c.UseCase, c.Fields, c.Missing
		}
		var more []casework.Missing
		values, more = t.policy.Profile(f)
		missing = append(missing, more...)
		logins = t.policy.Logins(values)
		person := PersonFacts{Person: Become(f.Subject.Person, values)}
		for _, task := range t.policy.Tasks(TaskFacts{Fields: f.Fields, Person: person}) {
			tasks = append(tasks, task.Name)
		}
		rights, _ = t.policy.Birthright(person) // a rule that fails is missing from the list
		t.run(one, "profile", name, list.list)
	}
}

func missingWords(missing []casework.Missing) []string {
	var names []string
	for _, m := range missing {
		if !slices.Contains(names, m.Field) {
			names = append(names, m.Field)
		}
	}
	return names
}

func expectValues(v value, list *checks, values *map[string]any) {
	for _, e := range v.entries("values") {
		want := e.value.free(e.key)
		list.add(e.at, "value of "+e.key, fmt.Sprint(want), func() string {
			got, there := (*values)[e.key]
			if !there {
				return fmt.Sprintf("nothing (there are %v)", slices.Sorted(maps.Keys(*values)))
			}
			return fmt.Sprint(got)
		})
	}
}

// expectFirst expects a list to begin with these words.
func expectFirst(v value, list *checks, what string, got *[]string) {
	want := v.texts(what)
	list.add(v, what, fmt.Sprint(want), func() string {
		if len(want) == 0 {
			return fmt.Sprint(*got)
		}
		return fmt.Sprint((*got)[:min(len(want), len(*got))])
	})
}
