package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/approval"
	"latchkey/casework"
	"latchkey/contract"
	"latchkey/identity"
)

var wholeLeaver = []string{"suspend Ada", "end_sessions Ada", "remove_member g1", "deactivate Ada"}

func TestALeaverIsTakenOutInTheSafeOrderAndTheTicketResolves(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	res := w.run()
	assert.Equal(t, casework.EndDone, res.End)
	assert.Equal(t, wholeLeaver, w.applied)
	assert.Equal(t, []string{"result", "result_requester"}, w.templates())
	assert.Equal(t, []contract.TicketWish{contract.WishResolved}, w.wishes)
	require.Len(t, w.evidence, 1)
	assert.Len(t, w.evidence[0].Case.Done, 4)
}

func TestALeaverFiledEarlyLocksNobodyOutBeforeTheDate(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.plan.Units[0].Plan.EffectiveAt = noon.Add(14 * 24 * time.Hour)
	w.run()
	require.NotEmpty(t, w.times)
	assert.False(t, w.times[0].Before(noon.Add(14*24*time.Hour)), "changed at %s", w.times[0])
}

func TestExpediteMovesTimeButNeverApprovals(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.needs(boss)
	w.plan.Units[0].Plan.EffectiveAt = noon.Add(14 * 24 * time.Hour)
	var early *reply
	w.at(time.Hour, func() { early = w.command(contract.UpdateExpedite, operator()) })
	w.at(2*time.Hour, func() { assert.Empty(t, w.applied); w.answers(boss, approval.DecisionApproved) })
	res := w.run()
	assert.True(t, early.accepted)
	assert.Equal(t, casework.EndDone, res.End)
	assert.Equal(t, noon.Add(2*time.Hour), w.times[0])
}

func TestRescheduleNeedsATimeAndMovesTheDate(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.plan.Units[0].Plan.EffectiveAt = noon.Add(48 * time.Hour)
	var without, with *reply
	w.at(time.Hour, func() {
		without = w.command(contract.UpdateReschedule, contract.RescheduleCommand{Operator: operator().Operator})
	})
	w.at(2*time.Hour, func() {
		with = w.command(contract.UpdateReschedule, contract.RescheduleCommand{Operator: operator().Operator, At: noon.Add(72 * time.Hour)})
	})
	w.run()
	require.ErrorContains(t, without.rejected, `"at"`)
	assert.True(t, with.accepted)
	assert.Equal(t, noon.Add(72*time.Hour), w.times[0])
}

func TestATicketClosedWhileItWaitsEndsTheCaseAndChangesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.needs(boss)
	w.at(time.Hour, func() { w.request.Ticket.Closed = true; w.nudge() })
	res := w.run()
	assert.Equal(t, casework.EndCancelled, res.End)
	assert.Empty(t, w.applied)
	assert.Positive(t, w.withdrew)
	assert.NotContains(t, w.wishes, contract.WishResolved, "a ticket that a person closed is left alone")
}

func TestARejectedLeaverChangesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.needs(boss, owner)
	w.at(time.Hour, func() { w.answers(boss, approval.DecisionApproved) })
	w.at(2*time.Hour, func() { w.answers(owner, approval.DecisionRejected) })
	res := w.run()
	assert.Equal(t, casework.EndRejected, res.End)
	assert.Empty(t, w.applied)
	require.Len(t, w.evidence, 1)
	log := w.evidence[0].Case.Units[0].Log
	require.Len(t, log, 2)
	assert.Equal(t, boss, log[0].By)
	assert.NotEmpty(t, log[0].Digest)
}

func TestAnEmergencyShutsTheDoorBeforeApprovalAndARejectionOpensItAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.request.Emergency = true
	w.needs(boss)
	w.at(time.Hour, func() {
		assert.Equal(t, []string{"suspend Ada", "end_sessions Ada"}, w.applied)
		w.answers(boss, approval.DecisionRejected)
	})
	res := w.run()
	assert.Equal(t, casework.EndRejected, res.End)
	assert.Equal(t, []string{"suspend Ada", "end_sessions Ada", "unsuspend Ada"}, w.applied)
}

func TestAnApprovedEmergencyDoesEachChangeOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.request.Emergency = true
	w.needs(boss)
	w.at(time.Hour, func() { w.shut(); w.answers(boss, approval.DecisionApproved) })
	w.run()
	assert.Equal(t, wholeLeaver, w.applied)
}

func TestAnEmergencyOverTheCapGoesByTheOrdinaryRoad(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.request.Emergency = true
	w.needs(boss)
	w.apply = func(in contract.ApplyInput) (contract.ApplyResult, error) {
		if in.Emergency && w.env.Now().Before(noon.Add(time.Hour)) {
			return contract.ApplyResult{Outcome: contract.OutcomeRefused, Guard: contract.GuardEmergency, Detail: "3 an hour"}, nil
		}
		return contract.ApplyResult{Outcome: contract.OutcomeDone, At: w.env.Now()}, nil
	}
	w.at(time.Hour, func() { assert.Empty(t, w.applied); w.answers(boss, approval.DecisionApproved) })
	w.run()
	assert.Equal(t, wholeLeaver, w.applied)
}

func TestFrozenInTheMiddleNothingIsWrittenUntilThawed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	frozen := false
	w.apply = func(in contract.ApplyInput) (contract.ApplyResult, error) {
		if frozen {
			return contract.ApplyResult{Outcome: contract.OutcomeHeld, Guard: contract.GuardFreeze, Detail: "an operator froze everything"}, nil
		}
		frozen = in.Change.Verb == casework.VerbEndSessions
		return contract.ApplyResult{Outcome: contract.OutcomeDone, At: w.env.Now()}, nil
	}
	w.at(3*time.Hour, func() {
		assert.Len(t, w.applied, 2)
		assert.Equal(t, casework.StateFrozen, w.status().State)
		frozen = false
		w.nudge()
	})
	res := w.run()
	assert.Equal(t, casework.EndDone, res.End)
	assert.Equal(t, wholeLeaver, w.applied)
	assert.Equal(t, noon.Add(3*time.Hour), w.times[2], "a nudge ends the wait for the thaw")
}

func TestAFailedChangeParksTheCaseAndRetryGoesOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.fail[contract.ActApplyChange] = []error{nil, kinded(casework.Denied, "okta said no")}
	w.at(time.Hour, func() {
		s := w.status()
		assert.Equal(t, casework.StateNeedsAttention, s.State)
		assert.Contains(t, s.Problem, "okta said no")
		w.command(contract.UpdateRetry, operator())
	})
	res := w.run()
	assert.Equal(t, casework.EndDone, res.End)
	assert.Equal(t, []string{"parked", "result", "result_requester"}, w.templates())
}

func TestASkippedChangeIsLeftToAPersonAndTheTicketStaysOpen(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.apply = func(in contract.ApplyInput) (contract.ApplyResult, error) {
		if in.Change.Verb == casework.VerbRemoveMember {
			return contract.ApplyResult{}, kinded(casework.Denied, "no")
		}
		return contract.ApplyResult{Outcome: contract.OutcomeDone, At: w.env.Now()}, nil
	}
	w.verify = func(contract.VerifyInput) contract.VerifyResult {
		return contract.VerifyResult{Residuals: []casework.Residual{{Object: group("g1"), Why: "still a member", Owner: "Identity Team"}}}
	}
	w.at(time.Hour, func() { w.command(contract.UpdateSkip, operator()) })
	res := w.run()
	assert.Equal(t, casework.EndResiduals, res.End)
	assert.Equal(t, contract.WishWaiting, w.wishes[len(w.wishes)-1])
	assert.Len(t, res.Left, 1)
}

func TestTheDoorCannotBeLeftOpen(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	refuse := true
	w.apply = func(contract.ApplyInput) (contract.ApplyResult, error) {
		if refuse {
			return contract.ApplyResult{Outcome: contract.OutcomeRefused, Guard: contract.GuardProtected, Detail: "a protected account"}, nil
		}
		return contract.ApplyResult{Outcome: contract.OutcomeDone, At: w.env.Now()}, nil
	}
	var skipped *reply
	w.at(time.Hour, func() { skipped = w.command(contract.UpdateSkip, operator()) })
	w.at(2*time.Hour, func() { assert.Empty(t, w.applied); refuse = false; w.command(contract.UpdateRetry, operator()) })
	w.run()
	require.ErrorContains(t, skipped.rejected, "cannot be skipped")
	assert.Equal(t, wholeLeaver, w.applied)
}

func TestAbortEndsAParkedCaseAndSaysSo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.fail[contract.ActPlan] = []error{kinded(casework.Invalid, "policy is broken")}
	w.at(time.Hour, func() { w.command(contract.UpdateAbort, operator()) })
	res := w.run()
	assert.Equal(t, casework.EndAborted, res.End)
	assert.Empty(t, w.applied)
	assert.Contains(t, w.templates(), "result")
	assert.Equal(t, contract.WishWaiting, w.wishes[len(w.wishes)-1])
}

func TestARefusedCredentialBlocksWithoutANoteOnTheTicket(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.fail[contract.ActPlan] = []error{kinded(casework.Unauthorized, "the token was refused"), kinded(casework.Unauthorized, "the token was refused")}
	w.at(time.Minute, func() { assert.Equal(t, casework.StateBlocked, w.status().State) })
	res := w.run()
	assert.Equal(t, casework.EndDone, res.End)
	assert.Equal(t, []string{"result", "result_requester"}, w.templates())
}

func TestAVendorAwayForHoursIsSaidAndSurvived(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	back := noon.Add(5 * time.Hour)
	w.apply = func(contract.ApplyInput) (contract.ApplyResult, error) {
		if w.env.Now().Before(back) {
			return contract.ApplyResult{}, kinded(casework.Unavailable, "502")
		}
		return contract.ApplyResult{Outcome: contract.OutcomeDone, At: w.env.Now()}, nil
	}
	w.at(2*time.Hour, func() { assert.Equal(t, casework.StateUnavailable, w.status().State) })
	res := w.run()
	assert.Equal(t, casework.EndDone, res.End)
	assert.Equal(t, wholeLeaver, w.applied)
}

func TestTheLadderWaitsBeforeItDeactivates(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.plan.Units[0].Plan.DeactivateAfter = 30 * 24 * time.Hour
	w.run()
	require.Len(t, w.times, 4)
	assert.Equal(t, 30*24*time.Hour, w.times[3].Sub(w.times[0]).Round(time.Second))
}

func TestExpediteSkipsTheLadderOnlyOnceTheDoorIsShut(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.plan.Units[0].Plan.EffectiveAt = noon.Add(48 * time.Hour)
	w.plan.Units[0].Plan.DeactivateAfter = 30 * 24 * time.Hour
	var late *reply
	w.at(time.Hour, func() { w.command(contract.UpdateExpedite, operator()) })
	w.at(5*24*time.Hour, func() { assert.Len(t, w.applied, 3, "the ladder still waits") })
	w.at(6*24*time.Hour, func() {
		late = w.command(contract.UpdateReschedule, contract.RescheduleCommand{Operator: operator().Operator, At: noon.Add(1000 * time.Hour)})
	})
	w.at(7*24*time.Hour, func() { w.command(contract.UpdateExpedite, operator()) })
	w.run()
	require.ErrorContains(t, late.rejected, "has begun")
	assert.Equal(t, noon.Add(time.Hour), w.times[0])
	assert.Equal(t, noon.Add(7*24*time.Hour), w.times[3])
}

func TestWhatStillStandsAfterDeactivationIsSwept(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	looked := 0
	w.verify = func(contract.VerifyInput) contract.VerifyResult {
		looked++
		if looked == 1 {
			return contract.VerifyResult{Sweep: []casework.Change{{ID: "sweep g2", Phase: casework.PhaseSweep, Verb: casework.VerbRemoveMember, Object: group("g2")}}}
		}
		return contract.VerifyResult{Exclusions: []contract.RuleExclusion{{Rule: identity.Ref{ID: "0pr1"}}}}
	}
	w.run()
	assert.Equal(t, append(append([]string{}, wholeLeaver...), "remove_member g2"), w.applied)
}

func TestObserveChangesNothingAndSaysItOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.request.Mode = casework.ModeObserve
	res := w.run()
	assert.Equal(t, casework.EndObserved, res.End)
	assert.Empty(t, w.applied)
	assert.Empty(t, w.wishes)
	assert.Equal(t, []string{"observed"}, w.templates())
}

func TestThePlanThatOnlyRevokesMoreKeepsItsApproval(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.needs(boss)
	w.at(time.Hour, func() {
		more := leaverUnit()
		more.Plan.Changes = append(more.Plan.Changes, casework.Change{ID: "leave g9", Phase: casework.PhaseMemberships, Verb: casework.VerbRemoveMember, Object: group("g9")})
		more.Plan = casework.Seal(more.Plan)
		w.plan.Units[0] = more
		w.answers(boss, approval.DecisionApproved)
	})
	w.run()
	assert.Equal(t, []string{"plan/0/0"}, w.opened)
	assert.Contains(t, w.applied, "remove_member g9")
}

func TestAMovedDateOnTheTicketAsksAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.needs(boss)
	w.plan.Units[0].Plan.EffectiveAt = noon.Add(100 * time.Hour)
	w.plan.Units[0].Plan = casework.Seal(w.plan.Units[0].Plan)
	w.at(time.Hour, func() { w.answers(boss, approval.DecisionApproved) })
	w.at(2*time.Hour, func() {
		w.request.EffectiveText = "earlier"
		moved := leaverUnit()
		moved.Plan.EffectiveAt = noon.Add(50 * time.Hour)
		moved.Plan = casework.Seal(moved.Plan)
		w.plan.Units[0] = moved
		w.nudge()
	})
	w.at(3*time.Hour, func() { w.answers(boss, approval.DecisionApproved) })
	w.run()
	assert.Equal(t, []string{"plan/0/0", "plan/0/1"}, w.opened)
	assert.Equal(t, noon.Add(50*time.Hour), w.times[0])
}

func TestACancelledWorkflowIsReportedLikeAnAbortedOne(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.needs(boss)
	w.at(time.Hour, func() { w.env.CancelWorkflow() })
	res := w.run()
	assert.Equal(t, casework.EndAborted, res.End)
	assert.Positive(t, w.withdrew)
	assert.Empty(t, w.applied)
}

func TestTheGuardThatTripsAsksAPersonOnceAndTheCaseWaits(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	released := noon.Add(2 * time.Hour)
	asked := false
	w.apply = func(contract.ApplyInput) (contract.ApplyResult, error) {
		if w.env.Now().Before(released) {
			res := contract.ApplyResult{Outcome: contract.OutcomeHeld, Guard: contract.GuardMassChange, Detail: "21 people"}
			if !asked {
				asked, res.Tripped = true, &contract.AdmitVerdict{First: true, Count: 21, Limit: 20}
			}
			return res, nil
		}
		return contract.ApplyResult{Outcome: contract.OutcomeDone, At: w.env.Now()}, nil
	}
	w.at(time.Hour, func() { assert.Equal(t, casework.StateHeld, w.status().State) })
	res := w.run()
	assert.Equal(t, casework.EndDone, res.End)
	assert.Len(t, w.admitted, 1)
}

// status asks the running case where it stands.
func (w *world) status() contract.CaseStatus {
	w.t.Helper()
	v, err := w.env.QueryWorkflow(contract.QueryStatus)
	require.NoError(w.t, err)
	var s contract.CaseStatus
	require.NoError(w.t, v.Get(&s))
	return s
}
