package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/casework"
	"latchkey/contract"
)

func TestAnAccountThatAnotherTicketWaitsForIsLeftToIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.asJoiner(noon.Add(72 * time.Hour))
	w.heir = 8
	w.at(24*time.Hour, func() { w.request.Ticket.Closed = true; w.nudge() })
	res := w.join()
	assert.Equal(t, casework.EndCancelled, res.End)
	assert.Equal(t, []string{"create_account Noa"}, w.applied, "not deactivated")
	assert.Equal(t, []contract.HandOverInput{{Ticket: 7, OktaUserID: "00uNOA"}}, w.offered)
	assert.Contains(t, res.Summary, "left to FS-8")
}

func TestAnInheritedAccountIsTakenBackWhenItsHeirIsCalledOff(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.asJoiner(noon.Add(72 * time.Hour))
	staged := joinerUnit(noon.Add(72 * time.Hour))
	staged.Plan.Changes = staged.Plan.Changes[1:] // the account is there
	staged.Plan.Person.OktaUserID = "00uNOA"
	w.plan.Units[0] = staged
	var first, other, late *reply
	w.at(time.Hour, func() {
		first = w.command(contract.UpdateInherit, contract.InheritCommand{From: 5, OktaUserID: "00uNOA"})
	})
	w.at(2*time.Hour, func() {
		other = w.command(contract.UpdateInherit, contract.InheritCommand{From: 5, OktaUserID: "00uELSE"})
	})
	w.at(24*time.Hour, func() { w.request.Ticket.Closed = true; w.nudge() })
	w.at(24*time.Hour+5*time.Minute, func() {
		late = w.command(contract.UpdateInherit, contract.InheritCommand{From: 6, OktaUserID: "00uNOA"})
	})
	res := w.join()
	assert.True(t, first.done)
	require.NoError(t, first.err)
	require.Error(t, other.rejected, "it waits for another account")
	require.Error(t, late.rejected, "it ended")
	assert.Equal(t, []string{"deactivate Noa"}, w.applied)
	assert.Contains(t, res.Summary, "deactivated")
}

func TestACaseThatMadeNoAccountOffersNone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.asJoiner(noon.Add(72 * time.Hour))
	w.needs(boss)
	w.at(time.Hour, func() { w.request.Ticket.Closed = true; w.nudge() })
	assert.Equal(t, casework.EndCancelled, w.join().End)
	assert.Empty(t, w.offered)
}

func TestAJoinerWhoseWorkflowIsCancelledNamesTheAccountThatStands(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.asJoiner(noon.Add(72 * time.Hour))
	w.at(24*time.Hour, func() { w.env.CancelWorkflow() })
	res := w.join()
	assert.Equal(t, casework.EndAborted, res.End)
	assert.Equal(t, []string{"create_account Noa"}, w.applied, "nothing more is written")
	require.Len(t, res.Left, 1)
	assert.Equal(t, "00uNOA", res.Left[0].Object.ID)
}
