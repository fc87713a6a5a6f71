package activities_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"latchkey/casework"
	"latchkey/clients/freshservice"
	"latchkey/contract"
	"latchkey/evidence"
	"latchkey/examples/acme"
	"latchkey/simulators/freshservice/freshsim"
)

func tellInput(ticket int64, template string) contract.TellInput {
	return contract.TellInput{
		Ticket: ticket, Key: template, Template: template,
		Facts: contract.TellFacts{
			Case:    contract.Case{Request: casework.Request{UseCase: casework.AccessRequest}},
			Missing: []casework.Missing{{Field: "items", Label: "Requested item", Why: "is empty"}},
			End:     casework.EndDone,
			Problem: &contract.Problem{Step: "grant", Why: "Okta said no", Todo: "look"},
		},
	}
}

func TestTellWritesOneNotePerMarkerWhateverTroubleItMeets(t *testing.T) {
	t.Parallel()
	for name, fault := range writeFaults() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newDeskWorld(t)
			ticket := w.salesforce(t)
			w.fault(t, fault)

			_, attempts, err := do[contract.TellResult](t, w, w.desk.Tell, tellInput(ticket.ID, "missing"))
			require.NoError(t, err)
			w.sim.ClearFaults("")

			require.Len(t, withMarker(w.conversations(t, ticket.ID), "latchkey:0/missing"), 1, "after %d attempts", attempts)
		})
	}
}

func TestTellWritesOneNoteAlthoughTheAnswerIsLostAndReadsAreBehind(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	ticket := w.salesforce(t)
	w.fault(t, staleFault("/tickets/*/conversations"))
	w.fault(t, freshsim.Fault{Kind: freshsim.FaultAnswerLost, Method: "write", Once: true})

	_, attempts, err := do[contract.TellResult](t, w, w.desk.Tell, tellInput(ticket.ID, "missing"))
	require.NoError(t, err)
	require.Greater(t, attempts, 2, "the reads have to have been behind for this test to say anything")
	w.sim.ClearFaults("")

	require.Len(t, withMarker(w.conversations(t, ticket.ID), "latchkey:0/missing"), 1)
}

func TestTellSaysThatTheNoteIsThere(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	ticket := w.salesforce(t)
	in := tellInput(ticket.ID, "missing")

	first, _, err := do[contract.TellResult](t, w, w.desk.Tell, in)
	require.NoError(t, err)
	require.False(t, first.Already)
	second, _, err := do[contract.TellResult](t, w, w.desk.Tell, in)
	require.NoError(t, err)
	require.True(t, second.Already)

	in.Facts.Case.Run = 1 // a run that follows may say the same again
	third, _, err := do[contract.TellResult](t, w, w.desk.Tell, in)
	require.NoError(t, err)
	require.False(t, third.Already)
	require.Len(t, w.conversations(t, ticket.ID), 2)
}

func TestTellIsNotSilencedByAMarkerThatSomebodyElseWrote(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	ticket := w.salesforce(t)
	forger := w.person(t, acme.Omar)
	_, err := w.client.AddNote(t.Context(), ticket.ID, freshservice.Note{BodyHTML: "<p>latchkey:0/missing</p>", Private: true, UserID: forger.ID})
	require.NoError(t, err)
	// Our own note that quotes a marker in the middle is not that note either.
	in := tellInput(ticket.ID, "parked")
	in.Facts.Problem.Why = "the subject says latchkey:0/missing"
	_, _, err = do[contract.TellResult](t, w, w.desk.Tell, in)
	require.NoError(t, err)

	out, _, err := do[contract.TellResult](t, w, w.desk.Tell, tellInput(ticket.ID, "missing"))
	require.NoError(t, err)
	require.False(t, out.Already)
	require.Len(t, w.conversations(t, ticket.ID), 3)
}

func TestTellRepliesInPublicAndMailsWhoeverPolicyNames(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	ticket := w.salesforce(t)
	reply := tellInput(ticket.ID, "result_requester")
	reply.Public, reply.CC = true, []string{acme.Clara}
	_, _, err := do[contract.TellResult](t, w, w.desk.Tell, reply)
	require.NoError(t, err)
	parked := tellInput(ticket.ID, "parked")
	parked.Notify = true
	_, _, err = do[contract.TellResult](t, w, w.desk.Tell, parked)
	require.NoError(t, err)

	said := w.conversations(t, ticket.ID)
	require.Len(t, said, 2)
	require.False(t, said[0].Private)
	require.Contains(t, said[0].ToEmails, acme.Ben)
	require.Equal(t, []string{acme.Clara}, said[0].CCEmails)
	require.True(t, said[1].Private)
	require.Subset(t, said[1].ToEmails, []string{"it-operations@acme.example", acme.Noemi, acme.Viktor})
}

func TestTellKeepsUntrustedTextInert(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	ticket := w.salesforce(t)
	in := tellInput(ticket.ID, "approvals_opened")
	in.Facts.Case.Request.Reason = `</p><script>alert(1)</script><img src=x onerror=alert(2)> {{.Case}} ${HOME}`

	_, _, err := do[contract.TellResult](t, w, w.desk.Tell, in)
	require.NoError(t, err)

	body := w.conversations(t, ticket.ID)[0].Body
	require.NotContains(t, body, "<script")
	require.NotContains(t, body, "<img")
	require.Contains(t, body, "&lt;script&gt;")
	require.Contains(t, body, "{{.Case}} ${HOME}")
}

func TestTellCutsWhatIsTooLongAndAttachesTheWhole(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	ticket := w.salesforce(t)
	in := tellInput(ticket.ID, "missing")
	for range 3000 {
		in.Facts.Missing = append(in.Facts.Missing, casework.Missing{Label: "A field & its name", Why: "is empty"})
	}

	_, _, err := do[contract.TellResult](t, w, w.desk.Tell, in)
	require.NoError(t, err)

	said := withMarker(w.conversations(t, ticket.ID), "latchkey:0/missing")
	require.Len(t, said, 1)
	require.Less(t, len(said[0].Body), 64<<10)
	require.Contains(t, said[0].BodyText, "the attached file has the whole text")
	require.Len(t, said[0].Attachments, 1)
	require.Greater(t, said[0].Attachments[0].Size, int64(100_000))
}

func TestTellAttachesTheRecordToTheResult(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	ticket := w.salesforce(t)
	record, err := w.records.Put(t.Context(), evidence.Record{Ticket: ticket.ID, End: "done", Summary: "granted"})
	require.NoError(t, err)
	in := tellInput(ticket.ID, "result")
	in.Facts.Evidence = &contract.RecordRef{Key: evidence.Key(ticket.ID, 0), Digest: record.Digest}

	_, _, err = do[contract.TellResult](t, w, w.desk.Tell, in)
	require.NoError(t, err)

	files := w.conversations(t, ticket.ID)[0].Attachments
	require.Len(t, files, 1)
	require.Equal(t, label(ticket.ID)+"-run-0-record.json", files[0].Name)
	require.Equal(t, record, download(t, w, files[0].URL))

	in.Key, in.Facts.Evidence = "again", &contract.RecordRef{Key: "records/FS-999/000000.json"}
	_, _, err = do[contract.TellResult](t, w, w.desk.Tell, in)
	require.Equal(t, casework.NotFound, failureKind(t, err))
}

func download(t *testing.T, w *deskWorld, url string) evidence.Record {
	t.Helper()
	if strings.HasPrefix(url, "/") {
		url = w.url + url
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	require.NoError(t, err)
	req.SetBasicAuth(deskKey, "X")
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer func() { require.NoError(t, resp.Body.Close()) }()
	raw, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, resp.StatusCode, "%s", raw)
	var record evidence.Record
	require.NoError(t, json.Unmarshal(raw, &record))
	return record
}

func TestTellNamesATextThatPolicyDoesNotHave(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	ticket := w.salesforce(t)
	_, attempts, err := do[contract.TellResult](t, w, w.desk.Tell, tellInput(ticket.ID, "no_such_text"))
	require.Equal(t, casework.Invalid, failureKind(t, err))
	require.Equal(t, 1, attempts)
	require.ErrorContains(t, err, "no_such_text")
}
