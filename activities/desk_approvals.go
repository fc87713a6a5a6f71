package activities

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"latchkey/approval"
	"latchkey/casework"
	"latchkey/clients/freshservice"
	"latchkey/contract"
	"latchkey/policy"
)

// ReadApprovals reads every answer that concerns a case. It decides nothing: the engine in package approval does.
func (d *Desk) ReadApprovals(ctx context.Context, in contract.ReadApprovalsInput) (contract.ReadApprovalsResult, error) {
	out, err := d.readApprovals(ctx, in)
	if err != nil {
		return contract.ReadApprovalsResult{}, d.failed(ctx, about("reading the approvals of", in.Ticket), err)
	}
	return out, nil
}

func (d *Desk) readApprovals(ctx context.Context, in contract.ReadApprovalsInput) (contract.ReadApprovalsResult, error) {
	var out contract.ReadApprovalsResult
	var err error
	switch in.Mode {
	case approval.ModeLevels:
		err = d.readLevels(ctx, in, &out)
	case approval.ModeDesk:
		err = d.readDeskChain(ctx, in, &out)
	case approval.ModeStage:
		out.Reach, err = d.stageReached(ctx, in)
	case approval.ModeNone:
	default:
		err = problemf(casework.Invalid, "the way of approving %q is not known", in.Mode)
	}
	return out, err
}

// readLevels splits our own approvals by unit and maps them to votes. Those of earlier levels, rounds and runs are ours
// but no longer asked about; everything else is a stranger.
func (d *Desk) readLevels(ctx context.Context, in contract.ReadApprovalsInput, out *contract.ReadApprovalsResult) error {
	all, err := d.readDesk(ctx, in.Ticket)
	if err != nil {
		return err
	}
	names := addressBook{desk: d}
	for _, unit := range in.Units {
		if unit.Level >= len(unit.Chain.Levels) {
			continue
		}
		level := unit.Chain.Levels[unit.Level]
		votes := contract.UnitVotes{Unit: unit.Key, Level: unit.Level, Round: unit.Round}
		names.learn(level, unit.Extra)
		for _, a := range all.ours {
			if a.id.levelKey != keyOf(in.Ticket, in.Run, unit) || a.id.group > len(level.Groups) || a.id.group < 1 {
				continue
			}
			if a.open && !slices.Contains(votes.Asked, a.ApproverID) {
				votes.Asked = append(votes.Asked, a.ApproverID)
			}
			vote, counts, err := names.vote(ctx, a.Approval, level.Groups[a.id.group-1].Name)
			if err != nil {
				return err
			}
			if counts {
				votes.Votes = append(votes.Votes, vote)
			}
		}
		if err := d.standIns(ctx, unit, &votes); err != nil {
			return err
		}
		out.Votes = append(out.Votes, votes)
	}
	for _, a := range all.strangers {
		if a.Status != freshservice.ApprovalApproved && a.Status != freshservice.ApprovalRejected {
			continue
		}
		vote, _, err := names.vote(ctx, a, groupLabel(a))
		if err != nil {
			return err
		}
		out.Strangers = append(out.Strangers, vote)
	}
	return nil
}

// readDeskChain reads the ticket's own approval status and who answered. Chains before the last one that was rejected or
// cancelled are history: the desk asked again. A group that was asked again under its own name is one group, so an
// answer by somebody who may not approve can be made good by asking again.
func (d *Desk) readDeskChain(ctx context.Context, in contract.ReadApprovalsInput, out *contract.ReadApprovalsResult) error {
	t, err := d.Client.GetTicket(ctx, in.Ticket)
	if err != nil {
		return err
	}
	approvals, err := d.Client.ListApprovals(ctx, in.Ticket)
	if err != nil {
		return err
	}
	groups, err := d.Client.ListApprovalGroups(ctx, in.Ticket)
	if err != nil {
		return err
	}
	out.Desk.Status = string(cmp.Or(t.ApprovalStatus, freshservice.ApprovalNotRequested))
	current := currentChains(approvals, groups)
	names := addressBook{desk: d}
	for _, a := range approvals {
		if a.Level < current {
			continue
		}
		vote, counts, err := names.vote(ctx, a, groupLabel(a))
		if err != nil {
			return err
		}
		if counts {
			out.Desk.Votes = append(out.Desk.Votes, vote)
		}
	}
	return nil
}

// currentChains is the number of the first chain that still speaks for the ticket: the newest, and those before it up to
// the last one that ended without an approval.
func currentChains(approvals []freshservice.Approval, groups []freshservice.ApprovalGroup) int {
	newest := 0
	for _, a := range approvals {
		newest = max(newest, a.Level)
	}
	failed := 0
	for _, g := range groups {
		ended := g.Status == freshservice.ApprovalRejected || g.Status == freshservice.ApprovalCancelled
		if ended && g.Level < newest {
			failed = max(failed, g.Level)
		}
	}
	return failed + 1
}

// groupLabel names the group of an approval that we did not open.
func groupLabel(a freshservice.Approval) string {
	if a.Group == nil || a.Group.Name == "" {
		return "approval"
	}
	return a.Group.Name
}

// stageReached says whether the ticket has reached the stage that policy names, for every unit.
func (d *Desk) stageReached(ctx context.Context, in contract.ReadApprovalsInput) (bool, error) {
	request, err := d.stageRequest(ctx, in)
	if err != nil {
		return false, err
	}
	for _, unit := range in.Units {
		_, route, err := d.routed(ctx, request, unit)
		if err != nil {
			return false, err
		}
		if route.Mode != approval.ModeStage || !route.StageReached {
			return false, nil
		}
	}
	return len(in.Units) > 0, nil
}

// stageRequest is the request that the units are of: the caller's or, where it gives none, what the ticket asks for now.
func (d *Desk) stageRequest(ctx context.Context, in contract.ReadApprovalsInput) (casework.Request, error) {
	if in.Request.UseCase != "" || len(in.Units) == 0 {
		return in.Request, nil
	}
	p := d.Policy.Current()
	read, _, err := d.readTicket(ctx, p, in.Ticket, func(policy.TicketFacts) bool { return true })
	if err != nil {
		return casework.Request{}, err
	}
	c, err := d.classify(p, in.Units[0].Plan.UseCase, "", read)
	if err != nil {
		return casework.Request{}, err
	}
	if err := d.forWhom(ctx, read, &c); err != nil {
		return casework.Request{}, err
	}
	request := casework.Request{Ticket: read.ticket}
	fill(&request, c)
	return request, nil
}

// addressBook completes the people of votes: the desk shows an ID and a name, bans may know only an address.
type addressBook struct {
	desk  *Desk
	known []approval.Approver
}

func (b *addressBook) learn(level approval.Level, extra []approval.Approver) {
	for _, g := range level.Groups {
		b.known = append(b.known, g.People()...)
	}
	b.known = append(append(b.known, level.EscalateTo...), extra...)
}

// person gives somebody's address. Somebody who is not on the desk any more stays an ID and a name.
func (b *addressBook) person(ctx context.Context, id int64, name string) (approval.Approver, error) {
	for _, a := range b.known {
		if a.DeskID == id {
			return a, nil
		}
	}
	a := approval.Approver{DeskID: id, Name: name}
	p, ok, err := b.desk.personByID(ctx, id)
	if err != nil {
		return a, err
	}
	if ok {
		a.Email, a.Name = strings.ToLower(p.Email), p.Name()
	}
	b.known = append(b.known, a)
	return a, nil
}

// vote maps an approval. It belongs to the delegatee where the desk shows one. counts is false for what is no answer and
// no question either: one that ended with the answers of others.
func (b *addressBook) vote(ctx context.Context, a freshservice.Approval, group string) (vote approval.Vote, counts bool, err error) {
	vote = approval.Vote{ApprovalID: a.ID, Group: group, Remark: a.Remark}
	switch a.Status {
	case freshservice.ApprovalRequested:
		vote.Decision = approval.DecisionRequested
	case freshservice.ApprovalApproved:
		vote.Decision, vote.At = approval.DecisionApproved, answeredAt(a)
	case freshservice.ApprovalRejected:
		vote.Decision, vote.At = approval.DecisionRejected, answeredAt(a)
	case freshservice.ApprovalCancelled:
		vote.Decision, vote.At = approval.DecisionCancelled, answeredAt(a)
	case freshservice.ApprovalNotRequested, freshservice.ApprovalPeerResponded:
		return vote, false, nil
	default:
		return vote, false, nil // a word we do not know is no answer
	}
	if vote.For, err = b.person(ctx, a.ApproverID, a.ApproverName); err != nil {
		return vote, false, err
	}
	vote.By = vote.For
	if a.Delegatee != nil && a.Delegatee.ID != 0 {
		vote.By, err = b.person(ctx, a.Delegatee.ID, a.Delegatee.Name)
	}
	return vote, true, err
}

func answeredAt(a freshservice.Approval) time.Time { return a.UpdatedAt.UTC() }
