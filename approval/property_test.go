package approval_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"latchkey/approval"
)

// draw makes a level and everything it is judged by, small enough that collisions are common.
func draw(t *rapid.T) (approval.Level, approval.Ask) {
	rules := []approval.Rule{approval.RuleEveryone, approval.RuleAnyone, approval.RuleMajority, approval.RuleFirst, approval.RuleQuorum}
	some := func(label string, most int) []approval.Approver {
		return people(rapid.StringOfN(rapid.SampledFrom([]rune("abcder")), 0, most, -1).Draw(t, label))
	}
	level := approval.Level{}
	for n := range rapid.IntRange(1, 2).Draw(t, "groups") {
		level.Groups = append(level.Groups, approval.Group{
			Name: string(rune('g' + n)), Rule: rapid.SampledFrom(rules).Draw(t, "rule"), Need: rapid.IntRange(0, 3).Draw(t, "need"),
			Deny: rapid.IntRange(0, 2).Draw(t, "deny"), Approvers: some("approvers", 4),
		})
	}
	ask := approval.Ask{
		Bans: []approval.Ban{{DeskID: 'r', Email: "r@acme.example", Why: "asked"}}, Earlier: some("earlier", 1),
		AllowRepeat: rapid.Bool().Draw(t, "repeat"), Extra: some("extra", 2),
	}
	decisions := []approval.Decision{approval.DecisionApproved, approval.DecisionRejected, approval.DecisionCancelled, approval.DecisionRequested}
	for n := range rapid.IntRange(0, 8).Draw(t, "votes") {
		anyone := rapid.SampledFrom([]string{"a", "b", "c", "d", "e", "r", "x"})
		v := approval.Vote{
			ApprovalID: int64(n), Group: rapid.SampledFrom([]string{"g", "h"}).Draw(t, "group"),
			For: person(anyone.Draw(t, "for")), At: opened.Add(time.Duration(n) * time.Minute),
			Decision: rapid.SampledFrom(decisions).Draw(t, "decision"),
		}
		v.By = v.For
		if rapid.IntRange(0, 3).Draw(t, "delegated") == 0 {
			v.By = person(anyone.Draw(t, "by"))
		}
		ask.Votes = append(ask.Votes, v)
	}
	return level, ask
}

func TestOrderOfVotesDoesNotMatter(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		level, ask := draw(t)
		want := level.Evaluate(ask)
		ask.Votes = rapid.Permutation(ask.Votes).Draw(t, "shuffled")
		got := level.Evaluate(ask)
		if got.Status != want.Status || got.Why != want.Why || len(got.Ignored) != len(want.Ignored) {
			t.Fatalf("in order %+v, shuffled %+v", want, got)
		}
	})
}

func TestDecidedStaysDecided(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		level, ask := draw(t)
		all := ask.Votes
		var decided approval.Status
		for n := range len(all) + 1 {
			ask.Votes = all[:n]
			now := level.Evaluate(ask).Status
			if decided != "" && now != decided {
				t.Fatalf("decided %s, and after vote %d it is %s", decided, n, now)
			}
			if now == approval.StatusApproved || now == approval.StatusRejected {
				decided = now
			}
		}
	})
}

func TestWhoMayNotAnswerNeverCounts(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		level, ask := draw(t)
		out := level.Evaluate(ask)
		for _, g := range out.Groups {
			counted := slices.Concat(g.Approved, g.Rejected)
			var by []approval.Approver
			for _, v := range counted {
				if v.By.DeskID == 'r' {
					t.Fatalf("the requester counted in %s: %+v", g.Group, v)
				}
				if !ask.AllowRepeat && slices.ContainsFunc(ask.Earlier, v.By.Same) {
					t.Fatalf("an earlier decider counted in %s: %+v", g.Group, v)
				}
				if slices.ContainsFunc(by, v.By.Same) {
					t.Fatalf("%s counted twice in %s", v.By.Name, g.Group)
				}
				by = append(by, v.By)
			}
			for _, w := range g.Waiting {
				if w.DeskID == 'r' || slices.ContainsFunc(by, w.Same) {
					t.Fatalf("waiting for %s in %s, who may not answer or has", w.Name, g.Group)
				}
			}
		}
		answered := 0
		for _, v := range ask.Votes {
			if v.Decision != approval.DecisionRequested {
				answered++
			}
		}
		counted := len(out.Deciders())
		if counted+len(out.Ignored) != answered {
			t.Fatalf("%d answers, %d counted, %d ignored: one was lost", answered, counted, len(out.Ignored))
		}
	})
}

// model decides one group as the rules are written down, by looking at every way in which the people left could still
// answer. It knows neither delegates nor escalation.
func model(rule approval.Rule, need, deny, n int, answers []bool) approval.Status {
	approves := func(yes, no int) bool {
		switch rule {
		case approval.RuleEveryone:
			return yes == n && n > 0
		case approval.RuleMajority:
			return 2*yes > n
		case approval.RuleQuorum:
			return yes >= max(1, need) && (deny == 0 || no < deny)
		case approval.RuleAnyone, approval.RuleFirst:
			return yes > 0
		default:
			return false
		}
	}
	yes, no := 0, 0
	for _, a := range answers {
		if a {
			yes++
		} else {
			no++
		}
		switch {
		case approves(yes, no):
			return approval.StatusApproved
		case rule == approval.RuleFirst:
			return approval.StatusRejected
		case no > 0 && !reachable(approves, yes, no, n-yes-no):
			return approval.StatusRejected
		}
	}
	if !reachable(approves, yes, no, n-yes-no) {
		return approval.StatusImpossible
	}
	return approval.StatusOpen
}

func reachable(approves func(yes, no int) bool, yes, no, left int) bool {
	for more := range left + 1 {
		if approves(yes+more, no) {
			return true
		}
	}
	return false
}

// TestEveryRuleAgainstTheModel walks every rule, every group of up to four people, every need and deny, and every
// sequence of their answers.
func TestEveryRuleAgainstTheModel(t *testing.T) {
	t.Parallel()
	seen := map[approval.Status]int{}
	for _, rule := range []approval.Rule{approval.RuleEveryone, approval.RuleAnyone, approval.RuleMajority, approval.RuleFirst, approval.RuleQuorum} {
		for n := range 5 {
			for need := range 4 {
				for deny := range 4 {
					for count := range n + 1 {
						for bits := range 1 << count {
							answers := make([]bool, count)
							words := make([]string, count)
							for i := range count {
								answers[i] = bits>>i&1 == 1
								words[i] = string(rune('a'+i)) + map[bool]string{true: "+", false: "-"}[answers[i]]
							}
							group := approval.Group{Name: "g", Rule: rule, Need: need, Deny: deny, Approvers: people("abcd"[:n])}
							got := approval.Level{Groups: []approval.Group{group}}.Evaluate(approval.Ask{Votes: votes("g", words...)}).Status
							want := model(rule, need, deny, n, answers)
							if got != want {
								t.Errorf("%s need %d deny %d of %d, answers %v: want %s, got %s", rule, need, deny, n, words, want, got)
							}
							seen[got]++
						}
					}
				}
			}
		}
	}
	for _, s := range []approval.Status{approval.StatusOpen, approval.StatusApproved, approval.StatusRejected, approval.StatusImpossible} {
		if seen[s] == 0 {
			t.Errorf("no case came out %s: the walk proves nothing about it", s)
		}
	}
}
