package activities

import (
	"context"
	"maps"
	"slices"
	"strings"

	"latchkey/casework"
	"latchkey/clients/okta"
	"latchkey/contract"
	"latchkey/identity"
	"latchkey/policy"
)

// planJoiner works out who the joiner is to Okta, what the account should say and what its attributes give. It makes no
// call to Okta's apps endpoints, which have the scarcest budget, unless birthright names an app by itself.
func (o *Okta) planJoiner(ctx context.Context, in contract.PlanInput) (contract.PlanResult, error) {
	p := o.Policy.Current()
	j := joinerPlanner{birthrightReader: o.birthright(p), in: in, rules: p.Onboarding()}
	return j.plan(ctx)
}

type joinerPlanner struct {
	*birthrightReader
	in     contract.PlanInput
	rules  policy.OnboardingPolicy
	values map[string]any
}

func (j *joinerPlanner) plan(ctx context.Context) (contract.PlanResult, error) {
	facts := policy.ProfileFacts{UseCase: casework.Onboarding, Fields: j.in.Request.Fields}
	manager, missing, err := j.manager(ctx, facts, j.rules.ManagerFallback)
	if err != nil {
		return contract.PlanResult{}, err
	}
	facts.Manager = manager
	values, lacking := j.policy.Profile(facts)
	if missing = append(missing, lacking...); len(missing) > 0 {
		return contract.PlanResult{Missing: missing}, nil
	}
	j.values = values
	found, err := j.candidates(ctx)
	if err != nil {
		return contract.PlanResult{}, err
	}
	match := j.match(j.identifiers(), found)
	if match.Kind == casework.MatchUnsure {
		match = j.madeBefore(found, match)
	}
	if match.Kind == casework.MatchNew {
		if ok, again, err := j.chooseLogin(ctx, found); err != nil || !ok {
			return contract.PlanResult{Missing: noLogin()}, err
		} else if again != nil { // an account that only its login shows: an earlier create of ours, not yet in the index
			match = *again
		}
	}
	return j.decide(ctx, match)
}

// match says who the joiner is, with what people answered on the ticket.
func (j *joinerPlanner) match(want casework.Identifiers, found []identity.Person) casework.Match {
	return casework.AskedMatch(want, found, matchOn(j.rules.MatchOn), j.rules.Rehire == policy.RehireAsk, j.in.Request.Answers)
}

// madeBefore looks for what an earlier create of this joiner left among accounts that leave a doubt: a staged one, under a
// login that policy makes up for this very joiner. The login is then as good as one that the ticket names.
func (j *joinerPlanner) madeBefore(found []identity.Person, unsure casework.Match) casework.Match {
	logins := j.policy.Logins(j.values)
	for _, person := range found {
		if person.Status != identity.StatusStaged || !slices.ContainsFunc(logins, func(l string) bool { return strings.EqualFold(l, person.Login) }) {
			continue
		}
		want := j.identifiers()
		want.Login = person.Login
		if match := j.match(want, found); match.Kind == casework.MatchStaged {
			return match
		}
	}
	return unsure
}

// decide gives the planner everything it looks at.
func (j *joinerPlanner) decide(ctx context.Context, match casework.Match) (contract.PlanResult, error) {
	facts := casework.JoinerFacts{
		Request: j.in.Request, Match: match, Profile: j.values, PolicyDigest: j.policy.Digest(),
		Owner: j.policy.Offboarding().ResidualOwner[""], HowToAnswer: match.HowToAnswer(j.identifiers(), j.rules.Answers.Words()),
	}
	if match.Person.Login != "" {
		facts.Profile["login"] = match.Person.Login // an account that exists keeps its login
	}
	if email, _ := facts.Profile["email"].(string); email == "" {
		facts.Profile["email"] = facts.Profile["login"]
	}
	var has holdings
	if match.Person.OktaUserID != "" {
		var err error
		if has, err = j.okta.planHoldings(ctx, match.Person.OktaUserID); err != nil {
			return contract.PlanResult{}, err
		}
		facts.Access = has.access
		if p, ok := j.policy.ProtectedAccount(has.access.Person); ok {
			facts.Protected = p.Why
		}
	}
	after := policy.Become(facts.Access.Person, facts.Profile)
	rules, err := j.predict(ctx, facts.Access.Person, after)
	if err != nil {
		return contract.PlanResult{}, err
	}
	facts.RuleGives, facts.Excluded = rules.gives, rules.excluded
	if match.Kind == casework.MatchRehire {
		facts.Returns = rules.returns
	}
	if facts.Rights, err = j.rights(ctx, after); err != nil {
		return contract.PlanResult{}, err
	}
	if match.Kind == casework.MatchStaged {
		if facts.Old, err = j.rights(ctx, facts.Access.Person); err != nil {
			return contract.PlanResult{}, err
		}
	}
	will := slices.Concat(objects(facts.Rights), groupsOf(facts.RuleGives))
	facts.ProtectedGroups = j.protectedGroups(will, held(facts.Access.Groups))
	facts.Conflicts = j.policy.DutyConflicts(will)
	at, notes, err := effective(j.in, after.TimeZone, j.rules.DefaultZone)
	if err != nil {
		return contract.PlanResult{}, err
	}
	facts.ActivateAt = at
	return j.result(casework.PlanJoiner(facts), facts, notes, will)
}

// result is the planner's decision as the case takes it.
func (j *joinerPlanner) result(d casework.JoinerDecision, facts casework.JoinerFacts, notes []string, will []identity.Entitlement) (contract.PlanResult, error) {
	if d.Ask != "" {
		return contract.PlanResult{Missing: []casework.Missing{{Field: "person", Label: "The person", Why: d.Ask, Answerable: facts.HowToAnswer != ""}}}, nil
	}
	plan := d.Plan
	person := discreet(plan.Person)
	if d.End != "" {
		return contract.PlanResult{Person: person, End: d.End, Why: d.Why}, nil
	}
	plan.Person = person
	plan.Notes = slices.Concat(notes, plan.Notes, j.notes)
	plan.Holds = slices.DeleteFunc(will, func(e identity.Entitlement) bool { return facts.ProtectedGroups[e.Key()] != "" })
	if j.rules.CreateAhead > 0 && !facts.ActivateAt.IsZero() {
		plan.PrepareAt = facts.ActivateAt.Add(-j.rules.CreateAhead)
	}
	unit := contract.Unit{Key: leaverUnit, Title: "Joiner: " + person.DisplayName(), Plan: plan}
	for _, t := range j.policy.Tasks(policy.TaskFacts{Fields: j.in.Request.Fields, Person: policy.PersonFacts{Person: plan.Person}}) {
		task := contract.Task{Name: t.Name, Title: t.Title, Text: t.Description, Group: t.Group, Gate: contract.Gate(t.Gates)}
		if !facts.ActivateAt.IsZero() {
			task.Due = facts.ActivateAt.Add(-t.Due)
		}
		unit.Tasks = append(unit.Tasks, task)
	}
	return contract.PlanResult{Person: person, Units: []contract.Unit{unit}}, nil
}

// identifiers are what the ticket itself says; a login that policy makes up recognises nobody.
func (j *joinerPlanner) identifiers() casework.Identifiers {
	text := func(name string) string { s, _ := j.values[name].(string); return s }
	return casework.Identifiers{
		Login: text("login"), Email: text("email"), SecondEmail: text("secondEmail"), EmployeeNumber: text("employeeNumber"),
		FirstName: text("firstName"), LastName: text("lastName"),
	}
}

func matchOn(list []policy.Match) []string {
	on := make([]string, 0, len(list))
	for _, m := range list {
		on = append(on, string(m))
	}
	return on
}

// candidates is every account that answers to an identifier of the ticket, in one search, each read freshly.
func (j *joinerPlanner) candidates(ctx context.Context) ([]identity.Person, error) {
	want := j.identifiers()
	var terms []string
	for _, term := range []struct{ attribute, value string }{
		{"profile.employeeNumber", want.EmployeeNumber},
		{"profile.login", want.Login},
		{"profile.email", want.Email},
		{"profile.login", want.Email},
		{"profile.secondEmail", want.SecondEmail},
		{"profile.email", want.SecondEmail},
		{"profile.login", want.SecondEmail},
	} {
		if term.value != "" {
			terms = append(terms, okta.Eq(term.attribute, term.value))
		}
	}
	if len(terms) == 0 {
		return nil, nil
	}
	users, err := okta.Collect(func(after string) (okta.Page[okta.User], error) {
		return j.okta.Client.SearchUsers(ctx, okta.UserSearch{Expression: strings.Join(terms, " or "), After: after})
	})
	if err != nil {
		return nil, err
	}
	var people []identity.Person
	for _, u := range users {
		fresh, err := j.okta.Client.GetUser(ctx, u.ID) // lists trail behind writes (okta-api.md §3.6)
		if goneFromOkta(err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		people = append(people, personOf(fresh))
	}
	return people, nil
}

// chooseLogin takes the first login of policy's that nobody has. Reading by login does not trail behind writes, so an
// account that an earlier create of this joiner left is met here although no search shows it yet: that one is finished.
func (j *joinerPlanner) chooseLogin(ctx context.Context, found []identity.Person) (ok bool, again *casework.Match, err error) {
	logins := j.policy.Logins(j.values)
	if given, _ := j.values["login"].(string); given != "" {
		logins = []string{given}
	}
	for _, login := range logins {
		user, err := j.okta.Client.GetUser(ctx, login)
		if goneFromOkta(err) {
			j.values["login"] = login
			return true, nil, nil
		}
		if err != nil {
			return false, nil, err
		}
		want := j.identifiers()
		want.Login = login
		match := j.match(want, append(slices.Clone(found), personOf(user)))
		if match.Kind == casework.MatchStaged {
			return true, &match, nil
		}
		if err := beat(ctx, "a login is taken"); err != nil {
			return false, nil, err
		}
	}
	return false, nil, nil
}

// noLogin asks for a login: none of policy's templates gives one that is free.
func noLogin() []casework.Missing {
	return []casework.Missing{{Field: "login", Label: "Login", Why: "cannot be made up: every candidate of profile.yaml is taken or unusable; a person has to choose one"}}
}

// valuesWithout copies attribute values, leaving some out.
func valuesWithout(values map[string]any, names ...string) map[string]any {
	rest := maps.Clone(values)
	for _, name := range names {
		delete(rest, name)
	}
	return rest
}
