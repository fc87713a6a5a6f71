package policy

import (
	"slices"

	"latchkey/identity"
)

// reviews runs cases of what a campaign does with one grant of one person.
func (t *testFile) reviews(v value) {
	for _, one := range v.items("reviews") {
		var name string
		var person PersonFacts
		var grant identity.Grant
		var row map[string]string
		var list checks
		expectation := func(v value) {
			v.object("expect", keys{
				"in_scope": list.flag("in_scope", func() bool { return t.reviewed(person, grant) }),
				"rule":     list.word("rule", func() string { return t.policy.Reviewee(person).Route(grant).Rule }),
				"who":      list.words("who", func() []string { return reviewerWords(t.policy.Reviewee(person).Route(grant)) }),
				"owner":    list.word("owner", func() string { return t.policy.ReviewOwner(grant.Entitlement) }),
				"employed": list.word("employed", func() string { return employedWord(t.policy, row) }),
			})
		}
		one.object("a review case", keys{
			"name":   func(v value) { name = v.text() },
			"person": func(v value) { person = v.personFacts("person") },
			"grant":  func(v value) { grant = v.grantFacts() },
			"row": func(v value) {
				row = map[string]string{}
				for _, e := range v.entries("row") {
					row[e.key] = syncText(e.value.free(e.key))
				}
			},
			"expect": expectation,
		}, "name", "expect")
		t.run(one, "review", name, list.list)
	}
}

// reviewed says whether policy reviews a grant at all.
func (t *testFile) reviewed(person PersonFacts, g identity.Grant) bool {
	p := t.policy
	if g.Entitlement.Kind == identity.KindGroup && !p.ReviewsGroup(g.Entitlement.Name) ||
		g.Entitlement.Kind == identity.KindApp && !p.ReviewsApp(g.Entitlement.Name) {
		return false
	}
	return p.Reviewee(person).InScope(ReviewScope{p.review.scope}, g)
}

// reviewerWords are the reviewers of a route as a test writes them: the fallback is behind them.
func reviewerWords(r ReviewRoute) []string {
	words := []string{}
	for _, w := range slices.Concat(r.Who, r.Fallback) {
		switch w.Kind {
		case ApproverPerson:
			words = append(words, w.Email)
		case ApproverManager, ApproverSecondManager, ApproverOwner, ApproverDepartmentHead, ApproverAgentGroup, ApproverField:
			words = append(words, string(w.Kind))
		}
	}
	return words
}

func employedWord(p *Policy, row map[string]string) string {
	switch is, err := p.ReviewEmployed(row); {
	case err != nil:
		return "error"
	case is:
		return "yes"
	default:
		return "no"
	}
}
