package approval_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"latchkey/approval"
)

var opened = time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)

// people of the tables: a to e may approve, r asked, x is a stranger.
func person(letter string) approval.Approver {
	id := int64(letter[0])
	return approval.Approver{DeskID: id, Email: letter + "@acme.example", Name: letter}
}

func people(letters string) []approval.Approver {
	var list []approval.Approver
	for _, l := range letters {
		list = append(list, person(string(l)))
	}
	return list
}

// votes reads "a+ b- c>d+": a approves, b rejects, d approves in place of c. One minute lies between two of them.
func votes(group string, words ...string) []approval.Vote {
	var list []approval.Vote
	for n, w := range words {
		v := approval.Vote{
			ApprovalID: int64(n + 1), Group: group, For: person(w[:1]), By: person(w[:1]),
			At: opened.Add(time.Duration(n+1) * time.Minute),
		}
		if w[1] == '>' {
			v.By = person(w[2:3])
		}
		switch w[len(w)-1] {
		case '+':
			v.Decision = approval.DecisionApproved
		case '-':
			v.Decision = approval.DecisionRejected
		case '?':
			v.Decision = approval.DecisionRequested
		case '0':
			v.Decision = approval.DecisionCancelled
		}
		list = append(list, v)
	}
	return list
}

func letters(list []approval.Approver) string {
	out := ""
	for _, p := range list {
		out += p.Name
	}
	return out
}

func TestGroupRules(t *testing.T) {
	t.Parallel()
	const open, approved, rejected, impossible = approval.StatusOpen, approval.StatusApproved, approval.StatusRejected, approval.StatusImpossible
	tests := map[string]struct {
		group   approval.Group
		votes   []string
		extra   string
		earlier string
		repeat  bool
		want    approval.Status
		waiting string
		ignored []approval.Reason
	}{
		"everyone waits for the last one":        {group: approval.Group{Rule: approval.RuleEveryone, Approvers: people("abc")}, votes: []string{"a+", "b+"}, want: open, waiting: "c"},
		"everyone approved":                      {group: approval.Group{Rule: approval.RuleEveryone, Approvers: people("abc")}, votes: []string{"a+", "b+", "c+"}, want: approved},
		"one rejection rejects everyone":         {group: approval.Group{Rule: approval.RuleEveryone, Approvers: people("abc")}, votes: []string{"a+", "b-", "c+"}, want: rejected, ignored: []approval.Reason{approval.ReasonLate}},
		"a requested record is no answer":        {group: approval.Group{Rule: approval.RuleEveryone, Approvers: people("ab")}, votes: []string{"a+", "b?"}, want: open, waiting: "b"},
		"a cancelled record is no answer":        {group: approval.Group{Rule: approval.RuleEveryone, Approvers: people("ab")}, votes: []string{"a+", "b0"}, want: open, waiting: "b", ignored: []approval.Reason{approval.ReasonCancelled}},
		"anyone bears rejections":                {group: approval.Group{Rule: approval.RuleAnyone, Approvers: people("abc")}, votes: []string{"a-", "b-"}, want: open, waiting: "c"},
		"anyone approves":                        {group: approval.Group{Rule: approval.RuleAnyone, Approvers: people("abc")}, votes: []string{"a-", "b+"}, want: approved},
		"anyone with nobody left rejects":        {group: approval.Group{Rule: approval.RuleAnyone, Approvers: people("ab")}, votes: []string{"a-", "b-"}, want: rejected},
		"two of four are no majority":            {group: approval.Group{Rule: approval.RuleMajority, Approvers: people("abcd")}, votes: []string{"a+", "b+"}, want: open, waiting: "cd"},
		"three of four are":                      {group: approval.Group{Rule: approval.RuleMajority, Approvers: people("abcd")}, votes: []string{"a+", "b+", "c+"}, want: approved},
		"half rejected cannot be a majority":     {group: approval.Group{Rule: approval.RuleMajority, Approvers: people("abcd")}, votes: []string{"a-", "b-"}, want: rejected},
		"two of three are a majority":            {group: approval.Group{Rule: approval.RuleMajority, Approvers: people("abc")}, votes: []string{"a-", "b+", "c+"}, want: approved},
		"the first answer approves":              {group: approval.Group{Rule: approval.RuleFirst, Approvers: people("abc")}, votes: []string{"b+", "a-"}, want: approved, ignored: []approval.Reason{approval.ReasonLate}},
		"the first answer rejects":               {group: approval.Group{Rule: approval.RuleFirst, Approvers: people("abc")}, votes: []string{"b-", "a+"}, want: rejected, ignored: []approval.Reason{approval.ReasonLate}},
		"quorum is reached over rejections":      {group: approval.Group{Rule: approval.RuleQuorum, Need: 2, Approvers: people("abcd")}, votes: []string{"a-", "b-", "c+", "d+"}, want: approved},
		"quorum out of reach rejects":            {group: approval.Group{Rule: approval.RuleQuorum, Need: 2, Approvers: people("abc")}, votes: []string{"a-", "b-"}, want: rejected},
		"quorum rejects at its own deny count":   {group: approval.Group{Rule: approval.RuleQuorum, Need: 2, Deny: 2, Approvers: people("abcde")}, votes: []string{"a-", "b+", "c-"}, want: rejected},
		"quorum of more than there are":          {group: approval.Group{Rule: approval.RuleQuorum, Need: 3, Approvers: people("ab")}, want: impossible, waiting: "ab"},
		"an extra makes the quorum possible":     {group: approval.Group{Rule: approval.RuleQuorum, Need: 3, Approvers: people("ab")}, extra: "e", votes: []string{"e+"}, want: open, waiting: "ab"},
		"quorum without need is one":             {group: approval.Group{Rule: approval.RuleQuorum, Approvers: people("ab")}, votes: []string{"a+"}, want: approved},
		"an unknown rule decides nothing":        {group: approval.Group{Rule: "some", Approvers: people("ab")}, votes: []string{"a+"}, want: impossible, waiting: "ab", ignored: []approval.Reason{approval.ReasonUnknown}},
		"nobody named is impossible":             {group: approval.Group{Rule: approval.RuleAnyone}, want: impossible},
		"the requester does not count":           {group: approval.Group{Rule: approval.RuleEveryone, Approvers: people("ar")}, votes: []string{"r+"}, want: open, waiting: "a", ignored: []approval.Reason{approval.ReasonBanned}},
		"nor need the requester approve":         {group: approval.Group{Rule: approval.RuleEveryone, Approvers: people("ar")}, votes: []string{"a+"}, want: approved},
		"only the requester is impossible":       {group: approval.Group{Rule: approval.RuleAnyone, Approvers: people("r")}, votes: []string{"r+"}, want: impossible, ignored: []approval.Reason{approval.ReasonBanned}},
		"the requester as a delegate":            {group: approval.Group{Rule: approval.RuleAnyone, Approvers: people("a")}, votes: []string{"a>r+"}, want: open, waiting: "a", ignored: []approval.Reason{approval.ReasonBanned}},
		"the requester's delegate":               {group: approval.Group{Rule: approval.RuleAnyone, Approvers: people("ar")}, votes: []string{"r>x+"}, want: open, waiting: "a", ignored: []approval.Reason{approval.ReasonBanned}},
		"a delegate counts for the asked":        {group: approval.Group{Rule: approval.RuleEveryone, Approvers: people("ab")}, votes: []string{"a>x+", "b+"}, want: approved},
		"the asked cannot answer again":          {group: approval.Group{Rule: approval.RuleEveryone, Approvers: people("ab")}, votes: []string{"a>x+", "a+"}, want: open, waiting: "b", ignored: []approval.Reason{approval.ReasonDuplicate}},
		"one delegate for two counts once":       {group: approval.Group{Rule: approval.RuleEveryone, Approvers: people("ab")}, votes: []string{"a>x+", "b>x+"}, want: open, waiting: "b", ignored: []approval.Reason{approval.ReasonDuplicate}},
		"an approver for another is themselves":  {group: approval.Group{Rule: approval.RuleEveryone, Approvers: people("ab")}, votes: []string{"a>b+"}, want: open, waiting: "a"},
		"and not twice":                          {group: approval.Group{Rule: approval.RuleEveryone, Approvers: people("ab")}, votes: []string{"a>b+", "b+"}, want: open, waiting: "a", ignored: []approval.Reason{approval.ReasonDuplicate}},
		"in either order":                        {group: approval.Group{Rule: approval.RuleEveryone, Approvers: people("ab")}, votes: []string{"b+", "a>b+", "a+"}, want: approved, ignored: []approval.Reason{approval.ReasonDuplicate}},
		"a stranger":                             {group: approval.Group{Rule: approval.RuleAnyone, Approvers: people("a")}, votes: []string{"x+"}, want: open, waiting: "a", ignored: []approval.Reason{approval.ReasonStranger}},
		"a changed mind":                         {group: approval.Group{Rule: approval.RuleEveryone, Approvers: people("ab")}, votes: []string{"a+", "a-"}, want: open, waiting: "b", ignored: []approval.Reason{approval.ReasonDuplicate}},
		"who decided earlier does not again":     {group: approval.Group{Rule: approval.RuleAnyone, Approvers: people("ab")}, earlier: "a", votes: []string{"a+"}, want: open, waiting: "b", ignored: []approval.Reason{approval.ReasonRepeat}},
		"nor stand in for another":               {group: approval.Group{Rule: approval.RuleAnyone, Approvers: people("b")}, earlier: "a", votes: []string{"b>a+"}, want: open, waiting: "b", ignored: []approval.Reason{approval.ReasonRepeat}},
		"unless the chain allows it":             {group: approval.Group{Rule: approval.RuleAnyone, Approvers: people("ab")}, earlier: "a", repeat: true, votes: []string{"a+"}, want: approved},
		"everyone struck out is impossible":      {group: approval.Group{Rule: approval.RuleEveryone, Approvers: people("ar")}, earlier: "a", want: impossible},
		"escalation answers in place":            {group: approval.Group{Rule: approval.RuleEveryone, Approvers: people("ab")}, extra: "e", votes: []string{"a+", "e+"}, want: approved},
		"escalation does not raise the need":     {group: approval.Group{Rule: approval.RuleEveryone, Approvers: people("a")}, extra: "e", votes: []string{"a+"}, want: approved},
		"escalation may reject":                  {group: approval.Group{Rule: approval.RuleEveryone, Approvers: people("a")}, extra: "e", votes: []string{"e-"}, want: rejected},
		"escalation does not outweigh rejection": {group: approval.Group{Rule: approval.RuleMajority, Approvers: people("abc")}, extra: "e", votes: []string{"a-", "b-", "c+", "e+"}, want: rejected, ignored: []approval.Reason{approval.ReasonLate, approval.ReasonLate}},
		"anyone may be the escalation":           {group: approval.Group{Rule: approval.RuleAnyone, Approvers: people("a")}, extra: "e", votes: []string{"a-", "e+"}, want: approved},
		"an extra may complete a quorum":         {group: approval.Group{Rule: approval.RuleQuorum, Need: 2, Approvers: people("abc")}, extra: "e", votes: []string{"a-", "b-"}, want: open, waiting: "ce"},
		"a banned escalation stays out":          {group: approval.Group{Rule: approval.RuleAnyone, Approvers: people("a")}, extra: "r", votes: []string{"r+"}, want: open, waiting: "a", ignored: []approval.Reason{approval.ReasonBanned}},
		"somebody named twice counts once":       {group: approval.Group{Rule: approval.RuleMajority, Approvers: people("aabc")}, votes: []string{"a+", "b+"}, want: approved},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tt.group.Name = "g"
			level := approval.Level{Groups: []approval.Group{tt.group}}
			out := level.Evaluate(approval.Ask{
				Votes: votes("g", tt.votes...), Extra: people(tt.extra), Earlier: people(tt.earlier), AllowRepeat: tt.repeat,
				Bans: []approval.Ban{{Email: "R@ACME.example", Why: "asked for this access"}},
			})
			assert.Equal(t, tt.want, out.Status, out.Why)
			assert.Equal(t, tt.waiting, letters(out.Groups[0].Waiting))
			var reasons []approval.Reason
			for _, i := range out.Ignored {
				reasons = append(reasons, i.Reason)
				assert.NotEmpty(t, i.Detail)
			}
			assert.Equal(t, tt.ignored, reasons)
			assert.NotEmpty(t, out.Why)
		})
	}
}

func TestGroupsStandSideBySide(t *testing.T) {
	t.Parallel()
	level := approval.Level{Groups: []approval.Group{
		{Name: "owner", Rule: approval.RuleEveryone, Approvers: people("a")},
		{Name: "security", Rule: approval.RuleAnyone, Approvers: people("ab")},
	}}
	tests := map[string]struct {
		votes []approval.Vote
		want  approval.Status
		why   string
	}{
		"one group is not enough":            {votes("owner", "a+"), approval.StatusOpen, "1 of 2 groups approved; security: 0 of 2 approved, 1 needed; waiting for a, b"},
		"both approve":                       {append(votes("owner", "a+"), votes("security", "b+")...), approval.StatusApproved, "all 2 groups approved"},
		"one person may answer in two":       {append(votes("owner", "a+"), votes("security", "a+")...), approval.StatusApproved, "all 2 groups approved"},
		"one rejection rejects the level":    {append(votes("owner", "a-"), votes("security", "b+")...), approval.StatusRejected, "owner: rejected by a; 0 of 1 approved, 1 needed"},
		"an approval nobody opened is noted": {votes("other", "a+"), approval.StatusOpen, "0 of 2 groups approved; owner: 0 of 1 approved, 1 needed; waiting for a"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out := level.Evaluate(approval.Ask{Votes: tt.votes})
			assert.Equal(t, tt.want, out.Status)
			assert.Equal(t, tt.why, out.Why)
		})
	}
	assert.Equal(t, approval.StatusImpossible, approval.Level{}.Evaluate(approval.Ask{}).Status, "no group approves nothing")
}

func TestThinDelegateIsToldApartOrStruck(t *testing.T) {
	t.Parallel()
	level := approval.Level{Groups: []approval.Group{{Name: "g", Rule: approval.RuleEveryone, Approvers: people("ab")}}}
	vote := votes("g", "a>x+")
	vote[0].By = approval.Approver{DeskID: 'x', Name: "x"} // Freshservice shows a delegatee as ID and name

	byAddress := level.Evaluate(approval.Ask{Votes: vote, Bans: []approval.Ban{{Email: "r@acme.example", Why: "asked for this"}}})
	assert.Equal(t, approval.ReasonStranger, byAddress.Ignored[0].Reason, "x could be r")

	byID := level.Evaluate(approval.Ask{Votes: vote, Bans: []approval.Ban{{DeskID: 'r', Email: "r@acme.example", Why: "asked for this"}}})
	assert.Empty(t, byID.Ignored, "x is not r, by ID")

	vote[0].By, vote[0].For = approval.Approver{DeskID: 'b'}, person("b")
	full := level.Evaluate(approval.Ask{Votes: vote})
	assert.Equal(t, person("b"), full.Groups[0].Approved[0].By, "what counted names who it was")

	vote[0].By.DeskID = 'b' // a thin record of somebody whose address is known
	known := level.Evaluate(approval.Ask{Votes: vote, Bans: []approval.Ban{{Email: "B@acme.example", Why: "owns it"}}})
	assert.Equal(t, approval.ReasonBanned, known.Ignored[0].Reason)

	vote[0].By = approval.Approver{}
	nobody := level.Evaluate(approval.Ask{Votes: vote})
	assert.Equal(t, approval.ReasonStranger, nobody.Ignored[0].Reason)
}

func TestEqualTimesAreOrderedByID(t *testing.T) {
	t.Parallel()
	level := approval.Level{Groups: []approval.Group{{Name: "g", Rule: approval.RuleFirst, Approvers: people("ab")}}}
	both := votes("g", "a+", "b-")
	both[1].At = both[0].At
	assert.Equal(t, approval.StatusApproved, level.Evaluate(approval.Ask{Votes: both}).Status)
	both[0].ApprovalID, both[1].ApprovalID = 2, 1
	assert.Equal(t, approval.StatusRejected, level.Evaluate(approval.Ask{Votes: both}).Status)
}

func TestReasonsAreForPeople(t *testing.T) {
	t.Parallel()
	level := approval.Level{Groups: []approval.Group{{Name: "g", Rule: approval.RuleEveryone, Approvers: people("ar")}}}
	bans := []approval.Ban{{DeskID: 'r', Why: "asked for this access"}, {DeskID: 'a', Why: "owns the laptop"}}
	out := level.Evaluate(approval.Ask{Bans: bans})
	assert.Equal(t, "0 of 1 approved, 1 needed; not enough people are left who may answer "+
		"(a may not: owns the laptop; r may not: asked for this access): name another approver", out.Why)

	vote := votes("g", "a-")
	vote[0].Remark = "not in my team"
	assert.Equal(t, `rejected by a; 0 of 1 approved, 1 needed ("not in my team")`, level.Evaluate(approval.Ask{Votes: vote, Bans: bans[:1]}).Why)
	assert.Equal(t, "approved by x for a; 1 of 1 approved, 1 needed",
		level.Evaluate(approval.Ask{Votes: votes("g", "a>x+"), Bans: bans[:1]}).Why)
}
