package activities_test

import (
	"net/http"
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

// reads counts the reads of some paths since the counters were reset.
func (w *world) reads(paths ...string) int {
	n := 0
	for _, c := range w.sim.Counters() {
		if c.Method == http.MethodGet && (len(paths) == 0 || slices.Contains(paths, c.Path)) {
			n += c.Calls
		}
	}
	return n
}

var orgPaths = []string{"/groups", "/groups/rules", "/groups/{group}", "/apps", "/apps/{app}/group-push/mappings"}

func TestTheNextJoinersPlanAsksNothingOfTheOrgAgain(t *testing.T) {
	t.Parallel()
	w := peopleWorld(t)
	w.sim.ResetCounters()
	first := w.plan(joinerRequest(nil)).Units[0].Plan
	require.Positive(t, w.reads(orgPaths...))
	w.sim.ResetCounters()
	request := joinerRequest(map[string]any{"first_name": "Mio", "personal_email": "mio@home.example"})
	second := w.plan(request).Units[0].Plan
	assert.Zero(t, w.reads(orgPaths...))
	require.NotEmpty(t, first.Effects)
	assert.Equal(t, first.Effects, second.Effects)
	assert.Equal(t, first.Holds, second.Holds)

	now := time.Now().Add(2 * time.Minute)
	w.okta.Now = func() time.Time { return now }
	w.sim.ResetCounters()
	w.plan(request)
	assert.Positive(t, w.reads(orgPaths...), "after a minute nothing of it is believed")
}

func TestAChangeThatFindsTheOrgMovedOnMakesPlannersAskAgain(t *testing.T) {
	t.Parallel()
	w := peopleWorld(t)
	w.plan(joinerRequest(nil))
	leaver := w.plan(leaverRequest(acme.Ben)).Units[0].Plan
	change := casework.Change{
		ID: "add", Phase: casework.PhaseGrant, Verb: casework.VerbAddMember, Object: identity.Entitlement{Kind: identity.KindGroup, ID: "00gdoesnotexist00000", Name: "Gone"},
	}
	in := input(leaver, change)
	in.UseCase = casework.RoleChange
	res, err := run[contract.ApplyResult](w, contract.ActApplyChange, in)
	require.True(t, err != nil && kind(err) == casework.NotFound || res.Outcome == contract.OutcomeGone, "%v %s", err, res.Outcome)
	w.sim.ResetCounters()
	w.plan(joinerRequest(map[string]any{"first_name": "Mio", "personal_email": "mio@home.example"}))
	assert.Positive(t, w.reads(orgPaths...))
}

func TestWhatARehireGetsBackIsNeverForetoldFromMemory(t *testing.T) {
	t.Parallel()
	w, _ := formerAda(t)
	number, _ := w.user(acme.Ada).Profile["employeeNumber"].(string)
	request := joinerRequest(map[string]any{"first_name": "Ada", "last_name": "Okonkwo", "employee_number": number})
	for range 2 {
		w.sim.ResetCounters()
		w.plan(request)
		assert.Positive(t, w.reads("/groups/rules"), "its own sweep may have put it on an exclusion list")
	}
}

func TestALeaversProofReadsPushesAfresh(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	const pushes = "/apps/{app}/group-push/mappings"
	w.plan(leaverRequest(acme.Ada))
	w.sim.ResetCounters()
	plan := w.plan(leaverRequest(acme.Ada)).Units[0].Plan
	assert.Zero(t, w.reads(pushes), "planned again it does not ask again")
	w.sim.ResetCounters()
	w.proof(plan)
	assert.Positive(t, w.reads(pushes))
}
