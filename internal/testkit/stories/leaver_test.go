package stories_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/casework"
	"latchkey/contract"
	"latchkey/examples/acme"
	"latchkey/internal/testkit"
)

func TestALeaverLeavesNothingBehind(t *testing.T) {
	p := server.Playground(t, nil)
	ctx := testkit.Soon(t)
	mark := p.Mark()
	ticket, err := p.Leaver(ctx, acme.Farah, acme.Ada, yesterday(), nil)
	require.NoError(t, err)
	require.NoError(t, p.Approve(ctx, ticket, managerOf(t, p, acme.Ada), "good luck"))
	ends(t, p, ticket, casework.EndDone)
	u, ok := p.Okta.User(acme.Ada)
	require.True(t, ok)
	assert.Equal(t, "DEPROVISIONED", u.Status)
	assert.Empty(t, u.Groups)
	assert.Empty(t, u.Apps)
	assert.Empty(t, u.Factors)
	assert.Empty(t, u.AdminRoles)
	done := changes(t, p, acme.Ada, mark)
	assert.Equal(t, "user.lifecycle.suspend", done[0], "the door first")
	assert.Less(t, slices.Index(done, "user.session.clear"), slices.Index(done, "user.lifecycle.deactivate"))
	resolved(t, p, ticket)
}

func TestWhatCannotBeTakenIsAResidualWithAnOwner(t *testing.T) {
	p := server.Playground(t, nil)
	ctx := testkit.Soon(t)
	ticket, err := p.Leaver(ctx, acme.Farah, acme.Lena, yesterday(), nil)
	require.NoError(t, err)
	require.NoError(t, p.Approve(ctx, ticket, managerOf(t, p, acme.Lena), "good luck"))
	res := ends(t, p, ticket, casework.EndResiduals)
	require.NotEmpty(t, res.Left)
	for _, left := range res.Left {
		assert.NotEmpty(t, left.Owner, "%s", left.Object.Label())
		assert.True(t, left.Expected, "%s: %s", left.Object.Label(), left.Why)
	}
	u, ok := p.Okta.User(acme.Lena)
	require.True(t, ok)
	assert.Equal(t, "DEPROVISIONED", u.Status)
	assert.Empty(t, u.Apps)
	resolved(t, p, ticket)
}

func TestAFormWithoutADateAsksForItAndGoesOn(t *testing.T) {
	p := server.Playground(t, nil)
	ctx := testkit.Soon(t)
	ticket, err := p.Leaver(ctx, acme.Farah, acme.Ada, time.Time{}, nil)
	require.NoError(t, err)
	_, err = p.WaitState(ctx, ticket, casework.StateNeedsInformation)
	require.NoError(t, err)
	require.NoError(t, p.Answer(ctx, ticket, map[string]any{"last_working_day": yesterday().Format("2006-01-02")}))
	_, err = p.WaitState(ctx, ticket, casework.StateAwaitingApproval)
	require.NoError(t, err)
	require.NoError(t, p.Approve(ctx, ticket, managerOf(t, p, acme.Ada), "ok"))
	ends(t, p, ticket, casework.EndDone)
	assert.Equal(t, 1, notesWith(t, p, ticket, "missing."), "asked once")
}

func TestAnEmergencyShutsTheDoorAtOnceAndARejectionOpensIt(t *testing.T) {
	p := server.Playground(t, nil)
	ctx := testkit.Soon(t)
	ticket, err := p.Leaver(ctx, acme.Grace, acme.Emil, time.Time{}, map[string]any{"emergency": true})
	require.NoError(t, err)
	_, err = p.WaitState(ctx, ticket, casework.StateAwaitingApproval)
	require.NoError(t, err)
	u, ok := p.Okta.User(acme.Emil)
	require.True(t, ok)
	assert.Equal(t, "SUSPENDED", u.Status)
	assert.NotEmpty(t, u.Groups, "memberships wait for the approval")
	require.NoError(t, p.Reject(ctx, ticket, "enzo.guidi@acme.example", "false alarm"))
	require.NoError(t, p.Reject(ctx, ticket, "xochitl.ramirez@acme.example", "false alarm")) // any one of the two could have approved
	ends(t, p, ticket, casework.EndRejected)
	u, _ = p.Okta.User(acme.Emil)
	assert.Equal(t, "ACTIVE", u.Status)
}

func TestALeaverWinsOverAnAccessRequest(t *testing.T) {
	p := server.Playground(t, nil)
	ctx := testkit.Soon(t)
	access := ask(t, p, "Miro access", acme.Emil)
	_, err := p.WaitState(ctx, access, casework.StateAwaitingApproval)
	require.NoError(t, err)
	leaver, err := p.Leaver(ctx, acme.Grace, acme.Emil, time.Time{}, map[string]any{"emergency": true})
	require.NoError(t, err)
	_, err = p.WaitState(ctx, leaver, casework.StateAwaitingApproval)
	require.NoError(t, err)
	mark := p.Mark()
	require.NoError(t, p.Approve(ctx, access, managerOf(t, p, acme.Emil), "yes"))
	res := ends(t, p, access, casework.EndLeaver, casework.EndInactive)
	assert.NotEmpty(t, res.Items[0].Why)
	assert.Empty(t, changes(t, p, acme.Emil, mark))
}

func TestALegalHoldShutsTheDoorAndKeepsTheRest(t *testing.T) {
	p := server.Playground(t, nil)
	ctx := testkit.Soon(t)
	before, ok := p.Okta.User(acme.Ivo)
	require.True(t, ok)
	ticket, err := p.Leaver(ctx, acme.Farah, acme.Ivo, yesterday(), nil)
	require.NoError(t, err)
	require.NoError(t, p.Approve(ctx, ticket, managerOf(t, p, acme.Ivo), "ok"))
	res := ends(t, p, ticket, casework.EndResiduals, casework.EndDone)
	after, _ := p.Okta.User(acme.Ivo)
	assert.Equal(t, "SUSPENDED", after.Status)
	assert.Equal(t, before.Groups, after.Groups, "%+v", res)
	assert.Equal(t, before.Apps, after.Apps)
}

func TestTwoAccountsBehindOneAddressAreAClearEnd(t *testing.T) {
	p := server.Playground(t, nil)
	ctx := testkit.Soon(t)
	ticket, err := p.Leaver(ctx, acme.Farah, acme.Reception, yesterday(), nil)
	require.NoError(t, err)
	ends(t, p, ticket, casework.EndSeveralPeople)
	got, err := p.Ticket(ctx, ticket)
	require.NoError(t, err)
	assert.Equal(t, 3, got.Status, "left to a person")
}

func TestALockedOutLeaverIsDeactivatedAtOnce(t *testing.T) {
	p := server.Playground(t, nil)
	ctx := testkit.Soon(t)
	mark := p.Mark()
	ticket, err := p.Leaver(ctx, acme.Farah, acme.Luca, yesterday(), nil)
	require.NoError(t, err)
	require.NoError(t, p.Approve(ctx, ticket, managerOf(t, p, acme.Luca), "ok"))
	ends(t, p, ticket, casework.EndDone, casework.EndResiduals)
	done := changes(t, p, acme.Luca, mark)
	assert.Equal(t, "user.lifecycle.deactivate", done[0])
	assert.NotContains(t, done, "user.lifecycle.suspend")
}

func TestFrozenInTheMiddleOfALeaverNothingIsWrittenUntilThawed(t *testing.T) {
	p := server.Playground(t, nil)
	ctx := testkit.Soon(t)
	ticket, err := p.Leaver(ctx, acme.Farah, acme.Ada, yesterday(), nil)
	require.NoError(t, err)
	_, err = p.WaitState(ctx, ticket, casework.StateAwaitingApproval)
	require.NoError(t, err)
	require.NoError(t, p.Freeze(ctx, "incident"))
	mark := p.Mark()
	require.NoError(t, p.Approve(ctx, ticket, managerOf(t, p, acme.Ada), "ok"))
	_, err = p.WaitState(ctx, ticket, casework.StateFrozen)
	require.NoError(t, err)
	assert.Empty(t, changes(t, p, acme.Ada, mark))
	require.NoError(t, p.Thaw(ctx, "over"))
	ends(t, p, ticket, casework.EndDone)
}

func TestARescheduledLeaverWaitsForTheNewDate(t *testing.T) {
	p := server.Playground(t, nil)
	ctx := testkit.Soon(t)
	mark := p.Mark()
	ticket, err := p.Leaver(ctx, acme.Farah, acme.Ada, time.Now().AddDate(0, 0, 14), nil)
	require.NoError(t, err)
	require.NoError(t, p.Approve(ctx, ticket, managerOf(t, p, acme.Ada), "ok"))
	_, err = p.WaitState(ctx, ticket, casework.StateWaitingDate)
	require.NoError(t, err)
	assert.Empty(t, changes(t, p, acme.Ada, mark), "a ticket filed two weeks early locks nobody out")
	_, err = p.Command(ctx, ticket, contract.UpdateExpedite, contract.OperatorCommand{Operator: contract.Operator{By: "story", Reason: "left today"}})
	require.NoError(t, err)
	ends(t, p, ticket, casework.EndDone)
}
