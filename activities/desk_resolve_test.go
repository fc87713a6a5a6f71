package activities_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"latchkey/casework"
	"latchkey/clients/freshservice"
	"latchkey/contract"
	"latchkey/examples/acme"
	"latchkey/identity"
)

// routeMover files a role change for Ben with a new manager (none where the address is empty) and routes it.
func (w *deskWorld) routeMover(t *testing.T, newManager string) (contract.RouteApprovalResult, error) {
	t.Helper()
	answers := freshservice.Fields{"employee_email": acme.Ben, "effective_date": "2027-02-01"}
	if newManager != "" {
		answers["new_manager_email"] = newManager
	}
	ticket := w.request(t, "Role change", acme.Omar, answers)
	read := w.read(t, ticket.ID)
	require.Empty(t, read.Missing)
	require.Equal(t, casework.RoleChange, read.Request.UseCase)
	require.Equal(t, acme.Ben, read.Request.Subject)
	plan := casework.Seal(casework.Plan{
		UseCase: casework.RoleChange, Person: identity.Person{OktaUserID: "00u1", Email: acme.Ben, Status: identity.StatusActive},
	})
	out, _, err := do[contract.RouteApprovalResult](t, w, w.desk.RouteApproval, contract.RouteApprovalInput{
		Request: read.Request, Unit: contract.Unit{Key: "plan", Title: "Role change", Plan: plan},
	})
	return out, err
}

func TestAMoverIsApprovedByBothManagers(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	out, err := w.routeMover(t, acme.Grace)
	require.NoError(t, err)
	groups := out.Chain.Levels[0].Groups
	require.Len(t, groups, 2)
	require.Equal(t, []string{acme.Mara}, emails(groups[0].Approvers))
	require.Equal(t, []string{acme.Grace}, emails(groups[1].Approvers))
	require.Equal(t, "named on the ticket (new manager email)", groups[1].Approvers[0].Why)
}

func TestAManagerWhomNobodyKnowsOrWhoAsksLeavesTheFallback(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	for name, address := range map[string]string{
		"nobody named": "", "nobody known": "nobody@acme.example", "who asks": acme.Omar, "who moves": acme.Ben,
	} {
		out, err := w.routeMover(t, address)
		require.NoError(t, err, name)
		require.Equal(t, []string{acme.Rosa}, emails(out.Chain.Levels[0].Groups[1].Approvers), name)
	}
}

func TestAManagerWhomNobodyKnowsIsNamedWhereNobodyElseCanBeAsked(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	require.NoError(t, w.client.DeactivateRequester(t.Context(), w.person(t, acme.Rosa).ID))
	_, err := w.routeMover(t, "nobody@acme.example")
	require.ErrorContains(t, err, `the person named in the ticket's field "new_manager_email", "n…@acme.example", is not an active person`)
}
