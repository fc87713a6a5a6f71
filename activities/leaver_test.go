package activities_test

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/casework"
	"latchkey/contract"
	"latchkey/examples/acme"
	"latchkey/identity"
	"latchkey/simulators/okta/oktasim"
)

func (w *world) verify(plan casework.Plan, list []contract.Done) contract.VerifyResult {
	w.t.Helper()
	result, err := retried[contract.VerifyResult](w, contract.ActVerify, contract.VerifyInput{
		Ticket: 12, UseCase: plan.UseCase, Plan: plan, Done: list,
	})
	require.NoError(w.t, err)
	return result
}

func unproved(v contract.VerifyResult) []string {
	var all []string
	for _, p := range v.Proofs {
		if !p.Proved {
			all = append(all, p.What+": "+p.Saw)
		}
	}
	return all
}

// wanted are the System Log events that a plan has to leave, each as often as the plan has such a change.
func wanted(plan casework.Plan) map[string]int {
	names := map[casework.Verb]string{
		casework.VerbSuspend: "user.lifecycle.suspend", casework.VerbDeactivate: "user.lifecycle.deactivate",
		casework.VerbEndSessions: "user.session.clear", casework.VerbResetFactors: "user.mfa.factor.reset_all",
		casework.VerbRevokeRole: "user.account.privilege.revoke", casework.VerbClearAttributes: "user.account.update_profile",
		casework.VerbRemoveMember: "group.user_membership.remove", casework.VerbUnassignApp: "application.user_membership.remove",
	}
	counts := map[string]int{}
	for _, c := range plan.Changes {
		counts[names[c.Verb]]++
	}
	return counts
}

// TestALeaverLeavesOneEventForEachChange carries a leaver through, under each kind of trouble, and counts what Okta's
// System Log says that we did.
func TestALeaverLeavesOneEventForEachChange(t *testing.T) {
	t.Parallel()
	tests := map[string][]oktasim.Fault{
		"without trouble":                       nil,
		"when every write's answer is lost":     {{Kind: oktasim.FaultAnswerLost, Method: "write", First: 1, PerWrite: true}},
		"when every write meets a 429":          {{Kind: oktasim.FaultConcurrency, Method: "write", First: 1, PerWrite: true}},
		"when every write meets a 503":          {{Kind: oktasim.FaultStatus, Status: http.StatusServiceUnavailable, Method: "write", First: 1, PerWrite: true}},
		"when every write meets a gateway page": {{Kind: oktasim.FaultStatus, Status: http.StatusBadGateway, HTML: true, Method: "write", First: 1, PerWrite: true}},
		"when connections are cut before work":  {{Kind: oktasim.FaultConnectionCut, Method: "write", First: 1, PerWrite: true}},
		"when reads fail now and then":          {{Kind: oktasim.FaultStatus, Status: http.StatusInternalServerError, Method: http.MethodGet, Every: 5}},
		"when Okta is slow":                     {{Kind: oktasim.FaultSlow, Delay: oktasim.Duration(5 * time.Millisecond)}},
		"when answers are lost and lists trail behind": {
			{Kind: oktasim.FaultAnswerLost, Method: "write", First: 1, PerWrite: true},
			{Kind: oktasim.FaultStale, Method: http.MethodGet, Path: "users/*/groups", Delay: oktasim.Duration(300 * time.Millisecond)},
		},
		"when answers are lost and the account trails behind": {
			{Kind: oktasim.FaultAnswerLost, Method: "write", Path: "users/*/lifecycle/*", First: 1, PerWrite: true},
			{Kind: oktasim.FaultStale, Method: http.MethodGet, Path: "users/*", Delay: oktasim.Duration(200 * time.Millisecond)},
		},
		"when answers are lost and reads fail": {
			{Kind: oktasim.FaultAnswerLost, Method: "write", First: 1, PerWrite: true},
			{Kind: oktasim.FaultStatus, Status: http.StatusServiceUnavailable, Method: http.MethodGet, Every: 7},
		},
	}
	for name, faults := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, nil)
			plan := w.plan(leaverRequest(acme.Ada)).Units[0].Plan
			for _, f := range faults {
				w.fault(f)
			}
			list := w.carry(plan)
			for id, n := range w.sim.FaultHits() {
				assert.Positive(t, n, "the trouble %s never came", id)
			}
			w.sim.ClearFaults()
			w.sim.Settle()

			got := w.events(acme.Ada)
			for event, n := range wanted(plan) {
				if event == "application.user_membership.remove" {
					assert.GreaterOrEqual(t, got[event], n, event) // apps that follow their groups are logged too
					continue
				}
				assert.Equal(t, n, got[event], event)
			}
			check := w.verify(plan, list)
			for range 2 { // a rule that could not be read may have left something to sweep
				if len(check.Sweep) == 0 {
					break
				}
				w.carry(casework.Plan{UseCase: plan.UseCase, Person: plan.Person, Changes: check.Sweep})
				check = w.verify(plan, list)
			}
			assert.Empty(t, unproved(check))
			assert.Empty(t, check.Residuals)
			assert.Empty(t, check.Unsettled)
			assert.Equal(t, identity.StatusDeprovisioned, check.Status)
			left := w.user(acme.Ada)
			assert.Empty(t, left.Groups)
			assert.Empty(t, left.Apps)
			assert.Empty(t, left.Factors)
			assert.Empty(t, left.AdminRoles)
		})
	}
}

func TestALeaverWithResidualsNamesEachWithAnOwner(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	plan := w.plan(leaverRequest(acme.Lena)).Units[0].Plan
	check := w.verify(plan, w.carry(plan))
	assert.Empty(t, check.Sweep)
	left := w.user(acme.Lena)
	assert.Len(t, check.Residuals, len(left.Groups), "each membership that stands, and nothing else")
	for _, r := range check.Residuals {
		assert.True(t, r.Expected, r.Object.Name)
		assert.NotEmpty(t, r.Owner)
	}
	require.NotEmpty(t, check.Snapshot)
	raw, err := w.blobs.ReadAll(t.Context(), check.Snapshot)
	require.NoError(t, err)
	var snapshot struct {
		Access identity.Access `json:"access"`
	}
	require.NoError(t, json.Unmarshal(raw, &snapshot))
	assert.Equal(t, plan.Person.OktaUserID, snapshot.Access.Person.OktaUserID)
	assert.NotEmpty(t, snapshot.Access.Groups)
}

func TestWhatARuleDoesNotLetGoIsSweptAndTheExclusionRecorded(t *testing.T) {
	t.Parallel()
	w := newWorld(t, map[string]string{"offboarding.yaml": "clear_attributes: []\n"}) // nothing makes the rules let go
	plan := w.plan(leaverRequest(acme.Ada)).Units[0].Plan
	list := w.carry(plan)
	check := w.verify(plan, list)
	require.NotEmpty(t, check.Sweep)
	for _, c := range check.Sweep {
		assert.Equal(t, identity.OriginGroupRule, c.Origin)
		assert.Equal(t, casework.PhaseSweep, c.Phase)
	}
	assert.Len(t, check.Residuals, len(check.Sweep), "what is to be swept is no silence until it is gone")
	w.carry(casework.Plan{UseCase: plan.UseCase, Person: plan.Person, Changes: check.Sweep})
	check = w.verify(plan, list)
	assert.Empty(t, check.Sweep)
	assert.Empty(t, check.Residuals)
	assert.Empty(t, unproved(check))
	require.NotEmpty(t, check.Exclusions)
	for _, x := range check.Exclusions {
		assert.Contains(t, w.sim.RuleExclusions(x.Rule.Name), acme.Ada)
	}
}

func TestVerifySeesWhatCameAfterThePlan(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	plan := w.plan(leaverRequest(acme.Ada)).Units[0].Plan
	list := w.carry(plan)
	group, ok := w.sim.GroupID("Project Dune")
	require.True(t, ok)
	require.NoError(t, w.client.AddMember(t.Context(), group, plan.Person.OktaUserID)) // somebody else, meanwhile
	check := w.verify(plan, list)
	require.Len(t, check.Sweep, 1)
	assert.Equal(t, "Project Dune", check.Sweep[0].Object.Name)
	require.Len(t, check.Residuals, 1)
	assert.False(t, check.Residuals[0].Expected)
}

func TestVerifyNeverCallsAnOpenDoorShut(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	plan := w.plan(leaverRequest(acme.Ada)).Units[0].Plan
	check := w.verify(plan, nil) // nothing was done
	assert.Equal(t, identity.StatusActive, check.Status)
	assert.Empty(t, check.Sweep, "nothing is swept while the person can sign in")
	assert.NotEmpty(t, unproved(check))
	var account bool
	for _, r := range check.Residuals {
		assert.False(t, r.Expected && r.Object.Kind == identity.KindAccount)
		account = account || r.Object.Kind == identity.KindAccount
	}
	assert.True(t, account)
}

func TestVerifyWaitsForAppsAndLogsThatTrailBehind(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil, func(o *oktasim.Options) {
		o.FanOutDelay, o.LogLag = time.Hour, time.Hour
	})
	plan := w.plan(leaverRequest(acme.Ada)).Units[0].Plan
	list := w.carry(plan)
	check := w.verify(plan, list)
	var kinds []identity.Kind
	for _, g := range check.Unsettled {
		kinds = append(kinds, g.Entitlement.Kind)
	}
	assert.Contains(t, kinds, identity.KindApp)
	assert.Contains(t, kinds, identity.KindSession)
	settled, err := run[contract.SettledResult](w, contract.ActCheckSettled, contract.SettledInput{
		Person: plan.Person, Gone: []identity.Entitlement{check.Unsettled[len(check.Unsettled)-1].Entitlement},
	})
	require.NoError(t, err)
	require.Len(t, settled.Still, 1)

	w.sim.Advance(2 * time.Hour)
	w.sim.Settle()
	check = w.verify(plan, list)
	assert.Empty(t, check.Unsettled)
	assert.Empty(t, unproved(check))
	settled, err = run[contract.SettledResult](w, contract.ActCheckSettled, contract.SettledInput{Person: plan.Person, Gone: []identity.Entitlement{settled.Still[0].Entitlement}})
	require.NoError(t, err)
	assert.Empty(t, settled.Still)
}

func TestTheDoorIsShutWhateverTheStatusBecame(t *testing.T) {
	t.Parallel()
	for _, status := range []identity.UserStatus{
		identity.StatusPasswordExpired, identity.StatusLockedOut, identity.StatusRecovery, identity.StatusSuspended, identity.StatusDeprovisioned,
	} {
		t.Run(string(status), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, nil)
			plan := w.plan(leaverRequest(acme.Ada)).Units[0].Plan
			require.Equal(t, casework.VerbSuspend, plan.Changes[0].Verb)
			require.NoError(t, w.sim.SetStatus(acme.Ada, string(status))) // between plan and apply
			result, err := run[contract.ApplyResult](w, contract.ActApplyChange, input(plan, plan.Changes[0]))
			require.NoError(t, err)
			assert.False(t, identity.UserStatus(w.user(acme.Ada).Status).CanSignIn())
			if status.CanSignIn() {
				assert.Equal(t, contract.OutcomeDone, result.Outcome)
				assert.Contains(t, result.Detail, "deactivated at once")
			} else {
				assert.Equal(t, contract.OutcomeAlready, result.Outcome)
			}
		})
	}
}

func TestAnEmergencyTakesBackNothingThatCannotBeGivenAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	plan := w.plan(leaverRequest(acme.Ada)).Units[0].Plan
	require.NoError(t, w.sim.SetStatus(acme.Ada, string(identity.StatusLockedOut)))
	in := input(plan, plan.Changes[0])
	in.Emergency = true
	result, err := run[contract.ApplyResult](w, contract.ActApplyChange, in)
	require.NoError(t, err)
	assert.Equal(t, contract.OutcomeHeld, result.Outcome)
	assert.Equal(t, string(identity.StatusLockedOut), w.user(acme.Ada).Status)
	in.Deciders = []string{acme.Noemi}
	result, err = run[contract.ApplyResult](w, contract.ActApplyChange, in)
	require.NoError(t, err)
	assert.Equal(t, contract.OutcomeDone, result.Outcome)
}

func TestARejectedEmergencyIsTakenBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	plan := w.plan(leaverRequest(acme.Ada)).Units[0].Plan
	suspend := input(plan, plan.Changes[0])
	suspend.Emergency = true
	_, err := run[contract.ApplyResult](w, contract.ActApplyChange, suspend)
	require.NoError(t, err)
	w.cluster.turns[plan.Person.OktaUserID] = contract.Turns{Leaver: suspend.Ticket}

	back := suspend
	back.Change.Verb, back.Undo, back.Emergency = casework.VerbUnsuspend, true, false
	result, err := run[contract.ApplyResult](w, contract.ActApplyChange, back)
	require.NoError(t, err)
	assert.Equal(t, contract.OutcomeDone, result.Outcome)
	assert.Equal(t, string(identity.StatusActive), w.user(acme.Ada).Status)
	result, err = run[contract.ApplyResult](w, contract.ActApplyChange, back)
	require.NoError(t, err)
	assert.Equal(t, contract.OutcomeAlready, result.Outcome)
}

func TestARejectedEmergencyOpensNothingWhileAnotherLeaverStands(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	plan := w.plan(leaverRequest(acme.Ada)).Units[0].Plan
	back := input(plan, plan.Changes[0])
	_, err := run[contract.ApplyResult](w, contract.ActApplyChange, back)
	require.NoError(t, err)
	w.cluster.turns[plan.Person.OktaUserID] = contract.Turns{Leaver: back.Ticket + 1}

	back.Change.Verb, back.Undo = casework.VerbUnsuspend, true
	result, err := run[contract.ApplyResult](w, contract.ActApplyChange, back)
	require.NoError(t, err)
	assert.Equal(t, contract.OutcomeRefused, result.Outcome)
	assert.Equal(t, contract.GuardLeaver, result.Guard)
	assert.Equal(t, string(identity.StatusSuspended), w.user(acme.Ada).Status)
}
