package approval

import (
	"fmt"
	"slices"
	"strings"
)

// count is one group's ballot while votes are taken in order.
type count struct {
	group   Group
	ask     Ask
	listed  []Approver // everybody the group and the escalation name, struck out or not
	seats   []Approver // the group's own people who may answer
	extras  []Approver // the others who may
	need    int        // approvals that approve
	places  int        // answers the group can take
	taken   []Approver // seats that have a counted vote
	voters  []Approver // people whose vote counted
	yes, no []Vote
	status  Status
}

func newCount(g Group, ask Ask) *count {
	c := &count{group: g, ask: ask, status: StatusOpen}
	own := distinct(g.Approvers)
	c.listed = distinct(append(slices.Clone(own), ask.Extra...))
	for _, p := range c.listed {
		if reason, _ := c.struck(p); reason != "" {
			continue
		}
		if _, mine := find(own, p); mine {
			c.seats = append(c.seats, p)
		} else {
			c.extras = append(c.extras, p)
		}
	}
	switch g.Rule {
	case RuleEveryone:
		c.need = max(1, len(c.seats))
	case RuleMajority:
		c.need = len(c.seats)/2 + 1
	case RuleQuorum:
		c.need = max(1, g.Need)
	case RuleAnyone, RuleFirst:
		c.need = 1
	}
	c.places = max(c.need, len(c.seats))
	if g.Rule == RuleAnyone || g.Rule == RuleQuorum {
		c.places = max(c.need, len(c.seats)+len(c.extras)) // approvals alone decide these: more people, more chances
	}
	return c
}

// struck says why a person may not answer here, whatever they say.
func (c *count) struck(p Approver) (Reason, string) {
	for _, b := range c.ask.Bans {
		if b.Strikes(p) {
			return ReasonBanned, b.Why
		}
	}
	if c.ask.AllowRepeat {
		return "", ""
	}
	if _, decided := find(c.ask.Earlier, p); decided {
		return ReasonRepeat, p.Label() + " decided an earlier level"
	}
	return "", ""
}

// take counts a vote, or says why it does not count.
func (c *count) take(v Vote) (Reason, string) {
	by := complete(v.By, c.listed, c.group.People(), c.ask.Earlier)
	if by.nobody() {
		return ReasonStranger, "nobody knows who gave this answer"
	}
	if reason, detail := c.struck(by); reason != "" {
		return reason, detail
	}
	for _, b := range c.ask.Bans {
		if !b.comparable(by) {
			return ReasonStranger, "it cannot be ruled out that " + by.Label() + " is banned: the desk gave no e-mail address or ID"
		}
	}
	seat, own := find(c.listed, by)
	if !own {
		asked, known := find(c.listed, v.For)
		if !known {
			if reason, detail := c.struck(v.For); reason != "" {
				return reason, "asked of " + v.For.Label() + ": " + detail
			}
			if asked, known = c.stoodInFor(v.For); known {
				v.For = asked // what is recorded is for whom it counts
			}
		}
		if !known {
			return ReasonStranger, by.Label() + " is no approver of this group and stands in for none"
		}
		if reason, detail := c.struck(asked); reason != "" {
			return reason, "stood in for " + asked.Label() + ": " + detail
		}
		seat = asked
	}
	if _, twice := find(c.voters, by); twice {
		return ReasonDuplicate, by.Label() + " has answered in this group"
	}
	if _, twice := find(c.taken, seat); twice {
		return ReasonDuplicate, "somebody has answered for " + seat.Label()
	}
	if c.group.Rule.unknown() {
		return ReasonUnknown, fmt.Sprintf("the group's rule %q is unknown", c.group.Rule)
	}
	if c.status != StatusOpen {
		return ReasonLate, "the group was decided before"
	}
	c.taken, c.voters = append(c.taken, seat), append(c.voters, by)
	v.By = by
	if v.Decision == DecisionApproved {
		c.yes = append(c.yes, v)
	} else {
		c.no = append(c.no, v)
	}
	c.decide()
	return "", ""
}

// decide sets the state after a vote. Out of reach by rejections is a rejection; having nobody left is not, and is
// found by outcome.
func (c *count) decide() {
	switch {
	case len(c.no) > 0 && (c.group.Rule == RuleEveryone || c.group.Rule == RuleFirst),
		c.group.Rule == RuleQuorum && c.group.Deny > 0 && len(c.no) >= c.group.Deny,
		c.places-len(c.no) < c.need:
		c.status = StatusRejected
	case len(c.yes) >= c.need:
		c.status = StatusApproved
	}
}

// waiting lists who may still answer, stand-ins aside: not struck out, not answered, and nobody has answered for them.
func (c *count) waiting() []Approver {
	var left []Approver
	for _, p := range slices.Concat(c.seats, c.extras) {
		_, spoke := find(c.voters, p)
		_, stoodIn := find(c.taken, p)
		if !spoke && !stoodIn {
			left = append(left, p)
		}
	}
	return left
}

func (c *count) outcome() GroupOutcome {
	out := GroupOutcome{Group: c.group.Name, Status: c.status, Approved: c.yes, Rejected: c.no}
	if c.status == StatusOpen {
		waiting := c.waiting()
		places := c.places - len(c.yes) - len(c.no)
		if c.group.Rule.unknown() || len(c.yes)+min(places, len(waiting)) < c.need {
			out.Status = StatusImpossible
		}
		out.Waiting = slices.Concat(waiting, c.waitingStandIns(waiting))
	}
	out.Why = c.why(out)
	return out
}

func (c *count) why(out GroupOutcome) string {
	if c.group.Rule.unknown() {
		return fmt.Sprintf("unknown rule %q: it has to be everyone, anyone, majority, first or quorum", c.group.Rule)
	}
	text := fmt.Sprintf("%d of %d approved, %d needed", len(c.yes), c.places, c.need)
	switch out.Status {
	case StatusRejected:
		last := c.no[len(c.no)-1]
		text = fmt.Sprintf("rejected by %s; %s", names(c.no), text)
		if last.Remark != "" {
			text += fmt.Sprintf(" (%q)", last.Remark)
		}
	case StatusApproved:
		text = fmt.Sprintf("approved by %s; %s", names(c.yes), text)
	case StatusImpossible:
		text += "; not enough people are left who may answer" + c.struckWords() + ": name another approver"
	case StatusOpen:
		var who []string
		for _, p := range out.Waiting {
			who = append(who, p.Label())
		}
		text += "; waiting for " + strings.Join(who, ", ")
	}
	return text
}

// struckWords lists the group's people who may not answer, for the operator who has to name another one.
func (c *count) struckWords() string {
	var words []string
	for _, p := range c.listed {
		if reason, detail := c.struck(p); reason != "" {
			words = append(words, strings.TrimSpace(p.Label()+" may not: "+detail))
		}
	}
	if len(words) == 0 {
		return ""
	}
	return " (" + strings.Join(words, "; ") + ")"
}

func names(votes []Vote) string {
	list := make([]string, 0, len(votes))
	for _, v := range votes {
		name := v.By.Label()
		if !v.By.Same(v.For) && !v.For.nobody() {
			name += " for " + v.For.Label()
		}
		list = append(list, name)
	}
	return strings.Join(list, ", ")
}

func (r Rule) unknown() bool {
	switch r {
	case RuleEveryone, RuleAnyone, RuleMajority, RuleFirst, RuleQuorum:
		return false
	default:
		return true
	}
}
