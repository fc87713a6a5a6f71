package freshsim

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// approval is one person's answer to one request.
type approval struct {
	id, ticketID, approverID, userID int64
	state                            approvalState
	remark, email                    string
	delegatee                        int64
	group                            *approvalGroup
	reminders                        int
	created, updated                 time.Time
}

// approvalGroup holds approvals under a rule; groups of one chain run in parallel (reference §6.1).
type approvalGroup struct {
	id               int64
	name             string
	rule             approvalRule
	state            approvalState
	email            string
	chain            *chain
	approvals        []*approval
	created, updated time.Time
}

// chain holds groups under a rule. Only one chain of a ticket is active; its number is the level. While a chain is
// active further requests join it; once it has ended the next request opens the next chain (reference §6.1).
type chain struct {
	ticket *ticket
	level  int
	rule   approvalRule
	state  approvalState
	groups []*approvalGroup
}

// approvalStatus is the state of the newest chain: it changes only when a chain opens or has ended as a whole
// (reference §6.1).
func (t *ticket) approvalStatus() approvalState {
	if len(t.chains) == 0 {
		return stateNone
	}
	return t.chains[len(t.chains)-1].state
}

// openChain gives the active chain, or starts the next level.
func (t *ticket) openChain() *chain {
	if n := len(t.chains); n > 0 && t.chains[n-1].state == stateRequested {
		return t.chains[n-1]
	}
	ch := &chain{ticket: t, level: len(t.chains) + 1, rule: ruleEveryone}
	t.chains = append(t.chains, ch)
	return ch
}

// openGroup adds a group to the active chain.
func (d *database) openGroup(t *ticket, name string, rule approvalRule, email string) *approvalGroup {
	ch := t.openChain()
	now := d.clockNow()
	g := &approvalGroup{id: d.id(), name: name, rule: rule, email: email, chain: ch, created: now, updated: now}
	if g.name == "" {
		g.name = fmt.Sprintf("Approval Group %d", len(ch.groups)+1)
	}
	ch.groups = append(ch.groups, g)
	return g
}

// request asks one person within a group. A delegate that the person has named shows at once (reference §6.1).
func (d *database) request(g *approvalGroup, approver, raisedBy int64, email string) *approval {
	now := d.clockNow()
	a := &approval{
		id: d.id(), ticketID: g.chain.ticket.id, approverID: approver, userID: raisedBy, email: cmp.Or(email, g.email),
		group: g, created: now, updated: now,
	}
	if p := d.people.get(approver); p != nil && p.delegate != nil && p.delegate.active(now) {
		a.delegatee = p.delegate.to
	}
	g.approvals = append(g.approvals, a)
	d.approvals.put(a.id, a)
	t := g.chain.ticket
	by := d.people.get(raisedBy)
	if d.depth > 0 {
		by = nil // a workflow asks, in the name of the requester
	}
	d.record(t, by, " requested approval from "+d.personName(approver))
	d.touchTicket(t)
	d.raiseApproval(EventApprovalRequested, t, by, a)
	return a
}

func (x *delegation) active(now time.Time) bool {
	return !now.Before(x.from) && (x.until.IsZero() || now.Before(x.until))
}

// answerApproval is the approver's own act; no vendor endpoint can do it (reference §6.2). by 0 is the person shown:
// the delegatee where there is one, otherwise the approver.
func (d *database) answerApproval(a *approval, state approvalState, remark string, by int64, peer string) error {
	if a.state != stateRequested {
		return fmt.Errorf("approval %d is already %s; a decision that was made cannot be changed", a.id, a.state.name())
	}
	if a.group.state != stateRequested || a.group.chain.state != stateRequested {
		return fmt.Errorf("approval %d cannot be answered: its group has ended as %s", a.id, a.group.state.name())
	}
	if state == stateRejected && remark == "" {
		return fmt.Errorf("a remark is required to reject") // the stock e-mail says so (reference §6.1)
	}
	switch by {
	case 0:
	case a.approverID:
		a.delegatee = 0
	default:
		a.delegatee = by
	}
	a.state, a.remark, a.updated = state, remark, d.clockNow()
	actor := d.people.get(cmp.Or(a.delegatee, a.approverID))
	kind, words := EventApprovalApproved, " approved the request"
	if state == stateRejected {
		kind, words = EventApprovalRejected, " rejected the request"
	}
	t := a.group.chain.ticket
	var sub []string
	if remark != "" {
		sub = append(sub, "Remarks: "+remark)
	}
	d.record(t, actor, words, sub...)
	d.raiseApproval(kind, t, actor, a)
	d.settleChain(a.group.chain, actor, peer)
	return nil
}

// cancelApproval is the only change that the API allows (reference §6.2).
func (d *database) cancelApproval(a *approval, actor *person, peer string) {
	a.state, a.updated = stateCancelled, d.clockNow()
	t := a.group.chain.ticket
	d.record(t, actor, " cancelled the approval of "+d.personName(a.approverID))
	d.raiseApproval(EventApprovalCancelled, t, actor, a)
	d.settleChain(a.group.chain, actor, peer)
}

// settleChain recomputes groups, then the chain, then tells the ticket. What a group or chain ends without is closed.
func (d *database) settleChain(ch *chain, actor *person, peer string) {
	d.touchTicket(ch.ticket)
	if ch.state != stateRequested {
		return
	}
	now := d.clockNow()
	for _, g := range ch.groups {
		if g.state != stateRequested {
			continue
		}
		if g.state = decide(g.rule, g.votes()); g.state != stateRequested {
			g.updated = now
			g.close(peer, now)
		}
	}
	states := make([]approvalState, 0, len(ch.groups))
	for _, g := range ch.groups {
		states = append(states, g.state)
	}
	if ch.state = decide(ch.rule, states); ch.state == stateRequested {
		return
	}
	for _, g := range ch.groups {
		if g.state == stateRequested {
			g.state, g.updated = peerState(peer), now
			g.close(peer, now)
		}
	}
	d.record(ch.ticket, nil, fmt.Sprintf(" set Approval Status as %s", approvalStatusName(ch.state)))
	d.raise(EventApprovalStatusChanged, ch.ticket, actor, map[string]Change{
		"approval_status": {From: approvalStatusName(stateRequested), To: approvalStatusName(ch.state)},
	})
}

func (g *approvalGroup) votes() []approvalState {
	out := make([]approvalState, 0, len(g.approvals))
	for _, a := range g.approvals {
		out = append(out, a.state)
	}
	return out
}

// close ends the approvals that nobody answered.
func (g *approvalGroup) close(peer string, now time.Time) {
	for _, a := range g.approvals {
		if a.state == stateRequested {
			a.state, a.updated = peerState(peer), now
		}
	}
}

// peerState is what PeerStatus names.
func peerState(peer string) approvalState {
	switch peer {
	case PeerRequested:
		return stateRequested
	case PeerCancelled:
		return stateCancelled
	}
	return statePeer
}

// replaceApprovers makes a group's approvers exactly ids: new ones are asked, open ones that are gone are cancelled,
// answers that were given stay.
func (d *database) replaceApprovers(g *approvalGroup, ids []int64, actor *person, peer string) {
	var gone []*approval
	for _, a := range g.approvals {
		if a.state == stateRequested && !slices.Contains(ids, a.approverID) {
			gone = append(gone, a)
		}
	}
	for _, id := range ids {
		asked := slices.ContainsFunc(g.approvals, func(a *approval) bool { return a.approverID == id && a.state != stateCancelled })
		if !asked {
			d.request(g, id, actor.id, "")
		}
	}
	for _, a := range gone {
		d.cancelApproval(a, actor, peer)
	}
}
