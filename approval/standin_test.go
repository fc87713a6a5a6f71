package approval_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"latchkey/approval"
)

// standsIn reads "s>a": s stands in for a.
func standsIn(words ...string) []approval.StandIn {
	var list []approval.StandIn
	for _, w := range words {
		list = append(list, approval.StandIn{Approver: person(w[:1]), For: person(w[2:])})
	}
	return list
}

func TestStandIns(t *testing.T) {
	t.Parallel()
	const open, approved, rejected, impossible = approval.StatusOpen, approval.StatusApproved, approval.StatusRejected, approval.StatusImpossible
	group := func(rule approval.Rule, approvers string, standIns ...string) approval.Group {
		return approval.Group{Rule: rule, Need: 2, Approvers: people(approvers), StandIns: standsIn(standIns...)}
	}
	tests := map[string]struct {
		group   approval.Group
		votes   []string
		earlier string
		want    approval.Status
		waiting string
		ignored []approval.Reason
	}{
		"both are asked":                             {group: group(approval.RuleEveryone, "ab", "s>a"), want: open, waiting: "abs"},
		"the stand-in answers for the one away":      {group: group(approval.RuleEveryone, "ab", "s>a"), votes: []string{"s+"}, want: open, waiting: "b"},
		"and never for the other":                    {group: group(approval.RuleEveryone, "ab", "s>a"), votes: []string{"a+", "s+"}, want: open, waiting: "b", ignored: []approval.Reason{approval.ReasonDuplicate}},
		"who comes back is too late":                 {group: group(approval.RuleEveryone, "ab", "s>a"), votes: []string{"s+", "a-", "b+"}, want: approved, ignored: []approval.Reason{approval.ReasonDuplicate}},
		"the one away answers all the same":          {group: group(approval.RuleEveryone, "a", "s>a"), votes: []string{"a+"}, want: approved},
		"a stand-in's rejection rejects":             {group: group(approval.RuleEveryone, "ab", "s>a"), votes: []string{"s-"}, want: rejected},
		"a majority counts them once":                {group: group(approval.RuleMajority, "abc", "s>a"), votes: []string{"a+", "s+"}, want: open, waiting: "bc", ignored: []approval.Reason{approval.ReasonDuplicate}},
		"and is reached with them":                   {group: group(approval.RuleMajority, "abc", "s>a"), votes: []string{"s+", "b+"}, want: approved},
		"a quorum is not made possible by them":      {group: group(approval.RuleQuorum, "a", "s>a"), want: impossible, waiting: "as"},
		"nor reached by two for one":                 {group: group(approval.RuleQuorum, "ab", "s>a"), votes: []string{"a+", "s+"}, want: open, waiting: "b", ignored: []approval.Reason{approval.ReasonDuplicate}},
		"one for two answers once":                   {group: group(approval.RuleEveryone, "ab", "s>a", "s>b"), votes: []string{"s+", "s+"}, want: open, waiting: "b", ignored: []approval.Reason{approval.ReasonDuplicate}},
		"for whoever has no answer yet":              {group: group(approval.RuleEveryone, "ab", "s>a", "s>b"), votes: []string{"a+", "s+"}, want: approved},
		"two for one":                                {group: group(approval.RuleEveryone, "ab", "s>a", "t>a"), votes: []string{"t+", "s-"}, want: open, waiting: "b", ignored: []approval.Reason{approval.ReasonDuplicate}},
		"the requester stands in for nobody":         {group: group(approval.RuleEveryone, "a", "r>a"), votes: []string{"r+"}, want: open, waiting: "a", ignored: []approval.Reason{approval.ReasonBanned}},
		"nor does anybody for the requester":         {group: group(approval.RuleEveryone, "ar", "s>r"), votes: []string{"s+"}, want: open, waiting: "a", ignored: []approval.Reason{approval.ReasonBanned}},
		"nor who decided earlier":                    {group: group(approval.RuleEveryone, "a", "s>a"), earlier: "s", votes: []string{"s+"}, want: open, waiting: "a", ignored: []approval.Reason{approval.ReasonRepeat}},
		"a stand-in's delegate":                      {group: group(approval.RuleEveryone, "ab", "s>a"), votes: []string{"s>x+"}, want: open, waiting: "b"},
		"the delegate of a banned stand-in":          {group: group(approval.RuleEveryone, "a", "r>a"), votes: []string{"r>x+"}, want: open, waiting: "a", ignored: []approval.Reason{approval.ReasonBanned}},
		"an approver beside them is themselves":      {group: group(approval.RuleEveryone, "ab", "b>a"), votes: []string{"b+"}, want: open, waiting: "a"},
		"a stand-in for nobody of the group is none": {group: group(approval.RuleEveryone, "a", "s>c"), votes: []string{"s+"}, want: open, waiting: "a", ignored: []approval.Reason{approval.ReasonStranger}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tt.group.Name = "g"
			out := approval.Level{Groups: []approval.Group{tt.group}}.Evaluate(approval.Ask{
				Votes: votes("g", tt.votes...), Earlier: people(tt.earlier),
				Bans: []approval.Ban{{DeskID: 'r', Email: "r@acme.example", Why: "asked for this access"}},
			})
			assert.Equal(t, tt.want, out.Status, out.Why)
			assert.Equal(t, tt.waiting, letters(out.Groups[0].Waiting))
			var reasons []approval.Reason
			for _, ig := range out.Ignored {
				reasons = append(reasons, ig.Reason)
			}
			assert.Equal(t, tt.ignored, reasons)
		})
	}
}

func TestAStandInAnswersInTheirGroupAlone(t *testing.T) {
	t.Parallel()
	level := approval.Level{Groups: []approval.Group{
		{Name: "g", Rule: approval.RuleAnyone, Approvers: people("a"), StandIns: standsIn("s>a")},
		{Name: "h", Rule: approval.RuleAnyone, Approvers: people("a")},
	}}
	out := level.Evaluate(approval.Ask{Votes: append(votes("g", "s+"), votes("h", "s+")...)})
	assert.Equal(t, approval.StatusApproved, out.Groups[0].Status)
	assert.Equal(t, "a", out.Groups[0].Approved[0].For.Name, "the record says for whom")
	assert.Contains(t, out.Groups[0].Why, "approved by s for a")
	assert.Equal(t, approval.StatusOpen, out.Groups[1].Status)
	assert.Equal(t, "sa", letters(level.Groups[0].People()[1:])+letters(level.Groups[0].People()[:1]))
	assert.Len(t, level.Groups[0].Approvers, 1)
}

// Whatever the votes, stand-ins never decide what the same answers by the people themselves would not, and a group
// never counts more answers than it has places.
func TestStandInsOnlyTakeThePlaceOfTheirPeople(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		level, ask := draw(t)
		plain := ask
		plain.Votes = nil
		for i := range level.Groups {
			g := &level.Groups[i]
			if len(g.Approvers) > 0 {
				away := rapid.SampledFrom(g.Approvers).Draw(t, "away")
				g.StandIns = []approval.StandIn{{Approver: person("s"), For: away}}
			}
		}
		standIn := map[string]approval.Approver{}
		for _, g := range level.Groups {
			for _, s := range g.StandIns {
				standIn[g.Name] = s.For
			}
		}
		for _, v := range ask.Votes {
			away, has := standIn[v.Group]
			if has && v.By.Same(away) && v.For.Same(away) {
				v.By, v.For = person("s"), person("s")
			}
			plain.Votes = append(plain.Votes, v)
		}
		ask.Votes, plain.Votes = plain.Votes, ask.Votes
		without := level
		without.Groups = nil
		for _, g := range level.Groups {
			g.StandIns = nil
			without.Groups = append(without.Groups, g)
		}
		if got, want := level.Evaluate(ask).Status, without.Evaluate(plain).Status; got != want {
			t.Fatalf("through the stand-in %s, by the people themselves %s", got, want)
		}
	})
}
