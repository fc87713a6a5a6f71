package stories_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/casework"
	"latchkey/examples/acme"
	"latchkey/internal/testkit"
	"latchkey/simulators/freshservice/freshsim"
)

func TestAnApprovedRequestIsGrantedAndTheTicketResolved(t *testing.T) {
	p := server.Playground(t, nil)
	ctx := testkit.Soon(t)
	mark := p.Mark()
	ticket := ask(t, p, "Tableau access", acme.Ben)
	require.NoError(t, p.Approve(ctx, ticket, acme.Mara, "yes"))
	require.NoError(t, p.Approve(ctx, ticket, acme.Omar, "yes"))
	ends(t, p, ticket, casework.EndDone)
	assert.Equal(t, []string{"application.user_membership.add Tableau"}, changes(t, p, acme.Ben, mark))
	resolved(t, p, ticket)
}

func TestARejectedRequestGrantsNothingAndSaysSo(t *testing.T) {
	p := server.Playground(t, nil)
	ctx := testkit.Soon(t)
	mark := p.Mark()
	ticket := ask(t, p, "Tableau access", acme.Clara)
	require.NoError(t, p.Reject(ctx, ticket, acme.Mara, "not this quarter"))
	ends(t, p, ticket, casework.EndRejected)
	assert.Empty(t, changes(t, p, acme.Clara, mark))
	resolved(t, p, ticket)
}

func TestARequestThatNobodyAnswersExpires(t *testing.T) {
	p := server.Playground(t, nil)
	mark := p.Mark()
	ticket := ask(t, p, "Tableau access", acme.Dmitri)
	ends(t, p, ticket, casework.EndExpired)
	assert.Empty(t, changes(t, p, acme.Dmitri, mark))
	resolved(t, p, ticket)
}

func TestWhoHasItAlreadyIsToldHow(t *testing.T) {
	p := server.Playground(t, nil)
	ticket := ask(t, p, "Tableau access", acme.Jonas)
	ends(t, p, ticket, casework.EndAlready)
	resolved(t, p, ticket)
}

func TestSeveralItemsEachHaveTheirOwnOutcome(t *testing.T) {
	p := server.Playground(t, nil)
	ctx := testkit.Soon(t)
	mark := p.Mark()
	ticket, err := p.AskSeveral(ctx, acme.Hannah, "Miro access", "PagerDuty access")
	require.NoError(t, err)
	hannah, ok := p.Company.PersonByLogin(acme.Hannah)
	require.True(t, ok)
	require.NoError(t, p.Approve(ctx, ticket, hannah.ManagerEmail, "the first one"))
	require.NoError(t, p.Reject(ctx, ticket, hannah.ManagerEmail, "not the second"))
	res := ends(t, p, ticket, casework.EndDone)
	require.Len(t, res.Items, 2)
	assert.ElementsMatch(t, []casework.End{casework.EndDone, casework.EndRejected}, []casework.End{res.Items[0].End, res.Items[1].End})
	assert.Len(t, changes(t, p, acme.Hannah, mark), 1)
	resolved(t, p, ticket)
}

func TestSecurityAgreesTwoOfThreeForProduction(t *testing.T) {
	p := server.Playground(t, nil)
	ctx := testkit.Soon(t)
	mark := p.Mark()
	ticket, err := p.Ask(ctx, "AWS access", acme.Yusuf, "", map[string]any{"business_justification": "on call", "access_level": "Production administrator"})
	require.NoError(t, err)
	yusuf, ok := p.Company.PersonByLogin(acme.Yusuf)
	require.True(t, ok)
	require.NoError(t, p.Approve(ctx, ticket, yusuf.ManagerEmail, "yes"))
	require.NoError(t, p.Approve(ctx, ticket, acme.Grace, "yes"))
	require.NoError(t, p.Approve(ctx, ticket, "enzo.guidi@acme.example", "yes"))
	assert.Empty(t, changes(t, p, acme.Yusuf, mark), "the owner has not answered")
	require.NoError(t, p.Approve(ctx, ticket, "lukas.brandt@acme.example", "yes"))
	ends(t, p, ticket, casework.EndDone)
	assert.Equal(t, []string{"group.user_membership.add AWS Production Administrators"}, changes(t, p, acme.Yusuf, mark))
}

func TestTheDesksOwnApprovalsDecide(t *testing.T) {
	p := server.Playground(t, nil)
	ctx := testkit.Soon(t)
	require.NoError(t, p.Desk.AddRule(freshsim.Rule{
		Name: "Zendesk needs its owner", Events: []freshsim.EventKind{freshsim.EventTicketCreated},
		Conditions: []freshsim.Condition{{Field: "item", Op: "is", Value: "Zendesk access"}},
		Actions:    []freshsim.Action{{Kind: freshsim.ActionApproval, Approval: &freshsim.ApprovalAction{Rule: 1, Approvers: []string{"conor.gallagher@acme.example"}}}},
	}))
	mark := p.Mark()
	ticket := ask(t, p, "Zendesk access", acme.Priya)
	require.NoError(t, p.Approve(ctx, ticket, "conor.gallagher@acme.example", "fine"))
	ends(t, p, ticket, casework.EndDone)
	assert.Len(t, changes(t, p, acme.Priya, mark), 1)
	groups, err := p.Approvals(ctx, ticket)
	require.NoError(t, err)
	assert.Len(t, groups, 1, "Latchkey opens none of its own")
}

func TestAStageStartsIt(t *testing.T) {
	p := server.Playground(t, nil)
	ctx := testkit.Soon(t)
	mark := p.Mark()
	ticket := ask(t, p, "DocuSign access", acme.Felix)
	_, err := p.WaitState(ctx, ticket, casework.StateAwaitingApproval)
	require.NoError(t, err)
	assert.Empty(t, changes(t, p, acme.Felix, mark))
	require.NoError(t, p.SetStatus(ctx, ticket, 7))
	ends(t, p, ticket, casework.EndDone)
	assert.Len(t, changes(t, p, acme.Felix, mark), 1)
}

func TestOmarDoesNotApproveHisOwnRequest(t *testing.T) {
	p := server.Playground(t, nil)
	ctx := testkit.Soon(t)
	ticket, err := p.Ask(ctx, "Snowflake access", acme.Omar, "", map[string]any{"business_justification": "reports", "access_level": "Analyst"})
	require.NoError(t, err)
	require.NoError(t, p.Approve(ctx, ticket, acme.Viktor, "yes"))
	require.NoError(t, p.Approve(ctx, ticket, "thiago.carvalho@acme.example", "yes"))
	ends(t, p, ticket, casework.EndDone)
}

func TestATicketClosedByAPersonEndsTheCase(t *testing.T) {
	p := server.Playground(t, nil)
	ctx := testkit.Soon(t)
	mark := p.Mark()
	ticket := ask(t, p, "Tableau access", acme.Ben)
	_, err := p.WaitState(ctx, ticket, casework.StateAwaitingApproval)
	require.NoError(t, err)
	require.NoError(t, p.Delete(ctx, ticket))
	ends(t, p, ticket, casework.EndCancelled)
	assert.Empty(t, changes(t, p, acme.Ben, mark))
}
