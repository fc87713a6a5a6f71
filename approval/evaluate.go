package approval

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// Ask is everything a level is judged by, beside the level itself.
type Ask struct {
	Votes []Vote
	Bans  []Ban // the requester, the beneficiary and whoever policy names
	// Earlier are the people who decided earlier levels. They are struck out unless AllowRepeat is set.
	Earlier     []Approver
	AllowRepeat bool // Chain.AllowRepeat
	// Extra people may answer in every group beside those it names: escalation has come, or an operator reassigned.
	// They never raise what a rule needs. Under everyone and majority an extra answers in place of somebody who has
	// not, so extras cannot outweigh a rejection there.
	Extra []Approver
	// Since is when the desk's own chain began to be about the present plan; only Desk looks at it. Zero is always.
	Since time.Time
}

// Evaluate says where the level stands and why. It is a function of its input alone: votes are taken in the order they
// were given (time, then approval ID), whatever order they come in, and a group that is decided stays decided.
//
// A vote belongs to whoever gave it. A delegate who is not an approver of the group counts for the person asked; one
// who is counts for themselves, and the person they stood in for may still answer. Nobody counts twice in a group, and
// each person asked has one vote.
func (l Level) Evaluate(ask Ask) Outcome {
	votes := slices.Clone(ask.Votes)
	slices.SortStableFunc(votes, func(a, b Vote) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ApprovalID, b.ApprovalID))
	})
	counts := make(map[string]*count, len(l.Groups))
	for _, g := range l.Groups {
		counts[g.Name] = newCount(g, ask)
	}
	var out Outcome
	for _, v := range votes {
		switch v.Decision {
		case DecisionApproved, DecisionRejected:
		case DecisionCancelled:
			out.Ignored = append(out.Ignored, Ignored{v, ReasonCancelled, "the request was withdrawn"})
			continue
		case DecisionRequested:
			continue
		default:
			continue // a word we do not know is no answer
		}
		c, ours := counts[v.Group]
		if !ours {
			out.Ignored = append(out.Ignored, Ignored{v, ReasonUnknown, "this case did not open that approval"})
			continue
		}
		if reason, detail := c.take(v); reason != "" {
			out.Ignored = append(out.Ignored, Ignored{v, reason, detail})
		}
	}
	for _, g := range l.Groups {
		out.Groups = append(out.Groups, counts[g.Name].outcome())
	}
	out.Status, out.Why = sum(out.Groups)
	return out
}

// sum is the level's state: all groups have to approve, one rejection rejects. A level without groups is approved by
// nobody, so it is impossible rather than approved.
func sum(groups []GroupOutcome) (Status, string) {
	if len(groups) == 0 {
		return StatusImpossible, "the level names no group of approvers"
	}
	approved := 0
	for _, s := range []Status{StatusRejected, StatusImpossible} {
		for _, g := range groups {
			if g.Status == s {
				return s, named(groups, g)
			}
		}
	}
	var open []GroupOutcome
	for _, g := range groups {
		if g.Status == StatusApproved {
			approved++
		} else {
			open = append(open, g)
		}
	}
	switch {
	case len(open) > 0 && len(groups) == 1:
		return StatusOpen, open[0].Why
	case len(open) > 0:
		return StatusOpen, fmt.Sprintf("%d of %d groups approved; %s: %s", approved, len(groups), open[0].Group, open[0].Why)
	case len(groups) == 1:
		return StatusApproved, groups[0].Why
	default:
		return StatusApproved, fmt.Sprintf("all %d groups approved", len(groups))
	}
}

func named(groups []GroupOutcome, g GroupOutcome) string {
	if len(groups) == 1 {
		return g.Why
	}
	return g.Group + ": " + g.Why
}
