package activities_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/casework"
	"latchkey/contract"
	"latchkey/examples/acme"
	"latchkey/identity"
)

// writes counts everything in the System Log that our token did.
func (w *world) writes() int {
	n := 0
	for _, e := range w.sim.Log() {
		if e.TokenID != "" {
			n++
		}
	}
	return n
}

func findChange(t *testing.T, plan casework.Plan, verb casework.Verb) casework.Change {
	t.Helper()
	for _, c := range plan.Changes {
		if c.Verb == verb {
			return c
		}
	}
	require.Failf(t, "no such change", "%s in %v", verb, plan.Changes)
	return casework.Change{}
}

const baseGuards = "last_admins: 2\nmass_change: {people: 1000, percent: 100, window: 1h}\n"

func TestGuardsStopAChangeBeforeAnythingIsWritten(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		verb    casework.Verb
		prepare func(*world, *contract.ApplyInput)
		guard   string
		outcome contract.Outcome
		says    string
	}{
		"a use case that only observes": {casework.VerbSuspend, func(w *world, _ *contract.ApplyInput) {
			w.rules(map[string]string{"intake.yaml": "use_cases: {offboarding: {mode: observe}, access_request: {mode: act}}\nrules: []\n"})
		}, contract.GuardMode, contract.OutcomeHeld, "observe"},
		"a ticket from before act": {casework.VerbSuspend, func(_ *world, in *contract.ApplyInput) {
			in.Created = time.Now().Add(-2 * time.Hour)
		}, contract.GuardBacklog, contract.OutcomeHeld, "starter start 12"},
		"a ticket whose age is not known": {casework.VerbSuspend, func(_ *world, in *contract.ApplyInput) {
			in.Created = time.Time{}
		}, contract.GuardBacklog, contract.OutcomeHeld, "older"},
		"a use case the controls have not heard of": {casework.VerbSuspend, func(w *world, in *contract.ApplyInput) {
			w.cluster.controls = contract.Controls{}
			in.Created = time.Now().Add(-time.Minute)
		}, contract.GuardBacklog, contract.OutcomeHeld, "older"},
		"a worker whose policy is older than the cluster's": {casework.VerbSuspend, func(w *world, in *contract.ApplyInput) {
			w.cluster.controls.Modes[casework.Offboarding] = casework.ModeObserve
			in.Named = true
		}, contract.GuardMode, contract.OutcomeHeld, "the same policy"},
		"a freeze of everything": {casework.VerbSuspend, func(w *world, _ *contract.ApplyInput) {
			w.cluster.controls.Frozen = []contract.Freeze{{By: contract.Operator{By: "grace", Reason: "incident 7"}}}
		}, contract.GuardFreeze, contract.OutcomeHeld, "incident 7"},
		"a freeze of the use case": {casework.VerbEndSessions, func(w *world, _ *contract.ApplyInput) {
			w.cluster.controls.Frozen = []contract.Freeze{{UseCase: "Offboarding", By: contract.Operator{By: "grace", Reason: "audit"}}}
		}, contract.GuardFreeze, contract.OutcomeHeld, "audit"},
		"controls that do not answer": {casework.VerbSuspend, func(w *world, _ *contract.ApplyInput) {
			w.cluster.broken = true
		}, contract.GuardFreeze, contract.OutcomeHeld, "could not be asked"},
		"a protected leaver with one approval": {casework.VerbSuspend, func(w *world, in *contract.ApplyInput) {
			w.rules(map[string]string{"guards.yaml": baseGuards + "protected:\n  accounts: [{login: " + acme.Ada + ", why: keys, who: Grace}]\n  approvers: {people: [a@acme.example, b@acme.example], need: 2}\n"})
			in.Deciders = []string{"A@acme.example", "a@acme.example", "somebody@acme.example"}
		}, contract.GuardProtected, contract.OutcomeRefused, "1 of 2"},
		"a legal hold on what holds data": {casework.VerbDeactivate, func(w *world, _ *contract.ApplyInput) {
			w.rules(map[string]string{"guards.yaml": baseGuards + "legal_hold: [{email: " + acme.Ada + ", why: matter 7, who: Legal, until: 2099-01-01}]\n"})
		}, contract.GuardHold, contract.OutcomeHeld, "matter 7 (decided by Legal), until 2099"},
		"the keep-list": {casework.VerbUnassignApp, func(w *world, _ *contract.ApplyInput) {
			w.rules(map[string]string{"guards.yaml": baseGuards + "keep: [{app: Miro, why: handover, who: Ops}]\n"})
		}, contract.GuardKeep, contract.OutcomeRefused, "handover"},
		"too many at once": {casework.VerbRemoveMember, func(w *world, _ *contract.ApplyInput) {
			w.cluster.verdict = &contract.AdmitVerdict{Count: 21, Limit: 20, First: true, RetryAt: time.Now().Add(time.Hour)}
		}, contract.GuardMassChange, contract.OutcomeHeld, "the limit is 20"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, nil)
			plan := w.plan(leaverRequest(acme.Ada)).Units[0].Plan
			in := input(plan, findChange(t, plan, tt.verb))
			tt.prepare(w, &in)
			before := w.writes()
			result, err := run[contract.ApplyResult](w, contract.ActApplyChange, in)
			require.NoError(t, err)
			assert.Equal(t, tt.outcome, result.Outcome, result.Detail)
			assert.Equal(t, tt.guard, result.Guard)
			assert.Contains(t, result.Detail, tt.says)
			assert.Equal(t, before, w.writes(), "nothing was written")
			assert.Equal(t, tt.guard == contract.GuardMassChange, result.Tripped != nil)
		})
	}
}

func TestGuardsLetThrough(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		verb    casework.Verb
		prepare func(*world, *contract.ApplyInput)
	}{
		"an old ticket that a person named": {casework.VerbSuspend, func(_ *world, in *contract.ApplyInput) {
			in.Created, in.Named = time.Now().Add(-2*time.Hour), true
		}},
		"a freeze of another use case": {casework.VerbSuspend, func(w *world, _ *contract.ApplyInput) {
			w.cluster.controls.Frozen = []contract.Freeze{{UseCase: "AccessRequest"}}
		}},
		"a protected leaver with two of the named approvals": {casework.VerbSuspend, func(w *world, in *contract.ApplyInput) {
			w.rules(map[string]string{"guards.yaml": baseGuards + "protected:\n  accounts: [{login: " + acme.Ada + ", why: keys, who: Grace}]\n  approvers: {people: [a@acme.example, b@acme.example], need: 2}\n"})
			in.Deciders = []string{"A@acme.example", "b@acme.example"}
		}},
		"the door under a legal hold": {casework.VerbSuspend, func(w *world, _ *contract.ApplyInput) {
			w.rules(map[string]string{"guards.yaml": baseGuards + "legal_hold: [{email: " + acme.Ada + ", why: matter 7, who: Legal}]\n"})
		}},
		"a hold that has ended": {casework.VerbRemoveMember, func(w *world, _ *contract.ApplyInput) {
			w.rules(map[string]string{"guards.yaml": baseGuards + "legal_hold: [{email: " + acme.Ada + ", why: matter 7, who: Legal, until: 2020-01-01}]\n"})
		}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, nil)
			plan := w.plan(leaverRequest(acme.Ada)).Units[0].Plan
			in := input(plan, findChange(t, plan, tt.verb))
			tt.prepare(w, &in)
			result, err := run[contract.ApplyResult](w, contract.ActApplyChange, in)
			require.NoError(t, err)
			assert.Equal(t, contract.OutcomeDone, result.Outcome, result.Detail)
		})
	}
}

func TestLegalHoldForbidsTheDeactivationThatWouldShutTheDoor(t *testing.T) {
	t.Parallel()
	w := newWorld(t, map[string]string{"guards.yaml": baseGuards + "legal_hold: [{email: " + acme.Ada + ", why: matter 7, who: Legal}]\n"})
	plan := w.plan(leaverRequest(acme.Ada)).Units[0].Plan
	require.NoError(t, w.sim.SetStatus(acme.Ada, string(identity.StatusLockedOut)))
	result, err := run[contract.ApplyResult](w, contract.ActApplyChange, input(plan, plan.Changes[0]))
	require.NoError(t, err)
	assert.Equal(t, contract.OutcomeHeld, result.Outcome)
	assert.Equal(t, contract.GuardHold, result.Guard)
	assert.Equal(t, string(identity.StatusLockedOut), w.user(acme.Ada).Status)
}

func TestTheLastAdministratorsStay(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	supers := 0
	for _, login := range w.sim.Logins() {
		if u := w.user(login); u.Status == string(identity.StatusActive) && slices.Contains(u.AdminRoles, "SUPER_ADMIN") {
			supers++
		}
	}
	require.Greater(t, supers, 1)
	remaining := func(n int) {
		w.rules(map[string]string{"guards.yaml": fmt.Sprintf("last_admins: %d\nmass_change: {people: 1000, percent: 100, window: 1h}\n", n)})
	}
	remaining(supers) // one too many, once Viktor is gone
	plan := w.plan(leaverRequest(acme.Viktor)).Units[0].Plan
	for _, verb := range []casework.Verb{casework.VerbSuspend, casework.VerbRevokeRole} {
		result, err := run[contract.ApplyResult](w, contract.ActApplyChange, input(plan, findChange(t, plan, verb)))
		require.NoError(t, err)
		assert.Equal(t, contract.GuardLastAdmin, result.Guard, verb)
		assert.Equal(t, contract.OutcomeHeld, result.Outcome)
		assert.Contains(t, result.Detail, "name another one")
	}
	assert.Contains(t, w.user(acme.Viktor).AdminRoles, "SUPER_ADMIN")

	remaining(supers - 1)
	for _, verb := range []casework.Verb{casework.VerbSuspend, casework.VerbRevokeRole} {
		result, err := run[contract.ApplyResult](w, contract.ActApplyChange, input(plan, findChange(t, plan, verb)))
		require.NoError(t, err)
		assert.Equal(t, contract.OutcomeDone, result.Outcome, result.Detail)
	}
}

func TestTheMassChangeGuardCountsOnlyWhatShrinks(t *testing.T) {
	t.Parallel()
	w := newWorld(t, map[string]string{"guards.yaml": "mass_change: {people: 20, percent: 2, window: 30m}\n"})
	plan := w.plan(leaverRequest(acme.Ada)).Units[0].Plan
	shrinking := 0
	for _, c := range plan.Changes {
		w.cluster.controls.Shrinks = nil
		_, err := run[contract.ApplyResult](w, contract.ActApplyChange, input(plan, c))
		require.NoError(t, err)
		if c.Verb != casework.VerbEndSessions && c.Verb != casework.VerbResetFactors {
			shrinking++
		}
	}
	require.Len(t, w.cluster.admitted, shrinking)
	for _, a := range w.cluster.admitted {
		assert.Equal(t, plan.Person.OktaUserID, a.OktaUserID)
		assert.Equal(t, int64(12), a.Ticket)
		assert.Equal(t, 30*time.Minute, a.Window)
		people := w.sim.Summary().People()
		assert.LessOrEqual(t, a.Limit, people*2/100+1, "the stricter of 20 people and 2 percent")
		assert.GreaterOrEqual(t, a.Limit, 1)
		assert.Less(t, a.Limit, 20)
	}
}

func TestAPersonAndTicketAreAdmittedOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	plan := w.plan(leaverRequest(acme.Ada)).Units[0].Plan
	w.carry(plan)
	assert.Len(t, w.cluster.admitted, 1)
}

func TestTheCapOnEmergenciesStopsAFlood(t *testing.T) {
	t.Parallel()
	w := newWorld(t, map[string]string{"offboarding.yaml": "emergency_cap: 2\n"})
	people := []string{acme.Ada, acme.Lena, acme.Emil}
	var last contract.ApplyInput
	for i, login := range people {
		plan := w.plan(leaverRequest(login)).Units[0].Plan
		for _, c := range plan.Changes[:2] { // the door and the sessions are one emergency
			in := input(plan, c)
			in.Ticket, in.Emergency = int64(20+i), true
			result, err := run[contract.ApplyResult](w, contract.ActApplyChange, in)
			require.NoError(t, err)
			if i < 2 {
				assert.Equal(t, contract.OutcomeDone, result.Outcome, login)
				continue
			}
			assert.Equal(t, contract.OutcomeRefused, result.Outcome)
			assert.Equal(t, contract.GuardEmergency, result.Guard)
			last = in
		}
	}
	assert.Equal(t, string(identity.StatusActive), w.user(acme.Emil).Status)
	w.okta.Now = func() time.Time { return time.Now().Add(61 * time.Minute) }
	result, err := run[contract.ApplyResult](w, contract.ActApplyChange, last)
	require.NoError(t, err)
	assert.Equal(t, contract.OutcomeDone, result.Outcome, "an hour later the cap is free again")
}
