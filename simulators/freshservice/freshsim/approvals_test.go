package freshsim_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/simulators/freshservice/freshsim"
)

// board is a ticket with people who may approve it.
type board struct {
	*account
	id     int64
	path   string
	people []int64
}

func openBoard(t *testing.T, people int, change ...func(*freshsim.Options)) *board {
	t.Helper()
	a := open(t, change...)
	b := &board{account: a, id: a.ticket(nil)}
	b.path = fmt.Sprintf("/tickets/%d", b.id)
	for i := range people {
		b.people = append(b.people, a.person(fmt.Sprintf("Approver%d", i), fmt.Sprintf("approver%d@example.com", i)))
	}
	return b
}

// group asks people by index under a rule and gives the group and its approvals.
func (b *board) group(rule int, people ...int) (int64, []int64) {
	b.t.Helper()
	ids := []int64{}
	for _, i := range people {
		ids = append(ids, b.people[i])
	}
	r := b.do("POST", b.path+"/approval-groups", obj{"name": "Level", "approval_type": rule, "notified_to": ids}, 201)
	var approvals []int64
	for i := range r.list("approval_group", "approvals") {
		approvals = append(approvals, r.id("approval_group", "approvals", i, "id"))
	}
	return r.id("approval_group", "id"), approvals
}

func (b *board) vote(approval int64, decision string) {
	b.t.Helper()
	require.NoError(b.t, b.sim.Decide(approval, freshsim.Decision{Decision: decision, Remark: "because"}))
}

func (b *board) status() string {
	b.t.Helper()
	return b.get(b.path).text("ticket", "approval_status_name")
}

func (b *board) one(approval int64) string {
	b.t.Helper()
	return b.get(fmt.Sprintf("%s/approvals/%d", b.path, approval)).text("approval", "approval_status", "name")
}

func TestVotesUnderEachRule(t *testing.T) {
	t.Parallel()
	const yes, no = "approved", "rejected"
	for name, c := range map[string]struct {
		rule   int
		votes  []string
		status string
		rest   string // what the unanswered ones become
	}{
		"everyone waits for all":        {1, []string{yes, yes}, "Requested", "requested"},
		"everyone approved":             {1, []string{yes, yes, yes}, "Approved", ""},
		"everyone ended by one no":      {1, []string{yes, no}, "Rejected", "peer_responded"},
		"anyone by the first yes":       {2, []string{yes}, "Approved", "peer_responded"},
		"anyone survives a no":          {2, []string{no, no}, "Requested", "requested"},
		"anyone after a no":             {2, []string{no, yes}, "Approved", "peer_responded"},
		"anyone all no":                 {2, []string{no, no, no}, "Rejected", ""},
		"majority open":                 {3, []string{yes}, "Requested", "requested"},
		"majority yes":                  {3, []string{yes, no, yes}, "Approved", ""},
		"majority early yes":            {3, []string{yes, yes}, "Approved", "peer_responded"},
		"majority early no":             {3, []string{no, no}, "Rejected", "peer_responded"},
		"first responder says yes":      {4, []string{yes}, "Approved", "peer_responded"},
		"first responder says no":       {4, []string{no}, "Rejected", "peer_responded"},
		"nobody has answered":           {1, nil, "Requested", "requested"},
		"first responder still waiting": {4, nil, "Requested", "requested"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := openBoard(t, 3)
			_, approvals := b.group(c.rule, 0, 1, 2)
			for i, v := range c.votes {
				b.vote(approvals[i], v)
			}
			assert.Equal(t, c.status, b.status())
			for i, id := range approvals {
				want := c.rest
				if i < len(c.votes) {
					want = c.votes[i]
				}
				assert.Equal(t, want, b.one(id), "approval %d", i)
			}
		})
	}
}

func TestClosedGroupTakesNoMoreVotes(t *testing.T) {
	t.Parallel()
	for peer, state := range map[string]string{"": "peer_responded", freshsim.PeerRequested: "requested", freshsim.PeerCancelled: "cancelled"} {
		b := openBoard(t, 2, func(o *freshsim.Options) { o.PeerStatus = peer })
		_, approvals := b.group(2, 0, 1)
		b.vote(approvals[0], "approved")
		assert.Equal(t, state, b.one(approvals[1]))
		require.Error(t, b.sim.Decide(approvals[1], freshsim.Decision{Decision: "rejected", Remark: "late"}))
		require.Error(t, b.sim.Decide(approvals[0], freshsim.Decision{Decision: "rejected", Remark: "changed my mind"}))
		assert.Equal(t, "Approved", b.status())
	}
}

func TestGroupsOfOneChainRunInParallelUnderTheChainRule(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		rule         int
		first        string
		afterFirst   string
		second       string
		afterBoth    string
		secondIsOpen bool
	}{
		"everyone needs both groups": {1, "approved", "Requested", "approved", "Approved", true},
		"everyone ends with a no":    {1, "rejected", "Rejected", "", "Rejected", false},
		"anyone ends with a yes":     {2, "approved", "Approved", "", "Approved", false},
		"anyone survives a no":       {2, "rejected", "Requested", "approved", "Approved", true},
		"majority of two needs both": {3, "approved", "Requested", "approved", "Approved", true},
		"first responder of groups":  {4, "rejected", "Rejected", "", "Rejected", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := openBoard(t, 2)
			_, one := b.group(1, 0)
			_, two := b.group(1, 1)
			r := b.do("PUT", b.path+"/approval-chain-rule", obj{"rule": c.rule}, 200)
			assert.EqualValues(t, 1, r.id("approval_chain", "level"), "both groups are in one chain")
			assert.Len(t, r.list("approval_chain", "approval_groups"), 2)
			b.vote(one[0], c.first)
			assert.Equal(t, c.afterFirst, b.status())
			if c.secondIsOpen {
				b.vote(two[0], c.second)
			} else {
				assert.Equal(t, "peer_responded", b.one(two[0]))
			}
			assert.Equal(t, c.afterBoth, b.status())
		})
	}
}

func TestNextRequestAfterAnEndedChainIsTheNextLevel(t *testing.T) {
	t.Parallel()
	b := openBoard(t, 2)
	_, one := b.group(1, 0)
	b.vote(one[0], "approved")
	assert.Equal(t, "Approved", b.status())
	_, two := b.group(1, 1)
	assert.Equal(t, "Requested", b.status(), "the newest chain speaks for the ticket")
	list := b.get(b.path + "/approvals")
	assert.EqualValues(t, 1, list.id("approvals", 0, "level"))
	assert.EqualValues(t, 2, list.id("approvals", 1, "level"))
	assert.NotContains(t, list.object("approvals", 0), "email_content")
	b.vote(two[0], "rejected")
	assert.Equal(t, "Rejected", b.status())
	groups := b.get(b.path + "/approval-groups")
	assert.Equal(t, "approved", groups.text("approval_groups", 0, "status", "name"))
	assert.Equal(t, "rejected", groups.text("approval_groups", 1, "status", "name"))
	b.do("PUT", b.path+"/approval-chain-rule", obj{"rule": 2}, 400)
}

func TestSingleApprovalsAndJoiningAGroup(t *testing.T) {
	t.Parallel()
	b := openBoard(t, 2)
	r := b.do("POST", b.path+"/approvals", obj{"approver_id": b.people[0], "approval_type": 1, "email_content": "please"}, 201)
	first := r.object("approvals", 0)
	assert.Equal(t, "Approver0", first["approver_name"])
	assert.Equal(t, "Ada Admin", first["user_name"])
	assert.Equal(t, "please", first["email_content"])
	assert.Equal(t, "requested", r.text("approvals", 0, "approval_status", "name"))
	assert.Zero(t, r.id("approvals", 0, "approval_status", "id"))
	group := r.id("approvals", 0, "approval_group", "id")
	joined := b.do("POST", b.path+"/approvals", obj{"approver_id": b.people[1], "approval_type": 1, "approval_group_id": group}, 201)
	assert.Equal(t, group, joined.id("approvals", 0, "approval_group", "id"))
	b.vote(r.id("approvals", 0, "id"), "approved")
	assert.Equal(t, "Requested", b.status(), "the joined approver has not answered")
	b.vote(joined.id("approvals", 0, "id"), "approved")
	assert.Equal(t, "Approved", b.status())
	late := b.do("POST", b.path+"/approvals", obj{"approver_id": b.people[1], "approval_type": 1, "approval_group_id": group}, 400)
	assert.Equal(t, "approval_group_id incompatible_field", late.problem())
}

func TestAPIOnlyCancels(t *testing.T) {
	t.Parallel()
	b := openBoard(t, 3)
	group, approvals := b.group(1, 0, 1, 2)
	one := fmt.Sprintf("%s/approvals/%d", b.path, approvals[0])
	for _, status := range []any{obj{"id": 1}, obj{"id": 2}, obj{"id": 0}, obj{}, "approved"} {
		b.do("PUT", one, obj{"approval_status": status}, 400)
	}
	assert.Equal(t, "Requested", b.status(), "nothing was approved through the API")
	r := b.do("PUT", one, obj{"approval_status": obj{"id": 3}}, 200)
	assert.Equal(t, "cancelled", r.text("approval", "approval_status", "name"))
	b.do("PUT", one, obj{"approval_status": obj{"id": 3}}, 400)
	b.vote(approvals[1], "approved")
	assert.Equal(t, "Requested", b.status())
	r = b.do("PUT", fmt.Sprintf("%s/approval-groups/%d", b.path, group), obj{"status": 3}, 200)
	assert.Equal(t, "cancelled", r.text("approval_group", "status", "name"))
	assert.Equal(t, "approved", b.one(approvals[1]), "an answer stays on record")
	assert.Equal(t, "cancelled", b.one(approvals[2]))
	assert.Equal(t, "Cancelled", b.status())
	b.do("PUT", fmt.Sprintf("%s/approval-groups/%d", b.path, group), obj{"status": 3}, 400)
	b.do("PUT", fmt.Sprintf("%s/approvals/%d/remind", b.path, approvals[2]), nil, 400)
}

func TestCancellingTheLastOpenApprovalLetsTheOthersDecide(t *testing.T) {
	t.Parallel()
	b := openBoard(t, 2)
	_, approvals := b.group(1, 0, 1)
	b.vote(approvals[0], "approved")
	b.do("PUT", fmt.Sprintf("%s/approvals/%d", b.path, approvals[1]), obj{"approval_status": obj{"id": 3}}, 200)
	assert.Equal(t, "Approved", b.status())
}

func TestGroupUpdateReplacesApproversAndRule(t *testing.T) {
	t.Parallel()
	b := openBoard(t, 3)
	group, approvals := b.group(1, 0, 1)
	path := fmt.Sprintf("%s/approval-groups/%d", b.path, group)
	r := b.do("PUT", path, obj{"approver_ids": []int64{b.people[1], b.people[2]}, "name": "Renamed"}, 200)
	assert.Equal(t, "Renamed", r.text("approval_group", "name"))
	assert.Equal(t, "cancelled", b.one(approvals[0]))
	assert.Len(t, r.list("approval_group", "approvals"), 3)
	b.do("PUT", path, obj{"rule": 2}, 200)
	b.vote(approvals[1], "approved")
	assert.Equal(t, "Approved", b.status())
	for _, body := range []obj{{"approval_type": 2}, {"notified_to": []int64{1}}} {
		b.do("PUT", path, body, 400) // create's names are not update's
	}
}

func TestRejectionNeedsARemarkAndCarriesIt(t *testing.T) {
	t.Parallel()
	b := openBoard(t, 1)
	_, approvals := b.group(1, 0)
	r, err := b.send("POST", fmt.Sprintf("/admin/approvals/%d/decision", approvals[0]), obj{"decision": "rejected"}, nil)
	require.NoError(t, err)
	assert.Equal(t, 400, r.status)
	assert.Contains(t, r.text("error"), "remark")
	assert.Equal(t, "Requested", b.status())
	b.admin("POST", fmt.Sprintf("/approvals/%d/decision", approvals[0]), obj{"decision": "rejected", "remark": "too much"})
	got := b.get(fmt.Sprintf("%s/approvals/%d", b.path, approvals[0]))
	assert.Equal(t, "too much", got.text("approval", "latest_remark"))
	r, err = b.send("POST", "/admin/approvals/1/decision", obj{"decision": "approved"}, nil)
	require.NoError(t, err)
	assert.Equal(t, 404, r.status)
	r, err = b.send("POST", fmt.Sprintf("/admin/approvals/%d/decision", approvals[0]), obj{"decision": "yes", "why": 1}, nil)
	require.NoError(t, err)
	assert.Equal(t, 400, r.status, "an unknown key is refused")
}

func TestDelegates(t *testing.T) {
	t.Parallel()
	b := openBoard(t, 3)
	b.admin("POST", fmt.Sprintf("/people/%d/delegate", b.people[0]), obj{"to": "approver2@example.com", "from": monday()})
	_, approvals := b.group(1, 0, 1)
	show := func(i int) *reply { return b.get(fmt.Sprintf("%s/approvals/%d", b.path, approvals[i])) }
	assert.Equal(t, b.people[2], show(0).id("approval", "delegatee", "id"))
	assert.Nil(t, show(1).at("approval", "delegatee"))
	assert.EqualValues(t, 1, b.get(fmt.Sprintf("/approvals?parent=ticket&delegatee_id=%d", b.people[2])).id("total"))
	require.NoError(t, b.sim.Decide(approvals[0], freshsim.Decision{Decision: "approved", InPerson: true}))
	assert.Nil(t, show(0).at("approval", "delegatee"), "the approver answered in person")
	require.NoError(t, b.sim.Decide(approvals[1], freshsim.Decision{Decision: "approved", DelegateeID: b.people[2]}))
	assert.Equal(t, b.people[2], show(1).id("approval", "delegatee", "id"))
	assert.Equal(t, b.people[1], show(1).id("approval", "approver_id"))
}

func TestApprovalList(t *testing.T) {
	t.Parallel()
	b := openBoard(t, 1)
	for range 33 {
		id := b.ticket(nil)
		b.do("POST", fmt.Sprintf("/tickets/%d/approvals", id), obj{"approver_id": b.people[0], "approval_type": 1}, 201)
	}
	query := fmt.Sprintf("/approvals?parent=ticket&approver_id=%d", b.people[0])
	first := b.get(query + "&status=requested")
	assert.EqualValues(t, 33, first.id("total"))
	assert.Len(t, first.list("approvals"), 30)
	assert.EqualValues(t, 2, first.id("approvals", 0, "parent_id"), "oldest first")
	assert.Equal(t, "ticket", first.text("approvals", 0, "parent"))
	assert.Len(t, b.get(query+"&page=2").list("approvals"), 3)
	assert.Empty(t, b.get(query+"&status=approved").list("approvals"))
	assert.EqualValues(t, 1, b.get("/approvals?parent=ticket&parent_id=5").id("total"))
	assert.EqualValues(t, 0, b.get("/approvals?parent=change&parent_id=5").id("total"))
	assert.EqualValues(t, 0, b.get(query+"&level=2").id("total"))
	for _, bad := range []string{"", "?parent=ticket", "?status=requested", "?parent=ticket&status=0", "?parent=ticket&approver_id=x"} {
		b.do("GET", "/approvals"+bad, nil, 400)
	}
}

func TestApproversThatDoNotExistOrAreInactive(t *testing.T) {
	t.Parallel()
	b := openBoard(t, 1)
	b.do("DELETE", fmt.Sprintf("/requesters/%d", b.people[0]), nil, 204)
	b.group(1, 0) // accepted silently
	b.sim.SetKnobs(func(k *freshsim.Knobs) { k.RefuseInactiveApprovers = true })
	r := b.do("POST", b.path+"/approvals", obj{"approver_id": b.people[0], "approval_type": 1}, 400)
	assert.Equal(t, "approver_id invalid_value", r.problem())
	for _, body := range []obj{
		{"name": "x", "approval_type": 1, "notified_to": []int64{}},
		{"name": "x", "approval_type": 5, "notified_to": []int64{b.people[0]}},
		{"name": "x", "rule": 1, "notified_to": []int64{b.people[0]}},
		{"name": "x", "approval_type": 1, "notified_to": []int64{7}},
		{"name": "x", "approval_type": 1},
	} {
		b.do("POST", b.path+"/approval-groups", body, 400)
	}
	assert.Len(t, b.get(b.path+"/approval-groups").list("approval_groups"), 1)
}

func TestReminderHasNoBody(t *testing.T) {
	t.Parallel()
	b := openBoard(t, 1)
	_, approvals := b.group(1, 0)
	assert.Empty(t, b.do("PUT", fmt.Sprintf("%s/approvals/%d/remind", b.path, approvals[0]), nil, 200).raw)
	b.do("PUT", fmt.Sprintf("%s/approvals/%d/remind", b.path, approvals[0]), obj{"a": 1}, 400)
}
