package approval

import (
	"fmt"
	"slices"
)

// Desk judges the desk's own chain (ModeDesk) once it has ended. The desk's rules decided; ours only strikes people
// out: where every approval of a group came from somebody banned, the group has no approval, and the chain is
// impossible rather than approved. Status is the ticket's own approval status; Ask.Extra, Earlier and AllowRepeat are
// not looked at, because these groups are not ours. Answers that are not after
// Ask.Since were given to another plan and do not count.
func Desk(status Decision, ask Ask) Outcome {
	var order []string
	stale := map[string]bool{}
	groups := map[string]*GroupOutcome{}
	var out Outcome
	for _, v := range ask.Votes {
		if v.Decision != DecisionApproved && v.Decision != DecisionRejected {
			continue
		}
		g, seen := groups[v.Group]
		if !seen {
			g = &GroupOutcome{Group: v.Group, Status: StatusOpen}
			groups[v.Group], order = g, append(order, v.Group)
		}
		if !ask.Since.IsZero() && !v.At.After(ask.Since) {
			out.Ignored = append(out.Ignored, Ignored{v, ReasonStale, "given before the plan changed"})
			stale[v.Group] = true
			continue
		}
		if why, banned := bannedHere(v, ask.Bans); banned {
			out.Ignored = append(out.Ignored, Ignored{v, ReasonBanned, why})
			continue
		}
		if v.Decision == DecisionApproved {
			g.Approved = append(g.Approved, v)
		} else {
			g.Rejected = append(g.Rejected, v)
		}
	}
	slices.Sort(order)
	for _, name := range order {
		g := groups[name]
		switch {
		case len(g.Approved) > 0:
			g.Status, g.Why = StatusApproved, "approved by "+names(g.Approved)
		case len(g.Rejected) > 0:
			g.Status, g.Why = StatusRejected, "rejected by "+names(g.Rejected)
		case stale[name]:
			g.Status, g.Why = StatusImpossible, "answered before the plan changed"
		default:
			g.Status, g.Why = StatusImpossible, "answered only by people who may not approve this"
		}
		out.Groups = append(out.Groups, *g)
	}
	out.Status, out.Why = deskStatus(status, out.Groups)
	return out
}

func bannedHere(v Vote, bans []Ban) (string, bool) {
	if v.By.nobody() {
		return "nobody knows who gave this answer", true
	}
	for _, b := range bans {
		if b.Strikes(v.By) || b.Strikes(v.For) {
			return b.Why, true
		}
		if !b.comparable(v.By) {
			return "it cannot be ruled out that " + v.By.Label() + " is banned: the desk gave no e-mail address or ID", true
		}
	}
	return "", false
}

func deskStatus(status Decision, groups []GroupOutcome) (Status, string) {
	switch status {
	case DecisionApproved:
		if len(groups) == 0 {
			return StatusImpossible, "the desk says approved and shows nobody who approved"
		}
		for _, g := range groups {
			if g.Status == StatusImpossible {
				return StatusImpossible, fmt.Sprintf("the desk's chain was approved, but group %q was %s", g.Group, g.Why)
			}
		}
		if !slices.ContainsFunc(groups, func(g GroupOutcome) bool { return g.Status == StatusApproved }) {
			return StatusImpossible, "the desk says approved and shows nobody who approved"
		}
		return StatusApproved, "the desk's own chain was approved"
	case DecisionRejected:
		return StatusRejected, "the desk's own chain was rejected"
	case DecisionCancelled:
		return StatusRejected, "the desk's own chain was cancelled"
	case DecisionRequested:
		return StatusOpen, "the desk's own chain is not decided"
	default:
		return StatusOpen, "the desk has not asked for an approval yet"
	}
}
