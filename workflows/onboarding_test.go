package workflows_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/workflow"

	"latchkey/approval"
	"latchkey/casework"
	"latchkey/contract"
	"latchkey/identity"
	"latchkey/workflows"
)

// noa is a joiner, before there is an account.
var noa = identity.Person{Email: "noa@acme.example", Login: "noa@acme.example", FirstName: "Noa"}

// joinerUnit is a small joiner's plan: one create with a group, an activation.
func joinerUnit(firstDay time.Time) contract.Unit {
	account := identity.Entitlement{Kind: identity.KindAccount, ID: "new", Name: "Noa"}
	plan := casework.Seal(casework.Plan{
		UseCase: casework.Onboarding, Person: noa, EffectiveAt: firstDay, Holds: []identity.Entitlement{group("g1")},
		Changes: []casework.Change{
			{
				ID: "create", Phase: casework.PhaseCreate, Verb: casework.VerbCreateAccount, Object: account,
				With: []identity.Entitlement{group("g1")}, Values: map[string]any{"login": noa.Login, "email": noa.Email},
			},
			{ID: "activate", Phase: casework.PhaseActivate, Verb: casework.VerbActivate, Object: account},
		},
	})
	return contract.Unit{Key: "plan", Title: "joiner Noa", Plan: plan}
}

// asJoiner turns the world's ticket into a joiner whose account gets an ID when it is made.
func (w *world) asJoiner(firstDay time.Time) {
	w.request.UseCase, w.request.Rule, w.request.Subject = casework.Onboarding, "joiner", noa.Email
	w.plan = contract.PlanResult{Person: noa, Units: []contract.Unit{joinerUnit(firstDay)}}
	w.apply = func(in contract.ApplyInput) (contract.ApplyResult, error) {
		res := contract.ApplyResult{Outcome: contract.OutcomeDone, At: w.env.Now()}
		if in.Change.Verb == casework.VerbCreateAccount {
			res.OktaUserID = "00uNOA"
		}
		return res, nil
	}
	w.env.OnSignalExternalWorkflow(anything, anything, "", anything, anything).Return(nil).Maybe()
}

// join runs the joiner's workflow.
func (w *world) join() contract.CaseResult {
	w.t.Helper()
	w.env.ExecuteWorkflow(workflows.Onboarding, contract.CaseInput{Ticket: 7, Case: &contract.Case{
		Request: w.request, State: casework.StatePlanning, StartedAt: noon, Times: shortTimes(),
	}})
	require.True(w.t, w.env.IsWorkflowCompleted())
	require.NoError(w.t, w.env.GetWorkflowError())
	return w.result()
}

func TestAJoinerIsMadeAheadAndOpenedOnTheFirstDay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	firstDay := noon.Add(72 * time.Hour)
	w.asJoiner(firstDay)
	var opened string
	apply := w.apply
	w.apply = func(in contract.ApplyInput) (contract.ApplyResult, error) {
		if in.Change.Verb == casework.VerbActivate {
			opened = in.Person.OktaUserID
		}
		return apply(in)
	}
	res := w.join()
	assert.Equal(t, casework.EndDone, res.End)
	assert.Contains(t, res.Summary, "00uNOA")
	assert.Equal(t, []string{"create_account Noa", "activate Noa"}, w.applied)
	assert.Equal(t, []time.Time{noon, firstDay}, w.times)
	assert.Equal(t, "00uNOA", opened, "what follows is about the account that was made")
}

func TestAJoinerIsMadeNoEarlierThanPolicySays(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.asJoiner(noon.Add(72 * time.Hour))
	w.plan.Units[0].Plan.PrepareAt = noon.Add(48 * time.Hour)
	w.join()
	assert.Equal(t, []time.Time{noon.Add(48 * time.Hour), noon.Add(72 * time.Hour)}, w.times)
}

func TestNothingIsMadeForAJoinerWhoIsRejected(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.asJoiner(noon.Add(72 * time.Hour))
	w.needs(boss)
	w.at(time.Hour, func() { w.answers(boss, approval.DecisionRejected) })
	assert.Equal(t, casework.EndRejected, w.join().End)
	assert.Empty(t, w.applied)
}

func TestAJoinerCancelledBeforeTheFirstDayLeavesNoAccountToOpen(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.asJoiner(noon.Add(72 * time.Hour))
	w.at(24*time.Hour, func() { w.request.Ticket.Closed = true; w.nudge() })
	res := w.join()
	assert.Equal(t, casework.EndCancelled, res.End)
	assert.Equal(t, []string{"create_account Noa", "deactivate Noa"}, w.applied)
	assert.Contains(t, res.Summary, "deactivated")
}

func TestAStagedAccountThatCannotBeTakenBackIsNamed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.asJoiner(noon.Add(72 * time.Hour))
	apply := w.apply
	w.apply = func(in contract.ApplyInput) (contract.ApplyResult, error) {
		if in.Change.Verb == casework.VerbDeactivate {
			return contract.ApplyResult{Outcome: contract.OutcomeRefused, Detail: "protected", At: w.env.Now()}, nil
		}
		return apply(in)
	}
	w.at(24*time.Hour, func() { w.command(contract.UpdateAbort, operator()) })
	res := w.join()
	assert.Equal(t, casework.EndAborted, res.End)
	require.Len(t, res.Left, 1)
	assert.Equal(t, "00uNOA", res.Left[0].Object.ID)
}

func TestAMovedFirstDayIsFollowedOnceItIsApproved(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.asJoiner(noon.Add(72 * time.Hour))
	moved := noon.Add(120 * time.Hour)
	w.at(24*time.Hour, func() {
		staged := joinerUnit(moved)
		staged.Plan.Changes = staged.Plan.Changes[1:] // the account is there
		staged.Plan.Person.OktaUserID = "00uNOA"
		staged.Plan = casework.Seal(staged.Plan)
		w.plan.Units[0] = staged
		w.request.EffectiveText = "five days from now"
		w.nudge()
	})
	res := w.join()
	assert.Equal(t, casework.EndDone, res.End)
	assert.Equal(t, []time.Time{noon, moved}, w.times)
}

func TestALoginThatIsTakenMeanwhileIsPlannedAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.asJoiner(time.Time{})
	apply, tries := w.apply, 0
	w.apply = func(in contract.ApplyInput) (contract.ApplyResult, error) {
		if in.Change.Verb == casework.VerbCreateAccount {
			if tries++; tries == 1 {
				return contract.ApplyResult{Outcome: contract.OutcomeStale, At: w.env.Now()}, nil
			}
		}
		return apply(in)
	}
	res := w.join()
	assert.Equal(t, casework.EndDone, res.End)
	assert.Equal(t, 2, tries)
	assert.Equal(t, []string{"create_account Noa", "activate Noa"}, w.applied)
}

func TestAnUnsureJoinerIsAskedAboutOnTheTicket(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.asJoiner(time.Time{})
	sure := w.plan
	w.plan = contract.PlanResult{Missing: []casework.Missing{{Field: "person", Label: "The person", Why: "may be somebody else"}}}
	w.at(time.Hour, func() { w.plan = sure; w.nudge() })
	res := w.join()
	assert.Equal(t, casework.EndDone, res.End)
	assert.Equal(t, "missing", w.templates()[0])
	assert.Equal(t, noon.Add(time.Hour), w.times[0])
}

func TestATaskGatesTheActivation(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.asJoiner(time.Time{})
	w.plan.Units[0].Tasks = []contract.Task{{Name: "laptop", Title: "Laptop", Gate: contract.GateActivation}, {Name: "badge", Title: "Badge"}}
	w.tasksOpen = []string{"laptop", "badge"}
	w.at(2*time.Hour, func() { w.tasksOpen = []string{"badge"}; w.nudge() })
	res := w.join()
	assert.Equal(t, casework.EndDone, res.End)
	assert.Equal(t, []time.Time{noon, noon.Add(2 * time.Hour)}, w.times)
}

func TestAJoinerIsCarriedOverAContinueAsNew(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.asJoiner(noon.Add(72 * time.Hour))
	w.at(24*time.Hour, func() { w.env.SetContinueAsNewSuggested(true); w.nudge() })
	w.env.ExecuteWorkflow(workflows.Onboarding, contract.CaseInput{Ticket: 7, Case: &contract.Case{
		Request: w.request, State: casework.StatePlanning, StartedAt: noon, Times: shortTimes(),
	}})
	var next *workflow.ContinueAsNewError
	require.ErrorAs(t, w.env.GetWorkflowError(), &next)
	assert.Equal(t, []string{"create_account Noa"}, w.applied)
	assert.Equal(t, string(casework.Onboarding), next.WorkflowType.Name)
}

func TestAnEndedTicketDoesNotStopTheTakingBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.asJoiner(noon.Add(72 * time.Hour))
	apply := w.apply
	held := 0
	w.apply = func(in contract.ApplyInput) (contract.ApplyResult, error) {
		if in.Change.Verb == casework.VerbDeactivate && held == 0 {
			held++
			w.nudge() // the desk tells of the deletion once more
			return contract.ApplyResult{Outcome: contract.OutcomeHeld, Guard: contract.GuardFreeze, Detail: "frozen", At: w.env.Now()}, nil
		}
		return apply(in)
	}
	w.at(24*time.Hour, func() { w.request.Ticket.Gone = true; w.nudge() })
	res := w.join()
	assert.Equal(t, casework.EndCancelled, res.End)
	assert.Empty(t, res.Left)
	assert.Equal(t, []string{"create_account Noa", "deactivate Noa"}, w.applied)
}

func TestARehireIsPlannedOnceMoreBeforeTheAccountIsOpened(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.asJoiner(noon.Add(72 * time.Hour))
	rehire := func(more ...casework.Change) contract.Unit {
		u := joinerUnit(noon.Add(72 * time.Hour))
		u.Plan.Person.OktaUserID, u.Plan.Person.Status = "00uNOA", identity.StatusDeprovisioned
		u.Plan.Changes = slices.Concat(more, u.Plan.Changes[1:])
		u.Plan = casework.Seal(u.Plan)
		return u
	}
	stale := casework.Change{ID: "leave old", Phase: casework.PhaseSweep, Verb: casework.VerbRemoveMember, Object: group("old")}
	w.plan = contract.PlanResult{Person: noa, Units: []contract.Unit{rehire()}}
	w.at(24*time.Hour, func() { w.plan.Units[0] = rehire(stale) }) // somebody gave the shut account a group
	res := w.join()
	assert.Equal(t, casework.EndDone, res.End)
	assert.Equal(t, []string{"remove_member old", "activate Noa"}, w.applied)
}

func TestAJoinerCancelledAfterTheFirstDayKeepsTheAccount(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.asJoiner(time.Time{})
	w.plan.Units[0].Tasks = []contract.Task{{Name: "contract", Title: "File the contract", Gate: contract.GateResolve}}
	w.tasksOpen = []string{"contract"}
	w.at(time.Hour, func() { w.request.Ticket.Closed = true; w.nudge() })
	res := w.join()
	assert.Equal(t, casework.EndCancelled, res.End)
	assert.Equal(t, []string{"create_account Noa", "activate Noa"}, w.applied, "whoever is here already is a leaver's matter")
}
