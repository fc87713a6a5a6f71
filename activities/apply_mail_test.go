package activities_test

import (
	"net/http"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/casework"
	"latchkey/contract"
	"latchkey/examples/acme"
	"latchkey/simulators/okta/oktasim"
)

const rehired = "ada.rehired@home.example"

// formerAda is Ada after she left, and the plan by which she comes back with another personal address.
func formerAda(t *testing.T) (*world, casework.Plan) {
	t.Helper()
	w := peopleWorld(t)
	w.carry(w.plan(leaverRequest(acme.Ada)).Units[0].Plan)
	w.sim.Settle()
	number, _ := w.user(acme.Ada).Profile["employeeNumber"].(string)
	require.NotEmpty(t, number)
	planned := w.plan(joinerRequest(map[string]any{"first_name": "Ada", "last_name": "Okonkwo", "employee_number": number, "personal_email": rehired}))
	require.Len(t, planned.Units, 1, "%v %s", planned.Missing, planned.Why)
	return w, planned.Units[0].Plan
}

// mails are the activation mails that went to Ada, by where they went.
func (w *world) mails() (addresses []string) {
	id := w.user(acme.Ada).ID
	for _, m := range w.sim.Mails() {
		if m.UserID == id && m.Kind == oktasim.MailActivation {
			addresses = append(addresses, m.Second)
		}
	}
	return addresses
}

// upTo carries out a plan until a verb, which it returns.
func (w *world) upTo(plan casework.Plan, verb casework.Verb) casework.Change {
	w.t.Helper()
	i := slices.IndexFunc(plan.Changes, func(c casework.Change) bool { return c.Verb == verb })
	require.GreaterOrEqual(w.t, i, 0, "%v", plan.Changes)
	part := plan
	part.Changes = plan.Changes[:i]
	w.carry(part)
	return plan.Changes[i]
}

func TestARehireIsMailedOnceAtTheAddressOfTheTicket(t *testing.T) {
	t.Parallel()
	w, plan := formerAda(t)
	w.carryTwice(plan)
	assert.Equal(t, []string{rehired}, w.mails())
	res := w.proof(plan)
	assert.True(t, slices.ContainsFunc(res.Proofs, func(p contract.Proof) bool {
		return p.Proved && p.What == "Okta mailed the activation to the address of the ticket"
	}), "%v", res.Proofs)
}

func TestAnActivationMailWhoseAnswerWasLostIsFoundInTheSystemLog(t *testing.T) {
	t.Parallel()
	w, plan := formerAda(t)
	mail := w.upTo(plan, casework.VerbMailActivation)
	w.fault(oktasim.Fault{Kind: oktasim.FaultAnswerLost, Method: http.MethodPost, Path: "/users/*/lifecycle/reactivate", First: 1})
	res, err := retried[contract.ApplyResult](w, contract.ActApplyChange, input(plan, mail))
	require.NoError(t, err)
	assert.Equal(t, contract.OutcomeAlready, res.Outcome)
	assert.Contains(t, res.Detail, "System Log event")
	assert.Equal(t, []string{rehired}, w.mails())
}

func TestAnActivationMailIsAskedForAFewTimesAtMost(t *testing.T) {
	t.Parallel()
	w, plan := formerAda(t)
	mail := w.upTo(plan, casework.VerbMailActivation)
	w.fault(oktasim.Fault{Kind: oktasim.FaultStatus, Method: http.MethodPost, Path: "/users/*/lifecycle/reactivate", First: 10, Status: http.StatusBadGateway})
	res, err := retried[contract.ApplyResult](w, contract.ActApplyChange, input(plan, mail))
	require.NoError(t, err)
	assert.Equal(t, contract.OutcomeLeft, res.Outcome)
	assert.Contains(t, res.Detail, "asked 3 times")
}

func TestNoActivationIsMailedToAnAddressThatIsNotTheTickets(t *testing.T) {
	t.Parallel()
	w, plan := formerAda(t)
	w.upTo(plan, casework.VerbUpdateProfile)
	i := slices.IndexFunc(plan.Changes, func(c casework.Change) bool { return c.Verb == casework.VerbMailActivation })
	res, err := run[contract.ApplyResult](w, contract.ActApplyChange, input(plan, plan.Changes[i]))
	require.NoError(t, err)
	assert.Equal(t, contract.OutcomeLeft, res.Outcome, "the profile was not set")
	assert.NotContains(t, res.Detail, "@")
	assert.Empty(t, w.mails())
	result, err := run[contract.VerifyResult](w, contract.ActVerify, contract.VerifyInput{
		Ticket: 12, UseCase: plan.UseCase, Plan: plan, Done: []contract.Done{{Change: plan.Changes[i], Outcome: res.Outcome, Detail: res.Detail}},
	})
	require.NoError(t, err)
	assert.True(t, slices.ContainsFunc(result.Residuals, func(r casework.Residual) bool { return !r.Expected && r.Owner != "" }), "%v", result.Residuals)
}

func TestWhoeverHasActivatedMeanwhileIsNotMailedAgain(t *testing.T) {
	t.Parallel()
	w, plan := formerAda(t)
	mail := w.upTo(plan, casework.VerbMailActivation)
	require.NoError(t, w.sim.SetStatus(acme.Ada, "ACTIVE"))
	res, err := run[contract.ApplyResult](w, contract.ActApplyChange, input(plan, mail))
	require.NoError(t, err)
	assert.Equal(t, contract.OutcomeAlready, res.Outcome)
	assert.Empty(t, w.mails())
}
