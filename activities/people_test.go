package activities_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/activities"
	"latchkey/casework"
	"latchkey/contract"
	"latchkey/evidence"
	"latchkey/examples/acme"
	"latchkey/identity"
	"latchkey/simulators/okta/oktasim"
)

// peopleWorld is Acme's Okta under Acme's own birthright, profiles and duties.
func peopleWorld(t *testing.T) *world {
	t.Helper()
	over := map[string]string{}
	for _, name := range []string{"intake.yaml", "birthright.yaml", "profile.yaml", "duties.yaml", "onboarding.yaml", "mover.yaml"} {
		raw, err := os.ReadFile(filepath.Join("..", "examples", "acme", "policies", name))
		require.NoError(t, err)
		over[name] = string(raw)
	}
	return newWorld(t, over)
}

// joinerRequest is a form as HR fills it in for Noa Lindqvist.
func joinerRequest(more map[string]any) casework.Request {
	fields := map[string]any{
		"first_name": "Noa", "last_name": "Lindqvist", "personal_email": "noa@home.example", "title": "Account Executive",
		"department": "Sales", "location": "Berlin", "manager_email": acme.Mara, "employment_type": "Employee",
	}
	maps.Copy(fields, more)
	return casework.Request{Ticket: casework.Ticket{Number: 12, CreatedAt: time.Now()}, UseCase: casework.Onboarding, Mode: casework.ModeAct, Fields: fields}
}

func moverRequest(login string, fields map[string]any) casework.Request {
	return casework.Request{
		Ticket: casework.Ticket{Number: 12, CreatedAt: time.Now()}, UseCase: casework.RoleChange, Mode: casework.ModeAct, Subject: login, Fields: fields,
	}
}

// carryTwice carries out a plan, each change twice in a row, as a lost completion would make it, and expects the second
// time to change nothing.
func (w *world) carryTwice(plan casework.Plan) casework.Plan {
	w.t.Helper()
	for i := range plan.Changes {
		in := input(plan, plan.Changes[i])
		in.UseCase = plan.UseCase
		first, err := run[contract.ApplyResult](w, contract.ActApplyChange, in)
		require.NoError(w.t, err, plan.Changes[i].ID)
		require.Contains(w.t, []contract.Outcome{contract.OutcomeDone, contract.OutcomeAlready}, first.Outcome, "%s: %s", plan.Changes[i].ID, first.Detail)
		before := len(w.sim.Log())
		again, err := run[contract.ApplyResult](w, contract.ActApplyChange, in)
		require.NoError(w.t, err)
		assert.Equal(w.t, contract.OutcomeAlready, again.Outcome, plan.Changes[i].ID)
		assert.Len(w.t, w.sim.Log(), before, "%s: no second event", plan.Changes[i].ID)
		if first.OktaUserID != "" {
			assert.Equal(w.t, first.OktaUserID, again.OktaUserID)
			plan.Person.OktaUserID = first.OktaUserID
		}
		w.sim.Settle()
	}
	return plan
}

func (w *world) proof(plan casework.Plan) contract.VerifyResult {
	w.t.Helper()
	res, err := run[contract.VerifyResult](w, contract.ActVerify, contract.VerifyInput{Ticket: 12, UseCase: plan.UseCase, Plan: plan})
	require.NoError(w.t, err)
	return res
}

func TestAJoinersPlanCanBeCarriedOutTwice(t *testing.T) {
	t.Parallel()
	w := peopleWorld(t)
	planned := w.plan(joinerRequest(nil))
	require.Len(t, planned.Units, 1, "%v %s", planned.Missing, planned.Why)
	plan := w.carryTwice(planned.Units[0].Plan)
	assert.Empty(t, w.proof(plan).Residuals)
	noa := w.user("noa.lindqvist@acme.example")
	assert.Equal(t, "Mara Delacroix", noa.Profile["manager"])
	assert.Equal(t, "Europe/Berlin", noa.Profile["timezone"])

	again := w.plan(joinerRequest(map[string]any{"personal_email": "noa@home.example"}))
	assert.Empty(t, again.Units, "the personal address is an account's by now")
	assert.NotEmpty(t, again.Missing, "without a number a person has to say whether it is the same one")
}

func TestACreateWhoseAnswerWasLostIsFoundAndFinished(t *testing.T) {
	t.Parallel()
	w := peopleWorld(t)
	w.sim.SetSearchLag(time.Hour) // nothing but reading by login shows the account
	plan := w.plan(joinerRequest(nil)).Units[0].Plan
	w.fault(oktasim.Fault{Kind: oktasim.FaultAnswerLost, Method: http.MethodPost, Path: "/users", First: 1})
	res, err := retried[contract.ApplyResult](w, contract.ActApplyChange, with(input(plan, plan.Changes[0]), casework.Onboarding))
	require.NoError(t, err)
	assert.Equal(t, w.user("noa.lindqvist@acme.example").ID, res.OktaUserID)
	assert.Equal(t, 1, w.events("noa.lindqvist@acme.example")["user.lifecycle.create"])

	staged := w.plan(joinerRequest(nil)).Units[0].Plan
	assert.Equal(t, res.OktaUserID, staged.Person.OktaUserID, "planned again, it is the same account")
	assert.Empty(t, staged.Phase(casework.PhaseCreate))
	assert.False(t, casework.Compare(plan, staged).Reopens(casework.Onboarding), "the approvals stand")
}

func with(in contract.ApplyInput, useCase casework.UseCase) contract.ApplyInput {
	in.UseCase = useCase
	return in
}

func TestALoginThatSomebodyElseTookIsNotTakenOver(t *testing.T) {
	t.Parallel()
	w := peopleWorld(t)
	plan := w.plan(joinerRequest(nil)).Units[0].Plan
	other := w.plan(joinerRequest(map[string]any{"employee_number": "E-77", "personal_email": "other@home.example"})).Units[0].Plan
	w.carryTwice(other)
	res, err := run[contract.ApplyResult](w, contract.ActApplyChange, with(input(plan, plan.Changes[0]), casework.Onboarding))
	require.NoError(t, err)
	assert.Equal(t, contract.OutcomeStale, res.Outcome)
}

func TestAJoinerWhoIsNotToldApartIsAskedAbout(t *testing.T) {
	t.Parallel()
	w := peopleWorld(t)
	number, _ := w.user(acme.Ben).Profile["employeeNumber"].(string)
	for name, request := range map[string]casework.Request{
		"somebody else's number": joinerRequest(map[string]any{"employee_number": number}),
		"an unknown manager":     joinerRequest(map[string]any{"manager_email": "nobody@acme.example", "title": ""}),
		"no title":               joinerRequest(map[string]any{"title": ""}),
	} {
		planned := w.plan(request)
		assert.NotEmpty(t, planned.Missing, name)
		assert.Empty(t, planned.Units, name)
	}
}

func TestAMoversPlanCanBeCarriedOutTwiceAndThenNothingIsLeftToDo(t *testing.T) {
	t.Parallel()
	w := peopleWorld(t)
	request := moverRequest(acme.Ben, map[string]any{"department": "Marketing", "title": "Marketing Analyst"})
	plan := w.plan(request).Units[0].Plan
	w.sim.Settle()
	w.carryTwice(plan)
	res := w.proof(plan)
	for _, left := range res.Residuals {
		assert.True(t, left.Expected, "%s: %s", left.Object.Label(), left.Why)
	}
	again := w.plan(request)
	assert.Equal(t, casework.EndAlready, again.End, "%v", again.Units)
	assert.Empty(t, w.sim.RuleExclusions("Department Sales"))
}

func TestAMoverIsNeverRemovedByNameFromWhatARuleManages(t *testing.T) {
	t.Parallel()
	w := peopleWorld(t)
	plan := w.plan(moverRequest(acme.Ben, map[string]any{"department": "Marketing", "title": "Marketing Analyst"})).Units[0].Plan
	rules := map[string]bool{}
	for _, g := range w.user(acme.Ben).Groups {
		rules[g.ID] = len(g.Rules) > 0
	}
	for _, c := range plan.Changes {
		if c.Verb == casework.VerbRemoveMember {
			assert.False(t, rules[c.Object.ID], c.Object.Name)
		}
	}
	assert.True(t, slices.ContainsFunc(plan.Effects, func(e casework.Effect) bool { return !e.Gives && e.Object.Name == "Sales Department" }), "the rule lets go by itself")
	assert.True(t, slices.ContainsFunc(plan.Effects, func(e casework.Effect) bool { return e.Gives && e.Object.Name == "Marketing Department" }), "the rule gives by itself")
}

func TestAProtectedAccountDoesNotMove(t *testing.T) {
	t.Parallel()
	w := peopleWorld(t)
	planned := w.plan(moverRequest("breakglass-1@acme.example", map[string]any{"department": "Marketing"}))
	assert.Equal(t, casework.EndProtected, planned.End)
}

func TestAProfileThatAnotherSystemMastersIsLeftToIt(t *testing.T) {
	t.Parallel()
	w := peopleWorld(t)
	ben := w.user(acme.Ben)
	w.fault(oktasim.Fault{Kind: oktasim.FaultStatus, Method: http.MethodPost, Path: "/users/*", First: 1, Status: http.StatusForbidden, Code: "E0000023"})
	plan := casework.Plan{UseCase: casework.RoleChange, Person: identity.Person{OktaUserID: ben.ID}}
	change := casework.Change{
		ID: "profile", Verb: casework.VerbUpdateProfile, Phase: casework.PhaseProfile, Values: map[string]any{"title": "Poet"},
		Object: identity.Entitlement{Kind: identity.KindProfile, ID: "title", Name: "title"},
	}
	res, err := run[contract.ApplyResult](w, contract.ActApplyChange, with(input(plan, change), casework.RoleChange))
	require.NoError(t, err)
	assert.Equal(t, contract.OutcomeLeft, res.Outcome)
	assert.Contains(t, res.Detail, "title")
}

func TestAJoinersPrivateAddressIsNotInTheRecord(t *testing.T) {
	t.Parallel()
	w := peopleWorld(t)
	request := joinerRequest(nil)
	plan := w.plan(request).Units[0].Plan
	records := evidence.NewStore(w.blobs)
	in := contract.EvidenceInput{End: casework.EndDone, Case: contract.Case{
		Request: request, Plan: &plan, Units: []contract.Unit{{Key: "plan", Plan: plan}},
		Done: []contract.Done{{Change: plan.Changes[0], Outcome: contract.OutcomeDone}},
	}}
	_, err := engine[contract.RecordRef](t, &activities.Engine{Records: records}, contract.ActStoreEvidence, in)
	require.NoError(t, err)
	record, found, err := records.Latest(t.Context(), 12)
	require.NoError(t, err)
	require.True(t, found)
	raw, err := json.Marshal(record)
	require.NoError(t, err)
	assert.NotContains(t, string(raw), "noa@home.example")
	assert.Contains(t, string(raw), "withheld")
}

func TestTwoJoinersOfOneNameWithoutNumbersAreTwoPeople(t *testing.T) {
	t.Parallel()
	w := peopleWorld(t)
	first := w.plan(joinerRequest(nil)).Units[0].Plan
	request := joinerRequest(map[string]any{"personal_email": "noa.the.other@home.example"})
	second := w.plan(request).Units[0].Plan
	require.Equal(t, first.Changes[0].Values["login"], second.Changes[0].Values["login"], "both planned before either was made")
	_, err := run[contract.ApplyResult](w, contract.ActApplyChange, with(input(first, first.Changes[0]), casework.Onboarding))
	require.NoError(t, err)
	res, err := run[contract.ApplyResult](w, contract.ActApplyChange, with(input(second, second.Changes[0]), casework.Onboarding))
	require.NoError(t, err)
	assert.Equal(t, contract.OutcomeStale, res.Outcome, "the staged account is the other one's")

	w.sim.Settle()
	again := w.plan(request)
	require.Len(t, again.Units, 1, "%v", again.Missing)
	assert.Equal(t, "noa.lindqvist2@acme.example", again.Units[0].Plan.Changes[0].Values["login"])
}

func TestAJoinerWithoutANumberIsKnownAgainByTheAccountThatWasMade(t *testing.T) {
	t.Parallel()
	w := peopleWorld(t)
	plan := w.plan(joinerRequest(nil)).Units[0].Plan
	_, err := run[contract.ApplyResult](w, contract.ActApplyChange, with(input(plan, plan.Changes[0]), casework.Onboarding))
	require.NoError(t, err)
	w.sim.Settle() // the search shows it
	again := w.plan(joinerRequest(map[string]any{"title": "Account Manager"}))
	require.Len(t, again.Units, 1, "%v", again.Missing)
	assert.Equal(t, w.user("noa.lindqvist@acme.example").ID, again.Units[0].Plan.Person.OktaUserID)
	assert.Empty(t, again.Units[0].Plan.Phase(casework.PhaseCreate))
}
