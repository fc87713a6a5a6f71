package activities_test

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/casework"
	"latchkey/clients/freshservice"
	"latchkey/contract"
	"latchkey/examples/acme"
	"latchkey/identity"
	"latchkey/policy"
	"latchkey/simulators/freshservice/freshsim"
)

// readSide reads what SyncReadDesk left in the store, by address.
func readSide(t *testing.T, w *deskWorld, key string) map[string]onDesk {
	t.Helper()
	raw, err := w.blobs.ReadAll(t.Context(), key)
	require.NoError(t, err)
	var side struct {
		People []onDesk `json:"people"`
	}
	require.NoError(t, json.Unmarshal(raw, &side))
	found := map[string]onDesk{}
	for _, p := range side.People {
		found[p.Emails[0]] = p
	}
	return found
}

func TestTheDesksSideIsReadAsPeopleReadIt(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	everybody, _, err := do[contract.SyncReadDeskResult](t, w, w.desk.SyncReadDesk, contract.SyncReadDeskInput{Key: "all"})
	require.NoError(t, err)
	assert.Equal(t, casework.ModeAct, everybody.Mode)
	all := readSide(t, w, "all")
	assert.Len(t, all, everybody.People)
	ben := all[acme.Ben]
	assert.Equal(t, map[string]string{
		"first_name": "Ben", "last_name": "Whitaker", "job_title": "Account Executive", "location": "New York", "reporting_manager": acme.Mara,
		"mobile_phone_number": ben.Values["mobile_phone_number"], "department": "Sales", "custom.employee_number": ben.Values["custom.employee_number"],
	}, ben.Values)
	assert.NotEmpty(t, all[acme.Tariq], "agents are people too")

	_, _, err = do[contract.SyncReadDeskResult](t, w, w.desk.SyncReadDesk, contract.SyncReadDeskInput{Key: "one", Email: acme.Ben})
	require.NoError(t, err)
	assert.Equal(t, map[string]onDesk{acme.Ben: ben}, readSide(t, w, "one"), "one person reads the same way")

	_, _, err = do[contract.SyncReadDeskResult](t, w, w.desk.SyncReadDesk, contract.SyncReadDeskInput{
		Key: "number", Email: "ben@elsewhere.example", EmployeeNumber: ben.Values["custom.employee_number"],
	})
	require.NoError(t, err)
	assert.Equal(t, map[string]onDesk{acme.Ben: ben}, readSide(t, w, "number"))
}

func (w *deskWorld) syncs(t *testing.T, email string, values map[string]string) contract.SyncWriteDeskResult {
	t.Helper()
	p := w.person(t, email)
	result, _, err := do[contract.SyncWriteDeskResult](t, w, w.desk.SyncWriteDesk, contract.SyncWriteDeskInput{DeskID: p.ID, Agent: p.IsAgent, Email: email, Values: values})
	require.NoError(t, err)
	return result
}

func peopleWrites(w *deskWorld) int {
	n := 0
	for _, r := range w.sim.Requests() {
		if slices.Contains([]string{"PUT /requesters/{id}", "PUT /agents/{id}", "POST /requesters"}, r.Route) {
			n += r.Count
		}
	}
	return n
}

func TestADeskProfileIsBroughtToValuesOnce(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	it, err := w.client.FindDepartmentByName(t.Context(), "IT")
	require.NoError(t, err)
	before := w.person(t, acme.Ben)
	_, err = w.client.UpdateRequester(t.Context(), before.ID, freshservice.PersonInput{
		DepartmentIDs: &[]int64{before.DepartmentIDs[0], it.ID}, CanSeeAllTickets: new(true),
	})
	require.NoError(t, err)
	wanted := map[string]string{
		"job_title": "Director", "department": "marketing", "location": "Berlin", "reporting_manager": acme.Rosa, "custom.employee_number": "B2",
		"mobile_phone_number": before.MobilePhone,
	}
	writes := peopleWrites(w)
	result := w.syncs(t, acme.Ben, wanted)
	assert.Equal(t, contract.OutcomeDone, result.Outcome)
	assert.Empty(t, result.Left)
	assert.Equal(t, 1, peopleWrites(w)-writes, "one write")
	after := w.person(t, acme.Ben)
	marketing, err := w.client.FindDepartmentByName(t.Context(), "Marketing")
	require.NoError(t, err)
	assert.Equal(t, []int64{marketing.ID, it.ID}, after.DepartmentIDs, "further departments stay")
	assert.Equal(t, "Director", after.JobTitle)
	assert.Equal(t, w.person(t, acme.Rosa).ID, after.ReportingManagerID)
	assert.True(t, *after.CanSeeAllTickets, "the vendor does not take the sight of tickets away")

	assert.Equal(t, contract.OutcomeAlready, w.syncs(t, acme.Ben, wanted).Outcome)
	assert.Equal(t, 1, peopleWrites(w)-writes, "and no second one")

	assert.Equal(t, contract.OutcomeDone, w.syncs(t, acme.Tariq, map[string]string{"job_title": "Agent of agents"}).Outcome, "an agent is written as one")
	assert.Equal(t, "Agent of agents", w.person(t, acme.Tariq).JobTitle)
}

func TestWhatTheDeskDoesNotKnowIsLeftAndSaid(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	result := w.syncs(t, acme.Ben, map[string]string{
		"department": "Alchemy", "location": "Atlantis", "reporting_manager": "nobody@acme.example", "time_zone": "Mars/Base", "job_title": "Director",
	})
	assert.Equal(t, contract.OutcomeDone, result.Outcome)
	assert.Len(t, result.Left, 4)
	assert.Contains(t, result.Left["department"], "Alchemy")
	assert.Equal(t, "Director", w.person(t, acme.Ben).JobTitle, "the rest is written")
}

func TestSomebodyIsMadeOnTheDeskOnce(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	_, err := w.sim.AddFault(freshsim.Fault{Kind: freshsim.FaultAnswerLost, Method: http.MethodPost, Path: "/requesters", Times: 1})
	require.NoError(t, err)
	in := contract.SyncWriteDeskInput{Email: "noa@acme.example", Values: map[string]string{"first_name": "Noa", "last_name": "Lind", "location": "Berlin"}}
	result, attempts, err := do[contract.SyncWriteDeskResult](t, w, w.desk.SyncWriteDesk, in)
	require.NoError(t, err)
	assert.Greater(t, attempts, 1, "the first answer was lost")
	assert.Equal(t, contract.OutcomeAlready, result.Outcome)
	found, err := w.client.FindPeopleByEmail(t.Context(), in.Email)
	require.NoError(t, err)
	require.Len(t, found, 1)
	assert.Equal(t, "Noa Lind", found[0].Name())
}

func TestARoleChangeIsFiledOnTheFormOnce(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	dir := t.TempDir()
	require.NoError(t, os.CopyFS(dir, os.DirFS(filepath.Join("testdata", "desk"))))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "sync.yaml"), []byte(`mode: act
attributes:
  - {name: department, owner: desk, okta: department, desk: department}
  - {name: title, owner: desk, okta: title, desk: job_title}
  - {name: mobile, owner: desk, okta: mobilePhone, desk: mobile_phone_number}
role_change:
  request:
    item: role change
    by: farah.nasser@acme.example
    fields: {employee_email: person, new_department: department, new_title: title, effective_date: today}
`), 0o600))
	p, err := policy.Load(dir)
	require.NoError(t, err)
	w.desk.Policy = fixedPolicy{p}
	ask := func(drifts ...casework.Drift) contract.SyncAskRoleResult {
		t.Helper()
		result, _, err := do[contract.SyncAskRoleResult](t, w, w.desk.SyncAskRole, contract.SyncAskRoleInput{
			Person: identity.Person{OktaUserID: "00uBEN", Email: acme.Ben}, Drifts: drifts,
		})
		require.NoError(t, err)
		return result
	}
	role := func(name, wanted string) casework.Drift {
		return casework.Drift{Attribute: casework.SyncAttribute{Name: name}, Kind: casework.DriftRoleChange, Wanted: wanted}
	}
	_, err = w.sim.AddFault(freshsim.Fault{Kind: freshsim.FaultAnswerLost, Method: http.MethodPost, Path: "/service_catalog/items/*/place_request", Times: 1})
	require.NoError(t, err)
	first := ask(role("department", "Marketing"))
	assert.True(t, first.Filed)
	items, err := w.client.RequestedItems(t.Context(), first.Ticket)
	require.NoError(t, err)
	require.Len(t, items, 1)
	assert.Equal(t, acme.Ben, items[0].CustomFields["employee_email"])
	assert.Equal(t, "Marketing", items[0].CustomFields["new_department"])
	listed, err := w.client.ListTickets(t.Context(), freshservice.TicketList{RequesterID: w.person(t, acme.Farah).ID})
	require.NoError(t, err)
	assert.Len(t, listed.Items, 1, "the answer that was lost made no second one")
	assert.Contains(t, w.cluster.started, first.Ticket, "its case is told: webhooks are silent about our own agent")
	assert.Equal(t, first, ask(role("department", "Marketing")))
	require.NoError(t, w.blobs.Delete(t.Context(), "sync/memory/00uBEN.json"))
	assert.Equal(t, first, ask(role("department", "Marketing")), "the answers on the form are the key")
	both := ask(role("department", "Marketing"), role("title", "Marketing Analyst"))
	assert.NotEqual(t, first.Ticket, both.Ticket)
	assert.Zero(t, ask(role("mobile", "1")).Ticket, "the form has no field for it, and policy names nobody else")
}

func TestAFreezeHoldsTheDesksSideToo(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	w.cluster.controls.Frozen = []contract.Freeze{{UseCase: string(casework.ProfileSync), By: contract.Operator{By: "ops", Reason: "an incident"}}}
	writes := peopleWrites(w)
	result := w.syncs(t, acme.Ben, map[string]string{"job_title": "Director"})
	assert.Equal(t, contract.OutcomeHeld, result.Outcome)
	assert.Contains(t, result.Detail, "an incident")
	assert.Equal(t, writes, peopleWrites(w))
}

func TestARoleChangeIsAskedForOnceForEachValue(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	ask := func(department string) int64 {
		t.Helper()
		result, _, err := do[contract.SyncAskRoleResult](t, w, w.desk.SyncAskRole, contract.SyncAskRoleInput{
			Person: identity.Person{OktaUserID: "00uBEN", FirstName: "Ben", Email: acme.Ben},
			Drifts: []casework.Drift{{Attribute: casework.SyncAttribute{Name: "department"}, Kind: casework.DriftRoleChange, Wanted: department, Has: "Sales"}},
		})
		require.NoError(t, err)
		return result.Ticket
	}
	first := ask("Marketing")
	require.NotZero(t, first)
	assert.Equal(t, first, ask("Marketing"))
	require.NoError(t, w.blobs.Delete(t.Context(), "sync/memory/00uBEN.json"))
	assert.Equal(t, first, ask("Marketing"), "the desk remembers where our memory is lost")
	assert.NotEqual(t, first, ask("Finance"), "another question")
	ticket, err := w.client.GetTicket(t.Context(), first)
	require.NoError(t, err)
	assert.Contains(t, ticket.Description, "Marketing")
	assert.Contains(t, ticket.Description, acme.Ben)
}
