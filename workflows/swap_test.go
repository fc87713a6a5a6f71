package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"

	"latchkey/approval"
	"latchkey/casework"
	"latchkey/contract"
	"latchkey/identity"
)

// eve is somebody whom nobody approved anything for.
var eve = identity.Person{OktaUserID: "00uEVE", Status: identity.StatusActive, Email: "eve@acme.example", FirstName: "Eve"}

// about is a plan made for somebody else.
func about(u contract.Unit, person identity.Person) contract.Unit {
	plan := u.Plan
	plan.Person = person
	plan.Changes = nil
	for _, c := range u.Plan.Changes {
		if c.Object.ID == ada.OktaUserID {
			c.Object.ID, c.Object.Name = person.OktaUserID, person.FirstName
			c.ID += " " + person.OktaUserID
		}
		plan.Changes = append(plan.Changes, c)
	}
	u.Plan = casework.Seal(plan)
	return u
}

// withEve is a world in which Eve's workflow can be told things as well.
func withEve(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	w.env.OnSignalExternalWorkflow(mock.Anything, contract.PersonWorkflowID(eve.OktaUserID), "", mock.Anything, mock.Anything).Return(nil).Maybe()
	return w
}

// swaps edits the ticket so that it is about Eve.
func (w *world) swaps() {
	w.request.Subject = eve.Email
	for i := range w.request.Items {
		w.request.Items[i].Beneficiary = eve.Email
	}
	w.plan.Person = eve
	for i := range w.plan.Units {
		w.plan.Units[i] = about(w.plan.Units[i], eve)
	}
	w.nudge()
}

func TestAnApprovalForOnePersonTakesNothingFromAnother(t *testing.T) {
	t.Parallel()
	w := withEve(t)
	w.needs(boss)
	w.plan.Units[0].Plan.EffectiveAt = noon.Add(48 * time.Hour)
	w.at(time.Hour, func() { w.answers(boss, approval.DecisionApproved) })
	w.at(2*time.Hour, func() { w.swaps() })
	w.at(72*time.Hour, func() {
		assert.Empty(t, w.applied, "Eve's leaver was not approved")
		w.answers(boss, approval.DecisionRejected)
	})
	res := w.run()
	assert.Equal(t, casework.EndRejected, res.End)
	assert.Empty(t, w.applied)
	assert.Equal(t, []string{"plan/0/0", "plan/0/1"}, w.opened)
}

func TestAnApprovalForOneBeneficiaryGrantsNothingToAnother(t *testing.T) {
	t.Parallel()
	w := withEve(t)
	w.asAccess("g1")
	w.needs(boss, owner)
	w.at(time.Hour, func() { w.answers(boss, approval.DecisionApproved) })
	w.at(2*time.Hour, func() { w.swaps() })
	w.at(3*time.Hour, func() { w.answers(owner, approval.DecisionApproved) })
	w.at(4*time.Hour, func() {
		assert.Empty(t, w.applied, "the first level approved it for Ada")
		w.answers(boss, approval.DecisionRejected)
	})
	res := w.run()
	assert.Equal(t, casework.EndRejected, res.End)
	assert.Empty(t, w.applied)
}

func TestAnItemThatNeededNoApprovalAsksPolicyAgainWhenItBecomesAnother(t *testing.T) {
	t.Parallel()
	w := withEve(t)
	w.asAccess("g1", "g2")
	w.holdTurn = true // the case waits for its turn when the ticket changes
	w.at(time.Minute, func() {
		w.plan.Units[0] = accessUnit("item1", "g9")
		w.request.Items[0].Name = "g9"
		w.needs(boss)
		w.holdTurn = false
	})
	w.at(time.Hour, func() {
		assert.NotContains(t, w.applied, "add_member g9")
		w.answers(boss, approval.DecisionRejected)
	})
	w.run()
	assert.NotContains(t, w.applied, "add_member g9")
}

func TestAnEmergencyForTheWrongPersonIsTakenBackWhenTheTicketNamesAnother(t *testing.T) {
	t.Parallel()
	w := withEve(t)
	w.request.Emergency = true
	w.needs(boss)
	var who []string
	apply := w.apply
	w.apply = func(in contract.ApplyInput) (contract.ApplyResult, error) {
		who = append(who, string(in.Change.Verb)+" "+in.Person.OktaUserID)
		return apply(in)
	}
	w.at(time.Hour, func() { w.swaps() })
	w.at(2*time.Hour, func() { w.answers(boss, approval.DecisionRejected) })
	res := w.run()
	assert.Equal(t, casework.EndRejected, res.End)
	assert.Equal(t, []string{"suspend 00uADA", "end_sessions 00uADA", "unsuspend 00uADA"}, who)
}

func TestTheSameGroupForTwoPeopleInOneTicketIsGrantedToBoth(t *testing.T) {
	t.Parallel()
	w := withEve(t)
	w.asAccess("g1", "g1")
	w.plan.Units[1] = about(w.plan.Units[1], eve)
	var who []string
	apply := w.apply
	w.apply = func(in contract.ApplyInput) (contract.ApplyResult, error) {
		who = append(who, in.Person.OktaUserID)
		return apply(in)
	}
	res := w.run()
	require.Len(t, res.Items, 2)
	assert.Equal(t, []string{ada.OktaUserID, eve.OktaUserID}, who)
}

func TestTheDesksOwnApprovalOfAnOlderPlanDoesNotCount(t *testing.T) {
	t.Parallel()
	w := withEve(t)
	w.chain = approval.Chain{Mode: approval.ModeDesk}
	w.plan.Units[0].Plan.EffectiveAt = noon.Add(48 * time.Hour)
	says := func(after time.Duration) {
		w.at(after, func() {
			w.desk.Status = string(approval.DecisionApproved)
			w.desk.Votes = append(w.desk.Votes, approval.Vote{Group: "security", By: boss, For: boss, Decision: approval.DecisionApproved, At: w.env.Now()})
			w.nudge()
		})
	}
	says(time.Hour)
	w.at(2*time.Hour, func() { w.request.Ticket.UpdatedAt = w.env.Now(); w.swaps() })
	w.at(60*time.Hour, func() {
		assert.Empty(t, w.applied, "the desk approved Ada's leaver")
		assert.Contains(t, w.templates(), "plan_changed")
	})
	says(70 * time.Hour)
	w.at(71*time.Hour, func() { w.command(contract.UpdateRetry, operator()) })
	res := w.run()
	assert.Equal(t, casework.EndDone, res.End)
	assert.NotEmpty(t, w.applied)
}

func TestAStageReachedForAnOlderPlanHasToBeReachedAgain(t *testing.T) {
	t.Parallel()
	w := withEve(t)
	w.chain = approval.Chain{Mode: approval.ModeStage}
	w.plan.Units[0].Plan.EffectiveAt = noon.Add(48 * time.Hour)
	stage := func(after time.Duration, now string) {
		w.at(after, func() { w.desk.Status = now; w.nudge() })
	}
	stage(time.Hour, "stage")
	w.at(2*time.Hour, func() { w.swaps() })
	w.at(60*time.Hour, func() {
		assert.Empty(t, w.applied, "the stage was reached for Ada's leaver")
		assert.Contains(t, w.templates(), "plan_changed")
	})
	stage(61*time.Hour, "open")
	stage(62*time.Hour, "stage")
	res := w.run()
	assert.Equal(t, casework.EndDone, res.End)
	assert.Equal(t, noon.Add(62*time.Hour), w.times[0])
}
