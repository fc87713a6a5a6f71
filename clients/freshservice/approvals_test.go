package freshservice_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/clients/freshservice"
)

const oneApproval = `{"id":5,"approver_id":3,"approver_name":"Bo","approval_type":1,"user_id":9,"user_name":"Svc","level":2,
	"approval_status":{"id":1,"name":"approved"},"approval_group":{"id":8,"name":"Managers","rule":1},
	"delegatee":{"id":4,"name":"Cy"},"latest_remark":"fine","created_at":"2026-01-02T03:04:05Z"}`

func TestAnApprovalTellsWhoAnswered(t *testing.T) {
	t.Parallel()
	d := newDesk(t).on("GET /tickets/7/approvals", answer(200, `{"approvals":[`+oneApproval+`,
		{"id":6,"approver_id":4,"level":2,"approval_status":{"id":0,"name":"requested"},"approval_group":null,"delegatee":null,"latest_remark":null}]}`)).
		on("GET /tickets/7/approvals/5", answer(200, `{"approval":`+oneApproval+`}`))
	got, err := d.client().ListApprovals(t.Context(), 7)
	require.NoError(t, err)
	require.Len(t, got, 2)
	assert.Equal(t, freshservice.ApprovalApproved, got[0].Status)
	assert.Equal(t, &freshservice.NamedRef{ID: 4, Name: "Cy"}, got[0].Delegatee)
	assert.Equal(t, &freshservice.GroupRef{ID: 8, Name: "Managers", Rule: freshservice.RuleEveryone}, got[0].Group)
	assert.Equal(t, "fine", got[0].Remark)
	assert.Equal(t, freshservice.ApprovalRequested, got[1].Status)
	assert.Nil(t, got[1].Delegatee)
	assert.Nil(t, got[1].Group)

	one, err := d.client().GetApproval(t.Context(), 7, 5)
	require.NoError(t, err)
	assert.Equal(t, got[0], one)
}

func TestANewApprovalIsReadUnderEitherKey(t *testing.T) {
	t.Parallel()
	for _, body := range []string{`{"approval":` + oneApproval + `}`, `{"approvals":[` + oneApproval + `]}`, `{"approvals":` + oneApproval + `}`} {
		d := newDesk(t).on("POST /tickets/7/approvals", answer(201, body))
		got, err := d.client().CreateApproval(t.Context(), 7, freshservice.NewApproval{ApproverID: 3, Rule: freshservice.RuleAnyone, EmailContent: "<p>plan</p>", GroupID: 8})
		require.NoError(t, err, body)
		assert.Equal(t, int64(5), got.ID)
		assert.JSONEq(t, `{"approver_id":3,"approval_type":2,"email_content":"<p>plan</p>","approval_group_id":8}`, d.last().body)
	}
	d := newDesk(t).on("POST /tickets/7/approvals", answer(201, `{"approvals":[]}`))
	_, err := d.client().CreateApproval(t.Context(), 7, freshservice.NewApproval{ApproverID: 3, Rule: freshservice.RuleAnyone})
	require.ErrorIs(t, err, freshservice.Ambiguous)
}

func TestApprovalsCanOnlyBeRemindedAndCancelled(t *testing.T) {
	t.Parallel()
	d := newDesk(t).on("PUT /tickets/7/approvals/5/remind", answer(200, ``)).
		on("PUT /tickets/7/approvals/5", answer(200, `{"approval":{"id":5,"approval_status":{"id":3,"name":"cancelled"}}}`))
	require.NoError(t, d.client().RemindApprover(t.Context(), 7, 5))
	assert.Empty(t, d.last().body)
	got, err := d.client().CancelApproval(t.Context(), 7, 5)
	require.NoError(t, err)
	assert.Equal(t, freshservice.ApprovalCancelled, got.Status)
	assert.JSONEq(t, `{"approval_status":{"id":3}}`, d.last().body)
}

func TestApprovalGroupsSpeakTwoDialects(t *testing.T) {
	t.Parallel()
	const group = `{"approval_group":{"id":8,"name":"Managers","rule":1,"status":{"id":1,"name":"requested"},"level":1,"approvals":[` + oneApproval + `]}}`
	d := newDesk(t).on("POST /tickets/7/approval-groups", answer(201, group)).
		on("PUT /tickets/7/approval-groups/8", answer(200, group)).
		on("GET /tickets/7/approval-groups", answer(200, `{"approval_groups":[{"id":8,"rule":"Majority","status":"approved","level":"1"}]}`)).
		on("PUT /tickets/7/approval-chain-rule", answer(200, `{"approval_chain":{"level":1,"rule":1,"status":{"id":0,"name":"requested"},"approval_groups":[{"id":8}]}}`))
	c := d.client()

	got, err := c.CreateApprovalGroup(t.Context(), 7, freshservice.NewApprovalGroup{Name: "Managers", Rule: freshservice.RuleEveryone, ApproverIDs: []int64{3, 4}, EmailContent: "x"})
	require.NoError(t, err)
	assert.Equal(t, freshservice.ApprovalRequested, got.Status)
	assert.Equal(t, int64(5), got.Approvals[0].ID)
	assert.JSONEq(t, `{"name":"Managers","approval_type":1,"email_content":"x","notified_to":[3,4]}`, d.last().body)

	_, err = c.UpdateApprovalGroup(t.Context(), 7, 8, freshservice.ApprovalGroupUpdate{Rule: freshservice.RuleMajority, ApproverIDs: []int64{3}})
	require.NoError(t, err)
	assert.JSONEq(t, `{"rule":3,"approver_ids":[3]}`, d.last().body)

	_, err = c.CancelApprovalGroup(t.Context(), 7, 8)
	require.NoError(t, err)
	assert.JSONEq(t, `{"status":3}`, d.last().body)

	groups, err := c.ListApprovalGroups(t.Context(), 7)
	require.NoError(t, err)
	assert.Equal(t, []freshservice.ApprovalGroup{{ID: 8, Rule: freshservice.RuleMajority, Status: freshservice.ApprovalApproved, Level: 1}}, groups)

	chain, err := c.SetChainRule(t.Context(), 7, freshservice.RuleEveryone)
	require.NoError(t, err)
	assert.JSONEq(t, `{"rule":1}`, d.last().body)
	assert.Len(t, chain.Groups, 1)
}

func TestAnUnknownRuleIsNoRule(t *testing.T) {
	t.Parallel()
	var r freshservice.ApprovalRule
	for _, raw := range []string{`7`, `"some"`, `[1]`} {
		require.Error(t, json.Unmarshal([]byte(raw), &r), raw)
	}
	require.NoError(t, json.Unmarshal([]byte(`{"id":4,"name":"First Responder"}`), &r))
	assert.Equal(t, freshservice.RuleFirstResponder, r)
}

func approvalsPage(from, to int) string {
	var ids []string
	for id := from; id <= to; id++ {
		ids = append(ids, fmt.Sprintf(`{"id":%d,"parent":"ticket","parent_id":%d,"created_at":"2026-01-02T03:04:05Z"}`, id, id+1000))
	}
	return `{"approvals":[` + strings.Join(ids, ",") + `],"total":%d}`
}

func TestOpenApprovalsAreListedToTheLast(t *testing.T) {
	t.Parallel()
	d := newDesk(t).on("GET /approvals",
		answer(200, fmt.Sprintf(approvalsPage(1, 30), 61)), answer(200, fmt.Sprintf(approvalsPage(31, 60), 61)), answer(200, fmt.Sprintf(approvalsPage(61, 61), 61)))
	got, total, err := d.client().ListApprovalsByStatus(t.Context(), "ticket", freshservice.ApprovalRequested)
	require.NoError(t, err)
	assert.Equal(t, 61, total)
	assert.Len(t, got, 61)
	assert.Len(t, d.requests(), 3)
	assert.Equal(t, "requested", d.last().query.Get("status"))
	assert.Equal(t, "ticket", d.last().query.Get("parent"))
	assert.Equal(t, "3", d.last().query.Get("page"))
}

func TestADecisionDuringTheWalkHidesNoOtherApproval(t *testing.T) {
	t.Parallel()
	// Between the pages number 1 is decided: 31 moves to the first page and is on neither.
	d := newDesk(t).on("GET /approvals",
		answer(200, fmt.Sprintf(approvalsPage(1, 30), 32)), answer(200, fmt.Sprintf(approvalsPage(32, 32), 32)),
		answer(200, fmt.Sprintf(approvalsPage(2, 31), 31)), answer(200, fmt.Sprintf(approvalsPage(32, 32), 31)))
	got, _, err := d.client().ListApprovalsByStatus(t.Context(), "", freshservice.ApprovalRequested)
	require.NoError(t, err)
	var ids []int64
	for _, a := range got {
		ids = append(ids, a.ID)
	}
	assert.Contains(t, ids, int64(31))
	assert.Len(t, ids, 32)
}

func TestASearchNeedsSomethingToSearchFor(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	_, err := d.client().SearchApprovals(t.Context(), freshservice.ApprovalSearch{Level: 2})
	require.ErrorIs(t, err, freshservice.Invalid)
	assert.Empty(t, d.requests())
}
