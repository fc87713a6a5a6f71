package activities

import (
	"context"
	"slices"

	"go.temporal.io/sdk/activity"

	"latchkey/approval"
	"latchkey/casework"
	"latchkey/clients/freshservice"
)

// deskApprovals is everything the desk shows of a ticket's approvals, split into what this product opened and the rest.
type deskApprovals struct {
	ours      []ourApproval
	strangers []freshservice.Approval
	groups    []ourGroup
	closed    map[int64]bool // by group ID: the vendor takes no answer there any more
}

// ourApproval is an approval in a group that we opened.
type ourApproval struct {
	freshservice.Approval
	id   openedGroup
	open bool // it can still be answered
}

// ourGroup is a group that carries a name of ours.
type ourGroup struct {
	freshservice.ApprovalGroup
	id openedGroup
}

// readDesk lists a ticket's approvals and groups, one call each. An approval is ours when its group carries a name of
// ours for this ticket and our own account asked for it: a group that somebody else gave such a name is a stranger.
func (d *Desk) readDesk(ctx context.Context, ticket int64) (deskApprovals, error) {
	me, err := d.self(ctx)
	if err != nil {
		return deskApprovals{}, err
	}
	groups, err := d.Client.ListApprovalGroups(ctx, ticket)
	if err != nil {
		return deskApprovals{}, err
	}
	approvals, err := d.Client.ListApprovals(ctx, ticket)
	if err != nil {
		return deskApprovals{}, err
	}
	all := deskApprovals{closed: map[int64]bool{}}
	ended := endedChains(groups)
	for _, g := range groups {
		if unexplained(g, approvals) && activity.GetInfo(ctx).Attempt < tornReads {
			return all, problemf(casework.Ambiguous, "the desk says that an approval group is %s and does not show by whom yet", g.Status)
		}
		all.closed[g.ID] = ended(g.Level) || g.Status != "" && g.Status != freshservice.ApprovalRequested
		if id, ok := parseGroupName(g.Name); ok && id.ticket == ticket {
			all.groups = append(all.groups, ourGroup{g, id})
		}
	}
	for _, a := range approvals {
		id, named := openedGroup{}, false
		if a.Group != nil {
			id, named = parseGroupName(a.Group.Name)
		}
		if !named || id.ticket != ticket || me.ID != 0 && a.RequestedBy != 0 && a.RequestedBy != me.ID {
			all.strangers = append(all.strangers, a)
			continue
		}
		open := a.Status == freshservice.ApprovalRequested && !all.closed[a.Group.ID]
		all.ours = append(all.ours, ourApproval{a, id, open})
	}
	return all, nil
}

// tornReads is the attempt of an activity at which lists that contradict each other are taken as they are: the attempts
// before it take about readsSettle.
const tornReads = 6

// unexplained says that a group was decided and that none of its approvals, as listed a moment later, decided it: one of
// the two lists is behind. Taking such a group as closed without an answer would ask its people once more.
func unexplained(g freshservice.ApprovalGroup, approvals []freshservice.Approval) bool {
	if g.Status != freshservice.ApprovalApproved && g.Status != freshservice.ApprovalRejected {
		return false
	}
	return !slices.ContainsFunc(approvals, func(a freshservice.Approval) bool {
		return a.Group != nil && a.Group.ID == g.ID && a.Status == g.Status
	})
}

// endedChains says which of a ticket's chains take no answer any more. The vendor shows no state of a chain: only the
// newest is active, and it ends at a rejection under the rule that we set. What it leaves unanswered may still read
// "requested".
func endedChains(groups []freshservice.ApprovalGroup) func(level int) bool {
	newest, rejected := 0, map[int]bool{}
	for _, g := range groups {
		newest = max(newest, g.Level)
		if g.Status == freshservice.ApprovalRejected {
			rejected[g.Level] = true
		}
	}
	return func(level int) bool { return level < newest || rejected[level] }
}

// askRound is one further group to open: for whom, and under which name.
type askRound struct {
	id     openedGroup
	people []approval.Approver
	name   string
	names  []string // groups that are there already
}

// toAsk narrows the people of a group to those who have no open request there. Unless waiting says that the engine still
// waits for all of them, whoever was asked once is not asked again, whatever became of it: an answer may have come, and
// closed the group, between a lost answer and this attempt.
func (all deskApprovals) toAsk(key levelKey, group int, whom []approval.Approver, waiting bool) (askRound, error) {
	round := askRound{id: openedGroup{levelKey: key, group: group, attempt: 1}}
	for _, g := range all.groups {
		if g.id.levelKey == key && g.id.group == group {
			round.id.attempt = max(round.id.attempt, g.id.attempt+1)
			round.names = append(round.names, g.Name)
		}
	}
	for _, a := range whom {
		settled := slices.ContainsFunc(all.ours, func(o ourApproval) bool {
			if o.id.levelKey != key || o.id.group != group || o.ApproverID != a.DeskID {
				return false
			}
			return o.open || !waiting
		})
		if !settled {
			round.people = append(round.people, a)
		}
	}
	if len(round.people) > 0 && round.id.attempt > mostAttempts {
		return round, problemf(casework.Conflict,
			"the approval group was closed %d times in Freshservice before everybody had answered: look who closes it there, then retry", mostAttempts)
	}
	return round, nil
}
