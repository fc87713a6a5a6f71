package workflows_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/workflow"

	"latchkey/casework"
	"latchkey/contract"
	"latchkey/workflows"
)

const day = 24 * time.Hour

// claim tells the grant of a claim after a while; until zero is for good.
func (w *world) claim(after time.Duration, ticket int64, until time.Time) {
	w.at(after, func() {
		w.env.SignalWorkflow(contract.SignalClaim, contract.ClaimSignal{
			Claim: contract.Claim{Ticket: ticket, Item: "1", From: w.env.Now().UTC(), Until: until}, Times: shortTimes(), Owner: "Identity Team",
		})
	})
}

// runGrant runs a grant of a group to Ada.
func (w *world) runGrant(in contract.GrantInput) {
	w.t.Helper()
	if in.Grant.Person.OktaUserID == "" {
		in.Grant.Person, in.Grant.Object = ada, group("g1")
	}
	w.env.OnSignalExternalWorkflow(mock.Anything, contract.PersonWorkflowID(ada.OktaUserID), "", mock.Anything, mock.Anything).Return(nil).Maybe()
	w.env.ExecuteWorkflow(workflows.Grant, in)
	require.True(w.t, w.env.IsWorkflowCompleted())
}

// runsToItsEnd runs a grant that has to complete, and gives the evidence it left.
func (w *world) runsToItsEnd() contract.EvidenceInput {
	w.t.Helper()
	w.runGrant(contract.GrantInput{})
	require.NoError(w.t, w.env.GetWorkflowError())
	for id, what := range w.timers {
		w.t.Errorf("timer %s %q was left running", id, what)
	}
	require.Len(w.t, w.evidence, 1)
	return w.evidence[0]
}

// toldOn lists the texts written on a ticket.
func (w *world) toldOn(ticket int64) []string {
	var names []string
	for _, in := range w.told {
		if in.Ticket == ticket {
			names = append(names, in.Template)
		}
	}
	return names
}

func TestAGrantEndsWhenItsTimeIsOverAndSaysSo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.claim(0, 7, noon.Add(30*day))
	record := w.runsToItsEnd()
	assert.Equal(t, casework.EndDone, record.End)
	assert.Equal(t, []string{"remove_member g1"}, w.applied)
	assert.Equal(t, noon.Add(30*day), w.times[0])
	assert.Equal(t, []string{"grant_notice", "grant_ended"}, w.toldOn(7))
	assert.True(t, w.told[0].Public)
	assert.Equal(t, []string{ada.Email}, w.told[0].CC)
	assert.False(t, w.told[1].Public)
	assert.Equal(t, "grant/00uADA/group:g1", w.told[1].Facts.Grant.Workflow)
	require.Len(t, w.turns, 1)
	assert.Equal(t, "grant/00uADA/group:g1", w.turns[0].Workflow, "it takes the person's turn under its own name")
	require.NotNil(t, record.Grant)
	assert.Equal(t, noon, record.Grant.Since)
	assert.Len(t, record.Verify, 1, "it was read back")
}

func TestTheNoticeComesBeforeTheEndAndNeverTooEarly(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ lasts, notice, at time.Duration }{
		"three days by default":         {30 * day, 0, 27 * day},
		"policy's own":                  {30 * day, 5 * day, 25 * day},
		"a third of what lasts shortly": {3 * time.Hour, 3 * day, 2 * time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			var at time.Time
			w.at(0, func() {
				w.env.SignalWorkflow(contract.SignalClaim, contract.ClaimSignal{Times: shortTimes(), Claim: contract.Claim{
					Ticket: 7, Item: "1", From: noon, Until: noon.Add(test.lasts), Notice: test.notice,
				}})
			})
			w.env.SetOnActivityStartedListener(noteTell(w, &at))
			w.runsToItsEnd()
			assert.Equal(t, noon.Add(test.at), at.UTC())
		})
	}
}

func TestAnExtensionMovesTheEndAndTheLongerOneWins(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.claim(0, 7, noon.Add(10*day))
	w.claim(9*day, 8, noon.Add(40*day))
	w.claim(9*day+time.Hour, 9, noon.Add(20*day))
	record := w.runsToItsEnd()
	assert.Equal(t, casework.EndDone, record.End)
	assert.Equal(t, []time.Time{noon.Add(40 * day)}, w.times, "one removal, at the last end")
	assert.Equal(t, []string{"grant_notice", "grant_ended"}, w.toldOn(7), "the notice came before the extension")
	assert.Equal(t, []string{"grant_notice", "grant_ended"}, w.toldOn(8))
	assert.Equal(t, []string{"grant_ended"}, w.toldOn(9), "its end was never the last")
}

func TestAClaimToldTwiceIsOneAndALaterOneOfTheSameItemReplacesIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.claim(0, 7, noon.Add(10*day))
	w.claim(time.Second, 7, noon.Add(10*day))
	w.claim(time.Hour, 7, noon.Add(2*day)) // granted again, for less
	record := w.runsToItsEnd()
	assert.Equal(t, []time.Time{noon.Add(2 * day)}, w.times)
	assert.Len(t, record.Grant.Claims, 1)
	assert.Equal(t, []string{"grant_notice", "grant_ended"}, w.toldOn(7))
}

func TestAClaimForGoodEndsTheGrantAndLeavesTheAccess(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.claim(0, 7, noon.Add(10*day))
	w.claim(day, 8, time.Time{})
	record := w.runsToItsEnd()
	assert.Equal(t, casework.EndCancelled, record.End)
	assert.Empty(t, w.applied)
	assert.Contains(t, record.Why, "FS-8 holds it for good")
}

func TestWhatACaseTookAwayEndsTheGrantAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.claim(0, 7, noon.Add(10*day))
	w.at(day, func() {
		w.env.SignalWorkflow(contract.SignalGrantEnded, contract.GrantEndedSignal{Ticket: 9, At: w.env.Now().UTC()})
	})
	record := w.runsToItsEnd()
	assert.Equal(t, casework.EndAlready, record.End)
	assert.Empty(t, w.applied)
	assert.Contains(t, record.Why, "FS-9 took it away")
	assert.Less(t, w.env.Now().Sub(noon), 2*day)
}

func TestAClaimAfterItWasTakenAwayStands(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.claim(0, 7, noon.Add(10*day))
	w.at(day, func() { // that it was taken away is heard late
		w.env.SignalWorkflow(contract.SignalClaim, contract.ClaimSignal{
			Claim: contract.Claim{Ticket: 8, Item: "1", From: w.env.Now().UTC(), Until: noon.Add(5 * day)}, Times: shortTimes(),
		})
		w.env.SignalWorkflow(contract.SignalGrantEnded, contract.GrantEndedSignal{Ticket: 9, At: w.env.Now().Add(-time.Minute).UTC()})
	})
	record := w.runsToItsEnd()
	assert.Equal(t, []time.Time{noon.Add(5 * day)}, w.times)
	require.Len(t, record.Grant.Claims, 1)
	assert.Equal(t, int64(8), record.Grant.Claims[0].Ticket)
}

func TestAFreezeAtTheEndHoldsTheRemovalUntilItThaws(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.claim(0, 7, noon.Add(10*day))
	frozen := true
	w.at(11*day, func() {
		assert.Equal(t, casework.StateFrozen, w.grantStatus().State)
		assert.Contains(t, w.grantStatus().Problem, "froze writes")
		frozen = false
	})
	w.apply = func(contract.ApplyInput) (contract.ApplyResult, error) {
		if frozen {
			return contract.ApplyResult{Outcome: contract.OutcomeHeld, Guard: contract.GuardFreeze, Detail: "somebody froze writes"}, nil
		}
		return contract.ApplyResult{Outcome: contract.OutcomeDone, At: w.env.Now()}, nil
	}
	record := w.runsToItsEnd()
	assert.Equal(t, casework.EndDone, record.End)
	require.Len(t, w.times, 1)
	assert.False(t, w.times[0].Before(noon.Add(11*day)))
}

func TestAnExtensionDuringAFreezeKeepsTheAccess(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.claim(0, 7, noon.Add(10*day))
	w.claim(10*day+time.Hour, 8, noon.Add(30*day))
	thaw := noon.Add(11 * day)
	w.apply = func(contract.ApplyInput) (contract.ApplyResult, error) {
		if w.env.Now().Before(thaw) {
			return contract.ApplyResult{Outcome: contract.OutcomeHeld, Guard: contract.GuardFreeze, Detail: "somebody froze writes"}, nil
		}
		return contract.ApplyResult{Outcome: contract.OutcomeDone, At: w.env.Now()}, nil
	}
	w.runsToItsEnd()
	assert.Equal(t, []time.Time{noon.Add(30 * day)}, w.times)
}

func TestAnExtensionThatWasGrantedBeforeTheTurnCameKeepsTheAccess(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.holdTurn = true // the case that extends it holds the turn
	w.claim(0, 7, noon.Add(10*day))
	w.claim(10*day+time.Minute, 8, noon.Add(30*day))
	w.at(10*day+2*time.Minute, func() {
		w.holdTurn = false
		w.env.SignalWorkflow(contract.SignalTurnGranted, contract.TurnGranted{OktaUserID: ada.OktaUserID})
	})
	w.runsToItsEnd()
	assert.Equal(t, []time.Time{noon.Add(30 * day)}, w.times)
}

func TestALeaverInBetweenLeavesNothingToTake(t *testing.T) {
	t.Parallel()
	for name, res := range map[string]contract.ApplyResult{
		"not a member any more": {Outcome: contract.OutcomeAlready, Detail: "not a member"},
		"the account is gone":   {Outcome: contract.OutcomeGone, Detail: "the account no longer exists in Okta"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.claim(0, 7, noon.Add(10*day))
			w.apply = func(contract.ApplyInput) (contract.ApplyResult, error) { return res, nil }
			record := w.runsToItsEnd()
			assert.Equal(t, casework.EndAlready, record.End)
			assert.Contains(t, record.Why, res.Detail)
		})
	}
}

func TestWhatAGuardRefusesToTakeIsLeftToAnOwner(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.claim(0, 7, noon.Add(10*day))
	w.apply = func(contract.ApplyInput) (contract.ApplyResult, error) {
		return contract.ApplyResult{Outcome: contract.OutcomeRefused, Guard: contract.GuardKeep, Detail: "the keep-list keeps it"}, nil
	}
	record := w.runsToItsEnd()
	assert.Equal(t, casework.EndProtected, record.End)
	require.Len(t, record.Case.Units[0].Left, 1)
	assert.Equal(t, "Identity Team", record.Case.Units[0].Left[0].Owner)
	last := w.told[len(w.told)-1]
	assert.True(t, last.Notify, "somebody has to hear that it stands")
}

func TestWhatSomethingElseGivesByNowStays(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.claim(0, 7, noon.Add(10*day))
	w.apply = func(contract.ApplyInput) (contract.ApplyResult, error) {
		return contract.ApplyResult{Outcome: contract.OutcomeStale, Detail: "birthright gives it by now"}, nil
	}
	record := w.runsToItsEnd()
	assert.Equal(t, casework.EndAlready, record.End)
	assert.Contains(t, record.Why, "birthright gives it")
	assert.False(t, w.told[len(w.told)-1].Notify, "that is as it should be")
}

func TestWhatTheReadBackStillShowsIsNamed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.claim(0, 7, noon.Add(10*day))
	w.verify = func(in contract.VerifyInput) contract.VerifyResult {
		assert.Equal(t, casework.VerbRemoveMember, in.Plan.Changes[0].Verb)
		return contract.VerifyResult{At: w.env.Now(), Residuals: []casework.Residual{{Object: group("g1"), Why: "still held", Owner: "Owners"}}}
	}
	record := w.runsToItsEnd()
	assert.Equal(t, casework.EndResiduals, record.End)
	assert.True(t, w.told[len(w.told)-1].Notify)
}

func TestAGrantThatOktaRefusesToEndParksUntilSomebodyLooked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.claim(0, 7, noon.Add(10*day))
	w.fail[contract.ActApplyChange] = []error{kinded(casework.Denied, "the role lacks this group")}
	var retried *reply
	w.at(12*day, func() {
		assert.Equal(t, casework.StateNeedsAttention, w.grantStatus().State)
		retried = w.command(contract.UpdateRetry, operator())
	})
	record := w.runsToItsEnd()
	require.NoError(t, retried.rejected)
	assert.Equal(t, casework.EndDone, record.End)
	assert.Contains(t, w.toldOn(7), "parked")
	for _, in := range w.told {
		if in.Template == "parked" {
			assert.Contains(t, in.Key, "grant-group-g1", "its marker is not the ticket's own case's")
		}
	}
}

func TestAnOperatorWhoAbortsLeavesTheAccessWithAnOwner(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.claim(0, 7, noon.Add(10*day))
	var moved, aborted *reply
	w.at(day, func() {
		moved = w.command(contract.UpdateReschedule, contract.RescheduleCommand{Operator: operator().Operator, At: noon.Add(90 * day)})
	})
	w.at(2*day, func() { aborted = w.command(contract.UpdateAbort, operator()) })
	record := w.runsToItsEnd()
	require.ErrorContains(t, moved.rejected, "leaver", "nobody extends a grant by a command")
	require.NoError(t, aborted.rejected)
	assert.Equal(t, casework.EndAborted, record.End)
	assert.Empty(t, w.applied)
	require.Len(t, record.Case.Units[0].Left, 1)
	assert.Equal(t, "Identity Team", record.Case.Units[0].Left[0].Owner)
}

func TestADeletedTicketKeepsNothingFromEnding(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.claim(0, 7, noon.Add(10*day))
	gone := kinded(casework.NotFound, "no such ticket")
	w.fail[contract.ActTell] = []error{gone, gone}
	record := w.runsToItsEnd()
	assert.Equal(t, casework.EndDone, record.End)
	assert.Empty(t, w.told)
}

func TestAGrantIsCarriedOverAndGoesOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.claim(0, 7, noon.Add(60*day))
	w.at(day, func() { w.env.SetContinueAsNewSuggested(true) })
	w.claim(2*day, 8, noon.Add(50*day))
	w.runGrant(contract.GrantInput{})
	var next *workflow.ContinueAsNewError
	require.ErrorAs(t, w.env.GetWorkflowError(), &next)
	var in contract.GrantInput
	require.NoError(t, converter.GetDefaultDataConverter().FromPayloads(next.Input, &in))
	assert.Len(t, in.Grant.Claims, 2)

	again := newWorld(t)
	again.env.SetStartTime(noon.Add(2 * day))
	again.runGrant(in)
	require.NoError(t, again.env.GetWorkflowError())
	assert.Equal(t, []time.Time{noon.Add(60 * day)}, again.times)
	require.Len(t, again.evidence, 1)
	assert.Equal(t, noon, again.evidence[0].Case.StartedAt.UTC(), "its evidence is about the whole of it")
	assert.Equal(t, []string{"grant_notice", "grant_ended"}, again.toldOn(7))
}

func TestAClaimThatComesWhileTheGrantEndsBeginsTheNextOne(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.claim(0, 7, noon.Add(10*day))
	told := false
	w.verify = func(contract.VerifyInput) contract.VerifyResult {
		if !told {
			told = true
			w.env.SignalWorkflow(contract.SignalClaim, contract.ClaimSignal{
				Claim: contract.Claim{Ticket: 8, Item: "1", From: w.env.Now().Add(time.Minute).UTC(), Until: noon.Add(20 * day)}, Times: shortTimes(),
			})
		}
		return contract.VerifyResult{At: w.env.Now()}
	}
	w.runGrant(contract.GrantInput{})
	require.NoError(t, w.env.GetWorkflowError())
	assert.Len(t, w.times, 2)
	assert.Equal(t, noon.Add(20*day), w.times[1])
	assert.Equal(t, []string{"grant_notice", "grant_ended"}, w.toldOn(8))
}

func TestWhatWasGrantedAnewWhileTheEndWasParkedStands(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.claim(0, 7, noon.Add(10*day))
	w.fail[contract.ActVerify] = []error{kinded(casework.Denied, "reading is not allowed")}
	w.claim(11*day, 8, noon.Add(20*day)) // taken away, and given again by another case
	var retried *reply
	w.at(12*day, func() { retried = w.command(contract.UpdateRetry, operator()) })
	w.runGrant(contract.GrantInput{})
	require.NoError(t, w.env.GetWorkflowError())
	require.NoError(t, retried.rejected)
	assert.Equal(t, []time.Time{noon.Add(10 * day), noon.Add(20 * day)}, w.times)
	require.Len(t, w.evidence, 2)
	assert.Len(t, w.evidence[0].Grant.Claims, 1)
	assert.Equal(t, int64(8), w.evidence[1].Grant.Claims[0].Ticket)
	assert.Contains(t, w.toldOn(8), "grant_ended")
}

func TestATimeLimitIsAnInstantWhateverTheClocksDo(t *testing.T) {
	t.Parallel()
	// The clocks of Berlin go forward on 29 March 2026, and back on 25 October: 30 days are 30 days, not a wall-clock time.
	for name, from := range map[string]time.Time{
		"forward": time.Date(2026, 3, 20, 9, 0, 0, 0, time.UTC), "back": time.Date(2026, 10, 10, 9, 0, 0, 0, time.UTC),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			berlin, err := time.LoadLocation("Europe/Berlin")
			require.NoError(t, err)
			w := newWorld(t)
			w.env.SetStartTime(from)
			limit := casework.Change{Limit: 30 * day}
			w.at(0, func() {
				w.env.SignalWorkflow(contract.SignalClaim, contract.ClaimSignal{Times: shortTimes(), Claim: contract.Claim{
					Ticket: 7, Item: "1", From: from, Until: casework.EndOf(limit, from.In(berlin)),
				}})
			})
			w.runsToItsEnd()
			require.Len(t, w.times, 1)
			assert.Equal(t, 30*day, w.times[0].Sub(from))
		})
	}
}

func TestACancelledGrantSaysThatTheAccessStands(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.claim(0, 7, noon.Add(10*day))
	w.at(day, func() { w.env.CancelWorkflow() })
	record := w.runsToItsEnd()
	assert.Equal(t, casework.EndAborted, record.End)
	assert.Equal(t, []string{"grant_ended"}, w.toldOn(7))
}

func TestAGrantWithoutAClaimEndsByItself(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.runGrant(contract.GrantInput{})
	require.NoError(t, w.env.GetWorkflowError())
	assert.Empty(t, w.evidence)
}

func TestAGrantTellsOperatorsWhoHoldsItAndNoNames(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.claim(0, 7, noon.Add(10*day))
	w.at(day, func() {
		status := w.grantStatus()
		assert.Equal(t, casework.StateWaitingDate, status.State)
		assert.Equal(t, "Time-bound grant of group:g1 until 2026-12-04 12:00 UTC", status.Summary)
		assert.Equal(t, noon.Add(7*day), status.DueAt.UTC(), "the notice is next")
		value, err := w.env.QueryWorkflow(contract.QueryGrant)
		if assert.NoError(t, err) {
			var state contract.GrantState
			assert.NoError(t, value.Get(&state))
			assert.Equal(t, noon.Add(10*day), state.Standing())
		}
	})
	w.runsToItsEnd()
}

// grantStatus asks a running grant.
func (w *world) grantStatus() contract.CaseStatus {
	var status contract.CaseStatus
	value, err := w.env.QueryWorkflow(contract.QueryStatus)
	if assert.NoError(w.t, err) {
		assert.NoError(w.t, value.Get(&status))
	}
	return status
}

// noteTell remembers when the first text was written.
func noteTell(w *world, at *time.Time) func(*activity.Info, context.Context, converter.EncodedValues) {
	return func(info *activity.Info, _ context.Context, _ converter.EncodedValues) {
		if info.ActivityType.Name == contract.ActTell && at.IsZero() {
			*at = w.env.Now()
		}
	}
}
