package activities_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/casework"
	"latchkey/contract"
	"latchkey/examples/acme"
	"latchkey/identity"
)

func objects[T any](list []T, name func(T) string) []string {
	all := make([]string, 0, len(list))
	for _, item := range list {
		all = append(all, name(item))
	}
	return all
}

func TestPlanOfALeaverKnowsWhereEverythingComesFrom(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	result := w.plan(leaverRequest(acme.Lena))
	require.Empty(t, result.End)
	require.Len(t, result.Units, 1)
	plan := result.Units[0].Plan
	assert.Equal(t, casework.DigestOf(plan), plan.Digest)
	assert.NotContains(t, plan.Person.Attributes, "mobilePhone", "private contact data stays out of histories")

	var verbs []casework.Verb
	for _, c := range plan.Changes {
		verbs = append(verbs, c.Verb)
	}
	assert.Equal(t, casework.VerbSuspend, verbs[0])
	assert.Equal(t, casework.VerbDeactivate, verbs[len(verbs)-1])
	residuals := objects(plan.Residuals, func(r casework.Residual) string { return r.Object.Name + " / " + r.Owner })
	assert.Contains(t, residuals, "Workday Payroll EMEA / HR Operations")
	assert.Contains(t, residuals, "Salesforce Power Users / Application Owners", "given by name and pushed")
	effects := objects(plan.Effects, func(e casework.Effect) string { return e.Object.Name })
	assert.Contains(t, effects, "Sales Department", "a rule gave it, so a rule takes it")
	assert.Contains(t, effects, "Slack")
	for _, c := range plan.Changes {
		assert.NotEqual(t, "Everyone", c.Object.Name)
	}
}

func TestPlanOfALeaverEndsClearly(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	tests := map[string]struct {
		subject string
		end     casework.End
	}{
		"nobody is named":            {"", casework.EndUnknownPerson},
		"nobody has the address":     {"nobody@acme.example", casework.EndUnknownPerson},
		"two people share a mailbox": {acme.Reception, casework.EndSeveralPeople},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			result := w.plan(leaverRequest(tt.subject))
			assert.Equal(t, tt.end, result.End)
			assert.NotEmpty(t, result.Why)
			assert.Empty(t, result.Units)
		})
	}
}

func TestPlanOfADeactivatedLeaverSweepsAndThenIsAlreadyDone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	result := w.plan(leaverRequest(acme.Dieter))
	require.Len(t, result.Units, 1)
	plan := result.Units[0].Plan
	require.NotEmpty(t, plan.Changes)
	for _, c := range plan.Changes {
		assert.Equal(t, casework.PhaseSweep, c.Phase)
	}
	w.carry(plan)
	again := w.plan(leaverRequest(acme.Dieter))
	assert.Equal(t, casework.EndAlready, again.End)
	assert.Equal(t, plan.Person.OktaUserID, again.Person.OktaUserID)
}

func TestPlanOfALeaverTakesEffectInTheirOwnTimeZone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	request := leaverRequest(acme.Ada) // Berlin
	request.LocalEffective, request.EffectiveText = "2026-12-04T18:00", "2026-12-04 18:00"
	plan := w.plan(request).Units[0].Plan
	assert.True(t, plan.EffectiveAt.Equal(time.Date(2026, 12, 4, 17, 0, 0, 0, time.UTC)), plan.EffectiveAt)

	moved := contract.PlanInput{Request: request, Reschedule: &contract.Reschedule{
		At: time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC), Ticket: "2026-12-04 18:00", By: contract.Operator{By: "grace", Reason: "garden leave"},
	}}
	result, err := run[contract.PlanResult](w, contract.ActPlan, moved)
	require.NoError(t, err)
	assert.True(t, result.Units[0].Plan.EffectiveAt.Equal(moved.Reschedule.At))
	assert.Contains(t, result.Units[0].Plan.Notes[0], "garden leave")

	moved.Request.EffectiveText = "2026-12-11 18:00" // the ticket changed since: it wins again
	result, err = run[contract.PlanResult](w, contract.ActPlan, moved)
	require.NoError(t, err)
	assert.True(t, result.Units[0].Plan.EffectiveAt.Equal(time.Date(2026, 12, 4, 17, 0, 0, 0, time.UTC)))
}

func TestPlanOfAnAccessRequestPlansEachItemOnItsOwn(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	item := func(key, catalogue, whom string) casework.Item {
		return casework.Item{Key: key, Name: "Item " + key, Catalogue: catalogue, Beneficiary: whom}
	}
	request := casework.Request{
		Ticket: casework.Ticket{Number: 13}, UseCase: casework.AccessRequest,
		Items: []casework.Item{
			item("1", "aurora", acme.Ben), item("2", "", acme.Ben), item("3", "ghost", acme.Ben), item("4", "payroll", acme.Ben),
			item("5", "glass", acme.Ben), item("6", "off", acme.Ben), item("7", "miro", acme.Ada), item("8", "aurora", "nobody@acme.example"),
			item("9", "aurora", acme.Sofia), item("10", "aurora", acme.BreakGlass1), item("11", "aurora", acme.Reception),
			item("12", "miro", acme.Niamh), item("13", "salesforce", acme.Ben),
		},
	}
	result := w.plan(request)
	require.Len(t, result.Units, len(request.Items))
	want := []casework.End{
		"", casework.EndUnknownItem, casework.EndUnknownItem, casework.EndUnknownItem, casework.EndProtected, casework.EndUnknownItem,
		casework.EndAlready, casework.EndUnknownPerson, casework.EndInactive, casework.EndProtected, casework.EndSeveralPeople, "", casework.EndAlready,
	}
	for i, u := range result.Units {
		assert.Equal(t, want[i], u.End, "item %s: %s", u.Key, u.Why)
		if u.End == "" {
			require.Len(t, u.Plan.Changes, 1)
			assert.Equal(t, u.Subject, u.Plan.Changes[0].Object)
			assert.Equal(t, u.Key, u.Plan.Changes[0].Item)
		}
	}
	assert.Equal(t, casework.VerbAddMember, result.Units[0].Plan.Changes[0].Verb)
	assert.Equal(t, identity.KindApp, result.Units[11].Plan.Changes[0].Object.Kind)
	assert.Contains(t, result.Units[12].Why, "through group Sales Department")
}
