package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/approval"
	"latchkey/casework"
	"latchkey/contract"
)

// glass is a world in which Ada may break the glass of a group, and the boss reviews it.
func glass(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	w.asAccess("g1")
	w.request.Items[0].BreakGlass = &casework.BreakGlass{For: time.Hour, ReviewBy: 4 * time.Hour, Why: "group On call"}
	w.plan.Units[0] = glassUnit(w.request.Items[0].BreakGlass)
	w.needs(boss)
	w.tell = []string{"security@acme.example"}
	return w
}

func glassUnit(g *casework.BreakGlass) contract.Unit {
	u := accessUnit("item1", "g1")
	u.Plan.BreakGlass = g
	u.Plan.Changes[0].Claim = true
	u.Plan.Changes[0].Limit = 24 * time.Hour
	if g != nil {
		u.Plan.Changes[0].Limit = g.For
	}
	u.Plan = casework.Seal(u.Plan)
	return u
}

// ordinary is what the planner answers once break-glass is out of the question.
func (w *world) ordinary() { w.plan.Units[0] = glassUnit(nil) }

func TestABreakGlassIsGrantedAtOnceAndReviewedAfter(t *testing.T) {
	t.Parallel()
	w := glass(t)
	w.at(time.Minute, func() {
		assert.Equal(t, []string{"add_member g1"}, w.applied, "nobody had to approve")
		assert.Equal(t, []string{"item1/0/0"}, w.opened, "the review is asked for")
		assert.True(t, w.urgent, "the ticket is urgent")
		require.Len(t, w.claimed, 1)
		assert.Equal(t, noon.Add(time.Hour), w.claimed[0].Signal.Claim.Until)
		w.plan.Units[0] = contract.Unit{Key: "item1", End: casework.EndAlready} // what a plan would say now
		w.nudge()
	})
	w.at(2*time.Hour, func() { w.answers(boss, approval.DecisionApproved) })
	res := w.run()
	assert.Equal(t, casework.EndDone, res.End)
	assert.Contains(t, res.Summary, "granted by policy as break-glass, no approver; review confirmed: Boss")
	assert.Equal(t, []string{"add_member g1"}, w.applied)
	assert.Equal(t, []contract.GlassAnswer{contract.GlassConfirmed}, w.closed)
	first := w.told[0]
	assert.Equal(t, "break_glass", first.Template)
	assert.Equal(t, w.tell, first.To)
	review := w.evidence[0].Case.Units[0].Review
	require.NotNil(t, review)
	assert.Equal(t, contract.GlassConfirmed, review.Answer)
	assert.Equal(t, noon, review.GrantedAt)
}

func TestTheEndIsSecuredBeforeAnybodyIsToldOrAnythingIsReadBack(t *testing.T) {
	t.Parallel()
	w := glass(t)
	var order []string
	w.seen = func(name string) { order = append(order, name) }
	w.at(time.Minute, func() { w.answers(boss, approval.DecisionApproved) })
	w.run()
	at := func(name string) int {
		for i, n := range order {
			if n == name {
				return i
			}
		}
		return -1
	}
	assert.Less(t, at(contract.ActApplyChange), at(contract.ActClaimGrant))
	assert.Less(t, at(contract.ActClaimGrant), at(contract.ActTell))
	assert.Less(t, at(contract.ActTell), at(contract.ActVerify))
	assert.Less(t, at(contract.ActRouteApproval), at(contract.ActApplyChange), "who reviews it is known before")
}

func TestARejectedReviewTakesTheAccessAwayAtOnce(t *testing.T) {
	t.Parallel()
	w := glass(t)
	w.at(20*time.Minute, func() { w.answers(boss, approval.DecisionRejected) })
	res := w.run()
	assert.Equal(t, casework.EndRejected, res.End)
	assert.Equal(t, []string{"add_member g1", "remove_member g1"}, w.applied)
	assert.Equal(t, noon.Add(20*time.Minute), w.times[1])
	assert.Equal(t, []contract.GlassAnswer{contract.GlassRejected}, w.closed)
	assert.Contains(t, res.Summary, "review rejected: level 1")
	assert.Contains(t, res.Summary, "taken away, read back")
	assert.Contains(t, w.templates(), "break_glass_ended")
	assert.Empty(t, res.Left)
	last := w.evidence[0].Verify[len(w.evidence[0].Verify)-1]
	assert.NotZero(t, last.At, "it was read back")
}

func TestARejectionAfterTheEndFindsNothingToTake(t *testing.T) {
	t.Parallel()
	w := glass(t)
	w.apply = func(in contract.ApplyInput) (contract.ApplyResult, error) {
		assert.True(t, in.BreakGlass)
		if in.Change.Verb == casework.VerbRemoveMember {
			return contract.ApplyResult{Outcome: contract.OutcomeAlready, Detail: "not a member"}, nil
		}
		return contract.ApplyResult{Outcome: contract.OutcomeDone, At: w.env.Now()}, nil
	}
	w.at(3*time.Hour, func() { w.answers(boss, approval.DecisionRejected) })
	res := w.run()
	assert.Equal(t, casework.EndRejected, res.End)
	assert.Contains(t, res.Summary, "it had ended already (not a member)")
	assert.Equal(t, []contract.GlassAnswer{contract.GlassRejected}, w.closed, "it is barred all the same")
}

func TestWhatAnotherTicketHoldsByApprovalStaysAfterARejection(t *testing.T) {
	t.Parallel()
	w := glass(t)
	w.apply = func(in contract.ApplyInput) (contract.ApplyResult, error) {
		if in.Change.Verb == casework.VerbRemoveMember {
			return contract.ApplyResult{Outcome: contract.OutcomeStale, Detail: "FS-8 holds it by an approval of its own"}, nil
		}
		return contract.ApplyResult{Outcome: contract.OutcomeDone, At: w.env.Now()}, nil
	}
	w.at(20*time.Minute, func() { w.answers(boss, approval.DecisionRejected) })
	res := w.run()
	assert.Contains(t, res.Summary, "it stays: FS-8 holds it")
	require.Len(t, w.claimed, 2)
	assert.Equal(t, noon.Add(20*time.Minute), w.claimed[1].Signal.Claim.Until, "its own claim is over")
}

func TestWhatAGuardKeepsFromBeingTakenHasAnOwner(t *testing.T) {
	t.Parallel()
	w := glass(t)
	w.apply = func(in contract.ApplyInput) (contract.ApplyResult, error) {
		if in.Change.Verb == casework.VerbRemoveMember {
			return contract.ApplyResult{Outcome: contract.OutcomeRefused, Guard: contract.GuardKeep, Detail: "the keep-list keeps it"}, nil
		}
		return contract.ApplyResult{Outcome: contract.OutcomeDone, At: w.env.Now()}, nil
	}
	w.at(20*time.Minute, func() { w.answers(boss, approval.DecisionRejected) })
	res := w.run()
	require.Len(t, res.Left, 1)
	assert.Contains(t, res.Left[0].Why, "still stands")
	assert.NotContains(t, w.wishes, contract.WishResolved, "somebody has to look")
}

func TestAnUnansweredReviewIsSaidToBeLateAgainAndAgainAndNeverExpires(t *testing.T) {
	t.Parallel()
	w := glass(t)
	w.chain.Levels[0].ExpireAfter = 30 * time.Minute
	w.at(13*time.Hour, func() {
		assert.Len(t, w.toldAs("break_glass_late"), 3, "after 4, 8 and 12 hours")
		assert.Equal(t, 3, w.reminded)
		w.answers(boss, approval.DecisionApproved)
	})
	res := w.run()
	assert.Equal(t, casework.EndDone, res.End)
	late := w.toldAs("break_glass_late")[0]
	assert.True(t, late.Notify)
	assert.Equal(t, w.tell, late.To)
}

func TestALateReviewEscalatesByItsLevel(t *testing.T) {
	t.Parallel()
	w := glass(t)
	w.chain.Levels[0].EscalateAfter, w.chain.Levels[0].EscalateTo = time.Hour, []approval.Approver{owner}
	w.at(2*time.Hour, func() { w.answers(owner, approval.DecisionRejected); w.answers(boss, approval.DecisionRejected) })
	res := w.run()
	assert.Equal(t, casework.EndRejected, res.End)
	assert.Equal(t, []string{"add_member g1", "remove_member g1"}, w.applied)
}

func TestAClosedTicketIsNoAnswerToAReview(t *testing.T) {
	t.Parallel()
	w := glass(t)
	w.at(10*time.Minute, func() { w.request.Ticket.Closed = true; w.nudge() })
	res := w.run()
	assert.Equal(t, casework.EndCancelled, res.End)
	assert.Equal(t, []string{"add_member g1", "remove_member g1"}, w.applied)
	require.Len(t, res.Left, 1)
	assert.Contains(t, res.Left[0].Why, "its review was never answered (the ticket was closed by a person)")
	assert.Equal(t, []contract.GlassAnswer{contract.GlassLeft}, w.closed)
	assert.Contains(t, w.templates(), "break_glass_ended")
}

func TestAnAbortedCaseNamesTheReviewThatNobodyAnswered(t *testing.T) {
	t.Parallel()
	w := glass(t)
	w.at(10*time.Minute, func() { w.command(contract.UpdateAbort, operator()) })
	res := w.run()
	assert.Equal(t, casework.EndAborted, res.End)
	assert.Equal(t, []string{"add_member g1"}, w.applied, "an abort changes nothing more; the access ends by its own grant")
	require.Len(t, res.Left, 1)
	assert.Contains(t, res.Left[0].Why, "never answered")
	assert.Equal(t, []contract.GlassAnswer{contract.GlassLeft}, w.closed)
}

func TestBreakGlassThatCannotBeReviewedGoesByTheOrdinaryApproval(t *testing.T) {
	t.Parallel()
	for name, set := range map[string]func(*world){
		"nobody reviews": func(w *world) {
			w.fail[contract.ActRouteApproval] = []error{kinded(casework.Invalid, "nobody can be asked at level Security")}
		},
		"no levels":      func(w *world) { w.routes = []approval.Chain{{Mode: approval.ModeNone, Reason: "trusted"}} },
		"nobody is told": func(w *world) { w.tell = nil },
		"the glass is barred": func(w *world) {
			w.apply = func(in contract.ApplyInput) (contract.ApplyResult, error) {
				if in.BreakGlass {
					w.ordinary()
					return contract.ApplyResult{Outcome: contract.OutcomeRefused, Guard: contract.GuardBreakGlass, Detail: "the review of FS-3 rejected the same"}, nil
				}
				return contract.ApplyResult{Outcome: contract.OutcomeDone, At: w.env.Now()}, nil
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := glass(t)
			set(w)
			w.planned = func(in contract.PlanInput) {
				if in.Request.Items[0].BreakGlass == nil {
					w.ordinary()
				}
			}
			w.at(time.Hour, func() {
				assert.Empty(t, w.applied, "nothing is granted before the approval")
				w.answers(boss, approval.DecisionApproved)
			})
			res := w.run()
			assert.Equal(t, casework.EndDone, res.End)
			assert.Equal(t, []string{"add_member g1"}, w.applied)
			assert.Nil(t, w.evidence[0].Case.Units[0].Review)
			opened := w.toldAs("approvals_opened")
			require.Len(t, opened, 1)
			assert.NotEmpty(t, opened[0].Facts.Case.Request.Items[0].BreakGlassRefused, "the ticket says why")
			require.Len(t, w.claimed, 1)
			assert.Equal(t, 24*time.Hour, w.claimed[0].Signal.Claim.Until.Sub(w.claimed[0].Signal.Claim.From), "with the ordinary limit")
		})
	}
}

func TestAnExtensionIsNoBreakGlass(t *testing.T) {
	t.Parallel()
	w := glass(t)
	w.ordinary() // the planner found a grant that stands
	w.at(time.Hour, func() {
		assert.Empty(t, w.applied)
		w.answers(boss, approval.DecisionApproved)
	})
	res := w.run()
	assert.Equal(t, casework.EndDone, res.End)
	assert.Empty(t, w.closed)
}

func TestALeaverWinsOverBreakGlass(t *testing.T) {
	t.Parallel()
	w := glass(t)
	w.apply = func(contract.ApplyInput) (contract.ApplyResult, error) {
		return contract.ApplyResult{Outcome: contract.OutcomeRefused, Guard: contract.GuardLeaver, Detail: "a leaver began"}, nil
	}
	res := w.run()
	assert.NotEqual(t, casework.EndDone, res.End)
	assert.Empty(t, w.applied)
	assert.Empty(t, w.opened, "nothing was granted, so nothing is reviewed")
	assert.Equal(t, []contract.GlassAnswer{""}, w.closed, "and no glass was broken")
}

func TestAFreezeHoldsBreakGlassUntilItThaws(t *testing.T) {
	t.Parallel()
	w := glass(t)
	frozen := true
	w.apply = func(contract.ApplyInput) (contract.ApplyResult, error) {
		if frozen {
			return contract.ApplyResult{Outcome: contract.OutcomeHeld, Guard: contract.GuardFreeze, Detail: "frozen"}, nil
		}
		return contract.ApplyResult{Outcome: contract.OutcomeDone, At: w.env.Now()}, nil
	}
	w.at(20*time.Minute, func() { frozen = false })
	w.at(40*time.Minute, func() { w.answers(boss, approval.DecisionApproved) })
	w.run()
	require.Len(t, w.claimed, 1)
	assert.False(t, w.claimed[0].Signal.Claim.From.Before(noon.Add(20*time.Minute)), "the clock starts at the grant")
}

func TestBesideBreakGlassAnOrdinaryItemWaitsForItsOwnApproval(t *testing.T) {
	t.Parallel()
	w := glass(t)
	w.request.Items = append(w.request.Items, casework.Item{Key: "item2", Name: "g2", Beneficiary: ada.Email})
	w.plan.Units = append(w.plan.Units, accessUnit("item2", "g2"))
	vote := func(unit string, d approval.Decision) {
		w.votes = append(w.votes, approval.Vote{
			ApprovalID: int64(len(w.votes) + 1), Group: "approvers", By: boss, For: boss, Decision: d, At: w.env.Now(), Remark: unit,
		})
		w.nudge()
	}
	w.at(time.Minute, func() { assert.Equal(t, []string{"add_member g1"}, w.applied) })
	w.at(time.Hour, func() { vote("item2", approval.DecisionApproved) })
	w.at(2*time.Hour, func() {
		assert.Equal(t, []string{"add_member g1", "add_member g2"}, w.applied)
		vote("item1", approval.DecisionRejected)
	})
	res := w.run()
	assert.Equal(t, []string{"add_member g1", "add_member g2", "remove_member g1"}, w.applied)
	require.Len(t, res.Items, 2)
	assert.Equal(t, casework.EndRejected, res.Items[0].End)
	assert.Equal(t, casework.EndDone, res.Items[1].End)
}

func TestAReviewIsCarriedOverAFreshRun(t *testing.T) {
	t.Parallel()
	w := glass(t)
	u := glassUnit(w.request.Items[0].BreakGlass)
	u.Status, u.Chain = approval.StatusOpen, w.chain
	u.Review = &contract.GlassReview{GrantedAt: noon.Add(-time.Hour), Claimed: true, Told: true, Tell: w.tell, Due: noon.Add(3 * time.Hour)}
	w.at(time.Hour, func() { w.answers(boss, approval.DecisionRejected) })
	w.execute(contract.CaseInput{Ticket: 7, Case: &contract.Case{
		Request: w.request, State: casework.StateAwaitingApproval, StartedAt: noon, Times: shortTimes(), Units: []contract.Unit{u},
		Plan: &u.Plan,
	}})
	require.NoError(t, w.env.GetWorkflowError())
	res := w.result()
	assert.Equal(t, casework.EndRejected, res.End)
	assert.Equal(t, []string{"remove_member g1"}, w.applied, "it is not granted a second time")
}

// toldAs lists the notes of one template.
func (w *world) toldAs(template string) []contract.TellInput {
	var list []contract.TellInput
	for _, in := range w.told {
		if in.Template == template {
			list = append(list, in)
		}
	}
	return list
}

func TestATicketThatIsGoneTakesNoNoteAndTheAccessIsTakenAllTheSame(t *testing.T) {
	t.Parallel()
	w := glass(t)
	w.at(10*time.Minute, func() {
		w.request.Ticket.Gone = true
		for range 5 {
			w.fail[contract.ActTell] = append(w.fail[contract.ActTell], kinded(casework.NotFound, "no such ticket"))
		}
		w.nudge()
	})
	res := w.run()
	assert.Equal(t, casework.EndCancelled, res.End)
	assert.Equal(t, []string{"add_member g1", "remove_member g1"}, w.applied)
	require.Len(t, w.evidence, 1)
	assert.Equal(t, contract.GlassLeft, w.evidence[0].Case.Units[0].Review.Answer)
}

func TestAnAbortBeforeARejectedAccessWasTakenNamesWhatStands(t *testing.T) {
	t.Parallel()
	w := glass(t)
	w.apply = func(in contract.ApplyInput) (contract.ApplyResult, error) {
		if in.Change.Verb == casework.VerbRemoveMember {
			return contract.ApplyResult{Outcome: contract.OutcomeHeld, Guard: contract.GuardFreeze, Detail: "frozen"}, nil
		}
		return contract.ApplyResult{Outcome: contract.OutcomeDone, At: w.env.Now()}, nil
	}
	w.at(20*time.Minute, func() { w.answers(boss, approval.DecisionRejected) })
	w.at(21*time.Minute, func() { assert.Equal(t, casework.StateFrozen, w.status().State) })
	w.at(22*time.Minute, func() { w.command(contract.UpdateAbort, operator()) })
	res := w.run()
	assert.Equal(t, casework.EndAborted, res.End)
	require.Len(t, res.Left, 1)
	assert.Contains(t, res.Left[0].Why, "review rejected it, and the case ended before it was taken away")
	assert.Equal(t, []contract.GlassAnswer{contract.GlassRejected}, w.closed)
}
