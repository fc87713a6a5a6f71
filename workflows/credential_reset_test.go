package workflows_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/approval"
	"latchkey/casework"
	"latchkey/contract"
	"latchkey/identity"
)

// asReset turns the world's ticket into a credential reset with some verbs.
func (w *world) asReset(terms casework.ResetTerms, verbs ...casework.Verb) {
	w.request.UseCase, w.request.Rule = casework.CredentialReset, "form"
	w.request.Reset = &casework.ResetAsk{Kinds: []casework.ResetKind{casework.ResetPassword}}
	w.request.Ticket.Requester = casework.Asker{Email: ada.Email}
	if terms.Asker == "" {
		terms.Asker = ada.OktaUserID
	}
	plan := casework.Plan{UseCase: casework.CredentialReset, Person: ada, Reset: &terms}
	for i, verb := range verbs {
		plan.Changes = append(plan.Changes, casework.Change{
			ID: fmt.Sprintf("%s %d", verb, i), Phase: casework.PhaseReset, Verb: verb, Object: account(),
		})
	}
	w.plan = contract.PlanResult{Person: ada, Units: []contract.Unit{{Key: "plan", Title: "Sign-in of Ada", Plan: casework.Seal(plan)}}}
}

func TestAResetIsDoneToldAndProved(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.asReset(casework.ResetTerms{Tell: []string{boss.Email, ada.Email, "BOSS@acme.example"}}, casework.VerbResetPassword)
	var seen contract.ApplyInput
	w.apply = func(in contract.ApplyInput) (contract.ApplyResult, error) {
		seen = in
		return contract.ApplyResult{Outcome: contract.OutcomeDone, At: w.env.Now()}, nil
	}
	res := w.run()
	assert.Equal(t, casework.EndDone, res.End)
	assert.Equal(t, []string{"reset_password Ada"}, w.applied)
	assert.Equal(t, []string{"reset_notice", "result", "result_requester"}, w.templates())
	assert.Equal(t, []string{boss.Email}, w.told[0].CC, "whoever asked is no news to tell twice")
	assert.True(t, w.told[0].Public)
	assert.Equal(t, []contract.TicketWish{contract.WishResolved}, w.wishes)
	assert.False(t, seen.Since.IsZero())
	require.NotNil(t, seen.Reset)
	assert.Equal(t, ada.OktaUserID, seen.Reset.Asker)
}

func TestTheOwnerHearsOfAResetThatSomebodyElseAskedFor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.asReset(casework.ResetTerms{Asker: "00uBOSS", Manager: "asked for by somebody else"}, casework.VerbResetPassword)
	w.request.Ticket.Requester = casework.Asker{Email: boss.Email}
	w.run()
	require.Equal(t, "reset_notice", w.told[0].Template)
	assert.Equal(t, []string{ada.Email}, w.told[0].CC)
}

func TestAResetWaitsForItsApproval(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.asReset(casework.ResetTerms{Manager: "authenticators"}, casework.VerbResetFactors)
	w.needs(boss)
	w.at(time.Hour, func() { assert.Empty(t, w.applied); w.answers(boss, approval.DecisionApproved) })
	assert.Equal(t, casework.EndDone, w.run().End)
	assert.Equal(t, []string{"reset_factors Ada"}, w.applied)

	denied := newWorld(t)
	denied.asReset(casework.ResetTerms{Manager: "authenticators"}, casework.VerbResetFactors)
	denied.needs(boss)
	denied.at(time.Hour, func() { denied.answers(boss, approval.DecisionRejected) })
	assert.Equal(t, casework.EndRejected, denied.run().End)
	assert.Empty(t, denied.applied)
}

func TestARefusedResetSaysSoAndTheTicketGoesAsPolicySays(t *testing.T) {
	t.Parallel()
	for leave, want := range map[bool]contract.TicketWish{false: contract.WishResolved, true: contract.WishOpen} {
		for name, refuse := range map[string]func(w *world){
			"when it is planned": func(w *world) {
				w.plan = contract.PlanResult{Person: ada, End: casework.EndRefused, Why: "too soon; try again after 9"}
			},
			"right before the change": func(w *world) {
				w.apply = func(contract.ApplyInput) (contract.ApplyResult, error) {
					return contract.ApplyResult{Outcome: contract.OutcomeRefused, Guard: contract.GuardReset, Detail: "too soon; try again after 9"}, nil
				}
			},
		} {
			t.Run(fmt.Sprintf("%s, leave %t", name, leave), func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				w.asReset(casework.ResetTerms{}, casework.VerbResetPassword)
				w.request.Reset.LeaveRefused = leave
				refuse(w)
				res := w.run()
				assert.Equal(t, casework.EndRefused, res.End)
				assert.Contains(t, res.Summary, "try again after")
				assert.Empty(t, w.applied)
				assert.Equal(t, []string{"result", "result_requester"}, w.templates(), "nobody is told of a reset that was none")
				assert.Equal(t, []contract.TicketWish{want}, w.wishes)
				assert.Equal(t, leave, w.evidence[0].Waiting)
			})
		}
	}
}

func TestWhatIsHandedOverStaysOpenForAPerson(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.asReset(casework.ResetTerms{}, casework.VerbResetPassword)
	w.plan = contract.PlanResult{Person: ada, End: casework.EndHandedOver, Why: "the mailbox is behind Okta"}
	w.at(10*time.Minute, w.nudge) // an agent writes a note on it
	res := w.run()
	assert.Equal(t, casework.EndHandedOver, res.End)
	assert.Equal(t, []string{"result"}, w.templates())
	assert.Equal(t, []contract.TicketWish{contract.WishOpen}, w.wishes)
	assert.True(t, w.evidence[0].Waiting, "a later look at the ticket begins no second case")
}

func TestAnAccountThatMovedOnIsPlannedAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.asReset(casework.ResetTerms{}, casework.VerbReactivate)
	w.apply = func(in contract.ApplyInput) (contract.ApplyResult, error) {
		if in.Change.Verb == casework.VerbReactivate {
			w.asReset(casework.ResetTerms{}, casework.VerbResetPassword)
			return contract.ApplyResult{Outcome: contract.OutcomeStale, Detail: "the account is ACTIVE meanwhile"}, nil
		}
		return contract.ApplyResult{Outcome: contract.OutcomeDone, At: w.env.Now()}, nil
	}
	assert.Equal(t, casework.EndDone, w.run().End)
	assert.Equal(t, []string{"reset_password Ada"}, w.applied)
}

func TestAnAccountThatNeverStandsStillIsHandedOver(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.asReset(casework.ResetTerms{}, casework.VerbReactivate)
	tries := 0
	w.apply = func(contract.ApplyInput) (contract.ApplyResult, error) {
		tries++
		return contract.ApplyResult{Outcome: contract.OutcomeStale, Detail: "it moved"}, nil
	}
	assert.Equal(t, casework.EndHandedOver, w.run().End)
	assert.Equal(t, 3, tries)
}

func TestALeaverWinsOverAReset(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.asReset(casework.ResetTerms{Manager: "authenticators"}, casework.VerbResetFactors)
	w.needs(boss)
	w.at(time.Hour, func() {
		w.env.SignalWorkflow(contract.SignalLeaverBegan, contract.LeaverSignal{OktaUserID: ada.OktaUserID, Ticket: 99, Began: true})
		w.answers(boss, approval.DecisionApproved)
	})
	assert.Equal(t, casework.EndLeaver, w.run().End)
	assert.Empty(t, w.applied)
}

func TestWhatIsLeftOfAResetHasAnOwner(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.asReset(casework.ResetTerms{}, casework.VerbResetPassword, casework.VerbEndSessions)
	w.verify = func(contract.VerifyInput) contract.VerifyResult {
		return contract.VerifyResult{Residuals: []casework.Residual{{Object: identity.Entitlement{Kind: identity.KindSession}, Why: "the log shows none", Owner: "Identity Team"}}}
	}
	res := w.run()
	assert.Equal(t, casework.EndResiduals, res.End)
	assert.Contains(t, res.Summary, "the log shows none")
	assert.Equal(t, []contract.TicketWish{contract.WishWaiting}, w.wishes)
}

func TestAResetWhoseNoticeCannotBeMailedIsStillReported(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.asReset(casework.ResetTerms{Tell: []string{boss.Email}}, casework.VerbResetPassword)
	w.fail[contract.ActTell] = []error{kinded(casework.Invalid, "no such address")}
	assert.Equal(t, casework.EndDone, w.run().End)
	assert.Equal(t, []string{"result", "result_requester"}, w.templates())
	found := false
	for _, line := range w.evidence[0].Case.Log {
		found = found || line.Text == "Freshservice: tell the account's owner failed: no such address"
	}
	assert.True(t, found, "the report says that nobody was told")
}

func TestAnObservedResetChangesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.asReset(casework.ResetTerms{}, casework.VerbResetPassword)
	w.request.Mode = casework.ModeObserve
	assert.Equal(t, casework.EndObserved, w.run().End)
	assert.Empty(t, w.applied)
	assert.Equal(t, []string{"observed"}, w.templates())
}

func TestSomebodyWhoEnrolsNothingIsRemindedOnce(t *testing.T) {
	t.Parallel()
	for _, enrolled := range []bool{false, true} {
		w := newWorld(t)
		w.enrolled = enrolled
		w.asReset(casework.ResetTerms{EnrolRemind: 24 * time.Hour}, casework.VerbResetFactors)
		looked := 0
		w.at(23*time.Hour, func() { looked = len(w.settled) })
		w.at(2*time.Hour, func() {
			assert.Equal(t, []contract.TicketWish{contract.WishResolved}, w.wishes, "nothing waits for it")
		})
		assert.Equal(t, casework.EndDone, w.run().End)
		assert.Zero(t, looked)
		require.Len(t, w.settled, 1)
		assert.Equal(t, !enrolled, w.templates()[len(w.templates())-1] == "enrol_reminder")
	}
	never := newWorld(t)
	never.asReset(casework.ResetTerms{EnrolRemind: 24 * time.Hour}, casework.VerbResetPassword)
	never.run()
	assert.Empty(t, never.settled, "a password has nothing to enrol")
}

func TestThatNobodyElseCouldBeToldIsOnRecord(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.asReset(casework.ResetTerms{}, casework.VerbResetPassword)
	assert.Equal(t, casework.EndDone, w.run().End)
	assert.Equal(t, []string{"result", "result_requester"}, w.templates())
	require.NotEmpty(t, w.evidence[0].Case.Log)
	assert.Contains(t, w.evidence[0].Case.Log[len(w.evidence[0].Case.Log)-1].Text, "Nobody beside the requester could be told")
}

func TestAResetThatTripsTellsSecurityAndStaysOpen(t *testing.T) {
	t.Parallel()
	for name, failing := range map[string]bool{"the desk answers": false, "the desk refuses the ticket": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.asReset(casework.ResetTerms{}, casework.VerbResetPassword)
			w.plan = contract.PlanResult{Person: ada, End: casework.EndHandedOver, Why: "it is held", Alarm: "a new authenticator"}
			if failing {
				w.fail[contract.ActAskSecurity] = []error{kinded(casework.Invalid, "no such group")}
			}
			assert.Equal(t, casework.EndHandedOver, w.run().End)
			require.Len(t, w.alarms, 1)
			assert.Equal(t, "a new authenticator", w.alarms[0].Why)
			assert.Empty(t, w.applied)
			assert.Equal(t, []contract.TicketWish{contract.WishOpen}, w.wishes)
		})
	}
	seen := newWorld(t)
	seen.asReset(casework.ResetTerms{}, casework.VerbResetPassword)
	seen.request.Mode = casework.ModeObserve
	seen.plan = contract.PlanResult{Person: ada, End: casework.EndHandedOver, Why: "it is held", Alarm: "a new authenticator"}
	seen.run()
	assert.Empty(t, seen.alarms, "observe writes nothing beside the ticket")
}
