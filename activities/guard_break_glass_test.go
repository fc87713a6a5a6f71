package activities_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/casework"
	"latchkey/contract"
	"latchkey/examples/acme"
	"latchkey/simulators/okta/oktasim"
)

// glassPlan is a break-glass grant of a group to Clara.
func (w *world) glassPlan() casework.Plan {
	w.t.Helper()
	result := w.plan(casework.Request{
		Ticket: casework.Ticket{Number: 12}, UseCase: casework.AccessRequest,
		Items: []casework.Item{{
			Key: "1", Name: "aurora", Catalogue: "aurora", Beneficiary: acme.Clara,
			BreakGlass: &casework.BreakGlass{For: time.Hour, ReviewBy: time.Hour, Why: "on call"},
		}},
	})
	require.Empty(w.t, result.Units[0].End, result.Units[0].Why)
	return result.Units[0].Plan
}

// breaks applies the one change of a break-glass plan for a ticket.
func (w *world) breaks(plan casework.Plan, ticket int64) contract.ApplyResult {
	w.t.Helper()
	in := input(plan, plan.Changes[0])
	in.Ticket, in.Unit, in.BreakGlass = ticket, "1", true
	result, err := retried[contract.ApplyResult](w, contract.ActApplyChange, in)
	require.NoError(w.t, err)
	return result
}

// takes takes what a break-glass gave away again.
func (w *world) takes(plan casework.Plan) contract.ApplyResult {
	w.t.Helper()
	in := input(plan, casework.RevokeOf(plan.Changes[0].Object, "its review said no"))
	in.Unit, in.BreakGlass = "1", true
	result, err := retried[contract.ApplyResult](w, contract.ActApplyChange, in)
	require.NoError(w.t, err)
	return result
}

func (w *world) closes(plan casework.Plan, ticket int64, answer contract.GlassAnswer) {
	w.t.Helper()
	err := w.okta.CloseGlass(w.t.Context(), contract.CloseGlassInput{
		Ticket: ticket, Unit: "1", OktaUserID: plan.Person.OktaUserID, Object: plan.Changes[0].Object, Answer: answer,
	})
	require.NoError(w.t, err)
}

func TestABreakGlassPlanIsShortAndSaysThatNobodyApproves(t *testing.T) {
	t.Parallel()
	plan := newWorld(t, nil).glassPlan()
	require.NotNil(t, plan.BreakGlass)
	assert.Equal(t, time.Hour, plan.Changes[0].Limit)
	assert.True(t, plan.Changes[0].Claim)
	assert.Contains(t, plan.Notes, "It is granted at once by policy as break-glass (on call), for at most 1h0m0s, with no approver; it is reviewed after.")
}

func TestTheSameGlassIsBrokenOnceUntilItsReviewConfirmed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	plan := w.glassPlan()
	assert.Equal(t, contract.OutcomeDone, w.breaks(plan, 12).Outcome)
	assert.Equal(t, contract.OutcomeAlready, w.breaks(plan, 12).Outcome, "the same case may ask again")

	second := w.breaks(plan, 13)
	assert.Equal(t, contract.OutcomeRefused, second.Outcome)
	assert.Equal(t, contract.GuardBreakGlass, second.Guard)
	assert.Contains(t, second.Detail, "in FS-12, and its review has not confirmed")

	w.closes(plan, 13, contract.GlassConfirmed) // another case's word is none
	assert.Equal(t, contract.OutcomeRefused, w.breaks(plan, 13).Outcome)
	w.closes(plan, 12, contract.GlassConfirmed)
	w.closes(plan, 12, contract.GlassConfirmed)
	assert.Equal(t, contract.OutcomeAlready, w.breaks(plan, 13).Outcome)
}

func TestARejectedBreakGlassIsBarredForAWhile(t *testing.T) {
	t.Parallel()
	for _, answer := range []contract.GlassAnswer{contract.GlassRejected, contract.GlassLeft} {
		t.Run(string(answer), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, nil)
			now := time.Now()
			w.okta.Now = func() time.Time { return now }
			plan := w.glassPlan()
			w.breaks(plan, 12)
			w.closes(plan, 12, answer)
			now = now.Add(29 * 24 * time.Hour)
			assert.Equal(t, contract.OutcomeRefused, w.breaks(plan, 13).Outcome)
			now = now.Add(2 * 24 * time.Hour)
			assert.Equal(t, contract.OutcomeAlready, w.breaks(plan, 13).Outcome)
		})
	}
}

func TestABreakGlassThatAnotherGuardStopsLeavesNoMark(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	plan := w.glassPlan()
	w.cluster.controls.Frozen = []contract.Freeze{{By: contract.Operator{By: "op", Reason: "incident"}}}
	assert.Equal(t, contract.GuardFreeze, w.breaks(plan, 12).Guard)
	w.cluster.controls.Frozen = nil
	w.cluster.turns[plan.Person.OktaUserID] = contract.Turns{Leaver: 77}
	assert.Equal(t, contract.GuardLeaver, w.breaks(plan, 12).Guard)
	w.cluster.turns = map[string]contract.Turns{}
	assert.Equal(t, contract.OutcomeDone, w.breaks(plan, 13).Outcome)
}

func TestBreakGlassWaitsForABlobStoreThatDoesNotAnswer(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	plan := w.glassPlan()
	require.NoError(t, w.blobs.Close())
	result := w.breaks(plan, 12)
	assert.Equal(t, contract.OutcomeHeld, result.Outcome)
	assert.Equal(t, contract.GuardBreakGlass, result.Guard)
	_, err := run[struct{}](w, contract.ActCloseGlass, contract.CloseGlassInput{
		Ticket: 12, Unit: "1", OktaUserID: plan.Person.OktaUserID, Object: plan.Changes[0].Object, Answer: contract.GlassConfirmed,
	})
	assert.Equal(t, casework.Unavailable, kind(err))
}

func TestAProtectedGroupIsNotForBreakingGlass(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	plan := w.glassPlan()
	w.rules(map[string]string{"guards.yaml": "protected: {groups: [{name: 'Project Aurora', why: made by hand, who: Grace}]}\n"})
	result := w.breaks(plan, 12)
	assert.Equal(t, contract.OutcomeRefused, result.Outcome)
	assert.Equal(t, contract.GuardProtected, result.Guard)
}

func TestWhatAReviewRejectedIsTakenAndOneEventTells(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	plan := w.glassPlan()
	w.breaks(plan, 12)
	w.fault(oktasim.Fault{Kind: oktasim.FaultAnswerLost, Method: "write", First: 1, PerWrite: true})
	outcome := w.takes(plan).Outcome
	w.sim.ClearFaults()
	assert.Contains(t, []contract.Outcome{contract.OutcomeDone, contract.OutcomeAlready}, outcome)
	assert.Equal(t, 1, w.events(acme.Clara)["group.user_membership.remove"])
	assert.Equal(t, contract.OutcomeAlready, w.takes(plan).Outcome)
}

func TestWhatAnotherTicketHoldsIsNotTakenByARejectedReview(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	plan := w.glassPlan()
	w.breaks(plan, 12)
	id := contract.GrantWorkflowID(plan.Person.OktaUserID, plan.Changes[0].Object)
	claims := []contract.Claim{{Ticket: 12, Until: time.Now().Add(time.Hour)}, {Ticket: 13, Until: time.Now().Add(time.Hour)}}
	w.cluster.grants = map[string]contract.GrantState{id: {Claims: claims}}
	result := w.takes(plan)
	assert.Equal(t, contract.OutcomeStale, result.Outcome)
	assert.Contains(t, result.Detail, "FS-13 holds it")

	w.cluster.grants = map[string]contract.GrantState{id: {Claims: claims[:1]}}
	assert.Equal(t, contract.OutcomeDone, w.takes(plan).Outcome)
	assert.Equal(t, []string{id}, w.cluster.ended, "the grant hears of it and ends")
}

func TestBirthrightOutlivesARejectedReview(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	plan := w.glassPlan()
	w.breaks(plan, 12)
	w.rules(map[string]string{"birthright.yaml": "rules: [{name: all, when: 'true', groups: [Project Aurora], reason: everybody}]\n"})
	result := w.takes(plan)
	assert.Equal(t, contract.OutcomeStale, result.Outcome)
	assert.Contains(t, result.Detail, "birthright gives it")
}

func TestAnItemThatIsHeldForATimeIsAnExtensionAndNoBreakGlass(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	plan := w.glassPlan()
	w.breaks(plan, 12)
	w.cluster.grants = map[string]contract.GrantState{
		contract.GrantWorkflowID(plan.Person.OktaUserID, plan.Changes[0].Object): {Claims: []contract.Claim{{Ticket: 12, Until: time.Now().Add(time.Hour)}}},
	}
	again := w.glassPlan()
	assert.Nil(t, again.BreakGlass)
	assert.Contains(t, again.Notes[0], "an extension is not break-glass")
}

func TestSeparationOfDutiesStopsARequest(t *testing.T) {
	t.Parallel()
	const pair = "pairs: [{name: p, one: {group: Project Aurora}, other: {group: Project Cassini}, effect: EFFECT, why: the auditors say so}]\n"
	for effect, blocks := range map[string]bool{"block": true, "warn": false} {
		t.Run(effect, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, map[string]string{"duties.yaml": strings.Replace(pair, "EFFECT", effect, 1)})
			holder := w.user(acme.Clara)
			group, err := w.client.FindGroupsByName(t.Context(), "Project Cassini")
			require.NoError(t, err)
			require.NotEmpty(t, group)
			require.NoError(t, w.client.AddMember(t.Context(), group[0].ID, holder.ID))
			result := w.plan(casework.Request{
				Ticket: casework.Ticket{Number: 12}, UseCase: casework.AccessRequest,
				Items: []casework.Item{{
					Key: "1", Name: "aurora", Catalogue: "aurora", Beneficiary: acme.Clara,
					BreakGlass: &casework.BreakGlass{For: time.Hour, ReviewBy: time.Hour, Why: "on call"},
				}},
			})
			unit := result.Units[0]
			if blocks {
				assert.Equal(t, casework.EndConflict, unit.End)
				assert.Contains(t, unit.Why, "may not be in one hand")
				return
			}
			assert.Empty(t, unit.End)
			require.Len(t, unit.Plan.Conflicts, 1)
		})
	}
}

func TestCloseGlassNeedsAPersonAndAThing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	err := w.okta.CloseGlass(t.Context(), contract.CloseGlassInput{Ticket: 12})
	assert.Equal(t, casework.Invalid, kind(err))
}
