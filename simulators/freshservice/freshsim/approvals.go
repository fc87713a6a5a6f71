package freshsim

import (
	"cmp"
	"iter"
	"net/http"
	"slices"
	"strconv"
)

// approvalView is the approval object (reference §6.2); email_content only on create and view.
func (c *call) approvalView(a *approval, full bool) obj {
	v := obj{
		"id": a.id, "created_at": stamp(a.created), "updated_at": stamp(a.updated), "approver_id": a.approverID,
		"approver_name": c.db.personName(a.approverID), "approval_type": int(a.group.rule), "user_id": a.userID,
		"user_name": c.db.personName(a.userID), "level": a.group.chain.level, "approval_status": a.state.view(),
		"approval_group": obj{"id": a.group.id, "name": a.group.name, "rule": int(a.group.rule)},
		"delegatee":      nil, "latest_remark": orNull(a.remark),
	}
	if a.delegatee != 0 {
		v["delegatee"] = obj{"id": a.delegatee, "name": c.db.personName(a.delegatee)}
	}
	if full {
		v["email_content"] = orNull(a.email)
	}
	return v
}

// approver checks that an approver exists. A deactivated one is accepted silently unless the knob says otherwise
// (reference §11.15: undocumented).
func (c *call) approver(in *input, field string, id int64) {
	p := c.db.people.get(id)
	switch {
	case p == nil:
		in.fail(field, codeInvalidValue, msgUnknownID)
	case !p.active && c.s.knobs.RefuseInactiveApprovers:
		in.fail(field, codeInvalidValue, "The approver is deactivated")
	}
}

// createApproval asks one person: in the named group, or in a group of its own in the active chain (reference §6.2).
func createApproval(c *call) (*answer, error) {
	t, err := c.ticket()
	if err != nil {
		return nil, err
	}
	in, err := c.input()
	if err != nil {
		return nil, err
	}
	in.require(msgPositive, "approver_id")
	in.require(oneOfMessage([]int{1, 2, 3, 4}), "approval_type")
	approver, email := in.int("approver_id"), in.str("email_content")
	rule := approvalRule(in.oneOf("approval_type", 1, 1, 2, 3, 4))
	if approver != 0 {
		c.approver(in, "approver_id", approver)
	}
	var g *approvalGroup
	if id := in.int("approval_group_id"); id != 0 {
		if g = t.approvalGroup(id); g == nil {
			in.fail("approval_group_id", codeInvalidValue, msgUnknownID)
		} else if g.state != stateRequested || g.chain.state != stateRequested {
			in.fail("approval_group_id", codeIncompatible, "The approval group has ended")
		}
	}
	if err := in.done(); err != nil {
		return nil, err
	}
	if g == nil {
		g = c.db.openGroup(t, "", rule, email)
	}
	a := c.db.request(g, approver, c.actor.id, email)
	// The docs show a list under the plural key (reference §6.2).
	return &answer{status: http.StatusCreated, body: obj{"approvals": []obj{c.approvalView(a, true)}}}, nil
}

func (t *ticket) approvalGroup(id int64) *approvalGroup {
	for _, ch := range t.chains {
		for _, g := range ch.groups {
			if g.id == id {
				return g
			}
		}
	}
	return nil
}

// allApprovals walks a ticket's approvals by level.
func (t *ticket) allApprovals() iter.Seq[*approval] {
	return func(yield func(*approval) bool) {
		for _, ch := range t.chains {
			for _, g := range ch.groups {
				for _, a := range g.approvals {
					if !yield(a) {
						return
					}
				}
			}
		}
	}
}

func listTicketApprovals(c *call) (*answer, error) {
	t, err := c.ticket()
	if err != nil {
		return nil, err
	}
	return listed(c, "approvals", t.allApprovals(), func(a *approval) obj { return c.approvalView(a, false) })
}

func (c *call) approval() (*ticket, *approval, error) {
	t, err := c.ticket()
	if err != nil {
		return nil, nil, err
	}
	a := c.db.approvals.get(c.ids["aid"])
	if a == nil || a.ticketID != t.id {
		return nil, nil, notFound()
	}
	return t, a, nil
}

func getApproval(c *call) (*answer, error) {
	_, a, err := c.approval()
	if err != nil {
		return nil, err
	}
	return ok(obj{"approval": c.approvalView(a, true)})
}

// remindApproval answers 200 without a body (reference §6.2).
func remindApproval(c *call) (*answer, error) {
	t, a, err := c.approval()
	if err != nil {
		return nil, err
	}
	if len(c.body) > 2 {
		return nil, &apiError{status: http.StatusBadRequest, code: "no_content_required", message: "No content is required"}
	}
	if a.state != stateRequested {
		return nil, invalid("approval_status", codeIncompatible, "Only a requested approval can be reminded")
	}
	a.reminders++
	c.db.record(t, c.actor, " sent an approval reminder to "+c.db.personName(a.approverID))
	return ok(nil)
}

// updateApproval cancels; approving and rejecting are refused, because only the approver can (reference §6.2).
func updateApproval(c *call) (*answer, error) {
	_, a, err := c.approval()
	if err != nil {
		return nil, err
	}
	in, err := c.input()
	if err != nil {
		return nil, err
	}
	in.require(msgObject, "approval_status")
	status := in.object("approval_status")
	if id, isInt := toInt(status["id"], false); status != nil && (!isInt || id != int64(stateCancelled)) {
		in.fail("approval_status", codeInvalidValue, oneOfMessage([]int{int(stateCancelled)}))
	} else if a.state != stateRequested {
		in.fail("approval_status", codeIncompatible, "Only a requested approval can be cancelled")
	}
	if err := in.done(); err != nil {
		return nil, err
	}
	c.db.cancelApproval(a, c.actor, c.s.knobs.PeerStatus)
	return ok(obj{"approval": c.approvalView(a, false)})
}

// listApprovals is GET /approvals: parent and one of approver_id, status, parent_id, delegatee_id are needed; oldest
// first, with a total (reference §6.2).
func listApprovals(c *call) (*answer, error) {
	q := c.query
	parent := q.Get("parent")
	if parent != "ticket" && parent != "change" {
		return nil, invalid("parent", codeInvalidValue, oneOfMessage([]string{"ticket", "change"}))
	}
	if !q.Has("approver_id") && !q.Has("status") && !q.Has("parent_id") && !q.Has("delegatee_id") {
		return nil, invalid("parent", codeMissing, "One of the following is required: approver_id, status, parent_id, delegatee_id")
	}
	var approver, ticketID, delegatee, level int64
	for name, to := range map[string]*int64{"approver_id": &approver, "parent_id": &ticketID, "delegatee_id": &delegatee, "level": &level} {
		if !q.Has(name) {
			continue
		}
		n, err := strconv.ParseInt(q.Get(name), 10, 64)
		if err != nil || n < 1 {
			return nil, invalid(name, codeDatatype, msgPositive)
		}
		*to = n
	}
	names := []string{"requested", "approved", "rejected", "cancelled", PeerResponded}
	status := q.Get("status")
	if q.Has("status") && !slices.Contains(names, status) {
		return nil, invalid("status", codeInvalidValue, oneOfMessage(names))
	}
	seq := matching(c.db.approvals.all(), func(a *approval) bool {
		return parent == "ticket" && (approver == 0 || a.approverID == approver) && (ticketID == 0 || a.ticketID == ticketID) &&
			(delegatee == 0 || a.delegatee == delegatee) && (level == 0 || int64(a.group.chain.level) == level) &&
			(status == "" || a.state.name() == status)
	})
	p, err := c.page()
	if err != nil {
		return nil, err
	}
	p.size = defaultPerPage
	rows, total := countPage(p, seq)
	out := make([]obj, 0, len(rows))
	for _, a := range rows {
		v := c.approvalView(a, false)
		v["parent"], v["parent_id"] = parent, a.ticketID
		out = append(out, v)
	}
	return ok(obj{"approvals": out, "total": total})
}

func (c *call) approvalGroupView(g *approvalGroup) obj {
	out := make([]obj, 0, len(g.approvals))
	for _, a := range g.approvals {
		out = append(out, c.approvalView(a, false))
	}
	return obj{
		"id": g.id, "name": g.name, "rule": int(g.rule), "status": g.state.view(), "level": g.chain.level,
		"created_at": stamp(g.created), "updated_at": stamp(g.updated), "approvals": out,
	}
}

// createApprovalGroup takes approval_type and notified_to, where the update takes rule and approver_ids (reference §6.2).
func createApprovalGroup(c *call) (*answer, error) {
	t, err := c.ticket()
	if err != nil {
		return nil, err
	}
	in, err := c.input()
	if err != nil {
		return nil, err
	}
	in.require(msgString, "name")
	in.require(oneOfMessage([]int{1, 2, 3, 4}), "approval_type")
	in.require(msgArray, "notified_to")
	name, email := in.str("name"), in.str("email_content")
	rule := approvalRule(in.oneOf("approval_type", 1, 1, 2, 3, 4))
	ids := distinct(in.ints("notified_to"))
	c.approverList(in, "notified_to", ids)
	if err := in.done(); err != nil {
		return nil, err
	}
	g := c.db.openGroup(t, name, rule, email)
	for _, id := range ids {
		c.db.request(g, id, c.actor.id, "")
	}
	return &answer{status: http.StatusCreated, body: obj{"approval_group": c.approvalGroupView(g)}}, nil
}

func (c *call) approverList(in *input, field string, ids []int64) {
	if v, sent := in.value(field); sent && len(ids) == 0 {
		if l, isList := v.([]any); isList && len(l) == 0 {
			in.fail(field, codeInvalidValue, "It should not be empty")
		}
	}
	for _, id := range ids {
		c.approver(in, field, id)
	}
}

// distinct drops repeats and keeps the order.
func distinct(ids []int64) []int64 {
	var out []int64
	for _, id := range ids {
		if !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	return out
}

func listApprovalGroups(c *call) (*answer, error) {
	t, err := c.ticket()
	if err != nil {
		return nil, err
	}
	out := []obj{}
	for _, ch := range t.chains {
		for _, g := range ch.groups {
			out = append(out, obj{"id": g.id, "name": g.name, "rule": int(g.rule), "status": g.state.view(), "level": ch.level})
		}
	}
	return ok(obj{"approval_groups": out})
}

// updateApprovalGroup changes name, rule, approvers or text, or cancels with {"status":3} (reference §6.2).
func updateApprovalGroup(c *call) (*answer, error) {
	t, err := c.ticket()
	if err != nil {
		return nil, err
	}
	g := t.approvalGroup(c.ids["gid"])
	if g == nil {
		return nil, notFound()
	}
	in, err := c.input()
	if err != nil {
		return nil, err
	}
	cancel := in.has("status")
	in.oneOf("status", int(stateCancelled), int(stateCancelled))
	name, email := cmp.Or(in.str("name"), g.name), cmp.Or(in.str("email_content"), g.email)
	rule := approvalRule(in.oneOf("rule", int(g.rule), 1, 2, 3, 4))
	replace := in.has("approver_ids")
	ids := distinct(in.ints("approver_ids"))
	c.approverList(in, "approver_ids", ids)
	if g.state != stateRequested || g.chain.state != stateRequested {
		in.fail("status", codeIncompatible, "The approval group has ended")
	}
	if err := in.done(); err != nil {
		return nil, err
	}
	peer := c.s.knobs.PeerStatus
	g.name, g.rule, g.email, g.updated = name, rule, email, c.now
	switch {
	case cancel:
		c.db.cancelGroup(g, c.actor, peer)
	case replace:
		c.db.replaceApprovers(g, ids, c.actor, peer)
	}
	c.db.settleChain(g.chain, c.actor, peer)
	return ok(obj{"approval_group": c.approvalGroupView(g)})
}

// cancelGroup ends a group as cancelled, whatever answers it already holds: answers given so far stay on record.
func (d *database) cancelGroup(g *approvalGroup, actor *person, peer string) {
	now := d.clockNow()
	g.state, g.updated = stateCancelled, now
	for _, a := range g.approvals {
		if a.state == stateRequested {
			a.state, a.updated = stateCancelled, now
			d.raiseApproval(EventApprovalCancelled, g.chain.ticket, actor, a)
		}
	}
	d.record(g.chain.ticket, actor, " cancelled the approval group "+g.name)
	d.settleChain(g.chain, actor, peer)
}

// updateChainRule sets the rule over the groups of the active chain (reference §6.2).
func updateChainRule(c *call) (*answer, error) {
	t, err := c.ticket()
	if err != nil {
		return nil, err
	}
	in, err := c.input()
	if err != nil {
		return nil, err
	}
	in.require(oneOfMessage([]int{1, 2, 3, 4}), "rule")
	rule := approvalRule(in.oneOf("rule", 1, 1, 2, 3, 4))
	if t.approvalStatus() != stateRequested {
		in.fail("rule", codeIncompatible, "There is no active approval chain")
	}
	if err := in.done(); err != nil {
		return nil, err
	}
	ch := t.chains[len(t.chains)-1]
	ch.rule = rule
	c.db.settleChain(ch, c.actor, c.s.knobs.PeerStatus)
	groups := make([]obj, 0, len(ch.groups))
	for _, g := range ch.groups {
		groups = append(groups, c.approvalGroupView(g))
	}
	return ok(obj{"approval_chain": obj{"level": ch.level, "rule": int(ch.rule), "status": ch.state.view(), "approval_groups": groups}})
}
