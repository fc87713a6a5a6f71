package activities_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/casework"
	"latchkey/clients/freshservice"
	"latchkey/contract"
	"latchkey/simulators/freshservice/freshsim"
)

// batchFile keeps the rows of a batch in the world's blob store.
func (w *reviewWorld) batchFile(batch string, n int) contract.BulkFile {
	w.t.Helper()
	file := contract.BulkFile{Batch: batch, UseCase: casework.Onboarding, Name: "people.csv", Rule: "onboarding-form"}
	for i := range n {
		file.Rows = append(file.Rows, casework.Request{UseCase: casework.Onboarding, LocalEffective: fmt.Sprintf("2027-01-1%dT08:00", i), Fields: map[string]any{
			"first_name": "=Noa", "last_name": fmt.Sprint("Batch", i), "personal_email": fmt.Sprintf("noa%d@home.example", i), "title": "Account Executive",
			"department": "Sales", "location": "Berlin", "employment_type": "Employee",
		}})
	}
	var err error
	file.Digest, err = file.Sum()
	require.NoError(w.t, err)
	w.keepBatch(file)
	return file
}

func (w *reviewWorld) keepBatch(file contract.BulkFile) {
	w.t.Helper()
	raw, err := json.Marshal(file)
	require.NoError(w.t, err)
	require.NoError(w.t, w.blobs.WriteAll(w.t.Context(), contract.BulkFileKey(file.Batch), raw, nil))
}

func TestABatchesTicketIsOpenedOnceThoughTheAnswerIsLost(t *testing.T) {
	t.Parallel()
	w := newReviewWorld(t, nil)
	w.batchFile("onboard-1", 3)
	_, err := w.desk.sim.AddFault(freshsim.Fault{Kind: freshsim.FaultAnswerLost, Method: http.MethodPost, Path: "/tickets", Once: true})
	require.NoError(t, err)
	in := contract.BulkTicketInput{Batch: "onboard-1", Begun: w.desk.sim.Now()}
	first, attempts, err := do[contract.BulkTicketResult](t, w.desk, w.desk.desk.BulkTicket, in)
	require.NoError(t, err)
	assert.Greater(t, attempts, 1)
	again, _, err := do[contract.BulkTicketResult](t, w.desk, w.desk.desk.BulkTicket, in)
	require.NoError(t, err)
	assert.Equal(t, first.Ticket.Number, again.Ticket.Number)
	assert.Equal(t, casework.ModeAct, first.Mode)
	assert.Equal(t, 20, first.Window)
	read, _, err := do[contract.ReadRequestResult](t, w.desk, w.desk.desk.ReadRequest, contract.ReadRequestInput{Ticket: first.Ticket.Number})
	require.NoError(t, err)
	assert.Equal(t, "bulk/onboard-1", read.Incident, "what happens on it is told to the batch")
}

func TestABatchTakesNoTicketThatIsClosedOrHasACase(t *testing.T) {
	t.Parallel()
	w := newReviewWorld(t, nil)
	w.batchFile("onboard-1", 1)
	ticket := w.desk.salesforce(t)
	_, _, err := do[contract.BulkTicketResult](t, w.desk, w.desk.desk.BulkTicket, contract.BulkTicketInput{Batch: "onboard-1", Ticket: ticket.ID})
	require.ErrorContains(t, err, "has a case of its own")
	assert.Equal(t, casework.Invalid, failureKind(t, err))
	_, _, err = do[contract.BulkTicketResult](t, w.desk, w.desk.desk.BulkTicket, contract.BulkTicketInput{Batch: "onboard-1", Ticket: 99999})
	require.ErrorContains(t, err, "closed or gone")
}

func TestRowsThatWereChangedAfterTheApprovalAreNeverHandedOut(t *testing.T) {
	t.Parallel()
	w := newReviewWorld(t, nil)
	file := w.batchFile("onboard-1", 3)
	in := contract.BulkRowsInput{Batch: file.Batch, Digest: file.Digest, From: 2, Most: 5}
	rows, err := engine[contract.BulkRowsResult](t, w.engine, contract.ActBulkRows, in)
	require.NoError(t, err)
	require.Len(t, rows.Rows, 2)
	assert.Equal(t, "Batch1", rows.Rows[0].Fields["last_name"])

	approved := file.Digest
	file.Rows[1].Fields["department"] = "Executive"
	w.keepBatch(file)
	_, err = run[contract.BulkPlanResult](w.world, contract.ActBulkPlan, contract.BulkPlanInput{Batch: file.Batch})
	require.ErrorContains(t, err, "is not what was checked")
	file.Digest, err = file.Sum()
	require.NoError(t, err)
	w.keepBatch(file)
	w.engine.Blobs = w.blobs
	rows, err = engine[contract.BulkRowsResult](t, w.engine, contract.ActBulkRows, in)
	require.NoError(t, err, "what was read and approved is kept")
	assert.Equal(t, "Sales", rows.Rows[0].Fields["department"])
	fresh := newReviewWorld(t, nil)
	fresh.keepBatch(file)
	in.Digest = approved
	_, err = engine[contract.BulkRowsResult](t, fresh.engine, contract.ActBulkRows, in)
	require.ErrorContains(t, err, "not those that were approved")
}

func TestABatchesPlanSaysWhoAndWhatAndItsDigestCoversTheRows(t *testing.T) {
	t.Parallel()
	w := newReviewWorld(t, nil)
	w.batchFile("onboard-1", 3)
	w.batchFile("onboard-2", 2)
	w.sim.ResetCounters()
	one, err := run[contract.BulkPlanResult](w.world, contract.ActBulkPlan, contract.BulkPlanInput{Batch: "onboard-1"})
	require.NoError(t, err)
	two, err := run[contract.BulkPlanResult](w.world, contract.ActBulkPlan, contract.BulkPlanInput{Batch: "onboard-2"})
	require.NoError(t, err)
	assert.Empty(t, w.sim.Counters(), "no vendor is asked")
	assert.NotEqual(t, one.Unit.Plan.Digest, two.Unit.Plan.Digest)
	notes := strings.Join(one.Unit.Plan.Notes, "\n")
	for _, part := range []string{"Onboard 3 people", "from 2027-01-10 to 2027-01-12", "By department: Sales 3", "group Sales Department 3"} {
		assert.Contains(t, notes, part)
	}
}

func TestTheResultOfABatchIsToldOnceWithAFileThatRunsNoFormula(t *testing.T) {
	t.Parallel()
	w := newReviewWorld(t, nil)
	w.batchFile("onboard-1", 3)
	opened, _, err := do[contract.BulkTicketResult](t, w.desk, w.desk.desk.BulkTicket, contract.BulkTicketInput{Batch: "onboard-1", Begun: w.desk.sim.Now()})
	require.NoError(t, err)
	keep := func(row int, end casework.End) {
		_, err := engine[struct{}](t, w.engine, contract.ActBulkKeep, contract.BulkKeepInput{Batch: "onboard-1", Result: contract.BulkResult{
			Row: row, Person: "=cmd|' /C calc'!A0", End: end, At: time.Now(),
		}})
		require.NoError(t, err)
	}
	keep(1, casework.EndAborted)
	keep(1, casework.EndDone) // tried again: the last try counts
	keep(2, casework.EndAborted)
	tally, err := engine[contract.BulkTallyResult](t, w.engine, contract.ActBulkTally, contract.BulkTallyInput{Batch: "onboard-1", Rows: 3})
	require.NoError(t, err)
	assert.Equal(t, contract.BulkTallyResult{Done: 1, Failed: 1, Rows: []int{2}}, tally)

	_, err = w.desk.sim.AddFault(freshsim.Fault{Kind: freshsim.FaultAnswerLost, Method: "write", Path: "/tickets/**", Once: true})
	require.NoError(t, err)
	in := contract.BulkReportInput{Ticket: opened.Ticket.Number, Batch: "onboard-1", Key: "bulk-ended", Ended: true, Rows: 3, Tally: tally}
	_, attempts, err := do[struct{}](t, w.desk, w.desk.desk.BulkReport, in)
	require.NoError(t, err)
	assert.Greater(t, attempts, 1)
	said, err := w.desk.client.ListConversations(t.Context(), opened.Ticket.Number)
	require.NoError(t, err)
	require.Len(t, said, 1, "told once")
	assert.Contains(t, said[0].Body, "1 done and read back, 0 done with something left to its owner, 1 failed, 1 not done")
	require.Len(t, said[0].Attachments, 1)
	ticket, err := w.desk.client.GetTicket(t.Context(), opened.Ticket.Number)
	require.NoError(t, err)
	assert.Equal(t, freshservice.StatusPending, ticket.Status, "a row failed: somebody has to look")
}
