package policy_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/casework"
	"latchkey/identity"
	"latchkey/policy"
)

// onCall is somebody of the good policy's platform department asking for the incident item.
func onCall() (policy.IntakeFacts, casework.Item) {
	return policy.IntakeFacts{Requester: policy.PersonFacts{
		Person: identity.Person{Email: "Ada@acme.example", Department: "platform"}, Active: true,
	}}, casework.Item{Key: "1", Catalogue: "incident", Beneficiary: "ada@acme.example", Justification: "the queue is stuck"}
}

func TestBreakGlassIsForThoseWhomPolicyNames(t *testing.T) {
	t.Parallel()
	p := good(t)
	for name, test := range map[string]struct {
		change func(*policy.PersonFacts)
		why    string
	}{
		"by department, whatever the case": {func(*policy.PersonFacts) {}, "department Platform"},
		"by group":                         {func(r *policy.PersonFacts) { r.Person.Department, r.Groups = "", []string{"site reliability"} }, "group Site Reliability"},
		"by address":                       {func(r *policy.PersonFacts) { r.Person.Department, r.Person.Email = "", "dora.data@acme.example" }, "named in policy"},
		"by expression":                    {func(r *policy.PersonFacts) { r.Person.Department, r.Roles = "", []string{"On call"} }, "by an expression of policy"},
		"nobody else":                      {func(r *policy.PersonFacts) { r.Person.Department = "Sales" }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, item := onCall()
			test.change(&f.Requester)
			item.Beneficiary = f.Requester.Person.Email
			answer := p.BreakGlass(f, item, "")
			assert.True(t, answer.Marked)
			if test.why == "" {
				assert.Nil(t, answer.Glass)
				assert.Contains(t, answer.Refused, "does not let the requester break glass for Production incident")
				return
			}
			require.NotNil(t, answer.Glass)
			assert.Equal(t, casework.BreakGlass{For: time.Hour, ReviewBy: 4 * time.Hour, Why: test.why}, *answer.Glass)
			assert.Empty(t, answer.Refused)
		})
	}
}

func TestBreakGlassIsRefusedInWords(t *testing.T) {
	t.Parallel()
	p := good(t)
	for name, test := range map[string]struct {
		change  func(*policy.IntakeFacts, *casework.Item)
		refused string
	}{
		"for somebody else":    {func(_ *policy.IntakeFacts, i *casework.Item) { i.Beneficiary = "ben@acme.example" }, "for the requester alone"},
		"without an address":   {func(f *policy.IntakeFacts, i *casework.Item) { f.Requester.Person.Email, i.Beneficiary = "", "" }, "for the requester alone"},
		"for later":            {func(_ *policy.IntakeFacts, i *casework.Item) { i.From = "2026-12-01T09:00" }, "from a later moment on"},
		"by somebody who left": {func(f *policy.IntakeFacts, _ *casework.Item) { f.Requester.Active = false }, "not active on the desk"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, item := onCall()
			test.change(&f, &item)
			answer := p.BreakGlass(f, item, "")
			assert.True(t, answer.Marked)
			assert.Nil(t, answer.Glass)
			assert.Contains(t, answer.Refused, test.refused)
		})
	}
}

func TestBreakGlassNeedsAReason(t *testing.T) {
	t.Parallel()
	p := good(t)
	f, item := onCall()
	item.Justification = " "
	assert.True(t, p.BreakGlass(f, item, "").Reason)
	assert.False(t, p.BreakGlass(f, item, "the queue is stuck").Reason)
	item.Catalogue = "wiki"
	assert.Equal(t, policy.BreakGlassAnswer{}, p.BreakGlass(f, item, ""), "an item that is not marked is any item")
}

func TestAnExpressionThatFailsLetsNobodyBreakGlass(t *testing.T) {
	t.Parallel()
	p, err := policy.Load(folder(t, map[string]string{"catalogue.yaml": `
items:
  incident: {group: G, owner: a@acme.example, break_glass: {for: 1h, tell: [owner], who: [{when: 'requester.title == "SRE" || ticket.custom.level > 3'}]}}
  production: {group: P}
  wiki: {group: W}
`}))
	require.NoError(t, err)
	f, item := onCall()
	answer := p.BreakGlass(f, item, "")
	assert.Nil(t, answer.Glass)
	assert.Contains(t, answer.Refused, "an expression of break_glass.who fails")
}

func TestAnExpressionThatLetsAnybodyLetsNobodyBreakGlass(t *testing.T) {
	t.Parallel()
	p, err := policy.Load(folder(t, map[string]string{"catalogue.yaml": `
items:
  incident: {group: G, owner: a@acme.example, break_glass: {for: 1h, tell: [owner], who: [{when: 'requester.title == "SRE" || ticket.custom.incident == true'}]}}
  production: {group: P}
  wiki: {group: W}
`}))
	require.NoError(t, err)
	f, item := onCall()
	f.Ticket.Custom = map[string]any{"incident": true}
	answer := p.BreakGlass(f, item, "")
	assert.Nil(t, answer.Glass)
	assert.Contains(t, answer.Refused, "does not depend on the requester")
	f.Ticket.Custom, f.Requester.Person.Title = nil, "SRE"
	assert.NotNil(t, p.BreakGlass(f, item, "").Glass)
}

func TestABreakGlassItemIsNeverGrantedForGood(t *testing.T) {
	t.Parallel()
	item, ok := good(t).Item("incident")
	require.True(t, ok)
	assert.Equal(t, casework.TimeLimit{Default: time.Hour, Most: time.Hour}, item.Limit, "by the ordinary approval neither")
}

func TestTheReviewHasARouteAndPeopleWhoAreTold(t *testing.T) {
	t.Parallel()
	p, err := policy.Load(folder(t, map[string]string{"approvals.yaml": `
routes:
  - {name: review, when: break_glass, levels: [{name: Security, groups: [{name: s, who: [{agent_group: Security}]}]}]}
  - {name: all, levels: [{name: Manager, groups: [{name: m, who: [manager]}]}]}
`}))
	require.NoError(t, err)
	item, _ := p.Item("incident")
	route, err := p.Route(policy.RouteFacts{UseCase: casework.AccessRequest, Item: &item, BreakGlass: true})
	require.NoError(t, err)
	assert.Equal(t, "review", route.Name)
	require.Len(t, route.Tell, 2)
	assert.Equal(t, policy.ApproverAgentGroup, route.Tell[0].Kind)
	route, err = p.Route(policy.RouteFacts{UseCase: casework.AccessRequest, Item: &item})
	require.NoError(t, err)
	assert.Equal(t, "all", route.Name)
	assert.Empty(t, route.Tell, "an ordinary approval is nobody's alarm")
}

func TestBreakGlassIsRefusedAtLoad(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ glass, says string }{
		"for longer than a day": {"{for: 2d, tell: [owner], who: [{department: A}]}", "the longest is 1 day"},
		"for nobody":            {"{for: 1h, tell: [owner], who: []}", "who names nobody"},
		"two in one entry":      {"{for: 1h, tell: [owner], who: [{department: A, person: a@b.example}]}", "names one of agent_group, department, person and when"},
		"whoever says so":       {"{for: 1h, tell: [owner], who: [{when: 'ticket.custom.incident == true'}]}", "when has to look at the requester"},
		"an unknown variable":   {"{for: 1h, tell: [owner], who: [{when: 'subject.email == \"x\"'}]}", "subject"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := policy.Load(folder(t, map[string]string{"catalogue.yaml": "items: {i: {group: G, break_glass: " + test.glass + "}}"}))
			require.Error(t, err)
			assert.Contains(t, err.Error(), test.says)
			assert.Contains(t, err.Error(), "catalogue.yaml:1:")
		})
	}
}
